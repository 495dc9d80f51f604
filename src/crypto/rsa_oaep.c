/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/rsa_pad.h"

#include <string.h>

#include "crypto/crypto.h"
#include "crypto/ct.h"
#include "crypto/internal.h"

/*
 * EM = 00 | seed ^ MGF(DB) | DB ^ MGF(seed), where
 * DB = Hash(label) | 00 ... | 01 | message (RFC 8017, 7.1).
 */

CK_RV
mgf1_xor(const struct hash *hash, struct view seed, uint8_t *data, size_t len)
{
	uint8_t counter[4], mask[HASH_SIZE_MAX];
	struct view parts[] = { seed, { counter, 4 } };
	size_t off, i, n;
	uint32_t c = 0;
	CK_RV rv = CKR_OK;

	for (off = 0; off < len && rv == CKR_OK; off += n) {
		n = len - off < hash->size ? len - off : hash->size;
		store_be32(counter, c++);
		rv = digest_bytes(hash, parts, ARRAY_LEN(parts), mask);
		for (i = 0; rv == CKR_OK && i < n; i++)
			data[off + i] ^= mask[i];
	}
	wipe(mask, sizeof(mask));
	return rv;
}

size_t
rsa_oaep_max(const struct oaep *p, size_t k)
{
	size_t overhead = 2 * p->hash->size + 2;

	return k > overhead ? k - overhead : 0;
}

CK_RV
rsa_pad_oaep(const struct oaep *p, struct view data, size_t k, struct buf *em)
{
	size_t h = p->hash->size, db_len;
	struct buf b = BUF_EMPTY;
	uint8_t *seed, *db;
	CK_RV rv;

	if (k < 2 * h + 2 || data.len > k - 2 * h - 2)
		return CKR_DATA_LEN_RANGE;
	if ((rv = buf_resize(&b, k)) != CKR_OK)
		goto out;
	seed = b.data + 1;
	db = seed + h;
	db_len = k - h - 1;
	db[db_len - data.len - 1] = 1;
	if (data.len > 0)
		memcpy(db + db_len - data.len, data.data, data.len);
	if ((rv = digest_bytes(p->hash, &p->label, 1, db)) != CKR_OK ||
	    (rv = crypto_random(seed, h)) != CKR_OK ||
	    (rv = mgf1_xor(p->mgf, view_of(seed, h), db, db_len)) != CKR_OK ||
	    (rv = mgf1_xor(p->mgf, view_of(db, db_len), seed, h)) != CKR_OK)
		goto out;
	buf_move(em, &b);
out:
	buf_free(&b);
	return rv;
}

/* Where in db the message begins; *good says whether db is right. */
static size_t
find_message(struct view db, struct view label_hash, ct_mask *good)
{
	size_t i, one = 0, wrong = 0;
	ct_mask found = 0, is_one;

	for (i = 0; i < label_hash.len; i++)
		wrong |= (size_t)(db.data[i] ^ label_hash.data[i]);
	for (; i < db.len; i++) {
		is_one = ct_equal(db.data[i], 1);
		one = ct_select(~found & is_one, i, one);
		found |= is_one;
		/* Before the 01 there are only zeros. */
		wrong |= ~found & db.data[i];
	}
	*good = found & ct_zero(wrong);
	return one + 1;
}

static CK_RV
unmask(const struct oaep *p, struct buf *b)
{
	size_t h = p->hash->size, db_len = b->len - h - 1;
	uint8_t *seed = b->data + 1, *db = seed + h;
	CK_RV rv;

	if ((rv = mgf1_xor(p->mgf, view_of(db, db_len), seed, h)) != CKR_OK)
		return rv;
	return mgf1_xor(p->mgf, view_of(seed, h), db, db_len);
}

CK_RV
rsa_unpad_oaep(const struct oaep *p, struct view em, struct buf *data)
{
	uint8_t label_hash[HASH_SIZE_MAX];
	size_t h = p->hash->size, from;
	struct buf b = BUF_EMPTY;
	struct view db;
	ct_mask good;
	CK_RV rv;

	if (em.len < 2 * h + 2)
		return CKR_ENCRYPTED_DATA_INVALID;
	if ((rv = digest_bytes(p->hash, &p->label, 1, label_hash)) != CKR_OK ||
	    (rv = buf_set(&b, em)) != CKR_OK || (rv = unmask(p, &b)) != CKR_OK)
		goto out;
	db = view_sub(buf_view(&b), 1 + h, b.len);
	from = find_message(db, view_of(label_hash, h), &good);
	good &= ct_zero(em.data[0]);
	/* Also without a message, so that both ways take as long. */
	ct_shift(b.data, b.len, 1 + h + from);
	if (good == 0) {
		rv = CKR_ENCRYPTED_DATA_INVALID;
		goto out;
	}
	if ((rv = buf_resize(&b, db.len - from)) != CKR_OK)
		goto out;
	buf_move(data, &b);
out:
	buf_free(&b);
	return rv;
}
