/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/slots.h"

#include <string.h>

#include "token/internal.h"
#include "util/mem.h"

/* A slot whose token another process deleted is kept, but not shown. */
struct place {
	struct token *token;
	bool shown;
};

struct slots {
	struct machine *machine;
	struct store *store;	/* for the list only; tokens have their own */
	struct place *list;	/* by ascending slot id */
	size_t count;
	size_t room;
};

CK_RV
slots_new(const struct config *config, struct slots **out)
{
	struct slots *s;
	CK_RV rv;

	if ((s = mem_alloc(1, sizeof(*s))) == NULL)
		return CKR_HOST_MEMORY;
	if ((rv = machine_new(config, &s->machine)) != CKR_OK)
		goto out;
	*out = s;
	s = NULL;
out:
	slots_free(&s);
	return rv;
}

void
slots_free(struct slots **slots)
{
	struct slots *s = *slots;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->count; i++)
		token_free(&s->list[i].token);
	mem_free(s->list);
	store_close(&s->store);
	machine_free(&s->machine);
	mem_free(s);
	*slots = NULL;
}

void
slots_abandon(struct slots **slots)
{
	struct slots *s = *slots;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->count; i++)
		token_abandon(&s->list[i].token);
	store_abandon(&s->store);
	machine_abandon(&s->machine);
	*slots = NULL;
}

struct machine *
slots_machine(const struct slots *s)
{
	return s->machine;
}

/* The empty slot is the last one; those before it stand for rows. */
static bool
is_empty_slot(const struct slots *s, const struct place *p)
{
	return p == &s->list[s->count - 1];
}

struct token *
slots_next(const struct slots *s, bool with_token, size_t *cursor)
{
	while (*cursor < s->count) {
		const struct place *p = &s->list[(*cursor)++];

		if (p->shown && (!with_token || !is_empty_slot(s, p) ||
		    machine_present(s->machine)))
			return p->token;
	}
	return NULL;
}

static struct place *
place_of(const struct slots *s, CK_SLOT_ID id)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (token_slot(s->list[i].token) == id)
			return &s->list[i];
	return NULL;
}

struct token *
slots_find(const struct slots *s, CK_SLOT_ID id)
{
	const struct place *p = place_of(s, id);

	return p == NULL ? NULL : p->token;
}

static CK_RV
slots_grow(struct slots *s)
{
	size_t room = s->room == 0 ? 8 : 2 * s->room;
	struct place *list;

	if (s->count < s->room)
		return CKR_OK;
	if ((list = mem_alloc(room, sizeof(*list))) == NULL)
		return CKR_HOST_MEMORY;
	if (s->count != 0)
		memcpy(list, s->list, s->count * sizeof(*list));
	mem_free(s->list);
	s->list = list;
	s->room = room;
	return CKR_OK;
}

/* Show the slot of this id, put in its place by ascending id if new. */
static CK_RV
slots_show(struct slots *s, int64_t id)
{
	struct place *known = place_of(s, (CK_SLOT_ID)id);
	struct token *t = NULL;
	size_t i;
	CK_RV rv;

	if (known != NULL) {
		known->shown = true;
		return CKR_OK;
	}
	if ((rv = slots_grow(s)) != CKR_OK ||
	    (rv = token_new(s->machine, (CK_SLOT_ID)id, &t)) != CKR_OK)
		return rv;
	for (i = s->count; i > 0 &&
	    token_slot(s->list[i - 1].token) > (CK_SLOT_ID)id; i--)
		s->list[i] = s->list[i - 1];
	s->list[i] = (struct place){ t, true };
	s->count++;
	return CKR_OK;
}

static CK_RV
slots_from_store(struct slots *s)
{
	struct store_token *rows = NULL;
	size_t i, count = 0;
	int64_t next = 1;
	CK_RV rv;

	if ((rv = store_tokens(s->store, &rows, &count)) != CKR_OK ||
	    (count != 0 && (rv = machine_know(s->machine,
	    &rows[0].parent)) != CKR_OK))
		goto out;
	for (i = 0; i < s->count; i++)
		s->list[i].shown = false;
	for (i = 0; i < count && rv == CKR_OK; i++)
		rv = slots_show(s, rows[i].id);
	if (rv != CKR_OK ||
	    (rv = store_token_next_id(s->store, &next)) != CKR_OK ||
	    (rv = slots_show(s, next)) != CKR_OK)
		goto out;
out:
	store_tokens_free(&rows, count);
	return rv;
}

CK_RV
slots_refresh(struct slots *s)
{
	CK_RV rv = CKR_OK;
	bool changed;

	if (s->store == NULL)
		rv = store_open(machine_config(s->machine), false,
		    &s->store);
	if (rv == CKR_TOKEN_NOT_PRESENT)
		return slots_show(s, 1);
	if (rv != CKR_OK ||
	    (rv = store_changed(s->store, &changed)) != CKR_OK || !changed)
		return rv;
	return slots_from_store(s);
}
