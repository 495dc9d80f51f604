/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#include "object/access.h"

#define RO_PUB CKS_RO_PUBLIC_SESSION
#define RO_USER CKS_RO_USER_FUNCTIONS
#define RW_PUB CKS_RW_PUBLIC_SESSION
#define RW_USER CKS_RW_USER_FUNCTIONS
#define RW_SO CKS_RW_SO_FUNCTIONS
#define READ_ONLY CKR_SESSION_READ_ONLY
#define NO_USER CKR_USER_NOT_LOGGED_IN

static void
each_state_sees_and_writes_what_the_standard_says(void **state)
{
	static const struct {
		CK_STATE state;
		CK_BBOOL token;
		CK_BBOOL private;
		bool visible;
		CK_RV write;
	} rows[] = {
		{ RO_PUB, 0, 0, true, CKR_OK },
		{ RO_PUB, 0, 1, false, NO_USER },
		{ RO_PUB, 1, 0, true, READ_ONLY },
		{ RO_PUB, 1, 1, false, READ_ONLY },
		{ RO_USER, 0, 0, true, CKR_OK },
		{ RO_USER, 0, 1, true, CKR_OK },
		{ RO_USER, 1, 0, true, READ_ONLY },
		{ RO_USER, 1, 1, true, READ_ONLY },
		{ RW_PUB, 0, 0, true, CKR_OK },
		{ RW_PUB, 0, 1, false, NO_USER },
		{ RW_PUB, 1, 0, true, CKR_OK },
		{ RW_PUB, 1, 1, false, NO_USER },
		{ RW_USER, 0, 0, true, CKR_OK },
		{ RW_USER, 0, 1, true, CKR_OK },
		{ RW_USER, 1, 0, true, CKR_OK },
		{ RW_USER, 1, 1, true, CKR_OK },
		{ RW_SO, 0, 0, true, CKR_OK },
		{ RW_SO, 0, 1, false, NO_USER },
		{ RW_SO, 1, 0, true, CKR_OK },
		{ RW_SO, 1, 1, false, NO_USER },
	};
	struct attrs a = ATTRS_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		created(T(U(CKA_CLASS, CKO_DATA), B(CKA_TOKEN, rows[i].token),
		    B(CKA_PRIVATE, rows[i].private)), &a);
		if (object_visible(&a, rows[i].state) != rows[i].visible)
			fail_msg("visible: row %zu", i);
		if (object_writable(&a, rows[i].state) != rows[i].write)
			fail_msg("writable: row %zu", i);
		attrs_free(&a);
	}
}

static void
a_key_that_does_not_say_is_for_the_user(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(attrs_set_ulong(&a, CKA_CLASS, CKO_SECRET_KEY),
	    CKR_OK);
	assert_int_equal(attrs_set_ulong(&a, CKA_KEY_TYPE, CKK_AES), CKR_OK);
	assert_false(object_visible(&a, RW_PUB));
	assert_true(object_visible(&a, RW_USER));
	attrs_free(&a);
}

static void
destroyable_decides_about_destruction(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(U(CKA_CLASS, CKO_DATA)), &a);
	assert_int_equal(object_destroyable(&a), CKR_OK);
	attrs_free(&a);
	created(T(U(CKA_CLASS, CKO_DATA), B(CKA_DESTROYABLE, CK_FALSE)), &a);
	assert_int_equal(object_destroyable(&a), CKR_ACTION_PROHIBITED);
	attrs_free(&a);
}

static void
use_needs_the_flag_and_the_mechanism(void **state)
{
	CK_ULONG two[] = { CKM_ECDSA, CKM_ECDSA_SHA256 };
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PRIVATE_KEY,
	    CKK_EC);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	made(&plan, T(B(CKA_SIGN, CK_TRUE)), &a);
	assert_int_equal(object_usable(&a, CKA_SIGN, CKM_ECDSA), CKR_OK);
	assert_int_equal(object_usable(&a, CKA_DERIVE, CKM_ECDH1_DERIVE),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(object_usable(&a, CKA_VERIFY, CKM_ECDSA),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(object_usable(&a, NONE, CKM_SHA256), CKR_OK);
	attrs_free(&a);
	made(&plan, T(B(CKA_SIGN, CK_TRUE), B(CKA_DERIVE, CK_TRUE),
	    { CKA_ALLOWED_MECHANISMS, two, sizeof(two) }), &a);
	assert_int_equal(object_usable(&a, CKA_SIGN, CKM_ECDSA), CKR_OK);
	assert_int_equal(object_usable(&a, CKA_SIGN, CKM_ECDSA_SHA256),
	    CKR_OK);
	assert_int_equal(object_usable(&a, CKA_SIGN, CKM_ECDSA_SHA384),
	    CKR_MECHANISM_INVALID);
	assert_int_equal(object_usable(&a, CKA_DERIVE, CKM_ECDH1_DERIVE),
	    CKR_MECHANISM_INVALID);
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_state_sees_and_writes_what_the_standard_says),
		cmocka_unit_test(a_key_that_does_not_say_is_for_the_user),
		cmocka_unit_test(destroyable_decides_about_destruction),
		cmocka_unit_test(use_needs_the_flag_and_the_mechanism),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
