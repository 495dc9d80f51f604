/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_STORE_KILL_H
#define TEST_STORE_KILL_H

/*
 * Death at each step: a child runs under ptrace and is killed before its
 * n-th system call that changes a file or a name. With n = 1, 2, 3... until
 * it comes to its end, every state that it can leave is met.
 */

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "store_test.h"

static inline bool
changes_files(long call)
{
	static const long calls[] = {
#ifdef SYS_rename
		SYS_rename, SYS_link, SYS_unlink, SYS_mkdir, SYS_open,
#endif
		SYS_renameat2, SYS_linkat, SYS_unlinkat, SYS_mkdirat,
		SYS_openat, SYS_write, SYS_pwrite64, SYS_ftruncate,
		SYS_fsync, SYS_fdatasync, SYS_fchmod, SYS_fallocate,
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(calls); i++)
		if (calls[i] == call)
			return true;
	return false;
}

static inline void
stop_until_traced(void (*run)(int), int arg)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(99);
	(void)raise(SIGSTOP);
	run(arg);
	_exit(0);
}

/* To the child's next stop; false when it has ended, well. */
static inline bool
next_stop(pid_t pid, int signal_of, int *status)
{
	assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL,
	    (void *)(intptr_t)signal_of), 0);
	assert_int_equal(waitpid(pid, status, 0), pid);
	if (WIFSTOPPED(*status))
		return true;
	assert_true(WIFEXITED(*status));
	assert_int_equal(WEXITSTATUS(*status), 0);
	return false;
}

/* True when it was killed, false when it did fewer such calls and ended. */
static inline bool
killed_at(unsigned n, void (*run)(int), int arg)
{
	struct __ptrace_syscall_info info;
	int status = 0, give = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		stop_until_traced(run, arg);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status))
		skip();		/* this machine does not let us trace */
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
	    (void *)(intptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)),
	    0);
	while (next_stop(pid, give, &status)) {
		give = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 :
		    WSTOPSIG(status);
		if (give != 0)
			continue;
		assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid,
		    (void *)sizeof(info), &info) > 0);
		if (info.op != PTRACE_SYSCALL_INFO_ENTRY ||
		    !changes_files((long)info.entry.nr) || --n > 0)
			continue;
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		return true;
	}
	return false;
}

#endif
