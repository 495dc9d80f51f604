/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects: made, read, searched, changed, copied, destroyed. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static void
a_data_object_has_what_it_was_given(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, 1),
		P11_STR(CKA_LABEL, "a label"),
		P11_STR(CKA_APPLICATION, "an application"),
		P11_BYTES(CKA_OBJECT_ID, "\x06\x03\x2a\x03\x04", 5),
		P11_STR(CKA_VALUE, "zero\0in the middle"),
	};
	CK_OBJECT_HANDLE object;
	size_t i;

	object = p11_create(session, template, P11_COUNT(template));
	for (i = 0; i < P11_COUNT(template); i++)
		p11_assert_attr(session, object, template[i].type,
		    template[i].pValue, template[i].ulValueLen);
	/* the defaults of storage objects (PKCS#11 3.1, table 16) */
	assert_false(p11_get_bool(session, object, CKA_PRIVATE));
	assert_true(p11_get_bool(session, object, CKA_MODIFIABLE));
	assert_true(p11_get_bool(session, object, CKA_COPYABLE));
	assert_true(p11_get_bool(session, object, CKA_DESTROYABLE));
	p11_destroy(session, object);
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(session, object, CKA_CLASS));
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11->C_DestroyObject(session, object));
}

static void
an_empty_data_object_is_one(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE class = P11_NUM(CKA_CLASS, CKO_DATA);
	CK_OBJECT_HANDLE object = p11_create(session, &class, 1);

	assert_false(p11_get_bool(session, object, CKA_TOKEN));
	p11_assert_attr(session, object, CKA_LABEL, "", 0);
	p11_assert_attr(session, object, CKA_VALUE, "", 0);
	p11_assert_attr(session, object, CKA_APPLICATION, "", 0);
	p11_assert_attr(session, object, CKA_OBJECT_ID, "", 0);
}

static bool
is_found(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, struct p11_bytes *value)
{
	CK_ATTRIBUTE template[] = {
		P11_BYTES(type, value->data, value->len),
		P11_STR(CKA_ID, "every"),
	};
	CK_OBJECT_HANDLE found[4];
	CK_ULONG i, n;

	n = p11_find(session, template, type == CKA_ID ? 1 : 2, found, 4);
	for (i = 0; i < n; i++)
		if (found[i] == object)
			return true;
	return false;
}

/* By each attribute that it has, and not by another value of it. */
static CK_ULONG
each_attribute_finds(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_CLASS, CKA_TOKEN,
		CKA_PRIVATE, CKA_MODIFIABLE, CKA_COPYABLE, CKA_DESTROYABLE,
		CKA_LABEL, CKA_ID, CKA_KEY_TYPE, CKA_SIGN, CKA_VERIFY,
		CKA_DERIVE, CKA_LOCAL, CKA_KEY_GEN_MECHANISM, CKA_EC_PARAMS,
		CKA_EC_POINT, CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_SUBJECT,
		CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_START_DATE,
		CKA_ALWAYS_AUTHENTICATE, CKA_UNIQUE_ID, CKA_PUBLIC_KEY_INFO };
	struct p11_bytes value;
	CK_ULONG tried = 0;
	size_t i;

	for (i = 0; i < P11_COUNT(types); i++) {
		if (p11_get_rv(session, object, types[i]) != CKR_OK)
			continue;
		tried++;
		p11_get(session, object, types[i], &value);
		if (!is_found(session, object, types[i], &value))
			fail_msg("not found by attribute 0x%lx", types[i]);
		if (value.len == 0)
			continue;
		value.data[value.len - 1] ^= 1;
		if (is_found(session, object, types[i], &value))
			fail_msg("found by a wrong 0x%lx", types[i]);
	}
	return tried;
}

static void
every_attribute_finds_its_object(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    true, "every");
	CK_ULONG tried;

	tried = each_attribute_finds(session, pair.public) +
	    each_attribute_finds(session, pair.private);
	print_message("%lu attributes\n", tried);
	assert_true(tried >= 35);
	p11_destroy(session, pair.public);
	p11_destroy(session, pair.private);
}

static void
a_search_does_not_tell_secrets(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE value[] = "0123456789abcdef";
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_BYTES(CKA_VALUE, value, 16),
	};
	CK_OBJECT_HANDLE key;
	CK_RV rv;

	rv = p11->C_CreateObject(session, template, P11_COUNT(template), &key);
	assert_ok(rv);
	assert_rv(CKR_ATTRIBUTE_SENSITIVE,
	    p11_get_rv(session, key, CKA_VALUE));
	assert_int_equal(p11_count(session, template, 2), 1);
	assert_int_equal(p11_count(session, &template[4], 1), 0);
}

static void
searches_that_find_nothing(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE vendor = P11_NUM(CKA_CLASS, CKO_VENDOR_DEFINED | 0x5a);
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "there is none of this name");
	CK_ATTRIBUTE odd = P11_STR(CKA_VENDOR_DEFINED | 0x77, "x");
	CK_ATTRIBUTE hidden = P11_NUM(CKA_HW_FEATURE_TYPE, 1);
	CK_OBJECT_HANDLE object = p11_create_data(session, "x", false, false);

	assert_int_equal(p11_count(session, &vendor, 1), 0);
	assert_int_equal(p11_count(session, &label, 1), 0);
	assert_int_equal(p11_count(session, &odd, 1), 0);
	assert_int_equal(p11_count(session, &hidden, 1), 0);
	p11_destroy(session, object);
}

/* An attribute twice is two conditions: C_FindObjectsInit has no code to
 * refuse it with. */
static void
a_search_for_an_attribute_twice(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE same[] = { P11_NUM(CKA_CLASS, CKO_DATA),
		P11_NUM(CKA_CLASS, CKO_DATA) };
	CK_ATTRIBUTE other[] = { P11_NUM(CKA_CLASS, CKO_DATA),
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY) };

	(void)p11_create_data(session, "x", false, false);
	assert_int_equal(p11_count(session, same, 2), 1);
	assert_int_equal(p11_count(session, other, 2), 0);
}

static void
a_search_runs_in_steps(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE template[] = { P11_STR(CKA_LABEL, "many") };
	CK_OBJECT_HANDLE found[30], object;
	CK_ULONG i, n, total = 0;

	for (i = 0; i < 25; i++)
		(void)p11_create_data(session, "many", i % 2 == 0, i % 3 == 0);
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_FindObjects(session, found, 1, &n));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_FindObjectsFinal(session));
	assert_ok(p11->C_FindObjectsInit(session, template, 1));
	assert_rv(CKR_OPERATION_ACTIVE,
	    p11->C_FindObjectsInit(session, template, 1));
	do {
		assert_ok(p11->C_FindObjects(session, found + total,
		    total % 4 + 1, &n));
		assert_in_range(n, 0, total % 4 + 1);
		total += n;
	} while (n != 0);
	assert_int_equal(total, 25);
	assert_ok(p11->C_FindObjects(session, &object, 1, &n));
	assert_int_equal(n, 0);
	assert_ok(p11->C_FindObjectsFinal(session));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_FindObjectsFinal(session));
	for (i = 0; i < total; i++)
		p11_destroy(session, found[i]);
}

/* As gateways and pkcs11-tool do it. */
static void
attributes_are_read_while_a_search_runs(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE object;
	CK_ATTRIBUTE template[] = { P11_STR(CKA_LABEL, "between") };
	CK_ULONG n, i;

	for (i = 0; i < 3; i++)
		(void)p11_create_data(session, "between", true, true);
	assert_ok(p11->C_FindObjectsInit(session, template, 1));
	for (i = 0; i < 3; i++) {
		assert_ok(p11->C_FindObjects(session, &object, 1, &n));
		assert_int_equal(n, 1);
		p11_assert_attr(session, object, CKA_LABEL, "between", 7);
		p11_assert_attr(session, object, CKA_VALUE, "some value", 10);
		/* what was found may go while the search runs */
		p11_destroy(session, object);
	}
	assert_ok(p11->C_FindObjects(session, &object, 1, &n));
	assert_int_equal(n, 0);
	assert_ok(p11->C_FindObjectsFinal(session));
}

static void
partial_answers_fill_what_there_is(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "partial");
	CK_BYTE label[16], point[100], value[64], small[3] = { 7, 7, 7 };
	CK_ATTRIBUTE template[] = {
		P11_BYTES(CKA_LABEL, label, sizeof(label)),
		P11_BYTES(CKA_MODULUS, value, sizeof(value)),
		P11_BYTES(CKA_EC_POINT, point, sizeof(point)),
		P11_BYTES(CKA_VALUE, value, sizeof(value)),
		P11_BYTES(CKA_ID, small, sizeof(small)),
		P11_NONE(CKA_EC_PARAMS),
	};
	CK_RV rv;

	rv = p11->C_GetAttributeValue(session, pair.private, template,
	    P11_COUNT(template));
	/* any of the three that apply (C_GetAttributeValue, last paragraph) */
	assert_rv_in(rv, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE,
	    CKR_BUFFER_TOO_SMALL);
	assert_int_equal(template[0].ulValueLen, 7);
	assert_memory_equal(label, "partial", 7);
	assert_int_equal(template[1].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(template[2].ulValueLen, 67);
	assert_int_equal(point[0], 4);
	assert_int_equal(template[3].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(template[4].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_memory_equal(small, "\7\7\7", 3);
	assert_int_equal(template[5].ulValueLen, 10);
}

static void
each_failure_to_read_has_its_code(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "codes");
	CK_BYTE byte = 0x5a;
	CK_ATTRIBUTE label = P11_BYTES(CKA_LABEL, &byte, 1);

	assert_rv(CKR_ATTRIBUTE_SENSITIVE,
	    p11_get_rv(session, pair.private, CKA_VALUE));
	assert_rv(CKR_ATTRIBUTE_TYPE_INVALID,
	    p11_get_rv(session, pair.private, CKA_MODULUS));
	assert_rv(CKR_ATTRIBUTE_TYPE_INVALID,
	    p11_get_rv(session, pair.public, CKA_SENSITIVE));
	assert_rv(CKR_ATTRIBUTE_TYPE_INVALID,
	    p11_get_rv(session, pair.public, CKA_VENDOR_DEFINED | 1));
	assert_rv(CKR_BUFFER_TOO_SMALL, p11->C_GetAttributeValue(session,
	    pair.public, &label, 1));
	assert_int_equal(byte, 0x5a);
	assert_int_equal(label.ulValueLen, CK_UNAVAILABLE_INFORMATION);
}

static void
attributes_are_changed(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE object = p11_create_data(session, "old", true, true);
	CK_ATTRIBUTE two[] = {
		P11_STR(CKA_LABEL, "new and longer"),
		P11_STR(CKA_VALUE, ""),
	};
	CK_ATTRIBUTE mixed[] = {
		P11_STR(CKA_LABEL, "must not come"),
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
	};
	CK_ATTRIBUTE token = P11_BOOL(CKA_TOKEN, 0);

	assert_ok(p11->C_SetAttributeValue(session, object, two, 2));
	p11_assert_attr(session, object, CKA_LABEL, "new and longer", 14);
	p11_assert_attr(session, object, CKA_VALUE, "", 0);
	assert_int_equal(p11_count_label(session, "old"), 0);
	assert_int_equal(p11_count_label(session, "new and longer"), 1);
	assert_rv(CKR_ATTRIBUTE_READ_ONLY,
	    p11->C_SetAttributeValue(session, object, &token, 1));
	/* all or nothing */
	assert_rv(CKR_ATTRIBUTE_READ_ONLY,
	    p11->C_SetAttributeValue(session, object, mixed, 2));
	p11_assert_attr(session, object, CKA_LABEL, "new and longer", 14);
	p11_destroy(session, object);
}

static void
what_is_not_modifiable_or_destroyable_stays(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_MODIFIABLE, 0),
		P11_BOOL(CKA_COPYABLE, 0),
		P11_BOOL(CKA_DESTROYABLE, 0),
		P11_STR(CKA_LABEL, "stays"),
	};
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "changed");
	CK_OBJECT_HANDLE object, copy;

	object = p11_create(session, template, P11_COUNT(template));
	assert_rv(CKR_ACTION_PROHIBITED,
	    p11->C_SetAttributeValue(session, object, &label, 1));
	assert_rv(CKR_ACTION_PROHIBITED,
	    p11->C_CopyObject(session, object, NULL, 0, &copy));
	assert_rv(CKR_ACTION_PROHIBITED,
	    p11->C_DestroyObject(session, object));
	p11_assert_attr(session, object, CKA_LABEL, "stays", 5);
}

static void
copies_stand_on_their_own(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE object = p11_create_data(session, "one", true, false);
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "two");
	CK_ATTRIBUTE passing = P11_BOOL(CKA_TOKEN, 0);
	CK_ATTRIBUTE private = P11_BOOL(CKA_PRIVATE, 1);
	CK_ATTRIBUTE public = P11_BOOL(CKA_PRIVATE, 0);
	CK_OBJECT_HANDLE copy, third;

	assert_ok(p11->C_CopyObject(session, object, &label, 1, &copy));
	assert_int_not_equal(copy, object);
	p11_assert_attr(session, copy, CKA_LABEL, "two", 3);
	p11_assert_attr(session, copy, CKA_VALUE, "some value", 10);
	assert_true(p11_get_bool(session, copy, CKA_TOKEN));
	p11_destroy(session, copy);
	p11_assert_attr(session, object, CKA_LABEL, "one", 3);
	/* as NSS: to a session object, and that once more with no template */
	assert_ok(p11->C_CopyObject(session, object, &passing, 1, &copy));
	assert_false(p11_get_bool(session, copy, CKA_TOKEN));
	assert_ok(p11->C_CopyObject(session, copy, NULL, 0, &third));
	p11_assert_attr(session, third, CKA_LABEL, "one", 3);
	/* may become private, and never public again */
	assert_ok(p11->C_CopyObject(session, third, &private, 1, &copy));
	assert_true(p11_get_bool(session, copy, CKA_PRIVATE));
	assert_rv_in(p11->C_CopyObject(session, copy, &public, 1, &third),
	    CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_READ_ONLY);
	p11_destroy(session, object);
}

static void
a_key_pair_is_copied_and_the_copy_works(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    true, "original");
	CK_ATTRIBUTE passing = P11_BOOL(CKA_TOKEN, 0);
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	struct p11_bytes signature;
	CK_OBJECT_HANDLE public, private;

	assert_ok(p11->C_CopyObject(session, pair.public, &passing, 1,
	    &public));
	assert_ok(p11->C_CopyObject(session, pair.private, &passing, 1,
	    &private));
	p11_destroy(session, pair.public);
	p11_destroy(session, pair.private);
	assert_rv(CKR_ATTRIBUTE_SENSITIVE,
	    p11_get_rv(session, private, CKA_VALUE));
	p11_sign(session, &ecdsa, private, "digest", 6, &signature);
	assert_ok(p11_verify(session, &ecdsa, public, "digest", 6,
	    &signature));
}

static void
private_objects_are_invisible_to_the_public(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    true, "visible");
	CK_OBJECT_HANDLE public;

	(void)p11_create_data(session, "hidden", true, true);
	assert_ok(p11->C_Logout(session));
	assert_int_equal(p11_count_label(session, "hidden"), 0);
	/* the public half is there: clients list keys before they log in */
	assert_int_equal(p11_count_label(session, "visible"), 1);
	public = p11_find_one(session, &(CK_ATTRIBUTE)P11_STR(CKA_LABEL,
	    "visible"), 1);
	assert_int_equal(p11_get_num(session, public, CKA_CLASS),
	    CKO_PUBLIC_KEY);
	/* the SO does not see them either */
	p11_login(session, CKU_SO);
	assert_int_equal(p11_count_label(session, "hidden"), 0);
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_USER);
	assert_int_equal(p11_count_label(session, "hidden"), 1);
	assert_int_equal(p11_count_label(session, "visible"), 2);
	(void)pair;
}

static void
every_object_has_a_size(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE object = p11_create_data(session, "x", true, false);
	CK_ULONG size = 0;

	assert_ok(p11->C_GetObjectSize(session, object, &size));
	assert_true(size >= 10);
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GetObjectSize(session, object, NULL));
	p11_destroy(session, object);
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11->C_GetObjectSize(session, object, &size));
}

static void
values_of_a_hundred_kilobytes(void **state)
{
	static CK_BYTE in[100000], out[100000];
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, 1),
		P11_BYTES(CKA_VALUE, in, sizeof(in)),
	};
	CK_ATTRIBUTE value = P11_BYTES(CKA_VALUE, out, sizeof(out));
	CK_OBJECT_HANDLE object;

	ossl_random(in, sizeof(in));
	object = p11_create(session, template, P11_COUNT(template));
	assert_ok(p11->C_GetAttributeValue(session, object, &value, 1));
	assert_int_equal(value.ulValueLen, sizeof(in));
	assert_memory_equal(in, out, sizeof(in));
	p11_destroy(session, object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_USER_TEST(a_data_object_has_what_it_was_given),
		P11_PUBLIC_TEST(an_empty_data_object_is_one),
		P11_USER_TEST(every_attribute_finds_its_object),
		P11_USER_TEST(a_search_does_not_tell_secrets),
		P11_PUBLIC_TEST(searches_that_find_nothing),
		P11_PUBLIC_TEST(a_search_for_an_attribute_twice),
		P11_USER_TEST(a_search_runs_in_steps),
		P11_USER_TEST(attributes_are_read_while_a_search_runs),
		P11_USER_TEST(partial_answers_fill_what_there_is),
		P11_USER_TEST(each_failure_to_read_has_its_code),
		P11_USER_TEST(attributes_are_changed),
		P11_PUBLIC_TEST(what_is_not_modifiable_or_destroyable_stays),
		P11_USER_TEST(copies_stand_on_their_own),
		P11_USER_TEST(a_key_pair_is_copied_and_the_copy_works),
		P11_USER_TEST(private_objects_are_invisible_to_the_public),
		P11_PUBLIC_TEST(every_object_has_a_size),
		P11_USER_TEST(values_of_a_hundred_kilobytes),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
