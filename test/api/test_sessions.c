/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions: opening, closing, what lives and dies with them, their rights. */
#include <stdio.h>
#include <string.h>

#include "p11_calls.h"
#include "p11_object.h"

static void
opens_only_what_there_is(void **state)
{
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;

	(void)state;
	assert_rv(CKR_SESSION_PARALLEL_NOT_SUPPORTED,
	    p11->C_OpenSession(p11_slot, 0, NULL, NULL, &session));
	assert_rv(CKR_SESSION_PARALLEL_NOT_SUPPORTED,
	    p11->C_OpenSession(p11_slot, CKF_RW_SESSION, NULL, NULL,
	    &session));
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_OpenSession(p11_slot,
	    CKF_SERIAL_SESSION, NULL, NULL, NULL));
	assert_rv(CKR_SLOT_ID_INVALID, p11->C_OpenSession(0x7fffffff,
	    CKF_SERIAL_SESSION, NULL, NULL, &session));
	assert_int_equal(session, CK_INVALID_HANDLE);
}

static CK_RV
notified(CK_SESSION_HANDLE session, CK_NOTIFICATION event, void *application)
{
	(void)session;
	(void)event;
	(void)application;
	return CKR_OK;
}

static void
info_says_slot_state_and_flags(void **state)
{
	CK_SESSION_HANDLE session;
	CK_SESSION_INFO info;

	(void)state;
	assert_ok(p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION |
	    CKF_RW_SESSION, &info, notified, &session));
	memset(&info, 0x5a, sizeof(info));
	assert_ok(p11->C_GetSessionInfo(session, &info));
	assert_int_equal(info.slotID, p11_slot);
	assert_int_equal(info.state, CKS_RW_PUBLIC_SESSION);
	assert_int_equal(info.flags, CKF_SERIAL_SESSION | CKF_RW_SESSION);
	assert_int_equal(info.ulDeviceError, 0);
	session = p11_open_ro();
	assert_ok(p11->C_GetSessionInfo(session, &info));
	assert_int_equal(info.state, CKS_RO_PUBLIC_SESSION);
	assert_int_equal(info.flags, CKF_SERIAL_SESSION);
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_GetSessionInfo(session, NULL));
}

static void
handles_are_not_reused(void **state)
{
	CK_SESSION_HANDLE seen[100];
	size_t i, j;

	(void)state;
	for (i = 0; i < P11_COUNT(seen); i++) {
		seen[i] = p11_open(p11_slot, i % 2 == 0 ? 0 : CKF_RW_SESSION);
		for (j = 0; j < i; j++)
			assert_int_not_equal(seen[i], seen[j]);
		if (i % 3 != 0)
			assert_ok(p11->C_CloseSession(seen[i]));
	}
}

static void
five_hundred_sessions_at_once(void **state)
{
	CK_SESSION_HANDLE sessions[500];
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(sessions); i++)
		sessions[i] = p11_open_rw();
	for (i = 0; i < P11_COUNT(sessions); i++)
		assert_int_equal(p11_state(sessions[i]),
		    CKS_RW_PUBLIC_SESSION);
	for (i = 0; i < P11_COUNT(sessions); i++)
		assert_ok(p11->C_CloseSession(sessions[i]));
}

static void
a_closed_session_is_dead_for_all_functions(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_ok(p11->C_CloseSession(session));
	assert_rv(CKR_SESSION_HANDLE_INVALID, p11->C_CloseSession(session));
	assert_int_equal(p11_call_all(P11_TAKES_SESSION, session,
	    CKR_SESSION_HANDLE_INVALID), 0);
}

static void
close_all_sessions_closes_those_of_one_slot(void **state)
{
	CK_SLOT_ID slot = p11_make_token("other");
	CK_SESSION_HANDLE here = p11_open_ro(), here_too = p11_open_rw();
	CK_SESSION_HANDLE there = p11_open(slot, 0);
	CK_SESSION_INFO info;

	(void)state;
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	assert_rv(CKR_SESSION_HANDLE_INVALID,
	    p11->C_GetSessionInfo(here, &info));
	assert_rv(CKR_SESSION_HANDLE_INVALID,
	    p11->C_GetSessionInfo(here_too, &info));
	assert_ok(p11->C_GetSessionInfo(there, &info));
	assert_ok(p11->C_CloseSession(there));
}

static void
session_objects_go_with_their_session(void **state)
{
	CK_SESSION_HANDLE owner = p11_open_ro(), other = p11_open_ro();
	CK_OBJECT_HANDLE object, stays;

	(void)state;
	object = p11_create_data(owner, "passing", false, false);
	stays = p11_create_data(other, "staying", false, false);
	/* all sessions of the program see it, with the same handle */
	p11_assert_attr(other, object, CKA_LABEL, "passing", 7);
	assert_int_equal(p11_count_label(other, "passing"), 1);
	assert_ok(p11->C_CloseSession(owner));
	assert_int_equal(p11_count_label(other, "passing"), 0);
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(other, object, CKA_LABEL));
	p11_assert_attr(other, stays, CKA_LABEL, "staying", 7);
}

static void
token_objects_outlive_their_session(void **state)
{
	CK_SESSION_HANDLE owner = p11_open_rw(), other = p11_open_rw();
	CK_OBJECT_HANDLE object;

	(void)state;
	object = p11_create_data(owner, "durable", true, false);
	assert_ok(p11->C_CloseSession(owner));
	p11_assert_attr(other, object, CKA_LABEL, "durable", 7);
	p11_destroy(other, object);
}

static void
no_function_runs_in_parallel(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_rv(CKR_FUNCTION_NOT_PARALLEL,
	    p11->C_GetFunctionStatus(session));
	assert_rv(CKR_FUNCTION_NOT_PARALLEL, p11->C_CancelFunction(session));
}

static void
session_cancel_ends_what_it_names(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
	CK_OBJECT_HANDLE found;
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	assert_non_null(p11_3);
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_FindObjectsInit(session, NULL, 0));
	assert_ok(p11_3->C_SessionCancel(session, CKF_SIGN));
	assert_ok(p11->C_DigestUpdate(session, p11_in("abc"), 3));
	assert_ok(p11_3->C_SessionCancel(session, CKF_DIGEST));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestFinal(session, digest, &n));
	assert_ok(p11->C_FindObjects(session, &found, 1, &n));
	assert_ok(p11_3->C_SessionCancel(session, CKF_FIND_OBJECTS));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_FindObjects(session, &found, 1, &n));
	assert_ok(p11->C_DigestInit(session, &sha256));
}

/*
 * The rights of the five states (PKCS#11 3.1, 5.6.?, "access to objects by
 * different session types"): what comes of creating an object of each kind.
 */
enum kind { SESSION_PUBLIC, TOKEN_PUBLIC, SESSION_PRIVATE, TOKEN_PRIVATE };

static const struct {
	const char *name;
	CK_FLAGS flags;
	CK_USER_TYPE who;	/* or nobody */
	CK_STATE state;
	CK_RV rv[4];
} rights[] = {
	{ "R/O public", 0, CK_UNAVAILABLE_INFORMATION, CKS_RO_PUBLIC_SESSION,
	    { CKR_OK, CKR_SESSION_READ_ONLY, CKR_USER_NOT_LOGGED_IN,
	    CKR_USER_NOT_LOGGED_IN } },
	{ "R/W public", CKF_RW_SESSION, CK_UNAVAILABLE_INFORMATION,
	    CKS_RW_PUBLIC_SESSION,
	    { CKR_OK, CKR_OK, CKR_USER_NOT_LOGGED_IN,
	    CKR_USER_NOT_LOGGED_IN } },
	{ "R/O user", 0, CKU_USER, CKS_RO_USER_FUNCTIONS,
	    { CKR_OK, CKR_SESSION_READ_ONLY, CKR_OK,
	    CKR_SESSION_READ_ONLY } },
	{ "R/W user", CKF_RW_SESSION, CKU_USER, CKS_RW_USER_FUNCTIONS,
	    { CKR_OK, CKR_OK, CKR_OK, CKR_OK } },
	{ "R/W SO", CKF_RW_SESSION, CKU_SO, CKS_RW_SO_FUNCTIONS,
	    { CKR_OK, CKR_OK, CKR_USER_NOT_LOGGED_IN,
	    CKR_USER_NOT_LOGGED_IN } },
};

static CK_RV
try_create(CK_SESSION_HANDLE session, enum kind kind, CK_OBJECT_HANDLE *object)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, kind == TOKEN_PUBLIC ||
		    kind == TOKEN_PRIVATE),
		P11_BOOL(CKA_PRIVATE, kind == SESSION_PRIVATE ||
		    kind == TOKEN_PRIVATE),
		P11_STR(CKA_LABEL, "rights"),
	};

	return p11->C_CreateObject(session, template, P11_COUNT(template),
	    object);
}

static void
creating_needs_the_right_state(void **state)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE object;
	enum kind kind;
	CK_RV rv;
	size_t i;

	for (i = 0; i < P11_COUNT(rights); i++) {
		session = p11_open(p11_slot, rights[i].flags);
		if (rights[i].who != CK_UNAVAILABLE_INFORMATION)
			p11_login(session, rights[i].who);
		assert_int_equal(p11_state(session), rights[i].state);
		for (kind = SESSION_PUBLIC; kind <= TOKEN_PRIVATE; kind++) {
			rv = try_create(session, kind, &object);
			/* two rules broken at once: either may be named */
			if (rv != rights[i].rv[kind] && !(rights[i].flags ==
			    0 && kind == TOKEN_PRIVATE &&
			    rv == CKR_SESSION_READ_ONLY))
				fail_msg("%s, kind %d: %s, expected %s",
				    rights[i].name, (int)kind,
				    p11_rv_name(rv),
				    p11_rv_name(rights[i].rv[kind]));
			if (rv == CKR_OK)
				p11_destroy(session, object);
		}
		(void)p11_close(state);
	}
}

static void
a_read_only_session_changes_no_token_object(void **state)
{
	CK_SESSION_HANDLE rw = p11_session(state), ro = p11_open_ro();
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "changed");
	CK_ATTRIBUTE token = P11_BOOL(CKA_TOKEN, 1);
	CK_OBJECT_HANDLE object, copy;

	object = p11_create_data(rw, "fixed", true, false);
	p11_assert_attr(ro, object, CKA_LABEL, "fixed", 5);
	assert_rv(CKR_SESSION_READ_ONLY,
	    p11->C_SetAttributeValue(ro, object, &label, 1));
	assert_rv(CKR_SESSION_READ_ONLY, p11->C_DestroyObject(ro, object));
	assert_rv(CKR_SESSION_READ_ONLY,
	    p11->C_CopyObject(ro, object, &label, 1, &copy));
	p11_assert_attr(rw, object, CKA_LABEL, "fixed", 5);
	/* a session object may become nothing of the token either */
	copy = p11_create_data(ro, "mine", false, false);
	assert_rv(CKR_SESSION_READ_ONLY,
	    p11->C_CopyObject(ro, copy, &token, 1, &copy));
	assert_ok(p11->C_SetAttributeValue(ro, copy, &label, 1));
	p11_destroy(ro, copy);
	p11_destroy(rw, object);
}

static void
a_read_only_session_makes_session_keys_only(void **state)
{
	CK_SESSION_HANDLE session = p11_open_ro();
	CK_MECHANISM gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_BYTE p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
	CK_ATTRIBUTE public[] = {
		P11_BOOL(CKA_TOKEN, 0),
		P11_BYTES(CKA_EC_PARAMS, p256, sizeof(p256)),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_SIGN, 1),
	};
	CK_OBJECT_HANDLE a, b;

	(void)state;
	p11_login(session, CKU_USER);
	assert_rv(CKR_SESSION_READ_ONLY, p11->C_GenerateKeyPair(session, &gen,
	    public, 2, private, 2, &a, &b));
	assert_int_equal(p11_count(session, NULL, 0), 0);
	private[0] = (CK_ATTRIBUTE)P11_BOOL(CKA_TOKEN, 0);
	assert_ok(p11->C_GenerateKeyPair(session, &gen, public, 2, private, 2,
	    &a, &b));
	assert_int_equal(p11_count(session, NULL, 0), 2);
	assert_ok(p11->C_CloseSession(session));
	session = p11_open_ro();
	p11_login(session, CKU_USER);
	assert_int_equal(p11_count(session, NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(opens_only_what_there_is),
		P11_TEST(info_says_slot_state_and_flags),
		P11_TEST(handles_are_not_reused),
		P11_TEST(five_hundred_sessions_at_once),
		P11_PUBLIC_TEST(a_closed_session_is_dead_for_all_functions),
		P11_TEST(close_all_sessions_closes_those_of_one_slot),
		P11_TEST(session_objects_go_with_their_session),
		P11_TEST(token_objects_outlive_their_session),
		P11_PUBLIC_TEST(no_function_runs_in_parallel),
		P11_PUBLIC_TEST(session_cancel_ends_what_it_names),
		P11_TEST(creating_needs_the_right_state),
		P11_USER_TEST(a_read_only_session_changes_no_token_object),
		P11_TEST(a_read_only_session_makes_session_keys_only),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
