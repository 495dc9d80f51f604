/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_GCM_H
#define CRYPTO_GCM_H

#include "crypto/aes_key.h"

/*
 * AES-GCM and, when there is no text, GMAC (SP 800-38D). An iv of any length
 * but 0 (CKR_MECHANISM_PARAM_INVALID), tags of 4 to 16 bytes (else the same),
 * texts up to 2^36 - 32 bytes (CKR_DATA_LEN_RANGE). Never use an iv of a key
 * twice.
 */
struct gcm;

/* Errors: also those of aes_key_check. key is borrowed. */
CK_RV gcm_new(const struct aes_key *key, struct view iv,
    struct gcm **out) MUST_CHECK;
/* Bound to the text, not hidden; all of it before the text, in any pieces. */
CK_RV gcm_aad(struct gcm *g, struct view aad) MUST_CHECK;
/* Replaces out by as many bytes of ciphertext. */
CK_RV gcm_encrypt(struct gcm *g, struct view plain,
    struct buf *out) MUST_CHECK;
/* Replaces out by the first len bytes of the tag; g can then only be freed. */
CK_RV gcm_tag(struct gcm *g, size_t len, struct buf *out) MUST_CHECK;
void gcm_free(struct gcm **g);

/* All at once; out becomes ciphertext | tag. */
CK_RV gcm_seal(const struct aes_key *key, struct view iv, struct view aad,
    struct view plain, size_t tag_len, struct buf *out) MUST_CHECK;
/*
 * The way back: plain is written only when the tag is right, and a key that
 * is not known is not asked to decrypt before. Decryption has no function in
 * pieces, so that nothing is given away unchecked.
 * CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE when sealed is
 * shorter than a tag.
 */
CK_RV gcm_open(const struct aes_key *key, struct view iv, struct view aad,
    struct view sealed, size_t tag_len, struct buf *plain) MUST_CHECK;

#endif
