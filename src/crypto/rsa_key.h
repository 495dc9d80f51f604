/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_RSA_KEY_H
#define CRYPTO_RSA_KEY_H

#include "util/buf.h"

/*
 * An RSA private key in software (`software_keys: allow`), for sizes that the
 * TPM has not. Plain arithmetic on numbers (see crypto.h): an engine that is
 * the program's default for RSA gets hold of any RSA key of OpenSSL's.
 * The numbers are in OpenSSL's memory, wiped when they are freed, not locked.
 */
struct rsa_key;

/*
 * A new key of bits bits, 2048 to 8192 in steps of 128 (else
 * CKR_KEY_SIZE_RANGE), whose primes suit FIPS 186-4, B.3.3; exponent
 * big-endian, odd, from 65537 to 64 bits (CKR_ATTRIBUTE_VALUE_INVALID). The
 * PrivateKeyInfo replaces der. It takes seconds.
 */
CK_RV rsa_key_generate(size_t bits, struct view exponent,
    struct buf *der) MUST_CHECK;

/*
 * From a PrivateKeyInfo of anybody's: CKR_DATA_INVALID also when the numbers
 * do not belong together, CKR_KEY_SIZE_RANGE outside 1024 to 16384 bits.
 * Immutable, so threads may share one.
 */
CK_RV rsa_key_open(struct view der, struct rsa_key **out) MUST_CHECK;
void rsa_key_free(struct rsa_key **k);

/*
 * in^d mod n, both of the modulus's length, blinded, and checked by the
 * public exponent, so that a fault shows no prime. CKR_DATA_LEN_RANGE;
 * CKR_DATA_INVALID when in is not below the modulus.
 */
CK_RV rsa_key_private(const struct rsa_key *k, struct view in,
    struct buf *out) MUST_CHECK;

#endif
