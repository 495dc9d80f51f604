/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wrong PINs are counted by the TPM, for each role of each token, and never
 * by the lockout of the whole TPM.
 */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vault_process.h"
#include "vault_tpm.h"

#define LIMIT 10	/* of both, unless configured */
#define NEW_PIN "user-pin-2"

static const struct role {
	CK_USER_TYPE who;
	enum store_role role;
	const char *pin;
	CK_FLAGS low, last, locked;
} roles[] = {
	{ CKU_SO, STORE_SO, P11_SO_PIN, CKF_SO_PIN_COUNT_LOW,
	    CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED },
	{ CKU_USER, STORE_USER, P11_USER_PIN, CKF_USER_PIN_COUNT_LOW,
	    CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED },
};

static int
setup(void **state)
{
	(void)state;
	vault_new_token();
	return 0;
}

/* What the flags are after n wrong tries in a row. */
static CK_FLAGS
flags_after(const struct role *r, unsigned n, unsigned limit)
{
	if (n == 0 && limit > 1)
		return 0;
	return (n == 0 ? 0 : r->low) | (n + 1 == limit ? r->last : 0) |
	    (n >= limit ? r->locked : 0);
}

static void
wrong_and_flags(const struct role *r, unsigned n, unsigned limit)
{
	unsigned i;

	for (i = 1; i <= n; i++) {
		vault_wrong(r->who, 1);
		assert_int_equal(vault_flags(), flags_after(r, i, limit));
	}
}

static void
nine_wrong_and_the_right_one_clears(const struct role *r)
{
	assert_int_equal(vault_flags(), 0);
	wrong_and_flags(r, LIMIT - 1, LIMIT);
	assert_int_equal(vault_tries(r->role), LIMIT - 1);
	assert_int_equal(vault_flags(), flags_after(r, LIMIT - 1, LIMIT));
	assert_ok(vault_try(r->who, r->pin));
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_tries(r->role), 0);
	/* with all of its tries */
	wrong_and_flags(r, LIMIT - 1, LIMIT);
	assert_ok(vault_try(r->who, r->pin));
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_lockout_count(), 0);
}

static void
nine_wrong_so_pins_and_the_right_one_clears(void **state)
{
	(void)state;
	nine_wrong_and_the_right_one_clears(&roles[STORE_SO]);
}

static void
nine_wrong_user_pins_and_the_right_one_clears(void **state)
{
	(void)state;
	nine_wrong_and_the_right_one_clears(&roles[STORE_USER]);
}

static void
is_locked(const struct role *r)
{
	enum vault_what what = r->who == CKU_SO ? VAULT_SO : VAULT_USER;

	assert_rv(CKR_PIN_LOCKED, vault_try(r->who, r->pin));
	assert_rv(CKR_PIN_LOCKED, vault_try(r->who, "wrong pin"));
	assert_int_equal(vault_flags(), flags_after(r, LIMIT, LIMIT));
	assert_rv(CKR_PIN_LOCKED, vault_once(what, r->pin, NULL));
	assert_int_equal(vault_once(VAULT_FLAGS, NULL, NULL),
	    flags_after(r, LIMIT, LIMIT));
	assert_int_equal(vault_lockout_count(), 0);
}

/* Neither a new process nor another start of the TPM gives new tries. */
static void
ten_wrong_lock(const struct role *r)
{
	wrong_and_flags(r, LIMIT, LIMIT);
	assert_int_equal(vault_tries(r->role), LIMIT);
	is_locked(r);
	if (p11_has_resource_manager())
		return;
	vault_run("swtpm_ioctl --unix ${TPM2TOOLS_TCTI#*=}.ctrl -i");
	is_locked(r);
	vault_run("tpm2_shutdown -c && "
	    "swtpm_ioctl --unix ${TPM2TOOLS_TCTI#*=}.ctrl -i");
	is_locked(r);
}

static void
ten_wrong_user_pins_lock_until_the_so_unlocks(void **state)
{
	CK_SESSION_HANDLE session;

	(void)state;
	ten_wrong_lock(&roles[STORE_USER]);
	/* nor by changing it */
	assert_rv(CKR_PIN_LOCKED, vault_set_pin(P11_USER_PIN, NEW_PIN));
	session = p11_open_rw();
	p11_login(session, CKU_SO);
	assert_ok(p11->C_InitPIN(session, p11_in(NEW_PIN), strlen(NEW_PIN)));
	assert_ok(p11->C_CloseSession(session));
	assert_int_equal(vault_flags(), 0);
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, P11_USER_PIN));
	vault_works(NEW_PIN);
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_tries(STORE_USER), 0);
	assert_int_equal(vault_lockout_count(), 0);
}

static void
ten_wrong_so_pins_lock_until_the_owner_unlocks(void **state)
{
	(void)state;
	ten_wrong_lock(&roles[STORE_SO]);
	/* the user goes on, the token is not made anew */
	vault_works(P11_USER_PIN);
	assert_rv(CKR_PIN_LOCKED, p11_try_init_token(p11_slot, P11_SO_PIN,
	    "anew"));
	assert_ok(vault_unlock_so());
	assert_int_equal(vault_flags(), 0);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
	assert_int_equal(vault_lockout_count(), 0);
}

static void
each_token_counts_for_itself(void **state)
{
	CK_SLOT_ID first = p11_slot;

	(void)state;
	vault_new_token();
	vault_wrong(CKU_USER, LIMIT);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	p11_slot = first;
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_tries(STORE_USER), 0);
	vault_works(P11_USER_PIN);
}

static void
changes_with_a_wrong_old_pin_count(void **state)
{
	CK_SESSION_HANDLE session;
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_rv(CKR_PIN_INCORRECT, vault_set_pin("wrong pin",
		    NEW_PIN));
	assert_int_equal(vault_tries(STORE_USER), 3);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	assert_int_equal(vault_flags(), 0);
	for (i = 0; i < 2; i++)
		assert_rv(CKR_PIN_INCORRECT, p11->C_SetPIN(session,
		    p11_in("wrong pin"), 9, p11_in(NEW_PIN),
		    strlen(NEW_PIN)));
	assert_int_equal(vault_flags(), CKF_USER_PIN_COUNT_LOW);
	assert_int_equal(vault_tries(STORE_USER), 2);
	session = p11_open_rw();
	p11_login(session, CKU_SO);
	for (i = 0; i < 2; i++)
		assert_rv(CKR_PIN_INCORRECT, p11->C_SetPIN(session,
		    p11_in("wrong pin"), 9, p11_in(NEW_PIN),
		    strlen(NEW_PIN)));
	assert_int_equal(vault_flags(), CKF_SO_PIN_COUNT_LOW |
	    CKF_USER_PIN_COUNT_LOW);
	assert_int_equal(vault_tries(STORE_SO), 2);
	assert_int_equal(vault_tries(STORE_USER), 2);
}

static void
reinitialising_with_a_wrong_pin_counts(void **state)
{
	(void)state;
	assert_rv(CKR_PIN_INCORRECT, p11_try_init_token(p11_slot,
	    "wrong pin", "anew"));
	assert_int_equal(vault_flags(), CKF_SO_PIN_COUNT_LOW);
	assert_int_equal(vault_tries(STORE_SO), 1);
	vault_works(P11_USER_PIN);
}

static void
context_specific_logins_count(void **state)
{
	CK_MECHANISM gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_ATTRIBUTE pub[] = { P11_STR(CKA_EC_PARAMS,
	    "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07") };
	CK_ATTRIBUTE priv[] = { P11_BOOL(CKA_SIGN, true),
	    P11_BOOL(CKA_ALWAYS_AUTHENTICATE, true) };
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_OBJECT_HANDLE public, private;
	unsigned i;

	(void)state;
	p11_login(session, CKU_USER);
	assert_ok(p11->C_GenerateKeyPair(session, &gen, pub, 1, priv, 2,
	    &public, &private));
	assert_ok(p11->C_SignInit(session, &ecdsa, private));
	for (i = 1; i <= LIMIT; i++) {
		assert_rv(CKR_PIN_INCORRECT, p11_try_login(session,
		    CKU_CONTEXT_SPECIFIC, "wrong pin"));
		assert_int_equal(vault_flags(), flags_after(
		    &roles[STORE_USER], i, LIMIT));
	}
	assert_rv(CKR_PIN_LOCKED, p11_try_login(session,
	    CKU_CONTEXT_SPECIFIC, P11_USER_PIN));
	assert_rv(CKR_PIN_LOCKED, vault_set_pin(P11_USER_PIN, NEW_PIN));
	assert_int_equal(vault_tries(STORE_USER), LIMIT);
	assert_int_equal(vault_lockout_count(), 0);
}

static void
limits_are_configured(void **state)
{
	(void)state;
	vault_configure("user_tries: 3\nso_tries: 1\n");
	vault_new_token();
	assert_int_equal(vault_flags(), CKF_SO_PIN_FINAL_TRY);
	vault_wrong(CKU_USER, 2);
	assert_int_equal(vault_flags(), CKF_SO_PIN_FINAL_TRY |
	    CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW);
	assert_ok(vault_try(CKU_USER, P11_USER_PIN));
	vault_wrong(CKU_USER, 3);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	/* they are of the token, not of who uses it */
	vault_configure(NULL);
	vault_wrong(CKU_SO, 1);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_SO, P11_SO_PIN));
	vault_wrong(CKU_USER, 3);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, NEW_PIN));
	assert_int_equal(vault_flags(), CKF_SO_PIN_LOCKED |
	    CKF_SO_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED |
	    CKF_USER_PIN_COUNT_LOW);
}

/* No PIN has such a length, so it is none of the tries. */
static void
lengths_that_no_pin_has_do_not_count(void **state)
{
	char longest[129];
	int i;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[128] = '\0';
	for (i = 0; i < 2 * LIMIT; i++) {
		CK_SESSION_HANDLE session = p11_open_rw();
		CK_UTF8CHAR pin[200] = "aaaaa";

		memset(pin, 'a', sizeof(pin));
		assert_rv(CKR_PIN_INCORRECT, p11->C_Login(session, CKU_USER,
		    pin, i % 2 ? 3 : 129));
		assert_rv(CKR_PIN_INCORRECT, p11->C_Login(session, CKU_SO,
		    pin, i % 2 ? 0 : 200));
		assert_rv(CKR_PIN_INCORRECT, p11->C_SetPIN(session, pin,
		    i % 2 ? 3 : 129, p11_in(NEW_PIN), strlen(NEW_PIN)));
		assert_ok(p11->C_CloseSession(session));
	}
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_tries(STORE_USER), 0);
	assert_int_equal(vault_tries(STORE_SO), 0);
	/* 128 is one */
	assert_rv(CKR_PIN_INCORRECT, vault_try(CKU_USER, longest));
	assert_int_equal(vault_tries(STORE_USER), 1);
	assert_ok(vault_set_pin(P11_USER_PIN, longest));
	assert_ok(vault_try(CKU_USER, longest));
	assert_ok(vault_set_pin(longest, "four"));
	assert_ok(vault_try(CKU_USER, "four"));
}

static void
new_pins_of_wrong_length_do_not_count_the_old_one(void **state)
{
	(void)state;
	assert_rv(CKR_PIN_LEN_RANGE, vault_set_pin("wrong pin", "abc"));
	assert_rv(CKR_PIN_LEN_RANGE, vault_set_pin(P11_USER_PIN, "abc"));
	assert_rv(CKR_PIN_LEN_RANGE, vault_init_pin(P11_SO_PIN, "abc"));
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_tries(STORE_USER), 0);
	assert_ok(vault_try(CKU_USER, P11_USER_PIN));
}

static void
put_note(const char *role, struct view value)
{
	struct config config;
	struct store *store;
	char name[64];

	assert_ok(config_load(&config));
	assert_ok(store_open(&config, false, &store));
	(void)snprintf(name, sizeof(name), "tries-%lu-%s", p11_slot, role);
	assert_ok(store_note_put(store, name, value));
	store_close(&store);
	config_free(&config);
}

/* A note is a hint: what is wrong in it gives no try more or less. */
static void
hints_that_are_wrong_or_gone_are_hints_only(void **state)
{
	static const uint8_t bytes[520] = { 0xff, 0xff, 0xff, 0xff };
	static const size_t lens[] = { 0, 1, 3, 4, 5, 512 };
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(lens); i++) {
		put_note("user", view_of(bytes, lens[i]));
		put_note("so", view_of(bytes + 8, lens[i]));
		(void)vault_flags();
		vault_wrong(CKU_USER, 1);
	}
	/* the largest number that is no mark */
	put_note("user", view_of("\xfe\xff\xff\xff", 4));
	vault_wrong(CKU_USER, 2);
	assert_true((vault_flags() & CKF_USER_PIN_LOCKED) != 0);
	put_note("user", VIEW_EMPTY);
	assert_int_equal(vault_flags(), 0);
	vault_wrong(CKU_USER, LIMIT - 8);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	/* what the TPM said is known now */
	assert_true((vault_flags() & CKF_USER_PIN_LOCKED) != 0);
	put_note("so", view_of(bytes, 4));
	assert_true((vault_flags() & CKF_SO_PIN_LOCKED) != 0);
	assert_ok(vault_try(CKU_SO, P11_SO_PIN));
	assert_int_equal(vault_flags() & CKF_SO_PIN_LOCKED, 0);
}

/* Root passes by modes, unless it gives that up; others have not got it. */
static void
mind_modes(bool yes)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	assert_int_equal(syscall(SYS_capget, &head, data), 0);
	if (yes)
		data[0].effective &= ~(1u << CAP_DAC_OVERRIDE);
	else
		data[0].effective |= data[0].permitted &
		    1u << CAP_DAC_OVERRIDE;
	assert_int_equal(syscall(SYS_capset, &head, data), 0);
}

/* An attacker who keeps the hints from being written gets no more tries. */
static void
a_store_that_is_read_only_counts_too(void **state)
{
	CK_TOKEN_INFO info;

	(void)state;
	vault_run("chmod 0400 $TPM2_CRYPTOKI_STORE/* && "
	    "chmod 0500 $TPM2_CRYPTOKI_STORE");
	mind_modes(true);
	vault_restart();
	assert_ok(p11->C_GetTokenInfo(p11_slot, &info));
	assert_true((info.flags & CKF_WRITE_PROTECTED) != 0);
	vault_wrong(CKU_USER, LIMIT);
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	mind_modes(false);
	vault_run("chmod 0700 $TPM2_CRYPTOKI_STORE && "
	    "chmod 0600 $TPM2_CRYPTOKI_STORE/*");
	assert_int_equal(vault_tries(STORE_USER), LIMIT);
	assert_int_equal(vault_lockout_count(), 0);
	assert_ok(vault_init_pin(P11_SO_PIN, NEW_PIN));
	vault_works(NEW_PIN);
}

/* Two at once, again and again: together they have as many tries as one. */
static void
two_processes_have_ten_tries_together(void **state)
{
	struct vault_process p[2];
	unsigned counted = 0, i, k;
	CK_RV rv;

	(void)state;
	for (k = 0; k < 2; k++)
		p[k] = vault_start();
	for (i = 0; i < LIMIT; i++) {
		for (k = 0; k < 2; k++)
			vault_tell(&p[k], VAULT_USER, "wrong pin", NULL);
		for (k = 0; k < 2; k++) {
			rv = vault_hear(&p[k]);
			assert_rv_in(rv, CKR_PIN_INCORRECT, CKR_PIN_LOCKED);
			counted += rv == CKR_PIN_INCORRECT;
		}
	}
	assert_int_equal(counted, LIMIT);
	for (k = 0; k < 2; k++) {
		assert_rv(CKR_PIN_LOCKED, vault_ask(&p[k], VAULT_USER,
		    P11_USER_PIN, NULL));
		vault_stop(&p[k]);
	}
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	assert_int_equal(vault_tries(STORE_USER), LIMIT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, vault_close)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(nine_wrong_so_pins_and_the_right_one_clears),
		TEST(nine_wrong_user_pins_and_the_right_one_clears),
		TEST(ten_wrong_user_pins_lock_until_the_so_unlocks),
		TEST(ten_wrong_so_pins_lock_until_the_owner_unlocks),
		TEST(each_token_counts_for_itself),
		TEST(changes_with_a_wrong_old_pin_count),
		TEST(reinitialising_with_a_wrong_pin_counts),
		TEST(context_specific_logins_count),
		TEST(limits_are_configured),
		TEST(lengths_that_no_pin_has_do_not_count),
		TEST(new_pins_of_wrong_length_do_not_count_the_old_one),
		TEST(hints_that_are_wrong_or_gone_are_hints_only),
		TEST(a_store_that_is_read_only_counts_too),
	};
	/* what takes several processes, and so a resource manager */
	const struct CMUnitTest together[] = {
		TEST(two_processes_have_ten_tries_together),
	};
	int rc;

	vault_main(argc, argv);
	rc = cmocka_run_group_tests(tests, vault_setup_bare, vault_teardown);
	if (rc == 0 && p11_has_resource_manager())
		rc = cmocka_run_group_tests(together, vault_setup_bare,
		    vault_teardown);
	return rc;
}
