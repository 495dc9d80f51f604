/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PIN that was changed is changed at once, everywhere; one that was being
 * changed when its process died is the old one or the new one.
 */
#include <string.h>

#include "token/guard.h"
#include "vault_process.h"
#include "vault_tpm.h"

#define NEW_PIN "user-pin-2"
#define NEW_SO_PIN "so-pin-2"

static int
setup(void **state)
{
	(void)state;
	vault_new_token();
	return 0;
}

static void
only_works(CK_USER_TYPE who, const char *right, const char *wrong)
{
	assert_rv(CKR_PIN_INCORRECT, vault_try(who, wrong));
	assert_ok(vault_try(who, right));
}

static void
the_user_changes_it_logged_in_or_not(void **state)
{
	CK_SESSION_HANDLE session;

	(void)state;
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	only_works(CKU_USER, NEW_PIN, P11_USER_PIN);
	session = p11_open_rw();
	assert_ok(p11_try_login(session, CKU_USER, NEW_PIN));
	assert_ok(p11->C_SetPIN(session, p11_in(NEW_PIN), strlen(NEW_PIN),
	    p11_in(P11_USER_PIN), strlen(P11_USER_PIN)));
	/* the login goes on */
	(void)p11_create_data(session, "after the change", true, true);
	assert_ok(p11->C_Logout(session));
	only_works(CKU_USER, P11_USER_PIN, NEW_PIN);
	vault_restart();
	only_works(CKU_USER, P11_USER_PIN, NEW_PIN);
	vault_works(P11_USER_PIN);
}

static void
the_so_changes_it_and_goes_on(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();

	(void)state;
	p11_login(session, CKU_SO);
	assert_ok(p11->C_SetPIN(session, p11_in(P11_SO_PIN),
	    strlen(P11_SO_PIN), p11_in(NEW_SO_PIN), strlen(NEW_SO_PIN)));
	/* by the new PIN, which is what the TPM asks for now */
	assert_ok(p11->C_InitPIN(session, p11_in(NEW_PIN), strlen(NEW_PIN)));
	assert_ok(p11->C_CloseSession(session));
	only_works(CKU_SO, NEW_SO_PIN, P11_SO_PIN);
	only_works(CKU_USER, NEW_PIN, P11_USER_PIN);
	vault_restart();
	only_works(CKU_SO, NEW_SO_PIN, P11_SO_PIN);
	vault_works(NEW_PIN);
	assert_rv(CKR_PIN_INCORRECT, p11_try_init_token(p11_slot, P11_SO_PIN,
	    "anew"));
	assert_ok(p11_try_init_token(p11_slot, NEW_SO_PIN, "anew"));
}

static void
the_same_pin_again_is_a_change_too(void **state)
{
	(void)state;
	assert_ok(vault_set_pin(P11_USER_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	assert_ok(vault_set_so_pin(P11_SO_PIN, P11_SO_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
}

/* It was neither opened by a PIN nor is there one to change. */
static void
a_token_without_user_pin(void **state)
{
	(void)state;
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	vault_hush();
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED, vault_try(CKU_USER,
	    P11_USER_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_set_pin(P11_USER_PIN, NEW_PIN));
	assert_false(vault_said("made anew"));
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_tries(STORE_USER), 0);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	only_works(CKU_USER, NEW_PIN, P11_USER_PIN);
}

static void
processes_that_run_refuse_the_old_pin_at_once(void **state)
{
	struct vault_process one, two;
	CK_ULONG count;

	(void)state;
	one = vault_start();
	two = vault_start();
	assert_ok(vault_ask(&one, VAULT_USER, P11_USER_PIN, NULL));
	assert_ok(vault_ask(&one, VAULT_SEARCH, NULL, NULL));
	assert_ok(vault_ask(&two, VAULT_SO, P11_SO_PIN, NULL));
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_ask(&one, VAULT_USER,
	    P11_USER_PIN, NULL));
	assert_ok(vault_ask(&one, VAULT_USER, NEW_PIN, NULL));
	assert_ok(vault_ask(&two, VAULT_SET_SO_PIN, P11_SO_PIN, NEW_SO_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_ask(&one, VAULT_SO, P11_SO_PIN,
	    NULL));
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_SO, P11_SO_PIN));
	assert_ok(vault_ask(&one, VAULT_INIT_PIN, NEW_SO_PIN, P11_USER_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_ask(&two, VAULT_USER, NEW_PIN,
	    NULL));
	assert_ok(vault_ask(&two, VAULT_USER, P11_USER_PIN, NULL));
	assert_ok(vault_search(&count));
	assert_int_equal(count, 1);
	vault_stop(&one);
	vault_stop(&two);
}

/* The SO is logged in by a PIN that another process has changed since. */
static void
an_so_whose_pin_was_changed_elsewhere(void **state)
{
	struct vault_process other;
	CK_SESSION_HANDLE session;

	(void)state;
	session = p11_open_rw();
	p11_login(session, CKU_SO);
	other = vault_start();
	assert_ok(vault_ask(&other, VAULT_SET_SO_PIN, P11_SO_PIN,
	    NEW_SO_PIN));
	assert_rv(CKR_USER_NOT_LOGGED_IN, p11->C_InitPIN(session,
	    p11_in(NEW_PIN), strlen(NEW_PIN)));
	assert_int_equal(vault_flags(), CKF_SO_PIN_COUNT_LOW);
	assert_ok(p11->C_CloseSession(session));
	only_works(CKU_USER, P11_USER_PIN, NEW_PIN);
	assert_ok(vault_ask(&other, VAULT_INIT_PIN, NEW_SO_PIN, NEW_PIN));
	vault_stop(&other);
	only_works(CKU_USER, NEW_PIN, P11_USER_PIN);
}

static void
changes_at_the_same_time(void **state)
{
	static const char *const pins[] = { "pin-of-one", "pin-of-two" };
	struct vault_process p[2];
	const char *now = P11_USER_PIN;
	CK_RV rv[2];
	int i, k;

	(void)state;
	for (k = 0; k < 2; k++)
		p[k] = vault_start();
	for (i = 0; i < 10; i++) {
		for (k = 0; k < 2; k++)
			vault_tell(&p[k], VAULT_SET_PIN, now, pins[k]);
		for (k = 0; k < 2; k++)
			rv[k] = vault_hear(&p[k]);
		/* one of them was the first, and then the old one is wrong */
		assert_true((rv[0] == CKR_OK) != (rv[1] == CKR_OK));
		assert_rv_in(rv[0] == CKR_OK ? rv[1] : rv[0],
		    CKR_PIN_INCORRECT, CKR_FUNCTION_FAILED);
		now = pins[rv[0] == CKR_OK ? 0 : 1];
		assert_ok(vault_try(CKU_USER, now));
		assert_ok(vault_set_pin(now, P11_USER_PIN));
		now = P11_USER_PIN;
	}
	for (k = 0; k < 2; k++)
		vault_stop(&p[k]);
	vault_works(P11_USER_PIN);
}

/* --- what a process that died leaves in the store */

/* The user's seal of another PIN's time. */
static struct tpm_blob
seal_of_now(void)
{
	struct tpm_blob seal = TPM_BLOB_EMPTY;
	struct store_token row;

	vault_row(&row);
	assert_ok(tpm_blob_copy(&seal, &row.pins[STORE_USER].seal));
	store_token_free(&row);
	return seal;
}

/* The row with these seals; either may be NULL. */
static void
put_seals(const struct tpm_blob *seal, const struct tpm_blob *pending)
{
	struct store_token row;
	struct store_pin *p;

	vault_row(&row);
	p = &row.pins[STORE_USER];
	p->set = seal != NULL;
	tpm_blob_free(&p->seal);
	tpm_blob_free(&p->pending);
	if (seal != NULL)
		assert_ok(tpm_blob_copy(&p->seal, seal));
	if (pending != NULL)
		assert_ok(tpm_blob_copy(&p->pending, pending));
	vault_put_row(&row);
	store_token_free(&row);
}

static bool
is_pending(void)
{
	struct store_token row;
	bool pending;

	vault_row(&row);
	pending = row.pins[STORE_USER].pending.public_area.len != 0;
	store_token_free(&row);
	return pending;
}

/* Both seals, of P11_USER_PIN and NEW_PIN; the index has the latter. */
static void
make_both(struct tpm_blob *old, struct tpm_blob *new)
{
	*old = seal_of_now();
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	*new = seal_of_now();
}

static void
died_before_the_index_was_changed(void **state)
{
	struct tpm_blob old, new;

	(void)state;
	make_both(&old, &new);
	put_seals(&new, &old);
	assert_true(is_pending());
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_true(is_pending());
	assert_ok(vault_try(CKU_USER, NEW_PIN));
	assert_false(is_pending());
	vault_works(NEW_PIN);
	tpm_blob_free(&old);
	tpm_blob_free(&new);
}

static void
died_after_the_index_was_changed(void **state)
{
	struct tpm_blob old, new;

	(void)state;
	make_both(&old, &new);
	put_seals(&old, &new);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_true(is_pending());
	assert_ok(vault_try(CKU_USER, NEW_PIN));
	assert_false(is_pending());
	vault_works(NEW_PIN);
	/* and by a change, or by the SO */
	put_seals(&old, &new);
	assert_ok(vault_set_pin(NEW_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	put_seals(&old, &new);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	only_works(CKU_USER, NEW_PIN, P11_USER_PIN);
	assert_false(is_pending());
	tpm_blob_free(&old);
	tpm_blob_free(&new);
}

/* The user's first PIN: there is no seal yet, but the pending one. */
static void
died_at_the_first_pin(void **state)
{
	struct tpm_blob old, new;
	CK_TOKEN_INFO info;

	(void)state;
	make_both(&old, &new);
	put_seals(NULL, &new);
	assert_ok(p11->C_GetTokenInfo(p11_slot, &info));
	assert_ok(vault_try(CKU_USER, NEW_PIN));
	assert_false(is_pending());
	assert_ok(p11->C_GetTokenInfo(p11_slot, &info));
	assert_true((info.flags & CKF_USER_PIN_INITIALIZED) != 0);
	vault_works(NEW_PIN);
	/* not in force yet */
	put_seals(NULL, &old);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	tpm_blob_free(&old);
	tpm_blob_free(&new);
}

/* The new PIN waits in force; then the SO's change dies before its step. */
static void
a_pending_seal_in_force_is_not_lost_to_another_change(void **state)
{
	struct vault_process other;
	struct tpm_blob old, new;
	CK_SESSION_HANDLE session;

	(void)state;
	make_both(&old, &new);
	put_seals(&old, &new);
	session = p11_open_rw();
	p11_login(session, CKU_SO);
	other = vault_start();
	assert_ok(vault_ask(&other, VAULT_SET_SO_PIN, P11_SO_PIN,
	    NEW_SO_PIN));
	vault_stop(&other);
	assert_rv(CKR_USER_NOT_LOGGED_IN, p11->C_InitPIN(session,
	    p11_in("user-pin-3"), 10));
	assert_ok(p11->C_CloseSession(session));
	assert_ok(vault_try(CKU_USER, NEW_PIN));
	vault_works(NEW_PIN);
	tpm_blob_free(&old);
	tpm_blob_free(&new);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, vault_close)

int
main(int argc, char **argv)
{
	const struct CMUnitTest alone[] = {
		TEST(the_user_changes_it_logged_in_or_not),
		TEST(the_so_changes_it_and_goes_on),
		TEST(the_same_pin_again_is_a_change_too),
		TEST(a_token_without_user_pin),
		TEST(died_before_the_index_was_changed),
		TEST(died_after_the_index_was_changed),
		TEST(died_at_the_first_pin),
	};
	/* what takes several processes, and so a resource manager */
	const struct CMUnitTest together[] = {
		TEST(processes_that_run_refuse_the_old_pin_at_once),
		TEST(an_so_whose_pin_was_changed_elsewhere),
		TEST(changes_at_the_same_time),
		TEST(a_pending_seal_in_force_is_not_lost_to_another_change),
	};
	int rc;

	vault_main(argc, argv);
	rc = cmocka_run_group_tests(alone, vault_setup_bare, vault_teardown);
	if (rc == 0 && p11_has_resource_manager())
		rc = cmocka_run_group_tests(together, vault_setup_bare,
		    vault_teardown);
	return rc;
}
