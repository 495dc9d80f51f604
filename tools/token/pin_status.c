/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"
#include "tries.h"

CK_RV
run_pin_status(struct tool *t)
{
	struct token_state s;
	CK_RV rv;

	if ((rv = tool_token(t)) != CKR_OK ||
	    (rv = tool_owner(t, false)) != CKR_OK)
		return rv;
	if ((rv = token_state_read(t->token, &s)) != CKR_OK)
		return fail(t, tool_name(t), rv);
	if (t->json) {
		json_object(&t->writer, NULL);
		tool_json_token(t, &t->row);
		tries_json(&t->writer, "so_pin", &s.pins[STORE_SO]);
		tries_json(&t->writer, "user_pin", &s.pins[STORE_USER]);
		json_end(&t->writer);
		return CKR_OK;
	}
	text_str(&t->out, "SO PIN:    ");
	tries_text(&t->out, &s.pins[STORE_SO]);
	text_str(&t->out, "\nuser PIN:  ");
	tries_text(&t->out, &s.pins[STORE_USER]);
	text_str(&t->out, "\n");
	return CKR_OK;
}
