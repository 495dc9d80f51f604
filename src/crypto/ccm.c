/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/ccm.h"

#include <limits.h>
#include <string.h>

#include "crypto/ctr.h"
#include "crypto/internal.h"
#include "util/secret.h"

#define TAG_MAX AES_BLOCK

/* As EVP_CipherInit_ex2 wants to know. */
#define DECRYPT 0
#define ENCRYPT 1

/* CCM over blocks: what is secret, or may be. */
struct state {
	struct ctr ctr;
	uint8_t mac[AES_BLOCK];
	uint8_t part[AES_BLOCK];	/* of a block of the MAC's input */
	size_t len;
};

CK_RV
ccm_check(const struct ccm *p, size_t text_len)
{
	size_t width = AES_BLOCK - 1 - p->nonce.len;

	if (p->nonce.len < 7 || p->nonce.len > 13 || p->tag_len < 4 ||
	    p->tag_len > TAG_MAX || p->tag_len % 2 != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	if (text_len > INT_MAX || p->aad.len > INT_MAX ||
	    (width < 4 && text_len >> (8 * width) != 0))
		return CKR_DATA_LEN_RANGE;
	return aes_key_check(p->key);
}

static CK_RV
start_openssl(EVP_CIPHER_CTX *ctx, const struct ccm *p, int way,
    size_t text_len, uint8_t *tag)
{
	struct view key = p->key->value;
	int n;

	if (!EVP_CipherInit_ex2(ctx, library_aes(AES_CCM, key.len), NULL, NULL,
	    way, NULL) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN,
	    (int)p->nonce.len, NULL) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)p->tag_len,
	    way == DECRYPT ? tag : NULL) ||
	    !EVP_CipherInit_ex2(ctx, NULL, key.data, p->nonce.data, way,
	    NULL) ||
	    !EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)text_len) ||
	    (p->aad.len > 0 &&
	    !EVP_CipherUpdate(ctx, NULL, &n, p->aad.data, (int)p->aad.len)))
		return errors_rc("AES-CCM", CKR_GENERAL_ERROR);
	return CKR_OK;
}

/* text and tag are both input or output, as way says. */
static CK_RV
run_openssl(const struct ccm *p, int way, struct buf *text, uint8_t *tag)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t none[1] = { 0 };
	uint8_t *data = text->len > 0 ? text->data : none;
	CK_RV rv = CKR_HOST_MEMORY;
	int n;

	errors_enter();
	if (ctx == NULL || (rv = start_openssl(ctx, p, way, text->len, tag)) !=
	    CKR_OK)
		goto out;
	if (EVP_CipherUpdate(ctx, data, &n, data, (int)text->len) <= 0)
		/* Not logged: a wrong tag is an answer. */
		rv = way == DECRYPT ? CKR_ENCRYPTED_DATA_INVALID :
		    errors_rc("AES-CCM", CKR_GENERAL_ERROR);
	else if (way == ENCRYPT && !EVP_CIPHER_CTX_ctrl(ctx,
	    EVP_CTRL_AEAD_GET_TAG, (int)p->tag_len, tag))
		rv = errors_rc("AES-CCM", CKR_GENERAL_ERROR);
out:
	EVP_CIPHER_CTX_free(ctx);
	errors_leave();
	return rv;
}

static CK_RV
take(struct state *s, const struct ccm *p, struct view in)
{
	size_t blocks, n;
	CK_RV rv = CKR_OK;

	while (in.len > 0 && rv == CKR_OK) {
		if (s->len == 0 && in.len >= AES_BLOCK) {
			blocks = in.len / AES_BLOCK;
			n = blocks * AES_BLOCK;
			rv = aes_key_mac(p->key, s->mac, in.data, blocks);
		} else {
			n = AES_BLOCK - s->len;
			n = in.len < n ? in.len : n;
			memcpy(s->part + s->len, in.data, n);
			s->len += n;
		}
		if (s->len == AES_BLOCK) {
			rv = aes_key_mac(p->key, s->mac, s->part, 1);
			s->len = 0;
		}
		in = view_sub(in, n, in.len);
	}
	return rv;
}

static CK_RV
pad(struct state *s, const struct ccm *p)
{
	static const uint8_t zeros[AES_BLOCK];

	if (s->len == 0)
		return CKR_OK;
	return take(s, p, view_of(zeros, AES_BLOCK - s->len));
}

/* The head of the associated data: their length (A.2.2). */
static struct view
aad_head(size_t len, uint8_t out[6])
{
	out[0] = 0xff;
	out[1] = 0xfe;
	store_be32(out + 2, (uint32_t)len);
	return len < 0xff00 ? view_of(out + 4, 2) : view_of(out, 6);
}

/* B0 and the associated data. */
static CK_RV
start_mac(struct state *s, const struct ccm *p, size_t text_len)
{
	uint8_t b0[AES_BLOCK], head[6];
	size_t width = AES_BLOCK - 1 - p->nonce.len;
	CK_RV rv;

	store_be64(b0 + 8, text_len);
	memcpy(b0 + 1, p->nonce.data, p->nonce.len);
	b0[0] = (uint8_t)((p->aad.len > 0 ? 0x40 : 0) |
	    (p->tag_len - 2) / 2 << 3 | (width - 1));
	if ((rv = take(s, p, view_of(b0, sizeof(b0)))) != CKR_OK ||
	    p->aad.len == 0 ||
	    (rv = take(s, p, aad_head(p->aad.len, head))) != CKR_OK ||
	    (rv = take(s, p, p->aad)) != CKR_OK)
		return rv;
	return pad(s, p);
}

static CK_RV
mac_text(struct state *s, const struct ccm *p, struct view text)
{
	CK_RV rv;

	if ((rv = start_mac(s, p, text.len)) != CKR_OK ||
	    (rv = take(s, p, text)) != CKR_OK)
		return rv;
	return pad(s, p);
}

/* The key stream's first block hides the MAC, the others the text. */
static CK_RV
start_ctr(struct state *s, const struct ccm *p, uint8_t mask[AES_BLOCK],
    struct buf *text)
{
	uint8_t counter[AES_BLOCK] = { 0 };
	CK_RV rv;

	counter[0] = (uint8_t)(AES_BLOCK - 2 - p->nonce.len);
	memcpy(counter + 1, p->nonce.data, p->nonce.len);
	ctr_start(&s->ctr, p->key, counter, AES_BLOCK - 1 - p->nonce.len);
	if ((rv = ctr_xor(&s->ctr, mask, AES_BLOCK)) != CKR_OK)
		return rv;
	return ctr_xor(&s->ctr, text->data, text->len);
}

static CK_RV
run_blocks(const struct ccm *p, int way, struct buf *text, uint8_t *tag)
{
	uint8_t mask[AES_BLOCK] = { 0 };
	struct state *s = secret_alloc(sizeof(*s));
	CK_RV rv;
	size_t i;

	if (s == NULL)
		return CKR_HOST_MEMORY;
	if ((way == ENCRYPT &&
	    (rv = mac_text(s, p, buf_view(text))) != CKR_OK) ||
	    (rv = start_ctr(s, p, mask, text)) != CKR_OK ||
	    (way == DECRYPT &&
	    (rv = mac_text(s, p, buf_view(text))) != CKR_OK))
		goto out;
	for (i = 0; i < AES_BLOCK; i++)
		mask[i] ^= s->mac[i];
	if (way == ENCRYPT)
		memcpy(tag, mask, p->tag_len);
	else if (!view_equal(view_of(mask, p->tag_len),
	    view_of(tag, p->tag_len)))
		rv = CKR_ENCRYPTED_DATA_INVALID;
out:
	wipe(mask, sizeof(mask));
	secret_free(s, sizeof(*s));
	return rv;
}

static CK_RV
run(const struct ccm *p, int way, struct buf *text, uint8_t *tag)
{
	return p->key->value.len > 0 ? run_openssl(p, way, text, tag) :
	    run_blocks(p, way, text, tag);
}

CK_RV
ccm_seal(const struct ccm *p, struct view plain, struct buf *out)
{
	uint8_t tag[TAG_MAX];
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = ccm_check(p, plain.len)) != CKR_OK)
		return rv;
	if ((rv = buf_set(&text, plain)) != CKR_OK ||
	    (rv = run(p, ENCRYPT, &text, tag)) != CKR_OK ||
	    (rv = buf_append(&text, view_of(tag, p->tag_len))) != CKR_OK)
		goto out;
	buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}

CK_RV
ccm_open(const struct ccm *p, struct view sealed, struct buf *plain)
{
	uint8_t tag[TAG_MAX];
	struct buf text = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	if ((rv = ccm_check(p, 0)) != CKR_OK)
		return rv;
	if (sealed.len < p->tag_len)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	len = sealed.len - p->tag_len;
	if ((rv = ccm_check(p, len)) != CKR_OK)
		return rv;
	memcpy(tag, sealed.data + len, p->tag_len);
	if ((rv = buf_set(&text, view_sub(sealed, 0, len))) != CKR_OK ||
	    (rv = run(p, DECRYPT, &text, tag)) != CKR_OK)
		goto out;
	buf_move(plain, &text);
out:
	buf_free(&text);
	return rv;
}
