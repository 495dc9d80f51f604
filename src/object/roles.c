/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/roles.h"

#include "object/rules.h"

#define ANY_TYPE CK_UNAVAILABLE_INFORMATION

enum role { ON_DATA, ON_KEYS };

/* The uses that decide, and the role that they are of. */
static const struct {
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE type;
	CK_ATTRIBUTE_TYPE use;
	enum role role;
} roles[] = {
	{ CKO_SECRET_KEY, ANY_TYPE, CKA_WRAP, ON_KEYS },
	{ CKO_SECRET_KEY, ANY_TYPE, CKA_UNWRAP, ON_KEYS },
	{ CKO_SECRET_KEY, ANY_TYPE, CKA_ENCRYPT, ON_DATA },
	{ CKO_SECRET_KEY, ANY_TYPE, CKA_DECRYPT, ON_DATA },
	{ CKO_SECRET_KEY, ANY_TYPE, CKA_DERIVE, ON_DATA },
	{ CKO_PUBLIC_KEY, ANY_TYPE, CKA_WRAP, ON_KEYS },
	{ CKO_PRIVATE_KEY, ANY_TYPE, CKA_DECRYPT, ON_DATA },
	{ CKO_PRIVATE_KEY, CKK_RSA, CKA_SIGN, ON_DATA },
	{ CKO_PRIVATE_KEY, CKK_RSA, CKA_SIGN_RECOVER, ON_DATA },
	{ CKO_PRIVATE_KEY, ANY_TYPE, CKA_DERIVE, ON_DATA },
	{ CKO_PRIVATE_KEY, ANY_TYPE, CKA_DECAPSULATE, ON_DATA },
};

static bool
is_of(const struct attrs *a, size_t row)
{
	return attrs_ulong(a, CKA_CLASS, CKO_DATA) == roles[row].class &&
	    (roles[row].type == ANY_TYPE || roles[row].type ==
	    attrs_ulong(a, CKA_KEY_TYPE, ANY_TYPE));
}

static bool
has_role(const struct attrs *a, enum role role)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(roles); i++)
		if (roles[i].role == role && is_of(a, i) &&
		    rules_bool(a, roles[i].use))
			return true;
	return false;
}

CK_RV
roles_check(const struct attrs *a)
{
	return has_role(a, ON_DATA) && has_role(a, ON_KEYS) ?
	    CKR_TEMPLATE_INCONSISTENT : CKR_OK;
}

static bool
asks_all(const struct attrs *a)
{
	return rules_bool(a, CKA_ENCRYPT) && rules_bool(a, CKA_DECRYPT) &&
	    rules_bool(a, CKA_WRAP) && rules_bool(a, CKA_UNWRAP);
}

CK_RV
roles_settle(struct attrs *a)
{
	CK_RV rv;

	if (roles_check(a) == CKR_OK)
		return CKR_OK;
	if (!asks_all(a))
		return CKR_TEMPLATE_INCONSISTENT;
	if ((rv = attrs_set_bool(a, CKA_WRAP, false)) != CKR_OK)
		return rv;
	return attrs_set_bool(a, CKA_UNWRAP, false);
}

static bool
only_wraps(const struct attrs *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (a->list[i].type != CKA_WRAP &&
		    rules_is_use(a->list[i].type) &&
		    rules_asks_true(&a->list[i]))
			return false;
	return true;
}

CK_RV
roles_settle_pair(struct attrs *pub, const struct attrs *priv)
{
	if (!has_role(pub, ON_KEYS) || !has_role(priv, ON_DATA))
		return CKR_OK;
	return only_wraps(pub) ? CKR_TEMPLATE_INCONSISTENT :
	    attrs_set_bool(pub, CKA_WRAP, false);
}

CK_RV
roles_keep(const struct attrs *before, const struct attrs *after)
{
	static const enum role each[] = { ON_DATA, ON_KEYS };
	size_t i;

	for (i = 0; i < ARRAY_LEN(each); i++)
		if (has_role(after, each[i]) && !has_role(before, each[i]))
			return CKR_ATTRIBUTE_READ_ONLY;
	return CKR_OK;
}
