/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "yaml/config.h"

#include <cmocka.h>

/* In place of libc's: a set-user-ID program at the turn of a switch. */
static bool elevated;

char *
secure_getenv(const char *name)
{
	return elevated ? NULL : getenv(name);
}

static int
bare(void **state)
{
	(void)state;
	elevated = false;
	unsetenv("TPM2_CRYPTOKI_STORE");
	unsetenv("XDG_DATA_HOME");
	unsetenv("HOME");
	return 0;
}

/* The place with this index is want; NULL: there is none. */
static void
assert_place(unsigned index, const char *want)
{
	struct buf path = BUF_EMPTY;
	struct config c;
	CK_RV rv;

	assert_int_equal(config_defaults(&c), CKR_OK);
	rv = config_store_place(&c, index, &path);
	config_free(&c);
	if (want == NULL) {
		assert_int_equal(rv, CKR_NO_EVENT);
		assert_null(path.data);
		return;
	}
	assert_int_equal(rv, CKR_OK);
	assert_string_equal((char *)path.data, want);
	assert_int_equal(path.len, strlen(want));
	buf_free(&path);
}

static void
named_store_stands_alone(void **state)
{
	(void)state;
	setenv("TPM2_CRYPTOKI_STORE", "/srv/keys", 1);
	setenv("XDG_DATA_HOME", "/xdg", 1);
	setenv("HOME", "/home/u", 1);
	assert_place(0, "/srv/keys");
	assert_place(1, NULL);
}

static void
data_home_comes_before_the_system(void **state)
{
	(void)state;
	setenv("XDG_DATA_HOME", "/xdg", 1);
	setenv("HOME", "/home/u", 1);
	assert_place(0, "/xdg/tpm2-cryptoki");
	assert_place(1, "/var/lib/tpm2-cryptoki");
	assert_place(2, NULL);
	assert_place(~0U, NULL);
}

static void
home_stands_in_for_data_home(void **state)
{
	(void)state;
	setenv("HOME", "/home/u", 1);
	assert_place(0, "/home/u/.local/share/tpm2-cryptoki");
	assert_place(1, "/var/lib/tpm2-cryptoki");
	assert_place(2, NULL);
}

static void
without_a_home_the_system_is_first(void **state)
{
	(void)state;
	assert_place(0, "/var/lib/tpm2-cryptoki");
	assert_place(1, NULL);
}

static void
relative_paths_are_ignored(void **state)
{
	(void)state;
	setenv("TPM2_CRYPTOKI_STORE", "keys", 1);
	setenv("XDG_DATA_HOME", "./xdg", 1);
	setenv("HOME", "/home/u", 1);
	assert_place(0, "/home/u/.local/share/tpm2-cryptoki");
	setenv("HOME", "..", 1);
	assert_place(0, "/var/lib/tpm2-cryptoki");
	assert_place(1, NULL);
}

static void
caller_does_not_steer_a_setuid_program(void **state)
{
	(void)state;
	setenv("TPM2_CRYPTOKI_STORE", "/evil", 1);
	setenv("XDG_DATA_HOME", "/evil", 1);
	setenv("HOME", "/evil", 1);
	elevated = true;
	assert_place(0, "/var/lib/tpm2-cryptoki");
	assert_place(1, NULL);
}

static void
without_memory_path_stays(void **state)
{
	struct buf path = BUF_EMPTY;
	struct config c;

	(void)state;
	assert_int_equal(config_defaults(&c), CKR_OK);
	mem_fail_at(1);
	assert_int_equal(config_store_place(&c, 0, &path), CKR_HOST_MEMORY);
	assert_null(path.data);
	mem_fail_at(0);
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(named_store_stands_alone, bare),
		cmocka_unit_test_setup(data_home_comes_before_the_system,
		    bare),
		cmocka_unit_test_setup(home_stands_in_for_data_home, bare),
		cmocka_unit_test_setup(without_a_home_the_system_is_first,
		    bare),
		cmocka_unit_test_setup(relative_paths_are_ignored, bare),
		cmocka_unit_test_setup(caller_does_not_steer_a_setuid_program,
		    bare),
		cmocka_unit_test_setup(without_memory_path_stays, bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
