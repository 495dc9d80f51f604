/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_PKCS8_H
#define CRYPTO_PKCS8_H

#include "crypto/curve.h"

/*
 * PrivateKeyInfo (RFC 5208; OneAsymmetricKey, RFC 5958), as PKCS#11 3.1, 6.7
 * has keys unwrapped. All views lie in the DER that was read, which may come
 * from anybody; whatever is wrong with it is CKR_DATA_INVALID, and a key of
 * another type CKR_KEY_TYPE_INCONSISTENT.
 */
struct pkcs8 {
	struct view oid;	/* of the algorithm, without its head */
	struct view params;	/* whole DER; empty: none */
	struct view key;	/* within the OCTET STRING */
};

/*
 * Nothing may follow. Where CKM_AES_KEY_WRAP may have put zeros, cut with
 * der_take_whole first.
 */
CK_RV pkcs8_read(struct view der, struct pkcs8 *out) MUST_CHECK;
/* A PrivateKeyInfo, which replaces out. */
CK_RV pkcs8_write(const struct pkcs8 *k, struct buf *out) MUST_CHECK;

/* RSAPrivateKey (RFC 8017, A.1.2): big-endian numbers, without leading zeros,
 * in the order they have there. Two primes; that the numbers belong together
 * is not looked at. */
struct pkcs8_rsa {
	struct view n;
	struct view e;
	struct view d;
	struct view p;
	struct view q;
	struct view dp;
	struct view dq;
	struct view qinv;
};
CK_RV pkcs8_rsa(const struct pkcs8 *k, struct pkcs8_rsa *out) MUST_CHECK;
CK_RV pkcs8_write_rsa(const struct pkcs8_rsa *k, struct buf *out) MUST_CHECK;

/*
 * ECPrivateKey (RFC 5915): a number other than 0 of at most curve->order
 * bytes, which may begin with zeros; whether it is below the order is not
 * looked at, nor is the point, which may be empty. CKR_CURVE_NOT_SUPPORTED.
 */
struct pkcs8_ec {
	const struct curve *curve;
	struct view d;
	struct view point;
};
CK_RV pkcs8_ec(const struct pkcs8 *k, struct pkcs8_ec *out) MUST_CHECK;

#endif
