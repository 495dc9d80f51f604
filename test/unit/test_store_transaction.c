/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#include "store_test.h"
#include "util/mem.h"

static void
rollback_leaves_nothing_and_commit_all(void **state)
{
	struct store *s = opened(), *other = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	assert_int_equal(store_begin(s), CKR_OK);
	assert_int_equal(store_begin(s), CKR_GENERAL_ERROR);
	(void)add_object(s, token, true, "a");
	(void)add_object(s, token, false, "a");
	assert_int_equal(count_objects(s, token, "a"), 2);
	assert_int_equal(count_objects(other, token, "a"), 0);
	store_rollback(s);
	store_rollback(s);
	assert_int_equal(count_objects(s, token, "a"), 0);
	assert_int_equal(store_commit(s), CKR_GENERAL_ERROR);

	assert_int_equal(store_begin(s), CKR_OK);
	(void)add_object(s, token, true, "a");
	(void)add_object(s, token, false, "a");
	assert_int_equal(store_commit(s), CKR_OK);
	assert_int_equal(count_objects(other, token, "a"), 2);
	store_close(&other);
	store_close(&s);
}

static void
closing_rolls_back(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	assert_int_equal(store_begin(s), CKR_OK);
	(void)add_object(s, token, true, "a");
	store_close(&s);
	s = opened();
	assert_int_equal(count_objects(s, token, "a"), 0);
	store_close(&s);
}

static void
changes_of_others_are_seen_and_ones_own_are_none(void **state)
{
	struct store *s = opened(), *other = opened();
	int64_t token = add_token(s, "one");
	bool changed = false;

	(void)state;
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	assert_true(changed);
	(void)add_object(s, token, true, "a");
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	assert_false(changed);
	(void)add_object(other, token, true, "a");
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	assert_true(changed);
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	assert_false(changed);
	store_close(&other);
	store_close(&s);
}

static void
readers_are_not_held_up_by_a_writer(void **state)
{
	struct store *s = opened(), *other = opened();
	int64_t token = add_token(s, "one");
	int64_t id = add_object(s, token, true, "a");
	struct store_keys keys = keys_both();
	struct timespec before, after;

	(void)state;
	assert_int_equal(store_begin(s), CKR_OK);
	assert_int_equal(objects_delete_all(s, token), CKR_OK);
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(count_objects(other, token, "a"), 1);
	assert_int_equal(get_code(other, &keys, token, id), CKR_OK);
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec < 2);
	assert_int_equal(store_commit(s), CKR_OK);
	assert_int_equal(count_objects(other, token, "a"), 0);
	store_close(&other);
	store_close(&s);
}

/* The disk takes no more: files cannot grow beyond what they are. */
static void
full_disk_child(int arg)
{
	struct store_keys keys = keys_both();
	struct store *s = NULL;
	struct store_object o = new_object(1, true, CKO_DATA, "big");
	struct rlimit small = { 300 * 1024, 300 * 1024 };
	struct buf big = BUF_EMPTY;
	CK_RV rv = CKR_OK;

	(void)signal(SIGXFSZ, SIG_IGN);
	must(crypto_start() == CKR_OK, "crypto");
	must(buf_resize(&big, 200 * 1024) == CKR_OK, "memory");
	must(attrs_set(&o.attrs, CKA_VALUE, buf_view(&big)) == CKR_OK, "set");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(setrlimit(RLIMIT_FSIZE, &small) == 0, "limit");
	must(store_begin(s) == CKR_OK, "begin");
	must(put_object(s, 1, true, "small", NULL) == CKR_OK, "small");
	/* more than the page cache holds, so some put has to write */
	for (; arg < 20 && rv == CKR_OK; arg++) {
		o.id = 0;
		rv = store_object_put(s, &keys, &o);
	}
	if (rv != CKR_OK)
		must(put_object(s, 1, true, "later", NULL) == rv, "later");
	must(store_commit(s) == CKR_DEVICE_MEMORY, "commit");
	must(count_objects(s, 1, NULL) == 1, "nothing of it");
	must(put_object(s, 1, true, "after", NULL) == CKR_OK, "after");
	store_close(&s);
}

static void
full_disk_commits_nothing(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	(void)add_object(s, token, true, "before");
	child_went_well(start_child(full_disk_child, 0));
	assert_int_equal(count_objects(s, token, NULL), 2);
	assert_int_equal(count_objects(s, token, "later"), 0);
	store_close(&s);
}

/* The first write fails as on a full disk; what follows must not be kept. */
static void
after_a_failed_write_nothing_can_be_committed(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct store_keys keys = keys_both();
	struct store_object o = new_object(token, true, CKO_DATA, "x");
	struct buf big = BUF_EMPTY;

	(void)state;
	assert_int_equal(buf_resize(&big, 17 * 1024 * 1024), CKR_OK);
	assert_int_equal(attrs_set(&o.attrs, CKA_VALUE, buf_view(&big)),
	    CKR_OK);
	buf_free(&big);
	assert_int_equal(store_begin(s), CKR_OK);
	(void)add_object(s, token, true, "a");
	/* a row that is not there spoils nothing */
	assert_int_equal(object_delete(s, token, 99),
	    CKR_OBJECT_HANDLE_INVALID);
	(void)add_object(s, token, true, "a");
	assert_int_equal(store_object_put(s, &keys, &o), CKR_DEVICE_MEMORY);
	assert_int_equal(put_object(s, token, true, "a", NULL),
	    CKR_DEVICE_MEMORY);
	assert_int_equal(store_commit(s), CKR_DEVICE_MEMORY);
	assert_int_equal(count_objects(s, token, "a"), 0);
	(void)add_object(s, token, true, "a");
	assert_int_equal(count_objects(s, token, "a"), 1);
	store_object_free(&o);
	store_close(&s);
}

enum { WRITERS = 8, EACH = 100 };

static void
writer_child(int which)
{
	struct store *s = NULL;
	char label[32];
	int i;

	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	for (i = 0; i < EACH; i++) {
		(void)snprintf(label, sizeof(label), "%d-%d", which, i);
		must(put_object(s, 1, i % 2 == 0, label, NULL) == CKR_OK,
		    "a writer sees no other");
		if (i % 10 == 0)
			must(store_note_put(s, "n", view_str(label)) ==
			    CKR_OK, "note");
		must(count_objects(s, 1, label) == 1, "finds its own");
	}
	store_close(&s);
}

static void
eight_processes_write_and_none_sees_an_error(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	pid_t children[WRITERS];
	int i;

	(void)state;
	store_close(&s);
	for (i = 0; i < WRITERS; i++)
		children[i] = start_child(writer_child, i);
	for (i = 0; i < WRITERS; i++)
		child_went_well(children[i]);
	s = opened();
	assert_int_equal(count_objects(s, token, NULL), WRITERS * EACH);
	store_close(&s);
}

static void *
writer_thread(void *arg)
{
	struct store *s = NULL;
	int i;

	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	for (i = 0; i < EACH; i++)
		must(put_object(s, 1, true, "t", NULL) == CKR_OK, "put");
	store_close(&s);
	return arg;
}

static void
connections_of_one_process_write_at_the_same_time(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	pthread_t threads[4];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    writer_thread, NULL), 0);
	for (i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(count_objects(s, token, "t"),
	    ARRAY_LEN(threads) * EACH);
	store_close(&s);
}

/* Pairs for ever, and the deletion of some. */
static void
pairs_child(int arg)
{
	struct store *s = NULL;
	int64_t one, two;
	unsigned i;

	(void)arg;
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	for (i = 0;; i++) {
		must(store_begin(s) == CKR_OK, "begin");
		must(put_object(s, 1, true, "a", &one) == CKR_OK, "put");
		must(put_object(s, 1, false, "b", &two) == CKR_OK, "put");
		if (i % 3 == 0)
			must(object_delete(s, 1, one) == CKR_OK &&
			    object_delete(s, 1, two) == CKR_OK, "del");
		must(store_commit(s) == CKR_OK, "commit");
	}
}

static void
killed_at_any_time_leaves_no_half_transaction(void **state)
{
	struct store *s = opened();
	struct store_keys keys = keys_both();
	struct timespec wait = { 0, 0 };
	int64_t token = add_token(s, "one");
	size_t i, n = 0;
	pid_t pid;

	(void)state;
	for (i = 0; i < 60; i++) {
		store_close(&s);
		pid = start_child(pairs_child, 0);
		wait.tv_nsec = (long)(i * 7919 % 60) * 2000000L;
		(void)nanosleep(&wait, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
		n = count_objects(s, token, "a");
		assert_int_equal(count_objects(s, token, "b"), n);
	}
	print_message("%zu pairs survived 60 kills\n", n);
	assert_true(n > 0);
	for (i = 1; i < 10; i++)
		assert_true(get_code(s, &keys, token, (int64_t)i) !=
		    CKR_DATA_INVALID);
	store_close(&s);
}

/* Open, write two, search and read one, all in one. */
static CK_RV
whole_use(struct store_object pair[2])
{
	struct store_keys keys = keys_both();
	struct store_object o = { .id = 0 };
	struct store *s = NULL;
	int64_t *ids = NULL;
	size_t count;
	CK_RV rv;

	pair[0].id = pair[1].id = 0;
	if ((rv = store_open(&store_config, false, &s)) != CKR_OK)
		return rv;
	if ((rv = store_begin(s)) != CKR_OK ||
	    (rv = store_object_put(s, &keys, &pair[0])) != CKR_OK ||
	    (rv = store_object_put(s, &keys, &pair[1])) != CKR_OK ||
	    (rv = store_commit(s)) != CKR_OK ||
	    (rv = store_object_find(s, &keys, 1, &pair[0].attrs, &ids,
	    &count)) != CKR_OK)
		goto out;
	rv = store_object_get(s, &keys, 1, pair[0].id, &o);
out:
	store_object_free(&o);
	store_ids_free(&ids);
	store_close(&s);
	return rv;
}

static void
each_failing_allocation_is_told_and_leaves_no_half_pair(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct store_object pair[2] = {
		new_object(token, true, CKO_PRIVATE_KEY, "a"),
		new_object(token, false, CKO_PUBLIC_KEY, "b")
	};
	CK_RV rv = CKR_HOST_MEMORY;
	size_t n;

	(void)state;
	for (n = 1; rv != CKR_OK; n++) {
		mem_fail_at(n);
		rv = whole_use(pair);
		mem_fail_at(0);
		assert_true(rv == CKR_OK || rv == CKR_HOST_MEMORY);
		assert_int_equal(count_objects(s, token, "a"),
		    count_objects(s, token, "b"));
	}
	print_message("%zu allocations failed in turn\n", n - 2);
	assert_true(n > 20);
	store_object_free(&pair[0]);
	store_object_free(&pair[1]);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(rollback_leaves_nothing_and_commit_all),
		store_test(closing_rolls_back),
		store_test(changes_of_others_are_seen_and_ones_own_are_none),
		store_test(readers_are_not_held_up_by_a_writer),
		store_test(full_disk_commits_nothing),
		store_test(after_a_failed_write_nothing_can_be_committed),
		store_test(
		    each_failing_allocation_is_told_and_leaves_no_half_pair),
		store_test(eight_processes_write_and_none_sees_an_error),
		store_test(connections_of_one_process_write_at_the_same_time),
		store_test(killed_at_any_time_leaves_no_half_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
