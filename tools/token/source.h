/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_SOURCE_H
#define TOOL_SOURCE_H

#include "tool.h"

/*
 * Where a PIN or password comes from: a file, an environment variable, a
 * file descriptor (one newline at the end is not part of it), or the person
 * at the terminal. Functions say by fail what went wrong.
 */
enum secret { SECRET_PIN, SECRET_SO_PIN, SECRET_NEW_PIN, SECRET_OWNER_AUTH };

/* Is it named by an option? */
bool source_given(const struct tool *t, enum secret s);

/* One that is there. what names it to the person ("SO PIN"), whose the token
 * (NULL: nobody). */
CK_RV source_read(struct tool *t, enum secret s, const char *what,
    const char *whose, struct buf *out) MUST_CHECK;
/* One that is to be: of the length of a PIN, and typed twice. */
CK_RV source_new(struct tool *t, enum secret s, const char *what,
    const char *whose, struct buf *out) MUST_CHECK;

#endif
