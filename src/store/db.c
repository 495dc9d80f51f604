/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/db.h"

#include <stdio.h>
#include <string.h>

#include "store/place.h"
#include "util/mem.h"

/*
 * synchronous FULL: a commit is on the disk before it is answered. With
 * NORMAL a power cut takes back the last commits, and with them the only
 * copy of a key that the TPM made, or the seal of a PIN that it now expects.
 * secure_delete clears bytes in the pages; journal_size_limit 0 lets
 * the WAL shrink when it was merged; see sqlite.c for when that is. A store
 * is small: it is merged every 100 pages, not when it has grown to megabytes.
 * No temporary file ever holds a row.
 */
static const char settings[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA journal_size_limit = 0;"
    "PRAGMA wal_autocheckpoint = 100;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA mmap_size = 0;";

void
db_disconnect(struct db *d)
{
	size_t i;

	for (i = 0; i < SQL_COUNT; i++) {
		(void)sqlite3_finalize(d->kept[i]);
		d->kept[i] = NULL;
	}
	/* all statements are gone, so this cannot be refused */
	(void)sqlite3_close(d->handle);
	d->handle = NULL;
}

/* Letters that mean something in a URI are written %XX. */
static CK_RV
uri_of(const struct buf *path, struct buf *uri)
{
	char code[4];
	size_t i;
	CK_RV rv = buf_append(uri, view_str("file:"));

	for (i = 0; i < path->len && rv == CKR_OK; i++) {
		if (strchr("?#%", path->data[i]) == NULL) {
			rv = buf_append(uri, view_of(&path->data[i], 1));
			continue;
		}
		(void)snprintf(code, sizeof(code), "%%%02X", path->data[i]);
		rv = buf_append(uri, view_of(code, 3));
	}
	return rv != CKR_OK ? rv :
	    buf_append(uri, view_of("?immutable=1", sizeof("?immutable=1")));
}

CK_RV
db_connect(struct db *d, bool immutable)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	    SQLITE_OPEN_NOFOLLOW;
	struct buf uri = BUF_EMPTY;
	const char *name = path_text(&d->path);
	CK_RV rv;
	int rc;

	if (immutable) {
		if ((rv = uri_of(&d->path, &uri)) != CKR_OK)
			goto out;
		name = path_text(&uri);
		flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
	} else {
		/* becomes read-only by itself where the file is */
		flags |= SQLITE_OPEN_READWRITE;
	}
	rc = sqlite3_open_v2(name, &d->handle, flags, NULL);
	rv = sqlite_rc(d->handle, rc, path_text(&d->path),
	    "cannot be opened");
	if (rv == CKR_OK)
		rv = db_guard(d);
	d->immutable = immutable;
out:
	buf_free(&uri);
	if (rv != CKR_OK)
		db_disconnect(d);
	return rv;
}

/*
 * A file that somebody put here may not be in WAL mode. Where it cannot be
 * put into it (read-only, or others are busy with it) it is served as it is.
 */
static void
to_wal(struct db *d)
{
	if (!db_is_read_only(d))
		(void)sqlite3_exec(d->handle, "PRAGMA journal_mode = WAL",
		    NULL, NULL, NULL);
}

bool
db_is_read_only(const struct db *d)
{
	return d->immutable || sqlite3_db_readonly(d->handle, "main") != 0;
}

CK_RV
db_settle(struct db *d)
{
	CK_RV rv;

	if ((rv = db_exec(d, settings)) == CKR_OK)
		to_wal(d);
	return rv;
}

CK_RV
db_settle_wal(struct db *d)
{
	CK_RV rv;

	if ((rv = db_settle(d)) != CKR_OK)
		return rv;
	if (sqlite3_db_readonly(d->handle, "main") != 0)
		return sqlite_rc(d->handle, SQLITE_READONLY,
		    path_text(&d->path), "cannot be changed");
	/* other modes leave a journal when we die, see file_check */
	if (db_text_is(d->handle, "PRAGMA journal_mode", "wal"))
		return CKR_OK;
	return sqlite_rc(d->handle, SQLITE_BUSY, path_text(&d->path),
	    "cannot be put into WAL mode");
}

/* Connect in the way that this user's permissions allow. */
static CK_RV
connect_any(struct db *d)
{
	int64_t version;
	CK_RV rv;
	int rc;

	if ((rv = db_connect(d, false)) != CKR_OK)
		return rv;
	rc = db_number(d->handle, "PRAGMA user_version", &version) & 0xff;
	if ((rc != SQLITE_CANTOPEN && rc != SQLITE_READONLY) ||
	    !file_may_be_immutable(&d->path))
		return CKR_OK;	/* schema_check meets any error again */
	db_disconnect(d);
	return db_connect(d, true);
}

static CK_RV
start(struct db *d)
{
	CK_RV rv;

	if ((rv = file_check(&d->path, &d->file)) != CKR_OK ||
	    (rv = inherit_hold()) != CKR_OK ||
	    (rv = connect_any(d)) != CKR_OK)
		return rv;
	if ((rv = schema_check(d)) != CKR_OK || (rv = db_settle(d)) != CKR_OK)
		goto out;
	d->opened++;
	rv = file_beside(&d->path, "-shm", &d->index);
out:
	if (rv != CKR_OK)
		db_disconnect(d);
	return rv;
}

CK_RV
db_ready(struct db *d)
{
	if (d->handle != NULL && d->immutable && !db_still(d))
		db_forget(d);
	return d->handle != NULL ? CKR_OK : start(d);
}

bool
db_still(const struct db *d)
{
	return file_same(&d->path, &d->file, d->immutable);
}

void
db_forget(struct db *d)
{
	db_disconnect(d);
	d->reopened = true;
}

CK_RV
db_new(struct buf *path, struct db **out)
{
	struct db *d = mem_alloc(1, sizeof(*d));
	CK_RV rv;

	if (d == NULL)
		return CKR_HOST_MEMORY;
	buf_move(&d->path, path);
	d->reopened = true;
	if ((rv = start(d)) == CKR_OK)
		*out = d;
	else
		db_free(&d);
	return rv;
}

void
db_free(struct db **d)
{
	if (*d == NULL)
		return;
	writer_unlock(*d);
	db_disconnect(*d);
	buf_free(&(*d)->path);
	mem_free(*d);
	*d = NULL;
}

void
db_abandon(struct db **d)
{
	if (*d != NULL)
		inherit_keep(*d);
	*d = NULL;
}

/* Fill the empty file of d; it is closed without leaving -wal or -shm. */
static CK_RV
fill(struct db *d)
{
	CK_RV rv;

	if ((rv = db_connect(d, false)) != CKR_OK)
		return rv;
	if ((rv = db_exec(d, settings)) == CKR_OK &&
	    (rv = db_exec(d, "PRAGMA journal_mode = WAL")) == CKR_OK)
		rv = schema_create(d);
	db_leave_nothing(d);
	db_disconnect(d);
	return rv;
}

/*
 * The store is made under another name and then linked to its own, which
 * never replaces a file: it is there whole or not at all, and of several
 * processes that make it at once one wins and the others use that one.
 */
CK_RV
db_create(const struct buf *path, const struct config *config)
{
	struct db d = { .handle = NULL };
	CK_RV rv;

	if ((rv = file_temporary(path, config, &d.path)) != CKR_OK)
		return rv;
	if ((rv = fill(&d)) == CKR_OK &&
	    (rv = file_publish(&d.path, path)) == CKR_FUNCTION_REJECTED)
		rv = CKR_OK;
	file_remove(&d.path);
	buf_free(&d.path);
	return rv;
}
