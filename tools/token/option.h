/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_OPTION_H
#define TOOL_OPTION_H

#include "text.h"

/*
 * All options of all commands, in one table; a command names those it takes.
 * A secret is never a word of the command line, where every user of the
 * machine and the shell's history see it: options that would have one are
 * known in order to be refused.
 */
enum option_id {
	OPTION_LABEL,
	OPTION_SLOT,
	OPTION_SERIAL,
	OPTION_SO_TRIES,
	OPTION_USER_TRIES,
	OPTION_PCRS,
	OPTION_GUARD,
	OPTION_ROLLBACK,
	OPTION_SO,
	OPTION_FORCE,
	OPTION_FROM,
	OPTION_LOGIN,
	OPTION_SWEEP,
	/* Of a secret the three ways to it, in the order of enum way. */
	OPTION_PIN_FILE,
	OPTION_PIN_ENV,
	OPTION_PIN_FD,
	OPTION_SO_PIN_FILE,
	OPTION_SO_PIN_ENV,
	OPTION_SO_PIN_FD,
	OPTION_NEW_PIN_FILE,
	OPTION_NEW_PIN_ENV,
	OPTION_NEW_PIN_FD,
	OPTION_OWNER_AUTH_FILE,
	OPTION_OWNER_AUTH_ENV,
	OPTION_OWNER_AUTH_FD,
	OPTION_JSON,
	OPTION_HELP,
	OPTIONS
};

#define TAKES(id)	(UINT64_C(1) << OPTION_ ## id)
#define TAKES_WAYS(of)	(UINT64_C(7) << OPTION_ ## of ## _FILE)
/* Taken by every command. */
#define TAKES_ALWAYS	(TAKES(JSON) | TAKES(HELP))

struct option_row {
	const char *name;	/* without its dashes */
	const char *argument;	/* what its value is; NULL: a flag */
	const char *help;
};
extern const struct option_row option_rows[OPTIONS];

struct options {
	const char *value[OPTIONS];	/* NULL: not given; flags have "" */
};

/*
 * Read argv, of which argv[0] is the last word of the command. takes is a sum
 * of TAKES, one operand at most. CKR_ARGUMENTS_BAD with the complaint in why.
 */
CK_RV options_parse(int argc, char **argv, uint64_t takes,
    struct options *out, const char **operand, struct text *why) MUST_CHECK;

/* A decimal number of the option's value, of at most max. */
CK_RV option_number(const struct options *o, enum option_id id, uint64_t max,
    uint64_t *number) MUST_CHECK;

#endif
