/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/secret.h"
#include "mech/tls12_key.h"

/*
 * CKM_TLS_MAC: the verify_data of a Finished message (RFC 5246, 7.4.9;
 * PKCS#11 3.x, 6.40.9) over the hash of the handshake, which is the data. By
 * the PRF of TLS 1.2; those before it need MD5.
 */
#define HANDSHAKE_MAX 64	/* the longest hash */
#define MAC_MIN 12		/* RFC 5246 */
#define MAC_MAX 64

enum { OF_SERVER = 1, OF_CLIENT = 2 };

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_TLS_MAC_PARAMS given;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK ||
	    (rv = params_hash(given.prfHashMechanism, &p->hash)) != CKR_OK)
		return rv;
	if (given.ulMacLength < MAC_MIN || given.ulMacLength > MAC_MAX ||
	    (given.ulServerOrClient != OF_SERVER &&
	    given.ulServerOrClient != OF_CLIENT))
		return CKR_MECHANISM_PARAM_INVALID;
	p->len = given.ulMacLength;
	return buf_set(&p->data, view_str(given.ulServerOrClient ==
	    OF_SERVER ? TLS12_SERVER : TLS12_CLIENT));
}

static CK_RV
sign(const struct mech_call *c, struct view in, struct buf *out)
{
	struct buf seed = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&seed, buf_view(&c->params.data))) == CKR_OK &&
	    (rv = buf_append(&seed, in)) == CKR_OK)
		rv = tls12_run(c, "", buf_view(&seed), c->params.len, out);
	buf_free(&seed);
	return rv;
}

static CK_RV
verify(const struct mech_call *c, struct view in, struct view signature)
{
	struct buf mac = BUF_EMPTY;
	CK_RV rv;

	if ((rv = sign(c, in, &mac)) != CKR_OK)
		goto out;
	if (signature.len != mac.len)
		rv = CKR_SIGNATURE_LEN_RANGE;
	else if (!view_equal(buf_view(&mac), signature))
		rv = CKR_SIGNATURE_INVALID;
out:
	buf_free(&mac);
	return rv;
}

static size_t
limit(const struct mech_call *c, enum mech_use use)
{
	(void)c;
	(void)use;
	return HANDSHAKE_MAX;
}

static size_t
output(const struct mech_call *c, enum mech_use use, bool *exact)
{
	(void)use;
	*exact = true;
	return c->params.len;
}

const struct mech_family tls_mac_family = {
	.clause = "6.40",
	.sizes = secret_sizes_bytes,
	.params = params,
	.check = tls12_check,
	.limit = limit,
	.run = { [MECH_SIGN] = sign },
	.verify = verify,
	.output = output,
};
