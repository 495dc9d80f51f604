/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/kdf.h"

#include <string.h>

#include "crypto/internal.h"
#include "crypto/mac.h"

/*
 * All these derivations are blocks of a hash or HMAC over the same parts,
 * of which one is a counter from 1 on.
 */
struct blocks {
	const struct hash *hash;
	const struct view *key;		/* of an HMAC; NULL for a bare hash */
	const struct view *parts;
	size_t count;
	uint8_t *counter;		/* the bytes that one of parts shows */
};

static CK_RV
block(const struct blocks *b, uint8_t *out)
{
	if (b->key != NULL)
		return hmac_once(b->hash, *b->key, b->parts, b->count, out);
	return digest_bytes(b->hash, b->parts, b->count, out);
}

static CK_RV
derive(const struct blocks *b, size_t len, struct buf *out)
{
	struct buf value = BUF_EMPTY;
	uint8_t one[HASH_SIZE_MAX];
	size_t size = b->hash->size, off;
	uint32_t i = 0;
	CK_RV rv;

	/* "bits" is 32 bits wide in the TPM; the counter lasts longer. */
	if (len > UINT32_MAX / 8)
		return CKR_KEY_SIZE_RANGE;
	if ((rv = buf_resize(&value, len)) != CKR_OK)
		goto out;
	for (off = 0; off < len; off += size) {
		store_be32(b->counter, ++i);
		if ((rv = block(b, one)) != CKR_OK)
			goto out;
		memcpy(value.data + off, one,
		    len - off < size ? len - off : size);
	}
	buf_move(out, &value);
out:
	wipe(one, sizeof(one));
	buf_free(&value);
	return rv;
}

CK_RV
kdf_x963(const struct hash *hash, struct view z, struct view shared,
    size_t len, struct buf *out)
{
	uint8_t counter[4];
	struct view parts[] = { z, { counter, 4 }, shared };
	struct blocks b = { hash, NULL, parts, ARRAY_LEN(parts), counter };

	return derive(&b, len, out);
}

CK_RV
kdf_concat(const struct hash *hash, struct view z, struct view info,
    size_t len, struct buf *out)
{
	uint8_t counter[4];
	struct view parts[] = { { counter, 4 }, z, info };
	struct blocks b = { hash, NULL, parts, ARRAY_LEN(parts), counter };

	return derive(&b, len, out);
}

CK_RV
kdfa(const struct hash *hash, struct view key, const char *label,
    struct view context_u, struct view context_v, size_t len,
    struct buf *out)
{
	uint8_t counter[4], bits[4];
	struct view parts[] = {
		{ counter, 4 }, view_of(label, strlen(label) + 1),
		context_u, context_v, { bits, 4 }
	};
	struct blocks b = { hash, &key, parts, ARRAY_LEN(parts), counter };

	store_be32(bits, (uint32_t)(len * 8));
	return derive(&b, len, out);
}

CK_RV
kdfe(const struct hash *hash, struct view z, const char *label,
    struct view party_u, struct view party_v, size_t len, struct buf *out)
{
	uint8_t counter[4];
	struct view parts[] = {
		{ counter, 4 }, z, view_of(label, strlen(label) + 1),
		party_u, party_v
	};
	struct blocks b = { hash, NULL, parts, ARRAY_LEN(parts), counter };

	return derive(&b, len, out);
}
