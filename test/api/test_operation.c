/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of an operation: which may begin in which state of a session, what
 * a size query, a short buffer and an error do to it, what may stand beside
 * what, and the dual functions.
 */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_MECHANISM ecdsa = { CKM_ECDSA_SHA256, NULL, 0 };
static CK_MECHANISM rsa = { CKM_RSA_PKCS, NULL, 0 };

static struct p11_pair ec, rsa_keys;
static CK_BYTE text[32];
/* Of text, for the uses that take one back. */
static struct p11_bytes signature, ciphertext;

static CK_BYTE out[600];
static CK_ULONG len;

static int
setup(void **state)
{
	CK_SESSION_HANDLE session;

	(void)p11_setup(state);
	ossl_random(text, sizeof(text));
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	ec = p11_ec_pair(session, NID_X9_62_prime256v1, true, "ec");
	rsa_keys = p11_rsa_pair(session, 2048, true, "rsa");
	p11_sign(session, &rsa, rsa_keys.private, text, sizeof(text),
	    &signature);
	assert_ok(p11->C_EncryptInit(session, &rsa, rsa_keys.public));
	ciphertext.len = sizeof(ciphertext.data);
	assert_ok(p11->C_Encrypt(session, text, sizeof(text),
	    ciphertext.data, &ciphertext.len));
	return p11_close(state);
}

/* The uses that give output. */
enum kind { DIGEST, ENCRYPT, DECRYPT, SIGN, SIGN_RECOVER, VERIFY_RECOVER };

static CK_RV
init(enum kind kind, CK_SESSION_HANDLE session, bool cancel)
{
	switch (kind) {
	case DIGEST:
		return p11->C_DigestInit(session, cancel ? NULL : &sha256);
	case ENCRYPT:
		return p11->C_EncryptInit(session, cancel ? NULL : &rsa,
		    rsa_keys.public);
	case DECRYPT:
		return p11->C_DecryptInit(session, cancel ? NULL : &rsa,
		    rsa_keys.private);
	case SIGN:
		return p11->C_SignInit(session, cancel ? NULL : &ecdsa,
		    ec.private);
	case SIGN_RECOVER:
		return p11->C_SignRecoverInit(session, cancel ? NULL : &rsa,
		    rsa_keys.private);
	default:
		return p11->C_VerifyRecoverInit(session, cancel ? NULL : &rsa,
		    rsa_keys.public);
	}
}

static CK_RV
single(enum kind kind, CK_SESSION_HANDLE session, CK_BYTE *to,
    CK_ULONG *to_len)
{
	switch (kind) {
	case DIGEST:
		return p11->C_Digest(session, text, sizeof(text), to, to_len);
	case ENCRYPT:
		return p11->C_Encrypt(session, text, sizeof(text), to,
		    to_len);
	case DECRYPT:
		return p11->C_Decrypt(session, ciphertext.data,
		    ciphertext.len, to, to_len);
	case SIGN:
		return p11->C_Sign(session, text, sizeof(text), to, to_len);
	case SIGN_RECOVER:
		return p11->C_SignRecover(session, text, sizeof(text), to,
		    to_len);
	default:
		return p11->C_VerifyRecover(session, signature.data,
		    signature.len, to, to_len);
	}
}

/* With a NULL for input: an error that cannot be the buffer's. */
static CK_RV
single_wrong(enum kind kind, CK_SESSION_HANDLE session)
{
	len = sizeof(out);
	switch (kind) {
	case DIGEST:
		return p11->C_Digest(session, NULL, 5, out, &len);
	case ENCRYPT:
		return p11->C_Encrypt(session, NULL, 5, out, &len);
	case DECRYPT:
		return p11->C_Decrypt(session, NULL, 5, out, &len);
	case SIGN:
		return p11->C_Sign(session, NULL, 5, out, &len);
	case SIGN_RECOVER:
		return p11->C_SignRecover(session, NULL, 5, out, &len);
	default:
		return p11->C_VerifyRecover(session, NULL, 5, out, &len);
	}
}

static const struct {
	enum kind kind;
	const char *name;
	CK_ULONG len;		/* of the output */
	CK_FLAGS flag;		/* of C_SessionCancel */
} uses[] = {
	{ DIGEST, "digest", 32, CKF_DIGEST },
	{ ENCRYPT, "encrypt", 256, CKF_ENCRYPT },
	{ DECRYPT, "decrypt", sizeof(text), CKF_DECRYPT },
	{ SIGN, "sign", 64, CKF_SIGN },
	{ SIGN_RECOVER, "sign-recover", 256, CKF_SIGN_RECOVER },
	{ VERIFY_RECOVER, "verify-recover", sizeof(text),
	    CKF_VERIFY_RECOVER },
};

static void
size_queries_and_short_buffers_keep_it(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i;

	for (i = 0; i < P11_COUNT(uses); i++) {
		enum kind kind = uses[i].kind;

		print_message("%s\n", uses[i].name);
		assert_ok(init(kind, session, false));
		assert_ok(single(kind, session, NULL, &len));
		assert_in_range(len, uses[i].len, 256);
		assert_ok(single(kind, session, NULL, &len));
		len = uses[i].len - 1;
		memset(out, 0x5a, sizeof(out));
		assert_rv(CKR_BUFFER_TOO_SMALL,
		    single(kind, session, out, &len));
		assert_int_equal(len, uses[i].len);
		assert_int_equal(out[uses[i].len - 1], 0x5a);
		assert_rv(CKR_OPERATION_ACTIVE, init(kind, session, false));
		assert_ok(single(kind, session, out, &len));
		assert_int_equal(len, uses[i].len);
		assert_int_equal(out[len], 0x5a);
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    single(kind, session, out, &len));
	}
}

static void
other_errors_end_it(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i;

	for (i = 0; i < P11_COUNT(uses); i++) {
		enum kind kind = uses[i].kind;

		print_message("%s\n", uses[i].name);
		assert_ok(init(kind, session, false));
		assert_rv(CKR_ARGUMENTS_BAD, single_wrong(kind, session));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    single(kind, session, out, &len));
		assert_ok(init(kind, session, false));
		assert_rv(CKR_ARGUMENTS_BAD,
		    single(kind, session, out, NULL));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    single(kind, session, out, &len));
	}
}

static void
it_is_cancelled_in_two_ways(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i, j;

	for (i = 0; i < P11_COUNT(uses); i++) {
		enum kind kind = uses[i].kind;

		print_message("%s\n", uses[i].name);
		assert_ok(init(kind, session, false));
		assert_ok(init(kind, session, true));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    single(kind, session, out, &len));
		assert_ok(init(kind, session, false));
		/* other flags leave it alone */
		for (j = 0; j < P11_COUNT(uses); j++)
			if (j != i)
				assert_ok(p11_3->C_SessionCancel(session,
				    uses[j].flag));
		assert_ok(single(kind, session, NULL, &len));
		assert_ok(p11_3->C_SessionCancel(session, uses[i].flag));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    single(kind, session, out, &len));
	}
}

/* In each state of a session: what begins, with keys of the token. */
static const struct {
	const char *name;
	CK_FLAGS flags;
	CK_USER_TYPE user;	/* or CK_UNAVAILABLE_INFORMATION */
	bool private;		/* private keys are there */
} states[] = {
	{ "R/O public", 0, CK_UNAVAILABLE_INFORMATION, false },
	{ "R/W public", CKF_RW_SESSION, CK_UNAVAILABLE_INFORMATION, false },
	{ "R/O user", 0, CKU_USER, true },
	{ "R/W user", CKF_RW_SESSION, CKU_USER, true },
	{ "R/W SO", CKF_RW_SESSION, CKU_SO, false },
};

static bool
is_private(enum kind kind)
{
	return kind == DECRYPT || kind == SIGN || kind == SIGN_RECOVER;
}

static CK_RV
verify_in(CK_SESSION_HANDLE session)
{
	assert_ok(p11->C_VerifyInit(session, &rsa, rsa_keys.public));
	return p11->C_Verify(session, text, sizeof(text), signature.data,
	    signature.len);
}

static CK_OBJECT_HANDLE
find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, CK_KEY_TYPE type)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, class), P11_NUM(CKA_KEY_TYPE, type)
	};
	CK_OBJECT_HANDLE found = CK_INVALID_HANDLE;

	(void)p11_find(session, template, 2, &found, 1);
	return found;
}

/* Handles of private objects die at logout. */
static void
find_keys(CK_SESSION_HANDLE session)
{
	ec.public = find(session, CKO_PUBLIC_KEY, CKK_EC);
	ec.private = find(session, CKO_PRIVATE_KEY, CKK_EC);
	rsa_keys.public = find(session, CKO_PUBLIC_KEY, CKK_RSA);
	rsa_keys.private = find(session, CKO_PRIVATE_KEY, CKK_RSA);
}

static int
user(void **state)
{
	(void)p11_user(state);
	find_keys(p11_session(state));
	return 0;
}

static void
states_by_operations(void **state)
{
	CK_SESSION_HANDLE session;
	unsigned tried = 0;
	size_t i, j;

	(void)state;
	for (i = 0; i < P11_COUNT(states); i++) {
		session = p11_open(p11_slot, states[i].flags);
		if (states[i].user != CK_UNAVAILABLE_INFORMATION)
			p11_login(session, states[i].user);
		find_keys(session);
		for (j = 0; j < P11_COUNT(uses); j++, tried++) {
			print_message("%s, %s\n", states[i].name,
			    uses[j].name);
			if (is_private(uses[j].kind) && !states[i].private) {
				assert_rv(CKR_KEY_HANDLE_INVALID,
				    init(uses[j].kind, session, false));
				continue;
			}
			assert_ok(init(uses[j].kind, session, false));
			len = sizeof(out);
			assert_ok(single(uses[j].kind, session, out, &len));
		}
		assert_ok(verify_in(session));
		tried++;
		assert_ok(p11->C_CloseSession(session));
	}
	print_message("%u operations in states tried\n", tried);
}

/* Which beginnings go together (5.17), seen from either side. */
static void
what_stands_beside_what(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i, j;

	for (i = 0; i < P11_COUNT(uses); i++)
		for (j = 0; j < P11_COUNT(uses); j++) {
			enum kind one = uses[i].kind, other = uses[j].kind;
			/* a digest with anything but another one */
			bool legal = (one == DIGEST) != (other == DIGEST) ||
			    (one == SIGN && other == ENCRYPT) ||
			    (one == ENCRYPT && other == SIGN);

			assert_ok(init(uses[i].kind, session, false));
			assert_rv(legal ? CKR_OK : CKR_OPERATION_ACTIVE,
			    init(uses[j].kind, session, false));
			assert_ok(p11_3->C_SessionCancel(session,
			    uses[i].flag | uses[j].flag));
		}
	/* a search goes with anything */
	assert_ok(init(SIGN, session, false));
	assert_ok(p11->C_FindObjectsInit(session, NULL, 0));
	len = sizeof(out);
	assert_ok(single(SIGN, session, out, &len));
	assert_ok(p11->C_FindObjectsFinal(session));
}

static void
one_part_after_an_update_ends_it(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	len = sizeof(out);
	assert_ok(init(DIGEST, session, false));
	assert_ok(p11->C_DigestUpdate(session, text, 5));
	assert_rv(CKR_OPERATION_ACTIVE, single(DIGEST, session, out, &len));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestFinal(session, out, &len));
	assert_ok(init(SIGN, session, false));
	assert_ok(p11->C_SignUpdate(session, NULL, 0));
	assert_rv(CKR_OPERATION_ACTIVE, single(SIGN, session, out, &len));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_SignFinal(session, out, &len));
	assert_ok(p11->C_VerifyInit(session, &rsa, rsa_keys.public));
	assert_ok(p11->C_VerifyUpdate(session, text, 5));
	assert_rv(CKR_OPERATION_ACTIVE, p11->C_Verify(session, text,
	    sizeof(text), signature.data, signature.len));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_VerifyFinal(session,
	    signature.data, signature.len));
	/* a query for the size of an update is no update */
	assert_ok(init(ENCRYPT, session, false));
	assert_ok(p11->C_EncryptUpdate(session, text, 5, NULL, &len));
	len = sizeof(out);
	assert_ok(single(ENCRYPT, session, out, &len));
}

static void
errors_of_an_update_end_it(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_ok(init(DIGEST, session, false));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_DigestUpdate(session, NULL, 1));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestUpdate(session, text, 1));
	assert_ok(init(ENCRYPT, session, false));
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_EncryptUpdate(session, text, 1, out, NULL));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_EncryptUpdate(session, text, 1, out, &len));
	assert_ok(init(DIGEST, session, false));
	assert_rv(CKR_KEY_HANDLE_INVALID,
	    p11->C_DigestKey(session, 0x7ffffff));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestUpdate(session, text, 1));
	assert_ok(init(DIGEST, session, false));
	assert_rv(CKR_KEY_INDIGESTIBLE,
	    p11->C_DigestKey(session, ec.private));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestUpdate(session, text, 1));
}

/* "if C_VerifyRecover is supplied with an invalid signature, it will never
 * return CKR_BUFFER_TOO_SMALL" (5.15.7) */
static void
a_wrong_signature_comes_before_a_short_buffer(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM raw = { CKM_RSA_X_509, NULL, 0 };
	CK_MECHANISM *both[] = { &rsa, &raw };
	size_t i;

	for (i = 0; i < P11_COUNT(both); i++) {
		assert_ok(p11->C_VerifyRecoverInit(session, both[i],
		    rsa_keys.public));
		len = 1;
		assert_rv(CKR_SIGNATURE_LEN_RANGE, p11->C_VerifyRecover(
		    session, signature.data, 255, out, &len));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED,
		    p11->C_VerifyRecover(session, signature.data, 256, out,
		    &len));
	}
	assert_ok(p11->C_VerifyRecoverInit(session, &raw, rsa_keys.public));
	len = 1;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11->C_VerifyRecover(session,
	    signature.data, 256, out, &len));
	assert_int_equal(len, 256);
	assert_ok(p11->C_VerifyRecover(session, signature.data, 256, out,
	    &len));
	assert_memory_equal(out + 256 - sizeof(text), text, sizeof(text));
}

static void
a_dual_part_goes_to_both(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_bytes expected = ossl_digest("SHA256", text, sizeof(text));
	CK_BYTE data[sizeof(text)];

	assert_ok(init(DIGEST, session, false));
	assert_ok(init(ENCRYPT, session, false));
	assert_ok(p11->C_DigestEncryptUpdate(session, text, sizeof(text),
	    NULL, &len));
	/* in place: the digest is the plaintext's */
	memcpy(data, text, sizeof(text));
	len = sizeof(data);
	assert_ok(p11->C_DigestEncryptUpdate(session, data, sizeof(data),
	    data, &len));
	assert_int_equal(len, 0);
	len = 31;
	assert_rv(CKR_BUFFER_TOO_SMALL,
	    p11->C_DigestFinal(session, out, &len));
	assert_ok(p11->C_DigestFinal(session, out, &len));
	assert_int_equal(len, expected.len);
	assert_memory_equal(out, expected.data, len);
	len = sizeof(out);
	assert_ok(p11->C_EncryptFinal(session, out, &len));
	assert_ok(p11->C_DecryptInit(session, &rsa, rsa_keys.private));
	assert_ok(init(DIGEST, session, false));
	assert_ok(p11->C_DecryptDigestUpdate(session, out, len, data,
	    &(CK_ULONG){ sizeof(data) }));
	len = sizeof(data);
	assert_ok(p11->C_DecryptFinal(session, data, &len));
	assert_int_equal(len, sizeof(text));
	assert_memory_equal(data, text, len);
}

static void
dual_errors_end_both(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE big[300] = { 0 };

	/* one of the two is missing: the other stays */
	assert_ok(init(DIGEST, session, false));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_DigestEncryptUpdate(
	    session, text, 5, out, &len));
	assert_ok(p11->C_DigestUpdate(session, text, 1));
	assert_ok(init(ENCRYPT, session, false));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_SignEncryptUpdate(
	    session, text, 5, out, &len));
	len = sizeof(out);
	assert_rv(CKR_DATA_LEN_RANGE, p11->C_DigestEncryptUpdate(session,
	    big, sizeof(big), out, &len));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestUpdate(session, text, 1));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_EncryptUpdate(session, text, 1, out, &len));
}

static void
a_logout_ends_what_uses_private_keys(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_ok(init(SIGN, session, false));
	assert_ok(p11->C_Logout(session));
	len = sizeof(out);
	assert_rv(CKR_USER_NOT_LOGGED_IN, single(SIGN, session, out, &len));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    single(SIGN, session, out, &len));
	assert_ok(init(ENCRYPT, session, false));
	p11_login(session, CKU_USER);
	assert_ok(p11->C_Logout(session));
	assert_ok(single(ENCRYPT, session, out, &len));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, user, p11_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(size_queries_and_short_buffers_keep_it),
		TEST(other_errors_end_it),
		TEST(it_is_cancelled_in_two_ways),
		P11_TEST(states_by_operations),
		TEST(what_stands_beside_what),
		TEST(one_part_after_an_update_ends_it),
		TEST(errors_of_an_update_end_it),
		TEST(a_wrong_signature_comes_before_a_short_buffer),
		TEST(a_dual_part_goes_to_both),
		TEST(dual_errors_end_both),
		TEST(a_logout_ends_what_uses_private_keys),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
