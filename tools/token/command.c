/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include <string.h>

/* The owner's password is needed where NV indices come, go or are read. */
#define OWNER	TAKES_WAYS(OWNER_AUTH)
#define SO_PIN	TAKES_WAYS(SO_PIN)
#define PIN	TAKES_WAYS(PIN)
#define NEW_PIN	TAKES_WAYS(NEW_PIN)

const struct command commands[] = {
	{ "init", NULL, "make a token, or make one anew",
	    "Makes a token with this label and asks for its SO PIN. With "
	    "--slot or --serial\na token that is there is initialised anew, "
	    "by its SO PIN: all its objects are\nlost. With one of the --pin "
	    "options the user's PIN is set as well. What is not\nsaid here "
	    "is as the configuration has it.",
	    TAKES(LABEL) | TAKES(SLOT) | TAKES(SERIAL) | TAKES(SO_TRIES) |
	    TAKES(USER_TRIES) | TAKES(PCRS) | TAKES(GUARD) |
	    TAKES(ROLLBACK) | SO_PIN | PIN | OWNER, run_init },
	{ "list", NULL, "list the tokens",
	    "One line a token: slot, label, serial and whether the user has "
	    "a PIN. Needs no\nTPM.", 0, run_list },
	{ "show", "TOKEN", "tell all about a token",
	    "What store and TPM say of the token. With the owner's password "
	    "the wrong tries\nare read in the TPM, else they are as the store "
	    "last saw them.", OWNER, run_show },
	{ "delete", "TOKEN", "remove a token and all its objects",
	    "Asks for the SO's PIN. With --force it is not asked for; what the "
	    "TPM does not\nlet go then is left to doctor --sweep.",
	    TAKES(FORCE) | SO_PIN | OWNER, run_delete },
	{ "pin change", "TOKEN", "change a PIN by who has it",
	    "The user's PIN, or with --so the SO's.",
	    TAKES(SO) | PIN | SO_PIN | NEW_PIN, run_pin_change },
	{ "pin reset", "TOKEN", "set the user's PIN, by the SO",
	    "The first one, or a new one in the place of one that is forgotten "
	    "or locked.", SO_PIN | NEW_PIN | OWNER, run_pin_reset },
	{ "pin unlock", "TOKEN", "forgive wrong tries",
	    "The user's, by the SO's PIN; or with --so the SO's, by the TPM "
	    "owner's\npassword. The PIN stays as it is.",
	    TAKES(SO) | SO_PIN | OWNER, run_pin_unlock },
	{ "pin status", "TOKEN", "tell how often PINs were wrong",
	    "With the owner's password the TPM is asked, else the numbers are "
	    "as the store\nlast saw them.", OWNER, run_pin_status },
	{ "verify", "[TOKEN]", "check all that is in the store",
	    "Looks at each row of one token or of all. Private objects are "
	    "only counted\nunless --login or a --pin option is given.",
	    TAKES(LOGIN) | PIN, run_verify },
	{ "backup", "FILE", "copy the store into a new file",
	    "While others go on using it. The copy is of use with this TPM "
	    "alone.", 0, run_backup },
	{ "restore", "TOKEN", "accept an old copy of the store",
	    "Takes the token as it now is in the store, though it is older "
	    "than the TPM\nremembers. With --from a backup is first put in "
	    "the store's place; what was\nthere is kept beside it. A user's "
	    "PIN that was changed since has to be set\nanew (pin reset).",
	    TAKES(FROM) | SO_PIN | OWNER, run_restore },
	{ "reseal", "TOKEN", "bind the token to the PCRs' present values",
	    "After a legitimate change of firmware or system; or, with "
	    "--pcrs, to other\nregisters.", TAKES(PCRS) | SO_PIN,
	    run_reseal },
	{ "doctor", NULL, "find out what is wrong and what to do",
	    "Looks at configuration, TPM, store and each token. One line a "
	    "finding, and\nbelow a FAIL what to do.", TAKES(SWEEP) | OWNER,
	    run_doctor },
	{ "config", NULL, "show the configuration in force",
	    "Each key, its value, and whether it comes from the file, the "
	    "environment or is\nthe default.", 0, run_config },
	{ NULL, NULL, NULL, NULL, 0, NULL }
};

/* Does it say name, word by word? Their number, else 0. */
static size_t
matches(const char *name, char *const *words, size_t count)
{
	size_t used, len;

	for (used = 0; *name != '\0' && used < count; used++) {
		len = strcspn(name, " ");
		if (strlen(words[used]) != len ||
		    strncmp(words[used], name, len) != 0)
			return 0;
		name += len + (name[len] == ' ');
	}
	return *name == '\0' ? used : 0;
}

const struct command *
command_find(char *const *words, size_t count, size_t *used)
{
	const struct command *c;

	for (c = commands; c->name != NULL; c++)
		if ((*used = matches(c->name, words, count)) != 0)
			return c;
	return NULL;
}

void
command_list(struct text *out)
{
	const struct command *c;
	size_t start;

	text_str(out, "Usage: tpm2-token COMMAND [OPTION...] [TOKEN]\n\n");
	for (c = commands; c->name != NULL; c++) {
		start = out->bytes.len;
		text_fmt(out, "  %s%s%s", c->name, c->operand ? " " : "",
		    c->operand ? c->operand : "");
		text_pad(out, start, 22);
		text_fmt(out, "%s\n", c->summary);
	}
	text_str(out, "\n"
	    "TOKEN is a label, a serial number or slot:N. PINs are asked for "
	    "on the terminal\n"
	    "or come from a file, an environment variable or a file "
	    "descriptor, never from\n"
	    "the command line. All about a command: tpm2-token help "
	    "COMMAND.\n");
}

static void
help_option(enum option_id id, struct text *out)
{
	const struct option_row *o = &option_rows[id];
	size_t start = out->bytes.len;

	text_fmt(out, "  --%s%s%s", o->name, o->argument ? " " : "",
	    o->argument ? o->argument : "");
	text_pad(out, start, 26);
	text_fmt(out, "%s\n", o->help);
}

void
command_help(const struct command *c, struct text *out)
{
	size_t id;

	text_fmt(out, "Usage: tpm2-token %s [OPTION...]%s%s\n\n", c->name,
	    c->operand ? " " : "", c->operand ? c->operand : "");
	text_str(out, c->more);
	text_str(out, "\n\n");
	for (id = 0; id < OPTIONS; id++)
		if (((c->takes | TAKES_ALWAYS) & UINT64_C(1) << id) != 0)
			help_option((enum option_id)id, out);
}
