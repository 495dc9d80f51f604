/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/cache.h"

#include "util/handles.h"
#include "util/mem.h"

/*
 * Decoded rows take a few KiB each. Whoever searches 100,000 of them would
 * fill the memory, so only the last ones stay decoded.
 */
#define DECODED_MAX 512

/* Of all object handles that this process line ever gave. */
static atomic_uint drawn;

struct objects {
	struct handles *by_handle;
	struct handles *by_row;
	struct object *session;
	unsigned epoch;
	int64_t ring[DECODED_MAX];	/* rows, oldest at ring_at */
	size_t ring_at;
};

CK_RV
objects_new(struct objects **out)
{
	struct objects *objects;
	CK_RV rv;

	if ((objects = mem_alloc(1, sizeof(*objects))) == NULL)
		return CKR_HOST_MEMORY;
	if ((rv = handles_new(&objects->by_handle)) != CKR_OK ||
	    (rv = handles_new(&objects->by_row)) != CKR_OK)
		goto out;
	*out = objects;
	objects = NULL;
out:
	objects_free(&objects);
	return rv;
}

void
objects_undecode(struct object *o)
{
	attrs_free(&o->attrs);
	tpm_blob_free(&o->blob);
	key_unref(&o->key);
	o->decoded = false;
}

static void
unlink_session(struct object *o)
{
	if (o->link == NULL)
		return;
	*o->link = o->next;
	if (o->next != NULL)
		o->next->link = o->link;
}

void
objects_drop(struct objects *objects, struct object *o)
{
	if (o->row != 0)
		(void)handles_remove(objects->by_row, (CK_ULONG)o->row);
	(void)handles_remove(objects->by_handle, o->handle);
	unlink_session(o);
	objects_undecode(o);
	mem_free(o);
}

/* Which objects a sweep takes. */
typedef bool sweep(const struct object *);

static bool
is_any(const struct object *o)
{
	(void)o;
	return true;
}

static bool
is_row(const struct object *o)
{
	return o->row != 0;
}

static bool
is_private(const struct object *o)
{
	return o->private;
}

static void
objects_sweep(struct objects *objects, sweep *takes)
{
	struct object *o;
	size_t cursor = 0;

	while ((o = handles_next(objects->by_handle, &cursor, NULL)) != NULL)
		if (takes(o))
			objects_drop(objects, o);
}

void
objects_free(struct objects **objects)
{
	if (*objects == NULL)
		return;
	if ((*objects)->by_handle != NULL)
		objects_sweep(*objects, is_any);
	handles_free(&(*objects)->by_handle);
	handles_free(&(*objects)->by_row);
	mem_free(*objects);
	*objects = NULL;
}

void
objects_forget_rows(struct objects *objects)
{
	objects_sweep(objects, is_row);
}

void
objects_forget_private(struct objects *objects)
{
	objects_sweep(objects, is_private);
}

void
objects_doubt_rows(struct objects *objects)
{
	objects->epoch++;
}

unsigned
objects_epoch(const struct objects *objects)
{
	return objects->epoch;
}

struct object *
objects_by_handle(const struct objects *objects, CK_OBJECT_HANDLE handle)
{
	return handles_get(objects->by_handle, handle);
}

static CK_RV
object_new(struct objects *objects, int64_t row, struct object **out)
{
	struct object *o;
	CK_RV rv;

	if ((o = mem_alloc(1, sizeof(*o))) == NULL)
		return CKR_HOST_MEMORY;
	o->row = row;
	if ((rv = handles_add(objects->by_handle, &drawn, o, &o->handle)) !=
	    CKR_OK)
		goto out;
	if (row != 0 && (rv = handles_put(objects->by_row, (CK_ULONG)row,
	    o)) != CKR_OK) {
		(void)handles_remove(objects->by_handle, o->handle);
		goto out;
	}
	*out = o;
	o = NULL;
out:
	mem_free(o);
	return rv;
}

CK_RV
objects_by_row(struct objects *objects, int64_t row, struct object **out)
{
	struct object *o = handles_get(objects->by_row, (CK_ULONG)row);

	if (o == NULL)
		return object_new(objects, row, out);
	*out = o;
	return CKR_OK;
}

CK_RV
objects_add_session(struct objects *objects, CK_SESSION_HANDLE owner,
    struct object **out)
{
	struct object *o;
	CK_RV rv;

	if ((rv = object_new(objects, 0, &o)) != CKR_OK)
		return rv;
	o->owner = owner;
	o->decoded = true;
	o->next = objects->session;
	o->link = &objects->session;
	if (o->next != NULL)
		o->next->link = &o->next;
	objects->session = o;
	*out = o;
	return CKR_OK;
}

struct object *
objects_session(const struct objects *objects)
{
	return objects->session;
}

void
objects_decoded(struct objects *objects, struct object *o,
    struct attrs *attrs, struct tpm_blob *blob)
{
	struct object *oldest;

	if (o->row != 0 && !o->decoded) {
		oldest = handles_get(objects->by_row,
		    (CK_ULONG)objects->ring[objects->ring_at]);
		if (oldest != NULL)
			objects_undecode(oldest);
		objects->ring[objects->ring_at] = o->row;
		objects->ring_at = (objects->ring_at + 1) % DECODED_MAX;
	}
	objects_undecode(o);
	attrs_move(&o->attrs, attrs);
	o->blob = *blob;
	*blob = TPM_BLOB_EMPTY;
	o->decoded = true;
	o->looked = objects->epoch;
}
