/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/rules.h"

/*
 * Session secrets are made to be worked with by the program (Java and
 * strongSwan derive one with a template of class and key type alone and then
 * read its value); token secrets are made to be kept.
 */
static bool
flag_default(const struct rule *row, const struct attrs *a, bool idle)
{
	switch (row->dflt) {
	case DEFAULT_VALUE:
		return row->value != CK_FALSE;
	case DEFAULT_TOKEN:
		return rules_bool(a, CKA_TOKEN);
	case DEFAULT_OPEN:
		return !rules_bool(a, CKA_TOKEN) ||
		    !rules_bool(a, CKA_SENSITIVE);
	case DEFAULT_USE:
		return idle;
	case DEFAULT_NONE:
	case DEFAULT_EMPTY:
		break;
	}
	return false;
}

CK_RV
rule_default(const struct rule *row, const struct attrs *a, bool idle,
    struct attrs *out)
{
	struct attrs empty = ATTRS_EMPTY;

	switch (attr_kind(row->type)) {
	case ATTR_BOOL:
		return attrs_set_bool(out, row->type,
		    flag_default(row, a, idle));
	case ATTR_ULONG:
		/* a number cannot be empty: say that it is not known */
		return attrs_set_ulong(out, row->type,
		    row->dflt == DEFAULT_VALUE ?
		    row->value : CK_UNAVAILABLE_INFORMATION);
	case ATTR_TEMPLATE:
		return attrs_set_template(out, row->type, &empty);
	case ATTR_BYTES:
	case ATTR_DATE:
	case ATTR_ULONGS:
		break;
	}
	return attrs_set(out, row->type, VIEW_EMPTY);
}

bool
rules_bool(const struct attrs *a, CK_ATTRIBUTE_TYPE type)
{
	const struct rules *r = rules_of(a);
	const struct rule *row = r != NULL ? rules_get(r, type) : NULL;

	if (row == NULL || attrs_has(a, type))
		return attrs_bool(a, type, false);
	return flag_default(row, a, false);
}

bool
rules_revealed(const struct attrs *a)
{
	return !rules_bool(a, CKA_SENSITIVE) && rules_bool(a, CKA_EXTRACTABLE);
}
