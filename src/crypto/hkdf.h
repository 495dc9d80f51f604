/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H

#include "crypto/prf.h"

/*
 * HKDF (RFC 5869) in its two steps; out is replaced. The first is
 * HMAC(salt, secret), hash->size bytes, where no salt is as good as that many
 * zeros.
 */
CK_RV hkdf_extract(const struct hash *hash, struct view salt,
    struct view secret, struct buf *out) MUST_CHECK;
/* prf: HMAC under the key of the first step. CKR_KEY_SIZE_RANGE for a len
 * above 255 * prf->size. */
CK_RV hkdf_expand(const struct prf *prf, struct view info, size_t len,
    struct buf *out) MUST_CHECK;

#endif
