/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/fake_bus.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "tpm/bus.h"

#define LIMIT_MS 300
/* How late it may be on a machine that is busy. */
#define LATE_MS 3000

static const struct dbus_call call = {
	.destination = "org.example.Service",
	.path = "/org/example",
	.interface = "org.example.Interface",
	.member = "GiveMe"
};

static const struct fake_message answer = {
	.type = DBUS_RETURN, .answers = 2, .signature = "t", .fds = 1,
	.body = { (const uint8_t *)"12345678", 8 }
};

static int
stop(void **state)
{
	(void)state;
	fake_bus_stop();
	return 0;
}

static CK_RV
open_and_call(const char *address, struct bus *b, struct dbus_message *m)
{
	CK_RV rv;

	if ((rv = bus_open(view_str(address), LIMIT_MS, b)) != CKR_OK)
		return rv;
	bus_limit(b, LIMIT_MS);
	return bus_call(b, &call, m);
}

/* Whatever it does: a code, in time, and nothing is left open. */
static void
assert_fails(const char *what, fake_script *script)
{
	const char *address = fake_bus_start(script);
	unsigned fds = fake_open_fds();
	struct bus b = BUS_CLOSED;
	struct dbus_message m;
	long start = fake_clock();
	CK_RV rv;

	print_message("%s\n", what);
	rv = open_and_call(address, &b, &m);
	bus_close(&b);
	assert_int_equal(rv, CKR_DEVICE_REMOVED);
	assert_in_range(fake_clock() - start, 0, 2 * LIMIT_MS + LATE_MS);
	assert_int_equal(fake_open_fds(), fds);
	fake_bus_stop();
}

#define SCRIPT(name) { #name, name }

struct script {
	const char *name;
	fake_script *script;
};

static void
all_fail(const struct script *scripts, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		assert_fails(scripts[i].name, scripts[i].script);
}

static void
nobody_is_there(void **state)
{
	static const char *const addresses[] = {
		"unix:path=/does/not/exist", "unix:abstract=does-not-exist",
		"unix:path=/dev/null", "tcp:host=localhost", "nonsense", "",
		"unix:path=/does/not/exist;unix:path=/dev/null",
	};
	struct bus b = BUS_CLOSED;
	unsigned fds = fake_open_fds();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(addresses); i++) {
		assert_int_equal(bus_open(view_str(addresses[i]), LIMIT_MS,
		    &b), CKR_DEVICE_REMOVED);
		assert_int_equal(b.fd, -1);
	}
	assert_int_equal(fake_open_fds(), fds);
}

static void
is_silent(int fd)
{
	(void)fd;
	(void)pause();
}

static void
hangs_up(int fd)
{
	(void)fd;
}

static void
hangs_up_when_spoken_to(int fd)
{
	fake_hear_text(fd, "BEGIN\r\n");
}

static void
rejects(int fd)
{
	fake_say_text(fd, "REJECTED DBUS_COOKIE_SHA1\r\n");
	(void)pause();
}

static void
passes_no_descriptors(int fd)
{
	fake_say_text(fd, "DATA\r\nOK 1234\r\nERROR no\r\n");
	(void)pause();
}

static void
talks_much(int fd)
{
	for (;;)
		fake_say_text(fd, "DATA\r\nOK 1234");
}

static void
talks_in_nuls(int fd)
{
	static const char nuls[300];

	fake_say(fd, nuls, sizeof(nuls));
	(void)pause();
}

/* A byte now and then is not an excuse. */
static void
talks_slowly(int fd)
{
	const char *talk = "DATA\r\nOK 0123456789abcdef0123456789abcdef";

	for (; *talk != '\0'; talk++) {
		fake_say(fd, talk, 1);
		(void)usleep(LIMIT_MS * 1000 / 5);
	}
}

static void
says_more_than_it_should(int fd)
{
	fake_say_text(fd, "DATA\r\nOK 1234\r\nAGREE_UNIX_FD\r\nmore");
	(void)pause();
}

static void
who_is_not_let_in_is_told(void **state)
{
	static const struct script scripts[] = {
		SCRIPT(is_silent), SCRIPT(hangs_up),
		SCRIPT(hangs_up_when_spoken_to), SCRIPT(rejects),
		SCRIPT(passes_no_descriptors), SCRIPT(talks_much),
		SCRIPT(talks_in_nuls), SCRIPT(talks_slowly),
		SCRIPT(says_more_than_it_should),
	};

	(void)state;
	all_fail(scripts, ARRAY_LEN(scripts));
}

static void
refuses_hello(int fd)
{
	const struct fake_message m = { .type = DBUS_ERROR, .answers = 1,
	    .error = "org.freedesktop.DBus.Error.LimitsExceeded" };

	fake_hear_text(fd, "BEGIN\r\n");
	fake_say_text(fd, "DATA\r\nOK 1234\r\nAGREE_UNIX_FD\r\n");
	(void)fake_hear(fd, "Hello");
	fake_say_message(fd, &m);
	(void)pause();
}

static void
stays_silent_when_called(int fd)
{
	fake_let_in(fd);
	(void)fake_hear(fd, "GiveMe");
	(void)pause();
}

static void
hangs_up_when_called(int fd)
{
	fake_let_in(fd);
	(void)fake_hear(fd, "GiveMe");
}

static void
is_cut_off(int fd)
{
	struct fake_message m = answer;
	struct fake_bytes b;

	m.fds = 0;
	b = fake_write(&m);
	fake_let_in(fd);
	fake_say(fd, b.data, b.len - 1);
}

static void
speaks_nonsense(int fd)
{
	fake_let_in(fd);
	fake_say_text(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
	(void)pause();
}

static void
announces_a_huge_message(int fd)
{
	fake_let_in(fd);
	fake_say(fd, "l\2\0\1\377\377\377\377\1\0\0\0\20\0\0\0", 16);
	(void)pause();
}

static void
announces_huge_fields(int fd)
{
	fake_let_in(fd);
	fake_say(fd, "l\2\0\1\0\0\0\0\1\0\0\0\377\377\377\177", 16);
	(void)pause();
}

static void
breaks_a_field(int fd)
{
	struct fake_message m = answer;

	m.fds = 0;
	m.extra = view_of("\7\1s\0\377\377\0\0:1\0", 11);
	fake_let_in(fd);
	fake_say_message(fd, &m);
	(void)pause();
}

static void
answers_others(int fd)
{
	struct fake_message m = answer;
	int i;

	m.fds = 0;
	fake_let_in(fd);
	for (i = 0; i < 5; i++) {
		m.answers = 100;
		fake_say_message(fd, &m);
	}
	(void)pause();
}

static void
signals_without_end(int fd)
{
	const struct fake_message m = { .type = DBUS_SIGNAL };

	fake_let_in(fd);
	for (;;)
		fake_say_message(fd, &m);
}

static void
say_with_fds(int fd, const struct fake_message *m, size_t count)
{
	struct fake_bytes b = fake_write(m);
	int fds[64];
	size_t i;

	for (i = 0; i < count; i++)
		fds[i] = fd;
	fake_say_fds(fd, view_of(b.data, b.len), fds, count);
}

static void
sends_a_descriptor_that_is_not_announced(int fd)
{
	struct fake_message m = answer;

	m.fds = 0;
	fake_let_in(fd);
	say_with_fds(fd, &m, 1);
	(void)pause();
}

static void
announces_a_descriptor_and_sends_none(int fd)
{
	fake_let_in(fd);
	fake_say_message(fd, &answer);
	(void)pause();
}

static void
sends_one_descriptor_too_many(int fd)
{
	fake_let_in(fd);
	say_with_fds(fd, &answer, BUS_FDS + 1);
	(void)pause();
}

static void
sends_many_descriptors(int fd)
{
	fake_let_in(fd);
	say_with_fds(fd, &answer, 64);
	(void)pause();
}

static void
sends_a_descriptor_with_each_byte(int fd)
{
	struct fake_bytes b = fake_write(&answer);
	size_t i;

	fake_let_in(fd);
	for (i = 0; i + 1 < b.len; i += 2)
		fake_say_fds(fd, view_of(b.data + i, 2), &fd, 1);
	(void)pause();
}

static void
sends_a_descriptor_with_the_authentication(int fd)
{
	fake_say_fds(fd, view_str("REJECTED"), &fd, 1);
	(void)pause();
}

static void
a_hostile_answer_is_refused(void **state)
{
	static const struct script scripts[] = {
		SCRIPT(refuses_hello), SCRIPT(stays_silent_when_called),
		SCRIPT(hangs_up_when_called), SCRIPT(is_cut_off),
		SCRIPT(speaks_nonsense), SCRIPT(announces_a_huge_message),
		SCRIPT(announces_huge_fields), SCRIPT(breaks_a_field),
		SCRIPT(answers_others), SCRIPT(signals_without_end),
		SCRIPT(sends_a_descriptor_that_is_not_announced),
		SCRIPT(announces_a_descriptor_and_sends_none),
		SCRIPT(sends_one_descriptor_too_many),
		SCRIPT(sends_many_descriptors),
		SCRIPT(sends_a_descriptor_with_each_byte),
		SCRIPT(sends_a_descriptor_with_the_authentication),
	};

	(void)state;
	all_fail(scripts, ARRAY_LEN(scripts));
}

/* Long before the time is over. */
static void
noise_is_not_listened_to_for_long(void **state)
{
	const char *address = fake_bus_start(signals_without_end);
	struct bus b = BUS_CLOSED;
	struct dbus_message m;
	long start = fake_clock();

	(void)state;
	assert_int_equal(bus_open(view_str(address), LIMIT_MS, &b), CKR_OK);
	bus_limit(&b, 2 * LATE_MS);
	assert_int_equal(bus_call(&b, &call, &m), CKR_DEVICE_REMOVED);
	assert_in_range(fake_clock() - start, 0, LATE_MS);
	bus_close(&b);
}

/* Byte by byte, after a signal with a descriptor, which is nobody's. */
static void
answers_well(int fd)
{
	const struct fake_message signal = { .type = DBUS_SIGNAL, .fds = 1 };
	struct fake_bytes b = fake_write(&answer);
	size_t i;
	int ends[2];

	if (pipe(ends) != 0)
		_exit(1);
	fake_let_in(fd);
	(void)fake_hear(fd, "GiveMe");
	say_with_fds(fd, &signal, 1);
	fake_say_fds(fd, view_of(b.data, 2), &ends[1], 1);
	for (i = 2; i < b.len; i++) {
		fake_say(fd, b.data + i, 1);
		(void)usleep(500);
	}
	(void)close(ends[1]);
	/* What comes through the client's end says that it was the right. */
	if (read(ends[0], &i, 1) == 1)
		fake_say_text(fd, "heard");
	(void)pause();
}

/* Signals may come in between here as well. */
static void
hear(int fd, char *out, size_t len)
{
	ssize_t n;
	size_t got = 0;

	while (got < len) {
		n = recv(fd, out + got, len - got, 0);
		if (n < 0 && errno == EINTR)
			continue;
		assert_true(n > 0);
		got += (size_t)n;
	}
}

static void
assert_answers_well(const char *address)
{
	unsigned fds = fake_open_fds();
	struct bus b = BUS_CLOSED;
	struct dbus_message m;
	char heard[5];
	int fd;

	assert_int_equal(open_and_call(address, &b, &m), CKR_OK);
	assert_int_equal(m.type, DBUS_RETURN);
	assert_int_equal(m.body.len, 8);
	assert_int_equal(fake_open_fds(), fds + 2);
	assert_true((fcntl(b.fd, F_GETFD) & FD_CLOEXEC) != 0);
	fd = bus_take_fd(&b);
	assert_int_equal(bus_take_fd(&b), -1);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(fcntl(b.fd, F_SETFL, 0), 0);
	hear(b.fd, heard, sizeof(heard));
	bus_close(&b);
	(void)close(fd);
	assert_int_equal(fake_open_fds(), fds);
}

static void
a_descriptor_comes_with_an_answer(void **state)
{
	(void)state;
	assert_answers_well(fake_bus_start(answers_well));
}

static void
the_first_address_that_answers_is_taken(void **state)
{
	char list[256];

	(void)state;
	(void)snprintf(list, sizeof(list), "autolaunch:;unix:path=/dev/null;"
	    "%s;unix:path=/does/not/exist", fake_bus_start(answers_well));
	assert_answers_well(list);
}

static volatile sig_atomic_t ticks;

static void
tick(int number)
{
	(void)number;
	ticks++;
}

static void
start_ticking(suseconds_t us)
{
	const struct itimerval timer = { { 0, us }, { 0, us } };
	const struct sigaction action = { .sa_handler = tick };

	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* Neither broken by a signal, nor its time begun anew. */
static void
signals_of_the_kernel_do_not_matter(void **state)
{
	(void)state;
	ticks = 0;
	start_ticking(2000);
	assert_answers_well(fake_bus_start(answers_well));
	assert_fails("silent", is_silent);
	assert_fails("silent when called", stays_silent_when_called);
	start_ticking(0);
	assert_true(ticks > 10);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_is_there),
		TEST(who_is_not_let_in_is_told),
		TEST(a_hostile_answer_is_refused),
		TEST(noise_is_not_listened_to_for_long),
		TEST(a_descriptor_comes_with_an_answer),
		TEST(the_first_address_that_answers_is_taken),
		TEST(signals_of_the_kernel_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
