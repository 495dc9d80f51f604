/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/der.h"
#include "crypto/pkcs8.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/* What OpenSSL writes of a key. */
static struct buf
pkcs8_of(EVP_PKEY *pkey)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	struct buf b = BUF_EMPTY;
	uint8_t *der = NULL;
	int len;

	assert_non_null(info);
	len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	assert_true(len > 0);
	assert_int_equal(buf_set(&b, view_of(der, (size_t)len)), CKR_OK);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	return b;
}

static void
assert_number(EVP_PKEY *pkey, const char *name, struct view got)
{
	BIGNUM *n = NULL, *m = BN_bin2bn(got.data, (int)got.len, NULL);

	assert_true(EVP_PKEY_get_bn_param(pkey, name, &n));
	assert_int_equal(BN_cmp(n, m), 0);
	assert_true(got.len == 0 || got.data[0] != 0);
	BN_free(n);
	BN_free(m);
}

static void
an_rsa_key_of_openssls_is_read(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1024);
	struct buf der = pkcs8_of(pkey), again = BUF_EMPTY;
	struct pkcs8_rsa r;
	struct pkcs8_ec e;
	struct pkcs8 k;

	(void)state;
	assert_int_equal(pkcs8_read(buf_view(&der), &k), CKR_OK);
	assert_int_equal(pkcs8_rsa(&k, &r), CKR_OK);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_N, r.n);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_E, r.e);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_D, r.d);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR1, r.p);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_FACTOR2, r.q);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1, r.dp);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2, r.dq);
	assert_number(pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, r.qinv);
	assert_int_equal(pkcs8_ec(&k, &e), CKR_KEY_TYPE_INCONSISTENT);
	/* What we write is what OpenSSL writes. */
	assert_int_equal(pkcs8_write_rsa(&r, &again), CKR_OK);
	assert_view(buf_view(&again), buf_view(&der));
	/* No number of a key is 0. */
	r.e = VIEW_EMPTY;
	assert_int_equal(pkcs8_write_rsa(&r, &again), CKR_OK);
	assert_int_equal(pkcs8_read(buf_view(&again), &k), CKR_OK);
	assert_int_equal(pkcs8_rsa(&k, &r), CKR_DATA_INVALID);
	EVP_PKEY_free(pkey);
	buf_free(&der);
	buf_free(&again);
}

static void
ec_keys_of_openssls_are_read(void **state)
{
	static const char *const names[] = { "P-224", "P-256", "P-384",
		"P-521" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		EVP_PKEY *pkey = EVP_EC_gen(names[i]);
		struct buf der = pkcs8_of(pkey);
		uint8_t point[133];
		struct pkcs8_rsa r;
		struct pkcs8_ec e;
		struct pkcs8 k;
		size_t n;

		assert_int_equal(pkcs8_read(buf_view(&der), &k), CKR_OK);
		assert_int_equal(pkcs8_ec(&k, &e), CKR_OK);
		assert_string_equal(e.curve->name, names[i]);
		assert_int_equal(e.d.len, e.curve->order);
		assert_number(pkey, OSSL_PKEY_PARAM_PRIV_KEY, der_strip(e.d));
		assert_true(EVP_PKEY_get_octet_string_param(pkey,
		    OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n));
		assert_view(e.point, view_of(point, n));
		assert_int_equal(pkcs8_rsa(&k, &r),
		    CKR_KEY_TYPE_INCONSISTENT);
		EVP_PKEY_free(pkey);
		buf_free(&der);
	}
}

#define P256 "301306072a8648ce3d020106082a8648ce3d030107"
#define D32 "00000000000000000000000000000000000000000000000000000000000000"

/* Each an EC key by hand; *len is that of d as it is given. */
static const struct variant {
	const char *der;
	CK_RV rv;
	size_t len;
} variants[] = {
	/* d alone; cut of its zeros; with one zero more */
	{ "3041020100" P256 "0427302502010104" "20" D32 "05", CKR_OK, 32 },
	{ "3022020100" P256 "0408300602010104" "0105", CKR_OK, 1 },
	{ "3042020100" P256 "0428302602010104" "21" "00" D32 "05", CKR_OK,
	    32 },
	/* 33 bytes that are a number of 33; zero; nothing */
	{ "3042020100" P256 "0428302602010104" "21" "01" D32 "05",
	    CKR_DATA_INVALID, 0 },
	{ "3041020100" P256 "0427302502010104" "20" D32 "00",
	    CKR_DATA_INVALID, 0 },
	{ "3021020100" P256 "0407300502010104" "00", CKR_DATA_INVALID, 0 },
	/* ecPrivkeyVer 2 */
	{ "3022020100" P256 "0408300602010204" "0105", CKR_DATA_INVALID, 0 },
	/* the curve once more; another one; nothing in [1]; spare bits */
	{ "302e020100" P256 "0414301202010104" "0105"
	    "a00a06082a8648ce3d030107", CKR_OK, 1 },
	{ "302e020100" P256 "0414301202010104" "0105"
	    "a00a06082a8648ce3d030101", CKR_DATA_INVALID, 0 },
	{ "3024020100" P256 "040a300802010104" "0105" "a100",
	    CKR_DATA_INVALID, 0 },
	{ "3028020100" P256 "040e300c02010104" "0105" "a10403020104",
	    CKR_DATA_INVALID, 0 },
	/* version 2 of PrivateKeyInfo; bytes that follow within, and after */
	{ "3022020102" P256 "0408300602010104" "0105", CKR_DATA_INVALID, 0 },
	{ "3024020100" P256 "0408300602010104" "0105" "0500",
	    CKR_DATA_INVALID, 0 },
	{ "3022020100" P256 "0408300602010104" "0105" "00",
	    CKR_DATA_INVALID, 0 },
	/* a curve that nobody knows; NULL for a curve */
	{ "3022020100" "301306072a8648ce3d020106082a8648ce3d030177"
	    "0408300602010104" "0105", CKR_CURVE_NOT_SUPPORTED, 0 },
	{ "301a020100" "300b06072a8648ce3d02010500" "0408300602010104"
	    "0105", CKR_CURVE_NOT_SUPPORTED, 0 },
};

static void
ec_keys_of_others_are_read_or_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(variants); i++) {
		struct buf der = hex(variants[i].der);
		struct pkcs8_ec e = { NULL, VIEW_EMPTY, VIEW_EMPTY };
		struct pkcs8 k;
		CK_RV rv;

		if ((rv = pkcs8_read(buf_view(&der), &k)) == CKR_OK)
			rv = pkcs8_ec(&k, &e);
		if (rv != variants[i].rv)
			fail_msg("variant %zu: 0x%lx", i, rv);
		assert_int_equal(e.d.len, variants[i].len);
		if (rv == CKR_OK)
			assert_int_equal(e.d.data[e.d.len - 1], 5);
		buf_free(&der);
	}
}

/* Under the sanitizers: nothing is read that is not there. */
static void
any_cut_and_any_changed_byte_is_survived(void **state)
{
	EVP_PKEY *pkeys[] = { EVP_RSA_gen(1024), EVP_EC_gen("P-256") };
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0x81, 0x84,
		0xff };
	size_t i, j, v;

	(void)state;
	for (i = 0; i < ARRAY_LEN(pkeys); i++) {
		struct buf der = pkcs8_of(pkeys[i]);
		struct pkcs8_rsa r;
		struct pkcs8_ec e;
		struct pkcs8 k;

		for (j = 0; j < der.len; j++) {
			struct buf cut = BUF_EMPTY;

			/* Of its own, so that its end is guarded. */
			assert_int_equal(buf_set(&cut, view_of(der.data, j)),
			    CKR_OK);
			assert_int_equal(pkcs8_read(buf_view(&cut), &k),
			    CKR_DATA_INVALID);
			buf_free(&cut);
		}
		for (j = 0; j < der.len * ARRAY_LEN(values); j++) {
			uint8_t *p = &der.data[j / ARRAY_LEN(values)];
			uint8_t was = *p;

			v = j % ARRAY_LEN(values);
			*p = values[v];
			if (pkcs8_read(buf_view(&der), &k) == CKR_OK &&
			    pkcs8_rsa(&k, &r) == CKR_OK)
				assert_false(view_is_zero(r.qinv));
			if (pkcs8_read(buf_view(&der), &k) == CKR_OK &&
			    pkcs8_ec(&k, &e) == CKR_OK)
				assert_false(view_is_zero(e.d));
			*p = was;
		}
		EVP_PKEY_free(pkeys[i]);
		buf_free(&der);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_rsa_key_of_openssls_is_read),
		cmocka_unit_test(ec_keys_of_openssls_are_read),
		cmocka_unit_test(ec_keys_of_others_are_read_or_refused),
		cmocka_unit_test(any_cut_and_any_changed_byte_is_survived),
	};

	return RUN_CRYPTO(tests);
}
