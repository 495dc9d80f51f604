/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_child.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t
p11_fork(void (*run)(void))
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	/* cmocka would go on with the tests of the parent */
	(void)setenv("CMOCKA_TEST_ABORT", "1", 1);
	(void)alarm(60);
	run();
	_exit(0);
}

void
p11_in_child(void (*run)(void))
{
	pid_t pid = p11_fork(run);
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("a process ended with status 0x%x", (unsigned)status);
}
