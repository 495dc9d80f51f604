/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store before another TPM than the one it was made with: here the TPM is
 * cleared between two runs, which changes its owner's seed and so all keys
 * that can be had from it.
 */
#include <stdlib.h>
#include <string.h>

#include "p11_object.h"

#include <openssl/obj_mac.h>

static CK_SLOT_ID old_slot;
static CK_TOKEN_INFO old_info;

static int
setup(void **state)
{
	CK_SESSION_HANDLE session;

	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	(void)p11_ec_pair(session, NID_X9_62_prime256v1, true, "lost");
	(void)p11_create_data(session, "public data", true, false);
	old_slot = p11_slot;
	assert_ok(p11->C_GetTokenInfo(old_slot, &old_info));
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(system("tpm2_clear -c p"), 0);
	assert_ok(p11->C_Initialize(NULL));
	return 0;
}

static int
close_old(void **state)
{
	(void)state;
	assert_ok(p11->C_CloseAllSessions(old_slot));
	return 0;
}

static void
the_token_is_still_listed(void **state)
{
	CK_SLOT_ID slots[4];
	CK_ULONG n = P11_COUNT(slots);
	CK_TOKEN_INFO info;

	(void)state;
	assert_ok(p11->C_GetSlotList(CK_FALSE, NULL, &n));
	assert_ok(p11->C_GetSlotList(CK_FALSE, slots, &n));
	assert_int_equal(slots[0], old_slot);
	assert_ok(p11->C_GetTokenInfo(old_slot, &info));
	assert_memory_equal(info.label, old_info.label, sizeof(info.label));
	assert_memory_equal(info.serialNumber, old_info.serialNumber,
	    sizeof(info.serialNumber));
}

/* Refused at the session or at the login, and never as a wrong PIN: that
 * would send the user looking for another one. */
static void
is_not_recognised(void)
{
	CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
	CK_RV rv;

	rv = p11->C_OpenSession(old_slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
	    NULL, NULL, &session);
	assert_rv_in(rv, CKR_OK, CKR_TOKEN_NOT_RECOGNIZED);
	if (rv != CKR_OK)
		return;
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED,
	    p11_try_login(session, CKU_USER, P11_USER_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED,
	    p11_try_login(session, CKU_SO, P11_SO_PIN));
	assert_int_equal(p11_state(session), CKS_RW_PUBLIC_SESSION);
	assert_ok(p11->C_CloseSession(session));
}

static void
the_token_is_not_recognised(void **state)
{
	(void)state;
	is_not_recognised();
}

/* Re-initialising it would take the SO's PIN, which only that TPM can tell. */
static void
the_token_is_not_reinitialised(void **state)
{
	CK_TOKEN_INFO info;

	(void)state;
	assert_rv_in(p11_try_init_token(old_slot, P11_SO_PIN, "taken"),
	    CKR_TOKEN_NOT_RECOGNIZED, CKR_PIN_INCORRECT);
	assert_ok(p11->C_GetTokenInfo(old_slot, &info));
	assert_memory_equal(info.label, old_info.label, sizeof(info.label));
}

static void
a_new_token_beside_it_works(void **state)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_SLOT_ID slot = p11_make_token("new");
	CK_SESSION_HANDLE session = p11_open(slot, CKF_RW_SESSION);
	struct p11_bytes signature;
	struct p11_pair pair;

	(void)state;
	assert_int_not_equal(slot, old_slot);
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, true, "new");
	p11_sign(session, &ecdsa, pair.private, "digest", 6, &signature);
	assert_ok(p11_verify(session, &ecdsa, pair.public, "digest", 6,
	    &signature));
	assert_ok(p11->C_CloseAllSessions(slot));
	/* there is a storage key now, but not the one of the old token */
	is_not_recognised();
}

static void
the_same_after_a_restart(void **state)
{
	(void)state;
	assert_ok(p11->C_Finalize(NULL));
	assert_ok(p11->C_Initialize(NULL));
	is_not_recognised();
}

#define TEST(f) cmocka_unit_test_teardown(f, close_old)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_token_is_still_listed),
		TEST(the_token_is_not_recognised),
		TEST(the_token_is_not_reinitialised),
		TEST(a_new_token_beside_it_works),
		TEST(the_same_after_a_restart),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
