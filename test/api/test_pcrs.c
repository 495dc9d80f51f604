/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A token bound to PCRs: what it protects is there while they have the values
 * that they had, and again when the SO has said that the new ones are right.
 */
#include <string.h>

#include "vault_process.h"
#include "vault_tpm.h"

#define NEW_PIN "user-pin-2"

/* PCR 16 is for debugging: any program may extend and reset it. */
static void
extend(void)
{
	vault_run("tpm2_pcrextend 16:sha256=0102030405060708091011121314151617"
	    "181920212223242526272829303132 >/dev/null");
}

static void
reset(void)
{
	vault_run("tpm2_pcrreset 16 >/dev/null");
}

static int
setup_bound(void **state)
{
	(void)state;
	reset();
	vault_configure("pcrs: sha256:16\n");
	vault_new_token();
	vault_configure(NULL);
	vault_hush();
	return 0;
}

static int
setup_free(void **state)
{
	(void)state;
	reset();
	vault_new_token();
	return 0;
}

static void
says_reseal(void)
{
	assert_true(vault_said("tpm2-token reseal"));
	vault_hush();
}

/* The user's PIN is right all the same, and counted as such. */
static void
is_refused(const char *user_pin)
{
	CK_ULONG count;

	vault_hush();
	assert_rv(CKR_DEVICE_ERROR, vault_try(CKU_USER, user_pin));
	says_reseal();
	assert_rv(CKR_DEVICE_ERROR, vault_search(&count));
	assert_int_equal(count, 0);
	says_reseal();
	assert_rv(CKR_DEVICE_ERROR, vault_set_pin(user_pin, "another-pin"));
	assert_rv(CKR_DEVICE_ERROR, vault_once(VAULT_USER, user_pin, NULL));
	assert_rv(CKR_DEVICE_ERROR, vault_once(VAULT_SEARCH, NULL, NULL));
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, "wrong pin"));
	assert_int_equal(vault_tries(STORE_USER), 1);
	assert_rv(CKR_DEVICE_ERROR, vault_try(CKU_USER, user_pin));
	assert_int_equal(vault_tries(STORE_USER), 0);
	assert_int_equal(vault_flags() & CKF_USER_PIN_COUNT_LOW, 0);
}

static void
bound_it_works_as_any_other(void **state)
{
	(void)state;
	vault_works(P11_USER_PIN);
	vault_restart();
	vault_works(P11_USER_PIN);
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	vault_wrong(CKU_USER, 10);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
}

static void
another_value_shuts_it_and_the_old_one_opens_it(void **state)
{
	(void)state;
	extend();
	is_refused(P11_USER_PIN);
	reset();
	vault_works(P11_USER_PIN);
}

static void
the_so_reseals_to_the_new_value(void **state)
{
	(void)state;
	extend();
	assert_ok(vault_try(CKU_SO, P11_SO_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_reseal("wrong pin", NULL));
	is_refused(P11_USER_PIN);
	assert_ok(vault_reseal(P11_SO_PIN, NULL));
	vault_works(P11_USER_PIN);
	assert_ok(vault_once(VAULT_SEARCH, NULL, NULL));
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, "wrong pin"));
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	/* now the old value is the wrong one */
	reset();
	is_refused(NEW_PIN);
	assert_ok(vault_reseal(P11_SO_PIN, NULL));
	vault_works(NEW_PIN);
}

/* Its user's PIN is not known to the SO, so it is given anew. */
static void
a_token_that_had_none_is_bound(void **state)
{
	(void)state;
	extend();
	vault_works(P11_USER_PIN);
	assert_ok(vault_reseal(P11_SO_PIN, "sha256:16"));
	assert_ok(vault_once(VAULT_SEARCH, NULL, NULL));
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED, vault_try(CKU_USER,
	    P11_USER_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	reset();
	is_refused(P11_USER_PIN);
	assert_ok(vault_reseal(P11_SO_PIN, NULL));
	vault_works(P11_USER_PIN);
}

static void
a_token_is_bound_no_more(void **state)
{
	(void)state;
	extend();
	assert_ok(vault_reseal(P11_SO_PIN, ""));
	vault_works(P11_USER_PIN);
	reset();
	vault_works(P11_USER_PIN);
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	/* and again: the PIN of then is not the one of now */
	assert_ok(vault_reseal(P11_SO_PIN, "sha256:16"));
	assert_rv(CKR_USER_PIN_NOT_INITIALIZED, vault_try(CKU_USER,
	    NEW_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	extend();
	is_refused(NEW_PIN);
}

/* Bound, free, and bound, with the PIN as it was. */
static void
to_others_and_back(void **state)
{
	(void)state;
	assert_ok(vault_reseal(P11_SO_PIN, "sha256:0,16,23+sha1:16"));
	vault_works(P11_USER_PIN);
	vault_run("tpm2_pcrextend 16:sha1="
	    "0102030405060708091011121314151617181920 >/dev/null");
	is_refused(P11_USER_PIN);
	assert_ok(vault_reseal(P11_SO_PIN, "sha256:23"));
	vault_works(P11_USER_PIN);
	extend();
	vault_works(P11_USER_PIN);
}

static void
a_pin_given_while_it_is_shut(void **state)
{
	(void)state;
	extend();
	is_refused(P11_USER_PIN);
	/* the user's is bound to the value of now, the device key is not */
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_reseal(P11_SO_PIN, NULL));
	vault_works(NEW_PIN);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	reset();
	is_refused(NEW_PIN);
	assert_ok(vault_reseal(P11_SO_PIN, NULL));
	vault_works(NEW_PIN);
}

static void
pins_changed_before_a_reseal(void **state)
{
	(void)state;
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	assert_ok(vault_set_so_pin(P11_SO_PIN, "so-pin-2"));
	extend();
	assert_rv(CKR_PIN_INCORRECT, vault_reseal(P11_SO_PIN, NULL));
	assert_ok(vault_reseal("so-pin-2", NULL));
	vault_works(NEW_PIN);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_init_pin("so-pin-2", P11_USER_PIN));
	reset();
	assert_ok(vault_reseal("so-pin-2", NULL));
	vault_works(P11_USER_PIN);
}

/* A change of PIN that was cut off: the new PIN waits in the pending seal. */
static void
a_pending_pin_outlives_a_reseal(void **state)
{
	struct store_token old, now;

	(void)state;
	vault_row(&old);
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	vault_row(&now);
	assert_ok(tpm_blob_copy(&now.pins[STORE_USER].pending,
	    &now.pins[STORE_USER].seal));
	assert_ok(tpm_blob_copy(&now.pins[STORE_USER].seal,
	    &old.pins[STORE_USER].seal));
	assert_ok(buf_set(&now.pins[STORE_USER].auth_wrapped,
	    buf_view(&old.pins[STORE_USER].auth_wrapped)));
	vault_put_row(&now);
	store_token_free(&old);
	store_token_free(&now);
	extend();
	assert_ok(vault_reseal(P11_SO_PIN, NULL));
	/* or the user is told to get a new one; but it is not called wrong */
	assert_rv_in(vault_try(CKU_USER, NEW_PIN), CKR_OK,
	    CKR_USER_PIN_NOT_INITIALIZED);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
}

static void
pcrs_that_are_none(void **state)
{
	(void)state;
	vault_configure("pcrs: sha256:24\n");
	vault_hush();
	assert_rv(CKR_FUNCTION_FAILED, p11_try_init_token(p11_empty_slot(),
	    P11_SO_PIN, "none"));
	assert_true(vault_said("pcrs"));
}

static void
made_anew_it_obeys_the_configuration(void **state)
{
	(void)state;
	extend();
	is_refused(P11_USER_PIN);
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	assert_ok(vault_try(CKU_USER, P11_USER_PIN));
	reset();
	assert_ok(vault_try(CKU_USER, P11_USER_PIN));
	vault_configure("pcrs: sha256:16\n");
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_configure(NULL);
	assert_ok(vault_try(CKU_USER, P11_USER_PIN));
	extend();
	is_refused(P11_USER_PIN);
}

#define BOUND(f) cmocka_unit_test_setup_teardown(f, setup_bound, vault_close)
#define FREE(f) cmocka_unit_test_setup_teardown(f, setup_free, vault_close)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BOUND(bound_it_works_as_any_other),
		BOUND(another_value_shuts_it_and_the_old_one_opens_it),
		BOUND(the_so_reseals_to_the_new_value),
		FREE(a_token_that_had_none_is_bound),
		BOUND(a_token_is_bound_no_more),
		BOUND(to_others_and_back),
		BOUND(a_pin_given_while_it_is_shut),
		BOUND(pins_changed_before_a_reseal),
		BOUND(a_pending_pin_outlives_a_reseal),
		FREE(pcrs_that_are_none),
		BOUND(made_anew_it_obeys_the_configuration),
	};

	vault_main(argc, argv);
	return cmocka_run_group_tests(tests, vault_setup_bare,
	    vault_teardown);
}
