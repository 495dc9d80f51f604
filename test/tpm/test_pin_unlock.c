/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/pin_test.h"

/* A locked PIN that goes on as it was: by the SO, and by the owner. */

static void
lock(const struct desk *d, const struct tpm_pin *pin)
{
	uint32_t i;

	for (i = 0; i < pin->limit; i++)
		assert_rv(check(d, pin, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_rv(check(d, pin, WRONG_PIN), CKR_PIN_LOCKED);
}

static CK_RV
unlock(const struct desk *d, struct view so_auth)
{
	return tpm_pin_unlock(d->tpm, d->parent, &d->user, &d->so, so_auth);
}

static void
the_so_unlocks_and_the_old_pin_stays(void **state)
{
	struct desk *d = *state;

	lock(d, &d->user);
	assert_ok(unlock(d, SO_PIN));
	assert_counts(d, &d->user, 0);
	assert_counts(d, &d->so, 0);
	assert_ok(check(d, &d->user, USER_PIN));
	/* With all of its tries. */
	lock(d, &d->user);
	desk_reopen(d);
	assert_ok(unlock(d, SO_PIN));
	assert_ok(check(d, &d->user, USER_PIN));
	assert_no_lockout(d);
}

static void
a_wrong_so_counts_at_its_own_index(void **state)
{
	struct desk *d = *state;
	uint32_t i;

	lock(d, &d->user);
	for (i = 1; i <= SO_LIMIT; i++) {
		trace_reset();
		assert_rv(unlock(d, WRONG_PIN), CKR_PIN_INCORRECT);
		assert_int_equal(trace_count("PolicySecret"), 1);
		assert_counts(d, &d->so, i);
		assert_counts(d, &d->user, USER_LIMIT);
	}
	assert_rv(unlock(d, SO_PIN), CKR_PIN_LOCKED);
	assert_counts(d, &d->so, SO_LIMIT);
	assert_counts(d, &d->user, USER_LIMIT);
	assert_rv(check(d, &d->user, USER_PIN), CKR_PIN_LOCKED);
	assert_no_lockout(d);
}

/* The PIN of the user is none of the SO's, and the SO's of nobody else. */
static void
only_the_so_of_the_index_unlocks(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 5 };
	struct tpm_pin other = TPM_PIN_EMPTY, forged = TPM_PIN_EMPTY;

	lock(d, &d->user);
	assert_ok(define_pin(d, VIEW_EMPTY, SO_PIN, &wish, &other));
	assert_rv(tpm_pin_unlock(d->tpm, d->parent, &d->user, &other, SO_PIN),
	    CKR_ARGUMENTS_BAD);
	assert_rv(tpm_pin_unlock(d->tpm, d->parent, &d->so, &d->so, SO_PIN),
	    CKR_ARGUMENTS_BAD);
	assert_ok(tpm_pin_copy(&forged, &d->user));
	assert_ok(buf_set(&forged.so_name, buf_view(&other.name)));
	assert_rv(tpm_pin_unlock(d->tpm, d->parent, &forged, &other, SO_PIN),
	    CKR_ACTION_PROHIBITED);
	assert_rv(unlock(d, USER_PIN), CKR_PIN_INCORRECT);
	assert_rv(check(d, &d->user, USER_PIN), CKR_PIN_LOCKED);
	assert_ok(undefine(d->bench, VIEW_EMPTY, &other.public_area));
	tpm_pin_free(&other);
	tpm_pin_free(&forged);
}

static void
an_unlocking_that_is_cut_off_can_be_made_again(void **state)
{
	static const struct {
		const char *fault;
		CK_RV rv;
	} faults[] = {
		{ "StartAuthSession:2:0x101", CKR_DEVICE_ERROR },
		{ "PolicySecret:1:drop", CKR_DEVICE_ERROR },
		{ "PolicySecret:1:0x101", CKR_DEVICE_ERROR },
		{ "PolicyCommandCode:1:drop", CKR_OK },
		{ "PolicyOR:1:0x101", CKR_DEVICE_ERROR },
		{ "NV_Write:1:drop", CKR_DEVICE_ERROR },
		{ "NV_Write:1:hmac", CKR_DEVICE_ERROR },
		{ "NV_Write:1:0x101", CKR_DEVICE_ERROR },
	};
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i].fault);
		lock(d, &d->user);
		desk_reopen(d);
		set_fault(faults[i].fault);
		assert_rv(unlock(d, SO_PIN), faults[i].rv);
		set_fault(NULL);
		assert_ok(unlock(d, SO_PIN));
		assert_counts(d, &d->user, 0);
		assert_ok(check(d, &d->user, USER_PIN));
	}
	assert_no_lockout(d);
}

static void
the_owner_unlocks_both(void **state)
{
	struct desk *d = *state;

	lock(d, &d->user);
	lock(d, &d->so);
	assert_ok(tpm_pin_unlock_by_owner(d->tpm, d->parent, VIEW_EMPTY,
	    &d->so));
	assert_counts(d, &d->so, 0);
	assert_counts(d, &d->user, USER_LIMIT);
	assert_ok(check(d, &d->so, SO_PIN));
	assert_ok(tpm_pin_unlock_by_owner(d->tpm, d->parent, VIEW_EMPTY,
	    &d->user));
	assert_ok(check(d, &d->user, USER_PIN));
	/* With another limit, when the store has one. */
	d->user.limit = 5;
	assert_ok(tpm_pin_unlock_by_owner(d->tpm, d->parent, VIEW_EMPTY,
	    &d->user));
	lock(d, &d->user);
	assert_counts(d, &d->user, 5);
	assert_no_lockout(d);
}

static void
a_wrong_owner_unlocks_nothing(void **state)
{
	struct desk *d = *state;

	lock(d, &d->so);
	own_tpm_run("tpm2_changeauth -c owner ownerpw");
	assert_rv(tpm_pin_unlock_by_owner(d->tpm, d->parent, VIEW_EMPTY,
	    &d->so), CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_pin_unlock_by_owner(d->tpm, d->parent, WRONG_PIN,
	    &d->so), CKR_USER_NOT_LOGGED_IN);
	assert_rv(check(d, &d->so, SO_PIN), CKR_PIN_LOCKED);
	assert_ok(tpm_pin_unlock_by_owner(d->tpm, d->parent,
	    view_str("ownerpw"), &d->so));
	assert_ok(check(d, &d->so, SO_PIN));
	assert_no_lockout(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DESK(the_so_unlocks_and_the_old_pin_stays),
		DESK(a_wrong_so_counts_at_its_own_index),
		DESK(only_the_so_of_the_index_unlocks),
		DESK(an_unlocking_that_is_cut_off_can_be_made_again),
		DESK(the_owner_unlocks_both),
		OWN_DESK(a_wrong_owner_unlocks_nothing),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
