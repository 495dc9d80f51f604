/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/pin.h"

#include "token/guard.h"

CK_RV
pin_acceptable(struct view pin)
{
	if (pin.len < PIN_MIN || pin.len > PIN_MAX)
		return CKR_PIN_LEN_RANGE;
	return CKR_OK;
}

static enum store_role
role_of(enum login login)
{
	return login == LOGIN_SO ? STORE_SO : STORE_USER;
}

CK_RV
pin_open(struct token *t, enum login role, struct view pin, struct buf *kek)
{
	const struct store_pin *guard = &t->row.pins[role_of(role)];

	if (!guard->set || pin_acceptable(pin) != CKR_OK)
		return CKR_PIN_INCORRECT;
	return guard_open(machine_tpm(t->machine), &t->row.parent, guard, pin,
	    kek);
}

/*
 * Put a new guard in the row of the store. The row in memory changes only
 * when that is committed, so a failure leaves the old PIN in force.
 */
static CK_RV
pin_replace(struct token *t, enum login role, struct view pin,
    struct view kek)
{
	struct store_token row = { 0 };
	struct store_keys keys;
	CK_RV rv;

	if ((rv = token_keys(t, &keys)) != CKR_OK ||
	    (rv = store_token_get(t->store, t->row.id, &row)) != CKR_OK ||
	    (rv = guard_close(machine_tpm(t->machine), &row.parent, pin, kek,
	    &row.pins[role_of(role)])) != CKR_OK ||
	    (rv = store_token_put(t->store, &keys, &row)) != CKR_OK ||
	    (rv = store_commit(t->store)) != CKR_OK)
		goto out;

	store_token_free(&t->row);
	t->row = row;
	row = (struct store_token){ 0 };
out:
	store_token_free(&row);
	return rv;
}

CK_RV
token_init_pin(struct token *t, struct view pin)
{
	CK_RV rv;

	if (t->login != LOGIN_SO)
		return CKR_USER_NOT_LOGGED_IN;
	if ((rv = pin_acceptable(pin)) != CKR_OK ||
	    (rv = token_begin(t)) != CKR_OK)
		return rv;
	/* another process' C_InitToken would have logged out here */
	rv = t->login != LOGIN_SO ? CKR_USER_NOT_LOGGED_IN :
	    pin_replace(t, LOGIN_USER, pin, buf_view(&t->kek));
	store_rollback(t->store);
	return rv;
}

CK_RV
token_set_pin(struct token *t, struct view old_pin, struct view new_pin)
{
	enum login role = t->login == LOGIN_SO ? LOGIN_SO : LOGIN_USER;
	struct buf kek = BUF_EMPTY;
	CK_RV rv;

	if ((rv = pin_acceptable(new_pin)) != CKR_OK ||
	    (rv = token_begin(t)) != CKR_OK)
		return rv;
	if ((rv = pin_open(t, role, old_pin, &kek)) == CKR_OK)
		rv = pin_replace(t, role, new_pin, buf_view(&kek));
	store_rollback(t->store);
	buf_free(&kek);
	return rv;
}
