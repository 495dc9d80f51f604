/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

#include <string.h>

#include "mech/secret.h"
#include "tpm/mac.h"
#include "util/mem.h"

/*
 * HMAC (RFC 2104; PKCS#11 3.x, 6.20 to 6.31): in the TPM by a key that is
 * there, else over a software value, built on a running digest so that a
 * message of any length passes through.
 */
#define IPAD 0x36
#define OPAD 0x5c

struct hmac {
	struct tpm_mac *tpm;	/* then there is no inner and no pad */
	const struct hash *hash;
	struct digest *inner;
	struct buf pad;		/* the key's block, xor OPAD */
	size_t len;		/* of the MAC that is given */
};

static CK_RV
check(const struct mech_call *c)
{
	return key_tpm(c->key) != NULL || key_value(c->key).len > 0 ?
	    CKR_OK : CKR_KEY_TYPE_INCONSISTENT;
}

static void
free_state(void *state)
{
	struct hmac *h = state;

	tpm_mac_free(&h->tpm);
	digest_free(&h->inner);
	buf_free(&h->pad);
	mem_free(h);
}

/* The key as one input block: hashed when longer, then padded by zeros. */
static CK_RV
set_key(struct hmac *h, struct view key)
{
	CK_RV rv;

	rv = key.len > h->hash->block ?
	    digest_once(h->hash, &key, 1, &h->pad) : buf_set(&h->pad, key);
	if (rv != CKR_OK)
		return rv;
	return buf_resize(&h->pad, h->hash->block);
}

static void
xor_pad(struct buf *pad, uint8_t with)
{
	size_t i;

	for (i = 0; i < pad->len; i++)
		pad->data[i] ^= with;
}

static CK_RV
start_software(struct hmac *h, struct view key)
{
	CK_RV rv;

	if ((rv = set_key(h, key)) != CKR_OK ||
	    (rv = digest_new(h->hash, &h->inner)) != CKR_OK)
		return rv;
	xor_pad(&h->pad, IPAD);
	if ((rv = digest_update(h->inner, buf_view(&h->pad))) != CKR_OK)
		return rv;
	xor_pad(&h->pad, IPAD ^ OPAD);
	return CKR_OK;
}

static CK_RV
start(const struct mech_call *c, enum mech_use use, void **state)
{
	struct hmac *h;
	CK_RV rv;

	(void)use;
	if ((h = mem_alloc(1, sizeof(*h))) == NULL)
		return CKR_HOST_MEMORY;
	h->hash = c->params.hash;
	h->len = c->params.len != 0 ? c->params.len : h->hash->size;
	rv = key_tpm(c->key) != NULL ?
	    tpm_mac_new(key_tpm(c->key), h->hash, &h->tpm) :
	    start_software(h, key_value(c->key));
	if (rv != CKR_OK)
		goto out;

	*state = h;
	h = NULL;
out:
	if (h != NULL)
		free_state(h);
	return rv;
}

static CK_RV
update(void *state, struct view in, struct buf *out)
{
	struct hmac *h = state;

	(void)out;
	return h->tpm != NULL ? tpm_mac_update(h->tpm, in) :
	    digest_update(h->inner, in);
}

static CK_RV
finish_software(struct hmac *h, struct buf *mac)
{
	struct buf inner = BUF_EMPTY;
	struct view parts[2];
	CK_RV rv;

	if ((rv = digest_final(h->inner, &inner)) != CKR_OK)
		goto out;
	parts[0] = buf_view(&h->pad);
	parts[1] = buf_view(&inner);
	rv = digest_once(h->hash, parts, 2, mac);
out:
	buf_free(&inner);
	return rv;
}

static CK_RV
finish(void *state, struct buf *out)
{
	struct hmac *h = state;
	struct buf mac = BUF_EMPTY;
	CK_RV rv;

	rv = h->tpm != NULL ? tpm_mac_final(h->tpm, &mac) :
	    finish_software(h, &mac);
	if (rv != CKR_OK || (rv = buf_resize(&mac, h->len)) != CKR_OK)
		goto out;
	buf_move(out, &mac);
out:
	buf_free(&mac);
	return rv;
}

static size_t
output(const struct mech_call *c, const void *state, size_t in, bool final,
    bool *exact)
{
	const struct hmac *h = state;

	(void)c;
	(void)in;
	*exact = true;
	return final ? h->len : 0;
}

static CK_RV
general_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	(void)m;
	return params_mac_len(from, p->hash->size, p);
}

static const struct mech_stream stream = {
	.uses = MECH_USE_BIT(MECH_SIGN) | MECH_USE_BIT(MECH_VERIFY),
	.start = start,
	.update = update,
	.finish = finish,
	.free = free_state,
	.output = output,
};

const struct mech_family hmac_family = {
	.clause = "6.20 to 6.31",
	.sizes = secret_sizes_bytes,
	.check = check,
	.stream = &stream,
	.messages = MECH_SIGNS_MESSAGES,
};

const struct mech_family hmac_general_family = {
	.clause = "6.20 to 6.31",
	.sizes = secret_sizes_bytes,
	.params = general_params,
	.check = check,
	.stream = &stream,
	.messages = MECH_SIGNS_MESSAGES,
};
