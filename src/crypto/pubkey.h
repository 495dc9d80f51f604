/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_PUBKEY_H
#define CRYPTO_PUBKEY_H

#include "crypto/curve.h"
#include "crypto/digest.h"

/*
 * A public key in software. Built as DER (SubjectPublicKeyInfo) and read
 * back by d2i with the private context, see crypto.h. Immutable, so threads
 * may share one.
 */
struct pubkey;

/*
 * Big-endian unsigned numbers, leading zeros allowed. CKR_ATTRIBUTE_VALUE_
 * INVALID when they are no RSA key (even or empty modulus; exponent even,
 * < 3, not below the modulus, or above 64 bits for more than 3072 bits, as
 * OpenSSL has it), CKR_KEY_SIZE_RANGE outside 1024..16384 bits.
 */
CK_RV pubkey_rsa(struct view modulus, struct view exponent,
    struct pubkey **out) MUST_CHECK;
/* point as curve_point accepts it; its error is CKR_ATTRIBUTE_VALUE_INVALID. */
CK_RV pubkey_ec(const struct curve *c, struct view point,
    struct pubkey **out) MUST_CHECK;
void pubkey_free(struct pubkey **k);

/* DER SubjectPublicKeyInfo (CKA_PUBLIC_KEY_INFO). */
CK_RV pubkey_info(const struct pubkey *k, struct buf *der) MUST_CHECK;
/* RSA: bits of the modulus; EC: bits of the order. */
size_t pubkey_bits(const struct pubkey *k);
/* RSA: bytes of the modulus; 0 for EC. */
size_t pubkey_modulus_len(const struct pubkey *k);
const struct curve *pubkey_curve(const struct pubkey *k);

/*
 * RSA public operation m^e mod n, in and out of modulus_len bytes.
 * CKR_DATA_INVALID when in is not smaller than the modulus,
 * CKR_DATA_LEN_RANGE when it has another length. For this and the next, the
 * wrong type of key is CKR_KEY_TYPE_INCONSISTENT.
 */
CK_RV pubkey_rsa_public(const struct pubkey *k, struct view in,
    struct buf *out) MUST_CHECK;

/*
 * ECDSA over a digest of any length (leftmost bits count), signature r|s of
 * order bytes each. CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE.
 */
CK_RV pubkey_ecdsa_verify(const struct pubkey *k, struct view digest,
    struct view signature) MUST_CHECK;

#endif
