/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_DEFINE_H
#define TOKEN_DEFINE_H

#include "token/indices.h"
#include "tpm/counter.h"

/*
 * New NV indices for a token: planned and noted in the store, then defined
 * within the transaction that puts them into the token's row and takes them
 * out of the note. What fails or dies in between is the next sweep's.
 */
struct definition {
	bool pin[STORE_ROLES];	/* which are wanted */
	bool counter;
	uint32_t limit[STORE_ROLES];
	/* The SO's index that stays, when pin[STORE_SO] is not wanted. */
	const struct tpm_pin *so;

	struct tpm_pin pins[STORE_ROLES];	/* as planned */
	struct tpm_counter count;
};
void definition_free(struct definition *d);

/* Not within a transaction. */
CK_RV definition_plan(struct token *t, const struct tpm_parent *parent,
    struct definition *d) MUST_CHECK;
/*
 * Begin one, as token_begin, in which they stand in the note: somebody's
 * sweep may have come in between.
 */
CK_RV definition_begin(struct token *t,
    const struct definition *d) MUST_CHECK;
/*
 * Within it: define all, and put them into row; the user's index gets an
 * authValue that nobody knows. CKR_USER_NOT_LOGGED_IN (the owner's password),
 * CKR_DEVICE_MEMORY, CKR_OBJECT_HANDLE_INVALID when somebody took a place:
 * plan others.
 */
CK_RV definition_carry_out(struct token *t, struct definition *d,
    struct view so_auth, struct view device,
    struct store_token *row) MUST_CHECK;

/* 32 bytes that nobody knows, as an auth. */
CK_RV auth_of_nobody(struct buf *auth) MUST_CHECK;

/*
 * Before the SO gives the user a PIN: if the owner has removed the user's
 * index, there is a new one afterwards (and no PIN). Not within a
 * transaction.
 */
CK_RV pin_index_renew(struct token *t) MUST_CHECK;

#endif
