/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "fail.h"
#include "util/cryptoki_names.h"
#include "util/env.h"
#include "util/log.h"

/* tpm2-token: administration of the tokens of tpm2-cryptoki. */

enum { EXIT_FINE, EXIT_WRONG, EXIT_USAGE };

/* A descriptor that is closed would be given to the store's file, and what is
 * meant for stderr would be written into it. */
static bool
standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void
complain(const struct text *trouble)
{
	struct text line = TEXT_EMPTY;

	text_str(&line, "tpm2-token: ");
	text_add(&line, buf_view(&trouble->bytes));
	text_str(&line, "\n");
	(void)text_print(&line, STDERR_FILENO);
	text_free(&line);
}

static void
print_error(const struct tool *t)
{
	struct text out = TEXT_EMPTY;
	const char *name = ckr_name(t->failed);
	struct json j;

	json_begin(&j, &out);
	json_object(&j, NULL);
	json_object(&j, "error");
	json_str(&j, "code", name != NULL ? name : "");
	json_text(&j, "message", buf_view(&t->trouble.bytes));
	json_end(&j);
	json_end(&j);
	(void)text_print(&out, STDOUT_FILENO);
	text_free(&out);
}

/* All output at once: none of it is there when something failed. */
static int
finish(struct tool *t, CK_RV rv)
{
	if (rv == CKR_OK && t->out.rv != CKR_OK)
		rv = fail(t, "output", t->out.rv);
	if (rv == CKR_OK && !text_print(&t->out, STDOUT_FILENO))
		rv = fail_as(t, "output", CKR_FUNCTION_FAILED,
		    strerror(errno), NULL);
	if (rv == CKR_OK)
		return t->wrong ? EXIT_WRONG : EXIT_FINE;
	if (t->failed == CKR_OK)
		(void)!fail(t, t->command != NULL ? t->command->name :
		    "output", rv);
	complain(&t->trouble);
	if (t->json)
		print_error(t);
	return t->misuse ? EXIT_USAGE : EXIT_WRONG;
}

static void
tool_free(struct tool *t)
{
	slots_free(&t->slots);
	store_close(&t->store);
	store_token_free(&t->row);
	config_free(&t->config);
	text_free(&t->name);
	text_free(&t->out);
	text_free(&t->trouble);
	crypto_stop();
}

static CK_RV
operand_fits(struct tool *t)
{
	const char *wanted = t->command->operand;

	if (wanted == NULL && t->operand != NULL)
		return misused(t, t->command->name, "takes no word besides "
		    "its options");
	if (wanted != NULL && *wanted != '[' && t->operand == NULL)
		return misused(t, t->command->name, strcmp(wanted, "FILE") ==
		    0 ? "needs the name of a FILE" : "needs a TOKEN: a label, "
		    "a serial or slot:N");
	return CKR_OK;
}

/* What the module has to say goes to stderr: who asks for an administration
 * wants to hear why it failed. */
static void
begin_log(void)
{
	log_start();
	if (env_get("TPM2_CRYPTOKI_LOG") == NULL)
		log_set(LOG_LEVEL_ERROR);
}

static CK_RV
run(struct tool *t, int argc, char **argv)
{
	CK_RV rv;

	rv = options_parse(argc, argv, t->command->takes | TAKES_ALWAYS,
	    &t->options, &t->operand, &t->trouble);
	t->json = given(t, OPTION_JSON);
	if (rv != CKR_OK) {
		t->misuse = true;
		t->failed = rv;
		return rv;
	}
	json_begin(&t->writer, &t->out);
	if (given(t, OPTION_HELP)) {
		t->json = false;
		command_help(t->command, &t->out);
		return CKR_OK;
	}
	if ((rv = operand_fits(t)) != CKR_OK)
		return rv;
	begin_log();
	if ((rv = crypto_start()) != CKR_OK)
		return fail(t, "OpenSSL", rv);
	return t->command->run(t);
}

/* help [COMMAND], --help, --version; CKR_ARGUMENTS_BAD for anything else. */
static CK_RV
answer(struct tool *t, size_t count, char **words)
{
	const struct command *c;
	size_t used;

	if (count > 0 && strcmp(words[0], "--version") == 0) {
		text_str(&t->out, "tpm2-token " PACKAGE_VERSION "\n");
		return CKR_OK;
	}
	if (count == 1 && (strcmp(words[0], "--help") == 0 ||
	    strcmp(words[0], "help") == 0)) {
		command_list(&t->out);
		return CKR_OK;
	}
	if (count > 1 && strcmp(words[0], "help") == 0 &&
	    (c = command_find(words + 1, count - 1, &used)) != NULL) {
		command_help(c, &t->out);
		return CKR_OK;
	}
	return misused(t, count == 0 ? "no command" : "no such command",
	    "tpm2-token help lists them all");
}

int
main(int argc, char **argv)
{
	struct tool t = { .operand = NULL };
	size_t used = 0, count = argc > 1 ? (size_t)argc - 1 : 0;
	int status;
	CK_RV rv;

	if (!standard_files())
		return EXIT_WRONG;
	(void)umask(077);
	t.command = command_find(argv + 1, count, &used);
	if (t.command != NULL)
		rv = run(&t, argc - (int)used, argv + used);
	else
		rv = answer(&t, count, argv + 1);
	status = finish(&t, rv);
	tool_free(&t);
	return status;
}
