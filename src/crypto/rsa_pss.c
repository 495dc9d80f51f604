/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/rsa_pad.h"

#include <string.h>

#include "crypto/crypto.h"
#include "crypto/internal.h"

#define TRAILER 0xbc

/*
 * EM = DB ^ MGF(H) | H | bc, where H = Hash(eight 00 | digest | salt) and
 * DB = 00 ... | 01 | salt (RFC 8017, 9.1). EM has one bit less than the
 * modulus, so it may be a byte shorter; it then stands after a 00.
 */
struct layout {
	size_t k;	/* bytes of the modulus */
	size_t skip;	/* bytes before EM: 0 or 1 */
	size_t db_len;
	size_t salt_at;	/* in DB */
	uint8_t top;	/* the bits of EM's first byte that may be set */
};

static CK_RV
lay_out(const struct pss *p, size_t bits, struct layout *l)
{
	size_t em_len, h = p->hash->size;

	if (bits < 2)
		return CKR_KEY_SIZE_RANGE;
	l->k = (bits + 7) / 8;
	em_len = (bits - 1 + 7) / 8;
	l->skip = l->k - em_len;
	if (em_len < h + 2 || p->salt_len > em_len - h - 2)
		return CKR_KEY_SIZE_RANGE;
	l->db_len = em_len - h - 1;
	l->salt_at = l->db_len - p->salt_len;
	l->top = (uint8_t)(0xff >> (8 * em_len - (bits - 1)));
	return CKR_OK;
}

static CK_RV
hash_salted(const struct pss *p, struct view digest, struct view salt,
    uint8_t *out)
{
	static const uint8_t zeros[8];
	struct view parts[] = { { zeros, sizeof(zeros) }, digest, salt };

	return digest_bytes(p->hash, parts, ARRAY_LEN(parts), out);
}

CK_RV
rsa_pad_pss(const struct pss *p, struct view digest, size_t bits,
    struct buf *em)
{
	size_t h = p->hash->size;
	struct buf b = BUF_EMPTY;
	struct layout l;
	uint8_t *db, *salt;
	CK_RV rv;

	if (digest.len != h)
		return CKR_DATA_LEN_RANGE;
	if ((rv = lay_out(p, bits, &l)) != CKR_OK ||
	    (rv = buf_resize(&b, l.k)) != CKR_OK)
		goto out;
	db = b.data + l.skip;
	salt = db + l.salt_at;
	salt[-1] = 1;
	if ((rv = crypto_random(salt, p->salt_len)) != CKR_OK ||
	    (rv = hash_salted(p, digest, view_of(salt, p->salt_len),
	    db + l.db_len)) != CKR_OK ||
	    (rv = mgf1_xor(p->mgf, view_of(db + l.db_len, h), db,
	    l.db_len)) != CKR_OK)
		goto out;
	db[0] &= l.top;
	b.data[l.k - 1] = TRAILER;
	buf_move(em, &b);
out:
	buf_free(&b);
	return rv;
}

/* What of em can be seen before the mask is off. */
static bool
frame_is_right(const struct layout *l, struct view em)
{
	return em.len == l->k && (l->skip == 0 || em.data[0] == 0) &&
	    (em.data[l->skip] & (uint8_t)~l->top) == 0 &&
	    em.data[l->k - 1] == TRAILER;
}

CK_RV
rsa_check_pss(const struct pss *p, struct view digest, size_t bits,
    struct view em)
{
	static const uint8_t one = 1;
	uint8_t expected[HASH_SIZE_MAX];
	struct buf b = BUF_EMPTY;
	struct view h, salt;
	struct layout l;
	CK_RV rv;

	if (digest.len != p->hash->size)
		return CKR_DATA_LEN_RANGE;
	if ((rv = lay_out(p, bits, &l)) != CKR_OK)
		goto out;
	if (!frame_is_right(&l, em)) {
		rv = CKR_SIGNATURE_INVALID;
		goto out;
	}
	h = view_sub(em, l.skip + l.db_len, p->hash->size);
	if ((rv = buf_set(&b, view_sub(em, l.skip, l.db_len))) != CKR_OK ||
	    (rv = mgf1_xor(p->mgf, h, b.data, b.len)) != CKR_OK)
		goto out;
	b.data[0] &= l.top;
	salt = view_sub(buf_view(&b), l.salt_at, p->salt_len);
	if ((rv = hash_salted(p, digest, salt, expected)) != CKR_OK)
		goto out;
	if (!view_is_zero(view_sub(buf_view(&b), 0, l.salt_at - 1)) ||
	    !view_equal(view_sub(buf_view(&b), l.salt_at - 1, 1),
	    view_of(&one, 1)) ||
	    !view_equal(h, view_of(expected, p->hash->size)))
		rv = CKR_SIGNATURE_INVALID;
out:
	buf_free(&b);
	return rv;
}
