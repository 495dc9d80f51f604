/* SPDX-License-Identifier: BSD-2-Clause */
#include "death.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
is_one_of(long call, const long *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (list[i] == call)
			return true;
	return false;
}

static bool
always_counts(long call)
{
	static const long calls[] = {
#ifdef SYS_rename
		SYS_rename, SYS_link, SYS_unlink, SYS_mkdir, SYS_rmdir,
		SYS_symlink, SYS_chmod, SYS_chown,
#endif
		SYS_renameat2, SYS_linkat, SYS_unlinkat, SYS_mkdirat,
		SYS_symlinkat, SYS_fchmod, SYS_fchmodat, SYS_fchown,
		SYS_fchownat, SYS_utimensat, SYS_write, SYS_pwrite64,
		SYS_writev, SYS_pwritev, SYS_pwritev2, SYS_sendto,
		SYS_sendmsg, SYS_sendmmsg, SYS_sendfile, SYS_connect,
		SYS_shutdown, SYS_fsync, SYS_fdatasync, SYS_msync,
		SYS_truncate, SYS_ftruncate, SYS_fallocate, SYS_flock,
		SYS_copy_file_range,
	};

	return is_one_of(call, calls, P11_COUNT(calls));
}

static bool
is_lock(uint64_t command)
{
	return command == F_SETLK || command == F_SETLKW ||
	    command == F_OFD_SETLK || command == F_OFD_SETLKW;
}

static bool
counts(const struct __ptrace_syscall_info *info)
{
	const long call = (long)info->entry.nr;

#ifdef SYS_open
	if (call == SYS_open)
		return (info->entry.args[1] & (O_CREAT | O_TRUNC)) != 0;
#endif
	if (call == SYS_openat)
		return (info->entry.args[2] & (O_CREAT | O_TRUNC)) != 0;
	if (call == SYS_fcntl)
		return is_lock(info->entry.args[1]);
	return always_counts(call);
}

void
death_may_come(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(99);
	(void)raise(SIGSTOP);
}

/* To the process' next stop; false when it has ended. */
static bool
next_stop(pid_t pid, int give, int *status)
{
	assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL,
	    (void *)(intptr_t)give), 0);
	assert_int_equal(waitpid(pid, status, 0), pid);
	return WIFSTOPPED(*status);
}

static void
strike(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* Is it the nth call that counts, and at this side of it? */
static bool
is_due(pid_t pid, unsigned *n, enum death when)
{
	struct __ptrace_syscall_info info;

	assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid,
	    (void *)sizeof(info), &info) > 0);
	if (*n == 0)
		return true;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || !counts(&info) ||
	    --*n != 0)
		return false;
	return when == DEATH_BEFORE;
}

/* It stands at death_may_come. */
static bool
follow(pid_t pid, unsigned n, enum death when)
{
	int status = 0, give = 0;

	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL,
	    (void *)(intptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)),
	    0);
	while (next_stop(pid, give, &status)) {
		give = WSTOPSIG(status);
		if (give != (SIGTRAP | 0x80))
			continue;
		give = 0;
		if (is_due(pid, &n, when)) {
			strike(pid);
			return true;
		}
	}
	if (status != 0)
		fail_msg("it ended by itself, with status 0x%x",
		    (unsigned)status);
	return false;
}

bool
death_at(unsigned n, enum death when, void (*run)(void))
{
	pid_t pid = p11_fork(run);
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
		skip();
	if (!WIFSTOPPED(status))
		fail_msg("it never came to the call: status 0x%x",
		    (unsigned)status);
	return follow(pid, n, when);
}
