/* SPDX-License-Identifier: BSD-2-Clause */
#include "vault_tpm.h"

#include <stdlib.h>
#include <string.h>

#include "token/admin.h"
#include "token/clock.h"
#include "token/guard.h"
#include "token/slots.h"
#include "tpm/state.h"

struct tools {
	struct config config;
	struct tpm *tpm;
	struct tpm_parent parent;
	struct store *store;
	struct slots *slots;
	struct token *token;
};

/* Nothing is open yet but the configuration. */
static void
begin(struct tools *t)
{
	memset(t, 0, sizeof(*t));
	vault_pause();
	log_start();
	assert_ok(config_load(&t->config));
}

static void
end(struct tools *t)
{
	tpm_free(&t->tpm);
	tpm_parent_free(&t->parent);
	store_close(&t->store);
	slots_free(&t->slots);
	config_free(&t->config);
	vault_resume();
}

static void
begin_tpm(struct tools *t)
{
	begin(t);
	assert_ok(tpm_new((const char *)t->config.tcti.data, &t->tpm));
}

static void
begin_parent(struct tools *t)
{
	begin_tpm(t);
	assert_ok(tpm_parent_find(t->tpm, TPM_SRK, VIEW_EMPTY, &t->parent));
}

/* The one at p11_slot; once it is deleted, the empty slot's. */
static void
begin_token(struct tools *t)
{
	size_t cursor = 0;
	struct token *each;

	begin(t);
	assert_ok(slots_new(&t->config, &t->slots));
	assert_ok(slots_refresh(t->slots));
	t->token = slots_find(t->slots, p11_slot);
	while (t->token == NULL || cursor != 0) {
		if ((each = slots_next(t->slots, false, &cursor)) == NULL)
			break;
		t->token = each;
	}
	assert_non_null(t->token);
	assert_ok(token_refresh(t->token));
}

uint32_t
vault_lockout_count(void)
{
	struct tpm_state state;
	struct tools t;

	begin_tpm(&t);
	assert_ok(tpm_state_read(t.tpm, &state));
	end(&t);
	assert_true(state.lockout_max > 0);
	return state.lockout_count;
}

size_t
vault_index_count(void)
{
	struct tpm_index *list = NULL;
	size_t count = 0;
	struct tools t;

	begin_tpm(&t);
	assert_ok(tpm_index_list(t.tpm, &list, &count));
	tpm_index_list_free(&list, count);
	end(&t);
	return count;
}

static void
read_row(struct tools *t, struct store_token *row)
{
	*row = (struct store_token){ 0 };
	assert_ok(store_open(&t->config, false, &t->store));
	assert_ok(store_token_get(t->store, (int64_t)p11_slot, row));
}

void
vault_row(struct store_token *row)
{
	struct tools t;

	begin(&t);
	read_row(&t, row);
	end(&t);
}

uint32_t
vault_tries(enum store_role role)
{
	struct store_token row;
	uint32_t count = 0, limit;
	struct tools t;

	begin_parent(&t);
	read_row(&t, &row);
	assert_ok(tpm_pin_status(t.tpm, &t.parent, VIEW_EMPTY,
	    &row.pins[role].index, &count, &limit));
	assert_int_equal(limit, row.pins[role].index.limit);
	store_token_free(&row);
	end(&t);
	return count;
}

/* As anybody can who has the TPM. */
static void
open_device(struct tools *t, const struct store_token *row,
    struct buf *device)
{
	if (row->pcrs.count != 0)
		assert_ok(tpm_policy_unseal(t->tpm, &row->parent,
		    &row->device, &row->pcrs, device));
	else
		assert_ok(tpm_unseal(t->tpm, &row->parent, &row->device,
		    device));
}

/* The clock of a row, for who has its device key. */
static void
use_clock(struct tools *t, const struct store_token *row,
    struct view device, struct clock *clock, struct store_keys *keys)
{
	*keys = (struct store_keys){ .for_public = device };
	if (row->counter.len == 0 || !t->config.rollback)
		return;
	assert_ok(clock_open(clock, t->tpm, row, device));
	keys->clock = &clock->ops;
}

void
vault_put_row(struct store_token *row)
{
	struct buf device = BUF_EMPTY;
	struct clock clock = { .tpm = NULL };
	struct store_keys keys;
	struct tools t;

	begin_tpm(&t);
	assert_ok(store_open(&t.config, false, &t.store));
	open_device(&t, row, &device);
	use_clock(&t, row, buf_view(&device), &clock, &keys);
	assert_ok(store_token_put(t.store, &keys, row));
	clock_close(&clock);
	buf_free(&device);
	end(&t);
}

void
vault_undefine(enum tpm_index_kind which)
{
	struct store_token row;
	struct tools t;
	struct view area;

	begin_parent(&t);
	read_row(&t, &row);
	area = which == TPM_INDEX_COUNTER ? clock_area(&row) :
	    buf_view(&row.pins[which == TPM_INDEX_SO ? STORE_SO :
	    STORE_USER].index.public_area);
	assert_ok(tpm_index_undefine(t.tpm, &t.parent, VIEW_EMPTY, area));
	store_token_free(&row);
	end(&t);
}

void
vault_redefine(enum store_role role, const char *pin)
{
	struct buf auth = BUF_EMPTY;
	struct store_token row;
	struct store_pin *p;
	struct tools t;

	begin_parent(&t);
	read_row(&t, &row);
	p = &row.pins[role];
	assert_ok(guard_auth(p, view_str(pin), &auth));
	assert_ok(tpm_index_undefine(t.tpm, &t.parent, VIEW_EMPTY,
	    buf_view(&p->index.public_area)));
	assert_ok(tpm_pin_define(t.tpm, &t.parent, VIEW_EMPTY,
	    buf_view(&auth), &p->index));
	/* it is there, as the row means it */
	assert_ok(tpm_pin_find(t.tpm, &p->index));
	buf_free(&auth);
	store_token_free(&row);
	end(&t);
}

/* As a program that has the TPM and the store knows it, but for its
 * authValue, which is the owner's own. */
void
vault_redefine_counter(void)
{
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	struct buf device = BUF_EMPTY;
	struct store_token row;
	uint64_t value;
	struct tools t;

	begin_parent(&t);
	read_row(&t, &row);
	open_device(&t, &row, &device);
	assert_ok(clock_read(&row, buf_view(&device), &c));
	assert_ok(tpm_index_undefine(t.tpm, &t.parent, VIEW_EMPTY,
	    buf_view(&c.public_area)));
	assert_ok(buf_set(&c.auth, view_str("the owner's own")));
	assert_ok(tpm_counter_define(t.tpm, &t.parent, VIEW_EMPTY, &c,
	    &value));
	tpm_counter_free(&c);
	buf_free(&device);
	store_token_free(&row);
	end(&t);
}

CK_RV
vault_ask_index(const struct store_token *row, enum store_role role,
    const char *pin)
{
	struct buf auth = BUF_EMPTY;
	struct tools t;
	CK_RV rv;

	begin_parent(&t);
	assert_ok(guard_auth(&row->pins[role], view_str(pin), &auth));
	rv = tpm_pin_check(t.tpm, &t.parent, &row->pins[role].index,
	    buf_view(&auth));
	buf_free(&auth);
	end(&t);
	return rv;
}

void
vault_run(const char *command)
{
	vault_pause();
	if (system(command) != 0)
		fail_msg("failed: %s", command);
	vault_resume();
}

CK_RV
vault_restore(const char *so_pin)
{
	struct tools t;
	CK_RV rv;

	begin_token(&t);
	rv = token_restore(t.token, view_str(so_pin));
	end(&t);
	return rv;
}

CK_RV
vault_reseal(const char *so_pin, const char *text)
{
	struct tpm_pcrs pcrs = TPM_PCRS_NONE;
	struct tools t;
	CK_RV rv;

	if (text != NULL && *text != '\0')
		assert_ok(tpm_pcrs_parse(view_str(text), &pcrs));
	begin_token(&t);
	rv = token_reseal(t.token, view_str(so_pin),
	    text == NULL ? NULL : &pcrs);
	end(&t);
	return rv;
}

CK_RV
vault_delete(const char *so_pin)
{
	struct view pin = so_pin == NULL ? VIEW_EMPTY : view_str(so_pin);
	struct tools t;
	CK_RV rv;

	begin_token(&t);
	rv = token_delete(t.token, so_pin == NULL ? NULL : &pin);
	end(&t);
	return rv;
}

CK_RV
vault_unlock_so(void)
{
	struct tools t;
	CK_RV rv;

	begin_token(&t);
	rv = token_so_unlock(t.token);
	end(&t);
	return rv;
}

CK_RV
vault_sweep(size_t *left)
{
	struct tools t;
	CK_RV rv;

	begin_token(&t);
	rv = token_sweep(t.token, left);
	end(&t);
	return rv;
}
