/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/curve.h"
#include "mech/family.h"
#include "mech/soft.h"

/*
 * CKM_EC_EDWARDS_KEY_PAIR_GEN and CKM_EC_MONTGOMERY_KEY_PAIR_GEN (PKCS#11
 * 3.x, 6.3.10 and 6.3.11): no TPM has these curves.
 */

static CK_RV
read_type(const struct attrs *pub, const struct softkey_type **out)
{
	const struct softkey_type *t;

	if (!attrs_has(pub, CKA_EC_PARAMS))
		return CKR_TEMPLATE_INCOMPLETE;
	t = softkey_by_params(attrs_view(pub, CKA_EC_PARAMS));
	if (t == NULL || !softkey_exists(t) ||
	    t->key_type != attrs_ulong(pub, CKA_KEY_TYPE, t->key_type))
		return CKR_CURVE_NOT_SUPPORTED;
	*out = t;
	return CKR_OK;
}

static CK_RV
set_public(struct attrs *a, const struct softkey_type *t, struct view point)
{
	struct buf params = BUF_EMPTY, der = BUF_EMPTY;
	CK_RV rv;

	if ((rv = softkey_params(t, &params)) == CKR_OK &&
	    (rv = attrs_set(a, CKA_EC_PARAMS, buf_view(&params))) == CKR_OK &&
	    (rv = curve_point_der(point, &der)) == CKR_OK)
		rv = attrs_set(a, CKA_EC_POINT, buf_view(&der));
	buf_free(&params);
	buf_free(&der);
	return rv;
}

static CK_RV
set_private(struct attrs *a, struct view der)
{
	const struct softkey_type *t;
	struct view seed;
	CK_RV rv;

	if ((rv = softkey_seed(der, &t, &seed)) != CKR_OK)
		return rv;
	return attrs_set(a, CKA_VALUE, seed);
}

/* Nothing for blob: without one a private key is a software key. */
static CK_RV
generate_pair(const struct mech_place *place, struct attrs *pub,
    struct attrs *priv, struct tpm_blob *blob)
{
	struct buf der = BUF_EMPTY, point = BUF_EMPTY;
	const struct softkey_type *t;
	struct softkey *k = NULL;
	CK_RV rv;

	(void)place;
	(void)blob;
	if ((rv = read_type(pub, &t)) != CKR_OK ||
	    (rv = soft_check(priv)) != CKR_OK ||
	    (rv = softkey_generate(t, &der)) != CKR_OK ||
	    (rv = softkey_open(buf_view(&der), &k)) != CKR_OK ||
	    (rv = softkey_public(k, &point)) != CKR_OK ||
	    (rv = set_public(pub, t, buf_view(&point))) != CKR_OK ||
	    (rv = set_public(priv, t, buf_view(&point))) != CKR_OK)
		goto out;
	rv = set_private(priv, buf_view(&der));
out:
	softkey_free(&k);
	buf_free(&der);
	buf_free(&point);
	return rv;
}

static bool
sizes(CK_KEY_TYPE type, const struct tpm_caps *caps, CK_ULONG *min,
    CK_ULONG *max)
{
	*min = 0;
	*max = 0;
	if (caps->software)
		soft_add_sizes(type, min, max);
	return *max != 0;
}

static bool
edwards_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	return sizes(CKK_EC_EDWARDS, caps, min, max);
}

static bool
montgomery_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	return sizes(CKK_EC_MONTGOMERY, caps, min, max);
}

#define FLAGS (CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_CURVENAME)

const struct mech_family edwards_pair_family = {
	.clause = "6.3",
	.flags = FLAGS,
	.sizes = edwards_sizes,
	.generate_pair = generate_pair,
};

const struct mech_family montgomery_pair_family = {
	.clause = "6.3",
	.flags = FLAGS,
	.sizes = montgomery_sizes,
	.generate_pair = generate_pair,
};
