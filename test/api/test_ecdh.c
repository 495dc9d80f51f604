/* SPDX-License-Identifier: BSD-2-Clause */
/* ECDH in the TPM against OpenSSL's, and what is done with the secret. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>

static struct curve {
	int nid;
	const char *label;
	struct p11_pair pair;
	EVP_PKEY *own;			/* its public half in OpenSSL */
} curves[] = {
	{ .nid = NID_X9_62_prime256v1, .label = "p256" },
	{ .nid = NID_secp384r1, .label = "p384" },
	{ .nid = NID_secp521r1, .label = "p521" },
};

static CK_SESSION_HANDLE session;

/* As gateways ask for it. */
#define READABLE(len) \
	P11_BOOL(CKA_TOKEN, 0), \
	P11_NUM(CKA_CLASS, CKO_SECRET_KEY), \
	P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET), \
	P11_BOOL(CKA_SENSITIVE, 0), \
	P11_BOOL(CKA_EXTRACTABLE, 1), \
	P11_BOOL(CKA_ENCRYPT, 1), \
	P11_BOOL(CKA_DECRYPT, 1), \
	P11_BOOL(CKA_WRAP, 1), \
	P11_BOOL(CKA_UNWRAP, 1), \
	P11_NUM(CKA_VALUE_LEN, len)

static int
setup(void **state)
{
	struct curve *c;

	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		c->pair = p11_ec_pair(session, c->nid, true, c->label);
		c->own = ossl_ec_of(session, c->pair.private, c->nid);
	}
	return 0;
}

static int
teardown(void **state)
{
	size_t i;

	for (i = 0; i < P11_COUNT(curves); i++)
		EVP_PKEY_free(curves[i].own);
	return p11_teardown(state);
}

static CK_RV
try_derive(const struct curve *c, CK_ECDH1_DERIVE_PARAMS *params,
    CK_ATTRIBUTE *template, CK_ULONG n, CK_OBJECT_HANDLE *key)
{
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, params, sizeof(*params) };

	*key = CK_INVALID_HANDLE;
	return p11->C_DeriveKey(session, &m, c->pair.private, template, n,
	    key);
}

/* With CKD_NULL and the gateways' template. */
static CK_RV
try_point(const struct curve *c, const struct p11_bytes *point, CK_ULONG len,
    CK_OBJECT_HANDLE *key)
{
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point->len,
		p11_in(point->data) };
	CK_ATTRIBUTE template[] = { READABLE(len) };

	return try_derive(c, &params, template, P11_COUNT(template), key);
}

static void
agrees(const struct curve *c, EVP_PKEY *peer)
{
	struct p11_bytes expected = ossl_ecdh(peer, c->own);
	struct p11_bytes point = ossl_ec_point(peer);
	CK_OBJECT_HANDLE key;

	assert_ok(try_point(c, &point, expected.len, &key));
	p11_assert_attr(session, key, CKA_VALUE, expected.data,
	    expected.len);
	p11_destroy(session, key);
}

static void
secrets_are_openssls_on_each_curve(void **state)
{
	EVP_PKEY *peer;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < P11_COUNT(curves); i++)
		for (n = 0; n < 20; n++) {
			peer = ossl_ec_new(curves[i].nid);
			agrees(&curves[i], peer);
			EVP_PKEY_free(peer);
		}
}

/* A peer with which the common secret begins with a zero byte: 1 in 256. */
static EVP_PKEY *
peer_of_a_short_secret(const struct curve *c)
{
	struct p11_bytes secret;
	EVP_PKEY *peer = NULL;

	do {
		EVP_PKEY_free(peer);
		peer = ossl_ec_new(c->nid);
		secret = ossl_ecdh(peer, c->own);
	} while (secret.data[0] != 0);
	return peer;
}

static void
three_hundred_peers_and_short_secrets(void **state)
{
	EVP_PKEY *peer;
	int i;

	(void)state;
	for (i = 0; i < 300; i++) {
		peer = i < 3 ? peer_of_a_short_secret(&curves[0]) :
		    ossl_ec_new(curves[0].nid);
		agrees(&curves[0], peer);
		EVP_PKEY_free(peer);
	}
}

/* Found in software: no TPM call for those that are no use. P-521's secrets
 * begin with 00 or 01 in any case, so P-384 stands for the other curves. */
static void
a_short_secret_on_p384(void **state)
{
	EVP_PKEY *peer = peer_of_a_short_secret(&curves[1]);

	(void)state;
	agrees(&curves[1], peer);
	EVP_PKEY_free(peer);
}

static void
points_raw_and_in_der(void **state)
{
	struct p11_bytes expected, point, wrapped;
	CK_OBJECT_HANDLE key;
	EVP_PKEY *peer;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(curves); i++) {
		peer = ossl_ec_new(curves[i].nid);
		expected = ossl_ecdh(peer, curves[i].own);
		point = ossl_ec_point(peer);
		wrapped = ossl_octet_string(&point);
		assert_ok(try_point(&curves[i], &wrapped, expected.len, &key));
		p11_assert_attr(session, key, CKA_VALUE, expected.data,
		    expected.len);
		EVP_PKEY_free(peer);
	}
}

/* One point, and what can be wrong with it. */
static void
refuses(const struct curve *c, const struct p11_bytes *point, const char *why)
{
	CK_OBJECT_HANDLE key;
	CK_RV rv = try_point(c, point, 32, &key);

	if (rv != CKR_MECHANISM_PARAM_INVALID)
		fail_msg("%s: %s", why, p11_rv_name(rv));
	assert_int_equal(key, CK_INVALID_HANDLE);
}

static void
points_that_are_none(void **state)
{
	EVP_PKEY *peer;
	struct p11_bytes good, p;
	const struct curve *c;

	(void)state;
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		peer = ossl_ec_new(c->nid);
		good = ossl_ec_point(peer);
		EVP_PKEY_free(peer);
		p = good;
		p.data[p.len - 1] ^= 1;
		refuses(c, &p, "off the curve");
		p = ossl_octet_string(&p);
		refuses(c, &p, "off the curve, in DER");
		p = (struct p11_bytes){ .len = 1, .data = { 0 } };
		refuses(c, &p, "infinity");
		p = (struct p11_bytes){ .len = good.len, .data = { 4 } };
		refuses(c, &p, "zeros");
		memset(p.data + 1, 0xff, p.len - 1);
		refuses(c, &p, "beyond the field");
		p = good;
		p.len--;
		refuses(c, &p, "too short");
		p.len += 2;
		refuses(c, &p, "too long");
		p.len = 0;
		refuses(c, &p, "empty");
		p = good;
		p.data[0] = 5;
		refuses(c, &p, "of no form");
		p = ossl_octet_string(&good);
		p.len--;
		refuses(c, &p, "DER cut off");
	}
	/* of another curve */
	peer = ossl_ec_new(NID_secp384r1);
	p = ossl_ec_point(peer);
	refuses(&curves[0], &p, "of P-384");
	EVP_PKEY_free(peer);
}

static void
mechanism_parameters_are_checked(void **state)
{
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, 0, NULL };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_ATTRIBUTE template[] = { READABLE(32) };
	CK_OBJECT_HANDLE private = curves[0].pair.private, key;
	EVP_PKEY *peer = ossl_ec_new(curves[0].nid);
	struct p11_bytes point = ossl_ec_point(peer);

	(void)state;
	EVP_PKEY_free(peer);
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_DeriveKey(session, &m,
	    private, template, P11_COUNT(template), &key));
	params.pPublicData = point.data;
	params.ulPublicDataLen = point.len;
	/* shared data has no place without a KDF */
	params.pSharedData = point.data;
	params.ulSharedDataLen = 5;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_DeriveKey(session, &m,
	    private, template, P11_COUNT(template), &key));
	params.pSharedData = NULL;
	params.kdf = CKD_SHA256_KDF;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_DeriveKey(session, &m,
	    private, template, P11_COUNT(template), &key));
	params.ulSharedDataLen = 0;
	params.kdf = 0x7fffffff;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_DeriveKey(session, &m,
	    private, template, P11_COUNT(template), &key));
	params.kdf = CKD_NULL;
	m.ulParameterLen--;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_DeriveKey(session, &m,
	    private, template, P11_COUNT(template), &key));
	m.pParameter = NULL;
	m.ulParameterLen = 0;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_DeriveKey(session, &m,
	    private, template, P11_COUNT(template), &key));
}

static const struct {
	CK_EC_KDF_TYPE kdf;
	const char *md;
	const char *name;		/* of OpenSSL's */
} kdfs[] = {
	{ CKD_SHA1_KDF, "SHA1", "X963KDF" },
	{ CKD_SHA224_KDF, "SHA224", "X963KDF" },
	{ CKD_SHA256_KDF, "SHA256", "X963KDF" },
	{ CKD_SHA384_KDF, "SHA384", "X963KDF" },
	{ CKD_SHA512_KDF, "SHA512", "X963KDF" },
	{ CKD_SHA3_224_KDF, "SHA3-224", "X963KDF" },
	{ CKD_SHA3_256_KDF, "SHA3-256", "X963KDF" },
	{ CKD_SHA3_384_KDF, "SHA3-384", "X963KDF" },
	{ CKD_SHA3_512_KDF, "SHA3-512", "X963KDF" },
	{ CKD_SHA1_KDF_SP800, "SHA1", "SSKDF" },
	{ CKD_SHA256_KDF_SP800, "SHA256", "SSKDF" },
	{ CKD_SHA512_KDF_SP800, "SHA512", "SSKDF" },
};

static void
ossl_kdf(size_t kdf, const struct p11_bytes *z, const void *info, size_t len,
    void *out, size_t out_len)
{
	EVP_KDF *alg = EVP_KDF_fetch(NULL, kdfs[kdf].name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(alg);
	char md[16];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, md,
		    0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
		    p11_in(z->data), z->len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
		    p11_in(info), len),
		OSSL_PARAM_construct_end(),
	};

	(void)snprintf(md, sizeof(md), "%s", kdfs[kdf].md);
	if (len == 0)
		params[2] = OSSL_PARAM_construct_end();
	assert_int_equal(EVP_KDF_derive(ctx, out, out_len, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(alg);
}

static void
kdf_agrees(const struct curve *c, size_t kdf, CK_ULONG shared, CK_ULONG len)
{
	EVP_PKEY *peer = ossl_ec_new(c->nid);
	struct p11_bytes point = ossl_ec_point(peer);
	struct p11_bytes z = ossl_ecdh(peer, c->own);
	CK_BYTE data[100], expected[200];
	CK_ECDH1_DERIVE_PARAMS params = { kdfs[kdf].kdf, shared,
		shared == 0 ? NULL : data, point.len, point.data };
	CK_ATTRIBUTE template[] = { READABLE(len) };
	CK_OBJECT_HANDLE key;

	ossl_random(data, sizeof(data));
	ossl_kdf(kdf, &z, data, shared, expected, len);
	assert_ok(try_derive(c, &params, template, P11_COUNT(template),
	    &key));
	p11_assert_attr(session, key, CKA_VALUE, expected, len);
	p11_destroy(session, key);
	EVP_PKEY_free(peer);
}

static void
kdfs_are_openssls(void **state)
{
	size_t i, kdf;

	(void)state;
	for (i = 0; i < P11_COUNT(curves); i++)
		for (kdf = 0; kdf < P11_COUNT(kdfs); kdf++) {
			kdf_agrees(&curves[i], kdf, 0, 32);
			kdf_agrees(&curves[i], kdf, 17, 16);
			/* longer than the secret and the hash */
			kdf_agrees(&curves[i], kdf, 100, 200);
		}
}

/* The curves have a cofactor of 1, so it is the same secret. */
static void
cofactor_ecdh_is_the_same_here(void **state)
{
	EVP_PKEY *peer = ossl_ec_new(curves[0].nid);
	struct p11_bytes point = ossl_ec_point(peer);
	struct p11_bytes z = ossl_ecdh(peer, curves[0].own);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point.len,
		point.data };
	CK_MECHANISM m = { CKM_ECDH1_COFACTOR_DERIVE, &params,
		sizeof(params) };
	CK_ATTRIBUTE template[] = { READABLE(32) };
	CK_OBJECT_HANDLE key;

	(void)state;
	EVP_PKEY_free(peer);
	if (p11_mechanism_flags(m.mechanism) == 0)
		return;			/* not advertised */
	assert_ok(p11->C_DeriveKey(session, &m, curves[0].pair.private,
	    template, P11_COUNT(template), &key));
	p11_assert_attr(session, key, CKA_VALUE, z.data, 32);
}

/* strongSwan's: what is not said is readable, as long as the curve. */
static void
class_and_type_alone(void **state)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
	};
	EVP_PKEY *peer;
	struct p11_bytes point, z;
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, 0, point.data };
	CK_OBJECT_HANDLE key;
	struct curve *c;

	(void)state;
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		peer = ossl_ec_new(c->nid);
		point = ossl_ec_point(peer);
		z = ossl_ecdh(peer, c->own);
		params.ulPublicDataLen = point.len;
		assert_ok(try_derive(c, &params, template, 2, &key));
		assert_true(p11_get_bool(session, key, CKA_EXTRACTABLE));
		assert_false(p11_get_bool(session, key, CKA_SENSITIVE));
		assert_false(p11_get_bool(session, key, CKA_TOKEN));
		assert_false(p11_get_bool(session, key, CKA_LOCAL));
		assert_int_equal(p11_get_num(session, key, CKA_VALUE_LEN),
		    z.len);
		p11_assert_attr(session, key, CKA_VALUE, z.data, z.len);
		EVP_PKEY_free(peer);
	}
}

/* "The truncation removes bytes from the leading end" (3.1, 6.3.17). */
static void
a_shorter_secret_is_the_end_of_it(void **state)
{
	EVP_PKEY *peer = ossl_ec_new(curves[0].nid);
	struct p11_bytes point = ossl_ec_point(peer);
	struct p11_bytes z = ossl_ecdh(peer, curves[0].own);
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(try_point(&curves[0], &point, 16, &key));
	p11_assert_attr(session, key, CKA_VALUE, z.data + 16, 16);
	assert_int_equal(p11_get_num(session, key, CKA_VALUE_LEN), 16);
	/* there is no more than there is */
	assert_rv_in(try_point(&curves[0], &point, 33, &key),
	    CKR_KEY_SIZE_RANGE, CKR_TEMPLATE_INCONSISTENT,
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_rv_in(try_point(&curves[0], &point, 0, &key),
	    CKR_KEY_SIZE_RANGE, CKR_TEMPLATE_INCONSISTENT,
	    CKR_ATTRIBUTE_VALUE_INVALID);
	EVP_PKEY_free(peer);
}

static void
a_sensitive_secret_is_not_told(void **state)
{
	EVP_PKEY *peer = ossl_ec_new(curves[0].nid);
	struct p11_bytes point = ossl_ec_point(peer);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point.len,
		point.data };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
	};
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(try_derive(&curves[0], &params, template, 4, &key));
	assert_rv(CKR_ATTRIBUTE_SENSITIVE,
	    p11_get_rv(session, key, CKA_VALUE));
	EVP_PKEY_free(peer);
}

static void
templates_that_ask_for_nonsense(void **state)
{
	EVP_PKEY *peer = ossl_ec_new(curves[0].nid);
	struct p11_bytes point = ossl_ec_point(peer);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point.len,
		point.data };
	CK_ATTRIBUTE class = P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY);
	CK_ATTRIBUTE value[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_STR(CKA_VALUE, "chosen by the caller"),
	};
	CK_ULONG before = p11_count(session, NULL, 0);
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_rv_in(try_derive(&curves[0], &params, &class, 1, &key),
	    CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID,
	    CKR_TEMPLATE_INCOMPLETE);
	assert_rv_in(try_derive(&curves[0], &params, value, 3, &key),
	    CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(p11_count(session, NULL, 0), before);
	EVP_PKEY_free(peer);
}

static void
only_keys_that_may_derive_do(void **state)
{
	EVP_PKEY *peer = ossl_ec_new(curves[0].nid);
	struct p11_bytes point = ossl_ec_point(peer);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point.len,
		point.data };
	CK_MECHANISM gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct p11_bytes oid = ossl_curve_oid(curves[0].nid);
	CK_ATTRIBUTE public = P11_BYTES(CKA_EC_PARAMS, oid.data, oid.len);
	CK_ATTRIBUTE private[] = { P11_BOOL(CKA_DERIVE, 0),
		P11_BOOL(CKA_SIGN, 1) };
	struct curve other = curves[0];
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(p11->C_GenerateKeyPair(session, &gen, &public, 1, private,
	    2, &other.pair.public, &other.pair.private));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED,
	    try_derive(&other, &params, NULL, 0, &key));
	other.pair.private = curves[0].pair.public;
	assert_rv_in(try_derive(&other, &params, NULL, 0, &key),
	    CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED,
	    CKR_KEY_HANDLE_INVALID);
	other.pair.private = 0x7ffffff0;
	assert_rv(CKR_KEY_HANDLE_INVALID,
	    try_derive(&other, &params, NULL, 0, &key));
	EVP_PKEY_free(peer);
}

/* The gateway's daemon never destroys what it has derived. */
static void
a_thousand_secrets_in_one_session(void **state)
{
	CK_SESSION_HANDLE keep = session;
	EVP_PKEY *peer = ossl_ec_new(curves[0].nid);
	struct p11_bytes point = ossl_ec_point(peer);
	struct p11_bytes z = ossl_ecdh(peer, curves[0].own);
	CK_ULONG before = p11_count(session, NULL, 0);
	CK_OBJECT_HANDLE first = 0, key = 0, last = 0;
	int i;

	(void)state;
	session = p11_open_ro();
	for (i = 0; i < 1000; i++) {
		last = key;
		assert_ok(try_point(&curves[0], &point, 32, &key));
		assert_int_not_equal(key, last);
		if (i == 0)
			first = key;
	}
	p11_assert_attr(session, first, CKA_VALUE, z.data, 32);
	p11_assert_attr(session, key, CKA_VALUE, z.data, 32);
	assert_ok(p11->C_CloseSession(session));
	session = keep;
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(session, first, CKA_VALUE));
	assert_int_equal(p11_count(session, NULL, 0), before);
	EVP_PKEY_free(peer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_openssls_on_each_curve),
		cmocka_unit_test(three_hundred_peers_and_short_secrets),
		cmocka_unit_test(a_short_secret_on_p384),
		cmocka_unit_test(points_raw_and_in_der),
		cmocka_unit_test(points_that_are_none),
		cmocka_unit_test(mechanism_parameters_are_checked),
		cmocka_unit_test(kdfs_are_openssls),
		cmocka_unit_test(cofactor_ecdh_is_the_same_here),
		cmocka_unit_test(class_and_type_alone),
		cmocka_unit_test(a_shorter_secret_is_the_end_of_it),
		cmocka_unit_test(a_sensitive_secret_is_not_told),
		cmocka_unit_test(templates_that_ask_for_nonsense),
		cmocka_unit_test(only_keys_that_may_derive_do),
		cmocka_unit_test(a_thousand_secrets_in_one_session),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
