/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_TEXT_H
#define TOOL_TEXT_H

#include "util/buf.h"

/*
 * Text under construction. A failure (no memory) sticks in rv and is looked
 * at once, when the text is used; what is added after it is lost.
 */
struct text {
	struct buf bytes;
	CK_RV rv;
};
#define TEXT_EMPTY ((struct text){ BUF_EMPTY, CKR_OK })

void text_free(struct text *t);
void text_add(struct text *t, struct view v);
void text_str(struct text *t, const char *s);
/* At most 255 bytes at a time. */
void text_fmt(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void text_hex(struct text *t, struct view v);
/*
 * Bytes of anybody's making for a terminal: UTF-8 as it is, all else, control
 * characters and backslashes as \xNN.
 */
void text_safe(struct text *t, struct view v);
/* Blanks up to the column that is width behind the byte at start; one at
 * least. Counts characters. */
void text_pad(struct text *t, size_t start, size_t width);
/* How many columns text_safe makes of v. */
size_t text_columns(struct view v);

/* The bytes of the next character of well-formed UTF-8 at the begin of v; 0
 * when there is none. *code is its number. */
size_t utf8_next(struct view v, uint32_t *code);
bool utf8_is_valid(struct view v);

/* Cryptoki's blank-padded fields without the blanks. */
struct view trimmed(const void *field, size_t len);

/* To stdout or stderr as it is; false when that fails, errno says why. */
bool text_print(const struct text *t, int fd);

#endif
