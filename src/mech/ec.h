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

#endif
