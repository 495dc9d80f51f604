/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_EC_H
#define MECH_EC_H

#include "mech/family.h"

/* What the families over elliptic curves share. */

#define EC_FLAGS \
	(CKF_HW | CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS)

const struct curve *ec_curve(const struct mech_call *c);

/* For struct mech_family: bits of the smallest and largest field. */
bool ec_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max);

/*
 * What the TPM will let the key do follows the template, so that the TPM
 * itself keeps a signing key from being used for key agreement. It has no key
 * that can do nothing: a key made for nothing signs.
 */
unsigned ec_use(const struct attrs *priv);

/* The point of the key's public half, 04 | X | Y, and its length. */
size_t ec_point_len(const struct mech_call *c);
CK_RV ec_own_point(const struct mech_call *c, struct buf *point) MUST_CHECK;

/*
 * ecdh.c: the functions of CK_EC_KDF_TYPE, from a mechanism's parameter to len
 * bytes of a key out of the shared secret z; CKD_NULL needs that many in z.
 * CKR_MECHANISM_PARAM_INVALID.
 */
CK_RV ecdh_kdf_params(CK_EC_KDF_TYPE type, const void *shared, CK_ULONG len,
    struct mech_params *p) MUST_CHECK;
CK_RV ecdh_kdf(const struct mech_call *c, struct view z, size_t len,
    struct buf *out) MUST_CHECK;

#endif
