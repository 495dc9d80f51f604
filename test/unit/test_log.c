/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"

#include <cmocka.h>

/*
 * A datagram socket in the place of stderr: each write(2) arrives as one
 * packet, so a line in pieces is seen.
 */
static int real_stderr, packets;

static int
capture(void **state)
{
	int pair[2];

	(void)state;
	real_stderr = dup(STDERR_FILENO);
	if (real_stderr < 0 ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) != 0 ||
	    dup2(pair[1], STDERR_FILENO) < 0)
		return -1;
	close(pair[1]);
	packets = pair[0];
	return 0;
}

static int
restore(void **state)
{
	(void)state;
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(packets);
	return 0;
}

/* The next packet as a string; "" when there is none. */
static const char *
said(void)
{
	static char text[4096];
	ssize_t n = recv(packets, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
start_with(const char *word)
{
	if (word != NULL)
		setenv("TPM2_CRYPTOKI_LOG", word, 1);
	else
		unsetenv("TPM2_CRYPTOKI_LOG");
	log_start();
}

static void
is_silent_unless_asked(void **state)
{
	(void)state;
	log_error("before the start");
	assert_string_equal(said(), "");
	start_with(NULL);
	log_error("unset");
	start_with("");
	log_error("empty");
	start_with("none");
	log_error("none");
	assert_false(log_enabled(LOG_LEVEL_ERROR));
	assert_string_equal(said(), "");
}

static void
level_includes_those_before_it(void **state)
{
	static const char *const words[] = {
		NULL, "error", "info", "debug", "trace"
	};
	char want[64];
	int asked, level;

	(void)state;
	for (asked = LOG_LEVEL_NONE; asked <= LOG_LEVEL_TRACE; asked++) {
		start_with(words[asked]);
		assert_false(log_enabled(LOG_LEVEL_NONE));
		for (level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_TRACE;
		    level++) {
			log_at((enum log_level)level, "x%d", 1);
			(void)snprintf(want, sizeof(want),
			    "tpm2-cryptoki: %s: x1\n", words[level]);
			assert_string_equal(said(),
			    level <= asked ? want : "");
			assert_int_equal(log_enabled((enum log_level)level),
			    level <= asked);
		}
	}
}

static void
unknown_word_counts_as_error(void **state)
{
	(void)state;
	start_with("verbose");
	assert_true(log_enabled(LOG_LEVEL_ERROR));
	assert_false(log_enabled(LOG_LEVEL_INFO));
}

static void
message_is_one_line_in_one_write(void **state)
{
	(void)state;
	start_with("error");
	log_error("a\nb\r\x1b[31m\x7f%s", "\xc3\xa9");
	assert_string_equal(said(),
	    "tpm2-cryptoki: error: a?b??[31m?\xc3\xa9\n");
	assert_string_equal(said(), "");
}

static void
long_message_is_cut_and_still_a_line(void **state)
{
	char text[5000];
	const char *line;

	(void)state;
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	start_with("error");
	log_error("%s", text);
	line = said();
	assert_in_range(strlen(line), 900, 1024);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_string_equal(said(), "");
}

static void
errno_survives_even_a_closed_stderr(void **state)
{
	int blind = open("/dev/null", O_RDONLY), saved;

	(void)state;
	start_with("error");
	errno = EXDEV;
	log_error("%m");
	assert_int_equal(errno, EXDEV);
	assert_string_equal(said(),
	    "tpm2-cryptoki: error: Invalid cross-device link\n");

	saved = dup(STDERR_FILENO);
	dup2(blind, STDERR_FILENO);
	errno = EXDEV;
	log_error("nobody hears");
	assert_int_equal(errno, EXDEV);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(blind);
}

static void
hear(void *arg, const char *line)
{
	(void)snprintf(arg, 64, "%s", line);
}

static void
lines_can_be_diverted_and_back(void **state)
{
	char heard[64] = "";

	(void)state;
	start_with("error");
	log_divert(hear, heard);
	log_info("not at this level");
	assert_string_equal(heard, "");
	log_error("to me\n");
	assert_string_equal(heard, "to me?");
	assert_string_equal(said(), "");
	log_divert(NULL, NULL);
	log_error("to all");
	assert_string_equal(heard, "to me?");
	assert_string_equal(said(), "tpm2-cryptoki: error: to all\n");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, capture, restore)
	const struct CMUnitTest tests[] = {
		TEST(is_silent_unless_asked),
		TEST(level_includes_those_before_it),
		TEST(unknown_word_counts_as_error),
		TEST(message_is_one_line_in_one_write),
		TEST(long_message_is_cut_and_still_a_line),
		TEST(errno_survives_even_a_closed_stderr),
		TEST(lines_can_be_diverted_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
