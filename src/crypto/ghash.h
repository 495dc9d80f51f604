/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_GHASH_H
#define CRYPTO_GHASH_H

#include "util/buf.h"

/*
 * GHASH (SP 800-38D, 6.4) under a hash key H, which OpenSSL does only with the
 * AES key that H comes from: for a key that stays in the TPM, H = AES(0) is
 * all we get. No branch and no index depends on H or the data.
 *
 * H makes forgeries of every message of its key: the state lives in wiped
 * memory.
 */
struct ghash {
	uint64_t h[2];
	uint64_t y[2];
	uint8_t part[16];	/* of a block that is not whole yet */
	size_t len;		/* of part */
};

void ghash_start(struct ghash *g, const uint8_t h[16]);
void ghash_update(struct ghash *g, struct view in);
/* Zeros up to the end of the block. */
void ghash_pad(struct ghash *g);
/* Pad; then the block of two lengths, given in bytes, hashed as bits. */
void ghash_lengths(struct ghash *g, uint64_t first, uint64_t second);
/* The value so far; it has to stand at the end of a block. */
void ghash_value(const struct ghash *g, uint8_t out[16]);

#endif
