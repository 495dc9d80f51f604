/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_PIN_SEAL_H
#define TOKEN_PIN_SEAL_H

#include "token/internal.h"

/*
 * The two seals of a PIN that is being changed. The new one is stored as
 * pending, then the index gets the new auth, then the new seal takes the
 * place of the old one. A login that finds a pending seal knows by what opens
 * how far it came.
 */

/* Is there one of a change that was cut off, or is going on? */
bool pin_is_pending(const struct store_pin *p);
/* A PIN, or the first one, of which only the pending seal is there. */
bool pin_is_there(const struct store_pin *p);
/* The KEK by auth. The codes of guard_open. */
CK_RV pin_seal_open(struct token *t, enum store_role role, struct view auth,
    struct buf *kek) MUST_CHECK;
/* The pending seal of row becomes the seal. */
CK_RV pin_seal_promote(struct store_token *row, enum store_role role,
    struct view auth, struct view kek) MUST_CHECK;

/*
 * The auth of the user, under the KEK, when a seal is bound to PCRs: with it
 * the SO can bind the user's seal to other values (token_reseal).
 */
CK_RV pin_auth_wrap(struct store_token *row, struct view auth,
    struct view kek) MUST_CHECK;
/* CKR_DATA_INVALID when there is none that opens. */
CK_RV pin_auth_unwrap(const struct store_token *row, struct view kek,
    struct buf *auth) MUST_CHECK;

#endif
