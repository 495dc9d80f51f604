/* SPDX-License-Identifier: BSD-2-Clause */
#include "attr/attrs.h"

#include <string.h>

#include "util/mem.h"

/*
 * Objects have some thirty attributes, and walking those is quickest. Only a
 * hostile template or document has thousands; from LINEAR_MAX on the index, a
 * table of list positions plus one hashed by type, keeps it from taking
 * seconds.
 */
enum { ROOM_MIN = 8, LINEAR_MAX = 64 };

static const struct attrs none;

static const struct attrs *
nested_of(const struct attr *a)
{
	return a->nested != NULL ? a->nested : &none;
}

static void
drop(struct attr *item)
{
	buf_free(&item->value);
	if (item->nested != NULL)
		attrs_free(item->nested);
	mem_free(item->nested);
	item->nested = NULL;
}

void
attrs_free(struct attrs *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		drop(&a->list[i]);
	mem_free(a->list);
	mem_free(a->index);
	*a = ATTRS_EMPTY;
}

void
attrs_move(struct attrs *to, struct attrs *from)
{
	if (to == from)
		return;
	attrs_free(to);
	*to = *from;
	*from = ATTRS_EMPTY;
}

/* The place of a type in the index, or the free one where it would go. */
static uint32_t *
index_place(const struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	uint64_t hash = (uint64_t)type * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 32) & (a->index_room - 1);

	while (a->index[i] != 0 && a->list[a->index[i] - 1].type != type)
		i = (i + 1) & (a->index_room - 1);
	return &a->index[i];
}

static void
index_last(struct attrs *a)
{
	if (a->index != NULL)
		*index_place(a, a->list[a->count - 1].type) =
		    (uint32_t)a->count;
}

static void
index_all(struct attrs *a)
{
	size_t i;

	if (a->index == NULL)
		return;
	memset(a->index, 0, a->index_room * sizeof(*a->index));
	for (i = 0; i < a->count; i++)
		*index_place(a, a->list[i].type) = (uint32_t)(i + 1);
}

/* Gives *fresh an index for its room, when it is to have one. */
static CK_RV
index_new(struct attrs *fresh)
{
	if (fresh->room <= LINEAR_MAX)
		return CKR_OK;
	/* a position and its double must stay inside 32 bits */
	if (fresh->room > UINT32_MAX / 4)
		return CKR_HOST_MEMORY;
	fresh->index_room = 2 * LINEAR_MAX;
	while (fresh->index_room < fresh->room * 2)
		fresh->index_room *= 2;
	fresh->index = mem_alloc(fresh->index_room, sizeof(*fresh->index));
	return fresh->index != NULL ? CKR_OK : CKR_HOST_MEMORY;
}

/* Room for need attributes; nothing has changed on failure. */
static CK_RV
reserve(struct attrs *a, size_t need)
{
	struct attrs fresh = ATTRS_EMPTY;
	CK_RV rv;

	if (need <= a->room)
		return CKR_OK;
	fresh.room = a->room * 2 > need ? a->room * 2 : need;
	if (fresh.room < ROOM_MIN)
		fresh.room = ROOM_MIN;
	fresh.list = mem_alloc(fresh.room, sizeof(*fresh.list));
	if (fresh.list == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	if ((rv = index_new(&fresh)) != CKR_OK)
		goto out;
	if (a->count > 0)
		memcpy(fresh.list, a->list, a->count * sizeof(*a->list));
	/* the items have moved: a's old list goes without them */
	fresh.count = a->count;
	a->count = 0;
	attrs_move(a, &fresh);
	index_all(a);
out:
	attrs_free(&fresh);
	return rv;
}

static struct attr *
find(const struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	uint32_t at;
	size_t i;

	if (a->index != NULL) {
		at = *index_place(a, type);
		return at != 0 ? &a->list[at - 1] : NULL;
	}
	for (i = 0; i < a->count; i++)
		if (a->list[i].type == type)
			return &a->list[i];
	return NULL;
}

/* Room for one more is there. Takes what *item holds. */
static void
put(struct attrs *a, struct attr *item)
{
	struct attr *have = find(a, item->type);

	if (have != NULL) {
		drop(have);
		*have = *item;
	} else {
		a->list[a->count++] = *item;
		index_last(a);
	}
	item->value = BUF_EMPTY;
	item->nested = NULL;
}

const struct attr *
attrs_get(const struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	return find(a, type);
}

bool
attrs_has(const struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	return find(a, type) != NULL;
}

bool
attrs_bool(const struct attrs *a, CK_ATTRIBUTE_TYPE type, bool dflt)
{
	struct view v = attrs_view(a, type);

	return v.len == sizeof(CK_BBOOL) ? v.data[0] != CK_FALSE : dflt;
}

CK_ULONG
attrs_ulong(const struct attrs *a, CK_ATTRIBUTE_TYPE type, CK_ULONG dflt)
{
	struct view v = attrs_view(a, type);
	CK_ULONG value = dflt;

	if (v.len == sizeof(value))
		memcpy(&value, v.data, sizeof(value));
	return value;
}

struct view
attrs_view(const struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	const struct attr *have = find(a, type);

	return have != NULL ? buf_view(&have->value) : VIEW_EMPTY;
}

CK_RV
attrs_set(struct attrs *a, CK_ATTRIBUTE_TYPE type, struct view value)
{
	struct attr item = { type, BUF_EMPTY, NULL };
	CK_RV rv;

	if (!attr_fits(type, value))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if ((rv = buf_set(&item.value, value)) != CKR_OK ||
	    (rv = reserve(a, a->count + 1)) != CKR_OK)
		goto out;
	put(a, &item);
out:
	drop(&item);
	return rv;
}

CK_RV
attrs_set_bool(struct attrs *a, CK_ATTRIBUTE_TYPE type, bool value)
{
	CK_BBOOL byte = value ? CK_TRUE : CK_FALSE;

	return attrs_set(a, type, view_of(&byte, sizeof(byte)));
}

CK_RV
attrs_set_ulong(struct attrs *a, CK_ATTRIBUTE_TYPE type, CK_ULONG value)
{
	return attrs_set(a, type, view_of(&value, sizeof(value)));
}

CK_RV
attrs_set_ulongs(struct attrs *a, CK_ATTRIBUTE_TYPE type,
    const CK_ULONG *values, size_t count)
{
	if (count > SIZE_MAX / sizeof(*values))
		return CKR_HOST_MEMORY;
	return attrs_set(a, type, view_of(values, count * sizeof(*values)));
}

CK_RV
attrs_set_template(struct attrs *a, CK_ATTRIBUTE_TYPE type,
    struct attrs *nested)
{
	struct attr item = { type, BUF_EMPTY, NULL };
	CK_RV rv;

	if (attr_kind(type) != ATTR_TEMPLATE)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	item.nested = mem_alloc(1, sizeof(*item.nested));
	if (item.nested == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	if ((rv = reserve(a, a->count + 1)) != CKR_OK)
		goto out;
	attrs_move(item.nested, nested);
	put(a, &item);
out:
	drop(&item);
	return rv;
}

CK_RV
attrs_put(struct attrs *a, const struct attr *from)
{
	struct attrs nested = ATTRS_EMPTY;
	CK_RV rv;

	if (attr_kind(from->type) != ATTR_TEMPLATE)
		return attrs_set(a, from->type, buf_view(&from->value));
	if ((rv = attrs_copy(&nested, nested_of(from))) != CKR_OK ||
	    (rv = attrs_set_template(a, from->type, &nested)) != CKR_OK)
		goto out;
out:
	attrs_free(&nested);
	return rv;
}

CK_RV
attrs_copy(struct attrs *out, const struct attrs *from)
{
	struct attrs copy = ATTRS_EMPTY;
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < from->count; i++)
		if ((rv = attrs_put(&copy, &from->list[i])) != CKR_OK)
			goto out;
	attrs_move(out, &copy);
out:
	attrs_free(&copy);
	return rv;
}

CK_RV
attrs_merge(struct attrs *a, const struct attrs *from)
{
	struct attrs copy = ATTRS_EMPTY;
	CK_RV rv;
	size_t i;

	/* all or nothing: what can fail comes before the first change */
	if ((rv = attrs_copy(&copy, from)) != CKR_OK ||
	    (rv = reserve(a, a->count + copy.count)) != CKR_OK)
		goto out;
	for (i = 0; i < copy.count; i++)
		put(a, &copy.list[i]);
out:
	attrs_free(&copy);
	return rv;
}

void
attrs_remove(struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	struct attr *have = find(a, type);
	size_t at;

	if (have == NULL)
		return;
	at = (size_t)(have - a->list);
	drop(have);
	memmove(have, have + 1, (a->count - at - 1) * sizeof(*have));
	a->count--;
	index_all(a);
}

bool
attr_equal(const struct attr *a, const struct attr *b)
{
	const struct attrs *x = nested_of(a), *y = nested_of(b);

	return a->type == b->type &&
	    view_equal(buf_view(&a->value), buf_view(&b->value)) &&
	    x->count == y->count && attrs_match(x, y);
}

bool
attrs_match(const struct attrs *a, const struct attrs *want)
{
	const struct attr *have;
	size_t i;

	for (i = 0; i < want->count; i++) {
		have = find(a, want->list[i].type);
		if (have == NULL || !attr_equal(have, &want->list[i]))
			return false;
	}
	return true;
}
