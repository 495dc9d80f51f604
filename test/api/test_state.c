/* SPDX-License-Identifier: BSD-2-Clause */
/* C_GetOperationState and C_SetOperationState: digests, and nothing else. */
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_BYTE text[100];

static int
setup(void **state)
{
	ossl_random(text, sizeof(text));
	return p11_setup(state);
}

struct saved {
	CK_BYTE data[256];
	CK_ULONG len;
};

/* Begin a digest of so much of text in a session, and save it. */
static void
save(CK_SESSION_HANDLE session, CK_ULONG part, struct saved *to)
{
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_DigestUpdate(session, text, part));
	to->len = sizeof(to->data);
	assert_ok(p11->C_GetOperationState(session, to->data, &to->len));
}

static CK_RV
restore(CK_SESSION_HANDLE session, struct saved *from)
{
	return p11->C_SetOperationState(session, from->data, from->len, 0, 0);
}

/* Go on after so much of text, and look at the digest of all of it. */
static void
finish(CK_SESSION_HANDLE session, CK_ULONG part)
{
	struct p11_bytes expected = ossl_digest("SHA256", text, sizeof(text));
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	assert_ok(p11->C_DigestUpdate(session, text + part,
	    sizeof(text) - part));
	assert_ok(p11->C_DigestFinal(session, digest, &n));
	assert_memory_equal(digest, expected.data, n);
}

static void
it_goes_on_as_often_as_wanted(void **state)
{
	CK_SESSION_HANDLE one = p11_session(state), two = p11_open_ro();
	struct saved saved;
	int i;

	save(one, 33, &saved);
	finish(one, 33);
	for (i = 0; i < 3; i++) {
		assert_ok(restore(two, &saved));
		finish(two, 33);
	}
	assert_ok(restore(one, &saved));
	finish(one, 33);
	/* it outlives the session that it is of */
	assert_ok(p11->C_CloseSession(one));
	assert_ok(restore(two, &saved));
	finish(two, 33);
	assert_ok(p11->C_CloseSession(two));
	two = p11_open_ro();
	assert_ok(restore(two, &saved));
	finish(two, 33);
}

static void
sizes_are_told_and_nothing_ends(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct saved saved;
	CK_ULONG n = 0;

	save(session, 10, &saved);
	assert_ok(p11->C_GetOperationState(session, NULL, &n));
	assert_int_equal(n, saved.len);
	n--;
	memset(saved.data, 0x5a, sizeof(saved.data));
	assert_rv(CKR_BUFFER_TOO_SMALL,
	    p11->C_GetOperationState(session, saved.data, &n));
	assert_int_equal(n, saved.len);
	assert_int_equal(saved.data[0], 0x5a);
	assert_rv(CKR_ARGUMENTS_BAD,
	    p11->C_GetOperationState(session, saved.data, NULL));
	finish(session, 10);
}

/* Without an update too, and then in one part. */
static void
a_digest_that_has_nothing_yet(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct saved saved = { .len = sizeof(saved.data) };
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_GetOperationState(session, saved.data, &saved.len));
	assert_ok(p11->C_DigestUpdate(session, text, 1));
	assert_ok(restore(session, &saved));
	assert_ok(p11->C_Digest(session, text, 5, digest, &n));
	/* one that has had an update is not for one part */
	save(session, 5, &saved);
	assert_ok(restore(session, &saved));
	assert_rv(CKR_OPERATION_ACTIVE,
	    p11->C_Digest(session, text, 5, digest, &n));
}

static void
what_is_no_state_of_ours(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct saved saved, bad;
	CK_ULONG i;

	save(session, 10, &saved);
	for (i = 0; i < saved.len; i++) {
		bad = saved;
		bad.data[i] ^= 1;
		assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &bad));
	}
	bad = saved;
	bad.len--;
	assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &bad));
	bad.len = saved.len + 1;
	assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &bad));
	bad.len = 0;
	assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &bad));
	memset(&bad, 0, sizeof(bad));
	bad.len = saved.len;
	assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &bad));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_SetOperationState(session, NULL,
	    saved.len, 0, 0));
	assert_rv(CKR_KEY_NOT_NEEDED, p11->C_SetOperationState(session,
	    saved.data, saved.len, 1, 0));
	assert_rv(CKR_KEY_NOT_NEEDED, p11->C_SetOperationState(session,
	    saved.data, saved.len, 0, 1));
	/* none of it touched the session */
	finish(session, 10);
}

static void
another_token_or_login_has_no_use_for_it(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_SLOT_ID slot = p11_make_token("other");
	CK_SESSION_HANDLE other = p11_open(slot, 0);
	struct saved saved;

	save(session, 10, &saved);
	assert_rv(CKR_SAVED_STATE_INVALID, restore(other, &saved));
	assert_ok(p11->C_CloseSession(other));
	p11_login(session, CKU_USER);
	assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &saved));
	assert_ok(p11->C_Logout(session));
	assert_ok(restore(session, &saved));
	finish(session, 10);
}

static void
the_oldest_goes_when_there_are_many(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct saved first, last;
	int i;

	save(session, 10, &first);
	last.len = sizeof(last.data);
	for (i = 0; i < 1000; i++)
		assert_ok(p11->C_GetOperationState(session, last.data,
		    &last.len));
	assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &first));
	assert_ok(restore(session, &last));
	finish(session, 10);
}

static void
other_operations_are_not_saved(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair ec = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "ec");
	struct p11_pair rsa = p11_rsa_pair(session, 2048, false, "rsa");
	CK_MECHANISM ecdsa = { CKM_ECDSA_SHA256, NULL, 0 };
	CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
	CK_ULONG n = 0;

	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_GetOperationState(session, NULL, &n));
	assert_ok(p11->C_FindObjectsInit(session, NULL, 0));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_GetOperationState(session, NULL, &n));
	assert_ok(p11->C_SignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_STATE_UNSAVEABLE,
	    p11->C_GetOperationState(session, NULL, &n));
	assert_ok(p11->C_SignInit(session, NULL, 0));
	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_rv(CKR_STATE_UNSAVEABLE,
	    p11->C_GetOperationState(session, NULL, &n));
	assert_ok(p11_3->C_MessageSignFinal(session));
	assert_ok(p11->C_EncryptInit(session, &pkcs, rsa.public));
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_rv(CKR_STATE_UNSAVEABLE,
	    p11->C_GetOperationState(session, NULL, &n));
	assert_ok(p11->C_EncryptInit(session, NULL, 0));
	assert_ok(p11->C_GetOperationState(session, NULL, &n));
}

/* What ran is replaced; a search goes on. */
static void
the_session_does_what_was_saved_and_no_more(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	struct p11_pair ec = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "ec");
	CK_MECHANISM ecdsa = { CKM_ECDSA_SHA256, NULL, 0 };
	struct saved saved;

	save(session, 10, &saved);
	assert_ok(p11->C_DigestInit(session, NULL));
	assert_ok(p11->C_SignInit(session, &ecdsa, ec.private));
	assert_ok(p11->C_FindObjectsInit(session, NULL, 0));
	assert_ok(restore(session, &saved));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_SignUpdate(session, text, 1));
	assert_ok(p11->C_FindObjectsFinal(session));
	finish(session, 10);
	assert_ok(p11_3->C_MessageSignInit(session, &ecdsa, ec.private));
	assert_ok(restore(session, &saved));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11_3->C_MessageSignFinal(session));
	finish(session, 10);
}

static void
nothing_outlives_finalize(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	struct saved saved;

	(void)state;
	save(session, 10, &saved);
	assert_ok(p11->C_Finalize(NULL));
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open_rw();
	assert_rv(CKR_SAVED_STATE_INVALID, restore(session, &saved));
	save(session, 10, &saved);
	assert_ok(restore(session, &saved));
	finish(session, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_PUBLIC_TEST(it_goes_on_as_often_as_wanted),
		P11_PUBLIC_TEST(sizes_are_told_and_nothing_ends),
		P11_PUBLIC_TEST(a_digest_that_has_nothing_yet),
		P11_PUBLIC_TEST(what_is_no_state_of_ours),
		P11_PUBLIC_TEST(another_token_or_login_has_no_use_for_it),
		P11_PUBLIC_TEST(the_oldest_goes_when_there_are_many),
		P11_USER_TEST(other_operations_are_not_saved),
		P11_USER_TEST(the_session_does_what_was_saved_and_no_more),
		P11_TEST(nothing_outlives_finalize),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
