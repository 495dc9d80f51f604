/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#define KEY16 S(CKA_VALUE, "0123456789abcdef")
#define AES U(CKA_CLASS, CKO_SECRET_KEY), U(CKA_KEY_TYPE, CKK_AES)
#define ALL ((CK_ULONG)-1)

static CK_BYTE room[512];

static CK_ATTRIBUTE
into(CK_ATTRIBUTE_TYPE type, CK_ULONG len)
{
	return (CK_ATTRIBUTE){ type, room, len };
}

static CK_RV
read_into(const struct attrs *a, CK_ATTRIBUTE_TYPE type, CK_ULONG len,
    CK_ULONG *got)
{
	CK_ATTRIBUTE e = into(type, len);
	CK_RV rv = object_read(a, &e, 1);

	assert_int_equal(e.type, type);
	assert_ptr_equal(e.pValue, room);
	*got = e.ulValueLen;
	return rv;
}

static void
a_secret_is_shown_only_when_insensitive_and_extractable(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG len;
	bool shown;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		secret(i & 1, i & 2, &a);
		shown = i == 2;
		memset(room, 0, sizeof(room));
		assert_int_equal(read_into(&a, CKA_VALUE, sizeof(room), &len),
		    shown ? CKR_OK : CKR_ATTRIBUTE_SENSITIVE);
		assert_int_equal(len, shown ? 16 : ALL);
		assert_int_equal(room[0], shown ? '0' : 0);
		/* its length is no secret */
		assert_int_equal(read_into(&a, CKA_VALUE_LEN,
		    sizeof(CK_ULONG), &len), CKR_OK);
		attrs_free(&a);
	}
}

static void
private_parts_are_never_shown(void **state)
{
	static const CK_ATTRIBUTE_TYPE parts[] = {
		CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2,
		CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT,
	};
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG len;
	size_t i;

	(void)state;
	created(T(U(CKA_CLASS, CKO_PRIVATE_KEY), U(CKA_KEY_TYPE, CKK_RSA),
	    B(CKA_SENSITIVE, CK_FALSE), D(CKA_MODULUS, modulus),
	    S(CKA_PUBLIC_EXPONENT, "\x03"), S(CKA_PRIVATE_EXPONENT, "d"),
	    S(CKA_PRIME_1, "p")), &a);
	for (i = 0; i < ARRAY_LEN(parts); i++)
		assert_int_equal(read_into(&a, parts[i], sizeof(room), &len),
		    CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(read_into(&a, CKA_MODULUS, sizeof(room), &len),
	    CKR_OK);
	assert_int_equal(len, 256);
	attrs_free(&a);
}

static void
what_only_the_tpm_has_is_sensitive_not_empty(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG len;

	(void)state;
	secret(false, true, &a);
	attrs_remove(&a, CKA_VALUE);
	assert_int_equal(read_into(&a, CKA_VALUE, sizeof(room), &len),
	    CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(len, ALL);
	attrs_free(&a);
}

static void
every_entry_is_worked_on_whatever_befalls_the_others(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG class = 0;
	CK_BBOOL sign = 7;
	CK_ATTRIBUTE t[] = {
		into(CKA_VALUE, sizeof(room)), into(0x999, sizeof(room)),
		into(CKA_LABEL, 1), { CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, NULL, 0 }, into(CKA_MODULUS, sizeof(room)),
		{ CKA_SIGN, &sign, sizeof(sign) },
	};

	(void)state;
	created(T(AES, KEY16, S(CKA_LABEL, "label"),
	    B(CKA_SENSITIVE, CK_TRUE), B(CKA_SIGN, CK_TRUE)), &a);
	assert_int_equal(object_read(&a, t, ARRAY_LEN(t)),
	    CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(t[0].ulValueLen, ALL);
	assert_int_equal(t[1].ulValueLen, ALL);
	assert_int_equal(t[2].ulValueLen, ALL);
	assert_int_equal(class, CKO_SECRET_KEY);
	assert_int_equal(t[4].ulValueLen, 5);
	assert_int_equal(t[5].ulValueLen, ALL);
	assert_int_equal(sign, CK_TRUE);
	attrs_free(&a);
}

static void
the_graver_answer_is_told(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ATTRIBUTE sensitive = into(CKA_VALUE, sizeof(room));
	CK_ATTRIBUTE invalid = into(CKA_MODULUS, sizeof(room));
	CK_ATTRIBUTE small = into(CKA_LABEL, 1);

	(void)state;
	created(T(AES, KEY16, S(CKA_LABEL, "label"),
	    B(CKA_SENSITIVE, CK_TRUE)), &a);
	assert_int_equal(object_read(&a, T(small, invalid, sensitive)),
	    CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(object_read(&a, T(sensitive, small, invalid)),
	    CKR_ATTRIBUTE_SENSITIVE);
	assert_int_equal(object_read(&a, T(small, invalid)),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(object_read(&a, T(small)), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(object_read(&a, NULL, 0), CKR_OK);
	attrs_free(&a);
}

/* A row that an older version stored with fewer attributes. */
static void
what_an_object_leaves_out_reads_as_its_default(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG len;

	(void)state;
	assert_int_equal(attrs_set_ulong(&a, CKA_CLASS, CKO_PRIVATE_KEY),
	    CKR_OK);
	assert_int_equal(attrs_set_ulong(&a, CKA_KEY_TYPE, CKK_EC), CKR_OK);
	assert_int_equal(read_into(&a, CKA_LABEL, 9, &len), CKR_OK);
	assert_int_equal(len, 0);
	assert_int_equal(read_into(&a, CKA_PRIVATE, 1, &len), CKR_OK);
	assert_int_equal(room[0], CK_TRUE);
	assert_int_equal(read_into(&a, CKA_SIGN, 1, &len), CKR_OK);
	assert_int_equal(room[0], CK_FALSE);
	assert_int_equal(read_into(&a, CKA_UNWRAP_TEMPLATE, 99, &len),
	    CKR_OK);
	assert_int_equal(len, 0);
	assert_int_equal(read_into(&a, CKA_KEY_GEN_MECHANISM, 99, &len),
	    CKR_OK);
	memcpy(&len, room, sizeof(len));
	assert_int_equal(len, CK_UNAVAILABLE_INFORMATION);
	attrs_free(&a);
}

static void
what_the_class_does_not_have_is_invalid(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	CK_ULONG len;

	(void)state;
	generated_pair(T(S(CKA_EC_PARAMS, P256), B(CKA_SIGN, CK_TRUE)),
	    NULL, 0, &a, &b);
	assert_int_equal(read_into(&a, CKA_SIGN, 1, &len),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(read_into(&a, CKA_SENSITIVE, 1, &len),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(read_into(&b, CKA_VERIFY, 1, &len),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(read_into(&b, CKA_MODULUS_BITS, 8, &len),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	attrs_free(&a);
	attrs_free(&b);
}

static void
templates_are_read_as_arrays_of_attributes(void **state)
{
	CK_ATTRIBUTE inner[] = { B(CKA_EXTRACTABLE, CK_FALSE),
	    S(CKA_LABEL, "x") };
	CK_BBOOL flag = 7;
	char text[4];
	CK_ATTRIBUTE back[] = { { 0, &flag, 1 }, { 0, text, 4 } };
	CK_ATTRIBUTE e = { CKA_UNWRAP_TEMPLATE, NULL, 0 };
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(AES, KEY16, { CKA_UNWRAP_TEMPLATE, inner, sizeof(inner) },
	    { CKA_ALLOWED_MECHANISMS, &(CK_ULONG){ CKM_AES_CBC },
	    sizeof(CK_ULONG) }), &a);
	assert_int_equal(object_read(&a, &e, 1), CKR_OK);
	assert_int_equal(e.ulValueLen, sizeof(inner));
	e.pValue = back;
	assert_int_equal(object_read(&a, &e, 1), CKR_OK);
	assert_int_equal(back[0].type, CKA_EXTRACTABLE);
	assert_int_equal(flag, CK_FALSE);
	assert_int_equal(back[1].ulValueLen, 1);
	back[1].ulValueLen = 0;
	assert_int_equal(object_read(&a, &e, 1), CKR_BUFFER_TOO_SMALL);
	attrs_free(&a);
}

static bool
found(const struct attrs *a, CK_ATTRIBUTE *tmpl, size_t count)
{
	struct attrs want = ATTRS_EMPTY;
	bool yes;

	assert_int_equal(attrs_from_template(tmpl, count, &want), CKR_OK);
	yes = object_matches(a, &want);
	attrs_free(&want);
	return yes;
}

static void
a_search_finds_by_any_attribute_and_by_defaults(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	secret(false, true, &a);
	assert_true(found(&a, NULL, 0));
	assert_true(found(&a, T(AES, B(CKA_TOKEN, CK_FALSE), E(CKA_LABEL))));
	assert_true(found(&a, T(KEY16)));
	assert_false(found(&a, T(S(CKA_VALUE, "0123456789abcdeX"))));
	assert_false(found(&a, T(S(CKA_LABEL, "x"))));
	assert_false(found(&a, T(AES, S(CKA_MODULUS, ""))));
	assert_false(found(&a, T(S(CKA_VENDOR_DEFINED, ""))));
	/* a search for NSS trust objects */
	assert_false(found(&a, T(U(CKA_CLASS, 0xce534353))));
	attrs_remove(&a, CKA_LABEL);
	assert_true(found(&a, T(E(CKA_LABEL))));
	attrs_free(&a);
}

static void
a_search_is_no_oracle_for_secrets(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		secret(i & 1, i & 2, &a);
		assert_int_equal(found(&a, T(KEY16)), i == 2);
		attrs_free(&a);
	}
}

static void
some_classes_are_found_only_by_name(void **state)
{
	static const struct {
		CK_OBJECT_CLASS class;
		CK_ATTRIBUTE_TYPE type;
		bool hidden;
	} rows[] = {
		{ CKO_PROFILE, CKA_PROFILE_ID, true },
		{ CKO_MECHANISM, CKA_MECHANISM_TYPE, true },
		{ CKO_HW_FEATURE, CKA_HW_FEATURE_TYPE, true },
	};
	struct object_plan plan;
	struct attrs a = ATTRS_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		plan = plan_of(OBJECT_GENERATED, rows[i].class, NONE);
		made(&plan, T(U(rows[i].type, CKH_CLOCK)), &a);
		assert_int_equal(found(&a, NULL, 0), !rows[i].hidden);
		assert_true(found(&a, T(U(CKA_CLASS, rows[i].class))));
		attrs_free(&a);
	}
}

static void
a_larger_object_has_a_larger_size(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG size;

	(void)state;
	created(T(U(CKA_CLASS, CKO_DATA), S(CKA_VALUE, "1")), &a);
	size = object_size(&a);
	assert_true(size > 36);
	assert_int_equal(attrs_set(&a, CKA_VALUE, view_str("123")), CKR_OK);
	assert_int_equal(object_size(&a), size + 2);
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_secret_is_shown_only_when_insensitive_and_extractable),
		cmocka_unit_test(private_parts_are_never_shown),
		cmocka_unit_test(what_only_the_tpm_has_is_sensitive_not_empty),
		cmocka_unit_test(
		    every_entry_is_worked_on_whatever_befalls_the_others),
		cmocka_unit_test(the_graver_answer_is_told),
		cmocka_unit_test(
		    what_an_object_leaves_out_reads_as_its_default),
		cmocka_unit_test(what_the_class_does_not_have_is_invalid),
		cmocka_unit_test(templates_are_read_as_arrays_of_attributes),
		cmocka_unit_test(
		    a_search_finds_by_any_attribute_and_by_defaults),
		cmocka_unit_test(a_search_is_no_oracle_for_secrets),
		cmocka_unit_test(some_classes_are_found_only_by_name),
		cmocka_unit_test(a_larger_object_has_a_larger_size),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
