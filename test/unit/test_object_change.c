/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#define DATA U(CKA_CLASS, CKO_DATA)
#define X509 U(CKA_CLASS, CKO_CERTIFICATE), \
	U(CKA_CERTIFICATE_TYPE, CKC_X_509), D(CKA_VALUE, cert)
#define PRIV_EC U(CKA_CLASS, CKO_PRIVATE_KEY), U(CKA_KEY_TYPE, CKK_EC), \
	S(CKA_EC_PARAMS, P256), S(CKA_VALUE, "d")
#define KEY16 S(CKA_VALUE, "0123456789abcdef")
#define AES U(CKA_CLASS, CKO_SECRET_KEY), U(CKA_KEY_TYPE, CKK_AES), KEY16

/* From, to, and whether C_SetAttributeValue and C_CopyObject allow it. */
static const struct {
	CK_ATTRIBUTE_TYPE type;
	CK_BBOOL from;
	CK_BBOOL to;
	CK_RV set;
	CK_RV copied;
} steps[] = {
	{ CKA_SENSITIVE, 0, 0, CKR_OK, CKR_OK },
	{ CKA_SENSITIVE, 0, 1, CKR_OK, CKR_OK },
	{ CKA_SENSITIVE, 1, 1, CKR_OK, CKR_OK },
	{ CKA_SENSITIVE, 1, 0, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_READ_ONLY },
	{ CKA_EXTRACTABLE, 0, 0, CKR_OK, CKR_OK },
	{ CKA_EXTRACTABLE, 0, 1, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_READ_ONLY },
	{ CKA_EXTRACTABLE, 1, 1, CKR_OK, CKR_OK },
	{ CKA_EXTRACTABLE, 1, 0, CKR_OK, CKR_OK },
	{ CKA_WRAP_WITH_TRUSTED, 0, 0, CKR_OK, CKR_OK },
	{ CKA_WRAP_WITH_TRUSTED, 0, 1, CKR_OK, CKR_OK },
	{ CKA_WRAP_WITH_TRUSTED, 1, 1, CKR_OK, CKR_OK },
	{ CKA_WRAP_WITH_TRUSTED, 1, 0, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_READ_ONLY },
	{ CKA_MODIFIABLE, 1, 0, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_MODIFIABLE, 1, 1, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_MODIFIABLE, 0, 1, CKR_ACTION_PROHIBITED, CKR_OK },
	{ CKA_MODIFIABLE, 0, 0, CKR_ACTION_PROHIBITED, CKR_OK },
	{ CKA_DESTROYABLE, 1, 0, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_DESTROYABLE, 0, 1, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_COPYABLE, 1, 0, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_COPYABLE, 0, 1, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ACTION_PROHIBITED },
	{ CKA_COPYABLE, 0, 0, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ACTION_PROHIBITED },
	{ CKA_TOKEN, 0, 1, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_TOKEN, 1, 0, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_PRIVATE, 0, 1, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_PRIVATE, 1, 0, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_TEMPLATE_INCONSISTENT },
	{ CKA_PRIVATE, 1, 1, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_TRUSTED, 0, 1, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_READ_ONLY },
	{ CKA_TRUSTED, 0, 0, CKR_OK, CKR_OK },
	{ CKA_SIGN, 0, 1, CKR_OK, CKR_OK },
	{ CKA_SIGN, 1, 0, CKR_OK, CKR_OK },
	{ CKA_DERIVE, 0, 1, CKR_OK, CKR_OK },
	{ CKA_LOCAL, 0, 1, CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_READ_ONLY },
	{ CKA_LOCAL, 0, 0, CKR_ATTRIBUTE_READ_ONLY, CKR_OK },
	{ CKA_NEVER_EXTRACTABLE, 0, 1, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_READ_ONLY },
	{ CKA_ALWAYS_SENSITIVE, 0, 1, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_READ_ONLY },
};

static bool
is_stated(CK_ATTRIBUTE_TYPE type)
{
	return type != CKA_LOCAL && type != CKA_NEVER_EXTRACTABLE &&
	    type != CKA_ALWAYS_SENSITIVE;
}

static void
each_flag_goes_only_where_the_standard_lets_it(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	CK_ATTRIBUTE from, to;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(steps); i++) {
		CK_BBOOL f = steps[i].from, t = steps[i].to;

		from = (CK_ATTRIBUTE){ steps[i].type, &f, sizeof(f) };
		to = (CK_ATTRIBUTE){ steps[i].type, &t, sizeof(t) };
		if (is_stated(from.type))
			created(T(AES, from), &a);
		else
			created(T(AES), &a);
		if (change(&a, false, &to, 1, &b) != steps[i].set)
			fail_msg("set: step %zu", i);
		if (steps[i].set == CKR_OK)
			assert_flag(&b, to.type, t);
		attrs_free(&b);
		if (copy(&a, false, &to, 1, &b) != steps[i].copied)
			fail_msg("copy: step %zu", i);
		if (steps[i].copied == CKR_OK)
			assert_flag(&b, to.type, t);
		attrs_free(&b);
		attrs_free(&a);
	}
}

static void
a_private_key_stays_sensitive(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	created(T(PRIV_EC, B(CKA_SENSITIVE, CK_FALSE)), &a);
	assert_int_equal(change(&a, false, T(B(CKA_SENSITIVE, CK_TRUE)), &b),
	    CKR_OK);
	assert_int_equal(change(&b, false, T(B(CKA_SENSITIVE, CK_FALSE)),
	    NULL), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(copy(&b, true, T(B(CKA_SENSITIVE, CK_FALSE)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	/* it was open once */
	assert_flag(&b, CKA_ALWAYS_SENSITIVE, false);
	attrs_free(&a);
	attrs_free(&b);
}

static void
labels_ids_names_and_dates_can_be_set(void **state)
{
	static CK_DATE day = { "2026", "11", "22" };
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	created(T(PRIV_EC), &a);
	assert_int_equal(change(&a, false, T(S(CKA_LABEL, "l"),
	    S(CKA_ID, "i"), S(CKA_SUBJECT, "s"),
	    { CKA_START_DATE, &day, sizeof(day) }, E(CKA_END_DATE)), &b),
	    CKR_OK);
	assert_value(&b, CKA_LABEL, view_str("l"));
	assert_value(&b, CKA_ID, view_str("i"));
	assert_value(&b, CKA_SUBJECT, view_str("s"));
	assert_value(&b, CKA_START_DATE, view_of(&day, sizeof(day)));
	/* all or nothing, and the original is as it was */
	assert_value(&a, CKA_LABEL, VIEW_EMPTY);
	assert_value(&b, CKA_UNIQUE_ID, attrs_view(&a, CKA_UNIQUE_ID));
	attrs_free(&b);
	assert_int_equal(change(&a, false, T(S(CKA_LABEL, "l"),
	    B(CKA_TOKEN, CK_TRUE)), &b), CKR_ATTRIBUTE_READ_ONLY);
	attrs_free(&a);
}

static void
the_rest_cannot_be_set(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(PRIV_EC), &a);
	assert_int_equal(change(&a, true, T(U(CKA_CLASS, CKO_DATA)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(U(CKA_KEY_TYPE, CKK_EC)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(S(CKA_VALUE, "d")), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(B(CKA_ALWAYS_AUTHENTICATE,
	    CK_TRUE)), NULL), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(S(CKA_UNIQUE_ID, "u")), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(S(CKA_EC_PARAMS, P256)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(U(CKA_ALLOWED_MECHANISMS,
	    CKM_ECDSA)), NULL), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(B(CKA_EXTRACTABLE, CK_TRUE)),
	    NULL), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(S(CKA_APPLICATION, "x")), NULL),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(change(&a, true, T(S(CKA_VENDOR_DEFINED, "x")),
	    NULL), CKR_ATTRIBUTE_TYPE_INVALID);
	/* a use of the other half has no effect there either */
	assert_int_equal(change(&a, true, T(B(CKA_VERIFY, CK_TRUE)), NULL),
	    CKR_OK);
	attrs_free(&a);
}

static void
data_can_be_replaced(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	created(T(DATA, S(CKA_VALUE, "old")), &a);
	assert_int_equal(change(&a, false, T(S(CKA_VALUE, "new")), &b),
	    CKR_OK);
	assert_value(&b, CKA_VALUE, view_str("new"));
	attrs_free(&b);
	assert_int_equal(copy(&a, false, T(S(CKA_VALUE, "new")), &b), CKR_OK);
	assert_value(&b, CKA_VALUE, view_str("new"));
	attrs_free(&b);
	attrs_free(&a);
}

static void
of_a_certificate_only_id_issuer_serial_and_label_change(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(X509), &a);
	assert_int_equal(change(&a, false, T(S(CKA_ID, "i"),
	    S(CKA_ISSUER, "i"), S(CKA_SERIAL_NUMBER, "s"),
	    S(CKA_LABEL, "l")), NULL), CKR_OK);
	assert_int_equal(change(&a, false, T(S(CKA_SUBJECT, "s")), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, false, T(D(CKA_VALUE, cert)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, false, T(S(CKA_URL, "u")), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	attrs_free(&a);
}

/* p11tool --so-login --mark-trusted, and what follows from it. */
static void
only_the_so_trusts_a_certificate_and_changes_it_then(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	created(T(X509), &a);
	assert_int_equal(change(&a, false, T(B(CKA_TRUSTED, CK_TRUE)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, true, T(B(CKA_TRUSTED, CK_TRUE)), &b),
	    CKR_OK);
	assert_flag(&b, CKA_TRUSTED, true);
	assert_int_equal(change(&b, false, T(S(CKA_ISSUER, "i")), NULL),
	    CKR_ACTION_PROHIBITED);
	assert_int_equal(copy(&b, false, T(S(CKA_ISSUER, "i")), NULL),
	    CKR_ACTION_PROHIBITED);
	assert_int_equal(copy(&b, false, T(B(CKA_TOKEN, CK_TRUE)), NULL),
	    CKR_OK);
	assert_int_equal(change(&b, true, T(S(CKA_ISSUER, "i")), NULL),
	    CKR_OK);
	assert_int_equal(change(&b, true, T(B(CKA_TRUSTED, CK_FALSE)), NULL),
	    CKR_OK);
	attrs_free(&a);
	attrs_free(&b);
}

static void
a_check_value_can_be_cleared_and_public_key_info_repeated(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	created(T(AES), &a);
	assert_int_equal(change(&a, false, T(S(CKA_CHECK_VALUE, "123")),
	    NULL), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(change(&a, false, T(E(CKA_CHECK_VALUE)), &b),
	    CKR_OK);
	assert_value(&b, CKA_CHECK_VALUE, VIEW_EMPTY);
	attrs_free(&a);
	attrs_free(&b);
	created(T(PRIV_EC, D(CKA_EC_POINT, raw)), &a);
	assert_int_equal(change(&a, false, T(D(CKA_PUBLIC_KEY_INFO, info)),
	    NULL), CKR_OK);
	assert_int_equal(change(&a, false, T(D(CKA_PUBLIC_KEY_INFO, cert)),
	    NULL), CKR_ATTRIBUTE_VALUE_INVALID);
	attrs_free(&a);
}

static void
what_is_not_modifiable_is_not_changed(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PROFILE, NONE);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(DATA, B(CKA_MODIFIABLE, CK_FALSE)), &a);
	assert_int_equal(change(&a, true, T(S(CKA_LABEL, "l")), NULL),
	    CKR_ACTION_PROHIBITED);
	/* a copy is another object */
	assert_int_equal(copy(&a, true, T(S(CKA_LABEL, "l")), NULL), CKR_OK);
	attrs_free(&a);
	made(&plan, T(U(CKA_PROFILE_ID, 1)), &a);
	assert_int_equal(change(&a, true, T(S(CKA_LABEL, "l")), NULL),
	    CKR_ACTION_PROHIBITED);
	assert_int_equal(copy(&a, true, NULL, 0, NULL), CKR_ACTION_PROHIBITED);
	attrs_free(&a);
	/* what a store of a later version may hold */
	assert_int_equal(attrs_set_ulong(&a, CKA_CLASS, 0x4711), CKR_OK);
	assert_int_equal(change(&a, true, T(S(CKA_LABEL, "l")), NULL),
	    CKR_ACTION_PROHIBITED);
	attrs_free(&a);
}

static void
a_copy_keeps_all_but_its_unique_id(void **state)
{
	struct object_plan plan = plan_of(OBJECT_COPIED, NONE, NONE);
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	size_t i;

	(void)state;
	created(T(AES, S(CKA_LABEL, "l")), &a);
	assert_int_equal(copy(&a, false, NULL, 0, &b), CKR_OK);
	assert_int_equal(a.count, b.count);
	for (i = 0; i < a.count; i++)
		assert_int_equal(attr_equal(&a.list[i],
		    attrs_get(&b, a.list[i].type)),
		    a.list[i].type != CKA_UNIQUE_ID);
	assert_int_equal(object_finish(&plan, &b), CKR_OK);
	assert_int_equal(a.count, b.count);
	attrs_free(&a);
	attrs_free(&b);
}

static void
a_copy_may_repeat_what_the_original_is(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(AES), &a);
	assert_int_equal(copy(&a, false, T(U(CKA_CLASS, CKO_SECRET_KEY),
	    U(CKA_KEY_TYPE, CKK_AES), U(CKA_VALUE_LEN, 16),
	    B(CKA_TOKEN, CK_TRUE)), NULL), CKR_OK);
	assert_int_equal(copy(&a, false, T(U(CKA_CLASS, CKO_DATA)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(copy(&a, false, T(U(CKA_VALUE_LEN, 32)), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	/* the answer does not tell whether a guess was right */
	assert_int_equal(copy(&a, false, T(KEY16), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(copy(&a, false, T(S(CKA_VALUE, "wrong")), NULL),
	    CKR_ATTRIBUTE_READ_ONLY);
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_flag_goes_only_where_the_standard_lets_it),
		cmocka_unit_test(a_private_key_stays_sensitive),
		cmocka_unit_test(labels_ids_names_and_dates_can_be_set),
		cmocka_unit_test(the_rest_cannot_be_set),
		cmocka_unit_test(data_can_be_replaced),
		cmocka_unit_test(
		    of_a_certificate_only_id_issuer_serial_and_label_change),
		cmocka_unit_test(
		    only_the_so_trusts_a_certificate_and_changes_it_then),
		cmocka_unit_test(
		    a_check_value_can_be_cleared_and_public_key_info_repeated),
		cmocka_unit_test(what_is_not_modifiable_is_not_changed),
		cmocka_unit_test(a_copy_keeps_all_but_its_unique_id),
		cmocka_unit_test(a_copy_may_repeat_what_the_original_is),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
