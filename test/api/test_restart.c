/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * More keys than the TPM has room for, used in turn, by this process and by
 * later ones; and nothing left in the TPM by any of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

#define PAIRS 20

static char *self;
static struct p11_pair pairs[PAIRS];
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };

static void
sign_and_verify(CK_SESSION_HANDLE session, struct p11_pair pair)
{
	EVP_PKEY *key = ossl_ec_of(session, pair.public, NID_X9_62_prime256v1);
	struct p11_bytes signature;
	CK_BYTE digest[32];

	ossl_random(digest, sizeof(digest));
	p11_sign(session, &ecdsa, pair.private, digest, sizeof(digest),
	    &signature);
	assert_true(ossl_ecdsa_ok(key, digest, sizeof(digest), &signature));
	EVP_PKEY_free(key);
}

static void
label_of(char label[8], unsigned i)
{
	(void)snprintf(label, 8, "key-%02u", i);
}

/* The pairs again, as a program that has just begun finds them. */
static void
find_pairs(CK_SESSION_HANDLE session)
{
	char label[8];
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_BYTES(CKA_LABEL, label, 6),
	};
	unsigned i;

	for (i = 0; i < PAIRS; i++) {
		label_of(label, i);
		template[0] = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS,
		    CKO_PUBLIC_KEY);
		pairs[i].public = p11_find_one(session, template, 2);
		template[0] = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS,
		    CKO_PRIVATE_KEY);
		pairs[i].private = p11_find_one(session, template, 2);
	}
}

/* In turn and out of turn, so that none is just the last one used. */
static void
use_all(CK_SESSION_HANDLE session)
{
	unsigned i;

	for (i = 0; i < 2 * PAIRS; i++)
		sign_and_verify(session, pairs[i % PAIRS]);
	for (i = 0; i < 2 * PAIRS; i++)
		sign_and_verify(session, pairs[i * 7 % PAIRS]);
}

/* What tpm2_getcap prints: a line for each handle. */
static unsigned
tpm_has(const char *what)
{
	char command[64], line[128];
	unsigned n = 0;
	FILE *f;

	(void)snprintf(command, sizeof(command), "tpm2_getcap %s", what);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n++;
	assert_int_equal(pclose(f), 0);
	return n;
}

static void
tpm_is_empty(void)
{
	assert_int_equal(tpm_has("handles-transient"), 0);
	assert_int_equal(tpm_has("handles-loaded-session"), 0);
	/* a resource manager saves what it does not load: none of ours */
	if (!p11_has_resource_manager())
		assert_int_equal(tpm_has("handles-saved-session"), 0);
}

static CK_SESSION_HANDLE
begin(void)
{
	CK_SESSION_HANDLE session;

	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, CKF_RW_SESSION);
	p11_login(session, CKU_USER);
	return session;
}

static int
setup(void **state)
{
	CK_SESSION_HANDLE session;
	char label[8];
	unsigned i;

	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	for (i = 0; i < PAIRS; i++) {
		label_of(label, i);
		pairs[i] = p11_ec_pair(session, NID_X9_62_prime256v1, true,
		    label);
	}
	return 0;
}

static void
twenty_pairs_are_used_in_turn(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();

	(void)state;
	use_all(session);
	assert_ok(p11->C_Finalize(NULL));
	tpm_is_empty();
}

static void
they_are_there_after_a_restart(void **state)
{
	CK_SESSION_HANDLE session = begin();

	(void)state;
	find_pairs(session);
	use_all(session);
	assert_ok(p11->C_Finalize(NULL));
	tpm_is_empty();
}

static int
run(const char *what)
{
	char slot[32];
	int status;
	pid_t pid;

	(void)snprintf(slot, sizeof(slot), "%lu", p11_slot);
	pid = fork();
	if (pid == 0) {
		(void)execl(self, self, what, slot, (char *)NULL);
		_exit(errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
another_process_uses_them(void **state)
{
	(void)state;
	assert_int_equal(run("use"), 0);
	tpm_is_empty();
}

static void
session_keys_leave_nothing_either(void **state)
{
	CK_SESSION_HANDLE session = begin();
	struct p11_pair pair;
	int i;

	(void)state;
	for (i = 0; i < 8; i++) {
		pair = p11_ec_pair(session, NID_X9_62_prime256v1, false,
		    "passing");
		sign_and_verify(session, pair);
	}
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	find_pairs(session);
	use_all(session);
	assert_ok(p11->C_Finalize(NULL));
	tpm_is_empty();
}

/*
 * With keys loaded and a session open; the resource manager cleans up, and
 * where there is none the module does. It may overlook one session of a dead
 * process (src/tpm/flush.c says why), but they never grow more.
 */
static void
processes_that_die_are_no_trouble(void **state)
{
	CK_SESSION_HANDLE session;
	int status, i;

	(void)state;
	for (i = 0; i < 12; i++) {
		status = run("die");
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	session = begin();
	find_pairs(session);
	use_all(session);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(tpm_has("handles-transient"), 0);
	assert_in_range(tpm_has("handles-loaded-session"), 0, 1);
}

/* The other processes: no cmocka there, so a failed assertion exits. */
static int
other_process(const char *what, const char *slot)
{
	CK_SESSION_HANDLE session;

	p11_load();
	p11_slot = strtoul(slot, NULL, 10);
	session = begin();
	find_pairs(session);
	use_all(session);
	if (strcmp(what, "die") == 0) {
		assert_ok(p11->C_SignInit(session, &ecdsa, pairs[0].private));
		(void)kill(getpid(), SIGKILL);
	}
	assert_ok(p11->C_Finalize(NULL));
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_pairs_are_used_in_turn),
		cmocka_unit_test(they_are_there_after_a_restart),
		cmocka_unit_test(another_process_uses_them),
		cmocka_unit_test(session_keys_leave_nothing_either),
		cmocka_unit_test(processes_that_die_are_no_trouble),
	};

	self = argv[0];
	if (argc == 3)
		return other_process(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, setup, NULL);
}
