/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/indices.h"

#include "token/clock.h"
#include "token/guard.h"
#include "util/log.h"

static const char note_name[] = "indices";

/* The area at *at; a TPM2B says its own length. Empty at the end, or where
 * the note is none. */
static struct view
next_area(const struct buf *note, size_t *at)
{
	struct view rest = view_sub(buf_view(note), *at, note->len);
	struct view area = VIEW_EMPTY;

	if (rest.len >= 2)
		area = view_sub(rest, 0,
		    2 + ((size_t)rest.data[0] << 8 | rest.data[1]));
	*at += area.len;
	return area;
}

static bool
is_among(struct view area, const struct view *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (view_equal(area, list[i]))
			return true;
	return false;
}

CK_RV
indices_note(struct store *s, const struct view *areas, size_t count)
{
	struct buf note = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if ((rv = store_note_get(s, note_name, &note)) != CKR_OK)
		goto out;
	for (i = 0; i < count; i++)
		if ((rv = buf_append(&note, areas[i])) != CKR_OK)
			goto out;
	rv = store_note_put(s, note_name, buf_view(&note));
out:
	buf_free(&note);
	return rv;
}

CK_RV
indices_unnote(struct store *s, const struct view *areas, size_t count)
{
	struct buf note = BUF_EMPTY, kept = BUF_EMPTY;
	struct view area;
	size_t at = 0;
	CK_RV rv;

	if ((rv = store_note_get(s, note_name, &note)) != CKR_OK)
		goto out;
	while ((area = next_area(&note, &at)).len != 0)
		if (!is_among(area, areas, count) &&
		    (rv = buf_append(&kept, area)) != CKR_OK)
			goto out;
	rv = store_note_put(s, note_name, buf_view(&kept));
out:
	buf_free(&note);
	buf_free(&kept);
	return rv;
}

static bool
stands_in(const struct buf *note, struct view area)
{
	struct view each;
	size_t at = 0;

	while ((each = next_area(note, &at)).len != 0)
		if (view_equal(each, area))
			return true;
	return false;
}

CK_RV
indices_noted(struct store *s, const struct view *areas, size_t count)
{
	struct buf note = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	rv = store_note_get(s, note_name, &note);
	for (i = 0; i < count && rv == CKR_OK; i++)
		if (!stands_in(&note, areas[i]))
			rv = CKR_NO_EVENT;
	buf_free(&note);
	return rv;
}

size_t
indices_of(const struct store_token *row, struct view areas[INDICES_MAX])
{
	size_t n = 0;
	int role;

	for (role = 0; role < STORE_ROLES; role++)
		if (guard_by_index(&row->pins[role]))
			areas[n++] = buf_view(
			    &row->pins[role].index.public_area);
	areas[n] = clock_area(row);
	return areas[n].len != 0 ? n + 1 : n;
}

/* A crash may have left in the note what then went into a row. */
static bool
in_a_row(struct view area, const struct store_token *rows, size_t count)
{
	struct view used[INDICES_MAX];
	size_t i;

	for (i = 0; i < count; i++)
		if (is_among(area, used, indices_of(&rows[i], used)))
			return true;
	return false;
}

struct sweep {
	struct tpm *tpm;
	const struct tpm_parent *parent;
	struct buf owner_auth;
	struct store_token *rows;
	size_t count;
	struct buf kept;
	size_t left;
};

static CK_RV
sweep_one(struct sweep *w, struct view area)
{
	CK_RV rv;

	if (in_a_row(area, w->rows, w->count))
		return CKR_OK;
	rv = tpm_index_undefine(w->tpm, w->parent, buf_view(&w->owner_auth),
	    area);
	/* gone, or of somebody else, or no area: no more to be done */
	if (rv == CKR_OK || rv == CKR_TOKEN_NOT_RECOGNIZED ||
	    rv == CKR_DATA_INVALID)
		return CKR_OK;
	w->left++;
	return buf_append(&w->kept, area);
}

static CK_RV
sweep_all(struct token *t, struct sweep *w, const struct buf *note)
{
	struct view area;
	size_t at = 0;
	CK_RV rv;

	if ((rv = machine_owner_auth(t->machine, &w->owner_auth)) != CKR_OK ||
	    (rv = store_tokens(t->store, &w->rows, &w->count)) != CKR_OK)
		return rv;
	while ((area = next_area(note, &at)).len != 0)
		if ((rv = sweep_one(w, area)) != CKR_OK)
			return rv;
	if (w->kept.len == note->len)
		return CKR_OK;
	return store_note_put(t->store, note_name, buf_view(&w->kept));
}

/* As the only writer: an index that is being defined stands in the note. */
static CK_RV
sweep(struct token *t, const struct tpm_parent *parent, size_t *left)
{
	struct sweep w = { .tpm = machine_tpm(t->machine), .parent = parent };
	struct buf note = BUF_EMPTY;
	CK_RV rv;

	if ((rv = store_begin(t->store)) != CKR_OK)
		return rv;
	if ((rv = store_note_get(t->store, note_name, &note)) == CKR_OK &&
	    (rv = sweep_all(t, &w, &note)) == CKR_OK)
		rv = store_commit(t->store);
	store_rollback(t->store);
	*left = w.left;
	store_tokens_free(&w.rows, w.count);
	buf_free(&w.owner_auth);
	buf_free(&w.kept);
	buf_free(&note);
	return rv;
}

CK_RV
indices_sweep(struct token *t, size_t *left)
{
	struct tpm_parent parent = TPM_PARENT_EMPTY;
	struct buf note = BUF_EMPTY;
	CK_RV rv;

	*left = 0;
	if (t->store == NULL)
		return CKR_OK;
	if ((rv = store_note_get(t->store, note_name, &note)) != CKR_OK ||
	    note.len == 0)
		goto out;
	rv = t->initialised ? tpm_parent_copy(&parent, &t->row.parent) :
	    machine_parent(t->machine, &parent);
	if (rv == CKR_OK)
		rv = sweep(t, &parent, left);
out:
	tpm_parent_free(&parent);
	buf_free(&note);
	return rv;
}
