/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_MECH_AES_TEST_H
#define TEST_MECH_AES_TEST_H

/*
 * For the tests of AES mechanisms: the same key with its value known, in the
 * TPM, and in a TPM that has nothing but ECB. Include cmocka's needs first.
 */
#include "aes_key_test.h"
#include "mech_test.h"

enum { NEAR, FAR, POOR, PLACES };

struct places {
	struct buf value;
	struct key *keys[PLACES];
};

/* Takes value. */
static inline void
places_open(struct places *p, struct buf value)
{
	p->value = value;
	p->keys[NEAR] = secret_key(CKK_AES, buf_view(&value));
	p->keys[FAR] = tpm_aes_key(buf_view(&value),
	    TPM_USE_SIGN | TPM_USE_DECRYPT);
	p->keys[POOR] = key_ref(p->keys[FAR]);
}

static inline void
places_close(struct places *p)
{
	int i;

	for (i = 0; i < PLACES; i++)
		key_unref(&p->keys[i]);
	buf_free(&p->value);
	fake_tpm_ecb_only = false;
}

static inline struct key *
places_key(const struct places *p, int where)
{
	fake_tpm_ecb_only = where == POOR;
	return p->keys[where];
}

static inline void
add(struct buf *to, const struct buf *piece)
{
	assert_int_equal(buf_append(to, buf_view(piece)), CKR_OK);
}

/* What was foretold of the next output, and what came of it. */
static inline void
assert_foretold(const struct buf *got, size_t want, bool exact)
{
	if (exact)
		assert_int_equal(got->len, want);
	else
		assert_true(got->len <= want);
}

/* In pieces of at most most bytes, random ones when it is 0. */
static inline CK_RV
run_pieces(enum mech_use use, CK_MECHANISM m, struct key *key,
    struct view in, size_t most, struct buf *out)
{
	struct buf piece = BUF_EMPTY;
	struct mech_op *op = NULL;
	bool exact = false;
	size_t n, want;
	CK_RV rv;

	buf_clear(out);
	if ((rv = mech_start(use, &m, key, NULL, &op)) != CKR_OK)
		goto out;
	for (; rv == CKR_OK && in.len > 0; in = view_sub(in, n, in.len)) {
		n = most == 0 ? random_len(100) : most;
		n = n < in.len ? n : in.len;
		want = mech_output(op, n, false, &exact);
		if ((rv = mech_update(op, view_sub(in, 0, n), &piece)) !=
		    CKR_OK)
			goto out;
		assert_foretold(&piece, want, exact);
		add(out, &piece);
	}
	want = mech_output(op, 0, true, &exact);
	if ((rv = mech_finish(op, &piece)) != CKR_OK)
		goto out;
	assert_foretold(&piece, want, exact);
	add(out, &piece);
out:
	mech_end(&op);
	buf_free(&piece);
	return rv;
}

/* All at once: what a size query would say, and then the same. */
static inline CK_RV
run_whole(enum mech_use use, CK_MECHANISM m, struct key *key,
    struct view in, struct buf *out)
{
	struct mech_op *op = NULL;
	bool exact = false;
	size_t want;
	CK_RV rv;

	if ((rv = mech_start(use, &m, key, NULL, &op)) != CKR_OK)
		return rv;
	want = mech_output(op, in.len, true, &exact);
	mech_end(&op);
	rv = run_once(use, m, key, in, out);
	if (rv == CKR_OK)
		assert_foretold(out, want, exact);
	return rv;
}

static inline int
start_aes(void **state)
{
	random_start();
	return mech_test_start(state);
}

#endif
