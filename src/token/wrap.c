/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/wrap.h"

#include "crypto/aes.h"
#include "crypto/digest.h"
#include "crypto/mac.h"

static CK_RV
key_for(struct view key, const char *what, struct buf *out)
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	struct view part = view_str(what);
	CK_RV rv;

	if ((rv = buf_resize(out, sha256->size)) != CKR_OK)
		return rv;
	return hmac_once(sha256, key, &part, 1, out->data);
}

static CK_RV
bound_to(const struct store_token *row, const char *what, struct view more,
    struct buf *aad)
{
	CK_RV rv;

	if ((rv = buf_set(aad, view_str("tpm2-cryptoki "))) != CKR_OK ||
	    (rv = buf_append(aad, view_str(what))) != CKR_OK ||
	    (rv = buf_append(aad, view_str(" 1"))) != CKR_OK ||
	    (rv = buf_append(aad, view_of(row->serial,
	    sizeof(row->serial)))) != CKR_OK ||
	    (rv = buf_append(aad, view_of(row->generation,
	    sizeof(row->generation)))) != CKR_OK)
		return rv;
	return buf_append(aad, more);
}

CK_RV
wrap_close(const struct store_token *row, struct view key, const char *what,
    struct view more, struct view secret, struct buf *out)
{
	struct buf own = BUF_EMPTY, aad = BUF_EMPTY;
	CK_RV rv;

	if ((rv = key_for(key, what, &own)) == CKR_OK &&
	    (rv = bound_to(row, what, more, &aad)) == CKR_OK)
		rv = aes_gcm_seal(buf_view(&own), buf_view(&aad), secret,
		    out);
	buf_free(&own);
	buf_free(&aad);
	return rv;
}

CK_RV
wrap_open(const struct store_token *row, struct view key, const char *what,
    struct view more, struct view wrapped, struct buf *secret)
{
	struct buf own = BUF_EMPTY, aad = BUF_EMPTY;
	CK_RV rv;

	if ((rv = key_for(key, what, &own)) == CKR_OK &&
	    (rv = bound_to(row, what, more, &aad)) == CKR_OK)
		rv = aes_gcm_open(buf_view(&own), buf_view(&aad), wrapped,
		    secret);
	buf_free(&own);
	buf_free(&aad);
	return rv;
}
