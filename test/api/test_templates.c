/* SPDX-License-Identifier: BSD-2-Clause */
/* Templates as known programs send them, and the objects that come of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static CK_BYTE p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
static CK_MECHANISM ec_gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
static CK_MECHANISM rsa_gen = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };

/* Programs that keep a template in a hash table have no order of their own. */
static void
shuffle(CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_ATTRIBUTE swap;
	CK_ULONG i, j;

	for (i = n - 1; i > 0; i--) {
		j = (CK_ULONG)random() % (i + 1);
		swap = template[i];
		template[i] = template[j];
		template[j] = swap;
	}
}

static void
signs(CK_SESSION_HANDLE session, struct p11_pair pair)
{
	struct p11_bytes signature;
	CK_BYTE digest[32] = { 1, 2, 3 };

	p11_sign(session, &ecdsa, pair.private, digest, 32, &signature);
	assert_int_equal(signature.len, 64);
	assert_ok(p11_verify(session, &ecdsa, pair.public, digest, 32,
	    &signature));
}

static struct p11_pair
generate(CK_SESSION_HANDLE session, CK_ATTRIBUTE *public, CK_ULONG n,
    CK_ATTRIBUTE *private, CK_ULONG m)
{
	struct p11_pair pair = { 0, 0 };

	shuffle(public, n);
	shuffle(private, m);
	assert_ok(p11->C_GenerateKeyPair(session, &ec_gen, public, n, private,
	    m, &pair.public, &pair.private));
	return pair;
}

static struct p11_pair
registration_pair(CK_SESSION_HANDLE session, CK_BYTE id)
{
	CK_ATTRIBUTE public[] = {
		P11_BYTES(CKA_ID, &id, 1),
		P11_STR(CKA_LABEL, "tls"),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_WRAP, 1),
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)),
		P11_BOOL(CKA_VERIFY, 1),
		P11_BOOL(CKA_DERIVE, 1),
	};
	CK_ATTRIBUTE private[] = {
		P11_BYTES(CKA_ID, &id, 1),
		P11_STR(CKA_LABEL, "tls"),
		P11_BOOL(CKA_PRIVATE, 1),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_BOOL(CKA_UNWRAP, 1),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_DERIVE, 1),
	};

	return generate(session, public, P11_COUNT(public), private,
	    P11_COUNT(private));
}

static struct p11_pair
other_pair(CK_SESSION_HANDLE session, CK_BYTE id)
{
	CK_ATTRIBUTE public[] = {
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_EC),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_VERIFY, 1),
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)),
		P11_BYTES(CKA_ID, &id, 1),
		P11_STR(CKA_LABEL, "tls"),
		P11_BOOL(CKA_DERIVE, 1),
	};
	CK_ATTRIBUTE private[] = {
		P11_BYTES(CKA_ID, &id, 1),
		P11_STR(CKA_LABEL, "tls"),
		P11_BOOL(CKA_DERIVE, 1),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
	};

	return generate(session, public, P11_COUNT(public), private,
	    P11_COUNT(private));
}

static void
wipe(CK_SESSION_HANDLE session)
{
	CK_OBJECT_HANDLE found[100];
	CK_ULONG n = p11_find(session, NULL, 0, found, P11_COUNT(found));

	while (n-- > 0)
		p11_destroy(session, found[n]);
}

static void
gateway_pairs_in_any_order(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair;
	int i;

	for (i = 0; i < 5; i++) {
		pair = registration_pair(session, 1);
		signs(session, pair);
		assert_true(p11_get_bool(session, pair.private, CKA_PRIVATE));
		assert_true(p11_get_bool(session, pair.private,
		    CKA_NEVER_EXTRACTABLE));
		pair = other_pair(session, 7);
		signs(session, pair);
		/* not said: private keys are private, their public halves
		 * are not */
		assert_true(p11_get_bool(session, pair.private, CKA_PRIVATE));
		assert_false(p11_get_bool(session, pair.public, CKA_PRIVATE));
		wipe(session);
	}
}

static void
one_call_with_two(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
    CK_ATTRIBUTE *template, CK_ULONG n)
{
	static CK_BYTE room[8][600];
	CK_ULONG len[8], i;

	for (i = 0; i < n; i++) {
		template[i].pValue = NULL;
		template[i].ulValueLen = 0;
	}
	assert_ok(p11->C_GetAttributeValue(session, key, template, n));
	for (i = 0; i < n; i++) {
		assert_in_range(template[i].ulValueLen, 0, sizeof(room[i]));
		len[i] = template[i].ulValueLen;
		template[i].pValue = room[i];
	}
	assert_ok(p11->C_GetAttributeValue(session, key, template, n));
	for (i = 0; i < n; i++)
		assert_int_equal(template[i].ulValueLen, len[i]);
}

/* Sizes and then values of several attributes; CKR_OK both times. */
static void
enumeration_by_two_calls(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = registration_pair(session, 1);
	CK_OBJECT_HANDLE half[] = { pair.public, pair.private };
	CK_ATTRIBUTE names[] = { P11_NONE(CKA_ID), P11_NONE(CKA_LABEL),
		P11_NONE(CKA_KEY_TYPE) };
	CK_ATTRIBUTE points[] = { P11_NONE(CKA_EC_PARAMS),
		P11_NONE(CKA_EC_POINT) };
	CK_ATTRIBUTE ssh[] = { P11_NONE(CKA_ID), P11_NONE(CKA_EC_POINT),
		P11_NONE(CKA_EC_PARAMS) };
	size_t i;

	for (i = 0; i < 2; i++) {
		one_call_with_two(session, half[i], names, 3);
		assert_int_equal(names[0].ulValueLen, 1);
		assert_memory_equal(names[1].pValue, "tls", 3);
		one_call_with_two(session, half[i], points, 2);
		assert_memory_equal(points[0].pValue, p256, sizeof(p256));
		assert_int_equal(points[1].ulValueLen, 67);
		assert_memory_equal(points[1].pValue, "\x04\x41\x04", 3);
		one_call_with_two(session, half[i], ssh, 3);
	}
	wipe(session);
}

static void
openvpn_asks_for_what_may_not_be(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = registration_pair(session, 1);
	CK_ATTRIBUTE template[] = { P11_NONE(CKA_SIGN),
		P11_NONE(CKA_SIGN_RECOVER), P11_NONE(CKA_DECRYPT),
		P11_NONE(CKA_UNWRAP), P11_NONE(CKA_ALWAYS_AUTHENTICATE),
		P11_NONE(CKA_LABEL) };

	one_call_with_two(session, pair.private, template,
	    P11_COUNT(template));
	assert_int_equal(*(CK_BBOOL *)template[0].pValue, CK_TRUE);
	assert_int_equal(*(CK_BBOOL *)template[1].pValue, CK_FALSE);
	wipe(session);
}

static void
each_is_readable(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
    const CK_ATTRIBUTE_TYPE *types, size_t n)
{
	CK_RV rv;
	size_t i;

	for (i = 0; i < n; i++)
		if ((rv = p11_get_rv(session, key, types[i])) != CKR_OK)
			fail_msg("attribute 0x%lx: %s", types[i],
			    p11_rv_name(rv));
}

static void
what_clients_read_is_always_there(void **state)
{
	static const CK_ATTRIBUTE_TYPE both[] = { CKA_CLASS, CKA_TOKEN,
		CKA_PRIVATE, CKA_MODIFIABLE, CKA_LABEL, CKA_ID, CKA_KEY_TYPE,
		CKA_LOCAL, CKA_DERIVE, CKA_ALLOWED_MECHANISMS,
		CKA_KEY_GEN_MECHANISM, CKA_START_DATE, CKA_END_DATE,
		CKA_SUBJECT, CKA_PUBLIC_KEY_INFO, CKA_UNIQUE_ID,
		CKA_EC_PARAMS, CKA_EC_POINT };
	static const CK_ATTRIBUTE_TYPE private[] = { CKA_SIGN,
		CKA_SIGN_RECOVER, CKA_DECRYPT, CKA_UNWRAP, CKA_SENSITIVE,
		CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
		CKA_ALWAYS_AUTHENTICATE };
	static const CK_ATTRIBUTE_TYPE public[] = { CKA_VERIFY,
		CKA_VERIFY_RECOVER, CKA_ENCRYPT, CKA_WRAP };
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = other_pair(session, 1);

	each_is_readable(session, pair.private, both, P11_COUNT(both));
	each_is_readable(session, pair.public, both, P11_COUNT(both));
	each_is_readable(session, pair.private, private, P11_COUNT(private));
	each_is_readable(session, pair.public, public, P11_COUNT(public));
	wipe(session);
}

static CK_OBJECT_HANDLE
store_cert(CK_SESSION_HANDLE session, struct ossl_cert *cert, CK_BYTE id,
    const char *label)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_CERTIFICATE),
		P11_BOOL(CKA_TOKEN, 1),
		P11_NUM(CKA_CERTIFICATE_TYPE, CKC_X_509),
		P11_BYTES(CKA_SUBJECT, cert->subject.data, cert->subject.len),
		P11_BYTES(CKA_ISSUER, cert->subject.data, cert->subject.len),
		P11_BYTES(CKA_VALUE, cert->der.data, cert->der.len),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
		P11_BYTES(CKA_ID, &id, 1),
	};

	return p11_create(session, template, P11_COUNT(template));
}

static void
certificates_with_and_without_more(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct ossl_cert cert;
	CK_ATTRIBUTE more[] = {
		P11_NUM(CKA_CLASS, CKO_CERTIFICATE),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, 0),
		P11_NUM(CKA_CERTIFICATE_TYPE, CKC_X_509),
		P11_BYTES(CKA_SUBJECT, cert.subject.data, 0),
		P11_BYTES(CKA_SERIAL_NUMBER, cert.serial.data, 0),
		P11_BYTES(CKA_VALUE, cert.der.data, 0),
		P11_STR(CKA_LABEL, "client"),
		P11_NUM(CKA_NAME_HASH_ALGORITHM, CKM_SHA256),
		P11_STR(CKA_HASH_OF_SUBJECT_PUBLIC_KEY, "not checked by us"),
	};
	CK_OBJECT_HANDLE object;

	ossl_make_cert("client one", &cert);
	object = store_cert(session, &cert, 3, "client");
	p11_assert_attr(session, object, CKA_VALUE, cert.der.data,
	    cert.der.len);
	p11_assert_attr(session, object, CKA_SUBJECT, cert.subject.data,
	    cert.subject.len);
	assert_false(p11_get_bool(session, object, CKA_PRIVATE));
	assert_false(p11_get_bool(session, object, CKA_TRUSTED));
	assert_int_equal(p11_get_num(session, object, CKA_CERTIFICATE_TYPE),
	    CKC_X_509);
	more[4].ulValueLen = cert.subject.len;
	more[5].ulValueLen = cert.serial.len;
	more[6].ulValueLen = cert.der.len;
	object = p11_create(session, more, P11_COUNT(more));
	p11_assert_attr(session, object, CKA_SERIAL_NUMBER, cert.serial.data,
	    cert.serial.len);
	p11_assert_attr(session, object, CKA_ID, "", 0);
	/* found by class and type before any login */
	assert_ok(p11->C_Logout(session));
	assert_int_equal(p11_count_label(session, "client"), 2);
	p11_login(session, CKU_USER);
	wipe(session);
}

static void
a_certificate_needs_its_value_and_type(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct ossl_cert cert;
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_CERTIFICATE),
		P11_NUM(CKA_CERTIFICATE_TYPE, CKC_X_509),
		P11_STR(CKA_SUBJECT, "x"),
	};
	CK_OBJECT_HANDLE object;

	ossl_make_cert("whole", &cert);
	assert_rv(CKR_TEMPLATE_INCOMPLETE,
	    p11->C_CreateObject(session, template, 3, &object));
	template[1] = (CK_ATTRIBUTE)P11_BYTES(CKA_VALUE, cert.der.data,
	    cert.der.len);
	assert_rv(CKR_TEMPLATE_INCOMPLETE,
	    p11->C_CreateObject(session, template, 3, &object));
	assert_int_equal(p11_count(session, NULL, 0), 0);
}

/* Two keys and two certificates of one name, under two ids. */
static void
rotation_deletes_the_old_by_id(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair old = registration_pair(session, 1), new;
	CK_BYTE id[1] = { 1 };
	CK_ATTRIBUTE search[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_BYTES(CKA_ID, id, 1),
		P11_STR(CKA_LABEL, "tls"),
	};
	struct ossl_cert cert;

	ossl_make_cert("client", &cert);
	(void)store_cert(session, &cert, 3, "client");
	new = registration_pair(session, 7);
	(void)store_cert(session, &cert, 9, "client");
	assert_int_equal(p11_count_label(session, "tls"), 4);
	assert_int_equal(p11_count_label(session, "client"), 2);
	assert_int_equal(p11_find_one(session, search, 3), old.private);
	p11_destroy(session, old.private);
	search[0] = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY);
	assert_int_equal(p11_find_one(session, search, 3), old.public);
	p11_destroy(session, old.public);
	assert_int_equal(p11_count(session, search, 3), 0);
	id[0] = 7;
	assert_int_equal(p11_find_one(session, search, 3), new.public);
	signs(session, new);
	wipe(session);
}

static void
azure_pairs_have_a_cipher_use_and_no_id(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE public[] = {
		P11_BOOL(CKA_TOKEN, 1), P11_BOOL(CKA_PRIVATE, 0),
		P11_BOOL(CKA_ENCRYPT, 0), P11_BOOL(CKA_VERIFY, 1),
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)),
		P11_STR(CKA_LABEL, "before"),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, 1), P11_BOOL(CKA_PRIVATE, 1),
		P11_BOOL(CKA_DECRYPT, 1), P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_SIGN, 1), P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_STR(CKA_LABEL, "before"),
	};
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "after");
	struct p11_pair pair = generate(session, public, P11_COUNT(public),
	    private, P11_COUNT(private));

	p11_assert_attr(session, pair.private, CKA_ID, "", 0);
	assert_ok(p11->C_SetAttributeValue(session, pair.private, &label, 1));
	assert_ok(p11->C_SetAttributeValue(session, pair.public, &label, 1));
	assert_int_equal(p11_count_label(session, "after"), 2);
	signs(session, pair);
	wipe(session);
}

static void
public_keys_are_created_and_verify_without_login(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state), ro;
	struct p11_pair pair = registration_pair(session, 1);
	struct p11_bytes point, signature;
	CK_OBJECT_HANDLE key;
	CK_BYTE digest[32] = { 9 };

	p11_get(session, pair.public, CKA_EC_POINT, &point);
	p11_sign(session, &ecdsa, pair.private, digest, 32, &signature);
	wipe(session);
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	ro = p11_open_ro();
	key = p11_create(ro, (CK_ATTRIBUTE[]){
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_EC),
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)),
		P11_BYTES(CKA_EC_POINT, point.data, point.len),
		P11_BOOL(CKA_VERIFY, 1),
	}, 5);
	assert_ok(p11_verify(ro, &ecdsa, key, digest, 32, &signature));
	digest[31] ^= 1;
	assert_rv(CKR_SIGNATURE_INVALID,
	    p11_verify(ro, &ecdsa, key, digest, 32, &signature));
	assert_false(p11_get_bool(ro, key, CKA_LOCAL));
}

static void
a_public_key_off_its_curve_is_none(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair pair = registration_pair(session, 1);
	struct p11_bytes point;
	CK_OBJECT_HANDLE key;

	p11_get(session, pair.public, CKA_EC_POINT, &point);
	wipe(session);
	point.data[66] ^= 1;
	assert_rv_in(p11->C_CreateObject(session, (CK_ATTRIBUTE[]){
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_EC),
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)),
		P11_BYTES(CKA_EC_POINT, point.data, point.len),
	}, 4, &key), CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT);
}

static void
the_so_alone_trusts_certificates(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE trusted = P11_BOOL(CKA_TRUSTED, 1);
	struct ossl_cert cert;
	CK_OBJECT_HANDLE object;

	ossl_make_cert("an authority", &cert);
	object = store_cert(session, &cert, 4, "authority");
	assert_rv_in(p11->C_SetAttributeValue(session, object, &trusted, 1),
	    CKR_ATTRIBUTE_READ_ONLY, CKR_ATTRIBUTE_VALUE_INVALID);
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_SO);
	assert_ok(p11->C_SetAttributeValue(session, object, &trusted, 1));
	assert_true(p11_get_bool(session, object, CKA_TRUSTED));
	wipe(session);
}

/* Usage by any mix of CK_TRUE and CK_FALSE, also that makes no sense. */
static void
usage_is_kept_as_given(void **state)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_SIGN, CKA_SIGN_RECOVER,
		CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE };
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BBOOL value[5];
	CK_ATTRIBUTE private[5];
	CK_ATTRIBUTE public = P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256));
	struct p11_pair pair;
	CK_RV rv;
	unsigned mask, i;

	for (mask = 0; mask < 32; mask += 3) {
		for (i = 0; i < 5; i++) {
			value[i] = (mask >> i & 1) != 0;
			private[i] = (CK_ATTRIBUTE){ types[i], &value[i], 1 };
		}
		pair = generate(session, &public, 1, private, 5);
		for (i = 0; i < 5; i++)
			assert_int_equal(p11_get_bool(session, pair.private,
			    types[i]), mask >> i & 1);
		rv = p11->C_SignInit(session, &ecdsa, pair.private);
		assert_int_equal(rv, (mask & 1) != 0 ? CKR_OK :
		    CKR_KEY_FUNCTION_NOT_PERMITTED);
		if (rv == CKR_OK)
			assert_ok(p11->C_SignInit(session, NULL, 0));
	}
}

static void
rsa_exponents_of_any_writing(void **state)
{
	static const struct {
		CK_ULONG len;
		const char *bytes;
	} exponents[] = { { 3, "\1\0\1" }, { 4, "\0\1\0\1" }, { 0, NULL } };
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE public[] = {
		P11_NUM(CKA_MODULUS_BITS, 2048),
		P11_BOOL(CKA_VERIFY, 1),
		P11_NONE(CKA_PUBLIC_EXPONENT),
	};
	CK_ATTRIBUTE private = P11_BOOL(CKA_SIGN, 1);
	CK_ATTRIBUTE ssh[] = { P11_NONE(CKA_ID), P11_NONE(CKA_MODULUS),
		P11_NONE(CKA_PUBLIC_EXPONENT) };
	struct p11_pair pair;
	size_t i;

	for (i = 0; i < P11_COUNT(exponents); i++) {
		public[2].pValue = p11_in(exponents[i].bytes);
		public[2].ulValueLen = exponents[i].len;
		assert_ok(p11->C_GenerateKeyPair(session, &rsa_gen, public,
		    exponents[i].len == 0 ? 2 : 3, &private, 1, &pair.public,
		    &pair.private));
		p11_assert_attr(session, pair.public, CKA_PUBLIC_EXPONENT,
		    "\1\0\1", 3);
		one_call_with_two(session, pair.public, ssh, 3);
		assert_int_equal(ssh[1].ulValueLen, 256);
		one_call_with_two(session, pair.private, ssh, 3);
		assert_int_equal(ssh[1].ulValueLen, 256);
	}
}

static void
an_id_of_one_half_is_the_pairs(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE public[] = {
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)),
		P11_STR(CKA_ID, "only here"),
	};
	CK_ATTRIBUTE private = P11_BOOL(CKA_SIGN, 1);
	struct p11_pair pair = generate(session, public, 2, &private, 1);

	p11_assert_attr(session, pair.private, CKA_ID, "only here", 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_USER_TEST(gateway_pairs_in_any_order),
		P11_USER_TEST(enumeration_by_two_calls),
		P11_USER_TEST(openvpn_asks_for_what_may_not_be),
		P11_USER_TEST(what_clients_read_is_always_there),
		P11_USER_TEST(certificates_with_and_without_more),
		P11_USER_TEST(a_certificate_needs_its_value_and_type),
		P11_USER_TEST(rotation_deletes_the_old_by_id),
		P11_USER_TEST(azure_pairs_have_a_cipher_use_and_no_id),
		P11_USER_TEST(
		    public_keys_are_created_and_verify_without_login),
		P11_USER_TEST(a_public_key_off_its_curve_is_none),
		P11_USER_TEST(the_so_alone_trusts_certificates),
		P11_USER_TEST(usage_is_kept_as_given),
		P11_USER_TEST(rsa_exponents_of_any_writing),
		P11_USER_TEST(an_id_of_one_half_is_the_pairs),
	};

	srandom(20240229);	/* the same orders each time */
	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
