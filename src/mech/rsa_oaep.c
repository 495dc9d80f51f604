/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/rsa.h"

#include "crypto/rsa_pad.h"

/* CKM_RSA_PKCS_OAEP: PKCS#11 3.x, 6.1.8. */
static struct oaep
scheme(const struct mech_call *c)
{
	return (struct oaep){ c->params.hash, c->params.mgf,
	    buf_view(&c->params.data) };
}

/* A source of 0 is not in the standard, but libraries leave it at that when
 * they have no label. */
static bool
source_valid(const CK_RSA_PKCS_OAEP_PARAMS *from)
{
	return from->source == CKZ_DATA_SPECIFIED ||
	    (from->source == 0 && from->ulSourceDataLen == 0);
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &oaep, sizeof(oaep))) != CKR_OK)
		return rv;
	p->hash = hash_by_mech(oaep.hashAlg);
	p->mgf = hash_by_mgf(oaep.mgf);
	if (p->hash == NULL || p->mgf == NULL || !source_valid(&oaep))
		return CKR_MECHANISM_PARAM_INVALID;
	return params_bytes(oaep.pSourceData, oaep.ulSourceDataLen, &p->data);
}

static CK_RV
check(const struct mech_call *c)
{
	struct oaep p = scheme(c);

	return rsa_oaep_max(&p, rsa_len(c)) > 0 ? CKR_OK : CKR_KEY_SIZE_RANGE;
}

static CK_RV
encrypt(const struct mech_call *c, struct view in, struct buf *out)
{
	struct oaep p = scheme(c);
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_pad_oaep(&p, in, rsa_len(c), &em)) != CKR_OK)
		goto out;
	rv = rsa_public(c, buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

static CK_RV
decrypt(const struct mech_call *c, struct view in, struct buf *out)
{
	struct oaep p = scheme(c);
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_open(c, in, &em)) != CKR_OK)
		goto out;
	rv = rsa_unpad_oaep(&p, buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

static size_t
limit(const struct mech_call *c, enum mech_use use)
{
	struct oaep p = scheme(c);

	return use == MECH_DECRYPT ? rsa_len(c) :
	    rsa_oaep_max(&p, rsa_len(c));
}

static size_t
output(const struct mech_call *c, enum mech_use use, bool *exact)
{
	struct oaep p = scheme(c);

	*exact = use == MECH_ENCRYPT;
	return *exact ? rsa_len(c) : rsa_oaep_max(&p, rsa_len(c));
}

const struct mech_family rsa_oaep_family = {
	.clause = "6.1",
	.flags = CKF_HW,
	.sizes = rsa_sizes,
	.params = params,
	.check = check,
	.limit = limit,
	.run = {
		[MECH_ENCRYPT] = encrypt,
		[MECH_DECRYPT] = decrypt,
	},
	.wraps = true,
	.output = output,
};
