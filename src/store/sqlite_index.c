/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "store/db.h"

/* What is asked of the indexes alone. */

/*
 * A scan hands each entry to a function of ours (scan_entry, an aggregate)
 * while the statement runs: to step out of it for each row, and ask for each
 * column, takes more time than all the rest.
 */
struct scan {
	enum row_index which;
	int64_t token;
	row_each each;
	void *arg;
	int64_t last_token;	/* whose the last entry was, and */
	struct row_entry last;
	CK_RV rv;
};

/* Outside of min..max, or not of its type, it sets damaged. */
static int64_t
get_int(sqlite3_value *v, int64_t min, int64_t max, bool *damaged)
{
	int64_t n = sqlite3_value_int64(v);

	if (sqlite3_value_type(v) == SQLITE_INTEGER && n >= min && n <= max)
		return n;
	*damaged = true;
	return min;
}

static void
get_tag(sqlite3_value *v, uint8_t tag[TAG_LEN], bool *damaged)
{
	const void *p;

	if (sqlite3_value_type(v) == SQLITE_BLOB &&
	    (p = sqlite3_value_blob(v)) != NULL &&
	    sqlite3_value_bytes(v) == TAG_LEN)
		memcpy(tag, p, TAG_LEN);
	else
		*damaged = true;
}

static void
get_mark(sqlite3_value **v, struct row_entry *e, bool *damaged)
{
	e->word = (uint64_t)get_int(v[2], 1, ROW_ID_MAX, damaged);
	get_tag(v[3], e->tag[0], damaged);
}

/* An entry of an index of the search; each has two tags. */
static void
get_tags(sqlite3_value **v, struct row_entry *e, bool *damaged)
{
	static const uint64_t set[2] = { ENTRY_SET_0, ENTRY_SET_1 };
	int i;

	e->word = get_int(v[2], 0, 1, damaged) == 1 ? ENTRY_PRIVATE : 0;
	for (i = 0; i < 2; i++) {
		if (sqlite3_value_type(v[3 + i]) == SQLITE_NULL)
			continue;
		e->word |= set[i];
		get_tag(v[3 + i], e->tag[i], damaged);
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

/*
 * Of other tokens' entries only the place matters, before ours or behind
 * them: what is wrong with them otherwise is their token's affair.
 */
static bool
get_entry(struct scan *s, sqlite3_value **v, struct row_entry *e)
{
	int64_t token, last = s->last_token;
	bool damaged = false;

	token = get_int(v[0], INT64_MIN, INT64_MAX, &damaged);
	if (damaged || last > token)
		return false;
	s->last_token = token;
	if (token != s->token)
		return true;
	e->id = get_int(v[1], 1, ROW_ID_MAX, &damaged);
	if (s->which == INDEX_MARK)
		get_mark(v, e, &damaged);
	else
		get_tags(v, e, &damaged);
	return !damaged && (last < token || sorted(s->which, &s->last, e));
}

static void
take_entry(sqlite3_context *c, int count, sqlite3_value **v)
{
	const struct db *d = sqlite3_user_data(c);
	struct row_entry e = { .id = 0 };
	struct scan *s = d->scan;

	(void)count;
	if (s == NULL || s->rv != CKR_OK)
		return;
	if (!get_entry(s, v, &e))
		s->rv = CKR_DATA_INVALID;
	else if (s->last_token == s->token)
		s->rv = s->each(s->arg, &e);
	s->last = e;
	if (s->rv != CKR_OK)
		sqlite3_result_error(c, "no further", -1);
}

static void
end_entries(sqlite3_context *c)
{
	sqlite3_result_null(c);
}

int
db_scan_function(struct db *d)
{
	static const int columns[] = { 4, 5 };
	size_t i;
	int rc = SQLITE_OK;

	for (i = 0; i < ARRAY_LEN(columns) && rc == SQLITE_OK; i++)
		rc = sqlite3_create_function_v2(d->handle, "scan_entry",
		    columns[i], SQLITE_UTF8 | SQLITE_DIRECTONLY, d, NULL,
		    take_entry, end_entries, NULL);
	return rc;
}

/* Our own reason to stop is no error of SQLite's. */
static CK_RV
run_scan(struct query *q, struct scan *s)
{
	bool row;
	CK_RV rv;

	q->db->scan = s;
	rv = query_step_unless(q, &row, &s->rv);
	q->db->scan = NULL;
	return rv;
}

CK_RV
sqlite_object_scan(void *impl, int64_t token, enum row_index which,
    row_each each, void *arg)
{
	struct scan s = { .which = which, .token = token, .each = each,
		.arg = arg, .last_token = INT64_MIN };
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, impl, scans[which])) == CKR_OK)
		rv = run_scan(&q, &s);
	query_end(&q);
	return rv;
}

static const enum db_sql parts[INDEXES] = {
	[INDEX_CLASS] = SQL_PART_CLASS,
	[INDEX_LABEL] = SQL_PART_LABEL,
	[INDEX_ID] = SQL_PART_ID
};

CK_RV
sqlite_object_part(void *impl, int64_t token, enum row_index which,
    bool private, unsigned part, row_each each, void *arg)
{
	struct scan s = { .which = which, .token = token, .each = each,
		.arg = arg, .last_token = INT64_MIN };
	uint8_t from[TAG_LEN] = { 0 }, to[TAG_LEN];
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, impl, part == PART_ALL ? SQL_PART_ALL :
	    parts[which])) != CKR_OK)
		goto out;
	query_int(&q, token);
	query_int(&q, private ? 1 : 0);
	if (part != PART_ALL) {
		memset(to, 0xff, sizeof(to));
		from[0] = (uint8_t)(part << 4);
		to[0] = (uint8_t)(part << 4 | 0xf);
		query_blob(&q, view_of(from, sizeof(from)));
		query_blob(&q, view_of(to, sizeof(to)));
	}
	rv = run_scan(&q, &s);
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
