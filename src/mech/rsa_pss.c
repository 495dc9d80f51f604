/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/rsa.h"

#include "crypto/rsa_pad.h"

/*
 * PSS: CKM_RSA_PKCS_PSS over a digest (PKCS#11 3.x, 6.1.10) and its
 * hash-and-sign rows (6.1.13 and after), with any salt that fits.
 */
static struct pss
scheme(const struct mech_call *c)
{
	return (struct pss){ c->params.hash, c->params.mgf, c->params.len };
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_RSA_PKCS_PSS_PARAMS pss;
	CK_RV rv;

	if ((rv = params_fixed(from, &pss, sizeof(pss))) != CKR_OK)
		return rv;
	if (m->hash != NO_HASH && m->hash != pss.hashAlg)
		return CKR_MECHANISM_PARAM_INVALID;
	p->hash = hash_by_mech(pss.hashAlg);
	p->mgf = hash_by_mgf(pss.mgf);
	if (p->hash == NULL || p->mgf == NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	p->len = pss.sLen;
	return CKR_OK;
}

/* Does hash | salt | 2 fit into a message one bit shorter than the modulus
 * (RFC 8017, 9.1.1)? */
static CK_RV
check(const struct mech_call *c)
{
	size_t em = (pubkey_bits(key_public(c->key)) - 1 + 7) / 8;
	size_t fixed = c->params.hash->size + 2;

	if (em < fixed)
		return CKR_KEY_SIZE_RANGE;
	return c->params.len <= em - fixed ? CKR_OK :
	    CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
sign(const struct mech_call *c, struct view in, struct buf *out)
{
	struct pss p = scheme(c);
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if (in.len != p.hash->size)
		return CKR_DATA_LEN_RANGE;
	if ((rv = rsa_pad_pss(&p, in, pubkey_bits(key_public(c->key)),
	    &em)) != CKR_OK)
		goto out;
	rv = rsa_private(c, buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

static CK_RV
verify(const struct mech_call *c, struct view in, struct view signature)
{
	struct pss p = scheme(c);
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if (in.len != p.hash->size)
		return CKR_DATA_LEN_RANGE;
	if ((rv = rsa_open_signature(c, signature, &em)) != CKR_OK)
		goto out;
	rv = rsa_check_pss(&p, in, pubkey_bits(key_public(c->key)),
	    buf_view(&em));
out:
	buf_free(&em);
	return rv;
}

static size_t
limit(const struct mech_call *c, enum mech_use use)
{
	(void)use;
	return c->params.hash->size;
}

const struct mech_family rsa_pss_family = {
	.clause = "6.1",
	.flags = CKF_HW,
	.sizes = rsa_sizes,
	.params = params,
	.check = check,
	.messages = MECH_SIGNS_MESSAGES,
	.limit = limit,
	.run = { [MECH_SIGN] = sign },
	.verify = verify,
	.output = rsa_output_len,
};
