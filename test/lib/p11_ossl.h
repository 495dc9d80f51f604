/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_OSSL_H
#define LIB_P11_OSSL_H

#include <openssl/evp.h>

#include "p11_object.h"

/*
 * OpenSSL as the judge: what the module makes is checked by it directly, and
 * not only by the module itself. All of these fail the test when OpenSSL
 * fails; keys are the caller's, freed with EVP_PKEY_free.
 */

/* CKA_EC_PARAMS of a curve, by its NID. */
struct p11_bytes ossl_curve_oid(int nid);
/* Bytes of a coordinate. */
CK_ULONG ossl_field_len(int nid);

/* From the attributes of a public (or private) key object. */
EVP_PKEY *ossl_ec_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, int nid);
EVP_PKEY *ossl_rsa_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);
EVP_PKEY *ossl_ec_new(int nid);
/* 04 || X || Y */
struct p11_bytes ossl_ec_point(EVP_PKEY *key);
/* A DER OCTET STRING, as CKA_EC_POINT is. */
struct p11_bytes ossl_octet_string(const struct p11_bytes *in);
struct p11_bytes ossl_octet_string_inner(const struct p11_bytes *in);

/* r || s, over a digest of any length. */
bool ossl_ecdsa_ok(EVP_PKEY *key, const void *digest, size_t len,
    const struct p11_bytes *signature);
/* x of the common point, as long as the field. */
struct p11_bytes ossl_ecdh(EVP_PKEY *own, EVP_PKEY *peer);

struct p11_bytes ossl_digest(const char *md, const void *in, size_t len);
void ossl_random(void *out, size_t len);

/* A self-signed certificate of a new P-256 key, in DER. */
struct ossl_cert {
	struct p11_bytes der, subject, serial;
};
void ossl_make_cert(const char *name, struct ossl_cert *out);

#endif
