/* SPDX-License-Identifier: BSD-2-Clause */
#include <grp.h>

#include "store_test.h"

/* A store that a group shares, by the configuration. Giving files to a group
 * takes root or a member of it: root plays both here. */

enum { GROUP = 65533, ALICE = 65531, BOB = 65532 };

static void
share(void)
{
	store_config.gid = GROUP;
	must(buf_set(&store_config.group, view_of("keepers", 8)) == CKR_OK,
	    "memory");
	store_config.group.len--;
}

static void
assert_shared(const char *path, mode_t mode)
{
	struct stat st;

	if (stat(path, &st) != 0)
		fail_msg("no %s", path);
	if (st.st_gid != GROUP || (st.st_mode & 07777) != mode)
		fail_msg("%s: group %ld, mode %o", path, (long)st.st_gid,
		    (unsigned)st.st_mode & 07777);
}

static void
assert_file_shared(const char *suffix)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s%s", store_file(), suffix);
	assert_shared(path, 0660);
}

static void
all_is_the_groups_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 077, 0, 0777 };
	struct store *s = NULL;
	mode_t old;
	size_t i;

	for (i = 0; i < ARRAY_LEN(masks); i++) {
		if (geteuid() != 0)
			skip();
		share();
		old = umask(masks[i]);
		s = opened();
		(void)add_token(s, "one");
		(void)umask(old);
		assert_shared(store_dir, 02770);
		assert_file_shared("");
		assert_file_shared("-wal");
		assert_file_shared("-shm");
		assert_file_shared("-lock");
		store_close(&s);
		assert_int_equal(drop_place(state) | new_place(state), 0);
	}
}

/* Two users of the group, who have a group of their own each. */
static void
become(int who)
{
	const gid_t groups[] = { GROUP };

	must(setgroups(1, groups) == 0 && setgid((gid_t)who) == 0 &&
	    setuid((uid_t)who) == 0, "become");
	must(crypto_start() == CKR_OK, "crypto");
	(void)umask(077);
}

/* Makes the store, or writes to what is there, and leaves it open when it
 * dies, so that -wal and -shm stay. */
static void
member(int who)
{
	struct store *s = NULL;

	become(who);
	must(store_open(&store_config, true, &s) == CKR_OK, "open");
	must(!store_read_only(s), "may write");
	must(store_note_put(s, who == ALICE ? "alice" : "bob",
	    view_str("was here")) == CKR_OK, "write");
	_exit(0);
}

static void
members_write_one_after_the_other(void **state)
{
	struct store *s = NULL;
	struct buf note = BUF_EMPTY;
	char *slash = strrchr(store_dir, '/');
	unsigned i;

	(void)state;
	if (geteuid() != 0)
		skip();
	share();
	*slash = '\0';
	assert_int_equal(chmod(store_dir, 0777), 0);
	*slash = '/';
	for (i = 0; i < 2; i++) {
		child_went_well(start_child(member, ALICE));
		assert_file_shared("-wal");
		child_went_well(start_child(member, BOB));
	}
	assert_shared(store_dir, 02770);
	assert_int_equal(store_open(&store_config, false, &s), CKR_OK);
	assert_int_equal(store_note_get(s, "bob", &note), CKR_OK);
	assert_int_equal(note.len, 8);
	buf_free(&note);
	store_close(&s);
}

/* A directory above, which the store's maker made, lets the group through. */
static void
members_get_through_what_was_made_above(void **state)
{
	char above[300];

	(void)state;
	if (geteuid() != 0)
		skip();
	(void)snprintf(above, sizeof(above), "%s", store_dir);
	(void)strcat(store_dir, "/below");
	assert_int_equal(setenv("TPM2_CRYPTOKI_STORE", store_dir, 1), 0);
	configure();
	share();
	*strrchr(above, '/') = '\0';
	assert_int_equal(chmod(above, 0777), 0);
	child_went_well(start_child(member, ALICE));
	child_went_well(start_child(member, BOB));
	assert_shared(store_dir, 02770);
	*strrchr(store_dir, '/') = '\0';
	assert_shared(store_dir, 0710);
}

static void
stranger(int who)
{
	struct store *s = NULL;
	char said[300] = "";
	int ends[2];

	must(pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) >= 0, "pipe");
	log_set(LOG_LEVEL_ERROR);
	must(setgroups(0, NULL) == 0 && setgid((gid_t)who) == 0 &&
	    setuid((uid_t)who) == 0, "become");
	must(crypto_start() == CKR_OK, "crypto");
	must(store_open(&store_config, true, &s) ==
	    CKR_TOKEN_WRITE_PROTECTED, "open");
	must(read(ends[0], said, sizeof(said) - 1) > 0, "read");
	must(strstr(said, "cannot be given to the group keepers; join that "
	    "group") != NULL, said);
}

/* What cannot be given to the group is not left to another one. */
static void
who_is_not_in_the_group_makes_nothing(void **state)
{
	struct stat st;
	char *slash = strrchr(store_dir, '/');

	(void)state;
	if (geteuid() != 0 || access("/var/lib/tpm2-cryptoki", F_OK) == 0)
		skip();
	share();
	*slash = '\0';
	assert_int_equal(chmod(store_dir, 0777), 0);
	*slash = '/';
	child_went_well(start_child(stranger, ALICE));
	assert_int_equal(stat(store_dir, &st), -1);
	/* where the directory is there, no file is left in it */
	assert_int_equal(mkdir(store_dir, 0777) | chmod(store_dir, 0777), 0);
	child_went_well(start_child(stranger, ALICE));
	assert_int_equal(rmdir(store_dir), 0);
}

static void
without_a_group_it_is_the_users_alone(void **state)
{
	struct stat st;
	struct store *s;
	mode_t old = umask(0);

	(void)state;
	s = opened();
	(void)add_token(s, "one");
	(void)umask(old);
	assert_int_equal(stat(store_dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(store_file(), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(all_is_the_groups_whatever_the_umask),
		store_test(members_write_one_after_the_other),
		store_test(members_get_through_what_was_made_above),
		store_test(who_is_not_in_the_group_makes_nothing),
		store_test(without_a_group_it_is_the_users_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
