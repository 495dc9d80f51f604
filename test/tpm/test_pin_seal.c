/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/pin_test.h"

#include "tpm/nv.h"
#include "tpm/pin_internal.h"
#include "util/mem.h"

/* Secrets that a counted PIN guards. */

static const uint8_t secret_bytes[101] = { 'k', 'e', 'k' };

static struct view
secret(size_t len)
{
	return view_of(secret_bytes, len);
}

static void
seal(const struct desk *d, struct view auth, struct tpm_blob *blob)
{
	assert_ok(tpm_pin_seal(d->tpm, d->parent, secret(32), auth, &d->user,
	    NULL, blob));
}

static CK_RV
unseal(const struct desk *d, const struct tpm_blob *blob, struct view auth)
{
	struct buf out = BUF_EMPTY;
	CK_RV rv;

	rv = tpm_pin_unseal(d->tpm, d->parent, blob, &d->user, auth, NULL,
	    &out);
	if (rv == CKR_OK)
		assert_true(view_equal(buf_view(&out), secret(32)));
	else
		assert_null(out.data);
	buf_free(&out);
	return rv;
}

static void
what_was_sealed_comes_out(void **state)
{
	static const size_t lens[] = { 1, 32, 100 };
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;
	size_t i;

	for (i = 0; i < ARRAY_LEN(lens); i++) {
		assert_ok(tpm_pin_seal(d->tpm, d->parent, secret(lens[i]),
		    USER_PIN, &d->user, NULL, &blob));
		assert_int_equal(blob.auth.len, 0);
		assert_ok(tpm_pin_unseal(d->tpm, d->parent, &blob, &d->user,
		    USER_PIN, NULL, &out));
		assert_true(view_equal(buf_view(&out), secret(lens[i])));
	}
	assert_rv(tpm_pin_seal(d->tpm, d->parent, secret(0), USER_PIN,
	    &d->user, NULL, &blob), CKR_DATA_LEN_RANGE);
	assert_rv(tpm_pin_seal(d->tpm, d->parent, secret(101), USER_PIN,
	    &d->user, NULL, &blob), CKR_DATA_LEN_RANGE);
	assert_rv(tpm_pin_seal(d->tpm, d->parent, secret(32),
	    view_of(secret_bytes, 65), &d->user, NULL, &blob),
	    CKR_DATA_LEN_RANGE);
	buf_free(&out);
	tpm_blob_free(&blob);
}

static void
a_wrong_pin_is_counted_and_locks(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	uint32_t i;

	seal(d, USER_PIN, &blob);
	assert_rv(unseal(d, &blob, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_counts(d, &d->user, 1);
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_counts(d, &d->user, 0);
	for (i = 1; i <= USER_LIMIT; i++) {
		trace_reset();
		assert_rv(unseal(d, &blob, WRONG_PIN), CKR_PIN_INCORRECT);
		assert_int_equal(trace_count("PolicySecret"), 1);
		assert_int_equal(trace_count("Unseal"), 0);
		assert_int_equal(trace_count("ReadPublic"), 0);
		assert_counts(d, &d->user, i);
	}
	assert_rv(unseal(d, &blob, USER_PIN), CKR_PIN_LOCKED);
	desk_reopen(d);
	assert_rv(unseal(d, &blob, USER_PIN), CKR_PIN_LOCKED);
	assert_no_lockout(d);
	tpm_blob_free(&blob);
}

/* DESIGN: at most 8 for the first login of a process, with the counter. */
static void
a_login_keeps_the_budget(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t first, now;

	assert_ok(define_counter(d->bench, VIEW_EMPTY, &c, &first));
	seal(d, USER_PIN, &blob);
	desk_reopen(d);
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_int_equal(trace_count(NULL), 6);
	assert_ok(tpm_counter_read(d->tpm, d->parent, &c, &now));
	assert_int_equal(trace_count(NULL), 7);
	assert_int_equal(trace_count("NV_Read"), 1);
	trace_print("first login");
	trace_reset();
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_int_equal(trace_count(NULL), 5);
	trace_reset();
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN));
	trace_print("change");
	trace_reset();
	assert_ok(tpm_pin_reset(d->tpm, d->parent, &d->user, &d->so, SO_PIN,
	    USER_PIN));
	trace_print("reset");
	assert_ok(undefine(d->bench, VIEW_EMPTY, &c.public_area));
	tpm_counter_free(&c);
	tpm_blob_free(&blob);
}

static void
after_a_change_both_have_to_be_new(void **state)
{
	struct desk *d = *state;
	struct tpm_blob old = TPM_BLOB_EMPTY, new = TPM_BLOB_EMPTY;

	seal(d, USER_PIN, &old);
	seal(d, NEW_PIN, &new);
	assert_ok(unseal(d, &old, USER_PIN));
	/* Before the index is changed the new one waits. */
	assert_rv(unseal(d, &new, USER_PIN), CKR_ENCRYPTED_DATA_INVALID);
	assert_rv(unseal(d, &new, NEW_PIN), CKR_PIN_INCORRECT);
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN));
	assert_ok(unseal(d, &new, NEW_PIN));
	/* An old copy of the store, with the old PIN and with the new one. */
	assert_rv(unseal(d, &old, USER_PIN), CKR_PIN_INCORRECT);
	assert_rv(unseal(d, &old, NEW_PIN), CKR_ENCRYPTED_DATA_INVALID);
	assert_counts(d, &d->user, 0);
	tpm_blob_free(&old);
	tpm_blob_free(&new);
}

static void
the_sos_new_pin_opens_no_old_seal(void **state)
{
	struct desk *d = *state;
	struct tpm_blob old = TPM_BLOB_EMPTY, new = TPM_BLOB_EMPTY;

	seal(d, USER_PIN, &old);
	seal(d, NEW_PIN, &new);
	assert_ok(tpm_pin_reset(d->tpm, d->parent, &d->user, &d->so, SO_PIN,
	    NEW_PIN));
	assert_rv(unseal(d, &old, USER_PIN), CKR_PIN_INCORRECT);
	assert_rv(unseal(d, &old, NEW_PIN), CKR_ENCRYPTED_DATA_INVALID);
	assert_ok(unseal(d, &new, NEW_PIN));
	tpm_blob_free(&old);
	tpm_blob_free(&new);
}

/* As who knows the owner's password and all of the store could do it. */
static void
redefine(const struct desk *d, const struct tpm_pin *pin, struct view auth)
{
	assert_ok(undefine(d->bench, VIEW_EMPTY, &pin->public_area));
	assert_rv(tpm_pin_find(d->tpm, pin), CKR_TOKEN_NOT_RECOGNIZED);
	assert_ok(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, auth, pin));
	assert_ok(tpm_pin_find(d->tpm, pin));
}

static void
an_index_redefined_by_the_owner_opens_nothing(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	seal(d, USER_PIN, &blob);
	redefine(d, &d->user, NEW_PIN);
	assert_ok(check(d, &d->user, NEW_PIN));
	assert_rv(unseal(d, &blob, NEW_PIN), CKR_ENCRYPTED_DATA_INVALID);
	assert_rv(unseal(d, &blob, USER_PIN), CKR_PIN_INCORRECT);
	/* It is the other half alone that was missing. */
	redefine(d, &d->user, USER_PIN);
	assert_ok(unseal(d, &blob, USER_PIN));
	tpm_blob_free(&blob);
}

static void
another_index_does_not_open_it(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;

	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->so, SO_PIN, USER_PIN));
	seal(d, USER_PIN, &blob);
	assert_rv(tpm_pin_unseal(d->tpm, d->parent, &blob, &d->so, USER_PIN,
	    NULL, &out), CKR_ACTION_PROHIBITED);
	assert_null(out.data);
	tpm_blob_free(&blob);
}

/*
 * See pin.h: nothing but the index may tell whether an auth is right. Used
 * with its authValue the seal gives the same answer to each.
 */
static void
the_seal_itself_tells_nothing(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY, out = TPM_BLOB_EMPTY;
	struct buf key = BUF_EMPTY, index_auth = BUF_EMPTY, data = BUF_EMPTY;
	struct view tries[4];
	size_t i;

	seal(d, USER_PIN, &blob);
	assert_ok(pin_seal_key(USER_PIN, &key));
	assert_ok(pin_index_auth(USER_PIN, &index_auth));
	tries[0] = VIEW_EMPTY;
	tries[1] = view_of(secret_bytes, 32);
	tries[2] = buf_view(&key);
	tries[3] = buf_view(&index_auth);
	for (i = 0; i < ARRAY_LEN(tries); i++) {
		assert_ok(buf_set(&blob.auth, tries[i]));
		/* AUTH_UNAVAILABLE and AUTH_TYPE, before it is looked at. */
		assert_rv(tpm_unseal(d->tpm, d->parent, &blob, &data),
		    CKR_PIN_LOCKED);
		assert_rv(tpm_seal_change_auth(d->tpm, d->parent, &blob,
		    view_str("x"), &out), CKR_DEVICE_ERROR);
	}
	buf_clear(&blob.auth);
	assert_counts(d, &d->user, 0);
	assert_ok(unseal(d, &blob, USER_PIN));
	buf_free(&key);
	buf_free(&index_auth);
	tpm_blob_free(&blob);
}

static void
a_damaged_seal_is_told_from_a_wrong_pin(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	seal(d, USER_PIN, &blob);
	blob.private_area.data[blob.private_area.len - 1] ^= 1;
	assert_rv(unseal(d, &blob, USER_PIN), CKR_TOKEN_NOT_RECOGNIZED);
	blob.private_area.len /= 2;
	assert_rv(unseal(d, &blob, USER_PIN), CKR_DATA_INVALID);
	assert_counts(d, &d->user, 0);
	tpm_blob_free(&blob);
}

static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = {
		"StartAuthSession:1:drop",
		"StartAuthSession:1:0x902",	/* OBJECT_MEMORY */
		"StartAuthSession:1:0x903",	/* SESSION_MEMORY */
		"Load:1:drop",
		"PolicySecret:1:0x922",		/* RETRY */
		"PolicySecret:1:0x918",		/* REFERENCE_S0 */
		"Unseal:1:0x910",		/* REFERENCE_H0 */
		"Unseal:1:0x918",
		"Unseal:1:0x128",		/* PCR_CHANGED */
	};
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_key *k = NULL;
	struct buf point = BUF_EMPTY;
	size_t i;

	seal(d, USER_PIN, &blob);
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		/* Others' sessions are not ours to flush. */
		if (strstr(faults[i], "0x903") != NULL &&
		    behind_resource_manager())
			continue;
		print_message("%s\n", faults[i]);
		desk_reopen(d);
		/* Something that can be evicted. */
		make_ec(d->bench, 3, &k, &point);
		assert_signs(k, &point, 3, 32);
		set_fault(faults[i]);
		assert_ok(unseal(d, &blob, USER_PIN));
		set_fault(NULL);
		assert_counts(d, &d->user, 0);
		tpm_key_unref(&k);
	}
	buf_free(&point);
	tpm_blob_free(&blob);
}

static void
a_lost_or_forged_answer_is_an_error(void **state)
{
	static const char *const faults[] = { "PolicySecret:1:drop",
	    "PolicySecret:1:hmac", "Unseal:1:drop", "Unseal:1:flip",
	    "Unseal:1:hmac" };
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	size_t i;

	seal(d, USER_PIN, &blob);
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(faults[i]);
		trace_reset();
		assert_rv(unseal(d, &blob, USER_PIN), CKR_DEVICE_ERROR);
		assert_int_equal(trace_count("PolicySecret"), 1);
		set_fault(NULL);
	}
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_counts(d, &d->user, 0);
	tpm_blob_free(&blob);
}

static void
a_login_works_among_three_loaded_keys(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_key *keys[3] = { NULL };
	struct buf point = BUF_EMPTY;
	size_t i;

	seal(d, USER_PIN, &blob);
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		make_ec(d->bench, 3, &keys[i], &point);
		assert_signs(keys[i], &point, 3, 32);
	}
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_rv(unseal(d, &blob, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_ok(tpm_pin_reset(d->tpm, d->parent, &d->user, &d->so, SO_PIN,
	    USER_PIN));
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_signs(keys[2], &point, 3, 32);
	for (i = 0; i < ARRAY_LEN(keys); i++)
		tpm_key_unref(&keys[i]);
	buf_free(&point);
	tpm_blob_free(&blob);
}

static void
pcrs_are_asked_for_besides(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf out = BUF_EMPTY;
	struct tpm_pcrs pcrs;

	assert_ok(tpm_pcrs_parse(view_str("sha256:0,16"), &pcrs));
	run("tpm2_pcrreset 16");
	assert_ok(tpm_pin_seal(d->tpm, d->parent, secret(32), USER_PIN,
	    &d->user, &pcrs, &blob));
	trace_reset();
	assert_ok(tpm_pin_unseal(d->tpm, d->parent, &blob, &d->user, USER_PIN,
	    &pcrs, &out));
	assert_int_equal(trace_count(NULL), 6);
	assert_true(view_equal(buf_view(&out), secret(32)));
	buf_free(&out);
	assert_rv(unseal(d, &blob, USER_PIN), CKR_ACTION_PROHIBITED);
	run("tpm2_pcrextend 16:sha256=%064d", 1);
	assert_rv(tpm_pin_unseal(d->tpm, d->parent, &blob, &d->user, USER_PIN,
	    &pcrs, &out), CKR_ACTION_PROHIBITED);
	/* A wrong PIN is one all the same. */
	assert_rv(tpm_pin_unseal(d->tpm, d->parent, &blob, &d->user, WRONG_PIN,
	    &pcrs, &out), CKR_PIN_INCORRECT);
	assert_counts(d, &d->user, 1);
	run("tpm2_pcrreset 16");
	assert_ok(tpm_pin_unseal(d->tpm, d->parent, &blob, &d->user, USER_PIN,
	    &pcrs, &out));
	buf_free(&out);
	tpm_blob_free(&blob);
}

/* noDA: nothing has to be written down before the power goes. */
static void
power_that_goes_counts_nothing(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	int i;

	seal(d, USER_PIN, &blob);
	assert_rv(unseal(d, &blob, WRONG_PIN), CKR_PIN_INCORRECT);
	for (i = 0; i < 20; i++) {
		assert_ok(unseal(d, &blob, USER_PIN));
		own_tpm_reset();
	}
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_counts(d, &d->user, 0);
	assert_no_lockout(d);
	/* What was counted stays counted, and the approval holds. */
	assert_rv(unseal(d, &blob, WRONG_PIN), CKR_PIN_INCORRECT);
	own_tpm_reset();
	assert_counts(d, &d->user, 1);
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN));
	(void)own_tpm_start();
	assert_ok(check(d, &d->user, NEW_PIN));
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, NEW_PIN,
	    USER_PIN));
	assert_ok(unseal(d, &blob, USER_PIN));
	assert_no_lockout(d);
	tpm_blob_free(&blob);
}

static void
nothing_secret_crosses_the_bus(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf hex = BUF_EMPTY, parts[2] = { BUF_EMPTY, BUF_EMPTY };
	size_t i;

	(void)setenv("TCTI_TRACE_RAW", "1", 1);
	seal(d, USER_PIN, &blob);
	assert_ok(unseal(d, &blob, USER_PIN));
	(void)unsetenv("TCTI_TRACE_RAW");
	assert_ok(pin_seal_key(USER_PIN, &parts[0]));
	assert_ok(pin_index_auth(USER_PIN, &parts[1]));
	for (i = 0; i < ARRAY_LEN(parts); i++) {
		buf_clear(&hex);
		assert_ok(hex_append(buf_view(&parts[i]), &hex));
		run("! grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
		buf_free(&parts[i]);
	}
	buf_clear(&hex);
	assert_ok(hex_append(secret(32), &hex));
	run("! grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
	buf_free(&hex);
	tpm_blob_free(&blob);
}

static CK_RV
everything(const struct desk *d, const struct tpm_blob *blob)
{
	CK_RV rv;

	if ((rv = unseal(d, blob, USER_PIN)) != CKR_OK ||
	    (rv = tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    USER_PIN)) != CKR_OK)
		return rv;
	return tpm_pin_reset(d->tpm, d->parent, &d->user, &d->so, SO_PIN,
	    USER_PIN);
}

/* Nothing leaks, and no try is counted that was right. */
static void
memory_may_run_out_anywhere(void **state)
{
	struct desk *d = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	size_t n = 0;
	CK_RV rv;

	seal(d, USER_PIN, &blob);
	do {
		mem_fail_at(++n);
		rv = everything(d, &blob);
		mem_fail_at(0);
		if (rv != CKR_OK && rv != CKR_HOST_MEMORY)
			fail_msg("0x%lx at %zu", rv, n);
		assert_counts(d, &d->user, 0);
		assert_counts(d, &d->so, 0);
	} while (rv != CKR_OK);
	print_message("# %zu allocations\n", n - 1);
	assert_true(n > 50);
	tpm_blob_free(&blob);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DESK(what_was_sealed_comes_out),
		DESK(a_wrong_pin_is_counted_and_locks),
		DESK(a_login_keeps_the_budget),
		DESK(after_a_change_both_have_to_be_new),
		DESK(the_sos_new_pin_opens_no_old_seal),
		DESK(an_index_redefined_by_the_owner_opens_nothing),
		DESK(another_index_does_not_open_it),
		DESK(the_seal_itself_tells_nothing),
		DESK(a_damaged_seal_is_told_from_a_wrong_pin),
		DESK(faults_with_a_remedy_are_not_seen),
		DESK(a_lost_or_forged_answer_is_an_error),
		DESK(a_login_works_among_three_loaded_keys),
		DESK(pcrs_are_asked_for_besides),
		OWN_DESK(power_that_goes_counts_nothing),
		DESK(nothing_secret_crosses_the_bus),
		DESK(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
