/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_FAIL_H
#define TOOL_FAIL_H

#include "tool.h"

/*
 * Why a command came to nothing. main says it at the end, as
 * "tpm2-token: WHAT: WHY; WHAT TO DO"; what is noted first counts. Each
 * function returns rv (misused CKR_ARGUMENTS_BAD), which the command hands
 * on.
 */

/* In the words that fail.c has for rv; what is short: "token gate". */
CK_RV fail(struct tool *t, const char *what, CK_RV rv) MUST_CHECK;
/* In these words instead; todo may be NULL. */
CK_RV fail_as(struct tool *t, const char *what, CK_RV rv, const char *why,
    const char *todo) MUST_CHECK;
/* Of what was done with this PIN of the token: a wrong one tells how many
 * tries are left; other codes are as fail has them. */
CK_RV fail_pin(struct tool *t, enum store_role role, CK_RV rv) MUST_CHECK;
/* The command line makes no sense. */
CK_RV misused(struct tool *t, const char *what, const char *why) MUST_CHECK;

/* For findings: the same words without the rest. todo may come back NULL. */
const char *reason_of(CK_RV rv, const char **todo);

#endif
