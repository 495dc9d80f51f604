/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"
#include "source.h"

CK_RV
run_delete(struct tool *t)
{
	struct buf pin = BUF_EMPTY;
	struct view so_pin;
	CK_RV rv;

	if (given(t, OPTION_FORCE) && source_given(t, SECRET_SO_PIN))
		return misused(t, "delete", "--force goes without the SO's "
		    "PIN");
	if ((rv = tool_token(t)) != CKR_OK ||
	    (rv = tool_owner(t, true)) != CKR_OK)
		return rv;
	if (given(t, OPTION_FORCE)) {
		if ((rv = token_delete(t->token, NULL)) != CKR_OK)
			rv = fail(t, tool_name(t), rv);
	} else if ((rv = tool_so_pin(t, &pin)) == CKR_OK) {
		so_pin = buf_view(&pin);
		if ((rv = token_delete(t->token, &so_pin)) != CKR_OK)
			rv = fail_pin(t, STORE_SO, rv);
	}
	buf_free(&pin);
	if (rv == CKR_OK)
		tool_done(t);
	return rv;
}
