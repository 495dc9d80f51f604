/* SPDX-License-Identifier: BSD-2-Clause */
#include "attr/attrs.h"

#include <string.h>

/*
 * Sets the length that the caller is to see; *copy says whether need bytes
 * are to go to pValue. A length beyond any memory is what an earlier failure
 * left there (CK_UNAVAILABLE_INFORMATION) and no promise of room.
 */
static CK_RV
set_length(CK_ATTRIBUTE *out, size_t need, bool *copy)
{
	CK_ULONG room = out->ulValueLen <= PTRDIFF_MAX ? out->ulValueLen : 0;

	*copy = false;
	if (out->pValue != NULL && room < need) {
		out->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_BUFFER_TOO_SMALL;
	}
	*copy = out->pValue != NULL && need > 0;
	out->ulValueLen = need;
	return CKR_OK;
}

/*
 * The caller's inner array is filled place by place: its types are ignored
 * and overwritten, its lengths are room. All places are tried, so that one
 * call tells the caller every length.
 */
static CK_RV
copy_nested(const struct attrs *nested, CK_ATTRIBUTE *out)
{
	size_t count = nested != NULL ? nested->count : 0, i;
	CK_ATTRIBUTE inner;
	uint8_t *at;
	bool copy;
	CK_RV rv, one;

	rv = set_length(out, count * sizeof(inner), &copy);
	if (!copy)
		return rv;
	for (i = 0; i < count; i++) {
		at = (uint8_t *)out->pValue + i * sizeof(inner);
		memcpy(&inner, at, sizeof(inner));
		inner.type = nested->list[i].type;
		if ((one = attr_copy_out(&nested->list[i], &inner)) != CKR_OK)
			rv = one;
		memcpy(at, &inner, sizeof(inner));
	}
	return rv;
}

CK_RV
attr_copy_out(const struct attr *a, CK_ATTRIBUTE *out)
{
	bool copy;
	CK_RV rv;

	if (attr_kind(a->type) == ATTR_TEMPLATE)
		return copy_nested(a->nested, out);
	rv = set_length(out, a->value.len, &copy);
	if (copy)
		memcpy(out->pValue, a->value.data, a->value.len);
	return rv;
}
