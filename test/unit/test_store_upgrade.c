/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "store/db.h"
#include "store/place.h"
#include "store_kill.h"

/* Upgrades, by a table of steps to versions that there are not yet. */

static atomic_int *steps_taken;
enum how { WELL, FAILS, DIES };
static enum how how;

static CK_RV
step_1(struct db *d)
{
	atomic_fetch_add(steps_taken, 1);
	return db_exec(d, "ALTER TABLE token ADD COLUMN one BLOB");
}

static CK_RV
step_2(struct db *d)
{
	CK_RV rv;

	if ((rv = db_exec(d, "CREATE TABLE two (a)")) != CKR_OK ||
	    (rv = db_exec(d, "DELETE FROM object")) != CKR_OK)
		return rv;
	if (how == DIES)
		_exit(0);
	return how == FAILS ? CKR_DEVICE_MEMORY : CKR_OK;
}

static const struct schema_step table[] = {
	/* an empty database is for schema_create alone */
	{ 0, 1, step_1 }, { 1, 3, step_1 }, { 3, 4, step_2 }
};

static int
fill(void **state)
{
	struct store *s;
	int i;

	if (new_place(state) != 0)
		return -1;
	steps_taken = mmap(NULL, sizeof(*steps_taken), PROT_READ |
	    PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (steps_taken == MAP_FAILED)
		return -1;
	how = WELL;
	s = opened();
	(void)add_token(s, "one");
	for (i = 0; i < 4; i++)
		(void)add_object(s, 1, i % 2 == 0, "a");
	store_close(&s);
	return 0;
}

static int
drop(void **state)
{
	(void)munmap(steps_taken, sizeof(*steps_taken));
	return drop_place(state);
}

#define upgrade_test(f) cmocka_unit_test_setup_teardown(f, fill, drop)

static struct db *
connected(void)
{
	struct buf path = BUF_EMPTY;
	struct db *d = NULL;

	must(path_join(view_str(store_file()), "", &path) == CKR_OK, "path");
	must(db_new(&path, &d) == CKR_OK, "open");
	return d;
}

/* What a number of the file's is. */
static int64_t
number_of(const char *path, const char *sql)
{
	sqlite3 *h = NULL;
	int64_t n = -1;

	assert_int_equal(sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE,
	    NULL), SQLITE_OK);
	assert_int_equal(db_number(h, sql, &n), SQLITE_OK);
	(void)sqlite3_close(h);
	return n;
}

static int64_t
version_of(const char *path)
{
	return number_of(path, "PRAGMA user_version");
}

static const char *
beside(const char *suffix)
{
	static char path[400];

	(void)snprintf(path, sizeof(path), "%s%s", store_file(), suffix);
	return path;
}

static bool
is_there(const char *suffix)
{
	struct stat st;

	return stat(beside(suffix), &st) == 0;
}

static CK_RV
upgrade(void)
{
	struct db *d = connected();
	CK_RV rv = schema_upgrade(d, table, ARRAY_LEN(table));

	db_free(&d);
	return rv;
}

/* The store of version 1 as fill made it. */
static void
assert_as_it_was(void)
{
	struct store_keys keys = keys_both();
	struct store *s = opened();

	assert_int_equal(verify(s, &keys, 1), CKR_OK);
	assert_int_equal(count_objects(s, 1, NULL), 4);
	store_close(&s);
}

static void
each_step_is_taken_once_after_a_backup(void **state)
{
	struct store *s = NULL;
	struct buf old;

	(void)state;
	assert_int_equal(upgrade(), CKR_OK);
	assert_int_equal(version_of(store_file()), 4);
	assert_int_equal(number_of(store_file(), "SELECT count(*) FROM two"),
	    0);
	assert_int_equal(number_of(store_file(), "SELECT count(one) + 1 "
	    "FROM token"), 1);
	assert_int_equal(version_of(beside(".schema-1.bak")), 1);
	assert_int_equal(version_of(beside(".schema-3.bak")), 3);
	assert_int_equal(number_of(beside(".schema-3.bak"),
	    "SELECT count(*) FROM object"), 4);
	assert_int_equal(*steps_taken, 1);
	/* this module, which is older now, does not touch it */
	assert_int_equal(store_open(&store_config, true, &s),
	    CKR_DEVICE_ERROR);
	old = slurp(beside(".schema-1.bak"));
	spill(store_file(), buf_view(&old));
	buf_free(&old);
	assert_as_it_was();
	/* a backup of before is not written over */
	assert_int_equal(upgrade(), CKR_OK);
	assert_true(is_there(".schema-1.1.bak"));
	assert_true(is_there(".schema-3.1.bak"));
}

static void
step_that_fails_leaves_the_old_version_and_no_backup(void **state)
{
	(void)state;
	how = FAILS;
	assert_int_equal(upgrade(), CKR_DEVICE_MEMORY);
	assert_int_equal(version_of(store_file()), 3);
	assert_int_equal(number_of(store_file(),
	    "SELECT count(*) FROM object"), 4);
	assert_true(is_there(".schema-1.bak"));
	assert_false(is_there(".schema-3.bak"));
}

/* From version 1 at once, so that what is left can be read by the store. */
static void
one_step_child(int arg)
{
	static const struct schema_step one[] = { { 1, 2, step_2 } };
	struct db *d;

	(void)arg;
	d = connected();
	must(schema_upgrade(d, one, 1) == CKR_OK, "upgrade");
	db_free(&d);
}

static void
step_that_dies_leaves_the_old_version_whole(void **state)
{
	(void)state;
	how = DIES;
	child_went_well(start_child(one_step_child, 0));
	assert_as_it_was();
	how = WELL;
	child_went_well(start_child(one_step_child, 0));
	assert_int_equal(version_of(store_file()), 2);
}

static void
death_at_any_point_leaves_the_old_version_or_the_new(void **state)
{
	unsigned n, old = 0, new = 0;
	struct buf b = slurp(store_file());
	char command[600];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -f '%s'* '%s'/.new*",
	    store_file(), store_dir);
	for (n = 1;; n++) {
		assert_int_equal(system(command), 0);
		spill(store_file(), buf_view(&b));
		assert_int_equal(chmod(store_file(), 0600), 0);
		if (!killed_at(n, one_step_child, 0))
			break;
		if (version_of(store_file()) == 1) {
			assert_as_it_was();
			old++;
		} else {
			assert_int_equal(version_of(store_file()), 2);
			assert_int_equal(number_of(store_file(), "SELECT "
			    "(SELECT count(*) FROM two) + "
			    "(SELECT count(*) FROM object)"), 0);
			assert_int_equal(version_of(
			    beside(".schema-1.bak")), 1);
			new++;
		}
	}
	print_message("killed at each of %u steps: %u times the old version, "
	    "%u the new one\n", n - 1, old, new);
	assert_true(old > 10 && new > 0);
	buf_free(&b);
}

static void
upgrade_child(int arg)
{
	struct db *d = connected();
	struct timespec wait = { 0, 0 };

	/* all have it open as version 1 */
	atomic_fetch_add(steps_taken, 100);
	while (atomic_load(steps_taken) < 100 * arg)
		(void)nanosleep(&wait, NULL);
	must(schema_upgrade(d, table, ARRAY_LEN(table)) == CKR_OK,
	    "upgrade");
	db_free(&d);
}

static void
of_several_at_once_one_upgrades_and_all_go_on(void **state)
{
	enum { CHILDREN = 6 };
	pid_t child[CHILDREN];
	int i;

	(void)state;
	for (i = 0; i < CHILDREN; i++)
		child[i] = start_child(upgrade_child, CHILDREN);
	for (i = 0; i < CHILDREN; i++)
		child_went_well(child[i]);
	assert_int_equal(*steps_taken, 100 * CHILDREN + 1);
	assert_int_equal(version_of(store_file()), 4);
	assert_true(is_there(".schema-1.bak"));
	assert_false(is_there(".schema-1.1.bak"));
	assert_false(is_there(".schema-3.1.bak"));
}

static void
newer_and_unknown_versions_are_refused(void **state)
{
	static const char *const versions[] = { "5", "2", "0", "-1",
		"2147483647" };
	struct db *d = connected();
	char sql[60];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(versions); i++) {
		(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %s",
		    versions[i]);
		edit(sql);
		assert_int_equal(schema_upgrade(d, table, ARRAY_LEN(table)),
		    CKR_DEVICE_ERROR);
		assert_int_equal(version_of(store_file()),
		    atoll(versions[i]));
	}
	assert_int_equal(*steps_taken, 0);
	assert_false(is_there(".schema-1.bak"));
	db_free(&d);
}

static void
reading_child(int arg)
{
	struct db *d;

	(void)arg;
	become_nobody();
	d = connected();
	must(db_is_read_only(d), "read only");
	must(schema_upgrade(d, table, ARRAY_LEN(table)) == CKR_DEVICE_ERROR,
	    "refused");
	db_free(&d);
}

static void
who_may_only_read_an_old_version_is_told_so(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(store_dir, 0555), 0);
	assert_int_equal(chmod(store_file(), 0444), 0);
	child_went_well(start_child(reading_child, 0));
	assert_int_equal(*steps_taken, 0);
	assert_as_it_was();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		upgrade_test(each_step_is_taken_once_after_a_backup),
		upgrade_test(
		    step_that_fails_leaves_the_old_version_and_no_backup),
		upgrade_test(step_that_dies_leaves_the_old_version_whole),
		upgrade_test(
		    death_at_any_point_leaves_the_old_version_or_the_new),
		upgrade_test(of_several_at_once_one_upgrades_and_all_go_on),
		upgrade_test(newer_and_unknown_versions_are_refused),
		upgrade_test(who_may_only_read_an_old_version_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
