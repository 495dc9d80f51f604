/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/object.h"

#include "object/internal.h"

/*
 * The row of an attribute that can be asked for; NULL when the class has
 * none. What was only there to make the object is none.
 */
static const struct rule *
readable(const struct rules *rules, CK_ATTRIBUTE_TYPE type)
{
	const struct rule *row = rules != NULL ? rules_get(rules, type) : NULL;

	if (row != NULL && (row->flags & (RULE_IGNORED | RULE_TRANSIENT)))
		return NULL;
	return row;
}

/* Secret, or only the TPM has it. */
static bool
concealed(const struct attrs *a, const struct rule *row)
{
	return (row->flags & RULE_SECRET) &&
	    (!rules_revealed(a) || !attrs_has(a, row->type));
}

/* What the object leaves out is its default: *spare holds it. */
static CK_RV
value_of(const struct attrs *a, const struct rule *row, struct attrs *spare,
    const struct attr **out)
{
	CK_RV rv = CKR_OK;

	*out = attrs_get(a, row->type);
	if (*out == NULL &&
	    (rv = rule_default(row, a, false, spare)) == CKR_OK)
		*out = attrs_get(spare, row->type);
	return rv;
}

static CK_RV
read_one(const struct attrs *a, const struct rules *rules, CK_ATTRIBUTE *entry)
{
	const struct rule *row = readable(rules, entry->type);
	struct attrs spare = ATTRS_EMPTY;
	const struct attr *have;
	CK_RV rv = CKR_OK;

	if (row == NULL)
		rv = CKR_ATTRIBUTE_TYPE_INVALID;
	else if (concealed(a, row))
		rv = CKR_ATTRIBUTE_SENSITIVE;
	if (rv != CKR_OK) {
		entry->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		goto out;
	}
	if ((rv = value_of(a, row, &spare, &have)) != CKR_OK)
		goto out;
	rv = attr_copy_out(have, entry);
out:
	attrs_free(&spare);
	return rv;
}

/* In the order of the cases of 5.7.5, which lets any of them be told. */
static CK_RV
worse(CK_RV a, CK_RV b)
{
	static const CK_RV order[] = {
		CKR_HOST_MEMORY, CKR_ATTRIBUTE_SENSITIVE,
		CKR_ATTRIBUTE_TYPE_INVALID, CKR_BUFFER_TOO_SMALL,
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return a != CKR_OK ? a : b;
}

CK_RV
object_read(const struct attrs *a, CK_ATTRIBUTE *tmpl, CK_ULONG count)
{
	const struct rules *rules = rules_of(a);
	CK_RV rv = CKR_OK;
	CK_ULONG i;

	for (i = 0; i < count; i++)
		rv = worse(rv, read_one(a, rules, &tmpl[i]));
	return rv;
}

static bool
match_one(const struct attrs *a, const struct rules *rules,
    const struct attr *want)
{
	const struct rule *row = readable(rules, want->type);
	struct attrs spare = ATTRS_EMPTY;
	const struct attr *have;
	bool same = false;

	/* without memory nothing is found: there is no way to say it here */
	if (row != NULL && !concealed(a, row) &&
	    value_of(a, row, &spare, &have) == CKR_OK)
		same = attr_equal(have, want);
	attrs_free(&spare);
	return same;
}

bool
object_matches(const struct attrs *a, const struct attrs *want)
{
	const struct rules *rules = rules_of(a);
	size_t i;

	/* programs of older versions do not know these classes (4.3, 4.13) */
	if (rules != NULL && rules->hidden && !attrs_has(want, CKA_CLASS))
		return false;
	for (i = 0; i < want->count; i++)
		if (!match_one(a, rules, &want->list[i]))
			return false;
	return true;
}

CK_ULONG
object_size(const struct attrs *a)
{
	CK_ULONG size = 0;
	size_t i;

	for (i = 0; i < a->count; i++) {
		size += sizeof(a->list[i].type) + a->list[i].value.len;
		if (a->list[i].nested != NULL)
			size += object_size(a->list[i].nested);
	}
	return size;
}
