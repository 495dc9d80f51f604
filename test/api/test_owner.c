/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The owner of the TPM may remove and make NV indices. That takes PINs and
 * counters away, but gives the owner nothing; and there is a way out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vault_process.h"
#include "vault_tpm.h"

#define NEW_PIN "user-pin-2"
#define OWNERS_PIN "the owner's own"
#define EACH 3		/* indices of a token */

static int
setup(void **state)
{
	(void)state;
	vault_new_token();
	vault_hush();
	return 0;
}

/* Nothing of a test is left in the TPM. */
static int
teardown(void **state)
{
	size_t left;

	(void)vault_close(state);
	assert_rv_in(vault_delete(NULL), CKR_OK, CKR_TOKEN_NOT_PRESENT);
	assert_ok(vault_sweep(&left));
	return 0;
}

static CK_RV
so_login(void)
{
	return vault_try(CKU_SO, P11_SO_PIN);
}

static CK_RV
user_login(void)
{
	return vault_try(CKU_USER, P11_USER_PIN);
}

/* --- removed */

static void
the_users_index_is_removed(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_undefine(TPM_INDEX_USER);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, user_login());
	assert_true(vault_said("security officer"));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_try(CKU_USER, "wrong pin"));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_set_pin(P11_USER_PIN,
	    NEW_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_once(VAULT_USER,
	    P11_USER_PIN, NULL));
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	assert_int_equal(vault_index_count(), before);
	vault_works(NEW_PIN);
	assert_rv(CKR_PIN_INCORRECT, user_login());
	/* it counts as the first one did */
	vault_wrong(CKU_USER, 9);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, NEW_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
}

/* Then the token is no more than what its user makes of it. */
static void
the_sos_index_is_removed(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_undefine(TPM_INDEX_SO);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, so_login());
	assert_true(vault_said("tpm2-token"));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, p11_try_init_token(p11_slot,
	    P11_SO_PIN, "anew"));
	vault_works(P11_USER_PIN);
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	assert_ok(vault_delete(NULL));
	assert_int_equal(vault_index_count(), before - EACH);
	vault_new_token();
	vault_works(P11_USER_PIN);
}

static void
without_counter(void)
{
	CK_ULONG count;

	assert_rv_in(user_login(), CKR_TOKEN_NOT_RECOGNIZED,
	    CKR_DEVICE_ERROR);
	assert_true(vault_said("counter"));
	assert_true(vault_said("tpm2-token restore"));
	assert_rv_in(so_login(), CKR_TOKEN_NOT_RECOGNIZED, CKR_DEVICE_ERROR);
	assert_rv_in(vault_search(&count), CKR_TOKEN_NOT_RECOGNIZED,
	    CKR_DEVICE_ERROR);
	assert_int_equal(count, 0);
	assert_rv(CKR_PIN_INCORRECT, vault_restore("wrong pin"));
	assert_ok(vault_restore(P11_SO_PIN));
	vault_works(P11_USER_PIN);
	assert_ok(so_login());
}

static void
the_counter_is_removed(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_undefine(TPM_INDEX_COUNTER);
	without_counter();
	assert_int_equal(vault_index_count(), before);
}

static void
the_counter_is_made_anew(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_redefine_counter();
	without_counter();
	/* his own is no part of the token now */
	assert_int_equal(vault_index_count(), before);
}

static void
all_are_removed(void **state)
{
	CK_ULONG count;

	(void)state;
	vault_undefine(TPM_INDEX_USER);
	vault_undefine(TPM_INDEX_SO);
	vault_undefine(TPM_INDEX_COUNTER);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, user_login());
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, so_login());
	assert_rv_in(vault_search(&count), CKR_TOKEN_NOT_RECOGNIZED,
	    CKR_DEVICE_ERROR);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_restore(P11_SO_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_delete(P11_SO_PIN));
	assert_ok(vault_delete(NULL));
	vault_new_token();
	vault_works(P11_USER_PIN);
}

/* --- made anew, by somebody who has the store and the TPM, but no PIN */

static void
the_users_index_is_made_anew(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_redefine(STORE_USER, OWNERS_PIN);
	/* the index takes it, but that opens nothing */
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_try(CKU_USER, OWNERS_PIN));
	assert_true(vault_said("made anew"));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_set_pin(OWNERS_PIN,
	    NEW_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_once(VAULT_USER, OWNERS_PIN,
	    NULL));
	assert_rv(CKR_PIN_INCORRECT, user_login());
	assert_int_equal(vault_flags(), CKF_USER_PIN_COUNT_LOW);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_try(CKU_USER, OWNERS_PIN));
	assert_int_equal(vault_flags(), 0);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, OWNERS_PIN));
	assert_int_equal(vault_index_count(), before);
}

static void
the_sos_index_is_made_anew(void **state)
{
	(void)state;
	vault_redefine(STORE_SO, OWNERS_PIN);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_try(CKU_SO, OWNERS_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_init_pin(OWNERS_PIN,
	    NEW_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, p11_try_init_token(p11_slot,
	    OWNERS_PIN, "taken"));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_restore(OWNERS_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_reseal(OWNERS_PIN, NULL));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_delete(OWNERS_PIN));
	assert_rv(CKR_PIN_INCORRECT, so_login());
	vault_works(P11_USER_PIN);
}

/* Whoever is the SO by force may give the user's index a PIN, too. */
static void
both_are_made_anew(void **state)
{
	(void)state;
	vault_redefine(STORE_SO, OWNERS_PIN);
	vault_redefine(STORE_USER, OWNERS_PIN);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_try(CKU_USER, OWNERS_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_try(CKU_SO, OWNERS_PIN));
	assert_rv(CKR_PIN_INCORRECT, user_login());
	assert_ok(vault_delete(NULL));
	vault_new_token();
	vault_works(P11_USER_PIN);
}

/* --- the owner has a password */

static void
set_password(void)
{
	vault_run("tpm2_changeauth -c owner secret");
}

static void
drop_password(void)
{
	vault_run("tpm2_changeauth -c owner -p secret");
}

static int
password_teardown(void **state)
{
	(void)vault_close(state);
	vault_run("tpm2_changeauth -c owner -p secret 2>/dev/null || :");
	return teardown(state);
}

static void
configure_password(const char *password)
{
	char yaml[600];
	FILE *f = fopen(vault_path("owner"), "w");

	assert_non_null(f);
	(void)fprintf(f, "%s\n", password);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(vault_path("owner"), 0600), 0);
	(void)snprintf(yaml, sizeof(yaml), "owner_auth_file: %s\n",
	    vault_path("owner"));
	vault_configure(yaml);
}

static void
a_new_token_needs_the_owner(void **state)
{
	size_t before = vault_index_count();
	CK_SLOT_ID empty;

	(void)state;
	set_password();
	empty = p11_empty_slot();
	vault_hush();
	assert_rv(CKR_FUNCTION_FAILED, p11_try_init_token(empty, P11_SO_PIN,
	    "new"));
	assert_true(vault_said("owner_auth_file"));
	assert_int_equal(p11_empty_slot(), empty);
	configure_password("wrong");
	vault_hush();
	assert_rv(CKR_FUNCTION_FAILED, p11_try_init_token(empty, P11_SO_PIN,
	    "new"));
	assert_true(vault_said("owner_auth_file"));
	configure_password("secret");
	vault_new_token();
	assert_int_equal(p11_slot, empty);
	assert_ok(vault_delete(P11_SO_PIN));
	assert_int_equal(vault_index_count(), before);
}

/* What is there is used without the owner. */
static void
a_token_goes_on_without_the_owner(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	set_password();
	vault_works(P11_USER_PIN);
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_wrong(CKU_USER, 10);
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	assert_ok(vault_try(CKU_USER, NEW_PIN));
	drop_password();
	assert_int_equal(vault_index_count(), before);
}

/* What the owner does not let go is not forgotten. */
static void
a_token_deleted_without_the_owner_is_swept_later(void **state)
{
	size_t before = vault_index_count(), left = 0;

	(void)state;
	set_password();
	assert_ok(vault_delete(P11_SO_PIN));
	assert_int_equal(vault_index_count(), before);
	assert_ok(vault_sweep(&left));
	assert_int_equal(left, EACH);
	configure_password("secret");
	assert_ok(vault_sweep(&left));
	assert_int_equal(left, 0);
	assert_int_equal(vault_index_count(), before - EACH);
}

static void
an_index_is_not_renewed_without_the_owner(void **state)
{
	(void)state;
	vault_undefine(TPM_INDEX_USER);
	set_password();
	vault_hush();
	assert_rv_in(vault_init_pin(P11_SO_PIN, NEW_PIN),
	    CKR_FUNCTION_FAILED, CKR_DEVICE_ERROR);
	assert_true(vault_said("owner_auth_file"));
	configure_password("secret");
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
}

/* --- indices and tokens */

static void
made_anew_it_has_its_indices_and_no_more(void **state)
{
	size_t before = vault_index_count();
	struct store_token old;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		vault_row(&old);
		assert_ok(vault_ask_index(&old, STORE_USER, P11_USER_PIN));
		assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
		assert_int_equal(vault_index_count(), before);
		assert_rv(CKR_USER_PIN_NOT_INITIALIZED, user_login());
		assert_rv(CKR_PIN_INCORRECT, vault_ask_index(&old,
		    STORE_USER, P11_USER_PIN));
		assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
		assert_rv(CKR_PIN_INCORRECT, user_login());
		assert_ok(vault_try(CKU_USER, NEW_PIN));
		assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
		store_token_free(&old);
	}
	/* other limits take other indices */
	vault_configure("user_tries: 4\n");
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_int_equal(vault_index_count(), before);
	vault_configure("so_tries: 4\n");
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_int_equal(vault_index_count(), before);
	vault_wrong(CKU_SO, 4);
	assert_rv(CKR_PIN_LOCKED, so_login());
}

static void
deleted_it_leaves_none(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	assert_rv(CKR_PIN_INCORRECT, vault_delete("wrong pin"));
	vault_works(P11_USER_PIN);
	assert_int_equal(vault_index_count(), before);
	assert_ok(vault_delete(P11_SO_PIN));
	assert_int_equal(vault_index_count(), before - EACH);
	assert_rv(CKR_TOKEN_NOT_PRESENT, vault_delete(P11_SO_PIN));
	vault_new_token();
	assert_int_equal(vault_index_count(), before);
}

static void
two_tokens_in_each_of_two_stores(void **state)
{
	static const char *const pins[] = { "pin-of-0", "pin-of-1",
	    "pin-of-2", "pin-of-3" };
	char *stores[2];
	size_t before = vault_index_count() - EACH;
	CK_SLOT_ID slots[4];
	int i;

	(void)state;
	stores[0] = strdup(getenv("TPM2_CRYPTOKI_STORE"));
	stores[1] = strdup(vault_path("second"));
	slots[0] = p11_slot;
	for (i = 0; i < 4; i++) {
		(void)setenv("TPM2_CRYPTOKI_STORE", stores[i / 2], 1);
		vault_restart();
		if (i != 0)
			vault_new_token();
		slots[i] = p11_slot;
		assert_ok(vault_set_pin(P11_USER_PIN, pins[i]));
	}
	assert_int_equal(vault_index_count(), before + 4 * EACH);
	for (i = 0; i < 4; i++) {
		(void)setenv("TPM2_CRYPTOKI_STORE", stores[i / 2], 1);
		vault_restart();
		p11_slot = slots[i];
		vault_works(pins[i]);
		assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER,
		    pins[3 - i]));
		assert_ok(vault_init_pin(P11_SO_PIN, pins[i]));
		assert_ok(vault_delete(P11_SO_PIN));
		assert_int_equal(vault_index_count(), before +
		    (size_t)(3 - i) * EACH);
	}
	(void)setenv("TPM2_CRYPTOKI_STORE", stores[0], 1);
	p11_slot = slots[0];
	vault_restart();
	free(stores[0]);
	free(stores[1]);
}

/* Somebody's index comes to be where ours shall: refused, and nothing of it
 * left; the next one goes elsewhere. */
static CK_RV
init_with_fault(const char *fault)
{
	CK_RV rv;

	(void)setenv("TCTI_TRACE_FAULT", fault, 1);
	rv = p11_try_init_token(p11_empty_slot(), P11_SO_PIN, "new");
	(void)unsetenv("TCTI_TRACE_FAULT");
	return rv;
}

static void
a_place_that_is_taken_meanwhile(void **state)
{
	static const char *const faults[] = {
		"NV_DefineSpace:1:0x14c", "NV_DefineSpace:2:0x14c",
		"NV_DefineSpace:3:0x14c",
	};
	size_t before = vault_index_count(), i;

	(void)state;
	for (i = 0; i < P11_COUNT(faults); i++) {
		assert_ok(init_with_fault(faults[i]));
		assert_int_equal(vault_index_count(), before += EACH);
	}
	assert_int_not_equal(init_with_fault("NV_Write:2:0x149"), CKR_OK);
	assert_int_equal(vault_index_count(), before);
	vault_works(P11_USER_PIN);
	vault_new_token();
	assert_int_equal(vault_index_count(), before + EACH);
}

static void
a_tpm_without_room(void **state)
{
	size_t before = vault_index_count(), i;
	char fault[64];
	CK_SLOT_ID empty;

	(void)state;
	for (i = 1; i <= EACH; i++) {
		empty = p11_empty_slot();
		(void)snprintf(fault, sizeof(fault),
		    "NV_DefineSpace:%zu:0x14b", i);
		(void)setenv("TCTI_TRACE_FAULT", fault, 1);
		vault_hush();
		assert_rv(CKR_DEVICE_MEMORY, p11_try_init_token(empty,
		    P11_SO_PIN, "new"));
		(void)unsetenv("TCTI_TRACE_FAULT");
		assert_true(vault_said("no room"));
		assert_int_equal(p11_empty_slot(), empty);
		assert_int_equal(vault_index_count(), before);
	}
	vault_works(P11_USER_PIN);
}

/* Last, since it takes all: also what lies in other stores. */
static void
the_tpm_is_cleared(void **state)
{
	CK_ULONG count;

	(void)state;
	vault_run("tpm2_clear -c p");
	assert_int_equal(vault_index_count(), 0);
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, user_login());
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, so_login());
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_search(&count));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_restore(P11_SO_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_delete(P11_SO_PIN));
	assert_ok(vault_delete(NULL));
	vault_new_token();
	vault_works(P11_USER_PIN);
	assert_int_equal(vault_index_count(), EACH);
}

static char tcti[700];

/* The module's commands pass through the one that can break them. */
static int
group_setup(void **state)
{
	const char *lib = getenv("TCTI_TRACE_LIB");
	const char *dir = getenv("TPM2_CRYPTOKI_BUILDDIR");
	const char *inner = getenv("TPM2_CRYPTOKI_TCTI");

	if (inner == NULL)
		return -1;
	if (lib != NULL)
		(void)snprintf(tcti, sizeof(tcti), "%s:%s", lib, inner);
	else
		(void)snprintf(tcti, sizeof(tcti),
		    "%s/test/lib/.libs/libtcti-trace.so:%s",
		    dir == NULL ? "." : dir, inner);
	(void)setenv("TPM2_CRYPTOKI_TCTI", tcti, 1);
	return vault_setup_bare(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define PASSWORD(f) cmocka_unit_test_setup_teardown(f, setup, \
	password_teardown)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_users_index_is_removed),
		TEST(the_sos_index_is_removed),
		TEST(the_counter_is_removed),
		TEST(the_counter_is_made_anew),
		TEST(all_are_removed),
		TEST(the_users_index_is_made_anew),
		TEST(the_sos_index_is_made_anew),
		TEST(both_are_made_anew),
		PASSWORD(a_new_token_needs_the_owner),
		PASSWORD(a_token_goes_on_without_the_owner),
		PASSWORD(a_token_deleted_without_the_owner_is_swept_later),
		PASSWORD(an_index_is_not_renewed_without_the_owner),
		TEST(made_anew_it_has_its_indices_and_no_more),
		TEST(deleted_it_leaves_none),
		TEST(two_tokens_in_each_of_two_stores),
		TEST(a_place_that_is_taken_meanwhile),
		TEST(a_tpm_without_room),
		TEST(the_tpm_is_cleared),
	};

	vault_main(argc, argv);
	return cmocka_run_group_tests(tests, group_setup, vault_teardown);
}
