/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

#include <string.h>

#include "mech/soft.h"

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
	[MECH_ENCAPSULATE] = CKO_PUBLIC_KEY,
	[MECH_DECAPSULATE] = CKO_PRIVATE_KEY,
};

static bool
is_pair_type(CK_KEY_TYPE type)
{
	return type == CKK_RSA || type == CKK_EC || soft_only(type);
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
	if (m->key_type == ANY_SECRET || (m->family->takes != NULL &&
	    m->family->takes(key_type(key))))
		return CKR_OK;
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
params_mac_len(const CK_MECHANISM *from, size_t max, struct mech_params *p)
{
	CK_MAC_GENERAL_PARAMS len;
	CK_RV rv;

	if ((rv = params_fixed(from, &len, sizeof(len))) != CKR_OK)
		return rv;
	if (len == 0 || len > max)
		return CKR_MECHANISM_PARAM_INVALID;
	p->len = len;
	return CKR_OK;
}

CK_RV
params_bytes(const void *p, CK_ULONG len, struct buf *out)
{
	if (!view_is_sane((struct view){ p, len }))
		return CKR_MECHANISM_PARAM_INVALID;
	return buf_set(out, view_of(p, len));
}

CK_RV
params_hash(CK_MECHANISM_TYPE hash, const struct hash **out)
{
	*out = hash_by_mech(hash);
	return *out != NULL ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
read_params(const struct mech *row, bool messages, const CK_MECHANISM *from,
    struct mech_params *p)
{
	const struct mech_family *f = row->family;

	if (messages && f->message != NULL)
		return f->message->params(row, from, p);
	return f->params == NULL ? no_params(from) : f->params(row, from, p);
}

static CK_RV
prepare(const struct mech *row, enum mech_use use, bool messages,
    const CK_MECHANISM *m, struct key *key, struct mech_call *out)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = check_key(use, row, key)) != CKR_OK)
		return rv;

	c.m = row;
	if (row->key_type != NO_KEY)
		c.key = key_ref(key);
	c.params.hash = hash_by_mech(row->hash);
	if ((rv = read_params(row, messages, m, &c.params)) != CKR_OK)
		goto out;
	if (row->family->check != NULL &&
	    (rv = row->family->check(&c)) != CKR_OK)
		goto out;

	*out = c;
	c = CALL_EMPTY;
out:
	call_free(&c);
	return rv;
}

CK_RV
call_prepare(enum mech_use use, const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct mech_call *out)
{
	const struct mech *row = mech_find(m->mechanism, caps);

	if (row == NULL || !mech_provides(row, use))
		return CKR_MECHANISM_INVALID;
	return prepare(row, use, false, m, key, out);
}

CK_RV
call_prepare_messages(enum mech_use use, const CK_MECHANISM *m,
    struct key *key, const struct tpm_caps *caps, struct mech_call *out)
{
	const struct mech *row = mech_find(m->mechanism, caps);

	if (row == NULL || !mech_provides_messages(row, use))
		return CKR_MECHANISM_INVALID;
	return prepare(row, use, true, m, key, out);
}

void
call_free(struct mech_call *c)
{
	buf_free(&c->params.data);
	buf_free(&c->params.point);
	buf_free(&c->params.iv);
	buf_free(&c->params.aad);
	if (c->params.own != NULL)
		c->params.own_free(c->params.own);
	key_unref(&c->key);
	*c = CALL_EMPTY;
}
