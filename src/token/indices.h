/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_INDICES_H
#define TOKEN_INDICES_H

#include "token/internal.h"

/*
 * The NV indices of tokens. One that is planned is noted in the store before
 * it is defined, and one that shall go is noted in the transaction that takes
 * it out of the token's row; so whoever dies on the way leaves none that
 * nobody knows. The note is a list of public areas; what stands there and in
 * no row is removed by the next sweep.
 *
 * area: a TPM2B_NV_PUBLIC, whose Name is no other index's (tpm/index.h).
 */

/* Add to the note, or take out of it; within a transaction, or as one. */
CK_RV indices_note(struct store *s, const struct view *areas,
    size_t count) MUST_CHECK;
CK_RV indices_unnote(struct store *s, const struct view *areas,
    size_t count) MUST_CHECK;
/* Are they all still there? Within a transaction: nobody sweeps meanwhile.
 * CKR_NO_EVENT. */
CK_RV indices_noted(struct store *s, const struct view *areas,
    size_t count) MUST_CHECK;

/* All that a row has; areas has room for INDICES_MAX. */
enum { INDICES_MAX = STORE_ROLES + 1 };
size_t indices_of(const struct store_token *row,
    struct view areas[INDICES_MAX]);

/*
 * Remove what is noted; quick when nothing is. *left is what is still noted.
 * CKR_OK also when the owner's authorisation was refused: nothing is lost by
 * trying again.
 */
CK_RV indices_sweep(struct token *t, size_t *left) MUST_CHECK;

#endif
