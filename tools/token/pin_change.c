/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"
#include "source.h"

static CK_RV
change(struct tool *t, enum store_role role, const struct buf *old_pin,
    const struct buf *new_pin)
{
	CK_RV rv = CKR_OK;

	if (role == STORE_SO)
		rv = token_login(t->token, CKU_SO, buf_view(old_pin));
	if (rv == CKR_OK)
		rv = token_set_pin(t->token, buf_view(old_pin),
		    buf_view(new_pin));
	return rv == CKR_OK ? rv : fail_pin(t, role, rv);
}

CK_RV
run_pin_change(struct tool *t)
{
	bool so = given(t, OPTION_SO);
	struct buf old_pin = BUF_EMPTY, new_pin = BUF_EMPTY;
	CK_RV rv;

	if (source_given(t, so ? SECRET_PIN : SECRET_SO_PIN))
		return misused(t, "pin change", so ? "the old PIN comes by a "
		    "--so-pin option" : "the SO's PIN goes with --so");
	if ((rv = tool_token(t)) != CKR_OK)
		return rv;
	if (!so && !t->row.pins[STORE_USER].set)
		return fail_pin(t, STORE_USER, CKR_USER_PIN_NOT_INITIALIZED);
	if ((rv = source_read(t, so ? SECRET_SO_PIN : SECRET_PIN,
	    so ? "SO PIN" : "user PIN", tool_name(t), &old_pin)) != CKR_OK ||
	    (rv = source_new(t, SECRET_NEW_PIN, so ? "new SO PIN" :
	    "new user PIN", tool_name(t), &new_pin)) != CKR_OK ||
	    (rv = change(t, so ? STORE_SO : STORE_USER, &old_pin,
	    &new_pin)) != CKR_OK)
		goto out;
	tool_done(t);
out:
	buf_free(&old_pin);
	buf_free(&new_pin);
	return rv;
}
