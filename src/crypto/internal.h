/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_INTERNAL_H
#define CRYPTO_INTERNAL_H

#include <openssl/evp.h>

#include "crypto/digest.h"

#define HASH_COUNT 11
#define HASH_SIZE_MAX 64

/* All hashes; a hash's position is its index in struct library. */
extern const struct hash hashes[HASH_COUNT];

/*
 * What crypto_start prepared. Read-only until crypto_stop, so threads share
 * it without a lock.
 */
struct library {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *provider;
	EVP_MD *md[HASH_COUNT];
	EVP_MAC_CTX *hmac[HASH_COUNT];	/* keyless, only ever duplicated */
	EVP_CIPHER *cfb[3];		/* AES-128, -192, -256 */
	EVP_CIPHER *gcm;		/* AES-256 */
	EVP_CIPHER *ecb;		/* AES-256 */
	unsigned fork;			/* fork_count() at the start */
	struct library *inherited;	/* the parent's, never touched */
};

/* NULL when crypto_start has not succeeded. */
const struct library *library_get(void);
EVP_MD *library_md(const struct hash *hash);

/*
 * OpenSSL's error queue is one a thread, shared with the program. What is
 * called between errors_enter and errors_leave leaves it as it was.
 */
void errors_enter(void);
void errors_leave(void);
/*
 * Translate and log what OpenSSL just reported: CKR_HOST_MEMORY when it ran
 * out of memory, else otherwise.
 */
CK_RV errors_rc(const char *what, CK_RV otherwise);

/*
 * To follow whatever may draw random numbers inside OpenSSL (blinding): that
 * makes this thread a generator in the private context, and if it outlived
 * the context, the thread's end would use what is freed.
 */
void library_leave_thread(void);

/* digest_once into hash->size bytes at out. */
CK_RV digest_bytes(const struct hash *hash, const struct view *parts,
    size_t count, uint8_t *out) MUST_CHECK;

/* XOR MGF1(seed) into len bytes at data (RFC 8017, B.2.1). */
CK_RV mgf1_xor(const struct hash *hash, struct view seed, uint8_t *data,
    size_t len) MUST_CHECK;

void store_be32(uint8_t out[4], uint32_t n);

#endif
