/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/curve.h"
#include "crypto/kdf.h"
#include "crypto/pubkey.h"
#include "crypto/rsa_pad.h"
#include "tpm/internal.h"

/*
 * A secret for a storage key (Part 1, annexes B.10 and C.6): for RSA a random
 * number by OAEP, for ECC what an ephemeral ECDH gives, both bound to their
 * use by a label.
 */
static const char *const labels[] = {
	[SALT_SECRET] = "SECRET", [SALT_DUPLICATE] = "DUPLICATE"
};

/* What OAEP hashes includes the label's NUL; KDFe adds it by itself. */
static CK_RV
salt_rsa(const TPMT_PUBLIC *p, const struct hash *hash, const char *label,
    struct buf *salt, TPM2B_ENCRYPTED_SECRET *secret)
{
	static const uint8_t usual[] = { 1, 0, 1 };
	UINT32 e = p->parameters.rsaDetail.exponent;
	const uint8_t given[] = { (uint8_t)(e >> 24), (uint8_t)(e >> 16),
	    (uint8_t)(e >> 8), (uint8_t)e };
	const TPM2B_PUBLIC_KEY_RSA *n = &p->unique.rsa;
	const struct oaep oaep = { hash, hash,
	    view_of(label, strlen(label) + 1) };
	struct buf em = BUF_EMPTY, out = BUF_EMPTY;
	struct pubkey *key = NULL;
	CK_RV rv;

	if ((rv = buf_resize(salt, hash->size)) != CKR_OK ||
	    (rv = crypto_random(salt->data, salt->len)) != CKR_OK ||
	    (rv = pubkey_rsa(view_of(n->buffer, n->size), e == 0 ?
	    view_of(usual, sizeof(usual)) : view_of(given, sizeof(given)),
	    &key)) != CKR_OK ||
	    (rv = rsa_pad_oaep(&oaep, buf_view(salt), n->size,
	    &em)) != CKR_OK ||
	    (rv = pubkey_rsa_public(key, buf_view(&em), &out)) != CKR_OK)
		goto out;
	rv = TPM2B_SET(secret, secret, buf_view(&out));
out:
	buf_free(&em);
	buf_free(&out);
	pubkey_free(&key);
	return rv;
}

static CK_RV
write_point(struct view x, struct view y, TPM2B_ENCRYPTED_SECRET *secret)
{
	TPMS_ECC_POINT point;
	size_t used = 0;
	CK_RV rv;

	if ((rv = TPM2B_SET(&point.x, buffer, x)) != CKR_OK ||
	    (rv = TPM2B_SET(&point.y, buffer, y)) != CKR_OK)
		return rv;
	if (Tss2_MU_TPMS_ECC_POINT_Marshal(&point, secret->secret,
	    sizeof(secret->secret), &used) != TSS2_RC_SUCCESS)
		return CKR_GENERAL_ERROR;
	secret->size = (UINT16)used;
	return CKR_OK;
}

static CK_RV
salt_ecc(const TPMT_PUBLIC *p, const struct hash *hash, const char *label,
    struct buf *salt, TPM2B_ENCRYPTED_SECRET *secret)
{
	const TPM2B_ECC_PARAMETER *party_v = &p->unique.ecc.x;
	const struct curve *c;
	struct buf peer = BUF_EMPTY, mine = BUF_EMPTY, z = BUF_EMPTY;
	struct view x, y;
	CK_RV rv;

	c = curve_by_tpm_id(p->parameters.eccDetail.curveID);
	if (c == NULL)
		return CKR_DATA_INVALID;
	if ((rv = public_point(c, &p->unique.ecc, &peer)) != CKR_OK ||
	    (rv = curve_ephemeral(c, buf_view(&peer), &mine, &z)) != CKR_OK)
		goto out;
	x = view_sub(buf_view(&mine), 1, c->field);
	y = view_sub(buf_view(&mine), 1 + c->field, c->field);
	if ((rv = kdfe(hash, buf_view(&z), label, x,
	    view_of(party_v->buffer, party_v->size), hash->size,
	    salt)) != CKR_OK)
		goto out;
	rv = write_point(x, y, secret);
out:
	buf_free(&peer);
	buf_free(&mine);
	buf_free(&z);
	return rv;
}

/*
 * A parent's Name is what a caller vouches for; its public area counts only
 * as far as it is the one that the Name names.
 */
CK_RV
salt_parent(const struct tpm_parent *parent, TPM2B_PUBLIC *out)
{
	struct buf name = BUF_EMPTY;
	CK_RV rv;

	if ((rv = public_read(buf_view(&parent->public_area), out)) !=
	    CKR_OK || (rv = public_name(buf_view(&parent->public_area),
	    &name)) != CKR_OK)
		goto out;
	if (!view_equal(buf_view(&name), buf_view(&parent->name)))
		rv = CKR_DATA_INVALID;
out:
	buf_free(&name);
	return rv;
}

CK_RV
salt_make(const struct tpm_parent *parent, enum salt_label label,
    struct buf *salt, TPM2B_ENCRYPTED_SECRET *secret)
{
	TPM2B_PUBLIC public_area;
	const TPMT_PUBLIC *p = &public_area.publicArea;
	const struct hash *hash;
	CK_RV rv;

	if ((rv = salt_parent(parent, &public_area)) != CKR_OK)
		return rv;
	if ((hash = public_hash(p->nameAlg)) == NULL)
		return CKR_DATA_INVALID;
	switch (p->type) {
	case TPM2_ALG_RSA:
		return salt_rsa(p, hash, labels[label], salt, secret);
	case TPM2_ALG_ECC:
		return salt_ecc(p, hash, labels[label], salt, secret);
	default:
		return CKR_DATA_INVALID;
	}
}
