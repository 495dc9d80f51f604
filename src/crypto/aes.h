/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_AES_H
#define CRYPTO_AES_H

#include "util/buf.h"

/*
 * AES-CFB128 in place, key of 16, 24 or 32 bytes, iv of 16: the TPM's
 * parameter encryption (Part 1, 21.3) and duplication wrapping.
 * CKR_KEY_SIZE_RANGE for another key length.
 */
CK_RV aes_cfb_encrypt(struct view key, const uint8_t iv[16], uint8_t *data,
    size_t len) MUST_CHECK;
CK_RV aes_cfb_decrypt(struct view key, const uint8_t iv[16], uint8_t *data,
    size_t len) MUST_CHECK;

/*
 * AES-256-GCM with a fresh random 12-byte nonce: out becomes
 * nonce | ciphertext | 16-byte tag. aad is bound, not stored.
 * CKR_KEY_SIZE_RANGE for a key of other than 32 bytes.
 */
CK_RV aes_gcm_seal(struct view key, struct view aad, struct view plain,
    struct buf *out) MUST_CHECK;
/* CKR_DATA_INVALID when the tag is wrong or sealed is too short. */
CK_RV aes_gcm_open(struct view key, struct view aad, struct view sealed,
    struct buf *plain) MUST_CHECK;

/*
 * AES-256 of each 16-byte block of data, in place: a keyed function of one
 * block for many blocks at once, never a way to hide a text.
 * CKR_KEY_SIZE_RANGE for a key of other than 32 bytes, CKR_DATA_LEN_RANGE
 * for a len that is no multiple of 16.
 */
CK_RV aes_blocks(struct view key, uint8_t *data, size_t len) MUST_CHECK;

#endif
