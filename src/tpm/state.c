/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/state.h"

#include "tpm/internal.h"

static void
take(struct tpm_state *s, TPM2_PT property, UINT32 value)
{
	switch (property) {
	case TPM2_PT_PERMANENT:
		s->owner_auth_set =
		    (value & TPMA_PERMANENT_OWNERAUTHSET) != 0;
		s->in_lockout = (value & TPMA_PERMANENT_INLOCKOUT) != 0;
		break;
	case TPM2_PT_LOCKOUT_COUNTER:
		s->lockout_count = value;
		break;
	case TPM2_PT_MAX_AUTH_FAIL:
		s->lockout_max = value;
		break;
	case TPM2_PT_LOCKOUT_INTERVAL:
		s->lockout_interval = value;
		break;
	case TPM2_PT_LOCKOUT_RECOVERY:
		s->lockout_recovery = value;
		break;
	case TPM2_PT_HR_NV_INDEX:
		s->nv_indices = value;
		break;
	case TPM2_PT_NV_COUNTERS:
		s->nv_counters = value;
		break;
	case TPM2_PT_HR_PERSISTENT_AVAIL:
		s->persistent_free = value;
		break;
	default:
		break;
	}
}

CK_RV
tpm_state_read(struct tpm *t, struct tpm_state *out)
{
	struct capability a = { .kind = TPM2_CAP_TPM_PROPERTIES,
	    .first = TPM2_PT_VAR, .count = TPM2_MAX_TPM_PROPERTIES };
	const struct call c = { .command = &get_capability, .args = &a };
	const TPML_TAGGED_TPM_PROPERTY *l = &a.data.data.tpmProperties;
	struct tpm_state s = { .in_lockout = false };
	size_t i;
	CK_RV rv;

	if ((rv = tpm_call(t, &c)) != CKR_OK)
		return rv;
	for (i = 0; i < l->count; i++)
		take(&s, l->tpmProperty[i].property, l->tpmProperty[i].value);
	*out = s;
	return CKR_OK;
}
