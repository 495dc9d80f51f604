/* SPDX-License-Identifier: BSD-2-Clause */
#include "attr/attrs.h"

#include <string.h>

/*
 * What a program hands us as a template may be unaligned, overlap or contain
 * itself; all is read by memcpy, and NESTED_MAX bounds the work. No value is
 * longer than what a row of the store may hold.
 */
enum { NESTED_MAX = 10000, VALUE_MAX = 16 << 20 };

struct walk {
	unsigned depth;
	size_t nested_left;
};

static CK_RV copy_list(struct walk *w, const uint8_t *tmpl, size_t count,
    struct attrs *out);

/* The bytes of an entry; a length like (CK_ULONG)-1 is no memory's. */
static CK_RV
value_of(const CK_ATTRIBUTE *entry, struct view *value)
{
	if (entry->pValue == NULL && entry->ulValueLen > 0)
		return CKR_ARGUMENTS_BAD;
	if (entry->ulValueLen > VALUE_MAX)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*value = view_of(entry->pValue, entry->ulValueLen);
	return CKR_OK;
}

/* Adds an attribute unless it is there; then it has to be the same. */
static CK_RV
add_value(CK_ATTRIBUTE_TYPE type, struct view value, struct attrs *out)
{
	const struct attr *have = attrs_get(out, type);

	if (!attr_fits(type, value))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (have == NULL)
		return attrs_set(out, type, value);
	return view_equal(buf_view(&have->value), value) ?
	    CKR_OK : CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV
add_nested(struct walk *w, CK_ATTRIBUTE_TYPE type, struct view value,
    struct attrs *out)
{
	struct attrs nested = ATTRS_EMPTY;
	const struct attr item = { type, BUF_EMPTY, &nested };
	const struct attr *have = attrs_get(out, type);
	size_t count = value.len / sizeof(CK_ATTRIBUTE);
	CK_RV rv;

	if (value.len % sizeof(CK_ATTRIBUTE) != 0 ||
	    w->depth == ATTRS_DEPTH || count > w->nested_left)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	w->nested_left -= count;
	w->depth++;
	rv = copy_list(w, value.data, count, &nested);
	w->depth--;
	if (rv != CKR_OK)
		goto out;
	if (have == NULL)
		rv = attrs_set_template(out, type, &nested);
	else if (!attr_equal(have, &item))
		rv = CKR_TEMPLATE_INCONSISTENT;
out:
	attrs_free(&nested);
	return rv;
}

/* Appends to out, which the caller frees on failure. */
static CK_RV
copy_list(struct walk *w, const uint8_t *tmpl, size_t count,
    struct attrs *out)
{
	CK_ATTRIBUTE entry;
	struct view value;
	size_t i;
	CK_RV rv = CKR_OK;

	for (i = 0; i < count && rv == CKR_OK; i++) {
		memcpy(&entry, tmpl + i * sizeof(entry), sizeof(entry));
		if ((rv = value_of(&entry, &value)) != CKR_OK)
			break;
		if (attr_kind(entry.type) == ATTR_TEMPLATE)
			rv = add_nested(w, entry.type, value, out);
		else
			rv = add_value(entry.type, value, out);
	}
	return rv;
}

CK_RV
attrs_from_template(const CK_ATTRIBUTE *tmpl, CK_ULONG count,
    struct attrs *out)
{
	struct walk w = { 0, NESTED_MAX };
	struct attrs copy = ATTRS_EMPTY;
	CK_RV rv;

	if ((tmpl == NULL && count > 0) || count > PTRDIFF_MAX / sizeof(*tmpl))
		return CKR_ARGUMENTS_BAD;
	if ((rv = copy_list(&w, (const void *)tmpl, count, &copy)) != CKR_OK)
		goto out;
	attrs_move(out, &copy);
out:
	attrs_free(&copy);
	return rv;
}
