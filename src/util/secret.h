/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_SECRET_H
#define UTIL_SECRET_H

#include <stddef.h>

/*
 * The memory behind struct buf, whose bytes may be secret: kept out of core
 * dumps, kept from being swapped out as far as RLIMIT_MEMLOCK allows (beyond
 * it memory is given all the same), and wiped when it is given back. A child
 * of fork gets locked memory of its own; what it inherited is only wiped.
 */

/* len bytes, zeroed; NULL for no memory (mem_fail_at counts this too). */
void *secret_alloc(size_t len);
/* len as it was asked for; p may be NULL. */
void secret_free(void *p, size_t len);

/* For tests: is this memory locked and left out of dumps, as far as asked? */
int secret_is_pooled(void);

#endif
