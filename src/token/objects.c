/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/objects.h"

#include "mech/mech.h"
#include "object/access.h"
#include "token/cache.h"
#include "token/internal.h"

void
new_object_free(struct new_object *n)
{
	attrs_free(&n->attrs);
	tpm_blob_free(&n->blob);
}

/* What has gone or cannot be opened does not exist for the caller. */
static CK_RV
absent(struct token *t, struct object *o, CK_RV rv)
{
	if (rv != CKR_OBJECT_HANDLE_INVALID && rv != CKR_DATA_INVALID &&
	    rv != CKR_USER_NOT_LOGGED_IN)
		return rv;
	objects_drop(t->objects, o);
	return CKR_OBJECT_HANDLE_INVALID;
}

static CK_RV
read_row(struct token *t, struct object *o)
{
	struct store_keys keys;
	struct store_object row = { 0 };
	CK_RV rv;

	if ((rv = token_keys(t, &keys)) != CKR_OK)
		return rv;
	rv = store_object_get(t->store, &keys, t->row.id, o->row, &row);
	if (rv != CKR_OK)
		return absent(t, o, rv);
	o->private = row.private;
	o->version = row.version;
	objects_decoded(t->objects, o, &row.attrs, &row.blob);
	store_object_free(&row);
	return CKR_OK;
}

/* Bring an object up to date; one that has gone is dropped. */
static CK_RV
object_load(struct token *t, struct object *o)
{
	struct store_keys keys;
	uint64_t version;
	CK_RV rv;

	if (o->row == 0)
		return CKR_OK;
	if (!o->decoded)
		return read_row(t, o);
	if (o->looked == objects_epoch(t->objects))
		return CKR_OK;
	if ((rv = token_keys(t, &keys)) != CKR_OK)
		return rv;
	rv = store_object_version(t->store, &keys, t->row.id, o->row,
	    &version);
	if (rv != CKR_OK)
		return absent(t, o, rv);
	if (version != o->version)
		return read_row(t, o);
	o->looked = objects_epoch(t->objects);
	return CKR_OK;
}

static CK_RV
object_lookup(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    struct object **out)
{
	struct object *o = objects_by_handle(t->objects, handle);
	CK_RV rv;

	if (o == NULL)
		return CKR_OBJECT_HANDLE_INVALID;
	if ((rv = object_load(t, o)) != CKR_OK)
		return rv;
	if (!object_visible(&o->attrs, state))
		return CKR_OBJECT_HANDLE_INVALID;
	*out = o;
	return CKR_OK;
}

CK_RV
token_object(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    const struct attrs **attrs)
{
	struct object *o;
	CK_RV rv;

	if ((rv = object_lookup(t, state, handle, &o)) == CKR_OK)
		*attrs = &o->attrs;
	return rv;
}

CK_RV
token_object_blob(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    const struct tpm_blob **blob)
{
	struct object *o;
	CK_RV rv;

	if ((rv = object_lookup(t, state, handle, &o)) == CKR_OK)
		*blob = &o->blob;
	return rv;
}

CK_RV
token_key(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    const struct attrs **attrs, struct key **key)
{
	struct object *o;
	CK_RV rv;

	rv = object_lookup(t, state, handle, &o);
	if (rv == CKR_OBJECT_HANDLE_INVALID)
		return CKR_KEY_HANDLE_INVALID;
	if (rv != CKR_OK)
		return rv;
	if (o->key == NULL && (rv = key_new(machine_tpm(t->machine),
	    &t->row.parent, &o->attrs, &o->blob, &o->key)) != CKR_OK)
		return rv;
	/* it stays visible, so that its owner can find and destroy it */
	if (key_soft(o->key) != NULL &&
	    !machine_config(t->machine)->software_keys)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	*attrs = &o->attrs;
	*key = key_ref(o->key);
	return CKR_OK;
}

/* One object of token_add_objects; a row is written, not yet committed. */
static CK_RV
object_add(struct token *t, CK_SESSION_HANDLE owner, struct new_object *n)
{
	struct store_keys keys;
	struct store_object row = { .token = t->row.id };
	struct object *o;
	CK_RV rv;

	row.private = attrs_bool(&n->attrs, CKA_PRIVATE, true);
	if (!attrs_bool(&n->attrs, CKA_TOKEN, false)) {
		rv = objects_add_session(t->objects, owner, &o);
	} else if ((rv = token_keys(t, &keys)) == CKR_OK) {
		row.attrs = n->attrs;
		row.blob = n->blob;
		rv = store_object_put(t->store, &keys, &row);
		if (rv == CKR_OK)
			rv = objects_by_row(t->objects, row.id, &o);
	}
	if (rv != CKR_OK)
		return rv;
	o->private = row.private;
	o->version = row.version;
	objects_decoded(t->objects, o, &n->attrs, &n->blob);
	n->handle = o->handle;
	return CKR_OK;
}

static void
objects_unadd(struct token *t, const struct new_object *list, size_t count)
{
	struct object *o;
	size_t i;

	for (i = 0; i < count; i++) {
		o = objects_by_handle(t->objects, list[i].handle);
		if (o != NULL)
			objects_drop(t->objects, o);
	}
}

static CK_RV
begin_if_rows(struct token *t, const struct new_object *list, size_t count,
    bool *rows)
{
	size_t i;

	*rows = false;
	for (i = 0; i < count; i++)
		if (attrs_bool(&list[i].attrs, CKA_TOKEN, false))
			*rows = true;
	return *rows ? store_begin(t->store) : CKR_OK;
}

CK_RV
token_add_objects(struct token *t, CK_STATE state, CK_SESSION_HANDLE owner,
    struct new_object *list, size_t count)
{
	size_t i, added = 0;
	bool rows = false;
	CK_RV rv = CKR_OK;

	for (i = 0; i < count && rv == CKR_OK; i++)
		rv = object_writable(&list[i].attrs, state);
	if (rv != CKR_OK ||
	    (rv = begin_if_rows(t, list, count, &rows)) != CKR_OK)
		return rv;
	for (; added < count; added++)
		if ((rv = object_add(t, owner, &list[added])) != CKR_OK)
			goto out;
	if (rows)
		rv = store_commit(t->store);
out:
	if (rv != CKR_OK)
		objects_unadd(t, list, added);
	if (rows)
		store_rollback(t->store);
	return rv;
}

CK_RV
token_change_begin(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    const struct attrs **attrs)
{
	struct object *o;
	CK_RV rv;

	if ((rv = object_lookup(t, state, handle, &o)) != CKR_OK ||
	    (rv = object_writable(&o->attrs, state)) != CKR_OK ||
	    (o->row != 0 && (rv = token_begin(t)) != CKR_OK))
		return rv;
	if ((rv = object_lookup(t, state, handle, &o)) == CKR_OK)
		*attrs = &o->attrs;
	else
		token_change_end(t);
	return rv;
}

void
token_change_end(struct token *t)
{
	if (t->store != NULL)
		store_rollback(t->store);
}

CK_RV
token_change_object(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    struct attrs *attrs)
{
	struct store_keys keys;
	struct store_object row = { 0 };
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct object *o;
	CK_RV rv;

	if ((rv = object_lookup(t, state, handle, &o)) != CKR_OK ||
	    (rv = object_writable(&o->attrs, state)) != CKR_OK ||
	    (rv = tpm_blob_copy(&blob, &o->blob)) != CKR_OK)
		goto out;
	if (o->row != 0) {
		row.id = o->row;
		row.token = t->row.id;
		row.private = o->private;
		row.version = o->version;
		row.attrs = *attrs;
		row.blob = blob;
		if ((rv = token_keys(t, &keys)) != CKR_OK ||
		    (rv = store_object_put(t->store, &keys, &row)) !=
		    CKR_OK || (rv = store_commit(t->store)) != CKR_OK)
			goto out;
		o->version = row.version;
	}
	objects_decoded(t->objects, o, attrs, &blob);
out:
	tpm_blob_free(&blob);
	return rv;
}

CK_RV
token_destroy_object(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle)
{
	struct store_keys keys;
	struct object *o;
	CK_RV rv;

	if ((rv = object_lookup(t, state, handle, &o)) != CKR_OK ||
	    (rv = object_writable(&o->attrs, state)) != CKR_OK ||
	    (rv = object_destroyable(&o->attrs)) != CKR_OK)
		return rv;
	if (o->row != 0 && ((rv = token_keys(t, &keys)) != CKR_OK ||
	    (rv = store_object_delete(t->store, &keys, t->row.id,
	    o->row)) != CKR_OK))
		return rv;
	objects_drop(t->objects, o);
	return CKR_OK;
}

void
token_drop_session_objects(struct token *t, CK_SESSION_HANDLE owner)
{
	struct object *o, *next;

	for (o = objects_session(t->objects); o != NULL; o = next) {
		next = o->next;
		if (o->owner == owner)
			objects_drop(t->objects, o);
	}
}

CK_RV
token_place(struct token *t, struct mech_place *place)
{
	CK_RV rv;

	place->tpm = machine_tpm(t->machine);
	place->parent = &t->row.parent;
	if ((rv = token_caps(t, &place->caps)) != CKR_OK)
		return rv;
	return t->initialised ? CKR_OK : CKR_TOKEN_NOT_RECOGNIZED;
}
