/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/mac.h"

#include "crypto/internal.h"

CK_RV
hmac_once(const struct hash *hash, struct view key, const struct view *parts,
    size_t count, uint8_t *out)
{
	static const uint8_t empty[1];
	EVP_MAC_CTX *ctx;
	CK_RV rv = CKR_OK;
	size_t i;
	int ok;

	errors_enter();
	/* To EVP_MAC_init a NULL key means "the key as it is". */
	ok = (ctx = EVP_MAC_CTX_dup(library_get()->hmac[hash - hashes])) !=
	    NULL && EVP_MAC_init(ctx, key.len > 0 ? key.data : empty, key.len,
	    NULL);
	for (i = 0; ok && i < count; i++)
		ok = EVP_MAC_update(ctx, parts[i].data, parts[i].len);
	if (!ok || !EVP_MAC_final(ctx, out, NULL, hash->size))
		rv = errors_rc("HMAC", CKR_GENERAL_ERROR);
	EVP_MAC_CTX_free(ctx);
	errors_leave();
	return rv;
}
