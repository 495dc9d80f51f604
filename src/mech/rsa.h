/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_RSA_H
#define MECH_RSA_H

#include "mech/family.h"

/*
 * What the RSA families share: the raw operations, on exactly the length of
 * the modulus. The private one runs in the TPM, or with a software key here;
 * the public one in software.
 */
size_t rsa_len(const struct mech_call *c);
CK_RV rsa_private(const struct mech_call *c, struct view in,
    struct buf *out) MUST_CHECK;
/* Bytes that are always the same for a key and nobody else's to know, for
 * the implicit rejection of rsa_pad.h. */
CK_RV rsa_secret(const struct mech_call *c, struct buf *out) MUST_CHECK;
CK_RV rsa_public(const struct mech_call *c, struct view in,
    struct buf *out) MUST_CHECK;

/* The private operation on a ciphertext: CKR_ENCRYPTED_DATA_LEN_RANGE,
 * CKR_ENCRYPTED_DATA_INVALID when it is not below the modulus. */
CK_RV rsa_open(const struct mech_call *c, struct view ciphertext,
    struct buf *em) MUST_CHECK;
/* The public operation on a signature: CKR_SIGNATURE_LEN_RANGE,
 * CKR_SIGNATURE_INVALID when it is not below the modulus. */
CK_RV rsa_open_signature(const struct mech_call *c, struct view signature,
    struct buf *em) MUST_CHECK;

/* For struct mech_family. */
bool rsa_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max);
/* All uses give the modulus' length. */
size_t rsa_output_len(const struct mech_call *c, enum mech_use use,
    bool *exact);
size_t rsa_limit_len(const struct mech_call *c, enum mech_use use);

#endif
