/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_KEY_H
#define TPM_KEY_H

#include "tpm/tpm.h"

/*
 * A key that is used inside the TPM. It is loaded when first used, then kept
 * in a cache of the connection and evicted, oldest first, when the TPM runs
 * out of room, so any number of struct tpm_key may exist on a TPM of three
 * transient slots. Reference counted; the last tpm_key_unref flushes it.
 * A key's struct tpm has to outlive it or be abandoned: after tpm_free and
 * tpm_abandon its operations answer CKR_DEVICE_REMOVED and unref is safe.
 */
struct tpm_key;

/* Copies parent and blob; sends nothing. CKR_DATA_INVALID when the blob
 * cannot be unmarshalled. */
CK_RV tpm_key_new(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, struct tpm_key **out) MUST_CHECK;
struct tpm_key *tpm_key_ref(struct tpm_key *k);
void tpm_key_unref(struct tpm_key **k);

/* Bytes that only the holder of the key's authValue can compute, for the
 * implicit rejection of rsa_pad.h; 32 bytes, always the same for a key. */
CK_RV tpm_key_secret(const struct tpm_key *k, struct buf *out) MUST_CHECK;

/*
 * Common to the operations: CKR_TOKEN_NOT_RECOGNIZED when the TPM refuses to
 * load the key (another TPM's), CKR_KEY_FUNCTION_NOT_PERMITTED when its TPM
 * attributes lack the use, CKR_DEVICE_ERROR when its authValue is wrong (no
 * person typed it).
 */

/*
 * ECDSA by TPM2_Sign over a digest of any length (leftmost bits count; a
 * length that the TPM has no hash for is brought to one without changing the
 * integer). signature is r|s, each padded to the order's bytes.
 * CKR_DATA_LEN_RANGE when the TPM cannot sign so long a digest.
 */
CK_RV tpm_key_ecdsa(struct tpm_key *k, struct view digest,
    struct buf *signature) MUST_CHECK;

/* Raw RSA private operation (TPM2_RSA_Decrypt, scheme NULL) on exactly the
 * modulus' length, for signatures too: the key needs TPM_USE_DECRYPT.
 * CKR_DATA_INVALID when in is not below the modulus. */
CK_RV tpm_key_rsa(struct tpm_key *k, struct view in,
    struct buf *out) MUST_CHECK;

/* TPM2_ECDH_ZGen with a peer point 04|X|Y that is known to be on the curve;
 * z is the x-coordinate padded to the field size. */
CK_RV tpm_key_ecdh(struct tpm_key *k, struct view point,
    struct buf *z) MUST_CHECK;

#endif
