/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"
#include "tpm/policy.h"
#include "util/log.h"

/*
 * A call is one command with all that has to be there for it: connection,
 * session, loaded objects. Each of these may fail for want of the other or
 * turn out to be gone; so an attempt is made, and as long as its failure has
 * a remedy, another.
 */

/* More than one: a TPM that was switched off and on needs two. */
#define LOSSES_MAX 4
/* Other processes that flush ours may come in between. */
#define RECOVERIES_MAX 16
/* Before the parent is doubted: who shares such a TPM may have flushed even
 * a session that was never used. */
#define DOUBTS_MAX 3

struct limits {
	unsigned losses;
	unsigned recoveries;
	bool denied;		/* a password that a person gave */
	bool swept;
	bool stale;		/* a session that had worked was denied */
	bool unrooted;		/* the primary was flushed */
};

/* Parents first: to make room for one may cost an object. */
static CK_RV
ready_parents(struct tpm *t, const struct call *c, struct entity *ready)
{
	size_t i;
	CK_RV rv;

	for (i = 0; i < c->count; i++) {
		ready[i] = c->entities[i];
		if (ready[i].parent != NULL && (rv = parent_ready(t,
		    ready[i].parent, &ready[i].handle)) != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

static CK_RV
load_objects(struct tpm *t, const struct call *c, struct entity *ready)
{
	struct object *o;
	size_t i;
	CK_RV rv;

	for (i = 0; i < c->count; i++) {
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
	    (rv = ready_parents(t, c, ready)) != CKR_OK ||
	    (rv = load_objects(t, c, ready)) != CKR_OK)
		return rv;
	if ((c->command->flags & COMMAND_MAKES) != 0)
		cache_make_room(t, c);
	return c->policy == NULL ?
	    command_run(t, c->command, ready, c->count, c->args) :
	    policy_run(t, c, ready);
}

static bool
sweep(struct tpm *t, struct limits *l, unsigned what)
{
	if (l->swept || !t->link.kind.sole)
		return false;
	l->swept = true;
	flush_leftovers(t, what);
	return true;
}

static void
reconnect(struct tpm *t)
{
	t->stopped = t->trouble.rc == TPM2_RC_INITIALIZE;
	t->dirty = true;
	tpm_forget_state(t);
	connection_close(t);
}

/* A resource manager frees what we have lost sight of when we close. */
static bool
begin_anew(struct tpm *t, struct limits *l)
{
	if (l->swept || !t->link.kind.reaps)
		return false;
	l->swept = true;
	reconnect(t);
	return true;
}

/*
 * One handle is stale, so any may be. What there still is at the others is
 * flushed: a resource manager sees to it when the connection closes; where
 * we are alone, what is at our numbers is ours.
 */
static void
reload(struct tpm *t)
{
	if (t->link.kind.reaps) {
		reconnect(t);
		return;
	}
	cache_flush(t);
	session_end(t);
}

static bool
is_once(const struct trouble *w)
{
	return (w->command->flags & COMMAND_ONCE) != 0;
}

/*
 * The connection is closed. May what went wrong on it be sent again? Not when
 * the TPM may have seen it and a second time would be one too many. That it
 * has to be started first is what anybody could say in its name; it is true
 * if it can be started, which behind a resource manager is not ours to try.
 */
static bool
is_unseen(struct tpm *t)
{
	const struct trouble w = t->trouble;
	bool unseen = !is_once(&w) || w.unsent ||
	    (w.rc == TPM2_RC_INITIALIZE && connection_open(t) == CKR_OK &&
	    t->restarted);

	t->trouble = w;
	return unseen;
}

static bool
is_typed(const struct trouble *w)
{
	return (w->command->flags & COMMAND_STEP) == COMMAND_ONCE;
}

/*
 * A key's authValue was never typed by anybody. When a session that has
 * worked is denied it, session or key are not what is at their handles; nor
 * need a transient parent be, to which the session is salted; nor the session
 * that took its place, where other processes do as we do.
 */
static bool
is_stale(const struct tpm *t, const struct call *c, const struct limits *l)
{
	if (l->denied)
		return false;
	return t->trouble.denied && !is_typed(&t->trouble) &&
	    (t->session.proven || l->stale || is_transient(c->parent) ||
	    (t->link.kind.sole && l->recoveries < DOUBTS_MAX));
}

/* The primary can go, once, when all is loaded but the call's own command,
 * which does not name it, or when the call is not about its children. */
static bool
evict_primary(struct tpm *t, struct limits *l, const struct call *c)
{
	bool needed = is_transient(c->parent) &&
	    t->trouble.command != c->command;
	size_t i;

	for (i = 0; i < c->count; i++)
		needed = needed || is_transient(c->entities[i].parent);
	if (needed || l->unrooted || t->primary.handle == 0)
		return false;
	l->unrooted = true;
	primary_flush(t);
	return true;
}

/* Is another attempt worth while? */
static bool
remedied(struct tpm *t, const struct call *c, struct limits *l)
{
	struct trouble *w = &t->trouble;

	if (is_stale(t, c, l)) {
		l->stale = true;
		l->denied = w->command->denied != CKR_OK;
		w->remedy = REMEDY_RELOAD;
	}
	switch (w->remedy) {
	case REMEDY_OBJECT_ROOM:
		return cache_evict(t, c) || sweep(t, l, FLUSH_OBJECTS) ||
		    evict_primary(t, l, c);
	case REMEDY_SESSION_ROOM:
		return sweep(t, l, FLUSH_SESSIONS | FLUSH_SAVED) ||
		    cache_evict(t, c) || begin_anew(t, l);
	case REMEDY_RELOAD:
		if (l->recoveries++ >= RECOVERIES_MAX)
			return false;
		reload(t);
		return true;
	case REMEDY_RECONNECT:
		reconnect(t);
		return l->losses++ < LOSSES_MAX && is_unseen(t);
	case REMEDY_DROP:
		reconnect(t);
		return false;
	case REMEDY_NONE:
	case REMEDY_WAIT:
	default:
		return false;
	}
}

/*
 * Who answers with another storage key than the recorded one cannot know the
 * session's salt, and fails its first HMAC. Where a second token has another
 * parent, the Name that is hashed with the parent's authorisation tells.
 */
static bool
is_suspect(const struct tpm *t, const struct call *c)
{
	const struct trouble *w = &t->trouble;
	bool by_parent = w->command != c->command ||
	    c->entities[0].object == NULL;

	if (c->parent == NULL || t->link.sys == NULL || w->command == NULL)
		return false;
	/* Its Name was compared when it was made. */
	if (is_transient(c->parent))
		return false;
	return !t->session.proven || (w->denied && by_parent && !is_once(w));
}

/* Only then is the TPM asked which key it has. */
static CK_RV
suspect_parent(struct tpm *t, const struct call *c, CK_RV rv)
{
	if (!is_suspect(t, c) ||
	    parent_compare(t, c->parent) != CKR_TOKEN_NOT_RECOGNIZED)
		return rv;
	log_error("the key at 0x%08x of this TPM is not the one that the "
	    "token was made under", c->parent->handle);
	return CKR_TOKEN_NOT_RECOGNIZED;
}

/* A session that never proved itself may be salted to the wrong key. */
static void
give_up_unproven(struct tpm *t)
{
	if (t->session.handle == 0 || t->session.proven)
		return;
	session_end(t);
	tpm_parent_free(&t->parent);
}

CK_RV
tpm_call(struct tpm *t, const struct call *c)
{
	struct limits limits = { .recoveries = 0 };
	CK_RV rv;

	if ((rv = tpm_enter(t)) != CKR_OK)
		return rv;
	while ((rv = attempt(t, c)) != CKR_OK && remedied(t, c, &limits))
		;
	if (rv != CKR_OK) {
		trouble_log(t, rv);
		rv = suspect_parent(t, c, rv);
		give_up_unproven(t);
	}
	tpm_leave(t);
	return rv;
}
