/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_TLS12_H
#define CRYPTO_TLS12_H

#include "crypto/prf.h"

/*
 * The PRF of TLS 1.2 (RFC 5246, 5): P_hash of label | first | second, len
 * bytes, which replace out. prf is HMAC under the secret. What goes where:
 *
 * master secret, 48 bytes: TLS12_MASTER, client random, server random;
 * extended (RFC 7627, 4), 48 bytes: TLS12_EXTENDED, session hash, nothing;
 * key block: TLS12_KEYS, server random, client random;
 * Finished, 12 bytes: TLS12_CLIENT or TLS12_SERVER, hash of the handshake.
 */
#define TLS12_MASTER "master secret"
#define TLS12_EXTENDED "extended master secret"
#define TLS12_KEYS "key expansion"
#define TLS12_CLIENT "client finished"
#define TLS12_SERVER "server finished"
#define TLS12_MASTER_LEN 48
#define TLS12_FINISHED_LEN 12

CK_RV tls12_prf(const struct prf *prf, struct view label, struct view first,
    struct view second, size_t len, struct buf *out) MUST_CHECK;

#endif
