/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/fork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_uint forks;
static int watched;

static void
in_child(void)
{
	atomic_fetch_add_explicit(&forks, 1, memory_order_relaxed);
}

/*
 * pthread_atfork notes whose handler it is: unloading the module takes the
 * handler out again (glibc; musl never unloads), so it needs no undoing.
 */
__attribute__((constructor)) static void
watch_forks(void)
{
	watched = pthread_atfork(NULL, NULL, in_child) == 0;
}

unsigned
fork_count(void)
{
	/* without the handler the process id tells parent and child apart */
	if (!watched)
		return (unsigned)getpid();
	return atomic_load_explicit(&forks, memory_order_relaxed);
}
