/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program can get wrong: each answered by the standard's code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11_calls.h"
#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM ec_gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };

static void
sessions_that_are_none(void **state)
{
	static const CK_SESSION_HANDLE bad[] = { 0, 0x7fffffff,
		CK_UNAVAILABLE_INFORMATION };
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(bad); i++)
		assert_int_equal(p11_call_all(P11_TAKES_SESSION, bad[i],
		    CKR_SESSION_HANDLE_INVALID), 0);
}

static void
slots_that_are_none(void **state)
{
	static const CK_SLOT_ID bad[] = { 0x7fffffff,
		CK_UNAVAILABLE_INFORMATION };
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(bad); i++)
		assert_int_equal(p11_call_all(P11_TAKES_SLOT, bad[i],
		    CKR_SLOT_ID_INVALID), 0);
}

static void
object_handles_that_are_none(void **state)
{
	static const CK_OBJECT_HANDLE bad[] = { 0, 0x7fffffff,
		CK_UNAVAILABLE_INFORMATION };
	CK_SESSION_HANDLE s = p11_session(state);
	CK_ATTRIBUTE a = P11_STR(CKA_LABEL, "x");
	CK_OBJECT_HANDLE out;
	CK_ULONG n;
	size_t i;

	for (i = 0; i < P11_COUNT(bad); i++) {
		assert_rv(CKR_OBJECT_HANDLE_INVALID,
		    p11->C_CopyObject(s, bad[i], &a, 1, &out));
		assert_rv(CKR_OBJECT_HANDLE_INVALID,
		    p11->C_DestroyObject(s, bad[i]));
		assert_rv(CKR_OBJECT_HANDLE_INVALID,
		    p11->C_GetObjectSize(s, bad[i], &n));
		assert_rv(CKR_OBJECT_HANDLE_INVALID,
		    p11->C_GetAttributeValue(s, bad[i], &a, 1));
		assert_rv(CKR_OBJECT_HANDLE_INVALID,
		    p11->C_SetAttributeValue(s, bad[i], &a, 1));
		assert_rv(CKR_KEY_HANDLE_INVALID,
		    p11->C_SignInit(s, &ecdsa, bad[i]));
		assert_rv(CKR_KEY_HANDLE_INVALID,
		    p11->C_VerifyInit(s, &ecdsa, bad[i]));
	}
	/* an object, but no key */
	out = p11_create_data(s, "x", false, false);
	assert_rv_in(p11->C_SignInit(s, &ecdsa, out), CKR_KEY_HANDLE_INVALID,
	    CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED);
}

/* The pointers that must not be NULL, of objects and sessions. */
static void
null_pointers_of_management(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	CK_OBJECT_HANDLE out, key = p11_create_data(s, "x", false, false);
	CK_ATTRIBUTE a = P11_NUM(CKA_CLASS, CKO_DATA);
	CK_ULONG n = 1;

	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GetSlotInfo(p11_slot, NULL));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GetTokenInfo(p11_slot, NULL));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GetMechanismList(p11_slot, NULL, NULL));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GetMechanismInfo(p11_slot, CKM_SHA256, NULL));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_CreateObject(s, NULL, 1, &out));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_CreateObject(s, &a, 1, NULL));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_CopyObject(s, key, NULL, 1, &out));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_CopyObject(s, key, NULL, 0, NULL));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GetAttributeValue(s, key, NULL, 1));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_SetAttributeValue(s, key, NULL, 1));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_FindObjectsInit(s, NULL, 1));
	assert_ok(p11->C_FindObjectsInit(s, NULL, 0));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_FindObjects(s, NULL, 1, &n));
	(void)p11->C_FindObjectsFinal(s);
	assert_ok(p11->C_FindObjectsInit(s, NULL, 0));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_FindObjects(s, &out, 1, NULL));
	(void)p11->C_FindObjectsFinal(s);
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GenerateKeyPair(s, NULL, &a, 1,
	    &a, 1, &out, &out));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GenerateKeyPair(s, &ec_gen, &a, 1,
	    &a, 1, NULL, &out));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GenerateKeyPair(s, &ec_gen, &a, 1,
	    &a, 1, &out, NULL));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GenerateKeyPair(s, &ec_gen, NULL,
	    1, &a, 1, &out, &out));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GenerateKey(s, NULL, &a, 1, &out));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_DeriveKey(s, NULL, key, &a, 1, &out));
}

/*
 * C_Sign and its like: a NULL length is a bad argument, and whatever the
 * answer to other NULLs, the next Init is answered as if nothing had been.
 */
static void
null_pointers_of_operations(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct p11_pair pair = p11_ec_pair(s, NID_X9_62_prime256v1, false,
	    "null");
	CK_BYTE out[64], in[32] = { 0 };
	CK_ULONG n = sizeof(out);

	assert_ok(p11->C_SignInit(s, &ecdsa, pair.private));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Sign(s, in, 32, out, NULL));
	(void)p11->C_SignInit(s, NULL, 0);
	assert_ok(p11->C_SignInit(s, &ecdsa, pair.private));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Sign(s, NULL, 32, out, &n));
	(void)p11->C_SignInit(s, NULL, 0);
	assert_ok(p11->C_VerifyInit(s, &ecdsa, pair.public));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Verify(s, NULL, 32, out, 64));
	(void)p11->C_VerifyInit(s, NULL, 0);
	assert_ok(p11->C_VerifyInit(s, &ecdsa, pair.public));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Verify(s, in, 32, NULL, 64));
	(void)p11->C_VerifyInit(s, NULL, 0);
	assert_ok(p11->C_DigestInit(s, &sha256));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Digest(s, in, 32, out, NULL));
	(void)p11->C_DigestInit(s, NULL);
	assert_ok(p11->C_DigestInit(s, &sha256));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_DigestUpdate(s, NULL, 32));
	(void)p11->C_DigestInit(s, NULL);
	assert_ok(p11->C_DigestInit(s, &sha256));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_DigestFinal(s, out, NULL));
	(void)p11->C_DigestInit(s, NULL);
	assert_ok(p11->C_DigestInit(s, &sha256));
}

/* Values at odd addresses, in and out. */
static void
unaligned_values(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	CK_OBJECT_CLASS class = CKO_DATA;
	CK_BYTE room[1 + sizeof(CK_ULONG)], out[1 + sizeof(CK_ULONG)];
	CK_ATTRIBUTE template[] = {
		P11_BYTES(CKA_CLASS, room + 1, sizeof(CK_ULONG)),
		P11_STR(CKA_LABEL, "odd"),
	};
	CK_ATTRIBUTE got = P11_BYTES(CKA_CLASS, out + 1, sizeof(CK_ULONG));
	CK_OBJECT_HANDLE object;

	memcpy(room + 1, &class, sizeof(class));
	object = p11_create(s, template, 2);
	assert_ok(p11->C_GetAttributeValue(s, object, &got, 1));
	assert_memory_equal(out + 1, &class, sizeof(class));
	assert_int_equal(p11_count(s, template, 2), 1);
}

static CK_RV
create_with(CK_SESSION_HANDLE s, CK_ATTRIBUTE extra)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_STR(CKA_VALUE, "x"),
		extra,
	};
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
	CK_RV rv = p11->C_CreateObject(s, template, 3, &object);

	if (rv != CKR_OK)
		assert_int_equal(object, CK_INVALID_HANDLE);
	return rv;
}

static void
values_of_a_wrong_length(void **state)
{
	static CK_BYTE zeros[64];
	static const CK_ATTRIBUTE bad[] = {
		{ CKA_TOKEN, zeros, 0 }, { CKA_TOKEN, zeros, 2 },
		{ CKA_TOKEN, zeros, 4 }, { CKA_PRIVATE, zeros, 0 },
		{ CKA_TOKEN, NULL, 1 }, { CKA_LABEL, NULL, 5 },
		{ CKA_LABEL, zeros, CK_UNAVAILABLE_INFORMATION },
	};
	CK_SESSION_HANDLE s = p11_session(state);
	CK_ATTRIBUTE class[] = { P11_BYTES(CKA_CLASS, zeros, 0) };
	CK_OBJECT_HANDLE object;
	size_t i;

	for (i = 0; i < P11_COUNT(bad); i++)
		assert_rv_in(create_with(s, bad[i]),
		    CKR_ATTRIBUTE_VALUE_INVALID, CKR_ARGUMENTS_BAD);
	for (i = 0; i < 16; i++) {
		if (i == sizeof(CK_OBJECT_CLASS))
			continue;
		class[0].ulValueLen = i;
		assert_rv(CKR_ATTRIBUTE_VALUE_INVALID,
		    p11->C_CreateObject(s, class, 1, &object));
	}
	assert_int_equal(p11_count(s, NULL, 0), 0);
}

/* Refused before memory is asked for, which sanitizers would end us for. */
static void
a_value_longer_than_memory(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	CK_BYTE byte = 0;
	CK_ATTRIBUTE label = { CKA_LABEL, &byte, 0x7fffffffffffffffUL };

	assert_rv_in(create_with(s, label), CKR_ATTRIBUTE_VALUE_INVALID,
	    CKR_ARGUMENTS_BAD, CKR_HOST_MEMORY);
}

static void
a_bool_of_another_value(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	CK_BYTE two = 2;
	CK_ATTRIBUTE token = { CKA_MODIFIABLE, &two, 1 };

	/* many programs take any value that is not zero for true */
	assert_rv_in(create_with(s, token), CKR_OK,
	    CKR_ATTRIBUTE_VALUE_INVALID);
}

static void
attributes_twice(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);

	/* equal or not: a template names an attribute once (3.1, 4.1.2) */
	assert_rv_in(create_with(s, (CK_ATTRIBUTE)P11_STR(CKA_VALUE, "y")),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_rv_in(create_with(s, (CK_ATTRIBUTE)P11_STR(CKA_VALUE, "x")),
	    CKR_TEMPLATE_INCONSISTENT, CKR_OK);
}

static void
attributes_that_do_not_belong(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	CK_ATTRIBUTE none = P11_STR(CKA_VALUE, "x");
	CK_OBJECT_HANDLE object;

	assert_rv(CKR_TEMPLATE_INCOMPLETE,
	    p11->C_CreateObject(s, NULL, 0, &object));
	assert_rv(CKR_TEMPLATE_INCOMPLETE,
	    p11->C_CreateObject(s, &none, 1, &object));
	/* of another class */
	assert_rv_in(create_with(s, (CK_ATTRIBUTE)P11_NUM(CKA_KEY_TYPE,
	    CKK_EC)), CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_TYPE_INVALID);
	assert_rv_in(create_with(s, (CK_ATTRIBUTE)P11_STR(CKA_MODULUS, "x")),
	    CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_TYPE_INVALID);
	/* of none */
	assert_rv(CKR_ATTRIBUTE_TYPE_INVALID, create_with(s,
	    (CK_ATTRIBUTE)P11_STR(CKA_VENDOR_DEFINED | 0x1234, "x")));
	/* computed ones */
	assert_rv_in(create_with(s, (CK_ATTRIBUTE)P11_STR(CKA_UNIQUE_ID,
	    "mine")), CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT,
	    CKR_ATTRIBUTE_TYPE_INVALID);
	/* classes that nobody creates */
	none = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS, CKO_MECHANISM);
	assert_rv_in(p11->C_CreateObject(s, &none, 1, &object),
	    CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT,
	    CKR_TEMPLATE_INCOMPLETE, CKR_ATTRIBUTE_READ_ONLY);
	none = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS, CKO_VENDOR_DEFINED | 1);
	assert_rv_in(p11->C_CreateObject(s, &none, 1, &object),
	    CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(p11_count(s, NULL, 0), 0);
}

static void
key_pairs_that_contradict_themselves(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct p11_bytes oid = ossl_curve_oid(NID_X9_62_prime256v1);
	CK_ATTRIBUTE public[] = {
		P11_BYTES(CKA_EC_PARAMS, oid.data, oid.len),
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_SIGN, 1),
		P11_NUM(CKA_KEY_TYPE, CKK_RSA),
	};
	CK_OBJECT_HANDLE a, b;

	assert_rv_in(p11->C_GenerateKeyPair(s, &ec_gen, public, 2, private, 1,
	    &a, &b), CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID);
	assert_rv_in(p11->C_GenerateKeyPair(s, &ec_gen, public, 1, private, 2,
	    &a, &b), CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID);
	private[1] = (CK_ATTRIBUTE)P11_BOOL(CKA_LOCAL, 1);
	assert_rv_in(p11->C_GenerateKeyPair(s, &ec_gen, public, 1, private, 2,
	    &a, &b), CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT,
	    CKR_ATTRIBUTE_TYPE_INVALID);
	private[1] = (CK_ATTRIBUTE)P11_STR(CKA_VALUE, "a chosen key");
	assert_rv_in(p11->C_GenerateKeyPair(s, &ec_gen, public, 1, private, 2,
	    &a, &b), CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_READ_ONLY,
	    CKR_ATTRIBUTE_TYPE_INVALID);
	/* not half a pair either */
	assert_int_equal(p11_count(s, NULL, 0), 0);
}

static void
a_mechanism_that_lies_about_its_parameter(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct p11_pair pair = p11_ec_pair(s, NID_X9_62_prime256v1, false,
	    "lies");
	CK_MECHANISM lies = { CKM_ECDSA, NULL, 8 };

	assert_rv_in(p11->C_SignInit(s, &lies, pair.private),
	    CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD);
	lies.mechanism = CKM_ECDH1_DERIVE;
	assert_rv_in(p11->C_DeriveKey(s, &lies, pair.private, NULL, 0,
	    &pair.public), CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD);
	assert_rv(CKR_MECHANISM_INVALID,
	    p11->C_SignInit(s, &lies, pair.private));
}

static void
a_small_buffer_is_not_overrun(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct p11_pair pair = p11_ec_pair(s, NID_X9_62_prime256v1, false,
	    "small");
	CK_BYTE in[32] = { 3 }, *out;
	CK_ULONG len, size;

	assert_ok(p11->C_SignInit(s, &ecdsa, pair.private));
	for (size = 0; size < 64; size++) {
		/* on the heap, where sanitizers and valgrind watch the end */
		out = malloc(size + 1);
		assert_non_null(out);
		memset(out, 0x5a, size + 1);
		len = size;
		assert_rv(CKR_BUFFER_TOO_SMALL,
		    p11->C_Sign(s, in, 32, out, &len));
		assert_int_equal(len, 64);
		assert_int_equal(out[size], 0x5a);
		free(out);
	}
	out = malloc(64);
	assert_non_null(out);
	assert_ok(p11->C_Sign(s, in, 32, out, &len));
	assert_ok(p11->C_VerifyInit(s, &ecdsa, pair.public));
	assert_ok(p11->C_Verify(s, in, 32, out, 64));
	free(out);
}

/* In place: the input is where the output goes. */
static void
overlapping_buffers(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct p11_pair pair = p11_ec_pair(s, NID_X9_62_prime256v1, false,
	    "overlap");
	struct p11_bytes expected = ossl_digest("SHA256", "0123456789", 10);
	CK_BYTE room[80] = "0123456789", digest[32];
	CK_ULONG n = 32;

	assert_ok(p11->C_DigestInit(s, &sha256));
	assert_ok(p11->C_Digest(s, room, 10, room + 3, &n));
	assert_memory_equal(room + 3, expected.data, 32);
	memcpy(digest, room + 3, 32);
	n = 64;
	assert_ok(p11->C_SignInit(s, &ecdsa, pair.private));
	assert_ok(p11->C_Sign(s, room + 3, 32, room, &n));
	assert_ok(p11->C_VerifyInit(s, &ecdsa, pair.public));
	assert_ok(p11->C_Verify(s, digest, 32, room, 64));
}

static CK_ATTRIBUTE many[10000];

static void
templates_of_ten_thousand(void **state)
{
	static CK_BYTE byte[10000];
	CK_SESSION_HANDLE s = p11_session(state);
	CK_OBJECT_HANDLE object = p11_create_data(s, "x", false, false), out;
	size_t i, n = P11_COUNT(many);

	/* the same again and again: reading may ask for that */
	for (i = 0; i < n; i++)
		many[i] = (CK_ATTRIBUTE){ CKA_TOKEN, &byte[i], 1 };
	memset(byte, 0x5a, sizeof(byte));
	assert_ok(p11->C_GetAttributeValue(s, object, many, n));
	for (i = 0; i < n; i++)
		assert_int_equal(byte[i], CK_FALSE);
	assert_rv_in(p11->C_CreateObject(s, many, n, &out),
	    CKR_TEMPLATE_INCONSISTENT, CKR_TEMPLATE_INCOMPLETE);
	/* all different, and none known */
	for (i = 0; i < n; i++)
		many[i].type = CKA_VENDOR_DEFINED + i;
	assert_rv(CKR_ATTRIBUTE_TYPE_INVALID,
	    p11->C_GetAttributeValue(s, object, many, n));
	for (i = 0; i < n; i++)
		assert_int_equal(many[i].ulValueLen,
		    CK_UNAVAILABLE_INFORMATION);
	for (i = 0; i < n; i++)
		many[i].ulValueLen = 1;
	assert_rv_in(p11->C_CreateObject(s, many, n, &out),
	    CKR_ATTRIBUTE_TYPE_INVALID, CKR_TEMPLATE_INCOMPLETE);
	assert_rv_in(p11->C_SetAttributeValue(s, object, many, n),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_rv_in(p11->C_FindObjectsInit(s, many, n), CKR_OK,
	    CKR_ATTRIBUTE_TYPE_INVALID);
}

static void
what_failed_is_over(void **state)
{
	CK_SESSION_HANDLE s = p11_session(state);
	struct p11_pair pair = p11_ec_pair(s, NID_X9_62_prime256v1, false,
	    "over");
	CK_BYTE in[32] = { 0 }, out[64] = { 0 };
	CK_ULONG n = sizeof(out);
	int i;

	for (i = 0; i < 3; i++) {
		assert_ok(p11->C_VerifyInit(s, &ecdsa, pair.public));
		assert_rv(CKR_SIGNATURE_INVALID,
		    p11->C_Verify(s, in, 32, out, 64));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    p11->C_Verify(s, in, 32, out, 64));
	}
	/* its key may go while an operation runs: an error or a signature */
	assert_ok(p11->C_SignInit(s, &ecdsa, pair.private));
	p11_destroy(s, pair.private);
	assert_rv_in(p11->C_Sign(s, in, 32, out, &n), CKR_OK,
	    CKR_KEY_HANDLE_INVALID, CKR_OPERATION_NOT_INITIALIZED,
	    CKR_FUNCTION_FAILED);
	assert_rv(CKR_KEY_HANDLE_INVALID,
	    p11->C_SignInit(s, &ecdsa, pair.private));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_PUBLIC_TEST(sessions_that_are_none),
		P11_PUBLIC_TEST(slots_that_are_none),
		P11_USER_TEST(object_handles_that_are_none),
		P11_USER_TEST(null_pointers_of_management),
		P11_USER_TEST(null_pointers_of_operations),
		P11_PUBLIC_TEST(unaligned_values),
		P11_PUBLIC_TEST(values_of_a_wrong_length),
		P11_PUBLIC_TEST(a_bool_of_another_value),
		P11_PUBLIC_TEST(attributes_twice),
		P11_PUBLIC_TEST(attributes_that_do_not_belong),
		P11_USER_TEST(key_pairs_that_contradict_themselves),
		P11_USER_TEST(a_mechanism_that_lies_about_its_parameter),
		P11_USER_TEST(a_small_buffer_is_not_overrun),
		P11_USER_TEST(overlapping_buffers),
		P11_PUBLIC_TEST(templates_of_ten_thousand),
		P11_USER_TEST(what_failed_is_over),
		P11_PUBLIC_TEST(a_value_longer_than_memory),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
