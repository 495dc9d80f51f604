/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_PICK_H
#define TOOL_PICK_H

#include "tool.h"

/*
 * Which token is meant by a word: slot:N, a serial number or a label.
 */
struct tokens {
	struct store_token *list;
	size_t count;
};

/* All tokens of the store, by slot; none without a store. */
CK_RV pick_all(struct tool *t, struct tokens *all) MUST_CHECK;
void tokens_free(struct tokens *all);

/* Index of the one that word names; says by fail that there is none, or
 * which ones it could be. */
CK_RV pick_one(struct tool *t, const struct tokens *all, const char *word,
    size_t *index) MUST_CHECK;
/* The one of this slot or serial (the other is NULL). */
CK_RV pick_exact(struct tool *t, const struct tokens *all, const char *slot,
    const char *serial, size_t *index) MUST_CHECK;

/* Its label, or slot:N when that is blank; fit to be printed, with a NUL. */
void pick_name(const struct store_token *row, struct text *name);

#endif
