/* SPDX-License-Identifier: BSD-2-Clause */
#include "tries.h"

#include <stdio.h>

#include "fail.h"

bool
tries_locked(const struct token_pin_state *p)
{
	return p->by_index && p->limit != 0 && p->count >= p->limit;
}

/* Why the number is not the TPM's own. */
static void
hint_text(struct text *out, CK_RV rv)
{
	const char *todo;

	text_str(out, ", as last seen; ");
	text_str(out, rv == CKR_USER_NOT_LOGGED_IN ? "the TPM tells it only "
	    "by its owner's password" : reason_of(rv, &todo));
}

void
tries_text(struct text *out, const struct token_pin_state *p)
{
	text_str(out, tries_locked(p) ? "LOCKED" : p->set ? "set" :
	    "not set");
	if (!p->by_index) {
		text_str(out, "; the TPM's own lockout counts wrong tries");
		return;
	}
	text_fmt(out, "; %u", p->count);
	if (p->limit != 0)
		text_fmt(out, " of %u", p->limit);
	text_fmt(out, " wrong tries (index 0x%08x)", p->handle);
	if (p->rv != CKR_OK)
		hint_text(out, p->rv);
}

void
tries_json(struct json *j, const char *key, const struct token_pin_state *p)
{
	char handle[16];

	json_object(j, key);
	json_bool(j, "set", p->set);
	json_str(j, "guard", p->by_index ? "index" : "lockout");
	if (p->by_index) {
		(void)snprintf(handle, sizeof(handle), "0x%08x", p->handle);
		json_str(j, "handle", handle);
		json_number(j, "count", p->count);
		if (p->limit != 0)
			json_number(j, "limit", p->limit);
		json_bool(j, "locked", tries_locked(p));
		json_str(j, "from", p->rv == CKR_OK ? "tpm" : "store");
	}
	json_end(j);
}
