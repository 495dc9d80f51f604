/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/admin.h"

#include "token/cache.h"
#include "token/define.h"
#include "token/device.h"
#include "token/guard.h"
#include "token/pin.h"
#include "token/pin_seal.h"
#include "token/tries.h"
#include "util/log.h"

/* The token goes in one transaction, its indices after it. */
static CK_RV
delete_row(struct token *t)
{
	struct view areas[INDICES_MAX];
	size_t count;
	CK_RV rv;

	if ((rv = token_begin(t)) != CKR_OK)
		goto out;
	count = indices_of(&t->row, areas);
	if (!t->initialised)
		rv = CKR_TOKEN_NOT_PRESENT;
	else if (count != 0)
		rv = indices_note(t->store, areas, count);
	if (rv != CKR_OK ||
	    (rv = store_token_delete(t->store, t->row.id)) != CKR_OK)
		goto out;
	tries_forget(t);
	rv = store_commit(t->store);
out:
	store_rollback(t->store);
	return rv;
}

CK_RV
token_delete(struct token *t, const struct view *so_pin)
{
	struct buf auth = BUF_EMPTY, kek = BUF_EMPTY;
	size_t left;
	CK_RV rv = CKR_OK;

	if (!t->initialised)
		return CKR_TOKEN_NOT_PRESENT;
	if (t->sessions != 0)
		return CKR_SESSION_EXISTS;
	if (so_pin != NULL)
		rv = pin_open(t, STORE_SO, *so_pin, &auth, &kek);
	buf_free(&auth);
	buf_free(&kek);
	if (rv != CKR_OK || (rv = delete_row(t)) != CKR_OK)
		return rv;
	token_forget(t);
	t->initialised = false;
	(void)!indices_sweep(t, &left);
	return CKR_OK;
}

CK_RV
token_sweep(struct token *t, size_t *left)
{
	return indices_sweep(t, left);
}

CK_RV
token_pin_unlock(struct token *t)
{
	const struct store_pin *user = &t->row.pins[STORE_USER];
	CK_RV rv;

	if (t->login != LOGIN_SO)
		return CKR_USER_NOT_LOGGED_IN;
	if (!guard_by_index(user))
		return CKR_FUNCTION_NOT_SUPPORTED;
	if ((rv = tpm_pin_unlock(machine_tpm(t->machine), &t->row.parent,
	    &user->index, &t->row.pins[STORE_SO].index,
	    buf_view(&t->auth))) == CKR_OK)
		tries_note(t, STORE_USER, CKR_OK);
	return rv;
}

CK_RV
token_so_unlock(struct token *t)
{
	const struct store_pin *so = &t->row.pins[STORE_SO];
	struct buf owner = BUF_EMPTY;
	CK_RV rv;

	if (!guard_by_index(so))
		return CKR_FUNCTION_NOT_SUPPORTED;
	if ((rv = machine_owner_auth(t->machine, &owner)) == CKR_OK &&
	    (rv = tpm_pin_unlock_by_owner(machine_tpm(t->machine),
	    &t->row.parent, buf_view(&owner), &so->index)) == CKR_OK)
		tries_note(t, STORE_SO, CKR_OK);
	buf_free(&owner);
	return rv;
}

CK_RV
token_verify(struct token *t, store_tell tell, void *arg)
{
	struct store_keys keys;
	CK_RV rv;

	if ((rv = token_keys(t, &keys)) != CKR_OK)
		return rv;
	return store_verify(t->store, &keys, t->row.id, tell, arg);
}

/* Is there no counter where the row says? A TPM that does not answer now is
 * no word about it. */
static CK_RV
counter_is_gone(struct token *t, struct view device, bool *gone)
{
	struct tpm_counter c = TPM_COUNTER_EMPTY;
	uint64_t value;
	CK_RV rv;

	if ((rv = clock_read(&t->row, device, &c)) == CKR_OK)
		rv = tpm_counter_read(machine_tpm(t->machine),
		    &t->row.parent, &c, &value);
	tpm_counter_free(&c);
	*gone = rv == CKR_DATA_INVALID || rv == CKR_TOKEN_NOT_RECOGNIZED ||
	    rv == CKR_DEVICE_ERROR;
	return *gone ? CKR_OK : rv;
}

/* Its owner may have made it anew; then it is swept. */
static CK_RV
note_old_counter(struct token *t, const struct store_token *row)
{
	struct view area = clock_area(row);

	return area.len == 0 ? CKR_OK : indices_note(t->store, &area, 1);
}

/*
 * The header is written anew, for the counter as it now is; then the row may
 * name another counter.
 */
static CK_RV
accept_row(struct token *t, struct definition *d, struct view device)
{
	struct store_token row = { 0 };
	struct clock clock = { .tpm = NULL };
	struct store_keys keys = { .for_public = device };
	CK_RV rv;

	if ((rv = definition_begin(t, d)) != CKR_OK ||
	    (rv = store_token_get(t->store, t->row.id, &row)) != CKR_OK ||
	    (d->counter && (rv = note_old_counter(t, &row)) != CKR_OK) ||
	    (rv = definition_carry_out(t, d, VIEW_EMPTY, device, &row)) !=
	    CKR_OK)
		goto out;
	if (row.counter.len != 0 && machine_config(t->machine)->rollback) {
		if ((rv = clock_open(&clock, machine_tpm(t->machine), &row,
		    device)) != CKR_OK)
			goto out;
		keys.clock = &clock.ops;
	}
	if ((rv = store_accept(t->store, &keys, t->row.id)) == CKR_OK)
		rv = token_put_row(t, &keys, &row);
out:
	store_rollback(t->store);
	store_token_free(&row);
	clock_close(&clock);
	return rv;
}

CK_RV
token_restore(struct token *t, struct view so_pin)
{
	struct buf auth = BUF_EMPTY, kek = BUF_EMPTY, device = BUF_EMPTY;
	struct definition d = { .counter = false };
	size_t left;
	CK_RV rv;

	if (!t->initialised)
		return CKR_TOKEN_NOT_PRESENT;
	if ((rv = pin_open(t, STORE_SO, so_pin, &auth, &kek)) != CKR_OK ||
	    (rv = device_unwrap(t, buf_view(&kek), &device)) != CKR_OK)
		goto out;
	if (machine_config(t->machine)->rollback && t->row.counter.len != 0 &&
	    (rv = counter_is_gone(t, buf_view(&device), &d.counter)) !=
	    CKR_OK)
		goto out;
	if ((rv = definition_plan(t, &t->row.parent, &d)) != CKR_OK ||
	    (rv = accept_row(t, &d, buf_view(&device))) != CKR_OK)
		goto out;
	clock_close(&t->clock);
	buf_move(&t->device, &device);
	(void)!indices_sweep(t, &left);
out:
	definition_free(&d);
	buf_free(&auth);
	buf_free(&kek);
	buf_free(&device);
	return rv;
}

/*
 * A user whose auth is not at hand has to be given a PIN anew: the token was
 * bound to no PCR before, or a change of PIN was cut off, and nobody knows
 * how far it came.
 */
static CK_RV
reseal_user(struct token *t, struct view kek, struct store_token *row)
{
	struct store_pin *user = &row->pins[STORE_USER];
	struct buf auth = BUF_EMPTY;
	CK_RV rv;

	if (!pin_is_there(user))
		return CKR_OK;
	rv = pin_is_pending(user) ? CKR_DATA_INVALID :
	    pin_auth_unwrap(row, kek, &auth);
	if (rv == CKR_OK)
		rv = guard_close(machine_tpm(t->machine), row, STORE_USER,
		    buf_view(&auth), kek, &user->seal);
	else if (rv == CKR_DATA_INVALID) {
		log_info("token %lu: the user needs a new PIN",
		    (unsigned long)t->slot);
		tpm_blob_free(&user->seal);
		user->set = false;
		rv = CKR_OK;
	}
	tpm_blob_free(&user->pending);
	buf_free(&auth);
	return rv;
}

static CK_RV
reseal_row(struct token *t, const struct tpm_pcrs *pcrs, struct view kek,
    struct view device)
{
	struct store_token row = { 0 };
	struct store_keys keys;
	CK_RV rv;

	if ((rv = token_begin(t)) != CKR_OK ||
	    (rv = token_keys_by(t, device, &keys)) != CKR_OK ||
	    (rv = store_token_get(t->store, t->row.id, &row)) != CKR_OK)
		goto out;
	if (pcrs != NULL)
		row.pcrs = *pcrs;
	if ((rv = device_seal(machine_tpm(t->machine), device, &row)) !=
	    CKR_OK || (rv = reseal_user(t, kek, &row)) != CKR_OK)
		goto out;
	rv = token_put_row(t, &keys, &row);
out:
	store_rollback(t->store);
	store_token_free(&row);
	return rv;
}

CK_RV
token_reseal(struct token *t, struct view so_pin, const struct tpm_pcrs *pcrs)
{
	struct buf auth = BUF_EMPTY, kek = BUF_EMPTY, device = BUF_EMPTY;
	CK_RV rv;

	if (!t->initialised)
		return CKR_TOKEN_NOT_PRESENT;
	if (!guard_by_index(&t->row.pins[STORE_SO]))
		return CKR_FUNCTION_NOT_SUPPORTED;
	if ((rv = pin_open(t, STORE_SO, so_pin, &auth, &kek)) == CKR_OK &&
	    (rv = device_unwrap(t, buf_view(&kek), &device)) == CKR_OK)
		rv = reseal_row(t, pcrs, buf_view(&kek), buf_view(&device));
	buf_free(&auth);
	buf_free(&kek);
	buf_free(&device);
	return rv;
}
