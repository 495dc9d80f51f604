/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages: signed and verified many at a time under one mechanism and key. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static CK_MECHANISM ecdsa = { CKM_ECDSA_SHA256, NULL, 0 };
static CK_BYTE text[200];
static struct p11_pair ec, rsa;
static CK_OBJECT_HANDLE secret;
static struct p11_bytes signature;

static CK_RSA_PKCS_PSS_PARAMS pss = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
static CK_ULONG eight = 8;

static const struct kind {
	const char *name;
	CK_MECHANISM m;
	CK_ULONG in;		/* bytes of a message */
	CK_ULONG out;
	enum { WITH_EC, WITH_RSA, WITH_SECRET } key;
} kinds[] = {
	{ "ECDSA", { CKM_ECDSA, NULL, 0 }, 32, 64, WITH_EC },
	{ "ECDSA-SHA256", { CKM_ECDSA_SHA256, NULL, 0 }, 200, 64, WITH_EC },
	{ "RSA-PKCS", { CKM_RSA_PKCS, NULL, 0 }, 51, 256, WITH_RSA },
	{ "SHA256-RSA-PKCS", { CKM_SHA256_RSA_PKCS, NULL, 0 }, 200, 256,
	    WITH_RSA },
	{ "SHA256-RSA-PSS", { CKM_SHA256_RSA_PKCS_PSS, &pss, sizeof(pss) },
	    200, 256, WITH_RSA },
	{ "HMAC", { CKM_SHA256_HMAC, NULL, 0 }, 200, 32, WITH_SECRET },
	{ "HMAC-GENERAL", { CKM_SHA256_HMAC_GENERAL, &eight, sizeof(eight) },
	    200, 8, WITH_SECRET },
};

static CK_OBJECT_HANDLE
signer(const struct kind *k)
{
	return k->key == WITH_EC ? ec.private :
	    k->key == WITH_RSA ? rsa.private : secret;
}

static CK_OBJECT_HANDLE
verifier(const struct kind *k)
{
	return k->key == WITH_EC ? ec.public :
	    k->key == WITH_RSA ? rsa.public : secret;
}

static int
user(void **state)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_VERIFY, 1),
		P11_STR(CKA_VALUE, "a secret of some length"),
	};
	CK_SESSION_HANDLE session;

	(void)p11_user(state);
	session = p11_session(state);
	ossl_random(text, sizeof(text));
	ec = p11_ec_pair(session, NID_X9_62_prime256v1, false, "ec");
	rsa = p11_rsa_pair(session, 2048, false, "rsa");
	secret = p11_create(session, template, P11_COUNT(template));
	return 0;
}

static CK_RV
sign_message(CK_SESSION_HANDLE session, const CK_BYTE *in, CK_ULONG len)
{
	signature.len = sizeof(signature.data);
	return p11_3->C_SignMessage(session, NULL, 0, p11_in(in), len,
	    signature.data, &signature.len);
}

static CK_RV
verify_message(CK_SESSION_HANDLE session, const CK_BYTE *in, CK_ULONG len)
{
	return p11_3->C_VerifyMessage(session, NULL, 0, p11_in(in), len,
	    signature.data, signature.len);
}

static void
many_messages_with_one_init(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_SESSION_HANDLE other = p11_open_ro();
	const struct kind *k;
	CK_ULONG i;

	for (k = kinds; k < kinds + P11_COUNT(kinds); k++) {
		CK_MECHANISM m = k->m;

		print_message("%s\n", k->name);
		assert_ok(p11_3->C_MessageSignInit(session, &m, signer(k)));
		assert_ok(p11_3->C_MessageVerifyInit(other, &m,
		    verifier(k)));
		for (i = 0; i < 3; i++) {
			text[0] = (CK_BYTE)i;
			assert_ok(sign_message(session, text, k->in));
			assert_int_equal(signature.len, k->out);
			/* the ordinary functions agree */
			if (i == 0)
				assert_ok(p11_verify(p11_open_ro(), &m,
				    verifier(k), text, k->in, &signature));
			assert_ok(verify_message(other, text, k->in));
			text[0] ^= 0x80;
			assert_rv(CKR_SIGNATURE_INVALID,
			    verify_message(other, text, k->in));
			signature.len--;
			assert_rv(CKR_SIGNATURE_LEN_RANGE,
			    verify_message(other, text, k->in));
		}
		assert_ok(p11_3->C_MessageSignFinal(session));
		assert_ok(p11_3->C_MessageVerifyFinal(other));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    sign_message(session, text, k->in));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    verify_message(other, text, k->in));
	}
}

/* A whole message in parts of at most step bytes. */
static void
sign_in_parts(CK_SESSION_HANDLE session, CK_ULONG len, CK_ULONG step)
{
	CK_ULONG at;

	assert_ok(p11_3->C_SignMessageBegin(session, NULL, 0));
	for (at = 0; at + step < len; at += step)
		assert_ok(p11_3->C_SignMessageNext(session, NULL, 0,
		    text + at, step, NULL, NULL));
	/* size, too small: the last part is not taken */
	assert_ok(p11_3->C_SignMessageNext(session, NULL, 0, text + at,
	    len - at, NULL, &signature.len));
	signature.len--;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11_3->C_SignMessageNext(session,
	    NULL, 0, text + at, len - at, signature.data, &signature.len));
	assert_ok(p11_3->C_SignMessageNext(session, NULL, 0, text + at,
	    len - at, signature.data, &signature.len));
}

static void
verify_in_parts(CK_SESSION_HANDLE session, CK_ULONG len, CK_RV expected)
{
	assert_ok(p11_3->C_VerifyMessageBegin(session, NULL, 0));
	assert_ok(p11_3->C_VerifyMessageNext(session, NULL, 0, text, 7, NULL,
	    0));
	assert_rv(expected, p11_3->C_VerifyMessageNext(session, NULL, 0,
	    text + 7, len - 7, signature.data, signature.len));
}

static void
messages_in_parts(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_SESSION_HANDLE other = p11_open_ro();
	const struct kind *k;
	CK_ULONG i;

	for (k = kinds; k < kinds + P11_COUNT(kinds); k++) {
		CK_MECHANISM m = k->m;

		print_message("%s\n", k->name);
		assert_ok(p11_3->C_MessageSignInit(session, &m, signer(k)));
		assert_ok(p11_3->C_MessageVerifyInit(other, &m,
		    verifier(k)));
		for (i = 0; i < 2; i++) {
			sign_in_parts(session, k->in, 9 + i);
			assert_int_equal(signature.len, k->out);
			assert_ok(verify_message(other, text, k->in));
			verify_in_parts(other, k->in, CKR_OK);
			text[8] ^= 1;
			verify_in_parts(other, k->in, CKR_SIGNATURE_INVALID);
			/* in between, one in one part */
			assert_ok(sign_message(session, text, k->in));
			assert_ok(verify_message(other, text, k->in));
		}
		assert_ok(p11_3->C_MessageSignFinal(session));
		assert_ok(p11_3->C_MessageVerifyFinal(other));
	}
}

static void
sizes_are_told_and_other_messages_may_follow(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE out[64];
	CK_ULONG len = 0;

	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_ok(p11_3->C_SignMessage(session, NULL, 0, text, 10, NULL,
	    &len));
	assert_int_equal(len, 64);
	len = 63;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11_3->C_SignMessage(session, NULL,
	    0, text, 10, out, &len));
	assert_int_equal(len, 64);
	/* not what was asked the size of */
	assert_ok(sign_message(session, text + 50, 20));
	assert_ok(p11_verify(p11_open_ro(), &ecdsa, ec.public, text + 50, 20,
	    &signature));
}

static void
errors_end_the_message_and_not_the_series(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE param[4];

	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_ARGUMENTS_BAD, sign_message(session, NULL, 4));
	assert_rv(CKR_ARGUMENTS_BAD, p11_3->C_SignMessage(session, NULL, 0,
	    text, 4, signature.data, NULL));
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11_3->C_SignMessage(session,
	    param, sizeof(param), text, 4, NULL, &signature.len));
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11_3->C_SignMessageBegin(session, param, sizeof(param)));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11_3->C_SignMessageNext(
	    session, NULL, 0, text, 4, NULL, NULL));
	assert_ok(p11_3->C_SignMessageBegin(session, NULL, 0));
	assert_rv(CKR_ARGUMENTS_BAD, p11_3->C_SignMessageNext(session, NULL,
	    0, NULL, 4, NULL, NULL));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11_3->C_SignMessageNext(
	    session, NULL, 0, text, 4, NULL, NULL));
	assert_ok(p11_3->C_SignMessageBegin(session, NULL, 0));
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11_3->C_SignMessageNext(
	    session, param, 1, text, 4, NULL, NULL));
	assert_ok(sign_message(session, text, 4));
}

static void
a_message_in_the_middle_is_not_disturbed(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11_3->C_SignMessageNext(
	    session, NULL, 0, text, 4, NULL, NULL));
	assert_ok(p11_3->C_SignMessageBegin(session, NULL, 0));
	assert_ok(p11_3->C_SignMessageNext(session, NULL, 0, text, 50, NULL,
	    NULL));
	assert_rv(CKR_OPERATION_ACTIVE, sign_message(session, text, 4));
	assert_rv(CKR_OPERATION_ACTIVE,
	    p11_3->C_SignMessageBegin(session, NULL, 0));
	assert_rv(CKR_OPERATION_ACTIVE, p11_3->C_MessageSignFinal(session));
	signature.len = sizeof(signature.data);
	assert_ok(p11_3->C_SignMessageNext(session, NULL, 0, text + 50, 50,
	    signature.data, &signature.len));
	assert_ok(p11_verify(p11_open_ro(), &ecdsa, ec.public, text, 100,
	    &signature));
	assert_ok(p11_3->C_MessageSignFinal(session));
}

static void
a_series_is_cancelled_in_two_ways(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	const CK_FLAGS others = CKF_SIGN | CKF_VERIFY | CKF_MESSAGE_VERIFY |
	    CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_FIND_OBJECTS;

	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_ok(p11_3->C_SignMessageBegin(session, NULL, 0));
	assert_ok(p11_3->C_MessageSignInit(session, NULL, 0));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    sign_message(session, text, 4));
	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_ok(p11_3->C_SessionCancel(session, others));
	assert_ok(sign_message(session, text, 4));
	assert_ok(p11_3->C_SignMessageBegin(session, NULL, 0));
	assert_ok(p11_3->C_SessionCancel(session, CKF_MESSAGE_SIGN));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11_3->C_MessageSignFinal(session));
	assert_rv_in(p11_3->C_MessageSignInit(session, NULL, 0),
	    CKR_ARGUMENTS_BAD, CKR_OPERATION_NOT_INITIALIZED);
	assert_ok(p11_3->C_MessageVerifyInit(session, &ecdsa, ec.public));
	assert_ok(p11_3->C_SessionCancel(session, CKF_MESSAGE_VERIFY));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11_3->C_MessageVerifyFinal(session));
}

static void
a_series_is_an_operation_of_the_session(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_OPERATION_ACTIVE,
	    p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_OPERATION_ACTIVE,
	    p11->C_SignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_OPERATION_ACTIVE,
	    p11_3->C_MessageVerifyInit(session, &ecdsa, ec.public));
	/* the ordinary functions do not see it */
	signature.len = sizeof(signature.data);
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_Sign(session, text,
	    4, signature.data, &signature.len));
	assert_ok(p11_3->C_MessageSignFinal(session));
	assert_ok(p11->C_SignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_OPERATION_ACTIVE,
	    p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    sign_message(session, text, 4));
}

static void
keys_and_mechanisms_are_checked(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
	CK_MECHANISM sha = { CKM_SHA256, NULL, 0 };

	assert_rv(CKR_KEY_HANDLE_INVALID,
	    p11_3->C_MessageSignInit(session, &ecdsa, 0x7ffffff));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED,
	    p11_3->C_MessageSignInit(session, &ecdsa, ec.public));
	assert_rv(CKR_KEY_TYPE_INCONSISTENT,
	    p11_3->C_MessageSignInit(session, &ecdsa, rsa.private));
	assert_rv(CKR_MECHANISM_INVALID,
	    p11_3->C_MessageSignInit(session, &sha, ec.private));
	/* RSA encrypts, but has no messages */
	assert_rv(CKR_MECHANISM_INVALID,
	    p11_3->C_MessageEncryptInit(session, &pkcs, rsa.public));
	assert_rv(CKR_MECHANISM_INVALID,
	    p11_3->C_MessageDecryptInit(session, &pkcs, rsa.private));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11_3->C_MessageEncryptFinal(session));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11_3->C_EncryptMessageNext(
	    session, NULL, 0, text, 1, signature.data, &signature.len, 0));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11_3->C_DecryptMessageBegin(session, NULL, 0, NULL, 0));
}

static void
a_logout_ends_a_series(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_ok(p11_3->C_SignMessageBegin(session, NULL, 0));
	assert_ok(p11->C_Logout(session));
	assert_rv(CKR_USER_NOT_LOGGED_IN, p11_3->C_SignMessageNext(session,
	    NULL, 0, text, 4, NULL, NULL));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    sign_message(session, text, 4));
}

/* CKA_ALWAYS_AUTHENTICATE: the PIN is asked for each message. */
static void
a_login_is_for_one_message(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct p11_bytes params = ossl_curve_oid(NID_X9_62_prime256v1);
	CK_ATTRIBUTE public[] = {
		P11_BYTES(CKA_EC_PARAMS, params.data, params.len),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_PRIVATE, 1),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_ALWAYS_AUTHENTICATE, 1),
	};
	CK_OBJECT_HANDLE pub, priv;
	CK_ULONG len = 0;
	int i;

	assert_ok(p11->C_GenerateKeyPair(session, &gen, public, 1, private, 3,
	    &pub, &priv));
	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, priv));
	for (i = 0; i < 2; i++) {
		assert_rv(CKR_USER_NOT_LOGGED_IN,
		    sign_message(session, text, 4));
		assert_rv(CKR_USER_NOT_LOGGED_IN,
		    p11_3->C_SignMessageBegin(session, NULL, 0));
		assert_ok(p11_try_login(session, CKU_CONTEXT_SPECIFIC,
		    P11_USER_PIN));
		/* asking for a size uses nothing up */
		assert_ok(p11_3->C_SignMessage(session, NULL, 0, text, 4,
		    NULL, &len));
		assert_ok(sign_message(session, text, 4));
	}
	assert_ok(p11_try_login(session, CKU_CONTEXT_SPECIFIC, P11_USER_PIN));
	sign_in_parts(session, 20, 6);
	assert_rv(CKR_USER_NOT_LOGGED_IN, sign_message(session, text, 4));
}

static void
mechanism_info_tells_messages(void **state)
{
	const CK_FLAGS all = CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY |
	    CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE;
	CK_MECHANISM_TYPE list[512];
	CK_ULONG n = P11_COUNT(list), i;

	(void)state;
	assert_ok(p11->C_GetMechanismList(p11_slot, list, &n));
	for (i = 0; i < n; i++) {
		CK_FLAGS flags = p11_mechanism_flags(list[i]);
		CK_FLAGS want = 0;

		/* GMAC's one nonce would serve for all messages */
		if ((flags & CKF_SIGN) != 0 && list[i] != CKM_AES_GMAC)
			want = CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY |
			    CKF_MULTI_MESSAGE;
		if (list[i] == CKM_AES_GCM || list[i] == CKM_AES_CCM)
			want = CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT |
			    CKF_MULTI_MESSAGE;
		assert_int_equal(flags & all, want);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, user, p11_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_messages_with_one_init),
		TEST(messages_in_parts),
		TEST(sizes_are_told_and_other_messages_may_follow),
		TEST(errors_end_the_message_and_not_the_series),
		TEST(a_message_in_the_middle_is_not_disturbed),
		TEST(a_series_is_cancelled_in_two_ways),
		TEST(a_series_is_an_operation_of_the_session),
		TEST(keys_and_mechanisms_are_checked),
		TEST(a_logout_ends_a_series),
		TEST(a_login_is_for_one_message),
		P11_TEST(mechanism_info_tells_messages),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
