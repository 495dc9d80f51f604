/* SPDX-License-Identifier: BSD-2-Clause */
/* Login, logout and PINs, in all states. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static CK_RV
try_set_pin(CK_SESSION_HANDLE session, const char *from, const char *to)
{
	return p11->C_SetPIN(session, p11_in(from), strlen(from), p11_in(to),
	    strlen(to));
}

static CK_RV
try_init_pin(CK_SESSION_HANDLE session, const char *pin)
{
	return p11->C_InitPIN(session, p11_in(pin), strlen(pin));
}

/* Whether the PIN is right, as told while nobody is logged in. */
static bool
opens(CK_USER_TYPE who, const char *pin)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_RV rv = p11_try_login(session, who, pin);

	assert_rv_in(rv, CKR_OK, CKR_PIN_INCORRECT);
	if (rv == CKR_OK)
		assert_ok(p11->C_Logout(session));
	assert_ok(p11->C_CloseSession(session));
	return rv == CKR_OK;
}

static void
login_is_for_all_sessions_old_and_new(void **state)
{
	CK_SESSION_HANDLE ro = p11_open_ro(), rw = p11_open_rw(), later;

	(void)state;
	p11_login(ro, CKU_USER);
	assert_int_equal(p11_state(ro), CKS_RO_USER_FUNCTIONS);
	assert_int_equal(p11_state(rw), CKS_RW_USER_FUNCTIONS);
	later = p11_open_rw();
	assert_int_equal(p11_state(later), CKS_RW_USER_FUNCTIONS);
	assert_ok(p11->C_Logout(later));
	assert_int_equal(p11_state(ro), CKS_RO_PUBLIC_SESSION);
	assert_int_equal(p11_state(rw), CKS_RW_PUBLIC_SESSION);
	assert_rv(CKR_USER_NOT_LOGGED_IN, p11->C_Logout(ro));
}

static void
the_so_has_read_write_sessions_only(void **state)
{
	CK_SESSION_HANDLE ro = p11_open_ro(), rw = p11_open_rw(), other;

	(void)state;
	assert_rv(CKR_SESSION_READ_ONLY_EXISTS,
	    p11_try_login(rw, CKU_SO, P11_SO_PIN));
	assert_rv_in(p11_try_login(ro, CKU_SO, P11_SO_PIN),
	    CKR_SESSION_READ_ONLY_EXISTS, CKR_SESSION_READ_ONLY);
	assert_int_equal(p11_state(rw), CKS_RW_PUBLIC_SESSION);
	assert_ok(p11->C_CloseSession(ro));
	p11_login(rw, CKU_SO);
	assert_int_equal(p11_state(rw), CKS_RW_SO_FUNCTIONS);
	assert_rv(CKR_SESSION_READ_WRITE_SO_EXISTS, p11->C_OpenSession(
	    p11_slot, CKF_SERIAL_SESSION, NULL, NULL, &other));
	other = p11_open_rw();
	assert_int_equal(p11_state(other), CKS_RW_SO_FUNCTIONS);
	assert_ok(p11->C_Logout(other));
	assert_int_equal(p11_state(rw), CKS_RW_PUBLIC_SESSION);
	(void)p11_open_ro();
}

static void
one_login_at_a_time(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	p11_login(session, CKU_USER);
	assert_rv(CKR_USER_ALREADY_LOGGED_IN,
	    p11_try_login(session, CKU_USER, P11_USER_PIN));
	/* with a wrong PIN too: it is not looked at */
	assert_rv(CKR_USER_ALREADY_LOGGED_IN,
	    p11_try_login(session, CKU_USER, "wrong pin"));
	assert_rv(CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
	    p11_try_login(session, CKU_SO, P11_SO_PIN));
	assert_int_equal(p11_state(session), CKS_RW_USER_FUNCTIONS);
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_SO);
	assert_rv(CKR_USER_ALREADY_LOGGED_IN,
	    p11_try_login(session, CKU_SO, P11_SO_PIN));
	assert_rv(CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
	    p11_try_login(session, CKU_USER, P11_USER_PIN));
	assert_int_equal(p11_state(session), CKS_RW_SO_FUNCTIONS);
}

static void
unknown_users_are_refused(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_rv(CKR_USER_TYPE_INVALID,
	    p11_try_login(session, 3, P11_USER_PIN));
	assert_rv(CKR_USER_TYPE_INVALID,
	    p11_try_login(session, CK_UNAVAILABLE_INFORMATION, P11_USER_PIN));
	/* context-specific: there is no operation that waits for it */
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11_try_login(session, CKU_CONTEXT_SPECIFIC, P11_USER_PIN));
	assert_int_equal(p11_state(session), CKS_RW_PUBLIC_SESSION);
	assert_non_null(p11_3);
	assert_rv_in(p11_3->C_LoginUser(session, CKU_USER,
	    p11_in(P11_USER_PIN), strlen(P11_USER_PIN), p11_in("eve"), 3),
	    CKR_PIN_INCORRECT, CKR_USER_TYPE_INVALID, CKR_ARGUMENTS_BAD);
	assert_int_equal(p11_state(session), CKS_RW_PUBLIC_SESSION);
	assert_ok(p11_3->C_LoginUser(session, CKU_USER, p11_in(P11_USER_PIN),
	    strlen(P11_USER_PIN), NULL, 0));
	assert_int_equal(p11_state(session), CKS_RW_USER_FUNCTIONS);
}

static void
closing_the_last_session_logs_out(void **state)
{
	CK_SESSION_HANDLE first = p11_open_rw(), second = p11_open_ro();

	(void)state;
	p11_login(first, CKU_USER);
	assert_ok(p11->C_CloseSession(first));
	assert_int_equal(p11_state(second), CKS_RO_USER_FUNCTIONS);
	assert_ok(p11->C_CloseSession(second));
	second = p11_open_ro();
	assert_int_equal(p11_state(second), CKS_RO_PUBLIC_SESSION);
	p11_login(second, CKU_USER);
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	assert_int_equal(p11_state(p11_open_rw()), CKS_RW_PUBLIC_SESSION);
}

static void
wrong_pins_do_not_open(void **state)
{
	/* a prefix, one byte more, other case, other role's */
	static const char *const wrong[] = { "user-pin-", "user-pin-1x",
		"USER-PIN-1", P11_SO_PIN };
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i;

	for (i = 0; i < P11_COUNT(wrong); i++) {
		assert_rv(CKR_PIN_INCORRECT,
		    p11_try_login(session, CKU_USER, wrong[i]));
		assert_int_equal(p11_state(session), CKS_RW_PUBLIC_SESSION);
		/* the right one still does, and clears any count of tries */
		p11_login(session, CKU_USER);
		assert_ok(p11->C_Logout(session));
	}
	assert_rv(CKR_PIN_INCORRECT,
	    p11_try_login(session, CKU_SO, P11_USER_PIN));
	p11_login(session, CKU_SO);
}

static void
pins_of_impossible_lengths_do_not_open(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE with_nul[] = P11_USER_PIN, long_pin[5000];

	memset(long_pin, 'x', sizeof(long_pin));
	/* the NUL belongs to the PIN */
	assert_rv(CKR_PIN_INCORRECT, p11->C_Login(session, CKU_USER, with_nul,
	    sizeof(with_nul)));
	assert_rv_in(p11->C_Login(session, CKU_USER, long_pin,
	    sizeof(long_pin)), CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE);
	p11_login(session, CKU_USER);
	assert_ok(p11->C_Logout(session));
	assert_rv_in(p11->C_Login(session, CKU_USER, with_nul, 0),
	    CKR_PIN_INCORRECT, CKR_PIN_LEN_RANGE);
	/* there is no other way to give it */
	assert_rv_in(p11->C_Login(session, CKU_USER, NULL, 0),
	    CKR_ARGUMENTS_BAD, CKR_PIN_INCORRECT);
	assert_rv(CKR_ARGUMENTS_BAD, p11->C_Login(session, CKU_USER, NULL, 8));
	p11_login(session, CKU_USER);
}

static void
init_pin_is_for_the_so(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state), ro;

	assert_rv(CKR_USER_NOT_LOGGED_IN, try_init_pin(session, "pin by eve"));
	ro = p11_open_ro();
	assert_rv_in(try_init_pin(ro, "pin by eve"), CKR_USER_NOT_LOGGED_IN,
	    CKR_SESSION_READ_ONLY);
	p11_login(session, CKU_USER);
	assert_rv(CKR_USER_NOT_LOGGED_IN, try_init_pin(session, "pin by eve"));
	assert_rv_in(try_init_pin(ro, "pin by eve"), CKR_USER_NOT_LOGGED_IN,
	    CKR_SESSION_READ_ONLY);
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	assert_true(opens(CKU_USER, P11_USER_PIN));
}

static void
init_pin_replaces_the_pin_and_keeps_the_objects(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE object;
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	struct p11_bytes signature;
	CK_ATTRIBUTE class = P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY);

	p11_login(session, CKU_USER);
	(void)p11_create_data(session, "mine", true, true);
	(void)p11_ec_pair(session, NID_X9_62_prime256v1, true, "mine too");
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_SO);
	assert_ok(try_init_pin(session, "unblocked"));
	assert_ok(p11->C_CloseSession(session));
	assert_false(opens(CKU_USER, P11_USER_PIN));
	session = p11_open_rw();
	assert_ok(p11_try_login(session, CKU_USER, "unblocked"));
	assert_int_equal(p11_count_label(session, "mine"), 1);
	object = p11_find_one(session, &class, 1);
	p11_sign(session, &ecdsa, object, "digest", 6, &signature);
	assert_ok(try_set_pin(session, "unblocked", P11_USER_PIN));
	assert_ok(p11->C_CloseSession(session));
	assert_true(opens(CKU_USER, P11_USER_PIN));
}

static void
zeros(char *pin, CK_ULONG len)
{
	memset(pin, '0', len);
	pin[len] = '\0';
}

/* What the token says of lengths is kept, for both roles. */
static void
new_pins_have_to_be_long_enough(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_TOKEN_INFO info;
	char fits[300], shorter[300], longer[300];

	assert_ok(p11->C_GetTokenInfo(p11_slot, &info));
	assert_in_range(info.ulMinPinLen, 1, 64);
	assert_in_range(info.ulMaxPinLen, 32, 255);
	zeros(shorter, info.ulMinPinLen - 1);
	zeros(longer, info.ulMaxPinLen + 1);
	zeros(fits, info.ulMaxPinLen);
	assert_rv(CKR_PIN_LEN_RANGE,
	    try_set_pin(session, P11_USER_PIN, shorter));
	assert_rv(CKR_PIN_LEN_RANGE,
	    try_set_pin(session, P11_USER_PIN, longer));
	p11_login(session, CKU_SO);
	assert_rv(CKR_PIN_LEN_RANGE, try_init_pin(session, shorter));
	assert_rv(CKR_PIN_LEN_RANGE, try_init_pin(session, longer));
	assert_rv(CKR_PIN_LEN_RANGE,
	    try_set_pin(session, P11_SO_PIN, shorter));
	assert_ok(p11->C_Logout(session));
	assert_true(opens(CKU_USER, P11_USER_PIN));
	assert_true(opens(CKU_SO, P11_SO_PIN));
	/* both ends of the range are in it */
	assert_ok(try_set_pin(session, P11_USER_PIN, fits));
	assert_true(opens(CKU_USER, fits));
	fits[info.ulMinPinLen] = '\0';
	p11_login(session, CKU_SO);
	assert_ok(try_init_pin(session, fits));
	assert_ok(p11->C_Logout(session));
	assert_true(opens(CKU_USER, fits));
	assert_ok(try_set_pin(session, fits, P11_USER_PIN));
}

static void
set_pin_with_a_wrong_old_pin_changes_nothing(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	assert_rv(CKR_PIN_INCORRECT, try_set_pin(session, "wrong", "new pin"));
	p11_login(session, CKU_USER);
	assert_rv(CKR_PIN_INCORRECT, try_set_pin(session, "wrong", "new pin"));
	assert_int_equal(p11_state(session), CKS_RW_USER_FUNCTIONS);
	assert_ok(p11->C_Logout(session));
	assert_true(opens(CKU_USER, P11_USER_PIN));
	p11_login(session, CKU_SO);
	assert_rv(CKR_PIN_INCORRECT,
	    try_set_pin(session, P11_USER_PIN, "new pin"));
	assert_ok(p11->C_Logout(session));
	assert_true(opens(CKU_SO, P11_SO_PIN));
	assert_true(opens(CKU_USER, P11_USER_PIN));
}

static void
set_pin_needs_a_read_write_session(void **state)
{
	CK_SESSION_HANDLE session = p11_open_ro();

	(void)state;
	assert_rv(CKR_SESSION_READ_ONLY,
	    try_set_pin(session, P11_USER_PIN, "new pin"));
	p11_login(session, CKU_USER);
	assert_rv(CKR_SESSION_READ_ONLY,
	    try_set_pin(session, P11_USER_PIN, "new pin"));
	assert_ok(p11->C_CloseSession(session));
	assert_true(opens(CKU_USER, P11_USER_PIN));
}

static void
set_pin_is_for_who_is_logged_in(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);

	/* nobody: the user's */
	assert_ok(try_set_pin(session, P11_USER_PIN, "pin two"));
	assert_int_equal(p11_state(session), CKS_RW_PUBLIC_SESSION);
	assert_true(opens(CKU_USER, "pin two"));
	assert_false(opens(CKU_USER, P11_USER_PIN));
	assert_ok(p11_try_login(session, CKU_USER, "pin two"));
	assert_ok(try_set_pin(session, "pin two", "pin three"));
	assert_int_equal(p11_state(session), CKS_RW_USER_FUNCTIONS);
	(void)p11_create_data(session, "after change", false, true);
	assert_int_equal(p11_count_label(session, "after change"), 1);
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_SO);
	assert_ok(try_set_pin(session, P11_SO_PIN, "so pin two"));
	assert_int_equal(p11_state(session), CKS_RW_SO_FUNCTIONS);
	assert_ok(p11->C_Logout(session));
	assert_false(opens(CKU_SO, P11_SO_PIN));
	assert_true(opens(CKU_SO, "so pin two"));
	assert_true(opens(CKU_USER, "pin three"));
	assert_ok(try_set_pin(session, "pin three", P11_USER_PIN));
	assert_ok(p11_try_login(session, CKU_SO, "so pin two"));
	assert_ok(try_set_pin(session, "so pin two", P11_SO_PIN));
}

static void
pins_of_utf_8_and_with_a_nul(void **state)
{
	static const char utf_8[] = "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb";
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE nul[] = "before\0after";
	CK_RV rv;

	assert_ok(try_set_pin(session, P11_USER_PIN, utf_8));
	assert_true(opens(CKU_USER, utf_8));
	rv = p11->C_SetPIN(session, p11_in(utf_8), strlen(utf_8), nul,
	    sizeof(nul) - 1);
	assert_rv_in(rv, CKR_OK, CKR_PIN_INVALID);
	if (rv == CKR_PIN_INVALID) {
		assert_ok(try_set_pin(session, utf_8, P11_USER_PIN));
		return;
	}
	assert_false(opens(CKU_USER, "before"));
	assert_ok(p11->C_SetPIN(session, nul, sizeof(nul) - 1,
	    p11_in(P11_USER_PIN), strlen(P11_USER_PIN)));
}

static void
logout_kills_the_handles_of_private_objects(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE token, passing, public, again;
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "private token");

	p11_login(session, CKU_USER);
	token = p11_create_data(session, "private token", true, true);
	passing = p11_create_data(session, "private session", false, true);
	public = p11_create_data(session, "public session", false, false);
	assert_ok(p11->C_Logout(session));
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(session, token, CKA_LABEL));
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(session, passing, CKA_LABEL));
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11->C_DestroyObject(session, token));
	assert_int_equal(p11_count_label(session, "private token"), 0);
	p11_assert_attr(session, public, CKA_LABEL, "public session", 14);
	p11_login(session, CKU_USER);
	/* dead for good; the object itself has another handle now */
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(session, token, CKA_LABEL));
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(session, passing, CKA_LABEL));
	assert_int_equal(p11_count_label(session, "private session"), 0);
	again = p11_find_one(session, &label, 1);
	assert_int_not_equal(again, token);
	assert_int_not_equal(again, passing);
	p11_assert_attr(session, again, CKA_LABEL, "private token", 13);
	p11_destroy(session, again);
}

static void
logout_ends_what_uses_private_keys(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_MECHANISM hashed = { CKM_ECDSA_SHA256, NULL, 0 };
	struct p11_pair pair;
	CK_BYTE out[200];
	CK_ULONG len = sizeof(out);

	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, false, "going");
	assert_ok(p11->C_SignInit(session, &ecdsa, pair.private));
	assert_ok(p11->C_Logout(session));
	assert_rv_in(p11->C_Sign(session, out, 32, out, &len),
	    CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN);
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, false, "going");
	assert_ok(p11->C_SignInit(session, &hashed, pair.private));
	assert_ok(p11->C_SignUpdate(session, out, 32));
	assert_ok(p11->C_Logout(session));
	len = sizeof(out);
	assert_rv_in(p11->C_SignFinal(session, out, &len),
	    CKR_OPERATION_NOT_INITIALIZED, CKR_USER_NOT_LOGGED_IN);
	/* nothing is left that would be in the way */
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, false, "going");
	assert_ok(p11->C_SignInit(session, &ecdsa, pair.private));
}

static void
a_search_over_logout_gives_nothing_private(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE found[4];
	CK_ULONG n = 0;
	CK_RV rv;

	p11_login(session, CKU_USER);
	(void)p11_create_data(session, "to be found", false, true);
	assert_ok(p11->C_FindObjectsInit(session, NULL, 0));
	assert_ok(p11->C_Logout(session));
	rv = p11->C_FindObjects(session, found, P11_COUNT(found), &n);
	assert_rv_in(rv, CKR_OK, CKR_OPERATION_NOT_INITIALIZED);
	/* the standard lets the search go on; what it found is dead anyway */
	if (rv == CKR_OK) {
		if (n == 1)
			assert_rv(CKR_OBJECT_HANDLE_INVALID,
			    p11_get_rv(session, found[0], CKA_LABEL));
		assert_in_range(n, 0, 1);
		assert_ok(p11->C_FindObjectsFinal(session));
	}
	assert_int_equal(p11_count(session, NULL, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(login_is_for_all_sessions_old_and_new),
		P11_TEST(the_so_has_read_write_sessions_only),
		P11_PUBLIC_TEST(one_login_at_a_time),
		P11_PUBLIC_TEST(unknown_users_are_refused),
		P11_TEST(closing_the_last_session_logs_out),
		P11_PUBLIC_TEST(wrong_pins_do_not_open),
		P11_PUBLIC_TEST(pins_of_impossible_lengths_do_not_open),
		P11_PUBLIC_TEST(init_pin_is_for_the_so),
		P11_PUBLIC_TEST(set_pin_with_a_wrong_old_pin_changes_nothing),
		P11_TEST(set_pin_needs_a_read_write_session),
		P11_PUBLIC_TEST(set_pin_is_for_who_is_logged_in),
		P11_PUBLIC_TEST(new_pins_have_to_be_long_enough),
		P11_PUBLIC_TEST(pins_of_utf_8_and_with_a_nul),
		P11_PUBLIC_TEST(logout_kills_the_handles_of_private_objects),
		P11_PUBLIC_TEST(logout_ends_what_uses_private_keys),
		P11_PUBLIC_TEST(a_search_over_logout_gives_nothing_private),
		P11_PUBLIC_TEST(
		    init_pin_replaces_the_pin_and_keeps_the_objects),
	};

	return cmocka_run_group_tests(tests, p11_setup, p11_teardown);
}
