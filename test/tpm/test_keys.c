/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include "crypto/rsa_pad.h"

#define P256 3
#define P384 4
#define P521 5

static void
signatures_of_every_curve_verify(void **state)
{
	static const uint16_t ids[] = { P256, P384, P521 };
	static const size_t lens[] = { 1, 20, 28, 32, 48, 64 };
	const struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(ids); i++) {
		make_ec(b, ids[i], &k, &point);
		for (j = 0; j < ARRAY_LEN(lens); j++)
			assert_signs(k, &point, ids[i], lens[j]);
		tpm_key_unref(&k);
	}
	buf_free(&point);
}

/* The integer does not change: what is beyond the order's bits is cut. */
static void
a_digest_longer_than_the_order_is_cut(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;

	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 100);
	tpm_key_unref(&k);
	make_ec(b, P384, &k, &point);
	assert_signs(k, &point, P384, 100);
	tpm_key_unref(&k);
	buf_free(&point);
}

/* No hash of a TPM has more than 512 bits, so 521 cannot be signed. */
static void
a_digest_that_no_hash_can_hold_is_refused(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY, signature = BUF_EMPTY;
	uint8_t digest[66];

	memset(digest, 0xff, sizeof(digest));
	make_ec(b, P521, &k, &point);
	assert_rv(tpm_key_ecdsa(k, view_of(digest, sizeof(digest)),
	    &signature), CKR_DATA_LEN_RANGE);
	/* The same length with a small enough integer is none of that. */
	memset(digest, 0, 4);
	assert_ok(tpm_key_ecdsa(k, view_of(digest, sizeof(digest)),
	    &signature));
	tpm_key_unref(&k);
	buf_free(&point);
	buf_free(&signature);
}

static void
ecdh_equals_software(void **state)
{
	static const uint16_t ids[] = { P256, P384, P521 };
	const struct bench *b = *state;
	struct buf point = BUF_EMPTY, peer = BUF_EMPTY;
	struct buf z = BUF_EMPTY, expected = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(ids); i++) {
		make_ec(b, ids[i], &k, &point);
		assert_ok(curve_ephemeral(curve_by_tpm_id(ids[i]),
		    buf_view(&point), &peer, &expected));
		assert_ok(tpm_key_ecdh(k, buf_view(&peer), &z));
		assert_true(view_equal(buf_view(&z), buf_view(&expected)));
		assert_rv(tpm_key_ecdh(k, view_sub(buf_view(&peer), 0, 64),
		    &z), CKR_DATA_INVALID);
		tpm_key_unref(&k);
	}
	buf_free(&point);
	buf_free(&peer);
	buf_free(&z);
	buf_free(&expected);
}

static void
an_ecdh_point_off_the_curve_is_refused(void **state)
{
	const struct bench *b = *state;
	struct buf point = BUF_EMPTY, z = BUF_EMPTY;
	struct tpm_key *k = NULL;

	make_ec(b, P256, &k, &point);
	point.data[40] ^= 1;
	assert_rv(tpm_key_ecdh(k, buf_view(&point), &z), CKR_DATA_INVALID);
	point.data[40] ^= 1;
	assert_ok(tpm_key_ecdh(k, buf_view(&point), &z));
	tpm_key_unref(&k);
	buf_free(&point);
	buf_free(&z);
}

static void
raw_rsa_undoes_the_public_operation(void **state)
{
	static const uint8_t e[] = { 1, 0, 1 };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf n = BUF_EMPTY, in = BUF_EMPTY, mid = BUF_EMPTY;
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	struct pubkey *pub = NULL;

	assert_ok(tpm_create_rsa(b->tpm, &b->parent, 2048, 65537,
	    TPM_USE_SIGN | TPM_USE_DECRYPT, &blob, &n));
	assert_int_equal(n.len, 256);
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
	assert_ok(pubkey_rsa(buf_view(&n), view_of(e, sizeof(e)), &pub));
	/* Leading zeros survive. */
	assert_ok(buf_set_padded(&in, view_str("attack at dawn"), 256));
	assert_ok(pubkey_rsa_public(pub, buf_view(&in), &mid));
	assert_ok(tpm_key_rsa(k, buf_view(&mid), &out));
	assert_true(view_equal(buf_view(&in), buf_view(&out)));
	assert_ok(tpm_key_rsa(k, buf_view(&in), &mid));
	assert_ok(pubkey_rsa_public(pub, buf_view(&mid), &out));
	assert_true(view_equal(buf_view(&in), buf_view(&out)));
	/* Not below the modulus, or of another length. */
	assert_rv(tpm_key_rsa(k, buf_view(&n), &out), CKR_DATA_INVALID);
	assert_rv(tpm_key_rsa(k, view_sub(buf_view(&in), 1, 255), &out),
	    CKR_DATA_INVALID);
	tpm_key_unref(&k);
	pubkey_free(&pub);
	tpm_blob_free(&blob);
	buf_free(&n);
	buf_free(&in);
	buf_free(&mid);
	buf_free(&out);
}

static void
sizes_and_curves_that_the_tpm_lacks_say_so(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;

	assert_rv(tpm_create_rsa(b->tpm, &b->parent, 1536, 65537, 3, &blob,
	    &out), CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_create_rsa(b->tpm, &b->parent, 4096, 65537, 3, &blob,
	    &out), CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_create_rsa(b->tpm, &b->parent, 8192, 65537, 3, &blob,
	    &out), CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_create_rsa(b->tpm, &b->parent, 2048, 17, 3, &blob,
	    &out), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_rv(tpm_create_ec(b->tpm, &b->parent, 0x77, 3, &blob, &out),
	    CKR_CURVE_NOT_SUPPORTED);
	assert_null(out.data);
	assert_null(blob.auth.data);
}

static void
a_key_does_only_what_it_was_made_for(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY, out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t digest[32] = { 1 };

	assert_ok(tpm_create_ec(b->tpm, &b->parent, P256, TPM_USE_SIGN, &blob,
	    &point));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
	assert_rv(tpm_key_ecdh(k, buf_view(&point), &out),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_rv(tpm_key_rsa(k, view_of(digest, 32), &out),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_ok(tpm_key_ecdsa(k, view_of(digest, 32), &out));
	tpm_key_unref(&k);
	tpm_blob_free(&blob);
	assert_ok(tpm_create_ec(b->tpm, &b->parent, P256, TPM_USE_DECRYPT,
	    &blob, &point));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
	assert_rv(tpm_key_ecdsa(k, view_of(digest, 32), &out),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	tpm_key_unref(&k);
	tpm_blob_free(&blob);
	buf_free(&point);
	buf_free(&out);
}

static void
the_rejection_secret_is_the_keys_own_and_stays(void **state)
{
	const struct bench *b = *state;
	struct buf point = BUF_EMPTY, one = BUF_EMPTY, two = BUF_EMPTY;
	struct tpm_key *k = NULL, *other = NULL;

	make_ec(b, P256, &k, &point);
	make_ec(b, P256, &other, &point);
	assert_ok(tpm_key_secret(k, &one));
	assert_int_equal(one.len, 32);
	assert_ok(tpm_key_secret(k, &two));
	assert_true(view_equal(buf_view(&one), buf_view(&two)));
	assert_ok(tpm_key_secret(other, &two));
	assert_false(view_equal(buf_view(&one), buf_view(&two)));
	tpm_key_unref(&k);
	tpm_key_unref(&other);
	buf_free(&point);
	buf_free(&one);
	buf_free(&two);
}

static void
twenty_keys_take_turns_in_three_places(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *keys[20] = { NULL };
	struct buf points[20] = { BUF_EMPTY };
	size_t i, round;

	for (i = 0; i < ARRAY_LEN(keys); i++)
		make_ec(b, P256, &keys[i], &points[i]);
	for (round = 0; round < 3; round++)
		for (i = 0; i < ARRAY_LEN(keys); i++)
			assert_signs(keys[i], &points[i], P256, 32);
	/* Two in turn fit, so neither is loaded again. */
	assert_signs(keys[0], &points[0], P256, 32);
	assert_signs(keys[1], &points[1], P256, 32);
	trace_reset();
	for (round = 0; round < 5; round++)
		for (i = 0; i < 2; i++)
			assert_signs(keys[i], &points[i], P256, 32);
	assert_int_equal(trace_count(NULL), 10);
	assert_int_equal(trace_count("Sign"), 10);
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		tpm_key_unref(&keys[i]);
		buf_free(&points[i]);
	}
}

/* An evicted key costs its flush, its load and the signature, not more. */
static void
a_full_tpm_is_known_after_the_first_time(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *keys[6] = { NULL };
	struct buf points[6] = { BUF_EMPTY };
	size_t i;

	if (behind_resource_manager())
		return;	/* it is the resource manager's affair */
	for (i = 0; i < ARRAY_LEN(keys); i++)
		make_ec(b, P256, &keys[i], &points[i]);
	for (i = 0; i < ARRAY_LEN(keys); i++)
		assert_signs(keys[i], &points[i], P256, 32);
	trace_reset();
	for (i = 0; i < ARRAY_LEN(keys); i++)
		assert_signs(keys[i], &points[i], P256, 32);
	assert_int_equal(trace_count(NULL), 3 * ARRAY_LEN(keys));
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		tpm_key_unref(&keys[i]);
		buf_free(&points[i]);
	}
}

static void
a_damaged_blob_is_refused(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t digest[32] = { 1 };

	assert_ok(tpm_create_ec(b->tpm, &b->parent, P256, 3, &blob, &out));
	blob.private_area.data[blob.private_area.len / 2] ^= 1;
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
	assert_rv(tpm_key_ecdsa(k, view_of(digest, 32), &out),
	    CKR_TOKEN_NOT_RECOGNIZED);
	tpm_key_unref(&k);
	/* Shorter than it says. */
	blob.public_area.len--;
	assert_rv(tpm_key_new(b->tpm, &b->parent, &blob, &k),
	    CKR_DATA_INVALID);
	assert_null(k);
	tpm_blob_free(&blob);
	buf_free(&out);
}

static void
a_key_with_a_wrong_auth_is_a_device_error(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t digest[32] = { 1 };

	assert_ok(tpm_create_ec(b->tpm, &b->parent, P256, 3, &blob, &out));
	blob.auth.data[0] ^= 1;
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
	assert_rv(tpm_key_ecdsa(k, view_of(digest, 32), &out),
	    CKR_DEVICE_ERROR);
	tpm_key_unref(&k);
	tpm_blob_free(&blob);
	buf_free(&out);
}

static void
a_key_outlives_its_tpm_harmlessly(void **state)
{
	struct bench *b = *state;
	struct buf point = BUF_EMPTY, out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t digest[32] = { 1 };

	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	tpm_free(&b->tpm);
	assert_tpm_empty();
	assert_rv(tpm_key_ecdsa(k, view_of(digest, 32), &out),
	    CKR_DEVICE_REMOVED);
	tpm_key_unref(&k);
	buf_free(&point);
	buf_free(&out);
}

static void
a_key_is_flushed_with_its_last_reference(void **state)
{
	const struct bench *b = *state;
	struct buf point = BUF_EMPTY;
	struct tpm_key *k = NULL, *second;

	if (behind_resource_manager())
		return;	/* it is the resource manager's affair */
	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	second = tpm_key_ref(k);
	tpm_key_unref(&k);
	assert_int_equal(tpm_holds("transient"), 1 + roots());
	tpm_key_unref(&second);
	assert_int_equal(tpm_holds("transient"), roots());
	buf_free(&point);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(signatures_of_every_curve_verify),
		TEST(a_digest_longer_than_the_order_is_cut),
		TEST(a_digest_that_no_hash_can_hold_is_refused),
		TEST(ecdh_equals_software),
		TEST(an_ecdh_point_off_the_curve_is_refused),
		TEST(raw_rsa_undoes_the_public_operation),
		TEST(sizes_and_curves_that_the_tpm_lacks_say_so),
		TEST(a_key_does_only_what_it_was_made_for),
		TEST(the_rejection_secret_is_the_keys_own_and_stays),
		TEST(twenty_keys_take_turns_in_three_places),
		TEST(a_full_tpm_is_known_after_the_first_time),
		TEST(a_damaged_blob_is_refused),
		TEST(a_key_with_a_wrong_auth_is_a_device_error),
		TEST(a_key_outlives_its_tpm_harmlessly),
		TEST(a_key_is_flushed_with_its_last_reference),
	};

	return run_with_each_parent(tests);
}
