/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

/*
 * A backup in the place of the store. The backup is first copied beside the
 * store, checked there and upgraded if it is of an older version. Then its
 * pages become those of the store in one transaction: the file stays the same
 * one, whose WAL and locks others have open, so they see a commit like any
 * other, and there is no moment at which a new file would meet an old WAL.
 * Only a file that is no database any more, in which there can be no
 * transaction, is put aside for a new one.
 */

/* Of the backup's content; what it is not is not our store's fault. */
static CK_RV
about_backup(CK_RV rv, const struct buf *path)
{
	if (rv == CKR_OK)
		return rv;
	log_error("store %s: cannot be restored", path_text(path));
	return rv == CKR_DEVICE_ERROR ? CKR_DATA_INVALID : rv;
}

/* As it lies there: nothing is written to it, nor beside it, unless there are
 * commits in a WAL. */
static CK_RV
open_backup(struct db *d, const struct buf *store)
{
	struct stat wal;
	CK_RV rv;

	if ((rv = file_check(&d->path, &d->file)) != CKR_OK ||
	    (rv = file_beside(&d->path, "-wal", &wal)) != CKR_OK)
		return rv;
	/* to close it would drop the locks of who has it open here */
	if (file_same(store, &d->file, false)) {
		log_error("store %s: is the store itself",
		    path_text(&d->path));
		return CKR_DEVICE_ERROR;
	}
	return db_connect(d, wal.st_size == 0);
}

static CK_RV
fill(struct db *from, struct db *temp)
{
	CK_RV rv;

	if ((rv = db_connect(temp, false)) != CKR_OK)
		return rv;
	temp->copy = true;
	if ((rv = db_exec(temp, "PRAGMA journal_mode = MEMORY")) == CKR_OK &&
	    (rv = db_copy(from, temp)) == CKR_OK &&
	    (rv = schema_check(temp)) == CKR_OK)
		rv = db_settle_wal(temp);
	db_leave_nothing(temp);
	db_disconnect(temp);
	return rv == CKR_OK ? file_sync(&temp->path) : rv;
}

/* What shall be the store, as a file beside it that nobody has open. */
static CK_RV
take_in(const char *path, const struct config *config,
    const struct buf *store, struct buf *temp)
{
	struct db from = { .handle = NULL }, to = { .handle = NULL };
	CK_RV rv;

	if ((rv = file_absolute(path, &from.path)) != CKR_OK ||
	    (rv = about_backup(open_backup(&from, store),
	    &from.path)) != CKR_OK ||
	    (rv = file_temporary(store, config, &to.path)) != CKR_OK)
		goto out;
	rv = about_backup(fill(&from, &to), &from.path);
	if (rv == CKR_OK)
		buf_move(temp, &to.path);
	else
		file_remove(&to.path);
out:
	db_disconnect(&from);
	buf_free(&from.path);
	buf_free(&to.path);
	return rv;
}

static void
name_of_now(char name[32])
{
	time_t now = time(NULL);
	struct tm utc;

	if (gmtime_r(&now, &utc) == NULL ||
	    strftime(name, 32, "%Y%m%dT%H%M%SZ", &utc) == 0)
		(void)snprintf(name, 32, "kept");
}

/* Both have to have pages of one size, or SQLite would have to make the file
 * anew beneath those who read it. */
static CK_RV
same_pages(struct db *a, struct db *b)
{
	int64_t of_a, of_b;

	if (db_number(a->handle, "PRAGMA page_size", &of_a) == SQLITE_OK &&
	    db_number(b->handle, "PRAGMA page_size", &of_b) == SQLITE_OK &&
	    of_a == of_b)
		return CKR_OK;
	log_error("store %s: the backup has pages of another size",
	    path_text(&b->path));
	return CKR_DATA_INVALID;
}

/* The store is open. */
static CK_RV
write_over(struct db *store, const struct buf *temp, struct buf *kept)
{
	struct db from = { .handle = NULL };
	char name[32];
	CK_RV rv;

	name_of_now(name);
	if ((rv = path_join(buf_view(temp), "", &from.path)) != CKR_OK ||
	    (rv = db_connect(&from, true)) != CKR_OK ||
	    (rv = db_settle_wal(store)) != CKR_OK ||
	    (rv = same_pages(&from, store)) != CKR_OK ||
	    (rv = copy_beside(store, name, "old", kept)) != CKR_OK)
		goto out;
	if ((rv = db_copy(&from, store)) != CKR_OK) {
		file_remove(kept);
		buf_clear(kept);
	}
out:
	db_disconnect(&from);
	buf_free(&from.path);
	return rv;
}

/* A name beside path that is a second one of its file now. */
static CK_RV
link_beside(const struct buf *path, struct buf *kept)
{
	char name[32], suffix[64];
	unsigned i;
	CK_RV rv = CKR_FUNCTION_REJECTED;

	name_of_now(name);
	for (i = 0; i < 1000 && rv == CKR_FUNCTION_REJECTED; i++) {
		(void)snprintf(suffix, sizeof(suffix), ".%s.%u.old", name, i);
		if ((rv = path_join(buf_view(path), suffix, kept)) == CKR_OK)
			rv = file_publish(path, kept);
	}
	return rv;
}

/*
 * First the WAL goes the way of its file, then the file: a new file must not
 * meet it. Who dies in between leaves a broken store a broken store, and all
 * of it beside it.
 */
static CK_RV
put_aside(const struct buf *path, const struct buf *temp, struct buf *kept)
{
	struct buf from = BUF_EMPTY, to = BUF_EMPTY;
	CK_RV rv;

	if ((rv = link_beside(path, kept)) != CKR_OK ||
	    (rv = path_join(buf_view(path), "-wal", &from)) != CKR_OK ||
	    (rv = path_join(buf_view(kept), "-wal", &to)) != CKR_OK)
		goto out;
	(void)rename(path_text(&from), path_text(&to));
	if ((rv = path_join(buf_view(path), "-shm", &from)) != CKR_OK)
		goto out;
	(void)unlink(path_text(&from));
	if (rename(path_text(temp), path_text(path)) != 0)
		rv = errno_rc(errno, path_text(path), "cannot be replaced");
	else
		rv = file_sync_dir(path);
out:
	buf_free(&from);
	buf_free(&to);
	return rv;
}

/* Is there anything in it that SQLite can take for a database? */
static CK_RV
open_store(struct db *d, bool *broken)
{
	int64_t version;
	CK_RV rv;
	int rc;

	*broken = d->file.st_size == 0;
	if (*broken)
		return CKR_OK;
	if ((rv = inherit_hold()) != CKR_OK ||
	    (rv = db_connect(d, false)) != CKR_OK)
		return rv;
	rc = db_number(d->handle, "PRAGMA user_version", &version);
	*broken = (rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT;
	return *broken ? CKR_OK : sqlite_rc(d->handle, rc,
	    path_text(&d->path), "cannot be read");
}

static CK_RV
put_in_place(struct db *d, const struct buf *temp, struct buf *kept)
{
	bool broken;
	CK_RV rv;

	/* of an empty file there is nothing to check */
	if (lstat(path_text(&d->path), &d->file) != 0 ||
	    !S_ISREG(d->file.st_mode) || d->file.st_size != 0)
		rv = file_check(&d->path, &d->file);
	else
		rv = CKR_OK;
	if (rv != CKR_OK || (rv = writer_lock(d, true)) != CKR_OK)
		return rv;
	if ((rv = open_store(d, &broken)) == CKR_OK)
		rv = broken ? put_aside(&d->path, temp, kept) :
		    write_over(d, temp, kept);
	db_disconnect(d);
	writer_unlock(d);
	return rv;
}

CK_RV
sqlite_replace(const struct config *config, const char *path,
    struct buf *kept)
{
	struct db d = { .handle = NULL };
	struct buf temp = BUF_EMPTY;
	bool there = true;
	CK_RV rv;

	buf_clear(kept);
	rv = place_find(config, &d.path);
	if (rv == CKR_TOKEN_NOT_PRESENT) {
		there = false;
		rv = place_make(config, &d.path);
	}
	if (rv != CKR_OK ||
	    (rv = take_in(path, config, &d.path, &temp)) != CKR_OK)
		goto out;
	rv = there ? put_in_place(&d, &temp, kept) :
	    file_publish(&temp, &d.path);
	/* somebody has made one while we were at it */
	if (rv == CKR_FUNCTION_REJECTED)
		rv = CKR_FUNCTION_FAILED;
	file_remove(&temp);
out:
	buf_free(&temp);
	buf_free(&d.path);
	return rv;
}
