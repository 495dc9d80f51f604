/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>

#include "mech_test.h"

#include <cmocka.h>

/* RSA signatures against OpenSSL, in both directions. */

#define K 256

static struct pair rsa;

static int
start(void **state)
{
	if (mech_test_start(state) != 0)
		return -1;
	pair_open(&rsa, EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)8 * K),
	    TPM_USE_SIGN | TPM_USE_DECRYPT);
	return 0;
}

static int
stop(void **state)
{
	pair_free(&rsa);
	return mech_test_stop(state);
}

/* How OpenSSL shall do the same as a mechanism. */
struct scheme {
	int padding;
	const char *hash;	/* of a signature's message, NULL: ready data */
	const char *mgf;	/* of PSS */
	int salt;
};

static void
apply(EVP_PKEY_CTX *ctx, const struct scheme *s)
{
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, s->padding), 1);
	if (s->padding == RSA_PKCS1_PSS_PADDING) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx,
		    s->mgf, NULL), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx,
		    s->salt), 1);
	}
}

static bool
openssl_verifies(const struct scheme *s, struct view in, struct view sig)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	int ok;

	assert_int_equal(EVP_DigestVerifyInit_ex(md, &ctx, s->hash, NULL, NULL,
	    rsa.pkey, NULL), 1);
	apply(ctx, s);
	ok = EVP_DigestVerify(md, sig.data, sig.len, in.data, in.len);
	EVP_MD_CTX_free(md);
	return ok == 1;
}

static struct view
openssl_signs(const struct scheme *s, struct view in)
{
	static unsigned char sig[K];
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	size_t len = sizeof(sig);

	assert_int_equal(EVP_DigestSignInit_ex(md, &ctx, s->hash, NULL, NULL,
	    rsa.pkey, NULL), 1);
	apply(ctx, s);
	assert_int_equal(EVP_DigestSign(md, sig, &len, in.data, in.len), 1);
	EVP_MD_CTX_free(md);
	return view_of(sig, len);
}

/* m signs what OpenSSL verifies and the other way round; a changed message
 * or signature is refused. */
static void
signatures_agree(CK_MECHANISM m, const struct scheme *s)
{
	uint8_t bytes[1000];
	struct view in = view_of(bytes, 1 + random_below(sizeof(bytes)));
	struct buf sig = BUF_EMPTY;

	memcpy(bytes, random_bytes(in.len).data, in.len);
	assert_int_equal(run_parts(MECH_SIGN, m, rsa.priv, in, &sig), CKR_OK);
	assert_int_equal(sig.len, K);
	assert_true(openssl_verifies(s, in, buf_view(&sig)));
	assert_int_equal(verify_once(m, rsa.pub, in, buf_view(&sig)), CKR_OK);
	assert_int_equal(verify_parts(m, rsa.pub, in, openssl_signs(s, in)),
	    CKR_OK);

	bytes[0] ^= 1;
	assert_int_equal(verify_once(m, rsa.pub, in, buf_view(&sig)),
	    CKR_SIGNATURE_INVALID);
	bytes[0] ^= 1;
	sig.data[K - 1] ^= 1;
	assert_int_equal(verify_once(m, rsa.pub, in, buf_view(&sig)),
	    CKR_SIGNATURE_INVALID);
	assert_int_equal(verify_once(m, rsa.pub, in,
	    view_sub(buf_view(&sig), 0, K - 1)), CKR_SIGNATURE_LEN_RANGE);
	memset(sig.data, 0xff, K);
	assert_int_equal(verify_once(m, rsa.pub, in, buf_view(&sig)),
	    CKR_SIGNATURE_INVALID);
	buf_free(&sig);
}

static void
pkcs_with_every_hash_is_openssls(void **state)
{
	struct scheme s = { .padding = RSA_PKCS1_PADDING };
	size_t i;

	(void)state;
	for (i = 0; i < MECH_HASHES; i++) {
		if (mech_hashes[i].rsa == NONE)
			continue;
		s.hash = mech_hashes[i].name;
		signatures_agree(mech_plain(mech_hashes[i].rsa), &s);
	}
}

/* Salts: none, short, the hash's, the longest. */
static void
pss_with_every_hash_mgf_and_salt_is_openssls(void **state)
{
	struct scheme s = { .padding = RSA_PKCS1_PSS_PADDING };
	CK_RSA_PKCS_PSS_PARAMS p;
	size_t i, j, n, size;

	(void)state;
	for (i = 0; i < MECH_HASHES; i++) {
		for (j = 0; j < MECH_HASHES; j++) {
			const struct mech_hash *h = &mech_hashes[i];

			if (h->pss == NONE || mech_hashes[j].mgf == NONE)
				continue;
			size = hash_by_mech(h->digest)->size;
			size_t salts[] = { 0, 5, size, K - 2 - size };

			n = salts[random_below(ARRAY_LEN(salts))];
			s.hash = h->name;
			s.mgf = mech_hashes[j].name;
			s.salt = (int)n;
			p.hashAlg = h->digest;
			p.mgf = mech_hashes[j].mgf;
			p.sLen = n;
			signatures_agree(mech_param(h->pss, &p, sizeof(p)),
			    &s);
		}
	}
}

static void
pss_over_a_digest_is_the_hashing_one(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS p = { CKM_SHA384, CKG_MGF1_SHA256, 48 };
	CK_MECHANISM raw = mech_param(CKM_RSA_PKCS_PSS, &p, sizeof(p));
	CK_MECHANISM hashing = mech_param(CKM_SHA384_RSA_PKCS_PSS, &p,
	    sizeof(p));
	struct view in = view_str("message");
	struct buf digest = BUF_EMPTY;
	struct buf sig = BUF_EMPTY;

	(void)state;
	assert_int_equal(digest_once(hash_by_mech(CKM_SHA384), &in, 1,
	    &digest), CKR_OK);
	assert_int_equal(run_parts(MECH_SIGN, raw, rsa.priv,
	    buf_view(&digest), &sig), CKR_OK);
	assert_int_equal(verify_once(hashing, rsa.pub, in, buf_view(&sig)),
	    CKR_OK);
	assert_int_equal(run_once(MECH_SIGN, hashing, rsa.priv, in, &sig),
	    CKR_OK);
	assert_int_equal(verify_parts(raw, rsa.pub, buf_view(&digest),
	    buf_view(&sig)), CKR_OK);
	/* another salt length is another scheme */
	p.sLen = 47;
	assert_int_equal(verify_once(hashing, rsa.pub, in, buf_view(&sig)),
	    CKR_SIGNATURE_INVALID);
	buf_free(&digest);
	buf_free(&sig);
}

static void
pss_wants_a_digest_of_its_length(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS p = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
	CK_MECHANISM m = mech_param(CKM_RSA_PKCS_PSS, &p, sizeof(p));
	size_t lens[] = { 0, 20, 31, 33, 64 };
	struct buf sig = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		unsigned before = fake_tpm_commands;

		assert_int_equal(run_parts(MECH_SIGN, m, rsa.priv,
		    random_bytes(lens[i]), &sig), CKR_DATA_LEN_RANGE);
		assert_int_equal(fake_tpm_commands, before);
		assert_int_equal(verify_once(m, rsa.pub,
		    random_bytes(lens[i]), random_bytes(K)),
		    CKR_DATA_LEN_RANGE);
	}
	buf_free(&sig);
}

static void
bad_pss_parameters_are_refused(void **state)
{
	static const CK_RSA_PKCS_PSS_PARAMS bad[] = {
		{ CKM_SHA_1, CKG_MGF1_SHA256, 32 },	/* not the row's */
		{ CKM_RSA_PKCS, CKG_MGF1_SHA256, 32 },
		{ CKM_SHA256, 0, 32 },
		{ CKM_SHA256, 0x77, 32 },
		{ CKM_SHA256, CKG_MGF1_SHA256, K - 2 - 32 + 1 },
		{ CKM_SHA256, CKG_MGF1_SHA256, CK_UNAVAILABLE_INFORMATION },
	};
	CK_RSA_PKCS_PSS_PARAMS p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		p = bad[i];
		assert_int_equal(try_start(MECH_SIGN,
		    mech_param(CKM_SHA256_RSA_PKCS_PSS, &p, sizeof(p)),
		    rsa.priv), CKR_MECHANISM_PARAM_INVALID);
	}
	assert_int_equal(try_start(MECH_SIGN, mech_param(CKM_RSA_PKCS_PSS, &p,
	    sizeof(p) - 1), rsa.priv), CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_start(MECH_SIGN, mech_param(CKM_RSA_PKCS_PSS,
	    NULL, sizeof(p)), rsa.priv), CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_start(MECH_SIGN, mech_plain(CKM_RSA_PKCS_PSS),
	    rsa.priv), CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_start(MECH_SIGN, mech_param(CKM_RSA_PKCS, &p,
	    sizeof(p)), rsa.priv), CKR_MECHANISM_PARAM_INVALID);
}

/* OpenSSL's PKCS#1 v1.5 signature of ready data. */
static struct view
openssl_raw(struct view in)
{
	static unsigned char sig[K];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa.pkey, NULL);
	size_t len = sizeof(sig);

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_PADDING), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, sig, &len, in.data, in.len), 1);
	EVP_PKEY_CTX_free(ctx);
	return view_of(sig, len);
}

static void
pkcs_signs_ready_data_of_any_length(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_RSA_PKCS);
	struct buf sig = BUF_EMPTY, out = BUF_EMPTY;
	uint8_t bytes[K];
	size_t len;

	(void)state;
	memcpy(bytes, random_bytes(K).data, K);
	for (len = 0; len <= K - 11; len += len < 3 ? 1 : 11) {
		struct view in = { bytes, len };

		assert_int_equal(run_parts(MECH_SIGN, m, rsa.priv, in, &sig),
		    CKR_OK);
		assert_int_equal(verify_parts(m, rsa.pub, in,
		    buf_view(&sig)), CKR_OK);
		assert_int_equal(run_parts(MECH_SIGN_RECOVER, m, rsa.priv, in,
		    &out), CKR_OK);
		assert_true(view_equal(buf_view(&out), buf_view(&sig)));
		assert_int_equal(run_parts(MECH_VERIFY_RECOVER, m, rsa.pub,
		    buf_view(&sig), &out), CKR_OK);
		assert_true(view_equal(buf_view(&out), in));
		assert_true(view_equal(buf_view(&sig), openssl_raw(in)));
	}
	assert_int_equal(run_parts(MECH_SIGN, m, rsa.priv,
	    view_of(bytes, K - 10), &sig), CKR_DATA_LEN_RANGE);
	buf_free(&sig);
	buf_free(&out);
}

static void
damaged_signatures_recover_nothing(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_RSA_PKCS);
	struct buf sig = BUF_EMPTY, out = BUF_EMPTY;

	(void)state;
	assert_int_equal(run_once(MECH_SIGN, m, rsa.priv, view_str("data"),
	    &sig), CKR_OK);
	sig.data[100] ^= 1;
	assert_int_equal(run_once(MECH_VERIFY_RECOVER, m, rsa.pub,
	    buf_view(&sig), &out), CKR_SIGNATURE_INVALID);
	assert_int_equal(run_once(MECH_VERIFY_RECOVER, m, rsa.pub,
	    view_sub(buf_view(&sig), 0, K - 1), &out),
	    CKR_SIGNATURE_LEN_RANGE);
	assert_int_equal(run_once(MECH_VERIFY_RECOVER, m, rsa.pub,
	    random_bytes(K + 1), &out), CKR_SIGNATURE_LEN_RANGE);
	assert_int_equal(out.len, 0);
	buf_free(&sig);
	buf_free(&out);
}

static void
each_use_wants_its_half_of_an_rsa_pair(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_RSA_PKCS);
	struct key *secret = secret_key(CKK_GENERIC_SECRET, view_str("x"));
	struct pair ec;
	enum mech_use use;

	(void)state;
	pair_open(&ec, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
	    TPM_USE_SIGN);
	for (use = MECH_ENCRYPT; use <= MECH_VERIFY_RECOVER; use++) {
		bool private = use == MECH_DECRYPT || use == MECH_SIGN ||
		    use == MECH_SIGN_RECOVER;

		assert_int_equal(try_start(use, m, private ? rsa.priv :
		    rsa.pub), CKR_OK);
		assert_int_equal(try_start(use, m, private ? rsa.pub :
		    rsa.priv), CKR_KEY_TYPE_INCONSISTENT);
		assert_int_equal(try_start(use, m, private ? ec.priv :
		    ec.pub), CKR_KEY_TYPE_INCONSISTENT);
		assert_int_equal(try_start(use, m, secret),
		    CKR_KEY_TYPE_INCONSISTENT);
	}
	pair_free(&ec);
	key_unref(&secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pkcs_with_every_hash_is_openssls),
		cmocka_unit_test(pss_with_every_hash_mgf_and_salt_is_openssls),
		cmocka_unit_test(pss_over_a_digest_is_the_hashing_one),
		cmocka_unit_test(pss_wants_a_digest_of_its_length),
		cmocka_unit_test(bad_pss_parameters_are_refused),
		cmocka_unit_test(pkcs_signs_ready_data_of_any_length),
		cmocka_unit_test(damaged_signatures_recover_nothing),
		cmocka_unit_test(each_use_wants_its_half_of_an_rsa_pair),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
