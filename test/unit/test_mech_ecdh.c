/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include "crypto/curve.h"
#include "mech_test.h"

#include <cmocka.h>

/* ECDH against OpenSSL. */

static const char *const names[] = { "P-256", "P-384", "P-521" };
static struct pair pairs[ARRAY_LEN(names)];

static int
start(void **state)
{
	size_t i;

	if (mech_test_start(state) != 0)
		return -1;
	for (i = 0; i < ARRAY_LEN(names); i++)
		pair_open(&pairs[i],
		    EVP_PKEY_Q_keygen(NULL, NULL, "EC", names[i]),
		    TPM_USE_DECRYPT);
	return 0;
}

static int
stop(void **state)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		pair_free(&pairs[i]);
	return mech_test_stop(state);
}

/* A peer: its point, and the secret as the peer computes it. */
struct peer {
	uint8_t point[133];
	size_t point_len;
	uint8_t z[66];
	size_t z_len;
};

static void
meet(const struct pair *p, const char *curve, struct peer *out)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

	assert_int_equal(EVP_PKEY_get_octet_string_param(pkey,
	    OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, out->point,
	    sizeof(out->point), &out->point_len), 1);
	out->z_len = sizeof(out->z);
	assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(ctx, p->pkey), 1);
	assert_int_equal(EVP_PKEY_derive(ctx, out->z, &out->z_len), 1);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
}

static CK_ECDH1_DERIVE_PARAMS
params_for(struct peer *peer)
{
	CK_ECDH1_DERIVE_PARAMS p;

	memset(&p, 0, sizeof(p));
	p.kdf = CKD_NULL;
	p.pPublicData = peer->point;
	p.ulPublicDataLen = peer->point_len;
	return p;
}

/* Derive a key of type; len 0: the template names no length. */
static CK_RV
derive(CK_MECHANISM_TYPE type, struct key *base, CK_ECDH1_DERIVE_PARAMS *p,
    CK_KEY_TYPE key_type, CK_ULONG len, struct buf *out)
{
	CK_MECHANISM m = mech_param(type, p, sizeof(*p));
	struct attrs a = ATTRS_EMPTY;
	CK_RV rv;

	assert_int_equal(attrs_set_ulong(&a, CKA_KEY_TYPE, key_type), CKR_OK);
	if (len != 0)
		assert_int_equal(attrs_set_ulong(&a, CKA_VALUE_LEN, len),
		    CKR_OK);
	rv = mech_derive_one(&m, base, &fake_tpm_caps, &a);
	assert_int_equal(attrs_has(&a, CKA_VALUE), rv == CKR_OK);
	if (rv == CKR_OK)
		assert_int_equal(buf_set(out, attrs_view(&a, CKA_VALUE)),
		    CKR_OK);
	attrs_free(&a);
	return rv;
}

static CK_RV
derive_plain(struct key *base, CK_ECDH1_DERIVE_PARAMS *p, CK_ULONG len,
    struct buf *out)
{
	return derive(CKM_ECDH1_DERIVE, base, p, CKK_GENERIC_SECRET, len,
	    out);
}

static void
secret_agrees(size_t i, struct peer *peer)
{
	CK_ECDH1_DERIVE_PARAMS p = params_for(peer);
	struct view want = { peer->z, peer->z_len };
	struct buf out = BUF_EMPTY, der = BUF_EMPTY;

	assert_int_equal(derive_plain(pairs[i].priv, &p, 0, &out), CKR_OK);
	assert_true(view_equal(buf_view(&out), want));
	assert_int_equal(derive_plain(pairs[i].priv, &p, peer->z_len, &out),
	    CKR_OK);
	assert_true(view_equal(buf_view(&out), want));

	assert_int_equal(curve_point_der(view_of(peer->point,
	    peer->point_len), &der), CKR_OK);
	p.pPublicData = der.data;
	p.ulPublicDataLen = der.len;
	assert_int_equal(derive(CKM_ECDH1_COFACTOR_DERIVE, pairs[i].priv, &p,
	    CKK_GENERIC_SECRET, 0, &out), CKR_OK);
	assert_true(view_equal(buf_view(&out), want));
	buf_free(&out);
	buf_free(&der);
}

/* One secret in 256 begins with a zero byte; on P-521 every other one. */
static void
secrets_are_openssls_and_keep_their_leading_zeros(void **state)
{
	struct peer peer;
	size_t i, n, zeros;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		for (n = zeros = 0; zeros == 0 && n < 10000; n++) {
			meet(&pairs[i], names[i], &peer);
			zeros += peer.z[0] == 0;
			if (n < 20 || peer.z[0] == 0)
				secret_agrees(i, &peer);
		}
		assert_true(zeros > 0);
	}
}

static void
shorter_key_takes_the_trailing_bytes(void **state)
{
	struct buf out = BUF_EMPTY;
	struct peer peer;
	CK_ECDH1_DERIVE_PARAMS p;
	size_t len;

	(void)state;
	meet(&pairs[0], names[0], &peer);
	p = params_for(&peer);
	for (len = 1; len <= 32; len++) {
		assert_int_equal(derive_plain(pairs[0].priv, &p, len, &out),
		    CKR_OK);
		assert_true(view_equal(buf_view(&out),
		    view_of(peer.z + 32 - len, len)));
	}
	assert_int_equal(derive(CKM_ECDH1_DERIVE, pairs[0].priv, &p, CKK_AES,
	    16, &out), CKR_OK);
	assert_true(view_equal(buf_view(&out), view_of(peer.z + 16, 16)));
	buf_free(&out);
}

static void
lengths_follow_the_key_type(void **state)
{
	static const struct {
		CK_KEY_TYPE type;
		CK_ULONG len;
		CK_RV rv;
	} cases[] = {
		{ CKK_GENERIC_SECRET, 33, CKR_KEY_SIZE_RANGE },
		{ CKK_GENERIC_SECRET, 1u << 20, CKR_KEY_SIZE_RANGE },
		{ CKK_GENERIC_SECRET, NONE, CKR_KEY_SIZE_RANGE },
		{ CKK_AES, 0, CKR_TEMPLATE_INCOMPLETE },
		{ CKK_AES, 17, CKR_ATTRIBUTE_VALUE_INVALID },
		{ CKK_AES, 24, CKR_OK },
		{ CKK_AES, 32, CKR_OK },
		{ CKK_SHA256_HMAC, 0, CKR_OK },
		{ CKK_RSA, 0, CKR_TEMPLATE_INCONSISTENT },
	};
	struct buf out = BUF_EMPTY;
	struct peer peer;
	CK_ECDH1_DERIVE_PARAMS p;
	size_t i;

	(void)state;
	meet(&pairs[0], names[0], &peer);
	p = params_for(&peer);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned before = fake_tpm_commands;

		assert_int_equal(derive(CKM_ECDH1_DERIVE, pairs[0].priv, &p,
		    cases[i].type, cases[i].len, &out), cases[i].rv);
		assert_int_equal(fake_tpm_commands - before,
		    cases[i].rv == CKR_OK);
	}
	buf_free(&out);
}

static void
zero_length_is_refused(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct peer peer;
	CK_ECDH1_DERIVE_PARAMS p;
	CK_MECHANISM m = mech_param(CKM_ECDH1_DERIVE, &p, sizeof(p));

	(void)state;
	meet(&pairs[0], names[0], &peer);
	p = params_for(&peer);
	assert_int_equal(attrs_set_ulong(&a, CKA_VALUE_LEN, 0), CKR_OK);
	assert_int_equal(mech_derive_one(&m, pairs[0].priv, &fake_tpm_caps, &a),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	attrs_free(&a);
}

/* OpenSSL's X9.63 KDF, or its one-step KDF of SP 800-56C. */
static void
openssl_kdf(const char *kdf, const char *hash, struct view z,
    struct view shared, uint8_t *out, size_t len)
{
	EVP_KDF *alg = EVP_KDF_fetch(NULL, kdf, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(alg);
	char name[16];
	OSSL_PARAM params[4], *p = params;

	strcpy(name, hash);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name,
	    0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
	    (void *)(uintptr_t)z.data, z.len);
	if (shared.len > 0)
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
		    (void *)(uintptr_t)shared.data, shared.len);
	*p = OSSL_PARAM_construct_end();
	assert_int_equal(EVP_KDF_derive(ctx, out, len, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(alg);
}

static void
kdf_agrees(CK_EC_KDF_TYPE type, const char *kdf, const struct mech_hash *h)
{
	size_t size = hash_by_mech(h->digest)->size;
	size_t lens[] = { 0, 1, size, size + 1, 200, 4096 };
	uint8_t shared[40], want[4096];
	struct buf out = BUF_EMPTY;
	CK_ECDH1_DERIVE_PARAMS p;
	struct peer peer;
	size_t i;

	meet(&pairs[2], names[2], &peer);
	p = params_for(&peer);
	p.kdf = type;
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		size_t len = lens[i] != 0 ? lens[i] : size;

		p.ulSharedDataLen = i * 8;
		p.pSharedData = i > 0 ? shared : NULL;
		memcpy(shared, random_bytes(40).data, 40);
		openssl_kdf(kdf, h->name, view_of(peer.z, peer.z_len),
		    view_of(shared, i * 8), want, len);
		assert_int_equal(derive_plain(pairs[2].priv, &p, lens[i],
		    &out), CKR_OK);
		assert_true(view_equal(buf_view(&out), view_of(want, len)));
	}
	assert_int_equal(derive_plain(pairs[2].priv, &p, 4097, &out),
	    CKR_KEY_SIZE_RANGE);
	buf_free(&out);
}

static void
every_kdf_is_openssls(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < MECH_HASHES; i++) {
		if (mech_hashes[i].kdf == NONE)
			continue;
		kdf_agrees(mech_hashes[i].kdf, "X963KDF", &mech_hashes[i]);
		kdf_agrees(mech_hashes[i].kdf_sp800, "SSKDF",
		    &mech_hashes[i]);
	}
}

static void
bad_points_are_refused_before_the_tpm(void **state)
{
	struct buf out = BUF_EMPTY;
	struct peer peer, other;
	CK_ECDH1_DERIVE_PARAMS p;
	uint8_t bad[134] = { 0 };
	unsigned before;
	size_t len;

	(void)state;
	meet(&pairs[0], names[0], &peer);
	p = params_for(&peer);
	before = fake_tpm_commands;
	memcpy(bad, peer.point, 65);
	p.pPublicData = bad;
	for (len = 0; len < sizeof(bad); len++) {
		p.ulPublicDataLen = len;
		if (len == 65)
			bad[64] ^= 1;	/* off the curve */
		assert_int_equal(derive_plain(pairs[0].priv, &p, 0, &out),
		    CKR_MECHANISM_PARAM_INVALID);
	}
	memset(bad + 1, 0, 64);
	p.ulPublicDataLen = 65;
	assert_int_equal(derive_plain(pairs[0].priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	bad[0] = 0;
	p.ulPublicDataLen = 1;		/* infinity */
	assert_int_equal(derive_plain(pairs[0].priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	meet(&pairs[1], names[1], &other);	/* of another curve */
	p.pPublicData = other.point;
	p.ulPublicDataLen = other.point_len;
	assert_int_equal(derive_plain(pairs[0].priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(fake_tpm_commands, before);
	buf_free(&out);
}

static void
bad_ecdh_parameters_are_refused(void **state)
{
	uint8_t shared[4] = { 1, 2, 3, 4 };
	struct attrs a = ATTRS_EMPTY;
	struct buf out = BUF_EMPTY;
	struct peer peer;
	CK_ECDH1_DERIVE_PARAMS p;
	CK_MECHANISM m = mech_param(CKM_ECDH1_DERIVE, &p, sizeof(p));
	struct key *priv = pairs[0].priv;

	(void)state;
	meet(&pairs[0], names[0], &peer);
	p = params_for(&peer);
	p.pSharedData = shared;
	p.ulSharedDataLen = sizeof(shared);
	assert_int_equal(derive_plain(priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.kdf = CKD_SHA256_KDF;
	p.pSharedData = NULL;
	assert_int_equal(derive_plain(priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p = params_for(&peer);
	p.kdf = 0;
	assert_int_equal(derive_plain(priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.kdf = CKD_SHA1_KDF_ASN1;
	assert_int_equal(derive_plain(priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p = params_for(&peer);
	p.pPublicData = NULL;
	assert_int_equal(derive_plain(priv, &p, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	m.ulParameterLen--;
	assert_int_equal(mech_derive_one(&m, priv, &fake_tpm_caps, &a),
	    CKR_MECHANISM_PARAM_INVALID);
	m.pParameter = NULL;
	assert_int_equal(mech_derive_one(&m, priv, &fake_tpm_caps, &a),
	    CKR_MECHANISM_PARAM_INVALID);
	attrs_free(&a);
	buf_free(&out);
}

static void
base_key_has_to_be_a_private_ec_key(void **state)
{
	struct key *secret = secret_key(CKK_GENERIC_SECRET, view_str("x"));
	struct buf out = BUF_EMPTY;
	struct peer peer;
	CK_ECDH1_DERIVE_PARAMS p;
	struct pair signer;

	(void)state;
	pair_open(&signer, EVP_PKEY_Q_keygen(NULL, NULL, "EC", names[0]),
	    TPM_USE_SIGN);
	meet(&pairs[0], names[0], &peer);
	p = params_for(&peer);
	assert_int_equal(derive_plain(pairs[0].pub, &p, 0, &out),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(derive_plain(secret, &p, 0, &out),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(derive_plain(signer.priv, &p, 0, &out),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(derive(CKM_ECDSA, pairs[0].priv, &p,
	    CKK_GENERIC_SECRET, 0, &out), CKR_MECHANISM_INVALID);
	pair_free(&signer);
	key_unref(&secret);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    secrets_are_openssls_and_keep_their_leading_zeros),
		cmocka_unit_test(shorter_key_takes_the_trailing_bytes),
		cmocka_unit_test(lengths_follow_the_key_type),
		cmocka_unit_test(zero_length_is_refused),
		cmocka_unit_test(every_kdf_is_openssls),
		cmocka_unit_test(bad_points_are_refused_before_the_tpm),
		cmocka_unit_test(bad_ecdh_parameters_are_refused),
		cmocka_unit_test(base_key_has_to_be_a_private_ec_key),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
