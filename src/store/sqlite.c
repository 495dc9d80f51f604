/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

/* struct store_ops over SQLite: opening, transactions, notes. */

enum { RENEWALS = 10 };	/* of the file, while we wait to write */

static CK_RV
op_open(const struct config *config, bool create, void **impl)
{
	struct buf path = BUF_EMPTY;
	struct db *d;
	CK_RV rv;

	rv = place_find(config, &path);
	if (rv == CKR_TOKEN_NOT_PRESENT && create &&
	    (rv = place_make(config, &path)) == CKR_OK)
		rv = db_create(&path, config);
	if (rv == CKR_OK && (rv = db_new(&path, &d)) == CKR_OK)
		*impl = d;
	buf_free(&path);
	return rv;
}

static void
op_close(void **impl)
{
	struct db *d = *impl;

	*impl = NULL;
	db_free(&d);
}

static void
op_abandon(void **impl)
{
	struct db *d = *impl;

	*impl = NULL;
	db_abandon(&d);
}

static const char *
op_path(const void *impl)
{
	const struct db *d = impl;

	return path_text(&d->path);
}

static bool
op_read_only(const void *impl)
{
	const struct db *d = impl;

	return d->handle != NULL &&
	    sqlite3_db_readonly(d->handle, "main") != 0;
}

static CK_RV
run(struct db *d, enum db_sql which)
{
	struct query q;
	CK_RV rv;

	if ((rv = query_start(&q, d, which)) == CKR_OK)
		rv = query_run(&q);
	query_end(&q);
	return rv;
}

/*
 * A deleted row is cleared in its page, but older states of that page stay in
 * the WAL until it is overwritten. So after a commit that deleted or replaced
 * something the WAL is merged and cut to nothing, which makes its blocks free
 * (what a disk does with those is beyond us). A reader or writer at work
 * prevents that for now; it is tried again at the next commit, and closing
 * the last connection does the same. It may also make room on a full disk:
 * many commits lie in the WAL as many states of the same pages.
 */
static void
scrub(struct db *d)
{
	(void)sqlite3_busy_timeout(d->handle, 0);
	if (sqlite3_wal_checkpoint_v2(d->handle, "main",
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK)
		d->scrub = false;
	(void)sqlite3_busy_timeout(d->handle, DB_BUSY_MS);
}

static void
op_rollback(void *impl)
{
	struct db *d = impl;

	/* SQLite has already rolled back after some errors */
	if (d->handle != NULL && sqlite3_get_autocommit(d->handle) == 0)
		(void)run(d, SQL_ROLLBACK);
	if (d->handle != NULL && d->scrub)
		scrub(d);
}

/*
 * The lock, and with it the file that has the name: one that was put in its
 * place while we waited gets our writes.
 */
static CK_RV
lock_store(struct db *d)
{
	unsigned i;
	CK_RV rv;

	for (i = 0; i < RENEWALS; i++) {
		if (d->handle != NULL && !db_still(d))
			db_forget(d);
		if ((rv = db_ready(d)) != CKR_OK)
			return rv;
		/* BEGIN would answer OK and the first write fail */
		if (op_read_only(d)) {
			log_error("store %s: this user may only read it",
			    path_text(&d->path));
			return CKR_TOKEN_WRITE_PROTECTED;
		}
		if ((rv = writer_lock(d, true)) != CKR_OK || db_still(d))
			return rv;
		writer_unlock(d);
	}
	log_error("store %s: is replaced again and again",
	    path_text(&d->path));
	return CKR_FUNCTION_FAILED;
}

static CK_RV
op_begin(void *impl)
{
	struct db *d = impl;
	CK_RV rv;

	if ((rv = lock_store(d)) != CKR_OK)
		return rv;
	if ((rv = run(d, SQL_BEGIN)) == CKR_OK &&
	    (rv = schema_still(d)) != CKR_OK)
		op_rollback(d);
	if (rv != CKR_OK)
		writer_unlock(d);
	return rv;
}

static CK_RV
op_seize(void *impl)
{
	return writer_lock(impl, false);
}

static void
op_release(void *impl)
{
	writer_unlock(impl);
}

/* Another file may have the name by now. */
static void
look_at_name(struct db *d)
{
	if (d->handle != NULL && sqlite3_get_autocommit(d->handle) != 0 &&
	    !db_still(d))
		db_forget(d);
}

static CK_RV
op_backup(void *impl, const char *path)
{
	struct buf full = BUF_EMPTY;
	struct db *d = impl;
	CK_RV rv;

	look_at_name(d);
	if ((rv = db_ready(d)) == CKR_OK &&
	    (rv = file_absolute(path, &full)) == CKR_OK &&
	    (rv = copy_make(d, &full)) == CKR_FUNCTION_REJECTED)
		log_error("store %s: there is something at %s",
		    path_text(&d->path), path_text(&full));
	buf_free(&full);
	return rv;
}

static CK_RV
op_snapshot(void *impl)
{
	look_at_name(impl);
	return run(impl, SQL_SNAPSHOT);
}

static void
op_snapshot_end(void *impl)
{
	struct db *d = impl;

	/* an error may have ended it */
	if (d->handle != NULL && sqlite3_get_autocommit(d->handle) == 0)
		(void)!run(d, SQL_COMMIT);
}

static CK_RV
data_version(struct db *d, int64_t *version)
{
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, d, SQL_DATA_VERSION)) == CKR_OK &&
	    (rv = query_step(&q, &row)) == CKR_OK)
		*version = !row ? 0 :
		    query_get_int(&q, 0, INT64_MIN, INT64_MAX);
	query_end(&q);
	return rv;
}

static CK_RV
op_stamp(void *impl, uint64_t *stamp)
{
	struct db *d = impl;
	int64_t version;
	CK_RV rv;

	if ((rv = data_version(d, &version)) == CKR_OK)
		*stamp = (uint64_t)d->opened << 32 | (uint32_t)version;
	return rv;
}

static CK_RV
op_commit(void *impl)
{
	struct db *d = impl;
	CK_RV rv;

	if (d->handle == NULL || sqlite3_get_autocommit(d->handle) != 0)
		return CKR_DEVICE_ERROR;
	if ((rv = run(d, SQL_COMMIT)) != CKR_OK)
		op_rollback(d);
	else if (d->scrub)
		scrub(d);
	return rv;
}

static CK_RV
op_changed(void *impl, bool *changed)
{
	struct db *d = impl;
	int64_t version;
	CK_RV rv;

	look_at_name(d);
	if ((rv = data_version(d, &version)) != CKR_OK)
		return rv;
	*changed = d->reopened || version != d->data_version;
	d->reopened = false;
	d->data_version = version;
	return CKR_OK;
}

static CK_RV
op_note_get(void *impl, const char *name, struct buf *value)
{
	struct db *d = impl;
	struct query q;
	bool row;
	CK_RV rv;

	if ((rv = query_start(&q, d, SQL_NOTE_GET)) != CKR_OK)
		goto out;
	query_text(&q, name);
	if ((rv = query_step(&q, &row)) != CKR_OK)
		goto out;
	if (!row)
		buf_clear(value);
	else if ((rv = query_get_blob(&q, 0, 1, ROW_NOTE_MAX,
	    value)) == CKR_OK && q.damaged) {
		log_error("store %s: the note %s is damaged",
		    path_text(&d->path), name);
		rv = CKR_DATA_INVALID;
	}
out:
	query_end(&q);
	return rv;
}

static CK_RV
op_note_put(void *impl, const char *name, struct view value)
{
	struct db *d = impl;
	struct query q;
	CK_RV rv;

	d->scrub = true;
	if ((rv = query_start(&q, d, value.len > 0 ? SQL_NOTE_PUT :
	    SQL_NOTE_DELETE)) != CKR_OK)
		goto out;
	query_text(&q, name);
	if (value.len > 0)
		query_blob(&q, value);
	rv = query_run(&q);
out:
	query_end(&q);
	return rv;
}

const struct store_ops store_sqlite = {
	.name = "sqlite",
	.open = op_open,
	.backup = op_backup,
	.replace = sqlite_replace,
	.close = op_close,
	.abandon = op_abandon,
	.path = op_path,
	.read_only = op_read_only,
	.begin = op_begin,
	.commit = op_commit,
	.rollback = op_rollback,
	.seize = op_seize,
	.release = op_release,
	.snapshot = op_snapshot,
	.snapshot_end = op_snapshot_end,
	.stamp = op_stamp,
	.changed = op_changed,
	.note_get = op_note_get,
	.note_put = op_note_put,
	.token_ids = sqlite_token_ids,
	.token_next_id = sqlite_token_next_id,
	.token_version = sqlite_token_version,
	.token_get = sqlite_token_get,
	.token_put = sqlite_token_put,
	.token_delete = sqlite_token_delete,
	.header_get = sqlite_header_get,
	.header_put = sqlite_header_put,
	.object_next_id = sqlite_object_next_id,
	.object_mark = sqlite_object_mark,
	.object_head = sqlite_object_head,
	.object_scan = sqlite_object_scan,
	.object_part = sqlite_object_part,
	.object_get = sqlite_object_get,
	.object_rows = sqlite_object_rows,
	.object_put = sqlite_object_put,
	.object_delete = sqlite_object_delete,
	.objects_delete = sqlite_objects_delete
};
