/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/wrapping.h"

#include "crypto/der.h"
#include "crypto/pkcs8.h"
#include "mech/mech.h"
#include "object/access.h"
#include "object/roles.h"
#include "token/making.h"

/* One C_WrapKey: both keys, found and allowed. */
struct wrapping {
	struct key *by;
	struct key *key;
};

static void
wrapping_free(struct wrapping *w)
{
	key_unref(&w->by);
	key_unref(&w->key);
}

/* A key that has both roles, from before they were kept apart, has none. */
static CK_RV
check_role(const struct maker *by, const struct attrs *a)
{
	return maker_apart(by) && roles_check(a) != CKR_OK ?
	    CKR_KEY_FUNCTION_NOT_PERMITTED : CKR_OK;
}

static CK_RV
find(const struct maker *by, const CK_MECHANISM *m, CK_OBJECT_HANDLE wrapping,
    CK_OBJECT_HANDLE key, struct wrapping *w)
{
	struct attrs with = ATTRS_EMPTY;
	const struct attrs *a;
	CK_RV rv;

	rv = maker_key(by, wrapping, CKA_WRAP, m, &a, &w->by);
	if (rv == CKR_KEY_HANDLE_INVALID)
		rv = CKR_WRAPPING_KEY_HANDLE_INVALID;
	/* a goes when the other key is looked up */
	if (rv != CKR_OK || (rv = check_role(by, a)) != CKR_OK ||
	    (rv = attrs_copy(&with, a)) != CKR_OK ||
	    (rv = token_key(by->token, by->state, key, &a, &w->key)) !=
	    CKR_OK)
		goto out;
	rv = object_wrappable(a, &with);
	/* what is in the TPM alone cannot be had, whatever is said of it */
	if (rv == CKR_OK && key_value(w->key).len == 0)
		rv = CKR_KEY_NOT_WRAPPABLE;
out:
	attrs_free(&with);
	return rv;
}

CK_RV
token_wrapped_len(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, size_t *len, bool *exact)
{
	struct wrapping w = { NULL, NULL };
	CK_RV rv;

	if ((rv = find(by, m, wrapping, key, &w)) == CKR_OK)
		rv = mech_wrapped_len(m, w.by, NULL, key_value(w.key).len,
		    len, exact);
	wrapping_free(&w);
	return rv;
}

CK_RV
token_wrap_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, struct buf *wrapped)
{
	struct wrapping w = { NULL, NULL };
	CK_RV rv;

	if ((rv = find(by, m, wrapping, key, &w)) == CKR_OK)
		rv = mech_wrap(m, w.by, NULL, key_value(w.key), wrapped);
	wrapping_free(&w);
	return rv;
}

/* Less than a block of zeros, as modes without a padding of their own put
 * them behind a key. */
static bool
is_filling(struct view v)
{
	return v.len < 16 && view_is_zero(v);
}

static CK_RV
take_secret(struct view plain, struct attrs *a)
{
	CK_ULONG len = attrs_ulong(a, CKA_VALUE_LEN, plain.len);

	if (len > plain.len || !is_filling(view_sub(plain, len, plain.len)))
		return CKR_WRAPPED_KEY_LEN_RANGE;
	return attrs_set(a, CKA_VALUE, view_sub(plain, 0, len));
}

static CK_RV
take_rsa(const struct pkcs8 *info, struct attrs *a)
{
	struct pkcs8_rsa k;
	const struct {
		CK_ATTRIBUTE_TYPE type;
		const struct view *value;
	} parts[] = {
		{ CKA_MODULUS, &k.n },
		{ CKA_PUBLIC_EXPONENT, &k.e },
		{ CKA_PRIVATE_EXPONENT, &k.d },
		{ CKA_PRIME_1, &k.p },
		{ CKA_PRIME_2, &k.q },
		{ CKA_EXPONENT_1, &k.dp },
		{ CKA_EXPONENT_2, &k.dq },
		{ CKA_COEFFICIENT, &k.qinv },
	};
	size_t i;
	CK_RV rv;

	rv = pkcs8_rsa(info, &k);
	for (i = 0; i < ARRAY_LEN(parts) && rv == CKR_OK; i++)
		rv = attrs_set(a, parts[i].type, *parts[i].value);
	return rv;
}

static CK_RV
take_ec(const struct pkcs8 *info, struct attrs *a)
{
	struct pkcs8_ec k;
	CK_RV rv;

	if ((rv = pkcs8_ec(info, &k)) != CKR_OK ||
	    (rv = attrs_set(a, CKA_EC_PARAMS, k.curve->params)) != CKR_OK ||
	    (rv = attrs_set(a, CKA_VALUE, k.d)) != CKR_OK ||
	    k.point.len == 0)
		return rv;
	return attrs_set(a, CKA_EC_POINT, k.point);
}

static const struct private_type {
	CK_KEY_TYPE type;
	CK_RV (*take)(const struct pkcs8 *info, struct attrs *a);
} private_types[] = {
	{ CKK_RSA, take_rsa },
	{ CKK_EC, take_ec },
};

static const struct private_type *
find_type(const struct attrs *a)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(private_types); i++)
		if (private_types[i].type == attrs_ulong(a, CKA_KEY_TYPE,
		    CK_UNAVAILABLE_INFORMATION))
			return &private_types[i];
	return NULL;
}

static CK_RV
take_private(struct view plain, struct attrs *a)
{
	struct pkcs8 info;
	struct view der;
	CK_RV rv;

	if ((rv = der_take_whole(&plain, DER_SEQUENCE, &der)) != CKR_OK)
		return rv;
	if (!is_filling(plain))
		return CKR_DATA_INVALID;
	if ((rv = pkcs8_read(der, &info)) != CKR_OK)
		return rv;
	return find_type(a)->take(&info, a);
}

/* What the wrapped key itself makes wrong, as C_UnwrapKey has it. */
static CK_RV
unwrapped_rv(CK_RV rv)
{
	static const CK_RV words[][2] = {
		{ CKR_DATA_INVALID, CKR_WRAPPED_KEY_INVALID },
		{ CKR_KEY_TYPE_INCONSISTENT, CKR_WRAPPED_KEY_INVALID },
		{ CKR_TEMPLATE_INCONSISTENT, CKR_WRAPPED_KEY_INVALID },
		{ CKR_ATTRIBUTE_VALUE_INVALID, CKR_WRAPPED_KEY_INVALID },
		{ CKR_KEY_SIZE_RANGE, CKR_WRAPPED_KEY_LEN_RANGE },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (words[i][0] == rv)
			return words[i][1];
	return rv;
}

/* plain into the new object, and into the TPM. */
static CK_RV
take(const struct maker *by, const struct object_plan *plan,
    struct view plain, struct new_object *n)
{
	CK_RV rv;

	if (attrs_ulong(&n->attrs, CKA_CLASS, CKO_DATA) == CKO_SECRET_KEY) {
		if ((rv = take_secret(plain, &n->attrs)) != CKR_OK)
			return rv;
		return maker_complete(by, plan, n);
	}
	if ((rv = take_private(plain, &n->attrs)) == CKR_OK)
		rv = maker_complete(by, plan, n);
	return unwrapped_rv(rv);
}

/* Can there be such a key at all? Asked before anything is decrypted. */
static CK_RV
check_kind(const struct attrs *a)
{
	CK_OBJECT_CLASS class = attrs_ulong(a, CKA_CLASS, CKO_DATA);

	if (class == CKO_PRIVATE_KEY)
		return find_type(a) != NULL ? CKR_OK :
		    CKR_TEMPLATE_INCONSISTENT;
	return class == CKO_SECRET_KEY ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV
find_unwrapping(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE handle, const struct attrs **attrs, struct key **key)
{
	CK_RV rv = maker_key(by, handle, CKA_UNWRAP, m, attrs, key);

	if (rv == CKR_KEY_HANDLE_INVALID)
		return CKR_UNWRAPPING_KEY_HANDLE_INVALID;
	if (rv != CKR_OK || (rv = check_role(by, *attrs)) != CKR_OK)
		return rv;
	return maker_context(by, *attrs);
}

CK_RV
token_unwrap_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE unwrapping, struct template tmpl, struct view wrapped,
    CK_OBJECT_HANDLE *handle)
{
	const struct object_plan plan = {
		.origin = OBJECT_UNWRAPPED,
		.class = CK_UNAVAILABLE_INFORMATION,
		.key_type = CK_UNAVAILABLE_INFORMATION,
		.mechanism = CK_UNAVAILABLE_INFORMATION,
		.so = by->state == CKS_RW_SO_FUNCTIONS,
		.apart = maker_apart(by),
	};
	struct new_object n = { 0 };
	struct buf plain = BUF_EMPTY;
	const struct attrs *attrs;
	struct key *key = NULL;
	CK_RV rv;

	if ((rv = find_unwrapping(by, m, unwrapping, &attrs, &key)) !=
	    CKR_OK || (rv = maker_build_imposed(&plan, attrs,
	    CKA_UNWRAP_TEMPLATE, tmpl, &n.attrs)) != CKR_OK ||
	    (rv = check_kind(&n.attrs)) != CKR_OK ||
	    (rv = maker_allowed(by, &n.attrs)) != CKR_OK ||
	    (rv = mech_unwrap(m, key, NULL, wrapped, &plain)) != CKR_OK ||
	    (rv = take(by, &plan, buf_view(&plain), &n)) != CKR_OK)
		goto out;
	rv = maker_add(by, &n, handle);
out:
	key_unref(&key);
	buf_free(&plain);
	new_object_free(&n);
	return rv;
}
