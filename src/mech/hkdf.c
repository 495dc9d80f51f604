/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/hkdf.h"

#include <string.h>

#include "mech/family.h"
#include "mech/keyed.h"
#include "mech/secret.h"
#include "util/mem.h"

/*
 * CKM_HKDF_DERIVE and CKM_HKDF_DATA (RFC 5869; PKCS#11 3.x, 6.62). The key
 * of a step may be in the TPM: the base key when it is expanded only, the salt
 * when there is a key of it.
 */
struct hkdf {
	CK_HKDF_PARAMS given;	/* its pointers are not looked at again */
	struct buf salt;
	struct buf info;
};

static void
free_own(void *own)
{
	struct hkdf *h = own;

	buf_free(&h->salt);
	buf_free(&h->info);
	mem_free(h);
}

static bool
is_bool(CK_BBOOL b)
{
	return b == CK_TRUE || b == CK_FALSE;
}

/* What each kind of salt is to have; none without the first step. */
static bool
salt_fits(const CK_HKDF_PARAMS *p)
{
	if (!p->bExtract)
		return true;
	switch (p->ulSaltType) {
	case CKF_HKDF_SALT_NULL:
		return p->ulSaltLen == 0;
	case CKF_HKDF_SALT_DATA:
		return true;
	case CKF_HKDF_SALT_KEY:
		return p->hSaltKey != CK_INVALID_HANDLE;
	default:
		return false;
	}
}

static CK_RV
copy_bytes(struct hkdf *h)
{
	const CK_HKDF_PARAMS *p = &h->given;
	CK_RV rv;

	if (p->bExtract && p->ulSaltType == CKF_HKDF_SALT_DATA &&
	    (rv = params_bytes(p->pSalt, p->ulSaltLen, &h->salt)) != CKR_OK)
		return rv;
	return p->bExpand ? params_bytes(p->pInfo, p->ulInfoLen, &h->info) :
	    CKR_OK;
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_HKDF_PARAMS given;
	struct hkdf *h;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK ||
	    (rv = params_hash(given.prfHashMechanism, &p->hash)) != CKR_OK)
		return rv;
	if (!is_bool(given.bExtract) || !is_bool(given.bExpand) ||
	    (!given.bExtract && !given.bExpand) || !salt_fits(&given))
		return CKR_MECHANISM_PARAM_INVALID;
	if ((h = mem_alloc(1, sizeof(*h))) == NULL)
		return CKR_HOST_MEMORY;
	h->given = given;
	p->own = h;
	p->own_free = free_own;
	return copy_bytes(h);
}

static const struct hkdf *
own(const struct mech_call *c)
{
	return c->params.own;
}

/* Of any type but those of ciphers: HKDF keys, generic ones, MAC keys. */
static CK_RV
check(const struct mech_call *c)
{
	if (key_type(c->key) == CKK_AES)
		return CKR_KEY_TYPE_INCONSISTENT;
	/* what is in the TPM cannot be data there, only key */
	return key_value(c->key).len > 0 || !own(c)->given.bExtract ?
	    CKR_OK : CKR_KEY_TYPE_INCONSISTENT;
}

static CK_RV
plan(const struct mech_call *c, struct mech_derivation *d)
{
	const CK_HKDF_PARAMS *p = &own(c)->given;

	if (p->bExtract && p->ulSaltType == CKF_HKDF_SALT_KEY) {
		d->handles[0] = p->hSaltKey;
		d->key_count = 1;
	}
	return CKR_OK;
}

static CK_RV
plan_data(const struct mech_call *c, struct mech_derivation *d)
{
	d->products[0].class = CKO_DATA;
	return plan(c, d);
}

static CK_RV
extract_by_key(const struct mech_call *c, struct buf *out)
{
	struct view secret = key_value(c->key);
	struct buf prk = BUF_EMPTY;
	struct keyed salt;
	CK_RV rv;

	if ((rv = keyed_prf(c->more->keys[0], c->params.hash, &salt)) ==
	    CKR_OK && (rv = buf_resize(&prk, salt.prf.size)) == CKR_OK &&
	    (rv = prf_run(&salt.prf, &secret, 1, prk.data)) == CKR_OK)
		buf_move(out, &prk);
	buf_free(&prk);
	return rv;
}

static CK_RV
extract(const struct mech_call *c, struct buf *out)
{
	if (c->more->key_count > 0)
		return extract_by_key(c, out);
	return hkdf_extract(c->params.hash, buf_view(&own(c)->salt),
	    key_value(c->key), out);
}

static CK_RV
run(const struct mech_call *c, size_t len, struct buf *out)
{
	const CK_HKDF_PARAMS *p = &own(c)->given;
	struct buf prk = BUF_EMPTY;
	struct keyed base;
	struct prf prf;
	CK_RV rv = CKR_OK;

	if (p->bExtract && (rv = extract(c, &prk)) != CKR_OK)
		goto out;
	if (!p->bExpand) {
		if ((rv = buf_resize(&prk, len)) == CKR_OK)
			buf_move(out, &prk);
		goto out;
	}
	if (!p->bExtract && (rv = keyed_prf(c->key, c->params.hash, &base)) !=
	    CKR_OK)
		goto out;
	prf = p->bExtract ? prf_hmac(c->params.hash, buf_view(&prk)) :
	    base.prf;
	rv = hkdf_expand(&prf, buf_view(&own(c)->info), len, out);
out:
	buf_free(&prk);
	return rv;
}

static CK_RV
derive(const struct mech_call *c, struct attrs *a)
{
	size_t natural = c->params.hash->size, len;
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = secret_length(a, natural, &len)) != CKR_OK)
		goto out;
	if (!own(c)->given.bExpand && len > natural) {
		rv = CKR_KEY_SIZE_RANGE;
		goto out;
	}
	if ((rv = run(c, len, &value)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE, buf_view(&value));
out:
	buf_free(&value);
	return rv;
}

const struct mech_family hkdf_family = {
	.clause = "6.62",
	.sizes = secret_sizes_bytes,
	.params = params,
	.check = check,
	.plan = plan,
	.derive = derive,
};

const struct mech_family hkdf_data_family = {
	.clause = "6.62",
	.sizes = secret_sizes_bytes,
	.params = params,
	.check = check,
	.plan = plan_data,
	.derive = derive,
};
