/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/crypto.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include "crypto/internal.h"
#include "util/buf.h"
#include "util/fork.h"
#include "util/log.h"
#include "util/mem.h"

static struct library *library;

const struct library *
library_get(void)
{
	return library;
}

EVP_MD *
library_md(const struct hash *hash)
{
	return library->md[hash - hashes];
}

void
library_leave_thread(void)
{
	OPENSSL_thread_stop_ex(library->ctx);
}

void
errors_enter(void)
{
	ERR_set_mark();
}

void
errors_leave(void)
{
	/* Without a mark the queue was empty before, and is again. */
	ERR_pop_to_mark();
}

CK_RV
errors_rc(const char *what, CK_RV otherwise)
{
	unsigned long code = ERR_peek_last_error();
	char text[256];

	if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
		return CKR_HOST_MEMORY;
	ERR_error_string_n(code, text, sizeof(text));
	log_error("OpenSSL: %s: %s", what, code == 0 ? "no reason" : text);
	return otherwise;
}

void
store_be32(uint8_t out[4], uint32_t n)
{
	out[0] = (uint8_t)(n >> 24);
	out[1] = (uint8_t)(n >> 16);
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
}

static void
library_free(struct library *l)
{
	size_t i;

	for (i = 0; i < HASH_COUNT; i++) {
		EVP_MAC_CTX_free(l->hmac[i]);
		EVP_MD_free(l->md[i]);
	}
	for (i = 0; i < ARRAY_LEN(l->cfb); i++)
		EVP_CIPHER_free(l->cfb[i]);
	EVP_CIPHER_free(l->gcm);
	EVP_CIPHER_free(l->ecb);
	if (l->provider != NULL)
		OSSL_PROVIDER_unload(l->provider);
	OSSL_LIB_CTX_free(l->ctx);
	mem_free(l);
}

static int
open_context(struct library *l)
{
	return (l->ctx = OSSL_LIB_CTX_new()) != NULL &&
	    (l->provider = OSSL_PROVIDER_load(l->ctx, "default")) != NULL;
}

static int
fetch_hashes(struct library *l)
{
	EVP_MAC *mac = EVP_MAC_fetch(l->ctx, "HMAC", NULL);
	int ok = mac != NULL;
	size_t i;

	for (i = 0; ok && i < HASH_COUNT; i++) {
		char name[16] = "";
		OSSL_PARAM params[] = {
			OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, name,
			    sizeof(name)),
			OSSL_PARAM_END
		};

		OPENSSL_strlcpy(name, hashes[i].name, sizeof(name));
		ok = (l->md[i] = EVP_MD_fetch(l->ctx, name, NULL)) != NULL &&
		    (l->hmac[i] = EVP_MAC_CTX_new(mac)) != NULL &&
		    EVP_MAC_CTX_set_params(l->hmac[i], params);
	}
	EVP_MAC_free(mac);
	return ok;
}

static int
fetch_ciphers(struct library *l)
{
	static const char *const names[] = {
		"AES-128-CFB", "AES-192-CFB", "AES-256-CFB"
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		l->cfb[i] = EVP_CIPHER_fetch(l->ctx, names[i], NULL);
		if (l->cfb[i] == NULL)
			return 0;
	}
	l->gcm = EVP_CIPHER_fetch(l->ctx, "AES-256-GCM", NULL);
	l->ecb = EVP_CIPHER_fetch(l->ctx, "AES-256-ECB", NULL);
	return l->gcm != NULL && l->ecb != NULL;
}

/*
 * A context that came with a fork may hold locks that other threads of the
 * parent had taken, so freeing it could hang. It stays, reachable.
 */
static bool
is_inherited(const struct library *l)
{
	return l != NULL && l->fork != fork_count();
}

CK_RV
crypto_start(void)
{
	struct library *l;
	CK_RV rv = CKR_OK;

	if (library != NULL && !is_inherited(library))
		return CKR_OK;
	if ((l = mem_alloc(1, sizeof(*l))) == NULL)
		return CKR_HOST_MEMORY;

	errors_enter();
	l->fork = fork_count();
	if (!open_context(l) || !fetch_hashes(l) || !fetch_ciphers(l)) {
		rv = errors_rc("private context", CKR_GENERAL_ERROR);
		library_free(l);
		goto out;
	}
	l->inherited = library;
	library = l;
out:
	errors_leave();
	return rv;
}

void
crypto_stop(void)
{
	struct library *l = library;

	if (l == NULL || is_inherited(l))
		return;
	/*
	 * Within OPENSSL_cleanup, where libcrypto finishes its engines, we
	 * may be one of them: then nothing of libcrypto is safe to free.
	 */
	if (!OPENSSL_init_crypto(0, NULL))
		return;
	errors_enter();
	library = l->inherited;
	library_free(l);
	errors_leave();
}

/*
 * Not by OpenSSL, whose RAND_bytes would ask the program's RAND_METHOD, which
 * may be us, and whose generators take longer to set up than all the rest of
 * C_Initialize.
 */
CK_RV
crypto_random(void *out, size_t n)
{
	uint8_t *p = out;
	ssize_t got;

	while (n > 0) {
		got = getrandom(p, n, 0);
		if (got < 0 && errno != EINTR) {
			log_error("getrandom: %s", strerror(errno));
			return CKR_GENERAL_ERROR;
		}
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
	return CKR_OK;
}
