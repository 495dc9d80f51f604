/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/uuid.h"

#include "crypto/digest.h"

#define UUID_LEN 16

/* Drawn at random once; another one would rename what stores hold. */
static const uint8_t name_space[UUID_LEN] = {
	0x0e, 0xd8, 0xb1, 0xaa, 0x69, 0xec, 0x4f, 0x63,
	0x87, 0x7f, 0xb6, 0x09, 0x40, 0xfd, 0xe6, 0xeb
};

/* 8-4-4-4-12 digits. */
static CK_RV
append_text(const uint8_t uuid[UUID_LEN], struct buf *text)
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 };
	size_t i, off = 0;
	CK_RV rv;

	for (i = 0; i < ARRAY_LEN(groups); i++) {
		if ((i > 0 &&
		    (rv = buf_append(text, view_str("-"))) != CKR_OK) ||
		    (rv = hex_append(view_of(uuid + off, groups[i]), text)) !=
		    CKR_OK)
			return rv;
		off += groups[i];
	}
	return CKR_OK;
}

CK_RV
uuid_v5(struct view name, struct buf *text)
{
	struct view parts[] = { { name_space, UUID_LEN }, name };
	struct buf sha = BUF_EMPTY, t = BUF_EMPTY;
	CK_RV rv;

	if ((rv = digest_once(hash_by_mech(CKM_SHA_1), parts,
	    ARRAY_LEN(parts), &sha)) != CKR_OK)
		goto out;
	sha.data[6] = (uint8_t)((sha.data[6] & 0x0f) | 0x50);
	sha.data[8] = (uint8_t)((sha.data[8] & 0x3f) | 0x80);
	if ((rv = append_text(sha.data, &t)) != CKR_OK)
		goto out;
	buf_move(text, &t);
out:
	buf_free(&sha);
	buf_free(&t);
	return rv;
}
