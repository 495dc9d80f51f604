/* SPDX-License-Identifier: BSD-2-Clause */
#include "mac_test.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "tpm/import.h"

void
import_hmac(const struct bench *b, const struct hash *hash, struct view value,
    struct tpm_key **out)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_ok(tpm_import_hmac(b->tpm, &b->parent, hash, value, &blob));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, out));
	tpm_blob_free(&blob);
}

void
import_aes(const struct bench *b, struct view value, struct tpm_key **out)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_ok(tpm_import_aes(b->tpm, &b->parent, value, TPM_USE_SIGN |
	    TPM_USE_DECRYPT, &blob));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, out));
	tpm_blob_free(&blob);
}

void
assert_equals(const struct buf *found, struct view expected)
{
	assert_true(view_equal(buf_view(found), expected));
}

/* By OpenSSL: HMAC with a digest, or CMAC with a cipher. */
static void
judge(const char *mac, const char *param, const char *algorithm,
    struct view key, struct view in, struct buf *out)
{
	EVP_MAC *m = EVP_MAC_fetch(NULL, mac, NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(m);
	OSSL_PARAM params[2];

	params[0] = OSSL_PARAM_construct_utf8_string(param,
	    (char *)(uintptr_t)algorithm, 0);
	params[1] = OSSL_PARAM_construct_end();
	assert_ok(buf_resize(out, 64));
	assert_true(EVP_MAC_init(ctx, key.data, key.len, params));
	assert_true(EVP_MAC_update(ctx, in.data, in.len));
	assert_true(EVP_MAC_final(ctx, out->data, &out->len, 64));
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(m);
}

void
judge_hmac(const char *hash, struct view key, struct view in,
    struct buf *out)
{
	judge("HMAC", OSSL_MAC_PARAM_DIGEST, hash, key, in, out);
}

void
judge_cmac(const char *cipher, struct view key, struct view in,
    struct buf *out)
{
	judge("CMAC", OSSL_MAC_PARAM_CIPHER, cipher, key, in, out);
}

void
mac_of(struct tpm_key *k, const struct hash *hash, struct view in,
    struct buf *out)
{
	struct tpm_mac *m = NULL;
	size_t len;

	assert_ok(tpm_mac_new(k, hash, &m));
	while (in.len > 0) {
		len = (size_t)rand() % 2500;
		assert_ok(tpm_mac_update(m, view_sub(in, 0, len)));
		in = view_sub(in, len, in.len);
	}
	assert_ok(tpm_mac_final(m, out));
	tpm_mac_free(&m);
}
