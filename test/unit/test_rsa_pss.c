/* SPDX-License-Identifier: BSD-2-Clause */
#include "rsa_test.h"

/* Salts: none, one byte, the digest's length, the longest. */
static size_t
salt_len(size_t which, size_t h, size_t bits)
{
	size_t max = (bits - 1 + 7) / 8 - h - 2;

	if (which == 2)
		return h < max ? h : max;
	return which == 3 ? max : which;
}

static EVP_PKEY_CTX *
pss_context(EVP_PKEY *k, op_init *init, const struct pss *p)
{
	EVP_PKEY_CTX *ctx = context(k, init, RSA_PKCS1_PSS_PADDING);
	EVP_MD *md = EVP_MD_fetch(NULL, p->hash->name, NULL);
	EVP_MD *mgf = EVP_MD_fetch(NULL, p->mgf->name, NULL);

	assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, mgf), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx,
	    (int)p->salt_len), 1);
	EVP_MD_free(md);
	EVP_MD_free(mgf);
	return ctx;
}

static void
check_pss(unsigned bits, const struct pss *p)
{
	EVP_PKEY *k = rsa_key(bits);
	struct buf em = BUF_EMPTY, s, digest = BUF_EMPTY;
	EVP_PKEY_CTX *ctx;

	assert_int_equal(buf_resize(&digest, p->hash->size), CKR_OK);
	assert_int_equal(crypto_random(digest.data, digest.len), CKR_OK);
	assert_int_equal(rsa_pad_pss(p, buf_view(&digest), bits, &em),
	    CKR_OK);
	assert_int_equal(em.len, (bits + 7) / 8);
	assert_int_equal(rsa_check_pss(p, buf_view(&digest), bits,
	    buf_view(&em)), CKR_OK);
	s = raw_private(k, buf_view(&em));
	ctx = pss_context(k, EVP_PKEY_verify_init, p);
	assert_int_equal(EVP_PKEY_verify(ctx, s.data, s.len, digest.data,
	    digest.len), 1);
	EVP_PKEY_CTX_free(ctx);
	assert_int_equal(run(pss_context(k, EVP_PKEY_sign_init, p),
	    EVP_PKEY_sign, buf_view(&digest), &s), 1);
	buf_free(&em);
	em = raw_public(k, buf_view(&s));
	assert_int_equal(rsa_check_pss(p, buf_view(&digest), bits,
	    buf_view(&em)), CKR_OK);
	buf_free(&em);
	buf_free(&s);
	buf_free(&digest);
}

/* 1025 bits: the encoded message is a byte shorter than the modulus. */
static void
pss_is_understood_both_ways_with_any_hash_and_salt(void **state)
{
	static const unsigned sizes[] = { 2048, 1025, 1031 };
	size_t i, j, s;

	(void)state;
	for (i = 0; i < ARRAY_LEN(mechs); i++) {
		for (j = 0; j < ARRAY_LEN(sizes); j++) {
			for (s = 0; s < 4; s++) {
				struct pss p;

				p.hash = hash_by_mech(mechs[i]);
				p.mgf = hash_by_mech(mechs[(i + s) %
				    ARRAY_LEN(mechs)]);
				p.salt_len = salt_len(s, p.hash->size,
				    sizes[j]);
				check_pss(sizes[j], &p);
			}
		}
	}
}

static void
pss_salt_that_does_not_fit_is_refused(void **state)
{
	struct pss p = { hash_by_mech(CKM_SHA256), hash_by_mech(CKM_SHA256),
	    223 };
	struct buf em = BUF_EMPTY;
	uint8_t digest[33] = { 0 };

	(void)state;
	assert_int_equal(rsa_pad_pss(&p, view_of(digest, 32), 2048, &em),
	    CKR_KEY_SIZE_RANGE);
	assert_int_equal(rsa_check_pss(&p, view_of(digest, 32), 2048,
	    view_of(digest, 32)), CKR_KEY_SIZE_RANGE);
	p.salt_len = (size_t)-1;
	assert_int_equal(rsa_pad_pss(&p, view_of(digest, 32), 2048, &em),
	    CKR_KEY_SIZE_RANGE);
	p.salt_len = 0;
	assert_int_equal(rsa_pad_pss(&p, view_of(digest, 32), 128, &em),
	    CKR_KEY_SIZE_RANGE);
	assert_int_equal(rsa_pad_pss(&p, view_of(digest, 32), 0, &em),
	    CKR_KEY_SIZE_RANGE);
	assert_int_equal(rsa_pad_pss(&p, view_of(digest, 33), 2048, &em),
	    CKR_DATA_LEN_RANGE);
	assert_null(em.data);
}

static void
pss_check_fails_on_any_changed_bit(void **state)
{
	static const size_t sizes[] = { 1024, 1025, 1031 };
	struct pss p = { hash_by_mech(CKM_SHA256), hash_by_mech(CKM_SHA256),
	    32 };
	uint8_t digest[32];
	size_t i, j;

	(void)state;
	memset(digest, 0x11, sizeof(digest));
	for (j = 0; j < ARRAY_LEN(sizes); j++) {
		struct buf em = BUF_EMPTY;

		assert_int_equal(rsa_pad_pss(&p, view_of(digest, 32),
		    sizes[j], &em), CKR_OK);
		for (i = 0; i < em.len * 8; i++) {
			em.data[i / 8] ^= (uint8_t)(1 << i % 8);
			assert_int_equal(rsa_check_pss(&p,
			    view_of(digest, 32), sizes[j], buf_view(&em)),
			    CKR_SIGNATURE_INVALID);
			em.data[i / 8] ^= (uint8_t)(1 << i % 8);
		}
		buf_free(&em);
	}
}

static void
pss_check_wants_exactly_the_salt_it_is_told(void **state)
{
	struct pss p = { hash_by_mech(CKM_SHA256), hash_by_mech(CKM_SHA256),
	    32 };
	struct buf em = BUF_EMPTY;
	uint8_t digest[32] = { 0 };

	(void)state;
	assert_int_equal(rsa_pad_pss(&p, view_of(digest, 32), 1024, &em),
	    CKR_OK);
	for (p.salt_len = 0; p.salt_len <= 94; p.salt_len++)
		assert_int_equal(rsa_check_pss(&p, view_of(digest, 32), 1024,
		    buf_view(&em)), p.salt_len == 32 ? CKR_OK :
		    CKR_SIGNATURE_INVALID);
	p.salt_len = 32;
	assert_int_equal(rsa_check_pss(&p, view_of(digest, 32), 1024,
	    view_of(em.data, 127)), CKR_SIGNATURE_INVALID);
	buf_free(&em);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    pss_is_understood_both_ways_with_any_hash_and_salt),
		cmocka_unit_test(pss_salt_that_does_not_fit_is_refused),
		cmocka_unit_test(pss_check_fails_on_any_changed_bit),
		cmocka_unit_test(pss_check_wants_exactly_the_salt_it_is_told),
	};

	return cmocka_run_group_tests(tests, start_crypto, drop_keys);
}
