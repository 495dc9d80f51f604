/* SPDX-License-Identifier: BSD-2-Clause */
#include "util/handles.h"

#include <stdint.h>

#include "util/mem.h"

/*
 * Open addressing. A removed entry leaves a mark, so that no entry moves but
 * when adding: a walk may remove what it was given.
 */
enum { BITS_MIN = 4, BITS_MAX = 30 };

struct place {
	void *item;		/* NULL: free, or a mark when handle is set */
	uint32_t handle;
};

struct handles {
	struct place *places;
	unsigned bits;		/* log2 of their number */
	size_t live;
	size_t used;		/* live and marks */
};

static size_t
size_of(const struct handles *h)
{
	return (size_t)1 << h->bits;
}

/*
 * Multiplied by 2^32 over the golden ratio: survivors that are all multiples
 * of a power of two, as programs leave them, still spread over the places.
 */
static size_t
home_of(const struct handles *h, uint32_t handle)
{
	return (size_t)((handle * UINT32_C(2654435769)) >> (32 - h->bits));
}

/* The place of a handle, or the free one where the search for it ends. */
static struct place *
find(const struct handles *h, uint32_t handle)
{
	size_t i = home_of(h, handle);

	while (h->places[i].handle != 0 &&
	    (h->places[i].handle != handle || h->places[i].item == NULL))
		i = (i + 1) & (size_of(h) - 1);
	return &h->places[i];
}

CK_RV
handles_new(struct handles **out)
{
	struct handles *h;
	CK_RV rv = CKR_HOST_MEMORY;

	h = mem_alloc(1, sizeof(*h));
	if (h == NULL)
		goto out;
	h->bits = BITS_MIN;
	h->places = mem_alloc(size_of(h), sizeof(*h->places));
	if (h->places == NULL)
		goto out;
	*out = h;
	h = NULL;
	rv = CKR_OK;
out:
	mem_free(h);
	return rv;
}

void
handles_free(struct handles **h)
{
	if (*h == NULL)
		return;
	mem_free((*h)->places);
	mem_free(*h);
	*h = NULL;
}

/* New places for what is live, at most half full, without the marks. */
static CK_RV
rehash(struct handles *h)
{
	struct handles fresh = *h;
	size_t i;

	fresh.bits = BITS_MIN;
	while (size_of(&fresh) / 2 <= h->live)
		if (++fresh.bits > BITS_MAX)
			return CKR_HOST_MEMORY;
	fresh.places = mem_alloc(size_of(&fresh), sizeof(*fresh.places));
	if (fresh.places == NULL)
		return CKR_HOST_MEMORY;
	for (i = 0; i < size_of(h); i++)
		if (h->places[i].item != NULL)
			*find(&fresh, h->places[i].handle) = h->places[i];
	fresh.used = fresh.live;
	mem_free(h->places);
	*h = fresh;
	return CKR_OK;
}

/* A quarter stays free, so that every search ends soon. */
static CK_RV
make_room(struct handles *h)
{
	if (h->used < size_of(h) - size_of(h) / 4)
		return CKR_OK;
	return rehash(h);
}

static void
put(struct handles *h, uint32_t handle, void *item)
{
	struct place *p = find(h, handle);

	p->item = item;
	p->handle = handle;
	h->live++;
	h->used++;
}

CK_RV
handles_put(struct handles *h, CK_ULONG handle, void *item)
{
	CK_RV rv;

	if (handle == 0 || handle > UINT32_MAX ||
	    handles_get(h, handle) != NULL)
		return CKR_GENERAL_ERROR;
	if ((rv = make_room(h)) == CKR_OK)
		put(h, (uint32_t)handle, item);
	return rv;
}

CK_RV
handles_add(struct handles *h, atomic_uint *counter, void *item,
    CK_ULONG *handle)
{
	uint32_t drawn;
	CK_RV rv;

	if ((rv = make_room(h)) != CKR_OK)
		return rv;
	do {
		drawn = atomic_fetch_add(counter, 1) + 1;
	} while (drawn == 0 || handles_get(h, drawn) != NULL);
	put(h, drawn, item);
	*handle = drawn;
	return CKR_OK;
}

void *
handles_get(const struct handles *h, CK_ULONG handle)
{
	if (handle == 0 || handle > UINT32_MAX)
		return NULL;
	return find(h, (uint32_t)handle)->item;
}

void *
handles_remove(struct handles *h, CK_ULONG handle)
{
	struct place *p;
	void *item;

	if (handle == 0 || handle > UINT32_MAX)
		return NULL;
	p = find(h, (uint32_t)handle);
	item = p->item;
	if (item == NULL)
		return NULL;
	p->item = NULL;
	h->live--;
	return item;
}

size_t
handles_count(const struct handles *h)
{
	return h->live;
}

void *
handles_next(const struct handles *h, size_t *cursor, CK_ULONG *handle)
{
	const struct place *p;

	while (*cursor < size_of(h)) {
		p = &h->places[(*cursor)++];
		if (p->item == NULL)
			continue;
		if (handle != NULL)
			*handle = p->handle;
		return p->item;
	}
	return NULL;
}
