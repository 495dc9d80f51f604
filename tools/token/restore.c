/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"
#include "source.h"

/* Put the backup in the store's place; kept is where the old one went. */
static CK_RV
replace(struct tool *t, struct buf *kept)
{
	CK_RV rv;

	if (!given(t, OPTION_FROM))
		return CKR_OK;
	rv = store_replace(&t->config, t->options.value[OPTION_FROM], kept);
	if (rv == CKR_DATA_INVALID)
		return fail_as(t, "--from", rv, "it is no store of this "
		    "program", "nothing was changed");
	return rv == CKR_OK ? rv : fail(t, "--from", rv);
}

static void
tell(struct tool *t, const struct buf *kept)
{
	if (t->json) {
		json_object(&t->writer, NULL);
		tool_json_token(t, &t->row);
		if (kept->len != 0)
			json_text(&t->writer, "kept", buf_view(kept));
		json_end(&t->writer);
	} else if (kept->len != 0) {
		text_str(&t->out, "what was there is now ");
		text_safe(&t->out, buf_view(kept));
		text_str(&t->out, "\n");
	}
}

static CK_RV
accept_token(struct tool *t, const struct buf *pin)
{
	CK_RV rv;

	if ((rv = tool_token(t)) != CKR_OK ||
	    (rv = tool_owner(t, true)) != CKR_OK)
		return rv;
	if ((rv = token_restore(t->token, buf_view(pin))) != CKR_OK)
		return fail_pin(t, STORE_SO, rv);
	return CKR_OK;
}

/* What is in the way from here on is no longer about the file. */
static void
say_replaced(struct tool *t, const struct buf *kept)
{
	text_str(&t->trouble, "; the store has been replaced");
	if (kept->len != 0) {
		text_str(&t->trouble, ", what was there is now ");
		text_safe(&t->trouble, buf_view(kept));
	}
}

CK_RV
run_restore(struct tool *t)
{
	struct buf pin = BUF_EMPTY, kept = BUF_EMPTY;
	CK_RV rv;

	/* asked first, so that who goes away here has changed nothing */
	if ((rv = tool_configure(t)) != CKR_OK ||
	    (rv = source_read(t, SECRET_SO_PIN, "SO PIN", t->operand,
	    &pin)) != CKR_OK ||
	    (rv = replace(t, &kept)) != CKR_OK)
		goto out;
	if ((rv = accept_token(t, &pin)) != CKR_OK) {
		if (given(t, OPTION_FROM))
			say_replaced(t, &kept);
		goto out;
	}
	tell(t, &kept);
out:
	buf_free(&pin);
	buf_free(&kept);
	return rv;
}
