/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_INTERNAL_H
#define SESSION_INTERNAL_H

#include <stdatomic.h>

#include "mech/mech.h"
#include "session/session.h"

/*
 * One operation. The result of a computation that did not fit the caller's
 * buffer waits in pending, so that nothing runs twice.
 */
struct operation {
	struct mech_op *op;	/* NULL: not initialised */
	bool parts;		/* an update has been */
	bool has_pending;
	struct buf pending;
	bool user_key;		/* over when somebody logs out */
	unsigned logins;	/* token_logins at Init */
	bool wants_login;	/* CKA_ALWAYS_AUTHENTICATE, not yet done */
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
	struct search search;
	enum context_login context;	/* of derivations, */
	unsigned context_logins;	/* by token_logins */
};

void operation_end(struct operation *o);
void search_end(struct search *search);

#endif
