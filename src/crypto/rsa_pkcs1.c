/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/rsa_pad.h"

#include <string.h>

#include "crypto/crypto.h"
#include "crypto/ct.h"
#include "crypto/internal.h"
#include "crypto/mac.h"

/* 00 | type | at least 8 bytes of padding | 00 | data */
#define HEAD_LEN 2
#define PADDING_MIN 8
#define OVERHEAD (HEAD_LEN + PADDING_MIN + 1)

#define TYPE_SIGN 1
#define TYPE_ENCRYPT 2

/* em of k bytes with head, a gap for the padding, the 00 and data. */
static CK_RV
frame(struct view data, size_t k, uint8_t type, struct buf *em)
{
	CK_RV rv;

	if (k < OVERHEAD || data.len > k - OVERHEAD)
		return CKR_DATA_LEN_RANGE;
	if ((rv = buf_resize(em, k)) != CKR_OK)
		return rv;
	em->data[1] = type;
	if (data.len > 0)
		memcpy(em->data + k - data.len, data.data, data.len);
	return CKR_OK;
}

CK_RV
rsa_pad_sign(struct view data, size_t k, struct buf *em)
{
	struct buf b = BUF_EMPTY;
	CK_RV rv;

	if ((rv = frame(data, k, TYPE_SIGN, &b)) != CKR_OK)
		goto out;
	memset(b.data + HEAD_LEN, 0xff, k - data.len - HEAD_LEN - 1);
	buf_move(em, &b);
out:
	buf_free(&b);
	return rv;
}

CK_RV
rsa_unpad_sign(struct view em, struct buf *data)
{
	size_t i = HEAD_LEN;

	if (em.len < OVERHEAD || em.data[0] != 0 || em.data[1] != TYPE_SIGN)
		return CKR_SIGNATURE_INVALID;
	while (i < em.len && em.data[i] == 0xff)
		i++;
	if (i < HEAD_LEN + PADDING_MIN || i == em.len || em.data[i] != 0)
		return CKR_SIGNATURE_INVALID;
	return buf_set(data, view_sub(em, i + 1, em.len));
}

/* n random bytes, none of them zero. */
static CK_RV
random_nonzero(uint8_t *out, size_t n)
{
	uint8_t pool[64];
	size_t i, used = 0;
	CK_RV rv = CKR_OK;

	while (used < n && rv == CKR_OK) {
		rv = crypto_random(pool, sizeof(pool));
		for (i = 0; rv == CKR_OK && i < sizeof(pool) && used < n; i++)
			if (pool[i] != 0)
				out[used++] = pool[i];
	}
	wipe(pool, sizeof(pool));
	return rv;
}

CK_RV
rsa_pad_encrypt(struct view data, size_t k, struct buf *em)
{
	struct buf b = BUF_EMPTY;
	CK_RV rv;

	if ((rv = frame(data, k, TYPE_ENCRYPT, &b)) != CKR_OK ||
	    (rv = random_nonzero(b.data + HEAD_LEN,
	    k - data.len - HEAD_LEN - 1)) != CKR_OK)
		goto out;
	buf_move(em, &b);
out:
	buf_free(&b);
	return rv;
}

#define TRIES 128
#define KDK_LEN 32

/* The draft's pseudo-random function: HMAC(kdk, i16 | label | bits16). */
static CK_RV
prf(const uint8_t kdk[KDK_LEN], const char *label, uint8_t *out, size_t len)
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	uint8_t i16[2], bits16[2], one[HASH_SIZE_MAX];
	struct view parts[] = { { i16, 2 }, view_str(label), { bits16, 2 } };
	size_t off, n;
	CK_RV rv = CKR_OK;

	bits16[0] = (uint8_t)(len * 8 >> 8);
	bits16[1] = (uint8_t)(len * 8);
	for (off = 0; off < len && rv == CKR_OK; off += n) {
		n = len - off < KDK_LEN ? len - off : KDK_LEN;
		i16[0] = (uint8_t)(off / KDK_LEN >> 8);
		i16[1] = (uint8_t)(off / KDK_LEN);
		rv = hmac_once(sha256, view_of(kdk, KDK_LEN), parts,
		    ARRAY_LEN(parts), one);
		if (rv == CKR_OK)
			memcpy(out + off, one, n);
	}
	wipe(one, sizeof(one));
	return rv;
}

/* HMAC(SHA-256(secret), ciphertext) */
static CK_RV
derive_kdk(struct view secret, struct view ciphertext, uint8_t kdk[KDK_LEN])
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	uint8_t key[KDK_LEN];
	CK_RV rv;

	if ((rv = digest_bytes(sha256, &secret, 1, key)) != CKR_OK)
		goto out;
	rv = hmac_once(sha256, view_of(key, sizeof(key)), &ciphertext, 1, kdk);
out:
	wipe(key, sizeof(key));
	return rv;
}

/*
 * The length of the alternative message: the last of the candidates, cut to
 * the bits of the longest message, that is shorter than limit.
 */
static size_t
choose_length(const uint8_t candidates[2 * TRIES], size_t limit)
{
	size_t mask = limit, len = 0, c, i;

	for (i = 1; i < sizeof(mask) * CHAR_BIT; i <<= 1)
		mask |= mask >> i;
	for (i = 0; i < TRIES; i++) {
		c = ((size_t)candidates[2 * i] << 8 | candidates[2 * i + 1]) &
		    mask;
		len = ct_select(ct_less(c, limit), c, len);
	}
	return len;
}

/* Where the data begins; *good says whether the padding is right. */
static size_t
find_data(struct view em, ct_mask *good)
{
	size_t zero = 0, i;
	ct_mask found = 0, is_zero;

	*good = ct_zero(em.data[0]) & ct_equal(em.data[1], TYPE_ENCRYPT);
	for (i = HEAD_LEN; i < em.len; i++) {
		is_zero = ct_zero(em.data[i]);
		zero = ct_select(~found & is_zero, i, zero);
		found |= is_zero;
	}
	/* Without any 00, zero is 0. */
	*good &= ~ct_less(zero, HEAD_LEN + PADDING_MIN);
	return zero + 1;
}

/*
 * message holds as many bytes as em, of which the last alternative_len are
 * the alternative. Leaves the right message at its front; returns its length.
 */
static size_t
choose_message(struct view em, uint8_t *message, size_t alternative_len)
{
	ct_mask good;
	size_t from, i;

	from = find_data(em, &good);
	from = ct_select(good, from, em.len - alternative_len);
	for (i = 0; i < em.len; i++)
		message[i] = (uint8_t)ct_select(good, em.data[i], message[i]);
	ct_shift(message, em.len, from);
	return em.len - from;
}

CK_RV
rsa_unpad_encrypt(struct view em, struct view secret, struct view ciphertext,
    struct buf *data)
{
	struct buf message = BUF_EMPTY;
	uint8_t kdk[KDK_LEN], candidates[2 * TRIES];
	size_t len;
	CK_RV rv;

	if (em.len < OVERHEAD || em.len > UINT16_MAX / 8)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	if ((rv = buf_resize(&message, em.len)) != CKR_OK ||
	    (rv = derive_kdk(secret, ciphertext, kdk)) != CKR_OK ||
	    (rv = prf(kdk, "message", message.data, em.len)) != CKR_OK ||
	    (rv = prf(kdk, "length", candidates, sizeof(candidates))) !=
	    CKR_OK)
		goto out;
	len = choose_message(em, message.data,
	    choose_length(candidates, em.len - HEAD_LEN - PADDING_MIN));
	/* The caller learns the length in any case. */
	if ((rv = buf_resize(&message, len)) != CKR_OK)
		goto out;
	buf_move(data, &message);
out:
	wipe(kdk, sizeof(kdk));
	wipe(candidates, sizeof(candidates));
	buf_free(&message);
	return rv;
}
