/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_AES_KEY_H
#define CRYPTO_AES_KEY_H

#include "util/buf.h"

#define AES_BLOCK 16

/*
 * An AES key for the modes that are made of encrypted blocks (gcm.h, ccm.h,
 * mac.h, keywrap.h): one whose value is known, for which OpenSSL has the mode,
 * or one that never leaves the TPM and encrypts blocks when it is asked, for
 * which we build it. Who is given one borrows it until his own end.
 *
 * The functions get any number of blocks of AES_BLOCK bytes, as many at once
 * as the mode has ready; in and out are the same place or do not overlap.
 * What they return other than CKR_OK is passed on.
 */
struct aes_key {
	struct view value;	/* 16, 24, 32 bytes; empty: the functions */
	void *arg;
	CK_RV (*encrypt)(void *arg, const uint8_t *in, uint8_t *out,
	    size_t blocks);
	/* Needed by keywrap.h alone, to unwrap. */
	CK_RV (*decrypt)(void *arg, const uint8_t *in, uint8_t *out,
	    size_t blocks);
	/*
	 * CBC encryption from iv, which becomes the last block of out. May be
	 * NULL: then a MAC costs one call of encrypt for each block.
	 */
	CK_RV (*cbc)(void *arg, uint8_t iv[AES_BLOCK], const uint8_t *in,
	    uint8_t *out, size_t blocks);
};

/* CKR_KEY_SIZE_RANGE for a known value that is no AES key. */
CK_RV aes_key_check(const struct aes_key *k) MUST_CHECK;

/* Each block by itself, whichever kind of key it is. */
CK_RV aes_key_encrypt(const struct aes_key *k, const uint8_t *in,
    uint8_t *out, size_t blocks) MUST_CHECK;
CK_RV aes_key_decrypt(const struct aes_key *k, const uint8_t *in,
    uint8_t *out, size_t blocks) MUST_CHECK;

/*
 * CBC-MAC: take whole blocks into mac, which is the state between calls and
 * undefined after a failure.
 */
CK_RV aes_key_mac(const struct aes_key *k, uint8_t mac[AES_BLOCK],
    const uint8_t *in, size_t blocks) MUST_CHECK;

#endif
