/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/env.h"
#include "yaml/config_keys.h"

enum { FILE_MAX_BYTES = 64 * 1024, PASSWORD_MAX_BYTES = 1024 };

/* Why a file cannot be used, for a person; NULL when it can. */
static const char *
distrust(const struct stat *st, mode_t forbidden, size_t max)
{
	if (!S_ISREG(st->st_mode))
		return "is not a regular file";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "belongs to another user than root or this one; "
		    "chown it";
	if ((st->st_mode & forbidden & S_IWOTH) != 0)
		return "can be written by everybody; chmod o-w";
	if ((st->st_mode & forbidden & S_IWGRP) != 0)
		return "can be written by its group; chmod g-w";
	if ((st->st_mode & forbidden & S_IROTH) != 0)
		return "can be read by everybody; chmod o-r";
	if (st->st_size < 0 || (uintmax_t)st->st_size > max)
		return max == FILE_MAX_BYTES ? "is longer than 64 KiB" :
		    "is longer than 1 KiB";
	return NULL;
}

/* At most len bytes, which is what the file had; 0 or errno. */
static int
read_all(int fd, size_t len, struct buf *out)
{
	size_t got = 0;
	int err = 0;
	ssize_t n;

	if (buf_resize(out, len) != CKR_OK)
		return ENOMEM;
	while (got < len && err == 0) {
		n = read(fd, out->data + got, len - got);
		if (n == 0)
			break;
		if (n > 0)
			got += (size_t)n;
		else if (errno != EINTR)
			err = errno;
	}
	out->len = got;
	return err;
}

/*
 * The whole of a regular file of root or this user, whose mode has no bit of
 * forbidden. 0 or errno, or EPERM with *why.
 */
static int
read_trusted(const char *path, mode_t forbidden, size_t max, struct buf *out,
    const char **why)
{
	struct stat st;
	int fd, err;

	/* neither wait for a pipe's other end nor take a terminal */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) != 0)
		err = errno;
	else if ((*why = distrust(&st, forbidden, max)) != NULL)
		err = EPERM;
	else
		err = read_all(fd, (size_t)st.st_size, out);
	(void)close(fd);
	return err;
}

/*
 * text becomes the content of c->file; CKR_NO_EVENT when there is no file. A
 * service may be kept from its user's home: what it cannot see is not there.
 */
static CK_RV
read_file(const struct config *c, bool home, struct buf *text)
{
	const char *path = (char *)c->file.data, *why = NULL;
	int err;

	err = read_trusted(path, S_IWGRP | S_IWOTH, FILE_MAX_BYTES, text,
	    &why);
	if (err == 0)
		return CKR_OK;
	if (err == ENOENT || err == ENOTDIR || (home && err == EACCES))
		return CKR_NO_EVENT;
	if (err == ENOMEM)
		return CKR_HOST_MEMORY;
	log_error("configuration %s: %s", path,
	    why != NULL ? why : strerror(err));
	return CKR_FUNCTION_FAILED;
}

/* The file that the environment names: it has to be there. */
static CK_RV
find_named(const char *name, struct config *c, struct buf *text)
{
	CK_RV rv;

	if (name[0] != '/') {
		log_error("TPM2_CRYPTOKI_CONFIG=%s is not an absolute path; "
		    "write it from / on", name);
		return CKR_FUNCTION_FAILED;
	}
	if ((rv = buf_set(&c->file, view_of(name, strlen(name) + 1))) !=
	    CKR_OK)
		return rv;
	c->file.len--;
	if ((rv = read_file(c, false, text)) != CKR_NO_EVENT)
		return rv;
	log_error("configuration %s: there is no such file, and "
	    "TPM2_CRYPTOKI_CONFIG names it", name);
	return CKR_FUNCTION_FAILED;
}

/* The first that is there; CKR_NO_EVENT when there is none. */
static CK_RV
find_file(struct config *c, struct buf *text)
{
	const char *name = env_get("TPM2_CRYPTOKI_CONFIG");
	bool home;
	unsigned i;
	CK_RV rv;

	if (name != NULL)
		return find_named(name, c, text);
	for (i = 0; (rv = config_file_place(i, &c->file, &home)) == CKR_OK;
	    i++)
		if ((rv = read_file(c, home, text)) != CKR_NO_EVENT)
			return rv;
	buf_free(&c->file);
	return rv;
}

CK_RV
config_file_load(struct config *c)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = find_file(c, &text)) == CKR_OK) {
		log_debug("configuration %s", (char *)c->file.data);
		rv = config_read(buf_view(&text), c);
	}
	buf_free(&text);
	return rv == CKR_NO_EVENT ? CKR_OK : rv;
}

CK_RV
config_owner_auth(const struct config *c, struct buf *auth)
{
	const char *path = (char *)c->owner_auth_file.data, *why = NULL;
	struct buf text = BUF_EMPTY;
	int err;

	if (c->owner_auth_file.len == 0) {
		buf_clear(auth);
		return CKR_OK;
	}
	err = read_trusted(path, S_IWGRP | S_IROTH | S_IWOTH,
	    PASSWORD_MAX_BYTES, &text, &why);
	if (err == 0) {
		if (text.len > 0 && text.data[text.len - 1] == '\n')
			text.len--;
		buf_move(auth, &text);
		return CKR_OK;
	}
	buf_free(&text);
	if (err == ENOMEM)
		return CKR_HOST_MEMORY;
	log_error("%s:%u: owner_auth_file %s: %s", (char *)c->file.data,
	    c->origin[CONFIG_OWNER_AUTH_FILE].line, path,
	    why != NULL ? why : strerror(err));
	return CKR_FUNCTION_FAILED;
}
