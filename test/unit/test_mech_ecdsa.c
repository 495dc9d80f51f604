/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mech_test.h"

#include <cmocka.h>

/* ECDSA against OpenSSL, in both directions. */

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
		    TPM_USE_SIGN);
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

static size_t
order_of(const struct pair *p)
{
	return ((size_t)EVP_PKEY_get_bits(p->pkey) + 7) / 8;
}

static bool
openssl_verifies(const struct pair *p, const char *hash, struct view in,
    struct view raw)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	struct buf der = BUF_EMPTY;
	int ok;

	signature_der(raw, &der);
	assert_int_equal(EVP_DigestVerifyInit_ex(md, NULL, hash, NULL, NULL,
	    p->pkey, NULL), 1);
	ok = EVP_DigestVerify(md, der.data, der.len, in.data, in.len);
	EVP_MD_CTX_free(md);
	buf_free(&der);
	return ok == 1;
}

static bool
openssl_verifies_digest(const struct pair *p, struct view digest,
    struct view raw)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(p->pkey, NULL);
	struct buf der = BUF_EMPTY;
	int ok;

	signature_der(raw, &der);
	assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
	ok = EVP_PKEY_verify(ctx, der.data, der.len, digest.data, digest.len);
	EVP_PKEY_CTX_free(ctx);
	buf_free(&der);
	return ok == 1;
}

static void
signature_agrees(const struct pair *p, const struct mech_hash *h)
{
	CK_MECHANISM m = mech_plain(h->ecdsa);
	uint8_t bytes[1000];
	struct view in = view_of(bytes, 1 + random_below(sizeof(bytes)));
	struct buf sig = BUF_EMPTY;

	memcpy(bytes, random_bytes(in.len).data, in.len);
	assert_int_equal(run_parts(MECH_SIGN, m, p->priv, in, &sig), CKR_OK);
	assert_int_equal(sig.len, 2 * order_of(p));
	assert_true(openssl_verifies(p, h->name, in, buf_view(&sig)));
	assert_int_equal(verify_once(m, p->pub, in, buf_view(&sig)), CKR_OK);
	assert_int_equal(verify_parts(m, p->pub, in, buf_view(&sig)), CKR_OK);
	bytes[0] ^= 1;
	assert_int_equal(verify_parts(m, p->pub, in, buf_view(&sig)),
	    CKR_SIGNATURE_INVALID);
	buf_free(&sig);
}

static void
every_hash_on_every_curve_is_openssls(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++)
		for (j = 0; j < MECH_HASHES; j++)
			if (mech_hashes[j].ecdsa != NONE)
				signature_agrees(&pairs[i], &mech_hashes[j]);
}

static void
digest_of_any_length_is_signed(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_ECDSA);
	struct buf sig = BUF_EMPTY;
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		for (len = 1; len <= 128; len += 1 + random_below(9)) {
			struct view in = random_bytes(len);

			/* random_bytes keeps these: chunks are drawn
			 * elsewhere */
			assert_int_equal(run_parts(MECH_SIGN, m,
			    pairs[i].priv, in, &sig), CKR_OK);
			assert_true(openssl_verifies_digest(&pairs[i], in,
			    buf_view(&sig)));
			assert_int_equal(verify_parts(m, pairs[i].pub, in,
			    buf_view(&sig)), CKR_OK);
		}
	}
	buf_free(&sig);
}

static void
message_instead_of_a_digest_is_refused(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_ECDSA);
	unsigned before = fake_tpm_commands;
	struct buf sig = BUF_EMPTY;

	(void)state;
	assert_int_equal(run_parts(MECH_SIGN, m, pairs[0].priv,
	    random_bytes(129), &sig), CKR_DATA_LEN_RANGE);
	assert_int_equal(fake_tpm_commands, before);
	assert_int_equal(verify_parts(m, pairs[0].pub, random_bytes(129),
	    random_bytes(64)), CKR_DATA_LEN_RANGE);
	buf_free(&sig);
}

static void
signatures_of_wrong_length_are_refused(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_ECDSA);
	struct view in = view_str("0123456789abcdef0123456789abcdef");
	size_t bad[] = { 0, 1, 63, 65, 66, 96, 1000 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(verify_once(m, pairs[0].pub, in,
		    random_bytes(bad[i])), CKR_SIGNATURE_LEN_RANGE);
	assert_int_equal(verify_once(m, pairs[0].pub, in, random_bytes(64)),
	    CKR_SIGNATURE_INVALID);
}

/* r and s without their leading zeros, for which many are signed. */
static void
shorter_halves_are_accepted(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_ECDSA);
	struct view in = view_str("0123456789abcdef0123456789abcdef");
	struct buf sig = BUF_EMPTY, cut = BUF_EMPTY;
	size_t tries, order = order_of(&pairs[2]);

	(void)state;
	/* on P-521 both halves begin with a zero one time in four */
	for (tries = 0; tries < 200; tries++) {
		assert_int_equal(run_once(MECH_SIGN, m, pairs[2].priv, in,
		    &sig), CKR_OK);
		if (sig.data[0] == 0 && sig.data[order] == 0)
			break;
	}
	assert_true(tries < 200);
	assert_int_equal(buf_set(&cut, view_sub(buf_view(&sig), 1,
	    order - 1)), CKR_OK);
	assert_int_equal(buf_append(&cut, view_sub(buf_view(&sig), order + 1,
	    order - 1)), CKR_OK);
	assert_int_equal(verify_once(m, pairs[2].pub, in, buf_view(&cut)),
	    CKR_OK);
	cut.data[5] ^= 1;
	assert_int_equal(verify_once(m, pairs[2].pub, in, buf_view(&cut)),
	    CKR_SIGNATURE_INVALID);
	buf_free(&sig);
	buf_free(&cut);
}

static void
signing_with_a_key_for_derivation_is_refused(void **state)
{
	struct pair p;
	struct buf sig = BUF_EMPTY;

	(void)state;
	pair_open(&p, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
	    TPM_USE_DECRYPT);
	assert_int_equal(run_once(MECH_SIGN, mech_plain(CKM_ECDSA), p.priv,
	    random_bytes(32), &sig), CKR_KEY_FUNCTION_NOT_PERMITTED);
	pair_free(&p);
	buf_free(&sig);
}

static void
ecdsa_takes_no_parameter(void **state)
{
	int junk = 1;

	(void)state;
	assert_int_equal(try_start(MECH_SIGN, mech_param(CKM_ECDSA, &junk,
	    sizeof(junk)), pairs[0].priv), CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_start(MECH_VERIFY, mech_param(CKM_ECDSA_SHA256,
	    &junk, sizeof(junk)), pairs[0].pub), CKR_MECHANISM_PARAM_INVALID);
}

static void
each_use_wants_its_half_of_an_ec_pair(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_ECDSA);

	(void)state;
	assert_int_equal(try_start(MECH_SIGN, m, pairs[0].priv), CKR_OK);
	assert_int_equal(try_start(MECH_VERIFY, m, pairs[0].pub), CKR_OK);
	assert_int_equal(try_start(MECH_SIGN, m, pairs[0].pub),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_VERIFY, m, pairs[0].priv),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_SIGN, mech_plain(CKM_RSA_PKCS),
	    pairs[0].priv), CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_ENCRYPT, m, pairs[0].pub),
	    CKR_MECHANISM_INVALID);
	assert_int_equal(try_start(MECH_DERIVE, mech_plain(CKM_ECDH1_DERIVE),
	    pairs[0].priv), CKR_MECHANISM_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hash_on_every_curve_is_openssls),
		cmocka_unit_test(digest_of_any_length_is_signed),
		cmocka_unit_test(message_instead_of_a_digest_is_refused),
		cmocka_unit_test(signatures_of_wrong_length_are_refused),
		cmocka_unit_test(shorter_halves_are_accepted),
		cmocka_unit_test(signing_with_a_key_for_derivation_is_refused),
		cmocka_unit_test(ecdsa_takes_no_parameter),
		cmocka_unit_test(each_use_wants_its_half_of_an_ec_pair),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
