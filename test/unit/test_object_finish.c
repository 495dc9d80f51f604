/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#define PUB_EC U(CKA_CLASS, CKO_PUBLIC_KEY), U(CKA_KEY_TYPE, CKK_EC), \
	S(CKA_EC_PARAMS, P256)
#define PRIV_EC U(CKA_CLASS, CKO_PRIVATE_KEY), U(CKA_KEY_TYPE, CKK_EC), \
	S(CKA_EC_PARAMS, P256), S(CKA_VALUE, "d")
#define PUB_RSA U(CKA_CLASS, CKO_PUBLIC_KEY), U(CKA_KEY_TYPE, CKK_RSA)
#define AES U(CKA_CLASS, CKO_SECRET_KEY), U(CKA_KEY_TYPE, CKK_AES)
#define GENERIC U(CKA_CLASS, CKO_SECRET_KEY), \
	U(CKA_KEY_TYPE, CKK_GENERIC_SECRET)
#define X509 U(CKA_CLASS, CKO_CERTIFICATE), U(CKA_CERTIFICATE_TYPE, CKC_X_509)
#define COUNTING "\x00\x01\x02\x03\x04\x05\x06\x07" \
	"\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"

static void
past(enum object_origin origin, const struct attrs *base, bool sensitive,
    bool extractable, bool always, bool never)
{
	struct object_plan plan = plan_of(origin, CKO_SECRET_KEY,
	    CKK_GENERIC_SECRET);
	struct attrs a = ATTRS_EMPTY;

	plan.base = base;
	plan.mechanism = CKM_GENERIC_SECRET_KEY_GEN;
	assert_int_equal(build(&plan, T(U(CKA_VALUE_LEN, 6),
	    B(CKA_SENSITIVE, sensitive), B(CKA_EXTRACTABLE, extractable)),
	    &a), CKR_OK);
	assert_int_equal(attrs_set(&a, CKA_VALUE, view_str("secret")),
	    CKR_OK);
	assert_int_equal(object_finish(&plan, &a), CKR_OK);
	assert_flag(&a, CKA_ALWAYS_SENSITIVE, always);
	assert_flag(&a, CKA_NEVER_EXTRACTABLE, never);
	assert_flag(&a, CKA_LOCAL, origin == OBJECT_GENERATED);
	assert_number(&a, CKA_KEY_GEN_MECHANISM, origin == OBJECT_GENERATED ?
	    CKM_GENERIC_SECRET_KEY_GEN : CK_UNAVAILABLE_INFORMATION);
	attrs_free(&a);
}

static void
the_past_of_a_key_follows_from_its_origin(void **state)
{
	struct attrs closed = ATTRS_EMPTY, open = ATTRS_EMPTY;
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_SECRET_KEY,
	    CKK_AES);
	bool s, x;
	int i;

	(void)state;
	made(&plan, T(U(CKA_VALUE_LEN, 16), B(CKA_SENSITIVE, CK_TRUE),
	    B(CKA_EXTRACTABLE, CK_FALSE)), &closed);
	secret(true, false, &open);
	for (i = 0; i < 4; i++) {
		s = i & 1;
		x = i & 2;
		past(OBJECT_GENERATED, NULL, s, x, s, !x);
		past(OBJECT_UNWRAPPED, NULL, s, x, false, false);
		past(OBJECT_DERIVED, NULL, s, x, false, false);
		past(OBJECT_DERIVED, &open, s, x, false, false);
		past(OBJECT_DERIVED, &closed, s, x, s, !x);
	}
	assert_flag(&open, CKA_LOCAL, false);
	assert_flag(&open, CKA_ALWAYS_SENSITIVE, false);
	assert_flag(&open, CKA_NEVER_EXTRACTABLE, false);
	attrs_free(&closed);
	attrs_free(&open);
}

static void
check_values_are_those_of_the_standard(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	/* openssl enc -aes-128-ecb of zeros; sha1sum of "secret" */
	created(T(AES, S(CKA_VALUE, COUNTING)), &a);
	assert_value(&a, CKA_CHECK_VALUE, view_str("\xc6\xa1\x3b"));
	assert_number(&a, CKA_VALUE_LEN, 16);
	attrs_free(&a);
	created(T(GENERIC, S(CKA_VALUE, "secret")), &a);
	assert_value(&a, CKA_CHECK_VALUE, view_str("\xe5\xe9\xfa"));
	assert_number(&a, CKA_VALUE_LEN, 6);
	attrs_free(&a);
	created(T(X509, D(CKA_VALUE, cert)), &a);
	assert_value(&a, CKA_CHECK_VALUE, view_str("\xb5\x22\x70"));
	attrs_free(&a);
}

static void
a_stated_check_value_is_checked_and_an_empty_one_stays(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(try_finish(T(AES, S(CKA_VALUE, COUNTING),
	    S(CKA_CHECK_VALUE, "\xc6\xa1\x3b"))), CKR_OK);
	assert_int_equal(try_finish(T(AES, S(CKA_VALUE, COUNTING),
	    S(CKA_CHECK_VALUE, "\xc6\xa1\x3c"))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	created(T(AES, S(CKA_VALUE, COUNTING), E(CKA_CHECK_VALUE)), &a);
	assert_value(&a, CKA_CHECK_VALUE, VIEW_EMPTY);
	attrs_free(&a);
}

static void
stated_lengths_have_to_be_right(void **state)
{
	(void)state;
	assert_int_equal(try_finish(T(AES, S(CKA_VALUE, COUNTING),
	    U(CKA_VALUE_LEN, 16))), CKR_OK);
	assert_int_equal(try_finish(T(AES, S(CKA_VALUE, COUNTING),
	    U(CKA_VALUE_LEN, 32))), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(try_finish(T(PUB_RSA, D(CKA_MODULUS, modulus),
	    S(CKA_PUBLIC_EXPONENT, "\x01\x00\x01"),
	    U(CKA_MODULUS_BITS, 2048))), CKR_OK);
	assert_int_equal(try_finish(T(PUB_RSA, D(CKA_MODULUS, modulus),
	    S(CKA_PUBLIC_EXPONENT, "\x01\x00\x01"),
	    U(CKA_MODULUS_BITS, 1024))), CKR_TEMPLATE_INCONSISTENT);
}

static void
what_was_unwrapped_has_to_be_a_key_of_its_type(void **state)
{
	struct object_plan plan = plan_of(OBJECT_UNWRAPPED, CKO_SECRET_KEY,
	    CKK_AES);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(build(&plan, NULL, 0, &a), CKR_OK);
	assert_int_equal(attrs_set(&a, CKA_VALUE, view_str("seventeen bytes!!"
	    )), CKR_OK);
	assert_int_equal(object_finish(&plan, &a), CKR_WRAPPED_KEY_LEN_RANGE);
	attrs_free(&a);
}

static void
a_public_point_is_taken_raw_or_as_der_and_kept_as_der(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(PUB_EC, D(CKA_EC_POINT, raw)), &a);
	assert_value(&a, CKA_EC_POINT, buf_view(&data.der));
	assert_value(&a, CKA_PUBLIC_KEY_INFO, buf_view(&data.info));
	attrs_free(&a);
	created(T(PUB_EC, D(CKA_EC_POINT, der)), &a);
	assert_value(&a, CKA_EC_POINT, buf_view(&data.der));
	attrs_free(&a);
	created(T(PRIV_EC, D(CKA_EC_POINT, raw)), &a);
	assert_value(&a, CKA_EC_POINT, buf_view(&data.der));
	assert_value(&a, CKA_PUBLIC_KEY_INFO, buf_view(&data.info));
	assert_false(attrs_has(&a, CKA_MODULUS_BITS));
	attrs_free(&a);
}

static void
a_wrong_public_point_is_an_invalid_value(void **state)
{
	struct view v = buf_view(&data.raw);
	struct buf off = BUF_EMPTY;

	(void)state;
	assert_int_equal(buf_set(&off, v), CKR_OK);
	off.data[64] ^= 1;
	assert_int_equal(try_finish(T(PUB_EC,
	    { CKA_EC_POINT, off.data, off.len })),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_finish(T(PUB_EC,
	    { CKA_EC_POINT, data.raw.data, 64 })),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_finish(T(PUB_EC, S(CKA_EC_POINT, "\0"))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	/* the point of another curve */
	assert_int_equal(try_finish(T(U(CKA_CLASS, CKO_PUBLIC_KEY),
	    U(CKA_KEY_TYPE, CKK_EC), S(CKA_EC_PARAMS, P384),
	    D(CKA_EC_POINT, raw))), CKR_ATTRIBUTE_VALUE_INVALID);
	buf_free(&off);
}

static void
rsa_numbers_lose_leading_zeros(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct buf padded = BUF_EMPTY;

	(void)state;
	assert_int_equal(buf_set_padded(&padded, buf_view(&data.modulus),
	    data.modulus.len + 1), CKR_OK);
	created(T(PUB_RSA, { CKA_MODULUS, padded.data, padded.len },
	    S(CKA_PUBLIC_EXPONENT, "\x00\x01\x00\x01")), &a);
	assert_value(&a, CKA_MODULUS, buf_view(&data.modulus));
	assert_value(&a, CKA_PUBLIC_EXPONENT, view_of("\x01\x00\x01", 3));
	assert_number(&a, CKA_MODULUS_BITS, 2048);
	attrs_free(&a);
	buf_free(&padded);
	assert_int_equal(try_finish(T(PUB_RSA, D(CKA_MODULUS, modulus),
	    S(CKA_PUBLIC_EXPONENT, "\x00"))), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_finish(T(PUB_RSA,
	    { CKA_MODULUS, data.modulus.data, 64 },
	    S(CKA_PUBLIC_EXPONENT, "\x03"))), CKR_KEY_SIZE_RANGE);
}

static void
stated_public_key_info_has_to_be_the_keys_own(void **state)
{
	(void)state;
	assert_int_equal(try_finish(T(PUB_EC, D(CKA_EC_POINT, raw),
	    D(CKA_PUBLIC_KEY_INFO, info))), CKR_OK);
	assert_int_equal(try_finish(T(PUB_EC, D(CKA_EC_POINT, raw),
	    D(CKA_PUBLIC_KEY_INFO, cert))), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_finish(T(PRIV_EC, D(CKA_EC_POINT, raw),
	    D(CKA_PUBLIC_KEY_INFO, cert))), CKR_ATTRIBUTE_VALUE_INVALID);
	/* nothing to compare it with */
	assert_int_equal(try_finish(T(PRIV_EC, D(CKA_PUBLIC_KEY_INFO, info))),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(try_finish(T(PRIV_EC)), CKR_OK);
	assert_int_equal(try_finish(T(X509, D(CKA_VALUE, cert),
	    D(CKA_PUBLIC_KEY_INFO, info))), CKR_OK);
	assert_int_equal(try_finish(T(X509, D(CKA_VALUE, cert),
	    D(CKA_PUBLIC_KEY_INFO, name))), CKR_ATTRIBUTE_VALUE_INVALID);
}

static void
a_certificate_tells_what_its_template_leaves_out(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(X509, D(CKA_VALUE, cert)), &a);
	assert_value(&a, CKA_SUBJECT, buf_view(&data.name));
	assert_value(&a, CKA_ISSUER, buf_view(&data.name));
	assert_value(&a, CKA_SERIAL_NUMBER, buf_view(&data.serial));
	assert_value(&a, CKA_PUBLIC_KEY_INFO, buf_view(&data.info));
	assert_number(&a, CKA_CERTIFICATE_CATEGORY, 0);
	assert_number(&a, CKA_JAVA_MIDP_SECURITY_DOMAIN, 0);
	assert_number(&a, CKA_NAME_HASH_ALGORITHM, CKM_SHA_1);
	assert_value(&a, CKA_HASH_OF_SUBJECT_PUBLIC_KEY, VIEW_EMPTY);
	assert_value(&a, CKA_HASH_OF_ISSUER_PUBLIC_KEY, VIEW_EMPTY);
	assert_value(&a, CKA_URL, VIEW_EMPTY);
	assert_value(&a, CKA_ID, VIEW_EMPTY);
	assert_value(&a, CKA_START_DATE, VIEW_EMPTY);
	assert_value(&a, CKA_END_DATE, VIEW_EMPTY);
	assert_flag(&a, CKA_TRUSTED, false);
	assert_flag(&a, CKA_PRIVATE, false);
	attrs_free(&a);
	/* what the caller says stays */
	created(T(X509, D(CKA_VALUE, cert), S(CKA_SERIAL_NUMBER, "\x12\x34")),
	    &a);
	assert_value(&a, CKA_SERIAL_NUMBER, view_str("\x12\x34"));
	attrs_free(&a);
}

static void
a_certificate_has_a_value_or_a_url_with_its_hashes(void **state)
{
	(void)state;
	assert_int_equal(try_finish(T(X509, S(CKA_SUBJECT, "s"))),
	    CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_finish(T(X509, S(CKA_SUBJECT, "s"),
	    S(CKA_URL, "http://x/"))), CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_finish(T(X509, S(CKA_SUBJECT, "s"),
	    S(CKA_URL, "http://x/"),
	    S(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, "h"))),
	    CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_finish(T(X509, S(CKA_SUBJECT, "s"),
	    S(CKA_URL, "http://x/"),
	    S(CKA_HASH_OF_ISSUER_PUBLIC_KEY, "h"))),
	    CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_finish(T(X509, S(CKA_SUBJECT, "s"),
	    S(CKA_URL, "http://x/"), S(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, "h"),
	    S(CKA_HASH_OF_ISSUER_PUBLIC_KEY, "h"))), CKR_OK);
	assert_int_equal(try_finish(T(X509,
	    S(CKA_URL, "http://x/"), S(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, "h"),
	    S(CKA_HASH_OF_ISSUER_PUBLIC_KEY, "h"))),
	    CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_finish(T(X509, S(CKA_VALUE, "no certificate"))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
}

static void
every_object_has_its_own_unique_id(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	struct view id;

	(void)state;
	created(T(U(CKA_CLASS, CKO_DATA)), &a);
	created(T(U(CKA_CLASS, CKO_DATA)), &b);
	id = attrs_view(&a, CKA_UNIQUE_ID);
	assert_int_equal(id.len, 36);
	assert_int_equal(id.data[14], '4');
	assert_false(view_equal(id, attrs_view(&b, CKA_UNIQUE_ID)));
	attrs_free(&a);
	attrs_free(&b);
}

static void
the_halves_of_a_pair_share_id_and_public_parts(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	generated_pair(T(S(CKA_EC_PARAMS, P256), S(CKA_LABEL, "pub"),
	    S(CKA_SUBJECT, "s")), T(S(CKA_ID, "7")), &a, &b);
	assert_value(&a, CKA_ID, view_str("7"));
	assert_value(&b, CKA_LABEL, VIEW_EMPTY);
	assert_value(&b, CKA_SUBJECT, VIEW_EMPTY);
	assert_value(&b, CKA_EC_PARAMS, view_str(P256));
	assert_value(&b, CKA_EC_POINT, buf_view(&data.der));
	assert_value(&a, CKA_PUBLIC_KEY_INFO, buf_view(&data.info));
	assert_value(&b, CKA_PUBLIC_KEY_INFO, buf_view(&data.info));
	assert_flag(&b, CKA_LOCAL, true);
	assert_number(&b, CKA_KEY_GEN_MECHANISM, CKM_EC_KEY_PAIR_GEN);
	assert_flag(&b, CKA_ALWAYS_SENSITIVE, true);
	assert_flag(&b, CKA_NEVER_EXTRACTABLE, true);
	attrs_free(&a);
	attrs_free(&b);
	generated_pair(T(S(CKA_EC_PARAMS, P256), S(CKA_ID, "1")),
	    T(S(CKA_ID, "2")), &a, &b);
	assert_value(&a, CKA_ID, view_str("1"));
	assert_value(&b, CKA_ID, view_str("2"));
	attrs_free(&a);
	attrs_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_past_of_a_key_follows_from_its_origin),
		cmocka_unit_test(check_values_are_those_of_the_standard),
		cmocka_unit_test(
		    a_stated_check_value_is_checked_and_an_empty_one_stays),
		cmocka_unit_test(stated_lengths_have_to_be_right),
		cmocka_unit_test(
		    what_was_unwrapped_has_to_be_a_key_of_its_type),
		cmocka_unit_test(
		    a_public_point_is_taken_raw_or_as_der_and_kept_as_der),
		cmocka_unit_test(a_wrong_public_point_is_an_invalid_value),
		cmocka_unit_test(rsa_numbers_lose_leading_zeros),
		cmocka_unit_test(
		    stated_public_key_info_has_to_be_the_keys_own),
		cmocka_unit_test(
		    a_certificate_tells_what_its_template_leaves_out),
		cmocka_unit_test(
		    a_certificate_has_a_value_or_a_url_with_its_hashes),
		cmocka_unit_test(every_object_has_its_own_unique_id),
		cmocka_unit_test(
		    the_halves_of_a_pair_share_id_and_public_parts),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
