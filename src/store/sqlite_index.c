/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "store/db.h"

/* What is asked of the indexes alone. */

static void
get_mark(struct query *q, struct row_entry *e)
{
	e->word = (uint64_t)query_get_int(q, 2, 1, ROW_ID_MAX);
	query_get_bytes(q, 3, e->tag[0], TAG_LEN);
}

/* An entry of an index of the search; each has two tags. */
static void
get_tags(struct query *q, struct row_entry *e)
{
	static const uint64_t set[2] = { ENTRY_SET_0, ENTRY_SET_1 };
	int i;

	e->word = query_get_int(q, 2, 0, 1) == 1 ? ENTRY_PRIVATE : 0;
	for (i = 0; i < 2; i++) {
		if (query_is_null(q, 3 + i))
			continue;
		e->word |= set[i];
		query_get_bytes(q, 3 + i, e->tag[i], TAG_LEN);
	}
}

static int
compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/*
 * Entries come in the order of the index's tree. Where they are not sorted,
 * also among other tokens' entries, a search, which goes down that tree,
 * would miss some that the scan meets.
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

static const enum db_sql scans[INDEXES] = {
	[INDEX_MARK] = SQL_SCAN_MARK,
	[INDEX_CLASS] = SQL_SCAN_CLASS,
	[INDEX_LABEL] = SQL_SCAN_LABEL,
	[INDEX_ID] = SQL_SCAN_ID
};

/* Where a scan is: the last entry, and whose it was. */
struct place {
	int64_t token;
	struct row_entry e;
};

/*
 * Of other tokens' entries only the place matters, before ours or behind
 * them: what is wrong with them otherwise is their token's affair.
 */
static bool
get_entry(struct query *q, enum row_index which, int64_t token,
    struct place *p)
{
	struct place last = *p;

	*p = (struct place){ .token = query_get_int(q, 0, INT64_MIN,
	    INT64_MAX) };
	if (q->damaged || last.token > p->token)
		return false;
	if (p->token != token)
		return true;
	p->e.id = query_get_int(q, 1, 1, ROW_ID_MAX);
	if (which == INDEX_MARK)
		get_mark(q, &p->e);
	else
		get_tags(q, &p->e);
	return !q->damaged && (last.token < p->token ||
	    sorted(which, &last.e, &p->e));
}

CK_RV
sqlite_object_scan(void *impl, int64_t token, enum row_index which,
    row_each each, void *arg)
{
	struct place at = { .token = INT64_MIN };
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, impl, scans[which])) != CKR_OK)
		goto out;
	while ((rv = query_step(&q, &row)) == CKR_OK && row) {
		if (!get_entry(&q, which, token, &at))
			rv = CKR_DATA_INVALID;
		else if (at.token == token)
			rv = each(arg, &at.e);
		if (rv != CKR_OK)
			goto out;
	}
out:
	query_end(&q);
	return rv;
}

static CK_RV
is_this(void *arg, const struct row_entry *e)
{
	const int64_t *id = arg;

	return e->id == *id ? CKR_DATA_INVALID : CKR_OK;
}

/*
 * The search goes by the id that the index was made with, the scan, which
 * the header vouches for, gives the number of the row; in an edited file
 * these differ. So an entry that is not found is looked for.
 */
static CK_RV
mark_missing(struct db *d, int64_t token, int64_t id)
{
	CK_RV rv = sqlite_object_scan(d, token, INDEX_MARK, is_this, &id);

	return rv == CKR_OK ? CKR_OBJECT_HANDLE_INVALID : rv;
}

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
		rv = mark_missing(impl, token, id);
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
