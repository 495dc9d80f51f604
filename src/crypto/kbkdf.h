/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_KBKDF_H
#define CRYPTO_KBKDF_H

#include "crypto/prf.h"

/*
 * The derivations of SP 800-108 (PKCS#11 3.1, 6.42). What the PRF is given in
 * each round is a list of parts in the caller's order:
 *
 * KBKDF_ITERATION, exactly once: in counter mode the counter, else the last
 * round's output (feedback) or A(i) (double pipeline);
 * KBKDF_COUNT, once at most, not in counter mode: the counter;
 * KBKDF_LENGTH, once at most: struct kbkdf's bits;
 * KBKDF_BYTES: bytes, any number of times.
 *
 * Numbers are width bits wide, in multiples of 8: counters up to 32, the
 * length up to 64.
 */
enum kbkdf_mode {
	KBKDF_COUNTER,
	KBKDF_FEEDBACK,
	KBKDF_PIPELINE
};

enum kbkdf_kind {
	KBKDF_ITERATION,
	KBKDF_COUNT,
	KBKDF_LENGTH,
	KBKDF_BYTES
};

struct kbkdf_part {
	enum kbkdf_kind kind;
	bool little_endian;
	unsigned width;
	struct view bytes;
};

struct kbkdf {
	enum kbkdf_mode mode;
	const struct prf *prf;
	const struct kbkdf_part *parts;
	size_t count;
	struct view iv;		/* feedback: K(0), may be empty */
	uint64_t bits;		/* of all keys, for KBKDF_LENGTH */
};

/*
 * len bytes, which replace out. CKR_MECHANISM_PARAM_INVALID for parts other
 * than above, CKR_KEY_SIZE_RANGE when the counter is too narrow for len.
 */
CK_RV kbkdf(const struct kbkdf *k, size_t len, struct buf *out) MUST_CHECK;

#endif
