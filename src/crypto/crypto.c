/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/crypto.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
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

/* Bytes that are given to OpenSSL, which counts in int, at once. */
#define PUMP_MAX ((size_t)1 << 30)

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

EVP_CIPHER *
library_aes(enum aes_mode mode, size_t key_len)
{
	static const char *const names[AES_MODES] = {
		"ECB", "CBC", "CTR", "CFB", "CFB8", "OFB", "GCM", "CCM",
		"WRAP", "WRAP-PAD"
	};
	_Atomic(EVP_CIPHER *) *slot = &library->aes[mode][key_len / 8 - 2];
	EVP_CIPHER *c = atomic_load(slot), *other = NULL;
	char name[24];

	if (c != NULL)
		return c;
	snprintf(name, sizeof(name), "AES-%zu-%s", key_len * 8,
	    names[mode]);
	c = EVP_CIPHER_fetch(library->ctx, name, NULL);
	/* Another thread may have been quicker. */
	if (c != NULL && !atomic_compare_exchange_strong(slot, &other, c)) {
		EVP_CIPHER_free(c);
		c = other;
	}
	return c;
}

const EC_GROUP *
library_group(const struct curve *c)
{
	_Atomic(EC_GROUP *) *slot = &library->groups[c - curves];
	EC_GROUP *g = atomic_load(slot), *other = NULL;

	if (g != NULL)
		return g;
	g = EC_GROUP_new_by_curve_name_ex(library->ctx, NULL, c->nid);
	/* Another thread may have been quicker. */
	if (g != NULL && !atomic_compare_exchange_strong(slot, &other, g)) {
		EC_GROUP_free(g);
		g = other;
	}
	return g;
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

void
store_be64(uint8_t out[8], uint64_t n)
{
	store_be32(out, (uint32_t)(n >> 32));
	store_be32(out + 4, (uint32_t)n);
}

int
cipher_pump(EVP_CIPHER_CTX *ctx, struct view in, uint8_t *out, size_t *n)
{
	size_t take, at = 0;
	int got;

	*n = 0;
	for (; at < in.len; at += take) {
		take = in.len - at < PUMP_MAX ? in.len - at : PUMP_MAX;
		if (!EVP_CipherUpdate(ctx, out == NULL ? NULL : out + *n, &got,
		    in.data + at, (int)take))
			return 0;
		*n += (size_t)got;
	}
	return 1;
}

static void
free_aes(struct library *l)
{
	size_t i, j;

	for (i = 0; i < AES_MODES; i++)
		for (j = 0; j < ARRAY_LEN(l->aes[i]); j++)
			EVP_CIPHER_free(l->aes[i][j]);
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
	free_aes(l);
	EVP_CIPHER_free(l->gcm);
	EVP_CIPHER_free(l->ecb);
	for (i = 0; i < CURVE_COUNT; i++)
		EC_GROUP_free(atomic_load(&l->groups[i]));
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
