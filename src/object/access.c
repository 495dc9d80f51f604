/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/access.h"

#include <string.h>

#include "object/object.h"
#include "object/rules.h"

static bool
is_user(CK_STATE state)
{
	return state == CKS_RO_USER_FUNCTIONS ||
	    state == CKS_RW_USER_FUNCTIONS;
}

static bool
is_read_only(CK_STATE state)
{
	return state == CKS_RO_PUBLIC_SESSION ||
	    state == CKS_RO_USER_FUNCTIONS;
}

bool
object_visible(const struct attrs *a, CK_STATE state)
{
	return is_user(state) || !rules_bool(a, CKA_PRIVATE);
}

CK_RV
object_writable(const struct attrs *a, CK_STATE state)
{
	if (is_read_only(state) && rules_bool(a, CKA_TOKEN))
		return CKR_SESSION_READ_ONLY;
	if (!object_visible(a, state))
		return CKR_USER_NOT_LOGGED_IN;
	return CKR_OK;
}

CK_RV
object_destroyable(const struct attrs *a)
{
	return rules_bool(a, CKA_DESTROYABLE) ?
	    CKR_OK : CKR_ACTION_PROHIBITED;
}

/* An empty list leaves all mechanisms. */
static bool
allows(const struct attrs *a, CK_MECHANISM_TYPE m)
{
	struct view list = attrs_view(a, CKA_ALLOWED_MECHANISMS);
	CK_MECHANISM_TYPE one;
	size_t at;

	for (at = 0; at + sizeof(one) <= list.len; at += sizeof(one)) {
		memcpy(&one, list.data + at, sizeof(one));
		if (one == m)
			return true;
	}
	return list.len == 0;
}

CK_RV
object_usable(const struct attrs *a, CK_ATTRIBUTE_TYPE usage,
    CK_MECHANISM_TYPE m)
{
	if (usage != CK_UNAVAILABLE_INFORMATION && !rules_bool(a, usage))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	return allows(a, m) ? CKR_OK : CKR_MECHANISM_INVALID;
}

static bool
fits_template(const struct attrs *a, const struct attrs *by)
{
	const struct attr *only = attrs_get(by, CKA_WRAP_TEMPLATE);

	return only == NULL || only->nested == NULL ||
	    object_matches(a, only->nested);
}

CK_RV
object_wrappable(const struct attrs *a, const struct attrs *by)
{
	if (attrs_ulong(a, CKA_CLASS, CKO_DATA) == CKO_PUBLIC_KEY)
		return CKR_KEY_NOT_WRAPPABLE;
	if (!rules_bool(a, CKA_EXTRACTABLE))
		return CKR_KEY_UNEXTRACTABLE;
	if (rules_bool(a, CKA_WRAP_WITH_TRUSTED) &&
	    !rules_bool(by, CKA_TRUSTED))
		return CKR_KEY_NOT_WRAPPABLE;
	return fits_template(a, by) ? CKR_OK : CKR_KEY_HANDLE_INVALID;
}
