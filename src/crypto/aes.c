/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/aes.h"

#include <limits.h>
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/internal.h"

#define NONCE_LEN 12
#define TAG_LEN 16
#define KEY_LEN 32	/* of AES-256 */

/* As EVP_CipherInit_ex2 wants to know. */
#define DECRYPT 0
#define ENCRYPT 1

static CK_RV
cfb(int way, struct view key, const uint8_t iv[16], uint8_t *data,
    size_t len)
{
	EVP_CIPHER_CTX *ctx = NULL;
	CK_RV rv = CKR_OK;
	int n;

	errors_enter();
	if (key.len != 16 && key.len != 24 && key.len != 32) {
		rv = CKR_KEY_SIZE_RANGE;
		goto out;
	}
	if (len > INT_MAX) {
		rv = CKR_DATA_LEN_RANGE;
		goto out;
	}
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    !EVP_CipherInit_ex2(ctx, library_get()->cfb[key.len / 8 - 2],
	    key.data, iv, way, NULL) ||
	    !EVP_CipherUpdate(ctx, data, &n, data, (int)len))
		rv = errors_rc("AES-CFB", CKR_GENERAL_ERROR);
out:
	EVP_CIPHER_CTX_free(ctx);
	errors_leave();
	return rv;
}

CK_RV
aes_cfb_encrypt(struct view key, const uint8_t iv[16], uint8_t *data,
    size_t len)
{
	return cfb(ENCRYPT, key, iv, data, len);
}

CK_RV
aes_cfb_decrypt(struct view key, const uint8_t iv[16], uint8_t *data,
    size_t len)
{
	return cfb(DECRYPT, key, iv, data, len);
}

/* Up to the point where the tag is due; *ctx is to be freed in any case. */
static CK_RV
gcm(int way, struct view key, const uint8_t *nonce, struct view aad,
    struct view in, uint8_t *out, EVP_CIPHER_CTX **ctx)
{
	int n;

	if (key.len != KEY_LEN)
		return CKR_KEY_SIZE_RANGE;
	if (in.len > INT_MAX || aad.len > INT_MAX)
		return CKR_DATA_LEN_RANGE;
	if ((*ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    !EVP_CipherInit_ex2(*ctx, library_get()->gcm, key.data, nonce,
	    way, NULL) ||
	    (aad.len > 0 &&
	    !EVP_CipherUpdate(*ctx, NULL, &n, aad.data, (int)aad.len)) ||
	    (in.len > 0 &&
	    !EVP_CipherUpdate(*ctx, out, &n, in.data, (int)in.len)))
		return errors_rc("AES-GCM", CKR_GENERAL_ERROR);
	return CKR_OK;
}

CK_RV
aes_gcm_seal(struct view key, struct view aad, struct view plain,
    struct buf *out)
{
	struct buf box = BUF_EMPTY;
	EVP_CIPHER_CTX *ctx = NULL;
	uint8_t *text, *tag;
	CK_RV rv;
	int n;

	errors_enter();
	if ((rv = buf_resize(&box, NONCE_LEN + plain.len + TAG_LEN)) != CKR_OK)
		goto out;
	text = box.data + NONCE_LEN;
	tag = text + plain.len;
	if ((rv = crypto_random(box.data, NONCE_LEN)) != CKR_OK ||
	    (rv = gcm(ENCRYPT, key, box.data, aad, plain, text, &ctx)) !=
	    CKR_OK)
		goto out;
	if (!EVP_CipherFinal_ex(ctx, tag, &n) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag)) {
		rv = errors_rc("AES-GCM", CKR_GENERAL_ERROR);
		goto out;
	}
	buf_move(out, &box);
out:
	EVP_CIPHER_CTX_free(ctx);
	buf_free(&box);
	errors_leave();
	return rv;
}

CK_RV
aes_gcm_open(struct view key, struct view aad, struct view sealed,
    struct buf *plain)
{
	struct buf text = BUF_EMPTY;
	EVP_CIPHER_CTX *ctx = NULL;
	struct view in;
	uint8_t tag[TAG_LEN], none[TAG_LEN];
	CK_RV rv = CKR_DATA_INVALID;
	int n;

	errors_enter();
	if (sealed.len < NONCE_LEN + TAG_LEN)
		goto out;
	in = view_sub(sealed, NONCE_LEN, sealed.len - NONCE_LEN - TAG_LEN);
	memcpy(tag, sealed.data + sealed.len - TAG_LEN, TAG_LEN);
	if ((rv = buf_resize(&text, in.len)) != CKR_OK ||
	    (rv = gcm(DECRYPT, key, sealed.data, aad, in, text.data, &ctx)) !=
	    CKR_OK)
		goto out;
	if (!EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag)) {
		rv = errors_rc("AES-GCM", CKR_GENERAL_ERROR);
		goto out;
	}
	/* Not logged: a wrong tag is an answer, not a failure of OpenSSL. */
	if (EVP_CipherFinal_ex(ctx, none, &n) <= 0) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	buf_move(plain, &text);
out:
	EVP_CIPHER_CTX_free(ctx);
	buf_free(&text);
	errors_leave();
	return rv;
}

CK_RV
aes_blocks(struct view key, uint8_t *data, size_t len)
{
	EVP_CIPHER_CTX *ctx = NULL;
	CK_RV rv = CKR_OK;
	int n;

	if (key.len != KEY_LEN)
		return CKR_KEY_SIZE_RANGE;
	if (len % 16 != 0 || len > INT_MAX)
		return CKR_DATA_LEN_RANGE;
	errors_enter();
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    !EVP_CipherInit_ex2(ctx, library_get()->ecb, key.data, NULL,
	    ENCRYPT, NULL) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, 0) ||
	    !EVP_CipherUpdate(ctx, data, &n, data, (int)len))
		rv = errors_rc("AES", CKR_GENERAL_ERROR);
	EVP_CIPHER_CTX_free(ctx);
	errors_leave();
	return rv;
}
