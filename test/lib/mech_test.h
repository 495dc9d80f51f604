/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_MECH_TEST_H
#define TEST_MECH_TEST_H

#include <openssl/evp.h>

#include "fake_tpm_key.h"
#include "mech/mech.h"

/*
 * For test/unit/test_mech_*: keys that OpenSSL and the mechanisms share, and
 * operations in one part and in many.
 */
/* Group fixtures of cmocka, around all tests of a file. */
int mech_test_start(void **state);
int mech_test_stop(void **state);

#define NONE CK_UNAVAILABLE_INFORMATION

/* What belongs to a hash, NONE where PKCS#11 has nothing. */
struct mech_hash {
	const char *name;		/* OpenSSL's */
	CK_MECHANISM_TYPE digest;
	CK_MECHANISM_TYPE rsa;
	CK_MECHANISM_TYPE pss;
	CK_MECHANISM_TYPE ecdsa;
	CK_MECHANISM_TYPE hmac;
	CK_MECHANISM_TYPE hmac_general;
	CK_KEY_TYPE hmac_key;
	CK_RSA_PKCS_MGF_TYPE mgf;
	CK_EC_KDF_TYPE kdf;
	CK_EC_KDF_TYPE kdf_sp800;
};

#define MECH_HASHES 11
extern const struct mech_hash mech_hashes[MECH_HASHES];

/* A key pair as both sides see it. */
struct pair {
	EVP_PKEY *pkey;
	struct key *pub;
	struct key *priv;
};

/* Takes pkey; use as tpm_create_ec has it. */
void pair_open(struct pair *p, EVP_PKEY *pkey, unsigned use);
void pair_free(struct pair *p);
/* A secret key with this value. */
struct key *secret_key(CK_KEY_TYPE type, struct view value);

/* An AES key in the TPM with this value, use as tpm_create_aes has it. */
struct key *tpm_aes_key(struct view value, unsigned use);
/* A secret in the TPM, for HMAC. */
struct key *tpm_secret_key(CK_KEY_TYPE type, struct view value);

/* A derivation from one key to one, without a template but a. */
CK_RV mech_derive_one(const CK_MECHANISM *m, struct key *base,
    const struct tpm_caps *caps, struct attrs *a) MUST_CHECK;

/* A mechanism with its parameter. */
CK_MECHANISM mech_plain(CK_MECHANISM_TYPE type);
CK_MECHANISM mech_param(CK_MECHANISM_TYPE type, void *p, size_t len);

/* Start, update, finish. */
CK_RV run_once(enum mech_use use, CK_MECHANISM m, struct key *key,
    struct view in, struct buf *out) MUST_CHECK;
/* The same with the input in random parts, some of them empty. */
CK_RV run_parts(enum mech_use use, CK_MECHANISM m, struct key *key,
    struct view in, struct buf *out) MUST_CHECK;
CK_RV verify_once(CK_MECHANISM m, struct key *key, struct view in,
    struct view signature) MUST_CHECK;
CK_RV verify_parts(CK_MECHANISM m, struct key *key, struct view in,
    struct view signature) MUST_CHECK;
/* Only mech_start, and how many commands it may take: none. */
CK_RV try_start(enum mech_use use, CK_MECHANISM m,
    struct key *key) MUST_CHECK;

/* len random bytes; they live until the next call. */
struct view random_bytes(size_t len);
/* A random number below n. */
size_t random_below(size_t n);

/* The DER form of a raw r | s, for OpenSSL. */
void signature_der(struct view raw, struct buf *der);

#endif
