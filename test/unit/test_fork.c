/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/fork.h"

#include <cmocka.h>

/* Exit status of a child that runs f(arg); -1 when it did not end well. */
static int
in_child(int (*f)(unsigned), unsigned arg)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -1;
	if (pid == 0)
		_exit(f(arg));
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

static int
differs(unsigned noted)
{
	return fork_count() != noted;
}

/* A grandchild takes neither its parent's count nor its grandparent's. */
static int
grandchild_differs(unsigned noted)
{
	return differs(noted) && in_child(differs, fork_count()) == 1 &&
	    in_child(differs, noted) == 1;
}

static void
child_sees_another_count(void **state)
{
	(void)state;
	assert_int_equal(in_child(differs, fork_count()), 1);
}

static void
grandchild_sees_yet_another(void **state)
{
	(void)state;
	assert_int_equal(in_child(grandchild_differs, fork_count()), 1);
}

static void
parent_goes_on_undisturbed(void **state)
{
	unsigned noted = fork_count();

	(void)state;
	assert_int_equal(in_child(differs, noted), 1);
	assert_int_equal(fork_count(), noted);
	/* a program that is run is no fork of ours */
	assert_int_equal(system("true"), 0);
	assert_int_equal(fork_count(), noted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_sees_another_count),
		cmocka_unit_test(grandchild_sees_yet_another),
		cmocka_unit_test(parent_goes_on_undisturbed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
