/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FMT_MAX = 256 };

void
text_free(struct text *t)
{
	buf_free(&t->bytes);
	*t = TEXT_EMPTY;
}

void
text_add(struct text *t, struct view v)
{
	if (t->rv == CKR_OK)
		t->rv = buf_append(&t->bytes, v);
}

void
text_str(struct text *t, const char *s)
{
	text_add(t, view_str(s));
}

void
text_fmt(struct text *t, const char *fmt, ...)
{
	char part[FMT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(part, sizeof(part), fmt, ap);
	va_end(ap);
	text_str(t, part);
}

void
text_hex(struct text *t, struct view v)
{
	if (t->rv == CKR_OK)
		t->rv = hex_append(v, &t->bytes);
}

/* Bytes that follow, and the smallest number that needs so many. */
static size_t
utf8_tail(uint8_t first, uint32_t *code, uint32_t *least)
{
	if (first >= 0xc2 && first <= 0xdf) {
		*code = first & 0x1fu;
		*least = 0x80;
		return 1;
	}
	if ((first & 0xf0) == 0xe0) {
		*code = first & 0x0fu;
		*least = 0x800;
		return 2;
	}
	if (first >= 0xf0 && first <= 0xf4) {
		*code = first & 0x07u;
		*least = 0x10000;
		return 3;
	}
	return 0;
}

size_t
utf8_next(struct view v, uint32_t *code)
{
	uint32_t least = 0;
	size_t i, tail;

	if (v.len == 0)
		return 0;
	*code = v.data[0];
	if (v.data[0] < 0x80)
		return 1;
	if ((tail = utf8_tail(v.data[0], code, &least)) == 0 || tail >= v.len)
		return 0;
	for (i = 1; i <= tail; i++) {
		if ((v.data[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (v.data[i] & 0x3fu);
	}
	if (*code < least || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return tail + 1;
}

bool
utf8_is_valid(struct view v)
{
	uint32_t code;
	size_t n;

	for (; v.len > 0; v = view_sub(v, n, v.len))
		if ((n = utf8_next(v, &code)) == 0)
			return false;
	return true;
}

/* A terminal takes U+0080 to U+009F for control characters too; the others
 * here change the direction of what follows. */
static bool
is_safe(uint32_t code)
{
	return code >= 0x20 && code != '\\' && (code < 0x7f || code > 0x9f) &&
	    !(code >= 0x202a && code <= 0x202e) &&
	    !(code >= 0x2066 && code <= 0x2069);
}

void
text_safe(struct text *t, struct view v)
{
	uint32_t code;
	size_t i, n;

	for (; v.len > 0; v = view_sub(v, n, v.len)) {
		n = utf8_next(v, &code);
		if (n != 0 && is_safe(code)) {
			text_add(t, view_sub(v, 0, n));
			continue;
		}
		if (n == 0)
			n = 1;
		for (i = 0; i < n; i++)
			text_fmt(t, "\\x%02x", v.data[i]);
	}
}

/* Characters, for which the bytes that only continue one do not count. */
static size_t
columns(struct view v)
{
	size_t i, n = 0;

	for (i = 0; i < v.len; i++)
		n += (v.data[i] & 0xc0) != 0x80;
	return n;
}

void
text_pad(struct text *t, size_t start, size_t width)
{
	size_t used = columns(view_sub(buf_view(&t->bytes), start,
	    t->bytes.len));

	do
		text_str(t, " ");
	while (++used < width);
}

size_t
text_columns(struct view v)
{
	struct text safe = TEXT_EMPTY;
	size_t n;

	text_safe(&safe, v);
	n = columns(buf_view(&safe.bytes));
	text_free(&safe);
	return n;
}

struct view
trimmed(const void *field, size_t len)
{
	const uint8_t *p = field;

	while (len > 0 && p[len - 1] == ' ')
		len--;
	return view_of(p, len);
}

bool
text_print(const struct text *t, int fd)
{
	const uint8_t *p = t->bytes.data;
	size_t left = t->bytes.len;
	ssize_t n;

	while (left > 0) {
		n = write(fd, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		left -= (size_t)n;
	}
	return true;
}
