/* SPDX-License-Identifier: BSD-2-Clause */
/* C_EncapsulateKey and C_DecapsulateKey over ECDH (PKCS#11 3.2). */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static CK_FUNCTION_LIST_3_2 *f;

static int
setup(void **state)
{
	CK_VERSION version = { 3, 2 };
	CK_INTERFACE *i = NULL;

	(void)p11_setup(state);
	assert_non_null(p11_3);
	assert_ok(p11_3->C_GetInterface(p11_in("PKCS 11"), &version, &i, 0));
	f = i->pFunctionList;
	return 0;
}

static struct p11_bytes ciphertext;

/* In the given session, of the session. */
static struct p11_pair
kem_pair(CK_SESSION_HANDLE session, int nid, CK_ATTRIBUTE *extra,
    CK_ATTRIBUTE *extra_private)
{
	CK_MECHANISM gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct p11_bytes params = ossl_curve_oid(nid);
	struct p11_pair pair;
	CK_ATTRIBUTE public[] = {
		P11_BYTES(CKA_EC_PARAMS, params.data, params.len),
		P11_BOOL(CKA_ENCAPSULATE, 1),
		extra == NULL ? (CK_ATTRIBUTE)P11_BOOL(CKA_TOKEN, 0) : *extra,
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_DECAPSULATE, 1),
		P11_BOOL(CKA_DERIVE, 1),
		extra_private == NULL ?
		    (CK_ATTRIBUTE)P11_BOOL(CKA_TOKEN, 0) : *extra_private,
	};

	assert_ok(p11->C_GenerateKeyPair(session, &gen, public, 3, private, 3,
	    &pair.public, &pair.private));
	return pair;
}

#define SHARED(kdf, data) { kdf, sizeof(data) - 1, NULL, 0, NULL }

static CK_RV
encapsulate(CK_SESSION_HANDLE session, CK_ECDH1_DERIVE_PARAMS *p,
    CK_OBJECT_HANDLE public, CK_ATTRIBUTE *template, CK_ULONG n,
    CK_OBJECT_HANDLE *key)
{
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, p, sizeof(*p) };

	ciphertext.len = sizeof(ciphertext.data);
	return f->C_EncapsulateKey(session, &m, public, template, n,
	    ciphertext.data, &ciphertext.len, key);
}

static CK_RV
decapsulate(CK_SESSION_HANDLE session, CK_ECDH1_DERIVE_PARAMS *p,
    CK_OBJECT_HANDLE private, CK_ATTRIBUTE *template, CK_ULONG n,
    CK_OBJECT_HANDLE *key)
{
	CK_MECHANISM m = { CKM_ECDH1_COFACTOR_DERIVE, p, sizeof(*p) };

	return f->C_DecapsulateKey(session, &m, private, template, n,
	    ciphertext.data, ciphertext.len, key);
}

static void
is_a_shared_secret(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	assert_int_equal(p11_get_num(session, key, CKA_CLASS),
	    CKO_SECRET_KEY);
	assert_false(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_NEVER_EXTRACTABLE));
	assert_false(p11_get_bool(session, key, CKA_LOCAL));
	assert_true(p11_get_bool(session, key, CKA_EXTRACTABLE));
}

static const int curves[] = {
	NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1
};

/* As the standard says it is made: by C_DeriveKey with the ciphertext for the
 * peer's point. */
static void
is_what_derive_gives(CK_SESSION_HANDLE session, CK_ECDH1_DERIVE_PARAMS p,
    CK_OBJECT_HANDLE private, const struct p11_bytes *value)
{
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &p, sizeof(p) };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_NUM(CKA_VALUE_LEN, value->len),
	};
	CK_OBJECT_HANDLE key;

	p.pPublicData = ciphertext.data;
	p.ulPublicDataLen = ciphertext.len;
	assert_ok(p11->C_DeriveKey(session, &m, private, template, 3, &key));
	p11_assert_attr(session, key, CKA_VALUE, value->data, value->len);
}

static void
both_sides_have_one_secret(void **state)
{
	static CK_ECDH1_DERIVE_PARAMS params[] = {
		SHARED(CKD_NULL, ""), SHARED(CKD_SHA256_KDF, ""),
		SHARED(CKD_SHA512_KDF, "info"),
		SHARED(CKD_SHA256_KDF_SP800, "other info"),
	};
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE one, two;
	struct p11_bytes value, last = { 0 };
	struct p11_pair pair;
	size_t i, j;

	params[2].pSharedData = p11_in("info");
	params[3].pSharedData = p11_in("other info");
	for (i = 0; i < P11_COUNT(curves); i++) {
		pair = kem_pair(session, curves[i], NULL, NULL);
		for (j = 0; j < P11_COUNT(params); j++) {
			assert_ok(encapsulate(session, &params[j],
			    pair.public, NULL, 0, &one));
			assert_int_equal(ciphertext.len,
			    1 + 2 * ossl_field_len(curves[i]));
			assert_int_equal(ciphertext.data[0], 4);
			assert_ok(decapsulate(session, &params[j],
			    pair.private, NULL, 0, &two));
			is_a_shared_secret(session, one);
			is_a_shared_secret(session, two);
			p11_get(session, one, CKA_VALUE, &value);
			p11_assert_attr(session, two, CKA_VALUE, value.data,
			    value.len);
			is_what_derive_gives(session, params[j],
			    pair.private, &value);
			/* another each time */
			assert_true(last.len != value.len || memcmp(
			    last.data, value.data, value.len) != 0);
			last = value;
		}
	}
}

static void
openssl_encapsulates_for_the_tpm(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_NULL, "");
	EVP_PKEY *once = ossl_ec_new(NID_X9_62_prime256v1), *own;
	struct p11_pair pair = kem_pair(session, NID_X9_62_prime256v1, NULL,
	    NULL);
	struct p11_bytes z;
	CK_OBJECT_HANDLE key;

	own = ossl_ec_of(session, pair.private, NID_X9_62_prime256v1);
	z = ossl_ecdh(once, own);
	ciphertext = ossl_ec_point(once);
	assert_ok(decapsulate(session, &p, pair.private, NULL, 0, &key));
	p11_assert_attr(session, key, CKA_VALUE, z.data, z.len);
	EVP_PKEY_free(once);
	EVP_PKEY_free(own);
}

static void
the_template_says_what_becomes_of_it(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_SHA256_KDF, "");
	struct p11_pair pair = kem_pair(session, NID_X9_62_prime256v1, NULL,
	    NULL);
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_NUM(CKA_VALUE_LEN, 16),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_STR(CKA_LABEL, "shared"),
	};
	CK_ATTRIBUTE token = P11_BOOL(CKA_TOKEN, 1);
	CK_ATTRIBUTE bad[] = { P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY) };
	CK_OBJECT_HANDLE key = 77;

	assert_ok(encapsulate(session, &p, pair.public, template, 5, &key));
	assert_int_equal(p11_get_num(session, key, CKA_VALUE_LEN), 16);
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	assert_false(p11_get_bool(session, key, CKA_NEVER_EXTRACTABLE));
	assert_false(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE));
	assert_int_equal(p11_get_num(session, key, CKA_KEY_TYPE), CKK_AES);
	assert_ok(decapsulate(session, &p, pair.private, template, 5, &key));
	assert_int_equal(p11_count_label(session, "shared"), 2);
	/* on the token too it is extractable if nothing else is said */
	assert_ok(encapsulate(session, &p, pair.public, &token, 1, &key));
	assert_true(p11_get_bool(session, key, CKA_EXTRACTABLE));
	p11_destroy(session, key);
	assert_rv(CKR_TEMPLATE_INCONSISTENT, encapsulate(session, &p,
	    pair.public, bad, 1, &key));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, decapsulate(session, &p,
	    pair.private, bad, 1, &key));
	template[0] = (CK_ATTRIBUTE)P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
	template[1] = (CK_ATTRIBUTE)P11_NUM(CKA_VALUE_LEN, 33);
	p.kdf = CKD_NULL;
	assert_rv(CKR_KEY_SIZE_RANGE, encapsulate(session, &p, pair.public,
	    template, 5, &key));
	assert_rv(CKR_WRAPPED_KEY_LEN_RANGE, decapsulate(session, &p,
	    pair.private, template, 5, &key));
	assert_int_equal(p11_count_label(session, "shared"), 2);
}

static void
the_keys_impose_their_templates(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_NULL, "");
	CK_ATTRIBUTE sealed[] = { P11_BOOL(CKA_EXTRACTABLE, 0) };
	CK_ATTRIBUTE open[] = { P11_BOOL(CKA_EXTRACTABLE, 1) };
	CK_ATTRIBUTE on_public = { CKA_ENCAPSULATE_TEMPLATE, sealed,
		sizeof(sealed) };
	CK_ATTRIBUTE on_private = { CKA_DECAPSULATE_TEMPLATE, sealed,
		sizeof(sealed) };
	struct p11_pair pair = kem_pair(session, NID_X9_62_prime256v1,
	    &on_public, &on_private);
	CK_OBJECT_HANDLE key;
	EVP_PKEY *own;

	assert_ok(encapsulate(session, &p, pair.public, NULL, 0, &key));
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, encapsulate(session, &p,
	    pair.public, open, 1, &key));
	own = ossl_ec_of(session, pair.public, NID_X9_62_prime256v1);
	ciphertext = ossl_ec_point(own);
	EVP_PKEY_free(own);
	assert_ok(decapsulate(session, &p, pair.private, NULL, 0, &key));
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, decapsulate(session, &p,
	    pair.private, open, 1, &key));
}

static CK_ULONG
secrets(CK_SESSION_HANDLE session)
{
	CK_ATTRIBUTE template[] = { P11_NUM(CKA_CLASS, CKO_SECRET_KEY) };

	return p11_count(session, template, 1);
}

static void
no_key_is_made_before_the_room_is_there(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_NULL, "");
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &p, sizeof(p) };
	struct p11_pair pair = kem_pair(session, NID_secp384r1, NULL, NULL);
	CK_ULONG before = secrets(session), len = 0;
	CK_OBJECT_HANDLE key;

	assert_ok(f->C_EncapsulateKey(session, &m, pair.public, NULL, 0,
	    NULL, &len, NULL));
	assert_int_equal(len, 97);
	len = 96;
	assert_rv(CKR_BUFFER_TOO_SMALL, f->C_EncapsulateKey(session, &m,
	    pair.public, NULL, 0, ciphertext.data, &len, &key));
	assert_int_equal(len, 97);
	assert_int_equal(secrets(session), before);
	assert_ok(f->C_EncapsulateKey(session, &m, pair.public, NULL, 0,
	    ciphertext.data, &len, &key));
	assert_int_equal(secrets(session), before + 1);
	assert_rv(CKR_ARGUMENTS_BAD, f->C_EncapsulateKey(session, &m,
	    pair.public, NULL, 0, ciphertext.data, NULL, &key));
	assert_rv(CKR_ARGUMENTS_BAD, f->C_EncapsulateKey(session, &m,
	    pair.public, NULL, 0, ciphertext.data, &len, NULL));
	assert_rv(CKR_ARGUMENTS_BAD, f->C_EncapsulateKey(session, NULL,
	    pair.public, NULL, 0, ciphertext.data, &len, &key));
	assert_rv(CKR_ARGUMENTS_BAD, f->C_DecapsulateKey(session, &m,
	    pair.private, NULL, 0, NULL, len, &key));
	assert_int_equal(secrets(session), before + 1);
}

static void
keys_of_another_kind_are_refused(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_NULL, "");
	CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
	struct p11_pair pair = kem_pair(session, NID_X9_62_prime256v1, NULL,
	    NULL);
	/* made for signatures alone */
	struct p11_pair ec = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "ec");
	CK_OBJECT_HANDLE key;

	assert_ok(encapsulate(session, &p, pair.public, NULL, 0, &key));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED,
	    encapsulate(session, &p, ec.public, NULL, 0, &key));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED,
	    encapsulate(session, &p, pair.private, NULL, 0, &key));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED,
	    decapsulate(session, &p, ec.private, NULL, 0, &key));
	assert_rv(CKR_KEY_HANDLE_INVALID,
	    encapsulate(session, &p, 0x7ffffff, NULL, 0, &key));
	assert_rv(CKR_UNWRAPPING_KEY_HANDLE_INVALID,
	    decapsulate(session, &p, 0x7ffffff, NULL, 0, &key));
	ciphertext.len = sizeof(ciphertext.data);
	assert_rv(CKR_MECHANISM_INVALID, f->C_EncapsulateKey(session, &m,
	    pair.public, NULL, 0, ciphertext.data, &ciphertext.len, &key));
	assert_rv(CKR_MECHANISM_INVALID, f->C_DecapsulateKey(session, &m,
	    pair.private, NULL, 0, ciphertext.data, 65, &key));
	m = (CK_MECHANISM){ CKM_ECDH1_DERIVE, NULL, 0 };
	assert_rv(CKR_MECHANISM_PARAM_INVALID, f->C_DecapsulateKey(session,
	    &m, pair.private, NULL, 0, ciphertext.data, 65, &key));
	/* the peer's point is the ciphertext's, not the parameter's */
	p.pPublicData = ciphertext.data;
	p.ulPublicDataLen = 65;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    encapsulate(session, &p, pair.public, NULL, 0, &key));
	ciphertext.len = 65;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    decapsulate(session, &p, pair.private, NULL, 0, &key));
}

static void
ciphertexts_that_are_none(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_NULL, "");
	struct p11_pair pair = kem_pair(session, NID_X9_62_prime256v1, NULL,
	    NULL);
	CK_OBJECT_HANDLE key;
	CK_ULONG before;

	assert_ok(encapsulate(session, &p, pair.public, NULL, 0, &key));
	before = secrets(session);
	ciphertext.data[40] ^= 1;
	assert_rv(CKR_WRAPPED_KEY_INVALID,
	    decapsulate(session, &p, pair.private, NULL, 0, &key));
	ciphertext.data[40] ^= 1;
	ciphertext.len = 64;
	assert_rv(CKR_WRAPPED_KEY_LEN_RANGE,
	    decapsulate(session, &p, pair.private, NULL, 0, &key));
	ciphertext.len = 0;
	assert_rv(CKR_WRAPPED_KEY_LEN_RANGE,
	    decapsulate(session, &p, pair.private, NULL, 0, &key));
	assert_int_equal(secrets(session), before);
	ciphertext.len = 65;
	assert_ok(decapsulate(session, &p, pair.private, NULL, 0, &key));
}

/* The public half alone is enough for one side, without a login. */
static void
encapsulation_needs_no_login(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_NULL, "");
	CK_ATTRIBUTE public = P11_BOOL(CKA_PRIVATE, 0);
	CK_ATTRIBUTE token = P11_BOOL(CKA_TOKEN, 1);
	struct p11_pair pair = kem_pair(session, NID_X9_62_prime256v1, &token,
	    &token);
	CK_OBJECT_HANDLE one, two;
	struct p11_bytes value;

	assert_ok(p11->C_Logout(session));
	assert_rv(CKR_USER_NOT_LOGGED_IN,
	    encapsulate(session, &p, pair.public, NULL, 0, &one));
	assert_ok(encapsulate(session, &p, pair.public, &public, 1, &one));
	p11_get(session, one, CKA_VALUE, &value);
	assert_rv(CKR_UNWRAPPING_KEY_HANDLE_INVALID, decapsulate(session, &p,
	    pair.private, &public, 1, &two));
}

static void
each_decapsulation_may_want_a_login(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ECDH1_DERIVE_PARAMS p = SHARED(CKD_NULL, "");
	CK_ATTRIBUTE always = P11_BOOL(CKA_ALWAYS_AUTHENTICATE, 1);
	struct p11_pair pair = kem_pair(session, NID_X9_62_prime256v1, NULL,
	    &always);
	CK_OBJECT_HANDLE key;

	assert_ok(encapsulate(session, &p, pair.public, NULL, 0, &key));
	assert_rv(CKR_USER_NOT_LOGGED_IN,
	    decapsulate(session, &p, pair.private, NULL, 0, &key));
	assert_ok(p11_try_login(session, CKU_CONTEXT_SPECIFIC, P11_USER_PIN));
	assert_ok(decapsulate(session, &p, pair.private, NULL, 0, &key));
	assert_rv(CKR_USER_NOT_LOGGED_IN,
	    decapsulate(session, &p, pair.private, NULL, 0, &key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_USER_TEST(both_sides_have_one_secret),
		P11_USER_TEST(openssl_encapsulates_for_the_tpm),
		P11_USER_TEST(the_template_says_what_becomes_of_it),
		P11_USER_TEST(the_keys_impose_their_templates),
		P11_USER_TEST(no_key_is_made_before_the_room_is_there),
		P11_USER_TEST(keys_of_another_kind_are_refused),
		P11_USER_TEST(ciphertexts_that_are_none),
		P11_USER_TEST(encapsulation_needs_no_login),
		P11_USER_TEST(each_decapsulation_may_want_a_login),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
