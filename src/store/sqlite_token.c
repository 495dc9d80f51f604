/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

static CK_RV
damaged(const struct db *d, int64_t id)
{
	log_error("store %s: the row of token %lld is damaged",
	    path_text(&d->path), (long long)id);
	return CKR_DATA_INVALID;
}

CK_RV
sqlite_token_ids(void *impl, int64_t **ids, size_t *count)
{
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_TOKEN_IDS)) == CKR_OK)
		rv = query_ids(&q, ids, count);
	query_end(&q);
	return rv;
}

CK_RV
db_next_id(struct db *d, enum db_sql which, int64_t *id)
{
	struct query q;
	int64_t last;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, d, which)) != CKR_OK ||
	    (rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	last = row ? query_get_int(&q, 0, 0, ROW_ID_MAX - 1) : 0;
	if (q.damaged) {
		log_error("store %s: its count of ids is damaged; restore a "
		    "backup", path_text(&d->path));
		rv = CKR_DEVICE_ERROR;
		goto out;
	}
	*id = last + 1;
out:
	query_end(&q);
	return rv;
}

CK_RV
sqlite_token_next_id(void *impl, int64_t *id)
{
	return db_next_id(impl, SQL_TOKEN_NEXT, id);
}

CK_RV
sqlite_token_version(void *impl, int64_t id, uint64_t *version)
{
	struct query q;
	int64_t v;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_TOKEN_VERSION)) != CKR_OK)
		goto out;
	query_int(&q, id);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row) {
		rv = CKR_TOKEN_NOT_PRESENT;
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
get_pcrs(struct query *q, int col, struct tpm_pcrs *pcrs)
{
	struct buf b = BUF_EMPTY;
	CK_RV rv;

	if ((rv = query_get_blob(q, col, 0, ROW_PCRS_MAX, &b)) == CKR_OK)
		rv = pcrs_row_decode(buf_view(&b), pcrs);
	buf_free(&b);
	return query_decoded(q, rv);
}

static CK_RV
get_columns(struct query *q, struct store_token *t)
{
	CK_RV rv;

	t->version = (uint64_t)query_get_int(q, 0, 1, ROW_ID_MAX);
	query_get_bytes(q, 1, t->serial, sizeof(t->serial));
	query_get_bytes(q, 2, t->label, sizeof(t->label));
	query_get_bytes(q, 3, t->generation, sizeof(t->generation));
	t->parent.handle = (uint32_t)query_get_int(q, 4, 0, UINT32_MAX);
	if ((rv = query_get_blob(q, 5, 0, ROW_AREA_MAX,
	    &t->parent.public_area)) != CKR_OK ||
	    (rv = query_get_blob(q, 6, 0, ROW_NAME_MAX,
	    &t->parent.name)) != CKR_OK ||
	    (rv = get_pcrs(q, 7, &t->pcrs)) != CKR_OK ||
	    (rv = query_get_blob(q, 8, 0, ROW_WRAP_MAX,
	    &t->device_wrapped)) != CKR_OK ||
	    (rv = query_get_blob(q, 9, 0, ROW_COUNTER_MAX,
	    &t->counter)) != CKR_OK)
		return rv;
	return pins_get(q, t);
}

CK_RV
sqlite_token_get(void *impl, int64_t id, struct store_token *out)
{
	struct store_token t = { .id = id };
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_TOKEN_GET)) != CKR_OK)
		goto out;
	query_int(&q, id);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row)
		rv = CKR_TOKEN_NOT_PRESENT;
	else if ((rv = get_columns(&q, &t)) == CKR_OK && q.damaged)
		rv = damaged(impl, id);
	if (rv == CKR_OK) {
		*out = t;
		t = (struct store_token){ .id = 0 };
	}
out:
	query_end(&q);
	store_token_free(&t);
	return rv;
}

static CK_RV
put_columns(struct db *d, const struct store_token *t)
{
	struct buf pcrs = BUF_EMPTY;
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, d, SQL_TOKEN_PUT)) != CKR_OK ||
	    (rv = pcrs_row_encode(&t->pcrs, &pcrs)) != CKR_OK)
		goto out;
	query_int(&q, t->id);
	query_int(&q, (int64_t)t->version);
	query_blob(&q, view_of(t->serial, sizeof(t->serial)));
	query_blob(&q, view_of(t->label, sizeof(t->label)));
	query_blob(&q, view_of(t->generation, sizeof(t->generation)));
	query_int(&q, t->parent.handle);
	query_blob(&q, buf_view(&t->parent.public_area));
	query_blob(&q, buf_view(&t->parent.name));
	query_blob(&q, buf_view(&pcrs));
	query_blob(&q, buf_view(&t->device_wrapped));
	query_blob(&q, buf_view(&t->counter));
	rv = query_run(&q);
out:
	query_end(&q);
	buf_free(&pcrs);
	return rv;
}

CK_RV
sqlite_token_put(void *impl, const struct store_token *t)
{
	struct db *d = impl;
	CK_RV rv;

	/* the seal of an old PIN has to go for good */
	d->scrub = true;
	if ((rv = put_columns(d, t)) != CKR_OK)
		return rv;
	return pins_put(d, t);
}

CK_RV
sqlite_token_delete(void *impl, int64_t id)
{
	struct db *d = impl;
	struct query q;
	CK_RV rv;

	d->scrub = true;
	if ((rv = query_start(&q, d, SQL_TOKEN_DELETE)) != CKR_OK)
		goto out;
	query_int(&q, id);
	if ((rv = query_run(&q)) == CKR_OK &&
	    sqlite3_changes(d->handle) == 0)
		rv = CKR_TOKEN_NOT_PRESENT;
out:
	query_end(&q);
	return rv;
}

CK_RV
sqlite_header_get(void *impl, int64_t token, struct buf *body)
{
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_HEADER_GET)) != CKR_OK)
		goto out;
	query_int(&q, token);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row)
		buf_clear(body);
	else if ((rv = query_get_blob(&q, 0, 1, ROW_HEADER_MAX,
	    body)) == CKR_OK && q.damaged)
		rv = damaged(impl, token);
out:
	query_end(&q);
	return rv;
}

CK_RV
sqlite_header_put(void *impl, int64_t token, struct view body)
{
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, impl, SQL_HEADER_PUT)) != CKR_OK)
		goto out;
	query_int(&q, token);
	query_blob(&q, body);
	rv = query_run(&q);
out:
	query_end(&q);
	return rv;
}
