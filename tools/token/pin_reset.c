/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"
#include "source.h"

CK_RV
run_pin_reset(struct tool *t)
{
	struct buf so_pin = BUF_EMPTY, new_pin = BUF_EMPTY;
	CK_RV rv;

	if ((rv = tool_token(t)) != CKR_OK ||
	    (rv = tool_owner(t, false)) != CKR_OK ||
	    (rv = tool_so_pin(t, &so_pin)) != CKR_OK ||
	    (rv = source_new(t, SECRET_NEW_PIN, "new user PIN", tool_name(t),
	    &new_pin)) != CKR_OK)
		goto out;
	if ((rv = token_login(t->token, CKU_SO, buf_view(&so_pin))) !=
	    CKR_OK) {
		rv = fail_pin(t, STORE_SO, rv);
		goto out;
	}
	if ((rv = token_init_pin(t->token, buf_view(&new_pin))) != CKR_OK)
		rv = fail(t, tool_name(t), rv);
	else
		tool_done(t);
out:
	buf_free(&so_pin);
	buf_free(&new_pin);
	return rv;
}
