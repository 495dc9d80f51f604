/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/fork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_uint forks;
static int watched;

typedef void hook(void);
static hook *_Atomic hook_before;
static hook *_Atomic hook_after;

static void
call(hook *_Atomic *which)
{
	hook *f = atomic_load(which);

	if (f != NULL)
		f();
}

static void
before(void)
{
	call(&hook_before);
}

static void
in_parent(void)
{
	call(&hook_after);
}

static void
in_child(void)
{
	atomic_fetch_add_explicit(&forks, 1, memory_order_relaxed);
	call(&hook_after);
}

void
fork_hooks(void (*first)(void), void (*then)(void))
{
	atomic_store(&hook_before, first);
	atomic_store(&hook_after, then);
}

/*
 * pthread_atfork notes whose handler it is: unloading the module takes the
 * handler out again (glibc; musl never unloads), so it needs no undoing.
 */
__attribute__((constructor)) static void
watch_forks(void)
{
	watched = pthread_atfork(before, in_parent, in_child) == 0;
}

unsigned
fork_count(void)
{
	/* without the handler the process id tells parent and child apart */
	if (!watched)
		return (unsigned)getpid();
	return atomic_load_explicit(&forks, memory_order_relaxed);
}
