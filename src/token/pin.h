/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_PIN_H
#define TOKEN_PIN_H

#include "token/internal.h"

/*
 * The PINs of a token: lengths, and what opens by one. A PIN is bytes; its
 * lengths are those that C_GetTokenInfo names.
 */
#define PIN_MIN 4
#define PIN_MAX 128

/* For a PIN to be set: CKR_PIN_LEN_RANGE. */
CK_RV pin_acceptable(struct view pin) MUST_CHECK;

/*
 * The KEK, and what is derived from the PIN, by the PIN of the role. What a
 * change of PIN left unfinished is finished here. Not within a transaction.
 *   CKR_PIN_INCORRECT, CKR_PIN_LOCKED
 *   CKR_TOKEN_NOT_RECOGNIZED  the TPM, or the role's index, is another one
 *   CKR_DEVICE_ERROR          a PCR has another value; the store is an old
 *                             copy: the log says which
 */
CK_RV pin_open(struct token *t, enum store_role role, struct view pin,
    struct buf *auth, struct buf *kek) MUST_CHECK;

/*
 * Give the role a new PIN: by the old one's auth, or, for the user, by the
 * SO's. Whoever dies on the way leaves the old PIN or the new one in force;
 * but an SO who dies over a change that had died before has to do it again.
 * Not within a transaction.
 */
struct pin_change {
	enum store_role role;
	enum store_role by;
	struct view by_auth;
	struct view pin;
	struct view kek;
};
CK_RV pin_change(struct token *t, const struct pin_change *change) MUST_CHECK;

#endif
