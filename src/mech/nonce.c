/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/nonce.h"

#include <string.h>

#include "crypto/crypto.h"

/* SP 800-38D, 8.2.2: as much has to be random in a nonce that is drawn. */
#define RANDOM_MIN 96

static bool
wish_valid(const struct nonce_wish *w)
{
	size_t bits = 8 * w->len;

	return w->len > 0 && w->fixed < bits &&
	    w->how <= CKG_GENERATE_COUNTER_XOR &&
	    (w->how != CKG_GENERATE_RANDOM ||
	    bits - w->fixed >= RANDOM_MIN);
}

/* The bits of byte i that are not fixed. */
static uint8_t
free_bits(const struct nonces *n, size_t i)
{
	size_t fixed = n->fixed > 8 * i ? n->fixed - 8 * i : 0;

	return (uint8_t)(fixed >= 8 ? 0 : 0xff >> fixed);
}

static CK_RV
draw(struct nonces *n)
{
	struct buf random = BUF_EMPTY;
	CK_RV rv;
	size_t i;

	if ((rv = buf_resize(&random, n->start.len)) != CKR_OK ||
	    (rv = crypto_random(random.data, random.len)) != CKR_OK)
		goto out;
	for (i = 0; i < random.len; i++) {
		uint8_t mask = free_bits(n, i);

		n->start.data[i] = (uint8_t)((n->start.data[i] & ~mask) |
		    (random.data[i] & mask));
	}
out:
	buf_free(&random);
	return rv;
}

static CK_RV
begin(struct nonces *n, const struct nonce_wish *w)
{
	CK_RV rv;

	n->how = w->how;
	n->fixed = w->fixed;
	if ((rv = buf_set(&n->start, view_of(w->nonce, w->len))) != CKR_OK ||
	    (n->how != CKG_GENERATE_COUNTER_XOR && (rv = draw(n)) != CKR_OK))
		return rv;
	n->started = true;
	return CKR_OK;
}

static bool
is_exhausted(const struct nonces *n)
{
	size_t bits = 8 * n->start.len - n->fixed;

	return bits < 64 ? n->used >> bits != 0 : n->used == UINT64_MAX;
}

/* The start, with the count added to its free bits or over them. */
static void
make(const struct nonces *n, CK_BYTE *out)
{
	uint64_t left = n->used;
	unsigned sum = 0;
	size_t i;

	for (i = n->start.len; i-- > 0; left >>= 8) {
		uint8_t from = n->start.data[i], mask = free_bits(n, i), to;

		if (n->how == CKG_GENERATE_COUNTER_XOR) {
			to = from ^ (uint8_t)left;
		} else {
			sum = (sum >> 8) + from + (uint8_t)left;
			to = (uint8_t)sum;
		}
		out[i] = (uint8_t)((from & ~mask) | (to & mask));
	}
}

CK_RV
nonces_next(struct nonces *n, const struct nonce_wish *w)
{
	CK_RV rv;

	if (!wish_valid(w) || (n->started && (w->how != n->how ||
	    w->len != n->start.len || w->fixed != n->fixed)))
		return CKR_MECHANISM_PARAM_INVALID;
	rv = CKR_OK;
	if (!n->started)
		rv = begin(n, w);
	else if (n->how == CKG_GENERATE_RANDOM)
		rv = draw(n);
	if (rv != CKR_OK)
		return rv;
	if (is_exhausted(n))
		return CKR_DATA_LEN_RANGE;
	make(n, w->nonce);
	return CKR_OK;
}

void
nonces_used(struct nonces *n)
{
	n->used++;
}

void
nonces_free(struct nonces *n)
{
	buf_free(&n->start);
	*n = (struct nonces){ 0 };
}
