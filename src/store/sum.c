/* SPDX-License-Identifier: BSD-2-Clause */
#include <endian.h>
#include <string.h>

#include "crypto/aes.h"
#include "store/internal.h"

/*
 * The digest of a part of an index is the sum, modulo 2^128, of a keyed
 * function of each entry: one write changes it by one difference, whatever
 * the number of rows, and their order does not matter. The function is the
 * CBC-MAC (with AES-256) of id | word and the entry's tags, whose length is
 * fixed for each index. It has to be keyed, and the sum to lie sealed in the
 * header: sums of an open hash could be met by searching among old rows for
 * a set of the same sum; of a function whose values nobody sees there is
 * nothing to search by. id and tag are not just XORed into one block: then a
 * row could be given another id by giving it another tag.
 */
enum { BLOCK = 16 };

/* How many tags an entry has. */
static const size_t depth[INDEXES] = {
	[INDEX_MARK] = 1,
	[INDEX_CLASS] = 2,
	[INDEX_LABEL] = 2,
	[INDEX_ID] = 2
};

static void
put_word(uint8_t *at, uint64_t v)
{
	v = htobe64(v);
	memcpy(at, &v, sizeof(v));
}

static uint64_t
get_word(const uint8_t *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return be64toh(v);
}

static void
add_block(uint8_t *to, const uint8_t *from)
{
	uint64_t a[2], b[2];

	memcpy(a, to, sizeof(a));
	memcpy(b, from, sizeof(b));
	a[0] ^= b[0];
	a[1] ^= b[1];
	memcpy(to, a, sizeof(a));
}

static void
add(struct row_sum *sum, const uint8_t *block, int sign)
{
	struct row_sum v = { get_word(block), get_word(block + 8) };

	if (sign < 0) {
		sum->high -= v.high + (sum->low < v.low ? 1 : 0);
		sum->low -= v.low;
	} else {
		sum->low += v.low;
		sum->high += v.high + (sum->low < v.low ? 1 : 0);
	}
}

size_t
sum_place(enum row_index which, const struct row_entry *e)
{
	const size_t half = (e->word & ENTRY_PRIVATE) != 0 ? PART_COUNT : 0;

	if (which == INDEX_MARK)
		return 0;
	return half + ((e->word & ENTRY_SET_0) != 0 ?
	    (size_t)e->tag[0][0] >> 4 : PART_REST);
}

static CK_RV
sum_batch(struct view key, enum row_index which,
    const struct row_entry *list, size_t count, int sign,
    struct row_sum sum[SUMS])
{
	uint8_t blocks[SUM_BATCH * BLOCK];
	size_t i, k;
	CK_RV rv;

	for (i = 0; i < count; i++) {
		put_word(blocks + i * BLOCK, (uint64_t)list[i].id);
		put_word(blocks + i * BLOCK + 8, list[i].word);
		/* versions and flags leave the highest bits free */
		blocks[i * BLOCK + 8] ^= (uint8_t)(which << 4);
	}
	rv = aes_blocks(key, blocks, count * BLOCK);
	for (k = 0; k < depth[which] && rv == CKR_OK; k++) {
		for (i = 0; i < count; i++)
			add_block(blocks + i * BLOCK, list[i].tag[k]);
		rv = aes_blocks(key, blocks, count * BLOCK);
	}
	for (i = 0; i < count && rv == CKR_OK; i++)
		add(&sum[sum_place(which, &list[i])], blocks + i * BLOCK,
		    sign);
	wipe(blocks, sizeof(blocks));
	return rv;
}

CK_RV
sum_rows(struct view key, enum row_index which,
    const struct row_entry *list, size_t count, int sign,
    struct row_sum sum[SUMS])
{
	size_t n;
	CK_RV rv = CKR_OK;

	for (; count > 0 && rv == CKR_OK; count -= n, list += n) {
		n = count < SUM_BATCH ? count : SUM_BATCH;
		rv = sum_batch(key, which, list, n, sign, sum);
	}
	return rv;
}

CK_RV
sum_end(struct sum_run *run)
{
	size_t count = run->count;

	run->count = 0;
	return sum_rows(run->key, run->which, run->list, count, 1, run->sum);
}

CK_RV
sum_add(void *arg, const struct row_entry *e)
{
	struct sum_run *run = arg;

	run->list[run->count++] = *e;
	return run->count < SUM_BATCH ? CKR_OK : sum_end(run);
}

CK_RV
sum_index(struct store *s, struct view key, int64_t token,
    enum row_index which, struct row_sum sum[SUMS])
{
	struct sum_run run = { .key = key, .which = which };
	CK_RV rv;

	if ((rv = s->ops->object_scan(s->impl, token, which, sum_add,
	    &run)) == CKR_OK && (rv = sum_end(&run)) == CKR_OK)
		memcpy(sum, run.sum, sizeof(run.sum));
	return rv;
}

bool
sum_same(const struct row_sum *a, const struct row_sum *b, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (a[i].high != b[i].high || a[i].low != b[i].low)
			return false;
	return true;
}

/* The columns of each index of the search, in their order. */
static const enum row_tag columns[INDEXES][2] = {
	[INDEX_CLASS] = { TAG_CLASS, TAG_KEY_TYPE },
	[INDEX_LABEL] = { TAG_LABEL, TAG_CLASS },
	[INDEX_ID] = { TAG_ID, TAG_CLASS }
};

void
sum_entry(enum row_index which, bool private, const struct row_tags *tags,
    struct row_entry *e)
{
	const enum row_tag *of = columns[which];
	size_t i;

	e->word = private ? ENTRY_PRIVATE : 0;
	for (i = 0; i < 2; i++) {
		if (!tags->set[of[i]])
			continue;
		e->word |= i == 0 ? ENTRY_SET_0 : ENTRY_SET_1;
		memcpy(e->tag[i], tags->tag[of[i]], TAG_LEN);
	}
}

void
sum_entries(const struct object_row *row, struct row_entry out[INDEXES])
{
	size_t i;

	memset(out, 0, INDEXES * sizeof(*out));
	for (i = 0; i < INDEXES; i++) {
		out[i].id = row->id;
		if (i != INDEX_MARK)
			sum_entry((enum row_index)i, row->private,
			    &row->tags, &out[i]);
	}
	out[INDEX_MARK].word = row->version;
	memcpy(out[INDEX_MARK].tag[0], row->mac, TAG_LEN);
}
