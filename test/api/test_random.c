/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers of the TPM: any amount, never twice the same, all bits. */
#include <string.h>

#include "p11_object.h"

static void
any_amount_and_not_one_byte_more(void **state)
{
	static const CK_ULONG lens[] = { 1, 2, 31, 32, 33, 47, 48, 49, 63, 64,
		65, 127, 128, 1000, 10000 };
	static CK_BYTE out[10001];
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i;

	for (i = 0; i < P11_COUNT(lens); i++) {
		memset(out, 0, sizeof(out));
		assert_ok(p11->C_GenerateRandom(session, out, lens[i]));
		assert_int_equal(out[lens[i]], 0);
		/* were the end not written, it would be zeros: 2^-64 */
		if (lens[i] >= 32)
			assert_memory_not_equal(out + lens[i] - 8,
			    "\0\0\0\0\0\0\0\0", 8);
	}
}

static void
blocks_do_not_repeat(void **state)
{
	static CK_BYTE out[16 * 500];
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i, j;

	/* in requests of several sizes, so that buffers between are seen */
	assert_ok(p11->C_GenerateRandom(session, out, 16 * 250));
	for (i = 250; i < 500; i++)
		assert_ok(p11->C_GenerateRandom(session, out + 16 * i, 16));
	for (i = 0; i < 500; i++)
		for (j = 0; j < i; j++)
			assert_memory_not_equal(out + 16 * i, out + 16 * j,
			    16);
}

/* 80,000 bits: the mean is 40,000, the standard deviation 141. */
static void
half_of_the_bits_are_set(void **state)
{
	static CK_BYTE out[10000];
	CK_SESSION_HANDLE session = p11_session(state);
	unsigned ones = 0;
	size_t i;
	int bit;

	assert_ok(p11->C_GenerateRandom(session, out, sizeof(out)));
	for (i = 0; i < sizeof(out); i++)
		for (bit = 0; bit < 8; bit++)
			ones += (unsigned)out[i] >> bit & 1U;
	assert_in_range(ones, 40000 - 1400, 40000 + 1400);
}

static void
processes_and_starts_differ(void **state)
{
	CK_SESSION_HANDLE session;
	CK_BYTE one[32], two[32];

	(void)state;
	session = p11_open_ro();
	assert_ok(p11->C_GenerateRandom(session, one, sizeof(one)));
	assert_ok(p11->C_Finalize(NULL));
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open_ro();
	assert_ok(p11->C_GenerateRandom(session, two, sizeof(two)));
	assert_memory_not_equal(one, two, sizeof(one));
}

static void
seeds_are_taken_or_refused(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE seed[200] = { 1, 2, 3 }, out[16];

	assert_rv_in(p11->C_SeedRandom(session, seed, sizeof(seed)), CKR_OK,
	    CKR_RANDOM_SEED_NOT_SUPPORTED);
	assert_rv_in(p11->C_SeedRandom(session, seed, 1), CKR_OK,
	    CKR_RANDOM_SEED_NOT_SUPPORTED);
	assert_ok(p11->C_GenerateRandom(session, out, sizeof(out)));
}

static void
bad_arguments(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE byte = 0x5a;

	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GenerateRandom(session, NULL, 16));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_SeedRandom(session, NULL, 16));
	assert_rv_in(p11->C_GenerateRandom(session, &byte, 0), CKR_OK,
	    CKR_ARGUMENTS_BAD);
	assert_int_equal(byte, 0x5a);
}

static void
a_running_operation_does_not_mind(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
	CK_BYTE out[32];
	CK_ULONG n = sizeof(out);

	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_FindObjectsInit(session, NULL, 0));
	/* C_GenerateRandom's list has CKR_OPERATION_ACTIVE; it would help
	 * nobody here */
	assert_ok(p11->C_GenerateRandom(session, out, sizeof(out)));
	assert_ok(p11->C_DigestFinal(session, out, &n));
	assert_ok(p11->C_FindObjectsFinal(session));
}

static void
the_token_says_that_it_has_a_generator(void **state)
{
	CK_TOKEN_INFO info;

	(void)state;
	assert_ok(p11->C_GetTokenInfo(p11_slot, &info));
	assert_true((info.flags & CKF_RNG) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(the_token_says_that_it_has_a_generator),
		P11_PUBLIC_TEST(any_amount_and_not_one_byte_more),
		P11_PUBLIC_TEST(blocks_do_not_repeat),
		P11_PUBLIC_TEST(half_of_the_bits_are_set),
		P11_TEST(processes_and_starts_differ),
		P11_PUBLIC_TEST(seeds_are_taken_or_refused),
		P11_PUBLIC_TEST(bad_arguments),
		P11_PUBLIC_TEST(a_running_operation_does_not_mind),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
