/* SPDX-License-Identifier: BSD-2-Clause */
#include "fail.h"
#include "finding.h"
#include "pick.h"
#include "source.h"

static void
look_at_config(struct doctor *d)
{
	struct config *c = &d->tool->config;
	struct text words = TEXT_EMPTY;
	CK_RV rv = config_load(c);

	if (rv == CKR_OK && c->file.len == 0) {
		found_str(d, MARK_OK, "configuration", "no file, the defaults "
		    "are in force", NULL);
		return;
	}
	text_safe(&words, buf_view(&c->file));
	if (rv == CKR_OK)
		found(d, MARK_OK, "configuration", &words, NULL);
	else
		found_str(d, MARK_FAIL, "configuration", "not in order; what "
		    "follows goes by the defaults",
		    "mend what is named; the module refuses to start");
	text_free(&words);
}

static void
no_store(struct doctor *d)
{
	struct text words = TEXT_EMPTY;
	struct buf place = BUF_EMPTY;

	/* one that this user may not read counts as none, with a word */
	if (d->logged.bytes.len != 0) {
		found_str(d, MARK_FAIL, "store", "none that can be read",
		    NULL);
		return;
	}
	text_str(&words, "none yet");
	if (config_store_place(&d->tool->config, 0, &place) == CKR_OK) {
		text_str(&words, "; the first place for one is ");
		text_safe(&words, buf_view(&place));
	}
	found(d, MARK_OK, "store", &words, NULL);
	buf_free(&place);
	text_free(&words);
}

static void
look_at_store(struct doctor *d)
{
	struct tool *t = d->tool;
	struct text words = TEXT_EMPTY;
	CK_RV rv = store_open(&t->config, false, &t->store);

	if (rv == CKR_TOKEN_NOT_PRESENT) {
		no_store(d);
		return;
	}
	if (rv != CKR_OK) {
		found_rv(d, "store", rv);
		return;
	}
	text_safe(&words, view_str(store_path(t->store)));
	if (!store_read_only(t->store))
		found(d, MARK_OK, "store", &words, NULL);
	else {
		text_str(&words, " can be read but not written");
		found(d, MARK_WARN, "store", &words, "keys can be used but "
		    "not made; to change that, be its owner or in its group");
	}
	text_free(&words);
}

/* What cannot be had is a finding, and the next one gets its turn. */
static void
look_at_one(struct doctor *d, const struct store_token *row)
{
	struct tool *t = d->tool;
	CK_RV rv;

	if ((rv = tool_take(t, row)) == CKR_OK) {
		doctor_token(d);
		return;
	}
	found_rv(d, "token", rv);
	t->failed = CKR_OK;
	text_free(&t->trouble);
}

static void
look_at_tokens(struct doctor *d)
{
	struct tool *t = d->tool;
	struct tokens all = { NULL, 0 };
	size_t i;
	CK_RV rv;

	if ((rv = slots_refresh(t->slots)) != CKR_OK ||
	    (t->store != NULL && (rv = store_tokens(t->store, &all.list,
	    &all.count)) != CKR_OK)) {
		found_rv(d, "tokens", rv);
		goto out;
	}
	if (d->logged.bytes.len != 0)
		found_str(d, MARK_FAIL, "tokens", "not all can be read",
		    "restore a backup: tpm2-token help restore");
	for (i = 0; i < all.count; i++)
		look_at_one(d, &all.list[i]);
out:
	tokens_free(&all);
}

CK_RV
run_doctor(struct tool *t)
{
	struct doctor d;
	CK_RV rv;

	findings_begin(&d, t);
	look_at_config(&d);
	if ((rv = slots_new(&t->config, &t->slots)) != CKR_OK)
		rv = fail(t, "doctor", rv);
	if (rv == CKR_OK &&
	    (rv = tool_owner(t, given(t, OPTION_SWEEP))) == CKR_OK) {
		doctor_tpm(&d);
		look_at_store(&d);
		look_at_tokens(&d);
		doctor_indices(&d);
	}
	findings_end(&d);
	return rv;
}
