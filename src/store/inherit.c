/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

/*
 * What a fork leaves in the child. SQLite must not be asked to close a
 * connection that the parent uses: it would checkpoint and truncate the WAL
 * beneath it. So the connection is leaked here for good.
 *
 * SQLite keeps one table of locks for all connections of a process to the
 * same file, and the child inherits it: it says that shared locks are held,
 * which the kernel gave to the parent alone. A new connection in the child
 * would believe it, and another process could take the child for gone and
 * empty the files beneath it. So before the child opens a store again it
 * takes those two locks for itself; POSIX locks belong to the process and
 * the file, whichever descriptor asked for them. Closing any descriptor of
 * the file would drop them, so these two stay open.
 */
static struct db *left;

/* Bytes locked by each user of a file: of the file format (pager), and the
 * one of a WAL index that says that somebody is there. */
enum {
	SHARED_FIRST = 0x40000002,
	SHARED_LEN = 510,
	INDEX_USED = 128,
	WAITS = 100,
	WAIT_MS = 20
};

void
inherit_keep(struct db *d)
{
	d->next = left;
	left = d;
}

/* Somebody may be closing the file as its last user, which is soon over. */
static int
lock_shared(int fd, struct flock *lock)
{
	struct timespec wait = { 0, WAIT_MS * 1000000L };
	unsigned i;

	for (i = 0; i < WAITS; i++) {
		if (fcntl(fd, F_SETLK, lock) == 0)
			return 0;
		(void)nanosleep(&wait, NULL);
	}
	return -1;
}

static CK_RV
hold(struct view path, const char *suffix, off_t start, off_t len)
{
	struct flock lock = {
		.l_type = F_RDLCK, .l_whence = SEEK_SET,
		.l_start = start, .l_len = len
	};
	struct buf name = BUF_EMPTY;
	CK_RV rv;
	int fd;

	if ((rv = path_join(path, suffix, &name)) != CKR_OK)
		return rv;
	fd = open(path_text(&name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		/* no file, no lock that anybody could believe in */
		if (errno != ENOENT)
			rv = errno_rc(errno, path_text(&name),
			    "cannot be used after fork");
	} else if (lock_shared(fd, &lock) != 0) {
		rv = errno_rc(errno, path_text(&name),
		    "cannot be locked after fork");
	}
	buf_free(&name);
	return rv;	/* fd stays open, see above */
}

/*
 * SQLite would go on with the inherited mapping of an index that is no longer
 * the file's: then the others do not see what we write.
 */
static CK_RV
same_index(const struct db *d)
{
	struct stat now;
	CK_RV rv;

	if ((rv = file_beside(&d->path, "-shm", &now)) != CKR_OK)
		return rv;
	if (!file_same(&d->path, &d->file, false) ||
	    d->index.st_nlink == 0 || now.st_ino == d->index.st_ino)
		return CKR_OK;
	log_error("store %s: was replaced since this process was forked; "
	    "start this program again", path_text(&d->path));
	return CKR_DEVICE_ERROR;
}

CK_RV
inherit_hold(void)
{
	struct db *d;
	int me = (int)getpid();
	CK_RV rv;

	for (d = left; d != NULL; d = d->next) {
		if (d->holder == me || d->handle == NULL || d->immutable)
			continue;
		if ((rv = same_index(d)) != CKR_OK ||
		    (rv = hold(buf_view(&d->path), "", SHARED_FIRST,
		    SHARED_LEN)) != CKR_OK ||
		    (rv = hold(buf_view(&d->path), "-shm", INDEX_USED,
		    1)) != CKR_OK)
			return rv;
		d->holder = me;
	}
	return CKR_OK;
}
