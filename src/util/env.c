/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/env.h"

#include <stdlib.h>

#include "util/log.h"

const char *
env_get(const char *name)
{
	const char *value = secure_getenv(name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/*
 * A directory named by the environment; NULL when it is not absolute, since
 * the working directory is not the user's word.
 */
static const char *
env_dir(const char *name, bool tell)
{
	const char *dir = env_get(name);

	if (dir == NULL || dir[0] == '/')
		return dir;
	if (tell)
		log_error("%s=%s is not an absolute path and is ignored; "
		    "write it from / on", name, dir);
	return NULL;
}

/* *path becomes dir and tail, with a NUL behind the end. */
static CK_RV
join(const char *dir, const char *tail, struct buf *path)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&text, view_str(dir))) != CKR_OK ||
	    (rv = buf_append(&text, view_str(tail))) != CKR_OK ||
	    (rv = buf_append(&text, view_of("", 1))) != CKR_OK)
		goto out;
	text.len--;
	buf_move(path, &text);
out:
	buf_free(&text);
	return rv;
}

CK_RV
env_store_place(unsigned index, struct buf *path)
{
	/* the places are asked for in turn: one complaint is enough */
	bool tell = index == 0;
	const char *dir, *tail = "/tpm2-cryptoki";

	dir = env_dir("TPM2_CRYPTOKI_STORE", tell);
	if (dir != NULL)
		return index == 0 ? join(dir, "", path) : CKR_NO_EVENT;

	dir = env_dir("XDG_DATA_HOME", tell);
	if (dir == NULL) {
		dir = env_dir("HOME", tell);
		tail = "/.local/share/tpm2-cryptoki";
	}
	if (dir != NULL && index-- == 0)
		return join(dir, tail, path);
	if (index == 0)
		return join("/var/lib", "/tpm2-cryptoki", path);
	return CKR_NO_EVENT;
}
