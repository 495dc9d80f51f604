/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/pin_test.h"

#include "tpm/counter.h"
#include "tpm/state.h"

/* Where our NV indices are, and that none is left that nobody knows. */

static const struct tpm_index *
find(const struct tpm_index *list, size_t count, uint32_t handle)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i].handle == handle)
			return &list[i];
	fail_msg("0x%08x is not in the list", handle);
	return NULL;
}

static void
our_indices_are_listed_with_their_kinds(void **state)
{
	struct desk *d = *state;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	struct tpm_index *list = NULL;
	const struct tpm_index *i;
	uint64_t value;
	size_t count;

	/* One that is not ours in our range, and one outside of it. */
	run("tpm2_nvdefine -Q 0x01A50000 -C o -s 8 -a 'ownerread|ownerwrite'");
	run("tpm2_nvdefine -Q 0x01A5C000 -C o -s 8 -a 'ownerread|ownerwrite'");
	assert_ok(tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, 0, &c,
	    &value));
	assert_ok(tpm_index_list(d->tpm, &list, &count));
	assert_int_equal(count, 3);
	i = find(list, count, d->so.handle);
	assert_int_equal(i->kind, TPM_INDEX_SO);
	assert_true(view_equal(buf_view(&i->name), buf_view(&d->so.name)));
	i = find(list, count, d->user.handle);
	assert_int_equal(i->kind, TPM_INDEX_USER);
	assert_true(i->written);
	i = find(list, count, c.handle);
	assert_int_equal(i->kind, TPM_INDEX_COUNTER);
	assert_ok(tpm_index_undefine(d->tpm, d->parent, VIEW_EMPTY, c.handle,
	    buf_view(&i->name)));
	tpm_index_list_free(&list, count);
	assert_int_equal(count_indices(d), 2);
	run("tpm2_nvundefine -Q 0x01A50000 -C o");
	run("tpm2_nvundefine -Q 0x01A5C000 -C o");
	tpm_counter_free(&c);
}

static void
many_indices_are_listed(void **state)
{
	enum { MANY = 20 };
	struct desk *d = *state;
	struct tpm_counter c[MANY] = { TPM_COUNTER_EMPTY };
	uint64_t value;
	size_t i;

	for (i = 0; i < MANY; i++)
		assert_ok(tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, 0,
		    &c[i], &value));
	assert_int_equal(count_indices(d), MANY + 2);
	for (i = 0; i < MANY; i++) {
		assert_ok(tpm_counter_undefine(d->tpm, d->parent, VIEW_EMPTY,
		    &c[i]));
		tpm_counter_free(&c[i]);
	}
	assert_int_equal(count_indices(d), 2);
}

static void
a_place_that_was_picked_is_kept(void **state)
{
	struct desk *d = *state;
	struct tpm_pin_wish wish = { .limit = 1 };
	struct tpm_pin pin = TPM_PIN_EMPTY, other = TPM_PIN_EMPTY;

	assert_ok(tpm_index_pick(d->tpm, TPM_INDEX_SO, &wish.handle));
	assert_in_range(wish.handle, 0x01a50000, 0x01a53fff);
	assert_ok(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN, &wish,
	    &pin));
	assert_int_equal(pin.handle, wish.handle);
	/* Now it is taken, and what is there stays. */
	assert_rv(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, WRONG_PIN,
	    &wish, &other), CKR_OBJECT_HANDLE_INVALID);
	assert_null(other.name.data);
	assert_ok(check(d, &pin, NEW_PIN));
	/* A limit of one: the first wrong try locks. */
	assert_rv(check(d, &pin, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_rv(check(d, &pin, NEW_PIN), CKR_PIN_LOCKED);
	assert_ok(tpm_pin_undefine(d->tpm, d->parent, VIEW_EMPTY, &pin));
	wish.limit = 0;
	assert_rv(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN, &wish,
	    &other), CKR_ARGUMENTS_BAD);
	tpm_pin_free(&pin);
}

static void
another_index_is_not_undefined(void **state)
{
	struct desk *d = *state;

	assert_rv(tpm_index_undefine(d->tpm, d->parent, VIEW_EMPTY,
	    d->user.handle, buf_view(&d->so.name)), CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv(tpm_index_find(d->tpm, d->user.handle,
	    buf_view(&d->so.name)), CKR_TOKEN_NOT_RECOGNIZED);
	assert_ok(tpm_index_find(d->tpm, d->user.handle,
	    buf_view(&d->user.name)));
	assert_ok(check(d, &d->user, USER_PIN));
}

static CK_RV
define_both(const struct desk *d)
{
	const struct tpm_pin_wish wish = { .limit = 3, .so = &d->so };
	struct tpm_pin pin = TPM_PIN_EMPTY;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t value;
	CK_RV rv;

	if ((rv = tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN, &wish,
	    &pin)) != CKR_OK)
		return rv;
	assert_ok(check(d, &pin, NEW_PIN));
	assert_ok(tpm_pin_undefine(d->tpm, d->parent, VIEW_EMPTY, &pin));
	tpm_pin_free(&pin);
	if ((rv = tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, 0, &c,
	    &value)) != CKR_OK)
		return rv;
	assert_ok(tpm_counter_undefine(d->tpm, d->parent, VIEW_EMPTY, &c));
	tpm_counter_free(&c);
	return CKR_OK;
}

static void
a_definition_that_fails_leaves_nothing(void **state)
{
	static const struct {
		const char *fault;
		CK_RV rv;
	} faults[] = {
		{ "NV_DefineSpace:1:drop", CKR_DEVICE_ERROR },
		{ "NV_DefineSpace:1:hmac", CKR_DEVICE_ERROR },
		{ "NV_DefineSpace:2:drop", CKR_DEVICE_ERROR },
		{ "NV_DefineSpace:1:0x14b", CKR_DEVICE_MEMORY }, /* SPACE */
		{ "NV_DefineSpace:2:0x14b", CKR_DEVICE_MEMORY },
		{ "NV_DefineSpace:1:0x9a2", CKR_USER_NOT_LOGGED_IN },
		{ "NV_DefineSpace:1:0x2c2", CKR_FUNCTION_NOT_SUPPORTED },
		{ "NV_DefineSpace:1:0x14c", CKR_OK },	/* DEFINED: another */
		{ "NV_DefineSpace:2:0x14c", CKR_OK },
		{ "NV_Write:1:drop", CKR_DEVICE_ERROR },
		{ "NV_Write:1:0x101", CKR_DEVICE_ERROR },
		{ "NV_Increment:1:drop", CKR_DEVICE_ERROR },
		{ "NV_Increment:1:0x101", CKR_DEVICE_ERROR },
		{ "VerifySignature:1:0x101", CKR_DEVICE_ERROR },
		{ "NV_Read:2:0x101", CKR_DEVICE_ERROR },
	};
	struct desk *d = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i].fault);
		set_fault(faults[i].fault);
		assert_rv(define_both(d), faults[i].rv);
		set_fault(NULL);
		assert_int_equal(count_indices(d), 2);
	}
	assert_ok(define_both(d));
}

/* Who asks for a PIN as well has to know which of the two was wrong. */
static void
a_wrong_owner_password_has_a_code_of_its_own(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 3 };
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	struct tpm_pin pin = TPM_PIN_EMPTY;
	const struct view right = view_str("ownerpw");
	struct tpm_state s;
	uint32_t n, limit;
	uint64_t value;

	assert_ok(tpm_state_read(d->tpm, &s));
	assert_false(s.owner_auth_set);
	own_tpm_run("tpm2_changeauth -c owner ownerpw");
	assert_ok(tpm_state_read(d->tpm, &s));
	assert_true(s.owner_auth_set);
	assert_rv(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN, &wish,
	    &pin), CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_counter_define(d->tpm, d->parent, WRONG_PIN, 0, &c,
	    &value), CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_pin_status(d->tpm, d->parent, WRONG_PIN, &d->user, &n,
	    &limit), CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_pin_undefine(d->tpm, d->parent, WRONG_PIN, &d->user),
	    CKR_USER_NOT_LOGGED_IN);
	assert_ok(tpm_pin_define(d->tpm, d->parent, right, NEW_PIN, &wish,
	    &pin));
	assert_ok(tpm_pin_status(d->tpm, d->parent, right, &d->user, &n,
	    &limit));
	assert_int_equal(n, 0);
	assert_ok(check(d, &pin, NEW_PIN));
	assert_ok(check(d, &d->user, USER_PIN));
	assert_ok(tpm_pin_undefine(d->tpm, d->parent, right, &pin));
	assert_no_lockout(d);
	tpm_pin_free(&pin);
}

/* With big indices first: swtpm has room for thousands of ours. */
static void
a_tpm_that_is_full_says_so(void **state)
{
	enum { MOST = 200 };
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 3 };
	struct tpm_pin pin = TPM_PIN_EMPTY;
	static struct tpm_counter c[MOST];
	uint64_t value;
	size_t n = 0;
	CK_RV rv = CKR_OK;

	own_tpm_run("i=0; while tpm2_nvdefine -Q -C o -s 2048 $((0x01800000 + "
	    "i)) 2>/dev/null; do i=$((i + 1)); done; test $i -gt 0");
	while (n < MOST && (rv = tpm_counter_define(d->tpm, d->parent,
	    VIEW_EMPTY, 0, &c[n], &value)) == CKR_OK)
		n++;
	assert_rv(rv, CKR_DEVICE_MEMORY);
	assert_rv(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN, &wish,
	    &pin), CKR_DEVICE_MEMORY);
	assert_int_equal(count_indices(d), n + 2);
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN));
	assert_ok(check(d, &d->user, NEW_PIN));
	while (n-- > 0)
		tpm_counter_free(&c[n]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DESK(our_indices_are_listed_with_their_kinds),
		DESK(many_indices_are_listed),
		DESK(a_place_that_was_picked_is_kept),
		DESK(another_index_is_not_undefined),
		DESK(a_definition_that_fails_leaves_nothing),
		OWN_DESK(a_wrong_owner_password_has_a_code_of_its_own),
		OWN_DESK(a_tpm_that_is_full_says_so),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
