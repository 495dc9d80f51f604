/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pin_guard: lockout, for a TPM that gives no NV indices: the TPM's own
 * dictionary-attack rules guard the PINs, and the token says so.
 */
#include <string.h>

#include "vault_process.h"
#include "vault_tpm.h"

#define NEW_PIN "user-pin-2"

/* The TPM's rules, so that no test has to wait: 32 tries. */
static void
forgive(void)
{
	vault_run("tpm2_dictionarylockout -c >/dev/null && "
	    "tpm2_dictionarylockout -s -n 32 -t 1000 -l 1000 >/dev/null");
}

static int
setup(void **state)
{
	(void)state;
	forgive();
	vault_configure("pin_guard: lockout\nrollback: off\n");
	vault_new_token();
	vault_hush();
	return 0;
}

static int
setup_counted(void **state)
{
	(void)state;
	forgive();
	vault_configure("pin_guard: lockout\n");
	vault_new_token();
	vault_hush();
	return 0;
}

static bool
says_lockout(void)
{
	CK_TOKEN_INFO info;

	assert_ok(p11->C_GetTokenInfo(p11_slot, &info));
	return memcmp(info.model + sizeof(info.model) - 8, " lockout", 8) ==
	    0;
}

static void
it_works_without_nv_indices(void **state)
{
	CK_SESSION_HANDLE session;

	(void)state;
	assert_int_equal(vault_index_count(), 0);
	assert_true(says_lockout());
	vault_works(P11_USER_PIN);
	assert_ok(vault_try(CKU_SO, P11_SO_PIN));
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_set_so_pin(P11_SO_PIN, "so-pin-2"));
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_SO, P11_SO_PIN));
	assert_ok(vault_init_pin("so-pin-2", P11_USER_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, NEW_PIN));
	session = p11_open_rw();
	assert_ok(p11_try_login(session, CKU_SO, "so-pin-2"));
	assert_ok(p11->C_SetPIN(session, p11_in("so-pin-2"), 8,
	    p11_in(P11_SO_PIN), strlen(P11_SO_PIN)));
	assert_ok(p11->C_InitPIN(session, p11_in(NEW_PIN), strlen(NEW_PIN)));
	assert_ok(p11->C_CloseSession(session));
	vault_works(NEW_PIN);
	vault_configure(NULL);
	/* it is the token's for good, whatever the configuration says now */
	assert_true(says_lockout());
	vault_works(NEW_PIN);
	assert_int_equal(vault_index_count(), 0);
}

static void
wrong_pins_count_for_the_whole_tpm(void **state)
{
	uint32_t before;

	(void)state;
	/* an unclean end of the last test may have counted */
	before = vault_lockout_count();
	vault_wrong(CKU_USER, 3);
	assert_int_equal(vault_lockout_count(), before + 3);
	vault_wrong(CKU_SO, 2);
	assert_int_equal(vault_lockout_count(), before + 5);
	assert_rv(CKR_PIN_INCORRECT, vault_set_pin("wrong pin", NEW_PIN));
	assert_int_equal(vault_lockout_count(), before + 6);
	/* lengths that no PIN has */
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, "abc"));
	assert_int_equal(vault_lockout_count(), before + 6);
	vault_works(P11_USER_PIN);
}

static void
the_tpm_locks(void **state)
{
	CK_SLOT_ID with_lockout = p11_slot;

	(void)state;
	vault_run("tpm2_dictionarylockout -s -n 4 -t 1000 -l 1000 "
	    ">/dev/null");
	vault_wrong(CKU_USER, 4);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	assert_true((vault_flags() & CKF_USER_PIN_LOCKED) != 0);
	/* all that the TPM guards so, but not what has an index */
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_SO, P11_SO_PIN));
	vault_configure(NULL);
	vault_new_token();
	assert_false(says_lockout());
	vault_works(P11_USER_PIN);
	vault_wrong(CKU_USER, 2);
	vault_works(P11_USER_PIN);
	p11_slot = with_lockout;
	assert_rv(CKR_PIN_LOCKED, vault_once(VAULT_USER, P11_USER_PIN, NULL));
	forgive();
	vault_works(P11_USER_PIN);
	assert_ok(vault_try(CKU_SO, P11_SO_PIN));
	assert_int_equal(vault_flags(), 0);
}

/* The only index then is the counter. */
static void
with_a_counter_old_copies_are_refused(void **state)
{
	size_t before = vault_index_count();
	CK_ULONG count;

	(void)state;
	vault_works(P11_USER_PIN);
	vault_run("cd $TPM2_CRYPTOKI_STORE && rm -rf ../copy && "
	    "cp -a . ../copy");
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	vault_run("cd $TPM2_CRYPTOKI_STORE && rm -rf -- ./* && "
	    "cp -a ../copy/. .");
	assert_rv(CKR_DEVICE_ERROR, vault_try(CKU_USER, P11_USER_PIN));
	assert_true(vault_said("tpm2-token restore"));
	assert_rv(CKR_DEVICE_ERROR, vault_search(&count));
	assert_rv(CKR_PIN_INCORRECT, vault_restore("wrong pin"));
	assert_ok(vault_restore(P11_SO_PIN));
	vault_works(P11_USER_PIN);
	assert_int_equal(vault_index_count(), before);
	assert_ok(vault_delete(P11_SO_PIN));
	assert_int_equal(vault_index_count(), before - 1);
}

static void
it_cannot_be_bound_to_pcrs(void **state)
{
	size_t before = vault_index_count();
	CK_SLOT_ID empty;

	(void)state;
	assert_rv(CKR_FUNCTION_NOT_SUPPORTED, vault_reseal(P11_SO_PIN,
	    "sha256:16"));
	vault_works(P11_USER_PIN);
	vault_configure("pin_guard: lockout\npcrs: sha256:16\n");
	empty = p11_empty_slot();
	vault_hush();
	assert_rv(CKR_FUNCTION_FAILED, p11_try_init_token(empty, P11_SO_PIN,
	    "new"));
	assert_true(vault_said("pcrs") || vault_said("PCRs"));
	assert_int_equal(p11_empty_slot(), empty);
	assert_int_equal(vault_index_count(), before);
}

static void
what_needs_an_index_is_not_supported(void **state)
{
	(void)state;
	assert_rv(CKR_FUNCTION_NOT_SUPPORTED, vault_unlock_so());
}

/* Made anew, a token changes its guard with the configuration. */
static void
from_one_guard_to_the_other_and_back(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_configure(NULL);
	assert_rv(CKR_PIN_INCORRECT, p11_try_init_token(p11_slot,
	    "wrong pin", "anew"));
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_false(says_lockout());
	assert_int_equal(vault_index_count(), before + 3);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	assert_ok(vault_try(CKU_USER, NEW_PIN));
	vault_configure("pin_guard: lockout\nrollback: off\n");
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_true(says_lockout());
	assert_int_equal(vault_index_count(), before);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	assert_ok(vault_try(CKU_USER, NEW_PIN));
}

static void
a_token_without_user_pin(void **state)
{
	uint32_t before;

	(void)state;
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	before = vault_lockout_count();
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED, vault_try(CKU_USER,
	    P11_USER_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_set_pin(P11_USER_PIN, NEW_PIN));
	assert_int_equal(vault_lockout_count(), before);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, vault_close)
#define COUNTED(f) \
	cmocka_unit_test_setup_teardown(f, setup_counted, vault_close)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(it_works_without_nv_indices),
		TEST(wrong_pins_count_for_the_whole_tpm),
		TEST(the_tpm_locks),
		COUNTED(with_a_counter_old_copies_are_refused),
		TEST(it_cannot_be_bound_to_pcrs),
		TEST(what_needs_an_index_is_not_supported),
		TEST(from_one_guard_to_the_other_and_back),
		TEST(a_token_without_user_pin),
	};

	vault_main(argc, argv);
	return cmocka_run_group_tests(tests, vault_setup_bare,
	    vault_teardown);
}
