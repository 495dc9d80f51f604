/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/env.h"
#include "yaml/config_keys.h"

/* A directory of the user's, by two names, and one of the system's. */
struct places {
	const char *variable;
	const char *below_variable;
	const char *below_home;
	const char *system;
};

static const struct places stores = {
	"XDG_DATA_HOME", "/tpm2-cryptoki",
	"/.local/share/tpm2-cryptoki",
	"/var/lib/tpm2-cryptoki"
};

static const struct places files = {
	"XDG_CONFIG_HOME", "/tpm2-cryptoki/config.yaml",
	"/.config/tpm2-cryptoki/config.yaml",
	SYSCONFDIR "/tpm2-cryptoki/config.yaml"
};

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

static CK_RV
find(const struct places *p, unsigned index, struct buf *path, bool *home)
{
	/* the places are asked for in turn: one complaint is enough */
	bool tell = index == 0;
	const char *dir, *tail = p->below_variable;

	dir = env_dir(p->variable, tell);
	if (dir == NULL) {
		dir = env_dir("HOME", tell);
		tail = p->below_home;
	}
	*home = dir != NULL && index == 0;
	if (dir != NULL && index-- == 0)
		return join(dir, tail, path);
	if (index == 0)
		return join(p->system, "", path);
	return CKR_NO_EVENT;
}

CK_RV
config_store_place(const struct config *c, unsigned index, struct buf *path)
{
	bool home;

	if (c->store.len == 0)
		return find(&stores, index, path, &home);
	return index > 0 ? CKR_NO_EVENT :
	    join((char *)c->store.data, "", path);
}

CK_RV
config_file_place(unsigned index, struct buf *path, bool *home)
{
	return find(&files, index, path, home);
}
