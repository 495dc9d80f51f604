/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/aes.h"
#include "crypto/kdf.h"
#include "crypto/mac.h"
#include "tpm/internal.h"

/*
 * The outer wrapper of a duplicate (Part 1, 23.3.2.3): the sensitive area
 * encrypted and authenticated under keys that come from a seed, which only
 * the new parent can read. There is no inner wrapper: that is for who does
 * not trust the parent.
 */

/* What the parent encrypts its children with. */
static CK_RV
find_cipher(const TPMT_PUBLIC *parent, size_t *key_len)
{
	const TPMT_SYM_DEF_OBJECT *sym = parent->type == TPM2_ALG_RSA ?
	    &parent->parameters.rsaDetail.symmetric :
	    &parent->parameters.eccDetail.symmetric;

	if (sym->algorithm != TPM2_ALG_AES || sym->mode.aes != TPM2_ALG_CFB)
		return CKR_DATA_INVALID;
	*key_len = sym->keyBits.aes / 8u;
	return CKR_OK;
}

static CK_RV
write_sensitive(const TPMT_SENSITIVE *sensitive, struct buf *out)
{
	TPM2B_SENSITIVE whole = { .sensitiveArea = *sensitive };
	size_t used = 0;
	CK_RV rv;

	if ((rv = buf_resize(out, sizeof(whole))) != CKR_OK)
		goto out;
	if (Tss2_MU_TPM2B_SENSITIVE_Marshal(&whole, out->data, out->len,
	    &used) != TSS2_RC_SUCCESS) {
		rv = CKR_GENERAL_ERROR;
		goto out;
	}
	rv = buf_resize(out, used);
out:
	wipe(&whole, sizeof(whole));
	return rv;
}

static CK_RV
encrypt(const TPMT_PUBLIC *parent, const struct buf *seed, struct view name,
    struct buf *sensitive)
{
	static const uint8_t iv[16];
	struct buf key = BUF_EMPTY;
	size_t key_len;
	CK_RV rv;

	if ((rv = find_cipher(parent, &key_len)) == CKR_OK &&
	    (rv = kdfa(public_hash(parent->nameAlg), buf_view(seed),
	    "STORAGE", name, VIEW_EMPTY, key_len, &key)) == CKR_OK)
		rv = aes_cfb_encrypt(buf_view(&key), iv, sensitive->data,
		    sensitive->len);
	buf_free(&key);
	return rv;
}

static CK_RV
authenticate(const struct hash *hash, const struct buf *seed,
    struct view name, const struct buf *encrypted, TPM2B_DIGEST *out)
{
	const struct view parts[] = { buf_view(encrypted), name };
	struct buf key = BUF_EMPTY;
	CK_RV rv;

	if ((rv = kdfa(hash, buf_view(seed), "INTEGRITY", VIEW_EMPTY,
	    VIEW_EMPTY, hash->size, &key)) == CKR_OK)
		rv = hmac_once(hash, buf_view(&key), parts, ARRAY_LEN(parts),
		    out->buffer);
	out->size = (UINT16)hash->size;
	buf_free(&key);
	return rv;
}

/* integrity | encrypted */
static CK_RV
join(const TPM2B_DIGEST *integrity, const struct buf *encrypted,
    TPM2B_PRIVATE *out)
{
	size_t used = 0;
	UINT16 rest;
	CK_RV rv;

	if (Tss2_MU_TPM2B_DIGEST_Marshal(integrity, out->buffer,
	    sizeof(out->buffer), &used) != TSS2_RC_SUCCESS)
		return CKR_GENERAL_ERROR;
	if ((rv = tpm2b_set(&rest, out->buffer + used,
	    sizeof(out->buffer) - used, buf_view(encrypted))) == CKR_OK)
		out->size = (UINT16)(used + rest);
	return rv;
}

CK_RV
duplicate_make(const struct tpm_parent *parent, struct view name,
    const TPMT_SENSITIVE *sensitive, TPM2B_PRIVATE *out,
    TPM2B_ENCRYPTED_SECRET *seed)
{
	struct buf secret = BUF_EMPTY, bytes = BUF_EMPTY;
	TPM2B_PUBLIC public_area;
	TPM2B_DIGEST integrity;
	CK_RV rv;

	if ((rv = salt_parent(parent, &public_area)) != CKR_OK ||
	    (rv = salt_make(parent, SALT_DUPLICATE, &secret, seed)) !=
	    CKR_OK || (rv = write_sensitive(sensitive, &bytes)) != CKR_OK ||
	    (rv = encrypt(&public_area.publicArea, &secret, name,
	    &bytes)) != CKR_OK ||
	    (rv = authenticate(public_hash(public_area.publicArea.nameAlg),
	    &secret, name, &bytes, &integrity)) != CKR_OK)
		goto out;
	rv = join(&integrity, &bytes, out);
out:
	buf_free(&secret);
	buf_free(&bytes);
	return rv;
}
