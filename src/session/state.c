/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/state.h"

#include "crypto/crypto.h"
#include "session/internal.h"
#include "session/message.h"
#include "session/operation.h"
#include "session/output.h"
#include "util/lock.h"

#define ID_LEN 32

struct saved {
	struct mech_op *op;	/* NULL: an empty row */
	bool parts;
	CK_SLOT_ID slot;
	CK_STATE login;
	uint8_t id[ID_LEN];
};

static struct {
	struct lock *lock;	/* taken last, and held for a moment */
	struct saved rows[STATES_MAX];
	size_t next;		/* the oldest, or an empty one */
} states;

CK_RV
states_start(void)
{
	return lock_new(&states.lock);
}

static void
saved_end(struct saved *row)
{
	mech_end(&row->op);
	wipe(row, sizeof(*row));
}

void
states_stop(void)
{
	size_t i;

	for (i = 0; i < STATES_MAX; i++)
		saved_end(&states.rows[i]);
	states.next = 0;
	lock_free(&states.lock);
}

void
states_abandon(void)
{
	states.lock = NULL;
	states.next = 0;
	wipe(states.rows, sizeof(states.rows));
}

/* The one digest of a session that has nothing else under way. */
static CK_RV
find_digest(const struct session *s, const struct operation **out)
{
	const struct operation *digest = &s->operations[MECH_DIGEST];
	unsigned use, n = 0;

	for (use = 0; use < MECH_USES; use++)
		if (s->operations[use].op != NULL ||
		    s->messages[use].all != NULL)
			n++;
	if (n == 0)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (n != 1 || digest->op == NULL || digest->pending_steps != 0)
		return CKR_STATE_UNSAVEABLE;
	*out = digest;
	return CKR_OK;
}

/* Who is logged in, in the words of a session's state. Whether the session
 * may write is left out: that is nothing to a digest. */
static CK_STATE
login_of(const struct session *s)
{
	return token_state(s->token, true);
}

static void
keep(struct saved *new)
{
	struct saved old;

	lock_take(states.lock);
	old = states.rows[states.next];
	states.rows[states.next] = *new;
	states.next = (states.next + 1) % STATES_MAX;
	lock_release(states.lock);
	saved_end(&old);
}

CK_RV
state_save(struct session *s, CK_BYTE *out, CK_ULONG *out_len)
{
	const struct operation *digest;
	struct saved new = { 0 };
	CK_RV rv;

	if ((rv = find_digest(s, &digest)) != CKR_OK ||
	    output_ask(out, out_len, ID_LEN, true, &rv) == OUTPUT_DONE)
		goto out;
	if ((rv = crypto_random(new.id, ID_LEN)) != CKR_OK ||
	    (rv = mech_copy(digest->op, &new.op)) != CKR_OK ||
	    (rv = output_give(view_of(new.id, ID_LEN), out,
	    out_len)) != CKR_OK)
		goto out;
	new.parts = digest->parts;
	new.slot = token_slot(s->token);
	new.login = login_of(s);
	keep(&new);
	new.op = NULL;
out:
	saved_end(&new);
	return rv;
}

static bool
is_it(const struct saved *row, const struct session *s, struct view id)
{
	return row->op != NULL && row->slot == token_slot(s->token) &&
	    row->login == login_of(s) &&
	    view_equal(view_of(row->id, ID_LEN), id);
}

/* A copy of the copy: a state may be restored more than once. */
static CK_RV
look_up(const struct session *s, struct view id, struct operation *out)
{
	CK_RV rv = CKR_SAVED_STATE_INVALID;
	size_t i;

	lock_take(states.lock);
	for (i = 0; i < STATES_MAX && rv == CKR_SAVED_STATE_INVALID; i++) {
		if (!is_it(&states.rows[i], s, id))
			continue;
		rv = mech_copy(states.rows[i].op, &out->op);
		out->parts = states.rows[i].parts;
	}
	lock_release(states.lock);
	return rv;
}

CK_RV
state_restore(struct session *s, struct view state,
    CK_OBJECT_HANDLE encryption_key, CK_OBJECT_HANDLE authentication_key)
{
	struct operation digest = { .use = MECH_DIGEST };
	unsigned use;
	CK_RV rv;

	if (state.data == NULL)
		return CKR_ARGUMENTS_BAD;
	if ((rv = look_up(s, state, &digest)) != CKR_OK)
		goto out;
	if (encryption_key != CK_INVALID_HANDLE ||
	    authentication_key != CK_INVALID_HANDLE) {
		rv = CKR_KEY_NOT_NEEDED;
		goto out;
	}
	for (use = 0; use < MECH_USES; use++) {
		operation_cancel(s, use);
		message_cancel(s, use);
	}
	s->operations[MECH_DIGEST] = digest;
	digest.op = NULL;
out:
	mech_end(&digest.op);
	return rv;
}
