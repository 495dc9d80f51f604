/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/ec.h"

const struct curve *
ec_curve(const struct mech_call *c)
{
	return pubkey_curve(key_public(c->key));
}

bool
ec_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	const struct curve *c;

	*min = 0;
	*max = 0;
	for (c = curves; c->name != NULL; c++) {
		if (!tpm_caps_curve(caps, c->tpm_id))
			continue;
		if (*min == 0 || c->bits < *min)
			*min = c->bits;
		if (c->bits > *max)
			*max = c->bits;
	}
	return *max != 0;
}

unsigned
ec_use(const struct attrs *priv)
{
	unsigned use = 0;

	if (attrs_bool(priv, CKA_SIGN, false))
		use |= TPM_USE_SIGN;
	if (attrs_bool(priv, CKA_DERIVE, false) ||
	    attrs_bool(priv, CKA_DECAPSULATE, false) ||
	    attrs_bool(priv, CKA_UNWRAP, false))
		use |= TPM_USE_DECRYPT;
	return use != 0 ? use : TPM_USE_SIGN;
}

size_t
ec_point_len(const struct mech_call *c)
{
	return 1 + 2 * ec_curve(c)->field;
}

/* A SubjectPublicKeyInfo ends with the point. */
CK_RV
ec_own_point(const struct mech_call *c, struct buf *point)
{
	size_t len = ec_point_len(c);
	struct buf info = BUF_EMPTY;
	CK_RV rv;

	if ((rv = pubkey_info(key_public(c->key), &info)) == CKR_OK)
		rv = buf_set(point, view_sub(buf_view(&info),
		    info.len - len, len));
	buf_free(&info);
	return rv;
}
