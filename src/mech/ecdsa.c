/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/ec.h"

/*
 * CKM_ECDSA over a ready digest and its hash-and-sign rows (PKCS#11 3.x,
 * 6.3.12 and 6.3.13). A signature is r | s, both as long as the order.
 */

/* "should not be longer than 1024 bits" (6.3.12): what is longer is a message
 * that somebody forgot to hash. */
#define DIGEST_MAX 128

static CK_RV
sign(const struct mech_call *c, struct view in, struct buf *out)
{
	return tpm_key_ecdsa(key_tpm(c->key), in, out);
}

/* A half of a signature that was made shorter than the order, as 6.3.1 lets
 * it be, brought to its length. */
static CK_RV
append_half(struct buf *to, struct view half, size_t order)
{
	struct buf padded = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set_padded(&padded, half, order)) != CKR_OK)
		goto out;
	rv = buf_append(to, buf_view(&padded));
out:
	buf_free(&padded);
	return rv;
}

static CK_RV
verify(const struct mech_call *c, struct view in, struct view signature)
{
	size_t order = ec_curve(c)->order;
	size_t half = signature.len / 2;
	struct buf full = BUF_EMPTY;
	CK_RV rv;

	if (half == 0 || half > order || signature.len % 2 != 0)
		return CKR_SIGNATURE_LEN_RANGE;
	if ((rv = append_half(&full, view_sub(signature, 0, half),
	    order)) != CKR_OK ||
	    (rv = append_half(&full, view_sub(signature, half, half),
	    order)) != CKR_OK)
		goto out;
	rv = pubkey_ecdsa_verify(key_public(c->key), in, buf_view(&full));
out:
	buf_free(&full);
	return rv;
}

static size_t
limit(const struct mech_call *c, enum mech_use use)
{
	(void)c;
	(void)use;
	return DIGEST_MAX;
}

static size_t
output(const struct mech_call *c, enum mech_use use, bool *exact)
{
	(void)use;
	*exact = true;
	return 2 * ec_curve(c)->order;
}

const struct mech_family ecdsa_family = {
	.clause = "6.3",
	.flags = EC_FLAGS,
	.sizes = ec_sizes,
	.messages = MECH_SIGNS_MESSAGES,
	.limit = limit,
	.run = { [MECH_SIGN] = sign },
	.verify = verify,
	.output = output,
};
