/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/ops.h"

/* What the row files share. */
struct store {
	const struct store_ops *ops;
	void *impl;
	bool open;		/* a transaction is */
	CK_RV broken;		/* its first failed write, else CKR_OK */
};

/*
 * Around a write: store_enter begins a transaction unless the caller has one
 * (then it only refuses a broken one); store_leave ends what store_enter
 * began, by rv, and marks a caller's transaction as broken when rv says that
 * a write failed. It answers rv, or why the commit failed.
 */
CK_RV store_enter(struct store *s, bool *own) MUST_CHECK;
CK_RV store_leave(struct store *s, bool own, CK_RV rv) MUST_CHECK;

/*
 * The body of a row: plain sealed under key, bound to all else that the row
 * holds, which has to be set before; in clear when key is empty. The other
 * way CKR_DATA_INVALID for a row that was sealed otherwise than key says, so
 * nobody can pass off clear bytes as sealed ones.
 */
CK_RV row_seal(struct view key, struct view plain,
    struct object_row *row) MUST_CHECK;
CK_RV row_open(struct view key, const struct object_row *row,
    struct buf *plain) MUST_CHECK;

/* The tags of a list's attributes under key (empty: a fixed key). */
CK_RV row_tags_of(struct view key, int64_t token, const struct attrs *a,
    struct row_tags *out) MUST_CHECK;

/*
 * A key for one purpose, derived from the key of a visibility: no key serves
 * two algorithms. out takes 32 bytes.
 */
CK_RV row_key(struct view key, const char *purpose,
    struct buf *out) MUST_CHECK;

#endif
