/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/ec.h"

#include "crypto/der.h"

/* CKM_EC_KEY_PAIR_GEN: PKCS#11 3.x, 6.3.3. */

/* The forms of CKA_EC_PARAMS: oId, curveName, ecParameters, implicitCA. */
static const uint8_t param_tags[] = {
	DER_OID, DER_PRINTABLE_STRING, DER_SEQUENCE, DER_NULL
};

/* Could these be the parameters of some curve? */
static bool
is_params(struct view params)
{
	struct view rest, content;
	size_t i;

	for (i = 0; i < ARRAY_LEN(param_tags); i++) {
		rest = params;
		if (der_take(&rest, param_tags[i], &content) == CKR_OK)
			return rest.len == 0;
	}
	return false;
}

static CK_RV
read_curve(const struct tpm_caps *caps, const struct attrs *pub,
    const struct curve **out)
{
	struct view params = attrs_view(pub, CKA_EC_PARAMS);
	const struct curve *c;

	if (!attrs_has(pub, CKA_EC_PARAMS))
		return CKR_TEMPLATE_INCOMPLETE;
	if (!is_params(params))
		return CKR_DOMAIN_PARAMS_INVALID;
	c = curve_by_params(params);
	if (c == NULL || !tpm_caps_curve(caps, c->tpm_id))
		return CKR_CURVE_NOT_SUPPORTED;
	*out = c;
	return CKR_OK;
}

/* On one half; the curve by its OID however the template named it, since
 * programs read CKA_EC_PARAMS back with parsers that know nothing else. */
static CK_RV
set_public(struct attrs *a, const struct curve *c, struct view point)
{
	CK_RV rv;

	if ((rv = attrs_set(a, CKA_EC_PARAMS, c->params)) != CKR_OK)
		return rv;
	return attrs_set(a, CKA_EC_POINT, point);
}

static CK_RV
generate_pair(const struct mech_place *place, struct attrs *pub,
    struct attrs *priv, struct tpm_blob *blob)
{
	struct tpm_blob made = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY;
	struct buf der = BUF_EMPTY;
	const struct curve *c;
	CK_RV rv;

	if ((rv = read_curve(place->caps, pub, &c)) != CKR_OK)
		return rv;
	if ((rv = tpm_create_ec(place->tpm, place->parent, c->tpm_id,
	    ec_use(priv), &made, &point)) != CKR_OK ||
	    (rv = curve_point_der(buf_view(&point), &der)) != CKR_OK ||
	    (rv = set_public(pub, c, buf_view(&der))) != CKR_OK ||
	    (rv = set_public(priv, c, buf_view(&der))) != CKR_OK)
		goto out;

	tpm_blob_free(blob);
	*blob = made;
	made = TPM_BLOB_EMPTY;
out:
	tpm_blob_free(&made);
	buf_free(&point);
	buf_free(&der);
	return rv;
}

const struct mech_family ec_pair_family = {
	.clause = "6.3",
	.flags = EC_FLAGS,
	.sizes = ec_sizes,
	.generate_pair = generate_pair,
};
