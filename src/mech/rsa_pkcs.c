/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/rsa.h"

#include "crypto/rsa_pad.h"

/*
 * PKCS#1 v1.5: CKM_RSA_PKCS (PKCS#11 3.x, 6.1.6), which takes ready data,
 * and its hash-and-sign rows (6.1.12 and after), which put the DigestInfo in
 * front of the digest.
 */
#define OVERHEAD 11

/* What is padded: the input, or DigestInfo and digest. */
static CK_RV
sign_data(const struct mech_call *c, struct view in, struct buf *data)
{
	CK_RV rv;

	buf_clear(data);
	if (c->params.hash != NULL &&
	    (rv = buf_append(data, c->params.hash->digest_info)) != CKR_OK)
		return rv;
	return buf_append(data, in);
}

static CK_RV
encode(const struct mech_call *c, struct view in, struct buf *em)
{
	struct buf data = BUF_EMPTY;
	CK_RV rv;

	if ((rv = sign_data(c, in, &data)) != CKR_OK)
		goto out;
	rv = rsa_pad_sign(buf_view(&data), rsa_len(c), em);
out:
	buf_free(&data);
	return rv;
}

static CK_RV
sign(const struct mech_call *c, struct view in, struct buf *out)
{
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = encode(c, in, &em)) != CKR_OK)
		goto out;
	rv = rsa_private(c, buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

/* Encoding once more and comparing leaves no room for lenient parsing. */
static CK_RV
verify(const struct mech_call *c, struct view in, struct view signature)
{
	struct buf want = BUF_EMPTY;
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_open_signature(c, signature, &em)) != CKR_OK ||
	    (rv = encode(c, in, &want)) != CKR_OK)
		goto out;
	if (!view_equal(buf_view(&em), buf_view(&want)))
		rv = CKR_SIGNATURE_INVALID;
out:
	buf_free(&em);
	buf_free(&want);
	return rv;
}

static CK_RV
verify_recover(const struct mech_call *c, struct view signature,
    struct buf *out)
{
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_open_signature(c, signature, &em)) != CKR_OK)
		goto out;
	rv = rsa_unpad_sign(buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

static CK_RV
encrypt(const struct mech_call *c, struct view in, struct buf *out)
{
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_pad_encrypt(in, rsa_len(c), &em)) != CKR_OK)
		goto out;
	rv = rsa_public(c, buf_view(&em), out);
out:
	buf_free(&em);
	return rv;
}

/* All but the padding is checked and computed before the padding is looked
 * at, so that nothing after it can tell good from bad (rsa_pad.h). */
static CK_RV
decrypt(const struct mech_call *c, struct view in, struct buf *out)
{
	struct buf secret = BUF_EMPTY;
	struct buf em = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_secret(c, &secret)) != CKR_OK ||
	    (rv = rsa_open(c, in, &em)) != CKR_OK)
		goto out;
	rv = rsa_unpad_encrypt(buf_view(&em), buf_view(&secret), in, out);
out:
	buf_free(&em);
	buf_free(&secret);
	return rv;
}

/* Does this use take, or give, the whole modulus and not data? */
static bool
takes_modulus(enum mech_use use)
{
	return use == MECH_DECRYPT || use == MECH_VERIFY_RECOVER;
}

static size_t
limit(const struct mech_call *c, enum mech_use use)
{
	return takes_modulus(use) ? rsa_len(c) : rsa_len(c) - OVERHEAD;
}

static size_t
output(const struct mech_call *c, enum mech_use use, bool *exact)
{
	*exact = !takes_modulus(use);
	return *exact ? rsa_len(c) : rsa_len(c) - OVERHEAD;
}

const struct mech_family rsa_pkcs_family = {
	.clause = "6.1",
	.flags = CKF_HW,
	.sizes = rsa_sizes,
	.messages = MECH_SIGNS_MESSAGES,
	.limit = limit,
	.run = {
		[MECH_ENCRYPT] = encrypt,
		[MECH_DECRYPT] = decrypt,
		[MECH_SIGN] = sign,
		[MECH_SIGN_RECOVER] = sign,
		[MECH_VERIFY_RECOVER] = verify_recover,
	},
	.wraps = true,
	.verify = verify,
	.output = output,
};

const struct mech_family rsa_pkcs_hash_family = {
	.clause = "6.1",
	.flags = CKF_HW,
	.sizes = rsa_sizes,
	.messages = MECH_SIGNS_MESSAGES,
	.run = { [MECH_SIGN] = sign },
	.verify = verify,
	.output = rsa_output_len,
};
