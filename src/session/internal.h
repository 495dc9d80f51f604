/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include <stdatomic.h>

#include "mech/mech.h"
#include "session/session.h"

/* What the key of an operation asks of the user. */
struct key_use {
	bool private;		/* over when somebody logs out */
	unsigned logins;	/* token_logins at Init */
	bool always;		/* CKA_ALWAYS_AUTHENTICATE */
	bool wants_login;	/* always, and not yet done */
};

/*
 * One operation. The result of a computation that did not fit the caller's
 * buffer waits in pending, so that nothing runs twice.
 */
struct operation {
	struct mech_op *op;	/* NULL: not initialised */
	enum mech_use use;
	bool parts;		/* an update has been */
	unsigned pending_steps;	/* what pending is of; 0: of nothing */
	struct buf pending;
	struct key_use key;
	/* C_VerifySignatureInit was given it; no C_Verify follows then */
	bool has_signature;
	struct buf signature;
};

/* Many messages of one use, and the one that is being worked on. */
struct messages {
	struct mech_messages *all;	/* NULL: not initialised */
	struct operation one;
	struct key_use key;
};

struct search {
	bool active;
	CK_OBJECT_HANDLE *list;
	size_t count;
	size_t at;
};

struct session {
	atomic_uint refs;
	CK_SESSION_HANDLE handle;
	struct token *token;
	struct lock *lock;
	bool rw;
	atomic_bool closed;
	struct operation operations[MECH_USES];
	struct messages messages[MECH_USES];
	struct search search;
	enum context_login context;	/* of derivations, */
	unsigned context_logins;	/* by token_logins */
};

void operation_end(struct operation *o);
void messages_end(struct messages *m);
void search_end(struct search *search);

/*
 * CKR_OPERATION_ACTIVE when something runs that a new operation, or series of
 * messages, of this use may not stand beside.
 */
CK_RV operation_allowed(struct session *s, enum mech_use use) MUST_CHECK;
/* The key of an operation, if its attributes let it be used so. */
CK_RV operation_key(struct session *s, enum mech_use use,
    CK_MECHANISM_TYPE m, CK_OBJECT_HANDLE handle, struct key_use *how,
    struct key **key) MUST_CHECK;
/* CKR_OPERATION_NOT_INITIALIZED; CKR_USER_NOT_LOGGED_IN when the user is
 * gone, which ends it, or has yet to log in for it. */
CK_RV operation_find(struct session *s, enum mech_use use,
    struct operation **out) MUST_CHECK;
/* The same for one of C_VerifySignatureInit. */
CK_RV operation_find_signature(struct session *s,
    struct operation **out) MUST_CHECK;
/* An operation with a private object's key is over when its user is. */
bool key_use_outlived(const struct session *s, const struct key_use *key);

/*
 * The steps of an operation (step.c); none of these ends it.
 *
 * step_run answers a size query or a buffer that is too small, or computes
 * and gives; *kept says whether the operation goes on. It is made of the
 * three that follow, which the dual functions call one by one: step_ask tells
 * whether there is to be computed (else *rv is the answer), step_compute puts
 * the result into pending if it does not wait there, step_give hands it out.
 */
#define STEP_UPDATE 1u
#define STEP_FINISH 2u

CK_RV step_run(struct operation *o, unsigned steps, struct view in,
    CK_BYTE *out, CK_ULONG *out_len, bool *kept) MUST_CHECK;
bool step_ask(const struct operation *o, unsigned steps, struct view in,
    CK_BYTE *out, CK_ULONG *out_len, CK_RV *rv);
CK_RV step_compute(struct operation *o, unsigned steps,
    struct view in) MUST_CHECK;
CK_RV step_give(struct operation *o, CK_BYTE *out,
    CK_ULONG *out_len) MUST_CHECK;
/* A part for a use that gives output only at its end. */
CK_RV step_feed(struct operation *o, struct view in) MUST_CHECK;

#endif
