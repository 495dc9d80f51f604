/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/result.h"

/*
 * Bytes: a struct buf owns them and forgets them (wipes, then frees), a
 * struct view borrows them. Every secret of the module lives in a buf.
 *
 * An empty buf is BUF_EMPTY; it is always safe to free. data is NULL when
 * nothing is allocated. Functions that write to a buf leave it as it was
 * when they fail (CKR_HOST_MEMORY is their only error).
 */
struct buf {
	uint8_t *data;
	size_t len;	/* bytes in use */
	size_t room;	/* bytes allocated */
};

struct view {
	const uint8_t *data;
	size_t len;
};

#define BUF_EMPTY  ((struct buf){ NULL, 0, 0 })
#define VIEW_EMPTY ((struct view){ NULL, 0 })

/* A view of len bytes at p; a NULL p gives an empty view. */
struct view view_of(const void *p, size_t len);
/* A view of what b holds now; dead once b is written to or freed. */
struct view buf_view(const struct buf *b);
/* A view of a C string without its terminator. */
struct view view_str(const char *s);
/* Can these be a caller's bytes, as far as that shows without touching them?
 * NULL goes with no bytes; memory neither wraps nor is endless. */
bool view_is_sane(struct view v);
/* The part of v from off, at most len bytes; empty when off is outside. */
struct view view_sub(struct view v, size_t off, size_t len);

/* Set the length; new bytes are zero, bytes cut off are wiped. */
CK_RV buf_resize(struct buf *b, size_t len) MUST_CHECK;
/* Replace the content by a copy of v (v may lie inside b). */
CK_RV buf_set(struct buf *b, struct view v) MUST_CHECK;
CK_RV buf_append(struct buf *b, struct view v) MUST_CHECK;
/*
 * Replace the content by v, left-padded with zeros to len; also
 * CKR_DATA_LEN_RANGE for a v that is longer.
 */
CK_RV buf_set_padded(struct buf *b, struct view v, size_t len) MUST_CHECK;
/* Move: frees what *to held, takes from's bytes, leaves from empty. */
void buf_move(struct buf *to, struct buf *from);
/* Wipe the content and set the length to 0; keeps the memory. */
void buf_clear(struct buf *b);
/* Wipe and free; *b is BUF_EMPTY afterwards. */
void buf_free(struct buf *b);

/* Equal in length and content; constant time in the content. */
bool view_equal(struct view a, struct view b);
/* Are all bytes zero (true for an empty view)? Constant time. */
bool view_is_zero(struct view v);

/* Wipe memory in a way that the compiler keeps. */
void wipe(void *p, size_t len);

/*
 * Lowercase hexadecimal of v, appended to out; a NUL follows that len does not
 * count. Neither direction branches on the digits: they may be a secret.
 */
CK_RV hex_append(struct view v, struct buf *out) MUST_CHECK;
/*
 * Replace the content of out by the bytes of a hexadecimal text of either
 * case; CKR_DATA_INVALID when it is none.
 */
CK_RV hex_parse(struct view text, struct buf *out) MUST_CHECK;

#endif
