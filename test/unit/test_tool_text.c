/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/mem.h"

#include <cmocka.h>

/* The tool's own files are in no library. */
#include "../../tools/token/json.c"
#include "../../tools/token/text.c"

static void
assert_text(struct text *t, const char *want)
{
	assert_int_equal(t->rv, CKR_OK);
	text_add(t, view_of("", 1));
	assert_string_equal((char *)t->bytes.data, want);
	text_free(t);
}

static void
assert_json_string(struct view v, const char *want)
{
	struct text t = TEXT_EMPTY;
	struct json j;

	json_begin(&j, &t);
	json_text(&j, NULL, v);
	assert_text(&t, want);
}

static void
json_escapes_what_has_to_be(void **state)
{
	(void)state;
	assert_json_string(VIEW_EMPTY, "\"\"");
	assert_json_string(view_str("a\"b\\c/"), "\"a\\\"b\\\\c/\"");
	assert_json_string(view_of("\0\n\x1f\x7f", 4),
	    "\"\\u0000\\u000a\\u001f\\u007f\"");
	assert_json_string(view_str("\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91"),
	    "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91\"");
}

static const struct {
	const char *bytes;
	const char *json;
	const char *safe;
} broken[] = {
	{ "\xff", "\"\\ufffd\"", "\\xff" },
	{ "a\x80" "b", "\"a\\ufffdb\"", "a\\x80b" },
	{ "\xc3", "\"\\ufffd\"", "\\xc3" },		/* cut off */
	{ "\xe2\x82", "\"\\ufffd\\ufffd\"", "\\xe2\\x82" },
	{ "\xc0\xaf", "\"\\ufffd\\ufffd\"", "\\xc0\\xaf" },	/* too long */
	{ "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"", "\\xe0\\x80\\xaf" },
	{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"",	/* half a pair */
	    "\\xed\\xa0\\x80" },
	{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"",
	    "\\xf4\\x90\\x80\\x80" },		/* behind the last */
	{ "\xc3\xc3\xa4", "\"\\ufffd\xc3\xa4\"", "\\xc3\xc3\xa4" }
};

static void
what_is_no_utf8_is_replaced(void **state)
{
	struct text t = TEXT_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(broken); i++) {
		assert_json_string(view_str(broken[i].bytes), broken[i].json);
		assert_false(utf8_is_valid(view_str(broken[i].bytes)));
		text_safe(&t, view_str(broken[i].bytes));
		assert_text(&t, broken[i].safe);
	}
}

/* Every pair of bytes: what comes out is UTF-8 without control characters. */
static void
any_bytes_come_out_clean(void **state)
{
	struct text t = TEXT_EMPTY;
	struct json j;
	unsigned pair;
	size_t i;

	(void)state;
	json_begin(&j, &t);
	for (pair = 0; pair < 0x10000; pair++) {
		const uint8_t bytes[] = { (uint8_t)(pair >> 8),
			(uint8_t)pair };

		text_free(&t);
		text_safe(&t, view_of(bytes, 2));
		json_begin(&j, &t);
		json_text(&j, NULL, view_of(bytes, 2));
		assert_int_equal(t.rv, CKR_OK);
		assert_true(utf8_is_valid(buf_view(&t.bytes)));
		for (i = 0; i < t.bytes.len; i++)
			assert_true(t.bytes.data[i] >= 0x20 &&
			    t.bytes.data[i] != 0x7f);
	}
	text_free(&t);
}

static void
json_nests_with_commas_between(void **state)
{
	struct text t = TEXT_EMPTY;
	struct json j;

	(void)state;
	json_begin(&j, &t);
	json_object(&j, NULL);
	json_list(&j, "a");
	json_end(&j);
	json_list(&j, "b");
	json_number(&j, NULL, UINT64_MAX);
	json_object(&j, NULL);
	json_end(&j);
	json_null(&j, NULL);
	json_end(&j);
	json_bool(&j, "c", true);
	json_bool(&j, "d", false);
	json_hex(&j, "e", view_of("\x00\xab", 2));
	json_str(&j, "f\"", "g");
	json_end(&j);
	assert_text(&t, "{\"a\":[],\"b\":[18446744073709551615,{},null],"
	    "\"c\":true,\"d\":false,\"e\":\"00ab\",\"f\\\"\":\"g\"}\n");
}

static void
a_terminal_is_not_steered(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_safe(&t, view_str("\x1b[31m\xc2\x9b\xe2\x80\xae\\ \xc3\xa4"));
	assert_text(&t, "\\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae\\x5c \xc3\xa4");
	assert_int_equal(text_columns(view_str("\x1b\xc3\xa4")), 5);
}

static void
columns_are_characters(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_str(&t, "\xc3\xa4:");
	text_pad(&t, 0, 4);
	text_str(&t, "x");
	assert_text(&t, "\xc3\xa4:  x");
	text_str(&t, "long");
	text_pad(&t, 0, 2);
	text_str(&t, "x");
	assert_text(&t, "long x");
}

static void
blanks_at_the_end_are_padding(void **state)
{
	(void)state;
	assert_int_equal(trimmed("a b  ", 5).len, 3);
	assert_int_equal(trimmed("    ", 4).len, 0);
	assert_int_equal(trimmed(" a\0 ", 4).len, 3);
}

/* The text that is not whole is never taken for one that is. */
static void
no_memory_sticks(void **state)
{
	struct text t = TEXT_EMPTY;
	struct json j;
	size_t nth;

	(void)state;
	for (nth = 1; nth < 6; nth++) {
		mem_fail_at(nth);
		json_begin(&j, &t);
		json_list(&j, NULL);
		json_str(&j, NULL, "this is longer than the first room of a "
		    "buffer, and than the next one, which is twice as long, "
		    "and than the one after that one, which is twice that");
		json_end(&j);
		mem_fail_at(0);
		if (t.rv == CKR_OK)
			break;
		assert_int_equal(t.rv, CKR_HOST_MEMORY);
		text_free(&t);
	}
	assert_true(nth > 1 && nth < 6);
	text_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_escapes_what_has_to_be),
		cmocka_unit_test(what_is_no_utf8_is_replaced),
		cmocka_unit_test(any_bytes_come_out_clean),
		cmocka_unit_test(json_nests_with_commas_between),
		cmocka_unit_test(a_terminal_is_not_steered),
		cmocka_unit_test(columns_are_characters),
		cmocka_unit_test(blanks_at_the_end_are_padding),
		cmocka_unit_test(no_memory_sticks)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
