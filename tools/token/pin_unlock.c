/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"
#include "source.h"

static CK_RV
unlock_so(struct tool *t)
{
	CK_RV rv;

	if ((rv = tool_owner(t, true)) != CKR_OK)
		return rv;
	rv = token_so_unlock(t->token);
	return rv == CKR_OK ? rv : fail(t, tool_name(t), rv);
}

static CK_RV
unlock_user(struct tool *t)
{
	struct buf pin = BUF_EMPTY;
	CK_RV rv;

	if ((rv = tool_owner(t, false)) != CKR_OK ||
	    (rv = tool_so_pin(t, &pin)) != CKR_OK)
		goto out;
	if ((rv = token_login(t->token, CKU_SO, buf_view(&pin))) != CKR_OK)
		rv = fail_pin(t, STORE_SO, rv);
	else if ((rv = token_pin_unlock(t->token)) != CKR_OK)
		rv = fail_pin(t, STORE_USER, rv);
out:
	buf_free(&pin);
	return rv;
}

CK_RV
run_pin_unlock(struct tool *t)
{
	bool so = given(t, OPTION_SO);
	CK_RV rv;

	if (so && source_given(t, SECRET_SO_PIN))
		return misused(t, "pin unlock", "--so goes by the TPM owner's "
		    "password, not the SO's PIN");
	if ((rv = tool_token(t)) != CKR_OK ||
	    (rv = so ? unlock_so(t) : unlock_user(t)) != CKR_OK)
		return rv;
	tool_done(t);
	return CKR_OK;
}
