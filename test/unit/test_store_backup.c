/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

#include "store_kill.h"

/* Backups, and a backup in the place of the store. */

static char backup[400];

static const char *
backup_path(void)
{
	(void)snprintf(backup, sizeof(backup), "%s/backup", store_dir);
	return backup;
}

/* Names in the store's directory that have this in them. */
static unsigned
files_with(const char *part)
{
	DIR *d = opendir(store_dir);
	struct dirent *e;
	unsigned n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += strstr(e->d_name, part) != NULL;
	(void)closedir(d);
	return n;
}

static void
assert_nothing_left(void)
{
	assert_int_equal(files_with("new-store"), 0);
	assert_int_equal(files_with("journal"), 0);
	assert_int_equal(files_with("backup-"), 0);
}

/* A store with one token and this many objects in it; closed. */
static void
make_store(int objects)
{
	struct store *s = opened();

	(void)add_token(s, "one");
	for (; objects > 0; objects--)
		(void)add_object(s, 1, objects % 2 == 0, "a");
	store_close(&s);
}

/* All of it right; how many objects. */
static size_t
whole(void)
{
	struct store_keys keys = keys_both();
	struct store *s = NULL;
	size_t n;

	assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
	assert_int_equal(verify(s, &keys, 1), CKR_OK);
	n = count_objects(s, 1, NULL);
	store_close(&s);
	return n;
}

/* That of the file at path, put where the store was. */
static size_t
whole_of(const char *path)
{
	struct buf b = slurp(path), is = slurp(store_file());
	size_t n;

	spill(store_file(), buf_view(&b));
	n = whole();
	spill(store_file(), buf_view(&is));
	buf_free(&b);
	buf_free(&is);
	return n;
}

static void
backup_is_the_store_in_one_private_file(void **state)
{
	struct store *s;
	struct stat st;

	(void)state;
	make_store(5);
	s = opened();
	(void)add_object(s, 1, true, "in the WAL");
	(void)umask(0);
	assert_int_equal(store_backup(s, backup_path()), CKR_OK);
	assert_int_equal(stat(backup, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_nothing_left();
	/* what is there stays as it is, also a link that leads nowhere */
	assert_int_equal(store_backup(s, backup), CKR_FUNCTION_REJECTED);
	assert_int_equal(store_backup(s, store_file()),
	    CKR_FUNCTION_REJECTED);
	(void)strcat(backup, ".link");
	assert_int_equal(symlink("nowhere", backup), 0);
	assert_int_equal(store_backup(s, backup), CKR_FUNCTION_REJECTED);
	assert_int_equal(store_backup(s, store_dir), CKR_FUNCTION_REJECTED);
	assert_int_equal(store_backup(s, "/nonexistent/backup"),
	    CKR_DEVICE_ERROR);
	(void)add_object(s, 1, true, "after it");
	/* not of what is not committed */
	assert_int_equal(store_begin(s), CKR_OK);
	assert_int_equal(store_backup(s, "/tmp/never"), CKR_GENERAL_ERROR);
	store_rollback(s);
	store_close(&s);
	assert_int_equal(whole(), 7);
	assert_int_equal(whole_of(backup_path()), 6);
}

static void
relative_path_is_one_of_the_working_directory(void **state)
{
	char was[400];
	struct store *s;

	(void)state;
	make_store(1);
	assert_non_null(getcwd(was, sizeof(was)));
	assert_int_equal(chdir(store_dir), 0);
	s = opened();
	assert_int_equal(store_backup(s, "backup"), CKR_OK);
	store_close(&s);
	assert_int_equal(chdir(was), 0);
	assert_int_equal(files_with("backup"), 1);
}

static void
pairs_for_ever(int arg)
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
backups_beside_a_writer_are_each_of_one_moment(void **state)
{
	char path[20][420];
	struct store *s;
	size_t n, last = 0, i;
	pid_t pid;

	(void)state;
	make_store(0);
	pid = start_child(pairs_for_ever, 0);
	s = opened();
	while (count_objects(s, 1, NULL) == 0)
		(void)usleep(1000);
	for (i = 0; i < ARRAY_LEN(path); i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s.%zu",
		    backup_path(), i);
		assert_int_equal(store_backup(s, path[i]), CKR_OK);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	store_close(&s);
	assert_int_equal(whole() % 2, 0);
	for (i = 0; i < ARRAY_LEN(path); i++) {
		n = whole_of(path[i]);
		assert_int_equal(n % 2, 0);
		assert_true(n >= last);
		last = n;
	}
	print_message("%zu objects in the last of %zu backups\n", last, i);
}

static void
full_disk_child(int arg)
{
	struct rlimit small = { (rlim_t)arg, (rlim_t)arg };
	struct store *s = NULL;
	struct buf kept = BUF_EMPTY;

	(void)signal(SIGXFSZ, SIG_IGN);
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(setrlimit(RLIMIT_FSIZE, &small) == 0, "limit");
	must(store_backup(s, backup_path()) == CKR_DEVICE_MEMORY, "backup");
	(void)strcat(backup, ".whole");
	must(store_replace(&store_config, backup, &kept) ==
	    CKR_DEVICE_MEMORY, "replace");
	must(kept.len == 0, "kept");
	store_close(&s);
}

static void
full_disk_leaves_nothing_and_the_store_as_it_was(void **state)
{
	struct store *s;
	struct stat st;

	(void)state;
	make_store(30);
	s = opened();
	(void)snprintf(backup, sizeof(backup), "%s/backup.whole", store_dir);
	assert_int_equal(store_backup(s, backup), CKR_OK);
	store_close(&s);
	assert_int_equal(stat(backup, &st), 0);
	child_went_well(start_child(full_disk_child, (int)st.st_size / 2));
	assert_int_equal(files_with("backup"), 1);
	assert_int_equal(files_with(".old"), 0);
	assert_nothing_left();
	assert_int_equal(whole(), 30);
}

/* A backup of 3 objects beside a store of 5. */
static void
make_both(void)
{
	struct store *s;

	make_store(3);
	s = opened();
	assert_int_equal(store_backup(s, backup_path()), CKR_OK);
	(void)add_object(s, 1, true, "a");
	(void)add_object(s, 1, true, "a");
	store_close(&s);
}

static void
replaced_store_is_kept_and_others_see_the_new_one(void **state)
{
	struct store_keys keys = keys_both();
	struct buf kept = BUF_EMPTY;
	struct store *s, *other;
	bool changed;
	struct buf before, after;

	(void)state;
	make_both();
	s = opened();
	other = opened();
	assert_int_equal(count_objects(s, 1, NULL), 5);
	assert_int_equal(count_objects(other, 1, NULL), 5);
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	(void)add_object(other, 1, true, "in the WAL");
	before = slurp(backup_path());
	assert_int_equal(store_replace(&store_config, backup, &kept),
	    CKR_OK);
	after = slurp(backup);
	assert_true(view_equal(buf_view(&before), buf_view(&after)));
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	assert_true(changed);
	assert_int_equal(count_objects(s, 1, NULL), 3);
	assert_int_equal(get_code(other, &keys, 1, 5),
	    CKR_OBJECT_HANDLE_INVALID);
	(void)add_object(other, 1, true, "new");
	assert_int_equal(count_objects(s, 1, NULL), 4);
	store_close(&other);
	store_close(&s);
	assert_int_equal(whole(), 4);
	assert_int_equal(whole_of((const char *)kept.data), 6);
	assert_nothing_left();
	assert_int_equal(store_replace(&store_config, backup, &kept),
	    CKR_OK);
	assert_int_equal(files_with(".old"), 2);
	buf_free(&before);
	buf_free(&after);
	buf_free(&kept);
}

static void
where_there_is_none_the_backup_becomes_the_store(void **state)
{
	struct buf kept = BUF_EMPTY;
	struct stat st;

	(void)state;
	make_both();
	put_bytes(&kept, "left over");
	assert_int_equal(unlink(store_file()), 0);
	assert_int_equal(store_replace(&store_config, backup_path(), &kept),
	    CKR_OK);
	assert_int_equal(kept.len, 0);
	buf_free(&kept);
	assert_int_equal(stat(store_file(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(whole(), 3);
	assert_nothing_left();
}

static void
waiting_child(int arg)
{
	struct store *s = NULL;

	(void)arg;
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(put_object(s, 1, true, "waited", NULL) == CKR_OK, "put");
	store_close(&s);
}

/* What it opened before it waited has no name any more. */
static void
writer_that_waited_writes_to_the_new_file(void **state)
{
	struct store *s;
	struct buf b;
	char path[400];
	pid_t pid;

	(void)state;
	make_both();
	s = opened();
	b = slurp(backup_path());
	(void)snprintf(path, sizeof(path), "%s.copy", store_file());
	spill(path, buf_view(&b));
	buf_free(&b);
	assert_int_equal(store_begin(s), CKR_OK);
	pid = start_child(waiting_child, 0);
	(void)usleep(300000);
	assert_int_equal(rename(path, store_file()), 0);
	(void)snprintf(path, sizeof(path), "%s-wal", store_file());
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s-shm", store_file());
	assert_int_equal(unlink(path), 0);
	store_rollback(s);
	child_went_well(pid);
	assert_int_equal(count_objects(s, 1, "waited"), 1);
	assert_int_equal(count_objects(s, 1, NULL), 4);
	store_close(&s);
}

/* No database any more: its WAL, too, would be poison for a new file. */
static void
broken_store_is_put_aside_with_its_wal(void **state)
{
	static const char *const broken[] = { "", "no database at all, but "
		"as long as a header of one would have to be: 100 bytes, "
		"and what more there is" };
	struct buf kept = BUF_EMPTY, b;
	char path[400];
	size_t i;

	(void)state;
	make_both();
	for (i = 0; i < ARRAY_LEN(broken); i++) {
		struct store *s = opened();

		(void)add_object(s, 1, true, "in the WAL");
		(void)snprintf(path, sizeof(path), "%s-wal", store_file());
		b = slurp(path);
		store_close(&s);
		spill(path, buf_view(&b));
		buf_free(&b);
		spill(store_file(), view_str(broken[i]));
		assert_int_equal(store_replace(&store_config, backup_path(),
		    &kept), CKR_OK);
		b = slurp((const char *)kept.data);
		assert_true(view_equal(buf_view(&b), view_str(broken[i])));
		buf_free(&b);
		assert_int_equal(whole(), 3);
	}
	assert_int_equal(files_with(".old-wal"), 2);
	assert_nothing_left();
	buf_free(&kept);
}

static void
what_is_no_store_replaces_nothing(void **state)
{
	static const char *const edits[] = {
		"PRAGMA user_version = 2", "PRAGMA user_version = 0",
		"PRAGMA application_id = 1", "DROP TABLE note",
		"CREATE TRIGGER t AFTER INSERT ON object BEGIN "
		"DELETE FROM token; END",
	};
	struct buf kept = BUF_EMPTY, good, now, before;
	sqlite3 *h = NULL;
	size_t i;

	(void)state;
	make_both();
	before = slurp(store_file());
	good = slurp(backup_path());
	for (i = 0; i < ARRAY_LEN(edits); i++) {
		spill(backup, buf_view(&good));
		assert_int_equal(sqlite3_open(backup, &h), SQLITE_OK);
		assert_int_equal(sqlite3_exec(h, edits[i], NULL, NULL, NULL),
		    SQLITE_OK);
		assert_int_equal(sqlite3_close(h), SQLITE_OK);
		assert_int_equal(store_replace(&store_config, backup, &kept),
		    CKR_DATA_INVALID);
	}
	spill(backup, view_sub(buf_view(&good), 0, good.len - 4096));
	assert_int_equal(store_replace(&store_config, backup, &kept),
	    CKR_DATA_INVALID);
	spill(backup, view_str("no database"));
	assert_int_equal(store_replace(&store_config, backup, &kept),
	    CKR_DATA_INVALID);
	assert_int_equal(unlink(backup), 0);
	assert_int_equal(store_replace(&store_config, backup, &kept),
	    CKR_DATA_INVALID);
	assert_int_equal(store_replace(&store_config, store_file(), &kept),
	    CKR_DATA_INVALID);
	assert_int_equal(kept.len, 0);
	now = slurp(store_file());
	assert_true(view_equal(buf_view(&now), buf_view(&before)));
	assert_int_equal(files_with(".old"), 0);
	assert_nothing_left();
	buf_free(&good);
	buf_free(&now);
	buf_free(&before);
}

static void
replace_child(int arg)
{
	struct buf kept = BUF_EMPTY;

	(void)arg;
	must(store_replace(&store_config, backup, &kept) == CKR_OK,
	    "replace");
}

static void
backup_child(int arg)
{
	struct store *s = NULL;

	(void)arg;
	must(store_open(&store_config, false, &s) == CKR_OK, "open");
	must(store_backup(s, backup) == CKR_OK, "backup");
	store_close(&s);
}

static int
start_anew(void)
{
	char command[700];

	(void)snprintf(command, sizeof(command), "cd '%s' && "
	    "rm -rf store.* .new* backup2 && cp was store.sqlite3", store_dir);
	return system(command);
}

static void
death_at_any_step_of_replacing_leaves_the_old_or_the_new(void **state)
{
	unsigned n, count[6] = { 0 };
	char was[400];
	struct buf b;
	size_t is = 0;

	(void)state;
	make_both();
	b = slurp(store_file());
	(void)snprintf(was, sizeof(was), "%s/was", store_dir);
	spill(was, buf_view(&b));
	buf_free(&b);
	for (n = 1;; n++) {
		assert_int_equal(start_anew(), 0);
		if (!killed_at(n, replace_child, 0))
			break;
		is = whole();
		assert_true(is == 3 || is == 5);
		count[is]++;
		/* and it can be done again */
		if (n % 10 == 0) {
			child_went_well(start_child(replace_child, 0));
			assert_int_equal(whole(), 3);
		}
	}
	assert_int_equal(whole(), 3);
	print_message("killed at each of %u steps: %u times the old one, "
	    "%u the new one\n", n - 1, count[5], count[3]);
	assert_true(count[5] > 10 && count[3] > 0);
}

/* What was put aside before would take a name of the same second, and the
 * number of steps would depend on the clock. */
static int
clear_away(void)
{
	char command[700];

	(void)snprintf(command, sizeof(command), "cd '%s' && "
	    "rm -rf store.* .new*", store_dir);
	return system(command);
}

/* It has nothing to lose, but the new one must not meet its WAL. */
static void
death_at_any_step_of_putting_aside_can_be_made_good(void **state)
{
	char wal[400];
	unsigned n, whole_ones = 0;
	struct buf none = BUF_EMPTY;

	(void)state;
	make_both();
	(void)snprintf(wal, sizeof(wal), "%s-wal", store_file());
	for (n = 1;; n++) {
		assert_int_equal(clear_away(), 0);
		spill(store_file(), view_str("broken"));
		/* nothing that could make a database of it again */
		spill(wal, view_str("broken too"));
		if (!killed_at(n, replace_child, 0))
			break;
		none = slurp(store_file());
		if (none.len > 6) {
			assert_int_equal(whole(), 3);
			whole_ones++;
		} else {
			child_went_well(start_child(replace_child, 0));
			assert_int_equal(whole(), 3);
		}
		buf_free(&none);
	}
	assert_int_equal(whole(), 3);
	print_message("killed at each of %u steps: %u times the new one\n",
	    n - 1, whole_ones);
	assert_true(whole_ones > 0 && n - 1 > whole_ones);
}

static void
death_at_any_step_of_a_backup_leaves_none_or_all_of_it(void **state)
{
	unsigned n, none = 0;
	struct stat st;
	char was[400];
	struct buf b;

	(void)state;
	make_store(3);
	b = slurp(store_file());
	(void)snprintf(was, sizeof(was), "%s/was", store_dir);
	spill(was, buf_view(&b));
	buf_free(&b);
	(void)backup_path();
	(void)strcat(backup, "2");
	for (n = 1;; n++) {
		assert_int_equal(start_anew(), 0);
		if (!killed_at(n, backup_child, 0))
			break;
		if (stat(backup, &st) != 0)
			none++;
		else
			assert_int_equal(whole_of(backup), 3);
		assert_int_equal(whole(), 3);
	}
	print_message("killed at each of %u steps: %u times there was none\n",
	    n - 1, none);
	assert_true(none > 10 && n - 1 > none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(backup_is_the_store_in_one_private_file),
		store_test(relative_path_is_one_of_the_working_directory),
		store_test(backups_beside_a_writer_are_each_of_one_moment),
		store_test(full_disk_leaves_nothing_and_the_store_as_it_was),
		store_test(replaced_store_is_kept_and_others_see_the_new_one),
		store_test(where_there_is_none_the_backup_becomes_the_store),
		store_test(writer_that_waited_writes_to_the_new_file),
		store_test(broken_store_is_put_aside_with_its_wal),
		store_test(what_is_no_store_replaces_nothing),
		store_test(
		    death_at_any_step_of_replacing_leaves_the_old_or_the_new),
		store_test(
		    death_at_any_step_of_putting_aside_can_be_made_good),
		store_test(
		    death_at_any_step_of_a_backup_leaves_none_or_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
