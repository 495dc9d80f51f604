/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_HANDLES_H
#define UTIL_HANDLES_H

#include <stdatomic.h>
#include <stddef.h>

#include "util/result.h"

/*
 * A table from Cryptoki handles to pointers. Handles fit in 32 bits, count up
 * and are not used again before the count wraps, so a stale handle is not
 * found instead of meaning something else. Lookup, adding and removal
 * take constant time. The table does not own its items and does not lock.
 */
struct handles;

CK_RV handles_new(struct handles **out) MUST_CHECK;
void handles_free(struct handles **h);
/*
 * Add an item, not NULL, under the next number of *counter, which several
 * tables may share and which outlives them, so that a handle of another
 * table, or of one from before C_Finalize or a fork, is found in none.
 * *counter starts at 0. CKR_HOST_MEMORY.
 */
CK_RV handles_add(struct handles *h, atomic_uint *counter, void *item,
    CK_ULONG *handle) MUST_CHECK;
/* The same under a number of the caller's, 1 to 2^32-1. CKR_GENERAL_ERROR
 * for another, and for one that is taken. */
CK_RV handles_put(struct handles *h, CK_ULONG handle,
    void *item) MUST_CHECK;
/* NULL when there is no such handle. */
void *handles_get(const struct handles *h, CK_ULONG handle);
/* Takes the handle out and returns its item; NULL when there was none. */
void *handles_remove(struct handles *h, CK_ULONG handle);
size_t handles_count(const struct handles *h);
/*
 * Walk: start with *cursor = 0; gives each item once (and its handle when
 * the pointer is not NULL), then NULL. Removing the item just given is
 * allowed, adding during a walk is not.
 */
void *handles_next(const struct handles *h, size_t *cursor, CK_ULONG *handle);

#endif
