/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CURVE_H
#define CRYPTO_CURVE_H

#include "util/buf.h"

/*
 * Named curves over prime fields (P-192, P-224, P-256, P-384, P-521), one
 * table. Points cross this interface uncompressed, 04 | X | Y, with X and Y
 * of field bytes each.
 */
struct curve {
	const char *name;	/* "P-256" */
	int nid;		/* OpenSSL's number */
	uint16_t tpm_id;	/* TPM_ECC_CURVE */
	size_t field;		/* bytes of a coordinate */
	size_t order;		/* bytes of the group's order */
	size_t bits;		/* of the order, as key sizes are counted */
	struct view params;	/* DER of the OBJECT IDENTIFIER */
};

/* All curves, ending with a row whose name is NULL. */
enum { CURVE_COUNT = 5 };
extern const struct curve curves[CURVE_COUNT + 1];

/*
 * By CKA_EC_PARAMS: a DER OID, a PrintableString with the curve's name
 * ("secp256r1", "prime256v1", "P-256"; PKCS#11 3.x, 6.3.1), or explicit
 * parameters equal to a named curve. NULL when it is none of ours.
 */
const struct curve *curve_by_params(struct view params);
const struct curve *curve_by_tpm_id(uint16_t id);

/*
 * Bring a public point as callers give it (04|X|Y; compressed 02/03|X; each
 * also wrapped in a DER OCTET STRING) into 04|X|Y. CKR_DATA_INVALID for
 * anything else: wrong length, off the curve, infinity.
 * CKR_CURVE_NOT_SUPPORTED when this OpenSSL was built without the curve.
 */
CK_RV curve_point(const struct curve *c, struct view in,
    struct buf *out) MUST_CHECK;

/* DER OCTET STRING around a raw point, as CKA_EC_POINT wants it. */
CK_RV curve_point_der(struct view raw, struct buf *der) MUST_CHECK;

/*
 * One-time key agreement against a peer's point (04|X|Y): a fresh key pair,
 * its public point, and the shared x-coordinate padded to the field size.
 * Uses EC_POINT arithmetic only (see crypto.h). CKR_DATA_INVALID for a
 * peer in another form or off the curve.
 */
CK_RV curve_ephemeral(const struct curve *c, struct view peer,
    struct buf *point, struct buf *z) MUST_CHECK;

/*
 * The public point (04|X|Y) of a private number in order bytes or fewer.
 * CKR_ATTRIBUTE_VALUE_INVALID when it is not from 1 to the order - 1.
 */
CK_RV curve_public(const struct curve *c, struct view d,
    struct buf *point) MUST_CHECK;

#endif
