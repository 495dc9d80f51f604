/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_ADMIN_H
#define TOKEN_ADMIN_H

#include "store/store.h"
#include "token/token.h"
#include "tpm/pcr.h"

/*
 * What an administrator does with a token and C_ functions have no name for;
 * for tools/tpm2-token. As with token.h the caller has token_lock (a tool of
 * one thread has it anyway) and calls token_refresh first.
 *
 * Whatever defines or removes NV indices needs the owner's authorisation:
 * that of machine_owner_auth. CKR_USER_NOT_LOGGED_IN: it is wrong, or one is
 * needed and none was given; the log says which.
 */

/* How a token is to be made; what C_InitToken takes from the configuration. */
struct token_wish {
	enum config_guard guard;
	uint32_t so_tries;
	uint32_t user_tries;
	bool rollback;
	struct tpm_pcrs pcrs;
};
/* CKR_DATA_INVALID when the configuration's PCRs are none (logged). */
CK_RV token_wish(const struct token *t, struct token_wish *out) MUST_CHECK;

/*
 * As token_init, in another way than the configuration's. CKR_DATA_INVALID
 * for PCRs that the TPM has not; CKR_TEMPLATE_INCONSISTENT for PCRs with
 * GUARD_LOCKOUT, which cannot be bound.
 */
CK_RV token_init_as(struct token *t, struct view so_pin,
    const uint8_t label[32], const struct token_wish *wish) MUST_CHECK;

/*
 * Remove the token, its objects and its NV indices. With its SO PIN, or with
 * so_pin NULL without: then what the TPM refuses is left to token_sweep.
 */
CK_RV token_delete(struct token *t, const struct view *so_pin) MUST_CHECK;
/* Remove NV indices that crashes or token_delete left; *left is how many
 * still are there. token_init does it by itself. */
CK_RV token_sweep(struct token *t, size_t *left) MUST_CHECK;

/* What the store and the TPM say of a token. */
struct token_pin_state {
	bool set;
	bool by_index;		/* else the TPM's own lockout counts */
	uint32_t handle;	/* of the index */
	CK_RV rv;		/* CKR_OK: count is the TPM's; else why it is
				 * only a hint of the store */
	uint32_t count;		/* wrong tries in a row */
	uint32_t limit;		/* 0: not known */
};
struct token_state {
	uint8_t label[32], serial[16];
	uint32_t parent_handle;	/* 0: transient */
	struct view parent_name;	/* as long as the token is not
					 * refreshed */
	CK_RV parent;		/* CKR_OK: it is in this TPM */
	struct token_pin_state pins[STORE_ROLES];
	struct tpm_pcrs pcrs;
	bool counted;		/* has a counter against old copies */
	uint32_t counter_handle;
	uint64_t counter;	/* its value; 0 with counter_rv */
	CK_RV counter_rv;	/* CKR_OK: it was read */
	CK_RV check;		/* store_check's word on the content */
	size_t objects;		/* that may be seen; 0 unless check is OK */
};
CK_RV token_state_read(struct token *t, struct token_state *out) MUST_CHECK;

/* The SO is logged in: the user's count to 0, the PIN as it is. */
CK_RV token_pin_unlock(struct token *t) MUST_CHECK;
/* The SO's, by the owner. CKR_FUNCTION_NOT_SUPPORTED with GUARD_LOCKOUT. */
CK_RV token_so_unlock(struct token *t) MUST_CHECK;

/* As store_verify; private objects are opened while the user is logged in. */
CK_RV token_verify(struct token *t, store_tell tell, void *arg) MUST_CHECK;

/*
 * Take the store's content as it is, though it is an old copy or its counter
 * is gone (then a new one is made). A user's PIN that was changed since has
 * to be set again (token_init_pin). CKR_PIN_INCORRECT.
 */
CK_RV token_restore(struct token *t, struct view so_pin) MUST_CHECK;
/*
 * Bind device key and user's seal to the values that the PCRs have now; pcrs
 * NULL: the same PCRs as before. The SO's seal is not bound: it is what lets
 * this in.
 */
CK_RV token_reseal(struct token *t, struct view so_pin,
    const struct tpm_pcrs *pcrs) MUST_CHECK;

#endif
