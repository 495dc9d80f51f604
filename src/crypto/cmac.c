/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/cmac.h"

#include <string.h>

#include <openssl/core_names.h>

#include "crypto/internal.h"
#include "util/secret.h"

struct cmac {
	EVP_MAC_CTX *ctx;	/* NULL: all below */
	const struct aes_key *key;
	uint8_t mac[AES_BLOCK];
	/* The last block is held back, as it is treated in its own way. */
	uint8_t held[AES_BLOCK];
	size_t len;
};

static CK_RV
start_openssl(struct cmac *c, struct view key)
{
	EVP_MAC *mac = EVP_MAC_fetch(library_get()->ctx, "CMAC", NULL);
	char name[] = "AES-256-CBC";
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_CIPHER, name,
		    sizeof(name) - 1),
		OSSL_PARAM_END
	};
	CK_RV rv = CKR_OK;

	if (key.len < 32)
		memcpy(name, key.len == 16 ? "AES-128" : "AES-192", 7);
	if (mac == NULL || (c->ctx = EVP_MAC_CTX_new(mac)) == NULL ||
	    !EVP_MAC_init(c->ctx, key.data, key.len, params))
		rv = errors_rc("CMAC", CKR_GENERAL_ERROR);
	EVP_MAC_free(mac);
	return rv;
}

CK_RV
cmac_new(const struct aes_key *key, struct cmac **out)
{
	struct cmac *c = NULL;
	CK_RV rv;

	if ((rv = aes_key_check(key)) != CKR_OK)
		return rv;
	if ((c = secret_alloc(sizeof(*c))) == NULL)
		return CKR_HOST_MEMORY;
	errors_enter();
	c->key = key;
	if (key->value.len > 0 &&
	    (rv = start_openssl(c, key->value)) != CKR_OK)
		goto out;
	*out = c;
	c = NULL;
out:
	cmac_free(&c);
	errors_leave();
	return rv;
}

void
cmac_free(struct cmac **c)
{
	if (*c == NULL)
		return;
	EVP_MAC_CTX_free((*c)->ctx);
	secret_free(*c, sizeof(**c));
	*c = NULL;
}

static void
hold(struct cmac *c, struct view in)
{
	if (in.len > 0)
		memcpy(c->held + c->len, in.data, in.len);
	c->len += in.len;
}

static CK_RV
update_blocks(struct cmac *c, struct view in)
{
	size_t room = AES_BLOCK - c->len, blocks;
	CK_RV rv;

	/* What is held is taken in when more is sure to follow. */
	if (in.len <= room) {
		hold(c, in);
		return CKR_OK;
	}
	if (c->len > 0) {
		hold(c, view_sub(in, 0, room));
		in = view_sub(in, room, in.len);
		rv = aes_key_mac(c->key, c->mac, c->held, 1);
		if (rv != CKR_OK)
			return rv;
		c->len = 0;
	}
	blocks = (in.len - 1) / AES_BLOCK;
	rv = aes_key_mac(c->key, c->mac, in.data, blocks);
	if (rv == CKR_OK)
		hold(c, view_sub(in, blocks * AES_BLOCK, in.len));
	return rv;
}

CK_RV
cmac_update(struct cmac *c, struct view in)
{
	CK_RV rv = CKR_OK;

	if (c->ctx == NULL)
		return update_blocks(c, in);
	errors_enter();
	if (!EVP_MAC_update(c->ctx, in.data, in.len))
		rv = errors_rc("CMAC", CKR_GENERAL_ERROR);
	errors_leave();
	return rv;
}

/* Twice block in GF(2^128), SP 800-38B, 6.1; it is a secret. */
static void
twice(uint8_t block[AES_BLOCK])
{
	uint8_t carry = 0, next;
	size_t i;

	for (i = AES_BLOCK; i-- > 0; ) {
		next = (uint8_t)(block[i] >> 7);
		block[i] = (uint8_t)(block[i] << 1 | carry);
		carry = next;
	}
	block[AES_BLOCK - 1] ^= (uint8_t)(0x87 * carry);
}

static CK_RV
final_blocks(struct cmac *c, uint8_t out[CMAC_LEN])
{
	uint8_t subkey[AES_BLOCK] = { 0 };
	bool whole = c->len == AES_BLOCK;
	CK_RV rv;
	size_t i;

	if ((rv = aes_key_encrypt(c->key, subkey, subkey, 1)) != CKR_OK)
		goto out;
	twice(subkey);
	if (!whole) {
		twice(subkey);
		memset(c->held + c->len, 0, AES_BLOCK - c->len);
		c->held[c->len] = 0x80;
	}
	for (i = 0; i < AES_BLOCK; i++)
		c->held[i] ^= subkey[i];
	if ((rv = aes_key_mac(c->key, c->mac, c->held, 1)) == CKR_OK)
		memcpy(out, c->mac, CMAC_LEN);
out:
	wipe(subkey, sizeof(subkey));
	return rv;
}

CK_RV
cmac_final(struct cmac *c, uint8_t out[CMAC_LEN])
{
	CK_RV rv = CKR_OK;
	size_t n;

	if (c->ctx == NULL)
		return final_blocks(c, out);
	errors_enter();
	if (!EVP_MAC_final(c->ctx, out, &n, CMAC_LEN))
		rv = errors_rc("CMAC", CKR_GENERAL_ERROR);
	errors_leave();
	return rv;
}

CK_RV
cmac_once(const struct aes_key *key, const struct view *parts, size_t count,
    uint8_t out[CMAC_LEN])
{
	struct cmac *c = NULL;
	CK_RV rv = cmac_new(key, &c);
	size_t i;

	for (i = 0; rv == CKR_OK && i < count; i++)
		rv = cmac_update(c, parts[i]);
	if (rv == CKR_OK)
		rv = cmac_final(c, out);
	cmac_free(&c);
	return rv;
}
