/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_SECRET_H
#define MECH_SECRET_H

#include "attr/attrs.h"
#include "tpm/caps.h"

/*
 * Secret keys whose value is in software; for this folder only.
 */

/* The longest secret that is made, in bytes. */
#define SECRET_MAX 4096

/*
 * The length of the secret that the template a asks for: CKA_VALUE_LEN, or
 * natural for types that come in any length (0: then it has to be said).
 * CKR_TEMPLATE_INCOMPLETE when the length is missing,
 * CKR_ATTRIBUTE_VALUE_INVALID for one that the key type does not have,
 * CKR_KEY_SIZE_RANGE above SECRET_MAX, CKR_TEMPLATE_INCONSISTENT for a type
 * that is no secret.
 */
CK_RV secret_length(const struct attrs *a, size_t natural,
    size_t *len) MUST_CHECK;

/* Is the secret that the template asks for never to be seen outside? */
bool secret_is_closed(const struct attrs *a);

/* For struct mech_family: any secret up to SECRET_MAX, counted in bytes
 * (MACs, derivations) or in bits (CKM_GENERIC_SECRET_KEY_GEN, 6.8). */
bool secret_sizes_bytes(const struct tpm_caps *caps, CK_ULONG *min,
    CK_ULONG *max);
bool secret_sizes_bits(const struct tpm_caps *caps, CK_ULONG *min,
    CK_ULONG *max);

#endif
