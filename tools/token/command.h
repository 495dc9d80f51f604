/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_COMMAND_H
#define TOOL_COMMAND_H

#include "option.h"

/*
 * The commands: one row of the table each, and one file with its run, which
 * the parser and all help texts are made from.
 */
struct tool;

struct command {
	const char *name;	/* one word, or two: "pin change" */
	const char *operand;	/* "TOKEN"; in brackets: may be left out;
				 * NULL: none */
	const char *summary;	/* half a line */
	const char *more;	/* what help tells beside it */
	uint64_t takes;		/* a sum of TAKES; TAKES_ALWAYS goes without
				 * saying */
	/* CKR_OK, or what fail and misused returned. */
	CK_RV (*run)(struct tool *t);
};

/* In the order of the help; one without a name ends it. */
extern const struct command commands[];

/* The command that words begins with; *used is the number of its words. */
const struct command *command_find(char *const *words, size_t count,
    size_t *used);
/* A summary of all, or all about one. */
void command_list(struct text *out);
void command_help(const struct command *c, struct text *out);

CK_RV run_init(struct tool *t) MUST_CHECK;
CK_RV run_list(struct tool *t) MUST_CHECK;
CK_RV run_show(struct tool *t) MUST_CHECK;
CK_RV run_delete(struct tool *t) MUST_CHECK;
CK_RV run_pin_change(struct tool *t) MUST_CHECK;
CK_RV run_pin_reset(struct tool *t) MUST_CHECK;
CK_RV run_pin_unlock(struct tool *t) MUST_CHECK;
CK_RV run_pin_status(struct tool *t) MUST_CHECK;
CK_RV run_verify(struct tool *t) MUST_CHECK;
CK_RV run_backup(struct tool *t) MUST_CHECK;
CK_RV run_restore(struct tool *t) MUST_CHECK;
CK_RV run_reseal(struct tool *t) MUST_CHECK;
CK_RV run_doctor(struct tool *t) MUST_CHECK;
CK_RV run_config(struct tool *t) MUST_CHECK;

#endif
