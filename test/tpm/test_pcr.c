/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include "tpm/pcr.h"

static const uint8_t secret_bytes[128] = { 'd', 'e', 'v', 'i', 'c', 'e' };

static struct view
secret(size_t len)
{
	return view_of(secret_bytes, len);
}

static void
a_choice_has_one_text(void **state)
{
	static const struct {
		const char *in, *out;
	} texts[] = {
		{ "sha256:0,2,7", "sha256:0,2,7" },
		{ "sha256:7,0,2", "sha256:0,2,7" },
		{ "sha1:0", "sha1:0" },
		{ "sha512:23+sha1:10,9", "sha1:9,10+sha512:23" },
		{ "sha384:1+sha512:2+sha256:3+sha1:4",
		    "sha1:4+sha256:3+sha384:1+sha512:2" },
		{ "sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
		    "20,21,22,23", "sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,"
		    "15,16,17,18,19,20,21,22,23" },
	};
	struct buf text = BUF_EMPTY;
	struct tpm_pcrs pcrs;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		assert_ok(tpm_pcrs_parse(view_str(texts[i].in), &pcrs));
		assert_ok(tpm_pcrs_format(&pcrs, &text));
		assert_string_equal(text.data, texts[i].out);
		assert_int_equal(text.len, strlen(texts[i].out));
	}
	pcrs = TPM_PCRS_NONE;
	assert_ok(tpm_pcrs_format(&pcrs, &text));
	assert_string_equal(text.data, "");
	buf_free(&text);
}

static void
what_is_no_choice_is_refused(void **state)
{
	static const char *const texts[] = {
		"", ":", "+", "sha256", "sha256:", "sha256:,", "sha256:1,",
		"sha256:,1", "sha256:1,,2", "sha256:24", "sha256:00",
		"sha256:01", "sha256:100", "sha256:-1", "sha256:+1",
		"sha256:1 ", " sha256:1", "sha256: 1", "sha256:0x1",
		"sha256:1,1", "sha256:1+", "+sha256:1", "sha256:1+sha256:2",
		"SHA256:1", "sha:1", "sha2566:1", "md5:1", "sha256:all",
		"sha256:1+sha1", "sha256:1:2", "sha256=1", "sha256:1;2",
		"sha256:99999999999", "sha256:1\n",
		"sha1:1+sha256:1+sha384:1+sha512:1+sha1:2",
	};
	struct tpm_pcrs pcrs = TPM_PCRS_NONE;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		print_message("\"%s\"\n", texts[i]);
		assert_rv(tpm_pcrs_parse(view_str(texts[i]), &pcrs),
		    CKR_DATA_INVALID);
	}
	/* With its NUL it is another text. */
	assert_rv(tpm_pcrs_parse(view_of("sha256:1", 9), &pcrs),
	    CKR_DATA_INVALID);
	assert_int_equal(pcrs.count, 0);
}

static struct tpm_pcrs
choose(const char *text)
{
	struct tpm_pcrs pcrs = TPM_PCRS_NONE;

	if (*text != '\0')
		assert_ok(tpm_pcrs_parse(view_str(text), &pcrs));
	return pcrs;
}

static CK_RV
unseal(const struct bench *b, const struct tpm_blob *blob, const char *text)
{
	const struct tpm_pcrs pcrs = choose(text);
	struct buf out = BUF_EMPTY;
	CK_RV rv;

	rv = tpm_policy_unseal(b->tpm, &b->parent, blob, &pcrs, &out);
	if (rv == CKR_OK)
		assert_true(view_equal(buf_view(&out), secret(32)));
	else
		assert_null(out.data);
	buf_free(&out);
	return rv;
}

static CK_RV
seal(const struct bench *b, const char *text, struct tpm_blob *blob)
{
	const struct tpm_pcrs pcrs = choose(text);

	return tpm_policy_seal(b->tpm, &b->parent, secret(32), &pcrs, blob);
}

static void
what_was_sealed_comes_out(void **state)
{
	/* More than eight values take more than one command to read. */
	static const char many[] = "sha256:0,1,2,3,4,5,6,7,8,9,10,11,12,13,"
	    "14,15,16,17,18,19,20,21,22,23+sha384:0,1,2,3,4,5,6,7,8,9";
	static const char *const texts[] = { "", "sha256:0", "sha256:0,2,7",
	    "sha1:3+sha256:0,1", many };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		assert_ok(seal(b, texts[i], &blob));
		assert_int_equal(blob.auth.len, 0);
		assert_ok(unseal(b, &blob, texts[i]));
		assert_ok(unseal(b, &blob, texts[i]));
	}
	tpm_blob_free(&blob);
}

static void
a_changed_pcr_keeps_it_shut(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY, again = TPM_BLOB_EMPTY;

	run("tpm2_pcrreset 16");
	assert_ok(seal(b, "sha256:0,16", &blob));
	run("tpm2_pcrextend 16:sha256=%064d", 1);
	assert_rv(unseal(b, &blob, "sha256:0,16"), CKR_ACTION_PROHIBITED);
	/* Sealed anew it opens now, and not as it was. */
	assert_ok(seal(b, "sha256:0,16", &again));
	assert_ok(unseal(b, &again, "sha256:0,16"));
	run("tpm2_pcrreset 16");
	assert_ok(unseal(b, &blob, "sha256:0,16"));
	assert_rv(unseal(b, &again, "sha256:0,16"), CKR_ACTION_PROHIBITED);
	tpm_blob_free(&blob);
	tpm_blob_free(&again);
}

/* Neither other PCRs, nor none, nor the empty authValue. */
static void
another_choice_keeps_it_shut(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY, out = TPM_BLOB_EMPTY;
	struct buf data = BUF_EMPTY;

	assert_ok(seal(b, "sha256:0,16", &blob));
	assert_rv(unseal(b, &blob, "sha256:0"), CKR_ACTION_PROHIBITED);
	assert_rv(unseal(b, &blob, "sha256:16,17"), CKR_ACTION_PROHIBITED);
	assert_rv(unseal(b, &blob, "sha384:0,16"), CKR_ACTION_PROHIBITED);
	assert_rv(unseal(b, &blob, ""), CKR_DEVICE_ERROR);
	assert_rv(tpm_unseal(b->tpm, &b->parent, &blob, &data),
	    CKR_PIN_LOCKED);
	assert_rv(tpm_seal_change_auth(b->tpm, &b->parent, &blob,
	    VIEW_EMPTY, &out), CKR_DEVICE_ERROR);
	assert_ok(unseal(b, &blob, "sha256:0,16"));
	tpm_blob_free(&blob);
}

static void
a_first_look_keeps_the_budget(void **state)
{
	struct bench *b = *state;
	struct tpm_blob free_one = TPM_BLOB_EMPTY, bound = TPM_BLOB_EMPTY;

	assert_ok(seal(b, "", &free_one));
	assert_ok(seal(b, "sha256:0,7", &bound));
	tpm_free(&b->tpm);
	assert_ok(tpm_new(traced_tcti(), &b->tpm));
	trace_reset();
	assert_ok(unseal(b, &free_one, ""));
	assert_int_equal(trace_count(NULL), 4);
	trace_reset();
	assert_ok(unseal(b, &bound, "sha256:0,7"));
	assert_int_equal(trace_count(NULL), 5);
	tpm_free(&b->tpm);
	assert_tpm_empty();
	tpm_blob_free(&free_one);
	tpm_blob_free(&bound);
}

static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = { "Unseal:1:drop",
	    "Unseal:1:0x128", "PolicyPCR:1:drop", "PolicyPCR:1:0x910",
	    "Unseal:1:0x918", "StartAuthSession:1:drop" };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	size_t i;

	assert_ok(seal(b, "sha256:0", &blob));
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(faults[i]);
		print_message("%s\n", faults[i]);
		assert_ok(unseal(b, &blob, "sha256:0"));
		set_fault(NULL);
	}
	set_fault("PCR_Read:1:drop");
	assert_ok(seal(b, "sha256:0", &blob));
	set_fault("Unseal:1:flip");
	assert_rv(unseal(b, &blob, "sha256:0"), CKR_DEVICE_ERROR);
	tpm_blob_free(&blob);
}

static void
lengths_out_of_range_are_refused(void **state)
{
	const struct bench *b = *state;
	const struct tpm_pcrs pcrs = choose("sha256:0");
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_rv(tpm_policy_seal(b->tpm, &b->parent, VIEW_EMPTY, &pcrs,
	    &blob), CKR_DATA_LEN_RANGE);
	assert_rv(tpm_policy_seal(b->tpm, &b->parent,
	    view_of(secret_bytes, 129), &pcrs, &blob), CKR_DATA_LEN_RANGE);
	assert_null(blob.private_area.data);
}

static int
own_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	*state = b;
	return bench_open(b, own_tpm_start()) == CKR_OK ? 0 : -1;
}

static int
own_teardown(void **state)
{
	int rc = bench_teardown(state);

	own_tpm_remove();
	return rc;
}

static void
a_bank_that_the_tpm_lacks_is_refused(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	own_tpm_run("tpm2_pcrallocate -Q sha1:none+sha256:all+sha384:none+"
	    "sha512:none");
	own_tpm_reset();
	assert_ok(seal(b, "sha256:0", &blob));
	assert_rv(seal(b, "sha1:0", &blob), CKR_DATA_INVALID);
	assert_rv(seal(b, "sha256:0+sha384:1", &blob), CKR_DATA_INVALID);
	assert_ok(unseal(b, &blob, "sha256:0"));
	tpm_blob_free(&blob);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
#define OWN(f) cmocka_unit_test_setup_teardown(f, own_setup, own_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_choice_has_one_text),
		cmocka_unit_test(what_is_no_choice_is_refused),
		TEST(what_was_sealed_comes_out),
		TEST(a_changed_pcr_keeps_it_shut),
		TEST(another_choice_keeps_it_shut),
		TEST(a_first_look_keeps_the_budget),
		TEST(faults_with_a_remedy_are_not_seen),
		TEST(lengths_out_of_range_are_refused),
		OWN(a_bank_that_the_tpm_lacks_is_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
