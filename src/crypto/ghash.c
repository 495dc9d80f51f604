/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/ghash.h"

#include <string.h>

#include "crypto/internal.h"

#define BLOCK 16

static uint64_t
load_be64(const uint8_t *p)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return n;
}

/* All ones for a 1, without showing the compiler that there are two cases. */
static uint64_t
mask_of(uint64_t bit)
{
	__asm__("" : "+r"(bit));
	return (uint64_t)0 - bit;
}

/*
 * y * h in GF(2^128), by the shift and add of SP 800-38D, 6.3, with masks for
 * the decisions. The TPM is far slower than this.
 */
static void
multiply(uint64_t y[2], const uint64_t h[2])
{
	uint64_t z0 = 0, z1 = 0, v0 = h[0], v1 = h[1], take, carry;
	unsigned i;

	for (i = 0; i < 128; i++) {
		take = mask_of(y[i / 64] >> (63 - i % 64) & 1);
		z0 ^= v0 & take;
		z1 ^= v1 & take;
		carry = mask_of(v1 & 1);
		v1 = v1 >> 1 | v0 << 63;
		v0 = v0 >> 1 ^ (carry & (uint64_t)0xe1 << 56);
	}
	y[0] = z0;
	y[1] = z1;
}

static void
take_block(struct ghash *g, const uint8_t *block)
{
	g->y[0] ^= load_be64(block);
	g->y[1] ^= load_be64(block + 8);
	multiply(g->y, g->h);
}

void
ghash_start(struct ghash *g, const uint8_t h[16])
{
	memset(g, 0, sizeof(*g));
	g->h[0] = load_be64(h);
	g->h[1] = load_be64(h + 8);
}

void
ghash_update(struct ghash *g, struct view in)
{
	size_t i = 0;

	while (i < in.len) {
		if (g->len == 0 && in.len - i >= BLOCK) {
			take_block(g, in.data + i);
			i += BLOCK;
			continue;
		}
		g->part[g->len++] = in.data[i++];
		if (g->len == BLOCK) {
			take_block(g, g->part);
			g->len = 0;
		}
	}
}

void
ghash_pad(struct ghash *g)
{
	if (g->len == 0)
		return;
	memset(g->part + g->len, 0, BLOCK - g->len);
	take_block(g, g->part);
	g->len = 0;
}

void
ghash_lengths(struct ghash *g, uint64_t first, uint64_t second)
{
	uint8_t block[BLOCK];

	ghash_pad(g);
	store_be64(block, first * 8);
	store_be64(block + 8, second * 8);
	take_block(g, block);
}

void
ghash_value(const struct ghash *g, uint8_t out[16])
{
	store_be64(out, g->y[0]);
	store_be64(out + 8, g->y[1]);
}
