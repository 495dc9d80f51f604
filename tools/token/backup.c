/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"

CK_RV
run_backup(struct tool *t)
{
	CK_RV rv;

	if ((rv = tool_store(t)) != CKR_OK)
		return rv;
	if (t->store == NULL)
		return fail_as(t, "store", CKR_TOKEN_NOT_PRESENT,
		    "there is none yet", "tpm2-token init makes one");
	if ((rv = store_backup(t->store, t->operand)) != CKR_OK)
		return fail(t, "backup", rv);
	if (t->json) {
		json_object(&t->writer, NULL);
		json_str(&t->writer, "store", store_path(t->store));
		json_str(&t->writer, "backup", t->operand);
		json_end(&t->writer);
	}
	return CKR_OK;
}
