/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/cts.h"

#include <string.h>

size_t
cts_ready(const struct cts *c, size_t in)
{
	size_t total = c->len + in;

	/* More than one block stays, so that the last two are known. */
	return total <= CTS_HELD ? 0 :
	    (total - CTS_BLOCK - 1) / CTS_BLOCK * CTS_BLOCK;
}

/* Whole blocks, going on from the last ones. */
static CK_RV
run(struct cts *c, uint8_t *data, size_t len)
{
	uint8_t iv[CTS_BLOCK], next[CTS_BLOCK];
	CK_RV rv;

	memcpy(iv, c->iv, CTS_BLOCK);
	memcpy(next, data + len - CTS_BLOCK, CTS_BLOCK);
	if ((rv = c->cbc(c->arg, iv, data, len)) != CKR_OK)
		return rv;
	if (!c->decrypt)
		memcpy(next, data + len - CTS_BLOCK, CTS_BLOCK);
	memcpy(c->iv, next, CTS_BLOCK);
	return CKR_OK;
}

CK_RV
cts_update(struct cts *c, struct view in, struct buf *out)
{
	size_t ready = cts_ready(c, in.len), left = c->len + in.len - ready;
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&text, view_of(c->held, c->len))) != CKR_OK ||
	    (rv = buf_append(&text, in)) != CKR_OK ||
	    (ready > 0 && (rv = run(c, text.data, ready)) != CKR_OK))
		goto out;
	if (left > 0)
		memcpy(c->held, text.data + ready, left);
	c->len = left;
	if ((rv = buf_resize(&text, ready)) == CKR_OK)
		buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}

/* P1 | P2, P2 of d bytes, to the first d bytes of C1 | C2. */
static CK_RV
encrypt_last(struct cts *c, uint8_t last[CTS_HELD])
{
	size_t d = c->len - CTS_BLOCK;
	CK_RV rv;

	memcpy(last, c->held, c->len);
	memset(last + c->len, 0, CTS_HELD - c->len);
	if ((rv = run(c, last, CTS_HELD)) == CKR_OK)
		memmove(last + d, last + CTS_BLOCK, CTS_BLOCK);
	return rv;
}

/*
 * The way back. AES(C2) is P2, padded with zeros, over the whole of C1: of
 * which the bytes after the first d show there.
 */
static CK_RV
decrypt_last(struct cts *c, uint8_t last[CTS_HELD])
{
	size_t d = c->len - CTS_BLOCK, i;
	uint8_t none[CTS_BLOCK] = { 0 }, first[CTS_BLOCK];
	CK_RV rv;

	memcpy(first, c->held, d);
	memcpy(last + CTS_BLOCK, c->held + d, CTS_BLOCK);
	rv = c->cbc(c->arg, none, last + CTS_BLOCK, CTS_BLOCK);
	if (rv != CKR_OK)
		return rv;
	memcpy(first + d, last + CTS_BLOCK + d, CTS_BLOCK - d);
	for (i = 0; i < d; i++)
		last[CTS_BLOCK + i] ^= first[i];
	memcpy(last, first, CTS_BLOCK);
	return run(c, last, CTS_BLOCK);
}

CK_RV
cts_final(struct cts *c, struct buf *out)
{
	uint8_t last[CTS_HELD];
	CK_RV rv;

	if (c->len < CTS_BLOCK)
		return c->decrypt ? CKR_ENCRYPTED_DATA_LEN_RANGE :
		    CKR_DATA_LEN_RANGE;
	if (c->len % CTS_BLOCK == 0) {
		memcpy(last, c->held, c->len);
		rv = run(c, last, c->len);
	} else {
		rv = c->decrypt ? decrypt_last(c, last) :
		    encrypt_last(c, last);
	}
	if (rv == CKR_OK)
		rv = buf_set(out, view_of(last, c->len));
	wipe(last, sizeof(last));
	return rv;
}
