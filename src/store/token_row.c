/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/internal.h"
#include "util/mem.h"

static void
pin_free(struct store_pin *p)
{
	p->set = false;
	buf_free(&p->salt);
	tpm_blob_free(&p->seal);
	tpm_blob_free(&p->pending);
	tpm_pin_free(&p->index);
	buf_free(&p->auth_wrapped);
}

void
store_token_free(struct store_token *t)
{
	int i;

	for (i = 0; i < STORE_ROLES; i++)
		pin_free(&t->pins[i]);
	tpm_parent_free(&t->parent);
	tpm_blob_free(&t->device);
	buf_free(&t->device_wrapped);
	buf_free(&t->counter);
	t->pcrs = TPM_PCRS_NONE;
	t->id = 0;
}

void
store_tokens_free(struct store_token **list, size_t count)
{
	size_t i;

	if (*list == NULL)
		return;
	for (i = 0; i < count; i++)
		store_token_free(&(*list)[i]);
	mem_free(*list);
	*list = NULL;
}

/* Gone since the ids were asked for, or damaged (which is logged): one token
 * less, and the others stay. */
static bool
left_out(CK_RV rv)
{
	return rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_DATA_INVALID;
}

CK_RV
store_tokens(struct store *s, struct store_token **list, size_t *count)
{
	struct store_token *tokens = NULL;
	size_t i, room = 0, n = 0;
	int64_t *ids = NULL;
	CK_RV rv;

	if ((rv = s->ops->token_ids(s->impl, &ids, &room)) != CKR_OK)
		goto out;
	tokens = mem_alloc(room, sizeof(*tokens));
	if (tokens == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	for (i = 0; i < room; i++) {
		rv = s->ops->token_get(s->impl, ids[i], &tokens[n]);
		if (rv == CKR_OK)
			n++;
		else if (!left_out(rv))
			goto out;
	}
	*list = tokens;
	*count = n;
	tokens = NULL;
	rv = CKR_OK;
out:
	store_tokens_free(&tokens, n);
	mem_free(ids);
	return rv;
}

CK_RV
store_token_get(struct store *s, int64_t id, struct store_token *out)
{
	return s->ops->token_get(s->impl, id, out);
}

CK_RV
store_token_next_id(struct store *s, int64_t *id)
{
	return s->ops->token_next_id(s->impl, id);
}

static bool
blob_fits(const struct tpm_blob *b)
{
	return b->public_area.len <= ROW_AREA_MAX &&
	    b->private_area.len <= ROW_AREA_MAX;
}

/* Would a reader take this for damage? */
static bool
fits(const struct store_token *t)
{
	const struct store_pin *p;

	for (p = t->pins; p < t->pins + STORE_ROLES; p++)
		if (p->salt.len > ROW_SALT_MAX || !blob_fits(&p->seal) ||
		    !blob_fits(&p->pending) || !pin_row_fits(&p->index) ||
		    p->auth_wrapped.len > ROW_WRAP_MAX)
			return false;
	return t->parent.public_area.len <= ROW_AREA_MAX &&
	    t->parent.name.len <= ROW_NAME_MAX && blob_fits(&t->device) &&
	    t->device_wrapped.len <= ROW_WRAP_MAX &&
	    t->counter.len <= ROW_COUNTER_MAX;
}

/* The version that the row of t gets: 1 for a new token's. */
static CK_RV
next_version(struct store *s, int64_t id, uint64_t *version)
{
	int64_t next;
	CK_RV rv;

	rv = s->ops->token_version(s->impl, id, version);
	if (rv == CKR_OK) {
		(*version)++;
		return CKR_OK;
	}
	if (rv != CKR_TOKEN_NOT_PRESENT)
		return rv;
	if ((rv = s->ops->token_next_id(s->impl, &next)) != CKR_OK)
		return rv;
	*version = 1;
	return next == id ? CKR_OK : CKR_TOKEN_NOT_PRESENT;
}

static CK_RV
put_row(struct store *s, const struct store_keys *keys,
    const struct store_token *t)
{
	CK_RV rv;

	rv = t->version == 1 ? vault_renew(s, keys, t->id) :
	    vault_change(s, keys, t->id);
	if (rv != CKR_OK ||
	    (rv = s->ops->token_put(s->impl, t)) != CKR_OK)
		return rv;
	return vault_record(s, t);
}

CK_RV
store_token_put(struct store *s, const struct store_keys *keys,
    struct store_token *t)
{
	uint64_t before = t->version;
	bool own;
	CK_RV rv;

	if (!fits(t))
		return CKR_DEVICE_MEMORY;
	if ((rv = store_enter(s, &own)) != CKR_OK)
		return rv;
	if ((rv = next_version(s, t->id, &t->version)) == CKR_OK)
		rv = put_row(s, keys, t);
	rv = store_leave(s, own, rv);
	if (rv != CKR_OK)
		t->version = before;
	return rv;
}

CK_RV
store_token_delete(struct store *s, int64_t id)
{
	bool own;
	CK_RV rv;

	if ((rv = store_enter(s, &own)) != CKR_OK)
		return rv;
	rv = s->ops->token_delete(s->impl, id);
	/* its header goes with it */
	if (rv == CKR_OK && s->vault.token == id)
		vault_forget(&s->vault);
	return store_leave(s, own, rv);
}
