/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/db.h"
#include "store/place.h"
#include "util/log.h"

/* How long another process may take to leave a rollback journal. */
enum { JOURNAL_WAITS = 40, JOURNAL_WAIT_MS = 50 };

CK_RV
file_beside(const struct buf *path, const char *suffix, struct stat *st)
{
	struct buf name = BUF_EMPTY;
	CK_RV rv;

	if ((rv = path_join(buf_view(path), suffix, &name)) != CKR_OK)
		return rv;
	if (lstat(path_text(&name), st) != 0) {
		if (errno != ENOENT)
			rv = errno_rc(errno, path_text(&name),
			    "cannot be looked at");
		memset(st, 0, sizeof(*st));
	}
	buf_free(&name);
	return rv;
}

/*
 * A store in WAL mode has no rollback journal. One that lies there could
 * make SQLite write other bytes into the store, or delete a file that it
 * names, so it is not played back. Somebody who has just restored a backup
 * makes one for a moment while the file is put into WAL mode.
 */
static CK_RV
journal_check(const struct buf *path)
{
	struct timespec wait = { 0, JOURNAL_WAIT_MS * 1000000L };
	struct stat st;
	unsigned i;
	CK_RV rv;

	for (i = 0; i < JOURNAL_WAITS; i++) {
		if ((rv = file_beside(path, "-journal", &st)) != CKR_OK ||
		    st.st_nlink == 0)
			return rv;
		(void)nanosleep(&wait, NULL);
	}
	log_error("store %s: a rollback journal lies beside it, which is not "
	    "this module's; move it away", path_text(path));
	return CKR_DEVICE_ERROR;
}

/*
 * The file is never opened here: to close a descriptor of it would drop the
 * locks that other connections of this process have on it.
 */
CK_RV
file_check(const struct buf *path, struct stat *st)
{
	const char *what = NULL;

	if (lstat(path_text(path), st) != 0)
		what = strerror(errno);
	else if (S_ISLNK(st->st_mode))
		what = "is a symbolic link; name the file itself by "
		    "TPM2_CRYPTOKI_STORE";
	else if (!S_ISREG(st->st_mode))
		what = "is not a file";
	else if (st->st_size == 0)
		what = "is empty; restore a backup, or remove it";
	if (what == NULL)
		return journal_check(path);
	log_error("store %s: %s", path_text(path), what);
	return CKR_DEVICE_ERROR;
}

/* The directory of path, with a slash at its end. */
static struct view
dir_of(const struct buf *path)
{
	const char *slash = strrchr(path_text(path), '/');

	return view_of(path->data, slash == NULL ? 0 :
	    (size_t)(slash - path_text(path)) + 1);
}

/*
 * May the file be read as one that nobody changes? Only where this user could
 * not take part in the locking of others (nor make -wal and -shm), and when
 * no commit waits in a WAL. db_ready watches that it stays so.
 */
bool
file_may_be_immutable(const struct buf *path)
{
	struct buf dir = BUF_EMPTY;
	struct stat wal;
	bool may;

	may = path_join(dir_of(path), "", &dir) == CKR_OK &&
	    faccessat(AT_FDCWD, path_text(&dir), W_OK, AT_EACCESS) != 0 &&
	    file_beside(path, "-wal", &wal) == CKR_OK && wal.st_size == 0;
	buf_free(&dir);
	return may;
}

bool
file_same(const struct buf *path, const struct stat *st, bool unchanged)
{
	struct stat now, wal;

	if (lstat(path_text(path), &now) != 0 ||
	    now.st_dev != st->st_dev || now.st_ino != st->st_ino)
		return false;
	if (!unchanged)
		return true;
	return now.st_size == st->st_size &&
	    now.st_mtim.tv_sec == st->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == st->st_mtim.tv_nsec &&
	    file_beside(path, "-wal", &wal) == CKR_OK && wal.st_size == 0;
}

CK_RV
file_temporary(const struct buf *path, const struct config *config,
    struct buf *temp)
{
	CK_RV rv;
	int fd, err;

	if ((rv = path_join(dir_of(path), ".new-store.XXXXXX",
	    temp)) != CKR_OK)
		return rv;
	fd = mkostemp((char *)temp->data, O_CLOEXEC);
	if (fd < 0) {
		rv = errno_rc(errno, path_text(path), "cannot be made");
		goto out;
	}
	/* SQLite gives -wal and -shm the mode of the file; the umask may
	 * have taken away the owner's part */
	if ((err = share_file(fd, path_text(path), config)) != 0)
		rv = errno_rc(err, path_text(path), "cannot be made");
	(void)close(fd);
	if (rv != CKR_OK)
		(void)unlink(path_text(temp));
out:
	if (rv != CKR_OK)
		buf_free(temp);
	return rv;
}

CK_RV
file_absolute(const char *path, struct buf *out)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	struct buf dir = BUF_EMPTY;
	char *real = NULL;
	CK_RV rv;

	if ((rv = path_join(slash == NULL ? view_str("./") :
	    view_of(path, (size_t)(base - path)), "", &dir)) != CKR_OK)
		return rv;
	if ((real = realpath(path_text(&dir), NULL)) == NULL)
		rv = errno_rc(errno, path, "cannot be reached");
	else if ((rv = path_join(view_str(real),
	    strcmp(real, "/") == 0 ? "" : "/", &dir)) == CKR_OK)
		rv = path_join(buf_view(&dir), base, out);
	free(real);
	buf_free(&dir);
	return rv;
}

CK_RV
file_sync(const struct buf *path)
{
	int fd = open(path_text(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	CK_RV rv = CKR_OK;

	if (fd < 0 || fsync(fd) != 0)
		rv = errno_rc(errno, path_text(path), "cannot be written");
	if (fd >= 0)
		(void)close(fd);
	return rv;
}

/* The new name has to survive a power cut just as the content. */
CK_RV
file_sync_dir(const struct buf *path)
{
	struct buf dir = BUF_EMPTY;
	CK_RV rv;
	int fd;

	if ((rv = path_join(dir_of(path), "", &dir)) != CKR_OK)
		return rv;
	fd = open(path_text(&dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* some file systems cannot sync a directory; none loses by it */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		rv = errno_rc(errno, path_text(&dir), "cannot be written");
	if (fd >= 0)
		(void)close(fd);
	buf_free(&dir);
	return rv;
}

CK_RV
file_publish(const struct buf *temp, const struct buf *path)
{
	int err = link(path_text(temp), path_text(path)) == 0 ? 0 : errno;

	/* a file system without links, as on a stick for backups */
	if ((err == EPERM || err == EOPNOTSUPP) && renameat2(AT_FDCWD,
	    path_text(temp), AT_FDCWD, path_text(path), RENAME_NOREPLACE) == 0)
		err = 0;
	if (err == EEXIST)
		return CKR_FUNCTION_REJECTED;
	return err != 0 ? errno_rc(err, path_text(path), "cannot be made") :
	    file_sync_dir(path);
}

void
file_remove(const struct buf *temp)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	struct buf name = BUF_EMPTY;
	size_t i;

	for (i = 0; i < ARRAY_LEN(suffixes); i++)
		if (path_join(buf_view(temp), suffixes[i], &name) == CKR_OK)
			(void)unlink(path_text(&name));
	buf_free(&name);
}
