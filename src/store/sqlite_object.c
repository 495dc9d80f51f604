/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

static CK_RV
damaged(const struct db *d, int64_t id)
{
	log_error("store %s: the row of object %lld is damaged",
	    path_text(&d->path), (long long)id);
	return CKR_DATA_INVALID;
}

CK_RV
sqlite_object_next_id(void *impl, int64_t *id)
{
	return db_next_id(impl, SQL_OBJECT_NEXT, id);
}

CK_RV
sqlite_object_version(void *impl, int64_t token, int64_t id,
    uint64_t *version)
{
	struct query q;
	int64_t v;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_OBJECT_VERSION)) != CKR_OK)
		goto out;
	query_int(&q, id);
	query_int(&q, token);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row) {
		rv = CKR_OBJECT_HANDLE_INVALID;
		goto out;
	}
	v = query_get_int(&q, 0, 1, ROW_ID_MAX);
	if (q.damaged)
		rv = damaged(impl, id);
	else
		*version = (uint64_t)v;
out:
	query_end(&q);
	return rv;
}

static CK_RV
get_tags(struct query *q, int col, struct row_tags *tags)
{
	struct buf b = BUF_EMPTY;
	CK_RV rv = CKR_OK;
	int i;

	for (i = 0; i < TAGS && rv == CKR_OK; i++) {
		tags->set[i] = !query_is_null(q, col + i);
		if (!tags->set[i])
			continue;
		rv = query_get_blob(q, col + i, TAG_LEN, TAG_LEN, &b);
		if (rv == CKR_OK && b.len == TAG_LEN)
			memcpy(tags->tag[i], b.data, TAG_LEN);
	}
	buf_free(&b);
	return rv;
}

static CK_RV
get_columns(struct query *q, struct object_row *row)
{
	CK_RV rv;

	row->version = (uint64_t)query_get_int(q, 0, 1, ROW_ID_MAX);
	row->private = query_get_int(q, 1, 0, 1) == 1;
	if ((rv = get_tags(q, 2, &row->tags)) != CKR_OK ||
	    (rv = query_get_blob(q, 6, 0, ROW_AREA_MAX,
	    &row->public_area)) != CKR_OK ||
	    (rv = query_get_blob(q, 7, 0, ROW_AREA_MAX,
	    &row->private_area)) != CKR_OK)
		return rv;
	return query_get_blob(q, 8, 1, ROW_BODY_MAX, &row->body);
}

CK_RV
sqlite_object_get(void *impl, int64_t token, int64_t id,
    struct object_row *out)
{
	struct object_row r = { .id = id, .token = token };
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_OBJECT_GET)) != CKR_OK)
		goto out;
	query_int(&q, id);
	query_int(&q, token);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else if ((rv = get_columns(&q, &r)) == CKR_OK && q.damaged)
		rv = damaged(impl, id);
	if (rv == CKR_OK) {
		*out = r;
		r = (struct object_row){ .id = 0 };
	}
out:
	query_end(&q);
	object_row_free(&r);
	return rv;
}

static void
bind_tags(struct query *q, const struct row_tags *tags)
{
	int i;

	for (i = 0; i < TAGS; i++) {
		if (tags->set[i])
			query_blob(q, view_of(tags->tag[i], TAG_LEN));
		else
			query_null(q);
	}
}

CK_RV
sqlite_object_put(void *impl, const struct object_row *row)
{
	struct db *d = impl;
	struct query q;
	CK_RV rv;

	if (row->version > 1)
		d->scrub = true;
	if ((rv = query_start(&q, d, SQL_OBJECT_PUT)) != CKR_OK)
		goto out;
	query_int(&q, row->id);
	query_int(&q, row->token);
	query_int(&q, (int64_t)row->version);
	query_int(&q, row->private ? 1 : 0);
	bind_tags(&q, &row->tags);
	query_blob(&q, buf_view(&row->public_area));
	query_blob(&q, buf_view(&row->private_area));
	query_blob(&q, buf_view(&row->body));
	rv = query_run(&q);
out:
	query_end(&q);
	return rv;
}

CK_RV
sqlite_object_delete(void *impl, int64_t token, int64_t id)
{
	struct db *d = impl;
	struct query q;
	CK_RV rv;

	d->scrub = true;
	if ((rv = query_start(&q, d, SQL_OBJECT_DELETE)) != CKR_OK)
		goto out;
	query_int(&q, id);
	query_int(&q, token);
	if ((rv = query_run(&q)) == CKR_OK &&
	    sqlite3_changes(d->handle) == 0)
		rv = CKR_OBJECT_HANDLE_INVALID;
out:
	query_end(&q);
	return rv;
}

CK_RV
sqlite_objects_delete(void *impl, int64_t token)
{
	struct db *d = impl;
	struct query q;
	CK_RV rv;

	d->scrub = true;
	if ((rv = query_start(&q, d, SQL_OBJECTS_DELETE)) != CKR_OK)
		goto out;
	query_int(&q, token);
	rv = query_run(&q);
out:
	query_end(&q);
	return rv;
}

/* The index that leaves the fewest rows: an id is nearly unique, a label
 * often, of classes there are few. */
static enum db_sql
find_by(const struct row_tags *want)
{
	if (want->set[TAG_ID])
		return SQL_FIND_BY_ID;
	if (want->set[TAG_LABEL])
		return SQL_FIND_BY_LABEL;
	return want->set[TAG_CLASS] ? SQL_FIND_BY_CLASS : SQL_FIND_ALL;
}

/* How many tags the statement has parameters for, in their order. */
static int
tags_of(enum db_sql which)
{
	switch (which) {
	case SQL_FIND_BY_ID:
		return TAG_ID + 1;
	case SQL_FIND_BY_LABEL:
		return TAG_LABEL + 1;
	default:
		return TAG_KEY_TYPE + 1;
	}
}

CK_RV
sqlite_object_find(void *impl, int64_t token, bool private,
    const struct row_tags *want, int64_t **ids, size_t *count)
{
	enum db_sql which = find_by(want);
	struct query q;
	int i;
	CK_RV rv;

	if ((rv = query_start(&q, impl, which)) != CKR_OK)
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
