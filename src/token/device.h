/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_DEVICE_H
#define TOKEN_DEVICE_H

#include "token/internal.h"

/*
 * The device key of a token: 32 random bytes under which the token's record
 * and its public objects are sealed. The TPM gives it to anybody who can use
 * the TPM (no PIN), while the token's PCRs, if it has any, are as they were;
 * without that TPM the store shows no object. It lies in the token's row
 * twice: sealed under the SRK, and wrapped by the KEK, so a login has it
 * without another command.
 */
enum { DEVICE_KEY_LEN = 32 };

/* Make one and put it into row, whose id and generation are set. */
CK_RV device_make(struct tpm *tpm, struct view kek, struct store_token *row,
    struct buf *device) MUST_CHECK;
/* Seal it anew, to row's PCRs as they are now. */
CK_RV device_seal(struct tpm *tpm, struct view device,
    struct store_token *row) MUST_CHECK;
/* What the TPM's CKR_ACTION_PROHIBITED is to the token's caller, logged. */
CK_RV device_shut(const struct token *t) MUST_CHECK;
/* From the TPM, unless it is open. CKR_TOKEN_NOT_RECOGNIZED. */
CK_RV device_open(struct token *t) MUST_CHECK;
/*
 * From the KEK. CKR_DEVICE_ERROR when it does not unwrap, or is not the one
 * that was open: then somebody with the TPM put in a key of his own.
 */
CK_RV device_unwrap(const struct token *t, struct view kek,
    struct buf *device) MUST_CHECK;

#endif
