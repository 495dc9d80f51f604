/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/crypto.h"
#include "mech/rsa.h"
#include "mech/transport.h"

/* CKM_RSA_AES_KEY_WRAP (PKCS#11 3.x, 6.1.23): the AES key by OAEP in front. */
static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_RSA_AES_KEY_WRAP_PARAMS own;
	CK_MECHANISM oaep = { CKM_RSA_PKCS_OAEP, NULL,
		sizeof(CK_RSA_PKCS_OAEP_PARAMS) };
	CK_RV rv;

	if ((rv = params_fixed(from, &own, sizeof(own))) != CKR_OK ||
	    (rv = transport_aes_len(own.ulAESKeyBits, &p->len)) != CKR_OK)
		return rv;
	oaep.pParameter = own.pOAEPParams;
	return rsa_oaep_family.params(m, &oaep, p);
}

/* Is there room for the AES key? */
static CK_RV
check(const struct mech_call *c)
{
	bool exact;

	return rsa_oaep_family.output(c, MECH_DECRYPT, &exact) >=
	    c->params.len ? CKR_OK : CKR_KEY_SIZE_RANGE;
}

static CK_RV
wrap(const struct mech_call *c, struct view plain, struct buf *out)
{
	struct buf aes = BUF_EMPTY, front = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&aes, c->params.len)) != CKR_OK ||
	    (rv = crypto_random(aes.data, aes.len)) != CKR_OK ||
	    (rv = rsa_oaep_family.run[MECH_ENCRYPT](c, buf_view(&aes),
	    &front)) != CKR_OK)
		goto out;
	rv = transport_wrap(buf_view(&front), buf_view(&aes), plain, out);
out:
	buf_free(&aes);
	buf_free(&front);
	return rv;
}

static CK_RV
unwrap(const struct mech_call *c, struct view wrapped, struct buf *plain)
{
	struct view rest = view_sub(wrapped, rsa_len(c), wrapped.len);
	struct buf aes = BUF_EMPTY;
	CK_RV rv;

	if (wrapped.len < rsa_len(c) + transport_len(1)) {
		rv = CKR_ENCRYPTED_DATA_LEN_RANGE;
		goto out;
	}
	if ((rv = rsa_oaep_family.run[MECH_DECRYPT](c, view_sub(wrapped, 0,
	    rsa_len(c)), &aes)) != CKR_OK)
		goto out;
	rv = aes.len != c->params.len ? CKR_ENCRYPTED_DATA_INVALID :
	    transport_unwrap(buf_view(&aes), rest, plain);
out:
	buf_free(&aes);
	return rv;
}

static size_t
wrapped_len(const struct mech_call *c, size_t plain)
{
	return rsa_len(c) + transport_len(plain);
}

const struct mech_family rsa_aes_wrap_family = {
	.clause = "6.1",
	.flags = CKF_HW,
	.sizes = rsa_sizes,
	.params = params,
	.check = check,
	.wrap = wrap,
	.unwrap = unwrap,
	.wrapped_len = wrapped_len,
};
