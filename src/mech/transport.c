/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/transport.h"

#include "crypto/keywrap.h"

CK_RV
transport_aes_len(CK_ULONG bits, size_t *len)
{
	if (bits != 128 && bits != 192 && bits != 256)
		return CKR_MECHANISM_PARAM_INVALID;
	*len = bits / 8;
	return CKR_OK;
}

/* In half blocks, and one more that has the length. */
size_t
transport_len(size_t plain)
{
	return (plain + 7) / 8 * 8 + 8;
}

CK_RV
transport_wrap(struct view front, struct view aes, struct view plain,
    struct buf *out)
{
	const struct aes_key key = { .value = aes };
	struct buf all = BUF_EMPTY, rest = BUF_EMPTY;
	CK_RV rv;

	if ((rv = keywrap(KEYWRAP_KWP, &key, VIEW_EMPTY, plain, &rest)) !=
	    CKR_OK ||
	    (rv = buf_append(&all, front)) != CKR_OK ||
	    (rv = buf_append(&all, buf_view(&rest))) != CKR_OK)
		goto out;
	buf_move(out, &all);
out:
	buf_free(&all);
	buf_free(&rest);
	return rv;
}

CK_RV
transport_unwrap(struct view aes, struct view rest, struct buf *plain)
{
	const struct aes_key key = { .value = aes };

	return keyunwrap(KEYWRAP_KWP, &key, VIEW_EMPTY, rest, plain);
}
