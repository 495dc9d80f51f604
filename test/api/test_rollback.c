/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An old copy of the whole store, put back in its place, is refused until
 * somebody with the SO's PIN accepts it.
 */
#include <stdlib.h>
#include <string.h>

#include "vault_process.h"
#include "vault_tpm.h"

#include <openssl/obj_mac.h>

#define NEW_PIN "user-pin-2"
#define PUT_BACK "cd $TPM2_CRYPTOKI_STORE && rm -rf -- ./* && " \
	"cp -a ../copy/. ."

static int
setup(void **state)
{
	(void)state;
	vault_new_token();
	return 0;
}

/* All files of the store, as somebody with the disk in hand copies them. */
static void
save(void)
{
	vault_run("cd $TPM2_CRYPTOKI_STORE && rm -rf ../copy && "
	    "cp -a . ../copy");
}

static void
put_back(void)
{
	vault_run(PUT_BACK);
}

static void
says_which_and_what_to_do(void)
{
	assert_true(vault_said("old copy"));
	assert_true(vault_said("tpm2-token restore"));
	assert_true(vault_said(getenv("TPM2_CRYPTOKI_STORE")));
	vault_hush();
}

/* By all ways in; the PINs are those of now. */
static void
is_refused(const char *user_pin, const char *so_pin)
{
	CK_SESSION_HANDLE session;
	CK_ULONG count;

	vault_hush();
	assert_rv(CKR_DEVICE_ERROR, vault_search(&count));
	assert_int_equal(count, 0);
	says_which_and_what_to_do();
	vault_restart();
	assert_rv(CKR_DEVICE_ERROR, vault_try(CKU_USER, user_pin));
	says_which_and_what_to_do();
	vault_restart();
	assert_rv(CKR_DEVICE_ERROR, vault_try(CKU_SO, so_pin));
	says_which_and_what_to_do();
	assert_rv(CKR_DEVICE_ERROR, vault_set_pin(user_pin, "another-pin"));
	session = p11_open_rw();
	assert_rv(CKR_DEVICE_ERROR, p11->C_CreateObject(session,
	    (CK_ATTRIBUTE[]){ P11_NUM(CKA_CLASS, CKO_DATA),
	    P11_BOOL(CKA_TOKEN, true), P11_BOOL(CKA_PRIVATE, false) }, 3,
	    &(CK_OBJECT_HANDLE){ 0 }));
	assert_ok(p11->C_CloseSession(session));
	assert_rv(CKR_DEVICE_ERROR, vault_once(VAULT_USER, user_pin, NULL));
	assert_rv(CKR_DEVICE_ERROR, vault_once(VAULT_SEARCH, NULL, NULL));
}

static void
is_accepted_by_the_so(const char *so_pin)
{
	assert_rv(CKR_PIN_INCORRECT, vault_restore("wrong pin"));
	assert_rv(CKR_DEVICE_ERROR, vault_once(VAULT_SEARCH, NULL, NULL));
	assert_ok(vault_restore(so_pin));
	vault_hush();
	assert_ok(vault_once(VAULT_SEARCH, NULL, NULL));
	assert_false(vault_said("error"));
}

static void
after_a_change_of_pin(void **state)
{
	(void)state;
	save();
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	put_back();
	/* the TPM knows better */
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_rv(CKR_PIN_INCORRECT, vault_once(VAULT_USER, P11_USER_PIN,
	    NULL));
	is_refused(NEW_PIN, P11_SO_PIN);
	is_accepted_by_the_so(P11_SO_PIN);
	/* the seal is of the old PIN, and that is dead: the SO helps */
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_rv(CKR_TOKEN_NOT_RECOGNIZED, vault_try(CKU_USER, NEW_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
}

/* Then nobody has a PIN that opens it. */
static void
after_a_change_of_the_sos_pin(void **state)
{
	(void)state;
	save();
	assert_ok(vault_set_so_pin(P11_SO_PIN, "so-pin-2"));
	put_back();
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_SO, P11_SO_PIN));
	is_refused(P11_USER_PIN, "so-pin-2");
	assert_rv(CKR_PIN_INCORRECT, vault_restore(P11_SO_PIN));
	assert_rv(CKR_DEVICE_ERROR, vault_restore("so-pin-2"));
	assert_rv(CKR_DEVICE_ERROR, vault_once(VAULT_SEARCH, NULL, NULL));
	assert_ok(vault_delete(NULL));
	vault_new_token();
	vault_works(P11_USER_PIN);
}

static void
after_a_key_was_deleted(void **state)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "doomed");
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_pair pair;

	(void)state;
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, true, "doomed");
	save();
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	pair.private = p11_find_one(session, (CK_ATTRIBUTE[]){ label,
	    P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY) }, 2);
	p11_destroy(session, pair.private);
	assert_ok(p11->C_CloseSession(session));
	put_back();
	is_refused(P11_USER_PIN, P11_SO_PIN);
	is_accepted_by_the_so(P11_SO_PIN);
	/* accepted is accepted: the key is back */
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	assert_int_equal(p11_count(session, &label, 1), 2);
	assert_ok(p11->C_CloseSession(session));
	vault_works(P11_USER_PIN);
	assert_int_equal(vault_lockout_count(), 0);
}

static void
after_one_change_only_and_twice(void **state)
{
	CK_SESSION_HANDLE session;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		save();
		session = p11_open_rw();
		(void)p11_create_data(session, "one more", true, false);
		assert_ok(p11->C_CloseSession(session));
		put_back();
		is_refused(P11_USER_PIN, P11_SO_PIN);
		is_accepted_by_the_so(P11_SO_PIN);
		vault_works(P11_USER_PIN);
		/* what was accepted makes the other copy old */
		put_back();
		is_refused(P11_USER_PIN, P11_SO_PIN);
		is_accepted_by_the_so(P11_SO_PIN);
	}
	vault_works(P11_USER_PIN);
}

/* The token is made anew: its old copy is of another generation. */
static void
after_the_token_was_made_anew(void **state)
{
	(void)state;
	save();
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	put_back();
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_rv_in(vault_try(CKU_SO, P11_SO_PIN), CKR_DEVICE_ERROR,
	    CKR_TOKEN_NOT_RECOGNIZED);
	assert_rv_in(vault_once(VAULT_SEARCH, NULL, NULL), CKR_DEVICE_ERROR,
	    CKR_TOKEN_NOT_RECOGNIZED);
	assert_ok(vault_delete(NULL));
	vault_new_token();
	vault_works(P11_USER_PIN);
}

static void
in_use(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };

	assert_rv_in(p11->C_SignInit(session, &ecdsa, key),
	    CKR_DEVICE_ERROR, CKR_KEY_HANDLE_INVALID);
	assert_rv(CKR_DEVICE_ERROR, p11->C_FindObjectsInit(session, NULL,
	    0));
	assert_rv_in(p11_get_rv(session, key, CKA_LABEL), CKR_DEVICE_ERROR,
	    CKR_OBJECT_HANDLE_INVALID);
}

/* Also one that has all open, keys loaded and somebody logged in. */
static void
under_a_process_that_runs(void **state)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_SESSION_HANDLE session;
	struct p11_bytes signature;
	struct p11_pair pair;

	(void)state;
	save();
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, true, "in use");
	p11_sign(session, &ecdsa, pair.private, "digest", 6, &signature);
	assert_int_equal(system(PUT_BACK), 0);
	vault_hush();
	in_use(session, pair.private);
	says_which_and_what_to_do();
	in_use(session, pair.private);
	/* it was said once */
	assert_false(vault_said("old copy"));
	vault_restart();
	is_refused(P11_USER_PIN, P11_SO_PIN);
	is_accepted_by_the_so(P11_SO_PIN);
	vault_works(P11_USER_PIN);
}

/* The change is written to the files that are there, as a sync tool does. */
static void
under_a_process_that_runs_into_its_files(void **state)
{
	CK_SESSION_HANDLE session;
	struct p11_pair pair;

	(void)state;
	save();
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, true, "in use");
	assert_int_equal(system("cd $TPM2_CRYPTOKI_STORE && for f in "
	    "../copy/*; do cat $f >${f##*/}; done"), 0);
	assert_int_not_equal(p11->C_FindObjectsInit(session, NULL, 0),
	    CKR_OK);
	assert_int_not_equal(p11_get_rv(session, pair.private, CKA_LABEL),
	    CKR_OK);
	/* without what this process has left of its own */
	put_back();
	is_refused(P11_USER_PIN, P11_SO_PIN);
	is_accepted_by_the_so(P11_SO_PIN);
	vault_works(P11_USER_PIN);
}

/* --- the configuration */

static void
a_token_without_counter_takes_old_copies(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_configure("rollback: off\n");
	vault_new_token();
	/* those of the PINs alone */
	assert_int_equal(vault_index_count(), before + 2);
	save();
	assert_ok(vault_set_pin(P11_USER_PIN, NEW_PIN));
	put_back();
	/* what the TPM counts is another matter */
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_once(VAULT_SEARCH, NULL, NULL));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	/* it has none to be asked for later */
	vault_configure(NULL);
	vault_works(P11_USER_PIN);
	put_back();
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	vault_works(P11_USER_PIN);
	assert_ok(vault_restore(P11_SO_PIN));
	vault_works(P11_USER_PIN);
	assert_int_equal(vault_index_count(), before + 2);
}

static void
switched_off_and_on_without_a_change_between(void **state)
{
	CK_ULONG count;

	(void)state;
	vault_configure("rollback: off\n");
	assert_ok(vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_search(&count));
	assert_int_equal(count, 1);
	vault_configure(NULL);
	vault_works(P11_USER_PIN);
}

static void
switched_off_and_on_with_a_change_between(void **state)
{
	CK_ULONG count;

	(void)state;
	save();
	vault_works(P11_USER_PIN);
	vault_configure("rollback: off\n");
	put_back();
	assert_ok(vault_search(&count));
	vault_works(P11_USER_PIN);
	vault_configure(NULL);
	vault_hush();
	assert_rv(CKR_DEVICE_ERROR, vault_search(&count));
	assert_true(vault_said("without its counter"));
	assert_true(vault_said("tpm2-token restore"));
	assert_rv(CKR_DEVICE_ERROR, vault_try(CKU_USER, P11_USER_PIN));
	is_accepted_by_the_so(P11_SO_PIN);
	vault_works(P11_USER_PIN);
	put_back();
	is_refused(P11_USER_PIN, P11_SO_PIN);
	is_accepted_by_the_so(P11_SO_PIN);
	vault_works(P11_USER_PIN);
}

/* By making it anew a token gets what the configuration says now. */
static void
made_anew_with_and_without_counter(void **state)
{
	size_t before = vault_index_count();

	(void)state;
	vault_configure("rollback: off\n");
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_int_equal(vault_index_count(), before - 1);
	vault_configure(NULL);
	assert_ok(vault_try(CKU_SO, P11_SO_PIN));
	assert_ok(p11_try_init_token(p11_slot, P11_SO_PIN, "anew"));
	assert_int_equal(vault_index_count(), before);
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	assert_ok(vault_try(CKU_USER, P11_USER_PIN));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, vault_close)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(after_a_change_of_pin),
		TEST(after_a_change_of_the_sos_pin),
		TEST(after_a_key_was_deleted),
		TEST(after_one_change_only_and_twice),
		TEST(after_the_token_was_made_anew),
		TEST(under_a_process_that_runs),
		TEST(under_a_process_that_runs_into_its_files),
		TEST(a_token_without_counter_takes_old_copies),
		TEST(switched_off_and_on_without_a_change_between),
		TEST(switched_off_and_on_with_a_change_between),
		TEST(made_anew_with_and_without_counter),
	};

	vault_main(argc, argv);
	return cmocka_run_group_tests(tests, vault_setup_bare,
	    vault_teardown);
}
