/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/internal.h"
#include "util/log.h"
#include "util/mem.h"

CK_RV
store_open(const struct config *config, bool create, struct store **out)
{
	struct store *s = mem_alloc(1, sizeof(*s));
	CK_RV rv;

	if (s == NULL)
		return CKR_HOST_MEMORY;
	s->ops = &store_sqlite;
	if ((rv = s->ops->open(config, create, &s->impl)) == CKR_OK) {
		log_debug("store %s (%s)", store_path(s), s->ops->name);
		*out = s;
	} else {
		mem_free(s);
	}
	return rv;
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	store_rollback(*s);
	vault_free(&(*s)->vault);
	(*s)->ops->close(&(*s)->impl);
	mem_free(*s);
	*s = NULL;
}

void
store_abandon(struct store **s)
{
	if (*s == NULL)
		return;
	vault_free(&(*s)->vault);
	(*s)->ops->abandon(&(*s)->impl);
	mem_free(*s);
	*s = NULL;
}

const char *
store_path(const struct store *s)
{
	return s->ops->path(s->impl);
}

bool
store_read_only(const struct store *s)
{
	return s->ops->read_only(s->impl);
}

CK_RV
store_backup(struct store *s, const char *path)
{
	/* of what is not committed there is no copy */
	return s->open ? CKR_GENERAL_ERROR : s->ops->backup(s->impl, path);
}

CK_RV
store_replace(const struct config *config, const char *path,
    struct buf *kept)
{
	return store_sqlite.replace(config, path, kept);
}

CK_RV
store_begin(struct store *s)
{
	CK_RV rv;

	if (s->open)
		return CKR_GENERAL_ERROR;
	if ((rv = s->ops->begin(s->impl)) == CKR_OK)
		s->open = true;
	s->broken = CKR_OK;
	return rv;
}

CK_RV
store_commit(struct store *s)
{
	CK_RV rv;

	if (!s->open)
		return CKR_GENERAL_ERROR;
	if ((rv = s->broken) != CKR_OK || (rv = vault_write(s)) != CKR_OK) {
		store_rollback(s);
		return rv;
	}
	if ((rv = s->ops->commit(s->impl)) == CKR_OK)
		vault_committed(s);
	else
		vault_rolled_back(s);
	s->ops->release(s->impl);
	s->open = false;
	return rv;
}

void
store_rollback(struct store *s)
{
	if (s == NULL || !s->open)
		return;
	s->ops->rollback(s->impl);
	vault_rolled_back(s);
	s->ops->release(s->impl);
	s->open = false;
}

CK_RV
store_enter(struct store *s, bool *own)
{
	*own = !s->open;
	return s->open ? s->broken : store_begin(s);
}

/* Answers about a row, after which the transaction is as good as before. */
static bool
about_a_row(CK_RV rv)
{
	return rv == CKR_OBJECT_HANDLE_INVALID ||
	    rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_DATA_INVALID ||
	    rv == CKR_USER_NOT_LOGGED_IN;
}

CK_RV
store_leave(struct store *s, bool own, CK_RV rv)
{
	if (!own) {
		/* SQLite may have rolled back: what was written before
		 * would be lost, and what follows would be kept */
		if (rv != CKR_OK && !about_a_row(rv))
			s->broken = rv;
		return rv;
	}
	if (rv == CKR_OK)
		return store_commit(s);
	store_rollback(s);
	return rv;
}

CK_RV
store_changed(struct store *s, bool *changed)
{
	return s->ops->changed(s->impl, changed);
}

CK_RV
store_note_get(struct store *s, const char *name, struct buf *value)
{
	return s->ops->note_get(s->impl, name, value);
}

CK_RV
store_note_put(struct store *s, const char *name, struct view value)
{
	bool own;
	CK_RV rv;

	if (value.len > ROW_NOTE_MAX)
		return CKR_DEVICE_MEMORY;
	if ((rv = store_enter(s, &own)) != CKR_OK)
		return rv;
	return store_leave(s, own, s->ops->note_put(s->impl, name, value));
}
