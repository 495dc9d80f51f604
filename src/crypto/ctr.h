/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CTR_H
#define CRYPTO_CTR_H

#include "crypto/aes_key.h"

#define CTR_RANGE 1024	/* bytes of key stream that are made at once */

/*
 * Counter mode (SP 800-38A, 6.5) over encrypted blocks, in place, in pieces
 * of any length. The state holds key stream: it lives in wiped memory and is
 * wiped by ctr_end.
 */
struct ctr {
	const struct aes_key *key;
	size_t width;			/* bytes that count, at the end */
	uint8_t counter[AES_BLOCK];	/* of the next block */
	uint8_t stream[CTR_RANGE];
	size_t at;			/* of the first byte not used yet */
	size_t end;
};

/* counter: the first block; its last width bytes count, and wrap. */
void ctr_start(struct ctr *c, const struct aes_key *key,
    const uint8_t counter[AES_BLOCK], size_t width);
/* Pass over one block. */
void ctr_skip(struct ctr *c);
CK_RV ctr_xor(struct ctr *c, uint8_t *data, size_t len) MUST_CHECK;
void ctr_end(struct ctr *c);

/*
 * How many blocks can be made before the last bits bits (1 to 128) of counter
 * come round to their first value? At most UINT64_MAX.
 */
uint64_t ctr_room(const uint8_t counter[AES_BLOCK], unsigned bits);

#endif
