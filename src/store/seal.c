/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <string.h>

#include "crypto/aes.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "store/internal.h"

enum { KEY_LEN = 32 };

CK_RV
row_key(struct view key, const char *purpose, struct buf *out)
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	struct view part = view_str(purpose);
	CK_RV rv;

	assert(key.len == KEY_LEN);
	if ((rv = buf_resize(out, KEY_LEN)) != CKR_OK)
		return rv;
	return hmac_once(sha256, key, &part, 1, out->data);
}

CK_RV
row_number(struct buf *b, uint64_t v)
{
	uint8_t bytes[8];
	int i;

	for (i = 7; i >= 0; i--) {
		bytes[i] = (uint8_t)v;
		v >>= 8;
	}
	return buf_append(b, view_of(bytes, sizeof(bytes)));
}

static CK_RV
append_tags(struct buf *b, const struct row_tags *tags)
{
	uint8_t set;
	CK_RV rv = CKR_OK;
	int i;

	for (i = 0; i < TAGS && rv == CKR_OK; i++) {
		set = tags->set[i] ? 1 : 0;
		rv = buf_append(b, view_of(&set, 1));
		if (rv == CKR_OK && tags->set[i])
			rv = buf_append(b, view_of(tags->tag[i], TAG_LEN));
	}
	return rv;
}

/* SHA-256 of the public area, its length before it, and the private area. */
static CK_RV
append_blobs(struct buf *b, const struct object_row *row)
{
	struct buf len = BUF_EMPTY, digest = BUF_EMPTY;
	struct view parts[3];
	CK_RV rv;

	if ((rv = row_number(&len, row->public_area.len)) != CKR_OK)
		goto out;
	parts[0] = buf_view(&len);
	parts[1] = buf_view(&row->public_area);
	parts[2] = buf_view(&row->private_area);
	if ((rv = digest_once(hash_by_mech(CKM_SHA256), parts, 3,
	    &digest)) == CKR_OK)
		rv = buf_append(b, buf_view(&digest));
out:
	buf_free(&len);
	buf_free(&digest);
	return rv;
}

/* All of the row that is not in the body, so none of it can be edited,
 * swapped with another row's, or taken back to an older state alone. */
static CK_RV
bound(const struct object_row *row, struct buf *aad)
{
	CK_RV rv;

	if ((rv = buf_append(aad,
	    view_str("tpm2-cryptoki object 1"))) != CKR_OK ||
	    (rv = row_number(aad, (uint64_t)row->token)) != CKR_OK ||
	    (rv = row_number(aad, (uint64_t)row->id)) != CKR_OK ||
	    (rv = row_number(aad, row->version)) != CKR_OK ||
	    (rv = row_number(aad, row->private ? 1 : 0)) != CKR_OK ||
	    (rv = append_tags(aad, &row->tags)) != CKR_OK)
		return rv;
	return append_blobs(aad, row);
}

/* GCM's tag goes to a column of its own, which an index holds too. */
CK_RV
row_seal(struct view key, struct view plain, struct object_row *row)
{
	struct buf row_k = BUF_EMPTY, aad = BUF_EMPTY;
	CK_RV rv;

	if ((rv = row_key(key, "row", &row_k)) != CKR_OK ||
	    (rv = bound(row, &aad)) != CKR_OK ||
	    (rv = aes_gcm_seal(buf_view(&row_k), buf_view(&aad), plain,
	    &row->body)) != CKR_OK)
		goto out;
	memcpy(row->mac, row->body.data + row->body.len - TAG_LEN, TAG_LEN);
	rv = buf_resize(&row->body, row->body.len - TAG_LEN);
out:
	buf_free(&row_k);
	buf_free(&aad);
	return rv;
}

CK_RV
row_open(struct view key, const struct object_row *row, struct buf *plain)
{
	struct buf row_k = BUF_EMPTY, aad = BUF_EMPTY, sealed = BUF_EMPTY;
	CK_RV rv;

	if ((rv = row_key(key, "row", &row_k)) != CKR_OK ||
	    (rv = bound(row, &aad)) != CKR_OK ||
	    (rv = buf_set(&sealed, buf_view(&row->body))) != CKR_OK ||
	    (rv = buf_append(&sealed, view_of(row->mac, TAG_LEN))) != CKR_OK)
		goto out;
	rv = aes_gcm_open(buf_view(&row_k), buf_view(&aad), buf_view(&sealed),
	    plain);
out:
	buf_free(&row_k);
	buf_free(&aad);
	buf_free(&sealed);
	return rv;
}
