/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_PRIVKEY_H
#define CRYPTO_PRIVKEY_H

#include "util/buf.h"

/*
 * The numbers of a private RSA key, as far as they have to be looked at before
 * a TPM gets them. Big-endian unsigned, leading zeros allowed.
 */

/*
 * Is prime one of the two primes of modulus, and may exponent go with them?
 * That the factors are prime is not looked at. CKR_TEMPLATE_INCONSISTENT when
 * they are not of one key, CKR_KEY_SIZE_RANGE when the factors have not the
 * same length in bits, each half of modulus'.
 */
CK_RV privkey_rsa_check(struct view modulus, struct view exponent,
    struct view prime) MUST_CHECK;

/* What a caller says of a key. Empty: it does not say. */
struct privkey_rsa {
	struct view modulus;
	struct view exponent;
	struct view private_exponent;
	struct view primes[2];
	struct view exponents[2];	/* of the primes, in their order */
	struct view coefficient;	/* 1/second modulo first */
};

/*
 * Is all that is there of one key? Codes of privkey_rsa_check, and
 * CKR_TEMPLATE_INCOMPLETE for what needs a prime when there is none.
 */
CK_RV privkey_rsa_parts(const struct privkey_rsa *k) MUST_CHECK;

/* One of the primes, from both exponents (SP 800-56B, appendix C).
 * CKR_TEMPLATE_INCONSISTENT when the exponents do not go together. */
CK_RV privkey_rsa_prime(struct view modulus, struct view exponent,
    struct view private_exponent, struct buf *prime) MUST_CHECK;

#endif
