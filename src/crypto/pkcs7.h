/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_PKCS7_H
#define CRYPTO_PKCS7_H

#include "util/buf.h"

/*
 * The padding of PKCS #7 (RFC 5652, 6.3), for CKM_AES_CBC_PAD (block 16) and
 * CKM_AES_KEY_WRAP_PKCS7 (block 8): n bytes of value n, from 1 to block.
 */
CK_RV pkcs7_pad(struct buf *text, size_t block) MUST_CHECK;
/*
 * Take it away; text may be the end of the whole text. What the padding says
 * shows in the result and the length, not in the time they take.
 * CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE for a text that is
 * empty or no multiple of block; text is then as it was.
 */
CK_RV pkcs7_unpad(struct buf *text, size_t block) MUST_CHECK;

#endif
