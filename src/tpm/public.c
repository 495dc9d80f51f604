/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "tpm/internal.h"

static const struct {
	TPM2_ALG_ID alg;
	CK_MECHANISM_TYPE mech;
} hashes[] = {
	{ TPM2_ALG_SHA256, CKM_SHA256 },
	{ TPM2_ALG_SHA384, CKM_SHA384 },
	{ TPM2_ALG_SHA512, CKM_SHA512 },
	{ TPM2_ALG_SHA1, CKM_SHA_1 },
};

const struct hash *
public_hash(TPM2_ALG_ID alg)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(hashes); i++)
		if (hashes[i].alg == alg)
			return hash_by_mech(hashes[i].mech);
	return NULL;
}

CK_RV
public_read(struct view marshalled, TPM2B_PUBLIC *out)
{
	size_t used = 0;

	/* The TSS refuses to unmarshal where a size is already set. */
	memset(out, 0, sizeof(*out));
	if (marshalled.len == 0 ||
	    Tss2_MU_TPM2B_PUBLIC_Unmarshal(marshalled.data, marshalled.len,
	    &used, out) != TSS2_RC_SUCCESS || used != marshalled.len)
		return CKR_DATA_INVALID;
	return CKR_OK;
}

CK_RV
public_write(const TPM2B_PUBLIC *p, struct buf *out)
{
	uint8_t bytes[sizeof(*p)];
	size_t used = 0;

	if (Tss2_MU_TPM2B_PUBLIC_Marshal(p, bytes, sizeof(bytes), &used) !=
	    TSS2_RC_SUCCESS)
		return CKR_GENERAL_ERROR;
	return buf_set(out, view_of(bytes, used));
}

/* nameAlg | H(TPMT_PUBLIC) (Part 1, 16); the size field is not hashed. */
CK_RV
public_name(struct view marshalled, struct buf *name)
{
	struct buf digest = BUF_EMPTY, whole = BUF_EMPTY;
	TPM2B_PUBLIC p;
	const struct hash *hash;
	struct view area;
	uint8_t alg[2];
	CK_RV rv;

	if ((rv = public_read(marshalled, &p)) != CKR_OK)
		return rv;
	if ((hash = public_hash(p.publicArea.nameAlg)) == NULL)
		return CKR_DATA_INVALID;
	area = view_sub(marshalled, sizeof(UINT16), marshalled.len);
	alg[0] = (uint8_t)(p.publicArea.nameAlg >> 8);
	alg[1] = (uint8_t)p.publicArea.nameAlg;
	if ((rv = digest_once(hash, &area, 1, &digest)) != CKR_OK ||
	    (rv = buf_set(&whole, view_of(alg, sizeof(alg)))) != CKR_OK ||
	    (rv = buf_append(&whole, buf_view(&digest))) != CKR_OK)
		goto out;
	buf_move(name, &whole);
out:
	buf_free(&digest);
	buf_free(&whole);
	return rv;
}

bool
public_is_storage(const TPM2B_PUBLIC *p)
{
	static const TPMA_OBJECT storage = TPMA_OBJECT_RESTRICTED |
	    TPMA_OBJECT_DECRYPT | TPMA_OBJECT_FIXEDTPM |
	    TPMA_OBJECT_USERWITHAUTH;

	return (p->publicArea.objectAttributes & storage) == storage;
}

CK_RV
public_point(const struct curve *c, const TPMS_ECC_POINT *p, struct buf *out)
{
	static const uint8_t uncompressed[] = { 4 };
	struct buf x = BUF_EMPTY, y = BUF_EMPTY, point = BUF_EMPTY;
	CK_RV rv;

	if (p->x.size > c->field || p->y.size > c->field)
		return CKR_DATA_INVALID;
	if ((rv = buf_set_padded(&x, view_of(p->x.buffer, p->x.size),
	    c->field)) != CKR_OK ||
	    (rv = buf_set_padded(&y, view_of(p->y.buffer, p->y.size),
	    c->field)) != CKR_OK ||
	    (rv = buf_set(&point, view_of(uncompressed, 1))) != CKR_OK ||
	    (rv = buf_append(&point, buf_view(&x))) != CKR_OK ||
	    (rv = buf_append(&point, buf_view(&y))) != CKR_OK)
		goto out;
	buf_move(out, &point);
out:
	buf_free(&x);
	buf_free(&y);
	buf_free(&point);
	return rv;
}

CK_RV
tpm2b_set(UINT16 *size, uint8_t *data, size_t room, struct view v)
{
	if (v.len > room)
		return CKR_DATA_LEN_RANGE;
	if (v.len > 0)
		memcpy(data, v.data, v.len);
	*size = (UINT16)v.len;
	return CKR_OK;
}
