/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CCM_H
#define CRYPTO_CCM_H

#include "crypto/aes_key.h"

/*
 * AES-CCM (SP 800-38C, RFC 3610), all at once, because the length of the text
 * goes into the first block. CKR_MECHANISM_PARAM_INVALID for a nonce of other
 * than 7 to 13 bytes or a tag of other than 4, 6, ... 16; CKR_DATA_LEN_RANGE
 * for a text whose length does not fit the 15 - nonce.len bytes that are left
 * for it, or for one above 2^31 - 1 bytes; also errors of aes_key_check.
 */
struct ccm {
	const struct aes_key *key;
	struct view nonce;
	struct view aad;
	size_t tag_len;
};

/* Are these parameters such as the standard has them? */
CK_RV ccm_check(const struct ccm *p, size_t text_len) MUST_CHECK;

/* out becomes ciphertext | tag. */
CK_RV ccm_seal(const struct ccm *p, struct view plain,
    struct buf *out) MUST_CHECK;
/*
 * plain is written only when the tag is right. CKR_ENCRYPTED_DATA_INVALID,
 * CKR_ENCRYPTED_DATA_LEN_RANGE when sealed is shorter than a tag.
 */
CK_RV ccm_open(const struct ccm *p, struct view sealed,
    struct buf *plain) MUST_CHECK;

#endif
