/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/aes_key.h"

#include <limits.h>
#include <string.h>

#include "crypto/internal.h"

#define DECRYPT 0
#define ENCRYPT 1

/* Blocks of CBC whose output is thrown away at a time: 1 KiB. */
#define RANGE 64

CK_RV
aes_key_check(const struct aes_key *k)
{
	size_t len = k->value.len;

	return len == 0 || len == 16 || len == 24 || len == 32 ? CKR_OK :
	    CKR_KEY_SIZE_RANGE;
}

static CK_RV
ecb(int way, struct view key, const uint8_t *in, uint8_t *out, size_t blocks)
{
	EVP_CIPHER_CTX *ctx = NULL;
	CK_RV rv = CKR_OK;
	int n;

	if (blocks > INT_MAX / AES_BLOCK)
		return CKR_DATA_LEN_RANGE;
	errors_enter();
	if ((ctx = EVP_CIPHER_CTX_new()) == NULL ||
	    !EVP_CipherInit_ex2(ctx, library_aes(AES_ECB, key.len), key.data,
	    NULL, way, NULL) ||
	    !EVP_CIPHER_CTX_set_padding(ctx, 0) ||
	    !EVP_CipherUpdate(ctx, out, &n, in, (int)blocks * AES_BLOCK))
		rv = errors_rc("AES", CKR_GENERAL_ERROR);
	EVP_CIPHER_CTX_free(ctx);
	errors_leave();
	return rv;
}

CK_RV
aes_key_encrypt(const struct aes_key *k, const uint8_t *in, uint8_t *out,
    size_t blocks)
{
	if (k->value.len > 0)
		return ecb(ENCRYPT, k->value, in, out, blocks);
	return k->encrypt(k->arg, in, out, blocks);
}

CK_RV
aes_key_decrypt(const struct aes_key *k, const uint8_t *in, uint8_t *out,
    size_t blocks)
{
	if (k->value.len > 0)
		return ecb(DECRYPT, k->value, in, out, blocks);
	return k->decrypt(k->arg, in, out, blocks);
}

static CK_RV
mac_by_cbc(const struct aes_key *k, uint8_t *mac, const uint8_t *in,
    size_t blocks)
{
	uint8_t out[RANGE * AES_BLOCK];
	CK_RV rv = CKR_OK;
	size_t n;

	for (; blocks > 0 && rv == CKR_OK; blocks -= n) {
		n = blocks < RANGE ? blocks : RANGE;
		rv = k->cbc(k->arg, mac, in, out, n);
		in += n * AES_BLOCK;
	}
	wipe(out, sizeof(out));
	return rv;
}

CK_RV
aes_key_mac(const struct aes_key *k, uint8_t mac[AES_BLOCK],
    const uint8_t *in, size_t blocks)
{
	CK_RV rv = CKR_OK;
	size_t i;

	if (k->value.len == 0 && k->cbc != NULL)
		return mac_by_cbc(k, mac, in, blocks);
	for (; blocks > 0 && rv == CKR_OK; blocks--) {
		for (i = 0; i < AES_BLOCK; i++)
			mac[i] ^= *in++;
		rv = aes_key_encrypt(k, mac, mac, 1);
	}
	return rv;
}
