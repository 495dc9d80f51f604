/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"
#include "mech/secret.h"

/* CKM_SHA*_KEY_DERIVATION: the leading bytes of the base key's digest
 * (PKCS#11 3.x, 6.20.5 and its like for the other hashes). */

static CK_RV
check(const struct mech_call *c)
{
	return key_value(c->key).len > 0 ? CKR_OK : CKR_KEY_TYPE_INCONSISTENT;
}

static CK_RV
derive(const struct mech_call *c, struct attrs *a)
{
	const struct hash *hash = c->params.hash;
	struct view value = key_value(c->key);
	struct buf digest = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	if ((rv = secret_length(a, hash->size, &len)) != CKR_OK)
		goto out;
	if (len > hash->size) {
		rv = CKR_KEY_SIZE_RANGE;
		goto out;
	}
	if ((rv = digest_once(hash, &value, 1, &digest)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE, view_sub(buf_view(&digest), 0,
		    len));
out:
	buf_free(&digest);
	return rv;
}

const struct mech_family hash_derive_family = {
	.clause = "6.20 to 6.31",
	.sizes = secret_sizes_bytes,
	.check = check,
	.derive = derive,
};
