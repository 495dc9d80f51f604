/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_PIN_H
#define TOKEN_PIN_H

#include "token/internal.h"

/*
 * The PINs of a token: lengths, and which role's guard is meant. A PIN is
 * bytes; its lengths are those that C_GetTokenInfo names.
 */
#define PIN_MIN 4
#define PIN_MAX 128

/* For a PIN to be set: CKR_PIN_LEN_RANGE. */
CK_RV pin_acceptable(struct view pin) MUST_CHECK;
/* The KEK, by the PIN of the role. CKR_PIN_INCORRECT, CKR_PIN_LOCKED. */
CK_RV pin_open(struct token *t, enum login role, struct view pin,
    struct buf *kek) MUST_CHECK;

#endif
