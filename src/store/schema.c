/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

/* "tpm2": what file(1) and other programs know the file by. */
enum { APPLICATION_ID = 0x74706d32, VERSION = 1 };

/*
 * The text is kept by SQLite letter for letter, so that a file can be held
 * against it: a trigger, a view, a default or a generated column of another
 * author is seen before anything is read.
 *
 * A search goes by an index that has all it asks for; the tags are those of
 * tags.c. object_mark has what is summed up in the token's header (sum.c),
 * in as few pages as that needs.
 *
 * A PIN (role 0 SO, 1 user) is there before and without a seal: its salt and
 * index (pin_row.c) outlive changes; pin.auth is the authValue under the KEK.
 * A seal is the SO's (role 0), the user's (1), one that waits for a change of
 * these (2, 3), or the device key's (4): all alike, so that promoting one is
 * a change of its number, and there is no column that some roles leave empty.
 * token.device is the device key under the KEK, token.counter what the clock
 * needs to find its counter.
 */
static const struct object {
	const char *type;
	const char *name;
	const char *sql;	/* NULL: SQLite makes it by itself */
} objects[] = {
	{ "table", "note",
	    "CREATE TABLE note ("
	    "name TEXT PRIMARY KEY NOT NULL, "
	    "value BLOB NOT NULL"
	    ") STRICT, WITHOUT ROWID" },
	{ "table", "token",
	    "CREATE TABLE token ("
	    "id INTEGER PRIMARY KEY AUTOINCREMENT, "
	    "version INTEGER NOT NULL, "
	    "serial BLOB NOT NULL, "
	    "label BLOB NOT NULL, "
	    "generation BLOB NOT NULL, "
	    "parent_handle INTEGER NOT NULL, "
	    "parent_public BLOB NOT NULL, "
	    "parent_name BLOB NOT NULL, "
	    "pcrs BLOB NOT NULL, "
	    "device BLOB NOT NULL, "
	    "counter BLOB NOT NULL"
	    ") STRICT" },
	{ "table", "header",
	    "CREATE TABLE header ("
	    "token INTEGER PRIMARY KEY NOT NULL REFERENCES token (id) "
	    "ON DELETE CASCADE, "
	    "body BLOB NOT NULL"
	    ") STRICT" },
	{ "table", "pin",
	    "CREATE TABLE pin ("
	    "token INTEGER NOT NULL REFERENCES token (id) "
	    "ON DELETE CASCADE, "
	    "role INTEGER NOT NULL, "
	    "salt BLOB NOT NULL, "
	    "nv_index BLOB NOT NULL, "
	    "auth BLOB NOT NULL, "
	    "PRIMARY KEY (token, role)"
	    ") STRICT, WITHOUT ROWID" },
	{ "table", "seal",
	    "CREATE TABLE seal ("
	    "token INTEGER NOT NULL REFERENCES token (id) "
	    "ON DELETE CASCADE, "
	    "role INTEGER NOT NULL, "
	    "public BLOB NOT NULL, "
	    "private BLOB NOT NULL, "
	    "PRIMARY KEY (token, role)"
	    ") STRICT, WITHOUT ROWID" },
	{ "table", "object",
	    "CREATE TABLE object ("
	    "id INTEGER PRIMARY KEY AUTOINCREMENT, "
	    "token INTEGER NOT NULL REFERENCES token (id) "
	    "ON DELETE CASCADE, "
	    "version INTEGER NOT NULL, "
	    "is_private INTEGER NOT NULL, "
	    "class_tag BLOB, "
	    "key_type_tag BLOB, "
	    "label_tag BLOB, "
	    "id_tag BLOB, "
	    "mac BLOB NOT NULL, "
	    "public BLOB NOT NULL, "
	    "private BLOB NOT NULL, "
	    "body BLOB NOT NULL"
	    ") STRICT" },
	{ "index", "object_mark",
	    "CREATE INDEX object_mark ON object (token, id, version, mac)" },
	{ "index", "object_by_class",
	    "CREATE INDEX object_by_class ON object "
	    "(token, is_private, class_tag, key_type_tag)" },
	{ "index", "object_by_label",
	    "CREATE INDEX object_by_label ON object "
	    "(token, is_private, label_tag, class_tag)" },
	{ "index", "object_by_id",
	    "CREATE INDEX object_by_id ON object "
	    "(token, is_private, id_tag, class_tag)" },
	{ "table", "sqlite_sequence",
	    "CREATE TABLE sqlite_sequence(name,seq)" }
};

static CK_RV
make_1(struct db *d)
{
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < ARRAY_LEN(objects) && rv == CKR_OK; i++)
		if (strncmp(objects[i].name, "sqlite_", 7) != 0)
			rv = db_exec(d, objects[i].sql);
	return rv;
}

/* One row for each step from a version to a later one. Version 0 is an empty
 * database, which has nothing to be kept. */
static const struct schema_step steps[] = {
	{ 0, VERSION, make_1 }
};

static CK_RV
set_number(struct db *d, const char *what, int number)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA %s = %d", what, number);
	return db_exec(d, sql);
}

/* Of the transaction that is open; it is over afterwards. */
static CK_RV
take_step(struct db *d, const struct schema_step *s)
{
	CK_RV rv;

	if ((rv = s->step(d)) == CKR_OK &&
	    (rv = set_number(d, "user_version", s->to)) == CKR_OK &&
	    (rv = set_number(d, "application_id", APPLICATION_ID)) == CKR_OK)
		rv = db_exec(d, "COMMIT");
	if (rv != CKR_OK)
		(void)sqlite3_exec(d->handle, "ROLLBACK", NULL, NULL, NULL);
	return rv;
}

CK_RV
schema_create(struct db *d)
{
	CK_RV rv;

	if ((rv = db_exec(d, "BEGIN IMMEDIATE")) != CKR_OK)
		return rv;
	return take_step(d, &steps[0]);
}

static CK_RV
number(struct db *d, const char *sql, int64_t *out)
{
	return sqlite_rc(d->handle, db_number(d->handle, sql, out),
	    path_text(&d->path), "cannot be read");
}

/* The row that leads on from version, or NULL. */
static const struct schema_step *
step_from(const struct schema_step *table, size_t count, int64_t version)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (version > 0 && table[i].from == version)
			return &table[i];
	return NULL;
}

static CK_RV
refuse(const struct db *d, int64_t version, const char *why)
{
	log_error("store %s: has schema version %lld, %s",
	    path_text(&d->path), (long long)version, why);
	return CKR_DEVICE_ERROR;
}

/* The next step, if there has to be one and can be. */
static CK_RV
plan(struct db *d, const struct schema_step *table, size_t count,
    const struct schema_step **step)
{
	int64_t version;
	CK_RV rv;

	*step = NULL;
	if ((rv = number(d, "PRAGMA user_version", &version)) != CKR_OK ||
	    version == table[count - 1].to)
		return rv;
	if (version > table[count - 1].to)
		return refuse(d, version, "which this module does not know "
		    "yet; use the newer module");
	*step = step_from(table, count, version);
	if (*step == NULL)
		return refuse(d, version, "which no module ever wrote; "
		    "restore a backup");
	if (db_is_read_only(d))
		return refuse(d, version, "which has to be upgraded, and "
		    "this user may only read it; start a program of one who "
		    "may write it");
	return CKR_OK;
}

/* What was committed before the step is in the backup: we are the only
 * writer. A backup without an upgrade is of no use. */
static CK_RV
step_with_backup(struct db *d, const struct schema_step *step)
{
	struct buf backup = BUF_EMPTY;
	char name[32];
	CK_RV rv = CKR_OK;

	(void)snprintf(name, sizeof(name), "schema-%d", step->from);
	if ((!d->copy && (rv = copy_beside(d, name, "bak",
	    &backup)) != CKR_OK) ||
	    (rv = db_exec(d, "BEGIN IMMEDIATE")) != CKR_OK ||
	    (rv = take_step(d, step)) != CKR_OK)
		goto out;
	log_info("store %s: upgraded from schema version %d to %d%s%s",
	    path_text(&d->path), step->from, step->to, d->copy ? "" :
	    "; the old one is kept as ", path_text(&backup));
out:
	if (rv != CKR_OK && backup.len > 0)
		file_remove(&backup);
	buf_free(&backup);
	return rv;
}

/* Another process may have taken the step while we waited for it. */
static CK_RV
step_once(struct db *d, const struct schema_step *table, size_t count)
{
	const struct schema_step *step;
	bool lock = !d->copy && !d->only;
	CK_RV rv;

	if ((rv = db_settle_wal(d)) != CKR_OK ||
	    (lock && (rv = writer_lock(d, true)) != CKR_OK))
		return rv;
	if ((rv = plan(d, table, count, &step)) == CKR_OK && step != NULL)
		rv = step_with_backup(d, step);
	if (lock)
		writer_unlock(d);
	return rv;
}

CK_RV
schema_upgrade(struct db *d, const struct schema_step *table, size_t count)
{
	const struct schema_step *step;
	CK_RV rv;

	while ((rv = plan(d, table, count, &step)) == CKR_OK && step != NULL)
		if ((rv = step_once(d, table, count)) != CKR_OK)
			break;
	return rv;
}

static CK_RV
version_check(struct db *d)
{
	int64_t id;
	CK_RV rv;

	if ((rv = number(d, "PRAGMA application_id", &id)) != CKR_OK)
		return rv;
	if (id != APPLICATION_ID) {
		log_error("store %s: is another program's database",
		    path_text(&d->path));
		return CKR_DEVICE_ERROR;
	}
	return schema_upgrade(d, steps, ARRAY_LEN(steps));
}

static bool
same(const unsigned char *text, const char *want)
{
	return text != NULL && strcmp((const char *)text, want) == 0;
}

/* Index of the row that stands in the file, or ARRAY_LEN for none. */
static size_t
known(sqlite3_stmt *stmt)
{
	const unsigned char *type = sqlite3_column_text(stmt, 0);
	const unsigned char *name = sqlite3_column_text(stmt, 1);
	const unsigned char *sql = sqlite3_column_text(stmt, 2);
	size_t i;

	for (i = 0; i < ARRAY_LEN(objects); i++)
		if (same(type, objects[i].type) &&
		    same(name, objects[i].name) && same(sql, objects[i].sql))
			return i;
	return i;
}

/* Steps through the file's objects; SQLITE_MISMATCH for a wrong one. */
static int
compare(sqlite3_stmt *stmt)
{
	bool seen[ARRAY_LEN(objects)] = { false };
	size_t i, count = 0;
	int rc;

	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		i = known(stmt);
		if (i == ARRAY_LEN(objects) || seen[i])
			return SQLITE_MISMATCH;
		seen[i] = true;
		count++;
	}
	if (rc == SQLITE_DONE && count != ARRAY_LEN(objects))
		return SQLITE_MISMATCH;
	return rc;
}

static CK_RV
objects_check(struct db *d)
{
	sqlite3_stmt *stmt = NULL;
	int rc;

	rc = sqlite3_prepare_v2(d->handle,
	    "SELECT type, name, sql FROM main.sqlite_schema", -1, &stmt,
	    NULL);
	if (rc == SQLITE_OK)
		rc = compare(stmt);
	(void)sqlite3_finalize(stmt);
	if (rc == SQLITE_MISMATCH) {
		log_error("store %s: its tables are not this module's; "
		    "restore a backup", path_text(&d->path));
		return CKR_DEVICE_ERROR;
	}
	return sqlite_rc(d->handle, rc, path_text(&d->path),
	    "its tables cannot be read");
}

CK_RV
schema_check(struct db *d)
{
	CK_RV rv;

	if ((rv = version_check(d)) != CKR_OK)
		return rv;
	return objects_check(d);
}

CK_RV
schema_still(struct db *d)
{
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, d, SQL_USER_VERSION)) != CKR_OK ||
	    (rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row || query_get_int(&q, 0, INT32_MIN, INT32_MAX) != VERSION) {
		log_error("store %s: another version of this module has "
		    "changed it; start this program again",
		    path_text(&d->path));
		rv = CKR_DEVICE_ERROR;
	}
out:
	query_end(&q);
	return rv;
}
