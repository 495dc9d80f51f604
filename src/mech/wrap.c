/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

/*
 * Keys under keys. A family that wraps as it encrypts needs no more than to
 * say so: here its operation is run over the whole key.
 */

/* The words of C_WrapKey and C_UnwrapKey for what is wrong with the data of
 * an encryption, and with its key. */
struct word {
	CK_RV from;
	CK_RV to;
};

enum { KEY_WORDS = 3 };

static const struct word data_words[] = {
	{ CKR_DATA_LEN_RANGE, CKR_KEY_SIZE_RANGE },
	{ CKR_DATA_INVALID, CKR_KEY_NOT_WRAPPABLE },
	{ CKR_ENCRYPTED_DATA_INVALID, CKR_WRAPPED_KEY_INVALID },
	{ CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_WRAPPED_KEY_LEN_RANGE },
	{ CKR_AEAD_DECRYPT_FAILED, CKR_WRAPPED_KEY_INVALID },
};

static const struct word wrapping_words[KEY_WORDS] = {
	{ CKR_KEY_HANDLE_INVALID, CKR_WRAPPING_KEY_HANDLE_INVALID },
	{ CKR_KEY_SIZE_RANGE, CKR_WRAPPING_KEY_SIZE_RANGE },
	{ CKR_KEY_TYPE_INCONSISTENT, CKR_WRAPPING_KEY_TYPE_INCONSISTENT },
};

static const struct word unwrapping_words[KEY_WORDS] = {
	{ CKR_KEY_HANDLE_INVALID, CKR_UNWRAPPING_KEY_HANDLE_INVALID },
	{ CKR_KEY_SIZE_RANGE, CKR_UNWRAPPING_KEY_SIZE_RANGE },
	{ CKR_KEY_TYPE_INCONSISTENT, CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT },
};

static CK_RV
say(const struct word *words, size_t count, CK_RV rv)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (words[i].from == rv)
			return words[i].to;
	return rv;
}

static CK_RV
data_rv(CK_RV rv)
{
	return say(data_words, ARRAY_LEN(data_words), rv);
}

static CK_RV
prepare(enum mech_use use, const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct mech_call *c)
{
	return say(use == MECH_WRAP ? wrapping_words : unwrapping_words,
	    KEY_WORDS, call_prepare(use, m, key, caps, c));
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
	return data_rv(rv);
}

CK_RV
mech_wrap(const CK_MECHANISM *m, struct key *key, const struct tpm_caps *caps,
    struct view plain, struct buf *wrapped)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = prepare(MECH_WRAP, m, key, caps, &c)) == CKR_OK)
		rv = data_rv(c.m->family->wrap != NULL ?
		    c.m->family->wrap(&c, plain, wrapped) :
		    wrap_whole(&c, MECH_ENCRYPT, plain, wrapped));
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

	if ((rv = prepare(MECH_WRAP, m, key, caps, &c)) != CKR_OK)
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

	if ((rv = prepare(MECH_UNWRAP, m, key, caps, &c)) == CKR_OK)
		rv = data_rv(c.m->family->unwrap != NULL ?
		    c.m->family->unwrap(&c, wrapped, plain) :
		    wrap_whole(&c, MECH_DECRYPT, wrapped, plain));
	call_free(&c);
	return rv;
}
