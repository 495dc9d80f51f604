/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/key.h"

#include <stdatomic.h>

#include "mech/soft.h"
#include "util/mem.h"

struct key {
	atomic_uint refs;
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE type;
	struct pubkey *pub;
	struct tpm_key *tpm;
	struct soft *soft;
	struct buf value;
};

static CK_RV
read_rsa(const struct attrs *attrs, struct pubkey **out)
{
	return pubkey_rsa(attrs_view(attrs, CKA_MODULUS),
	    attrs_view(attrs, CKA_PUBLIC_EXPONENT), out);
}

static CK_RV
read_ec(const struct attrs *attrs, struct pubkey **out)
{
	const struct curve *c;

	c = curve_by_params(attrs_view(attrs, CKA_EC_PARAMS));
	if (c == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	return pubkey_ec(c, attrs_view(attrs, CKA_EC_POINT), out);
}

static const struct {
	CK_KEY_TYPE type;
	CK_RV (*read)(const struct attrs *attrs, struct pubkey **out);
} pair_types[] = {
	{ CKK_RSA, read_rsa },
	{ CKK_EC, read_ec },
};

static CK_RV
add_public(struct key *k, const struct attrs *attrs)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(pair_types); i++)
		if (pair_types[i].type == k->type)
			return pair_types[i].read(attrs, &k->pub);
	return CKR_KEY_TYPE_INCONSISTENT;
}

/* What the TPM has not; of RSA the public half is as ever. */
static CK_RV
add_soft(struct key *k, const struct attrs *attrs)
{
	CK_RV rv;

	if (!soft_only(k->type) && (rv = add_public(k, attrs)) != CKR_OK)
		return rv;
	return soft_new(attrs, &k->soft);
}

static CK_RV
add_private(struct key *k, struct tpm *tpm, const struct tpm_parent *parent,
    const struct attrs *attrs, const struct tpm_blob *blob)
{
	CK_RV rv;

	/* the public half tells a private key's size and curve */
	if ((rv = add_public(k, attrs)) != CKR_OK)
		return rv;
	return tpm_key_new(tpm, parent, blob, &k->tpm);
}

static bool
has_blob(const struct tpm_blob *blob)
{
	return blob != NULL && blob->private_area.len > 0;
}

static CK_RV
fill(struct key *k, struct tpm *tpm, const struct tpm_parent *parent,
    const struct attrs *attrs, const struct tpm_blob *blob)
{
	if (k->class == CKO_PUBLIC_KEY && !soft_only(k->type))
		return add_public(k, attrs);
	if (k->class == CKO_PUBLIC_KEY ||
	    (k->class == CKO_PRIVATE_KEY && !has_blob(blob)))
		return add_soft(k, attrs);
	if (k->class == CKO_PRIVATE_KEY)
		return add_private(k, tpm, parent, attrs, blob);
	if (k->class == CKO_SECRET_KEY && has_blob(blob))
		return tpm_key_new(tpm, parent, blob, &k->tpm);
	if (k->class == CKO_SECRET_KEY && attrs_has(attrs, CKA_VALUE))
		return buf_set(&k->value, attrs_view(attrs, CKA_VALUE));
	return CKR_KEY_HANDLE_INVALID;
}

/* A stored object that cannot be read is no key: the functions that use keys
 * have no code for bad attributes. */
static CK_RV
key_rc(CK_RV rv)
{
	if (rv == CKR_ATTRIBUTE_VALUE_INVALID || rv == CKR_DATA_INVALID)
		return CKR_KEY_HANDLE_INVALID;
	return rv;
}

CK_RV
key_new(struct tpm *tpm, const struct tpm_parent *parent,
    const struct attrs *attrs, const struct tpm_blob *blob, struct key **out)
{
	struct key *k;
	CK_RV rv;

	if ((k = mem_alloc(1, sizeof(*k))) == NULL)
		return CKR_HOST_MEMORY;
	atomic_init(&k->refs, 1);
	k->class = attrs_ulong(attrs, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);
	k->type = attrs_ulong(attrs, CKA_KEY_TYPE,
	    CK_UNAVAILABLE_INFORMATION);
	if ((rv = key_rc(fill(k, tpm, parent, attrs, blob))) != CKR_OK)
		goto out;

	*out = k;
	k = NULL;
out:
	key_unref(&k);
	return rv;
}

struct key *
key_ref(struct key *k)
{
	if (k != NULL)
		atomic_fetch_add_explicit(&k->refs, 1, memory_order_relaxed);
	return k;
}

void
key_unref(struct key **k)
{
	struct key *old = *k;

	*k = NULL;
	if (old == NULL || atomic_fetch_sub(&old->refs, 1) != 1)
		return;
	pubkey_free(&old->pub);
	tpm_key_unref(&old->tpm);
	soft_free(&old->soft);
	buf_free(&old->value);
	mem_free(old);
}

CK_OBJECT_CLASS
key_class(const struct key *k)
{
	return k->class;
}

CK_KEY_TYPE
key_type(const struct key *k)
{
	return k->type;
}

const struct pubkey *
key_public(const struct key *k)
{
	return k->pub;
}

struct tpm_key *
key_tpm(const struct key *k)
{
	return k->tpm;
}

const struct soft *
key_soft(const struct key *k)
{
	return k->soft;
}

struct view
key_value(const struct key *k)
{
	return buf_view(&k->value);
}
