/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"

static CK_RV
reseal(struct tool *t, const struct buf *pin, const struct tpm_pcrs *pcrs)
{
	CK_RV rv = token_reseal(t->token, buf_view(pin),
	    given(t, OPTION_PCRS) ? pcrs : NULL);

	if (rv == CKR_DATA_INVALID && given(t, OPTION_PCRS))
		return fail_as(t, "--pcrs", rv, "this TPM has no such "
		    "registers", "tpm2_getcap pcrs lists those it has");
	return rv == CKR_OK ? rv : fail_pin(t, STORE_SO, rv);
}

CK_RV
run_reseal(struct tool *t)
{
	struct tpm_pcrs pcrs = TPM_PCRS_NONE;
	struct buf pin = BUF_EMPTY;
	CK_RV rv;

	if ((rv = tool_pcrs(t, &pcrs)) != CKR_OK ||
	    (rv = tool_token(t)) != CKR_OK ||
	    (rv = tool_so_pin(t, &pin)) != CKR_OK ||
	    (rv = reseal(t, &pin, &pcrs)) != CKR_OK)
		goto out;
	tool_done(t);
out:
	buf_free(&pin);
	return rv;
}
