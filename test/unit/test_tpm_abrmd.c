/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/fake_bus.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tpm/internal.h"

#define LATE_MS 3000

static const uint8_t command[12] = { 0x80, 1, 0, 0, 0, 12, 0, 0, 1, 0x7b };
static const uint8_t response[14] = { 0x80, 1, 0, 0, 0, 14, 0, 0, 0, 0, 0, 2,
    'h', 'i' };

/* What the daemon gives for an answer, and does with the command then. */
static struct fake_message gives;
static fake_script *serves;
static int what;	/* it gives: the type of a socket; 0: a pipe's end */

static const char *early;	/* what it answers at first */

static void
daemon_script(int fd)
{
	struct fake_message no = { .type = DBUS_ERROR, .error = early };
	struct fake_bytes b;
	uint8_t heard[sizeof(command)];
	int i, ends[2];

	fake_let_in(fd);
	for (i = 0; i < 3 && early != NULL; i++) {
		no.answers = fake_hear(fd, "CreateConnection");
		fake_say_message(fd, &no);
	}
	gives.answers = fake_hear(fd, "CreateConnection");
	if ((what != 0 ? socketpair(AF_UNIX, what, 0, ends) :
	    pipe(ends)) != 0)
		_exit(1);
	b = fake_write(&gives);
	fake_say_fds(fd, view_of(b.data, b.len), &ends[1], 1);
	(void)close(ends[1]);
	if (serves == NULL || what == 0)
		(void)pause();
	if (recv(ends[0], heard, sizeof(heard), MSG_WAITALL) !=
	    sizeof(heard) || memcmp(heard, command, sizeof(heard)) != 0)
		_exit(1);
	serves(ends[0]);
}

static int
setup(void **state)
{
	(void)state;
	gives = (struct fake_message){ .type = DBUS_RETURN, .fds = 1,
	    .signature = "t", .body = view_of("12345678", 8) };
	early = NULL;
	serves = NULL;
	what = SOCK_STREAM;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_bus_stop();
	return 0;
}

static CK_RV
connect_to_fake(TSS2_TCTI_CONTEXT **t)
{
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS",
	    fake_bus_start(daemon_script), 1), 0);
	return abrmd_open("tabrmd", t);
}

static void
answers(int fd)
{
	fake_say(fd, response, sizeof(response));
	(void)pause();
}

static void
answers_byte_by_byte(int fd)
{
	size_t i;

	for (i = 0; i < sizeof(response); i++) {
		(void)usleep(1000);
		fake_say(fd, response + i, 1);
	}
	(void)pause();
}

static void
assert_exchange(TSS2_TCTI_CONTEXT *t)
{
	uint8_t got[64];
	size_t len = sizeof(got);

	assert_int_equal(Tss2_Tcti_Transmit(t, sizeof(command), command), 0);
	assert_int_equal(Tss2_Tcti_Receive(t, &len, got,
	    TSS2_TCTI_TIMEOUT_BLOCK), 0);
	assert_int_equal(len, sizeof(response));
	assert_memory_equal(got, response, len);
}

static void
a_response_is_read_whole(void **state)
{
	fake_script *const scripts[] = { answers, answers_byte_by_byte };
	unsigned fds = fake_open_fds();
	TSS2_TCTI_CONTEXT *t = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(scripts); i++) {
		serves = scripts[i];
		assert_int_equal(connect_to_fake(&t), CKR_OK);
		/* The bus was left: what is open is the socket. */
		assert_int_equal(fake_open_fds(), fds + 1);
		assert_exchange(t);
		abrmd_close(&t);
		assert_null(t);
		abrmd_close(&t);
		assert_int_equal(fake_open_fds(), fds);
	}
}

/* Its answer was "aht" then: an array of descriptors, and the number. */
static void
a_daemon_before_3_0_will_do(void **state)
{
	TSS2_TCTI_CONTEXT *t = NULL;

	(void)state;
	gives.signature = "aht";
	gives.body = view_of("\4\0\0\0\0\0\0\0" "12345678", 16);
	serves = answers;
	assert_int_equal(connect_to_fake(&t), CKR_OK);
	assert_exchange(t);
	abrmd_close(&t);
}

/* It has its name before it can serve; other errors are not for waiting. */
static void
who_comes_too_early_waits(void **state)
{
	static const struct {
		const char *error;
		CK_RV rv;
	} rows[] = {
		{ "org.freedesktop.DBus.Error.UnknownMethod", CKR_OK },
		{ "org.freedesktop.DBus.Error.UnknownObject", CKR_OK },
		{ "com.intel.tss2.Tabrmd.Error.Internal", CKR_OK },
		{ "com.intel.tss2.Tabrmd.Error.General", CKR_DEVICE_REMOVED },
		{ "org.freedesktop.DBus.Error.ServiceUnknown",
		    CKR_DEVICE_REMOVED },
		{ "org.freedesktop.DBus.Error.AccessDenied",
		    CKR_DEVICE_REMOVED },
		{ "x", CKR_DEVICE_REMOVED },
	};
	TSS2_TCTI_CONTEXT *t = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		early = rows[i].error;
		assert_int_equal(connect_to_fake(&t), rows[i].rv);
		abrmd_close(&t);
	}
}

static void
an_answer_without_its_socket_is_refused(void **state)
{
	static const struct {
		int what;
		const char *signature;
		struct { const char *data; size_t len; } body;
	} rows[] = {
		{ 0, "t", { "12345678", 8 } },
		{ SOCK_DGRAM, "t", { "12345678", 8 } },
		{ SOCK_STREAM, "t", { "1234", 4 } },
		{ SOCK_STREAM, "t", { "", 0 } },
		{ SOCK_STREAM, "u", { "1234", 4 } },
		{ SOCK_STREAM, NULL, { "", 0 } },
		{ SOCK_STREAM, "aht", { "12345678", 8 } },
		{ SOCK_STREAM, "aht", { "\0\0\0\0\0\0\0\0" "12345678", 16 } },
		{ SOCK_STREAM, "aht", { "\4\0\0\0\1\0\0\0" "12345678", 16 } },
		{ SOCK_STREAM, "aht", { "\10\0\0\0\0\0\0\0" "12345678", 16 } },
		{ SOCK_STREAM, "aht",
		    { "\377\377\377\377\0\0\0\0" "12345678", 16 } },
	};
	unsigned fds = fake_open_fds();
	TSS2_TCTI_CONTEXT *t = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		what = rows[i].what;
		gives.signature = rows[i].signature;
		gives.body = view_of(rows[i].body.data, rows[i].body.len);
		assert_int_equal(connect_to_fake(&t), CKR_DEVICE_REMOVED);
		assert_null(t);
		assert_int_equal(fake_open_fds(), fds);
		fake_bus_stop();
	}
}

static void
is_gone(int fd)
{
	(void)fd;
}

static void
is_gone_in_the_middle(int fd)
{
	fake_say(fd, response, sizeof(response) - 1);
}

static void
announces_too_little(int fd)
{
	fake_say(fd, "\200\1\0\0\0\11\0\0\0\0", 10);
	(void)pause();
}

static void
announces_too_much(int fd)
{
	fake_say(fd, "\200\1\0\0\20\1\0\0\0\0", 10);
	(void)pause();
}

static void
announces_very_much(int fd)
{
	fake_say(fd, "\200\1\377\377\377\377\0\0\0\0", 10);
	(void)pause();
}

static void
says_more_than_announced(int fd)
{
	fake_say(fd, "\200\1\0\0\0\12\0\0\0\0x", 11);
	(void)pause();
}

static void
a_hostile_daemon_gets_a_code(void **state)
{
	static const struct {
		fake_script *script;
		TSS2_RC rc;
	} rows[] = {
		{ is_gone, TSS2_TCTI_RC_IO_ERROR },
		{ is_gone_in_the_middle, TSS2_TCTI_RC_IO_ERROR },
		{ announces_too_little, TSS2_TCTI_RC_MALFORMED_RESPONSE },
		{ announces_too_much, TSS2_TCTI_RC_MALFORMED_RESPONSE },
		{ announces_very_much, TSS2_TCTI_RC_MALFORMED_RESPONSE },
		{ says_more_than_announced, TSS2_TCTI_RC_MALFORMED_RESPONSE },
	};
	TSS2_TCTI_CONTEXT *t = NULL;
	uint8_t got[TPM2_MAX_RESPONSE_SIZE];
	size_t i, len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		serves = rows[i].script;
		assert_int_equal(connect_to_fake(&t), CKR_OK);
		assert_int_equal(Tss2_Tcti_Transmit(t, sizeof(command),
		    command), 0);
		len = sizeof(got);
		assert_int_equal(Tss2_Tcti_Receive(t, &len, got,
		    TSS2_TCTI_TIMEOUT_BLOCK), rows[i].rc);
		abrmd_close(&t);
		fake_bus_stop();
	}
}

/* No SIGPIPE either, which would end this test. */
static void
a_daemon_that_went_away_is_an_error(void **state)
{
	TSS2_TCTI_CONTEXT *t = NULL;
	TSS2_RC rc = 0;
	uint8_t got[64];
	size_t len = sizeof(got);

	(void)state;
	(void)signal(SIGPIPE, SIG_DFL);
	serves = is_gone;
	assert_int_equal(connect_to_fake(&t), CKR_OK);
	assert_int_equal(Tss2_Tcti_Transmit(t, sizeof(command), command), 0);
	assert_int_equal(Tss2_Tcti_Receive(t, &len, got, -1),
	    TSS2_TCTI_RC_IO_ERROR);
	abrmd_close(&t);
	assert_int_equal(connect_to_fake(&t), CKR_OK);
	fake_bus_stop();
	(void)usleep(100000);
	rc = Tss2_Tcti_Transmit(t, sizeof(command), command);
	assert_int_equal(rc, TSS2_TCTI_RC_IO_ERROR);
	abrmd_close(&t);
}

static void
answers_late(int fd)
{
	fake_say(fd, response, 5);
	(void)usleep(300000);
	fake_say(fd, response + 5, sizeof(response) - 5);
	(void)pause();
}

static void
the_interface_is_kept(void **state)
{
	TSS2_TCTI_CONTEXT *t = NULL;
	TSS2_TCTI_POLL_HANDLE handles[2];
	uint8_t got[64];
	size_t len = sizeof(got), count = 2;
	long start;

	(void)state;
	serves = answers_late;
	assert_int_equal(connect_to_fake(&t), CKR_OK);
	assert_int_equal(Tss2_Tcti_Receive(t, &len, got, 0),
	    TSS2_TCTI_RC_BAD_SEQUENCE);
	assert_int_equal(Tss2_Tcti_Transmit(t, 9, command),
	    TSS2_TCTI_RC_BAD_VALUE);
	assert_int_equal(Tss2_Tcti_Transmit(t, sizeof(command), command), 0);
	assert_int_equal(Tss2_Tcti_Transmit(t, sizeof(command), command),
	    TSS2_TCTI_RC_BAD_SEQUENCE);
	start = fake_clock();
	assert_int_equal(Tss2_Tcti_Receive(t, &len, got, 50),
	    TSS2_TCTI_RC_TRY_AGAIN);
	assert_in_range(fake_clock() - start, 50, 50 + LATE_MS);
	assert_int_equal(Tss2_Tcti_Receive(t, &len, NULL, -1), 0);
	assert_int_equal(len, sizeof(response));
	len = 13;
	assert_int_equal(Tss2_Tcti_Receive(t, &len, got, -1),
	    TSS2_TCTI_RC_INSUFFICIENT_BUFFER);
	assert_int_equal(len, sizeof(response));
	assert_int_equal(Tss2_Tcti_Receive(t, &len, got, 0), 0);
	assert_memory_equal(got, response, sizeof(response));
	assert_int_equal(Tss2_Tcti_Cancel(t), TSS2_TCTI_RC_NOT_IMPLEMENTED);
	assert_int_equal(Tss2_Tcti_SetLocality(t, 1),
	    TSS2_TCTI_RC_NOT_IMPLEMENTED);
	assert_int_equal(Tss2_Tcti_GetPollHandles(t, handles, &count), 0);
	assert_int_equal(count, 1);
	assert_true((fcntl(handles[0].fd, F_GETFD) & FD_CLOEXEC) != 0);
	abrmd_close(&t);
}

/* A program that runs without them, and prints nevertheless. */
static void
the_standard_streams_numbers_are_left_alone(void **state)
{
	TSS2_TCTI_CONTEXT *t = NULL;
	TSS2_TCTI_POLL_HANDLE handle;
	size_t count = 1;
	int fd, saved[3];

	(void)state;
	for (fd = 0; fd < 3; fd++)
		assert_true((saved[fd] = dup(fd)) > 2);
	(void)fflush(stdout);
	for (fd = 0; fd < 3; fd++)
		(void)close(fd);
	if (connect_to_fake(&t) != CKR_OK)
		t = NULL;
	for (fd = 0; fd < 3; fd++) {
		(void)dup2(saved[fd], fd);
		(void)close(saved[fd]);
	}
	assert_non_null(t);
	assert_int_equal(Tss2_Tcti_GetPollHandles(t, &handle, &count), 0);
	assert_true(handle.fd > 2);
	abrmd_close(&t);
}

static void
the_string_says_which_daemon(void **state)
{
	static const struct {
		const char *tcti;
		bool own;
		bool good;
	} rows[] = {
		{ "tabrmd", true, true },
		{ "tabrmd:", true, true },
		{ "tabrmd:bus_type=system", true, true },
		{ "tabrmd:bus_name=com.intel.tss2.Tabrmd", true, true },
		{ "tabrmd:bus_name=a.b-c_1,bus_type=system", true, true },
		{ "tabrmd:bus_name=:1.5", true, true },
		{ "tabrmd:bus_type=starter", true, false },
		{ "tabrmd:bus_type", true, false },
		{ "tabrmd:bus_name=", true, false },
		{ "tabrmd:bus_name=a/b", true, false },
		{ "tabrmd:bus_name=a b", true, false },
		{ "tabrmd:session", true, false },
		{ "tabrmd:bus_type=system,", true, true },
		{ "tabrmdx", false, false },
		{ "libtss2-tcti-tabrmd.so.0", false, false },
		{ "device:/dev/tpmrm0", false, false },
		{ "", false, false },
	};
	TSS2_TCTI_CONTEXT *t = NULL;
	size_t i;

	(void)state;
	assert_int_equal(connect_to_fake(&t), CKR_OK);
	abrmd_close(&t);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%s\n", rows[i].tcti);
		assert_int_equal(abrmd_named(rows[i].tcti), rows[i].own);
		if (!rows[i].own)
			continue;
		assert_int_equal(abrmd_open(rows[i].tcti, &t), rows[i].good ?
		    CKR_OK : CKR_DEVICE_REMOVED);
		abrmd_close(&t);
	}
}

static void
a_bus_name_has_a_longest(void **state)
{
	char tcti[300] = "tabrmd:bus_name=";
	TSS2_TCTI_CONTEXT *t = NULL;

	(void)state;
	memset(tcti + strlen(tcti), 'a', 255);
	assert_int_equal(connect_to_fake(&t), CKR_OK);
	abrmd_close(&t);
	assert_int_equal(abrmd_open(tcti, &t), CKR_OK);
	abrmd_close(&t);
	tcti[strlen(tcti)] = 'a';
	assert_int_equal(abrmd_open(tcti, &t), CKR_DEVICE_REMOVED);
}

static void
the_session_bus_is_where_the_standard_has_it(void **state)
{
	TSS2_TCTI_CONTEXT *t = NULL;
	char dir[] = "/tmp/runtime.XXXXXX", bus[64];
	const char *address = fake_bus_start(daemon_script);

	(void)state;
	(void)unsetenv("XDG_RUNTIME_DIR");
	(void)unsetenv("DBUS_SESSION_BUS_ADDRESS");
	assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1), 0);
	assert_int_equal(abrmd_open("tabrmd:bus_type=session", &t),
	    CKR_DEVICE_REMOVED);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(bus, sizeof(bus), "%s/bus", dir);
	assert_int_equal(symlink(address + strlen("unix:path="), bus), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", dir, 1), 0);
	assert_int_equal(abrmd_open("tabrmd:bus_type=session", &t), CKR_OK);
	abrmd_close(&t);
	assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS",
	    "unix:path=/does/not/exist", 1), 0);
	assert_int_equal(abrmd_open("tabrmd:bus_type=session", &t),
	    CKR_DEVICE_REMOVED);
	assert_int_equal(unlink(bus), 0);
	assert_int_equal(rmdir(dir), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_response_is_read_whole),
		TEST(a_daemon_before_3_0_will_do),
		TEST(who_comes_too_early_waits),
		TEST(an_answer_without_its_socket_is_refused),
		TEST(a_hostile_daemon_gets_a_code),
		TEST(a_daemon_that_went_away_is_an_error),
		TEST(the_interface_is_kept),
		TEST(the_standard_streams_numbers_are_left_alone),
		TEST(the_string_says_which_daemon),
		TEST(a_bus_name_has_a_longest),
		TEST(the_session_bus_is_where_the_standard_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
