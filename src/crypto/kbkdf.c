/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/kbkdf.h"

#include <string.h>

#include "util/mem.h"

#define WIDTH_MAX 64
#define COUNTER_WIDTH_MAX 32

/* The PRF's input, and where its changing parts are. */
struct input {
	struct view *parts;
	size_t count;
	struct view *iteration;
	uint8_t counter[WIDTH_MAX / 8];
	uint8_t length[WIDTH_MAX / 8];
	const struct kbkdf_part *counted;	/* NULL: no counter */
	uint8_t last[PRF_SIZE_MAX];		/* K(i - 1) or A(i) */
};

static void
store(const struct kbkdf_part *p, uint64_t n, uint8_t *out)
{
	size_t i, len = p->width / 8;

	for (i = 0; i < len; i++)
		out[p->little_endian ? i : len - 1 - i] =
		    (uint8_t)(n >> (8 * i));
}

static bool
fits(uint64_t n, unsigned width)
{
	return width >= 64 || n >> width == 0;
}

static bool
width_allowed(unsigned width, unsigned most)
{
	return width >= 8 && width <= most && width % 8 == 0;
}

static CK_RV
set_part(const struct kbkdf *k, struct input *in, size_t i)
{
	const struct kbkdf_part *p = &k->parts[i];
	bool counts = p->kind == KBKDF_COUNT ||
	    (p->kind == KBKDF_ITERATION && k->mode == KBKDF_COUNTER);

	if ((p->kind == KBKDF_COUNT && k->mode == KBKDF_COUNTER) ||
	    (counts && !width_allowed(p->width, COUNTER_WIDTH_MAX)) ||
	    (p->kind == KBKDF_LENGTH && (!width_allowed(p->width, WIDTH_MAX) ||
	    !fits(k->bits, p->width))))
		return CKR_MECHANISM_PARAM_INVALID;
	if (counts) {
		in->counted = p;
		in->parts[i] = view_of(in->counter, p->width / 8);
	} else if (p->kind == KBKDF_LENGTH) {
		store(p, k->bits, in->length);
		in->parts[i] = view_of(in->length, p->width / 8);
	} else if (p->kind == KBKDF_BYTES) {
		in->parts[i] = p->bytes;
	}
	if (p->kind == KBKDF_ITERATION)
		in->iteration = &in->parts[i];
	return CKR_OK;
}

static CK_RV
set_parts(const struct kbkdf *k, struct input *in)
{
	size_t seen[KBKDF_BYTES + 1] = { 0 }, i;
	CK_RV rv;

	if (k->count == 0)
		return CKR_MECHANISM_PARAM_INVALID;
	if ((in->parts = mem_alloc(k->count, sizeof(*in->parts))) == NULL)
		return CKR_HOST_MEMORY;
	in->count = k->count;
	for (i = 0; i < k->count; i++) {
		seen[k->parts[i].kind]++;
		if ((rv = set_part(k, in, i)) != CKR_OK)
			return rv;
	}
	if (seen[KBKDF_ITERATION] != 1 || seen[KBKDF_COUNT] > 1 ||
	    seen[KBKDF_LENGTH] > 1)
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

static CK_RV
length_allowed(const struct kbkdf *k, const struct input *in, size_t len)
{
	uint64_t rounds = len / k->prf->size + (len % k->prf->size != 0);

	return fits(rounds, in->counted != NULL ? in->counted->width :
	    COUNTER_WIDTH_MAX) ? CKR_OK : CKR_KEY_SIZE_RANGE;
}

/* A(0): all but the iteration and the counter (5.3); first: A(1) of it. */
static CK_RV
start_pipeline(const struct kbkdf *k, struct input *in)
{
	struct view *parts = mem_alloc(k->count, sizeof(*parts));
	size_t i, n = 0;
	CK_RV rv;

	if (parts == NULL)
		return CKR_HOST_MEMORY;
	for (i = 0; i < k->count; i++)
		if (k->parts[i].kind >= KBKDF_LENGTH)
			parts[n++] = in->parts[i];
	rv = prf_run(k->prf, parts, n, in->last);
	mem_free(parts);
	*in->iteration = view_of(in->last, k->prf->size);
	return rv;
}

static CK_RV
start(const struct kbkdf *k, struct input *in)
{
	if (k->mode == KBKDF_PIPELINE)
		return start_pipeline(k, in);
	if (k->mode == KBKDF_FEEDBACK)
		*in->iteration = k->iv;
	return CKR_OK;
}

/* One round's output, and what the next needs of it. */
static CK_RV
one_round(const struct kbkdf *k, struct input *in, uint64_t i, uint8_t *out)
{
	CK_RV rv;

	if (in->counted != NULL)
		store(in->counted, i, in->counter);
	if ((rv = prf_run(k->prf, in->parts, in->count, out)) != CKR_OK)
		return rv;
	if (k->mode == KBKDF_FEEDBACK) {
		memcpy(in->last, out, k->prf->size);
		*in->iteration = view_of(in->last, k->prf->size);
	}
	if (k->mode == KBKDF_PIPELINE)
		return prf_run(k->prf, in->iteration, 1, in->last);
	return CKR_OK;
}

CK_RV
kbkdf(const struct kbkdf *k, size_t len, struct buf *out)
{
	struct input in = { 0 };
	struct buf value = BUF_EMPTY;
	uint8_t one[PRF_SIZE_MAX];
	uint64_t i = 0;
	size_t at, n;
	CK_RV rv;

	if ((rv = set_parts(k, &in)) != CKR_OK ||
	    (rv = length_allowed(k, &in, len)) != CKR_OK ||
	    (rv = buf_resize(&value, len)) != CKR_OK ||
	    (rv = start(k, &in)) != CKR_OK)
		goto out;
	for (at = 0; at < len; at += n) {
		if ((rv = one_round(k, &in, ++i, one)) != CKR_OK)
			goto out;
		n = len - at < k->prf->size ? len - at : k->prf->size;
		memcpy(value.data + at, one, n);
	}
	buf_move(out, &value);
out:
	wipe(one, sizeof(one));
	mem_free(in.parts);
	wipe(&in, sizeof(in));
	buf_free(&value);
	return rv;
}
