/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_STATE_H
#define TPM_STATE_H

#include "tpm/tpm.h"

/*
 * What a TPM says of itself that may change from one moment to the next
 * (TPM_PT_VAR; Part 2, 6.13). For people, not for decisions: the answer is
 * not authenticated.
 */
struct tpm_state {
	bool owner_auth_set;	/* the owner hierarchy has a password */
	bool in_lockout;	/* of the whole TPM */
	uint32_t lockout_count;	/* TPM_PT_LOCKOUT_COUNTER */
	uint32_t lockout_max;	/* TPM_PT_MAX_AUTH_FAIL */
	uint32_t lockout_interval;	/* seconds until one is forgiven */
	uint32_t lockout_recovery;	/* seconds */
	uint32_t nv_indices;	/* defined now */
	uint32_t nv_counters;	/* of these, counters */
	uint32_t persistent_free;	/* keys that can still be persisted */
};

/* One command. A value that the TPM does not tell is 0. */
CK_RV tpm_state_read(struct tpm *t, struct tpm_state *out) MUST_CHECK;

#endif
