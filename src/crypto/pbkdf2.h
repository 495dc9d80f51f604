/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_PBKDF2_H
#define CRYPTO_PBKDF2_H

#include "crypto/digest.h"

/*
 * PBKDF2 with HMAC (RFC 8018, 5.2): len bytes, which replace out. It takes as
 * long as iterations says, so the caller bounds it. CKR_MECHANISM_PARAM_INVALID
 * for no iterations, CKR_KEY_SIZE_RANGE for a len of 0 or above 2^31 - 1.
 */
CK_RV pbkdf2(const struct hash *hash, struct view password, struct view salt,
    uint64_t iterations, size_t len, struct buf *out) MUST_CHECK;

#endif
