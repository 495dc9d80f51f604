/* SPDX-License-Identifier: BSD-2-Clause */
#include <signal.h>

#include "store_test.h"

/* Stores that may only be read, and processes that fork. Steps between
 * parent and child go through two pipes, a byte each. */

static int to_child[2], to_parent[2];

static void
step_pipes(void)
{
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(to_parent), 0);
}

static void
tell(int fd)
{
	must(write(fd, "x", 1) == 1, "tell");
}

static void
hear(int fd)
{
	char byte;

	must(read(fd, &byte, 1) == 1, "hear");
}

/* Whose other end has died is not waited for. */
static void
parents_ends(void)
{
	(void)close(to_child[0]);
	(void)close(to_parent[1]);
}

static void
childs_ends(void)
{
	(void)close(to_child[1]);
	(void)close(to_parent[0]);
}

static void
close_pipes(void)
{
	(void)close(to_child[1]);
	(void)close(to_parent[0]);
}

/* Opens, finds one object and cannot write; sees the parent's second. */
static void
reading_child(int arg)
{
	struct store_keys keys = keys_both();
	struct store *s = NULL;
	bool changed = false;

	(void)arg;
	childs_ends();
	become_nobody();
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(store_read_only(s), "read only");
	must(count_objects(s, 1, NULL) == 1, "one object");
	must(get_code(s, &keys, 1, 1) == CKR_OK, "reads it");
	must(put_object(s, 1, true, "b", NULL) == CKR_TOKEN_WRITE_PROTECTED,
	    "write is refused");
	must(store_begin(s) == CKR_TOKEN_WRITE_PROTECTED, "begin");
	must(store_changed(s, &changed) == CKR_OK && changed, "first look");
	must(store_changed(s, &changed) == CKR_OK && !changed, "second");
	tell(to_parent[1]);
	hear(to_child[0]);
	must(store_changed(s, &changed) == CKR_OK && changed, "change");
	must(count_objects(s, 1, NULL) == 2, "two objects");
	must(get_code(s, &keys, 1, 2) == CKR_OK, "reads it too");
	store_close(&s);
}

/* With the writer at work beside, or with a file that lies alone. */
static void
read_beside(bool alone)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	char path[400];
	pid_t pid;

	step_pipes();
	(void)add_object(s, token, true, "a");
	assert_int_equal(chmod(store_dir, 0555), 0);
	assert_int_equal(chmod(store_file(), 0444), 0);
	(void)snprintf(path, sizeof(path), "%s-wal", store_file());
	if (alone) {
		store_close(&s);
		assert_int_equal(unlink(path), 0);
	} else {
		assert_int_equal(chmod(path, 0444), 0);
	}
	(void)snprintf(path, sizeof(path), "%s-shm", store_file());
	assert_int_equal(alone ? unlink(path) : chmod(path, 0444), 0);

	pid = start_child(reading_child, 0);
	parents_ends();
	hear(to_parent[0]);
	if (alone)
		s = opened();
	(void)add_object(s, token, true, "b");
	tell(to_child[1]);
	child_went_well(pid);
	store_close(&s);
	close_pipes();
}

static void
reader_beside_a_writer_sees_its_commits(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	read_beside(false);
}

static void
file_alone_is_read_and_a_writer_that_comes_is_noticed(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	read_beside(true);
}

static void
reading_after_child(int arg)
{
	struct store *s = NULL;

	(void)arg;
	become_nobody();
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, true, &s) == CKR_OK, "open");
	must(count_objects(s, 1, NULL) == 1, "one object");
	must(store_note_put(s, "a", view_str("b")) ==
	    CKR_TOKEN_WRITE_PROTECTED, "write");
	store_close(&s);
}

static void
reader_comes_after_all_writers_have_gone(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct buf before, after;
	char path[400];

	(void)state;
	if (geteuid() != 0)
		skip();
	(void)add_object(s, token, true, "a");
	assert_int_equal(chmod(store_dir, 0555), 0);
	assert_int_equal(chmod(store_file(), 0444), 0);
	(void)snprintf(path, sizeof(path), "%s-wal", store_file());
	assert_int_equal(chmod(path, 0444), 0);
	(void)snprintf(path, sizeof(path), "%s-shm", store_file());
	assert_int_equal(chmod(path, 0444), 0);
	store_close(&s);
	before = slurp(store_file());
	child_went_well(start_child(reading_after_child, 0));
	after = slurp(store_file());
	assert_true(view_equal(buf_view(&before), buf_view(&after)));
	buf_free(&before);
	buf_free(&after);
}

static void
unreadable_child(int arg)
{
	struct store *s = NULL;

	(void)arg;
	become_nobody();
	must(store_open(&store_config, false, &s) ==
	    CKR_TOKEN_NOT_PRESENT, "absent");
	must(store_open(&store_config, true, &s) ==
	    CKR_TOKEN_WRITE_PROTECTED, "no place");
}

static void
store_of_others_counts_as_absent_and_is_not_replaced(void **state)
{
	struct store *s = opened();

	(void)state;
	if (geteuid() != 0)
		skip();
	store_close(&s);
	assert_int_equal(chmod(store_dir, 0777), 0);
	child_went_well(start_child(unreadable_child, 0));
	assert_int_equal(chmod(store_dir, 0700), 0);
	child_went_well(start_child(unreadable_child, 0));
}

/* Holds the store's shared locks, as seen by another process. */
static bool
locked(const char *suffix, off_t byte)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
		.l_start = byte, .l_len = 1 };
	char path[400];
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s", store_file(), suffix);
	fd = open(path, O_RDWR);
	must(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0, "getlk");
	(void)close(fd);
	return lock.l_type != F_UNLCK;
}

static void
checking_child(int arg)
{
	(void)arg;
	must(locked("", 0x40000002), "file is in use");
	must(locked("-shm", 128), "index is in use");
}

static struct store *inherited;

static void
forked_child(int arg)
{
	struct store *s = NULL;
	int i;

	(void)arg;
	childs_ends();
	store_abandon(&inherited);
	must(inherited == NULL, "forgotten");
	crypto_stop();
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(count_objects(s, 1, "a") == 1, "what was there");
	for (i = 0; i < 20; i++)
		must(put_object(s, 1, true, "c", NULL) == CKR_OK, "put");
	tell(to_parent[1]);
	hear(to_child[0]);
	/* the parent is done; a third process came and went */
	must(put_object(s, 1, true, "d", NULL) == CKR_OK, "put alone");
	must(count_objects(s, 1, NULL) == 42, "all are seen");
	store_close(&s);
}

static void
parent_and_child_write_on_after_a_fork(void **state)
{
	struct store *other = NULL;
	int64_t token;
	pid_t pid;
	int i;

	(void)state;
	step_pipes();
	inherited = opened();
	token = add_token(inherited, "one");
	(void)add_object(inherited, token, true, "a");
	pid = start_child(forked_child, 0);
	parents_ends();
	for (i = 0; i < 20; i++)
		(void)add_object(inherited, token, true, "p");
	hear(to_parent[0]);
	assert_int_equal(count_objects(inherited, token, NULL), 41);
	store_close(&inherited);
	/* only the child is left: it must count as a user of the file */
	child_went_well(start_child(checking_child, 0));
	assert_int_equal(store_open(&store_config, false, &other), CKR_OK);
	assert_int_equal(count_objects(other, token, NULL), 41);
	store_close(&other);
	tell(to_child[1]);
	child_went_well(pid);
	assert_int_equal(store_open(&store_config, false, &other), CKR_OK);
	assert_int_equal(count_objects(other, token, NULL), 42);
	store_close(&other);
	edit("PRAGMA integrity_check");
	close_pipes();
}

static void
leaving_child(int arg)
{
	(void)arg;
	childs_ends();
	store_abandon(&inherited);
	hear(to_child[0]);
}

static void
child_that_only_leaves_disturbs_nothing(void **state)
{
	int64_t token;
	pid_t pid;

	(void)state;
	step_pipes();
	inherited = opened();
	token = add_token(inherited, "one");
	pid = start_child(leaving_child, 0);
	parents_ends();
	(void)add_object(inherited, token, true, "a");
	tell(to_child[1]);
	child_went_well(pid);
	child_went_well(start_child(checking_child, 0));
	(void)add_object(inherited, token, true, "b");
	assert_int_equal(count_objects(inherited, token, NULL), 2);
	store_close(&inherited);
	close_pipes();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(reader_beside_a_writer_sees_its_commits),
		store_test(
		    file_alone_is_read_and_a_writer_that_comes_is_noticed),
		store_test(reader_comes_after_all_writers_have_gone),
		store_test(
		    store_of_others_counts_as_absent_and_is_not_replaced),
		store_test(parent_and_child_write_on_after_a_fork),
		store_test(child_that_only_leaves_disturbs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
