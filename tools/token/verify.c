/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "fail.h"
#include "pick.h"
#include "source.h"
#include "util/cryptoki_names.h"

struct verify {
	struct tool *tool;
	size_t rows;		/* objects looked at */
	size_t faults;
};

static void
fault_json(struct json *j, const struct store_finding *f)
{
	const char *code = ckr_name(f->rv);

	json_object(j, NULL);
	json_str(j, "what", f->what);
	if (f->object != 0)
		json_number(j, "object", (uint64_t)f->object);
	json_str(j, "code", code != NULL ? code : "");
	json_str(j, "why", f->why != NULL ? f->why : "");
	json_end(j);
}

static void
fault_plain(struct tool *t, const struct store_finding *f)
{
	text_str(&t->out, tool_name(t));
	text_fmt(&t->out, ": %s", f->what);
	if (f->object != 0)
		text_fmt(&t->out, " %" PRId64, f->object);
	text_str(&t->out, ": DAMAGED: ");
	text_safe(&t->out, view_str(f->why));
	text_str(&t->out, "\n");
}

static void
tell(void *arg, const struct store_finding *f)
{
	struct verify *v = arg;

	v->rows += strcmp(f->what, "object") == 0;
	if (f->rv == CKR_OK)
		return;
	v->faults++;
	if (v->tool->json)
		fault_json(&v->tool->writer, f);
	else
		fault_plain(v->tool, f);
}

static void
begin(struct tool *t)
{
	if (!t->json)
		return;
	json_object(&t->writer, NULL);
	tool_json_token(t, &t->row);
	json_list(&t->writer, "faults");
}

static void
end(struct tool *t, const struct verify *v)
{
	if (t->json) {
		json_end(&t->writer);
		json_number(&t->writer, "objects", v->rows);
		json_bool(&t->writer, "ok", v->faults == 0);
		json_end(&t->writer);
		return;
	}
	text_str(&t->out, tool_name(t));
	if (v->faults == 0)
		text_fmt(&t->out, ": ok, %zu objects\n", v->rows);
	else
		text_fmt(&t->out, ": %zu faults, %zu objects\n", v->faults,
		    v->rows);
}

/* The token that was taken. What keeps it from being looked at is a finding
 * too, so that the others get their turn. */
static void
verify_token(struct tool *t)
{
	struct verify v = { .tool = t };
	struct store_finding f = { .what = "token" };
	const char *todo;
	CK_RV rv;

	begin(t);
	if ((rv = token_verify(t->token, tell, &v)) != CKR_OK) {
		f.rv = rv;
		f.why = reason_of(rv, &todo);
		tell(&v, &f);
	}
	end(t, &v);
	if (v.faults != 0)
		t->wrong = true;
}

static CK_RV
verify_all(struct tool *t)
{
	struct tokens all = { NULL, 0 };
	size_t i;
	CK_RV rv;

	if ((rv = tool_open(t)) != CKR_OK ||
	    (rv = pick_all(t, &all)) != CKR_OK)
		goto out;
	for (i = 0; i < all.count; i++) {
		if ((rv = tool_take(t, &all.list[i])) != CKR_OK)
			goto out;
		verify_token(t);
	}
out:
	tokens_free(&all);
	return rv;
}

/* A token whose content is not in order lets nobody in: then what can be
 * looked at without a PIN tells why. */
static CK_RV
log_in(struct tool *t)
{
	struct buf pin = BUF_EMPTY;
	CK_RV rv;

	if ((rv = source_read(t, SECRET_PIN, "user PIN", tool_name(t),
	    &pin)) != CKR_OK)
		goto out;
	rv = token_login(t->token, CKU_USER, buf_view(&pin));
	if (rv == CKR_DEVICE_ERROR || rv == CKR_DATA_INVALID) {
		t->wrong = true;
		rv = CKR_OK;
	}
	if (rv != CKR_OK)
		rv = fail_pin(t, STORE_USER, rv);
out:
	buf_free(&pin);
	return rv;
}

static CK_RV
verify_one(struct tool *t)
{
	CK_RV rv;

	if ((rv = tool_token(t)) != CKR_OK ||
	    ((given(t, OPTION_LOGIN) || source_given(t, SECRET_PIN)) &&
	    (rv = log_in(t)) != CKR_OK))
		return rv;
	verify_token(t);
	return CKR_OK;
}

CK_RV
run_verify(struct tool *t)
{
	CK_RV rv;

	if (t->operand == NULL && (given(t, OPTION_LOGIN) ||
	    source_given(t, SECRET_PIN)))
		return misused(t, "verify", "a PIN is of one token: name it");
	if (t->json)
		json_list(&t->writer, NULL);
	rv = t->operand != NULL ? verify_one(t) : verify_all(t);
	if (t->json && rv == CKR_OK)
		json_end(&t->writer);
	return rv;
}
