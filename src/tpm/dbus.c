/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <string.h>

#include "tpm/dbus.h"

/*
 * A message: the order of its bytes ('l' or 'B'), type, flags, version, the
 * body's length, serial, an array of fields { code, variant }, zeros up to a
 * multiple of 8, body. Everything is aligned to its size from the start on.
 */

#define VERSION 1
#define LITTLE 'l'
#define BIG 'B'

enum field {
	FIELD_PATH = 1,
	FIELD_INTERFACE,
	FIELD_MEMBER,
	FIELD_ERROR,
	FIELD_ANSWERS,
	FIELD_DESTINATION,
	FIELD_SENDER,
	FIELD_SIGNATURE,
	FIELD_FDS,
	FIELDS
};

static const char types[FIELDS] = {
	[FIELD_PATH] = 'o', [FIELD_INTERFACE] = 's', [FIELD_MEMBER] = 's',
	[FIELD_ERROR] = 's', [FIELD_ANSWERS] = 'u',
	[FIELD_DESTINATION] = 's', [FIELD_SENDER] = 's',
	[FIELD_SIGNATURE] = 'g', [FIELD_FDS] = 'u'
};

struct fields {
	bool seen[FIELDS];
	uint32_t numbers[FIELDS];
	struct view texts[FIELDS];
};

static void
put_u32(uint8_t *p, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
get_u32(const uint8_t *p, bool little)
{
	uint32_t v = 0;
	int i;

	for (i = 0; i < 4; i++)
		v = v << 8 | p[little ? 3 - i : i];
	return v;
}

/* How much is missing to a multiple of size, a power of two. */
static size_t
padding(size_t at, size_t size)
{
	return -at & (size - 1);
}

/* Each field of a call is text, and begins at a multiple of 8. */
static CK_RV
write_field(struct buf *out, size_t start, enum field code, const char *text)
{
	uint8_t head[8] = { (uint8_t)code, 1, (uint8_t)types[code] };
	CK_RV rv;

	assert(strlen(text) <= DBUS_NAME_MAX);
	put_u32(head + 4, (uint32_t)strlen(text));
	if ((rv = buf_resize(out,
	    out->len + padding(out->len - start, 8))) != CKR_OK ||
	    (rv = buf_append(out, view_of(head, sizeof(head)))) != CKR_OK)
		return rv;
	return buf_append(out, view_of(text, strlen(text) + 1));
}

CK_RV
dbus_write(const struct dbus_call *c, uint32_t serial, struct buf *out)
{
	uint8_t head[DBUS_HEAD_LEN] = { LITTLE, DBUS_CALL, 0, VERSION };
	size_t start = out->len;
	CK_RV rv;

	put_u32(head + 8, serial);
	if ((rv = buf_append(out, view_of(head, sizeof(head)))) != CKR_OK ||
	    (rv = write_field(out, start, FIELD_PATH, c->path)) != CKR_OK ||
	    (rv = write_field(out, start, FIELD_DESTINATION,
	    c->destination)) != CKR_OK ||
	    (rv = write_field(out, start, FIELD_INTERFACE,
	    c->interface)) != CKR_OK ||
	    (rv = write_field(out, start, FIELD_MEMBER,
	    c->member)) != CKR_OK)
		return rv;
	put_u32(out->data + start + 12,
	    (uint32_t)(out->len - start - DBUS_HEAD_LEN));
	return buf_resize(out, out->len + padding(out->len - start, 8));
}

struct cursor {
	struct view v;
	size_t at;
	bool little;
};

static CK_RV
take(struct cursor *c, size_t len, struct view *out)
{
	if (len > c->v.len - c->at)
		return CKR_DATA_INVALID;
	*out = view_of(c->v.data + c->at, len);
	c->at += len;
	return CKR_OK;
}

static CK_RV
take_padding(struct cursor *c, size_t size)
{
	struct view zeros;
	CK_RV rv;

	if ((rv = take(c, padding(c->at, size), &zeros)) != CKR_OK)
		return rv;
	return view_is_zero(zeros) ? CKR_OK : CKR_DATA_INVALID;
}

static CK_RV
take_u8(struct cursor *c, uint8_t *out)
{
	struct view v;
	CK_RV rv;

	if ((rv = take(c, 1, &v)) == CKR_OK)
		*out = v.data[0];
	return rv;
}

static CK_RV
take_u32(struct cursor *c, uint32_t *out)
{
	struct view v;
	CK_RV rv;

	if ((rv = take_padding(c, 4)) != CKR_OK ||
	    (rv = take(c, 4, &v)) != CKR_OK)
		return rv;
	*out = get_u32(v.data, c->little);
	return CKR_OK;
}

/* A NUL follows the text and is nowhere in it. */
static CK_RV
take_text(struct cursor *c, size_t len, struct view *out)
{
	struct view v;
	uint8_t nul;
	CK_RV rv;

	if ((rv = take(c, len, &v)) != CKR_OK ||
	    (rv = take_u8(c, &nul)) != CKR_OK)
		return rv;
	if (nul != 0 || memchr(v.data, 0, len) != NULL)
		return CKR_DATA_INVALID;
	*out = v;
	return CKR_OK;
}

static CK_RV
take_string(struct cursor *c, struct view *out)
{
	uint32_t len;
	CK_RV rv;

	if ((rv = take_u32(c, &len)) != CKR_OK)
		return rv;
	return take_text(c, len, out);
}

static CK_RV
take_signature(struct cursor *c, struct view *out)
{
	uint8_t len;
	CK_RV rv;

	if ((rv = take_u8(c, &len)) != CKR_OK)
		return rv;
	return take_text(c, len, out);
}

static CK_RV
take_value(struct cursor *c, char type, uint32_t *number, struct view *text)
{
	switch (type) {
	case 'u':
		return take_u32(c, number);
	case 'o':
	case 's':
		return take_string(c, text);
	case 'g':
		return take_signature(c, text);
	default:
		return CKR_DATA_INVALID;
	}
}

/* Fields of later versions are passed over, when their type is a known one. */
static CK_RV
take_field(struct cursor *c, struct fields *f)
{
	struct view type, text = VIEW_EMPTY;
	uint32_t number = 0;
	uint8_t code;
	CK_RV rv;

	if ((rv = take_padding(c, 8)) != CKR_OK ||
	    (rv = take_u8(c, &code)) != CKR_OK ||
	    (rv = take_signature(c, &type)) != CKR_OK)
		return rv;
	if (code == 0 || type.len != 1 ||
	    (code < FIELDS && (f->seen[code] || type.data[0] != types[code])))
		return CKR_DATA_INVALID;
	rv = take_value(c, (char)type.data[0], &number, &text);
	if (rv != CKR_OK || code >= FIELDS)
		return rv;
	f->seen[code] = true;
	f->numbers[code] = number;
	f->texts[code] = text;
	return CKR_OK;
}

struct head {
	bool little;
	uint8_t type;
	uint32_t body;
	uint32_t serial;
	uint32_t fields;
};

static CK_RV
read_head(struct view v, struct head *h)
{
	if (v.len < DBUS_HEAD_LEN || v.data[3] != VERSION ||
	    (v.data[0] != LITTLE && v.data[0] != BIG))
		return CKR_DATA_INVALID;
	h->little = v.data[0] == LITTLE;
	h->type = v.data[1];
	h->body = get_u32(v.data + 4, h->little);
	h->serial = get_u32(v.data + 8, h->little);
	h->fields = get_u32(v.data + 12, h->little);
	return h->type != 0 && h->serial != 0 ? CKR_OK : CKR_DATA_INVALID;
}

CK_RV
dbus_length(struct view head, size_t *len)
{
	struct head h;
	size_t n;
	CK_RV rv;

	if ((rv = read_head(head, &h)) != CKR_OK)
		return rv;
	if (h.fields > DBUS_MESSAGE_MAX || h.body > DBUS_MESSAGE_MAX)
		return CKR_DATA_INVALID;
	n = DBUS_HEAD_LEN + (size_t)h.fields + padding(h.fields, 8) + h.body;
	if (n > DBUS_MESSAGE_MAX)
		return CKR_DATA_INVALID;
	*len = n;
	return CKR_OK;
}

static CK_RV
read_fields(struct view whole, const struct head *h, struct fields *f,
    struct view *body)
{
	struct cursor c = { .v = view_sub(whole, 0,
	    DBUS_HEAD_LEN + (size_t)h->fields), .at = DBUS_HEAD_LEN,
	    .little = h->little };
	CK_RV rv;

	while (c.at < c.v.len)
		if ((rv = take_field(&c, f)) != CKR_OK)
			return rv;
	c.v = whole;
	if ((rv = take_padding(&c, 8)) != CKR_OK)
		return rv;
	return take(&c, h->body, body);
}

CK_RV
dbus_read(struct view whole, struct dbus_message *out)
{
	struct fields f = { .seen = { false } };
	struct view body = VIEW_EMPTY;
	struct head h;
	size_t len;
	CK_RV rv;

	if ((rv = dbus_length(whole, &len)) != CKR_OK ||
	    (rv = read_head(whole, &h)) != CKR_OK)
		return rv;
	if (len != whole.len)
		return CKR_DATA_INVALID;
	if ((rv = read_fields(whole, &h, &f, &body)) != CKR_OK)
		return rv;
	if ((body.len > 0 && f.texts[FIELD_SIGNATURE].len == 0) ||
	    (h.type == DBUS_ERROR && f.texts[FIELD_ERROR].len == 0) ||
	    ((h.type == DBUS_ERROR || h.type == DBUS_RETURN) &&
	    f.numbers[FIELD_ANSWERS] == 0))
		return CKR_DATA_INVALID;
	*out = (struct dbus_message){ .type = h.type, .little = h.little,
	    .answers = f.numbers[FIELD_ANSWERS], .fds = f.numbers[FIELD_FDS],
	    .error = f.texts[FIELD_ERROR],
	    .signature = f.texts[FIELD_SIGNATURE], .body = body };
	return CKR_OK;
}

uint32_t
dbus_u32(const struct dbus_message *m, size_t off)
{
	assert(off + 4 <= m->body.len);
	return get_u32(m->body.data + off, m->little);
}

struct view
dbus_text(const struct dbus_message *m)
{
	struct cursor c = { .v = m->body, .little = m->little };
	struct view text;

	if (m->signature.len == 0 || m->signature.data[0] != 's' ||
	    take_string(&c, &text) != CKR_OK)
		return VIEW_EMPTY;
	return text;
}
