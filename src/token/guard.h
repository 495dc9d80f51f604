/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_GUARD_H
#define TOKEN_GUARD_H

#include "store/store.h"

/*
 * What stands between a PIN and the token's key-encryption key (KEK): a
 * sealed object under the SRK for each role, whose authValue is
 * HMAC-SHA256(salt, PIN). All that a PIN protects hangs on these functions;
 * the guard that counts wrong tries in an NV index goes in here.
 *
 * Wrong PINs are not counted by this form of the guard; the seals are noDA,
 * because the TPM-wide lockout would hit keys of others.
 */
#define GUARD_KEK_LEN 32

/* Seal kek under pin with a fresh salt; *out is replaced. */
CK_RV guard_close(struct tpm *tpm, const struct tpm_parent *parent,
    struct view pin, struct view kek, struct store_pin *out) MUST_CHECK;
/* CKR_PIN_INCORRECT, CKR_PIN_LOCKED, CKR_TOKEN_NOT_RECOGNIZED. */
CK_RV guard_open(struct tpm *tpm, const struct tpm_parent *parent,
    const struct store_pin *guard, struct view pin,
    struct buf *kek) MUST_CHECK;

#endif
