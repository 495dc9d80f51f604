/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_INTERNAL_H
#define CRYPTO_INTERNAL_H

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "crypto/curve.h"
#include "crypto/digest.h"

#define HASH_COUNT 11
#define HASH_SIZE_MAX 64

/* All hashes; a hash's position is its index in struct library. */
extern const struct hash hashes[HASH_COUNT];

/* AES as OpenSSL has it; a mode's position is its index in struct library. */
enum aes_mode {
	AES_ECB,
	AES_CBC,
	AES_CTR,
	AES_CFB,
	AES_CFB8,
	AES_OFB,
	AES_GCM,
	AES_CCM,
	AES_WRAP,
	AES_WRAP_PAD,
	AES_MODES
};

/*
 * What crypto_start prepared. Read-only until crypto_stop, so threads share
 * it without a lock; but for aes and groups, which fill as they are asked
 * for.
 */
struct library {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *provider;
	EVP_MD *md[HASH_COUNT];
	EVP_MAC_CTX *hmac[HASH_COUNT];	/* keyless, only ever duplicated */
	EVP_CIPHER *cfb[3];		/* AES-128, -192, -256 */
	EVP_CIPHER *gcm;		/* AES-256 */
	EVP_CIPHER *ecb;		/* AES-256 */
	_Atomic(EVP_CIPHER *) aes[AES_MODES][3];	/* 128, 192, 256 */
	_Atomic(EC_GROUP *) groups[CURVE_COUNT];	/* as curves */
	unsigned fork;			/* fork_count() at the start */
	struct library *inherited;	/* the parent's, never touched */
};

/* NULL when crypto_start has not succeeded. */
const struct library *library_get(void);
EVP_MD *library_md(const struct hash *hash);
/* key_len: 16, 24 or 32. NULL when OpenSSL does not have it, or no memory. */
EVP_CIPHER *library_aes(enum aes_mode mode, size_t key_len);
/* The group of a curve, which costs as much to make as a point to check;
 * NULL. Not to be changed. */
const EC_GROUP *library_group(const struct curve *c);

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

/*
 * EVP_CipherUpdate of any length; out, if not NULL, has room for it, and n
 * says how much was written. 0 for a failure.
 */
int cipher_pump(EVP_CIPHER_CTX *ctx, struct view in, uint8_t *out,
    size_t *n);

void store_be32(uint8_t out[4], uint32_t n);
void store_be64(uint8_t out[8], uint64_t n);

#endif
