/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/crypto.h"
#include "token/admin.h"
#include "token/cache.h"
#include "token/define.h"
#include "token/device.h"
#include "token/guard.h"
#include "token/inherit.h"
#include "token/pin.h"
#include "token/tries.h"
#include "util/log.h"

/* A token that is being made, perhaps out of an old one. */
struct init {
	struct token *t;
	const struct token_wish *wish;
	struct heritage old;
	struct store_token row;
	struct definition define;
	struct buf auth;	/* of the SO's PIN for row */
	struct buf kek;
	struct buf device;
};

static void
init_free(struct init *i)
{
	heritage_free(&i->old);
	store_token_free(&i->row);
	definition_free(&i->define);
	buf_free(&i->auth);
	buf_free(&i->kek);
	buf_free(&i->device);
}

CK_RV
token_wish(const struct token *t, struct token_wish *out)
{
	const struct config *c = machine_config(t->machine);
	CK_RV rv;

	*out = (struct token_wish){ .guard = c->pin_guard,
	    .so_tries = c->so_tries, .user_tries = c->user_tries,
	    .rollback = c->rollback };
	if (c->pcrs.len == 0)
		return CKR_OK;
	if ((rv = tpm_pcrs_parse(buf_view(&c->pcrs), &out->pcrs)) ==
	    CKR_DATA_INVALID)
		log_error("%s:%u: pcrs: write it like sha256:0,2,7",
		    (const char *)c->file.data,
		    c->origin[CONFIG_PCRS].line);
	return rv;
}

static CK_RV
init_allowed(struct init *i, struct view pin)
{
	struct token *t = i->t;

	if (t->sessions != 0)
		return CKR_SESSION_EXISTS;
	if (i->wish->pcrs.count != 0 && i->wish->guard == GUARD_LOCKOUT) {
		log_error("pin_guard: lockout cannot be bound to PCRs; use "
		    "pin_guard: index, or no pcrs");
		return CKR_TEMPLATE_INCONSISTENT;
	}
	return t->initialised ? heritage_open(t, pin, &i->old) :
	    pin_acceptable(pin);
}

/* The serial is the token's for good, also when it is initialised again. */
static CK_RV
fresh_serial(uint8_t serial[16])
{
	struct buf text = BUF_EMPTY;
	uint8_t random[8];
	CK_RV rv;

	if ((rv = crypto_random(random, sizeof(random))) != CKR_OK ||
	    (rv = hex_append(view_of(random, sizeof(random)), &text)) !=
	    CKR_OK)
		goto out;
	memcpy(serial, text.data, 16);
out:
	buf_free(&text);
	return rv;
}

/* What the row says before any key is made. */
static CK_RV
init_row(struct init *i, const uint8_t label[32])
{
	struct token *t = i->t;
	struct store_token *row = &i->row;
	CK_RV rv;

	row->id = (int64_t)t->slot;
	row->pcrs = i->wish->pcrs;
	memcpy(row->label, label, sizeof(row->label));
	if (t->initialised)
		memcpy(row->serial, t->row.serial, sizeof(row->serial));
	else if ((rv = fresh_serial(row->serial)) != CKR_OK)
		return rv;
	if ((rv = crypto_random(row->generation,
	    sizeof(row->generation))) != CKR_OK)
		return rv;
	return machine_make_parent(t->machine, &row->parent);
}

static CK_RV
fresh_salt(struct store_pin *p)
{
	CK_RV rv;

	if (p->salt.len != 0)
		return CKR_OK;
	if ((rv = buf_resize(&p->salt, GUARD_SALT_LEN)) != CKR_OK)
		return rv;
	return crypto_random(p->salt.data, p->salt.len);
}

/* What is not inherited is planned, and salts are drawn. */
static CK_RV
init_plan(struct init *i)
{
	struct store_pin *pins = i->row.pins;
	struct definition *d = &i->define;
	CK_RV rv;
	int role;

	if ((rv = heritage_take(i->t, i->wish, &i->old, &i->row)) != CKR_OK)
		return rv;
	for (role = 0; role < STORE_ROLES; role++) {
		if ((rv = fresh_salt(&pins[role])) != CKR_OK)
			return rv;
		d->pin[role] = i->wish->guard == GUARD_INDEX &&
		    !guard_by_index(&pins[role]);
	}
	d->limit[STORE_SO] = i->wish->so_tries;
	d->limit[STORE_USER] = i->wish->user_tries;
	d->so = &pins[STORE_SO].index;
	d->counter = i->wish->rollback && i->old.counter.handle == 0;
	return definition_plan(i->t, &i->row.parent, d);
}

static CK_RV
init_keys(struct init *i, struct view pin)
{
	struct tpm *tpm = machine_tpm(i->t->machine);
	CK_RV rv;

	if ((rv = buf_resize(&i->kek, GUARD_KEK_LEN)) != CKR_OK ||
	    (rv = tpm_random(tpm, i->kek.data, i->kek.len)) != CKR_OK ||
	    (rv = device_make(tpm, buf_view(&i->kek), &i->row,
	    &i->device)) != CKR_OK)
		return rv;
	return guard_auth(&i->row.pins[STORE_SO], pin, &i->auth);
}

/*
 * Another process may have made a token in this very slot since we looked,
 * or have made this one anew: then it is not ours to overwrite.
 */
static CK_RV
init_begin(struct init *i)
{
	struct token *t = i->t;
	uint8_t generation[sizeof(t->row.generation)];
	bool initialised = t->initialised;
	int64_t next;
	CK_RV rv;

	memcpy(generation, t->row.generation, sizeof(generation));
	if ((rv = definition_begin(t, &i->define)) != CKR_OK)
		return rv;
	if (t->initialised != initialised)
		return CKR_FUNCTION_FAILED;
	if (initialised)
		return memcmp(generation, t->row.generation,
		    sizeof(generation)) == 0 ? CKR_OK : CKR_FUNCTION_FAILED;
	if ((rv = store_token_next_id(t->store, &next)) != CKR_OK)
		return rv;
	return next == (int64_t)t->slot ? CKR_OK : CKR_FUNCTION_FAILED;
}

/* Indices, the row that names them, and what is in no row any more. */
static CK_RV
init_indices(struct init *i)
{
	struct view doomed[INDICES_MAX];
	size_t count;
	CK_RV rv;

	if ((rv = definition_carry_out(i->t, &i->define, buf_view(&i->auth),
	    buf_view(&i->device), &i->row)) != CKR_OK ||
	    (i->old.counter.handle != 0 && (rv = clock_write(
	    &i->old.counter, buf_view(&i->device), &i->row)) != CKR_OK))
		return rv;
	count = heritage_left(&i->old, &i->row, doomed);
	return count == 0 ? CKR_OK :
	    indices_note(i->t->store, doomed, count);
}

static CK_RV
init_commit(struct init *i, struct clock *clock)
{
	struct store_keys keys = { .for_public = buf_view(&i->device) };
	struct token *t = i->t;
	struct tpm *tpm = machine_tpm(t->machine);
	CK_RV rv;

	if ((rv = init_begin(i)) != CKR_OK ||
	    (rv = init_indices(i)) != CKR_OK ||
	    (rv = guard_close(tpm, &i->row, STORE_SO, buf_view(&i->auth),
	    buf_view(&i->kek), &i->row.pins[STORE_SO].seal)) != CKR_OK)
		return rv;
	i->row.pins[STORE_SO].set = true;
	if (i->row.counter.len != 0 && machine_config(t->machine)->rollback) {
		if ((rv = clock_open(clock, tpm, &i->row,
		    buf_view(&i->device))) != CKR_OK)
			return rv;
		keys.clock = &clock->ops;
	}
	if (t->initialised && (rv = store_objects_delete_all(t->store, &keys,
	    i->row.id)) != CKR_OK)
		return rv;
	return token_put_row(t, &keys, &i->row);
}

/*
 * While the TPM is at hand: what it can do goes into the store's notes, so
 * that no start asks again. Without the note the next one does.
 */
static void
note_caps(struct token *t)
{
	const struct tpm_caps *caps;

	(void)!token_caps(t, &caps);
}

/* The token is there; what is left to do may fail. */
static void
init_tidy(struct init *i)
{
	struct token *t = i->t;
	size_t left;

	objects_forget_rows(t->objects);
	clock_close(&t->clock);
	buf_move(&t->device, &i->device);
	heritage_close_user(t, &i->old, buf_view(&i->auth));
	tries_forget(t);
	(void)!indices_sweep(t, &left);
	note_caps(t);
}

static CK_RV
init_once(struct token *t, struct view so_pin, const uint8_t label[32],
    const struct token_wish *wish)
{
	struct init i = { .t = t, .wish = wish };
	struct clock clock = { .tpm = NULL };
	size_t left;
	CK_RV rv;

	if ((rv = init_allowed(&i, so_pin)) != CKR_OK ||
	    (rv = token_open_store(t, true)) != CKR_OK ||
	    (rv = indices_sweep(t, &left)) != CKR_OK ||
	    (rv = init_row(&i, label)) != CKR_OK ||
	    (rv = init_plan(&i)) != CKR_OK ||
	    (rv = init_keys(&i, so_pin)) != CKR_OK)
		goto out;
	rv = init_commit(&i, &clock);
	store_rollback(t->store);
	if (rv == CKR_OK)
		init_tidy(&i);
	else
		(void)!indices_sweep(t, &left);
out:
	init_free(&i);
	clock_close(&clock);
	return rv;
}

CK_RV
token_init_as(struct token *t, struct view so_pin, const uint8_t label[32],
    const struct token_wish *wish)
{
	int tries = 3;
	CK_RV rv;

	/* another program may define an index where we were about to */
	do
		rv = init_once(t, so_pin, label, wish);
	while (rv == CKR_OBJECT_HANDLE_INVALID && --tries > 0);
	return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_FUNCTION_FAILED : rv;
}

CK_RV
token_init(struct token *t, struct view pin, const uint8_t label[32])
{
	struct token_wish wish;
	CK_RV rv;

	if ((rv = token_wish(t, &wish)) == CKR_OK)
		rv = token_init_as(t, pin, label, &wish);
	/* no answers of C_InitToken; the log has said what is wrong */
	return rv == CKR_USER_NOT_LOGGED_IN || rv == CKR_DATA_INVALID ||
	    rv == CKR_TEMPLATE_INCONSISTENT ? CKR_FUNCTION_FAILED : rv;
}
