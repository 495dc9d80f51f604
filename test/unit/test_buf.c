/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "util/buf.h"
#include "util/mem.h"

#include <cmocka.h>

/* In place of libc's: notes what was wiped last, before it may be freed. */
static const uint8_t *wiped_at;
static size_t wiped_len;

void
explicit_bzero(void *p, size_t len)
{
	volatile uint8_t *byte = p;
	size_t i;

	for (i = 0; i < len; i++)
		byte[i] = 0;
	wiped_at = p;
	wiped_len = len;
}

/* What a fortified build calls instead. */
void __explicit_bzero_chk(void *p, size_t len, size_t room);

void
__explicit_bzero_chk(void *p, size_t len, size_t room)
{
	assert_true(len <= room);
	explicit_bzero(p, len);
}

static void
fill(struct buf *b, const char *s)
{
	assert_int_equal(buf_set(b, view_str(s)), CKR_OK);
}

static void
assert_holds(const struct buf *b, const char *s)
{
	assert_int_equal(b->len, strlen(s));
	assert_memory_equal(b->data, s, b->len);
}

static void
empty_is_safe_everywhere(void **state)
{
	struct buf b = BUF_EMPTY, c = BUF_EMPTY;

	(void)state;
	buf_clear(&b);
	buf_free(&b);
	buf_move(&b, &c);
	assert_int_equal(buf_append(&b, VIEW_EMPTY), CKR_OK);
	assert_int_equal(buf_set(&b, VIEW_EMPTY), CKR_OK);
	assert_int_equal(buf_resize(&b, 0), CKR_OK);
	assert_null(b.data);
	assert_true(view_equal(buf_view(&b), VIEW_EMPTY));
	wipe(NULL, 0);
	buf_free(&b);
}

static void
view_sub_never_leaves_its_view(void **state)
{
	struct view v = view_str("abcdef");

	(void)state;
	assert_true(view_equal(view_sub(v, 2, 3), view_str("cde")));
	assert_true(view_equal(view_sub(v, 4, SIZE_MAX), view_str("ef")));
	assert_int_equal(view_sub(v, 6, 1).len, 0);
	assert_int_equal(view_sub(v, SIZE_MAX, SIZE_MAX).len, 0);
	assert_int_equal(view_of(NULL, 7).len, 0);
	assert_int_equal(view_str(NULL).len, 0);
}

static void
resize_shows_zeros_only(void **state)
{
	struct buf b = BUF_EMPTY;
	size_t i;

	(void)state;
	fill(&b, "secret");
	assert_int_equal(buf_resize(&b, 2), CKR_OK);
	for (i = 2; i < 6; i++)
		assert_int_equal(b.data[i], 0);
	/* nor what somebody wrote behind the end */
	b.data[4] = 'x';
	assert_int_equal(buf_resize(&b, 6), CKR_OK);
	assert_int_equal(b.data[4], 0);
	assert_int_equal(buf_resize(&b, 300), CKR_OK);
	assert_memory_equal(b.data, "se", 2);
	for (i = 2; i < 300; i++)
		assert_int_equal(b.data[i], 0);
	buf_free(&b);
}

static void
memory_that_is_left_is_wiped(void **state)
{
	struct buf b = BUF_EMPTY;
	const uint8_t *old;
	size_t room;

	(void)state;
	fill(&b, "a secret");
	old = b.data;
	room = b.room;
	assert_int_equal(buf_resize(&b, 1000), CKR_OK);
	assert_ptr_equal(wiped_at, old);
	assert_int_equal(wiped_len, room);

	old = b.data;
	room = b.room;
	buf_free(&b);
	assert_ptr_equal(wiped_at, old);
	assert_int_equal(wiped_len, room);
	assert_null(b.data);
	assert_int_equal(b.room, 0);

	fill(&b, "a secret");
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_true(view_is_zero(view_of(b.data, b.room)));
	buf_free(&b);
}

static void
set_to_less_leaves_nothing_behind(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	fill(&b, "a long secret");
	fill(&b, "no");
	assert_holds(&b, "no");
	assert_true(view_is_zero(view_of(b.data + 2, b.room - 2)));
	buf_free(&b);
}

static void
content_may_come_from_the_buffer_itself(void **state)
{
	struct buf b = BUF_EMPTY;
	size_t i;

	(void)state;
	fill(&b, "0123456789");
	assert_int_equal(buf_set(&b, view_sub(buf_view(&b), 3, 4)), CKR_OK);
	assert_holds(&b, "3456");
	for (i = 0; i < 10; i++)
		assert_int_equal(buf_append(&b, buf_view(&b)), CKR_OK);
	assert_int_equal(b.len, 4096);
	for (i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], "3456"[i % 4]);
	assert_int_equal(buf_set_padded(&b, view_sub(buf_view(&b), 0, 2), 4),
	    CKR_OK);
	assert_memory_equal(b.data, "\0\00034", 4);
	buf_free(&b);
}

static void
padding_goes_left_and_never_cuts(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	assert_int_equal(buf_set_padded(&b, view_str("ab"), 5), CKR_OK);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.data, "\0\0\0ab", 5);
	assert_int_equal(buf_set_padded(&b, view_str("abc"), 2),
	    CKR_DATA_LEN_RANGE);
	assert_memory_equal(b.data, "\0\0\0ab", 5);
	buf_free(&b);
}

static void
move_hands_over(void **state)
{
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;

	(void)state;
	fill(&a, "old");
	fill(&b, "new");
	buf_move(&a, &b);
	assert_holds(&a, "new");
	assert_null(b.data);
	buf_move(&a, &a);
	assert_holds(&a, "new");
	buf_free(&a);
}

static void
without_memory_nothing_changes(void **state)
{
	static const uint8_t big[100];
	struct buf b = BUF_EMPTY;

	(void)state;
	fill(&b, "kept");
	mem_fail_at(1);
	assert_int_equal(buf_resize(&b, 1000), CKR_HOST_MEMORY);
	assert_holds(&b, "kept");
	mem_fail_at(1);
	assert_int_equal(buf_set(&b, view_of(big, sizeof(big))),
	    CKR_HOST_MEMORY);
	assert_holds(&b, "kept");
	mem_fail_at(1);
	assert_int_equal(buf_append(&b, view_of(big, sizeof(big))),
	    CKR_HOST_MEMORY);
	assert_holds(&b, "kept");
	mem_fail_at(1);
	assert_int_equal(hex_append(buf_view(&b), &b), CKR_HOST_MEMORY);
	assert_holds(&b, "kept");
	mem_fail_at(0);
	/* lengths whose sum wraps */
	assert_int_equal(buf_append(&b, (struct view){ big, SIZE_MAX - 1 }),
	    CKR_HOST_MEMORY);
	assert_holds(&b, "kept");
	buf_free(&b);
}

static void
equality_looks_at_each_byte(void **state)
{
	uint8_t a[33], b[33];
	size_t i;

	(void)state;
	memset(a, 7, sizeof(a));
	memset(b, 7, sizeof(b));
	assert_true(view_equal(view_of(a, 33), view_of(b, 33)));
	assert_false(view_equal(view_of(a, 33), view_of(b, 32)));
	for (i = 0; i < sizeof(b); i++) {
		b[i] ^= 0x80;
		assert_false(view_equal(view_of(a, 33), view_of(b, 33)));
		b[i] ^= 0x80;
	}
	memset(a, 0, sizeof(a));
	assert_true(view_is_zero(view_of(a, 33)));
	for (i = 0; i < sizeof(a); i++) {
		a[i] = 1;
		assert_false(view_is_zero(view_of(a, 33)));
		a[i] = 0;
	}
	assert_true(view_is_zero(VIEW_EMPTY));
}

static void
hex_reads_what_it_wrote(void **state)
{
	struct buf text = BUF_EMPTY, back = BUF_EMPTY;
	uint8_t all[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	fill(&text, "x");
	assert_int_equal(hex_append(view_of(all, 256), &text), CKR_OK);
	assert_int_equal(text.len, 513);
	assert_int_equal(text.data[513], 0);
	assert_memory_equal(text.data, "x000102", 7);
	assert_string_equal((char *)text.data + 507, "fdfeff");
	assert_int_equal(hex_parse(view_sub(buf_view(&text), 1, 512), &back),
	    CKR_OK);
	assert_true(view_equal(buf_view(&back), view_of(all, 256)));
	assert_int_equal(hex_parse(view_str("aBCd"), &back), CKR_OK);
	assert_memory_equal(back.data, "\xab\xcd", 2);
	buf_free(&text);
	buf_free(&back);
}

static void
hex_refuses_every_other_byte(void **state)
{
	struct buf b = BUF_EMPTY;
	uint8_t text[2];
	unsigned c;

	(void)state;
	fill(&b, "kept");
	assert_int_equal(hex_parse(view_str("abc"), &b), CKR_DATA_INVALID);
	for (c = 0; c < 256; c++) {
		if (c != 0 && strchr("0123456789abcdefABCDEF", (int)c))
			continue;
		text[0] = (uint8_t)c;
		text[1] = '0';
		assert_int_equal(hex_parse(view_of(text, 2), &b),
		    CKR_DATA_INVALID);
		text[1] = (uint8_t)c;
		text[0] = '0';
		assert_int_equal(hex_parse(view_of(text, 2), &b),
		    CKR_DATA_INVALID);
	}
	assert_holds(&b, "kept");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_safe_everywhere),
		cmocka_unit_test(view_sub_never_leaves_its_view),
		cmocka_unit_test(resize_shows_zeros_only),
		cmocka_unit_test(memory_that_is_left_is_wiped),
		cmocka_unit_test(set_to_less_leaves_nothing_behind),
		cmocka_unit_test(content_may_come_from_the_buffer_itself),
		cmocka_unit_test(padding_goes_left_and_never_cuts),
		cmocka_unit_test(move_hands_over),
		cmocka_unit_test(without_memory_nothing_changes),
		cmocka_unit_test(equality_looks_at_each_byte),
		cmocka_unit_test(hex_reads_what_it_wrote),
		cmocka_unit_test(hex_refuses_every_other_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
