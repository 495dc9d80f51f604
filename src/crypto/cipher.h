/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include "util/buf.h"

/*
 * AES under a known key in the modes of SP 800-38A, in pieces of any length,
 * without padding (pkcs7.h).
 */
enum cipher_mode {
	CIPHER_ECB,
	CIPHER_CBC,
	CIPHER_CTR,
	CIPHER_CFB128,
	CIPHER_CFB8,
	CIPHER_OFB,
	CIPHER_CTS	/* see cts.h */
};

struct cipher_spec {
	enum cipher_mode mode;
	bool decrypt;
	struct view key;	/* 16, 24, 32 bytes; not needed afterwards */
	struct view iv;		/* 16 bytes (CTR: the first block); ECB: none */
	unsigned counter_bits;	/* CTR: how many at the end count, 1..128 */
};

struct cipher;

/* CKR_KEY_SIZE_RANGE; CKR_MECHANISM_PARAM_INVALID for iv or counter_bits. */
CK_RV cipher_new(const struct cipher_spec *s, struct cipher **out) MUST_CHECK;
/* How many bytes will cipher_update give for in bytes? */
size_t cipher_ready(const struct cipher *c, size_t in);
/*
 * Replaces out. CKR_DATA_LEN_RANGE when the counter would come round
 * (PKCS#11 3.x, 6.11.3).
 */
CK_RV cipher_update(struct cipher *c, struct view in,
    struct buf *out) MUST_CHECK;
/*
 * Replaces out by what is left (CTS alone has something). A text that is no
 * multiple of the block in ECB and CBC, or shorter than one in CTS, is
 * CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE. c can then only be freed.
 */
CK_RV cipher_final(struct cipher *c, struct buf *out) MUST_CHECK;
void cipher_free(struct cipher **c);

#endif
