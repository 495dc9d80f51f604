/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/pubkey.h"

/* OpenSSL's own key, in the program's context, that signs for the tests. */
static struct buf
bn_param(EVP_PKEY *k, const char *name)
{
	struct buf out = BUF_EMPTY;
	BIGNUM *n = NULL;

	assert_true(EVP_PKEY_get_bn_param(k, name, &n));
	assert_int_equal(buf_resize(&out, (size_t)BN_num_bytes(n)), CKR_OK);
	BN_bn2bin(n, out.data);
	BN_clear_free(n);
	return out;
}

static struct buf
point_of(EVP_PKEY *k)
{
	struct buf out = BUF_EMPTY;
	size_t len = 0;

	assert_int_equal(buf_resize(&out, 200), CKR_OK);
	assert_true(EVP_PKEY_get_octet_string_param(k,
	    OSSL_PKEY_PARAM_PUB_KEY, out.data, out.len, &len));
	out.len = len;
	return out;
}

static struct buf
info_of(EVP_PKEY *k)
{
	struct buf out = BUF_EMPTY;
	uint8_t *p = NULL;
	int len = i2d_PUBKEY(k, &p);

	assert_int_equal(buf_set(&out, view_of(p, (size_t)len)), CKR_OK);
	OPENSSL_free(p);
	return out;
}

/* r|s over digest, each of order bytes. */
static struct buf
sign(EVP_PKEY *k, struct view digest, size_t order)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k, NULL);
	uint8_t der[200];
	const uint8_t *p = der;
	size_t len = sizeof(der);
	struct buf out = BUF_EMPTY;
	ECDSA_SIG *s;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, der, &len, digest.data,
	    digest.len), 1);
	assert_non_null(s = d2i_ECDSA_SIG(NULL, &p, (long)len));
	assert_int_equal(buf_resize(&out, 2 * order), CKR_OK);
	BN_bn2binpad(ECDSA_SIG_get0_r(s), out.data, (int)order);
	BN_bn2binpad(ECDSA_SIG_get0_s(s), out.data + order, (int)order);
	ECDSA_SIG_free(s);
	EVP_PKEY_CTX_free(ctx);
	return out;
}

struct ec {
	const struct curve *c;
	EVP_PKEY *own;
	struct buf point;
	struct pubkey *key;
	struct buf order;	/* the number */
};

static struct ec
ec_new(const struct curve *c)
{
	struct ec e = { c, NULL, BUF_EMPTY, NULL, BUF_EMPTY };

	assert_non_null(e.own = EVP_EC_gen(OBJ_nid2sn(c->nid)));
	e.point = point_of(e.own);
	assert_int_equal(pubkey_ec(c, buf_view(&e.point), &e.key), CKR_OK);
	e.order = bn_param(e.own, OSSL_PKEY_PARAM_EC_ORDER);
	return e;
}

static void
ec_free(struct ec *e)
{
	EVP_PKEY_free(e->own);
	buf_free(&e->point);
	buf_free(&e->order);
	pubkey_free(&e->key);
	assert_null(e->key);
	pubkey_free(&e->key);
}

static void
an_ec_key_is_described_as_openssl_does(void **state)
{
	const struct curve *c;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct ec e = ec_new(c);
		struct buf der = BUF_EMPTY, wanted = info_of(e.own);

		assert_int_equal(pubkey_info(e.key, &der), CKR_OK);
		assert_view(buf_view(&der), buf_view(&wanted));
		assert_int_equal(pubkey_bits(e.key), c->bits);
		assert_int_equal(pubkey_modulus_len(e.key), 0);
		assert_ptr_equal(pubkey_curve(e.key), c);
		buf_free(&der);
		buf_free(&wanted);
		ec_free(&e);
	}
}

/* Longer than the order, shorter, empty: the leftmost bits count. */
static void
ecdsa_verifies_digests_of_any_length(void **state)
{
	static const size_t lens[] = { 1, 20, 28, 32, 48, 64 };
	const struct curve *c;
	uint8_t digest[64];
	size_t i;

	(void)state;
	memset(digest, 0xa7, sizeof(digest));
	for (c = curves; c->name != NULL; c++) {
		struct ec e = ec_new(c);

		for (i = 0; i < ARRAY_LEN(lens); i++) {
			struct view d = view_of(digest, lens[i]);
			struct buf s = sign(e.own, d, c->order);

			assert_int_equal(pubkey_ecdsa_verify(e.key, d,
			    buf_view(&s)), CKR_OK);
			digest[0] ^= 1;
			assert_int_equal(pubkey_ecdsa_verify(e.key, d,
			    buf_view(&s)), CKR_SIGNATURE_INVALID);
			digest[0] ^= 1;
			buf_free(&s);
		}
		ec_free(&e);
	}
}

/*
 * Made with the openssl command line: ecparam -name prime256v1 -genkey,
 * pkeyutl -sign of the 32 bytes 00 01 ... 1f.
 */
static void
ecdsa_verifies_a_fixed_signature(void **state)
{
	struct buf point = hex("045e00507ab12852194be41d027293cc"
	    "aa1e68595fe6eb3d67230d4c21dd6355"
	    "e971263350017bd397b14e9734986b6f0e1389f6f70fb88d8d60ae0ccd5df654"
	    "4e");
	struct buf sig = hex("44bb8960a6024b3bf698568b01de87c6"
	    "38d4b9b536bf98690909ab52109d7621"
	    "d7539dbe0d340043eda7e86d72eb2bb2c8784b9114fe85ccae2fccb3ac5d5fbb");
	struct pubkey *k = NULL;
	uint8_t digest[32];
	uint8_t i;

	(void)state;
	for (i = 0; i < sizeof(digest); i++)
		digest[i] = i;
	assert_int_equal(pubkey_ec(curve_by_tpm_id(3), buf_view(&point), &k),
	    CKR_OK);
	assert_int_equal(pubkey_ecdsa_verify(k, view_of(digest, 32),
	    buf_view(&sig)), CKR_OK);
	sig.data[63] ^= 1;
	assert_int_equal(pubkey_ecdsa_verify(k, view_of(digest, 32),
	    buf_view(&sig)), CKR_SIGNATURE_INVALID);
	pubkey_free(&k);
	buf_free(&point);
	buf_free(&sig);
}

static CK_RV
verify_with(const struct ec *e, const struct buf *good, struct view r,
    struct view s)
{
	size_t n = e->c->order;
	struct buf sig = BUF_EMPTY;
	uint8_t digest[32];
	CK_RV rv;

	memset(digest, 0x5c, sizeof(digest));
	assert_int_equal(buf_set(&sig, buf_view(good)), CKR_OK);
	if (r.len > 0)
		memcpy(sig.data, r.data, n);
	if (s.len > 0)
		memcpy(sig.data + n, s.data, n);
	rv = pubkey_ecdsa_verify(e->key, view_of(digest, 32),
	    buf_view(&sig));
	buf_free(&sig);
	return rv;
}

/* r and s as Wycheproof sets them: 0, 1, n - 1, n, n + r, all ones. */
static void
ecdsa_refuses_r_and_s_out_of_range(void **state)
{
	const struct curve *c;
	uint8_t digest[32], odd[4][80];
	size_t i;

	(void)state;
	memset(digest, 0x5c, sizeof(digest));
	for (c = curves; c->name != NULL; c++) {
		struct ec e = ec_new(c);
		struct buf good = sign(e.own, view_of(digest, 32), c->order);

		memset(odd, 0, sizeof(odd));
		odd[1][c->order - 1] = 1;
		memcpy(odd[2], e.order.data, c->order);
		memset(odd[3], 0xff, c->order);
		assert_int_equal(verify_with(&e, &good, VIEW_EMPTY,
		    VIEW_EMPTY), CKR_OK);
		for (i = 0; i < 4; i++) {
			struct view v = view_of(odd[i], c->order);

			assert_int_equal(verify_with(&e, &good, v,
			    VIEW_EMPTY), CKR_SIGNATURE_INVALID);
			assert_int_equal(verify_with(&e, &good, VIEW_EMPTY,
			    v), CKR_SIGNATURE_INVALID);
			assert_int_equal(verify_with(&e, &good, v, v),
			    CKR_SIGNATURE_INVALID);
		}
		buf_free(&good);
		ec_free(&e);
	}
}

/* s + n is the same number to an implementation that forgets to compare. */
static void
ecdsa_refuses_s_plus_the_order(void **state)
{
	const struct curve *c = curve_by_tpm_id(5);
	struct ec e = ec_new(c);
	BIGNUM *s, *n;
	uint8_t digest[32];
	struct buf sig;

	(void)state;
	memset(digest, 0x5c, sizeof(digest));
	sig = sign(e.own, view_of(digest, 32), c->order);
	s = BN_bin2bn(sig.data + c->order, (int)c->order, NULL);
	n = BN_bin2bn(e.order.data, (int)e.order.len, NULL);
	assert_true(BN_add(s, s, n));
	assert_true(BN_bn2binpad(s, sig.data + c->order, (int)c->order) > 0);
	assert_int_equal(pubkey_ecdsa_verify(e.key, view_of(digest, 32),
	    buf_view(&sig)), CKR_SIGNATURE_INVALID);
	BN_free(s);
	BN_free(n);
	buf_free(&sig);
	ec_free(&e);
}

static void
ecdsa_refuses_signatures_of_wrong_length(void **state)
{
	const struct curve *c;
	uint8_t sig[140] = { 0 };
	size_t len;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct ec e = ec_new(c);

		for (len = 0; len <= sizeof(sig); len++)
			if (len != 2 * c->order)
				assert_int_equal(pubkey_ecdsa_verify(e.key,
				    view_of(sig, 20), view_of(sig, len)),
				    CKR_SIGNATURE_LEN_RANGE);
		ec_free(&e);
	}
}

static void
a_point_that_is_none_makes_no_key(void **state)
{
	const struct curve *c = curve_by_tpm_id(3);
	struct ec e = ec_new(c);
	struct pubkey *k = NULL;

	(void)state;
	e.point.data[e.point.len - 1] ^= 1;
	assert_int_equal(pubkey_ec(c, buf_view(&e.point), &k),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_null(k);
	assert_int_equal(pubkey_ec(curve_by_tpm_id(4), buf_view(&e.point),
	    &k), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(pubkey_ec(c, VIEW_EMPTY, &k),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	ec_free(&e);
}

static void
an_rsa_key_is_described_as_openssl_does(void **state)
{
	static const unsigned sizes[] = { 1024, 1025, 1031, 2048 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		EVP_PKEY *own = EVP_RSA_gen(sizes[i]);
		struct buf n = bn_param(own, OSSL_PKEY_PARAM_RSA_N);
		struct buf padded = BUF_EMPTY, der = BUF_EMPTY;
		struct buf wanted = info_of(own);
		struct pubkey *k = NULL;

		assert_int_equal(buf_set_padded(&padded, buf_view(&n),
		    n.len + 3), CKR_OK);
		assert_int_equal(pubkey_rsa(buf_view(&padded),
		    view_of("\x00\x01\x00\x01", 4), &k), CKR_OK);
		assert_int_equal(pubkey_info(k, &der), CKR_OK);
		assert_view(buf_view(&der), buf_view(&wanted));
		assert_int_equal(pubkey_bits(k), sizes[i]);
		assert_int_equal(pubkey_modulus_len(k), (sizes[i] + 7) / 8);
		assert_null(pubkey_curve(k));
		assert_int_equal(pubkey_ecdsa_verify(k, VIEW_EMPTY,
		    VIEW_EMPTY), CKR_KEY_TYPE_INCONSISTENT);
		pubkey_free(&k);
		buf_free(&n);
		buf_free(&padded);
		buf_free(&der);
		buf_free(&wanted);
		EVP_PKEY_free(own);
	}
}

/* A private operation by OpenSSL; the public one gives the input again. */
static void
the_rsa_public_operation_undoes_the_private_one(void **state)
{
	EVP_PKEY *own = EVP_RSA_gen(2048);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	struct buf n = bn_param(own, OSSL_PKEY_PARAM_RSA_N), out = BUF_EMPTY;
	struct pubkey *k = NULL;
	uint8_t m[256] = { 0 }, s[256];
	size_t len = sizeof(s);

	(void)state;
	/* leading zeros have to survive */
	memset(m + 2, 0x42, sizeof(m) - 2);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING);
	assert_int_equal(EVP_PKEY_sign(ctx, s, &len, m, sizeof(m)), 1);
	assert_int_equal(pubkey_rsa(buf_view(&n), view_of("\1\0\1", 3), &k),
	    CKR_OK);
	assert_int_equal(pubkey_rsa_public(k, view_of(s, sizeof(s)), &out),
	    CKR_OK);
	assert_view(buf_view(&out), view_of(m, sizeof(m)));
	pubkey_free(&k);
	buf_free(&n);
	buf_free(&out);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(own);
}

static void
rsa_input_must_be_below_the_modulus_and_as_long(void **state)
{
	EVP_PKEY *own = EVP_RSA_gen(1024);
	struct buf n = bn_param(own, OSSL_PKEY_PARAM_RSA_N), out = BUF_EMPTY;
	struct pubkey *k = NULL;

	(void)state;
	assert_int_equal(pubkey_rsa(buf_view(&n), view_of("\3", 1), &k),
	    CKR_OK);
	assert_int_equal(pubkey_rsa_public(k, buf_view(&n), &out),
	    CKR_DATA_INVALID);
	assert_int_equal(pubkey_rsa_public(k, view_of(n.data, 127), &out),
	    CKR_DATA_LEN_RANGE);
	assert_null(out.data);
	n.data[127] ^= 1;
	assert_int_equal(pubkey_rsa_public(k, buf_view(&n), &out), CKR_OK);
	memset(n.data, 0, n.len);
	assert_int_equal(pubkey_rsa_public(k, buf_view(&n), &out), CKR_OK);
	assert_true(view_is_zero(buf_view(&out)));
	assert_int_equal(out.len, 128);
	pubkey_free(&k);
	buf_free(&n);
	buf_free(&out);
	EVP_PKEY_free(own);
}

static void
rsa_refused(struct view n, struct view e, CK_RV wanted)
{
	struct pubkey *k = NULL;

	assert_int_equal(pubkey_rsa(n, e, &k), wanted);
	assert_null(k);
}

static void
numbers_that_are_no_rsa_key_are_refused(void **state)
{
	uint8_t n[2049];
	struct view f4 = view_of("\1\0\1", 3), good = view_of(n, 256);

	(void)state;
	memset(n, 0xff, sizeof(n));
	rsa_refused(VIEW_EMPTY, f4, CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(good, VIEW_EMPTY, CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(good, view_of("\0", 1), CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(good, view_of("\1", 1), CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(good, view_of("\2", 1), CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(good, view_of("\1\0", 2), CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(good, good, CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(good, view_of(n, 257), CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(view_of(n, 512), view_of(n, 9),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	rsa_refused(view_of(n, 127), f4, CKR_KEY_SIZE_RANGE);
	rsa_refused(view_of(n, 2049), f4, CKR_KEY_SIZE_RANGE);
	n[255] = 0xfe;
	rsa_refused(good, f4, CKR_ATTRIBUTE_VALUE_INVALID);
	n[255] = 0xff;
	n[0] = 0x7f;
	rsa_refused(view_of(n, 128), f4, CKR_KEY_SIZE_RANGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ec_key_is_described_as_openssl_does),
		cmocka_unit_test(ecdsa_verifies_digests_of_any_length),
		cmocka_unit_test(ecdsa_verifies_a_fixed_signature),
		cmocka_unit_test(ecdsa_refuses_r_and_s_out_of_range),
		cmocka_unit_test(ecdsa_refuses_s_plus_the_order),
		cmocka_unit_test(ecdsa_refuses_signatures_of_wrong_length),
		cmocka_unit_test(a_point_that_is_none_makes_no_key),
		cmocka_unit_test(an_rsa_key_is_described_as_openssl_does),
		cmocka_unit_test(
		    the_rsa_public_operation_undoes_the_private_one),
		cmocka_unit_test(
		    rsa_input_must_be_below_the_modulus_and_as_long),
		cmocka_unit_test(numbers_that_are_no_rsa_key_are_refused),
	};

	return RUN_CRYPTO(tests);
}
