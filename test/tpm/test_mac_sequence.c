/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/mac_test.h"

#include "tpm/import.h"

static void
what_fits_is_one_command(void **state)
{
	static const uint8_t in[1025];
	const struct bench *b = *state;
	struct buf mac = BUF_EMPTY;
	struct tpm_key *k = NULL;

	import_hmac(b, NULL, view_of(in, 32), &k);
	trace_reset();
	mac_of(k, hash_by_mech(CKM_SHA256), view_of(in, 1024), &mac);
	assert_int_equal(trace_count("Load"), 1);
	assert_int_equal(trace_count("HMAC"), 1);
	assert_int_equal(trace_count(NULL), 2);
	trace_reset();
	mac_of(k, hash_by_mech(CKM_SHA256), view_of(in, 1025), &mac);
	assert_int_equal(trace_count("HMAC_Start"), 1);
	assert_int_equal(trace_count("SequenceUpdate"), 1);
	assert_int_equal(trace_count("SequenceComplete"), 1);
	assert_int_equal(trace_count(NULL), 3);
	tpm_key_unref(&k);
	buf_free(&mac);
}

static void
an_abandoned_mac_leaves_nothing(void **state)
{
	static const uint8_t in[3000];
	const struct bench *b = *state;
	struct tpm_mac *m = NULL, *unused = NULL;
	struct tpm_key *k = NULL;

	if (behind_resource_manager())
		return;	/* its objects are not seen from here */
	import_hmac(b, NULL, view_of(in, 32), &k);
	assert_ok(tpm_mac_new(k, hash_by_mech(CKM_SHA256), &unused));
	assert_ok(tpm_mac_new(k, hash_by_mech(CKM_SHA256), &m));
	assert_ok(tpm_mac_update(m, view_of(in, sizeof(in))));
	assert_int_equal(tpm_holds("transient"), 2);
	tpm_mac_free(&m);
	assert_null(m);
	assert_int_equal(tpm_holds("transient"), 1);
	tpm_mac_free(&unused);
	tpm_key_unref(&k);
	assert_int_equal(tpm_holds("transient"), 0);
}

#define MANY 10

/* Sequences make room for each other and for keys, and come back. */
static void
many_macs_take_turns_in_three_places(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *keys[MANY] = { NULL };
	struct tpm_mac *macs[2 * MANY] = { NULL };
	struct buf mac = BUF_EMPTY, expected = BUF_EMPTY;
	uint8_t value[MANY][32], in[4][1500];
	size_t i, round;

	assert_ok(crypto_random(value, sizeof(value)));
	assert_ok(crypto_random(in, sizeof(in)));
	for (i = 0; i < MANY; i++)
		import_hmac(b, NULL, view_of(value[i], 32), &keys[i]);
	for (i = 0; i < ARRAY_LEN(macs); i++)
		assert_ok(tpm_mac_new(keys[i % MANY],
		    hash_by_mech(CKM_SHA256), &macs[i]));
	trace_reset();
	for (round = 0; round < ARRAY_LEN(in); round++)
		for (i = 0; i < ARRAY_LEN(macs); i++)
			assert_ok(tpm_mac_update(macs[i],
			    view_of(in[round], sizeof(in[round]))));
	if (!behind_resource_manager())
		assert_true(trace_count("ContextLoad") > 0);
	for (i = 0; i < ARRAY_LEN(macs); i++) {
		assert_ok(tpm_mac_final(macs[i], &mac));
		judge_hmac("SHA256", view_of(value[i % MANY], 32),
		    view_of(in, sizeof(in)), &expected);
		assert_equals(&mac, buf_view(&expected));
		tpm_mac_free(&macs[i]);
	}
	for (i = 0; i < MANY; i++)
		tpm_key_unref(&keys[i]);
	if (!behind_resource_manager())
		assert_int_equal(tpm_holds("transient"), 0);
	buf_free(&mac);
	buf_free(&expected);
}

/* As with keys, nothing is tried that is known to find no room. */
static void
a_full_tpm_is_known_before_a_mac_starts(void **state)
{
	static const uint8_t in[3000];
	const struct bench *b = *state;
	struct tpm_key *keys[4] = { NULL };
	struct buf mac = BUF_EMPTY;
	size_t i;

	if (behind_resource_manager())
		return;	/* it is the resource manager's affair */
	for (i = 0; i < ARRAY_LEN(keys); i++)
		import_hmac(b, NULL, view_of(in, 32), &keys[i]);
	for (i = 0; i < ARRAY_LEN(keys); i++)
		assert_ok(tpm_key_mac(keys[i], hash_by_mech(CKM_SHA256),
		    view_str("x"), &mac));
	trace_reset();
	mac_of(keys[3], hash_by_mech(CKM_SHA256), view_of(in, sizeof(in)),
	    &mac);
	assert_int_equal(trace_count("HMAC_Start"), 1);
	assert_int_equal(trace_count("FlushContext"), 1);
	for (i = 0; i < ARRAY_LEN(keys); i++)
		tpm_key_unref(&keys[i]);
	buf_free(&mac);
}

static const struct view long_text = { (const uint8_t[3000]){ 'a' }, 3000 };

static void
assert_mac(struct tpm_key *k, struct view value, struct view in)
{
	struct buf mac = BUF_EMPTY, expected = BUF_EMPTY;

	assert_ok(tpm_key_mac(k, hash_by_mech(CKM_SHA256), in, &mac));
	judge_hmac("SHA256", value, in, &expected);
	assert_equals(&mac, buf_view(&expected));
	buf_free(&mac);
	buf_free(&expected);
}

static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = {
		"HMAC:1:0x922",			/* RETRY */
		"HMAC:1:drop",
		"HMAC_Start:1:0x902",		/* OBJECT_MEMORY */
		"HMAC_Start:1:drop",
		"SequenceUpdate:2:0x908",	/* YIELDED */
		"SequenceUpdate:2:0x918",	/* REFERENCE_S0 */
		"SequenceUpdate:2:0x910",	/* REFERENCE_H0 */
		"SequenceUpdate:2:0x100",	/* INITIALIZE */
		"SequenceUpdate:2:drop",
		"SequenceComplete:1:0x918",
		"SequenceComplete:1:drop",
	};
	const struct bench *b = *state;
	static const uint8_t value[32] = { 7 };
	struct tpm_key *k = NULL;
	size_t i;

	import_hmac(b, NULL, view_of(value, 32), &k);
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		/* There is but the one key, and others' are not ours. */
		if (strstr(faults[i], "0x902") != NULL &&
		    behind_resource_manager())
			continue;
		print_message("%s\n", faults[i]);
		set_fault(faults[i]);
		assert_mac(k, view_of(value, 32), view_str("a text"));
		assert_mac(k, view_of(value, 32), long_text);
	}
	set_fault(NULL);
	tpm_key_unref(&k);
}

static void
a_changed_response_is_noticed(void **state)
{
	static const char *const faults[] = { "HMAC_Start:1:hmac",
	    "SequenceUpdate:1:hmac", "SequenceComplete:1:flip",
	    "SequenceComplete:1:hmac" };
	const struct bench *b = *state;
	static const uint8_t value[32] = { 7 };
	struct buf mac = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i;

	import_hmac(b, NULL, view_of(value, 32), &k);
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(faults[i]);
		assert_rv(tpm_key_mac(k, hash_by_mech(CKM_SHA256), long_text,
		    &mac), CKR_DEVICE_ERROR);
		set_fault(NULL);
		assert_mac(k, view_of(value, 32), long_text);
	}
	tpm_key_unref(&k);
	buf_free(&mac);
}

/* Also one that was saved: after a reset no context is taken back. */
static void
a_reset_ends_what_was_under_way(void **state)
{
	static const uint8_t value[32] = { 7 };
	struct tpm_parent parent = TPM_PARENT_EMPTY;
	struct tpm_mac *macs[4] = { NULL };
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf mac = BUF_EMPTY;
	struct tpm_key *k = NULL;
	struct tpm *t = NULL;
	size_t i;

	(void)state;
	assert_ok(tpm_new(own_tpm_start(), &t));
	assert_ok(tpm_parent_provision(t, TPM_SRK, VIEW_EMPTY, &parent));
	assert_ok(tpm_import_hmac(t, &parent, NULL, view_of(value, 32),
	    &blob));
	assert_ok(tpm_key_new(t, &parent, &blob, &k));
	for (i = 0; i < ARRAY_LEN(macs); i++) {
		assert_ok(tpm_mac_new(k, hash_by_mech(CKM_SHA256), &macs[i]));
		assert_ok(tpm_mac_update(macs[i], long_text));
	}
	own_tpm_reset();
	for (i = 0; i < ARRAY_LEN(macs); i++) {
		assert_rv(tpm_mac_final(macs[i], &mac), CKR_DEVICE_ERROR);
		assert_rv(tpm_mac_final(macs[i], &mac), CKR_DEVICE_ERROR);
		tpm_mac_free(&macs[i]);
	}
	assert_mac(k, view_of(value, 32), long_text);
	/* And one that is freed after its TPM. */
	assert_ok(tpm_mac_new(k, hash_by_mech(CKM_SHA256), &macs[0]));
	assert_ok(tpm_mac_update(macs[0], long_text));
	tpm_free(&t);
	assert_rv(tpm_mac_final(macs[0], &mac), CKR_DEVICE_REMOVED);
	tpm_mac_free(&macs[0]);
	tpm_key_unref(&k);
	tpm_blob_free(&blob);
	tpm_parent_free(&parent);
	own_tpm_remove();
}

/* The last bytes of that answer are TPM_PT_INPUT_BUFFER. */
static void
a_tpm_of_smaller_portions_gets_them(void **state)
{
	static const char *const faults[] = {
		"HMAC:1:0x1d5,GetCapability:1:last=00000123",
		"SequenceUpdate:1:0x1d5,GetCapability:1:last=00000100",
		"SequenceComplete:1:0x1d5,GetCapability:1:last=000000ff",
	};
	struct bench *b = *state;
	static const uint8_t value[32] = { 7 };
	struct tpm_key *k = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		/* A new connection knows nothing of it. */
		tpm_free(&b->tpm);
		assert_ok(tpm_new(traced_tcti(), &b->tpm));
		import_hmac(b, NULL, view_of(value, 32), &k);
		set_fault(faults[i]);
		trace_reset();
		assert_mac(k, view_of(value, 32), i == 0 ?
		    view_sub(long_text, 0, 1000) : long_text);
		assert_int_equal(trace_count("GetCapability"), 1);
		set_fault(NULL);
		tpm_key_unref(&k);
	}
}

static void
a_tpm_without_the_command_says_so(void **state)
{
	const struct bench *b = *state;
	static const uint8_t value[32] = { 7 };
	struct buf mac = BUF_EMPTY;
	struct tpm_key *k = NULL;

	import_hmac(b, NULL, view_of(value, 32), &k);
	set_fault("HMAC:0:0x143,HMAC_Start:0:0x143");
	assert_rv(tpm_key_mac(k, hash_by_mech(CKM_SHA256), view_str("x"),
	    &mac), CKR_FUNCTION_NOT_SUPPORTED);
	assert_rv(tpm_key_mac(k, hash_by_mech(CKM_SHA256), long_text,
	    &mac), CKR_FUNCTION_NOT_SUPPORTED);
	tpm_key_unref(&k);
}

static void
assert_not_on_bus(struct view bytes)
{
	struct buf hex = BUF_EMPTY;

	assert_ok(hex_append(bytes, &hex));
	run("! grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
	buf_free(&hex);
}

static void
nothing_secret_crosses_the_bus(void **state)
{
	static const uint8_t value[] = "a generic secret of 32 bytes....";
	const struct bench *b = *state;
	struct buf mac = BUF_EMPTY, text = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i;

	(void)setenv("TCTI_TRACE_RAW", "1", 1);
	for (i = 0; i < 120; i++)
		assert_ok(buf_append(&text, view_str("a secret text...")));
	import_hmac(b, NULL, view_of(value, 32), &k);
	assert_ok(tpm_key_mac(k, hash_by_mech(CKM_SHA256),
	    view_sub(buf_view(&text), 0, 160), &mac));
	assert_not_on_bus(buf_view(&mac));
	assert_ok(tpm_key_mac(k, hash_by_mech(CKM_SHA256), buf_view(&text),
	    &mac));
	assert_not_on_bus(buf_view(&mac));
	assert_not_on_bus(view_str("secret text"));
	assert_not_on_bus(view_of(value, 16));
	(void)unsetenv("TCTI_TRACE_RAW");
	tpm_key_unref(&k);
	buf_free(&mac);
	buf_free(&text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_fits_is_one_command),
		TEST(an_abandoned_mac_leaves_nothing),
		TEST(many_macs_take_turns_in_three_places),
		TEST(a_full_tpm_is_known_before_a_mac_starts),
		TEST(faults_with_a_remedy_are_not_seen),
		TEST(a_changed_response_is_noticed),
		cmocka_unit_test(a_reset_ends_what_was_under_way),
		TEST(a_tpm_of_smaller_portions_gets_them),
		TEST(a_tpm_without_the_command_says_so),
		TEST(nothing_secret_crosses_the_bus),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
