/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db.h"
#include "util/log.h"

static const char file_name[] = "store.sqlite3";

/*
 * As many directories as lie below a home directory are made: a home that is
 * not there (HOME=/nonexistent of a system account) is not invented.
 */
enum { MAKE_LEVELS = 3 };

const char *
path_text(const struct buf *path)
{
	return path->data != NULL ? (const char *)path->data : "";
}

CK_RV
path_join(struct view a, const char *b, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_append(&text, a)) != CKR_OK ||
	    (rv = buf_append(&text, view_of(b, strlen(b) + 1))) != CKR_OK)
		goto out;
	text.len--;
	buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}

/* path becomes real without symbolic links; CKR_NO_EVENT when it is gone. */
static CK_RV
resolve(struct buf *path)
{
	char *real;
	CK_RV rv;

	real = realpath(path_text(path), NULL);
	if (real == NULL)
		return errno == ENOMEM ? CKR_HOST_MEMORY : CKR_NO_EVENT;
	rv = path_join(view_str(real), "", path);
	free(real);
	return rv;
}

/*
 * The file that belongs to a place: the place itself when it is something
 * else than a directory, so a person may name the file. CKR_NO_EVENT when
 * the place is not there.
 */
static CK_RV
file_of(const struct buf *place, struct buf *path)
{
	struct buf name = BUF_EMPTY;
	struct stat st;
	CK_RV rv;

	if ((rv = path_join(buf_view(place), "", &name)) != CKR_OK ||
	    (rv = resolve(&name)) != CKR_OK)
		goto out;
	if (stat(path_text(&name), &st) == 0 && !S_ISDIR(st.st_mode))
		buf_move(path, &name);
	else if ((rv = path_join(buf_view(&name), "/", &name)) == CKR_OK)
		rv = path_join(buf_view(&name), file_name, path);
out:
	buf_free(&name);
	return rv;
}

/* CKR_OK when there is a file that this user may read; CKR_NO_EVENT. */
static CK_RV
usable(const struct buf *path)
{
	struct stat st;

	if (lstat(path_text(path), &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			log_error("store %s: %s", path_text(path),
			    strerror(errno));
		return CKR_NO_EVENT;
	}
	/* a link is left for the opening to refuse, by name */
	if (S_ISLNK(st.st_mode) ||
	    faccessat(AT_FDCWD, path_text(path), R_OK, AT_EACCESS) == 0)
		return CKR_OK;
	log_error("store %s: %s; let this user read it (owner %ld, group "
	    "%ld) or set TPM2_CRYPTOKI_STORE", path_text(path),
	    strerror(errno), (long)st.st_uid, (long)st.st_gid);
	return CKR_NO_EVENT;
}

CK_RV
place_find(const struct config *config, struct buf *path)
{
	struct buf place = BUF_EMPTY, file = BUF_EMPTY;
	unsigned i;
	CK_RV rv;

	for (i = 0; (rv = config_store_place(config, i, &place)) ==
	    CKR_OK; i++) {
		if ((rv = file_of(&place, &file)) == CKR_OK &&
		    (rv = usable(&file)) == CKR_OK) {
			buf_move(path, &file);
			goto out;
		}
		if (rv != CKR_NO_EVENT)
			goto out;
		log_debug("no store in %s", path_text(&place));
	}
	if (rv == CKR_NO_EVENT)
		rv = CKR_TOKEN_NOT_PRESENT;
out:
	buf_free(&place);
	buf_free(&file);
	return rv;
}

/* Make dir, unless it is there; 0 or errno. */
static int
make_one(const char *dir, const struct config *config, bool passage)
{
	int err;

	if (mkdir(dir, 0700) != 0)
		return errno == EEXIST ? 0 : errno;
	if ((err = share_dir(dir, config, passage)) != 0)
		(void)rmdir(dir);
	return err;
}

/* Make dir, and up to levels - 1 directories above it; 0 or errno. */
static int
make_dirs(char *dir, const struct config *config, unsigned levels)
{
	bool passage = levels < MAKE_LEVELS;
	char *slash;
	int err = make_one(dir, config, passage);

	if (err != ENOENT || levels <= 1)
		return err;
	slash = strrchr(dir, '/');
	if (slash == NULL || slash == dir)
		return err;
	*slash = '\0';
	err = make_dirs(dir, config, levels - 1);
	*slash = '/';
	return err != 0 ? err : make_one(dir, config, passage);
}

/* Is place a directory that can be written, now or by making it? errno. */
static int
prepare(const struct buf *place, const struct config *config)
{
	struct buf dir = BUF_EMPTY;
	struct stat st;
	int err = ENOMEM;

	if (stat(path_text(place), &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			return EEXIST;
	} else {
		if (path_join(buf_view(place), "", &dir) != CKR_OK)
			return ENOMEM;
		err = make_dirs((char *)dir.data, config, MAKE_LEVELS);
		buf_free(&dir);
		if (err != 0)
			return err;
	}
	return faccessat(AT_FDCWD, path_text(place), W_OK | X_OK,
	    AT_EACCESS) == 0 ? 0 : errno;
}

CK_RV
place_make(const struct config *config, struct buf *path)
{
	struct buf place = BUF_EMPTY;
	CK_RV rv, found = CKR_TOKEN_WRITE_PROTECTED;
	struct stat st;
	unsigned i;
	int err;

	for (i = 0; (rv = config_store_place(config, i, &place)) ==
	    CKR_OK; i++) {
		if ((err = prepare(&place, config)) == 0) {
			if ((rv = file_of(&place, path)) != CKR_OK)
				goto out;
			/* one that we may read has just been made by
			 * another process, any other is not ours */
			if (lstat(path_text(path), &st) != 0 ||
			    usable(path) == CKR_OK)
				goto out;
			err = EEXIST;
		}
		rv = errno_rc(err, path_text(&place), "cannot be made there");
		if (rv == CKR_DEVICE_MEMORY || rv == CKR_HOST_MEMORY)
			found = rv;
	}
	if (rv == CKR_NO_EVENT)
		rv = found;
out:
	if (rv != CKR_OK)
		buf_free(path);
	buf_free(&place);
	return rv;
}
