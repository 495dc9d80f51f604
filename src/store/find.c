/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "store/internal.h"
#include "util/mem.h"

struct ids {
	int64_t *list;
	size_t count;
};

/* The index that leaves the fewest rows: an id is nearly unique, a label
 * often, of classes there are few. */
static enum row_index
index_for(const struct row_tags *want)
{
	if (want->set[TAG_ID])
		return INDEX_ID;
	return want->set[TAG_LABEL] ? INDEX_LABEL : INDEX_CLASS;
}

static CK_RV
find_visible(struct store *s, struct view key, bool private, int64_t token,
    const struct attrs *want, struct ids *out)
{
	struct row_tags tags;
	enum row_index which;
	CK_RV rv;

	if ((rv = row_tags_of(key, token, want, &tags)) != CKR_OK)
		return rv;
	which = index_for(&tags);
	/* what was taken out of an index would not be missed */
	if ((rv = vault_index(s, which)) != CKR_OK)
		return rv;
	return s->ops->object_find(s->impl, token, private, which, &tags,
	    &out->list, &out->count);
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
merge(const struct ids *a, const struct ids *b, struct ids *out)
{
	size_t n = a->count + b->count;

	*out = (struct ids){ NULL, n };
	if (n == 0)
		return CKR_OK;
	out->list = mem_alloc(n, sizeof(*out->list));
	if (out->list == NULL)
		return CKR_HOST_MEMORY;
	if (a->count > 0)
		memcpy(out->list, a->list, a->count * sizeof(*a->list));
	if (b->count > 0)
		memcpy(out->list + a->count, b->list,
		    b->count * sizeof(*b->list));
	qsort(out->list, n, sizeof(*out->list), by_id);
	return CKR_OK;
}

CK_RV
store_object_find(struct store *s, const struct store_keys *keys,
    int64_t token, const struct attrs *want, int64_t **ids, size_t *count)
{
	struct ids public = { NULL, 0 }, private = { NULL, 0 }, all;
	CK_RV rv;

	if ((rv = vault_enter(s, keys, token)) != CKR_OK ||
	    (rv = find_visible(s, keys->for_public, false, token, want,
	    &public)) != CKR_OK)
		goto out;
	if (keys->for_private.len > 0 &&
	    (rv = find_visible(s, keys->for_private, true, token, want,
	    &private)) != CKR_OK)
		goto out;
	if ((rv = merge(&public, &private, &all)) == CKR_OK) {
		*ids = all.list;
		*count = all.count;
	}
out:
	vault_leave(s);
	if (rv == CKR_TOKEN_NOT_PRESENT) {
		*ids = NULL;
		*count = 0;
		rv = CKR_OK;
	}
	mem_free(public.list);
	mem_free(private.list);
	return rv;
}
