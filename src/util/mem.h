/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The one door to the allocator, so that a test can make any allocation
 * fail. Memory for secrets is asked for through struct buf, which has
 * it from secret.h.
 */

/* count items of size bytes, zeroed; NULL for no memory or an overflow. */
void *mem_alloc(size_t count, size_t size);
void mem_free(void *p);

/* For tests: the nth allocation from now on fails (1: the next); 0: none. */
void mem_fail_at(size_t nth);

/* For the other allocator (secret.h): does this one have to fail? */
bool mem_fails_now(void);

#endif
