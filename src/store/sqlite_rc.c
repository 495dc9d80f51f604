/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "store/db.h"
#include "util/log.h"

static const struct {
	int code;		/* extended or primary */
	CK_RV rv;
	const char *advice;
} codes[] = {
	{ SQLITE_NOMEM, CKR_HOST_MEMORY, "out of memory" },
	{ SQLITE_IOERR_NOMEM, CKR_HOST_MEMORY, "out of memory" },
	{ SQLITE_FULL, CKR_DEVICE_MEMORY, "make room on the disk" },
	{ SQLITE_READONLY, CKR_TOKEN_WRITE_PROTECTED,
	    "this user may not write the file or its directory" },
	{ SQLITE_BUSY, CKR_FUNCTION_FAILED,
	    "another process has been writing for too long" },
	{ SQLITE_LOCKED, CKR_FUNCTION_FAILED,
	    "another process has been writing for too long" },
	{ SQLITE_PROTOCOL, CKR_FUNCTION_FAILED,
	    "another process has been writing for too long" },
	{ SQLITE_CANTOPEN_SYMLINK, CKR_DEVICE_ERROR,
	    "a symbolic link is not followed; name the file itself" },
	{ SQLITE_CANTOPEN, CKR_DEVICE_ERROR, "check that this user may read "
	    "the file, and beside it those that end in -wal and -shm" },
	{ SQLITE_PERM, CKR_DEVICE_ERROR, "check the file's permissions" },
	{ SQLITE_NOTADB, CKR_DEVICE_ERROR,
	    "the file is no store; move it away or restore a backup" },
	{ SQLITE_CORRUPT, CKR_DEVICE_ERROR,
	    "the file is damaged; restore a backup" },
	{ SQLITE_INTERRUPT, CKR_DEVICE_ERROR,
	    "it takes too long; the file is damaged, restore a backup" },
	{ SQLITE_IOERR, CKR_DEVICE_ERROR, "the disk reports an error" },
	{ SQLITE_TOOBIG, CKR_DATA_INVALID, "a row is too long" },
	/* the only foreign key is that of the token */
	{ SQLITE_CONSTRAINT_FOREIGNKEY, CKR_TOKEN_NOT_PRESENT,
	    "the token has been deleted" },
	{ SQLITE_ERROR, CKR_DEVICE_ERROR,
	    "the file is not what this version expects" }
};

static const struct {
	int err;
	CK_RV rv;
} errnos[] = {
	{ ENOMEM, CKR_HOST_MEMORY },
	{ ENOSPC, CKR_DEVICE_MEMORY },
	{ EDQUOT, CKR_DEVICE_MEMORY },
	{ EFBIG, CKR_DEVICE_MEMORY },
	{ EACCES, CKR_TOKEN_WRITE_PROTECTED },
	{ EPERM, CKR_TOKEN_WRITE_PROTECTED },
	{ EROFS, CKR_TOKEN_WRITE_PROTECTED }
};

static size_t
row_of(int rc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == rc)
			return i;
	for (i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == (rc & 0xff))
			return i;
	return ARRAY_LEN(codes) - 1;
}

/* SQLite calls a full disk an I/O error where it maps or truncates; a limit
 * on the size of files (EFBIG) is one too. */
static bool
disk_full(sqlite3 *h, int rc)
{
	int err;

	if (h == NULL || (rc & 0xff) != SQLITE_IOERR)
		return false;
	err = sqlite3_system_errno(h);
	return err == ENOSPC || err == EDQUOT || err == EFBIG;
}

CK_RV
sqlite_rc(sqlite3 *h, int rc, const char *path, const char *doing)
{
	size_t i;

	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return CKR_OK;
	if (disk_full(h, rc))
		rc = SQLITE_FULL;
	i = row_of(rc);
	/* no sqlite3_errmsg: it may quote what a hostile file contains */
	log_error("store %s: %s: %s (%d): %s", path, doing,
	    sqlite3_errstr(rc), rc, codes[i].advice);
	return codes[i].rv;
}

CK_RV
errno_rc(int err, const char *path, const char *doing)
{
	size_t i;

	log_error("store %s: %s: %s", path, doing, strerror(err));
	for (i = 0; i < ARRAY_LEN(errnos); i++)
		if (errnos[i].err == err)
			return errnos[i].rv;
	return CKR_DEVICE_ERROR;
}
