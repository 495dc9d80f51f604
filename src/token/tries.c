/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/tries.h"

#include <stdio.h>
#include <string.h>

struct note_name {
	char text[48];
};

static struct note_name
name_of(const struct token *t, enum store_role role)
{
	struct note_name n;

	(void)snprintf(n.text, sizeof(n.text), "tries-%lu-%s",
	    (unsigned long)t->slot, role == STORE_SO ? "so" : "user");
	return n;
}

static uint32_t
read_note(struct store *s, const struct note_name *n)
{
	struct buf value = BUF_EMPTY;
	uint32_t tries = 0;

	if (store_note_get(s, n->text, &value) == CKR_OK &&
	    value.len == sizeof(tries))
		memcpy(&tries, value.data, sizeof(tries));
	buf_free(&value);
	return tries;
}

static void
write_note(struct store *s, const struct note_name *n, uint32_t tries)
{
	/* a store that cannot be written keeps no hints */
	(void)!store_note_put(s, n->text, tries == 0 ? VIEW_EMPTY :
	    view_of(&tries, sizeof(tries)));
}

uint32_t
tries_get(const struct token *t, enum store_role role)
{
	const struct note_name n = name_of(t, role);

	return t->store == NULL ? 0 : read_note(t->store, &n);
}

static uint32_t
after(uint32_t before, CK_RV rv)
{
	if (rv == CKR_PIN_LOCKED || before == TRIES_LOCKED)
		return TRIES_LOCKED;
	return before + 1;
}

/* Read and written in one transaction: other processes may be at it too. */
static void
count_up(struct store *s, const struct note_name *n, CK_RV rv)
{
	if (store_begin(s) != CKR_OK)
		return;
	write_note(s, n, after(read_note(s, n), rv));
	if (store_commit(s) != CKR_OK)
		store_rollback(s);
}

/* For the index, which is what counts, though it opened nothing. */
static bool
was_right(CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_ENCRYPTED_DATA_INVALID ||
	    rv == CKR_ACTION_PROHIBITED;
}

void
tries_note(struct token *t, enum store_role role, CK_RV rv)
{
	const struct note_name n = name_of(t, role);

	if (t->store == NULL)
		return;
	if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED)
		count_up(t->store, &n, rv);
	else if (was_right(rv) && read_note(t->store, &n) != 0)
		write_note(t->store, &n, 0);
}

static const struct {
	CK_FLAGS low, last, locked;
} flags[STORE_ROLES] = {
	[STORE_SO] = { CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY,
	    CKF_SO_PIN_LOCKED },
	[STORE_USER] = { CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY,
	    CKF_USER_PIN_LOCKED }
};

CK_FLAGS
tries_flags(const struct token *t, enum store_role role)
{
	const struct store_pin *p = &t->row.pins[role];
	uint32_t tries = tries_get(t, role), limit = p->index.limit;
	CK_FLAGS out = 0;

	if (!p->set)
		return 0;
	if (tries != 0)
		out |= flags[role].low;
	if (limit != 0 && tries == limit - 1)
		out |= flags[role].last;
	if (tries == TRIES_LOCKED || (limit != 0 && tries >= limit))
		out |= flags[role].locked;
	return out;
}

void
tries_forget(struct token *t)
{
	int role;

	for (role = 0; role < STORE_ROLES; role++) {
		const struct note_name n = name_of(t, (enum store_role)role);

		write_note(t->store, &n, 0);
	}
}
