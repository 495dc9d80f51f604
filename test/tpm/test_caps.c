/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include "tpm/caps.h"
#include "tpm/import.h"

/* TCTI_TRACE_LACKS, by numbers: EncryptDecrypt2, HMAC, Import; CTR, CMAC,
 * SHA-512; P-384. */
static void
what_the_tpm_lacks_is_known(void **state)
{
	const struct bench *b = *state;
	struct tpm_caps c;

	(void)setenv("TCTI_TRACE_LACKS", "cc:193,cc:155,cc:156,alg:40,alg:3f,"
	    "alg:d,curve:4", 1);
	assert_ok(tpm_caps_read(b->tpm, &c));
	(void)unsetenv("TCTI_TRACE_LACKS");
	assert_false(c.encrypt_decrypt2);
	assert_true(c.encrypt_decrypt);
	assert_false(c.hmac);
	assert_true(c.hmac_sequence);
	assert_false(c.cmac);
	assert_false(c.import);
	assert_false(tpm_caps_cipher(&c, TPM_CIPHER_CTR));
	assert_true(tpm_caps_cipher(&c, TPM_CIPHER_CBC));
	assert_false(tpm_caps_hash(&c, CKM_SHA512));
	assert_true(tpm_caps_hash(&c, CKM_SHA384));
	assert_false(tpm_caps_curve(&c, 4));
	assert_true(tpm_caps_curve(&c, 3));
	c.encrypt_decrypt = false;
	assert_false(tpm_caps_cipher(&c, TPM_CIPHER_CBC));
}

/* The trace refuses the command too, of whatever number. */
static void
what_the_tpm_lacks_is_refused(void **state)
{
	static const uint8_t d[] = { 1, 2, 3 };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY;

	(void)setenv("TCTI_TRACE_LACKS", "cc:156", 1);
	assert_rv(tpm_import_ec(b->tpm, &b->parent, 3, view_of(d, sizeof(d)),
	    VIEW_EMPTY, TPM_USE_SIGN, &blob, &point),
	    CKR_FUNCTION_NOT_SUPPORTED);
	(void)unsetenv("TCTI_TRACE_LACKS");
	assert_ok(tpm_import_ec(b->tpm, &b->parent, 3, view_of(d, sizeof(d)),
	    VIEW_EMPTY, TPM_USE_SIGN, &blob, &point));
	tpm_blob_free(&blob);
	buf_free(&point);
}

static void
one_round_of_questions_is_enough(void **state)
{
	const struct bench *b = *state;
	struct tpm_caps c;

	trace_reset();
	assert_ok(tpm_caps_read(b->tpm, &c));
	assert_int_equal(trace_count("GetCapability"), 4);
	/* Four sizes of RSA, three of AES. */
	assert_int_equal(trace_count("TestParms"), 7);
	assert_int_equal(trace_count(NULL), 11);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_the_tpm_lacks_is_known),
		TEST(what_the_tpm_lacks_is_refused),
		TEST(one_round_of_questions_is_enough),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
