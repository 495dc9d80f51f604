/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/hkdf.h"

#include <string.h>

#include "crypto/mac.h"

CK_RV
hkdf_extract(const struct hash *hash, struct view salt, struct view secret,
    struct buf *out)
{
	struct buf key = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&key, hash->size)) == CKR_OK &&
	    (rv = hmac_once(hash, salt, &secret, 1, key.data)) == CKR_OK)
		buf_move(out, &key);
	buf_free(&key);
	return rv;
}

CK_RV
hkdf_expand(const struct prf *prf, struct view info, size_t len,
    struct buf *out)
{
	struct buf value = BUF_EMPTY;
	uint8_t t[PRF_SIZE_MAX], i = 0;
	struct view parts[] = { { t, 0 }, info, { &i, 1 } };
	size_t at, n;
	CK_RV rv;

	if (len > 255 * prf->size)
		return CKR_KEY_SIZE_RANGE;
	if ((rv = buf_resize(&value, len)) != CKR_OK)
		goto out;
	for (at = 0; at < len; at += n) {
		i++;
		if ((rv = prf_run(prf, parts, ARRAY_LEN(parts), t)) != CKR_OK)
			goto out;
		parts[0].len = prf->size;
		n = len - at < prf->size ? len - at : prf->size;
		memcpy(value.data + at, t, n);
	}
	buf_move(out, &value);
out:
	wipe(t, sizeof(t));
	buf_free(&value);
	return rv;
}
