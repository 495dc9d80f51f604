/* SPDX-License-Identifier: BSD-2-Clause */
#include "pick.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"

static const char slot_prefix[] = "slot:";

void
tokens_free(struct tokens *all)
{
	store_tokens_free(&all->list, all->count);
	*all = (struct tokens){ NULL, 0 };
}

CK_RV
pick_all(struct tool *t, struct tokens *all)
{
	CK_RV rv;

	if (t->store == NULL)
		return CKR_OK;
	rv = store_tokens(t->store, &all->list, &all->count);
	return rv == CKR_OK ? rv : fail(t, store_path(t->store), rv);
}

void
pick_name(const struct store_token *row, struct text *name)
{
	struct view label = trimmed(row->label, sizeof(row->label));

	if (label.len > 0)
		text_safe(name, label);
	else
		text_fmt(name, "%s%" PRId64, slot_prefix, row->id);
	text_add(name, view_of("", 1));
}

static bool
is_slot(const struct store_token *row, const char *number)
{
	char own[24];

	(void)snprintf(own, sizeof(own), "%" PRId64, row->id);
	return strcmp(own, number) == 0;
}

static bool
is_serial(const struct store_token *row, const char *serial)
{
	return view_equal(view_str(serial),
	    trimmed(row->serial, sizeof(row->serial)));
}

static bool
is_named(const struct store_token *row, const char *word)
{
	if (strncmp(word, slot_prefix, strlen(slot_prefix)) == 0)
		return is_slot(row, word + strlen(slot_prefix));
	return is_serial(row, word) || view_equal(view_str(word),
	    trimmed(row->label, sizeof(row->label)));
}

static void
add_candidate(struct text *why, const struct store_token *row)
{
	text_fmt(why, " %s%" PRId64 " (serial ", slot_prefix, row->id);
	text_safe(why, trimmed(row->serial, sizeof(row->serial)));
	text_str(why, ")");
}

static CK_RV
no_such(struct tool *t, const char *word)
{
	struct text name = TEXT_EMPTY;
	CK_RV rv;

	text_str(&name, "token ");
	text_safe(&name, view_str(word));
	text_add(&name, view_of("", 1));
	if ((rv = name.rv) == CKR_OK)
		rv = fail(t, (const char *)name.bytes.data,
		    CKR_TOKEN_NOT_PRESENT);
	text_free(&name);
	return rv;
}

static CK_RV
ambiguous(struct tool *t, const struct tokens *all, const char *word)
{
	struct text why = TEXT_EMPTY;
	size_t i;
	CK_RV rv;

	text_str(&why, "more than one token is called so:");
	for (i = 0; i < all->count; i++)
		if (is_named(&all->list[i], word))
			add_candidate(&why, &all->list[i]);
	text_add(&why, view_of("", 1));
	if ((rv = why.rv) == CKR_OK)
		rv = fail_as(t, "TOKEN", CKR_FUNCTION_FAILED,
		    (const char *)why.bytes.data, "name one by slot or serial");
	text_free(&why);
	return rv;
}

CK_RV
pick_one(struct tool *t, const struct tokens *all, const char *word,
    size_t *index)
{
	size_t i, found = 0;

	for (i = 0; i < all->count; i++)
		if (is_named(&all->list[i], word) && found++ == 0)
			*index = i;
	if (found == 0)
		return no_such(t, word);
	return found == 1 ? CKR_OK : ambiguous(t, all, word);
}

CK_RV
pick_exact(struct tool *t, const struct tokens *all, const char *slot,
    const char *serial, size_t *index)
{
	size_t i;

	for (i = 0; i < all->count; i++) {
		const struct store_token *row = &all->list[i];

		if (slot != NULL ? is_slot(row, slot) :
		    is_serial(row, serial)) {
			*index = i;
			return CKR_OK;
		}
	}
	return no_such(t, slot != NULL ? slot : serial);
}
