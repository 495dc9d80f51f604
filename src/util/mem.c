/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/mem.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_size_t fail_at;

bool
mem_fails_now(void)
{
	if (atomic_load_explicit(&fail_at, memory_order_relaxed) == 0)
		return false;
	return atomic_fetch_sub(&fail_at, 1) == 1;
}

void *
mem_alloc(size_t count, size_t size)
{
	if (mem_fails_now())
		return NULL;
	/* calloc(0) may give NULL, which would read as "no memory" */
	return calloc(count > 0 ? count : 1, size > 0 ? size : 1);
}

void
mem_free(void *p)
{
	free(p);
}

void
mem_fail_at(size_t nth)
{
	atomic_store(&fail_at, nth);
}
