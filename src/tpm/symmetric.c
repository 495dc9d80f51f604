/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/crypto.h"
#include "tpm/cipher.h"
#include "tpm/import.h"
#include "tpm/internal.h"
#include "tpm/mac.h"

/*
 * AES and HMAC keys, made by TPM2_Create: of a value that the TPM draws, or
 * of one that it is given as sensitive data.
 */

/* What the profiles grant sensitive data (MAX_SYM_DATA). */
#define VALUE_MAX 128
/* Of a key that is for any hash, the TPM makes as much as its nameAlg has. */
#define USUAL_SIZE 32

/* value empty: the TPM draws one. */
static CK_RV
create(struct tpm *t, const struct tpm_parent *parent, const TPMT_PUBLIC *p,
    struct view value, struct tpm_blob *out)
{
	struct creation creation;
	CK_RV rv;

	memset(&creation, 0, sizeof(creation));
	creation.public_area.publicArea = *p;
	rv = TPM2B_SET(&creation.sensitive.sensitive.data, buffer, value);
	if (rv == CKR_OK)
		rv = create_key(t, parent, &creation, CKR_KEY_SIZE_RANGE, out);
	wipe(&creation, sizeof(creation));
	return rv;
}

static CK_RV
aes_size(size_t bits)
{
	return bits == 128 || bits == 192 || bits == 256 ? CKR_OK :
	    CKR_KEY_SIZE_RANGE;
}

CK_RV
tpm_create_aes(struct tpm *t, const struct tpm_parent *parent, size_t bits,
    unsigned use, struct tpm_blob *out)
{
	TPMT_PUBLIC p = { .type = TPM2_ALG_SYMCIPHER };
	CK_RV rv;

	if ((rv = aes_size(bits)) != CKR_OK)
		return rv;
	template_aes(&p, ORIGIN_TPM, use, bits);
	return create(t, parent, &p, VIEW_EMPTY, out);
}

CK_RV
tpm_import_aes(struct tpm *t, const struct tpm_parent *parent,
    struct view value, unsigned use, struct tpm_blob *out)
{
	TPMT_PUBLIC p = { .type = TPM2_ALG_SYMCIPHER };
	CK_RV rv;

	if (value.len > VALUE_MAX ||
	    (rv = aes_size(value.len * 8)) != CKR_OK)
		return CKR_KEY_SIZE_RANGE;
	template_aes(&p, ORIGIN_KNOWN, use, value.len * 8);
	return create(t, parent, &p, value, out);
}

/*
 * The TPM's generator and ours: a session that no parent vouches for must
 * not let anybody else choose the key.
 */
static CK_RV
draw(struct tpm *t, size_t size, struct buf *out)
{
	struct buf own = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if ((rv = buf_resize(out, size)) != CKR_OK ||
	    (rv = buf_resize(&own, size)) != CKR_OK ||
	    (rv = tpm_random(t, out->data, size)) != CKR_OK ||
	    (rv = crypto_random(own.data, size)) != CKR_OK)
		goto out;
	for (i = 0; i < size; i++)
		out->data[i] ^= own.data[i];
out:
	buf_free(&own);
	return rv;
}

CK_RV
tpm_create_hmac(struct tpm *t, const struct tpm_parent *parent,
    const struct hash *hash, size_t size, struct tpm_blob *out)
{
	TPMT_PUBLIC p = { .type = TPM2_ALG_KEYEDHASH };
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if (size == 0 || size > VALUE_MAX)
		return CKR_KEY_SIZE_RANGE;
	if (hash != NULL && public_alg(hash) == TPM2_ALG_NULL)
		return CKR_MECHANISM_INVALID;
	if (size == (hash != NULL ? hash->size : USUAL_SIZE)) {
		template_hmac(&p, ORIGIN_TPM, hash, size);
		return create(t, parent, &p, VIEW_EMPTY, out);
	}
	if ((rv = draw(t, size, &value)) == CKR_OK)
		rv = tpm_import_hmac(t, parent, hash, buf_view(&value), out);
	buf_free(&value);
	return rv;
}

CK_RV
tpm_import_hmac(struct tpm *t, const struct tpm_parent *parent,
    const struct hash *hash, struct view value, struct tpm_blob *out)
{
	TPMT_PUBLIC p = { .type = TPM2_ALG_KEYEDHASH };
	struct buf digest = BUF_EMPTY;
	CK_RV rv;

	if (hash != NULL && public_alg(hash) == TPM2_ALG_NULL)
		return CKR_MECHANISM_INVALID;
	if (hash != NULL && value.len > hash->block) {
		if ((rv = digest_once(hash, &value, 1, &digest)) != CKR_OK)
			goto out;
		value = buf_view(&digest);
	}
	rv = CKR_KEY_SIZE_RANGE;
	if (value.len > 0 && value.len <= VALUE_MAX) {
		template_hmac(&p, ORIGIN_KNOWN, hash, value.len);
		rv = create(t, parent, &p, value, out);
	}
out:
	buf_free(&digest);
	return rv;
}
