/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/secret.h"
#include "mech/tls12_key.h"

/*
 * CKM_TLS_KDF and CKM_TLS12_KDF: keying material for others out of the master
 * secret (RFC 5705; PKCS#11 3.x, 6.40.10): PRF(label, client random | server
 * random | length and bytes of the context, if there is one).
 */
#define LABEL_MAX 4096
#define CONTEXT_MAX UINT16_MAX

static CK_RV
append_context(const CK_TLS_KDF_PARAMS *given, struct buf *seed)
{
	struct view context = view_of(given->pContextData,
	    given->ulContextDataLength);
	const uint8_t len[2] = { (uint8_t)(context.len >> 8),
	    (uint8_t)context.len };
	CK_RV rv;

	/* none is not the same as an empty one */
	if (given->pContextData == NULL)
		return given->ulContextDataLength == 0 ? CKR_OK :
		    CKR_MECHANISM_PARAM_INVALID;
	if (context.len > CONTEXT_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	if ((rv = buf_append(seed, view_of(len, sizeof(len)))) != CKR_OK)
		return rv;
	return buf_append(seed, context);
}

/* The label is public, and the seed is all that comes behind it. */
static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_TLS_KDF_PARAMS given;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK ||
	    (rv = params_hash(given.prfMechanism, &p->hash)) != CKR_OK)
		return rv;
	if (given.ulLabelLength == 0 || given.ulLabelLength > LABEL_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	if ((rv = params_bytes(given.pLabel, given.ulLabelLength,
	    &p->aad)) != CKR_OK ||
	    (rv = tls12_randoms(&given.RandomInfo, 0, false, &p->data)) !=
	    CKR_OK)
		return rv;
	return append_context(&given, &p->data);
}

static CK_RV
derive(const struct mech_call *c, struct attrs *a)
{
	struct buf seed = BUF_EMPTY, value = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	if ((rv = secret_length(a, 0, &len)) == CKR_OK &&
	    (rv = buf_set(&seed, buf_view(&c->params.aad))) == CKR_OK &&
	    (rv = buf_append(&seed, buf_view(&c->params.data))) == CKR_OK &&
	    (rv = tls12_run(c, "", buf_view(&seed), len, &value)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE, buf_view(&value));
	buf_free(&seed);
	buf_free(&value);
	return rv;
}

const struct mech_family tls12_kdf_family = {
	.clause = "6.40",
	.sizes = secret_sizes_bytes,
	.params = params,
	.check = tls12_check,
	.derive = derive,
};
