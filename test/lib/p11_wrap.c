/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_wrap.h"

#include <openssl/obj_mac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

static CK_RSA_PKCS_OAEP_PARAMS oaep_sha1 = { CKM_SHA_1, CKG_MGF1_SHA1,
	CKZ_DATA_SPECIFIED, NULL, 0 };
static CK_RSA_PKCS_OAEP_PARAMS oaep_sha256 = { CKM_SHA256, CKG_MGF1_SHA256,
	CKZ_DATA_SPECIFIED, (char[]){ "a label" }, 7 };
static CK_RSA_AES_KEY_WRAP_PARAMS rsa_aes[] = {
	{ 128, &oaep_sha1 }, { 192, &oaep_sha256 }, { 256, &oaep_sha256 },
};
static CK_ECDH_AES_KEY_WRAP_PARAMS ecdh_aes[] = {
	{ 256, CKD_NULL, 0, NULL },
	{ 128, CKD_SHA1_KDF, 0, NULL },
	{ 192, CKD_SHA256_KDF, 6, (CK_BYTE[]){ "shared" } },
	{ 256, CKD_SHA384_KDF, 6, (CK_BYTE[]){ "shared" } },
};

#define P(params) (void *)&(params), sizeof(params)
#define P256 NID_X9_62_prime256v1
#define P384 NID_secp384r1

const struct wrap_case wrap_cases[] = {
	{ "RSA_PKCS", { CKM_RSA_PKCS, NULL, 0 }, 0, NULL, NULL, 0 },
	{ "OAEP SHA-1", { CKM_RSA_PKCS_OAEP, P(oaep_sha1) }, 0, "SHA1", NULL,
	    0 },
	{ "OAEP SHA-256", { CKM_RSA_PKCS_OAEP, P(oaep_sha256) }, 0, "SHA256",
	    "a label", 0 },
	{ "RSA_AES 128", { CKM_RSA_AES_KEY_WRAP, P(rsa_aes[0]) }, 0, "SHA1",
	    NULL, 16 },
	{ "RSA_AES 192", { CKM_RSA_AES_KEY_WRAP, P(rsa_aes[1]) }, 0,
	    "SHA256", "a label", 24 },
	{ "RSA_AES 256", { CKM_RSA_AES_KEY_WRAP, P(rsa_aes[2]) }, 0,
	    "SHA256", "a label", 32 },
	{ "ECDH_AES NULL", { CKM_ECDH_AES_KEY_WRAP, P(ecdh_aes[0]) }, P256,
	    NULL, NULL, 32 },
	{ "ECDH_AES NULL P-384", { CKM_ECDH_AES_KEY_WRAP, P(ecdh_aes[0]) },
	    P384, NULL, NULL, 32 },
	{ "ECDH_AES SHA-1", { CKM_ECDH_AES_KEY_WRAP, P(ecdh_aes[1]) }, P256,
	    "SHA1", NULL, 16 },
	{ "ECDH_AES SHA-256", { CKM_ECDH_AES_KEY_WRAP, P(ecdh_aes[2]) }, P384,
	    "SHA256", "shared", 24 },
	{ "ECDH_COF_AES", { CKM_ECDH_COF_AES_KEY_WRAP, P(ecdh_aes[3]) }, P256,
	    "SHA384", "shared", 32 },
};
const size_t wrap_case_count = P11_COUNT(wrap_cases);

struct p11_pair
wrap_pair_with(CK_SESSION_HANDLE session, int nid, CK_ATTRIBUTE *public,
    CK_ATTRIBUTE *private)
{
	struct p11_bytes oid = ossl_curve_oid(nid != 0 ? nid : P256);
	CK_MECHANISM m = { nid != 0 ? CKM_EC_KEY_PAIR_GEN :
	    CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE pub[3] = {
		P11_BOOL(CKA_WRAP, 1),
		nid != 0 ? (CK_ATTRIBUTE)P11_BYTES(CKA_EC_PARAMS, oid.data,
		    oid.len) : (CK_ATTRIBUTE)P11_NUM(CKA_MODULUS_BITS, 2048),
	};
	CK_ATTRIBUTE priv[2] = { P11_BOOL(CKA_UNWRAP, 1) };
	CK_ULONG pubs = 2, privs = 1;
	struct p11_pair pair;

	if (public != NULL)
		pub[pubs++] = *public;
	if (private != NULL)
		priv[privs++] = *private;
	assert_ok(p11->C_GenerateKeyPair(session, &m, pub, pubs, priv, privs,
	    &pair.public, &pair.private));
	return pair;
}

struct p11_pair
wrap_pair(CK_SESSION_HANDLE session, int nid)
{
	return wrap_pair_with(session, nid, NULL, NULL);
}

CK_OBJECT_HANDLE
wrap_secret(CK_SESSION_HANDLE session, CK_KEY_TYPE type, const void *value,
    size_t len)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, type),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 1),
		P11_BYTES(CKA_VALUE, value, len),
	};

	return p11_create(session, template, P11_COUNT(template));
}

void
wrap(CK_SESSION_HANDLE session, const CK_MECHANISM *m, CK_OBJECT_HANDLE by,
    CK_OBJECT_HANDLE key, struct p11_bytes *out)
{
	CK_MECHANISM mechanism = *m;
	CK_ULONG len = 0;

	assert_ok(p11->C_WrapKey(session, &mechanism, by, key, NULL, &len));
	assert_in_range(len, 1, sizeof(out->data));
	out->len = len - 1;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11->C_WrapKey(session, &mechanism,
	    by, key, out->data, &out->len));
	assert_int_equal(out->len, len);
	assert_ok(p11->C_WrapKey(session, &mechanism, by, key, out->data,
	    &out->len));
	assert_int_equal(out->len, len);
}

CK_RV
wrap_rv(CK_SESSION_HANDLE session, const CK_MECHANISM *m, CK_OBJECT_HANDLE by,
    CK_OBJECT_HANDLE key)
{
	static struct p11_bytes out;
	CK_MECHANISM mechanism = *m;

	out.len = sizeof(out.data);
	return p11->C_WrapKey(session, &mechanism, by, key, out.data,
	    &out.len);
}

CK_RV
unwrap(CK_SESSION_HANDLE session, const CK_MECHANISM *m, CK_OBJECT_HANDLE by,
    const struct p11_bytes *wrapped, CK_ATTRIBUTE *template, CK_ULONG n,
    CK_OBJECT_HANDLE *key)
{
	CK_MECHANISM mechanism = *m;

	return p11->C_UnwrapKey(session, &mechanism, by,
	    p11_in(wrapped->data), wrapped->len, template, n, key);
}

/* --- the other side */

static struct p11_bytes
rsa_crypt(const struct wrap_case *c, EVP_PKEY *key, bool encrypt,
    const void *in, size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	struct p11_bytes out;
	size_t room = sizeof(out.data);

	assert_int_equal(encrypt ? EVP_PKEY_encrypt_init(ctx) :
	    EVP_PKEY_decrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, c->md != NULL ?
	    RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING), 1);
	if (c->md != NULL)
		assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx,
		    EVP_get_digestbyname(c->md)), 1);
	if (c->label != NULL)
		assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx,
		    OPENSSL_strdup(c->label), (int)strlen(c->label)), 1);
	assert_int_equal(encrypt ?
	    EVP_PKEY_encrypt(ctx, out.data, &room, in, len) :
	    EVP_PKEY_decrypt(ctx, out.data, &room, in, len), 1);
	EVP_PKEY_CTX_free(ctx);
	out.len = room;
	return out;
}

static struct p11_bytes
kwp(const struct p11_bytes *aes, bool encrypt, const void *in, size_t n)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct p11_bytes out;
	int len, last;

	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	assert_int_equal(EVP_CipherInit_ex(ctx, aes->len == 16 ?
	    EVP_aes_128_wrap_pad() : aes->len == 24 ?
	    EVP_aes_192_wrap_pad() : EVP_aes_256_wrap_pad(), NULL, aes->data,
	    NULL, encrypt), 1);
	assert_int_equal(EVP_CipherUpdate(ctx, out.data, &len, in, (int)n),
	    1);
	assert_int_equal(EVP_CipherFinal_ex(ctx, out.data + len, &last), 1);
	EVP_CIPHER_CTX_free(ctx);
	out.len = (CK_ULONG)(len + last);
	return out;
}

static struct p11_bytes
joined(const struct p11_bytes *a, const struct p11_bytes *b)
{
	struct p11_bytes out = *a;

	assert_in_range(a->len + b->len, 1, sizeof(out.data));
	memcpy(out.data + a->len, b->data, b->len);
	out.len += b->len;
	return out;
}

/* ANSI X9.63 over the common secret, or its end. */
static struct p11_bytes
agreed_key(const struct wrap_case *c, EVP_PKEY *own, EVP_PKEY *peer)
{
	struct p11_bytes z = ossl_ecdh(own, peer), in, part;
	struct p11_bytes out = { .len = 0 };
	CK_BYTE counter = 0;

	if (c->md == NULL) {
		memcpy(out.data, z.data + z.len - c->aes, c->aes);
		out.len = c->aes;
		return out;
	}
	while (out.len < c->aes) {
		in = z;
		memcpy(in.data + in.len, (CK_BYTE[]){ 0, 0, 0, ++counter }, 4);
		in.len += 4;
		if (c->label != NULL) {
			memcpy(in.data + in.len, c->label, strlen(c->label));
			in.len += strlen(c->label);
		}
		part = ossl_digest(c->md, in.data, in.len);
		out = joined(&out, &part);
	}
	out.len = c->aes;
	return out;
}

struct p11_bytes
ossl_wrap(const struct wrap_case *c, EVP_PKEY *public, const void *plain,
    size_t len)
{
	struct p11_bytes aes = { .len = c->aes }, front, rest;
	EVP_PKEY *once;

	if (c->aes == 0)
		return rsa_crypt(c, public, true, plain, len);
	if (c->nid == 0) {
		ossl_random(aes.data, aes.len);
		front = rsa_crypt(c, public, true, aes.data, aes.len);
	} else {
		once = ossl_ec_new(c->nid);
		front = ossl_ec_point(once);
		aes = agreed_key(c, once, public);
		EVP_PKEY_free(once);
	}
	rest = kwp(&aes, true, plain, len);
	return joined(&front, &rest);
}

/* A point of the wrapped key as a public key. */
static EVP_PKEY *
point_key(EVP_PKEY *like, const CK_BYTE *point, size_t len)
{
	EVP_PKEY *out = EVP_PKEY_new();

	assert_int_equal(EVP_PKEY_copy_parameters(out, like), 1);
	assert_int_equal(EVP_PKEY_set1_encoded_public_key(out, point, len),
	    1);
	return out;
}

struct p11_bytes
ossl_unwrap(const struct wrap_case *c, EVP_PKEY *private,
    const struct p11_bytes *wrapped)
{
	struct p11_bytes aes;
	EVP_PKEY *once;
	size_t front;

	if (c->aes == 0)
		return rsa_crypt(c, private, false, wrapped->data,
		    wrapped->len);
	if (c->nid == 0) {
		front = (size_t)EVP_PKEY_get_size(private);
		aes = rsa_crypt(c, private, false, wrapped->data, front);
	} else {
		front = 1 + 2 * ossl_field_len(c->nid);
		once = point_key(private, wrapped->data, front);
		aes = agreed_key(c, private, once);
		EVP_PKEY_free(once);
	}
	return kwp(&aes, false, wrapped->data + front, wrapped->len - front);
}

struct p11_bytes
ossl_pkcs8(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	struct p11_bytes out;
	CK_BYTE *p = out.data;
	int len;

	assert_non_null(info);
	len = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
	assert_in_range(len, 1, sizeof(out.data));
	out.len = (CK_ULONG)i2d_PKCS8_PRIV_KEY_INFO(info, &p);
	PKCS8_PRIV_KEY_INFO_free(info);
	return out;
}
