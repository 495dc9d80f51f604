/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_PCR_H
#define TPM_PCR_H

#include "tpm/tpm.h"

/*
 * Platform configuration registers that a seal is bound to, and seals that
 * need nothing else (for the key of the device, which no PIN guards).
 */
#define TPM_PCR_BANKS 4
#define TPM_PCR_COUNT 24

struct tpm_pcrs {
	size_t count;	/* of banks; 0: bound to no PCR */
	struct {
		uint16_t hash;		/* TPM_ALG_ID */
		uint32_t registers;	/* bit i: PCR i */
	} banks[TPM_PCR_BANKS];
};
#define TPM_PCRS_NONE ((struct tpm_pcrs){ .count = 0 })

/*
 * "sha256:0,2,7", several banks with "+" between them. Banks: sha1, sha256,
 * sha384, sha512, each once; registers: 0 to 23, decimal, each once and at
 * least one. Nothing else, blanks neither: CKR_DATA_INVALID.
 */
CK_RV tpm_pcrs_parse(struct view text, struct tpm_pcrs *out) MUST_CHECK;
/* The same text for the same choice, however it was written; with a NUL that
 * len does not count. */
CK_RV tpm_pcrs_format(const struct tpm_pcrs *pcrs,
    struct buf *text) MUST_CHECK;

/*
 * A secret of 1 to 128 bytes that this TPM gives as long as pcrs have the
 * values that they have now; with no PCRs as long as it has its owner seed.
 * After a legitimate change: unseal before it, seal anew after it.
 * CKR_DATA_LEN_RANGE; CKR_DATA_INVALID when the TPM has no such PCR.
 */
CK_RV tpm_policy_seal(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, const struct tpm_pcrs *pcrs,
    struct tpm_blob *out) MUST_CHECK;
/*
 * CKR_ACTION_PROHIBITED when a PCR has another value now (or pcrs are not
 * those of the seal), CKR_TOKEN_NOT_RECOGNIZED for a blob of another TPM.
 */
CK_RV tpm_policy_unseal(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, const struct tpm_pcrs *pcrs,
    struct buf *secret) MUST_CHECK;

#endif
