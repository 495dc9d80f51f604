/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CTS_H
#define CRYPTO_CTS_H

#include "util/buf.h"

/*
 * CBC with ciphertext stealing over any CBC of whole blocks, in pieces of any
 * length: CBC-CS1 of the addendum to SP 800-38A, as OpenSSL and NSS have it
 * too. PKCS#11 refers to that addendum without a variant for CKM_AES_CTS.
 * With a text of whole blocks, CS1 is plain CBC.
 */
#define CTS_BLOCK 16
#define CTS_HELD (2 * CTS_BLOCK)

struct cts {
	/* CBC in place, len a multiple of CTS_BLOCK, from iv; what comes of
	 * iv does not matter. */
	CK_RV (*cbc)(void *arg, uint8_t iv[CTS_BLOCK], uint8_t *data,
	    size_t len);
	void *arg;
	bool decrypt;
	uint8_t iv[CTS_BLOCK];		/* of the next block */
	/* The last two blocks, of which the last may not be whole. */
	uint8_t held[CTS_HELD];
	size_t len;
};

/* How many bytes will cts_update give for in bytes? */
size_t cts_ready(const struct cts *c, size_t in);
/* c begins with iv and len 0. Replaces out. */
CK_RV cts_update(struct cts *c, struct view in, struct buf *out) MUST_CHECK;
/*
 * Replaces out by what is left, 16 to 32 bytes. A text shorter than a block
 * is CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE. Wiping c is the
 * caller's.
 */
CK_RV cts_final(struct cts *c, struct buf *out) MUST_CHECK;

#endif
