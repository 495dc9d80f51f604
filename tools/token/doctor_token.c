/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "fail.h"
#include "finding.h"
#include "tries.h"

/* What doctor asks about one token. Each finding is of the token's name. */

static void
note_handle(struct doctor *d, uint32_t handle)
{
	if (handle != 0 && d->handle_count < ARRAY_LEN(d->handles))
		d->handles[d->handle_count++] = handle;
}

/* A finding of words that begin with what it is about. */
static void
about(struct doctor *d, enum mark mark, const char *part,
    const char *words, const char *todo)
{
	struct text text = TEXT_EMPTY;

	text_str(&text, part);
	text_str(&text, ": ");
	text_str(&text, words);
	found(d, mark, tool_name(d->tool), &text, todo);
	text_free(&text);
}

static void
look_at_parent(struct doctor *d, const struct token_state *s)
{
	const char *todo, *why;

	if (s->parent == CKR_OK)
		about(d, MARK_OK, "SRK", "the one that it was made with",
		    NULL);
	else if (s->parent == CKR_TOKEN_NOT_RECOGNIZED)
		about(d, MARK_FAIL, "SRK", "not in this TPM: it is another "
		    "TPM, or it was cleared", "with the old TPM the token is "
		    "whole; else its keys are lost, and tpm2-token delete "
		    "--force removes it");
	else {
		why = reason_of(s->parent, &todo);
		about(d, MARK_FAIL, "SRK", why, todo);
	}
}

static void
look_at_pin(struct doctor *d, const char *part,
    const struct token_pin_state *p, bool so)
{
	struct text words = TEXT_EMPTY;
	bool gone = p->by_index && p->rv == CKR_TOKEN_NOT_RECOGNIZED;

	note_handle(d, p->handle);
	text_str(&words, part);
	text_str(&words, ": ");
	tries_text(&words, p);
	if (gone)
		found(d, MARK_FAIL, tool_name(d->tool), &words, so ?
		    "its owner removed the index: initialise the token anew" :
		    "its owner removed the index: set the PIN anew by "
		    "tpm2-token pin reset");
	else if (tries_locked(p))
		found(d, MARK_FAIL, tool_name(d->tool), &words,
		    so ? "tpm2-token pin unlock --so, by the TPM's owner" :
		    "tpm2-token pin unlock, by the SO");
	else
		found(d, p->by_index || !p->set ? MARK_OK : MARK_WARN,
		    tool_name(d->tool), &words, "wrong PINs count for keys of "
		    "others too; the guard \"index\" is better where the TPM "
		    "has it");
	text_free(&words);
}

static void
look_at_counter(struct doctor *d, const struct token_state *s)
{
	struct text words = TEXT_EMPTY;
	const char *todo;

	if (!s->counted) {
		about(d, MARK_OK, "counter", "none, so old copies of the "
		    "store are accepted", NULL);
		return;
	}
	note_handle(d, s->counter_handle);
	text_fmt(&words, "counter: index 0x%08x ", s->counter_handle);
	if (s->counter_rv == CKR_OK)
		text_fmt(&words, "at %" PRIu64, s->counter);
	else
		text_str(&words, reason_of(s->counter_rv, &todo));
	found(d, s->counter_rv == CKR_OK ? MARK_OK : MARK_FAIL,
	    tool_name(d->tool), &words, "tpm2-token restore makes a new one, "
	    "when you know that this store is no old copy");
	text_free(&words);
}

static void
look_at_content(struct doctor *d, const struct token_state *s)
{
	struct text words = TEXT_EMPTY;
	const char *todo, *why;

	if (s->check == CKR_OK) {
		text_fmt(&words, "content: in order, %zu objects",
		    s->objects);
		found(d, MARK_OK, tool_name(d->tool), &words, NULL);
	} else if (s->check == CKR_DEVICE_ERROR)
		about(d, MARK_FAIL, "content", "refused: it was edited, or is "
		    "an old copy", "tpm2-token verify names what is damaged; "
		    "an old copy is accepted by tpm2-token restore");
	else {
		why = reason_of(s->check, &todo);
		about(d, MARK_FAIL, "content", why, todo);
	}
	text_free(&words);
}

void
doctor_token(struct doctor *d)
{
	struct tool *t = d->tool;
	struct token_state s;
	CK_RV rv;

	if (!d->reachable) {
		found_str(d, MARK_WARN, tool_name(t), "not looked at without "
		    "the TPM", NULL);
		return;
	}
	if ((rv = token_state_read(t->token, &s)) != CKR_OK) {
		found_rv(d, tool_name(t), rv);
		return;
	}
	look_at_parent(d, &s);
	look_at_pin(d, "SO PIN", &s.pins[STORE_SO], true);
	look_at_pin(d, "user PIN", &s.pins[STORE_USER], false);
	look_at_counter(d, &s);
	look_at_content(d, &s);
}
