/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "util/mem.h"

/*
 * Everything there is to check, told one by one.
 *
 * The rows are those of the table, which is walked, not those of an index:
 * from an index a row could be missing. From each row follow its entries in
 * all indexes, and their sums are held against the header as the sums of the
 * indexes are. So it shows which of the two was edited: when the table's
 * sums are right, an index that differs is wrong, and no row is.
 */
struct mark {
	int64_t id;
	uint64_t version;
	uint8_t mac[TAG_LEN];
};

struct verify {
	struct store *s;
	const struct store_keys *keys;
	int64_t token;
	store_tell tell;
	void *arg;
	CK_RV unseen;		/* why something could not be looked at */
	bool header;		/* h is to be believed */
	struct header h;
	bool table;		/* the table's rows are those of the header */
	struct buf rows;	/* their ids */
	struct buf marks;	/* struct mark; empty when table */
	struct sum_run run[INDEXES];
};

static const char no_header[] = "cannot be checked without a header";

static void
tell(struct verify *v, const char *what, int64_t object, CK_RV rv,
    const char *why)
{
	const struct store_finding f = {
		what, object, rv, rv == CKR_OK ? NULL : why
	};

	v->tell(v->arg, &f);
}

/* Not about what lies on the disk: nothing that follows would be right. */
static bool
fatal(CK_RV rv)
{
	return rv == CKR_HOST_MEMORY || rv == CKR_FUNCTION_FAILED;
}

static CK_RV
check_header(struct verify *v)
{
	struct vault *vault = &v->s->vault;
	CK_RV rv;

	rv = vault_header(v->s, &v->h);
	v->header = rv == CKR_OK;
	if (rv == CKR_OK)
		rv = vault_age(v->s, &v->h);
	if (fatal(rv))
		return rv;
	if (rv != CKR_OK && vault->verdict == CKR_OK) {
		v->unseen = rv;
		vault->why = "could not be held against its counter";
	}
	tell(v, "header", 0, rv, vault->why);
	return CKR_OK;
}

static CK_RV
check_token(struct verify *v, CK_RV rv, const uint8_t record[RECORD_LEN])
{
	const char *why = "has a damaged row";

	if (rv == CKR_OK && !v->header) {
		rv = CKR_DEVICE_ERROR;
		why = no_header;
	} else if (rv == CKR_OK && !view_equal(view_of(record, RECORD_LEN),
	    view_of(v->h.record, RECORD_LEN))) {
		rv = CKR_DEVICE_ERROR;
		why = "was edited";
	}
	tell(v, "token", 0, rv, why);
	return CKR_OK;
}

static CK_RV
add_row(void *arg, const struct object_row *row, bool whole)
{
	struct row_entry e[INDEXES];
	struct verify *v = arg;
	CK_RV rv;
	int i;

	rv = buf_append(&v->rows, view_of(&row->id, sizeof(row->id)));
	if (rv == CKR_OK && v->rows.len / sizeof(row->id) > ROW_IDS_MAX)
		rv = CKR_DEVICE_ERROR;
	if (rv != CKR_OK || !whole)
		return rv;
	sum_entries(row, e);
	for (i = 0; i < INDEXES && rv == CKR_OK; i++)
		rv = sum_add(&v->run[i], &e[i]);
	return rv;
}

/* Rows that do not belong, and missing ones, show in the sums. */
static CK_RV
check_objects(struct verify *v)
{
	const char *why = "cannot be read";
	bool same = v->header;
	CK_RV rv;
	int i;

	for (i = 0; i < INDEXES; i++) {
		v->run[i].key = buf_view(&v->s->vault.sum_k);
		v->run[i].which = (enum row_index)i;
	}
	rv = v->s->ops->object_rows(v->s->impl, v->token, add_row, v);
	for (i = 0; i < INDEXES && rv == CKR_OK; i++) {
		rv = sum_end(&v->run[i]);
		same = same && sum_same(v->run[i].sum, v->h.sum[i], SUMS);
	}
	if (fatal(rv))
		return rv;
	v->table = rv == CKR_OK && same;
	if (rv == CKR_OK && !same) {
		rv = CKR_DEVICE_ERROR;
		why = !v->header ? no_header : "some were edited, removed or "
		    "brought back";
	}
	tell(v, "objects", 0, rv, why);
	return CKR_OK;
}

static CK_RV
check_index(struct verify *v, enum row_index which)
{
	static const char *const wrong[INDEXES] = {
		[INDEX_MARK] = "the one of all rows is wrong",
		[INDEX_CLASS] = "the one by class is wrong",
		[INDEX_LABEL] = "the one by label is wrong",
		[INDEX_ID] = "the one by id is wrong"
	};
	const char *why = wrong[which];
	struct row_sum sum[SUMS];
	CK_RV rv;

	rv = sum_index(v->s, buf_view(&v->s->vault.sum_k), v->token, which,
	    sum);
	if (fatal(rv))
		return rv;
	if (rv == CKR_OK && !v->header) {
		rv = CKR_DEVICE_ERROR;
		why = no_header;
	} else if (rv == CKR_OK && !sum_same(sum, v->h.sum[which], SUMS)) {
		rv = CKR_DEVICE_ERROR;
	}
	tell(v, "index", 0, rv, why);
	return CKR_OK;
}

static CK_RV
check_indexes(struct verify *v)
{
	CK_RV rv = CKR_OK;
	int i;

	for (i = 0; i < INDEXES && rv == CKR_OK; i++)
		rv = check_index(v, (enum row_index)i);
	return rv;
}

static CK_RV
add_mark(void *arg, const struct row_entry *e)
{
	struct mark m = { .id = e->id, .version = e->word };
	struct verify *v = arg;

	memcpy(m.mac, e->tag[0], TAG_LEN);
	return buf_append(&v->marks, view_of(&m, sizeof(m)));
}

/* With the table wrong, what is left of an index says which rows are. */
static CK_RV
read_marks(struct verify *v)
{
	CK_RV rv;

	if (v->table)
		return CKR_OK;
	rv = v->s->ops->object_scan(v->s->impl, v->token, INDEX_MARK,
	    add_mark, v);
	return fatal(rv) ? rv : CKR_OK;
}

/* Both begin with the id. */
static int
by_id(const void *a, const void *b)
{
	int64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static bool
differs(const struct verify *v, const struct object_row *row)
{
	const struct mark *m;

	if (v->marks.len == 0)
		return false;
	m = bsearch(&row->id, v->marks.data, v->marks.len / sizeof(*m),
	    sizeof(*m), by_id);
	return m != NULL && (m->version != row->version ||
	    memcmp(m->mac, row->mac, TAG_LEN) != 0);
}

/* Private rows whose key is not there are only seen to be there. */
static CK_RV
open_row(const struct verify *v, struct object_row *row)
{
	const struct view key = row->private ? v->keys->for_private :
	    v->keys->for_public;
	struct store_object o = { .id = 0 };
	CK_RV rv;

	if (key.len == 0)
		return CKR_OK;
	rv = row_read(key, row, &o);
	store_object_free(&o);
	return rv;
}

static CK_RV
check_row(struct verify *v, int64_t id)
{
	struct object_row row = { .id = 0 };
	const char *why = "its row is damaged";
	CK_RV rv;

	rv = v->s->ops->object_get(v->s->impl, v->token, id, &row);
	if (rv == CKR_OBJECT_HANDLE_INVALID) {
		rv = CKR_DATA_INVALID;
		why = "its row cannot be found by its id";
	} else if (rv == CKR_OK && differs(v, &row)) {
		rv = CKR_DATA_INVALID;
		why = "its row is not the one that belongs here";
	} else if (rv == CKR_OK && (rv = open_row(v, &row)) != CKR_OK) {
		why = "does not open: it was damaged or edited, or sealed "
		    "for another token";
	}
	if (!fatal(rv))
		tell(v, "object", id, rv, why);
	object_row_free(&row);
	return fatal(rv) ? rv : CKR_OK;
}

static CK_RV
check_rows(struct verify *v)
{
	const size_t count = v->rows.len / sizeof(int64_t);
	int64_t id;
	size_t i;
	CK_RV rv = CKR_OK;

	for (i = 0; i < count && rv == CKR_OK; i++) {
		memcpy(&id, v->rows.data + i * sizeof(id), sizeof(id));
		rv = check_row(v, id);
	}
	return rv;
}

/* Marks without a row. */
static void
tell_missing(struct verify *v)
{
	const size_t count = v->rows.len / sizeof(int64_t);
	const size_t marks = v->marks.len / sizeof(struct mark);
	struct mark m;
	size_t i;

	if (count > 0)
		qsort(v->rows.data, count, sizeof(int64_t), by_id);
	for (i = 0; i < marks; i++) {
		memcpy(&m, v->marks.data + i * sizeof(m), sizeof(m));
		if (count == 0 || bsearch(&m.id, v->rows.data, count,
		    sizeof(int64_t), by_id) == NULL)
			tell(v, "object", m.id, CKR_DATA_INVALID,
			    "its row is missing");
	}
}

static CK_RV
check_all(struct verify *v)
{
	uint8_t record[RECORD_LEN];
	CK_RV row, rv;

	row = vault_record_now(v->s, record);
	if (row == CKR_TOKEN_NOT_PRESENT || fatal(row))
		return row;
	if ((rv = check_header(v)) != CKR_OK)
		return rv;
	/* the header may be of a newer snapshot now */
	row = vault_record_now(v->s, record);
	if (fatal(row))
		return row;
	if ((rv = check_token(v, row, record)) != CKR_OK ||
	    (rv = check_objects(v)) != CKR_OK ||
	    (rv = check_indexes(v)) != CKR_OK ||
	    (rv = read_marks(v)) != CKR_OK ||
	    (rv = check_rows(v)) != CKR_OK)
		return rv;
	tell_missing(v);
	return v->unseen;
}

CK_RV
store_verify(struct store *s, const struct store_keys *keys, int64_t token,
    store_tell what, void *arg)
{
	struct verify *v;
	CK_RV rv;

	if (s->open)
		return CKR_GENERAL_ERROR;
	v = mem_alloc(1, sizeof(*v));
	if (v == NULL)
		return CKR_HOST_MEMORY;
	*v = (struct verify){ .s = s, .keys = keys, .token = token,
		.tell = what, .arg = arg };
	if ((rv = s->ops->snapshot(s->impl)) == CKR_OK &&
	    (rv = vault_use(s, keys, token)) == CKR_OK) {
		s->vault.verdict = CKR_OK;
		rv = check_all(v);
	}
	s->ops->snapshot_end(s->impl);
	/* what was seen here is no verdict on all of it */
	vault_forget(&s->vault);
	buf_free(&v->rows);
	buf_free(&v->marks);
	mem_free(v);
	return rv;
}
