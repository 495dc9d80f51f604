/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/define.h"

#include "crypto/crypto.h"
#include "token/guard.h"
#include "util/log.h"

void
definition_free(struct definition *d)
{
	int role;

	for (role = 0; role < STORE_ROLES; role++)
		tpm_pin_free(&d->pins[role]);
	tpm_counter_free(&d->count);
}

static size_t
areas_of(const struct definition *d, struct view areas[INDICES_MAX])
{
	size_t n = 0;
	int role;

	for (role = 0; role < STORE_ROLES; role++)
		if (d->pin[role])
			areas[n++] = buf_view(&d->pins[role].public_area);
	if (d->counter)
		areas[n++] = buf_view(&d->count.public_area);
	return n;
}

static CK_RV
plan_pin(struct tpm *tpm, const struct tpm_parent *parent,
    struct definition *d, enum store_role role)
{
	struct tpm_pin_wish wish = { .limit = d->limit[role] };

	if (!d->pin[role])
		return CKR_OK;
	if (role == STORE_USER)
		wish.so = d->pin[STORE_SO] ? &d->pins[STORE_SO] : d->so;
	return tpm_pin_plan(tpm, parent, &wish, &d->pins[role]);
}

CK_RV
definition_plan(struct token *t, const struct tpm_parent *parent,
    struct definition *d)
{
	struct tpm *tpm = machine_tpm(t->machine);
	struct view areas[INDICES_MAX];
	size_t count;
	CK_RV rv;

	if ((rv = plan_pin(tpm, parent, d, STORE_SO)) != CKR_OK ||
	    (rv = plan_pin(tpm, parent, d, STORE_USER)) != CKR_OK ||
	    (d->counter &&
	    (rv = tpm_counter_plan(tpm, &d->count)) != CKR_OK))
		return rv;
	count = areas_of(d, areas);
	return count == 0 ? CKR_OK : indices_note(t->store, areas, count);
}

CK_RV
definition_begin(struct token *t, const struct definition *d)
{
	enum { TIMES = 10 };
	struct view areas[INDICES_MAX];
	size_t count = areas_of(d, areas);
	int i;
	CK_RV rv;

	for (i = 0; i < TIMES; i++) {
		if ((rv = token_begin(t)) != CKR_OK || (rv = indices_noted(
		    t->store, areas, count)) != CKR_NO_EVENT)
			return rv;
		store_rollback(t->store);
		if ((rv = indices_note(t->store, areas, count)) != CKR_OK)
			return rv;
	}
	return CKR_FUNCTION_FAILED;
}

CK_RV
auth_of_nobody(struct buf *auth)
{
	CK_RV rv;

	if ((rv = buf_resize(auth, 32)) != CKR_OK)
		return rv;
	return crypto_random(auth->data, auth->len);
}

static CK_RV
define_pins(struct tpm *tpm, struct definition *d, struct view owner,
    struct view so_auth, struct store_token *row)
{
	struct buf nobody = BUF_EMPTY;
	struct view auth;
	int role;
	CK_RV rv;

	rv = auth_of_nobody(&nobody);
	for (role = 0; role < STORE_ROLES && rv == CKR_OK; role++) {
		if (!d->pin[role])
			continue;
		auth = role == STORE_SO ? so_auth : buf_view(&nobody);
		if ((rv = tpm_pin_define(tpm, &row->parent, owner, auth,
		    &d->pins[role])) == CKR_OK)
			rv = tpm_pin_copy(&row->pins[role].index,
			    &d->pins[role]);
	}
	buf_free(&nobody);
	return rv;
}

static CK_RV
define_counter(struct tpm *tpm, struct definition *d, struct view owner,
    struct view device, struct store_token *row)
{
	uint64_t value;
	CK_RV rv;

	if (!d->counter)
		return CKR_OK;
	if ((rv = tpm_counter_define(tpm, &row->parent, owner, &d->count,
	    &value)) != CKR_OK)
		return rv;
	return clock_write(&d->count, device, row);
}

static CK_RV
define_all(struct token *t, struct definition *d, struct view so_auth,
    struct view device, struct store_token *row)
{
	struct tpm *tpm = machine_tpm(t->machine);
	struct buf owner = BUF_EMPTY;
	CK_RV rv;

	if ((rv = machine_owner_auth(t->machine, &owner)) == CKR_OK &&
	    (rv = define_pins(tpm, d, buf_view(&owner), so_auth, row)) ==
	    CKR_OK)
		rv = define_counter(tpm, d, buf_view(&owner), device, row);
	buf_free(&owner);
	return rv;
}

CK_RV
definition_carry_out(struct token *t, struct definition *d,
    struct view so_auth, struct view device, struct store_token *row)
{
	struct view areas[INDICES_MAX];
	size_t count = areas_of(d, areas);
	CK_RV rv;

	if (count == 0)
		return CKR_OK;
	if ((rv = define_all(t, d, so_auth, device, row)) != CKR_OK)
		return rv;
	return indices_unnote(t->store, areas, count);
}

static CK_RV
renew(struct token *t, struct definition *d)
{
	struct store_token row = { 0 };
	struct store_keys keys;
	struct store_pin *user = &row.pins[STORE_USER];
	CK_RV rv;

	if ((rv = definition_begin(t, d)) != CKR_OK)
		goto out;
	/* another process' C_InitToken: what was planned obeys the old SO */
	if (t->login != LOGIN_SO) {
		rv = CKR_USER_NOT_LOGGED_IN;
		goto out;
	}
	if ((rv = token_keys(t, &keys)) != CKR_OK ||
	    (rv = store_token_get(t->store, t->row.id, &row)) != CKR_OK ||
	    (rv = definition_carry_out(t, d, VIEW_EMPTY, VIEW_EMPTY,
	    &row)) != CKR_OK)
		goto out;
	/* what was sealed to the index that is gone opens no more */
	tpm_blob_free(&user->seal);
	tpm_blob_free(&user->pending);
	user->set = false;
	rv = token_put_row(t, &keys, &row);
out:
	store_rollback(t->store);
	store_token_free(&row);
	return rv;
}

CK_RV
pin_index_renew(struct token *t)
{
	const struct store_pin *user = &t->row.pins[STORE_USER];
	struct definition d = { .pin[STORE_USER] = true,
	    .limit[STORE_USER] = user->index.limit,
	    .so = &t->row.pins[STORE_SO].index };
	CK_RV rv;

	if (!guard_by_index(user))
		return CKR_OK;
	rv = tpm_pin_find(machine_tpm(t->machine), &user->index);
	if (rv != CKR_TOKEN_NOT_RECOGNIZED)
		return rv;
	log_info("token %lu: the index of the user's PIN is gone from the "
	    "TPM; a new one is made", (unsigned long)t->slot);
	if ((rv = definition_plan(t, &t->row.parent, &d)) == CKR_OK)
		rv = renew(t, &d);
	definition_free(&d);
	/* no answer of C_InitPIN, who is logged in */
	return rv == CKR_USER_NOT_LOGGED_IN ? CKR_FUNCTION_FAILED : rv;
}
