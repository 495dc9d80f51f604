/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/pkcs8.h"
#include "crypto/pubkey.h"
#include "crypto/rsa_key.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static const uint8_t f4[] = { 1, 0, 1 };
#define F4 view_of(f4, sizeof(f4))

static EVP_PKEY *
to_openssl(struct view der)
{
	const uint8_t *p = der.data;
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &p, (long)der.len);

	assert_non_null(pkey);
	return pkey;
}

/* in^d by OpenSSL. */
static struct buf
openssls_private(EVP_PKEY *pkey, struct view in)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
	struct buf out = BUF_EMPTY;
	size_t n = in.len;

	assert_int_equal(buf_resize(&out, n), CKR_OK);
	assert_true(EVP_PKEY_decrypt_init(ctx) > 0);
	assert_true(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0);
	assert_true(EVP_PKEY_decrypt(ctx, out.data, &n, in.data, in.len) > 0);
	EVP_PKEY_CTX_free(ctx);
	return out;
}

/* The same number by us and by OpenSSL; and back by the public key. */
static void
agrees(struct view der, size_t len)
{
	EVP_PKEY *pkey = to_openssl(der);
	struct buf in = BUF_EMPTY, out = BUF_EMPTY, wanted;
	struct pubkey *public = NULL;
	struct rsa_key *k = NULL;
	struct pkcs8_rsa r;
	struct pkcs8 info;

	assert_int_equal(buf_resize(&in, len), CKR_OK);
	assert_int_equal(crypto_random(in.data + 1, len - 1), CKR_OK);
	assert_int_equal(rsa_key_open(der, &k), CKR_OK);
	assert_int_equal(rsa_key_private(k, buf_view(&in), &out), CKR_OK);
	wanted = openssls_private(pkey, buf_view(&in));
	assert_view(buf_view(&out), buf_view(&wanted));
	assert_int_equal(pkcs8_read(der, &info), CKR_OK);
	assert_int_equal(pkcs8_rsa(&info, &r), CKR_OK);
	assert_int_equal(pubkey_rsa(r.n, r.e, &public), CKR_OK);
	assert_int_equal(pubkey_rsa_public(public, buf_view(&out), &out),
	    CKR_OK);
	assert_view(buf_view(&out), buf_view(&in));
	EVP_PKEY_free(pkey);
	rsa_key_free(&k);
	assert_null(k);
	pubkey_free(&public);
	buf_free(&in);
	buf_free(&out);
	buf_free(&wanted);
}

static void
new_keys_are_sound_and_do_as_openssl_does(void **state)
{
	static const size_t sizes[] = { 2048, 2176, 3072 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		struct buf der = BUF_EMPTY;
		EVP_PKEY_CTX *ctx;
		EVP_PKEY *pkey;

		assert_int_equal(rsa_key_generate(sizes[i], F4, &der), CKR_OK);
		pkey = to_openssl(buf_view(&der));
		assert_int_equal(EVP_PKEY_get_bits(pkey), sizes[i]);
		ctx = EVP_PKEY_CTX_new(pkey, NULL);
		assert_true(EVP_PKEY_pairwise_check(ctx) > 0);
		assert_true(EVP_PKEY_private_check(ctx) > 0);
		EVP_PKEY_CTX_free(ctx);
		EVP_PKEY_free(pkey);
		agrees(buf_view(&der), sizes[i] / 8);
		buf_free(&der);
	}
}

static struct buf
der_of_openssls(unsigned bits)
{
	EVP_PKEY *pkey = EVP_RSA_gen(bits);
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	struct buf b = BUF_EMPTY;
	uint8_t *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	assert_int_equal(buf_set(&b, view_of(der, (size_t)len)), CKR_OK);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pkey);
	return b;
}

static void
keys_of_openssls_do_as_it_does(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct buf der = der_of_openssls(1024 + 8 * i);

		agrees(buf_view(&der), 128 + i);
		buf_free(&der);
	}
}

static void
input_that_is_no_number_of_the_key_is_refused(void **state)
{
	struct buf der = der_of_openssls(1024), in = BUF_EMPTY;
	struct buf out = BUF_EMPTY;
	struct rsa_key *k = NULL;
	struct pkcs8_rsa r;
	struct pkcs8 info;

	(void)state;
	assert_int_equal(rsa_key_open(buf_view(&der), &k), CKR_OK);
	assert_int_equal(pkcs8_read(buf_view(&der), &info), CKR_OK);
	assert_int_equal(pkcs8_rsa(&info, &r), CKR_OK);
	assert_int_equal(rsa_key_private(k, r.n, &out), CKR_DATA_INVALID);
	assert_int_equal(rsa_key_private(k, view_sub(r.n, 1, 127), &out),
	    CKR_DATA_LEN_RANGE);
	assert_null(out.data);
	/* 0, 1 and n - 1 are numbers too. */
	assert_int_equal(buf_resize(&in, 128), CKR_OK);
	assert_int_equal(rsa_key_private(k, buf_view(&in), &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&in));
	in.data[127] = 1;
	assert_int_equal(rsa_key_private(k, buf_view(&in), &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&in));
	assert_int_equal(buf_set(&in, r.n), CKR_OK);
	in.data[127]--;
	assert_int_equal(rsa_key_private(k, buf_view(&in), &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&in));
	rsa_key_free(&k);
	buf_free(&der);
	buf_free(&in);
	buf_free(&out);
}

/* One number at a time is made another. d is not used, so may be any. */
static void
numbers_that_do_not_belong_together_are_refused(void **state)
{
	struct buf der = der_of_openssls(1024), bad = BUF_EMPTY;
	struct rsa_key *k = NULL;
	struct pkcs8 info;
	size_t i;

	(void)state;
	assert_int_equal(pkcs8_read(buf_view(&der), &info), CKR_OK);
	for (i = 0; i < 8; i++) {
		struct pkcs8_rsa r;
		struct view *const numbers[] = { &r.n, &r.e, &r.p, &r.q,
			&r.dp, &r.dq, &r.qinv, &r.p };
		struct buf other = BUF_EMPTY;

		assert_int_equal(pkcs8_rsa(&info, &r), CKR_OK);
		assert_int_equal(buf_set(&other, *numbers[i]), CKR_OK);
		other.data[other.len - 1] ^= i < 7 ? 2 : 1;
		*numbers[i] = buf_view(&other);
		assert_int_equal(pkcs8_write_rsa(&r, &bad), CKR_OK);
		assert_int_equal(rsa_key_open(buf_view(&bad), &k),
		    CKR_DATA_INVALID);
		buf_free(&other);
	}
	assert_null(k);
	buf_free(&der);
	buf_free(&bad);
}

/* 1 * n = n, and 1 has no p - 1 to speak of. */
static void
one_is_no_prime(void **state)
{
	struct buf der = der_of_openssls(1024), bad = BUF_EMPTY;
	struct rsa_key *k = NULL;
	struct pkcs8_rsa r;
	struct pkcs8 info;

	(void)state;
	assert_int_equal(pkcs8_read(buf_view(&der), &info), CKR_OK);
	assert_int_equal(pkcs8_rsa(&info, &r), CKR_OK);
	r.p = r.n;
	r.q = view_of(f4, 1);
	assert_int_equal(pkcs8_write_rsa(&r, &bad), CKR_OK);
	assert_int_equal(rsa_key_open(buf_view(&bad), &k), CKR_DATA_INVALID);
	assert_null(k);
	buf_free(&der);
	buf_free(&bad);
}

static void
sizes_and_exponents_outside_are_refused(void **state)
{
	static const uint8_t long_e[9] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 };
	struct buf out = BUF_EMPTY, small = der_of_openssls(512);
	struct rsa_key *k = NULL;

	(void)state;
	assert_int_equal(rsa_key_generate(1024, F4, &out), CKR_KEY_SIZE_RANGE);
	assert_int_equal(rsa_key_generate(2049, F4, &out), CKR_KEY_SIZE_RANGE);
	assert_int_equal(rsa_key_generate(16384, F4, &out),
	    CKR_KEY_SIZE_RANGE);
	assert_int_equal(rsa_key_generate(2048, VIEW_EMPTY, &out),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(rsa_key_generate(2048, view_of(f4, 2), &out),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(rsa_key_generate(2048, view_of("\x03", 1), &out),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(rsa_key_generate(2048, view_of(long_e, 9), &out),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(rsa_key_open(buf_view(&small), &k),
	    CKR_KEY_SIZE_RANGE);
	assert_null(k);
	assert_null(out.data);
	buf_free(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_keys_are_sound_and_do_as_openssl_does),
		cmocka_unit_test(keys_of_openssls_do_as_it_does),
		cmocka_unit_test(input_that_is_no_number_of_the_key_is_refused),
		cmocka_unit_test(
		    numbers_that_do_not_belong_together_are_refused),
		cmocka_unit_test(one_is_no_prime),
		cmocka_unit_test(sizes_and_exponents_outside_are_refused),
	};

	return RUN_CRYPTO(tests);
}
