/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "util/env.h"

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
	unsetenv("HOME");
	return 0;
}

static void
empty_counts_as_unset(void **state)
{
	(void)state;
	setenv("TPM2_CRYPTOKI_STORE", "", 1);
	assert_null(env_get("TPM2_CRYPTOKI_STORE"));
	setenv("TPM2_CRYPTOKI_STORE", "/x", 1);
	assert_string_equal(env_get("TPM2_CRYPTOKI_STORE"), "/x");
}

static void
directory_is_absolute_or_none(void **state)
{
	(void)state;
	assert_null(env_dir("HOME", false));
	setenv("HOME", "/home/u", 1);
	assert_string_equal(env_dir("HOME", false), "/home/u");
	setenv("HOME", "home/u", 1);
	assert_null(env_dir("HOME", true));
}

static void
caller_does_not_steer_a_setuid_program(void **state)
{
	(void)state;
	setenv("TPM2_CRYPTOKI_STORE", "/evil", 1);
	setenv("HOME", "/evil", 1);
	elevated = true;
	assert_null(env_get("TPM2_CRYPTOKI_STORE"));
	assert_null(env_dir("HOME", true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(empty_counts_as_unset, bare),
		cmocka_unit_test_setup(directory_is_absolute_or_none, bare),
		cmocka_unit_test_setup(caller_does_not_steer_a_setuid_program,
		    bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
