/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_INTERNAL_H
#define TOKEN_INTERNAL_H

#include <stdatomic.h>

#include "store/store.h"
#include "token/clock.h"
#include "token/machine.h"
#include "token/objects.h"
#include "token/token.h"

enum login { LOGIN_NONE, LOGIN_USER, LOGIN_SO };

struct token {
	CK_SLOT_ID slot;
	struct lock *lock;
	struct machine *machine;
	struct store *store;	/* NULL before one was found */
	struct store_token row;
	bool initialised;	/* row is there */
	enum login login;
	atomic_uint logins;
	struct buf kek;		/* while somebody is logged in */
	struct buf auth;	/* of the SO's PIN, while the SO is */
	struct buf device;	/* the device key, once it was needed */
	struct clock clock;
	size_t sessions;
	size_t rw_sessions;
	struct objects *objects;
};

CK_RV token_new(struct machine *machine, CK_SLOT_ID slot,
    struct token **out) MUST_CHECK;
void token_free(struct token **t);
void token_abandon(struct token **t);

/*
 * The keys of the token's rows: the device key, for which the TPM is asked
 * the first time, and the KEK while the user is logged in.
 */
CK_RV token_keys(struct token *t, struct store_keys *keys) MUST_CHECK;
/* The same with a device key that did not come from the TPM. */
CK_RV token_keys_by(struct token *t, struct view device,
    struct store_keys *keys) MUST_CHECK;
/*
 * Put row in the place of the token's, commit, and have it in memory too: it
 * changes only when that went well. Takes what row holds.
 */
CK_RV token_put_row(struct token *t, const struct store_keys *keys,
    struct store_token *row) MUST_CHECK;
/* Forget all that was known of the token: it is another one now. */
void token_forget(struct token *t);
/* Forget what a PIN opened, and the private objects. */
void token_forget_login(struct token *t);
/*
 * Begin a transaction and then look again, so that what is read from here on
 * is the latest: what this call changes is computed from it. store_rollback
 * ends it on every path.
 */
CK_RV token_begin(struct token *t) MUST_CHECK;
/* Open the store for this token; with create it is made if need be. */
CK_RV token_open_store(struct token *t, bool create) MUST_CHECK;

#endif
