/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/object.h"

#include "object/internal.h"

/* Some programs give big integers as in DER, with a zero byte in front. */
static CK_RV
strip_zeros(struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	struct view v = attrs_view(a, type);
	struct buf bare = BUF_EMPTY;
	size_t zeros = 0;
	CK_RV rv = CKR_OK;

	while (zeros < v.len && v.data[zeros] == 0)
		zeros++;
	if (zeros == 0)
		goto out;
	if ((rv = buf_set(&bare, view_sub(v, zeros, v.len))) != CKR_OK)
		goto out;
	rv = attrs_set(a, type, buf_view(&bare));
out:
	buf_free(&bare);
	return rv;
}

/* 4.10: a stated CKA_PUBLIC_KEY_INFO has to be the key's own. */
static CK_RV
set_info(struct view info, struct attrs *a)
{
	struct view said = attrs_view(a, CKA_PUBLIC_KEY_INFO);

	if (said.len > 0 && !view_equal(said, info))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return attrs_set(a, CKA_PUBLIC_KEY_INFO, info);
}

static CK_RV
add_info(const struct pubkey *k, struct attrs *a)
{
	struct buf info = BUF_EMPTY;
	CK_RV rv;

	if ((rv = pubkey_info(k, &info)) == CKR_OK)
		rv = set_info(buf_view(&info), a);
	buf_free(&info);
	return rv;
}

/* CKA_MODULUS_BITS of a created key: not for the caller to say, tolerated
 * when it is right. */
static CK_RV
add_bits(const struct pubkey *k, struct attrs *a)
{
	CK_ULONG bits = pubkey_bits(k);

	if (rules_get(rules_of(a), CKA_MODULUS_BITS) == NULL)
		return CKR_OK;
	if (attrs_ulong(a, CKA_MODULUS_BITS, bits) != bits)
		return CKR_TEMPLATE_INCONSISTENT;
	return attrs_set_ulong(a, CKA_MODULUS_BITS, bits);
}

static CK_RV
rsa_half(struct attrs *a)
{
	struct pubkey *k = NULL;
	CK_RV rv;

	if ((rv = strip_zeros(a, CKA_MODULUS)) != CKR_OK ||
	    (rv = strip_zeros(a, CKA_PUBLIC_EXPONENT)) != CKR_OK ||
	    (rv = pubkey_rsa(attrs_view(a, CKA_MODULUS),
	    attrs_view(a, CKA_PUBLIC_EXPONENT), &k)) != CKR_OK)
		goto out;
	if ((rv = add_info(k, a)) == CKR_OK)
		rv = add_bits(k, a);
out:
	pubkey_free(&k);
	return rv;
}

/* CKA_EC_POINT is kept as DER; programs give it raw as well. */
static CK_RV
ec_half(struct attrs *a)
{
	struct buf raw = BUF_EMPTY, der = BUF_EMPTY;
	struct pubkey *k = NULL;
	const struct curve *c;
	CK_RV rv;

	if ((rv = object_curve(a, &c)) != CKR_OK)
		goto out;
	rv = curve_point(c, attrs_view(a, CKA_EC_POINT), &raw);
	if (rv == CKR_DATA_INVALID)
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	if (rv != CKR_OK ||
	    (rv = curve_point_der(buf_view(&raw), &der)) != CKR_OK ||
	    (rv = attrs_set(a, CKA_EC_POINT, buf_view(&der))) != CKR_OK)
		goto out;
	if ((rv = pubkey_ec(c, buf_view(&raw), &k)) == CKR_OK)
		rv = add_info(k, a);
out:
	pubkey_free(&k);
	buf_free(&raw);
	buf_free(&der);
	return rv;
}

/* Of these any bytes are a key; programs look for the OCTET STRING round
 * them here too, which 3.0 had. */
static CK_RV
soft_half(struct attrs *a)
{
	struct buf info = BUF_EMPTY, der = BUF_EMPTY;
	const struct softkey_type *t;
	struct view raw;
	CK_RV rv;

	if ((rv = object_soft_curve(a, &t)) != CKR_OK)
		goto out;
	if (softkey_point(t, attrs_view(a, CKA_EC_POINT), &raw) != CKR_OK) {
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
		goto out;
	}
	if ((rv = softkey_public_info(t, raw, &info)) != CKR_OK ||
	    (rv = curve_point_der(raw, &der)) != CKR_OK ||
	    (rv = attrs_set(a, CKA_EC_POINT, buf_view(&der))) != CKR_OK)
		goto out;
	rv = set_info(buf_view(&info), a);
out:
	buf_free(&info);
	buf_free(&der);
	return rv;
}

/* What makes up the public half, by key type. */
static const struct half {
	CK_KEY_TYPE type;
	CK_ATTRIBUTE_TYPE parts[2];
	/* Checks them and adds what follows from them. */
	CK_RV (*finish)(struct attrs *a);
} halves[] = {
	{ CKK_RSA, { CKA_MODULUS, CKA_PUBLIC_EXPONENT }, rsa_half },
	{ CKK_EC, { CKA_EC_PARAMS, CKA_EC_POINT }, ec_half },
	{ CKK_EC_EDWARDS, { CKA_EC_PARAMS, CKA_EC_POINT }, soft_half },
	{ CKK_EC_MONTGOMERY, { CKA_EC_PARAMS, CKA_EC_POINT }, soft_half },
};

static const struct half *
half_of(const struct rules *rules)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(halves); i++)
		if (halves[i].type == rules->subtype)
			return &halves[i];
	return NULL;
}

static bool
has_parts(const struct half *h, const struct attrs *a)
{
	return attrs_view(a, h->parts[0]).len > 0 &&
	    attrs_view(a, h->parts[1]).len > 0;
}

CK_RV
object_public(const struct rules *rules, struct attrs *a)
{
	const struct half *h = half_of(rules);

	if (h == NULL)
		return CKR_OK;
	/* 4.10 lets a token refuse what it cannot check */
	if (rules->class == CKO_PRIVATE_KEY && !has_parts(h, a))
		return attrs_view(a, CKA_PUBLIC_KEY_INFO).len > 0 ?
		    CKR_ATTRIBUTE_TYPE_INVALID : CKR_OK;
	return h->finish(a);
}

/* Give to an attribute that one half has and the other lacks. */
static CK_RV
share(const struct attrs *from, struct attrs *to, CK_ATTRIBUTE_TYPE type)
{
	const struct attr *have = attrs_get(from, type);

	if (have == NULL || have->value.len == 0 ||
	    attrs_view(to, type).len > 0)
		return CKR_OK;
	return attrs_put(to, have);
}

CK_RV
object_pair(struct attrs *pub, struct attrs *priv)
{
	static const CK_ATTRIBUTE_TYPE shared[] = {
		CKA_ID, CKA_EC_PARAMS, CKA_EC_POINT, CKA_MODULUS,
		CKA_PUBLIC_EXPONENT, CKA_PUBLIC_KEY_INFO,
	};
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < ARRAY_LEN(shared) && rv == CKR_OK; i++)
		if ((rv = share(pub, priv, shared[i])) == CKR_OK)
			rv = share(priv, pub, shared[i]);
	return rv;
}
