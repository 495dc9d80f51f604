/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_CIPHER_H
#define TPM_CIPHER_H

#include "tpm/key.h"

/*
 * AES in the TPM: SYMCIPHER keys without a mode, so that one key serves all.
 * Here TPM_USE_SIGN is the use to encrypt (they share a bit), and to make a
 * CMAC (mac.h).
 */
#define TPM_BLOCK_LEN 16

/*
 * Make a key of 128, 192 or 256 bits under parent, attributes as those of
 * tpm_create_ec. CKR_KEY_SIZE_RANGE when the TPM lacks it.
 */
CK_RV tpm_create_aes(struct tpm *t, const struct tpm_parent *parent,
    size_t bits, unsigned use, struct tpm_blob *out) MUST_CHECK;

enum tpm_cipher_mode {
	TPM_CIPHER_ECB,
	TPM_CIPHER_CBC,
	TPM_CIPHER_CTR,		/* counts in all 16 bytes, big-endian */
	TPM_CIPHER_CFB,		/* of 128 bits */
	TPM_CIPHER_OFB
};

/*
 * Any amount of data, in portions of what the TPM takes at once. in is whole
 * blocks; but the last of a stream in CTR, CFB and OFB may have any length.
 * iv is what the next call needs afterwards, so that a stream may be given in
 * portions; ECB has none and takes NULL. out is replaced, and may own what in
 * views. On failure iv and out are as they were.
 *
 * By TPM2_EncryptDecrypt2, with the data encrypted on the bus in both
 * directions; on a TPM that has TPM2_EncryptDecrypt alone they are so only on
 * their way back, for its first parameter is not the data.
 *
 * Codes as key.h; CKR_DATA_LEN_RANGE for a broken block,
 * CKR_FUNCTION_NOT_SUPPORTED for a TPM that has neither command,
 * CKR_MECHANISM_INVALID for one that lacks the mode.
 */
CK_RV tpm_key_encrypt(struct tpm_key *k, enum tpm_cipher_mode mode,
    uint8_t iv[TPM_BLOCK_LEN], struct view in, struct buf *out) MUST_CHECK;
CK_RV tpm_key_decrypt(struct tpm_key *k, enum tpm_cipher_mode mode,
    uint8_t iv[TPM_BLOCK_LEN], struct view in, struct buf *out) MUST_CHECK;

#endif
