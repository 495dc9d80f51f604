/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

#include <string.h>

/* The half of a key pair that each use needs. */
static const CK_OBJECT_CLASS pair_class[MECH_USES] = {
	[MECH_ENCRYPT] = CKO_PUBLIC_KEY,
	[MECH_DECRYPT] = CKO_PRIVATE_KEY,
	[MECH_SIGN] = CKO_PRIVATE_KEY,
	[MECH_SIGN_RECOVER] = CKO_PRIVATE_KEY,
	[MECH_VERIFY] = CKO_PUBLIC_KEY,
	[MECH_VERIFY_RECOVER] = CKO_PUBLIC_KEY,
	[MECH_WRAP] = CKO_PUBLIC_KEY,
	[MECH_UNWRAP] = CKO_PRIVATE_KEY,
	[MECH_DERIVE] = CKO_PRIVATE_KEY,
};

static bool
is_pair_type(CK_KEY_TYPE type)
{
	return type == CKK_RSA || type == CKK_EC;
}

static bool
makes_key(enum mech_use use)
{
	return use == MECH_GENERATE || use == MECH_GENERATE_PAIR;
}

static CK_RV
check_key(enum mech_use use, const struct mech *m, const struct key *key)
{
	CK_OBJECT_CLASS class;

	if (m->key_type == NO_KEY || makes_key(use))
		return CKR_OK;
	if (key == NULL)
		return CKR_KEY_HANDLE_INVALID;
	class = is_pair_type(m->key_type) ? pair_class[use] : CKO_SECRET_KEY;
	if (key_class(key) != class)
		return CKR_KEY_TYPE_INCONSISTENT;
	/* a generic secret serves every MAC (PKCS#11 3.x, 6.22 and after) */
	if (key_type(key) != m->key_type &&
	    (class != CKO_SECRET_KEY || key_type(key) != CKK_GENERIC_SECRET))
		return CKR_KEY_TYPE_INCONSISTENT;
	return CKR_OK;
}

static CK_RV
no_params(const CK_MECHANISM *from)
{
	return from->ulParameterLen == 0 ? CKR_OK :
	    CKR_MECHANISM_PARAM_INVALID;
}

CK_RV
params_fixed(const CK_MECHANISM *from, void *to, size_t size)
{
	if (from->pParameter == NULL || from->ulParameterLen != size)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(to, from->pParameter, size);
	return CKR_OK;
}

CK_RV
params_bytes(const void *p, CK_ULONG len, struct buf *out)
{
	if (p == NULL && len != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	return buf_set(out, view_of(p, len));
}

CK_RV
call_prepare(enum mech_use use, const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct mech_call *out)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	c.m = mech_find(m->mechanism, caps);
	if (c.m == NULL || !mech_provides(c.m, use))
		return CKR_MECHANISM_INVALID;
	if ((rv = check_key(use, c.m, key)) != CKR_OK)
		return rv;

	if (c.m->key_type != NO_KEY)
		c.key = key_ref(key);
	c.params.hash = hash_by_mech(c.m->hash);
	rv = c.m->family->params == NULL ? no_params(m) :
	    c.m->family->params(c.m, m, &c.params);
	if (rv != CKR_OK)
		goto out;
	if (c.m->family->check != NULL &&
	    (rv = c.m->family->check(&c)) != CKR_OK)
		goto out;

	*out = c;
	c = CALL_EMPTY;
out:
	call_free(&c);
	return rv;
}

void
call_free(struct mech_call *c)
{
	buf_free(&c->params.data);
	buf_free(&c->params.point);
	key_unref(&c->key);
	*c = CALL_EMPTY;
}
