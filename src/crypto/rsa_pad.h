/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_RSA_PAD_H
#define CRYPTO_RSA_PAD_H

#include "crypto/digest.h"

/*
 * RSA paddings (RFC 8017) in software, around a raw RSA operation on k
 * bytes that runs in the TPM (private) or in pubkey.h (public). Encoders
 * write exactly k bytes (k = modulus_len).
 */

/* EMSA-PKCS1-v1_5 of ready data (a DigestInfo, or what a caller gives to
 * CKM_RSA_PKCS). CKR_DATA_LEN_RANGE when longer than k - 11. */
CK_RV rsa_pad_sign(struct view data, size_t k, struct buf *em) MUST_CHECK;
/* The data of a signature's encoded message; CKR_SIGNATURE_INVALID. */
CK_RV rsa_unpad_sign(struct view em, struct buf *data) MUST_CHECK;

/* RSAES-PKCS1-v1_5, random nonzero padding. CKR_DATA_LEN_RANGE. */
CK_RV rsa_pad_encrypt(struct view data, size_t k, struct buf *em) MUST_CHECK;
/*
 * Implicit rejection (draft-irtf-cfrg-rsa-guidance): bad padding gives a
 * message derived from secret and ciphertext, in the same time and with the
 * same result code; secret is bytes that only the key's owner has. Constant
 * time in em. Both views have k bytes. With the private exponent in k bytes
 * for secret the message is that of OpenSSL 3.2. CKR_OK for any em, but for
 * CKR_HOST_MEMORY and k outside 11..8191 (CKR_ENCRYPTED_DATA_LEN_RANGE).
 */
CK_RV rsa_unpad_encrypt(struct view em, struct view secret,
    struct view ciphertext, struct buf *data) MUST_CHECK;

struct oaep {
	const struct hash *hash;	/* of the label */
	const struct hash *mgf;
	struct view label;
};
/* The longest message for k bytes; 0 when none fits. */
size_t rsa_oaep_max(const struct oaep *p, size_t k);
CK_RV rsa_pad_oaep(const struct oaep *p, struct view data, size_t k,
    struct buf *em) MUST_CHECK;
/* One answer for each way to be wrong: CKR_ENCRYPTED_DATA_INVALID, constant
 * time in em. */
CK_RV rsa_unpad_oaep(const struct oaep *p, struct view em,
    struct buf *data) MUST_CHECK;

struct pss {
	const struct hash *hash;	/* that made the digest */
	const struct hash *mgf;
	size_t salt_len;
};
/* EMSA-PSS of a digest (hash->size bytes) for a modulus of bits bits.
 * CKR_DATA_LEN_RANGE, CKR_KEY_SIZE_RANGE when the salt does not fit. */
CK_RV rsa_pad_pss(const struct pss *p, struct view digest, size_t bits,
    struct buf *em) MUST_CHECK;
/* CKR_SIGNATURE_INVALID; for digest and salt_len as above. The salt has to
 * have exactly salt_len bytes. */
CK_RV rsa_check_pss(const struct pss *p, struct view digest, size_t bits,
    struct view em) MUST_CHECK;

#endif
