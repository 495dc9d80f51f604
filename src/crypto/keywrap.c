/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/keywrap.h"

#include <string.h>

#include "crypto/ct.h"
#include "crypto/internal.h"
#include "crypto/pkcs7.h"

#define HALF 8			/* the semiblock */
#define ROUNDS 6
#define LEN_MAX ((size_t)1 << 30)

/* As EVP_CipherInit_ex2 wants to know. */
#define UNWRAP 0
#define WRAP 1

static const uint8_t usual_iv[HALF] = {
	0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6
};
static const uint8_t usual_iv_kwp[HALF / 2] = { 0xa6, 0x59, 0x59, 0xa6 };

static CK_RV
params_allowed(enum keywrap kind, const struct aes_key *key, struct view *iv)
{
	struct view usual = kind == KEYWRAP_KWP ?
	    view_of(usual_iv_kwp, sizeof(usual_iv_kwp)) :
	    view_of(usual_iv, sizeof(usual_iv));

	if (iv->len == 0)
		*iv = usual;
	if (iv->len != usual.len)
		return CKR_MECHANISM_PARAM_INVALID;
	return aes_key_check(key);
}

/* A failure of unwrapping is the answer that something is wrong. */
static CK_RV
run_openssl(int way, enum aes_mode mode, struct view key, struct view iv,
    struct buf *text)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct buf out = BUF_EMPTY;
	CK_RV rv;
	int n;

	errors_enter();
	if (ctx == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if ((rv = buf_resize(&out, text->len + 2 * AES_BLOCK)) != CKR_OK)
		goto out;
	if (!EVP_CipherInit_ex2(ctx, library_aes(mode, key.len), key.data,
	    iv.data, way, NULL)) {
		rv = errors_rc("AES key wrap", CKR_GENERAL_ERROR);
		goto out;
	}
	if (EVP_CipherUpdate(ctx, out.data, &n, text->data, (int)text->len) <=
	    0) {
		rv = way == UNWRAP ? CKR_ENCRYPTED_DATA_INVALID :
		    errors_rc("AES key wrap", CKR_GENERAL_ERROR);
		goto out;
	}
	if ((rv = buf_resize(&out, (size_t)n)) == CKR_OK)
		buf_move(text, &out);
out:
	EVP_CIPHER_CTX_free(ctx);
	buf_free(&out);
	errors_leave();
	return rv;
}

/* text is half blocks: what the standard calls A, then R1 to Rn. */
static CK_RV
step(int way, const struct aes_key *key, struct buf *text, uint64_t t,
    size_t i)
{
	uint8_t block[AES_BLOCK], count[HALF], *a = text->data;
	uint8_t *r = text->data + i * HALF;
	CK_RV rv;
	size_t k;

	store_be64(count, t);
	memcpy(block, a, HALF);
	memcpy(block + HALF, r, HALF);
	for (k = 0; way == UNWRAP && k < HALF; k++)
		block[k] ^= count[k];
	rv = way == WRAP ? aes_key_encrypt(key, block, block, 1) :
	    aes_key_decrypt(key, block, block, 1);
	for (k = 0; way == WRAP && k < HALF; k++)
		block[k] ^= count[k];
	memcpy(a, block, HALF);
	memcpy(r, block + HALF, HALF);
	wipe(block, sizeof(block));
	return rv;
}

/* W and its inverse (SP 800-38F, 6.1), in place. */
static CK_RV
run_blocks(int way, const struct aes_key *key, struct buf *text)
{
	size_t n = text->len / HALF - 1, i;
	uint64_t steps = (uint64_t)n * ROUNDS, t;
	CK_RV rv = CKR_OK;

	/* The alone standing half block of KWP is simply encrypted. */
	if (n == 1)
		return way == WRAP ?
		    aes_key_encrypt(key, text->data, text->data, 1) :
		    aes_key_decrypt(key, text->data, text->data, 1);
	for (t = 1; t <= steps && rv == CKR_OK; t++) {
		i = (size_t)((t - 1) % n) + 1;
		rv = way == WRAP ? step(way, key, text, t, i) :
		    step(way, key, text, steps + 1 - t, n + 1 - i);
	}
	return rv;
}

/* The half block before a text, that tells what was right from what was not. */
static void
make_head(enum keywrap kind, struct view iv, size_t len, uint8_t head[HALF])
{
	memcpy(head, iv.data, iv.len);
	if (kind == KEYWRAP_KWP)
		store_be32(head + HALF / 2, (uint32_t)len);
}

static CK_RV
wrap_blocks(enum keywrap kind, const struct aes_key *key, struct view iv,
    struct buf *text)
{
	struct buf work = BUF_EMPTY;
	size_t whole = (text->len + HALF - 1) / HALF * HALF;
	CK_RV rv;

	if ((rv = buf_resize(&work, HALF + whole)) != CKR_OK)
		goto out;
	make_head(kind, iv, text->len, work.data);
	memcpy(work.data + HALF, text->data, text->len);
	if ((rv = run_blocks(WRAP, key, &work)) == CKR_OK)
		buf_move(text, &work);
out:
	buf_free(&work);
	return rv;
}

/* The length that KWP's head names, if head and padding are right. */
static ct_mask
kwp_good(const struct buf *work, struct view iv, size_t *len)
{
	const uint8_t *p = work->data, *end = work->data + work->len;
	size_t whole = work->len - HALF, wrong = 0, said, fill, i;

	for (i = 0; i < HALF / 2; i++)
		wrong |= (size_t)(p[i] ^ iv.data[i]);
	said = (size_t)p[4] << 24 | (size_t)p[5] << 16 | (size_t)p[6] << 8 |
	    p[7];
	fill = whole - said;
	wrong |= ~ct_less(fill, HALF);
	for (i = 1; i < HALF; i++)
		wrong |= ~ct_less(fill, i) & end[-(ptrdiff_t)i];
	*len = said;
	return ct_zero(wrong);
}

static CK_RV
unwrap_blocks(enum keywrap kind, const struct aes_key *key, struct view iv,
    struct buf *text)
{
	struct buf work = BUF_EMPTY;
	size_t len = text->len - HALF;
	ct_mask good;
	CK_RV rv;

	if ((rv = buf_set(&work, buf_view(text))) != CKR_OK ||
	    (rv = run_blocks(UNWRAP, key, &work)) != CKR_OK)
		goto out;
	good = kind == KEYWRAP_KWP ? kwp_good(&work, iv, &len) :
	    (ct_mask)0 - view_equal(view_of(work.data, HALF), iv);
	if (good == 0) {
		rv = CKR_ENCRYPTED_DATA_INVALID;
		goto out;
	}
	rv = buf_set(text, view_of(work.data + HALF, len));
out:
	buf_free(&work);
	return rv;
}

static CK_RV
length_allowed(enum keywrap kind, size_t len)
{
	size_t least = kind == KEYWRAP_KW ? 2 * HALF :
	    kind == KEYWRAP_PKCS7 ? HALF : 1;

	if (len < least || len > LEN_MAX ||
	    (kind == KEYWRAP_KW && len % HALF != 0))
		return CKR_DATA_LEN_RANGE;
	return CKR_OK;
}

static enum aes_mode
mode_of(enum keywrap kind)
{
	return kind == KEYWRAP_KWP ? AES_WRAP_PAD : AES_WRAP;
}

CK_RV
keywrap(enum keywrap kind, const struct aes_key *key, struct view iv,
    struct view in, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = params_allowed(kind, key, &iv)) != CKR_OK ||
	    (rv = length_allowed(kind, in.len)) != CKR_OK)
		return rv;
	if ((rv = buf_set(&text, in)) != CKR_OK || (kind == KEYWRAP_PKCS7 &&
	    (rv = pkcs7_pad(&text, HALF)) != CKR_OK))
		goto out;
	rv = key->value.len > 0 ?
	    run_openssl(WRAP, mode_of(kind), key->value, iv, &text) :
	    wrap_blocks(kind, key, iv, &text);
	if (rv == CKR_OK)
		buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}

CK_RV
keyunwrap(enum keywrap kind, const struct aes_key *key, struct view iv,
    struct view in, struct buf *out)
{
	size_t least = kind == KEYWRAP_KWP ? 2 * HALF : 3 * HALF;
	struct buf text = BUF_EMPTY;
	CK_RV rv;

	if ((rv = params_allowed(kind, key, &iv)) != CKR_OK)
		return rv;
	if (in.len < least || in.len % HALF != 0 || in.len > LEN_MAX)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	if ((rv = buf_set(&text, in)) != CKR_OK)
		goto out;
	rv = key->value.len > 0 ?
	    run_openssl(UNWRAP, mode_of(kind), key->value, iv, &text) :
	    unwrap_blocks(kind, key, iv, &text);
	if (rv == CKR_OK && kind == KEYWRAP_PKCS7)
		rv = pkcs7_unpad(&text, HALF);
	if (rv == CKR_OK)
		buf_move(out, &text);
out:
	buf_free(&text);
	return rv;
}
