/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/ctr.h"

#include <string.h>

void
ctr_start(struct ctr *c, const struct aes_key *key,
    const uint8_t counter[AES_BLOCK], size_t width)
{
	c->key = key;
	c->width = width;
	memcpy(c->counter, counter, AES_BLOCK);
	c->at = c->end = 0;
}

void
ctr_skip(struct ctr *c)
{
	size_t i;

	for (i = AES_BLOCK; i > AES_BLOCK - c->width; i--)
		if (++c->counter[i - 1] != 0)
			break;
}

/* Key stream for len bytes, or as many as there is room for. */
static CK_RV
refill(struct ctr *c, size_t len)
{
	size_t blocks = len < CTR_RANGE ?
	    (len + AES_BLOCK - 1) / AES_BLOCK : CTR_RANGE / AES_BLOCK;
	size_t i;
	CK_RV rv;

	for (i = 0; i < blocks; i++) {
		memcpy(c->stream + i * AES_BLOCK, c->counter, AES_BLOCK);
		ctr_skip(c);
	}
	rv = aes_key_encrypt(c->key, c->stream, c->stream, blocks);
	if (rv != CKR_OK)
		return rv;
	c->at = 0;
	c->end = blocks * AES_BLOCK;
	return CKR_OK;
}

CK_RV
ctr_xor(struct ctr *c, uint8_t *data, size_t len)
{
	CK_RV rv;

	while (len > 0) {
		if (c->at == c->end && (rv = refill(c, len)) != CKR_OK)
			return rv;
		for (; len > 0 && c->at < c->end; len--)
			*data++ ^= c->stream[c->at++];
	}
	return CKR_OK;
}

void
ctr_end(struct ctr *c)
{
	wipe(c, sizeof(*c));
}

uint64_t
ctr_room(const uint8_t counter[AES_BLOCK], unsigned bits)
{
	uint64_t left = 0, part;
	unsigned bit;

	/* All ones less what the counter says, and the block that is there. */
	for (bit = bits; bit-- > 0; ) {
		part = (uint64_t)(~counter[AES_BLOCK - 1 - bit / 8] >>
		    bit % 8) & 1;
		if (part != 0 && bit >= 64)
			return UINT64_MAX;
		if (part != 0)
			left |= (uint64_t)1 << bit;
	}
	return left == UINT64_MAX ? left : left + 1;
}
