/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/mem.h"

#include <cmocka.h>

/* The tool's own files are in no library. */
#include "../../tools/token/option.c"
#include "../../tools/token/text.c"

#define ALL (UINT64_MAX >> (64 - OPTIONS))

static struct options options;
static const char *operand;
static struct text why;

/* line is words with one blank between them, behind the command's. */
static CK_RV
parse(uint64_t takes, const char *line)
{
	static char copy[256];
	char *argv[16] = { copy };
	int argc = 1;
	char *word;

	text_free(&why);
	(void)snprintf(copy, sizeof(copy), "command %s", line);
	for (word = strchr(copy, ' '); word != NULL;
	    word = strchr(word, ' ')) {
		*word++ = '\0';
		argv[argc++] = word;
	}
	return options_parse(argc, argv, takes, &options, &operand, &why);
}

static void
assert_refused(uint64_t takes, const char *line, const char *complaint)
{
	assert_int_equal(parse(takes, line), CKR_ARGUMENTS_BAD);
	text_add(&why, view_of("", 1));
	assert_non_null(strstr((char *)why.bytes.data, complaint));
	text_free(&why);
}

static void
options_stand_anywhere(void **state)
{
	(void)state;
	assert_int_equal(parse(ALL, "--label a tok --slot=5 --json"), CKR_OK);
	assert_string_equal(options.value[OPTION_LABEL], "a");
	assert_string_equal(options.value[OPTION_SLOT], "5");
	assert_string_equal(options.value[OPTION_JSON], "");
	assert_null(options.value[OPTION_SERIAL]);
	assert_string_equal(operand, "tok");
	assert_int_equal(parse(ALL, "-- --label"), CKR_OK);
	assert_string_equal(operand, "--label");
	assert_int_equal(parse(ALL, "--label --json"), CKR_OK);
	assert_null(operand);
	assert_null(options.value[OPTION_JSON]);
}

static void
what_is_wrong_is_said(void **state)
{
	(void)state;
	assert_refused(ALL, "--nothing=secret", "--nothing: no such option");
	assert_refused(ALL, "-psecret", "-p: no such option");
	assert_refused(ALL, "--label", "--label: needs a value");
	assert_refused(ALL, "--json=secret", "--json: takes no value");
	assert_refused(ALL, "--label a --label b", "--label: given twice");
	assert_refused(ALL, "a b", "a word too many");
	assert_refused(TAKES(LABEL), "--slot 1", "--slot: this command");
}

static void
secrets_are_refused_and_not_repeated(void **state)
{
	static const char *const names[] = { "pin", "so-pin", "new-pin",
		"owner-auth" };
	char line[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(line, sizeof(line), "--%s=secret1", names[i]);
		assert_refused(ALL, line, "a secret on the command line");
		(void)snprintf(line, sizeof(line), "--%s secret1", names[i]);
		assert_int_equal(parse(ALL, line), CKR_ARGUMENTS_BAD);
		text_add(&why, view_of("", 1));
		assert_null(strstr((char *)why.bytes.data, "secret1"));
	}
	assert_int_equal(parse(ALL, "--x=secret1"), CKR_ARGUMENTS_BAD);
	text_add(&why, view_of("", 1));
	assert_null(strstr((char *)why.bytes.data, "secret1"));
	text_free(&why);
}

static void
a_complaint_comes_in_json_if_asked(void **state)
{
	(void)state;
	assert_refused(ALL, "--bogus --json --label", "--bogus: no such");
	assert_non_null(options.value[OPTION_JSON]);
}

static void
numbers_have_bounds(void **state)
{
	static const char *const bad[] = { "", "x", "1x", " 1", "-1", "+1",
		"256", "18446744073709551617", "0x1" };
	uint64_t n = 7;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		options.value[OPTION_SLOT] = bad[i];
		assert_int_equal(option_number(&options, OPTION_SLOT, 255, &n),
		    CKR_ARGUMENTS_BAD);
	}
	assert_int_equal(n, 7);
	options.value[OPTION_SLOT] = "255";
	assert_int_equal(option_number(&options, OPTION_SLOT, 255, &n),
	    CKR_OK);
	assert_int_equal(n, 255);
}

/* Three ways to each secret, in the order that source.c counts on. */
static void
secrets_have_three_ways(void **state)
{
	static const char *const ends[] = { "-file", "-env", "-fd" };
	const char *name, *end;
	size_t i;

	(void)state;
	for (i = OPTION_PIN_FILE; i <= OPTION_OWNER_AUTH_FD; i++) {
		name = option_rows[i].name;
		end = ends[(i - OPTION_PIN_FILE) % ARRAY_LEN(ends)];
		assert_true(strlen(name) > strlen(end));
		assert_string_equal(name + strlen(name) - strlen(end), end);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(secrets_are_refused_and_not_repeated),
		cmocka_unit_test(a_complaint_comes_in_json_if_asked),
		cmocka_unit_test(numbers_have_bounds),
		cmocka_unit_test(secrets_have_three_ways)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
