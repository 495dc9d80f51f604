/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/hmac.h>

#include "mech_test.h"

#include <cmocka.h>

/* Digests and HMACs against OpenSSL. */

static void
digests_are_those_of_openssl(void **state)
{
	size_t lens[] = { 0, 1, 55, 64, 127, 128, 4097 };
	struct buf out = BUF_EMPTY;
	size_t i, j, n;

	(void)state;
	for (i = 0; i < MECH_HASHES; i++) {
		CK_MECHANISM m = mech_plain(mech_hashes[i].digest);

		for (j = 0; j < ARRAY_LEN(lens); j++) {
			struct view in = random_bytes(lens[j]);
			unsigned char want[EVP_MAX_MD_SIZE];

			assert_int_equal(EVP_Q_digest(NULL,
			    mech_hashes[i].name, NULL, in.data, in.len, want,
			    &n), 1);
			assert_int_equal(run_once(MECH_DIGEST, m, NULL, in,
			    &out), CKR_OK);
			assert_int_equal(out.len, n);
			assert_memory_equal(out.data, want, n);
			assert_int_equal(run_parts(MECH_DIGEST, m, NULL, in,
			    &out), CKR_OK);
			assert_int_equal(out.len, n);
			assert_memory_equal(out.data, want, n);
		}
	}
	buf_free(&out);
}

static void
hmac_of(const struct mech_hash *h, size_t key_len)
{
	unsigned char secret[300], want[EVP_MAX_MD_SIZE];
	struct view in;
	struct buf out = BUF_EMPTY;
	CK_MECHANISM m = mech_plain(h->hmac);
	struct key *own, *generic;
	size_t n;

	memcpy(secret, random_bytes(key_len).data, key_len);
	own = secret_key(h->hmac_key, view_of(secret, key_len));
	generic = secret_key(CKK_GENERIC_SECRET, view_of(secret, key_len));
	in = random_bytes(random_below(2000));
	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, h->name, NULL, secret,
	    key_len, in.data, in.len, want, sizeof(want), &n));
	assert_int_equal(run_once(MECH_SIGN, m, generic, in, &out), CKR_OK);
	assert_int_equal(out.len, n);
	assert_memory_equal(out.data, want, n);
	assert_int_equal(run_parts(MECH_SIGN, m, own, in, &out), CKR_OK);
	assert_int_equal(out.len, n);
	assert_memory_equal(out.data, want, n);
	assert_int_equal(verify_parts(m, own, in, view_of(want, n)), CKR_OK);
	key_unref(&own);
	key_unref(&generic);
	buf_free(&out);
}

static void
hmacs_are_those_of_openssl(void **state)
{
	/* around the block sizes 64, 72, 104, 128, 136, 144 */
	size_t lens[] = { 1, 20, 64, 65, 72, 73, 104, 105, 128, 129, 136, 137,
		144, 145, 300 };
	size_t i, j;

	(void)state;
	for (i = 0; i < MECH_HASHES; i++)
		for (j = 0; j < ARRAY_LEN(lens); j++)
			hmac_of(&mech_hashes[i], lens[j]);
}

static void
wrong_macs_are_refused(void **state)
{
	struct key *key = secret_key(CKK_GENERIC_SECRET, view_str("secret"));
	CK_MECHANISM m = mech_plain(CKM_SHA256_HMAC);
	struct view in = view_str("message");
	struct buf mac = BUF_EMPTY;

	(void)state;
	assert_int_equal(run_once(MECH_SIGN, m, key, in, &mac), CKR_OK);
	assert_int_equal(verify_once(m, key, in, buf_view(&mac)), CKR_OK);
	assert_int_equal(verify_once(m, key, in, view_sub(buf_view(&mac), 0,
	    31)), CKR_SIGNATURE_LEN_RANGE);
	assert_int_equal(verify_once(m, key, in, VIEW_EMPTY),
	    CKR_SIGNATURE_LEN_RANGE);
	mac.data[31] ^= 1;
	assert_int_equal(verify_once(m, key, in, buf_view(&mac)),
	    CKR_SIGNATURE_INVALID);
	key_unref(&key);
	buf_free(&mac);
}

static void
general_macs_are_the_leading_bytes(void **state)
{
	struct key *key = secret_key(CKK_SHA384_HMAC, view_str("secret"));
	CK_MAC_GENERAL_PARAMS len;
	CK_MECHANISM m = mech_param(CKM_SHA384_HMAC_GENERAL, &len,
	    sizeof(len));
	struct view in = view_str("message");
	struct buf full = BUF_EMPTY;
	struct buf mac = BUF_EMPTY;

	(void)state;
	assert_int_equal(run_once(MECH_SIGN, mech_plain(CKM_SHA384_HMAC), key,
	    in, &full), CKR_OK);
	for (len = 1; len <= 48; len++) {
		assert_int_equal(run_parts(MECH_SIGN, m, key, in, &mac),
		    CKR_OK);
		assert_int_equal(mac.len, len);
		assert_memory_equal(mac.data, full.data, len);
		assert_int_equal(verify_once(m, key, in, buf_view(&mac)),
		    CKR_OK);
	}
	len = 12;
	assert_int_equal(verify_once(m, key, in, buf_view(&full)),
	    CKR_SIGNATURE_LEN_RANGE);
	key_unref(&key);
	buf_free(&full);
	buf_free(&mac);
}

static void
bad_general_lengths_are_refused(void **state)
{
	CK_MAC_GENERAL_PARAMS bad[] = { 0, 33, 1000, NONE };
	struct key *key = secret_key(CKK_GENERIC_SECRET, view_str("secret"));
	CK_MECHANISM_TYPE type = CKM_SHA256_HMAC_GENERAL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(try_start(MECH_SIGN, mech_param(type, &bad[i],
		    sizeof(bad[i])), key), CKR_MECHANISM_PARAM_INVALID);
	bad[0] = 16;
	assert_int_equal(try_start(MECH_SIGN, mech_param(type, bad, 4), key),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_start(MECH_SIGN, mech_param(type, bad, 9), key),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_start(MECH_SIGN, mech_param(type, NULL, 8), key),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_start(MECH_SIGN, mech_plain(type), key),
	    CKR_MECHANISM_PARAM_INVALID);
	key_unref(&key);
}

static void
macs_want_a_secret_of_their_own_kind(void **state)
{
	struct key *aes = secret_key(CKK_AES, view_str("0123456789abcdef"));
	struct key *other = secret_key(CKK_SHA_1_HMAC, view_str("secret"));
	struct key *empty = secret_key(CKK_GENERIC_SECRET, VIEW_EMPTY);
	CK_MECHANISM m = mech_plain(CKM_SHA256_HMAC);

	(void)state;
	assert_int_equal(try_start(MECH_SIGN, m, aes),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_SIGN, m, other),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_SIGN, m, empty),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_SIGN, m, NULL),
	    CKR_KEY_HANDLE_INVALID);
	key_unref(&aes);
	key_unref(&other);
	key_unref(&empty);
}

static void
digests_take_no_parameter(void **state)
{
	int junk = 1;

	(void)state;
	assert_int_equal(try_start(MECH_DIGEST, mech_param(CKM_SHA256, &junk,
	    sizeof(junk)), NULL), CKR_MECHANISM_PARAM_INVALID);
	/* no bytes are no parameter, wherever they would be */
	assert_int_equal(try_start(MECH_DIGEST, mech_param(CKM_SHA256, &junk,
	    0), NULL), CKR_OK);
}

static void
copied_digest_goes_its_own_way(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_SHA256);
	struct mech_op *op = NULL, *copy = NULL;
	struct buf first = BUF_EMPTY, second = BUF_EMPTY, want = BUF_EMPTY;

	(void)state;
	assert_int_equal(mech_start(MECH_DIGEST, &m, NULL, &fake_tpm_caps,
	    &op), CKR_OK);
	assert_int_equal(mech_update(op, view_str("ab"), &first), CKR_OK);
	assert_int_equal(mech_copy(op, &copy), CKR_OK);
	assert_int_equal(mech_op_type(copy), CKM_SHA256);
	assert_int_equal(mech_update(op, view_str("X"), &first), CKR_OK);
	assert_int_equal(mech_update(copy, view_str("c"), &first), CKR_OK);
	assert_int_equal(mech_finish(op, &first), CKR_OK);
	assert_int_equal(mech_finish(copy, &second), CKR_OK);
	assert_int_equal(run_once(MECH_DIGEST, m, NULL, view_str("abX"),
	    &want), CKR_OK);
	assert_true(view_equal(buf_view(&want), buf_view(&first)));
	assert_int_equal(run_once(MECH_DIGEST, m, NULL, view_str("abc"),
	    &want), CKR_OK);
	assert_true(view_equal(buf_view(&want), buf_view(&second)));
	mech_end(&op);
	mech_end(&copy);
	buf_free(&first);
	buf_free(&second);
	buf_free(&want);
}

static void
state_with_a_key_cannot_be_saved(void **state)
{
	struct key *key = secret_key(CKK_GENERIC_SECRET, view_str("secret"));
	CK_MECHANISM m = mech_plain(CKM_SHA256_HMAC);
	struct mech_op *op = NULL, *copy = NULL;

	(void)state;
	assert_int_equal(mech_start(MECH_SIGN, &m, key, &fake_tpm_caps, &op),
	    CKR_OK);
	assert_int_equal(mech_copy(op, &copy), CKR_STATE_UNSAVEABLE);
	assert_null(copy);
	mech_end(&op);
	key_unref(&key);
}

static void
finished_operation_does_nothing_more(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_SHA256);
	struct mech_op *op = NULL, *copy = NULL;
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(mech_start(MECH_DIGEST, &m, NULL, &fake_tpm_caps,
	    &op), CKR_OK);
	assert_int_equal(mech_finish(op, &out), CKR_OK);
	assert_int_equal(mech_finish(op, &out),
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(mech_update(op, VIEW_EMPTY, &out),
	    CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(mech_copy(op, &copy), CKR_STATE_UNSAVEABLE);
	assert_int_equal(out.len, 32);
	mech_end(&op);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_openssl),
		cmocka_unit_test(hmacs_are_those_of_openssl),
		cmocka_unit_test(wrong_macs_are_refused),
		cmocka_unit_test(general_macs_are_the_leading_bytes),
		cmocka_unit_test(bad_general_lengths_are_refused),
		cmocka_unit_test(macs_want_a_secret_of_their_own_kind),
		cmocka_unit_test(digests_take_no_parameter),
		cmocka_unit_test(copied_digest_goes_its_own_way),
		cmocka_unit_test(state_with_a_key_cannot_be_saved),
		cmocka_unit_test(finished_operation_does_nothing_more),
	};

	return cmocka_run_group_tests(tests, mech_test_start,
	    mech_test_stop);
}
