/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"

/*
 * The objects that are loaded now: a list with the last used first. It is as
 * long as a TPM has places (three to some tens), so it is searched as it is.
 */

/* Many TPMs load the persistent parent into the lowest place for as long as
 * the command takes, so that the first object gets the next. */
#define PARENTS_PLACE 0

/* Evictions, each of which costs two commands more than a warm key. */
#define RELEARN_AFTER 64

struct load {
	TPM2B_PRIVATE private_area;
	TPM2B_PUBLIC public_area;
	TPM2_HANDLE handle;
	TPM2B_NAME name;
};

static TSS2_RC
load_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct load *a = args;

	return Tss2_Sys_Load_Prepare(sys, handles[0], &a->private_area,
	    &a->public_area);
}

static TSS2_RC
load_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct load *a = args;

	return Tss2_Sys_Load_Complete(sys, &a->handle, &a->name);
}

/* What a TPM refuses to load is another TPM's, or damaged. */
static const struct command load = {
	.name = "Load",
	.prepare = load_prepare,
	.complete = load_complete,
	.flags = COMMAND_AUTH,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

CK_RV
object_init(struct object *o, const struct tpm_parent *parent,
    const struct tpm_blob *blob)
{
	CK_RV rv;

	*o = (struct object){ .parent = parent, .blob = blob };
	if ((rv = public_name(buf_view(&blob->public_area),
	    &o->name)) != CKR_OK)
		buf_free(&o->name);
	return rv;
}

static void
unlink_object(struct tpm *t, struct object *o)
{
	struct object **p;

	for (p = &t->loaded; *p != NULL; p = &(*p)->next)
		if (*p == o) {
			*p = o->next;
			break;
		}
	o->next = NULL;
}

static void
link_first(struct tpm *t, struct object *o)
{
	o->next = t->loaded;
	t->loaded = o;
}

static void
forget(struct tpm *t, struct object *o)
{
	unlink_object(t, o);
	o->handle = 0;
}

static void
unload(struct tpm *t, struct object *o)
{
	TPM2_HANDLE handle = o->handle;

	forget(t, o);
	flush_handle(t, handle);
}

void
object_free(struct tpm *t, struct object *o)
{
	/* A freed or abandoned struct tpm has nothing loaded. */
	if (tpm_enter(t) == CKR_OK) {
		if (o->handle != 0)
			unload(t, o);
		tpm_leave(t);
	}
	buf_free(&o->name);
	*o = (struct object){ .handle = 0 };
}

static size_t
count_loaded(const struct tpm *t)
{
	const struct object *o;
	size_t n = t->primary.handle != 0 ? 1 : 0;

	for (o = t->loaded; o != NULL; o = o->next)
		n++;
	return n;
}

/* CKR_DATA_INVALID also when bytes are left over. */
static CK_RV
read_private(struct view v, TPM2B_PRIVATE *out)
{
	size_t used = 0;

	out->size = 0;
	if (v.len == 0 || Tss2_MU_TPM2B_PRIVATE_Unmarshal(v.data, v.len, &used,
	    out) != TSS2_RC_SUCCESS || used != v.len)
		return CKR_DATA_INVALID;
	return CKR_OK;
}

static CK_RV
load_now(struct tpm *t, struct object *o)
{
	struct entity parent = parent_entity(o->parent);
	struct load a;
	CK_RV rv;

	if ((rv = parent_ready(t, o->parent, &parent.handle)) != CKR_OK ||
	    (rv = read_private(buf_view(&o->blob->private_area),
	    &a.private_area)) != CKR_OK ||
	    (rv = public_read(buf_view(&o->blob->public_area),
	    &a.public_area)) != CKR_OK ||
	    (rv = command_run(t, &load, &parent, 1, &a)) != CKR_OK)
		return rv;
	/* The response HMAC covers the Name, not the handle. */
	if (!view_equal(buf_view(&o->name), view_of(a.name.name, a.name.size)))
		return trouble_broken(t, &load, "another object's Name");
	o->handle = a.handle;
	link_first(t, o);
	flush_if_above(t, o->handle, PARENTS_PLACE + 1);
	t->seen = true;
	return CKR_OK;
}

/*
 * With the kernel's resource manager the limit is known and must be kept; on
 * other TPMs it is learnt from a load that found no room, which saves the
 * commands that would find that out again. What took the room then may be
 * gone some day, so the lesson is forgotten from time to time.
 */
void
cache_make_room(struct tpm *t)
{
	while (t->room > 0 && count_loaded(t) >= t->room &&
	    cache_evict(t, NULL))
		if (++t->evictions % RELEARN_AFTER == 0)
			t->room = t->link.kind.room;
}

CK_RV
object_load(struct tpm *t, struct object *o)
{
	CK_RV rv;

	if (o->handle != 0) {
		unlink_object(t, o);
		link_first(t, o);
		return CKR_OK;
	}
	cache_make_room(t);
	rv = load_now(t, o);
	if (rv != CKR_OK && t->trouble.remedy == REMEDY_OBJECT_ROOM &&
	    t->loaded != NULL)
		t->room = count_loaded(t);
	return rv;
}

static bool
is_in(const struct call *c, const struct object *o)
{
	size_t i;

	for (i = 0; c != NULL && i < c->count; i++)
		if (c->entities[i].object == o)
			return true;
	return false;
}

bool
cache_evict(struct tpm *t, const struct call *keep)
{
	struct object *o, *oldest = NULL;

	for (o = t->loaded; o != NULL; o = o->next)
		if (!is_in(keep, o))
			oldest = o;
	if (oldest == NULL)
		return false;
	unload(t, oldest);
	return true;
}

bool
cache_has(const struct tpm *t, TPM2_HANDLE handle)
{
	const struct object *o;

	for (o = t->loaded; o != NULL; o = o->next)
		if (o->handle == handle)
			return true;
	return t->primary.handle != 0 && handle == t->primary.handle;
}

void
cache_flush(struct tpm *t)
{
	while (t->loaded != NULL)
		unload(t, t->loaded);
	primary_flush(t);
}

void
cache_forget(struct tpm *t)
{
	while (t->loaded != NULL)
		forget(t, t->loaded);
	primary_forget(t);
}
