/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/wait.h>

#include "config_test.h"

/* Which file is read and trusted, who wins, and the owner's password. */

/* In place of libc's: a set-user-ID program at the turn of a switch. */
static bool elevated;

char *
secure_getenv(const char *name)
{
	return elevated ? NULL : getenv(name);
}

/* path below base, with its directories; the file has this text. */
static void
put(const char *below, const char *text, char path[300])
{
	char *slash;

	(void)snprintf(path, 300, "%s%s", base, below);
	for (slash = path + strlen(base) + 1;
	    (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	write_text(path, text);
}

static void
says(const char *what)
{
	if (strstr(said, what) == NULL)
		fail_msg("\"%s\" is not in: %s", what, said);
}

/* The file of the last load_any was path (NULL: none), with so_tries. */
static void
read_was(const char *path, unsigned tries)
{
	struct config c;

	assert_int_equal(load_any(&c), CKR_OK);
	assert_string_equal(said, "");
	if (path != NULL)
		assert_text(&c.file, path);
	assert_int_equal(c.so_tries, tries);
	config_free(&c);
}

static void
no_machine_wide_file(void)
{
	if (access(SYSCONFDIR "/tpm2-cryptoki/config.yaml", F_OK) == 0)
		skip();
}

static void
first_file_that_is_there_is_read(void **state)
{
	char named[300], xdg[300], home[300];

	(void)state;
	no_machine_wide_file();
	put("/named.yaml", "so_tries: 1", named);
	put("/xdg/tpm2-cryptoki/config.yaml", "so_tries: 2", xdg);
	put("/home/.config/tpm2-cryptoki/config.yaml", "so_tries: 3", home);

	read_was("", 10);
	(void)snprintf(file, sizeof(file), "%s/home", base);
	(void)setenv("HOME", file, 1);
	read_was(home, 3);
	(void)snprintf(file, sizeof(file), "%s/xdg", base);
	(void)setenv("XDG_CONFIG_HOME", file, 1);
	read_was(xdg, 2);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", named, 1);
	read_was(named, 1);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", "", 1);
	read_was(xdg, 2);
	/* HOME stands in for XDG_CONFIG_HOME, not for a file in it */
	assert_int_equal(unlink(xdg), 0);
	read_was("", 10);
}

static void
named_file_has_to_be_there(void **state)
{
	struct config c;

	(void)state;
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	assert_int_equal(load_any(&c), CKR_FUNCTION_FAILED);
	says(file);
	says("there is no such file, and TPM2_CRYPTOKI_CONFIG names it");
	assert_default(&c);
	config_free(&c);

	write_text(file, "");
	assert_int_equal(chdir(base), 0);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", "config.yaml", 1);
	assert_int_equal(load_any(&c), CKR_FUNCTION_FAILED);
	says("TPM2_CRYPTOKI_CONFIG=config.yaml is not an absolute path");
	assert_int_equal(chdir("/"), 0);
	config_free(&c);
}

static void
relative_homes_are_ignored(void **state)
{
	char path[300];
	struct config c;

	(void)state;
	no_machine_wide_file();
	put("/tpm2-cryptoki/config.yaml", "so_tries: 1", path);
	assert_int_equal(chdir(base), 0);
	(void)setenv("XDG_CONFIG_HOME", ".", 1);
	assert_int_equal(load_any(&c), CKR_OK);
	says("XDG_CONFIG_HOME=. is not an absolute path");
	assert_int_equal(c.so_tries, 10);
	assert_int_equal(chdir("/"), 0);
	config_free(&c);
}

static void
caller_does_not_steer_a_setuid_program(void **state)
{
	char home[300];
	struct config c;

	(void)state;
	put("/.config/tpm2-cryptoki/config.yaml", "so_tries: 3", home);
	(void)setenv("HOME", base, 1);
	write_text(file, "so_tries: 4\ntcti: evil\n");
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	(void)setenv("TPM2_CRYPTOKI_TCTI", "evil", 1);
	elevated = true;
	if (load_any(&c) == CKR_OK && c.file.len > 0)
		assert_text(&c.file, SYSCONFDIR "/tpm2-cryptoki/config.yaml");
	elevated = false;
	assert_int_not_equal(c.so_tries, 3);
	assert_int_not_equal(c.so_tries, 4);
	assert_string_not_equal((char *)c.tcti.data, "evil");
	config_free(&c);
}

/* The file is refused with these words behind its path, and not read. */
static void
distrusted(const char *why)
{
	struct config c;

	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	assert_int_equal(load_any(&c), CKR_FUNCTION_FAILED);
	says(file);
	says(why);
	assert_default(&c);
	config_free(&c);
}

static void
file_that_others_may_write_is_refused(void **state)
{
	struct config c;

	(void)state;
	write_text(file, "so_tries: 1");
	assert_int_equal(chmod(file, 0620), 0);
	distrusted("can be written by its group; chmod g-w");
	assert_int_equal(chmod(file, 0602), 0);
	distrusted("can be written by everybody; chmod o-w");
	assert_int_equal(chmod(file, 0755), 0);
	assert_int_equal(load_any(&c), CKR_OK);
	assert_int_equal(c.so_tries, 1);
	config_free(&c);
}

static void
file_of_another_user_is_refused(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	write_text(file, "so_tries: 1");
	assert_int_equal(chown(file, 65534, 0), 0);
	distrusted("belongs to another user than root or this one");
}

/* cmocka's asserts would go back into the parent's run. */
static int
as_nobody(void (*act)(void))
{
	pid_t pid = fork();
	int status = -1;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (setgid(65534) == 0 && setuid(65534) == 0)
			act();
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The code of config_load, and 10 tries or other ones. */
static void
load_and_exit(void)
{
	struct config c;
	CK_RV rv = config_load(&c);

	_exit(rv == CKR_OK ? (int)c.so_tries : rv == CKR_FUNCTION_FAILED ?
	    90 : 91);
}

static void
file_of_root_is_for_all_and_of_this_user_too(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	write_text(file, "so_tries: 1");
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	assert_int_equal(chmod(base, 0755) | chmod(file, 0644), 0);
	assert_int_equal(as_nobody(load_and_exit), 1);
	assert_int_equal(chown(file, 65534, 65534), 0);
	assert_int_equal(as_nobody(load_and_exit), 1);
	assert_int_equal(chown(file, 1, 1), 0);
	assert_int_equal(as_nobody(load_and_exit), 90);
}

/* The service of a system is often kept from its user's home. */
static void
home_that_is_locked_counts_as_empty(void **state)
{
	char path[300];

	(void)state;
	no_machine_wide_file();
	if (geteuid() != 0)
		skip();
	put("/.config/tpm2-cryptoki/config.yaml", "so_tries: 1", path);
	(void)setenv("HOME", base, 1);
	assert_int_equal(as_nobody(load_and_exit), 10);
	/* one that is named is another matter */
	(void)setenv("TPM2_CRYPTOKI_CONFIG", path, 1);
	assert_int_equal(as_nobody(load_and_exit), 90);
}

static void
what_is_no_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir(file, 0700), 0);
	distrusted("is not a regular file");
	assert_int_equal(rmdir(file), 0);
	/* would wait for a writer */
	assert_int_equal(mkfifo(file, 0600), 0);
	distrusted("is not a regular file");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("/dev/null", file), 0);
	distrusted("is not a regular file");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink(file, file), 0);
	distrusted("symbolic links");
}

static void
link_counts_as_what_it_names(void **state)
{
	char real[300];

	(void)state;
	put("/real.yaml", "so_tries: 1", real);
	assert_int_equal(symlink(real, file), 0);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	read_was(file, 1);
	assert_int_equal(chmod(real, 0666), 0);
	distrusted("can be written by everybody");
}

static void
long_file_is_refused(void **state)
{
	static char text[64 * 1024 + 2] = "so_tries: 1\n#";

	(void)state;
	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	write_text(file, text);
	distrusted("is longer than 64 KiB");
	text[sizeof(text) - 2] = '\0';
	write_text(file, text);
	read_was(file, 1);
}

static void
environment_wins_over_the_file(void **state)
{
	struct config c;

	(void)state;
	(void)setenv("TPM2_CRYPTOKI_TCTI", "tabrmd:", 1);
	(void)setenv("TPM2_CRYPTOKI_STORE", "/e", 1);
	(void)setenv("TPM2_CRYPTOKI_LOG", "error", 1);
	assert_int_equal(load("tcti: f\nstore: /f\nlog: trace\nsrk: transient",
	    &c), CKR_OK);
	assert_text(&c.tcti, "tabrmd:");
	assert_text(&c.store, "/e");
	assert_int_equal(c.log, LOG_LEVEL_ERROR);
	assert_int_equal(c.origin[CONFIG_TCTI].source, CONFIG_ENVIRONMENT);
	assert_int_equal(c.origin[CONFIG_TCTI].line, 0);
	assert_int_equal(c.origin[CONFIG_SRK].source, CONFIG_FILE);
	assert_int_equal(c.origin[CONFIG_PCRS].source, CONFIG_DEFAULT);
	assert_false(log_enabled(LOG_LEVEL_INFO));
	config_free(&c);
	/* and does not excuse what is wrong there */
	assert_int_equal(load("store: f", &c), CKR_FUNCTION_FAILED);
	assert_text(&c.store, "/e");
	config_free(&c);
}

static void
wrong_environment_is_told_and_ignored(void **state)
{
	struct config c;

	(void)state;
	(void)setenv("TPM2_CRYPTOKI_STORE", "keys", 1);
	(void)setenv("TPM2_CRYPTOKI_TCTI", "two\nlines", 1);
	assert_int_equal(load("store: /f", &c), CKR_OK);
	says("TPM2_CRYPTOKI_STORE=keys is not an absolute path, written from "
	    "/ on, and is ignored");
	says("TPM2_CRYPTOKI_TCTI=two?lines is not a line of text");
	assert_text(&c.store, "/f");
	assert_text(&c.tcti, "");
	assert_int_equal(c.origin[CONFIG_STORE].source, CONFIG_FILE);
	config_free(&c);
	/* a word that is no level counts as error, as it does for the log */
	(void)setenv("TPM2_CRYPTOKI_LOG", "loud", 1);
	assert_int_equal(load("log: trace", &c), CKR_OK);
	assert_int_equal(c.log, LOG_LEVEL_ERROR);
	assert_int_equal(c.origin[CONFIG_LOG].source, CONFIG_ENVIRONMENT);
	config_free(&c);
}

static void
log_of_the_file_counts_from_its_line_on(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(load("log: trace", &c), CKR_OK);
	assert_true(log_enabled(LOG_LEVEL_TRACE));
	config_free(&c);
	assert_int_equal(load("log: none\nsrk: x", &c), CKR_FUNCTION_FAILED);
	assert_string_equal(said, "");
	config_free(&c);
	assert_int_equal(load("srk: x\nlog: none", &c), CKR_FUNCTION_FAILED);
	says("1:6: srk: ");
	config_free(&c);
}

/* The password by a file of these bytes, or CKR_FUNCTION_FAILED and why. */
static void
password(const char *text, mode_t mode, const char *want, const char *why)
{
	char yaml[400], path[300];
	struct buf auth = BUF_EMPTY;
	struct config c;
	CK_RV rv;

	put("/owner", text, path);
	assert_int_equal(chmod(path, mode), 0);
	(void)snprintf(yaml, sizeof(yaml), "\nowner_auth_file: %s\n", path);
	assert_int_equal(load(yaml, &c), CKR_OK);
	listen_begin();
	rv = config_owner_auth(&c, &auth);
	listen_end();
	if (want != NULL) {
		assert_int_equal(rv, CKR_OK);
		assert_int_equal(auth.len, strlen(want));
		assert_memory_equal(auth.data, want, auth.len);
		assert_string_equal(said, "");
	} else {
		assert_int_equal(rv, CKR_FUNCTION_FAILED);
		assert_null(auth.data);
		says(file);
		says(":2: owner_auth_file ");
		says(path);
		says(why);
	}
	buf_free(&auth);
	config_free(&c);
}

static void
owners_password_is_the_file_without_its_newline(void **state)
{
	static char text[1026];

	(void)state;
	password("secret", 0600, "secret", NULL);
	password("secret\n", 0640, "secret", NULL);
	password("secret\n\n", 0400, "secret\n", NULL);
	password("sec\nret \n", 0600, "sec\nret ", NULL);
	password("\n", 0600, "", NULL);
	password("", 0600, "", NULL);
	memset(text, 'x', sizeof(text) - 1);
	password(text, 0600, NULL, "is longer than 1 KiB");
	text[1024] = '\0';
	password(text, 0600, text, NULL);
}

static void
owners_password_is_for_its_readers_alone(void **state)
{
	(void)state;
	password("secret", 0604, NULL, "can be read by everybody; chmod o-r");
	password("secret", 0602, NULL, "can be written by everybody");
	password("secret", 0660, NULL, "can be written by its group");
}

static void
without_a_file_there_is_no_password(void **state)
{
	struct buf auth = BUF_EMPTY;
	struct config c;
	char text[400];

	(void)state;
	assert_int_equal(load("", &c), CKR_OK);
	assert_int_equal(buf_set(&auth, view_str("old")), CKR_OK);
	assert_int_equal(config_owner_auth(&c, &auth), CKR_OK);
	assert_int_equal(auth.len, 0);
	config_free(&c);

	(void)snprintf(text, sizeof(text), "owner_auth_file: %s/none", base);
	assert_int_equal(load(text, &c), CKR_OK);
	assert_int_equal(buf_set(&auth, view_str("old")), CKR_OK);
	listen_begin();
	assert_int_equal(config_owner_auth(&c, &auth), CKR_FUNCTION_FAILED);
	listen_end();
	says("/none: No such file");
	assert_int_equal(auth.len, 3);
	buf_free(&auth);
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		config_test(first_file_that_is_there_is_read),
		config_test(named_file_has_to_be_there),
		config_test(relative_homes_are_ignored),
		config_test(caller_does_not_steer_a_setuid_program),
		config_test(file_that_others_may_write_is_refused),
		config_test(file_of_another_user_is_refused),
		config_test(file_of_root_is_for_all_and_of_this_user_too),
		config_test(home_that_is_locked_counts_as_empty),
		config_test(what_is_no_file_is_refused),
		config_test(link_counts_as_what_it_names),
		config_test(long_file_is_refused),
		config_test(environment_wins_over_the_file),
		config_test(wrong_environment_is_told_and_ignored),
		config_test(log_of_the_file_counts_from_its_line_on),
		config_test(owners_password_is_the_file_without_its_newline),
		config_test(owners_password_is_for_its_readers_alone),
		config_test(without_a_file_there_is_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
