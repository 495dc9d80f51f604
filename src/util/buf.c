/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/buf.h"

#include <string.h>

#include "util/secret.h"

enum { ROOM_MIN = 32 };

void
wipe(void *p, size_t len)
{
	if (len > 0)
		explicit_bzero(p, len);
}

struct view
view_of(const void *p, size_t len)
{
	if (p == NULL)
		return VIEW_EMPTY;
	return (struct view){ p, len };
}

struct view
buf_view(const struct buf *b)
{
	return view_of(b->data, b->len);
}

struct view
view_str(const char *s)
{
	return view_of(s, s != NULL ? strlen(s) : 0);
}

bool
view_is_sane(struct view v)
{
	if (v.data == NULL)
		return v.len == 0;
	return v.len <= SIZE_MAX / 4 &&
	    v.len <= UINTPTR_MAX - (uintptr_t)v.data;
}

struct view
view_sub(struct view v, size_t off, size_t len)
{
	if (off >= v.len)
		return VIEW_EMPTY;
	if (len > v.len - off)
		len = v.len - off;
	return (struct view){ v.data + off, len };
}

/*
 * Gives b room for at least room bytes. The memory it leaves goes to *old,
 * which the caller frees last: a view into it may still be needed.
 */
static CK_RV
grow(struct buf *b, size_t room, struct buf *old)
{
	uint8_t *data;

	if (room <= b->room)
		return CKR_OK;
	data = secret_alloc(room);
	if (data == NULL)
		return CKR_HOST_MEMORY;
	if (b->len > 0)
		memcpy(data, b->data, b->len);
	*old = *b;
	b->data = data;
	b->room = room;
	return CKR_OK;
}

/* Room to ask for when need does not fit: double it, so appending is cheap. */
static size_t
next_room(size_t room, size_t need)
{
	size_t next = room <= SIZE_MAX / 2 ? room * 2 : need;

	if (next < ROOM_MIN)
		next = ROOM_MIN;
	return next < need ? need : next;
}

static void
set_len(struct buf *b, size_t len)
{
	if (len < b->len)
		wipe(b->data + len, b->len - len);
	else if (len > b->len)
		memset(b->data + b->len, 0, len - b->len);
	b->len = len;
}

CK_RV
buf_resize(struct buf *b, size_t len)
{
	struct buf old = BUF_EMPTY;
	CK_RV rv;

	if ((rv = grow(b, len, &old)) != CKR_OK)
		goto out;
	set_len(b, len);
out:
	buf_free(&old);
	return rv;
}

CK_RV
buf_set(struct buf *b, struct view v)
{
	struct buf old = BUF_EMPTY;
	CK_RV rv;

	if ((rv = grow(b, v.len, &old)) != CKR_OK)
		goto out;
	/* v may lie in the part that set_len would wipe: copy first */
	if (v.len > 0)
		memmove(b->data, v.data, v.len);
	if (v.len < b->len)
		set_len(b, v.len);
	b->len = v.len;
out:
	buf_free(&old);
	return rv;
}

CK_RV
buf_append(struct buf *b, struct view v)
{
	struct buf old = BUF_EMPTY;
	CK_RV rv = CKR_OK;

	if (v.len == 0)
		goto out;
	if (v.len > SIZE_MAX - b->len) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	if (b->len + v.len > b->room &&
	    (rv = grow(b, next_room(b->room, b->len + v.len), &old)) != CKR_OK)
		goto out;
	memmove(b->data + b->len, v.data, v.len);
	b->len += v.len;
out:
	buf_free(&old);
	return rv;
}

CK_RV
buf_set_padded(struct buf *b, struct view v, size_t len)
{
	struct buf padded = BUF_EMPTY;
	CK_RV rv;

	if (v.len > len)
		return CKR_DATA_LEN_RANGE;
	if ((rv = buf_resize(&padded, len)) != CKR_OK)
		goto out;
	if (v.len > 0)
		memcpy(padded.data + (len - v.len), v.data, v.len);
	buf_move(b, &padded);
out:
	buf_free(&padded);
	return rv;
}

void
buf_move(struct buf *to, struct buf *from)
{
	if (to == from)
		return;
	buf_free(to);
	*to = *from;
	*from = BUF_EMPTY;
}

void
buf_clear(struct buf *b)
{
	wipe(b->data, b->room);
	b->len = 0;
}

void
buf_free(struct buf *b)
{
	secret_free(b->data, b->room);
	*b = BUF_EMPTY;
}

bool
view_equal(struct view a, struct view b)
{
	/* volatile keeps the compiler from leaving at the first difference */
	const volatile uint8_t *p = a.data, *q = b.data;
	uint8_t diff = 0;
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		diff |= (uint8_t)(p[i] ^ q[i]);
	return diff == 0;
}

bool
view_is_zero(struct view v)
{
	const volatile uint8_t *p = v.data;
	uint8_t any = 0;
	size_t i;

	for (i = 0; i < v.len; i++)
		any |= p[i];
	return any == 0;
}
