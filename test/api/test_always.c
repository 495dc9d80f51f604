/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys with CKA_ALWAYS_AUTHENTICATE: each use wants the PIN again, by
 * C_Login(CKU_CONTEXT_SPECIFIC), for that one use (PKCS#11 3.x, 4.9).
 */
#include "p11.h"

#include <string.h>

#include "p11_object.h"

static CK_MECHANISM ec_pair = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_BYTE digest[32];
static struct p11_pair always;

static int
open_with_key(void **state)
{
	CK_ATTRIBUTE pub[] = {
		P11_STR(CKA_EC_PARAMS,
		    "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"),
		P11_BOOL(CKA_VERIFY, true),
	};
	CK_ATTRIBUTE priv[] = {
		P11_BOOL(CKA_SIGN, true),
		P11_BOOL(CKA_DERIVE, true),
		P11_BOOL(CKA_ALWAYS_AUTHENTICATE, true),
	};

	if (p11_user(state) != 0)
		return -1;
	assert_ok(p11->C_GenerateKeyPair(p11_session(state), &ec_pair, pub,
	    P11_COUNT(pub), priv, P11_COUNT(priv), &always.public,
	    &always.private));
	return 0;
}

static CK_RV
again(CK_SESSION_HANDLE session, const char *pin)
{
	return p11_try_login(session, CKU_CONTEXT_SPECIFIC, pin);
}

static CK_RV
sign(CK_SESSION_HANDLE session)
{
	CK_BYTE signature[64];
	CK_ULONG len = sizeof(signature);

	return p11->C_Sign(session, digest, sizeof(digest), signature, &len);
}

static CK_RV
derive(CK_SESSION_HANDLE session)
{
	struct p11_bytes point;
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, 0, NULL };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_ATTRIBUTE secret[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
	};
	CK_OBJECT_HANDLE key;

	p11_get(session, always.public, CKA_EC_POINT, &point);
	params.ulPublicDataLen = point.len;
	params.pPublicData = point.data;
	return p11->C_DeriveKey(session, &m, always.private, secret,
	    P11_COUNT(secret), &key);
}

static void
each_signature_wants_the_pin(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	int i;

	for (i = 0; i < 2; i++) {
		assert_ok(p11->C_SignInit(session, &ecdsa, always.private));
		assert_rv(CKR_USER_NOT_LOGGED_IN, sign(session));
		assert_ok(again(session, P11_USER_PIN));
		assert_ok(sign(session));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED, sign(session));
	}
}

static void
a_wrong_pin_leaves_the_operation_waiting(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_ok(p11->C_SignInit(session, &ecdsa, always.private));
	assert_rv(CKR_PIN_INCORRECT, again(session, "not the pin"));
	assert_rv(CKR_USER_NOT_LOGGED_IN, sign(session));
	assert_ok(again(session, P11_USER_PIN));
	assert_ok(sign(session));
	assert_int_equal(p11_state(session), CKS_RW_USER_FUNCTIONS);
}

static void
the_login_is_for_the_operation_of_its_session(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state), other = p11_open_rw();

	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    again(session, P11_USER_PIN));
	assert_ok(p11->C_SignInit(session, &ecdsa, always.private));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, again(other, P11_USER_PIN));
	assert_rv(CKR_USER_NOT_LOGGED_IN, sign(session));
	assert_ok(again(session, P11_USER_PIN));
	assert_ok(sign(session));
}

static void
each_derivation_wants_the_pin(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state), other = p11_open_rw();
	int i;

	for (i = 0; i < 2; i++) {
		assert_rv(CKR_USER_NOT_LOGGED_IN, derive(session));
		assert_rv(CKR_USER_NOT_LOGGED_IN, derive(other));
		assert_rv(CKR_PIN_INCORRECT, again(session, "not the pin"));
		assert_ok(again(session, P11_USER_PIN));
		assert_rv(CKR_USER_NOT_LOGGED_IN, derive(other));
		assert_ok(derive(session));
	}
}

static void
a_logout_ends_what_was_given(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE token[] = { P11_BOOL(CKA_TOKEN, true) };
	CK_ATTRIBUTE kept[] = { P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_BOOL(CKA_TOKEN, true) };

	assert_ok(p11->C_CopyObject(session, always.private, token, 1,
	    &always.private));
	assert_rv(CKR_USER_NOT_LOGGED_IN, derive(session));
	assert_ok(again(session, P11_USER_PIN));
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_USER);
	always.private = p11_find_one(session, kept, P11_COUNT(kept));
	assert_rv(CKR_USER_NOT_LOGGED_IN, derive(session));
	p11_destroy(session, always.private);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_with_key, p11_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_signature_wants_the_pin),
		TEST(a_wrong_pin_leaves_the_operation_waiting),
		TEST(the_login_is_for_the_operation_of_its_session),
		TEST(each_derivation_wants_the_pin),
		TEST(a_logout_ends_what_was_given),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
