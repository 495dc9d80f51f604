/* SPDX-License-Identifier: BSD-2-Clause */
#include "yaml/attrs_yaml.h"

#include <stdio.h>
#include <string.h>

#include "util/cryptoki_names.h"

/*
 * Written by hand: the names, digits and tags that occur never need quoting,
 * and libyaml's emitter frees its copies of the values without wiping them.
 */

enum { INDENT = 2 };

static CK_RV write_list(const struct attrs *a, unsigned depth,
    struct buf *text);

static CK_RV
write_str(const char *s, struct buf *text)
{
	return buf_append(text, view_str(s));
}

/* CK_UNAVAILABLE_INFORMATION is -1, whatever the size of a CK_ULONG. */
static CK_RV
write_ulong(CK_ULONG value, struct buf *text)
{
	char digits[24];

	if (value == CK_UNAVAILABLE_INFORMATION)
		return write_str("-1", text);
	(void)snprintf(digits, sizeof(digits), "%lu", value);
	return write_str(digits, text);
}

static CK_RV
write_ulongs(struct view v, struct buf *text)
{
	CK_ULONG value;
	size_t off;
	CK_RV rv;

	if ((rv = write_str("[", text)) != CKR_OK)
		return rv;
	for (off = 0; off + sizeof(value) <= v.len; off += sizeof(value)) {
		memcpy(&value, v.data + off, sizeof(value));
		if ((off > 0 && (rv = write_str(", ", text)) != CKR_OK) ||
		    (rv = write_ulong(value, text)) != CKR_OK)
			return rv;
	}
	return write_str("]", text);
}

static CK_RV
write_hex(struct view v, struct buf *text)
{
	CK_RV rv;

	if (v.len == 0)
		return write_str("!hex ''", text);
	if ((rv = write_str("!hex ", text)) != CKR_OK)
		return rv;
	return hex_append(v, text);
}

static bool
is_digits(struct view v)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (v.data[i] < '0' || v.data[i] > '9')
			return false;
	return true;
}

/* A program may have set a date that is none: that goes as bytes. */
static CK_RV
write_date(struct view v, struct buf *text)
{
	CK_RV rv;

	if (v.len != sizeof(CK_DATE) || !is_digits(v))
		return write_hex(v, text);
	if ((rv = write_str("!date ", text)) != CKR_OK ||
	    (rv = buf_append(text, view_sub(v, 0, 4))) != CKR_OK ||
	    (rv = write_str("-", text)) != CKR_OK ||
	    (rv = buf_append(text, view_sub(v, 4, 2))) != CKR_OK ||
	    (rv = write_str("-", text)) != CKR_OK)
		return rv;
	return buf_append(text, view_sub(v, 6, 2));
}

static CK_RV
write_scalar(const struct attr *a, struct buf *text)
{
	struct view v = buf_view(&a->value);
	CK_ULONG number;

	switch (attr_kind(a->type)) {
	case ATTR_BOOL:
		return write_str(v.data[0] != CK_FALSE ? "true" : "false",
		    text);
	case ATTR_ULONG:
		memcpy(&number, v.data, sizeof(number));
		return write_ulong(number, text);
	case ATTR_ULONGS:
		return write_ulongs(v, text);
	case ATTR_DATE:
		return write_date(v, text);
	case ATTR_BYTES:
	case ATTR_TEMPLATE:
		break;
	}
	return write_hex(v, text);
}

static CK_RV
write_key(CK_ATTRIBUTE_TYPE type, unsigned depth, struct buf *text)
{
	const char *name = cka_name(type);
	char number[24];
	unsigned i;
	CK_RV rv;

	for (i = 0; i < depth * INDENT; i++)
		if ((rv = write_str(" ", text)) != CKR_OK)
			return rv;
	if (name == NULL) {
		(void)snprintf(number, sizeof(number), "0x%08lx", type);
		name = number;
	}
	if ((rv = write_str(name, text)) != CKR_OK)
		return rv;
	return write_str(":", text);
}

static CK_RV
write_nested(const struct attrs *nested, unsigned depth, struct buf *text)
{
	CK_RV rv;

	if (nested == NULL || nested->count == 0)
		return write_str(" {}\n", text);
	/* our own mistake: the reader would refuse it */
	if (depth >= ATTRS_DEPTH)
		return CKR_GENERAL_ERROR;
	if ((rv = write_str("\n", text)) != CKR_OK)
		return rv;
	return write_list(nested, depth + 1, text);
}

static CK_RV
write_attr(const struct attr *a, unsigned depth, struct buf *text)
{
	CK_RV rv;

	if ((rv = write_key(a->type, depth, text)) != CKR_OK)
		return rv;
	if (attr_kind(a->type) == ATTR_TEMPLATE)
		return write_nested(a->nested, depth, text);
	/* our own mistake: attrs_set lets no such value in */
	if (!attr_fits(a->type, buf_view(&a->value)))
		return CKR_GENERAL_ERROR;
	if ((rv = write_str(" ", text)) != CKR_OK ||
	    (rv = write_scalar(a, text)) != CKR_OK)
		return rv;
	return write_str("\n", text);
}

static CK_RV
write_list(const struct attrs *a, unsigned depth, struct buf *text)
{
	CK_RV rv;
	size_t i;

	for (i = 0; i < a->count; i++)
		if ((rv = write_attr(&a->list[i], depth, text)) != CKR_OK)
			return rv;
	return CKR_OK;
}

CK_RV
yaml_write_attrs(const struct attrs *a, struct buf *text)
{
	struct buf whole = BUF_EMPTY;
	CK_RV rv;

	if (a->count == 0)
		rv = write_str("{}\n", &whole);
	else
		rv = write_list(a, 0, &whole);
	if (rv != CKR_OK)
		goto out;
	buf_move(text, &whole);
out:
	buf_free(&whole);
	return rv;
}
