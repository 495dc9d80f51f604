/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "util/mem.h"

/* The index that leaves the fewest rows: an id is nearly unique, a label
 * often, of classes there are few. */
static enum row_index
index_for(const struct row_tags *want)
{
	if (want->set[TAG_ID])
		return INDEX_ID;
	return want->set[TAG_LABEL] ? INDEX_LABEL : INDEX_CLASS;
}

/* An entry with all that is wanted. */
static bool
matches(const struct row_entry *e, const struct row_entry *want)
{
	static const uint64_t set[2] = { ENTRY_SET_0, ENTRY_SET_1 };
	int i;

	for (i = 0; i < 2; i++)
		if ((want->word & set[i]) != 0 &&
		    ((e->word & set[i]) == 0 ||
		    memcmp(e->tag[i], want->tag[i], TAG_LEN) != 0))
			return false;
	return true;
}

static CK_RV
pick(struct view entries, const struct row_entry *want, struct buf *out)
{
	struct buf found = BUF_EMPTY;
	struct row_entry e;
	size_t at;
	CK_RV rv = CKR_OK;

	for (at = 0; at < entries.len && rv == CKR_OK; at += sizeof(e)) {
		memcpy(&e, entries.data + at, sizeof(e));
		if (matches(&e, want))
			rv = buf_append(&found,
			    view_of(&e.id, sizeof(e.id)));
	}
	if (rv == CKR_OK)
		buf_move(out, &found);
	buf_free(&found);
	return rv;
}

static CK_RV
find_visible(struct store *s, struct view key, bool private, int64_t token,
    const struct attrs *want, struct buf *out)
{
	struct row_entry like = { .id = 0 };
	struct view entries = VIEW_EMPTY;
	struct row_tags tags;
	enum row_index which;
	CK_RV rv;

	if ((rv = row_tags_of(key, token, want, &tags)) != CKR_OK)
		return rv;
	which = index_for(&tags);
	sum_entry(which, private, &tags, &like);
	if ((rv = part_get(s, which, private, (like.word & ENTRY_SET_0) == 0 ?
	    PART_ALL : like.tag[0][0] >> 4, &entries)) != CKR_OK)
		return rv;
	return pick(entries, &like, out);
}

static int
by_id(const void *a, const void *b)
{
	int64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* Both lists in one, ascending. */
static CK_RV
merge(const struct buf *a, const struct buf *b, int64_t **ids, size_t *count)
{
	int64_t *list = NULL;

	if (a->len + b->len > 0) {
		list = mem_alloc(1, a->len + b->len);
		if (list == NULL)
			return CKR_HOST_MEMORY;
	}
	if (a->len > 0)
		memcpy(list, a->data, a->len);
	if (b->len > 0)
		memcpy((uint8_t *)list + a->len, b->data, b->len);
	*count = (a->len + b->len) / sizeof(*list);
	*ids = list;
	if (*count > 0)
		qsort(list, *count, sizeof(*list), by_id);
	return CKR_OK;
}

CK_RV
store_object_find(struct store *s, const struct store_keys *keys,
    int64_t token, const struct attrs *want, int64_t **ids, size_t *count)
{
	struct buf public = BUF_EMPTY, private = BUF_EMPTY;
	CK_RV rv;

	if ((rv = vault_enter(s, keys, token)) != CKR_OK ||
	    (rv = find_visible(s, keys->for_public, false, token, want,
	    &public)) != CKR_OK)
		goto out;
	if (keys->for_private.len > 0 &&
	    (rv = find_visible(s, keys->for_private, true, token, want,
	    &private)) != CKR_OK)
		goto out;
	rv = merge(&public, &private, ids, count);
out:
	vault_leave(s);
	if (rv == CKR_TOKEN_NOT_PRESENT) {
		*ids = NULL;
		*count = 0;
		rv = CKR_OK;
	}
	buf_free(&public);
	buf_free(&private);
	return rv;
}
