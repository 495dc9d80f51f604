/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "store/db.h"

/* What is asked of the indexes alone. */

CK_RV
sqlite_object_mark(void *impl, int64_t token, int64_t id,
    struct row_entry *out)
{
	struct row_entry e = { .id = id };
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_OBJECT_MARK)) != CKR_OK)
		goto out;
	query_int(&q, id);
	query_int(&q, token);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row) {
		rv = CKR_OBJECT_HANDLE_INVALID;
		goto out;
	}
	e.word = (uint64_t)query_get_int(&q, 0, 1, ROW_ID_MAX);
	query_get_bytes(&q, 1, e.tag[0], TAG_LEN);
	if (q.damaged)
		rv = CKR_DATA_INVALID;
	else
		*out = e;
out:
	query_end(&q);
	return rv;
}

static void
get_mark(struct query *q, struct row_entry *e)
{
	e->word = (uint64_t)query_get_int(q, 1, 1, ROW_ID_MAX);
	query_get_bytes(q, 2, e->tag[0], TAG_LEN);
}

/* An entry of an index of the search, with so many tags. */
static void
get_tags(struct query *q, int tags, struct row_entry *e)
{
	static const uint64_t set[2] = { ENTRY_SET_0, ENTRY_SET_1 };
	int i;

	e->word = query_get_int(q, 1, 0, 1) == 1 ? ENTRY_PRIVATE : 0;
	for (i = 0; i < tags; i++) {
		if (query_is_null(q, 2 + i))
			continue;
		e->word |= set[i];
		query_get_bytes(q, 2 + i, e->tag[i], TAG_LEN);
	}
}

static int
compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/*
 * Entries come in the order of the index's tree. Where they are not sorted a
 * search, which goes down that tree, would miss some that the scan meets.
 */
static bool
sorted(enum row_index which, const struct row_entry *a,
    const struct row_entry *b)
{
	static const uint64_t set[2] = { ENTRY_SET_0, ENTRY_SET_1 };
	int c = 0, i;

	if (which == INDEX_MARK)
		return a->id < b->id;
	c = compare(a->word & ENTRY_PRIVATE, b->word & ENTRY_PRIVATE);
	for (i = 0; i < 2 && c == 0; i++) {
		/* NULL comes before all else */
		c = compare(a->word & set[i], b->word & set[i]);
		if (c == 0)
			c = memcmp(a->tag[i], b->tag[i], TAG_LEN);
	}
	return c < 0 || (c == 0 && a->id < b->id);
}

static const struct {
	enum db_sql scan;
	int tags;
} indexes[INDEXES] = {
	[INDEX_MARK] = { SQL_SCAN_MARK, 0 },
	[INDEX_CLASS] = { SQL_SCAN_CLASS, 2 },
	[INDEX_LABEL] = { SQL_SCAN_LABEL, 1 },
	[INDEX_ID] = { SQL_SCAN_ID, 1 }
};

static CK_RV
scan(struct query *q, enum row_index which, row_each each, void *arg)
{
	struct row_entry last = { .id = 0 }, e;
	bool row, first = true;
	CK_RV rv;

	while ((rv = query_step(q, &row)) == CKR_OK && row) {
		e = (struct row_entry){ .id = query_get_int(q, 0, 1,
		    ROW_ID_MAX) };
		if (which == INDEX_MARK)
			get_mark(q, &e);
		else
			get_tags(q, indexes[which].tags, &e);
		if (q->damaged || (!first && !sorted(which, &last, &e)))
			return CKR_DATA_INVALID;
		if ((rv = each(arg, &e)) != CKR_OK)
			return rv;
		last = e;
		first = false;
	}
	return rv;
}

CK_RV
sqlite_object_scan(void *impl, int64_t token, enum row_index which,
    row_each each, void *arg)
{
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, impl, indexes[which].scan)) != CKR_OK)
		goto out;
	query_int(&q, token);
	rv = scan(&q, which, each, arg);
out:
	query_end(&q);
	return rv;
}

static enum db_sql
find_by(enum row_index which, const struct row_tags *want)
{
	switch (which) {
	case INDEX_ID:
		return SQL_FIND_BY_ID;
	case INDEX_LABEL:
		return SQL_FIND_BY_LABEL;
	default:
		return want->set[TAG_CLASS] ? SQL_FIND_BY_CLASS :
		    SQL_FIND_ALL;
	}
}

/* How many tags the statement has parameters for, in their order. */
static int
tags_of(enum row_index which)
{
	switch (which) {
	case INDEX_ID:
		return TAG_ID + 1;
	case INDEX_LABEL:
		return TAG_LABEL + 1;
	default:
		return TAG_KEY_TYPE + 1;
	}
}

CK_RV
sqlite_object_find(void *impl, int64_t token, bool private,
    enum row_index which, const struct row_tags *want, int64_t **ids,
    size_t *count)
{
	struct query q;
	int i;
	CK_RV rv;

	if ((rv = query_start(&q, impl, find_by(which, want))) != CKR_OK)
		goto out;
	query_int(&q, token);
	query_int(&q, private ? 1 : 0);
	for (i = 0; i < tags_of(which); i++) {
		if (want->set[i])
			query_blob(&q, view_of(want->tag[i], TAG_LEN));
		else
			query_null(&q);
	}
	rv = query_ids(&q, ids, count);
out:
	query_end(&q);
	return rv;
}
