/* SPDX-License-Identifier: BSD-2-Clause */
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

static void
get_head(struct query *q, struct object_row *row)
{
	int i;

	row->version = (uint64_t)query_get_int(q, 0, 1, ROW_ID_MAX);
	row->private = query_get_int(q, 1, 0, 1) == 1;
	for (i = 0; i < TAGS; i++) {
		row->tags.set[i] = !query_is_null(q, 2 + i);
		if (row->tags.set[i])
			query_get_bytes(q, 2 + i, row->tags.tag[i], TAG_LEN);
	}
	query_get_bytes(q, 6, row->mac, TAG_LEN);
}

static CK_RV
get_rest(struct query *q, struct object_row *row)
{
	CK_RV rv;

	if ((rv = query_get_blob(q, 7, 0, ROW_AREA_MAX,
	    &row->public_area)) != CKR_OK ||
	    (rv = query_get_blob(q, 8, 0, ROW_AREA_MAX,
	    &row->private_area)) != CKR_OK)
		return rv;
	return query_get_blob(q, 9, 1, ROW_BODY_MAX, &row->body);
}

static CK_RV
get(struct db *d, enum db_sql which, int64_t token, int64_t id,
    struct object_row *out)
{
	struct object_row r = { .id = id, .token = token };
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, d, which)) != CKR_OK)
		goto out;
	query_int(&q, id);
	query_int(&q, token);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row) {
		rv = CKR_OBJECT_HANDLE_INVALID;
		goto out;
	}
	get_head(&q, &r);
	if (which == SQL_OBJECT_GET)
		rv = get_rest(&q, &r);
	if (rv == CKR_OK && q.damaged)
		rv = damaged(d, id);
	if (rv == CKR_OK) {
		*out = r;
		r = (struct object_row){ .id = 0 };
	}
out:
	query_end(&q);
	object_row_free(&r);
	return rv;
}

CK_RV
sqlite_object_get(void *impl, int64_t token, int64_t id,
    struct object_row *out)
{
	return get(impl, SQL_OBJECT_GET, token, id, out);
}

CK_RV
sqlite_object_head(void *impl, int64_t token, int64_t id,
    struct object_row *out)
{
	return get(impl, SQL_OBJECT_HEAD, token, id, out);
}

CK_RV
sqlite_object_rows(void *impl, int64_t token, row_head each, void *arg)
{
	struct object_row head;
	struct query q;
	bool row, whole;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_OBJECT_ROWS)) != CKR_OK)
		goto out;
	query_int(&q, token);
	while ((rv = query_step(&q, &row)) == CKR_OK && row) {
		head = (struct object_row){ .token = token };
		head.id = query_get_int(&q, 7, INT64_MIN, INT64_MAX);
		get_head(&q, &head);
		whole = !q.damaged && head.id >= 1 && head.id <= ROW_ID_MAX;
		q.damaged = false;
		if ((rv = each(arg, &head, whole)) != CKR_OK)
			goto out;
	}
out:
	query_end(&q);
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
	query_blob(&q, view_of(row->mac, TAG_LEN));
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
