/* SPDX-License-Identifier: BSD-2-Clause */
/* What PKCS#11 3.2 added: its table, signatures given first, stubs. (KEMs are
 * in test_kem.) */
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

static void
it_is_the_default_and_extends_the_others(void **state)
{
	CK_INTERFACE list[8], *i = NULL;
	CK_ULONG n = P11_COUNT(list), at;
	CK_VERSION other = { 3, 1 };
	CK_INFO info;
	void *one;

	(void)state;
	assert_int_equal(f->version.major, 3);
	assert_int_equal(f->version.minor, 2);
	assert_ok(p11_3->C_GetInterface(NULL, NULL, &i, 0));
	assert_ptr_equal(i->pFunctionList, f);
	assert_rv(CKR_FUNCTION_FAILED,
	    p11_3->C_GetInterface(NULL, &other, &i, 0));
	assert_ok(p11_3->C_GetInterfaceList(list, &n));
	assert_int_equal(n, 3);
	assert_ptr_equal(list[0].pFunctionList, f);
	assert_ok(p11->C_GetInfo(&info));
	assert_int_equal(info.cryptokiVersion.major, 3);
	assert_int_equal(info.cryptokiVersion.minor, 2);
	/* after the version, one is the beginning of the next */
	at = offsetof(CK_FUNCTION_LIST, C_Initialize);
	assert_memory_equal((char *)f + at, (char *)p11_3 + at,
	    sizeof(*p11_3) - at);
	for (at = sizeof(*p11_3); at < sizeof(*f); at += sizeof(one)) {
		memcpy(&one, (char *)f + at, sizeof(one));
		assert_non_null(one);
	}
}

/* --- signatures given first */

static CK_BYTE text[100];
static struct p11_bytes signature;

static const struct {
	CK_MECHANISM_TYPE type;
	bool ec;
	CK_ULONG in;
} verifiers[] = {
	{ CKM_ECDSA, true, 32 }, { CKM_ECDSA_SHA256, true, 100 },
	{ CKM_RSA_PKCS, false, 32 }, { CKM_SHA384_RSA_PKCS, false, 100 },
};

static void
signatures_are_verified_when_given_first(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair ec = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "ec");
	struct p11_pair rsa = p11_rsa_pair(session, 2048, false, "rsa");
	size_t i;

	for (i = 0; i < P11_COUNT(verifiers); i++) {
		CK_MECHANISM m = { verifiers[i].type, NULL, 0 };
		struct p11_pair *pair = verifiers[i].ec ? &ec : &rsa;
		CK_ULONG n = verifiers[i].in;

		p11_sign(session, &m, pair->private, text, n, &signature);
		assert_ok(f->C_VerifySignatureInit(session, &m, pair->public,
		    signature.data, signature.len));
		/* the session has its own copy */
		signature.data[5] ^= 1;
		assert_ok(f->C_VerifySignature(session, text, n));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    f->C_VerifySignature(session, text, n));
		assert_ok(f->C_VerifySignatureInit(session, &m, pair->public,
		    signature.data, signature.len));
		assert_rv(CKR_SIGNATURE_INVALID,
		    f->C_VerifySignature(session, text, n));
		signature.data[5] ^= 1;
		assert_ok(f->C_VerifySignatureInit(session, &m, pair->public,
		    signature.data, signature.len));
		assert_ok(f->C_VerifySignatureUpdate(session, text, 7));
		assert_ok(f->C_VerifySignatureUpdate(session, text + 7,
		    n - 7));
		assert_ok(f->C_VerifySignatureFinal(session));
		assert_ok(f->C_VerifySignatureInit(session, &m, pair->public,
		    signature.data, signature.len - 1));
		assert_rv(CKR_SIGNATURE_LEN_RANGE,
		    f->C_VerifySignature(session, text, n));
		/* longer than any signature, and kept in part only */
		assert_ok(f->C_VerifySignatureInit(session, &m, pair->public,
		    p11_in(signature.data), sizeof(signature.data)));
		assert_rv(CKR_SIGNATURE_LEN_RANGE,
		    f->C_VerifySignature(session, text, n));
	}
}

static void
the_two_kinds_of_verification_are_apart(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair ec = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "ec");
	CK_MECHANISM m = { CKM_ECDSA_SHA256, NULL, 0 };

	p11_sign(session, &m, ec.private, text, 10, &signature);
	assert_ok(f->C_VerifySignatureInit(session, &m, ec.public,
	    signature.data, signature.len));
	assert_rv(CKR_OPERATION_ACTIVE,
	    f->C_VerifyInit(session, &m, ec.public));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, f->C_Verify(session, text,
	    10, signature.data, signature.len));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifyUpdate(session, text, 10));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifyFinal(session, signature.data, signature.len));
	assert_ok(f->C_VerifySignature(session, text, 10));
	assert_ok(f->C_VerifyInit(session, &m, ec.public));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifySignature(session, text, 10));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifySignatureUpdate(session, text, 10));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifySignatureFinal(session));
	assert_ok(f->C_Verify(session, text, 10, signature.data,
	    signature.len));
}

static void
a_signature_given_first_and_errors(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair ec = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "ec");
	CK_MECHANISM m = { CKM_ECDSA_SHA256, NULL, 0 };

	p11_sign(session, &m, ec.private, text, 10, &signature);
	assert_rv(CKR_ARGUMENTS_BAD, f->C_VerifySignatureInit(session, &m,
	    ec.public, NULL, 64));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED, f->C_VerifySignatureInit(
	    session, &m, ec.private, signature.data, 64));
	assert_ok(f->C_VerifySignatureInit(session, &m, ec.public,
	    signature.data, 64));
	assert_rv(CKR_ARGUMENTS_BAD,
	    f->C_VerifySignatureUpdate(session, NULL, 1));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifySignatureFinal(session));
	assert_ok(f->C_VerifySignatureInit(session, &m, ec.public,
	    signature.data, 64));
	assert_ok(f->C_VerifySignatureUpdate(session, text, 10));
	assert_rv(CKR_OPERATION_ACTIVE,
	    f->C_VerifySignature(session, text, 10));
	assert_ok(f->C_VerifySignatureInit(session, &m, ec.public,
	    signature.data, 64));
	assert_ok(f->C_VerifySignatureInit(session, NULL, 0, NULL, 0));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifySignatureFinal(session));
	assert_ok(f->C_VerifySignatureInit(session, &m, ec.public,
	    signature.data, 64));
	assert_ok(f->C_SessionCancel(session, CKF_VERIFY));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    f->C_VerifySignatureFinal(session));
}

/* --- what is answered without being done */

static void
nothing_is_asynchronous(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state), none = 0;
	CK_UTF8CHAR *name = p11_in("C_Sign");
	CK_ASYNC_DATA data = { 0 };
	CK_TOKEN_INFO info;
	CK_ULONG id = 0;

	assert_rv(CKR_SESSION_ASYNC_NOT_SUPPORTED, f->C_OpenSession(p11_slot,
	    CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, NULL, NULL, &none));
	assert_int_equal(none, 0);
	assert_ok(f->C_GetTokenInfo(p11_slot, &info));
	assert_int_equal(info.flags & CKF_ASYNC_SESSION_SUPPORTED, 0);
	assert_rv(CKR_FUNCTION_NOT_SUPPORTED,
	    f->C_AsyncComplete(session, name, &data));
	assert_rv(CKR_FUNCTION_NOT_SUPPORTED,
	    f->C_AsyncGetID(session, name, &id));
	assert_rv(CKR_FUNCTION_NOT_SUPPORTED,
	    f->C_AsyncJoin(session, name, id, text, sizeof(text)));
}

static void
no_authority_has_validated_this(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_FLAGS flags = ~0UL;

	assert_ok(f->C_GetSessionValidationFlags(session,
	    CKS_LAST_VALIDATION_OK, &flags));
	assert_int_equal(flags, 0);
	assert_rv(CKR_ARGUMENTS_BAD, f->C_GetSessionValidationFlags(session,
	    CKS_LAST_VALIDATION_OK, NULL));
}

static void
no_mechanism_wraps_with_authenticated_data(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM m = { CKM_AES_GCM, NULL, 0 };
	CK_OBJECT_HANDLE key = 1;
	CK_BYTE out[64];
	CK_ULONG len = sizeof(out);

	assert_rv(CKR_MECHANISM_INVALID, f->C_WrapKeyAuthenticated(session,
	    &m, key, key, text, 5, out, &len));
	assert_rv(CKR_ARGUMENTS_BAD, f->C_WrapKeyAuthenticated(session, &m,
	    key, key, NULL, 5, out, &len));
	assert_rv(CKR_ARGUMENTS_BAD, f->C_WrapKeyAuthenticated(session, &m,
	    key, key, text, 5, out, NULL));
	assert_rv(CKR_MECHANISM_INVALID, f->C_UnwrapKeyAuthenticated(session,
	    &m, key, out, len, NULL, 0, NULL, 0, &key));
	assert_rv(CKR_ARGUMENTS_BAD, f->C_UnwrapKeyAuthenticated(session, &m,
	    key, out, len, NULL, 0, NULL, 0, NULL));
	assert_rv(CKR_ARGUMENTS_BAD, f->C_UnwrapKeyAuthenticated(session,
	    NULL, key, out, len, NULL, 0, NULL, 0, &key));
}

/* Each function of 3.2, on a session that is none and when all is over. */
static void
all_answer(CK_SESSION_HANDLE h, CK_RV expected)
{
	CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
	CK_UTF8CHAR *name = p11_in("C_Sign");
	CK_ASYNC_DATA data = { 0 };
	CK_OBJECT_HANDLE key = 1;
	CK_FLAGS flags;
	CK_BYTE b[8];
	CK_ULONG n = sizeof(b);

	assert_rv(expected, f->C_EncapsulateKey(h, &m, key, NULL, 0, b, &n,
	    &key));
	assert_rv(expected, f->C_DecapsulateKey(h, &m, key, NULL, 0, b, n,
	    &key));
	assert_rv(expected, f->C_VerifySignatureInit(h, &m, key, b, n));
	assert_rv(expected, f->C_VerifySignature(h, b, n));
	assert_rv(expected, f->C_VerifySignatureUpdate(h, b, n));
	assert_rv(expected, f->C_VerifySignatureFinal(h));
	assert_rv(expected, f->C_GetSessionValidationFlags(h, 1, &flags));
	assert_rv(expected, f->C_AsyncComplete(h, name, &data));
	assert_rv(expected, f->C_AsyncGetID(h, name, &n));
	assert_rv(expected, f->C_AsyncJoin(h, name, n, b, n));
	assert_rv(expected, f->C_WrapKeyAuthenticated(h, &m, key, key, b, n,
	    b, &n));
	assert_rv(expected, f->C_UnwrapKeyAuthenticated(h, &m, key, b, n,
	    NULL, 0, b, n, &key));
}

static void
sessions_that_are_none_are_seen(void **state)
{
	CK_SESSION_HANDLE session = p11_open_ro();

	(void)state;
	assert_ok(p11->C_CloseSession(session));
	all_answer(session, CKR_SESSION_HANDLE_INVALID);
	all_answer(0, CKR_SESSION_HANDLE_INVALID);
	assert_ok(p11->C_Finalize(NULL));
	all_answer(session, CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_ok(p11->C_Initialize(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(it_is_the_default_and_extends_the_others),
		P11_USER_TEST(signatures_are_verified_when_given_first),
		P11_USER_TEST(the_two_kinds_of_verification_are_apart),
		P11_USER_TEST(a_signature_given_first_and_errors),
		P11_PUBLIC_TEST(nothing_is_asynchronous),
		P11_PUBLIC_TEST(no_authority_has_validated_this),
		P11_PUBLIC_TEST(no_mechanism_wraps_with_authenticated_data),
		P11_TEST(sessions_that_are_none_are_seen),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
