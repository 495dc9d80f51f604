/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/der.h"

#define LONG_FORM 0x80

/* The length octets at the front of in: how many, and what they say. */
static CK_RV
read_length(struct view in, size_t *octets, size_t *len)
{
	size_t i, n, value = 0;

	if (in.len == 0)
		return CKR_DATA_INVALID;
	if (in.data[0] < LONG_FORM) {
		*octets = 1;
		*len = in.data[0];
		return CKR_OK;
	}
	n = in.data[0] & 0x7f;
	/* 0 would be BER's indefinite form; 4 bytes are more than we hold. */
	if (n == 0 || n > 4 || n >= in.len || in.data[1] == 0)
		return CKR_DATA_INVALID;
	for (i = 1; i <= n; i++)
		value = value << 8 | in.data[i];
	if (value < LONG_FORM)
		return CKR_DATA_INVALID;
	*octets = 1 + n;
	*len = value;
	return CKR_OK;
}

/* Split the first value off: its head (tag and length) and its content. */
static CK_RV
split(struct view in, enum der_tag tag, size_t *head, size_t *len)
{
	size_t octets, n;
	CK_RV rv;

	if (!der_is(in, tag))
		return CKR_DATA_INVALID;
	if ((rv = read_length(view_sub(in, 1, in.len), &octets, &n)) != CKR_OK)
		return rv;
	if (n > in.len - 1 - octets)
		return CKR_DATA_INVALID;
	*head = 1 + octets;
	*len = n;
	return CKR_OK;
}

bool
der_is(struct view in, enum der_tag tag)
{
	return in.len > 0 && in.data[0] == (uint8_t)tag;
}

CK_RV
der_take(struct view *in, enum der_tag tag, struct view *content)
{
	size_t head, len;
	CK_RV rv;

	if ((rv = split(*in, tag, &head, &len)) != CKR_OK)
		return rv;
	*content = view_sub(*in, head, len);
	*in = view_sub(*in, head + len, in->len);
	return CKR_OK;
}

CK_RV
der_take_whole(struct view *in, enum der_tag tag, struct view *whole)
{
	size_t head, len;
	CK_RV rv;

	if ((rv = split(*in, tag, &head, &len)) != CKR_OK)
		return rv;
	*whole = view_sub(*in, 0, head + len);
	*in = view_sub(*in, head + len, in->len);
	return CKR_OK;
}

CK_RV
der_take_uint(struct view *in, struct view *number)
{
	struct view rest = *in, n;
	CK_RV rv;

	if ((rv = der_take(&rest, DER_INTEGER, &n)) != CKR_OK)
		return rv;
	if (n.len == 0 || n.data[0] >= 0x80 ||
	    (n.len > 1 && n.data[0] == 0 && n.data[1] < 0x80))
		return CKR_DATA_INVALID;
	*number = der_strip(n);
	*in = rest;
	return CKR_OK;
}

static CK_RV
put_head(struct buf *out, enum der_tag tag, size_t len)
{
	uint8_t head[2 + sizeof(len)] = { (uint8_t)tag };
	size_t n = 0, i;

	if (len < LONG_FORM) {
		head[1] = (uint8_t)len;
		return buf_append(out, view_of(head, 2));
	}
	while (n < sizeof(len) && len >> (8 * n) != 0)
		n++;
	head[1] = (uint8_t)(LONG_FORM | n);
	for (i = 0; i < n; i++)
		head[2 + i] = (uint8_t)(len >> (8 * (n - 1 - i)));
	return buf_append(out, view_of(head, 2 + n));
}

/* After a failure halfway, what was there before; to shrink cannot fail. */
static CK_RV
keep_or_cut(struct buf *out, size_t before, CK_RV rv)
{
	if (rv != CKR_OK && buf_resize(out, before) != CKR_OK)
		buf_clear(out);
	return rv;
}

/* A value whose content is one byte more before content. */
static CK_RV
put_prefixed(struct buf *out, enum der_tag tag, uint8_t first,
    struct view content)
{
	size_t before = out->len;
	CK_RV rv;

	if ((rv = put_head(out, tag, 1 + content.len)) == CKR_OK &&
	    (rv = buf_append(out, view_of(&first, 1))) == CKR_OK)
		rv = buf_append(out, content);
	return keep_or_cut(out, before, rv);
}

CK_RV
der_put(struct buf *out, enum der_tag tag, struct view content)
{
	size_t before = out->len;
	CK_RV rv;

	if ((rv = put_head(out, tag, content.len)) == CKR_OK)
		rv = buf_append(out, content);
	return keep_or_cut(out, before, rv);
}

CK_RV
der_put_uint(struct buf *out, struct view number)
{
	struct view n = der_strip(number);

	if (n.len == 0 || n.data[0] >= 0x80)
		return put_prefixed(out, DER_INTEGER, 0, n);
	return der_put(out, DER_INTEGER, n);
}

CK_RV
der_put_bits(struct buf *out, struct view content)
{
	return put_prefixed(out, DER_BIT_STRING, 0, content);
}

struct view
der_strip(struct view v)
{
	size_t i = 0;

	while (i < v.len && v.data[i] == 0)
		i++;
	return view_sub(v, i, v.len);
}
