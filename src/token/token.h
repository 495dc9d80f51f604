/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_TOKEN_H
#define TOKEN_TOKEN_H

#include "tpm/caps.h"
#include "util/buf.h"
#include "util/lock.h"

/*
 * One token: its PINs, who is logged in, and (objects.h) what is in it. A
 * token stands in one slot for as long as the library is initialised; the
 * slot's id is the token's row in the store. The slot that comes last is
 * uninitialised: its row does not exist before C_InitToken makes it.
 *
 * Except where it is said, the caller (the gate) holds token_lock.
 */
struct token;

/* Not under the lock: these never change. */
CK_SLOT_ID token_slot(const struct token *t);
struct lock *token_lock(const struct token *t);

/*
 * Look at what other processes did to the store: a new token, a changed PIN
 * or label, another process' C_InitToken, which logs out here. To be called
 * at the begin of each call that looks at the token.
 */
CK_RV token_refresh(struct token *t) MUST_CHECK;

bool token_initialised(const struct token *t);

/* C_GetTokenInfo, C_GetSlotInfo: no TPM command when the store knows the
 * answer. The session counts are the caller's to fill in. */
CK_RV token_info(struct token *t, CK_TOKEN_INFO *info) MUST_CHECK;
CK_RV token_slot_info(struct token *t, CK_SLOT_INFO *info) MUST_CHECK;
/* What the TPM can do; kept by the store after the first question. */
CK_RV token_caps(struct token *t, const struct tpm_caps **caps) MUST_CHECK;

/*
 * C_InitToken: a new token in an uninitialised slot, or, with the right SO
 * PIN, everything of an initialised one wiped. label has 32 bytes, blank-
 * padded. CKR_PIN_LEN_RANGE, CKR_PIN_INCORRECT, CKR_SESSION_EXISTS.
 */
CK_RV token_init(struct token *t, struct view pin,
    const uint8_t label[32]) MUST_CHECK;

/*
 * Sessions are counted here, since the last one to be closed logs out and a
 * login of the SO minds the read-only ones (5.6.?).
 */
CK_RV token_session_opened(struct token *t, bool rw) MUST_CHECK;
void token_session_closed(struct token *t, bool rw);
size_t token_sessions(const struct token *t, bool rw_only);

/* The state of a session with this token (CKS_...). */
CK_STATE token_state(const struct token *t, bool rw);

/*
 * C_Login for CKU_SO and CKU_USER. CKR_USER_ALREADY_LOGGED_IN, CKR_USER_
 * ANOTHER_ALREADY_LOGGED_IN, CKR_USER_PIN_NOT_INITIALIZED, CKR_PIN_INCORRECT,
 * CKR_PIN_LOCKED, CKR_SESSION_READ_ONLY_EXISTS, CKR_USER_TYPE_INVALID.
 */
CK_RV token_login(struct token *t, CK_USER_TYPE who,
    struct view pin) MUST_CHECK;
/* Is this the PIN of who is logged in (CKU_CONTEXT_SPECIFIC)? */
CK_RV token_reauthenticate(struct token *t, struct view pin) MUST_CHECK;
/* CKR_USER_NOT_LOGGED_IN. */
CK_RV token_logout(struct token *t) MUST_CHECK;
/*
 * Counts up whenever somebody logs out. Not under the lock (atomic): an
 * operation with a private key notes it and is over when it has changed.
 */
unsigned token_logins(const struct token *t);

/* C_InitPIN: the SO gives the user a PIN. */
CK_RV token_init_pin(struct token *t, struct view pin) MUST_CHECK;
/* C_SetPIN: of the SO when the SO is logged in, else of the user. */
CK_RV token_set_pin(struct token *t, struct view old_pin,
    struct view new_pin) MUST_CHECK;

/* C_GenerateRandom, C_SeedRandom. Not under the lock. */
CK_RV token_random(struct token *t, uint8_t *out, size_t len) MUST_CHECK;
CK_RV token_seed(struct token *t, struct view seed) MUST_CHECK;

#endif
