/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_ossl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

/* Takes what an i2d function has allocated. */
static struct p11_bytes
take(unsigned char **der, int len)
{
	struct p11_bytes out = { .len = 0 };

	assert_in_range(len, 1, sizeof(out.data));
	memcpy(out.data, *der, (size_t)len);
	out.len = (CK_ULONG)len;
	OPENSSL_free(*der);
	*der = NULL;
	return out;
}

struct p11_bytes
ossl_curve_oid(int nid)
{
	unsigned char *der = NULL;
	int len = i2d_ASN1_OBJECT(OBJ_nid2obj(nid), &der);

	return take(&der, len);
}

CK_ULONG
ossl_field_len(int nid)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
	int bits;

	assert_non_null(group);
	bits = EC_GROUP_get_degree(group);
	EC_GROUP_free(group);
	return (CK_ULONG)(bits + 7) / 8;
}

static EVP_PKEY *
from_params(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY,
	    params), 1);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return key;
}

struct p11_bytes
ossl_octet_string_inner(const struct p11_bytes *in)
{
	struct p11_bytes out = { .len = 0 };
	const unsigned char *p = in->data;
	ASN1_OCTET_STRING *s = d2i_ASN1_OCTET_STRING(NULL, &p, (long)in->len);

	assert_non_null(s);
	assert_ptr_equal(p, in->data + in->len);
	out.len = (CK_ULONG)ASN1_STRING_length(s);
	memcpy(out.data, ASN1_STRING_get0_data(s), out.len);
	ASN1_OCTET_STRING_free(s);
	return out;
}

struct p11_bytes
ossl_octet_string(const struct p11_bytes *in)
{
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	unsigned char *der = NULL;
	int len;

	assert_int_equal(ASN1_STRING_set(s, in->data, (int)in->len), 1);
	len = i2d_ASN1_OCTET_STRING(s, &der);
	ASN1_OCTET_STRING_free(s);
	return take(&der, len);
}

EVP_PKEY *
ossl_ec_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, int nid)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	struct p11_bytes wrapped, point;

	p11_get(session, key, CKA_EC_POINT, &wrapped);
	point = ossl_octet_string_inner(&wrapped);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	    OBJ_nid2sn(nid), 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	    point.data, point.len);
	return from_params("EC", build);
}

EVP_PKEY *
ossl_rsa_of(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	struct p11_bytes modulus, exponent;
	EVP_PKEY *out;
	BIGNUM *n, *e;

	p11_get(session, key, CKA_MODULUS, &modulus);
	p11_get(session, key, CKA_PUBLIC_EXPONENT, &exponent);
	n = BN_bin2bn(modulus.data, (int)modulus.len, NULL);
	e = BN_bin2bn(exponent.data, (int)exponent.len, NULL);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	out = from_params("RSA", build);
	BN_free(n);
	BN_free(e);
	return out;
}

EVP_PKEY *
ossl_ec_new(int nid)
{
	EVP_PKEY *key = EVP_EC_gen(OBJ_nid2sn(nid));

	assert_non_null(key);
	return key;
}

struct p11_bytes
ossl_ec_point(EVP_PKEY *key)
{
	struct p11_bytes out = { .len = 0 };
	size_t len = 0;

	assert_int_equal(EVP_PKEY_get_octet_string_param(key,
	    OSSL_PKEY_PARAM_PUB_KEY, out.data, sizeof(out.data), &len), 1);
	out.len = len;
	return out;
}

bool
ossl_ecdsa_ok(EVP_PKEY *key, const void *digest, size_t len,
    const struct p11_bytes *signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int half = (int)(signature->len / 2), der_len, ok;
	unsigned char *der = NULL;

	ECDSA_SIG_set0(sig, BN_bin2bn(signature->data, half, NULL),
	    BN_bin2bn(signature->data + half, half, NULL));
	der_len = i2d_ECDSA_SIG(sig, &der);
	assert_true(der_len > 0);
	assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
	ok = EVP_PKEY_verify(ctx, der, (size_t)der_len, digest, len);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(ctx);
	return ok == 1;
}

struct p11_bytes
ossl_ecdh(EVP_PKEY *own, EVP_PKEY *peer)
{
	struct p11_bytes out = { .len = 0 };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t len = sizeof(out.data);

	assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(ctx, peer), 1);
	assert_int_equal(EVP_PKEY_derive(ctx, out.data, &len), 1);
	EVP_PKEY_CTX_free(ctx);
	out.len = len;
	return out;
}

struct p11_bytes
ossl_digest(const char *md, const void *in, size_t len)
{
	struct p11_bytes out = { .len = 0 };
	size_t n = 0;

	assert_int_equal(EVP_Q_digest(NULL, md, NULL, in, len, out.data, &n),
	    1);
	out.len = n;
	return out;
}

void
ossl_random(void *out, size_t len)
{
	assert_int_equal(RAND_bytes(out, (int)len), 1);
}

void
ossl_make_cert(const char *name, struct ossl_cert *out)
{
	EVP_PKEY *key = ossl_ec_new(NID_X9_62_prime256v1);
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	unsigned char *der = NULL;

	ASN1_INTEGER_set(X509_get_serialNumber(x), 4711);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, subject);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	out->der = take(&der, i2d_X509(x, &der));
	out->subject = take(&der, i2d_X509_NAME(subject, &der));
	out->serial = take(&der, i2d_ASN1_INTEGER(X509_get_serialNumber(x),
	    &der));
	X509_free(x);
	EVP_PKEY_free(key);
}
