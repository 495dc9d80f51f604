/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "fail.h"
#include "tries.h"

struct show {
	struct token_state state;
	struct buf pcrs;	/* as text; empty: none */
	const struct tpm_caps *caps;	/* NULL: not known */
};

/* The begin of a line for a person. */
static void
line(struct tool *t, const char *name)
{
	size_t start = t->out.bytes.len;

	text_fmt(&t->out, "%s:", name);
	text_pad(&t->out, start, 14);
}

static void
value(struct tool *t, const char *name, const char *text)
{
	line(t, name);
	text_safe(&t->out, view_str(text));
	text_str(&t->out, "\n");
}

static void
plain_tpm(struct tool *t, const struct show *s)
{
	const char *todo;

	line(t, "TPM");
	if (s->caps != NULL) {
		text_safe(&t->out, view_str(s->caps->manufacturer));
		text_str(&t->out, " ");
		text_safe(&t->out, view_str(s->caps->vendor));
		text_fmt(&t->out, ", firmware %08x%08x\n",
		    s->caps->firmware[0], s->caps->firmware[1]);
	} else
		text_str(&t->out, "not known\n");
	line(t, "SRK");
	if (s->state.parent_handle == 0)
		text_str(&t->out, "transient");
	else
		text_fmt(&t->out, "0x%08x", s->state.parent_handle);
	if (s->state.parent != CKR_OK)
		text_fmt(&t->out, "; NOT FOUND: %s",
		    reason_of(s->state.parent, &todo));
	text_str(&t->out, "\n");
	line(t, "SRK Name");
	text_hex(&t->out, s->state.parent_name);
	text_str(&t->out, "\n");
}

static void
plain_counter(struct tool *t, const struct show *s)
{
	const struct token_state *st = &s->state;
	const char *todo;

	line(t, "counter");
	if (st->counter_handle == 0 && st->check != CKR_OK)
		text_str(&t->out, "not known\n");
	else if (!st->counted)
		text_str(&t->out, "none: old copies of the store are "
		    "accepted\n");
	else if (st->counter_rv == CKR_OK)
		text_fmt(&t->out, "%" PRIu64 " (index 0x%08x)\n", st->counter,
		    st->counter_handle);
	else
		text_fmt(&t->out, "NOT READ (index 0x%08x): %s\n",
		    st->counter_handle, reason_of(st->counter_rv, &todo));
	line(t, "content");
	if (st->check == CKR_OK)
		text_fmt(&t->out, "in order, %zu objects\n", st->objects);
	else
		text_fmt(&t->out, "REFUSED: %s\n",
		    reason_of(st->check, &todo));
}

static void
plain(struct tool *t, const struct show *s)
{
	value(t, "label", tool_name(t));
	line(t, "serial");
	text_safe(&t->out, trimmed(t->row.serial, sizeof(t->row.serial)));
	text_fmt(&t->out, "\n");
	line(t, "slot");
	text_fmt(&t->out, "%" PRId64 "\n", t->row.id);
	value(t, "store", store_path(t->store));
	plain_tpm(t, s);
	line(t, "SO PIN");
	tries_text(&t->out, &s->state.pins[STORE_SO]);
	text_str(&t->out, "\n");
	line(t, "user PIN");
	tries_text(&t->out, &s->state.pins[STORE_USER]);
	text_str(&t->out, "\n");
	value(t, "PCRs", s->pcrs.len == 0 ? "none" :
	    (const char *)s->pcrs.data);
	plain_counter(t, s);
}

/* What is wrong, in words; null when nothing is. */
static void
json_code(struct tool *t, const char *key, CK_RV rv)
{
	const char *todo;

	if (rv == CKR_OK)
		json_null(&t->writer, key);
	else
		json_str(&t->writer, key, reason_of(rv, &todo));
}

static void
json_handle(struct tool *t, const char *key, uint32_t handle)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "0x%08x", handle);
	json_str(&t->writer, key, text);
}

static void
json_tpm(struct tool *t, const struct show *s)
{
	struct json *j = &t->writer;

	json_object(j, "tpm");
	if (s->caps != NULL) {
		json_str(j, "manufacturer", s->caps->manufacturer);
		json_str(j, "vendor", s->caps->vendor);
	}
	json_end(j);
	json_object(j, "srk");
	if (s->state.parent_handle == 0)
		json_str(j, "handle", "transient");
	else
		json_handle(t, "handle", s->state.parent_handle);
	json_hex(j, "name", s->state.parent_name);
	json_code(t, "error", s->state.parent);
	json_end(j);
}

static void
json(struct tool *t, const struct show *s)
{
	struct json *j = &t->writer;

	json_object(j, NULL);
	tool_json_token(t, &t->row);
	json_str(j, "store", store_path(t->store));
	json_tpm(t, s);
	tries_json(j, "so_pin", &s->state.pins[STORE_SO]);
	tries_json(j, "user_pin", &s->state.pins[STORE_USER]);
	json_text(j, "pcrs", buf_view(&s->pcrs));
	json_object(j, "counter");
	json_bool(j, "used", s->state.counted);
	if (s->state.counted) {
		json_handle(t, "handle", s->state.counter_handle);
		if (s->state.counter_rv == CKR_OK)
			json_number(j, "value", s->state.counter);
		json_code(t, "error", s->state.counter_rv);
	}
	json_end(j);
	json_object(j, "content");
	if (s->state.check == CKR_OK)
		json_number(j, "objects", s->state.objects);
	json_code(t, "error", s->state.check);
	json_end(j);
	json_end(j);
}

CK_RV
run_show(struct tool *t)
{
	struct show s = { .pcrs = BUF_EMPTY };
	CK_RV rv;

	if ((rv = tool_token(t)) != CKR_OK ||
	    (rv = tool_owner(t, false)) != CKR_OK)
		return rv;
	if ((rv = token_state_read(t->token, &s.state)) != CKR_OK ||
	    (s.state.pcrs.count != 0 &&
	    (rv = tpm_pcrs_format(&s.state.pcrs, &s.pcrs)) != CKR_OK)) {
		rv = fail(t, tool_name(t), rv);
		goto out;
	}
	if (token_caps(t->token, &s.caps) != CKR_OK)
		s.caps = NULL;
	if (t->json)
		json(t, &s);
	else
		plain(t, &s);
	t->wrong = s.state.check != CKR_OK || s.state.parent != CKR_OK;
out:
	buf_free(&s.pcrs);
	return rv;
}
