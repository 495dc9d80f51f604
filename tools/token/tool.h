/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "command.h"
#include "json.h"
#include "token/admin.h"
#include "token/slots.h"
#include "token/token.h"
#include "yaml/config.h"

/*
 * One run of the tool: what was asked for, what has been opened for it, and
 * what it is going to print. Everything is owned here and freed by main.
 */
struct tool {
	const struct command *command;
	struct options options;
	const char *operand;	/* NULL: none was given */
	bool json;
	struct config config;
	bool configured;	/* config has been read */
	struct store *store;	/* for the list of tokens; tokens have their
				 * own */
	struct slots *slots;
	struct token *token;	/* the one that is meant */
	struct store_token row;	/* as the store has it; id 0: none yet */
	struct text name;	/* of that token, fit to be printed, with NUL */
	struct text out;	/* goes to stdout when all is done */
	struct json writer;	/* into out */
	bool wrong;		/* done, but not all is as it should be */
	bool misuse;		/* failed for the words of the command line */
	CK_RV failed;
	struct text trouble;	/* what fail noted */
};

/* Was this option given? */
bool given(const struct tool *t, enum option_id id);

/*
 * Functions that open something say by fail why it cannot be had.
 *
 * The configuration, which has to be in order.
 */
CK_RV tool_configure(struct tool *t) MUST_CHECK;
/* The store; without one t->store stays NULL. */
CK_RV tool_store(struct tool *t) MUST_CHECK;
/* Store and slots. */
CK_RV tool_open(struct tool *t) MUST_CHECK;
/* All of it, and the token that the operand names. */
CK_RV tool_token(struct tool *t) MUST_CHECK;
/* All of it, and the token of row, a list's; it is named by its label. */
CK_RV tool_take(struct tool *t, const struct store_token *row) MUST_CHECK;
/*
 * The TPM owner's password for what is to come: of the options, else of the
 * configuration, else, when it is needed and there is one, of the person.
 */
CK_RV tool_owner(struct tool *t, bool needed) MUST_CHECK;
/* --pcrs into pcrs, which stay as they are without it; "none" is known. */
CK_RV tool_pcrs(struct tool *t, struct tpm_pcrs *pcrs) MUST_CHECK;
/* Ask for the SO's PIN of the token that is meant. */
CK_RV tool_so_pin(struct tool *t, struct buf *pin) MUST_CHECK;
/* The token's name, for words. */
const char *tool_name(const struct tool *t);

/* Members "slot", "label" and "serial" of an object that is open. */
void tool_json_token(struct tool *t, const struct store_token *row);
/* For commands that have done something and have nothing else to tell: the
 * token as JSON, or nothing. */
void tool_done(struct tool *t);

#endif
