/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power that goes, daemons that are restarted and processes that are killed,
 * at every command of every hot operation: the next call works.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "p11_deeds.h"
#include "p11_trace.h"

#define COMMANDS_MAX 128

static char *self;
static struct p11_traced commands[COMMANDS_MAX];

static int
setup(void **state)
{
	p11_trace_start();
	(void)p11_setup(state);
	p11_deeds_setup();
	return 0;
}

static int
teardown(void **state)
{
	p11_deeds_end();
	p11_trace_stop();
	(void)state;
	(void)p11->C_Finalize(NULL);
	return 0;
}

/* Without the trace, which would take the place of our own TCTI. */
static int
plain_setup(void **state)
{
	(void)p11_setup(state);
	p11_deeds_setup();
	return 0;
}

static int
plain_teardown(void **state)
{
	(void)state;
	p11_deeds_end();
	(void)p11->C_Finalize(NULL);
	return 0;
}

static CK_ULONG
learn(const struct p11_deed *d)
{
	p11_trace_fault("%s", "");
	assert_ok(d->run());
	assert_ok(d->run());
	p11_trace_clear();
	assert_ok(d->run());
	return p11_trace_take(commands, COMMANDS_MAX);
}

/* The deed with this fault at its nth command; then without. */
static void
meet(const struct p11_deed *d, CK_ULONG nth, const char *fault, bool must_work)
{
	CK_RV rv;

	p11_trace_fault("*:%lu:%s", nth + 1, fault);
	rv = d->run();
	p11_trace_fault("%s", "");
	if (rv == P11_WRONG || (rv != CKR_OK && must_work))
		fail_msg("%s, %s at command %lu, %s: %s", d->name, fault,
		    nth + 1, commands[nth].name, p11_rv_name(rv));
	if ((rv = d->run()) != CKR_OK)
		fail_msg("%s after %s at command %lu, %s: %s", d->name, fault,
		    nth + 1, commands[nth].name, p11_rv_name(rv));
}

/*
 * Before a command (for the first: between operations), and after the TPM
 * ran it, so that its answer is lost. A PIN that the TPM may have seen is not
 * sent again, all else is.
 */
static void
a_reset_of_the_tpm_is_not_seen(void **state)
{
	const struct p11_deed *d;
	unsigned tried = 0;
	CK_ULONG i, n;

	(void)state;
	if (!p11_trace_control())
		return;		/* what it does then is tpm2-abrmd's affair */
	for (d = p11_deeds; d->name != NULL; d++) {
		n = learn(d);
		for (i = 0; i < n; i++) {
			meet(d, i, "reset", true);
			meet(d, i, "power", !d->typed);
		}
		print_message("%s: %lu resets\n", d->name, 2 * n);
		tried += 2 * (unsigned)n;
	}
	print_message("%u resets in all\n", tried);
}

/* The script in a process of its own, which dies at command n; false: it
 * has fewer. */
static bool
dies(unsigned n, const char *how)
{
	char slot[32];
	int status;
	pid_t pid;

	(void)snprintf(slot, sizeof(slot), "%lu", p11_slot);
	p11_trace_fault("*:%u:%s", n, how);
	if ((pid = fork()) == 0) {
		(void)execl(self, self, "script", slot, (char *)NULL);
		_exit(errno);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	p11_trace_fault("%s", "");
	if (WIFSIGNALED(status))
		assert_int_equal(WTERMSIG(status), SIGKILL);
	else
		assert_int_equal(WEXITSTATUS(status), 0);
	return WIFSIGNALED(status);
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

/* One session of a dead process may be overlooked (src/tpm/flush.c says
 * why), but they never grow more. */
static void
the_next_works_and_tidies_up(unsigned n, const char *how)
{
	CK_RV rv = p11_deeds_next();

	if (rv != CKR_OK)
		fail_msg("after %s at command %u: %s", how, n,
		    p11_rv_name(rv));
	assert_int_equal(tpm_has("handles-transient"), 0);
	if (!p11_has_resource_manager())
		assert_in_range(tpm_has("handles-loaded-session"), 0, 1);
}

static void
a_process_killed_at_any_command_is_no_trouble(void **state)
{
	static const char *const hows[] = { "kill", "dead" };
	unsigned n, tried = 0;
	size_t i;

	(void)state;
	assert_ok(p11->C_Finalize(NULL));
	for (i = 0; i < P11_COUNT(hows); i++)
		for (n = 1; dies(n, hows[i]); n++, tried++)
			the_next_works_and_tidies_up(n, hows[i]);
	print_message("%u processes killed\n", tried);
	assert_true(tried > 40);
	assert_ok(p11->C_Initialize(NULL));
	p11_deeds_begin();
}

/* with-tpm's directory; empty without tpm2-abrmd. */
static char directory[256];
static pid_t daemon_pid;

static bool
find_directory(void)
{
	const char *bus = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *tcti = getenv("TPM2_CRYPTOKI_TCTI");

	if (bus == NULL || strstr(tcti, "tabrmd") == NULL ||
	    sscanf(bus, "unix:path=%240[^,]", directory) != 1)
		return false;
	*strrchr(directory, '/') = '\0';
	return true;
}

/* The first is with-tpm's, which names it for this. */
static void
stop_daemon(void)
{
	char path[300];
	FILE *f;
	int pid;

	if (daemon_pid == 0) {
		(void)snprintf(path, sizeof(path), "%s/abrmd.pid", directory);
		f = fopen(path, "r");
		assert_non_null(f);
		assert_int_equal(fscanf(f, "%d", &pid), 1);
		(void)fclose(f);
		assert_int_equal(kill(pid, SIGKILL), 0);
		while (kill(pid, 0) == 0)
			(void)usleep(1000);
		return;
	}
	assert_int_equal(kill(daemon_pid, SIGKILL), 0);
	assert_int_equal(waitpid(daemon_pid, NULL, 0), daemon_pid);
}

static void
start_daemon(void)
{
	char tcti[300];

	(void)snprintf(tcti, sizeof(tcti), "--tcti=swtpm:path=%s/tpm",
	    directory);
	if ((daemon_pid = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)execlp("tpm2-abrmd", "tpm2-abrmd", "--session",
		    "--allow-root", "--flush-all", tcti, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(system("for i in $(seq 1000); do dbus-send "
	    "--print-reply --dest=org.freedesktop.DBus / "
	    "org.freedesktop.DBus.NameHasOwner "
	    "string:com.intel.tss2.Tabrmd 2>/dev/null | "
	    "grep -q 'boolean true' && exit 0; sleep 0.01; done; exit 1"), 0);
}

static void
tpm2_abrmd_may_be_restarted_between_calls(void **state)
{
	const struct p11_deed *d;
	unsigned tried = 0;

	(void)state;
	if (!find_directory())
		return;	/* there is none */
	for (d = p11_deeds; d->name != NULL; d++, tried++) {
		assert_ok(d->run());
		stop_daemon();
		start_daemon();
		assert_ok(d->run());
	}
	print_message("%u restarts\n", tried);
}

static atomic_bool enough;

/* No assertions in a thread: counts what is no answer to a lost daemon. */
static void *
work(void *arg)
{
	unsigned *bad = arg;
	CK_RV rv;

	while (!atomic_load(&enough)) {
		if ((rv = p11_deeds_all()) == CKR_PIN_INCORRECT)
			rv = p11_deeds_mend();
		if (rv != CKR_OK && rv != CKR_DEVICE_ERROR &&
		    rv != CKR_DEVICE_REMOVED && (*bad)++ == 0)
			(void)fprintf(stderr, "%s\n", p11_rv_name(rv));
	}
	return NULL;
}

static void
tpm2_abrmd_may_be_restarted_under_calls(void **state)
{
	pthread_t thread;
	unsigned bad = 0, i;

	(void)state;
	if (!find_directory())
		return;	/* there is none */
	assert_int_equal(pthread_create(&thread, NULL, work, &bad), 0);
	for (i = 0; i < 10; i++) {
		(void)usleep(100000 + i * 7000);
		stop_daemon();
		start_daemon();
	}
	atomic_store(&enough, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(bad, 0);
	assert_ok(p11_deeds_mend());
	assert_ok(p11_deeds_all());
}

/* The process that is killed: no cmocka there, so what fails exits. */
static int
script(const char *slot)
{
	p11_load();
	p11_slot = strtoul(slot, NULL, 10);
	assert_ok(p11->C_Initialize(NULL));
	p11_deeds_begin();
	assert_ok(p11_deeds_all());
	assert_ok(p11->C_Finalize(NULL));
	p11_deeds_end();
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest restarts[] = {
		cmocka_unit_test(tpm2_abrmd_may_be_restarted_between_calls),
		cmocka_unit_test(tpm2_abrmd_may_be_restarted_under_calls),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reset_of_the_tpm_is_not_seen),
		cmocka_unit_test(
		    a_process_killed_at_any_command_is_no_trouble),
	};

	self = argv[0];
	if (argc == 3)
		return script(argv[2]);
	return cmocka_run_group_tests(restarts, plain_setup,
	    plain_teardown) + cmocka_run_group_tests(tests, setup, teardown);
}
