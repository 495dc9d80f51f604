/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "util/result.h"

/*
 * OpenSSL in a private OSSL_LIB_CTX with the default provider only, so that
 * nothing here depends on, or changes, the program's own OpenSSL: the module
 * may itself be that program's default engine or provider. Under such an
 * engine EVP_PKEY_fromdata, EVP_PKEY_keygen and EVP_EC_gen fail in the whole
 * process; this layer keeps to d2i_*, EC_POINT arithmetic, digests, ciphers,
 * EVP_MAC, EVP_KDF, BIGNUM and verification with "provider=default".
 *
 * The program's error queue is left as it was. One thing of the program's
 * cannot be kept out: OpenSSL 3.0 reads openssl.cnf into the default context
 * at the first EVP call of a process, and loads the engines named there.
 *
 * crypto_start: once a process (again after a fork); fetches what is used
 * for every command. CKR_HOST_MEMORY, CKR_GENERAL_ERROR (logged). Because of
 * openssl.cnf an engine may call this module from within: hold no lock.
 *
 * crypto_stop: when everything made by this folder is freed and no thread is
 * in it; threads may live on. In a forked child it leaves the parent's alone.
 */
CK_RV crypto_start(void) MUST_CHECK;
void crypto_stop(void);

/* n random bytes of the kernel's (salts, nonces, keys). */
CK_RV crypto_random(void *out, size_t n) MUST_CHECK;

#endif
