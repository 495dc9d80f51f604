/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_KDF_H
#define CRYPTO_KDF_H

#include "crypto/digest.h"

/*
 * All: CKR_KEY_SIZE_RANGE when 8 * len exceeds 32 bits.
 *
 * ANSI X9.63 / SEC 1 3.6.1: Hash(Z | counter | shared), len bytes.
 */
CK_RV kdf_x963(const struct hash *hash, struct view z, struct view shared,
    size_t len, struct buf *out) MUST_CHECK;

/*
 * SP 800-56C, 4.1, the one-step ("concatenation") derivation of CKD_..._SP800:
 * Hash(counter | Z | info), len bytes.
 */
CK_RV kdf_concat(const struct hash *hash, struct view z, struct view info,
    size_t len, struct buf *out) MUST_CHECK;

/*
 * TPM 2.0 Part 1, 11.4.10.2 and .3: KDFa (SP 800-108 counter mode over
 * HMAC) and KDFe (SP 800-56A over a hash). label without its NUL, which is
 * added; len in bytes (the TPM's "bits" is 8 * len).
 */
CK_RV kdfa(const struct hash *hash, struct view key, const char *label,
    struct view context_u, struct view context_v, size_t len,
    struct buf *out) MUST_CHECK;
CK_RV kdfe(const struct hash *hash, struct view z, const char *label,
    struct view party_u, struct view party_v, size_t len,
    struct buf *out) MUST_CHECK;

#endif
