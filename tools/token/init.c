/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "fail.h"
#include "pick.h"
#include "source.h"

struct init {
	struct token_wish wish;
	uint8_t label[32];	/* blank-padded */
	struct buf so_pin;
	struct buf user_pin;	/* empty: none was given */
};

static bool
is_anew(const struct tool *t)
{
	return given(t, OPTION_SLOT) || given(t, OPTION_SERIAL);
}

static CK_RV
label_check(struct tool *t)
{
	struct view label = view_str(t->options.value[OPTION_LABEL]);

	if (given(t, OPTION_SLOT) && given(t, OPTION_SERIAL))
		return misused(t, "init", "--slot or --serial, not both");
	if (!given(t, OPTION_LABEL))
		return is_anew(t) ? CKR_OK :
		    misused(t, "init", "needs --label");
	if (label.len == 0 || label.len > 32)
		return misused(t, "--label", "has 1 to 32 bytes");
	return utf8_is_valid(label) ? CKR_OK :
	    misused(t, "--label", "is not UTF-8");
}

static bool
same_label(const struct store_token *row, const char *label)
{
	return view_equal(trimmed(row->label, sizeof(row->label)),
	    trimmed(label, strlen(label)));
}

/* Two tokens of one label are allowed, and nobody wants them. */
static CK_RV
label_free(struct tool *t, const struct tokens *all)
{
	const char *label = t->options.value[OPTION_LABEL];
	size_t i;

	for (i = 0; i < all->count; i++)
		if (same_label(&all->list[i], label))
			return fail_as(t, "--label", CKR_FUNCTION_REJECTED,
			    "there is a token of this label",
			    "choose another one; or to lose what is in it, "
			    "name it by --slot or --serial");
	return CKR_OK;
}

/* The slot that comes last is the empty one. */
static CK_RV
take_empty(struct tool *t)
{
	struct token *next;
	size_t cursor = 0;
	CK_RV rv;

	while ((next = slots_next(t->slots, false, &cursor)) != NULL)
		t->token = next;
	text_safe(&t->name, view_str(t->options.value[OPTION_LABEL]));
	text_add(&t->name, view_of("", 1));
	if (t->token == NULL)
		return fail(t, "token", CKR_GENERAL_ERROR);
	rv = token_refresh(t->token);
	return rv == CKR_OK ? t->name.rv : fail(t, "token", rv);
}

static CK_RV
take_slot(struct tool *t)
{
	struct tokens all = { NULL, 0 };
	size_t i;
	CK_RV rv;

	if ((rv = tool_open(t)) != CKR_OK ||
	    (rv = pick_all(t, &all)) != CKR_OK)
		goto out;
	if (!is_anew(t)) {
		if ((rv = label_free(t, &all)) == CKR_OK)
			rv = take_empty(t);
		goto out;
	}
	if ((rv = pick_exact(t, &all, t->options.value[OPTION_SLOT],
	    t->options.value[OPTION_SERIAL], &i)) != CKR_OK)
		goto out;
	rv = tool_take(t, &all.list[i]);
out:
	tokens_free(&all);
	return rv;
}

static void
make_label(const struct tool *t, uint8_t label[32])
{
	const char *given_label = t->options.value[OPTION_LABEL];

	if (given_label == NULL) {
		memcpy(label, t->row.label, 32);
		return;
	}
	memset(label, ' ', 32);
	memcpy(label, given_label, strlen(given_label));
}

static CK_RV
wish_tries(struct tool *t, enum option_id id, uint32_t *tries)
{
	uint64_t n;

	if (!given(t, id))
		return CKR_OK;
	if (option_number(&t->options, id, 255, &n) != CKR_OK || n == 0)
		return misused(t, id == OPTION_SO_TRIES ? "--so-tries" :
		    "--user-tries", "is a number from 1 to 255");
	*tries = (uint32_t)n;
	return CKR_OK;
}

/* Is the option's value yes (1), no (0), or neither (-1)? */
static int
which(const struct tool *t, enum option_id id, const char *yes,
    const char *no)
{
	if (strcmp(t->options.value[id], yes) == 0)
		return 1;
	return strcmp(t->options.value[id], no) == 0 ? 0 : -1;
}

static CK_RV
wish_choices(struct tool *t, struct token_wish *w)
{
	int choice;

	if (given(t, OPTION_GUARD)) {
		choice = which(t, OPTION_GUARD, "index", "lockout");
		if (choice < 0)
			return misused(t, "--guard", "is index or lockout");
		w->guard = choice == 1 ? GUARD_INDEX : GUARD_LOCKOUT;
	}
	if (given(t, OPTION_ROLLBACK)) {
		choice = which(t, OPTION_ROLLBACK, "on", "off");
		if (choice < 0)
			return misused(t, "--rollback", "is on or off");
		w->rollback = choice == 1;
	}
	return CKR_OK;
}

/* As the configuration has it, and then as the options do. */
static CK_RV
make_wish(struct tool *t, struct token_wish *w)
{
	CK_RV rv;

	if ((rv = token_wish(t->token, w)) != CKR_OK)
		return fail(t, "configuration", rv);
	if ((rv = wish_tries(t, OPTION_SO_TRIES, &w->so_tries)) != CKR_OK ||
	    (rv = wish_tries(t, OPTION_USER_TRIES, &w->user_tries)) !=
	    CKR_OK || (rv = wish_choices(t, w)) != CKR_OK)
		return rv;
	return tool_pcrs(t, &w->pcrs);
}

static CK_RV
ask(struct tool *t, struct init *i)
{
	const char *name = tool_name(t);
	CK_RV rv;

	if ((rv = tool_owner(t, true)) != CKR_OK)
		return rv;
	rv = is_anew(t) ? source_read(t, SECRET_SO_PIN, "SO PIN", name,
	    &i->so_pin) : source_new(t, SECRET_SO_PIN, "new SO PIN", name,
	    &i->so_pin);
	if (rv == CKR_OK && source_given(t, SECRET_PIN))
		rv = source_new(t, SECRET_PIN, "new user PIN", name,
		    &i->user_pin);
	return rv;
}

static CK_RV
make(struct tool *t, const struct init *i)
{
	const char *name = tool_name(t);
	CK_RV rv;

	rv = token_init_as(t->token, buf_view(&i->so_pin), i->label, &i->wish);
	if (rv == CKR_DATA_INVALID && given(t, OPTION_PCRS))
		return fail_as(t, "--pcrs", rv, "this TPM has no such "
		    "registers", "tpm2_getcap pcrs lists those it has");
	if (is_anew(t) && (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED))
		return fail_pin(t, STORE_SO, rv);
	return rv == CKR_OK ? rv : fail(t, name, rv);
}

static CK_RV
set_user_pin(struct tool *t, const struct init *i)
{
	CK_RV rv;

	if (i->user_pin.len == 0)
		return CKR_OK;
	if ((rv = token_login(t->token, CKU_SO, buf_view(&i->so_pin))) ==
	    CKR_OK)
		rv = token_init_pin(t->token, buf_view(&i->user_pin));
	if (rv == CKR_OK)
		return token_logout(t->token);
	return fail_as(t, tool_name(t), rv,
	    "the token is made, but its user has no PIN",
	    "tpm2-token pin reset sets one");
}

static CK_RV
tell(struct tool *t)
{
	CK_RV rv = CKR_OK;

	store_token_free(&t->row);
	if (t->store == NULL)
		rv = store_open(&t->config, false, &t->store);
	if (rv != CKR_OK || (rv = store_token_get(t->store,
	    (int64_t)token_slot(t->token), &t->row)) != CKR_OK)
		return fail(t, "store", rv);
	if (t->json) {
		tool_done(t);
		return CKR_OK;
	}
	text_safe(&t->out, trimmed(t->row.label, sizeof(t->row.label)));
	text_fmt(&t->out, ": slot %" PRId64 ", serial ", t->row.id);
	text_safe(&t->out, trimmed(t->row.serial, sizeof(t->row.serial)));
	text_str(&t->out, "\n");
	return CKR_OK;
}

CK_RV
run_init(struct tool *t)
{
	struct init i = { .so_pin = BUF_EMPTY, .user_pin = BUF_EMPTY };
	CK_RV rv;

	if ((rv = label_check(t)) != CKR_OK ||
	    (rv = take_slot(t)) != CKR_OK ||
	    (rv = make_wish(t, &i.wish)) != CKR_OK ||
	    (rv = ask(t, &i)) != CKR_OK)
		goto out;
	make_label(t, i.label);
	if ((rv = make(t, &i)) != CKR_OK ||
	    (rv = set_user_pin(t, &i)) != CKR_OK)
		goto out;
	rv = tell(t);
out:
	buf_free(&i.so_pin);
	buf_free(&i.user_pin);
	return rv;
}
