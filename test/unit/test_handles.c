/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "util/handles.h"
#include "util/mem.h"

#include <cmocka.h>

enum { MANY = 100000 };

static char items[MANY];
static atomic_uint counter;

static int
make(void **state)
{
	struct handles *h = NULL;

	if (handles_new(&h) != CKR_OK)
		return -1;
	atomic_store(&counter, 0);
	*state = h;
	return 0;
}

static int
unmake(void **state)
{
	struct handles *h = *state;

	handles_free(&h);
	return h == NULL ? 0 : -1;
}

static CK_ULONG
add(struct handles *h, void *item)
{
	CK_ULONG handle = 0;

	assert_int_equal(handles_add(h, &counter, item, &handle), CKR_OK);
	return handle;
}

static void
handles_count_up_from_one(void **state)
{
	struct handles *h = *state;
	CK_ULONG i;

	for (i = 1; i <= MANY; i++)
		assert_int_equal(add(h, &items[i - 1]), i);
	for (i = 1; i <= MANY; i++)
		assert_ptr_equal(handles_get(h, i), &items[i - 1]);
	assert_int_equal(handles_count(h), MANY);
}

static void
strangers_are_not_found(void **state)
{
	struct handles *h = *state;

	add(h, &items[0]);
	assert_null(handles_get(h, 0));
	assert_null(handles_get(h, 2));
	assert_null(handles_get(h, ~0UL));
	assert_null(handles_remove(h, 0));
	assert_null(handles_remove(h, ~0UL));
#if ULONG_MAX > UINT32_MAX
	/* not the low half of a longer number either */
	assert_null(handles_get(h, 0x100000001UL));
	assert_null(handles_remove(h, 0x100000001UL));
#endif
	assert_int_equal(handles_count(h), 1);
}

static void
stale_handle_stays_stale(void **state)
{
	struct handles *h = *state;
	CK_ULONG first = add(h, &items[0]), one;
	unsigned i;

	assert_ptr_equal(handles_remove(h, first), &items[0]);
	assert_null(handles_get(h, first));
	assert_null(handles_remove(h, first));
	for (i = 0; i < 1000; i++) {
		one = add(h, &items[1]);
		assert_int_not_equal(one, first);
		assert_null(handles_get(h, first));
		assert_ptr_equal(handles_remove(h, one), &items[1]);
	}
	assert_int_equal(handles_count(h), 0);
}

static void
wrapped_count_spares_the_living(void **state)
{
	struct handles *h = *state;

	assert_int_equal(add(h, &items[1]), 1);
	assert_int_equal(add(h, &items[2]), 2);
	atomic_store(&counter, UINT32_MAX - 1);
	assert_int_equal(add(h, &items[3]), UINT32_MAX);
	assert_int_equal(add(h, &items[4]), 3);
	assert_ptr_equal(handles_get(h, 1), &items[1]);
	assert_ptr_equal(handles_get(h, 2), &items[2]);
	assert_ptr_equal(handles_get(h, 3), &items[4]);
	assert_ptr_equal(handles_get(h, UINT32_MAX), &items[3]);
}

static void
walk_gives_each_item_once(void **state)
{
	struct handles *h = *state;
	static unsigned seen[1001];
	CK_ULONG handle, i;
	size_t cursor = 0;
	void *item;

	for (i = 1; i <= 1000; i++)
		add(h, &items[i]);
	while ((item = handles_next(h, &cursor, &handle)) != NULL) {
		assert_ptr_equal(item, &items[handle]);
		seen[handle]++;
		/* the item just given may go */
		if (handle % 3 != 0)
			assert_ptr_equal(handles_remove(h, handle), item);
	}
	for (i = 1; i <= 1000; i++)
		assert_int_equal(seen[i], 1);
	assert_int_equal(handles_count(h), 333);
	cursor = 0;
	for (i = 0; handles_next(h, &cursor, NULL) != NULL; i++)
		;
	assert_int_equal(i, 333);
}

static void
chosen_handle_is_found_and_not_taken_twice(void **state)
{
	struct handles *h = *state;

	assert_int_equal(handles_put(h, 77, &items[1]), CKR_OK);
	assert_ptr_equal(handles_get(h, 77), &items[1]);
	assert_int_equal(handles_put(h, 77, &items[2]), CKR_GENERAL_ERROR);
	assert_int_equal(handles_put(h, 0, &items[2]), CKR_GENERAL_ERROR);
	assert_ptr_equal(handles_remove(h, 77), &items[1]);
	assert_int_equal(handles_put(h, 77, &items[2]), CKR_OK);
	assert_ptr_equal(handles_get(h, 77), &items[2]);
	assert_int_equal(handles_count(h), 1);
}

static void
without_memory_table_stays_whole(void **state)
{
	struct handles *h = *state, *none = NULL;
	CK_ULONG handle, n = 0, i;
	CK_RV rv;

	mem_fail_at(1);
	while ((rv = handles_add(h, &counter, &items[n], &handle)) == CKR_OK)
		n++;
	assert_int_equal(rv, CKR_HOST_MEMORY);
	assert_int_equal(handles_count(h), n);
	for (i = 0; i < n; i++)
		assert_ptr_equal(handles_get(h, i + 1), &items[i]);
	assert_int_equal(add(h, &items[n]), n + 1);
	for (i = 1; i <= 2; i++) {
		mem_fail_at(i);
		assert_int_equal(handles_new(&none), CKR_HOST_MEMORY);
		assert_null(none);
	}
	mem_fail_at(0);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What is left over at even strides must not pile up in the table. */
static void
strided_survivors_are_found_quickly(void **state)
{
	struct handles *h = *state;
	double start = seconds();
	CK_ULONG i;
	int round;

	for (i = 1; i <= MANY * 8; i++) {
		add(h, &items[i % MANY]);
		if (i % 64 != 0)
			handles_remove(h, i);
	}
	for (round = 0; round < 10; round++)
		for (i = 64; i <= MANY * 8; i += 64)
			assert_true(handles_get(h, i) == &items[i % MANY]);
	assert_int_equal(handles_count(h), MANY * 8 / 64);
	assert_true(seconds() - start < 5);
}

/* Against a plain array: random adding, removing and looking up. */
static void
agrees_with_a_plain_array(void **state)
{
	struct handles *h = *state;
	static void *plain[20001];
	CK_ULONG next = 1, handle;
	size_t live = 0;

	srandom(1);
	while (next <= 20000) {
		handle = (CK_ULONG)random() % next + 1;
		if (random() % 2 == 0) {
			plain[next] = &items[next];
			assert_int_equal(add(h, plain[next]), next);
			next++;
			live++;
		} else if (handle < next) {
			assert_ptr_equal(handles_get(h, handle),
			    plain[handle]);
			assert_ptr_equal(handles_remove(h, handle),
			    plain[handle]);
			live -= plain[handle] != NULL;
			plain[handle] = NULL;
		}
		assert_int_equal(handles_count(h), live);
	}
	for (handle = 1; handle < next; handle++)
		assert_ptr_equal(handles_get(h, handle), plain[handle]);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(handles_count_up_from_one),
		TEST(strangers_are_not_found),
		TEST(stale_handle_stays_stale),
		TEST(wrapped_count_spares_the_living),
		TEST(walk_gives_each_item_once),
		TEST(chosen_handle_is_found_and_not_taken_twice),
		TEST(without_memory_table_stays_whole),
		TEST(strided_survivors_are_found_quickly),
		TEST(agrees_with_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
