/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"

/* Less is nonsense. */
#define PORTION_MIN 64

bool
input_was_too_much(struct tpm *t)
{
	struct capability a = { .kind = TPM2_CAP_TPM_PROPERTIES,
	    .first = TPM2_PT_INPUT_BUFFER, .count = 1 };
	const struct call c = { .command = &get_capability, .args = &a };
	const TPML_TAGGED_TPM_PROPERTY *l = &a.data.data.tpmProperties;
	size_t size;

	if (tpm_call(t, &c) != CKR_OK || l->count == 0 ||
	    l->tpmProperty[0].property != TPM2_PT_INPUT_BUFFER)
		return false;
	size = l->tpmProperty[0].value;
	if (size < PORTION_MIN || size >= t->input_buffer)
		return false;
	t->input_buffer = size;
	return true;
}
