/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_test.h"

static void
missing_store_is_not_made_unasked(void **state)
{
	struct store *s = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(store_open(&store_config, false, &s),
	    CKR_TOKEN_NOT_PRESENT);
	assert_null(s);
	assert_int_equal(stat(store_dir, &st), -1);
}

static mode_t
mode_of(const char *suffix)
{
	char path[512];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s%s", store_dir, suffix);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
modes_do_not_depend_on_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 0777 };
	struct store *s;
	mode_t before;
	size_t i;

	for (i = 0; i < ARRAY_LEN(masks); i++) {
		before = umask(masks[i]);
		s = opened();
		(void)add_token(s, "one");
		(void)umask(before);
		assert_int_equal(mode_of(""), 0700);
		assert_int_equal(mode_of("/store.sqlite3"), 0600);
		assert_int_equal(mode_of("/store.sqlite3-wal"), 0600);
		assert_int_equal(mode_of("/store.sqlite3-shm"), 0600);
		store_close(&s);
		assert_int_equal(drop_place(state), 0);
		assert_int_equal(new_place(state), 0);
	}
}

static void
making_leaves_only_the_store(void **state)
{
	struct store *s = opened();
	char cmd[600];

	(void)state;
	assert_string_equal(store_path(s), store_file());
	store_close(&s);
	(void)snprintf(cmd, sizeof(cmd),
	    "test \"$(ls -A '%s' | grep -vc '^store.sqlite3')\" = 0",
	    store_dir);
	assert_int_equal(system(cmd), 0);
}

static void
file_can_be_named_itself(void **state)
{
	struct store *s = opened();

	(void)state;
	(void)add_token(s, "one");
	store_close(&s);
	assert_int_equal(setenv("TPM2_CRYPTOKI_STORE", store_file(), 1), 0);
	configure();
	assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
	assert_string_equal(store_path(s), store_file());
	store_close(&s);
}

/* The place by environment, nothing in the system's. */
static void
never_the_working_directory(void **state)
{
	struct store *s = opened();

	(void)state;
	store_close(&s);
	assert_int_equal(chdir(store_dir), 0);
	assert_int_equal(setenv("TPM2_CRYPTOKI_STORE", ".", 1), 0);
	assert_int_equal(setenv("XDG_DATA_HOME", ".", 1), 0);
	unsetenv("HOME");
	configure();
	if (access("/var/lib/tpm2-cryptoki", F_OK) == 0)
		skip();
	assert_int_equal(store_open(&store_config, false, &s),
	    CKR_TOKEN_NOT_PRESENT);
	assert_int_equal(chdir("/"), 0);
	unsetenv("XDG_DATA_HOME");
}

static void
home_child(int there)
{
	char home[400];
	struct store *s = NULL;
	struct stat st;
	CK_RV rv;

	become_nobody();
	unsetenv("TPM2_CRYPTOKI_STORE");
	unsetenv("XDG_DATA_HOME");
	(void)snprintf(home, sizeof(home), "%s/home", store_dir);
	setenv("HOME", home, 1);
	configure();
	if (there)
		must(mkdir(home, 0700) == 0, "mkdir");
	rv = store_open(&store_config, true, &s);
	if (there) {
		must(rv == CKR_OK, "open");
		must(strstr(store_path(s), "/home/.local/share/"
		    "tpm2-cryptoki/store.sqlite3") != NULL, "path");
		store_close(&s);
	} else {
		must(rv == CKR_TOKEN_WRITE_PROTECTED, "no place");
		must(stat(home, &st) != 0, "home was invented");
	}
}

static void
directories_below_a_home_are_made_but_no_home(void **state)
{
	(void)state;
	assert_int_equal(mkdir(store_dir, 0777), 0);
	assert_int_equal(chmod(store_dir, 0777), 0);
	if (access("/var/lib/tpm2-cryptoki", F_OK) == 0)
		skip();
	child_went_well(start_child(home_child, 0));
	child_went_well(start_child(home_child, 1));
}

static void
assert_refused(void)
{
	struct store *s = NULL;

	assert_int_equal(store_open(&store_config, true, &s), CKR_DEVICE_ERROR);
	assert_null(s);
}

static void
what_is_no_store_is_refused_and_stays(void **state)
{
	static const char *const texts[] = {
		"", "x", "this is a text of some length, and not a store, "
		"though it lies where a store would be expected to lie, and "
		"is longer than the header of a database",
	};
	struct buf after;
	size_t i;

	(void)state;
	assert_int_equal(mkdir(store_dir, 0700), 0);
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		spill(store_file(), view_str(texts[i]));
		assert_refused();
		after = slurp(store_file());
		assert_true(view_equal(buf_view(&after),
		    view_str(texts[i])));
		buf_free(&after);
	}
	assert_int_equal(unlink(store_file()), 0);
	assert_int_equal(mkdir(store_file(), 0700), 0);
	assert_refused();
	assert_int_equal(rmdir(store_file()), 0);
	assert_int_equal(mkfifo(store_file(), 0600), 0);
	assert_refused();
}

static void
other_programs_database_is_refused_and_stays(void **state)
{
	struct buf before, after;

	(void)state;
	assert_int_equal(mkdir(store_dir, 0700), 0);
	edit("CREATE TABLE cookies (a, b); INSERT INTO cookies "
	    "VALUES (1, 2)");
	before = slurp(store_file());
	assert_refused();
	after = slurp(store_file());
	assert_true(view_equal(buf_view(&before), buf_view(&after)));
	buf_free(&before);
	buf_free(&after);
}

static void
newer_schema_is_refused_and_stays(void **state)
{
	struct store *s = opened();
	struct buf before, after;

	(void)state;
	store_close(&s);
	edit("PRAGMA user_version = 2");
	before = slurp(store_file());
	assert_refused();
	after = slurp(store_file());
	assert_true(view_equal(buf_view(&before), buf_view(&after)));
	buf_free(&before);
	buf_free(&after);
}

static void
newer_schema_stops_a_running_writer(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	edit("PRAGMA user_version = 2");
	assert_int_equal(put_object(s, token, false, "x", NULL),
	    CKR_DEVICE_ERROR);
	store_close(&s);
}

static void
link_to_the_file_is_refused_one_to_the_directory_not(void **state)
{
	struct store *s = opened();
	char other[400], real[400];

	(void)state;
	store_close(&s);
	(void)snprintf(other, sizeof(other), "%s-link", store_dir);
	assert_int_equal(symlink(store_dir, other), 0);
	assert_int_equal(setenv("TPM2_CRYPTOKI_STORE", other, 1), 0);
	configure();
	assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
	store_close(&s);

	(void)snprintf(real, sizeof(real), "%s/moved", store_dir);
	assert_int_equal(rename(store_file(), real), 0);
	assert_int_equal(symlink(real, store_file()), 0);
	assert_refused();
}

static void
making_child(int go)
{
	struct store *s = NULL;
	char byte;

	must(read(go, &byte, 1) == 0, "read");
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, true, &s) == CKR_OK, "open");
	must(store_note_put(s, "a", view_str("b")) == CKR_OK, "write");
	store_close(&s);
}

static void
many_that_make_it_at_once_share_one(void **state)
{
	pid_t children[8];
	struct store *s = NULL;
	struct buf value = BUF_EMPTY;
	int go[2];
	size_t i;

	(void)state;
	assert_int_equal(pipe(go), 0);
	for (i = 0; i < ARRAY_LEN(children); i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)close(go[1]);
			making_child(go[0]);
			_exit(0);
		}
	}
	(void)close(go[0]);
	(void)close(go[1]);
	for (i = 0; i < ARRAY_LEN(children); i++)
		child_went_well(children[i]);
	assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
	assert_int_equal(store_note_get(s, "a", &value), CKR_OK);
	assert_int_equal(value.len, 1);
	buf_free(&value);
	store_close(&s);
}

static void
rollback_journal_is_not_played_back(void **state)
{
	struct store *s = opened();
	char path[400];

	(void)state;
	store_close(&s);
	(void)snprintf(path, sizeof(path), "%s-journal", store_file());
	spill(path, view_str("whatever"));
	assert_refused();
}

static void
restored_backup_without_wal_mode_is_taken(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	store_close(&s);
	edit("PRAGMA journal_mode = DELETE");
	assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
	(void)add_object(s, token, true, "x");
	assert_int_equal(count_objects(s, token, NULL), 1);
	store_close(&s);
	assert_int_equal(access(store_file(), F_OK), 0);
}

static void
file_that_vanishes_and_returns_is_noticed(void **state)
{
	struct store *s = opened();
	bool changed;
	char old[400];

	(void)state;
	(void)add_token(s, "one");
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	(void)snprintf(old, sizeof(old), "%s.old", store_file());
	assert_int_equal(rename(store_file(), old), 0);
	assert_int_equal(store_changed(s, &changed), CKR_DEVICE_ERROR);
	assert_int_equal(store_note_put(s, "a", view_str("b")),
	    CKR_DEVICE_ERROR);
	assert_int_equal(rename(old, store_file()), 0);
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	assert_true(changed);
	assert_int_equal(store_note_put(s, "a", view_str("b")), CKR_OK);
	store_close(&s);
}

/* As by cp and mv, or an editor: another file has the name. */
static void
writes_go_to_the_file_that_now_has_the_name(void **state)
{
	struct store *s = opened(), *other;
	struct buf copy;
	bool changed;
	char path[400];
	int64_t token = add_token(s, "one");

	(void)state;
	store_close(&s);
	copy = slurp(store_file());
	s = opened();
	(void)add_object(s, token, true, "lost with the old file");
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	(void)snprintf(path, sizeof(path), "%s-wal", store_file());
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s-shm", store_file());
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s.copy", store_file());
	spill(path, buf_view(&copy));
	buf_free(&copy);
	assert_int_equal(rename(path, store_file()), 0);
	(void)add_object(s, token, true, "new");
	assert_int_equal(store_changed(s, &changed), CKR_OK);
	assert_true(changed);
	other = opened();
	assert_int_equal(count_objects(other, token, NULL), 1);
	assert_int_equal(count_objects(other, token, "new"), 1);
	store_close(&other);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(missing_store_is_not_made_unasked),
		store_test(modes_do_not_depend_on_the_umask),
		store_test(making_leaves_only_the_store),
		store_test(file_can_be_named_itself),
		store_test(never_the_working_directory),
		store_test(directories_below_a_home_are_made_but_no_home),
		store_test(what_is_no_store_is_refused_and_stays),
		store_test(other_programs_database_is_refused_and_stays),
		store_test(newer_schema_is_refused_and_stays),
		store_test(newer_schema_stops_a_running_writer),
		store_test(
		    link_to_the_file_is_refused_one_to_the_directory_not),
		store_test(many_that_make_it_at_once_share_one),
		store_test(rollback_journal_is_not_played_back),
		store_test(restored_backup_without_wal_mode_is_taken),
		store_test(file_that_vanishes_and_returns_is_noticed),
		store_test(writes_go_to_the_file_that_now_has_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
