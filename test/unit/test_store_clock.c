/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "store_test.h"

/*
 * Freshness: a counter in memory that processes share stands in for the
 * TPM's. It says how often it was asked, and can break off the process
 * before or after it counted, which is all that a power cut can do to it.
 */
struct counter {
	atomic_uint value;
	atomic_uint reads;
	atomic_uint bumps;
	atomic_uint wrong;	/* bumps from another value */
	CK_RV read_rv;
	CK_RV bump_rv;
	int die;		/* 1 before, 2 after a bump */
	bool fork;		/* while the writer is at it */
	pid_t child;
};
static struct counter *counter;

static CK_RV
count_read(void *arg, uint64_t *value)
{
	struct counter *c = arg;

	atomic_fetch_add(&c->reads, 1);
	*value = atomic_load(&c->value);
	return c->read_rv;
}

static void forked_child(int arg);

static CK_RV
count_bump(void *arg, uint64_t from)
{
	struct counter *c = arg;

	if (c->die == 1)
		_exit(0);
	if (c->bump_rv != CKR_OK)
		return c->bump_rv;
	if (c->fork) {
		c->fork = false;
		c->child = start_child(forked_child, 0);
		(void)usleep(100000);
	}
	if (from != atomic_load(&c->value))
		atomic_fetch_add(&c->wrong, 1);
	atomic_fetch_add(&c->bumps, 1);
	atomic_fetch_add(&c->value, 1);
	if (c->die == 2)
		_exit(0);
	return CKR_OK;
}

static struct store_clock clock_of;

static int
new_clock(void **state)
{
	void *p = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	counter = p;
	counter->value = 41;
	clock_of = (struct store_clock){ counter, count_read, count_bump };
	test_clock = &clock_of;
	return new_place(state);
}

static int
drop_clock(void **state)
{
	test_clock = NULL;
	(void)munmap(counter, sizeof(*counter));
	return drop_place(state);
}

#define clock_test(f) cmocka_unit_test_setup_teardown(f, new_clock, drop_clock)

static void
forget_asked(void)
{
	counter->reads = counter->bumps = 0;
}

static void
assert_asked(unsigned reads, unsigned bumps)
{
	assert_int_equal(counter->reads, reads);
	assert_int_equal(counter->bumps, bumps);
	assert_int_equal(counter->wrong, 0);
	forget_asked();
}

static CK_RV
check(struct store *s)
{
	struct store_keys keys = keys_both();

	return store_check(s, &keys, 1);
}

static void
counter_is_asked_once_at_first_and_bumped_once_a_commit(void **state)
{
	struct store *s = opened(), *other;
	struct store_keys keys = keys_both();
	int64_t token = add_token(s, "one"), id;

	(void)state;
	assert_asked(1, 1);
	id = add_object(s, token, true, "a");
	(void)add_object(s, token, false, "a");
	assert_asked(0, 2);
	assert_int_equal(get_code(s, &keys, token, id), CKR_OK);
	assert_int_equal(count_objects(s, token, "a"), 2);
	assert_asked(0, 0);

	other = opened();
	assert_int_equal(count_objects(other, token, "a"), 2);
	assert_int_equal(get_code(other, &keys, token, id), CKR_OK);
	assert_asked(1, 0);
	(void)add_object(other, token, true, "b");
	assert_asked(0, 1);
	/* another connection wrote: once more, then no more */
	assert_int_equal(get_code(s, &keys, token, id), CKR_OK);
	assert_int_equal(get_code(s, &keys, token, id), CKR_OK);
	assert_asked(1, 0);

	assert_int_equal(store_begin(s), CKR_OK);
	(void)add_object(s, token, true, "c");
	(void)add_object(s, token, false, "c");
	assert_int_equal(object_delete(s, token, id), CKR_OK);
	assert_int_equal(store_commit(s), CKR_OK);
	assert_asked(0, 1);
	assert_int_equal(store_begin(s), CKR_OK);
	(void)add_object(s, token, true, "d");
	store_rollback(s);
	assert_asked(0, 0);
	store_close(&other);
	store_close(&s);
}

static void
older_copy_is_refused_and_can_be_accepted(void **state)
{
	struct store *s = opened();
	struct store_keys keys = keys_both();
	int64_t token = add_token(s, "one"), id;
	struct buf old;

	(void)state;
	id = add_object(s, token, true, "a");
	store_close(&s);
	old = slurp(store_file());
	s = opened();
	assert_int_equal(object_delete(s, token, id), CKR_OK);
	store_close(&s);

	spill(store_file(), buf_view(&old));
	s = opened();
	assert_int_equal(get_code(s, &keys, token, id), CKR_DEVICE_ERROR);
	assert_int_equal(count_objects(s, token, NULL), SIZE_MAX);
	assert_int_equal(put_object(s, token, true, "b", NULL),
	    CKR_DEVICE_ERROR);
	assert_int_equal(object_delete(s, token, id), CKR_DEVICE_ERROR);
	forget_asked();
	assert_int_equal(get_code(s, &keys, token, id), CKR_DEVICE_ERROR);
	/* the verdict is kept */
	assert_asked(0, 0);

	assert_int_equal(store_accept(s, &keys, token), CKR_OK);
	assert_int_equal(get_code(s, &keys, token, id), CKR_OK);
	assert_int_equal(verify(s, &keys, token), CKR_OK);
	(void)add_object(s, token, true, "b");
	store_close(&s);
	s = opened();
	assert_int_equal(count_objects(s, token, NULL), 2);
	store_close(&s);
	buf_free(&old);
}

/* While a process runs and has it all open. */
static void
older_copy_put_in_place_of_an_open_store_is_refused(void **state)
{
	struct store *s = opened();
	struct store_keys keys = keys_both();
	int64_t token = add_token(s, "one"), id;
	char path[400];
	struct buf old;

	(void)state;
	id = add_object(s, token, true, "a");
	store_close(&s);
	old = slurp(store_file());
	s = opened();
	(void)add_object(s, token, true, "b");
	(void)snprintf(path, sizeof(path), "%s-wal", store_file());
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s-shm", store_file());
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s.copy", store_file());
	spill(path, buf_view(&old));
	assert_int_equal(rename(path, store_file()), 0);
	assert_int_equal(get_code(s, &keys, token, id), CKR_DEVICE_ERROR);
	buf_free(&old);
	store_close(&s);
}

static void
header_two_ahead_or_without_its_counter_is_refused(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	(void)add_object(s, token, true, "a");
	store_close(&s);
	counter->value -= 2;
	s = opened();
	assert_int_equal(check(s), CKR_DEVICE_ERROR);
	store_close(&s);
	counter->value += 2;
	test_clock = NULL;
	s = opened();
	(void)add_object(s, token, true, "b");
	store_close(&s);
	test_clock = &clock_of;
	s = opened();
	assert_int_equal(check(s), CKR_DEVICE_ERROR);
	store_close(&s);
}

static void
other_tokens_go_on(void **state)
{
	struct store *s = opened();
	struct store_keys keys = keys_both(), other = keys_both();
	int64_t one = add_token(s, "one"), two, id;

	(void)state;
	id = add_object(s, one, true, "a");
	/* with a counter of its own, here none */
	other.clock = test_clock = NULL;
	two = add_token(s, "two");
	(void)add_object(s, two, true, "a");
	counter->value += 5;
	store_close(&s);
	s = opened();
	assert_int_equal(get_code(s, &keys, one, id), CKR_DEVICE_ERROR);
	assert_int_equal(store_check(s, &other, two), CKR_OK);
	assert_int_equal(verify(s, &other, two), CKR_OK);
	store_close(&s);
}

/* The process ends before (1) or after (2) its bump. */
static void
dying_child(int die)
{
	struct store *s = NULL;

	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(count_objects(s, 1, NULL) == 1, "one");
	counter->die = die;
	(void)put_object(s, 1, true, "b", NULL);
	_exit(1);
}

static void
commit_whose_process_died_before_the_bump_is_completed_once(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	unsigned start;
	int die;

	(void)state;
	(void)add_object(s, token, true, "a");
	store_close(&s);
	start = counter->value;
	for (die = 1; die <= 2; die++) {
		child_went_well(start_child(dying_child, die));
		counter->die = 0;
		assert_int_equal(counter->value, start + (unsigned)die - 1);
		forget_asked();
		s = opened();
		assert_int_equal(count_objects(s, token, NULL), 2);
		assert_int_equal(counter->value, start + 1);
		assert_asked(die == 1 ? 2 : 1, die == 1 ? 1 : 0);
		assert_int_equal(object_delete(s, token, die + 1), CKR_OK);
		start = counter->value;
		store_close(&s);
	}
}

/* A writer that comes first finds it too. */
static void
writer_completes_what_another_left(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	unsigned start;

	(void)state;
	(void)add_object(s, token, true, "a");
	store_close(&s);
	start = counter->value;
	child_went_well(start_child(dying_child, 1));
	counter->die = 0;
	s = opened();
	(void)add_object(s, token, true, "c");
	assert_int_equal(counter->value, start + 2);
	assert_int_equal(counter->wrong, 0);
	assert_int_equal(count_objects(s, token, NULL), 3);
	store_close(&s);
}

static void
failing_counter_takes_back_nothing_and_blocks_the_next_change(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	counter->bump_rv = CKR_DEVICE_REMOVED;
	(void)add_object(s, token, true, "a");
	assert_int_equal(put_object(s, token, true, "b", NULL),
	    CKR_DEVICE_REMOVED);
	counter->bump_rv = CKR_OK;
	assert_int_equal(count_objects(s, token, NULL), 1);
	(void)add_object(s, token, true, "b");
	counter->read_rv = CKR_DEVICE_REMOVED;
	(void)add_object(s, token, true, "c");
	store_close(&s);
	s = opened();
	assert_int_equal(check(s), CKR_DEVICE_REMOVED);
	counter->read_rv = CKR_OK;
	assert_int_equal(check(s), CKR_OK);
	store_close(&s);
}

/* Pairs for ever. */
static void
killed_child(int arg)
{
	struct store *s = NULL;

	(void)arg;
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	for (;;)
		must(store_begin(s) == CKR_OK &&
		    put_object(s, 1, true, "a", NULL) == CKR_OK &&
		    put_object(s, 1, false, "b", NULL) == CKR_OK &&
		    store_commit(s) == CKR_OK, "pair");
}

static void
killed_at_any_time_is_never_taken_for_an_old_copy(void **state)
{
	struct store *s = opened();
	struct store_keys keys = keys_both();
	struct timespec wait = { 0, 0 };
	int64_t token = add_token(s, "one");
	size_t i;
	pid_t pid[2];

	(void)state;
	store_close(&s);
	for (i = 0; i < 40; i++) {
		pid[0] = start_child(killed_child, 0);
		pid[1] = start_child(killed_child, 0);
		wait.tv_nsec = (long)(i * 7919 % 40) * 1500000L;
		(void)nanosleep(&wait, NULL);
		(void)kill(pid[0], SIGKILL);
		(void)kill(pid[1], SIGKILL);
		assert_int_equal(waitpid(pid[0], NULL, 0), pid[0]);
		assert_int_equal(waitpid(pid[1], NULL, 0), pid[1]);
		assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
		assert_int_equal(verify(s, &keys, token), CKR_OK);
		assert_int_equal(count_objects(s, token, "a"),
		    count_objects(s, token, "b"));
		store_close(&s);
	}
	assert_int_equal(counter->wrong, 0);
	print_message("%u commits survived 40 kills of two\n",
	    counter->value - 41);
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
		    "put");
		if (i % 10 == 0)
			must(count_objects(s, 1, label) == 1, "finds");
	}
	store_close(&s);
}

static void
eight_writers_bump_exactly_once_for_each_commit(void **state)
{
	struct store *s = opened();
	struct store_keys keys = keys_both();
	int64_t token = add_token(s, "one");
	pid_t children[WRITERS];
	unsigned start = counter->value;
	int i;

	(void)state;
	store_close(&s);
	for (i = 0; i < WRITERS; i++)
		children[i] = start_child(writer_child, i);
	for (i = 0; i < WRITERS; i++)
		child_went_well(children[i]);
	assert_int_equal(counter->value - start, WRITERS * EACH);
	assert_int_equal(counter->wrong, 0);
	print_message("%u commits: %u bumps, %u reads\n", WRITERS * EACH,
	    counter->bumps - 1, counter->reads);
	s = opened();
	assert_int_equal(count_objects(s, token, NULL), WRITERS * EACH);
	assert_int_equal(verify(s, &keys, token), CKR_OK);
	store_close(&s);
}

static void
reading_child(int arg)
{
	struct store *s = NULL;

	(void)arg;
	become_nobody();
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(store_read_only(s), "read only");
	must(count_objects(s, 1, NULL) == 2, "reads");
	must(counter->bumps == 0, "completes nothing");
	store_close(&s);
}

static void
read_only_store_is_checked_and_completes_nothing(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct buf old;

	(void)state;
	if (geteuid() != 0)
		skip();
	(void)add_object(s, token, true, "a");
	store_close(&s);
	child_went_well(start_child(dying_child, 1));
	counter->die = 0;
	old = slurp(store_file());
	buf_free(&old);
	edit("PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(chmod(store_dir, 0555), 0);
	assert_int_equal(chmod(store_file(), 0444), 0);
	forget_asked();
	child_went_well(start_child(reading_child, 0));
}

/* A fork inherits neither the lock nor its being taken. */
static struct store *inherited;

static void
forked_child(int arg)
{
	struct store *s = NULL;

	(void)arg;
	store_abandon(&inherited);
	crypto_stop();
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(put_object(s, 1, true, "c", NULL) == CKR_OK, "put");
	store_close(&s);
}

static void
child_of_a_writer_waits_for_it_and_then_writes(void **state)
{
	int64_t token;

	(void)state;
	inherited = opened();
	token = add_token(inherited, "one");
	counter->fork = true;
	(void)add_object(inherited, token, true, "p");
	child_went_well(counter->child);
	assert_int_equal(count_objects(inherited, token, NULL), 2);
	assert_int_equal(counter->wrong, 0);
	store_close(&inherited);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
hundred_thousand_rows_are_checked_in_milliseconds(void **state)
{
	enum { ROWS = 100000 };
	struct store_keys keys = keys_both();
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	double start, first, all;
	char label[32];
	unsigned i;

	(void)state;
	assert_int_equal(store_begin(s), CKR_OK);
	for (i = 0; i < ROWS; i++) {
		(void)snprintf(label, sizeof(label), "object %u", i);
		(void)add_object(s, token, i % 2 == 0, label);
	}
	assert_int_equal(store_commit(s), CKR_OK);
	store_close(&s);
	s = opened();
	start = now();
	assert_int_equal(check(s), CKR_OK);
	first = now() - start;
	start = now();
	assert_int_equal(verify(s, &keys, token), CKR_OK);
	all = now() - start;
	start = now();
	for (i = 0; i < 1000; i++)
		assert_int_equal(check(s), CKR_OK);
	print_message("%d rows: first check %.1f ms, three more indexes %.1f "
	    "ms, asked again %.2f us\n", ROWS, first / 1e3, all / 1e3,
	    (now() - start) / 1000);
	assert_true(first < 1e6);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		clock_test(
		    counter_is_asked_once_at_first_and_bumped_once_a_commit),
		clock_test(older_copy_is_refused_and_can_be_accepted),
		clock_test(
		    older_copy_put_in_place_of_an_open_store_is_refused),
		clock_test(
		    header_two_ahead_or_without_its_counter_is_refused),
		clock_test(other_tokens_go_on),
		clock_test(
		commit_whose_process_died_before_the_bump_is_completed_once),
		clock_test(writer_completes_what_another_left),
		clock_test(
		failing_counter_takes_back_nothing_and_blocks_the_next_change),
		clock_test(killed_at_any_time_is_never_taken_for_an_old_copy),
		clock_test(eight_writers_bump_exactly_once_for_each_commit),
		clock_test(read_only_store_is_checked_and_completes_nothing),
		clock_test(child_of_a_writer_waits_for_it_and_then_writes),
		clock_test(hundred_thousand_rows_are_checked_in_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
