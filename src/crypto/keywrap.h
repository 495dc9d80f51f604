/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_KEYWRAP_H
#define CRYPTO_KEYWRAP_H

#include "crypto/aes_key.h"

/*
 * AES key wrapping (SP 800-38F). PKCS#11 3.1, 6.16 has four mechanisms of it:
 *
 * KEYWRAP_KW, CKM_AES_KEY_WRAP: RFC 3394, multiples of 8 bytes from 16 on.
 * What PKCS#11 adds when a key is wrapped, zeros up to such a multiple, and
 * their end by the template when it is unwrapped, is the caller's.
 *
 * KEYWRAP_KWP, CKM_AES_KEY_WRAP_KWP: RFC 5649, any length but 0; the length
 * is wrapped with it.
 *
 * KEYWRAP_PKCS7, CKM_AES_KEY_WRAP_PKCS7: the padding of PKCS #7 to a multiple
 * of 8, then KW; 8 bytes or more, since KW has no single half block.
 *
 * CKM_AES_KEY_WRAP_PAD is deprecated, because 2.40 was read in two ways:
 * SoftHSM means KWP by it, others PKCS7. So it is a choice of the caller's.
 */
enum keywrap {
	KEYWRAP_KW,
	KEYWRAP_KWP,
	KEYWRAP_PKCS7
};

/*
 * iv: empty for the standard's own; else 8 bytes, KWP: 4
 * (CKR_MECHANISM_PARAM_INVALID). CKR_DATA_LEN_RANGE for another length than
 * those above; errors of aes_key_check.
 */
CK_RV keywrap(enum keywrap kind, const struct aes_key *key, struct view iv,
    struct view in, struct buf *out) MUST_CHECK;
/*
 * CKR_ENCRYPTED_DATA_LEN_RANGE for a length that cannot be; the same
 * CKR_ENCRYPTED_DATA_INVALID for whatever else is wrong, after the same time.
 */
CK_RV keyunwrap(enum keywrap kind, const struct aes_key *key, struct view iv,
    struct view in, struct buf *out) MUST_CHECK;

#endif
