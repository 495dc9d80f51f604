/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "store/db.h"
#include "store/place.h"
#include "util/fork.h"
#include "util/log.h"

/*
 * Who is the only writer. SQLite's own lock ends with COMMIT; this one lasts
 * until the counter in the TPM was bumped too, so that no second process
 * takes the commit for one that somebody left unfinished.
 *
 * It is a POSIX lock on a file of its own ("-lock" beside the store): those
 * belong to the process, so the kernel gives it back when the process dies,
 * whatever children it has, and a child does not inherit it. Within one
 * process such a lock keeps nobody out, and closing any descriptor of the
 * file drops it: so threads first take the flag below.
 */
enum { WAITS = 2000 };	/* about DB_BUSY_MS in all */

/* fork_count() + 1 of who has it. A child that inherits it taken, by a
 * thread that is not in the child, sees by the number that it is void. */
static atomic_uint holder;

static bool
flag_take(void)
{
	const unsigned me = fork_count() + 1;
	unsigned was = 0;

	if (atomic_compare_exchange_strong(&holder, &was, me))
		return true;
	return was != me && atomic_compare_exchange_strong(&holder, &was, me);
}

/* Like SQLite's -wal: whoever may use the store may use this file too. */
static void
like_store(const struct db *d, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 ||
	    (st.st_mode & 0777) == (d->file.st_mode & 0666))
		return;
	if (geteuid() == 0 &&
	    fchown(fd, d->file.st_uid, d->file.st_gid) != 0)
		return;
	/* of another owner's file it is not ours to say */
	if (st.st_uid == geteuid())
		(void)!fchmod(fd, d->file.st_mode & 0666);
}

/* 0 when fd has the lock and path is still its name, EAGAIN for try again. */
static int
lock_fd(const struct db *d, const char *path, int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
		.l_start = 0, .l_len = 1 };
	struct stat named, opened;

	if (fcntl(fd, F_SETLK, &lock) != 0)
		return errno == EACCES || errno == EINTR ? EAGAIN : errno;
	like_store(d, fd);
	if (fstat(fd, &opened) != 0)
		return errno;
	return lstat(path, &named) != 0 || named.st_ino != opened.st_ino ||
	    named.st_dev != opened.st_dev ? EAGAIN : 0;
}

static int
try_lock(struct db *d, const char *path)
{
	int fd, err;

	if (!flag_take())
		return EAGAIN;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	err = fd < 0 ? errno : lock_fd(d, path, fd);
	if (err == 0) {
		d->lock = fd;
		d->only = true;
		return 0;
	}
	if (fd >= 0)
		(void)close(fd);
	atomic_store(&holder, 0);
	return err;
}

/* Short waits at first, and not all waiters in step. */
static void
pause_for(unsigned i)
{
	struct timespec wait = { 0, 200000L };

	wait.tv_nsec += (long)(i < 50 ? i : 50) * 90000L +
	    (long)getpid() % 17 * 50000L;
	(void)nanosleep(&wait, NULL);
}

CK_RV
writer_lock(struct db *d, bool wait)
{
	struct buf path = BUF_EMPTY;
	unsigned i;
	int err = EAGAIN;
	CK_RV rv;

	if ((rv = path_join(buf_view(&d->path), "-lock", &path)) != CKR_OK)
		return rv;
	for (i = 0; i < WAITS; i++) {
		err = try_lock(d, path_text(&path));
		if (err != EAGAIN || !wait)
			break;
		pause_for(i);
	}
	if (err == EAGAIN)
		rv = CKR_FUNCTION_FAILED;
	else if (err != 0)
		rv = errno_rc(err, path_text(&path), "cannot be locked");
	if (rv == CKR_FUNCTION_FAILED && wait)
		log_error("store %s: another process has been writing for "
		    "too long", path_text(&d->path));
	buf_free(&path);
	return rv;
}

void
writer_unlock(struct db *d)
{
	if (!d->only)
		return;
	(void)close(d->lock);
	d->only = false;
	atomic_store(&holder, 0);
}
