/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "crypto/digest.h"

/*
 * HMAC of parts[0] | parts[1] | ... under key; out receives hash->size bytes.
 * The contexts are fetched once; this runs twice in every TPM command.
 */
CK_RV hmac_once(const struct hash *hash, struct view key,
    const struct view *parts, size_t count, uint8_t *out) MUST_CHECK;

#endif
