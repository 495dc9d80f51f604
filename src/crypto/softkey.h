/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_SOFTKEY_H
#define CRYPTO_SOFTKEY_H

#include "util/buf.h"

/*
 * Private keys that no TPM has, in software (`software_keys: allow`): those
 * that are made from a seed. RSA is in rsa_key.h.
 *
 * While one is open, OpenSSL holds what it made of the seed in memory of its
 * own, which it wipes but does not lock. ML-DSA and ML-KEM need OpenSSL 3.5;
 * an older one has softkey_exists say no, and all else that names such a type
 * say CKR_MECHANISM_INVALID.
 */
enum softkey_use {
	SOFTKEY_SIGN,		/* Ed25519, Ed448, ML-DSA */
	SOFTKEY_AGREE,		/* X25519, X448 */
	SOFTKEY_KEM		/* ML-KEM */
};

struct softkey_type {
	const char *name;	/* OpenSSL's */
	CK_KEY_TYPE key_type;
	CK_ULONG set;		/* CKA_PARAMETER_SET; 0: has a curve */
	const char *curve;	/* its name (RFC 8032, RFC 7748), or NULL */
	enum softkey_use use;
	struct view oid;	/* RFC 8410, 9881, 9935; without its head */
	int seed_tag;		/* of the seed within a PrivateKeyInfo */
	size_t seed;		/* bytes */
	size_t public;		/* of a public key */
	size_t output;		/* of a signature, a secret or, KEM, both */
	size_t secret;		/* KEM: of the secret alone */
};

/* By CKA_EC_PARAMS, an OID or a PrintableString with the curve's name
 * (PKCS#11 3.1, 6.3.5); NULL for any other curve. */
const struct softkey_type *softkey_by_params(struct view params);
/* By CKA_KEY_TYPE and CKA_PARAMETER_SET. */
const struct softkey_type *softkey_by_set(CK_KEY_TYPE type, CK_ULONG set);
/* The OID of RFC 8410, in DER, for CKA_EC_PARAMS of a new key. */
CK_RV softkey_params(const struct softkey_type *t, struct buf *out) MUST_CHECK;
bool softkey_exists(const struct softkey_type *t);

/*
 * CKA_EC_POINT of an Edwards or Montgomery key: bytes as they are (3.1), or in
 * an OCTET STRING (3.0 as many read it). raw lies in in. CKR_DATA_INVALID for
 * another length.
 */
CK_RV softkey_point(const struct softkey_type *t, struct view in,
    struct view *raw) MUST_CHECK;
/* SubjectPublicKeyInfo of a public key; replaces der. */
CK_RV softkey_public_info(const struct softkey_type *t, struct view raw,
    struct buf *der) MUST_CHECK;

/* PrivateKeyInfo of a new key, or of a seed (CKA_VALUE); replaces der.
 * CKR_ATTRIBUTE_VALUE_INVALID for a seed of another length. */
CK_RV softkey_generate(const struct softkey_type *t,
    struct buf *der) MUST_CHECK;
CK_RV softkey_from_seed(const struct softkey_type *t, struct view seed,
    struct buf *der) MUST_CHECK;

/* Immutable, so threads may share one. */
struct softkey;

/*
 * From a PrivateKeyInfo of anybody's. CKR_DATA_INVALID; of an ML key only the
 * form that is the seed alone is taken. CKR_KEY_TYPE_INCONSISTENT.
 */
CK_RV softkey_open(struct view der, struct softkey **out) MUST_CHECK;
void softkey_free(struct softkey **k);
const struct softkey_type *softkey_type(const struct softkey *k);
/* The seed, in der as softkey_open takes it; the views lie in der. */
CK_RV softkey_seed(struct view der, const struct softkey_type **t,
    struct view *seed) MUST_CHECK;
CK_RV softkey_public(const struct softkey *k, struct buf *raw) MUST_CHECK;

/*
 * The pure form of a signature, without a context. For these functions and
 * the next, a type that does not have them is CKR_KEY_TYPE_INCONSISTENT.
 */
CK_RV softkey_sign(const struct softkey *k, struct view message,
    struct buf *signature) MUST_CHECK;
/* CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE; CKR_DATA_INVALID for what
 * is no public key. */
CK_RV softkey_verify(const struct softkey_type *t, struct view public,
    struct view message, struct view signature) MUST_CHECK;

/* CKR_DATA_INVALID for a peer of another length or of small order. */
CK_RV softkey_agree(const struct softkey *k, struct view peer,
    struct buf *z) MUST_CHECK;

/* CKR_DATA_INVALID for what is no public key, no ciphertext by its length. */
CK_RV softkey_encapsulate(const struct softkey_type *t, struct view public,
    struct buf *ciphertext, struct buf *secret) MUST_CHECK;
CK_RV softkey_decapsulate(const struct softkey *k, struct view ciphertext,
    struct buf *secret) MUST_CHECK;

#endif
