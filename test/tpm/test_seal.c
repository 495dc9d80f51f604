/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

static const uint8_t secret_bytes[128] = { 's', 'e', 'c', 'r', 'e', 't' };

static struct view
secret(size_t len)
{
	return view_of(secret_bytes, len);
}

static void
assert_unseals(const struct bench *b, const struct tpm_blob *blob, size_t len)
{
	struct buf out = BUF_EMPTY;

	assert_ok(tpm_unseal(b->tpm, &b->parent, blob, &out));
	assert_true(view_equal(buf_view(&out), secret(len)));
	buf_free(&out);
}

static void
assert_denied(const struct bench *b, const struct tpm_blob *blob)
{
	struct buf out = BUF_EMPTY;

	assert_rv(tpm_unseal(b->tpm, &b->parent, blob, &out),
	    CKR_PIN_INCORRECT);
	assert_null(out.data);
}

static void
what_was_sealed_comes_out(void **state)
{
	static const size_t lens[] = { 1, 32, 128 };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	size_t i;

	for (i = 0; i < ARRAY_LEN(lens); i++) {
		assert_ok(tpm_seal(b->tpm, &b->parent, secret(lens[i]),
		    view_str("pin"), true, &blob));
		assert_unseals(b, &blob, lens[i]);
		/* Without an authValue too. */
		assert_ok(tpm_seal(b->tpm, &b->parent, secret(lens[i]),
		    VIEW_EMPTY, true, &blob));
		assert_unseals(b, &blob, lens[i]);
	}
	tpm_blob_free(&blob);
}

static void
lengths_out_of_range_are_refused(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	static const uint8_t long_bytes[129];

	assert_rv(tpm_seal(b->tpm, &b->parent, VIEW_EMPTY, view_str("pin"),
	    true, &blob), CKR_DATA_LEN_RANGE);
	assert_rv(tpm_seal(b->tpm, &b->parent, view_of(long_bytes, 129),
	    view_str("pin"), true, &blob), CKR_DATA_LEN_RANGE);
	assert_rv(tpm_seal(b->tpm, &b->parent, secret(1),
	    view_of(long_bytes, 33), true, &blob), CKR_DATA_LEN_RANGE);
	assert_null(blob.private_area.data);
}

static void
a_wrong_auth_is_a_wrong_pin(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_ok(tpm_seal(b->tpm, &b->parent, secret(32), view_str("right"),
	    true, &blob));
	assert_ok(buf_set(&blob.auth, view_str("wrong")));
	assert_denied(b, &blob);
	/* One answer is all that it takes: nothing is tried again. */
	trace_reset();
	assert_denied(b, &blob);
	assert_int_equal(trace_count("Unseal"), 1);
	assert_int_equal(trace_count("ReadPublic"), 0);
	assert_ok(buf_set(&blob.auth, view_str("right")));
	assert_unseals(b, &blob, 32);
	tpm_blob_free(&blob);
}

/* The TPM drops trailing zeros; one of 256 random authValues ends in one. */
static void
an_auth_that_ends_in_zeros_works(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	static const uint8_t auth[32] = { 1, 2, 3, 0, 5 };

	assert_ok(tpm_seal(b->tpm, &b->parent, secret(32),
	    view_of(auth, sizeof(auth)), true, &blob));
	assert_unseals(b, &blob, 32);
	assert_ok(tpm_seal_change_auth(b->tpm, &b->parent, &blob,
	    view_of(auth, 4), &blob));
	assert_unseals(b, &blob, 32);
	tpm_blob_free(&blob);
}

static void
a_new_auth_opens_the_same_secret(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob old = TPM_BLOB_EMPTY, new = TPM_BLOB_EMPTY;

	assert_ok(tpm_seal(b->tpm, &b->parent, secret(32), view_str("old"),
	    true, &old));
	assert_ok(tpm_seal_change_auth(b->tpm, &b->parent, &old,
	    view_str("new"), &new));
	assert_true(view_equal(buf_view(&old.public_area),
	    buf_view(&new.public_area)));
	assert_true(view_equal(buf_view(&new.auth), view_str("new")));
	assert_unseals(b, &new, 32);
	assert_unseals(b, &old, 32);
	assert_ok(buf_set(&new.auth, view_str("old")));
	assert_denied(b, &new);
	assert_rv(tpm_seal_change_auth(b->tpm, &b->parent, &new,
	    view_str("x"), &new), CKR_PIN_INCORRECT);
	tpm_blob_free(&old);
	tpm_blob_free(&new);
}

static void
lockout_is_told_from_a_wrong_pin(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob da = TPM_BLOB_EMPTY, no_da = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;

	if (behind_resource_manager())
		return;	/* it is the resource manager's affair */
	assert_ok(tpm_seal(b->tpm, &b->parent, secret(32), view_str("pin"),
	    false, &da));
	assert_ok(tpm_seal(b->tpm, &b->parent, secret(32), view_str("pin"),
	    true, &no_da));
	run("tpm2_dictionarylockout -s -n 2 -t 1000 -l 1000");
	assert_ok(buf_set(&da.auth, view_str("wrong")));
	assert_ok(buf_set(&no_da.auth, view_str("wrong")));
	assert_denied(b, &no_da);
	assert_denied(b, &no_da);
	assert_denied(b, &no_da);
	assert_denied(b, &da);
	assert_denied(b, &da);
	assert_rv(tpm_unseal(b->tpm, &b->parent, &da, &out), CKR_PIN_LOCKED);
	assert_ok(buf_set(&no_da.auth, view_str("pin")));
	assert_unseals(b, &no_da, 32);
	run("tpm2_dictionarylockout -c");
	assert_ok(buf_set(&da.auth, view_str("pin")));
	assert_unseals(b, &da, 32);
	tpm_blob_free(&da);
	tpm_blob_free(&no_da);
}

static void
a_damaged_seal_is_not_recognised(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;

	assert_ok(tpm_seal(b->tpm, &b->parent, secret(32), view_str("pin"),
	    true, &blob));
	blob.private_area.data[blob.private_area.len - 1] ^= 1;
	assert_rv(tpm_unseal(b->tpm, &b->parent, &blob, &out),
	    CKR_TOKEN_NOT_RECOGNIZED);
	blob.private_area.len /= 2;
	assert_rv(tpm_unseal(b->tpm, &b->parent, &blob, &out),
	    CKR_DATA_INVALID);
	buf_clear(&blob.private_area);
	assert_rv(tpm_unseal(b->tpm, &b->parent, &blob, &out),
	    CKR_DATA_INVALID);
	tpm_blob_free(&blob);
}

/* A lost answer may have been a counted try: the caller has to decide. */
static void
a_lost_unseal_is_not_tried_again(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;

	assert_ok(tpm_seal(b->tpm, &b->parent, secret(32), view_str("pin"),
	    true, &blob));
	set_fault("Unseal:1:drop");
	trace_reset();
	assert_rv(tpm_unseal(b->tpm, &b->parent, &blob, &out),
	    CKR_DEVICE_ERROR);
	assert_int_equal(trace_count("Unseal"), 1);
	assert_unseals(b, &blob, 32);
	tpm_blob_free(&blob);
}

/* Neither the secret nor the authValue is on the bus in clear. */
static void
nothing_secret_crosses_the_bus(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY, new = TPM_BLOB_EMPTY;
	struct buf hex = BUF_EMPTY;
	static const uint8_t secret_value[] = "a secret of the token";
	static const char *const words[] = { "a secret of the token",
	    "an old PIN of it", "a new PIN of it" };
	size_t i;

	(void)setenv("TCTI_TRACE_RAW", "1", 1);
	assert_ok(tpm_seal(b->tpm, &b->parent,
	    view_of(secret_value, sizeof(secret_value)), view_str(words[1]),
	    true, &blob));
	assert_ok(tpm_seal_change_auth(b->tpm, &b->parent, &blob,
	    view_str(words[2]), &new));
	assert_ok(tpm_unseal(b->tpm, &b->parent, &new, &hex));
	(void)unsetenv("TCTI_TRACE_RAW");
	for (i = 0; i < ARRAY_LEN(words); i++) {
		buf_clear(&hex);
		assert_ok(hex_append(view_str(words[i]), &hex));
		run("! grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
	}
	/* The trace does show what is in clear: the blob's integrity part. */
	buf_clear(&hex);
	assert_ok(hex_append(view_sub(buf_view(&new.private_area), 2, 34),
	    &hex));
	run("grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
	tpm_blob_free(&blob);
	tpm_blob_free(&new);
	buf_free(&hex);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_sealed_comes_out),
		TEST(lengths_out_of_range_are_refused),
		TEST(a_wrong_auth_is_a_wrong_pin),
		TEST(an_auth_that_ends_in_zeros_works),
		TEST(a_new_auth_opens_the_same_secret),
		TEST(lockout_is_told_from_a_wrong_pin),
		TEST(a_damaged_seal_is_not_recognised),
		TEST(a_lost_unseal_is_not_tried_again),
		TEST(nothing_secret_crosses_the_bus),
	};

	return run_with_each_parent(tests);
}
