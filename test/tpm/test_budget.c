/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include <time.h>

#define P256 3

/*
 * How many commands things take (DESIGN: a whole cold run at most 13, with a
 * resource manager 10; the PIN index will take four more than here; with a
 * transient parent one to make it and one to flush it), and how long (printed
 * only).
 */

struct kit {
	struct tpm_blob seal;
	struct tpm_blob key;
	struct buf point;
};

static void
make_kit(const struct bench *b, struct kit *kit)
{
	assert_ok(tpm_seal(b->tpm, &b->parent, view_str("key of keys"),
	    view_str("pin"), true, &kit->seal));
	assert_ok(tpm_create_ec(b->tpm, &b->parent, P256, TPM_USE_SIGN,
	    &kit->key, &kit->point));
}

static void
free_kit(struct kit *kit)
{
	tpm_blob_free(&kit->seal);
	tpm_blob_free(&kit->key);
	buf_free(&kit->point);
}

static void
reopen(struct bench *b)
{
	tpm_free(&b->tpm);
	assert_ok(tpm_new(traced_tcti(), &b->tpm));
	trace_reset();
}

static void
a_cold_run_keeps_the_budget(void **state)
{
	struct bench *b = *state;
	struct kit kit = { TPM_BLOB_EMPTY, TPM_BLOB_EMPTY, BUF_EMPTY };
	struct tpm_key *k = NULL;
	struct buf out = BUF_EMPTY;

	make_kit(b, &kit);
	reopen(b);
	assert_ok(tpm_unseal(b->tpm, &b->parent, &kit.seal, &out));
	assert_int_equal(trace_count(NULL), 4 + roots());
	assert_ok(tpm_key_new(b->tpm, &b->parent, &kit.key, &k));
	assert_signs(k, &kit.point, P256, 32);
	assert_int_equal(trace_count(NULL), 6 + roots());
	tpm_free(&b->tpm);
	assert_int_equal(trace_count(NULL),
	    behind_resource_manager() ? 6 + roots() : 8 + 2 * roots());
	trace_print("cold run");
	assert_tpm_empty();
	tpm_key_unref(&k);
	free_kit(&kit);
	buf_free(&out);
}

static void
a_warm_operation_is_one_command(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY, z = BUF_EMPTY;

	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	trace_reset();
	assert_signs(k, &point, P256, 32);
	assert_int_equal(trace_count(NULL), 1);
	assert_ok(tpm_key_ecdh(k, buf_view(&point), &z));
	assert_int_equal(trace_count(NULL), 2);
	tpm_key_unref(&k);
	buf_free(&point);
	buf_free(&z);
}

static void
nothing_is_sent_before_it_is_needed(void **state)
{
	struct bench *b = *state;

	reopen(b);
	tpm_free(&b->tpm);
	assert_int_equal(trace_count(NULL), 0);
}

static void
random_numbers_come_in_full_portions(void **state)
{
	struct bench *b = *state;
	uint8_t bytes[200], other[200];

	reopen(b);
	memset(bytes, 0, sizeof(bytes));
	assert_ok(tpm_random(b->tpm, bytes, sizeof(bytes)));
	/* ReadPublic of the SRK, session, 4 times 64 bytes at most. */
	assert_int_equal(trace_count(NULL), 2 + 4);
	assert_ok(tpm_random(b->tpm, other, sizeof(other)));
	assert_int_equal(trace_count(NULL), 2 + 8);
	assert_memory_not_equal(bytes, other, sizeof(bytes));
	assert_false(view_is_zero(view_of(bytes + 190, 10)));
}

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
the_rate_of_signatures_is_printed(void **state)
{
	struct bench *b = *state;
	struct buf point = BUF_EMPTY, out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	static const uint8_t digest[32] = { 1 };
	double begin;
	int i, n = 2000;

	tpm_free(&b->tpm);
	assert_ok(tpm_new(getenv("TPM2_CRYPTOKI_TCTI"), &b->tpm));
	make_ec(b, P256, &k, &point);
	assert_signs(k, &point, P256, 32);
	begin = now();
	for (i = 0; i < n; i++)
		assert_ok(tpm_key_ecdsa(k, view_of(digest, 32), &out));
	printf("# P-256 signatures: %.0f/s\n", n / (now() - begin));
	begin = now();
	for (i = 0; i < n; i++)
		assert_ok(tpm_key_ecdh(k, buf_view(&point), &out));
	printf("# P-256 ECDH: %.0f/s\n", n / (now() - begin));
	tpm_key_unref(&k);
	buf_free(&point);
	buf_free(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cold_run_keeps_the_budget),
		TEST(a_warm_operation_is_one_command),
		TEST(nothing_is_sent_before_it_is_needed),
		TEST(random_numbers_come_in_full_portions),
		TEST(the_rate_of_signatures_is_printed),
	};

	return run_with_each_parent(tests);
}
