/* SPDX-License-Identifier: BSD-2-Clause */
/* The file of the configuration, as C_Initialize reads it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "p11.h"

static char dir[] = "/tmp/p11-config.XXXXXX";
static char file[64];
static char said[4096];		/* by the last initialise */
static char *tcti, *store;	/* of with-tpm */

/* --- helpers */

static void
configure(const char *text)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

/* C_Initialize, and what it says. */
static CK_RV
initialise(void)
{
	char path[64];
	int fd, kept = dup(STDERR_FILENO);
	ssize_t n;
	CK_RV rv;

	(void)snprintf(path, sizeof(path), "%s/said", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0 && kept >= 0);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	rv = p11->C_Initialize(NULL);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	n = pread(fd, said, sizeof(said) - 1, 0);
	assert_true(n >= 0);
	said[n] = '\0';
	(void)close(fd);
	(void)close(kept);
	return rv;
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int
fresh(void **state)
{
	(void)state;
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	(void)setenv("TPM2_CRYPTOKI_TCTI", tcti, 1);
	(void)setenv("TPM2_CRYPTOKI_STORE", store, 1);
	(void)unsetenv("TPM2_CRYPTOKI_LOG");
	return 0;
}

/* --- tests */

static void
a_bad_file_fails_without_a_word(void **state)
{
	(void)state;
	configure("so_tries: 10\nuser_tries: many\n");
	assert_rv(CKR_FUNCTION_FAILED, initialise());
	assert_string_equal(said, "");
	assert_rv(CKR_CRYPTOKI_NOT_INITIALIZED, p11->C_Finalize(NULL));
}

static void
the_log_says_where_it_is_bad(void **state)
{
	char want[256];

	(void)state;
	configure("so_tries: 10\nuser_tries: many\n");
	(void)setenv("TPM2_CRYPTOKI_LOG", "error", 1);
	assert_rv(CKR_FUNCTION_FAILED, initialise());
	(void)snprintf(want, sizeof(want), "tpm2-cryptoki: error: %s:2:13: "
	    "user_tries: a number from 1 to 255\n", file);
	assert_string_equal(said, want);
}

static void
the_file_may_ask_for_the_log(void **state)
{
	(void)state;
	configure("log: error\nuser_tries: many\n");
	assert_rv(CKR_FUNCTION_FAILED, initialise());
	assert_non_null(strstr(said, ":2:13: user_tries: "));
	/* until it does no more */
	configure("user_tries: many\n");
	assert_rv(CKR_FUNCTION_FAILED, initialise());
	assert_string_equal(said, "");
}

static void
a_file_that_is_mended_will_do(void **state)
{
	(void)state;
	configure("user_tries: many\n");
	assert_rv(CKR_FUNCTION_FAILED, initialise());
	configure("user_tries: 9\n");
	assert_rv(CKR_OK, initialise());
	assert_string_equal(said, "");
	assert_rv(CKR_CRYPTOKI_ALREADY_INITIALIZED, p11->C_Initialize(NULL));
	assert_ok(p11->C_Finalize(NULL));
}

static void
tcti_and_store_of_the_file_are_used(void **state)
{
	char text[1024], path[64];
	CK_SLOT_ID slot;

	(void)state;
	(void)snprintf(text, sizeof(text), "tcti: '%s'\nstore: %s/store\n",
	    tcti, dir);
	configure(text);
	(void)unsetenv("TPM2_CRYPTOKI_TCTI");
	(void)unsetenv("TPM2_CRYPTOKI_STORE");
	assert_rv(CKR_OK, initialise());
	slot = p11_empty_slot();
	p11_init_token(slot, P11_SO_PIN, "configured");
	p11_init_pin(slot, P11_USER_PIN);
	assert_ok(p11->C_Finalize(NULL));
	(void)snprintf(path, sizeof(path), "%s/store/store.sqlite3", dir);
	assert_true(is_file(path));
}

static void
a_tcti_that_is_not_there_is_tried(void **state)
{
	CK_SLOT_ID slots[4];
	CK_ULONG n = P11_COUNT(slots);

	(void)state;
	configure("tcti: device:/nonexistent\nlog: none\n");
	(void)unsetenv("TPM2_CRYPTOKI_TCTI");
	assert_rv(CKR_OK, initialise());
	assert_ok(p11->C_GetSlotList(CK_TRUE, slots, &n));
	assert_int_equal(n, 0);
	assert_ok(p11->C_Finalize(NULL));
}

static void
the_environment_wins(void **state)
{
	char path[64];

	(void)state;
	configure("tcti: device:/nonexistent\nstore: /nonexistent/store\n");
	(void)snprintf(path, sizeof(path), "%s/won", dir);
	(void)setenv("TPM2_CRYPTOKI_STORE", path, 1);
	assert_rv(CKR_OK, initialise());
	p11_init_token(p11_empty_slot(), P11_SO_PIN, "environment");
	assert_ok(p11->C_Finalize(NULL));
	(void)snprintf(path, sizeof(path), "%s/won/store.sqlite3", dir);
	assert_true(is_file(path));
}

static int
setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(file, sizeof(file), "%s/config.yaml", dir);
	tcti = getenv("TPM2_CRYPTOKI_TCTI");
	store = getenv("TPM2_CRYPTOKI_STORE");
	assert_true(tcti != NULL && store != NULL);
	tcti = strdup(tcti);
	store = strdup(store);
	p11_load();
	return 0;
}

static int
teardown(void **state)
{
	char command[64];

	(void)state;
	free(tcti);
	free(store);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bad_file_fails_without_a_word),
		TEST(the_log_says_where_it_is_bad),
		TEST(the_file_may_ask_for_the_log),
		TEST(a_file_that_is_mended_will_do),
		TEST(tcti_and_store_of_the_file_are_used),
		TEST(a_tcti_that_is_not_there_is_tried),
		TEST(the_environment_wins),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
