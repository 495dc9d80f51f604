/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aead.h"

#include <string.h>

#include "util/mem.h"

void
aead_free(void *state)
{
	struct aead *a = state;

	gcm_free(&a->gcm);
	buf_free(&a->nonce);
	buf_free(&a->aad);
	buf_free(&a->text);
	mem_free(a);
}

static CK_RV
fill(struct aead *a, struct view nonce, struct view aad)
{
	CK_RV rv;

	if ((rv = buf_set(&a->nonce, nonce)) != CKR_OK)
		return rv;
	return buf_set(&a->aad, aad);
}

static CK_RV
new(const struct mech_call *c, enum mech_use use, struct view nonce,
    struct view aad, struct aead **out)
{
	struct aead *a = mem_alloc(1, sizeof(*a));
	CK_RV rv;

	if (a == NULL)
		return CKR_HOST_MEMORY;
	aes_init(&a->aes, c->key);
	a->decrypt = use == MECH_DECRYPT;
	if ((rv = fill(a, nonce, aad)) == CKR_OK)
		*out = a;
	else
		aead_free(a);
	return rv;
}

CK_RV
aead_new(const struct mech_call *c, enum mech_use use, struct aead **out)
{
	CK_RV rv;

	if ((rv = new(c, use, buf_view(&c->params.iv),
	    buf_view(&c->params.aad), out)) == CKR_OK)
		(*out)->tag_len = c->params.len;
	return rv;
}

static void
free_nonces(void *own)
{
	nonces_free(own);
	mem_free(own);
}

CK_RV
aead_messages(struct mech_params *p)
{
	if ((p->own = mem_alloc(1, sizeof(struct nonces))) == NULL)
		return CKR_HOST_MEMORY;
	p->own_free = free_nonces;
	return CKR_OK;
}

CK_RV
aead_begin(const struct mech_call *c, enum mech_use use,
    const struct aead_message *m, struct view aad, struct aead **out)
{
	const struct nonce_wish *w = &m->nonce;
	struct nonces *made = NULL;
	CK_RV rv;

	if (w->len == 0 || !view_is_sane((struct view){ w->nonce, w->len }))
		return CKR_MECHANISM_PARAM_INVALID;
	if (use == MECH_ENCRYPT && w->how != CKG_NO_GENERATE) {
		made = c->params.own;
		if ((rv = nonces_next(made, w)) != CKR_OK)
			return rv;
	}
	if ((rv = new(c, use, view_of(w->nonce, w->len), aad, out)) != CKR_OK)
		return rv;
	(*out)->message = true;
	(*out)->tag = m->tag;
	(*out)->tag_len = m->tag_len;
	(*out)->text_len = m->text_len;
	(*out)->nonces = made;
	return CKR_OK;
}

void
aead_use_nonce(struct aead *a)
{
	if (a->nonces != NULL)
		nonces_used(a->nonces);
	a->nonces = NULL;
}

CK_RV
aead_give(struct aead *a, struct buf *sealed, struct buf *out)
{
	size_t len = sealed->len - a->tag_len;
	CK_RV rv;

	if (a->message) {
		if (a->tag == NULL)
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy(a->tag, sealed->data + len, a->tag_len);
		if ((rv = buf_resize(sealed, len)) != CKR_OK)
			return rv;
	}
	buf_move(out, sealed);
	return CKR_OK;
}

CK_RV
aead_take_tag(struct aead *a)
{
	if (!a->message)
		return CKR_OK;
	if (a->tag == NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	return buf_append(&a->text, view_of(a->tag, a->tag_len));
}

CK_RV
aead_rv(const struct aead *a, CK_RV rv)
{
	return a->message && rv == CKR_ENCRYPTED_DATA_INVALID ?
	    CKR_AEAD_DECRYPT_FAILED : rv;
}
