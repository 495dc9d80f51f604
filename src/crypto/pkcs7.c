/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/pkcs7.h"

#include <string.h>

#include "crypto/ct.h"

CK_RV
pkcs7_pad(struct buf *text, size_t block)
{
	size_t n = block - text->len % block, before = text->len;
	CK_RV rv;

	if ((rv = buf_resize(text, before + n)) == CKR_OK)
		memset(text->data + before, (int)n, n);
	return rv;
}

CK_RV
pkcs7_unpad(struct buf *text, size_t block)
{
	const uint8_t *end;
	size_t n, i, wrong = 0;
	ct_mask good;

	if (text->len == 0 || text->len % block != 0)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	end = text->data + text->len;
	n = end[-1];
	for (i = 1; i <= block; i++)
		wrong |= ~ct_less(n, i) & (n ^ end[-(ptrdiff_t)i]);
	good = ct_zero(wrong) & ~ct_zero(n) & ~ct_less(block, n);
	if (good == 0)
		return CKR_ENCRYPTED_DATA_INVALID;
	return buf_resize(text, text->len - n);
}
