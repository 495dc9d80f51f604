/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "store/internal.h"
#include "util/log.h"
#include "util/mem.h"
#include "yaml/attrs_yaml.h"

/* The plain body: length of the authValue in two bytes, it, and the text. */
enum { AUTH_LEN_MAX = 0xffff };

void
object_row_free(struct object_row *row)
{
	buf_free(&row->public_area);
	buf_free(&row->private_area);
	buf_free(&row->body);
}

void
store_object_free(struct store_object *o)
{
	attrs_free(&o->attrs);
	tpm_blob_free(&o->blob);
	o->id = 0;
}

void
store_ids_free(int64_t **ids)
{
	mem_free(*ids);
	*ids = NULL;
}

static struct view
key_of(const struct store_keys *keys, bool private)
{
	return private ? keys->for_private : keys->for_public;
}

static CK_RV
encode(const struct store_object *o, struct buf *plain)
{
	const size_t auth = o->blob.auth.len;
	const uint8_t head[2] = { (uint8_t)(auth >> 8), (uint8_t)auth };
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if (auth > AUTH_LEN_MAX)
		return CKR_DEVICE_MEMORY;
	if ((rv = yaml_write_attrs(&o->attrs, &text)) != CKR_OK ||
	    (rv = buf_set(plain, view_of(head, sizeof(head)))) != CKR_OK ||
	    (rv = buf_append(plain, buf_view(&o->blob.auth))) != CKR_OK)
		goto out;
	rv = buf_append(plain, buf_view(&text));
	/* leaves room for what sealing adds */
	if (rv == CKR_OK && plain->len > ROW_BODY_MAX - 64)
		rv = CKR_DEVICE_MEMORY;
out:
	buf_free(&text);
	return rv;
}

static CK_RV
decode(struct view plain, struct store_object *o)
{
	size_t auth;
	CK_RV rv;

	if (plain.len < 2)
		return CKR_DATA_INVALID;
	auth = (size_t)plain.data[0] << 8 | plain.data[1];
	if (auth > plain.len - 2)
		return CKR_DATA_INVALID;
	if ((rv = buf_set(&o->blob.auth, view_sub(plain, 2, auth))) != CKR_OK)
		return rv;
	return yaml_read_attrs(view_sub(plain, 2 + auth, SIZE_MAX),
	    &o->attrs);
}

/* The row has to be the one that the header vouches for: an index of the
 * file and the table beside it are different bytes. */
static CK_RV
agree(struct store *s, const struct row_entry *mark, CK_RV rv,
    const struct object_row *row)
{
	if (rv == CKR_OK && mark->word == row->version &&
	    memcmp(mark->tag[0], row->mac, TAG_LEN) == 0)
		return CKR_OK;
	if (rv != CKR_OK && rv != CKR_OBJECT_HANDLE_INVALID)
		return rv;
	log_error("store %s: the row of object %lld is not the one that "
	    "belongs here", store_path(s), (long long)mark->id);
	return CKR_DATA_INVALID;
}

/* What a row is before it is replaced or deleted. */
static CK_RV
read_head(struct store *s, int64_t token, int64_t id, struct object_row *row)
{
	struct row_entry mark;
	CK_RV rv;

	rv = s->ops->object_mark(s->impl, token, id, &mark);
	if (rv != CKR_OK)
		return rv;
	rv = s->ops->object_head(s->impl, token, id, row);
	return agree(s, &mark, rv, row);
}

/* Id and version that the row of o gets now; old is what it was. */
static CK_RV
number(struct store *s, const struct store_object *o, struct object_row *old,
    struct object_row *row)
{
	CK_RV rv;

	row->token = o->token;
	row->id = o->id;
	if (o->id == 0)
		rv = s->ops->object_next_id(s->impl, &row->id);
	else
		rv = read_head(s, o->token, o->id, old);
	row->version = old->version + 1;
	return rv;
}

static CK_RV
write_row(struct store *s, struct view key, const struct store_object *o,
    struct object_row *row)
{
	struct buf plain = BUF_EMPTY;
	CK_RV rv;

	row->private = o->private;
	/* borrowed for the time of this call */
	row->public_area = o->blob.public_area;
	row->private_area = o->blob.private_area;
	if ((rv = row_tags_of(key, o->token, &o->attrs,
	    &row->tags)) != CKR_OK ||
	    (rv = encode(o, &plain)) != CKR_OK ||
	    (rv = row_seal(key, buf_view(&plain), row)) != CKR_OK)
		goto out;
	rv = s->ops->object_put(s->impl, row);
out:
	row->public_area = BUF_EMPTY;
	row->private_area = BUF_EMPTY;
	object_row_free(row);
	buf_free(&plain);
	return rv;
}

static CK_RV
put_row(struct store *s, const struct store_keys *keys,
    const struct store_object *o, struct object_row *row)
{
	struct object_row old = { .id = 0 };
	CK_RV rv;

	if ((rv = vault_change(s, keys, o->token)) != CKR_OK ||
	    (rv = number(s, o, &old, row)) != CKR_OK ||
	    (rv = write_row(s, key_of(keys, o->private), o, row)) != CKR_OK ||
	    (o->id != 0 && (rv = vault_count(s, &old, -1)) != CKR_OK))
		return rv;
	return vault_count(s, row, 1);
}

CK_RV
store_object_put(struct store *s, const struct store_keys *keys,
    struct store_object *o)
{
	struct object_row row = { .id = 0 };
	bool own;
	CK_RV rv;

	if (o->private && keys->for_private.len == 0)
		return CKR_USER_NOT_LOGGED_IN;
	if (o->blob.public_area.len > ROW_AREA_MAX ||
	    o->blob.private_area.len > ROW_AREA_MAX)
		return CKR_DEVICE_MEMORY;
	if ((rv = store_enter(s, &own)) != CKR_OK)
		return rv;
	rv = put_row(s, keys, o, &row);
	if ((rv = store_leave(s, own, rv)) == CKR_OK) {
		o->id = row.id;
		o->version = row.version;
	}
	return rv;
}

CK_RV
row_read(struct view key, struct object_row *row, struct store_object *o)
{
	struct buf plain = BUF_EMPTY;
	CK_RV rv;

	if ((rv = row_open(key, row, &plain)) != CKR_OK ||
	    (rv = decode(buf_view(&plain), o)) != CKR_OK)
		goto out;
	o->id = row->id;
	o->token = row->token;
	o->version = row->version;
	o->private = row->private;
	buf_move(&o->blob.public_area, &row->public_area);
	buf_move(&o->blob.private_area, &row->private_area);
out:
	buf_free(&plain);
	return rv;
}

/* The objects of a token that is gone are gone. */
static CK_RV
gone_with_token(CK_RV rv)
{
	return rv == CKR_TOKEN_NOT_PRESENT ? CKR_OBJECT_HANDLE_INVALID : rv;
}

static CK_RV
get_row(struct store *s, const struct store_keys *keys, int64_t token,
    int64_t id, struct object_row *row)
{
	struct row_entry mark;
	CK_RV rv;

	if ((rv = vault_enter(s, keys, token)) != CKR_OK ||
	    (rv = s->ops->object_mark(s->impl, token, id, &mark)) != CKR_OK)
		goto out;
	rv = s->ops->object_get(s->impl, token, id, row);
	rv = agree(s, &mark, rv, row);
out:
	vault_leave(s);
	return gone_with_token(rv);
}

CK_RV
store_object_get(struct store *s, const struct store_keys *keys,
    int64_t token, int64_t id, struct store_object *out)
{
	struct store_object o = { .id = 0 };
	struct object_row row = { .id = 0 };
	CK_RV rv;

	if ((rv = get_row(s, keys, token, id, &row)) != CKR_OK)
		goto out;
	if (row.private && keys->for_private.len == 0) {
		rv = CKR_USER_NOT_LOGGED_IN;
		goto out;
	}
	rv = row_read(key_of(keys, row.private), &row, &o);
	if (rv == CKR_OK) {
		*out = o;
		o = (struct store_object){ .id = 0 };
	} else if (rv == CKR_DATA_INVALID) {
		log_error("store %s: object %lld does not open: it was "
		    "damaged or edited, or sealed for another token",
		    store_path(s), (long long)id);
	}
out:
	object_row_free(&row);
	store_object_free(&o);
	return rv;
}

CK_RV
store_object_version(struct store *s, const struct store_keys *keys,
    int64_t token, int64_t id, uint64_t *version)
{
	struct row_entry mark;
	CK_RV rv;

	if ((rv = vault_enter(s, keys, token)) == CKR_OK &&
	    (rv = s->ops->object_mark(s->impl, token, id, &mark)) == CKR_OK)
		*version = mark.word;
	vault_leave(s);
	return gone_with_token(rv);
}

static CK_RV
delete_row(struct store *s, const struct store_keys *keys, int64_t token,
    int64_t id)
{
	struct object_row old = { .id = 0 };
	CK_RV rv;

	if ((rv = vault_change(s, keys, token)) != CKR_OK ||
	    (rv = read_head(s, token, id, &old)) != CKR_OK ||
	    (rv = s->ops->object_delete(s->impl, token, id)) != CKR_OK)
		return rv;
	return vault_count(s, &old, -1);
}

CK_RV
store_object_delete(struct store *s, const struct store_keys *keys,
    int64_t token, int64_t id)
{
	bool own;
	CK_RV rv;

	if ((rv = store_enter(s, &own)) != CKR_OK)
		return rv;
	rv = gone_with_token(delete_row(s, keys, token, id));
	return store_leave(s, own, rv);
}

static CK_RV
delete_rows(struct store *s, const struct store_keys *keys, int64_t token)
{
	struct store_token t = { .id = 0 };
	CK_RV rv;

	if ((rv = vault_renew(s, keys, token)) != CKR_OK ||
	    (rv = s->ops->objects_delete(s->impl, token)) != CKR_OK ||
	    (rv = s->ops->token_get(s->impl, token, &t)) != CKR_OK)
		goto out;
	rv = vault_record(s, &t);
out:
	store_token_free(&t);
	return rv;
}

CK_RV
store_objects_delete_all(struct store *s, const struct store_keys *keys,
    int64_t token)
{
	bool own;
	CK_RV rv;

	if ((rv = store_enter(s, &own)) != CKR_OK)
		return rv;
	return store_leave(s, own, delete_rows(s, keys, token));
}
