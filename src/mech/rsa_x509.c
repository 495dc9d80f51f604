/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/rsa.h"

/*
 * CKM_RSA_X_509: RSA without padding (PKCS#11 3.x, 6.1.11). Data shorter than
 * the modulus is filled up by zeros in front; what is recovered or decrypted
 * has the length of the modulus.
 */
static CK_RV
sign(const struct mech_call *c, struct view in, struct buf *out)
{
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set_padded(&em, in, rsa_len(c))) != CKR_OK)
		goto out;
	rv = rsa_private(c, buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

static CK_RV
verify(const struct mech_call *c, struct view in, struct view signature)
{
	struct buf want = BUF_EMPTY;
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_open_signature(c, signature, &em)) != CKR_OK ||
	    (rv = buf_set_padded(&want, in, rsa_len(c))) != CKR_OK)
		goto out;
	if (!view_equal(buf_view(&em), buf_view(&want)))
		rv = CKR_SIGNATURE_INVALID;
out:
	buf_free(&em);
	buf_free(&want);
	return rv;
}

static CK_RV
encrypt(const struct mech_call *c, struct view in, struct buf *out)
{
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set_padded(&em, in, rsa_len(c))) != CKR_OK)
		goto out;
	rv = rsa_public(c, buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

const struct mech_family rsa_x509_family = {
	.clause = "6.1",
	.flags = CKF_HW,
	.sizes = rsa_sizes,
	.messages = MECH_SIGNS_MESSAGES,
	.limit = rsa_limit_len,
	.run = {
		[MECH_ENCRYPT] = encrypt,
		[MECH_DECRYPT] = rsa_open,
		[MECH_SIGN] = sign,
		[MECH_SIGN_RECOVER] = sign,
		[MECH_VERIFY_RECOVER] = rsa_open_signature,
	},
	.verify = verify,
	.output = rsa_output_len,
};
