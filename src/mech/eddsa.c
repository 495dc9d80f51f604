/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"
#include "mech/soft.h"

/*
 * CKM_EDDSA (PKCS#11 3.x, 6.3.14): Ed25519, which has no parameter, and
 * Ed448, whose parameter may be left out; pure, without a context.
 */

/* The whole message is read twice, so it has to be there at once. */
#define MESSAGE_MAX (64u << 20)

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_EDDSA_PARAMS eddsa;
	CK_RV rv;

	(void)m;
	if (from->ulParameterLen == 0)
		return CKR_OK;
	if ((rv = params_fixed(from, &eddsa, sizeof(eddsa))) != CKR_OK)
		return rv;
	if (eddsa.phFlag != CK_FALSE || eddsa.ulContextDataLen != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	p->len = sizeof(eddsa);
	return CKR_OK;
}

/* With a parameter the curve of 255 bits would have Ed25519ctx, which signs
 * something else (RFC 8032, 5.1). */
static CK_RV
check(const struct mech_call *c)
{
	static const size_t ed448 = 57;

	return c->params.len == 0 ||
	    key_soft(c->key)->type->public == ed448 ? CKR_OK :
	    CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
sign(const struct mech_call *c, struct view in, struct buf *out)
{
	return softkey_sign(key_soft(c->key)->key, in, out);
}

/* A point that is none verifies nothing. */
static CK_RV
verify(const struct mech_call *c, struct view in, struct view signature)
{
	const struct soft *soft = key_soft(c->key);
	CK_RV rv;

	rv = softkey_verify(soft->type, buf_view(&soft->point), in,
	    signature);
	return rv == CKR_DATA_INVALID ? CKR_SIGNATURE_INVALID : rv;
}

static size_t
limit(const struct mech_call *c, enum mech_use use)
{
	(void)c;
	(void)use;
	return MESSAGE_MAX;
}

static size_t
output(const struct mech_call *c, enum mech_use use, bool *exact)
{
	(void)use;
	*exact = true;
	return key_soft(c->key)->type->output;
}

static bool
sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	return edwards_pair_family.sizes(caps, min, max);
}

const struct mech_family eddsa_family = {
	.clause = "6.3",
	.flags = CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_CURVENAME,
	.sizes = sizes,
	.params = params,
	.check = check,
	.messages = MECH_SIGNS_MESSAGES,
	.limit = limit,
	.run = { [MECH_SIGN] = sign },
	.verify = verify,
	.output = output,
};
