/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

/*
 * Keys under keys. A family that wraps as it encrypts needs no more than to
 * say so: here its operation is run over the whole key.
 */

/* The words of C_WrapKey and C_UnwrapKey for what is wrong with the data of
 * an encryption. */
static CK_RV
wrapping_rv(CK_RV rv)
{
	static const CK_RV words[][2] = {
		{ CKR_DATA_LEN_RANGE, CKR_KEY_SIZE_RANGE },
		{ CKR_DATA_INVALID, CKR_KEY_NOT_WRAPPABLE },
		{ CKR_ENCRYPTED_DATA_INVALID, CKR_WRAPPED_KEY_INVALID },
		{ CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_WRAPPED_KEY_LEN_RANGE },
		{ CKR_AEAD_DECRYPT_FAILED, CKR_WRAPPED_KEY_INVALID },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (words[i][0] == rv)
			return words[i][1];
	return rv;
}

CK_RV
wrap_whole(const struct mech_call *c, enum mech_use use, struct view in,
    struct buf *out)
{
	struct buf first = BUF_EMPTY, last = BUF_EMPTY;
	struct mech_op *op = NULL;
	CK_RV rv;

	if ((rv = op_open(use, c, NULL, NULL, &op)) != CKR_OK ||
	    (rv = mech_update(op, in, &first)) != CKR_OK ||
	    (rv = mech_finish(op, &last)) != CKR_OK ||
	    (rv = buf_append(&first, buf_view(&last))) != CKR_OK)
		goto out;
	buf_move(out, &first);
out:
	mech_end(&op);
	buf_free(&first);
	buf_free(&last);
	return wrapping_rv(rv);
}

CK_RV
mech_wrap(const CK_MECHANISM *m, struct key *key, const struct tpm_caps *caps,
    struct view plain, struct buf *wrapped)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_WRAP, m, key, caps, &c)) == CKR_OK)
		rv = c.m->family->wrap != NULL ?
		    c.m->family->wrap(&c, plain, wrapped) :
		    wrap_whole(&c, MECH_ENCRYPT, plain, wrapped);
	call_free(&c);
	return rv;
}

static CK_RV
encrypted_len(const struct mech_call *c, size_t plain, size_t *len,
    bool *exact)
{
	struct mech_op *op = NULL;
	CK_RV rv;

	if ((rv = op_open(MECH_ENCRYPT, c, NULL, NULL, &op)) == CKR_OK)
		*len = mech_output(op, plain, true, exact);
	mech_end(&op);
	return rv;
}

CK_RV
mech_wrapped_len(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, size_t plain, size_t *len, bool *exact)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_WRAP, m, key, caps, &c)) != CKR_OK)
		goto out;
	if (c.m->family->wrapped_len == NULL) {
		rv = encrypted_len(&c, plain, len, exact);
		goto out;
	}
	*exact = true;
	*len = c.m->family->wrapped_len(&c, plain);
out:
	call_free(&c);
	return rv;
}

CK_RV
mech_unwrap(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct view wrapped, struct buf *plain)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_UNWRAP, m, key, caps, &c)) == CKR_OK)
		rv = c.m->family->unwrap != NULL ?
		    c.m->family->unwrap(&c, wrapped, plain) :
		    wrap_whole(&c, MECH_DECRYPT, wrapped, plain);
	call_free(&c);
	return rv;
}
