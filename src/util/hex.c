/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>

#include "util/buf.h"

/*
 * Arithmetic in place of tables, without branches on the digits: the bytes
 * may be a secret, and a table index shows in the cache.
 */

/* All ones when lo <= c <= hi, else 0. */
static unsigned
in_range(unsigned c, unsigned lo, unsigned hi)
{
	/* each difference wraps, and so sets the top bit, when out of range */
	return (((c - lo) | (hi - c)) >> (sizeof(c) * CHAR_BIT - 1)) - 1U;
}

static uint8_t
digit_of(unsigned nibble)
{
	return (uint8_t)('0' + nibble +
	    (in_range(nibble, 10, 15) & ('a' - '0' - 10)));
}

/* The value of a digit; above 15 when it is none. */
static unsigned
value_of(unsigned c)
{
	unsigned dec = in_range(c, '0', '9');
	unsigned low = in_range(c, 'a', 'f');
	unsigned cap = in_range(c, 'A', 'F');

	return (dec & (c - '0')) | (low & (c - 'a' + 10)) |
	    (cap & (c - 'A' + 10)) | (~(dec | low | cap) & 0x10U);
}

CK_RV
hex_append(struct view v, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if (v.len > (SIZE_MAX - 1) / 2)
		return CKR_HOST_MEMORY;
	if ((rv = buf_resize(&text, v.len * 2 + 1)) != CKR_OK)
		goto out;
	for (i = 0; i < v.len; i++) {
		text.data[2 * i] = digit_of(v.data[i] >> 4);
		text.data[2 * i + 1] = digit_of(v.data[i] & 15U);
	}
	if ((rv = buf_append(out, buf_view(&text))) != CKR_OK)
		goto out;
	/* the NUL stays behind the end, as it does in a C string */
	out->len--;
out:
	buf_free(&text);
	return rv;
}

CK_RV
hex_parse(struct view text, struct buf *out)
{
	struct buf bytes = BUF_EMPTY;
	unsigned hi, lo, bad = 0;
	size_t i;
	CK_RV rv;

	if (text.len % 2 != 0)
		return CKR_DATA_INVALID;
	if ((rv = buf_resize(&bytes, text.len / 2)) != CKR_OK)
		goto out;
	for (i = 0; i < bytes.len; i++) {
		hi = value_of(text.data[2 * i]);
		lo = value_of(text.data[2 * i + 1]);
		bad |= (hi | lo) & 0x10U;
		bytes.data[i] = (uint8_t)((hi << 4) | (lo & 15U));
	}
	if (bad != 0) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	buf_move(out, &bytes);
out:
	buf_free(&bytes);
	return rv;
}
