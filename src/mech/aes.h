/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_AES_H
#define MECH_AES_H

#include "crypto/aes_key.h"
#include "mech/family.h"

/*
 * The key of an AES mechanism as the modes of crypto/ take it; for this
 * folder only. Where its value is not known, all modes are made of ECB in
 * both directions and of CBC encryption by the TPM, with as many commands as
 * the TPM's own mode would take: so a key needs no more than ECB of its TPM
 * (without CBC, what chains goes block by block).
 *
 * Borrows k; not to be moved while a mode has it.
 */
struct aes {
	struct aes_key key;
	struct tpm_key *tpm;	/* NULL: the value is known */
	bool no_cbc;		/* this TPM has said so */
};

void aes_init(struct aes *a, const struct key *k);

/* CBC encryption from iv, which becomes the last block of out; in and out
 * are the same place or do not overlap. */
CK_RV aes_cbc(struct aes *a, uint8_t iv[AES_BLOCK], const uint8_t *in,
    uint8_t *out, size_t blocks) MUST_CHECK;

/* For struct mech_family. */
CK_RV aes_check(const struct mech_call *c);
bool aes_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max);
bool aes_in_tpm(const struct tpm_caps *caps);

#endif
