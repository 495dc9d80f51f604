/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/softkey.h"

#include <openssl/core_names.h>
#include <openssl/x509.h>

#include "crypto/internal.h"
#include "util/mem.h"

/* Lest an engine of the program's be asked. */
#define OURS "provider=default"

struct softkey {
	const struct softkey_type *type;
	EVP_PKEY *pkey;
};

static void
leave(void)
{
	library_leave_thread();
	errors_leave();
}

/* Keys are made from DER, because an engine may have taken all else. */
static CK_RV
load_private(const struct softkey_type *t, struct view der, EVP_PKEY **out)
{
	const uint8_t *p = der.data;

	*out = d2i_AutoPrivateKey_ex(NULL, &p, (long)der.len,
	    library_get()->ctx, OURS);
	return *out != NULL ? CKR_OK : errors_rc(t->name, CKR_GENERAL_ERROR);
}

CK_RV
softkey_open(struct view der, struct softkey **out)
{
	const struct softkey_type *type;
	struct softkey *k = NULL;
	struct buf own = BUF_EMPTY;
	struct view seed;
	CK_RV rv;

	if ((rv = softkey_seed(der, &type, &seed)) != CKR_OK)
		return rv;
	if (!softkey_exists(type))
		return CKR_MECHANISM_INVALID;
	errors_enter();
	/* OpenSSL is only shown what we have written. */
	if ((rv = softkey_from_seed(type, seed, &own)) != CKR_OK)
		goto out;
	if ((k = mem_alloc(1, sizeof(*k))) == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	k->type = type;
	if ((rv = load_private(type, buf_view(&own), &k->pkey)) != CKR_OK)
		goto out;
	*out = k;
	k = NULL;
out:
	softkey_free(&k);
	buf_free(&own);
	leave();
	return rv;
}

void
softkey_free(struct softkey **k)
{
	if (*k == NULL)
		return;
	EVP_PKEY_free((*k)->pkey);
	mem_free(*k);
	*k = NULL;
}

const struct softkey_type *
softkey_type(const struct softkey *k)
{
	return k->type;
}

CK_RV
softkey_public(const struct softkey *k, struct buf *raw)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;
	size_t n = 0;

	errors_enter();
	if ((rv = buf_resize(&value, k->type->public)) != CKR_OK)
		goto out;
	if (!EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY,
	    value.data, value.len, &n) || n != value.len) {
		rv = errors_rc(k->type->name, CKR_GENERAL_ERROR);
		goto out;
	}
	buf_move(raw, &value);
out:
	buf_free(&value);
	leave();
	return rv;
}

/* raw may be anything. */
static CK_RV
load_public(const struct softkey_type *t, struct view raw, EVP_PKEY **out)
{
	struct buf info = BUF_EMPTY;
	const uint8_t *p;
	CK_RV rv;

	if (!softkey_exists(t))
		return CKR_MECHANISM_INVALID;
	if ((rv = softkey_public_info(t, raw, &info)) != CKR_OK)
		goto out;
	p = info.data;
	*out = d2i_PUBKEY_ex(NULL, &p, (long)info.len, library_get()->ctx,
	    OURS);
	if (*out == NULL)
		rv = CKR_DATA_INVALID;
out:
	buf_free(&info);
	return rv;
}

CK_RV
softkey_sign(const struct softkey *k, struct view message,
    struct buf *signature)
{
	EVP_MD_CTX *ctx = NULL;
	struct buf value = BUF_EMPTY;
	size_t n = k->type->output;
	CK_RV rv;

	if (k->type->use != SOFTKEY_SIGN)
		return CKR_KEY_TYPE_INCONSISTENT;
	errors_enter();
	if ((rv = buf_resize(&value, n)) != CKR_OK)
		goto out;
	if ((ctx = EVP_MD_CTX_new()) == NULL ||
	    !EVP_DigestSignInit_ex(ctx, NULL, NULL, library_get()->ctx, OURS,
	    k->pkey, NULL) ||
	    !EVP_DigestSign(ctx, value.data, &n, message.data, message.len) ||
	    n != value.len) {
		rv = errors_rc(k->type->name, CKR_GENERAL_ERROR);
		goto out;
	}
	buf_move(signature, &value);
out:
	EVP_MD_CTX_free(ctx);
	buf_free(&value);
	leave();
	return rv;
}

CK_RV
softkey_verify(const struct softkey_type *t, struct view public,
    struct view message, struct view signature)
{
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;
	CK_RV rv;

	if (t->use != SOFTKEY_SIGN)
		return CKR_KEY_TYPE_INCONSISTENT;
	if (signature.len != t->output)
		return CKR_SIGNATURE_LEN_RANGE;
	errors_enter();
	if ((rv = load_public(t, public, &pkey)) != CKR_OK)
		goto out;
	if ((ctx = EVP_MD_CTX_new()) == NULL ||
	    !EVP_DigestVerifyInit_ex(ctx, NULL, NULL, library_get()->ctx,
	    OURS, pkey, NULL))
		rv = errors_rc(t->name, CKR_GENERAL_ERROR);
	else if (EVP_DigestVerify(ctx, signature.data, signature.len,
	    message.data, message.len) != 1)
		rv = CKR_SIGNATURE_INVALID;
out:
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	leave();
	return rv;
}

CK_RV
softkey_agree(const struct softkey *k, struct view peer, struct buf *z)
{
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *other = NULL;
	struct buf value = BUF_EMPTY;
	size_t n = k->type->output;
	CK_RV rv;

	if (k->type->use != SOFTKEY_AGREE)
		return CKR_KEY_TYPE_INCONSISTENT;
	errors_enter();
	if ((rv = load_public(k->type, peer, &other)) != CKR_OK ||
	    (rv = buf_resize(&value, n)) != CKR_OK)
		goto out;
	if ((ctx = EVP_PKEY_CTX_new_from_pkey(library_get()->ctx, k->pkey,
	    OURS)) == NULL || EVP_PKEY_derive_init(ctx) <= 0 ||
	    EVP_PKEY_derive_set_peer(ctx, other) <= 0) {
		rv = errors_rc(k->type->name, CKR_GENERAL_ERROR);
		goto out;
	}
	/* Not logged: the point is what it does not like. */
	if (EVP_PKEY_derive(ctx, value.data, &n) <= 0 || n != value.len) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	buf_move(z, &value);
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	buf_free(&value);
	leave();
	return rv;
}

CK_RV
softkey_encapsulate(const struct softkey_type *t, struct view public,
    struct buf *ciphertext, struct buf *secret)
{
	struct buf c = BUF_EMPTY, s = BUF_EMPTY;
	size_t c_len = t->output, s_len = t->secret;
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;
	CK_RV rv;

	if (t->use != SOFTKEY_KEM)
		return CKR_KEY_TYPE_INCONSISTENT;
	errors_enter();
	if ((rv = load_public(t, public, &pkey)) != CKR_OK ||
	    (rv = buf_resize(&c, c_len)) != CKR_OK ||
	    (rv = buf_resize(&s, s_len)) != CKR_OK)
		goto out;
	if ((ctx = EVP_PKEY_CTX_new_from_pkey(library_get()->ctx, pkey,
	    OURS)) == NULL || EVP_PKEY_encapsulate_init(ctx, NULL) <= 0 ||
	    EVP_PKEY_encapsulate(ctx, c.data, &c_len, s.data, &s_len) <= 0 ||
	    c_len != c.len || s_len != s.len) {
		rv = errors_rc(t->name, CKR_GENERAL_ERROR);
		goto out;
	}
	buf_move(ciphertext, &c);
	buf_move(secret, &s);
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	buf_free(&c);
	buf_free(&s);
	leave();
	return rv;
}

CK_RV
softkey_decapsulate(const struct softkey *k, struct view ciphertext,
    struct buf *secret)
{
	struct buf value = BUF_EMPTY;
	size_t n = k->type->secret;
	EVP_PKEY_CTX *ctx = NULL;
	CK_RV rv;

	if (k->type->use != SOFTKEY_KEM)
		return CKR_KEY_TYPE_INCONSISTENT;
	if (ciphertext.len != k->type->output)
		return CKR_DATA_INVALID;
	errors_enter();
	if ((rv = buf_resize(&value, n)) != CKR_OK)
		goto out;
	if ((ctx = EVP_PKEY_CTX_new_from_pkey(library_get()->ctx, k->pkey,
	    OURS)) == NULL || EVP_PKEY_decapsulate_init(ctx, NULL) <= 0 ||
	    EVP_PKEY_decapsulate(ctx, value.data, &n, ciphertext.data,
	    ciphertext.len) <= 0 || n != value.len) {
		rv = errors_rc(k->type->name, CKR_GENERAL_ERROR);
		goto out;
	}
	buf_move(secret, &value);
out:
	EVP_PKEY_CTX_free(ctx);
	buf_free(&value);
	leave();
	return rv;
}
