/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/tls12_key.h"

#include "mech/keyed.h"

#define RANDOM_MAX 4096

CK_RV
tls12_randoms(const CK_SSL3_RANDOM_DATA *from, size_t len, bool server,
    struct buf *out)
{
	struct view client = view_of(from->pClientRandom,
	    from->ulClientRandomLen);
	struct view other = view_of(from->pServerRandom,
	    from->ulServerRandomLen);
	CK_RV rv;

	if (client.len != from->ulClientRandomLen ||
	    other.len != from->ulServerRandomLen ||
	    client.len > RANDOM_MAX || other.len > RANDOM_MAX ||
	    (len != 0 && (client.len != len || other.len != len)))
		return CKR_MECHANISM_PARAM_INVALID;
	if ((rv = buf_set(out, server ? other : client)) != CKR_OK)
		return rv;
	return buf_append(out, server ? client : other);
}

CK_RV
tls12_run(const struct mech_call *c, const char *label, struct view seed,
    size_t len, struct buf *out)
{
	struct keyed key;
	CK_RV rv;

	if ((rv = keyed_prf(c->key, c->params.hash, &key)) != CKR_OK)
		return rv;
	return tls12_prf(&key.prf, view_str(label), seed, VIEW_EMPTY, len,
	    out);
}

CK_RV
tls12_check(const struct mech_call *c)
{
	return key_type(c->key) == CKK_GENERIC_SECRET ? CKR_OK :
	    CKR_KEY_TYPE_INCONSISTENT;
}
