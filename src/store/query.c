/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "store/db.h"
#include "store/place.h"
#include "util/log.h"
#include "util/mem.h"

/* All entries of an index, as its tree has them. PART: those of ?1 token and
 * ?2 is_private. */
#define SCAN(index, columns) \
	"SELECT scan_entry(token, id, " columns ") FROM object " \
	"INDEXED BY " index
#define PART(index, columns) \
	SCAN(index, "is_private, " columns) \
	" WHERE token = ?1 AND is_private = ?2"
#define JOIN(table, name, number) \
	" LEFT JOIN " table " AS " name " ON " name ".token = token.id " \
	"AND " name ".role = " number

static const char *const texts[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_SNAPSHOT] = "BEGIN",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_DATA_VERSION] = "PRAGMA data_version",
	[SQL_USER_VERSION] = "PRAGMA user_version",
	[SQL_NOTE_GET] = "SELECT value FROM note WHERE name = ?1",
	[SQL_NOTE_PUT] = "INSERT INTO note (name, value) VALUES (?1, ?2) "
	    "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	[SQL_NOTE_DELETE] = "DELETE FROM note WHERE name = ?1",
	[SQL_TOKEN_IDS] = "SELECT id FROM token ORDER BY id",
	/* the sequence could have been set back by hand: ask both */
	[SQL_TOKEN_NEXT] = "SELECT max(coalesce((SELECT seq FROM "
	    "sqlite_sequence WHERE name = 'token'), 0), "
	    "coalesce((SELECT max(id) FROM token), 0))",
	[SQL_TOKEN_VERSION] = "SELECT version FROM token WHERE id = ?1",
	[SQL_TOKEN_GET] = "SELECT version, serial, label, generation, "
	    "parent_handle, parent_public, parent_name, pcrs, "
	    "token.device, token.counter, "
	    "p0.salt, p0.nv_index, p0.auth, p1.salt, p1.nv_index, p1.auth, "
	    "s0.public, s0.private, s1.public, s1.private, "
	    "s2.public, s2.private, s3.public, s3.private, "
	    "s4.public, s4.private FROM token"
	    JOIN("pin", "p0", "0") JOIN("pin", "p1", "1")
	    JOIN("seal", "s0", "0") JOIN("seal", "s1", "1")
	    JOIN("seal", "s2", "2") JOIN("seal", "s3", "3")
	    JOIN("seal", "s4", "4") " WHERE token.id = ?1",
	[SQL_TOKEN_PUT] = "INSERT INTO token (id, version, serial, label, "
	    "generation, parent_handle, parent_public, parent_name, "
	    "pcrs, device, counter) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "
	    "ON CONFLICT (id) DO UPDATE SET version = excluded.version, "
	    "serial = excluded.serial, label = excluded.label, "
	    "generation = excluded.generation, "
	    "parent_handle = excluded.parent_handle, "
	    "parent_public = excluded.parent_public, "
	    "parent_name = excluded.parent_name, "
	    "pcrs = excluded.pcrs, "
	    "device = excluded.device, counter = excluded.counter",
	[SQL_HEADER_GET] = "SELECT body FROM header WHERE token = ?1",
	[SQL_HEADER_PUT] = "INSERT INTO header (token, body) "
	    "VALUES (?1, ?2) "
	    "ON CONFLICT (token) DO UPDATE SET body = excluded.body",
	[SQL_TOKEN_DELETE] = "DELETE FROM token WHERE id = ?1",
	[SQL_PIN_PUT] = "INSERT INTO pin (token, role, salt, nv_index, "
	    "auth) VALUES (?1, ?2, ?3, ?4, ?5) "
	    "ON CONFLICT (token, role) DO UPDATE SET salt = excluded.salt, "
	    "nv_index = excluded.nv_index, auth = excluded.auth",
	[SQL_SEAL_PUT] = "INSERT INTO seal (token, role, public, private) "
	    "VALUES (?1, ?2, ?3, ?4) "
	    "ON CONFLICT (token, role) DO UPDATE SET "
	    "public = excluded.public, private = excluded.private",
	[SQL_SEAL_DELETE] = "DELETE FROM seal WHERE token = ?1 AND role = ?2",
	[SQL_OBJECT_NEXT] = "SELECT max(coalesce((SELECT seq FROM "
	    "sqlite_sequence WHERE name = 'object'), 0), "
	    "coalesce((SELECT max(id) FROM object), 0))",
	[SQL_OBJECT_MARK] = "SELECT version, mac FROM object "
	    "INDEXED BY object_mark WHERE id = ?1 AND token = ?2",
	[SQL_OBJECT_HEAD] = "SELECT version, is_private, class_tag, "
	    "key_type_tag, label_tag, id_tag, mac "
	    "FROM object WHERE id = ?1 AND token = ?2",
	[SQL_OBJECT_GET] = "SELECT version, is_private, class_tag, "
	    "key_type_tag, label_tag, id_tag, mac, public, private, body "
	    "FROM object WHERE id = ?1 AND token = ?2",
	/* what an index lacks is found here */
	[SQL_OBJECT_ROWS] = "SELECT version, is_private, class_tag, "
	    "key_type_tag, label_tag, id_tag, mac, id "
	    "FROM object NOT INDEXED WHERE token = ?1",
	[SQL_OBJECT_PUT] = "INSERT INTO object (id, token, version, "
	    "is_private, class_tag, key_type_tag, label_tag, id_tag, "
	    "mac, public, private, body) VALUES "
	    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
	    "ON CONFLICT (id) DO UPDATE SET token = excluded.token, "
	    "version = excluded.version, is_private = excluded.is_private, "
	    "class_tag = excluded.class_tag, "
	    "key_type_tag = excluded.key_type_tag, "
	    "label_tag = excluded.label_tag, id_tag = excluded.id_tag, "
	    "mac = excluded.mac, public = excluded.public, "
	    "private = excluded.private, body = excluded.body",
	[SQL_OBJECT_DELETE] = "DELETE FROM object "
	    "WHERE id = ?1 AND token = ?2",
	[SQL_OBJECTS_DELETE] = "DELETE FROM object WHERE token = ?1",
	[SQL_PART_CLASS] = PART("object_by_class", "class_tag, key_type_tag")
	    " AND class_tag BETWEEN ?3 AND ?4",
	[SQL_PART_LABEL] = PART("object_by_label", "label_tag, class_tag")
	    " AND label_tag BETWEEN ?3 AND ?4",
	[SQL_PART_ID] = PART("object_by_id", "id_tag, class_tag")
	    " AND id_tag BETWEEN ?3 AND ?4",
	[SQL_PART_ALL] = PART("object_by_class", "class_tag, key_type_tag"),
	/* each in the order of its index, which is not ours to mend here */
	[SQL_SCAN_MARK] = SCAN("object_mark", "version, mac"),
	[SQL_SCAN_CLASS] = SCAN("object_by_class",
	    "is_private, class_tag, key_type_tag"),
	[SQL_SCAN_LABEL] = SCAN("object_by_label",
	    "is_private, label_tag, class_tag"),
	[SQL_SCAN_ID] = SCAN("object_by_id", "is_private, id_tag, class_tag")
};

static CK_RV
prepare(struct db *d, enum db_sql which)
{
	int rc;

	if (d->kept[which] != NULL)
		return CKR_OK;
	rc = sqlite3_prepare_v3(d->handle, texts[which], -1,
	    SQLITE_PREPARE_PERSISTENT, &d->kept[which], NULL);
	return sqlite_rc(d->handle, rc, path_text(&d->path),
	    "cannot be asked");
}

CK_RV
query_start(struct query *q, struct db *d, enum db_sql which)
{
	CK_RV rv;

	*q = (struct query){ .db = d };
	if ((rv = db_ready(d)) != CKR_OK || (rv = prepare(d, which)) != CKR_OK)
		return rv;
	q->stmt = d->kept[which];
	d->ticks = 0;
	return CKR_OK;
}

static void
bound(struct query *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
}

void
query_int(struct query *q, int64_t v)
{
	bound(q, sqlite3_bind_int64(q->stmt, ++q->param, v));
}

void
query_blob(struct query *q, struct view v)
{
	/* a NULL pointer would be bound as NULL, not as an empty blob */
	bound(q, sqlite3_bind_blob64(q->stmt, ++q->param,
	    v.len > 0 ? (const void *)v.data : "", v.len, SQLITE_STATIC));
}

void
query_text(struct query *q, const char *v)
{
	bound(q, sqlite3_bind_text(q->stmt, ++q->param, v, -1,
	    SQLITE_STATIC));
}

void
query_null(struct query *q)
{
	bound(q, sqlite3_bind_null(q->stmt, ++q->param));
}

CK_RV
query_step(struct query *q, bool *row)
{
	int rc = q->rc;
	CK_RV rv;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q->stmt);
	*row = rc == SQLITE_ROW;
	rv = sqlite_rc(q->db->handle, rc, path_text(&q->db->path),
	    "cannot be used");
	if (rv == CKR_DEVICE_MEMORY)
		q->db->scrub = true;	/* may make room */
	return rv;
}

CK_RV
query_step_unless(struct query *q, bool *row, const CK_RV *stopped)
{
	int rc = q->rc;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q->stmt);
	*row = rc == SQLITE_ROW;
	return *stopped != CKR_OK ? *stopped : sqlite_rc(q->db->handle, rc,
	    path_text(&q->db->path), "cannot be used");
}

CK_RV
query_run(struct query *q)
{
	bool row;

	return query_step(q, &row);
}

int64_t
query_get_int(struct query *q, int col, int64_t min, int64_t max)
{
	int64_t v;

	if (sqlite3_column_type(q->stmt, col) != SQLITE_INTEGER)
		goto bad;
	v = sqlite3_column_int64(q->stmt, col);
	if (v >= min && v <= max)
		return v;
bad:
	q->damaged = true;
	return min;
}

CK_RV
query_get_blob(struct query *q, int col, size_t min, size_t max,
    struct buf *out)
{
	const void *p;
	size_t len;

	if (sqlite3_column_type(q->stmt, col) != SQLITE_BLOB) {
		q->damaged = true;
		return CKR_OK;
	}
	p = sqlite3_column_blob(q->stmt, col);
	len = (size_t)sqlite3_column_bytes(q->stmt, col);
	if (len < min || len > max) {
		q->damaged = true;
		return CKR_OK;
	}
	if (p == NULL && len > 0)
		return CKR_HOST_MEMORY;
	return buf_set(out, view_of(p, len));
}

void
query_get_bytes(struct query *q, int col, uint8_t *out, size_t len)
{
	const void *p;

	if (sqlite3_column_type(q->stmt, col) == SQLITE_BLOB &&
	    (p = sqlite3_column_blob(q->stmt, col)) != NULL &&
	    (size_t)sqlite3_column_bytes(q->stmt, col) == len)
		memcpy(out, p, len);
	else
		q->damaged = true;
}

bool
query_is_null(struct query *q, int col)
{
	return sqlite3_column_type(q->stmt, col) == SQLITE_NULL;
}

CK_RV
query_decoded(struct query *q, CK_RV rv)
{
	if (rv != CKR_DATA_INVALID)
		return rv;
	q->damaged = true;
	return CKR_OK;
}

void
query_end(struct query *q)
{
	if (q->stmt == NULL)
		return;
	(void)sqlite3_reset(q->stmt);
	(void)sqlite3_clear_bindings(q->stmt);
	q->stmt = NULL;
}

static CK_RV
grow(int64_t **list, size_t count, size_t *room)
{
	size_t more = *room > 0 ? *room * 2 : 64;
	int64_t *next = mem_alloc(more, sizeof(*next));

	if (next == NULL)
		return CKR_HOST_MEMORY;
	if (count > 0)
		memcpy(next, *list, count * sizeof(*next));
	mem_free(*list);
	*list = next;
	*room = more;
	return CKR_OK;
}

CK_RV
query_ids(struct query *q, int64_t **ids, size_t *count)
{
	int64_t *list = NULL;
	size_t n = 0, room = 0;
	bool row;
	CK_RV rv;

	while ((rv = query_step(q, &row)) == CKR_OK && row) {
		if (n == ROW_IDS_MAX)
			q->damaged = true;
		if (n == room && (rv = grow(&list, n, &room)) != CKR_OK)
			goto out;
		list[n++] = query_get_int(q, 0, 1, ROW_ID_MAX);
		if (q->damaged) {
			log_error("store %s: the ids in it are damaged; "
			    "restore a backup", path_text(&q->db->path));
			rv = CKR_DEVICE_ERROR;
			goto out;
		}
	}
	if (rv != CKR_OK)
		goto out;
	*ids = list;
	*count = n;
	list = NULL;
out:
	mem_free(list);
	return rv;
}

CK_RV
db_exec(struct db *d, const char *sql)
{
	d->ticks = 0;
	return sqlite_rc(d->handle,
	    sqlite3_exec(d->handle, sql, NULL, NULL, NULL),
	    path_text(&d->path), "cannot be set up");
}

bool
db_text_is(sqlite3 *h, const char *sql, const char *want)
{
	const unsigned char *text;
	sqlite3_stmt *stmt = NULL;
	bool is = false;

	if (sqlite3_prepare_v2(h, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW &&
	    (text = sqlite3_column_text(stmt, 0)) != NULL)
		is = strcmp((const char *)text, want) == 0;
	(void)sqlite3_finalize(stmt);
	return is;
}

int
db_number(sqlite3 *h, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	*out = 0;
	rc = sqlite3_prepare_v2(h, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? SQLITE_OK :
	    rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}
