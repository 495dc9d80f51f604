/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/pin_test.h"

#include "tpm/nv.h"
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
	assert_ok(define_counter(d->bench, VIEW_EMPTY, &c, &value));
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
	assert_true(view_equal(buf_view(&i->name), buf_view(&c.name)));
	assert_true(view_equal(buf_view(&i->public_area),
	    buf_view(&c.public_area)));
	assert_ok(undefine(d->bench, VIEW_EMPTY, &i->public_area));
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
		assert_ok(define_counter(d->bench, VIEW_EMPTY, &c[i],
		    &value));
	assert_int_equal(count_indices(d), MANY + 2);
	for (i = 0; i < MANY; i++) {
		assert_ok(undefine(d->bench, VIEW_EMPTY, &c[i].public_area));
		tpm_counter_free(&c[i]);
	}
	assert_int_equal(count_indices(d), 2);
}

static void
a_plan_changes_nothing_and_is_kept_to(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 1 };
	struct tpm_pin pin = TPM_PIN_EMPTY;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t value;

	trace_reset();
	assert_ok(tpm_pin_plan(d->tpm, d->parent, &wish, &pin));
	assert_ok(tpm_counter_plan(d->tpm, &c));
	assert_int_equal(trace_count("NV_DefineSpace"), 0);
	assert_int_equal(count_indices(d), 2);
	assert_in_range(pin.handle, 0x01a50000, 0x01a53fff);
	assert_in_range(c.handle, 0x01a58000, 0x01a5bfff);
	assert_ok(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN,
	    &pin));
	assert_ok(tpm_pin_find(d->tpm, &pin));
	assert_ok(tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, &c,
	    &value));
	assert_ok(tpm_index_find(d->tpm, c.handle, buf_view(&c.name)));
	/* A limit of one: the first wrong try locks. */
	assert_rv(check(d, &pin, WRONG_PIN), CKR_PIN_INCORRECT);
	assert_rv(check(d, &pin, NEW_PIN), CKR_PIN_LOCKED);
	assert_ok(undefine(d->bench, VIEW_EMPTY, &pin.public_area));
	assert_ok(undefine(d->bench, VIEW_EMPTY, &c.public_area));
	tpm_pin_free(&pin);
	tpm_counter_free(&c);
}

/* Somebody was faster; what is there stays. */
static void
a_place_that_is_taken_is_left_alone(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 3,
	    .handle = d->so.handle };
	struct tpm_pin pin = TPM_PIN_EMPTY;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t value;

	assert_ok(tpm_pin_plan(d->tpm, d->parent, &wish, &pin));
	assert_int_equal(pin.handle, d->so.handle);
	assert_rv(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, WRONG_PIN,
	    &pin), CKR_OBJECT_HANDLE_INVALID);
	assert_ok(check(d, &d->so, SO_PIN));
	assert_rv(undefine(d->bench, VIEW_EMPTY, &pin.public_area),
	    CKR_TOKEN_NOT_RECOGNIZED);
	assert_ok(tpm_counter_plan(d->tpm, &c));
	run("tpm2_nvdefine -Q 0x%08x -C o -s 8 -a 'ownerread|ownerwrite'",
	    c.handle);
	assert_rv(tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, &c,
	    &value), CKR_OBJECT_HANDLE_INVALID);
	assert_rv(undefine(d->bench, VIEW_EMPTY, &c.public_area),
	    CKR_TOKEN_NOT_RECOGNIZED);
	run("tpm2_nvundefine -Q 0x%08x -C o", c.handle);
	tpm_pin_free(&pin);
	tpm_counter_free(&c);
}

static void
a_wish_that_cannot_be_is_refused(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wishes[] = {
		{ .limit = 0 },
		{ .limit = 3, .handle = 0x01800000 },
		{ .limit = 3, .handle = 0x01a54000 },	/* a user's */
		{ .limit = 3, .handle = 0x01a53fff, .so = &d->so },
		{ .limit = 3, .handle = 0x01a58000, .so = &d->so },
	};
	struct tpm_pin pin = TPM_PIN_EMPTY;
	size_t i;

	for (i = 0; i < ARRAY_LEN(wishes); i++)
		assert_rv(tpm_pin_plan(d->tpm, d->parent, &wishes[i], &pin),
		    CKR_ARGUMENTS_BAD);
	assert_null(pin.name.data);
}

/* Each part of a plan, as a store that was edited might hold it. */
static void
a_plan_that_was_edited_is_not_defined(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 3, .so = &d->so };
	struct tpm_pin pin = TPM_PIN_EMPTY, forged = TPM_PIN_EMPTY;
	struct buf *const parts[] = { &forged.public_area, &forged.name,
	    &forged.so_name, &forged.approval };
	size_t i, at, tried = 0;
	CK_RV rv;

	assert_ok(tpm_pin_plan(d->tpm, d->parent, &wish, &pin));
	for (i = 0; i < ARRAY_LEN(parts); i++)
		for (at = 0; ; at++, tried++) {
			assert_ok(tpm_pin_copy(&forged, &pin));
			/* The ticket is for the TPM alone to judge. */
			if (at == (i == 3 ? 2 + 34 : parts[i]->len))
				break;
			parts[i]->data[at] ^= 1;
			rv = tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY,
			    NEW_PIN, &forged);
			assert_rv(rv, CKR_DATA_INVALID);
		}
	print_message("%zu edits\n", tried);
	forged.handle ^= 1;
	assert_rv(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN,
	    &forged), CKR_DATA_INVALID);
	assert_int_equal(count_indices(d), 2);
	tpm_pin_free(&pin);
	tpm_pin_free(&forged);
}

static void
a_counter_whose_plan_was_edited_is_not_defined(void **state)
{
	struct desk *d = *state;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t value;
	size_t i;

	assert_ok(tpm_counter_plan(d->tpm, &c));
	for (i = 0; i < c.public_area.len; i++) {
		c.public_area.data[i] ^= 1;
		assert_rv(tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, &c,
		    &value), CKR_DATA_INVALID);
		c.public_area.data[i] ^= 1;
	}
	c.handle ^= 1;
	assert_rv(tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, &c,
	    &value), CKR_DATA_INVALID);
	c.handle ^= 1;
	/* A PIN's is no counter's. */
	assert_ok(buf_set(&c.public_area, buf_view(&d->so.public_area)));
	assert_ok(buf_set(&c.name, buf_view(&d->so.name)));
	c.handle = d->so.handle;
	assert_rv(tpm_counter_define(d->tpm, d->parent, VIEW_EMPTY, &c,
	    &value), CKR_DATA_INVALID);
	assert_int_equal(count_indices(d), 2);
	tpm_counter_free(&c);
}

/* What a process leaves that dies between definition and first value. */
static void
an_index_that_died_unwritten_is_removed(void **state)
{
	struct desk *d = *state;
	const struct tpm_pin_wish wish = { .limit = 3 };
	struct tpm_pin pin = TPM_PIN_EMPTY;
	struct tpm_index *list = NULL;
	struct nv new = NV_EMPTY;
	enum tpm_index_kind kind;
	size_t count;

	assert_ok(tpm_pin_plan(d->tpm, d->parent, &wish, &pin));
	/* Nothing there yet: nothing to do. */
	assert_ok(undefine(d->bench, VIEW_EMPTY, &pin.public_area));
	assert_ok(nv_recall(buf_view(&pin.public_area), false, &kind, &new));
	assert_ok(nv_define(d->tpm, d->parent, VIEW_EMPTY, VIEW_EMPTY, &new));
	assert_rv(tpm_pin_find(d->tpm, &pin), CKR_TOKEN_NOT_RECOGNIZED);
	assert_ok(tpm_index_list(d->tpm, &list, &count));
	assert_int_equal(count, 3);
	assert_false(find(list, count, pin.handle)->written);
	assert_true(view_equal(buf_view(&find(list, count, pin.handle)->name),
	    buf_view(&pin.name)));
	tpm_index_list_free(&list, count);
	assert_ok(undefine(d->bench, VIEW_EMPTY, &pin.public_area));
	assert_int_equal(count_indices(d), 2);
	/* And either form of the public area names it. */
	assert_ok(tpm_pin_define(d->tpm, d->parent, VIEW_EMPTY, NEW_PIN,
	    &pin));
	assert_ok(undefine(d->bench, VIEW_EMPTY, &new.public_area));
	assert_int_equal(count_indices(d), 2);
	nv_free(&new);
	tpm_pin_free(&pin);
}

/* Every byte of a public area flipped: never another index is removed. */
static void
another_index_is_not_undefined(void **state)
{
	struct desk *d = *state;
	struct buf area = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	assert_ok(buf_set(&area, buf_view(&d->user.public_area)));
	for (i = 0; i < area.len; i++) {
		area.data[i] ^= 1;
		rv = undefine(d->bench, VIEW_EMPTY, &area);
		area.data[i] ^= 1;
		/* The handle's own bytes lead to a free place. */
		if (rv == CKR_OK)
			assert_in_range(i, 4, 5);
		else if (rv != CKR_DATA_INVALID)
			assert_rv(rv, CKR_TOKEN_NOT_RECOGNIZED);
	}
	for (i = 0; i < area.len; i++)
		assert_rv(tpm_index_undefine(d->tpm, d->parent, VIEW_EMPTY,
		    view_sub(buf_view(&area), 0, i)), CKR_DATA_INVALID);
	assert_ok(buf_append(&area, view_str("x")));
	assert_rv(undefine(d->bench, VIEW_EMPTY, &area), CKR_DATA_INVALID);
	assert_rv(tpm_index_find(d->tpm, d->user.handle,
	    buf_view(&d->so.name)), CKR_TOKEN_NOT_RECOGNIZED);
	assert_ok(tpm_index_find(d->tpm, d->user.handle,
	    buf_view(&d->user.name)));
	assert_ok(check(d, &d->user, USER_PIN));
	buf_free(&area);
}

static CK_RV
define_both(const struct desk *d)
{
	const struct tpm_pin_wish wish = { .limit = 3, .so = &d->so };
	struct tpm_pin pin = TPM_PIN_EMPTY;
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t value;
	CK_RV rv;

	if ((rv = define_pin(d, VIEW_EMPTY, NEW_PIN, &wish, &pin)) != CKR_OK)
		goto out;
	assert_ok(check(d, &pin, NEW_PIN));
	assert_ok(undefine(d->bench, VIEW_EMPTY, &pin.public_area));
	if ((rv = define_counter(d->bench, VIEW_EMPTY, &c, &value)) != CKR_OK)
		goto out;
	assert_ok(undefine(d->bench, VIEW_EMPTY, &c.public_area));
out:
	tpm_pin_free(&pin);
	tpm_counter_free(&c);
	return rv;
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
	assert_rv(define_pin(d, VIEW_EMPTY, NEW_PIN, &wish, &pin),
	    CKR_USER_NOT_LOGGED_IN);
	assert_rv(define_counter(d->bench, WRONG_PIN, &c, &value),
	    CKR_USER_NOT_LOGGED_IN);
	assert_rv(tpm_pin_status(d->tpm, d->parent, WRONG_PIN, &d->user, &n,
	    &limit), CKR_USER_NOT_LOGGED_IN);
	assert_rv(undefine(d->bench, WRONG_PIN, &d->user.public_area),
	    CKR_USER_NOT_LOGGED_IN);
	assert_ok(define_pin(d, right, NEW_PIN, &wish, &pin));
	assert_ok(tpm_pin_status(d->tpm, d->parent, right, &d->user, &n,
	    &limit));
	assert_int_equal(n, 0);
	assert_ok(check(d, &pin, NEW_PIN));
	assert_ok(check(d, &d->user, USER_PIN));
	assert_ok(undefine(d->bench, right, &pin.public_area));
	assert_no_lockout(d);
	tpm_pin_free(&pin);
	tpm_counter_free(&c);
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
	while (n < MOST && (rv = define_counter(d->bench, VIEW_EMPTY, &c[n],
	    &value)) == CKR_OK)
		n++;
	assert_rv(rv, CKR_DEVICE_MEMORY);
	assert_rv(define_pin(d, VIEW_EMPTY, NEW_PIN, &wish, &pin),
	    CKR_DEVICE_MEMORY);
	assert_int_equal(count_indices(d), n + 2);
	assert_ok(tpm_pin_change(d->tpm, d->parent, &d->user, USER_PIN,
	    NEW_PIN));
	assert_ok(check(d, &d->user, NEW_PIN));
	do {
		tpm_counter_free(&c[n]);
	} while (n-- > 0);
	tpm_pin_free(&pin);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DESK(our_indices_are_listed_with_their_kinds),
		DESK(many_indices_are_listed),
		DESK(a_plan_changes_nothing_and_is_kept_to),
		DESK(a_place_that_is_taken_is_left_alone),
		DESK(a_wish_that_cannot_be_is_refused),
		DESK(a_plan_that_was_edited_is_not_defined),
		DESK(a_counter_whose_plan_was_edited_is_not_defined),
		DESK(an_index_that_died_unwritten_is_removed),
		DESK(another_index_is_not_undefined),
		DESK(a_definition_that_fails_leaves_nothing),
		OWN_DESK(a_wrong_owner_password_has_a_code_of_its_own),
		OWN_DESK(a_tpm_that_is_full_says_so),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
