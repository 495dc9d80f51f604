/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UNIT_RSA_TEST_H
#define UNIT_RSA_TEST_H

#include "crypto_test.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "crypto/internal.h"
#include "crypto/rsa_pad.h"

/* For test_rsa_pad and test_rsa_pss. */
static const CK_MECHANISM_TYPE mechs[] = {
	CKM_SHA_1, CKM_SHA224, CKM_SHA256, CKM_SHA384, CKM_SHA512,
	CKM_SHA512_224, CKM_SHA512_256, CKM_SHA3_224, CKM_SHA3_256,
	CKM_SHA3_384, CKM_SHA3_512
};

/*
 * OpenSSL's own paddings and RSA, in the program's context, are the oracle:
 * it undoes what the module padded, and the module what it padded.
 */
static inline EVP_PKEY *
rsa_key(unsigned bits)
{
	static EVP_PKEY *keys[4];
	static unsigned sizes[4];
	size_t i;

	for (i = 0; i < 4 && keys[i] != NULL; i++)
		if (sizes[i] == bits)
			return keys[i];
	if (bits == 0) {
		while (i-- > 0) {
			EVP_PKEY_free(keys[i]);
			keys[i] = NULL;
		}
		return NULL;
	}
	assert_true(i < 4);
	sizes[i] = bits;
	assert_non_null(keys[i] = EVP_RSA_gen(bits));
	return keys[i];
}

static inline int
drop_keys(void **state)
{
	rsa_key(0);
	return stop_crypto(state);
}

typedef int op_init(EVP_PKEY_CTX *);
typedef int op(EVP_PKEY_CTX *, uint8_t *, size_t *, const uint8_t *, size_t);

static inline EVP_PKEY_CTX *
context(EVP_PKEY *k, op_init *init, int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k, NULL);

	assert_int_equal(init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
	return ctx;
}

static inline int
run(EVP_PKEY_CTX *ctx, op *f, struct view in, struct buf *out)
{
	size_t len = 1024;
	int ok;

	assert_int_equal(buf_resize(out, len), CKR_OK);
	ok = f(ctx, out->data, &len, in.data, in.len);
	assert_int_equal(buf_resize(out, ok == 1 ? len : 0), CKR_OK);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static inline struct buf
raw_private(EVP_PKEY *k, struct view in)
{
	struct buf out = BUF_EMPTY;

	assert_int_equal(run(context(k, EVP_PKEY_decrypt_init,
	    RSA_NO_PADDING), EVP_PKEY_decrypt, in, &out), 1);
	return out;
}

static inline struct buf
raw_public(EVP_PKEY *k, struct view in)
{
	struct buf out = BUF_EMPTY;

	assert_int_equal(run(context(k, EVP_PKEY_encrypt_init,
	    RSA_NO_PADDING), EVP_PKEY_encrypt, in, &out), 1);
	return out;
}

#endif
