/* SPDX-License-Identifier: BSD-2-Clause */
#include "option.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define WAYS_OF(secret, words) \
	{ secret "-file", "FILE", words ": the content of FILE" }, \
	{ secret "-env", "NAME", words ": that environment variable" }, \
	{ secret "-fd", "N", words ": what file descriptor N gives" }

const struct option_row option_rows[OPTIONS] = {
	{ "label", "LABEL", "the token's label, 32 bytes at most" },
	{ "slot", "N", "initialise the token of this slot anew" },
	{ "serial", "SERIAL", "initialise the token of this serial anew" },
	{ "so-tries", "N", "wrong SO PINs in a row that lock it, 1 to 255" },
	{ "user-tries", "N", "wrong user PINs in a row that lock it, 1 to "
	    "255" },
	{ "pcrs", "PCRS", "bind to these registers, as in sha256:0,2,7; "
	    "or none" },
	{ "guard", "GUARD", "what counts wrong PINs: index or lockout" },
	{ "rollback", "ON", "refuse old copies of the store: on or off" },
	{ "so", NULL, "the SO's PIN, not the user's" },
	{ "force", NULL, "without the SO's PIN" },
	{ "from", "FILE", "first put this backup in the store's place" },
	{ "login", NULL, "open private objects too, with the user's PIN" },
	{ "sweep", NULL, "remove NV indices that were left over" },
	WAYS_OF("pin", "the user's PIN"),
	WAYS_OF("so-pin", "the SO's PIN"),
	WAYS_OF("new-pin", "the new PIN"),
	WAYS_OF("owner-auth", "the TPM owner's password"),
	{ "json", NULL, "print JSON" },
	{ "help", NULL, "print this text" }
};

static const char *const refused[] = { "pin", "so-pin", "new-pin",
	"owner-auth" };

enum { REFUSED = OPTIONS };	/* and following: indexes of refused */
#define KNOWN (OPTIONS + ARRAY_LEN(refused))
_Static_assert(KNOWN < ':', "getopt answers ':' and '?' by itself");

/* All that is known, so that a wrong place is told from a wrong word. */
static void
known_options(struct option list[KNOWN + 1])
{
	size_t i;

	memset(list, 0, (KNOWN + 1) * sizeof(list[0]));
	for (i = 0; i < OPTIONS; i++) {
		list[i].name = option_rows[i].name;
		list[i].has_arg = option_rows[i].argument != NULL ?
		    required_argument : no_argument;
		list[i].val = (int)i;
	}
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		list[REFUSED + i].name = refused[i];
		list[REFUSED + i].has_arg = optional_argument;
		list[REFUSED + i].val = (int)(REFUSED + i);
	}
}

static CK_RV
refuse(const char *name, struct text *why)
{
	text_fmt(why, "--%s: a secret on the command line can be read by every "
	    "user of this machine and stays in the shell's history; ", name);
	text_fmt(why, "use --%s-file, --%s-env or --%s-fd, or wait to be "
	    "asked", name, name, name);
	return CKR_ARGUMENTS_BAD;
}

/*
 * What getopt did not take. Of the word only what stands before a "=", for
 * the rest may be a secret; of short options, which we have none of, only
 * the letter.
 */
static CK_RV
complain(int what, const char *word, struct text *why)
{
	const char letter[] = { '-', (char)optopt };

	if (what == '?' && optopt >= (int)KNOWN)
		text_safe(why, view_of(letter, sizeof(letter)));
	else
		text_safe(why, view_of(word, strcspn(word, "=")));
	if (what == ':')
		text_str(why, ": needs a value");
	else if (optopt > 0 && optopt < (int)KNOWN)
		text_str(why, ": takes no value");
	else
		text_str(why, ": no such option");
	return CKR_ARGUMENTS_BAD;
}

static CK_RV
take(uint64_t takes, size_t id, struct options *o, struct text *why)
{
	if (id >= REFUSED)
		return refuse(refused[id - REFUSED], why);
	if ((takes & UINT64_C(1) << id) == 0) {
		text_fmt(why, "--%s: this command has no such option",
		    option_rows[id].name);
		return CKR_ARGUMENTS_BAD;
	}
	if (o->value[id] != NULL) {
		text_fmt(why, "--%s: given twice", option_rows[id].name);
		return CKR_ARGUMENTS_BAD;
	}
	o->value[id] = option_rows[id].argument != NULL ? optarg : "";
	return CKR_OK;
}

CK_RV
options_parse(int argc, char **argv, uint64_t takes, struct options *out,
    const char **operand, struct text *why)
{
	struct option known[KNOWN + 1];
	CK_RV rv = CKR_OK;
	int id;

	known_options(known);
	*out = (struct options){ .value = { NULL } };
	*operand = NULL;
	opterr = 0;
	optind = 0;	/* glibc: begin anew */
	while ((id = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		/* the rest is read to know whether to complain in JSON */
		if (rv != CKR_OK && id != OPTION_JSON)
			continue;
		if (rv != CKR_OK)
			out->value[id] = "";
		else if (id == '?' || id == ':')
			rv = complain(id, argv[optind - 1], why);
		else
			rv = take(takes, (size_t)id, out, why);
	}
	if (rv != CKR_OK)
		return rv;
	if (optind < argc)
		*operand = argv[optind];
	if (optind + 1 >= argc)
		return CKR_OK;
	/* it may be a PIN: it is not repeated */
	text_str(why, "there is a word too many behind the command");
	return CKR_ARGUMENTS_BAD;
}

CK_RV
option_number(const struct options *o, enum option_id id, uint64_t max,
    uint64_t *number)
{
	const char *s = o->value[id];
	uint64_t n = 0;

	if (*s == '\0')
		return CKR_ARGUMENTS_BAD;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return CKR_ARGUMENTS_BAD;
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > max)
			return CKR_ARGUMENTS_BAD;
	}
	*number = n;
	return CKR_OK;
}
