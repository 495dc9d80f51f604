/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "pick.h"

static void
list_json(struct tool *t, const struct tokens *all)
{
	size_t i;

	json_list(&t->writer, NULL);
	for (i = 0; i < all->count; i++) {
		json_object(&t->writer, NULL);
		tool_json_token(t, &all->list[i]);
		json_bool(&t->writer, "user_pin_set",
		    all->list[i].pins[STORE_USER].set);
		json_end(&t->writer);
	}
	json_end(&t->writer);
}

static size_t
widest(const struct tokens *all)
{
	size_t i, n, width = sizeof("LABEL") - 1;

	for (i = 0; i < all->count; i++) {
		n = text_columns(trimmed(all->list[i].label,
		    sizeof(all->list[i].label)));
		width = n > width ? n : width;
	}
	return width;
}

static void
list_row(struct text *out, const struct store_token *row, size_t width)
{
	size_t start;

	text_fmt(out, "%4" PRId64 "  ", row->id);
	start = out->bytes.len;
	text_safe(out, trimmed(row->label, sizeof(row->label)));
	text_pad(out, start, width + 2);
	start = out->bytes.len;
	text_safe(out, trimmed(row->serial, sizeof(row->serial)));
	text_pad(out, start, sizeof(row->serial) + 2);
	text_str(out, row->pins[STORE_USER].set ? "set\n" : "not set\n");
}

static void
list_plain(struct tool *t, const struct tokens *all)
{
	size_t i, width = widest(all);

	if (all->count == 0)
		return;
	text_fmt(&t->out, "SLOT  %-*s  %-16s  USER PIN\n", (int)width,
	    "LABEL", "SERIAL");
	for (i = 0; i < all->count; i++)
		list_row(&t->out, &all->list[i], width);
}

CK_RV
run_list(struct tool *t)
{
	struct tokens all = { NULL, 0 };
	CK_RV rv;

	if ((rv = tool_store(t)) != CKR_OK ||
	    (rv = pick_all(t, &all)) != CKR_OK)
		goto out;
	if (t->json)
		list_json(t, &all);
	else
		list_plain(t, &all);
out:
	tokens_free(&all);
	return rv;
}
