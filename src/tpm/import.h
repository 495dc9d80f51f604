/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_IMPORT_H
#define TPM_IMPORT_H

#include "crypto/digest.h"
#include "tpm/tpm.h"

/*
 * Keys whose value the caller has already become keys of the TPM. The value
 * crosses the bus encrypted and is wiped here; the caller wipes its own.
 *
 * A private key comes by TPM2_Import, as a duplicate wrapped for the parent
 * (TPM 2.0 Part 1, 23.3); by the specification it has neither fixedTPM nor
 * fixedParent, but without a policy nobody can take it out again. A secret
 * key comes by TPM2_Create with its value as sensitive data: one command that
 * every TPM has, no wrapping in software, and the key cannot leave the TPM
 * (fixedTPM, fixedParent). None of them has sensitiveDataOrigin. All have
 * userWithAuth, noDA, a fresh random 32-byte authValue; use and scheme as the
 * keys of tpm_create_*.
 *
 * Besides the codes of tpm.h:
 *   CKR_ATTRIBUTE_VALUE_INVALID  a number that is wrong by itself, or an RSA
 *                           exponent that the TPM does not take
 *   CKR_TEMPLATE_INCONSISTENT  numbers that are of no one key
 *   CKR_KEY_SIZE_RANGE, CKR_CURVE_NOT_SUPPORTED  the TPM lacks it
 * Nothing is sent before the numbers are known to be those of a key.
 */

/* Big-endian unsigned numbers, leading zeros allowed. */
struct tpm_rsa_private {
	struct view modulus;
	struct view exponent;		/* the public one */
	struct view prime;		/* either; may be empty when ... */
	struct view private_exponent;	/* ... this is there, or else this */
};

/* The two primes need the same length in bits: CKR_KEY_SIZE_RANGE. */
CK_RV tpm_import_rsa(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_rsa_private *key, unsigned use,
    struct tpm_blob *out) MUST_CHECK;

/*
 * d is a big-endian number. point is as curve_point accepts it, or empty:
 * it follows from d. public_point receives 04|X|Y.
 */
CK_RV tpm_import_ec(struct tpm *t, const struct tpm_parent *parent,
    uint16_t curve, struct view d, struct view point, unsigned use,
    struct tpm_blob *out, struct buf *public_point) MUST_CHECK;

/* An AES key of 16, 24 or 32 bytes, for cipher.h. */
CK_RV tpm_import_aes(struct tpm *t, const struct tpm_parent *parent,
    struct view value, unsigned use, struct tpm_blob *out) MUST_CHECK;

/*
 * A key for mac.h of 1 to 128 bytes. With a hash it is for that alone, and
 * may be of any length: one longer than the hash's block counts as its digest
 * (RFC 2104). NULL: for any hash; beyond 64 bytes the TPM needs SHA-512.
 * CKR_MECHANISM_INVALID for a hash that no TPM has.
 */
CK_RV tpm_import_hmac(struct tpm *t, const struct tpm_parent *parent,
    const struct hash *hash, struct view value,
    struct tpm_blob *out) MUST_CHECK;

#endif
