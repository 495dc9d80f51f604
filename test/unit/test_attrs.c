/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attr/attrs.h"
#include "util/mem.h"

#include <cmocka.h>

#define VENDOR(n) (CKA_VENDOR_DEFINED | (CK_ULONG)(n))

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_ULONG five = 5;
static char label[] = "label";

static CK_ATTRIBUTE
entry(CK_ATTRIBUTE_TYPE type, void *value, CK_ULONG len)
{
	CK_ATTRIBUTE e;

	memset(&e, 0, sizeof(e));
	e.type = type;
	e.pValue = value;
	e.ulValueLen = len;
	return e;
}

/* What a template of one entry is answered; nothing is left on failure. */
static CK_RV
try_entry(CK_ATTRIBUTE e)
{
	struct attrs a = ATTRS_EMPTY;
	CK_RV rv = attrs_from_template(&e, 1, &a);

	if (rv != CKR_OK) {
		assert_null(a.list);
		assert_int_equal(a.count, 0);
	}
	attrs_free(&a);
	return rv;
}

static void
every_standard_attribute_is_known(void **state)
{
	static const CK_ATTRIBUTE_TYPE all[] = {
#define X(type) type,
#include "util/cka.def"
#undef X
	};
	size_t i;

	(void)state;
	assert_true(ARRAY_LEN(all) > 150);
	for (i = 0; i < ARRAY_LEN(all); i++)
		if (!attr_known(all[i]))
			fail_msg("0x%lx is not in attr/kinds.c", all[i]);
	assert_false(attr_known(VENDOR(1)));
	assert_false(attr_known(5));
}

static void
kinds_are_those_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(attr_kind(CKA_CLASS), ATTR_ULONG);
	assert_int_equal(attr_kind(CKA_TOKEN), ATTR_BOOL);
	assert_int_equal(attr_kind(CKA_LABEL), ATTR_BYTES);
	assert_int_equal(attr_kind(CKA_MODULUS), ATTR_BYTES);
	assert_int_equal(attr_kind(CKA_MODULUS_BITS), ATTR_ULONG);
	assert_int_equal(attr_kind(CKA_START_DATE), ATTR_DATE);
	assert_int_equal(attr_kind(CKA_ALLOWED_MECHANISMS), ATTR_ULONGS);
	assert_int_equal(attr_kind(CKA_UNWRAP_TEMPLATE), ATTR_TEMPLATE);
	assert_int_equal(attr_kind(CKA_DECAPSULATE_TEMPLATE), ATTR_TEMPLATE);
	assert_int_equal(attr_kind(VENDOR(7)), ATTR_BYTES);
}

static void
template_is_copied_in_its_order(void **state)
{
	CK_ATTRIBUTE t[] = {
		entry(CKA_LABEL, label, 5),
		entry(CKA_TOKEN, &yes, sizeof(yes)),
		entry(CKA_VALUE_LEN, &five, sizeof(five)),
		entry(CKA_ID, NULL, 0),
	};
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(attrs_from_template(t, 4, &a), CKR_OK);
	assert_int_equal(a.count, 4);
	assert_int_equal(a.list[0].type, CKA_LABEL);
	assert_int_equal(a.list[3].type, CKA_ID);
	assert_true(view_equal(attrs_view(&a, CKA_LABEL), view_str(label)));
	assert_true(attrs_bool(&a, CKA_TOKEN, false));
	assert_int_equal(attrs_ulong(&a, CKA_VALUE_LEN, 0), 5);
	assert_true(attrs_has(&a, CKA_ID));
	assert_int_equal(attrs_view(&a, CKA_ID).len, 0);
	/* not there, or of another size: the default */
	assert_true(attrs_bool(&a, CKA_PRIVATE, true));
	assert_true(attrs_bool(&a, CKA_LABEL, true));
	assert_int_equal(attrs_ulong(&a, CKA_LABEL, 9), 9);
	assert_null(attrs_get(&a, CKA_PRIVATE));
	attrs_free(&a);
	assert_int_equal(attrs_from_template(NULL, 0, &a), CKR_OK);
	assert_int_equal(a.count, 0);
}

static void
template_lengths_are_not_believed(void **state)
{
	CK_BBOOL two = 2;
	char date[9] = "20240229";
	CK_ULONG pair[2] = { 1, 2 };

	(void)state;
	assert_int_equal(try_entry(entry(CKA_LABEL, NULL, 1)),
	    CKR_ARGUMENTS_BAD);
	assert_int_equal(try_entry(entry(CKA_LABEL, NULL, ~0UL)),
	    CKR_ARGUMENTS_BAD);
	assert_int_equal(try_entry(entry(CKA_LABEL, label, ~0UL)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_TOKEN, &two, 1)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_TOKEN, pair, 2)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_TOKEN, NULL, 0)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_CLASS, pair,
	    sizeof(CK_ULONG) - 1)), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_CLASS, NULL, 0)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_START_DATE, date, 9)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_START_DATE, date, 8)), CKR_OK);
	assert_int_equal(try_entry(entry(CKA_START_DATE, NULL, 0)), CKR_OK);
	assert_int_equal(try_entry(entry(CKA_ALLOWED_MECHANISMS, pair,
	    sizeof(pair))), CKR_OK);
	assert_int_equal(try_entry(entry(CKA_ALLOWED_MECHANISMS, pair,
	    sizeof(pair) - 1)), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_entry(entry(CKA_WRAP_TEMPLATE, pair, 3)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
}

static void
template_counts_are_not_believed(void **state)
{
	CK_ATTRIBUTE e = entry(CKA_TOKEN, &yes, 1);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(attrs_from_template(NULL, 1, &a), CKR_ARGUMENTS_BAD);
	assert_int_equal(attrs_from_template(&e, ~0UL, &a),
	    CKR_ARGUMENTS_BAD);
	/* a count whose size in bytes wraps to that of one entry */
	assert_int_equal(attrs_from_template(&e, ~0UL / sizeof(e) + 2, &a),
	    CKR_ARGUMENTS_BAD);
	assert_null(a.list);
}

static void
template_may_be_unaligned(void **state)
{
	uint8_t raw[sizeof(CK_ULONG) + 1], inner[sizeof(CK_ATTRIBUTE) + 1];
	CK_ATTRIBUTE e = entry(CKA_CLASS, raw + 1, sizeof(CK_ULONG)), n;
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	memcpy(raw + 1, &five, sizeof(five));
	memcpy(inner + 1, &e, sizeof(e));
	n = entry(CKA_WRAP_TEMPLATE, inner + 1, sizeof(e));
	assert_int_equal(attrs_from_template(&n, 1, &a), CKR_OK);
	assert_int_equal(attrs_ulong(attrs_get(&a,
	    CKA_WRAP_TEMPLATE)->nested, CKA_CLASS, 0), 5);
	attrs_free(&a);
}

static void
doubles_have_to_agree(void **state)
{
	CK_ATTRIBUTE in[] = {
		entry(CKA_TOKEN, &yes, 1), entry(CKA_LABEL, label, 5)
	};
	CK_ATTRIBUTE t[] = {
		entry(CKA_SIGN, &yes, 1),
		entry(CKA_WRAP_TEMPLATE, in, sizeof(in)),
		entry(CKA_SIGN, &yes, 1),
		entry(CKA_WRAP_TEMPLATE, in, sizeof(in)),
	};
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(attrs_from_template(t, 4, &a), CKR_OK);
	assert_int_equal(a.count, 2);
	attrs_free(&a);
	t[3].ulValueLen = sizeof(in[0]);
	assert_int_equal(attrs_from_template(t, 4, &a),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_null(a.list);
	t[2].pValue = &no;
	assert_int_equal(attrs_from_template(t, 3, &a),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_null(a.list);
}

static void
nesting_ends_at_its_depth(void **state)
{
	CK_ATTRIBUTE leaf = entry(CKA_TOKEN, &yes, 1);
	CK_ATTRIBUTE two = entry(CKA_WRAP_TEMPLATE, &leaf, sizeof(leaf));
	CK_ATTRIBUTE one = entry(CKA_UNWRAP_TEMPLATE, &two, sizeof(two));
	CK_ATTRIBUTE top = entry(CKA_DERIVE_TEMPLATE, &one, sizeof(one));
	CK_ATTRIBUTE bad = entry(CKA_LABEL, NULL, 3);
	struct attrs a = ATTRS_EMPTY;
	const struct attrs *in;

	(void)state;
	assert_int_equal(attrs_from_template(&one, 1, &a), CKR_OK);
	in = attrs_get(&a, CKA_UNWRAP_TEMPLATE)->nested;
	in = attrs_get(in, CKA_WRAP_TEMPLATE)->nested;
	assert_true(attrs_bool(in, CKA_TOKEN, false));
	attrs_free(&a);
	assert_int_equal(try_entry(top), CKR_ATTRIBUTE_VALUE_INVALID);
	/* an error far below comes up */
	two.pValue = &bad;
	assert_int_equal(try_entry(one), CKR_ARGUMENTS_BAD);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
template_within_itself_ends_soon(void **state)
{
	enum { N = 1000 };
	static CK_ATTRIBUTE top[N], middle[N], leaf[N];
	double start = seconds();
	struct attrs a = ATTRS_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		top[i] = entry(CKA_WRAP_TEMPLATE, top, sizeof(top));
	assert_int_equal(attrs_from_template(top, N, &a),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_null(a.list);
	/* without a circle: 1,001,001,000 attributes in 3,000 entries */
	for (i = 0; i < N; i++) {
		leaf[i] = entry(CKA_TOKEN, &yes, 1);
		middle[i] = entry(CKA_WRAP_TEMPLATE, leaf, sizeof(leaf));
		top[i] = entry(CKA_WRAP_TEMPLATE, middle, sizeof(middle));
	}
	assert_int_equal(attrs_from_template(top, N, &a),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_null(a.list);
	assert_true(seconds() - start < 1);
}

static void
long_lists_are_not_quadratic(void **state)
{
	enum { N = 50000 };
	static CK_ATTRIBUTE t[N];
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	double start = seconds();
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		t[i] = entry(VENDOR(N - i), label, 1 + i % 5);
	assert_int_equal(attrs_from_template(t, N, &a), CKR_OK);
	assert_int_equal(a.count, N);
	for (i = 0; i < N; i++)
		assert_true(attrs_view(&a, VENDOR(N - i)).len == 1 + i % 5);
	assert_false(attrs_has(&a, VENDOR(N + 1)));
	assert_int_equal(attrs_copy(&b, &a), CKR_OK);
	assert_int_equal(attrs_merge(&b, &a), CKR_OK);
	assert_int_equal(b.count, N);
	assert_true(attrs_match(&a, &b));
	assert_true(seconds() - start < 2);
	attrs_free(&a);
	attrs_free(&b);
}

static void
set_replaces_in_its_place(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG list[] = { 3, 1, 2 };

	(void)state;
	assert_int_equal(attrs_set_bool(&a, CKA_SIGN, true), CKR_OK);
	assert_int_equal(attrs_set_ulong(&a, CKA_CLASS, 3), CKR_OK);
	assert_int_equal(attrs_set_ulongs(&a, CKA_ALLOWED_MECHANISMS, list,
	    3), CKR_OK);
	assert_int_equal(attrs_set_bool(&a, CKA_SIGN, false), CKR_OK);
	assert_int_equal(a.count, 3);
	assert_int_equal(a.list[0].type, CKA_SIGN);
	assert_false(attrs_bool(&a, CKA_SIGN, true));
	assert_int_equal(attrs_view(&a, CKA_ALLOWED_MECHANISMS).len,
	    sizeof(list));
	attrs_remove(&a, CKA_SIGN);
	attrs_remove(&a, CKA_SIGN);
	assert_int_equal(a.count, 2);
	assert_false(attrs_has(&a, CKA_SIGN));
	assert_int_equal(attrs_ulong(&a, CKA_CLASS, 0), 3);
	attrs_free(&a);
}

static void
value_that_does_not_fit_stays_out(void **state)
{
	struct attrs a = ATTRS_EMPTY, in = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(attrs_set(&a, CKA_CLASS, view_str("x")),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(attrs_set_bool(&a, CKA_CLASS, true),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(attrs_set(&a, CKA_WRAP_TEMPLATE, VIEW_EMPTY),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(attrs_set_template(&a, CKA_CLASS, &in),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(a.count, 0);
	attrs_free(&a);
}

/* Removing from a list that is long enough for an index. */
static void
index_follows_removal(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	CK_ULONG i;

	(void)state;
	for (i = 0; i < 500; i++)
		assert_int_equal(attrs_set_ulong(&a, VENDOR(i), i), CKR_OK);
	for (i = 0; i < 500; i += 2)
		attrs_remove(&a, VENDOR(i));
	assert_int_equal(a.count, 250);
	for (i = 0; i < 500; i++)
		assert_int_equal(attrs_ulong(&a, VENDOR(i), 999),
		    i % 2 == 0 ? 999 : i);
	attrs_free(&a);
}

/* Two lists with one nested attribute each, alike but for its value. */
static void
two_nested(struct attrs *a, struct attrs *b)
{
	struct attrs in = ATTRS_EMPTY;

	assert_int_equal(attrs_set_bool(&in, CKA_TOKEN, true), CKR_OK);
	assert_int_equal(attrs_set_template(a, CKA_WRAP_TEMPLATE, &in),
	    CKR_OK);
	assert_null(in.list);
	assert_int_equal(attrs_set_bool(&in, CKA_TOKEN, false), CKR_OK);
	assert_int_equal(attrs_set_template(b, CKA_WRAP_TEMPLATE, &in),
	    CKR_OK);
}

static void
match_asks_for_all_that_is_wanted(void **state)
{
	struct attrs a = ATTRS_EMPTY, want = ATTRS_EMPTY, in = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(attrs_set(&a, CKA_LABEL, view_str("x")), CKR_OK);
	assert_int_equal(attrs_set_ulong(&a, CKA_CLASS, 3), CKR_OK);
	assert_true(attrs_match(&a, &want));
	assert_int_equal(attrs_set(&want, CKA_LABEL, view_str("x")), CKR_OK);
	assert_true(attrs_match(&a, &want));
	assert_false(attrs_match(&want, &a));
	assert_int_equal(attrs_set(&want, CKA_LABEL, view_str("xy")), CKR_OK);
	assert_false(attrs_match(&a, &want));
	attrs_free(&a);
	attrs_free(&want);

	two_nested(&a, &want);
	assert_false(attrs_match(&a, &want));
	assert_int_equal(attrs_set_template(&want, CKA_WRAP_TEMPLATE, &in),
	    CKR_OK);
	assert_false(attrs_match(&a, &want));
	assert_false(attrs_match(&want, &a));
	assert_int_equal(attrs_copy(&want, &a), CKR_OK);
	assert_true(attrs_match(&a, &want));
	attrs_free(&a);
	attrs_free(&want);
}

static void
copies_share_nothing(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;

	(void)state;
	two_nested(&a, &b);
	assert_int_equal(attrs_set_ulong(&b, CKA_CLASS, 4), CKR_OK);
	assert_int_equal(attrs_merge(&a, &b), CKR_OK);
	attrs_free(&b);
	assert_int_equal(a.count, 2);
	assert_false(attrs_bool(a.list[0].nested, CKA_TOKEN, true));
	/* onto itself, whole and in part */
	assert_int_equal(attrs_merge(&a, &a), CKR_OK);
	assert_int_equal(attrs_put(&a, &a.list[0]), CKR_OK);
	assert_int_equal(attrs_copy(&a, &a), CKR_OK);
	assert_int_equal(a.count, 2);
	assert_int_equal(attrs_ulong(&a, CKA_CLASS, 0), 4);
	assert_int_equal(attrs_set(&a, VENDOR(1), attrs_view(&a, CKA_CLASS)),
	    CKR_OK);
	attrs_move(&b, &a);
	assert_null(a.list);
	assert_int_equal(attrs_ulong(&b, VENDOR(1), 0), 4);
	attrs_free(&b);
}

/* Each allocation fails in turn: the lists stay as they were. */
static void
without_memory_lists_stay_whole(void **state)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY, in = ATTRS_EMPTY;
	CK_ATTRIBUTE leaf = entry(CKA_TOKEN, &yes, 1);
	CK_ATTRIBUTE t = entry(CKA_WRAP_TEMPLATE, &leaf, sizeof(leaf));
	CK_RV rv = CKR_HOST_MEMORY;
	size_t nth;

	(void)state;
	for (nth = 1; rv != CKR_OK; nth++) {
		mem_fail_at(nth);
		rv = attrs_from_template(&t, 1, &a);
		assert_int_equal(a.count, rv == CKR_OK);
	}
	mem_fail_at(0);
	assert_true(nth > 5);
	assert_int_equal(attrs_set_bool(&in, CKA_SIGN, true), CKR_OK);
	mem_fail_at(1);
	assert_int_equal(attrs_set_template(&b, CKA_WRAP_TEMPLATE, &in),
	    CKR_HOST_MEMORY);
	assert_int_equal(in.count, 1);
	for (nth = 0; nth < 100; nth++)
		assert_int_equal(attrs_set_ulong(&b, VENDOR(nth), nth),
		    CKR_OK);
	rv = CKR_HOST_MEMORY;
	for (nth = 1; rv != CKR_OK; nth++) {
		mem_fail_at(nth);
		rv = attrs_merge(&a, &b);
		assert_int_equal(a.count, rv == CKR_OK ? 101 : 1);
		assert_true(attrs_has(&a, CKA_WRAP_TEMPLATE));
	}
	assert_true(nth > 100);
	mem_fail_at(0);
	attrs_free(&a);
	attrs_free(&b);
	attrs_free(&in);
}

static void
value_is_copied_out_or_its_length_told(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	char room[8] = "~~~~~~~";
	CK_ATTRIBUTE out = entry(CKA_LABEL, NULL, 77);

	(void)state;
	assert_int_equal(attrs_set(&a, CKA_LABEL, view_str(label)), CKR_OK);
	assert_int_equal(attr_copy_out(a.list, &out), CKR_OK);
	assert_int_equal(out.ulValueLen, 5);

	out = entry(CKA_LABEL, room, 4);
	assert_int_equal(attr_copy_out(a.list, &out), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(out.ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_string_equal(room, "~~~~~~~");
	/* the same entry once more: that is no room either */
	assert_int_equal(attr_copy_out(a.list, &out), CKR_BUFFER_TOO_SMALL);
	assert_string_equal(room, "~~~~~~~");

	out = entry(CKA_LABEL, room, sizeof(room));
	assert_int_equal(attr_copy_out(a.list, &out), CKR_OK);
	assert_int_equal(out.ulValueLen, 5);
	assert_string_equal(room, "label~~");

	assert_int_equal(attrs_set(&a, CKA_LABEL, VIEW_EMPTY), CKR_OK);
	out = entry(CKA_LABEL, room, 0);
	assert_int_equal(attr_copy_out(a.list, &out), CKR_OK);
	assert_int_equal(out.ulValueLen, 0);
	attrs_free(&a);
}

static void
nested_template_is_copied_out_in_steps(void **state)
{
	struct attrs a = ATTRS_EMPTY, in = ATTRS_EMPTY;
	CK_ATTRIBUTE inner[2], out = entry(CKA_WRAP_TEMPLATE, NULL, 0);
	char room[5];
	CK_BBOOL token = 7;

	(void)state;
	assert_int_equal(attrs_set_bool(&in, CKA_TOKEN, true), CKR_OK);
	assert_int_equal(attrs_set(&in, CKA_LABEL, view_str(label)), CKR_OK);
	assert_int_equal(attrs_set_template(&a, CKA_WRAP_TEMPLATE, &in),
	    CKR_OK);

	/* the size of the array */
	assert_int_equal(attr_copy_out(a.list, &out), CKR_OK);
	assert_int_equal(out.ulValueLen, sizeof(inner));
	out.pValue = inner;
	out.ulValueLen = sizeof(inner) - 1;
	assert_int_equal(attr_copy_out(a.list, &out), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(out.ulValueLen, CK_UNAVAILABLE_INFORMATION);

	/* the sizes in the array; types are ignored and set */
	memset(inner, 0, sizeof(inner));
	out.ulValueLen = sizeof(inner);
	assert_int_equal(attr_copy_out(a.list, &out), CKR_OK);
	assert_int_equal(inner[0].type, CKA_TOKEN);
	assert_int_equal(inner[0].ulValueLen, 1);
	assert_int_equal(inner[1].type, CKA_LABEL);
	assert_int_equal(inner[1].ulValueLen, 5);

	/* one of the values too long: the other is there all the same */
	inner[0] = entry(CKA_ID, room, 0);
	inner[1] = entry(CKA_ID, room, 5);
	assert_int_equal(attr_copy_out(a.list, &out), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(inner[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(inner[1].ulValueLen, 5);
	assert_memory_equal(room, label, 5);

	inner[0] = entry(CKA_ID, &token, 1);
	assert_int_equal(attr_copy_out(a.list, &out), CKR_OK);
	assert_int_equal(token, CK_TRUE);
	assert_int_equal(out.ulValueLen, sizeof(inner));
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_standard_attribute_is_known),
		cmocka_unit_test(kinds_are_those_of_the_standard),
		cmocka_unit_test(template_is_copied_in_its_order),
		cmocka_unit_test(template_lengths_are_not_believed),
		cmocka_unit_test(template_counts_are_not_believed),
		cmocka_unit_test(template_may_be_unaligned),
		cmocka_unit_test(doubles_have_to_agree),
		cmocka_unit_test(nesting_ends_at_its_depth),
		cmocka_unit_test(template_within_itself_ends_soon),
		cmocka_unit_test(long_lists_are_not_quadratic),
		cmocka_unit_test(set_replaces_in_its_place),
		cmocka_unit_test(value_that_does_not_fit_stays_out),
		cmocka_unit_test(index_follows_removal),
		cmocka_unit_test(match_asks_for_all_that_is_wanted),
		cmocka_unit_test(copies_share_nothing),
		cmocka_unit_test(without_memory_lists_stay_whole),
		cmocka_unit_test(value_is_copied_out_or_its_length_told),
		cmocka_unit_test(nested_template_is_copied_out_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
