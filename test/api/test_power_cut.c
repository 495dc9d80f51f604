/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power that fails without a word to the TPM is not the user's fault: it
 * counts for no PIN and not for the lockout of the whole TPM.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vault_tpm.h"

#define CUTS 20
#define WAIT "for i in $(seq 500); do swtpm_ioctl --unix " \
	"${TPM2TOOLS_TCTI#*=}.ctrl -c >/dev/null 2>&1 && exit 0; " \
	"sleep 0.01; done; exit 1"

static char dir[] = "/tmp/test-power.XXXXXX";
static pid_t swtpm;

static void
exec_swtpm(void)
{
	char state[64], server[64], ctrl[64];
	int null = open("/dev/null", O_WRONLY);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)dup2(null, STDERR_FILENO);
	(void)snprintf(state, sizeof(state), "dir=%s", dir);
	(void)snprintf(server, sizeof(server), "type=unixio,path=%s/tpm", dir);
	(void)snprintf(ctrl, sizeof(ctrl), "type=unixio,path=%s/tpm.ctrl",
	    dir);
	(void)execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate",
	    state, "--server", server, "--ctrl", ctrl, "--flags",
	    "not-need-init,startup-clear", (char *)NULL);
	_exit(127);
}

static void
power_on(void)
{
	if ((swtpm = fork()) == 0)
		exec_swtpm();
	assert_true(swtpm > 0);
	assert_int_equal(system(WAIT), 0);
}

/* The whole chip is gone and comes back from what it kept. */
static void
power_cut(void)
{
	int status;

	assert_int_equal(kill(swtpm, SIGKILL), 0);
	assert_int_equal(waitpid(swtpm, &status, 0), swtpm);
	power_on();
}

/* The chip alone is reset, as by its reset line; nobody starts it up. */
static void
reset_line(void)
{
	assert_int_equal(system("swtpm_ioctl --unix "
	    "${TPM2TOOLS_TCTI#*=}.ctrl -i"), 0);
}

static int
setup(void **state)
{
	char tcti[80];

	assert_non_null(mkdtemp(dir));
	(void)snprintf(tcti, sizeof(tcti), "swtpm:path=%s/tpm", dir);
	(void)setenv("TPM2_CRYPTOKI_TCTI", tcti, 1);
	(void)setenv("TPM2TOOLS_TCTI", tcti, 1);
	power_on();
	return vault_setup(state);
}

static int
teardown(void **state)
{
	char command[80];

	(void)vault_teardown(state);
	if (swtpm > 0) {
		(void)kill(swtpm, SIGKILL);
		(void)waitpid(swtpm, NULL, 0);
	}
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void
nothing_was_counted(void)
{
	assert_int_equal(vault_flags(), 0);
	assert_int_equal(vault_tries(STORE_SO), 0);
	assert_int_equal(vault_tries(STORE_USER), 0);
	assert_int_equal(vault_lockout_count(), 0);
}

static void
cut_after_each_login(void (*cut)(void))
{
	int i;

	for (i = 0; i < CUTS; i++) {
		assert_ok(vault_try(CKU_USER, P11_USER_PIN));
		assert_ok(vault_try(CKU_SO, P11_SO_PIN));
		vault_pause();
		cut();
		vault_resume();
		assert_int_equal(vault_lockout_count(), 0);
	}
	nothing_was_counted();
	vault_works(P11_USER_PIN);
}

static void
twenty_power_cuts(void **state)
{
	(void)state;
	cut_after_each_login(power_cut);
}

static void
twenty_resets(void **state)
{
	(void)state;
	cut_after_each_login(reset_line);
}

/* The module is connected, has a session and keys in the TPM. */
static void
cut_below_a_login(void (*cut)(void))
{
	CK_ATTRIBUTE kept = P11_STR(CKA_LABEL, "kept");
	CK_SESSION_HANDLE session;
	int i;

	for (i = 0; i < CUTS; i++) {
		session = p11_open_rw();
		p11_login(session, CKU_USER);
		cut();
		(void)p11_create_data(session, "kept", true, true);
		assert_ok(p11->C_Logout(session));
		cut();
		p11_login(session, CKU_USER);
		p11_destroy(session, p11_find_one(session, &kept, 1));
		assert_ok(p11->C_CloseSession(session));
	}
	nothing_was_counted();
	vault_works(P11_USER_PIN);
}

static void
twenty_power_cuts_under_a_login(void **state)
{
	(void)state;
	cut_below_a_login(power_cut);
}

static void
twenty_resets_under_a_login(void **state)
{
	(void)state;
	cut_below_a_login(reset_line);
}

/* What was counted before stays so: a power cut gives no new tries. */
static void
wrong_tries_outlive_a_power_cut(void **state)
{
	unsigned i;

	(void)state;
	for (i = 1; i <= 5; i++) {
		vault_wrong(CKU_USER, 2);
		vault_pause();
		(i % 2 ? power_cut : reset_line)();
		vault_resume();
		assert_int_equal(vault_tries(STORE_USER), 2 * i);
	}
	assert_rv(CKR_PIN_LOCKED, vault_try(CKU_USER, P11_USER_PIN));
	assert_ok(vault_init_pin(P11_SO_PIN, P11_USER_PIN));
	nothing_was_counted();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		VAULT_TEST(twenty_power_cuts),
		VAULT_TEST(twenty_resets),
		VAULT_TEST(twenty_power_cuts_under_a_login),
		VAULT_TEST(twenty_resets_under_a_login),
		VAULT_TEST(wrong_tries_outlive_a_power_cut),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
