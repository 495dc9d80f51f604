/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/ec.h"
#include "mech/transport.h"

/*
 * CKM_ECDH_AES_KEY_WRAP (PKCS#11 3.x, 6.3.21): the AES key is agreed on with a
 * one-time key, whose point stands in front. The standard leaves its form
 * open; as with CKM_ECDH1_DERIVE it is raw, here written uncompressed and
 * read either way, and what CKD_NULL leaves of the secret is its end.
 */
static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_ECDH_AES_KEY_WRAP_PARAMS own;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &own, sizeof(own))) != CKR_OK ||
	    (rv = transport_aes_len(own.ulAESKeyBits, &p->len)) != CKR_OK)
		return rv;
	return ecdh_kdf_params(own.kdf, own.pSharedData, own.ulSharedDataLen,
	    p);
}

/* Without a derivation the secret has to be long enough. */
static CK_RV
check(const struct mech_call *c)
{
	return c->params.hash == NULL &&
	    c->params.len > ec_curve(c)->field ? CKR_KEY_SIZE_RANGE : CKR_OK;
}

static CK_RV
wrap(const struct mech_call *c, struct view plain, struct buf *out)
{
	struct buf peer = BUF_EMPTY, once = BUF_EMPTY, z = BUF_EMPTY;
	struct buf aes = BUF_EMPTY;
	CK_RV rv;

	if ((rv = ec_own_point(c, &peer)) != CKR_OK ||
	    (rv = curve_ephemeral(ec_curve(c), buf_view(&peer), &once,
	    &z)) != CKR_OK ||
	    (rv = ecdh_kdf(c, buf_view(&z), c->params.len, &aes)) != CKR_OK)
		goto out;
	rv = transport_wrap(buf_view(&once), buf_view(&aes), plain, out);
out:
	buf_free(&peer);
	buf_free(&once);
	buf_free(&z);
	buf_free(&aes);
	return rv;
}

static size_t
front_len(const struct mech_call *c, struct view wrapped)
{
	bool compressed = wrapped.len > 0 &&
	    (wrapped.data[0] == 2 || wrapped.data[0] == 3);

	return compressed ? 1 + ec_curve(c)->field : ec_point_len(c);
}

/* The one-time key's point, 04 | X | Y. */
static CK_RV
read_point(const struct mech_call *c, struct view front, struct buf *point)
{
	CK_RV rv = curve_point(ec_curve(c), front, point);

	return rv == CKR_DATA_INVALID ? CKR_ENCRYPTED_DATA_INVALID : rv;
}

static CK_RV
unwrap(const struct mech_call *c, struct view wrapped, struct buf *plain)
{
	size_t len = front_len(c, wrapped);
	struct buf point = BUF_EMPTY, z = BUF_EMPTY, aes = BUF_EMPTY;
	CK_RV rv;

	if (wrapped.len < len + transport_len(1)) {
		rv = CKR_ENCRYPTED_DATA_LEN_RANGE;
		goto out;
	}
	if ((rv = read_point(c, view_sub(wrapped, 0, len), &point)) !=
	    CKR_OK ||
	    (rv = tpm_key_ecdh(key_tpm(c->key), buf_view(&point), &z)) !=
	    CKR_OK ||
	    (rv = ecdh_kdf(c, buf_view(&z), c->params.len, &aes)) != CKR_OK)
		goto out;
	rv = transport_unwrap(buf_view(&aes), view_sub(wrapped, len,
	    wrapped.len), plain);
out:
	buf_free(&point);
	buf_free(&z);
	buf_free(&aes);
	return rv;
}

static size_t
wrapped_len(const struct mech_call *c, size_t plain)
{
	return ec_point_len(c) + transport_len(plain);
}

const struct mech_family ecdh_aes_wrap_family = {
	.clause = "6.3",
	.flags = EC_FLAGS,
	.sizes = ec_sizes,
	.params = params,
	.check = check,
	.wrap = wrap,
	.unwrap = unwrap,
	.wrapped_len = wrapped_len,
};
