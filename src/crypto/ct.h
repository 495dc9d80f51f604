/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CT_H
#define CRYPTO_CT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Choices about secrets without a branch or an index that shows them. A mask
 * is all ones (yes) or 0 (no).
 */
typedef size_t ct_mask;

/* Keeps the compiler from finding out that x has two values, and branching. */
static inline size_t
ct_hide(size_t x)
{
	__asm__("" : "+r"(x));
	return x;
}

/* All ones when the top bit of x is set. */
static inline ct_mask
ct_top(size_t x)
{
	return ct_hide((size_t)0 - (x >> (sizeof(x) * CHAR_BIT - 1)));
}

static inline ct_mask
ct_zero(size_t x)
{
	return ct_top(~x & (x - 1));
}

static inline ct_mask
ct_equal(size_t a, size_t b)
{
	return ct_zero(a ^ b);
}

static inline ct_mask
ct_less(size_t a, size_t b)
{
	return ct_top(a ^ ((a ^ b) | ((a - b) ^ b)));
}

static inline size_t
ct_select(ct_mask m, size_t yes, size_t no)
{
	return (m & yes) | (~m & no);
}

/*
 * Move len bytes at p to the front by a secret number of places, filling
 * with zeros: in steps of powers of two, each done or not.
 */
static inline void
ct_shift(uint8_t *p, size_t len, size_t by)
{
	size_t step, i;

	for (step = 1; step < len; step <<= 1) {
		ct_mask keep = ct_zero(by & step);

		for (i = 0; i < len; i++) {
			uint8_t next = i < len - step ? p[i + step] : 0;

			p[i] = (uint8_t)ct_select(keep, p[i], next);
		}
	}
}

#endif
