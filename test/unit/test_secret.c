/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <pthread.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/mem.h"
#include "util/secret.h"

#include <cmocka.h>

/* The kernel's word on the pages of p: "lo" locked, "dd" not dumped. */
static bool
pages_are(const void *p, const char *flag)
{
	unsigned long from, to, at = (unsigned long)(uintptr_t)p;
	FILE *f = fopen("/proc/self/smaps", "r");
	bool in = false, is = false;
	char line[1024];

	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			in = at >= from && at < to;
		else if (in && strncmp(line, "VmFlags:", 8) == 0)
			is = strstr(line + 8, flag) != NULL;
	}
	(void)fclose(f);
	return is;
}

static void
assert_hidden(size_t len)
{
	struct buf b = BUF_EMPTY;

	assert_int_equal(buf_resize(&b, len), CKR_OK);
	memset(b.data, 7, len);
	assert_true(pages_are(b.data, " lo"));
	assert_true(pages_are(b.data, " dd"));
	buf_free(&b);
}

static void
buffers_are_locked_and_not_dumped(void **state)
{
	(void)state;
	assert_true(secret_is_pooled());
	assert_hidden(1);
	assert_hidden(32);
	assert_hidden(5000);
	assert_hidden(100000);
}

static void
memory_comes_back_zeroed_and_is_used_again(void **state)
{
	uint8_t *a = secret_alloc(40), *b;
	size_t i;

	(void)state;
	assert_non_null(a);
	memset(a, 0xff, 40);
	secret_free(a, 40);
	b = secret_alloc(64);
	assert_non_null(b);
	if (secret_is_pooled())
		assert_ptr_equal(a, b);
	for (i = 0; i < 64; i++)
		assert_int_equal(b[i], 0);
	secret_free(b, 64);
	secret_free(NULL, 10);
}

static void
sizes_of_all_kinds_do_not_overlap(void **state)
{
	enum { N = 400 };
	struct buf b[N];
	size_t i, j;

	(void)state;
	for (i = 0; i < N; i++) {
		b[i] = BUF_EMPTY;
		assert_int_equal(buf_resize(&b[i], 1 + i * i % 20000),
		    CKR_OK);
		memset(b[i].data, (int)(i & 0xff), b[i].len);
	}
	for (i = 0; i < N; i++) {
		for (j = 0; j < b[i].len; j++)
			assert_int_equal(b[i].data[j], i & 0xff);
		buf_free(&b[i]);
	}
}

static void
child_with(void (*run)(void))
{
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
run_without_limit(void)
{
	struct rlimit none = { 0, 0 };
	struct buf b = BUF_EMPTY;
	size_t i;

	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 ||
	    (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0))
		_exit(2);
	for (i = 0; i < 3000; i++)
		if (buf_resize(&b, 1 + i * 37) != CKR_OK)
			_exit(3);
	buf_free(&b);
}

static void
works_where_nothing_may_be_locked(void **state)
{
	(void)state;
	child_with(run_without_limit);
}

static struct buf before;

static void
run_in_child(void)
{
	struct buf b = BUF_EMPTY;

	if (buf_resize(&b, 32) != CKR_OK || before.data[0] != 'x')
		_exit(1);
	if (secret_is_pooled() && !pages_are(b.data, " lo"))
		_exit(2);
	buf_free(&before);
	buf_free(&b);
}

static void
child_of_fork_has_locked_memory_too(void **state)
{
	(void)state;
	assert_int_equal(buf_set(&before, view_str("x")), CKR_OK);
	child_with(run_in_child);
	assert_int_equal(before.data[0], 'x');
	buf_free(&before);
}

static void *
churn(void *arg)
{
	struct buf b[16] = { BUF_EMPTY };
	unsigned seed = 1 + (unsigned)(uintptr_t)arg;
	size_t i, k, len;

	for (i = 0; i < 20000; i++) {
		k = (size_t)rand_r(&seed) % 16;
		len = (size_t)rand_r(&seed) % 600;
		buf_free(&b[k]);
		if (buf_resize(&b[k], len) != CKR_OK)
			abort();
		if (len > 0)
			memset(b[k].data, (int)seed, len);
	}
	for (k = 0; k < 16; k++)
		buf_free(&b[k]);
	return NULL;
}

static void
threads_and_forks_at_the_same_time(void **state)
{
	pthread_t threads[4];
	uintptr_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, churn,
		    (void *)i), 0);
	for (i = 0; i < 20; i++)
		child_with(run_without_limit);
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void
a_test_can_make_it_fail(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	mem_fail_at(1);
	assert_int_equal(buf_resize(&b, 10), CKR_HOST_MEMORY);
	mem_fail_at(0);
	/* the sanitizer would end the program */
	if (secret_is_pooled())
		assert_null(secret_alloc(SIZE_MAX));
}

int
main(void)
{
	/*
	 * The address sanitizer has to see each buffer by itself, so there is
	 * no pool with it, and its own allocator may be locked for ever in a
	 * child of threads; test/check/locked.sh runs these without it.
	 */
	const struct CMUnitTest pool[] = {
		cmocka_unit_test(buffers_are_locked_and_not_dumped),
		cmocka_unit_test(threads_and_forks_at_the_same_time),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_comes_back_zeroed_and_is_used_again),
		cmocka_unit_test(sizes_of_all_kinds_do_not_overlap),
		cmocka_unit_test(works_where_nothing_may_be_locked),
		cmocka_unit_test(child_of_fork_has_locked_memory_too),
		cmocka_unit_test(a_test_can_make_it_fail),
	};

	if (secret_is_pooled() &&
	    cmocka_run_group_tests(pool, NULL, NULL) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
