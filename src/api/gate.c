/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/gate.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "api/trace.h"
#include "crypto/crypto.h"
#include "session/state.h"
#include "util/fork.h"
#include "util/handles.h"
#include "util/log.h"

enum gate_state { SHUT, CHANGING, OPEN };

static struct {
	atomic_int state;
	atomic_uint fork;	/* fork_count of who changed state */
	atomic_uint inside;	/* calls between enter and leave */
	atomic_uint idle;	/* of these, those that only wait */
	atomic_bool forking;	/* nobody enters now */
	struct lock *lock;
	struct config config;
	struct slots *slots;
	struct handles *sessions;
	atomic_uint drawn;	/* session handles ever given */
} library;

/* What a child sees of its parent's state is not its own. */
static bool
is_inherited(void)
{
	return atomic_load(&library.fork) != fork_count();
}

bool
gate_is_open(void)
{
	return atomic_load(&library.state) == OPEN && !is_inherited();
}

static void
pause_ms(long ms)
{
	const struct timespec pause = { 0, ms * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/*
 * A child gets the memory as it is at the fork: with a thread in the middle
 * of a call, locks of SQLite or OpenSSL would be held in it for ever. So a
 * fork waits until all calls are out, but not for ever, since the thread
 * that forks may hold what one of them is waiting for.
 */
static void
before_fork(void)
{
	enum { WAIT_MS = 5000 };
	int waited;

	atomic_store(&library.forking, true);
	for (waited = 0; waited < WAIT_MS && atomic_load(&library.inside) !=
	    atomic_load(&library.idle); waited++)
		pause_ms(1);
}

static void
after_fork(void)
{
	atomic_store(&library.forking, false);
}

/* Counted before anything is read: who waits for the calls to be out, at a
 * fork or in gate_stop, does it the other way round, so one of the two sees
 * the other. */
static void
count_in(void)
{
	atomic_fetch_add(&library.inside, 1);
	while (atomic_load(&library.forking)) {
		atomic_fetch_sub(&library.inside, 1);
		pause_ms(1);
		atomic_fetch_add(&library.inside, 1);
	}
}

static CK_RV
enter(struct gate *g)
{
	if (is_inherited())
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	count_in();
	if (atomic_load(&library.state) != OPEN) {
		atomic_fetch_sub(&library.inside, 1);
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	}
	g->entered = true;
	return CKR_OK;
}

static void
library_take(struct gate *g)
{
	lock_take(library.lock);
	g->library = true;
	g->slots = library.slots;
}

static void
library_release(struct gate *g)
{
	g->slots = NULL;
	g->library = false;
	lock_release(library.lock);
}

CK_RV
gate_library(struct gate *g)
{
	CK_RV rv;

	if ((rv = enter(g)) == CKR_OK)
		library_take(g);
	return rv;
}

/* The token of a slot; the store is only read for a slot not yet known. */
static CK_RV
find_slot(struct gate *g, CK_SLOT_ID slot, struct token **out)
{
	CK_RV rv = CKR_OK;

	library_take(g);
	*out = slots_find(library.slots, slot);
	if (*out == NULL) {
		rv = slots_refresh(library.slots);
		*out = slots_find(library.slots, slot);
	}
	library_release(g);
	if (*out != NULL)
		return CKR_OK;
	return rv == CKR_OK ? CKR_SLOT_ID_INVALID : rv;
}

static CK_RV
token_take(struct gate *g, struct token *t)
{
	lock_take(token_lock(t));
	g->token = t;
	return token_refresh(t);
}

CK_RV
gate_slot(struct gate *g, CK_SLOT_ID slot)
{
	struct token *t;
	CK_RV rv;

	if ((rv = enter(g)) != CKR_OK ||
	    (rv = find_slot(g, slot, &t)) != CKR_OK)
		return rv;
	return token_take(g, t);
}

CK_RV
gate_session(struct gate *g, CK_SESSION_HANDLE handle, enum gate_reach reach)
{
	struct session *s;
	CK_RV rv;

	if ((rv = enter(g)) != CKR_OK)
		return rv;
	library_take(g);
	s = handles_get(library.sessions, handle);
	if (s != NULL)
		(void)session_ref(s);
	library_release(g);
	if (s == NULL)
		return CKR_SESSION_HANDLE_INVALID;
	lock_take(session_lock(s));
	g->session = s;
	if (session_is_closed(s))
		return CKR_SESSION_HANDLE_INVALID;
	return reach == GATE_TOKEN ? token_take(g, session_token(s)) : CKR_OK;
}

static void
release(struct gate *g)
{
	if (g->token != NULL)
		lock_release(token_lock(g->token));
	g->token = NULL;
	if (g->session != NULL)
		lock_release(session_lock(g->session));
	session_unref(&g->session);
	if (g->library)
		library_release(g);
}

/* The standard lets no condition variable be assumed (5.4.1), so: polled. */
void
gate_wait_for_stop(struct gate *g)
{
	release(g);
	atomic_fetch_add(&library.idle, 1);
	while (gate_is_open())
		pause_ms(20);
	atomic_fetch_sub(&library.idle, 1);
}

CK_RV
gate_leave(struct gate *g, CK_RV rv)
{
	release(g);
	if (g->entered)
		atomic_fetch_sub(&library.inside, 1);
	trace_answer(g->name, rv);
	return rv;
}

CK_RV
gate_open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_SESSION_HANDLE *handle)
{
	struct gate g = GATE("C_OpenSession");
	struct session *s = NULL;
	CK_RV rv;

	if ((rv = gate_slot(&g, slot)) != CKR_OK ||
	    (rv = session_new(g.token, flags, &s)) != CKR_OK)
		goto out;
	library_take(&g);
	rv = handles_add(library.sessions, &library.drawn, s, handle);
	if (rv == CKR_OK) {
		session_set_handle(s, *handle);
		s = NULL;	/* the table's reference */
	}
	library_release(&g);
	if (s != NULL)
		session_close(s);
out:
	session_unref(&s);
	return gate_leave(&g, rv);
}

/*
 * Take one session out of the table and end it. Whoever is in it finishes
 * first, since its lock is waited for; whoever waits finds it closed.
 */
static void
close_one(struct session *s)
{
	struct token *t = session_token(s);

	lock_take(session_lock(s));
	lock_take(token_lock(t));
	session_close(s);
	lock_release(token_lock(t));
	lock_release(session_lock(s));
	session_unref(&s);
}

CK_RV
gate_close_session(CK_SESSION_HANDLE handle)
{
	struct gate g = GATE("C_CloseSession");
	struct session *s;
	CK_RV rv;

	if ((rv = gate_library(&g)) != CKR_OK)
		return gate_leave(&g, rv);
	s = handles_remove(library.sessions, handle);
	library_release(&g);
	if (s == NULL)
		rv = CKR_SESSION_HANDLE_INVALID;
	else
		close_one(s);
	return gate_leave(&g, rv);
}

/* The next session of a token (of any when t is NULL), out of the table. */
static struct session *
take_session(struct gate *g, const struct token *t)
{
	struct session *s;
	CK_SESSION_HANDLE handle;
	size_t cursor = 0;

	library_take(g);
	while ((s = handles_next(library.sessions, &cursor, &handle)) !=
	    NULL && t != NULL && session_token(s) != t)
		;
	if (s != NULL)
		(void)handles_remove(library.sessions, handle);
	library_release(g);
	return s;
}

CK_RV
gate_close_sessions(CK_SLOT_ID slot)
{
	struct gate g = GATE("C_CloseAllSessions");
	struct session *s;
	struct token *t;
	CK_RV rv;

	if ((rv = enter(&g)) != CKR_OK ||
	    (rv = find_slot(&g, slot, &t)) != CKR_OK)
		return gate_leave(&g, rv);
	while ((s = take_session(&g, t)) != NULL)
		close_one(s);
	return gate_leave(&g, CKR_OK);
}

static void
library_free(void)
{
	struct session *s;
	size_t cursor = 0;

	if (library.sessions != NULL)
		while ((s = handles_next(library.sessions, &cursor, NULL)) !=
		    NULL) {
			session_close(s);
			session_unref(&s);
		}
	handles_free(&library.sessions);
	slots_free(&library.slots);
	config_free(&library.config);
	lock_free(&library.lock);
	states_stop();
	crypto_stop();
}

static CK_RV
library_make(const CK_C_INITIALIZE_ARGS *args)
{
	CK_RV rv;

	log_start();
	lock_choose(args);
	fork_hooks(before_fork, after_fork);
	if ((rv = crypto_start()) != CKR_OK ||
	    (rv = lock_new(&library.lock)) != CKR_OK ||
	    (rv = states_start()) != CKR_OK ||
	    (rv = handles_new(&library.sessions)) != CKR_OK ||
	    (rv = config_load(&library.config)) != CKR_OK ||
	    (rv = slots_new(&library.config, &library.slots)) != CKR_OK)
		library_free();
	return rv;
}

/*
 * In a child: what the parent had is given up unused and unfreed, since its
 * locks may be held by threads that do not exist here.
 */
static void
library_abandon(void)
{
	slots_abandon(&library.slots);
	states_abandon();
	memset(&library.config, 0, sizeof(library.config));
	library.sessions = NULL;
	library.lock = NULL;
	atomic_store(&library.inside, 0);
	atomic_store(&library.idle, 0);
	atomic_store(&library.state, SHUT);
}

CK_RV
gate_start(const CK_C_INITIALIZE_ARGS *args)
{
	unsigned seen = atomic_load(&library.fork);
	int shut = SHUT;
	CK_RV rv;

	if (seen != fork_count() &&
	    atomic_compare_exchange_strong(&library.fork, &seen,
	    fork_count()))
		library_abandon();
	if (!atomic_compare_exchange_strong(&library.state, &shut, CHANGING))
		return CKR_CRYPTOKI_ALREADY_INITIALIZED;
	rv = library_make(args);
	atomic_store(&library.state, rv == CKR_OK ? OPEN : SHUT);
	return rv;
}

/* Calls that are inside go on to their end; new ones are turned away. */
CK_RV
gate_stop(void)
{
	int open = OPEN;

	if (is_inherited() || !atomic_compare_exchange_strong(&library.state,
	    &open, CHANGING))
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	while (atomic_load(&library.inside) != 0)
		pause_ms(1);
	library_free();
	atomic_store(&library.state, SHUT);
	return CKR_OK;
}
