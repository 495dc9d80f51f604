/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_SECRET_SEARCH_H
#define LIB_SECRET_SEARCH_H

#include "p11.h"

/*
 * Secrets that a test knows, shared by its processes and disguised, so that
 * the test is not what is found when they are looked for in memory. Each has
 * a number, from 0, and a name.
 */
enum { SECRET_MAX = 40 };

void secret_begin(const char *const *names, unsigned count);
void secret_keep(unsigned which, const void *bytes, size_t len);
/* Plain, for a call; to be wiped after it. The length. */
CK_ULONG secret_get(unsigned which, uint8_t out[SECRET_MAX]);

/*
 * How often one of all is found in a file of the store's directory: as it is,
 * in UTF-16, hex or base64. Each find is printed, with when.
 */
unsigned secret_in_files(const char *when);
/* The same for those of the list, in the memory of this process. */
unsigned secret_in_memory(const unsigned *list, size_t n, const char *when);

#endif
