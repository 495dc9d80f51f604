/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "store/db.h"
#include "store/place.h"

/*
 * Copies by SQLite's own backup. All pages go in one step, in one read
 * transaction of the source: others go on writing, and no page is of another
 * moment. A copy is made under another name and then linked to its own, so
 * it is there whole or not at all.
 */
enum { NAMES_MAX = 1000 };

CK_RV
db_copy(struct db *from, struct db *to)
{
	sqlite3_backup *b;
	int rc;

	b = sqlite3_backup_init(to->handle, "main", from->handle, "main");
	if (b == NULL) {
		rc = sqlite3_extended_errcode(to->handle);
	} else {
		(void)sqlite3_backup_step(b, -1);
		rc = sqlite3_backup_finish(b);
	}
	return sqlite_rc(to->handle, rc, path_text(&to->path),
	    "cannot be made a copy");
}

static CK_RV
fill(struct db *d, struct db *copy)
{
	CK_RV rv;

	if ((rv = db_connect(copy, false)) != CKR_OK)
		return rv;
	/* no journal beside a file that nobody knows yet */
	if ((rv = db_exec(copy, "PRAGMA journal_mode = MEMORY")) == CKR_OK)
		rv = db_copy(d, copy);
	db_leave_nothing(copy);
	db_disconnect(copy);
	return rv == CKR_OK ? file_sync(&copy->path) : rv;
}

CK_RV
copy_make(struct db *d, const struct buf *path)
{
	struct db copy = { .handle = NULL };
	struct stat st;
	CK_RV rv;

	if ((rv = file_beside(path, "", &st)) != CKR_OK)
		return rv;
	if (st.st_nlink != 0)
		return CKR_FUNCTION_REJECTED;
	if ((rv = file_temporary(path, NULL, &copy.path)) != CKR_OK)
		return rv;
	if ((rv = fill(d, &copy)) == CKR_OK)
		rv = file_publish(&copy.path, path);
	file_remove(&copy.path);
	buf_free(&copy.path);
	return rv;
}

CK_RV
copy_beside(struct db *d, const char *name, const char *ending,
    struct buf *path)
{
	struct buf made = BUF_EMPTY;
	char suffix[64], number[16] = "";
	unsigned i;
	CK_RV rv = CKR_FUNCTION_REJECTED;

	for (i = 1; i < NAMES_MAX && rv == CKR_FUNCTION_REJECTED; i++) {
		(void)snprintf(suffix, sizeof(suffix), ".%s%s.%s", name,
		    number, ending);
		(void)snprintf(number, sizeof(number), ".%u", i);
		if ((rv = path_join(buf_view(&d->path), suffix,
		    &made)) == CKR_OK)
			rv = copy_make(d, &made);
	}
	if (rv == CKR_OK)
		buf_move(path, &made);
	buf_free(&made);
	return rv == CKR_FUNCTION_REJECTED ? CKR_DEVICE_ERROR : rv;
}
