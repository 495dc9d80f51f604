/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

/* The templates of CLIENTS.md as those programs send them. */
#define YES(t) B(t, CK_TRUE)
#define NO(t) B(t, CK_FALSE)
#define X509 U(CKA_CLASS, CKO_CERTIFICATE), YES(CKA_TOKEN), \
	U(CKA_CERTIFICATE_TYPE, CKC_X_509), D(CKA_SUBJECT, name), \
	D(CKA_ISSUER, name), D(CKA_VALUE, cert), S(CKA_LABEL, "client"), \
	S(CKA_ID, "\x03")

static void
gateway_registration_pair(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	generated_pair(T(S(CKA_ID, "\x01"), S(CKA_LABEL, "tls"),
	    YES(CKA_TOKEN), YES(CKA_WRAP), S(CKA_EC_PARAMS, P256),
	    YES(CKA_VERIFY), YES(CKA_DERIVE)),
	    T(S(CKA_ID, "\x01"), S(CKA_LABEL, "tls"), YES(CKA_PRIVATE),
	    YES(CKA_TOKEN), YES(CKA_SENSITIVE), NO(CKA_EXTRACTABLE),
	    YES(CKA_UNWRAP), YES(CKA_SIGN), YES(CKA_DERIVE)), &a, &b);
	assert_flag(&a, CKA_WRAP, true);
	assert_flag(&a, CKA_DERIVE, true);
	assert_flag(&b, CKA_UNWRAP, true);
	assert_flag(&b, CKA_DERIVE, true);
	assert_flag(&b, CKA_DECRYPT, false);
	attrs_free(&a);
	attrs_free(&b);
}

static void
gateway_daemon_pair_without_private(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	generated_pair(T(U(CKA_CLASS, CKO_PUBLIC_KEY),
	    U(CKA_KEY_TYPE, CKK_EC), YES(CKA_TOKEN), YES(CKA_VERIFY),
	    S(CKA_EC_PARAMS, P256), S(CKA_ID, "\x01"), S(CKA_LABEL, "tls"),
	    YES(CKA_DERIVE)),
	    T(S(CKA_ID, "\x01"), S(CKA_LABEL, "tls"), YES(CKA_DERIVE),
	    YES(CKA_TOKEN), YES(CKA_SIGN), YES(CKA_SENSITIVE),
	    NO(CKA_EXTRACTABLE)), &a, &b);
	assert_flag(&b, CKA_PRIVATE, true);
	attrs_free(&a);
	attrs_free(&b);
}

static void
gateway_enumeration(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	CK_BYTE id[4], label[4], params[16], point[80];
	CK_ULONG type;
	CK_ATTRIBUTE sizes[] = { E(CKA_ID), E(CKA_LABEL), E(CKA_KEY_TYPE) };
	CK_ATTRIBUTE names[] = { { CKA_ID, id, sizeof(id) },
	    { CKA_LABEL, label, sizeof(label) },
	    { CKA_KEY_TYPE, &type, sizeof(type) } };
	CK_ATTRIBUTE parts[] = { { CKA_EC_PARAMS, params, sizeof(params) },
	    { CKA_EC_POINT, point, sizeof(point) } };

	(void)state;
	generated_pair(T(S(CKA_EC_PARAMS, P256)), NULL, 0, &a, &b);
	assert_int_equal(object_read(&a, sizes, 3), CKR_OK);
	assert_int_equal(sizes[0].ulValueLen, 0);
	assert_int_equal(sizes[1].ulValueLen, 0);
	assert_int_equal(sizes[2].ulValueLen, sizeof(CK_ULONG));
	assert_int_equal(object_read(&b, names, 3), CKR_OK);
	assert_int_equal(type, CKK_EC);
	assert_int_equal(object_read(&b, parts, 2), CKR_OK);
	assert_int_equal(parts[1].ulValueLen, 67);
	assert_memory_equal(point, data.der.data, 67);
	attrs_free(&a);
	attrs_free(&b);
}

static void
gateway_ecies_secret(void **state)
{
	struct object_plan plan = plan_of(OBJECT_DERIVED, CKO_SECRET_KEY,
	    NONE);
	CK_BYTE value[32];
	CK_ATTRIBUTE e = { CKA_VALUE, value, sizeof(value) };
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(build(&plan, T(NO(CKA_TOKEN),
	    U(CKA_CLASS, CKO_SECRET_KEY),
	    U(CKA_KEY_TYPE, CKK_GENERIC_SECRET), NO(CKA_SENSITIVE),
	    YES(CKA_EXTRACTABLE), YES(CKA_ENCRYPT), YES(CKA_DECRYPT),
	    YES(CKA_WRAP), YES(CKA_UNWRAP), U(CKA_VALUE_LEN, 32)), &a),
	    CKR_OK);
	assert_number(&a, CKA_VALUE_LEN, 32);
	assert_int_equal(attrs_set(&a, CKA_VALUE,
	    view_of(data.modulus.data, 32)), CKR_OK);
	assert_int_equal(object_finish(&plan, &a), CKR_OK);
	assert_int_equal(object_read(&a, &e, 1), CKR_OK);
	assert_int_equal(e.ulValueLen, 32);
	attrs_free(&a);
}

static void
gateway_certificates(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(X509), &a);
	assert_value(&a, CKA_SERIAL_NUMBER, buf_view(&data.serial));
	attrs_free(&a);
	created(T(X509, D(CKA_SERIAL_NUMBER, serial), NO(CKA_PRIVATE),
	    U(CKA_NAME_HASH_ALGORITHM, CKM_SHA256),
	    S(CKA_HASH_OF_SUBJECT_PUBLIC_KEY,
	    "01234567890123456789012345678901")), &a);
	assert_number(&a, CKA_NAME_HASH_ALGORITHM, CKM_SHA256);
	attrs_free(&a);
}

static void
strongswan_derives_with_class_and_type_alone(void **state)
{
	struct object_plan plan = plan_of(OBJECT_DERIVED, CKO_SECRET_KEY,
	    NONE);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(build(&plan, T(U(CKA_CLASS, CKO_SECRET_KEY),
	    U(CKA_KEY_TYPE, CKK_GENERIC_SECRET)), &a), CKR_OK);
	assert_flag(&a, CKA_SENSITIVE, false);
	assert_flag(&a, CKA_EXTRACTABLE, true);
	assert_false(attrs_has(&a, CKA_VALUE_LEN));
	attrs_free(&a);
}

static void
java_makes_session_secrets(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_SECRET_KEY,
	    CKK_AES);
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	CK_BYTE value[16];
	CK_ATTRIBUTE e = { CKA_VALUE, value, sizeof(value) };

	(void)state;
	created(T(U(CKA_CLASS, CKO_SECRET_KEY), U(CKA_KEY_TYPE, CKK_AES),
	    S(CKA_VALUE, "0123456789abcdef")), &a);
	assert_flag(&a, CKA_ENCRYPT, true);
	assert_flag(&a, CKA_DECRYPT, true);
	assert_int_equal(object_read(&a, &e, 1), CKR_OK);
	/* P11KeyStore makes a token key of it */
	assert_int_equal(copy(&a, false, T(YES(CKA_TOKEN),
	    S(CKA_LABEL, "alias")), &b), CKR_OK);
	assert_flag(&b, CKA_TOKEN, true);
	attrs_free(&a);
	attrs_free(&b);
	assert_int_equal(try_build(&plan, T(U(CKA_CLASS, CKO_SECRET_KEY),
	    U(CKA_VALUE_LEN, 32))), CKR_OK);
}

static void
nss_copies_a_public_key_and_the_copy(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY, c = ATTRS_EMPTY;

	(void)state;
	created(T(U(CKA_CLASS, CKO_PUBLIC_KEY), U(CKA_KEY_TYPE, CKK_EC),
	    YES(CKA_TOKEN), S(CKA_EC_PARAMS, P256), D(CKA_EC_POINT, der)),
	    &a);
	assert_int_equal(copy(&a, false, T(NO(CKA_TOKEN)), &b), CKR_OK);
	assert_flag(&b, CKA_TOKEN, false);
	assert_int_equal(copy(&b, false, NULL, 0, &c), CKR_OK);
	attrs_free(&a);
	attrs_free(&b);
	attrs_free(&c);
}

static void
openvpn_reads_uses_in_one_call(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	CK_BBOOL f[5];
	CK_BYTE label[8];
	CK_ATTRIBUTE t[] = {
		{ CKA_SIGN, &f[0], 1 }, { CKA_SIGN_RECOVER, &f[1], 1 },
		{ CKA_DECRYPT, &f[2], 1 }, { CKA_UNWRAP, &f[3], 1 },
		{ CKA_ALWAYS_AUTHENTICATE, &f[4], 1 },
		{ CKA_LABEL, label, sizeof(label) },
	};

	(void)state;
	generated_pair(T(S(CKA_EC_PARAMS, P256)), NULL, 0, &a, &b);
	assert_int_equal(object_read(&b, t, ARRAY_LEN(t)), CKR_OK);
	assert_int_equal(f[0], CK_TRUE);
	assert_int_equal(f[4], CK_FALSE);
	/* libp11 asks for it on a public key as well */
	assert_int_equal(object_read(&a, &t[4], 2),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(t[5].ulValueLen, 0);
	attrs_free(&a);
	attrs_free(&b);
}

static void
azure_pair_without_id_is_renamed(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY, c = ATTRS_EMPTY;

	(void)state;
	generated_pair(T(S(CKA_EC_PARAMS, P256), S(CKA_LABEL, "l"),
	    NO(CKA_PRIVATE), YES(CKA_TOKEN), YES(CKA_ENCRYPT),
	    YES(CKA_VERIFY)),
	    T(NO(CKA_EXTRACTABLE), S(CKA_LABEL, "l"), YES(CKA_PRIVATE),
	    YES(CKA_SENSITIVE), YES(CKA_TOKEN), YES(CKA_DECRYPT),
	    YES(CKA_SIGN)), &a, &b);
	assert_int_equal(change(&b, false, T(S(CKA_LABEL, "new")), &c),
	    CKR_OK);
	assert_value(&c, CKA_LABEL, view_str("new"));
	attrs_free(&a);
	attrs_free(&b);
	attrs_free(&c);
}

static void
openssl_provider_makes_a_session_public_key(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	created(T(U(CKA_KEY_TYPE, CKK_EC), NO(CKA_TOKEN),
	    S(CKA_EC_PARAMS, P256), U(CKA_CLASS, CKO_PUBLIC_KEY),
	    D(CKA_EC_POINT, der), YES(CKA_DERIVE), YES(CKA_VERIFY)), &a);
	assert_flag(&a, CKA_PRIVATE, false);
	attrs_free(&a);
}

static void
pkcs11_tool_rsa_pair(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PUBLIC_KEY,
	    CKK_RSA);

	(void)state;
	assert_int_equal(try_build(&plan, T(U(CKA_CLASS, CKO_PUBLIC_KEY),
	    YES(CKA_TOKEN), U(CKA_MODULUS_BITS, 2048),
	    S(CKA_PUBLIC_EXPONENT, "\x01\x00\x01"), NO(CKA_PRIVATE),
	    YES(CKA_VERIFY), YES(CKA_ENCRYPT), YES(CKA_WRAP),
	    S(CKA_LABEL, "l"), S(CKA_ID, "1"))), CKR_OK);
	plan.class = CKO_PRIVATE_KEY;
	assert_int_equal(try_build(&plan, T(U(CKA_CLASS, CKO_PRIVATE_KEY),
	    YES(CKA_TOKEN), YES(CKA_PRIVATE), YES(CKA_SENSITIVE),
	    YES(CKA_SIGN), YES(CKA_DECRYPT), YES(CKA_UNWRAP),
	    S(CKA_LABEL, "l"), S(CKA_ID, "1"), S(CKA_SUBJECT, "s"))),
	    CKR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gateway_registration_pair),
		cmocka_unit_test(gateway_daemon_pair_without_private),
		cmocka_unit_test(gateway_enumeration),
		cmocka_unit_test(gateway_ecies_secret),
		cmocka_unit_test(gateway_certificates),
		cmocka_unit_test(strongswan_derives_with_class_and_type_alone),
		cmocka_unit_test(java_makes_session_secrets),
		cmocka_unit_test(nss_copies_a_public_key_and_the_copy),
		cmocka_unit_test(openvpn_reads_uses_in_one_call),
		cmocka_unit_test(azure_pair_without_id_is_renamed),
		cmocka_unit_test(openssl_provider_makes_a_session_public_key),
		cmocka_unit_test(pkcs11_tool_rsa_pair),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
