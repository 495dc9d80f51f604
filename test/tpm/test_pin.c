/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/pin_test.h"

#include "crypto/mac.h"

/* PINs that an NV index counts, without what they guard (test_pin_seal). */

static void
wrong_tries_count_and_a_right_one_clears(void **state)
{
	struct desk *d = *state;
	uint32_t i;

	for (i = 1; i < USER_LIMIT; i++) {
		assert_rv(check(d, &d->user, WRONG_PIN), CKR_PIN_INCORRECT);
		assert_counts(d, &d->user, i);
	}
	assert_counts(d, &d->so, 0);
	assert_ok(check(d, &d->user, USER_PIN));
	assert_counts(d, &d->user, 0);
	assert_rv(check(d, &d->user, SO_PIN), CKR_PIN_INCORRECT);
	assert_rv(check(d, &d->user, VIEW_EMPTY), CKR_PIN_INCORRECT);
	assert_counts(d, &d->user, 2);
	assert_no_lockout(d);
}

static void
lock_user(const struct desk *d)
{
	int i;

	for (i = 0; i < USER_LIMIT; i++)
		assert_rv(check(d, &d->user, WRONG_PIN), CKR_PIN_INCORRECT);
}

static void
at_the_limit_the_right_one_is_locked_too(void **state)
{
	struct desk *d = *state;

	lock_user(d);
	assert_rv(check(d, &d->user, USER_PIN), CKR_PIN_LOCKED);
	assert_rv(check(d, &d->user, WRONG_PIN), CKR_PIN_LOCKED);
	assert_counts(d, &d->user, USER_LIMIT);
	desk_reopen(d);
	assert_rv(check(d, &d->user, USER_PIN), CKR_PIN_LOCKED);
	assert_counts(d, &d->user, USER_LIMIT);
	assert_ok(check(d, &d->so, SO_PIN));
	assert_no_lockout(d);
}

/* Each way to try a PIN sends it once, whatever comes back. */
static void
a_wrong_pin_is_sent_once(void **state)
{
	struct desk *d = *state;

	assert_ok(check(d, &d->user, USER_PIN));
	trace_reset();
	assert_rv(check(d, &d->user, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_int_equal(trace_count(NULL), 1);
	trace_reset();
	assert_rv(tpm_pin_change(d->tpm, d->parent, &d->user, WRONG_PIN,
	    NEW_PIN), CKR_PIN_INCORRECT);
	assert_int_equal(trace_count("PolicySecret"), 1);
	assert_int_equal(trace_count("NV_ChangeAuth"), 0);
	/* Policy session, PolicySecret, and away with the session. */
	assert_int_equal(trace_count(NULL), 3);
	assert_counts(d, &d->user, 2);
	set_fault("NV_Read:1:drop");
	trace_reset();
	assert_rv(check(d, &d->user, USER_PIN), CKR_DEVICE_ERROR);
	assert_int_equal(trace_count("NV_Read"), 1);
	set_fault("PolicySecret:1:drop");
	assert_rv(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN), CKR_DEVICE_ERROR);
	assert_int_equal(trace_count("PolicySecret"), 1);
	set_fault(NULL);
	assert_ok(check(d, &d->user, USER_PIN));
}

static void
a_change_takes_effect_at_once(void **state)
{
	struct desk *d = *state;
	struct tpm_pin *const pins[] = { &d->user, &d->so };
	const struct view old[] = { USER_PIN, SO_PIN };
	size_t i;

	for (i = 0; i < ARRAY_LEN(pins); i++) {
		assert_ok(tpm_pin_change(d->tpm, d->parent, pins[i], old[i],
		    NEW_PIN));
		assert_rv(check(d, pins[i], old[i]), CKR_PIN_INCORRECT);
		assert_counts(d, pins[i], 1);
		assert_ok(check(d, pins[i], NEW_PIN));
		assert_counts(d, pins[i], 0);
		desk_reopen(d);
		assert_ok(check(d, pins[i], NEW_PIN));
		assert_rv(check(d, pins[i], old[i]), CKR_PIN_INCORRECT);
		/* And back, with what was approved once and for all. */
		assert_ok(tpm_pin_change(d->tpm, d->parent, pins[i], NEW_PIN,
		    old[i]));
		assert_ok(check(d, pins[i], old[i]));
	}
	assert_no_lockout(d);
}

/* The way by NV_ChangeAuth must not be one round the limit. */
static void
a_change_counts_and_locks_like_any_try(void **state)
{
	struct desk *d = *state;
	int i;

	for (i = 0; i < USER_LIMIT; i++)
		assert_rv(tpm_pin_change(d->tpm, d->parent, &d->user,
		    WRONG_PIN, NEW_PIN), CKR_PIN_INCORRECT);
	assert_counts(d, &d->user, USER_LIMIT);
	assert_rv(tpm_pin_change(d->tpm, d->parent, &d->user, WRONG_PIN,
	    NEW_PIN), CKR_PIN_LOCKED);
	assert_rv(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN), CKR_PIN_LOCKED);
	assert_counts(d, &d->user, USER_LIMIT);
	assert_no_lockout(d);
}

static CK_RV
reset(const struct desk *d, struct view so_auth)
{
	return tpm_pin_reset(d->tpm, d->parent, &d->user, &d->so, so_auth,
	    NEW_PIN);
}

static void
the_so_resets_a_locked_pin(void **state)
{
	struct desk *d = *state;

	lock_user(d);
	assert_rv(reset(d, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_counts(d, &d->so, 1);
	assert_counts(d, &d->user, USER_LIMIT);
	assert_ok(reset(d, SO_PIN));
	assert_counts(d, &d->so, 0);
	assert_counts(d, &d->user, 0);
	assert_rv(check(d, &d->user, USER_PIN), CKR_PIN_INCORRECT);
	assert_ok(check(d, &d->user, NEW_PIN));
	assert_ok(check(d, &d->so, SO_PIN));
	/* And the user goes on as before. */
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, NEW_PIN,
	    USER_PIN));
	assert_ok(check(d, &d->user, USER_PIN));
	assert_no_lockout(d);
}

static void
a_locked_so_resets_nothing(void **state)
{
	struct desk *d = *state;
	int i;

	for (i = 0; i < SO_LIMIT; i++)
		assert_rv(reset(d, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_rv(reset(d, SO_PIN), CKR_PIN_LOCKED);
	assert_ok(check(d, &d->user, USER_PIN));
}

/* Only the SO whose Name the index was defined with. */
static void
another_so_resets_nothing(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 5 };
	struct tpm_pin other = TPM_PIN_EMPTY, forged = TPM_PIN_EMPTY;

	assert_ok(define_pin(d, VIEW_EMPTY, SO_PIN, &wish, &other));
	assert_rv(tpm_pin_reset(d->tpm, d->parent, &d->user, &other, SO_PIN,
	    NEW_PIN), CKR_ARGUMENTS_BAD);
	assert_rv(tpm_pin_reset(d->tpm, d->parent, &d->so, &d->so, SO_PIN,
	    NEW_PIN), CKR_ARGUMENTS_BAD);
	/* A store that was edited says that it is. */
	assert_ok(tpm_pin_copy(&forged, &d->user));
	assert_ok(buf_set(&forged.so_name, buf_view(&other.name)));
	assert_rv(tpm_pin_reset(d->tpm, d->parent, &forged, &other, SO_PIN,
	    NEW_PIN), CKR_ACTION_PROHIBITED);
	assert_ok(tpm_pin_copy(&forged, &d->so));
	assert_ok(buf_set(&forged.so_name, buf_view(&other.name)));
	assert_rv(tpm_pin_reset(d->tpm, d->parent, &forged, &other, SO_PIN,
	    NEW_PIN), CKR_ACTION_PROHIBITED);
	assert_ok(check(d, &d->user, USER_PIN));
	assert_ok(check(d, &d->so, SO_PIN));
	assert_ok(undefine(d->bench, VIEW_EMPTY, &other.public_area));
	tpm_pin_free(&other);
	tpm_pin_free(&forged);
}

/* An approval says which index it is for. */
static void
another_approval_changes_nothing(void **state)
{
	struct desk *d = *state;
	struct tpm_pin forged = TPM_PIN_EMPTY;

	assert_ok(tpm_pin_copy(&forged, &d->user));
	assert_ok(buf_set(&forged.approval, buf_view(&d->so.approval)));
	assert_rv(tpm_pin_change(d->tpm, d->parent, &forged, USER_PIN,
	    NEW_PIN), CKR_ACTION_PROHIBITED);
	forged.approval.len--;
	assert_rv(tpm_pin_change(d->tpm, d->parent, &forged, USER_PIN,
	    NEW_PIN), CKR_DATA_INVALID);
	assert_ok(check(d, &d->user, USER_PIN));
	tpm_pin_free(&forged);
}

/*
 * What nobody may do with the index (see pin.h): read it by a policy, which
 * would show its authValue to who asks for an encrypted response.
 */
static void
an_index_has_exactly_these_attributes(void **state)
{
	struct desk *d = *state;
	static const uint8_t so[] = { 0x22, 0x06, 0x00, 0x82 };
	static const uint8_t user[] = { 0x22, 0x06, 0x00, 0x8a };

	/* size 2, handle 4, nameAlg 2, then the attributes */
	assert_memory_equal(d->so.public_area.data + 8, so, 4);
	assert_memory_equal(d->user.public_area.data + 8, user, 4);
	assert_ok(tpm_pin_find(d->tpm, &d->so));
	assert_ok(tpm_pin_find(d->tpm, &d->user));
}

/* Whichever answer gets lost, one of the two is right, and counts. */
static void
a_change_that_is_cut_off_leaves_one_of_the_two(void **state)
{
	static const char *const faults[] = {
		"StartAuthSession:1:drop", "PolicySecret:1:drop",
		"PolicyCommandCode:1:drop", "PolicyAuthorize:1:drop",
		"PolicyOR:1:drop", "NV_ChangeAuth:1:drop",
		"NV_ChangeAuth:1:hmac", "NV_ChangeAuth:1:0x101",
	};
	struct desk *d = *state;
	struct view now = USER_PIN, other = NEW_PIN, swap;
	unsigned changed = 0;
	size_t i;
	CK_RV rv;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i]);
		set_fault(NULL);
		assert_ok(check(d, &d->user, now));
		set_fault(faults[i]);
		rv = tpm_pin_change(d->tpm, d->parent, &d->user, now, other);
		set_fault(NULL);
		if (check(d, &d->user, other) == CKR_OK) {
			changed++;
			swap = now;
			now = other;
			other = swap;
		} else {
			assert_int_not_equal(rv, CKR_OK);
		}
		assert_rv(check(d, &d->user, other), CKR_PIN_INCORRECT);
		assert_ok(check(d, &d->user, now));
		assert_counts(d, &d->user, 0);
	}
	/* Those that the TPM did, and those that were tried again. */
	assert_in_range(changed, 4, ARRAY_LEN(faults) - 2);
}

static void
a_reset_that_is_cut_off_can_be_made_again(void **state)
{
	static const char *const faults[] = {
		"PolicySecret:1:drop", "NV_ChangeAuth:1:drop",
		"PolicySecret:2:drop", "NV_Write:1:drop", "NV_Write:1:0x101",
	};
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i]);
		lock_user(d);
		set_fault(faults[i]);
		assert_int_not_equal(reset(d, SO_PIN), CKR_OK);
		set_fault(NULL);
		assert_ok(reset(d, SO_PIN));
		assert_ok(check(d, &d->user, NEW_PIN));
		assert_counts(d, &d->so, 0);
	}
}

/* Trouble that has a remedy is not seen, and counts nothing. */
static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = {
		"PolicySecret:1:0x922",			/* RETRY */
		"PolicySecret:1:0x910",			/* REFERENCE_H0 */
		"PolicySecret:1:0x918",			/* REFERENCE_S0 */
		"PolicyCommandCode:1:drop",
		"PolicyAuthorize:1:0x910",
		"NV_ChangeAuth:1:0x918",
		"NV_ChangeAuth:1:0x919",		/* REFERENCE_S1 */
		"NV_ChangeAuth:1:0x920",		/* NV_RATE */
	};
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i]);
		set_fault(faults[i]);
		assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
		    USER_PIN));
		set_fault(NULL);
		assert_counts(d, &d->user, 0);
		assert_counts(d, &d->so, 0);
	}
}

static void
a_forged_answer_is_noticed(void **state)
{
	static const char *const faults[] = { "PolicySecret:1:hmac",
	    "NV_ChangeAuth:1:hmac", "NV_ChangeAuth:1:flip" };
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(faults[i]);
		assert_rv(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
		    USER_PIN), CKR_DEVICE_ERROR);
	}
	set_fault("NV_Read:1:flip");
	assert_rv(check(d, &d->user, USER_PIN), CKR_DEVICE_ERROR);
	set_fault(NULL);
	assert_ok(check(d, &d->user, USER_PIN));
}

static void
a_removed_index_is_told_from_a_wrong_pin(void **state)
{
	struct desk *d = *state;
	uint32_t n, limit;

	assert_ok(undefine(d->bench, VIEW_EMPTY, &d->user.public_area));
	trace_reset();
	assert_rv(check(d, &d->user, USER_PIN), CKR_TOKEN_NOT_RECOGNIZED);
	/* And without many words. */
	assert_in_range(trace_count(NULL), 1, 2);
	assert_rv(tpm_pin_find(d->tpm, &d->user), CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv(tpm_pin_status(d->tpm, d->parent, VIEW_EMPTY, &d->user, &n,
	    &limit), CKR_TOKEN_NOT_RECOGNIZED);
	trace_reset();
	assert_rv(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN), CKR_TOKEN_NOT_RECOGNIZED);
	assert_in_range(trace_count(NULL), 1, 4);
	assert_rv(reset(d, SO_PIN), CKR_TOKEN_NOT_RECOGNIZED);
	/* To remove what is not there is done already. */
	assert_ok(undefine(d->bench, VIEW_EMPTY, &d->user.public_area));
	assert_ok(check(d, &d->so, SO_PIN));
}

static void
no_pin_crosses_the_bus(void **state)
{
	struct desk *d = *state;
	const struct view words[] = { USER_PIN, NEW_PIN, SO_PIN };
	struct buf hex = BUF_EMPTY;
	size_t i;

	(void)setenv("TCTI_TRACE_RAW", "1", 1);
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN));
	assert_ok(reset(d, SO_PIN));
	(void)unsetenv("TCTI_TRACE_RAW");
	for (i = 0; i < ARRAY_LEN(words); i++) {
		uint8_t auth[32];
		const struct view label = view_str("tpm2-cryptoki PIN index");

		assert_ok(hmac_once(hash_by_mech(CKM_SHA256), words[i],
		    &label, 1, auth));
		buf_clear(&hex);
		assert_ok(hex_append(view_of(auth, 32), &hex));
		run("! grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
	}
	/* The trace does show what is in clear. */
	buf_clear(&hex);
	assert_ok(hex_append(view_sub(buf_view(&d->user.approval), 2, 34),
	    &hex));
	run("grep -q %s $TCTI_TRACE_FILE", (const char *)hex.data);
	buf_free(&hex);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DESK(wrong_tries_count_and_a_right_one_clears),
		DESK(at_the_limit_the_right_one_is_locked_too),
		DESK(a_wrong_pin_is_sent_once),
		DESK(a_change_takes_effect_at_once),
		DESK(a_change_counts_and_locks_like_any_try),
		DESK(the_so_resets_a_locked_pin),
		DESK(a_locked_so_resets_nothing),
		DESK(another_so_resets_nothing),
		DESK(another_approval_changes_nothing),
		DESK(an_index_has_exactly_these_attributes),
		DESK(a_change_that_is_cut_off_leaves_one_of_the_two),
		DESK(a_reset_that_is_cut_off_can_be_made_again),
		DESK(faults_with_a_remedy_are_not_seen),
		DESK(a_forged_answer_is_noticed),
		DESK(a_removed_index_is_told_from_a_wrong_pin),
		DESK(no_pin_crosses_the_bus),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
