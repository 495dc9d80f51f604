/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/mem.h"
#include "yaml/attrs_yaml.h"

#include <cmocka.h>

#define VENDOR(n) (CKA_VENDOR_DEFINED | (CK_ULONG)(n))

static const char whole[] =
    "CKA_CLASS: 3\n"
    "CKA_TOKEN: true\n"
    "CKA_PRIVATE: false\n"
    "CKA_LABEL: !hex 6d79206b6579\n"
    "CKA_ID: !hex ''\n"
    "CKA_KEY_GEN_MECHANISM: -1\n"
    "CKA_START_DATE: !date 2024-02-29\n"
    "CKA_END_DATE: !hex ''\n"
    "CKA_ALLOWED_MECHANISMS: [13, 64]\n"
    "CKA_HSS_LMS_TYPES: []\n"
    "CKA_WRAP_TEMPLATE:\n"
    "  CKA_SIGN: true\n"
    "  CKA_UNWRAP_TEMPLATE:\n"
    "    CKA_APPLICATION: !hex 00\n"
    "  CKA_LABEL: !hex ff\n"
    "CKA_DERIVE_TEMPLATE: {}\n"
    "0x8000ce01: !hex 0102\n";

static CK_RV
read_text(const char *text, struct attrs *out)
{
	return yaml_read_attrs(view_str(text), out);
}

/* The text is refused, and nothing is left. */
static void
assert_refused(const char *text)
{
	struct attrs a = ATTRS_EMPTY;
	CK_RV rv = read_text(text, &a);

	if (rv != CKR_DATA_INVALID)
		fail_msg("0x%lx for: %s", rv, text);
	assert_null(a.list);
}

/* The one list that has all kinds, made by hand. */
static void
make_whole(struct attrs *a)
{
	CK_ULONG mechs[] = { CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS };
	struct attrs in = ATTRS_EMPTY, deep = ATTRS_EMPTY;

#define OK(call) assert_int_equal(call, CKR_OK)
	OK(attrs_set_ulong(a, CKA_CLASS, CKO_PRIVATE_KEY));
	OK(attrs_set_bool(a, CKA_TOKEN, true));
	OK(attrs_set_bool(a, CKA_PRIVATE, false));
	OK(attrs_set(a, CKA_LABEL, view_str("my key")));
	OK(attrs_set(a, CKA_ID, VIEW_EMPTY));
	OK(attrs_set_ulong(a, CKA_KEY_GEN_MECHANISM,
	    CK_UNAVAILABLE_INFORMATION));
	OK(attrs_set(a, CKA_START_DATE, view_str("20240229")));
	OK(attrs_set(a, CKA_END_DATE, VIEW_EMPTY));
	OK(attrs_set_ulongs(a, CKA_ALLOWED_MECHANISMS, mechs, 2));
	OK(attrs_set_ulongs(a, CKA_HSS_LMS_TYPES, NULL, 0));
	OK(attrs_set(&deep, CKA_APPLICATION, view_of("", 1)));
	OK(attrs_set_bool(&in, CKA_SIGN, true));
	OK(attrs_set_template(&in, CKA_UNWRAP_TEMPLATE, &deep));
	OK(attrs_set(&in, CKA_LABEL, view_str("\xff")));
	OK(attrs_set_template(a, CKA_WRAP_TEMPLATE, &in));
	OK(attrs_set_template(a, CKA_DERIVE_TEMPLATE, &in));
	OK(attrs_set(a, VENDOR(0xce01), view_str("\x01\x02")));
}

static void
each_kind_has_its_form(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct buf text = BUF_EMPTY;

	(void)state;
	make_whole(&a);
	OK(yaml_write_attrs(&a, &text));
	OK(buf_append(&text, view_of("", 1)));
	assert_string_equal((char *)text.data, whole);
	attrs_free(&a);
	OK(yaml_write_attrs(&a, &text));
	assert_true(view_equal(buf_view(&text), view_str("{}\n")));
	buf_free(&text);
}

static void
reading_gives_back_what_was_written(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	size_t i;

	(void)state;
	make_whole(&a);
	OK(read_text(whole, &b));
	assert_true(attrs_match(&a, &b));
	assert_int_equal(a.count, b.count);
	for (i = 0; i < a.count; i++)
		assert_int_equal(a.list[i].type, b.list[i].type);
	attrs_free(&a);
	attrs_free(&b);
	OK(read_text("{}\n", &b));
	assert_int_equal(b.count, 0);
}

/* What a program may set through a template, and text must carry. */
static void
odd_values_survive(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	struct buf text = BUF_EMPTY, big = BUF_EMPTY;

	(void)state;
	OK(buf_resize(&big, 300000));
	OK(attrs_set(&a, CKA_VALUE, buf_view(&big)));
	OK(attrs_set(&a, CKA_START_DATE, view_of("\0\0\0\0\0\0\0", 8)));
	OK(attrs_set(&a, CKA_END_DATE, view_str("20240a01")));
	OK(attrs_set_ulong(&a, CKA_CLASS, CK_UNAVAILABLE_INFORMATION - 1));
	OK(attrs_set(&a, ~0UL, view_str("12")));
	OK(attrs_set(&a, VENDOR(0x7fffffff), VIEW_EMPTY));
	OK(yaml_write_attrs(&a, &text));
	OK(yaml_read_attrs(buf_view(&text), &b));
	assert_int_equal(a.count, b.count);
	assert_true(attrs_match(&a, &b));
	attrs_free(&a);
	attrs_free(&b);
	buf_free(&text);
	buf_free(&big);
}

/* An older version wrote it by number and as bytes. */
static void
number_of_a_known_attribute_is_read(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	OK(read_text("0x00000003: !hex 6162\n0x1: !hex 01\n", &a));
	assert_true(view_equal(attrs_view(&a, CKA_LABEL), view_str("ab")));
	assert_true(attrs_bool(&a, CKA_TOKEN, false));
	attrs_free(&a);
}

static void
foreign_text_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "# nothing\n", "CKA_TOKEN", "[]", "'", "\x01",
		"- CKA_TOKEN: true\n", "CKA_TOKEN: true\n...\n---\n{}\n",
		"%YAML 1.1\n---\n{}\n", "%TAG ! !x\n---\n{}\n",
		"&a {}\n", "!map {}\n", "{\n", "CKA_TOKEN\n", "CKA_TOKEN:\n",
		"CKA_TOKEN: true\nCKA_TOKEN: true\n",
		"CKA_TOKEN: true\n0x1: !hex 01\n",
		"CKA_NONSENSE: true\n", "cka_token: true\n", ": true\n",
		"\"CKA_TOKEN\": true\n", "!hex CKA_TOKEN: true\n",
		"? [1]\n: true\n", "? {}\n: true\n",
		"0x: !hex 00\n", "0xg: !hex 00\n", "0X1: !hex 01\n",
		"0x10000000000000000: !hex 00\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++)
		assert_refused(texts[i]);
}

static void
values_of_another_kind_are_refused(void **state)
{
	static const char *const texts[] = {
		"CKA_TOKEN: yes\n", "CKA_TOKEN: True\n", "CKA_TOKEN: 1\n",
		"CKA_TOKEN: 'true'\n", "CKA_TOKEN: !bool true\n",
		"CKA_TOKEN: &a true\n", "CKA_TOKEN: [true]\n",
		"CKA_TOKEN: !hex 02\n", "CKA_TOKEN: {}\n",
		"CKA_CLASS: x\n", "CKA_CLASS: 0x3\n", "CKA_CLASS: +3\n",
		"CKA_CLASS: -2\n", "CKA_CLASS: 3a\n", "CKA_CLASS: '3'\n",
		"CKA_CLASS: !hex 03\n", "CKA_CLASS: \n",
		"CKA_CLASS: 18446744073709551616\n",
		"CKA_CLASS: 18446744073709551615\n",
		"CKA_CLASS: 99999999999999999999999\n",
		"CKA_LABEL: text\n", "CKA_LABEL: !hex 0\n",
		"CKA_LABEL: !hex 0g\n", "CKA_LABEL: !hex '00'\n",
		"CKA_LABEL: !date 2024-01-01\n", "CKA_LABEL: &a !hex 00\n",
		"CKA_LABEL: !hex [0]\n", "CKA_LABEL: true\n",
		"CKA_START_DATE: 2024-01-01\n",
		"CKA_START_DATE: !date 2024-01-0\n",
		"CKA_START_DATE: !date 2024/01/01\n",
		"CKA_START_DATE: !date 2024-01-0a\n",
		"CKA_START_DATE: !hex 00\n",
		"CKA_ALLOWED_MECHANISMS: 1\n",
		"CKA_ALLOWED_MECHANISMS: [1, x]\n",
		"CKA_ALLOWED_MECHANISMS: [[1]]\n",
		"CKA_ALLOWED_MECHANISMS: [1\n",
		"CKA_ALLOWED_MECHANISMS: &a [1]\n",
		"CKA_ALLOWED_MECHANISMS: !x [1]\n",
		"CKA_WRAP_TEMPLATE: []\n", "CKA_WRAP_TEMPLATE: !hex ''\n",
		"CKA_WRAP_TEMPLATE: &a {}\n", "CKA_WRAP_TEMPLATE: {1: 2}\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++)
		assert_refused(texts[i]);
}

static void
aliases_and_deep_nesting_are_refused(void **state)
{
	enum { DEEP = 20000 };
	static char deep[DEEP + 64];

	(void)state;
	assert_refused("CKA_WRAP_TEMPLATE: &a {}\nCKA_DERIVE_TEMPLATE: *a\n");
	assert_refused("CKA_LABEL: *a\n");
	assert_refused("*a : true\n");
	assert_refused("CKA_WRAP_TEMPLATE:\n  CKA_WRAP_TEMPLATE:\n"
	    "    CKA_WRAP_TEMPLATE: {}\n");
	strcpy(deep, "CKA_WRAP_TEMPLATE: ");
	memset(deep + strlen(deep), '[', DEEP);
	assert_refused(deep);
	memset(deep, '{', DEEP);
	assert_refused(deep);
}

static void
empty_and_binary_input_is_refused(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(yaml_read_attrs(VIEW_EMPTY, &a), CKR_DATA_INVALID);
	assert_int_equal(yaml_read_attrs(view_of("{}\0", 3), &a),
	    CKR_DATA_INVALID);
	/* {} as UTF-16: one text, one meaning */
	assert_int_equal(yaml_read_attrs(view_of("\xff\xfe{\0}\0", 6), &a),
	    CKR_DATA_INVALID);
	assert_null(a.list);
}

/* Ends and changes at random: an answer, no crash, no leak. */
static void
damaged_text_does_no_harm(void **state)
{
	enum { LEN = sizeof(whole) - 1 };
	struct attrs a = ATTRS_EMPTY;
	char text[LEN];
	size_t i, n;
	CK_RV rv;

	(void)state;
	for (i = 0; i < LEN; i++) {
		rv = yaml_read_attrs(view_of(whole, i), &a);
		assert_true(rv == CKR_OK || rv == CKR_DATA_INVALID);
		attrs_free(&a);
	}
	srandom(1);
	for (n = 0; n < 20000; n++) {
		memcpy(text, whole, LEN);
		for (i = 0; i <= n % 4; i++)
			text[(size_t)random() % LEN] = n % 2 == 0 ?
			    (char)random() :
			    "\n :-[]{}&*!'\"?,#|>%@0x"[random() % 22];
		rv = yaml_read_attrs(view_of(text, LEN), &a);
		assert_true(rv == CKR_OK || rv == CKR_DATA_INVALID);
		attrs_free(&a);
	}
}

static void
without_memory_nothing_comes_out(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	struct buf text = BUF_EMPTY;
	CK_RV rv = CKR_HOST_MEMORY;
	size_t nth;

	(void)state;
	for (nth = 1; rv != CKR_OK; nth++) {
		mem_fail_at(nth);
		rv = read_text(whole, &a);
		if (rv != CKR_OK) {
			assert_int_equal(rv, CKR_HOST_MEMORY);
			assert_null(a.list);
		}
	}
	mem_fail_at(0);
	assert_true(nth > 20);
	rv = CKR_HOST_MEMORY;
	for (nth = 1; rv != CKR_OK; nth++) {
		mem_fail_at(nth);
		rv = yaml_write_attrs(&a, &text);
		if (rv != CKR_OK) {
			assert_int_equal(rv, CKR_HOST_MEMORY);
			assert_null(text.data);
		}
	}
	mem_fail_at(0);
	OK(yaml_read_attrs(buf_view(&text), &b));
	assert_true(attrs_match(&a, &b));
	attrs_free(&a);
	attrs_free(&b);
	buf_free(&text);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
ten_thousand_attributes_are_read_soon(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	struct buf text = BUF_EMPTY;
	double start = seconds();
	CK_ULONG i;

	(void)state;
	for (i = 0; i < 10000; i++)
		OK(attrs_set(&a, VENDOR(i), view_str("x")));
	OK(yaml_write_attrs(&a, &text));
	OK(yaml_read_attrs(buf_view(&text), &b));
	assert_int_equal(b.count, 10000);
	assert_true(attrs_match(&a, &b));
	assert_true(seconds() - start < 5);
	attrs_free(&a);
	attrs_free(&b);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_form),
		cmocka_unit_test(reading_gives_back_what_was_written),
		cmocka_unit_test(odd_values_survive),
		cmocka_unit_test(number_of_a_known_attribute_is_read),
		cmocka_unit_test(foreign_text_is_refused),
		cmocka_unit_test(values_of_another_kind_are_refused),
		cmocka_unit_test(aliases_and_deep_nesting_are_refused),
		cmocka_unit_test(empty_and_binary_input_is_refused),
		cmocka_unit_test(damaged_text_does_no_harm),
		cmocka_unit_test(without_memory_nothing_comes_out),
		cmocka_unit_test(ten_thousand_attributes_are_read_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
