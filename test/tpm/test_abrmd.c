/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TCTI for tpm2-abrmd with the daemon itself: the one of this run, or,
 * where the TPM was given directly, one that a bus of the test's own starts
 * when it is first asked for.
 */
#include "../lib/tpm_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/log.h"

#define P256 3
#define CHILDREN 8

static const uint8_t digest[32] = { 1 };

/* A bus of the test's own. */
static char dir[64];
static pid_t bus;

static void
write_file(const char *name, mode_t mode, const char *fmt, ...)
{
	char path[128];
	va_list ap;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	va_start(ap, fmt);
	assert_true(vfprintf(f, fmt, ap) > 0);
	va_end(ap);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
bus_stop(void)
{
	if (bus <= 0)
		return;
	(void)kill(bus, SIGTERM);
	(void)waitpid(bus, NULL, 0);
	bus = 0;
	run("rm -rf %s", dir);
}

/* Waits for the line that dbus-daemon prints when it listens. */
static void
bus_run(void)
{
	char conf[128], c = 0;
	int ends[2];

	(void)snprintf(conf, sizeof(conf), "--config-file=%s/bus.conf", dir);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	if ((bus = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		(void)dup2(ends[1], STDOUT_FILENO);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(127);
		(void)execlp("dbus-daemon", "dbus-daemon", conf, "--nofork",
		    "--nopidfile", "--print-address", (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	while (read(ends[0], &c, 1) == 1 && c != '\n')
		;
	(void)close(ends[0]);
	assert_int_equal(c, '\n');
}

/*
 * With these rules of policy, and a daemon that this command line runs when it
 * is asked for; NULL: none.
 */
static void
bus_start(const char *rules, const char *command)
{
	char address[96];

	bus_stop();
	(void)snprintf(dir, sizeof(dir), "/tmp/own-bus.XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(address, sizeof(address), "unix:path=%s/bus", dir);
	write_file("bus.conf", 0600, "<busconfig><type>session</type>"
	    "<listen>%s</listen><auth>EXTERNAL</auth>"
	    "<servicedir>%s</servicedir><policy context=\"default\">"
	    "<allow send_destination=\"*\" eavesdrop=\"true\"/>"
	    "<allow eavesdrop=\"true\"/><allow own=\"*\"/>%s</policy>"
	    "</busconfig>\n", address, dir, rules);
	if (command != NULL) {
		write_file("abrmd", 0700, "#!/bin/sh\necho $$ >%s/abrmd.pid\n"
		    "exec 2>/dev/null\nexec %s\n", dir, command);
		write_file("com.intel.tss2.Tabrmd.service", 0600,
		    "[D-BUS Service]\nName=com.intel.tss2.Tabrmd\n"
		    "Exec=%s/abrmd\n", dir);
	}
	bus_run();
	assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS", address, 1), 0);
}

#define SESSION "tabrmd:bus_type=session"
/* A daemon that was killed leaves in the TPM what it had just loaded. */
#define FLUSH "--flush-all"

/* The daemon's command line with more options, at this TPM. */
static const char *
abrmd(const char *tcti, const char *options)
{
	static char command[256];

	(void)snprintf(command, sizeof(command), "tpm2-abrmd --session "
	    "--allow-root --tcti=%s %s", tcti, options);
	return command;
}

/* The tests' daemon: this run's, or the bus's that starts it. */
static char run_bus[96];

static int
start_all(void **state)
{
	const char *tcti = getenv("TPM2_CRYPTOKI_TCTI");

	if (group_setup(state) != 0 || tcti == NULL)
		return -1;
	if (behind_resource_manager())
		(void)snprintf(run_bus, sizeof(run_bus), "%s",
		    getenv("DBUS_SESSION_BUS_ADDRESS"));
	return 0;
}

static int
stop_all(void **state)
{
	bus_stop();
	own_tpm_remove();
	return group_teardown(state);
}

struct kit {
	struct tpm *tpm;
	struct tpm_parent parent;
	struct tpm_key *key;
	struct buf point;
};

static CK_RV
kit_open(struct kit *k)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	CK_RV rv;

	*k = (struct kit){ .tpm = NULL };
	if ((rv = tpm_new(SESSION, &k->tpm)) == CKR_OK &&
	    (rv = tpm_parent_provision(k->tpm, bench_parent, VIEW_EMPTY,
	    &k->parent)) == CKR_OK &&
	    (rv = tpm_create_ec(k->tpm, &k->parent, P256, TPM_USE_SIGN, &blob,
	    &k->point)) == CKR_OK)
		rv = tpm_key_new(k->tpm, &k->parent, &blob, &k->key);
	tpm_blob_free(&blob);
	return rv;
}

static void
kit_close(struct kit *k)
{
	tpm_key_unref(&k->key);
	tpm_free(&k->tpm);
	tpm_parent_free(&k->parent);
	buf_free(&k->point);
}

/* Not an assertion, so that a child may use it. */
static CK_RV
kit_sign(const struct kit *k, unsigned count)
{
	struct buf out = BUF_EMPTY;
	struct pubkey *pub = NULL;
	CK_RV rv;

	rv = pubkey_ec(curve_by_tpm_id(P256), buf_view(&k->point), &pub);
	for (; count > 0 && rv == CKR_OK; count--)
		if ((rv = tpm_key_ecdsa(k->key, view_of(digest, 32),
		    &out)) == CKR_OK)
			rv = pubkey_ecdsa_verify(pub, view_of(digest, 32),
			    buf_view(&out));
	pubkey_free(&pub);
	buf_free(&out);
	return rv;
}

static int
kit_setup(void **state)
{
	struct kit *k = calloc(1, sizeof(*k));

	if (run_bus[0] != '\0')
		(void)setenv("DBUS_SESSION_BUS_ADDRESS", run_bus, 1);
	else if (bus == 0)
		bus_start("", abrmd(getenv("TPM2_CRYPTOKI_TCTI"), FLUSH));
	*state = k;
	return kit_open(k) == CKR_OK && kit_sign(k, 1) == CKR_OK ? 0 : -1;
}

static int
kit_teardown(void **state)
{
	struct kit *k = *state;

	kit_close(k);
	free(k);
	return 0;
}

/* Threads or descriptors of this process. */
static unsigned
count_in(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	unsigned n = 0;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

static void
there_is_no_thread_and_no_glib(void **state)
{
	char line[512];
	FILE *maps = fopen("/proc/self/maps", "r");

	(void)state;
	assert_int_equal(count_in("/proc/self/task"), 1);
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "libglib") != NULL ||
		    strstr(line, "libgio") != NULL ||
		    strstr(line, "tcti-tabrmd") != NULL)
			fail_msg("%s", line);
	(void)fclose(maps);
}

/* What a program that is executed would inherit. */
static void
no_descriptor_survives_exec(void **state)
{
	struct kit k;
	int fd, before[64];

	(void)state;
	for (fd = 0; fd < 64; fd++)
		before[fd] = fcntl(fd, F_GETFD);
	assert_ok(kit_open(&k));
	for (fd = 0; fd < 64; fd++)
		if (before[fd] < 0 && fcntl(fd, F_GETFD) >= 0)
			assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	kit_close(&k);
	for (fd = 0; fd < 64; fd++)
		assert_int_equal(fcntl(fd, F_GETFD), before[fd]);
}

/* A child as the module makes it: it leaves the parent's connection alone. */
static int
child(struct kit *inherited, unsigned generations)
{
	unsigned fds = count_in("/proc/self/fd");
	struct kit k;
	int status = 0;
	pid_t pid;

	(void)alarm(60);
	tpm_abandon(&inherited->tpm);
	if (count_in("/proc/self/fd") != fds - 1)
		return 4;
	if (kit_open(&k) != CKR_OK || kit_sign(&k, 20) != CKR_OK)
		return 1;
	if (generations > 0) {
		if ((pid = fork()) == 0)
			_exit(child(&k, generations - 1));
		if (waitpid(pid, &status, 0) != pid || status != 0)
			return 2;
	}
	if (kit_sign(&k, 20) != CKR_OK)
		return 3;
	kit_close(&k);
	return 0;
}

static void
assert_ended_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
parent_and_child_use_the_tpm(void **state)
{
	struct kit *k = *state;
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(child(k, 2));
	assert_ok(kit_sign(k, 50));
	assert_ended_well(pid);
	assert_ok(kit_sign(k, 1));
}

static void
many_children_use_the_tpm_at_once(void **state)
{
	struct kit *k = *state;
	pid_t pids[CHILDREN];
	size_t i;

	for (i = 0; i < CHILDREN; i++)
		if ((pids[i] = fork()) == 0)
			_exit(child(k, 0));
	assert_ok(kit_sign(k, 50));
	for (i = 0; i < CHILDREN; i++)
		assert_ended_well(pids[i]);
	assert_ok(kit_sign(k, 1));
}

/* nginx: the master looks, and its workers outlive each other. */
static void
children_come_and_go(void **state)
{
	struct kit *k = *state;
	pid_t pid;
	int i;

	for (i = 0; i < CHILDREN; i++) {
		if ((pid = fork()) == 0)
			_exit(child(k, 0));
		if (i % 2 == 0)
			(void)kill(pid, SIGKILL);
		(void)waitpid(pid, NULL, 0);
		assert_ok(kit_sign(k, 1));
	}
}

static bool
bus_has_daemon(void)
{
	return system("dbus-send --session --print-reply "
	    "--dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner "
	    "string:com.intel.tss2.Tabrmd 2>/dev/null | "
	    "grep -q 'boolean true'") == 0;
}

static void
await_daemon(bool there)
{
	int i;

	for (i = 0; i < 500 && bus_has_daemon() != there; i++)
		(void)usleep(10000);
	assert_int_equal(bus_has_daemon(), there);
}

/* The one that we started instead of the run's own; 0: none. */
static pid_t restarted;

static long
noted_pid(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	char path[128];
	long pid = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s", strchr(address, '=') + 1);
	(void)snprintf(strrchr(path, '/'), 16, "/abrmd.pid");
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld", &pid), 1);
	(void)fclose(f);
	return pid;
}

/* The daemon's arguments, NUL between them; its id. */
static pid_t
daemon_of_this_run(char *arguments, size_t room)
{
	long pid = restarted != 0 ? restarted : noted_pid();
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(arguments, 1, room, f) > 0);
	(void)fclose(f);
	return (pid_t)pid;
}

static void
run_daemon(char *arguments)
{
	static char flush[] = FLUSH;
	char *argv[16], *p = arguments;
	size_t n;

	for (n = 0; n < 14 && *p != '\0'; n++, p += strlen(p) + 1)
		argv[n] = p;
	argv[n++] = flush;
	argv[n] = NULL;
	if ((restarted = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (freopen("/dev/null", "w", stderr) != NULL)
			(void)execvp(argv[0], argv);
		_exit(127);
	}
}

static void
a_daemon_that_comes_back_is_used_again(void **state)
{
	char arguments[512] = "";
	const struct kit *k = *state;
	pid_t pid = daemon_of_this_run(arguments, sizeof(arguments) - 1);

	assert_int_equal(kill(pid, SIGKILL), 0);
	await_daemon(false);
	if (run_bus[0] != '\0') {
		/* Nobody starts it, until we do. */
		assert_rv(kit_sign(k, 1), CKR_DEVICE_REMOVED);
		run_daemon(arguments);
		await_daemon(true);
	}
	assert_ok(kit_sign(k, 5));
}

/* What there is on stderr after an attempt with this TCTI. */
static const char *
complaint(const char *tcti, const char *level)
{
	static char text[2048];
	FILE *f = tmpfile();
	int saved = dup(STDERR_FILENO);
	struct tpm *t = NULL;
	uint8_t byte;

	assert_non_null(f);
	(void)setenv("TPM2_CRYPTOKI_LOG", level, 1);
	log_start();
	(void)dup2(fileno(f), STDERR_FILENO);
	assert_ok(tpm_new(tcti, &t));
	assert_rv(tpm_random(t, &byte, 1), CKR_DEVICE_REMOVED);
	tpm_free(&t);
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	(void)unsetenv("TPM2_CRYPTOKI_LOG");
	log_start();
	rewind(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	(void)fclose(f);
	return text;
}

/* One line, and only when it was asked for. */
static void
assert_told(const char *tcti, const char *advice)
{
	const char *text = complaint(tcti, "error");

	print_message("%s", text);
	assert_non_null(strstr(text, advice));
	assert_true(strchr(text, '\n') == text + strlen(text) - 1);
	assert_string_equal(complaint(tcti, "none"), "");
}

static void
what_a_person_can_mend_is_told(void **state)
{
	const char *tpm = own_tpm_start();

	(void)state;
	bus_start("", NULL);
	assert_told(SESSION, "start tpm2-abrmd.service");
	assert_told("tabrmd:bus_type=local", "bus_type=system");
	bus_start("", "/bin/false");
	assert_told(SESSION, "see what tpm2-abrmd logged");
	bus_start("<deny send_destination=\"com.intel.tss2.Tabrmd\"/>",
	    abrmd(tpm, ""));
	assert_told(SESSION, "join the group tss");
	bus_stop();
	assert_told(SESSION, "No such file or directory");
	(void)setenv("DBUS_SESSION_BUS_ADDRESS", "tcp:host=localhost", 1);
	assert_told(SESSION, "there is no unix:path=");
	(void)unsetenv("DBUS_SESSION_BUS_ADDRESS");
	(void)unsetenv("XDG_RUNTIME_DIR");
	assert_told(SESSION, "DBUS_SESSION_BUS_ADDRESS is not set");
}

static void
the_bus_starts_the_daemon(void **state)
{
	struct kit k;
	CK_RV rv = CKR_OK;
	int i;

	(void)state;
	bus_start("", abrmd(own_tpm_start(), "--max-connections=1"));
	assert_false(bus_has_daemon());
	assert_ok(kit_open(&k));
	assert_true(bus_has_daemon());
	assert_ok(kit_sign(&k, 1));
	assert_told(SESSION, "--max-connections");
	kit_close(&k);
	/* The daemon notices in its own time that a place is free. */
	for (i = 0; i < 100 && (rv = kit_open(&k)) != CKR_OK; i++) {
		kit_close(&k);
		(void)usleep(50000);
	}
	assert_ok(rv);
	kit_close(&k);
	bus_stop();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, kit_setup, kit_teardown)

static int
start_transient(void **state)
{
	bench_parent = TPM_TRANSIENT;
	return start_all(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(there_is_no_thread_and_no_glib),
		TEST(no_descriptor_survives_exec),
		TEST(parent_and_child_use_the_tpm),
		TEST(many_children_use_the_tpm_at_once),
		TEST(children_come_and_go),
		TEST(a_daemon_that_comes_back_is_used_again),
		cmocka_unit_test(what_a_person_can_mend_is_told),
		cmocka_unit_test(the_bus_starts_the_daemon),
	};

	const struct CMUnitTest shared[] = {
		TEST(parent_and_child_use_the_tpm),
		TEST(many_children_use_the_tpm_at_once),
		TEST(children_come_and_go),
		TEST(a_daemon_that_comes_back_is_used_again),
	};
	int failed;

	failed = cmocka_run_group_tests_name("transient parent", shared,
	    start_transient, stop_all);
	bench_parent = TPM_SRK;
	return failed + cmocka_run_group_tests_name("persistent parent",
	    tests, start_all, stop_all);
}
