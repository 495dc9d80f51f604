/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/gcm.h"

#include <assert.h>
#include <string.h>

#include "crypto/ctr.h"
#include "crypto/ghash.h"
#include "crypto/internal.h"
#include "util/secret.h"

#define TAG_MIN 4
#define TAG_MAX 16
#define IV_USUAL 12
#define IV_OF_OPENSSL 128	/* the longest that it takes */
#define COUNTER_WIDTH 4
#define TEXT_MAX (((uint64_t)1 << 36) - 32)

/* As EVP_CipherInit_ex2 wants to know. */
#define DECRYPT 0
#define ENCRYPT 1

struct gcm {
	uint64_t aad_len;
	uint64_t text_len;
	EVP_CIPHER_CTX *ctx;	/* NULL: all below */
	struct ghash hash;
	struct ctr ctr;
	uint8_t mask[AES_BLOCK];	/* AES(J0), over the tag */
};

static bool
is_for_openssl(const struct aes_key *key, struct view iv)
{
	return key->value.len > 0 && iv.len <= IV_OF_OPENSSL;
}

/* J0 (7.1, step 2) for an iv of other than 96 bits. */
static void
hash_iv(struct ghash *hash, struct view iv, uint8_t j0[AES_BLOCK])
{
	struct ghash h = *hash;

	ghash_update(&h, iv);
	ghash_lengths(&h, 0, iv.len);
	ghash_value(&h, j0);
	wipe(&h, sizeof(h));
}

static CK_RV
start_blocks(struct gcm *g, const struct aes_key *key, struct view iv)
{
	uint8_t blocks[2 * AES_BLOCK] = { 0 };
	uint8_t j0[AES_BLOCK] = { 0 };
	bool usual = iv.len == IV_USUAL;
	CK_RV rv;

	if (usual) {
		memcpy(j0, iv.data, iv.len);
		j0[AES_BLOCK - 1] = 1;
		memcpy(blocks + AES_BLOCK, j0, AES_BLOCK);
	}
	/* The hash key and, if J0 is known by now, the mask: one command. */
	rv = aes_key_encrypt(key, blocks, blocks, usual ? 2 : 1);
	if (rv != CKR_OK)
		goto out;
	ghash_start(&g->hash, blocks);
	memcpy(g->mask, blocks + AES_BLOCK, AES_BLOCK);
	if (!usual) {
		hash_iv(&g->hash, iv, j0);
		if ((rv = aes_key_encrypt(key, j0, g->mask, 1)) != CKR_OK)
			goto out;
	}
	ctr_start(&g->ctr, key, j0, COUNTER_WIDTH);
	ctr_skip(&g->ctr);
out:
	wipe(blocks, sizeof(blocks));
	return rv;
}

static CK_RV
start_openssl(struct gcm *g, int way, struct view key, struct view iv)
{
	if ((g->ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    !EVP_CipherInit_ex2(g->ctx, library_aes(AES_GCM, key.len), NULL,
	    NULL, way, NULL) ||
	    !EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)iv.len,
	    NULL) ||
	    !EVP_CipherInit_ex2(g->ctx, NULL, key.data, iv.data, way, NULL))
		return errors_rc("AES-GCM", CKR_GENERAL_ERROR);
	return CKR_OK;
}

static CK_RV
start(int way, const struct aes_key *key, struct view iv, struct gcm **out)
{
	struct gcm *g = NULL;
	CK_RV rv;

	if (iv.len == 0)
		return CKR_MECHANISM_PARAM_INVALID;
	if ((rv = aes_key_check(key)) != CKR_OK)
		return rv;
	if ((g = secret_alloc(sizeof(*g))) == NULL)
		return CKR_HOST_MEMORY;
	errors_enter();
	rv = is_for_openssl(key, iv) ?
	    start_openssl(g, way, key->value, iv) : start_blocks(g, key, iv);
	if (rv == CKR_OK) {
		*out = g;
		g = NULL;
	}
	gcm_free(&g);
	errors_leave();
	return rv;
}

CK_RV
gcm_new(const struct aes_key *key, struct view iv, struct gcm **out)
{
	return start(ENCRYPT, key, iv, out);
}

void
gcm_free(struct gcm **g)
{
	if (*g == NULL)
		return;
	EVP_CIPHER_CTX_free((*g)->ctx);
	secret_free(*g, sizeof(**g));
	*g = NULL;
}

/* out NULL: associated data. */
static CK_RV
pump(struct gcm *g, struct view in, uint8_t *out)
{
	CK_RV rv = CKR_OK;
	size_t n;

	errors_enter();
	if (!cipher_pump(g->ctx, in, out, &n))
		rv = errors_rc("AES-GCM", CKR_GENERAL_ERROR);
	errors_leave();
	return rv;
}

CK_RV
gcm_aad(struct gcm *g, struct view aad)
{
	assert(g->text_len == 0);
	g->aad_len += aad.len;
	if (g->ctx != NULL)
		return pump(g, aad, NULL);
	ghash_update(&g->hash, aad);
	return CKR_OK;
}

/* The text begins, or goes on: may it have len bytes more? */
static CK_RV
add_text(struct gcm *g, size_t len)
{
	if (len > TEXT_MAX - g->text_len)
		return CKR_DATA_LEN_RANGE;
	if (g->ctx == NULL && g->text_len == 0 && len > 0)
		ghash_pad(&g->hash);
	g->text_len += len;
	return CKR_OK;
}

CK_RV
gcm_encrypt(struct gcm *g, struct view plain, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&text, plain)) != CKR_OK ||
	    (rv = add_text(g, plain.len)) != CKR_OK)
		goto out;
	if (g->ctx != NULL) {
		rv = pump(g, plain, text.data);
	} else {
		rv = ctr_xor(&g->ctr, text.data, text.len);
		ghash_update(&g->hash, buf_view(&text));
	}
	if (rv == CKR_OK)
		buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}

static CK_RV
tag_of_openssl(struct gcm *g, uint8_t tag[TAG_MAX])
{
	CK_RV rv = CKR_OK;
	int n;

	errors_enter();
	if (!EVP_CipherFinal_ex(g->ctx, tag, &n) ||
	    !EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_GET_TAG, TAG_MAX, tag))
		rv = errors_rc("AES-GCM", CKR_GENERAL_ERROR);
	errors_leave();
	return rv;
}

static CK_RV
tag_of_blocks(struct gcm *g, uint8_t tag[TAG_MAX])
{
	size_t i;

	ghash_lengths(&g->hash, g->aad_len, g->text_len);
	ghash_value(&g->hash, tag);
	for (i = 0; i < TAG_MAX; i++)
		tag[i] ^= g->mask[i];
	return CKR_OK;
}

static bool
tag_len_allowed(size_t len)
{
	return len >= TAG_MIN && len <= TAG_MAX;
}

CK_RV
gcm_tag(struct gcm *g, size_t len, struct buf *out)
{
	uint8_t tag[TAG_MAX];
	CK_RV rv;

	if (!tag_len_allowed(len))
		return CKR_MECHANISM_PARAM_INVALID;
	rv = g->ctx != NULL ? tag_of_openssl(g, tag) : tag_of_blocks(g, tag);
	return rv == CKR_OK ? buf_set(out, view_of(tag, len)) : rv;
}

CK_RV
gcm_seal(const struct aes_key *key, struct view iv, struct view aad,
    struct view plain, size_t tag_len, struct buf *out)
{
	struct buf text = BUF_EMPTY, tag = BUF_EMPTY;
	struct gcm *g = NULL;
	CK_RV rv;

	if ((rv = gcm_new(key, iv, &g)) != CKR_OK ||
	    (rv = gcm_aad(g, aad)) != CKR_OK ||
	    (rv = gcm_encrypt(g, plain, &text)) != CKR_OK ||
	    (rv = gcm_tag(g, tag_len, &tag)) != CKR_OK ||
	    (rv = buf_append(&text, buf_view(&tag))) != CKR_OK)
		goto out;
	buf_move(out, &text);
out:
	gcm_free(&g);
	buf_free(&text);
	buf_free(&tag);
	return rv;
}

/* text: the ciphertext, to become the plaintext. */
static CK_RV
open_openssl(struct gcm *g, struct view tag, struct buf *text)
{
	uint8_t want[TAG_MAX], none[AES_BLOCK];
	CK_RV rv;
	int n;

	memcpy(want, tag.data, tag.len);
	if ((rv = pump(g, buf_view(text), text->data)) != CKR_OK)
		return rv;
	errors_enter();
	if (!EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag.len,
	    want))
		rv = errors_rc("AES-GCM", CKR_GENERAL_ERROR);
	else if (EVP_CipherFinal_ex(g->ctx, none, &n) <= 0)
		rv = CKR_ENCRYPTED_DATA_INVALID;
	errors_leave();
	return rv;
}

static CK_RV
open_blocks(struct gcm *g, struct view tag, struct buf *text)
{
	uint8_t want[TAG_MAX];
	CK_RV rv;

	ghash_update(&g->hash, buf_view(text));
	if ((rv = tag_of_blocks(g, want)) == CKR_OK &&
	    !view_equal(view_of(want, tag.len), tag))
		rv = CKR_ENCRYPTED_DATA_INVALID;
	wipe(want, sizeof(want));
	return rv == CKR_OK ? ctr_xor(&g->ctr, text->data, text->len) : rv;
}

CK_RV
gcm_open(const struct aes_key *key, struct view iv, struct view aad,
    struct view sealed, size_t tag_len, struct buf *plain)
{
	struct buf text = BUF_EMPTY;
	struct gcm *g = NULL;
	struct view tag;
	CK_RV rv;

	if (!tag_len_allowed(tag_len))
		return CKR_MECHANISM_PARAM_INVALID;
	if (sealed.len < tag_len)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	tag = view_sub(sealed, sealed.len - tag_len, tag_len);
	if ((rv = buf_set(&text, view_sub(sealed, 0, sealed.len - tag_len))) !=
	    CKR_OK || (rv = start(DECRYPT, key, iv, &g)) != CKR_OK ||
	    (rv = gcm_aad(g, aad)) != CKR_OK ||
	    (rv = add_text(g, text.len)) != CKR_OK)
		goto out;
	rv = g->ctx != NULL ? open_openssl(g, tag, &text) :
	    open_blocks(g, tag, &text);
	if (rv == CKR_OK)
		buf_move(plain, &text);
out:
	gcm_free(&g);
	buf_free(&text);
	return rv;
}
