/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/pbkdf2.h"

#include <limits.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>

#include "crypto/internal.h"

/* OSSL_PARAM is not const, but what it points to is only read here. */
static OSSL_PARAM
octets(const char *name, struct view v)
{
	static const uint8_t empty[1];
	union { const void *in; void *out; } p = {
		.in = v.len > 0 ? v.data : empty
	};

	return OSSL_PARAM_construct_octet_string(name, p.out, v.len);
}

static CK_RV
derive(const struct hash *hash, struct view password, struct view salt,
    uint64_t iterations, struct buf *out)
{
	EVP_KDF *kdf = EVP_KDF_fetch(library_get()->ctx, "PBKDF2", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	char name[16];
	OSSL_PARAM params[] = {
		octets(OSSL_KDF_PARAM_PASSWORD, password),
		octets(OSSL_KDF_PARAM_SALT, salt),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations),
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name,
		    0),
		OSSL_PARAM_END
	};
	CK_RV rv = CKR_OK;

	OPENSSL_strlcpy(name, hash->name, sizeof(name));
	params[3].data_size = OPENSSL_strnlen(name, sizeof(name));
	if (ctx == NULL || EVP_KDF_derive(ctx, out->data, out->len, params) <=
	    0)
		rv = errors_rc("PBKDF2", CKR_GENERAL_ERROR);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return rv;
}

CK_RV
pbkdf2(const struct hash *hash, struct view password, struct view salt,
    uint64_t iterations, size_t len, struct buf *out)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if (iterations == 0)
		return CKR_MECHANISM_PARAM_INVALID;
	if (len == 0 || len > INT_MAX)
		return CKR_KEY_SIZE_RANGE;
	errors_enter();
	if ((rv = buf_resize(&value, len)) == CKR_OK &&
	    (rv = derive(hash, password, salt, iterations, &value)) == CKR_OK)
		buf_move(out, &value);
	buf_free(&value);
	errors_leave();
	return rv;
}
