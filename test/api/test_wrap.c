/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C_WrapKey and C_UnwrapKey by key pairs: each mechanism with each kind of
 * key, with OpenSSL on the other side, and what comes of bytes that are no
 * wrapped key.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include "p11_wrap.h"

static const struct {
	CK_KEY_TYPE type;
	CK_ULONG len;
} secrets[] = {
	{ CKK_GENERIC_SECRET, 1 }, { CKK_GENERIC_SECRET, 48 },
	{ CKK_GENERIC_SECRET, 117 }, { CKK_AES, 16 }, { CKK_AES, 24 },
	{ CKK_AES, 32 }, { CKK_SHA256_HMAC, 20 }, { CKK_SHA_1_HMAC, 9 },
	{ CKK_HKDF, 33 },
};

static CK_SESSION_HANDLE session;
static struct p11_pair rsa, p256, p384;
static EVP_PKEY *far_rsa, *far_p256, *far_p384;
static struct p11_bytes wrapped;

static int
setup(void **state)
{
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	rsa = wrap_pair(session, 0);
	p256 = wrap_pair(session, NID_X9_62_prime256v1);
	p384 = wrap_pair(session, NID_secp384r1);
	far_rsa = EVP_RSA_gen(2048);
	far_p256 = ossl_ec_new(NID_X9_62_prime256v1);
	far_p384 = ossl_ec_new(NID_secp384r1);
	return 0;
}

static int
teardown(void **state)
{
	EVP_PKEY_free(far_rsa);
	EVP_PKEY_free(far_p256);
	EVP_PKEY_free(far_p384);
	assert_ok(p11->C_CloseSession(session));
	return p11_teardown(state);
}

static const struct p11_pair *
pair_of(const struct wrap_case *c)
{
	return c->nid == 0 ? &rsa : c->nid == NID_secp384r1 ? &p384 : &p256;
}

static EVP_PKEY *
far_of(const struct wrap_case *c)
{
	return c->nid == 0 ? far_rsa :
	    c->nid == NID_secp384r1 ? far_p384 : far_p256;
}

static EVP_PKEY *
public_of(const struct wrap_case *c)
{
	return c->nid == 0 ? ossl_rsa_of(session, rsa.public) :
	    ossl_ec_of(session, pair_of(c)->public, c->nid);
}

static void
comes_back(const struct wrap_case *c, CK_KEY_TYPE type, const CK_BYTE *value,
    CK_ULONG len)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(type) };
	CK_OBJECT_HANDLE key = wrap_secret(session, type, value, len), back;

	wrap(session, &c->m, pair_of(c)->public, key, &wrapped);
	assert_ok(unwrap(session, &c->m, pair_of(c)->private, &wrapped,
	    template, 4, &back));
	p11_assert_attr(session, back, CKA_VALUE, value, len);
	assert_int_equal(p11_get_num(session, back, CKA_VALUE_LEN), len);
	assert_int_equal(p11_get_num(session, back, CKA_KEY_TYPE), type);
	assert_true(p11_get_bool(session, back, CKA_EXTRACTABLE));
	assert_false(p11_get_bool(session, back, CKA_LOCAL));
	assert_false(p11_get_bool(session, back, CKA_ALWAYS_SENSITIVE));
	assert_false(p11_get_bool(session, back, CKA_NEVER_EXTRACTABLE));
	p11_destroy(session, key);
	p11_destroy(session, back);
}

static void
each_mechanism_brings_each_secret_back(void **state)
{
	CK_BYTE value[117];
	size_t i, j;

	(void)state;
	for (i = 0; i < wrap_case_count; i++)
		for (j = 0; j < P11_COUNT(secrets); j++) {
			ossl_random(value, secrets[j].len);
			comes_back(&wrap_cases[i], secrets[j].type, value,
			    secrets[j].len);
		}
	printf("%zu mechanisms, %zu kinds of secret each\n", wrap_case_count,
	    P11_COUNT(secrets));
}

/* OpenSSL's public key as an object that wraps. */
static CK_OBJECT_HANDLE
far_public(const struct wrap_case *c)
{
	struct p11_bytes oid, point, n = { .len = 0 }, e = { .len = 0 };
	BIGNUM *number = NULL;
	CK_ATTRIBUTE template[5] = {
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_NUM(CKA_KEY_TYPE, c->nid == 0 ? CKK_RSA : CKK_EC),
		P11_BOOL(CKA_WRAP, 1),
	};

	if (c->nid != 0) {
		oid = ossl_curve_oid(c->nid);
		point = ossl_ec_point(far_of(c));
		point = ossl_octet_string(&point);
		template[3] = (CK_ATTRIBUTE)P11_BYTES(CKA_EC_PARAMS, oid.data,
		    oid.len);
		template[4] = (CK_ATTRIBUTE)P11_BYTES(CKA_EC_POINT,
		    point.data, point.len);
		return p11_create(session, template, 5);
	}
	assert_int_equal(EVP_PKEY_get_bn_param(far_rsa, "n", &number), 1);
	n.len = (CK_ULONG)BN_bn2bin(number, n.data);
	assert_int_equal(EVP_PKEY_get_bn_param(far_rsa, "e", &number), 1);
	e.len = (CK_ULONG)BN_bn2bin(number, e.data);
	BN_free(number);
	template[3] = (CK_ATTRIBUTE)P11_BYTES(CKA_MODULUS, n.data, n.len);
	template[4] = (CK_ATTRIBUTE)P11_BYTES(CKA_PUBLIC_EXPONENT, e.data,
	    e.len);
	return p11_create(session, template, 5);
}

static void
openssl_opens_what_was_wrapped_for_it(void **state)
{
	CK_OBJECT_HANDLE public, key;
	struct p11_bytes plain;
	CK_BYTE value[41];
	size_t i;

	(void)state;
	for (i = 0; i < wrap_case_count; i++) {
		ossl_random(value, sizeof(value));
		public = far_public(&wrap_cases[i]);
		key = wrap_secret(session, CKK_GENERIC_SECRET, value,
		    sizeof(value));
		wrap(session, &wrap_cases[i].m, public, key, &wrapped);
		plain = ossl_unwrap(&wrap_cases[i], far_of(&wrap_cases[i]),
		    &wrapped);
		assert_int_equal(plain.len, sizeof(value));
		assert_memory_equal(plain.data, value, sizeof(value));
		p11_destroy(session, public);
		p11_destroy(session, key);
	}
}

static void
the_tpm_opens_what_openssl_wrapped(void **state)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_GENERIC_SECRET) };
	CK_OBJECT_HANDLE key;
	EVP_PKEY *public;
	CK_BYTE value[57];
	size_t i;

	(void)state;
	for (i = 0; i < wrap_case_count; i++) {
		public = public_of(&wrap_cases[i]);
		ossl_random(value, sizeof(value));
		wrapped = ossl_wrap(&wrap_cases[i], public, value,
		    sizeof(value));
		assert_ok(unwrap(session, &wrap_cases[i].m,
		    pair_of(&wrap_cases[i])->private, &wrapped, template, 4,
		    &key));
		p11_assert_attr(session, key, CKA_VALUE, value,
		    sizeof(value));
		p11_destroy(session, key);
		EVP_PKEY_free(public);
	}
}

static void
a_one_time_point_may_be_compressed(void **state)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_GENERIC_SECRET) };
	const struct wrap_case *c = &wrap_cases[6];
	EVP_PKEY *public = public_of(c);
	CK_BYTE value[16] = { 1, 2, 3 };
	CK_OBJECT_HANDLE key;

	(void)state;
	wrapped = ossl_wrap(c, public, value, sizeof(value));
	wrapped.data[0] = (CK_BYTE)(2 + wrapped.data[64] % 2);
	memmove(wrapped.data + 33, wrapped.data + 65, wrapped.len - 65);
	wrapped.len -= 32;
	assert_ok(unwrap(session, &c->m, p256.private, &wrapped, template, 4,
	    &key));
	p11_assert_attr(session, key, CKA_VALUE, value, sizeof(value));
	p11_destroy(session, key);
	EVP_PKEY_free(public);
}

/* --- private keys */

/* The object signs as the key of OpenSSL that it is. */
static void
signs_for(CK_OBJECT_HANDLE key, EVP_PKEY *far, bool is_rsa)
{
	CK_MECHANISM m = { is_rsa ? CKM_SHA256_RSA_PKCS : CKM_ECDSA, NULL, 0 };
	struct p11_bytes hash = ossl_digest("SHA256", "text", 4), signature;
	EVP_MD_CTX *ctx;

	if (!is_rsa) {
		p11_sign(session, &m, key, hash.data, hash.len, &signature);
		assert_true(ossl_ecdsa_ok(far, hash.data, hash.len,
		    &signature));
		return;
	}
	p11_sign(session, &m, key, "text", 4, &signature);
	ctx = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL,
	    far), 1);
	assert_int_equal(EVP_DigestVerify(ctx, signature.data, signature.len,
	    (const CK_BYTE *)"text", 4), 1);
	EVP_MD_CTX_free(ctx);
}

static void
stays_in_the_tpm(CK_OBJECT_HANDLE key)
{
	assert_true(p11_get_bool(session, key, CKA_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	assert_false(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_NEVER_EXTRACTABLE));
	assert_false(p11_get_bool(session, key, CKA_LOCAL));
	assert_rv(CKR_KEY_UNEXTRACTABLE, wrap_rv(session, &wrap_cases[3].m,
	    rsa.public, key));
}

static void
private_key_comes_in(const struct wrap_case *c, EVP_PKEY *far, bool is_rsa,
    bool token)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_NUM(CKA_KEY_TYPE, is_rsa ? CKK_RSA : CKK_EC),
		P11_BOOL(CKA_TOKEN, token),
		P11_BOOL(CKA_SIGN, 1),
		P11_STR(CKA_LABEL, "came in"),
	};
	struct p11_bytes der = ossl_pkcs8(far);
	EVP_PKEY *public = public_of(c);
	CK_OBJECT_HANDLE key;

	wrapped = ossl_wrap(c, public, der.data, der.len);
	EVP_PKEY_free(public);
	assert_ok(unwrap(session, &c->m, pair_of(c)->private, &wrapped,
	    template, P11_COUNT(template), &key));
	stays_in_the_tpm(key);
	signs_for(key, far, is_rsa);
	assert_int_equal(p11_count_label(session, "came in"), 1);
	p11_destroy(session, key);
}

static void
private_keys_come_in_and_stay(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < wrap_case_count; i++) {
		if (wrap_cases[i].aes == 0)
			continue;
		private_key_comes_in(&wrap_cases[i], far_rsa, true, i % 2);
		private_key_comes_in(&wrap_cases[i], far_p256, false, i % 2);
		private_key_comes_in(&wrap_cases[i], far_p384, false, true);
	}
	/* short enough for PKCS #1 */
	private_key_comes_in(&wrap_cases[0], far_p256, false, false);
}

/* --- what is no wrapped key */

static CK_ULONG
objects(void)
{
	return p11_count(session, NULL, 0);
}

static CK_RV
bad(const struct wrap_case *c)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_GENERIC_SECRET) };
	CK_OBJECT_HANDLE key = 77;
	CK_ULONG before = objects();
	CK_RV rv;

	rv = unwrap(session, &c->m, pair_of(c)->private, &wrapped, template,
	    4, &key);
	if (rv == CKR_OK) {
		p11_destroy(session, key);
	} else {
		assert_int_equal(key, 77);
		assert_int_equal(objects(), before);
	}
	return rv;
}

static void
a_changed_byte_is_found(void **state)
{
	const CK_BYTE value[32] = { 7 };
	const struct wrap_case *c;
	CK_OBJECT_HANDLE key;
	CK_ULONG at;
	size_t i;

	(void)state;
	key = wrap_secret(session, CKK_GENERIC_SECRET, value, sizeof(value));
	for (i = 1; i < wrap_case_count; i++) {
		c = &wrap_cases[i];
		wrap(session, &c->m, pair_of(c)->public, key, &wrapped);
		for (at = 0; at < wrapped.len; at += 19) {
			wrapped.data[at] ^= 0x10;
			assert_rv(CKR_WRAPPED_KEY_INVALID, bad(c));
			wrapped.data[at] ^= 0x10;
		}
		wrapped.data[wrapped.len - 1] ^= 1;
		assert_rv(CKR_WRAPPED_KEY_INVALID, bad(c));
	}
	p11_destroy(session, key);
}

static void
another_length_is_found(void **state)
{
	const CK_BYTE value[32] = { 7 };
	const struct wrap_case *c;
	CK_OBJECT_HANDLE key;
	CK_ULONG len;
	size_t i;

	(void)state;
	key = wrap_secret(session, CKK_GENERIC_SECRET, value, sizeof(value));
	for (i = 0; i < wrap_case_count; i++) {
		c = &wrap_cases[i];
		wrap(session, &c->m, pair_of(c)->public, key, &wrapped);
		len = wrapped.len;
		for (wrapped.len = 0; wrapped.len < len; wrapped.len += 13)
			assert_rv_in(bad(c), CKR_WRAPPED_KEY_LEN_RANGE,
			    CKR_WRAPPED_KEY_INVALID);
		wrapped.len = len - 1;
		assert_rv(CKR_WRAPPED_KEY_LEN_RANGE, bad(c));
		wrapped.len = len + 1;
		assert_rv(CKR_WRAPPED_KEY_LEN_RANGE, bad(c));
		wrapped.len = len + 8;
		assert_rv_in(bad(c), CKR_WRAPPED_KEY_LEN_RANGE,
		    CKR_WRAPPED_KEY_INVALID);
	}
	p11_destroy(session, key);
}

static void
an_aes_key_of_another_length_is_found(void **state)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_AES) };
	CK_OBJECT_HANDLE key = wrap_secret(session, CKK_AES, "0123456789abcdef",
	    16);
	CK_OBJECT_HANDLE back;

	(void)state;
	/* cases that differ in nothing else */
	wrap(session, &wrap_cases[4].m, rsa.public, key, &wrapped);
	assert_rv(CKR_WRAPPED_KEY_INVALID, unwrap(session, &wrap_cases[5].m,
	    rsa.private, &wrapped, template, 4, &back));
	p11_destroy(session, key);
}

/*
 * Implicit rejection: of 64 wrapped keys with bad padding each gives a key,
 * the same one each time, and a length that was asked for is met by chance
 * alone. No answer but these two.
 */
static void
bad_padding_of_pkcs1_is_not_told(void **state)
{
	CK_ATTRIBUTE any[] = { WRAP_READABLE(CKK_GENERIC_SECRET) };
	CK_ATTRIBUTE sized[] = { WRAP_READABLE(CKK_AES),
		P11_NUM(CKA_VALUE_LEN, 16) };
	const CK_MECHANISM *m = &wrap_cases[0].m;
	struct p11_bytes first, again;
	CK_OBJECT_HANDLE key;
	unsigned i, fits = 0;
	CK_RV rv;

	(void)state;
	wrapped.len = 256;
	for (i = 0; i < 64; i++) {
		ossl_random(wrapped.data, wrapped.len);
		wrapped.data[0] = 0;
		rv = unwrap(session, m, rsa.private, &wrapped, any, 4, &key);
		if (rv == CKR_WRAPPED_KEY_LEN_RANGE)
			continue;	/* an empty message, one in 246 */
		assert_ok(rv);
		p11_get(session, key, CKA_VALUE, &first);
		p11_destroy(session, key);
		assert_ok(unwrap(session, m, rsa.private, &wrapped, any, 4,
		    &key));
		p11_get(session, key, CKA_VALUE, &again);
		p11_destroy(session, key);
		assert_int_equal(first.len, again.len);
		assert_memory_equal(first.data, again.data, first.len);
		rv = unwrap(session, m, rsa.private, &wrapped, sized, 5, &key);
		assert_rv(first.len == 16 ? CKR_OK :
		    CKR_WRAPPED_KEY_LEN_RANGE, rv);
		fits += rv == CKR_OK;
	}
	printf("64 wrong paddings, %u of the length asked for\n", fits);
}

static void
what_is_too_long_to_wrap_is_told(void **state)
{
	static const CK_BYTE value[246];
	CK_OBJECT_HANDLE key;

	(void)state;
	key = wrap_secret(session, CKK_GENERIC_SECRET, value, sizeof(value));
	assert_rv(CKR_KEY_SIZE_RANGE, wrap_rv(session, &wrap_cases[0].m,
	    rsa.public, key));
	assert_rv(CKR_KEY_SIZE_RANGE, wrap_rv(session, &wrap_cases[1].m,
	    rsa.public, key));
	assert_ok(wrap_rv(session, &wrap_cases[3].m, rsa.public, key));
	assert_ok(wrap_rv(session, &wrap_cases[6].m, p256.public, key));
	p11_destroy(session, key);
}

/* P-224 for AES-256 without a derivation; public keys need no TPM. */
static void
a_curve_that_is_too_small_is_refused(void **state)
{
	EVP_PKEY *kept = far_p256;
	struct wrap_case c = wrap_cases[6];
	CK_OBJECT_HANDLE key, public;

	(void)state;
	c.nid = NID_secp224r1;
	far_p256 = ossl_ec_new(c.nid);
	public = far_public(&c);
	key = wrap_secret(session, CKK_AES, "0123456789abcdef", 16);
	assert_rv(CKR_WRAPPING_KEY_SIZE_RANGE, wrap_rv(session, &c.m, public,
	    key));
	assert_ok(wrap_rv(session, &wrap_cases[10].m, public, key));
	p11_destroy(session, key);
	p11_destroy(session, public);
	EVP_PKEY_free(far_p256);
	far_p256 = kept;
}

static CK_RV
with_param(CK_MECHANISM_TYPE type, void *p, CK_ULONG len,
    const struct p11_pair *pair)
{
	CK_MECHANISM m = { type, p, len };
	CK_OBJECT_HANDLE key = wrap_secret(session, CKK_AES, "0123456789abcdef",
	    16);
	CK_RV rv = wrap_rv(session, &m, pair->public, key);

	p11_destroy(session, key);
	return rv;
}

static void
wrong_parameters_are_refused(void **state)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep = { CKM_SHA256, CKG_MGF1_SHA256,
		CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_RSA_AES_KEY_WRAP_PARAMS r = { 64, &oaep };
	CK_ECDH_AES_KEY_WRAP_PARAMS e = { 64, CKD_SHA256_KDF, 0, NULL };
#define RSA with_param(CKM_RSA_AES_KEY_WRAP, &r, sizeof(r), &rsa)
#define EC with_param(CKM_ECDH_AES_KEY_WRAP, &e, sizeof(e), &p256)

	(void)state;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, RSA);
	assert_rv(CKR_MECHANISM_PARAM_INVALID, EC);
	r.ulAESKeyBits = e.ulAESKeyBits = 256;
	assert_ok(RSA);
	assert_ok(EC);
	assert_rv(CKR_MECHANISM_PARAM_INVALID, with_param(CKM_RSA_AES_KEY_WRAP,
	    &r, sizeof(r) - 1, &rsa));
	assert_rv(CKR_MECHANISM_PARAM_INVALID, with_param(
	    CKM_ECDH_AES_KEY_WRAP, &e, sizeof(e) + 1, &p256));
	r.pOAEPParams = NULL;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, RSA);
	r.pOAEPParams = &oaep;
	oaep.mgf = 0;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, RSA);
	e.ulSharedDataLen = 1;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, EC);
	e.kdf = CKD_NULL;
	e.pSharedData = p11_in("x");
	assert_rv(CKR_MECHANISM_PARAM_INVALID, EC);
	e.kdf = 0x7777;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, EC);
	e.ulSharedDataLen = 0;
	e.kdf = CKD_NULL;
	/* the key of another mechanism */
	assert_rv(CKR_WRAPPING_KEY_TYPE_INCONSISTENT, with_param(
	    CKM_ECDH_AES_KEY_WRAP, &e, sizeof(e), &rsa));
	assert_rv(CKR_MECHANISM_INVALID, with_param(CKM_ECDSA, NULL, 0,
	    &p256));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mechanism_brings_each_secret_back),
		cmocka_unit_test(openssl_opens_what_was_wrapped_for_it),
		cmocka_unit_test(the_tpm_opens_what_openssl_wrapped),
		cmocka_unit_test(a_one_time_point_may_be_compressed),
		cmocka_unit_test(private_keys_come_in_and_stay),
		cmocka_unit_test(a_changed_byte_is_found),
		cmocka_unit_test(another_length_is_found),
		cmocka_unit_test(an_aes_key_of_another_length_is_found),
		cmocka_unit_test(bad_padding_of_pkcs1_is_not_told),
		cmocka_unit_test(what_is_too_long_to_wrap_is_told),
		cmocka_unit_test(a_curve_that_is_too_small_is_refused),
		cmocka_unit_test(wrong_parameters_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
