/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/cipher.h"

#include <string.h>

#include "crypto/ctr.h"
#include "crypto/cts.h"
#include "crypto/internal.h"
#include "util/secret.h"

struct cipher {
	enum cipher_mode mode;
	bool decrypt;
	EVP_CIPHER_CTX *ctx;
	size_t part;		/* ECB, CBC: bytes of a block that wait */
	uint64_t room;		/* CTR: bytes that may follow */
	struct cts cts;
};

static const struct {
	enum aes_mode mode;
	bool has_iv;
	bool in_blocks;		/* gives whole blocks only */
} modes[] = {
	[CIPHER_ECB] = { AES_ECB, false, true },
	[CIPHER_CBC] = { AES_CBC, true, true },
	[CIPHER_CTR] = { AES_CTR, true, false },
	[CIPHER_CFB128] = { AES_CFB, true, false },
	[CIPHER_CFB8] = { AES_CFB8, true, false },
	[CIPHER_OFB] = { AES_OFB, true, false },
	[CIPHER_CTS] = { AES_CBC, true, false },
};

static CK_RV
allowed(const struct cipher_spec *s)
{
	if (s->key.len != 16 && s->key.len != 24 && s->key.len != 32)
		return CKR_KEY_SIZE_RANGE;
	if (s->iv.len != (modes[s->mode].has_iv ? AES_BLOCK : 0) ||
	    (s->mode == CIPHER_CTR &&
	    (s->counter_bits < 1 || s->counter_bits > 128)))
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

static CK_RV
cts_cbc(void *arg, uint8_t iv[CTS_BLOCK], uint8_t *data, size_t len)
{
	EVP_CIPHER_CTX *ctx = arg;
	size_t n;

	if (!EVP_CipherInit_ex2(ctx, NULL, NULL, iv, -1, NULL) ||
	    !cipher_pump(ctx, view_of(data, len), data, &n))
		return errors_rc("AES-CTS", CKR_GENERAL_ERROR);
	return CKR_OK;
}

static void
set_room(struct cipher *c, const struct cipher_spec *s)
{
	uint64_t blocks = ctr_room(s->iv.data, s->counter_bits);

	c->room = blocks > UINT64_MAX / AES_BLOCK ? UINT64_MAX :
	    blocks * AES_BLOCK;
}

static CK_RV
start(struct cipher *c, const struct cipher_spec *s)
{
	c->mode = s->mode;
	c->decrypt = s->decrypt;
	if (s->mode == CIPHER_CTR)
		set_room(c, s);
	if ((c->ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    !EVP_CipherInit_ex2(c->ctx, library_aes(modes[s->mode].mode,
	    s->key.len), s->key.data, s->iv.data, !s->decrypt, NULL) ||
	    !EVP_CIPHER_CTX_set_padding(c->ctx, 0))
		return errors_rc("AES", CKR_GENERAL_ERROR);
	if (s->mode == CIPHER_CTS) {
		c->cts.cbc = cts_cbc;
		c->cts.arg = c->ctx;
		c->cts.decrypt = s->decrypt;
		memcpy(c->cts.iv, s->iv.data, CTS_BLOCK);
	}
	return CKR_OK;
}

CK_RV
cipher_new(const struct cipher_spec *s, struct cipher **out)
{
	struct cipher *c = NULL;
	CK_RV rv;

	if ((rv = allowed(s)) != CKR_OK)
		return rv;
	if ((c = secret_alloc(sizeof(*c))) == NULL)
		return CKR_HOST_MEMORY;
	errors_enter();
	if ((rv = start(c, s)) == CKR_OK) {
		*out = c;
		c = NULL;
	}
	cipher_free(&c);
	errors_leave();
	return rv;
}

void
cipher_free(struct cipher **c)
{
	if (*c == NULL)
		return;
	EVP_CIPHER_CTX_free((*c)->ctx);
	secret_free(*c, sizeof(**c));
	*c = NULL;
}

size_t
cipher_ready(const struct cipher *c, size_t in)
{
	if (c->mode == CIPHER_CTS)
		return cts_ready(&c->cts, in);
	if (modes[c->mode].in_blocks)
		return (c->part + in) / AES_BLOCK * AES_BLOCK;
	return in;
}

static CK_RV
pump(struct cipher *c, struct view in, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;
	size_t n;

	/* OpenSSL may write a block more than it says in the end. */
	if ((rv = buf_resize(&text, in.len + AES_BLOCK)) != CKR_OK)
		goto out;
	if (!cipher_pump(c->ctx, in, text.data, &n)) {
		rv = errors_rc("AES", CKR_GENERAL_ERROR);
		goto out;
	}
	if ((rv = buf_resize(&text, n)) != CKR_OK)
		goto out;
	buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}

CK_RV
cipher_update(struct cipher *c, struct view in, struct buf *out)
{
	CK_RV rv;

	if (c->mode == CIPHER_CTR && in.len > c->room)
		return CKR_DATA_LEN_RANGE;
	errors_enter();
	rv = c->mode == CIPHER_CTS ? cts_update(&c->cts, in, out) :
	    pump(c, in, out);
	errors_leave();
	if (rv != CKR_OK)
		return rv;
	if (c->mode == CIPHER_CTR)
		c->room -= in.len;
	c->part = (c->part + in.len) % AES_BLOCK;
	return CKR_OK;
}

CK_RV
cipher_final(struct cipher *c, struct buf *out)
{
	CK_RV rv;

	if (c->mode == CIPHER_CTS) {
		errors_enter();
		rv = cts_final(&c->cts, out);
		errors_leave();
		return rv;
	}
	if (modes[c->mode].in_blocks && c->part != 0)
		return c->decrypt ? CKR_ENCRYPTED_DATA_LEN_RANGE :
		    CKR_DATA_LEN_RANGE;
	buf_clear(out);
	return CKR_OK;
}
