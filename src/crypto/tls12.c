/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/tls12.h"

#include <string.h>

CK_RV
tls12_prf(const struct prf *prf, struct view label, struct view first,
    struct view second, size_t len, struct buf *out)
{
	struct buf value = BUF_EMPTY;
	uint8_t a[PRF_SIZE_MAX], one[PRF_SIZE_MAX];
	struct view parts[] = { { a, prf->size }, label, first, second };
	size_t at, n;
	CK_RV rv;

	/* A(1) is of the seed, each later one of the one before. */
	if ((rv = buf_resize(&value, len)) != CKR_OK ||
	    (rv = prf_run(prf, parts + 1, 3, a)) != CKR_OK)
		goto out;
	for (at = 0; at < len; at += n) {
		if ((rv = prf_run(prf, parts, ARRAY_LEN(parts), one)) !=
		    CKR_OK || (rv = prf_run(prf, parts, 1, a)) != CKR_OK)
			goto out;
		n = len - at < prf->size ? len - at : prf->size;
		memcpy(value.data + at, one, n);
	}
	buf_move(out, &value);
out:
	wipe(a, sizeof(a));
	wipe(one, sizeof(one));
	buf_free(&value);
	return rv;
}
