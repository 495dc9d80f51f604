/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"
#include "util/log.h"

/*
 * A call is one command with all that has to be there for it: connection,
 * session, loaded objects. Each of these may fail for want of the other or
 * turn out to be gone; so an attempt is made, and as long as its failure has
 * a remedy, another.
 */

/* More than one: a TPM that was switched off and on needs two, and a second
 * process that flushes ours may come in between. */
#define RECOVERIES_MAX 3

struct limits {
	unsigned recoveries;
	bool swept;
};

static CK_RV
load_objects(struct tpm *t, const struct call *c, struct entity *ready)
{
	struct object *o;
	size_t i;
	CK_RV rv;

	for (i = 0; i < c->count; i++) {
		ready[i] = c->entities[i];
		if ((o = ready[i].object) == NULL)
			continue;
		if ((rv = object_load(t, o)) != CKR_OK)
			return rv;
		ready[i].handle = o->handle;
		ready[i].name = buf_view(&o->name);
		ready[i].auth = buf_view(&o->blob->auth);
	}
	return CKR_OK;
}

static bool
needs_session(const struct call *c)
{
	size_t i;

	/* To load an object takes the authorisation of its parent. */
	for (i = 0; i < c->count; i++)
		if (c->entities[i].object != NULL)
			return true;
	return (c->command->flags & COMMAND_SESSION) != 0;
}

static CK_RV
attempt(struct tpm *t, const struct call *c)
{
	struct entity ready[ENTITIES_MAX];
	CK_RV rv;

	t->trouble = (struct trouble){ .remedy = REMEDY_NONE };
	if ((rv = connection_open(t)) != CKR_OK ||
	    (needs_session(c) &&
	    (rv = session_open(t, c->parent)) != CKR_OK) ||
	    (rv = load_objects(t, c, ready)) != CKR_OK)
		return rv;
	return command_run(t, c->command, ready, c->count, c->args);
}

static bool
sweep(struct tpm *t, struct limits *l, bool saved_sessions)
{
	if (l->swept || !t->link.kind.sole)
		return false;
	l->swept = true;
	flush_leftovers(t, saved_sessions);
	return true;
}

static void
drop_connection(struct tpm *t)
{
	t->stopped = t->trouble.rc == TPM2_RC_INITIALIZE;
	t->dirty = true;
	tpm_forget_state(t);
	connection_close(t);
}

/* Did the TPM perhaps see an authValue, without our seeing its answer? */
static bool
in_doubt(const struct trouble *w)
{
	return (w->command->flags & COMMAND_ONCE) != 0 &&
	    w->rc != TPM2_RC_INITIALIZE;
}

/* Is another attempt worth while? */
static bool
remedied(struct tpm *t, const struct call *c, struct limits *l)
{
	const struct trouble *w = &t->trouble;

	switch (w->remedy) {
	case REMEDY_OBJECT_ROOM:
		return cache_evict(t, c) || sweep(t, l, false);
	case REMEDY_SESSION_ROOM:
		return sweep(t, l, true) || cache_evict(t, c);
	case REMEDY_RELOAD:
		if (l->recoveries++ >= RECOVERIES_MAX)
			return false;
		tpm_drop_state(t);
		return true;
	case REMEDY_RECONNECT:
		drop_connection(t);
		return !in_doubt(w) && l->recoveries++ < RECOVERIES_MAX;
	case REMEDY_DROP:
		drop_connection(t);
		return false;
	case REMEDY_NONE:
	case REMEDY_WAIT:
	default:
		return false;
	}
}

/*
 * Who answers with another storage key than the recorded one cannot know the
 * session's salt, and fails its first HMAC; a second token's parent shows in
 * a wrong Name. Only then is the TPM asked which key it has.
 */
static CK_RV
suspect_parent(struct tpm *t, const struct call *c, CK_RV rv)
{
	const struct trouble w = t->trouble;

	if (c->parent == NULL || t->link.sys == NULL || w.command == NULL ||
	    (t->session.proven && !w.denied))
		return rv;
	if (parent_compare(t, c->parent) == CKR_TOKEN_NOT_RECOGNIZED) {
		log_error("the key at 0x%08x of this TPM is not the one that "
		    "the token was made under", c->parent->handle);
		return CKR_TOKEN_NOT_RECOGNIZED;
	}
	t->trouble = w;
	return rv;
}

CK_RV
tpm_call(struct tpm *t, const struct call *c)
{
	struct limits limits = { 0, false };
	CK_RV rv;

	if ((rv = tpm_enter(t)) != CKR_OK)
		return rv;
	while ((rv = attempt(t, c)) != CKR_OK && remedied(t, c, &limits))
		;
	if (rv != CKR_OK) {
		trouble_log(t, rv);
		rv = suspect_parent(t, c, rv);
	}
	tpm_leave(t);
	return rv;
}
