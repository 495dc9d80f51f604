/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool.h"

#include <string.h>

#include "fail.h"
#include "pick.h"
#include "prompt.h"
#include "source.h"
#include "token/machine.h"
#include "tpm/state.h"

bool
given(const struct tool *t, enum option_id id)
{
	return t->options.value[id] != NULL;
}

CK_RV
tool_configure(struct tool *t)
{
	CK_RV rv;

	if (t->configured)
		return CKR_OK;
	t->configured = true;
	rv = config_load(&t->config);
	if (rv == CKR_FUNCTION_FAILED)
		return fail_as(t, "configuration", rv, "it is not in order",
		    "mend what is named above");
	return rv == CKR_OK ? rv : fail(t, "configuration", rv);
}

CK_RV
tool_store(struct tool *t)
{
	CK_RV rv;

	if ((rv = tool_configure(t)) != CKR_OK)
		return rv;
	rv = store_open(&t->config, false, &t->store);
	if (rv == CKR_OK || rv == CKR_TOKEN_NOT_PRESENT)
		return CKR_OK;
	return fail(t, "store", rv);
}

CK_RV
tool_open(struct tool *t)
{
	CK_RV rv;

	if ((rv = tool_store(t)) != CKR_OK)
		return rv;
	if ((rv = slots_new(&t->config, &t->slots)) != CKR_OK ||
	    (rv = slots_refresh(t->slots)) != CKR_OK)
		return fail(t, "store", rv);
	return CKR_OK;
}

CK_RV
tool_take(struct tool *t, const struct store_token *row)
{
	CK_RV rv;

	store_token_free(&t->row);
	text_free(&t->name);
	pick_name(row, &t->name);
	if ((rv = t->name.rv) != CKR_OK ||
	    (rv = store_token_get(t->store, row->id, &t->row)) != CKR_OK)
		return fail(t, "token", rv);
	t->token = slots_find(t->slots, (CK_SLOT_ID)row->id);
	if (t->token == NULL)
		return fail(t, tool_name(t),
		    CKR_TOKEN_NOT_PRESENT);
	if ((rv = token_refresh(t->token)) != CKR_OK)
		return fail(t, tool_name(t), rv);
	return CKR_OK;
}

CK_RV
tool_token(struct tool *t)
{
	struct tokens all = { NULL, 0 };
	size_t i;
	CK_RV rv;

	if ((rv = tool_open(t)) != CKR_OK ||
	    (rv = pick_all(t, &all)) != CKR_OK ||
	    (rv = pick_one(t, &all, t->operand, &i)) != CKR_OK)
		goto out;
	rv = tool_take(t, &all.list[i]);
out:
	tokens_free(&all);
	return rv;
}

/* A TPM that cannot be asked says so at the next command. */
static bool
owner_has_password(struct tool *t)
{
	struct tpm_state s;

	return tpm_state_read(machine_tpm(slots_machine(t->slots)), &s) ==
	    CKR_OK && s.owner_auth_set;
}

CK_RV
tool_owner(struct tool *t, bool needed)
{
	struct buf auth = BUF_EMPTY;
	CK_RV rv;

	if (!source_given(t, SECRET_OWNER_AUTH) &&
	    (!needed || t->config.owner_auth_file.len != 0 ||
	    !owner_has_password(t) || !prompt_possible()))
		return CKR_OK;
	if ((rv = source_read(t, SECRET_OWNER_AUTH, "TPM owner's password",
	    NULL, &auth)) != CKR_OK)
		goto out;
	if ((rv = machine_set_owner_auth(slots_machine(t->slots),
	    buf_view(&auth))) != CKR_OK)
		rv = fail(t, "TPM owner's password", rv);
out:
	buf_free(&auth);
	return rv;
}

CK_RV
tool_pcrs(struct tool *t, struct tpm_pcrs *pcrs)
{
	const char *text = t->options.value[OPTION_PCRS];
	CK_RV rv;

	if (text == NULL)
		return CKR_OK;
	if (strcmp(text, "none") == 0) {
		*pcrs = TPM_PCRS_NONE;
		return CKR_OK;
	}
	rv = tpm_pcrs_parse(view_str(text), pcrs);
	return rv != CKR_DATA_INVALID ? rv : misused(t, "--pcrs",
	    "is a list of registers, such as sha256:0,2,7, or none");
}

const char *
tool_name(const struct tool *t)
{
	return (const char *)t->name.bytes.data;
}

CK_RV
tool_so_pin(struct tool *t, struct buf *pin)
{
	return source_read(t, SECRET_SO_PIN, "SO PIN", tool_name(t), pin);
}

void
tool_json_token(struct tool *t, const struct store_token *row)
{
	struct view label = trimmed(row->label, sizeof(row->label));

	json_number(&t->writer, "slot", (uint64_t)row->id);
	json_text(&t->writer, "label", label);
	if (!utf8_is_valid(label))
		json_hex(&t->writer, "label_hex", label);
	json_text(&t->writer, "serial",
	    trimmed(row->serial, sizeof(row->serial)));
}

void
tool_done(struct tool *t)
{
	if (!t->json)
		return;
	json_object(&t->writer, NULL);
	tool_json_token(t, &t->row);
	json_end(&t->writer);
}
