/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include "yaml/config.h"

/*
 * Where the file is. Paths are absolute, without symbolic links, and
 * NUL-terminated behind len.
 */

/* The first place that has a store; CKR_TOKEN_NOT_PRESENT. */
CK_RV place_find(const struct config *config, struct buf *path) MUST_CHECK;

/*
 * Where a new store shall be: in the first directory that is there or can be
 * made and that can be written. CKR_TOKEN_WRITE_PROTECTED,
 * CKR_DEVICE_MEMORY; the log says why for each place.
 */
CK_RV place_make(const struct config *config, struct buf *path) MUST_CHECK;

/* out becomes a and b, one behind the other. */
CK_RV path_join(struct view a, const char *b, struct buf *out) MUST_CHECK;
const char *path_text(const struct buf *path);

#endif
