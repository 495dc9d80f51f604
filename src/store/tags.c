/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/mac.h"
#include "store/internal.h"

static const CK_ATTRIBUTE_TYPE tagged[TAGS] = {
	[TAG_CLASS] = CKA_CLASS,
	[TAG_KEY_TYPE] = CKA_KEY_TYPE,
	[TAG_LABEL] = CKA_LABEL,
	[TAG_ID] = CKA_ID
};

static void
put_number(uint64_t v, uint8_t out[8])
{
	int i;

	for (i = 7; i >= 0; i--) {
		out[i] = (uint8_t)v;
		v >>= 8;
	}
}

/* A CK_ULONG in the form that all machines share, so that a store can move
 * from one to another; any other value as it is. */
static struct view
portable(const struct attr *a, uint8_t number[8])
{
	CK_ULONG v;

	if (attr_kind(a->type) != ATTR_ULONG || a->value.len != sizeof(v))
		return buf_view(&a->value);
	memcpy(&v, a->value.data, sizeof(v));
	put_number(v, number);
	return view_of(number, 8);
}

/* HMAC(key, token | type | value): equal values of two tokens differ. */
static CK_RV
tag_of(struct view key, int64_t token, const struct attr *a,
    uint8_t out[TAG_LEN])
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	uint8_t head[16], number[8], mac[32];
	struct view parts[2];
	CK_RV rv;

	put_number((uint64_t)token, head);
	put_number(a->type, head + 8);
	parts[0] = view_of(head, sizeof(head));
	parts[1] = portable(a, number);
	if ((rv = hmac_once(sha256, key, parts, 2, mac)) == CKR_OK)
		memcpy(out, mac, TAG_LEN);
	return rv;
}

CK_RV
row_tags_of(struct view key, int64_t token, const struct attrs *a,
    struct row_tags *out)
{
	struct buf tag_k = BUF_EMPTY;
	const struct attr *found;
	CK_RV rv;
	int i;

	memset(out, 0, sizeof(*out));
	rv = row_key(key, "search", &tag_k);
	for (i = 0; i < TAGS && rv == CKR_OK; i++) {
		found = attrs_get(a, tagged[i]);
		if (found == NULL)
			continue;
		out->set[i] = true;
		rv = tag_of(buf_view(&tag_k), token, found, out->tag[i]);
	}
	buf_free(&tag_k);
	return rv;
}
