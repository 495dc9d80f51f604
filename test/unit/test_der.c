/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/der.h"

static void
lengths_are_written_in_their_shortest_form(void **state)
{
	static const struct {
		size_t len;
		const char *head;
	} known[] = {
		{ 0, "0400" }, { 1, "0401" }, { 127, "047f" },
		{ 128, "048180" }, { 255, "0481ff" }, { 256, "04820100" },
		{ 65535, "0482ffff" }, { 65536, "0483010000" },
	};
	struct buf content = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct buf out = BUF_EMPTY, head = hex(known[i].head);
		struct view rest, got;

		assert_int_equal(buf_resize(&content, known[i].len), CKR_OK);
		assert_int_equal(der_put(&out, DER_OCTET_STRING,
		    buf_view(&content)), CKR_OK);
		assert_view(view_of(out.data, head.len), buf_view(&head));
		assert_int_equal(out.len, head.len + known[i].len);
		rest = buf_view(&out);
		assert_int_equal(der_take(&rest, DER_OCTET_STRING, &got),
		    CKR_OK);
		assert_int_equal(got.len, known[i].len);
		assert_int_equal(rest.len, 0);
		buf_free(&out);
		buf_free(&head);
	}
	buf_free(&content);
}

static void
lengths_that_are_no_der_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "04", "0401", "0480", "04800000", "0481", "04817f",
		"048100", "04820080",
		"04810100", "0483000100", "0485000000000100",
		"0484ffffffff00", "04ff00", "0500",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf b = hex(bad[i]);
		struct view rest = buf_view(&b), got;

		assert_int_equal(der_take(&rest, DER_OCTET_STRING, &got),
		    CKR_DATA_INVALID);
		assert_ptr_equal(rest.data, buf_view(&b).data);
		assert_int_equal(rest.len, b.len);
		buf_free(&b);
	}
}

static void
integers_keep_their_sign_bit_clear(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "020100" }, { "00", "020100" }, { "01", "020101" },
		{ "007f", "02017f" }, { "80", "02020080" },
		{ "0000ff01", "020300ff01" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(pairs); i++) {
		struct buf in = hex(pairs[i][0]), out = BUF_EMPTY;
		struct view rest, n;

		assert_int_equal(der_put_uint(&out, buf_view(&in)), CKR_OK);
		assert_hex(&out, pairs[i][1]);
		rest = buf_view(&out);
		assert_int_equal(der_take_uint(&rest, &n), CKR_OK);
		assert_view(n, der_strip(buf_view(&in)));
		buf_free(&in);
		buf_free(&out);
	}
}

static void
negative_and_padded_integers_are_refused(void **state)
{
	static const char *const bad[] = { "0200", "020180", "02020001",
		"0202ff01", "02020000" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf b = hex(bad[i]);
		struct view rest = buf_view(&b), n;

		assert_int_equal(der_take_uint(&rest, &n), CKR_DATA_INVALID);
		assert_int_equal(rest.len, b.len);
		buf_free(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_written_in_their_shortest_form),
		cmocka_unit_test(lengths_that_are_no_der_are_refused),
		cmocka_unit_test(integers_keep_their_sign_bit_clear),
		cmocka_unit_test(negative_and_padded_integers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
