/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "object/access.h"
#include "object/object.h"
#include "token/cache.h"
#include "token/internal.h"
#include "util/mem.h"

struct hits {
	CK_OBJECT_HANDLE *list;
	size_t count;
	size_t room;
};

static CK_RV
hit(struct hits *h, CK_OBJECT_HANDLE handle)
{
	CK_OBJECT_HANDLE *list;
	size_t room = h->room == 0 ? 16 : 2 * h->room;

	if (h->count == h->room) {
		if ((list = mem_alloc(room, sizeof(*list))) == NULL)
			return CKR_HOST_MEMORY;
		if (h->count != 0)
			memcpy(list, h->list, h->count * sizeof(*list));
		mem_free(h->list);
		h->list = list;
		h->room = room;
	}
	h->list[h->count++] = handle;
	return CKR_OK;
}

/* A row that the index named: does it exist for this session, and match? */
static CK_RV
find_row(struct token *t, CK_STATE state, const struct attrs *want,
    int64_t row, struct hits *hits)
{
	const struct attrs *attrs;
	struct object *o;
	CK_OBJECT_HANDLE handle;
	CK_RV rv;

	if ((rv = objects_by_row(t->objects, row, &o)) != CKR_OK)
		return rv;
	handle = o->handle;
	rv = token_object(t, state, handle, &attrs);
	if (rv == CKR_OBJECT_HANDLE_INVALID)
		return CKR_OK;
	if (rv != CKR_OK || !object_matches(attrs, want))
		return rv;
	return hit(hits, handle);
}

static CK_RV
find_rows(struct token *t, CK_STATE state, const struct attrs *want,
    struct hits *hits)
{
	struct store_keys keys;
	int64_t *ids = NULL;
	size_t i, count = 0;
	CK_RV rv;

	if (t->store == NULL || !t->initialised ||
	    !attrs_bool(want, CKA_TOKEN, true))
		return CKR_OK;
	if ((rv = token_keys(t, &keys)) != CKR_OK)
		return rv;
	rv = store_object_find(t->store, &keys, t->row.id, want, &ids,
	    &count);
	for (i = 0; i < count && rv == CKR_OK; i++)
		rv = find_row(t, state, want, ids[i], hits);
	store_ids_free(&ids);
	return rv;
}

static CK_RV
find_session(struct token *t, CK_STATE state, const struct attrs *want,
    struct hits *hits)
{
	struct object *o;
	CK_RV rv = CKR_OK;

	for (o = objects_session(t->objects); o != NULL && rv == CKR_OK;
	    o = o->next)
		if (object_visible(&o->attrs, state) &&
		    object_matches(&o->attrs, want))
			rv = hit(hits, o->handle);
	return rv;
}

CK_RV
token_find(struct token *t, CK_STATE state, const struct attrs *want,
    CK_OBJECT_HANDLE **handles, size_t *count)
{
	struct hits hits = { NULL, 0, 0 };
	CK_RV rv;

	if ((rv = find_rows(t, state, want, &hits)) != CKR_OK ||
	    (rv = find_session(t, state, want, &hits)) != CKR_OK)
		goto out;
	*handles = hits.list;
	*count = hits.count;
	hits.list = NULL;
out:
	mem_free(hits.list);
	return rv;
}

void
token_handles_free(CK_OBJECT_HANDLE **handles)
{
	mem_free(*handles);
	*handles = NULL;
}
