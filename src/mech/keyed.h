/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_KEYED_H
#define MECH_KEYED_H

#include "crypto/prf.h"
#include "mech/key.h"

/*
 * A secret key as the PRF of a derivation: HMAC with a hash, CMAC without;
 * over its value, or by the TPM when it is there. For this folder only.
 */
struct keyed {
	struct prf prf;
	struct aes_key aes;
};

/* *out borrows key, and is not to be copied. CKR_KEY_TYPE_INCONSISTENT for a
 * key without a value, CKR_KEY_SIZE_RANGE for one that is no AES key. */
CK_RV keyed_prf(struct key *key, const struct hash *hash,
    struct keyed *out) MUST_CHECK;

#endif
