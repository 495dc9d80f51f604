/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/pin.h"

#include <string.h>

#include "token/define.h"
#include "token/device.h"
#include "token/guard.h"
#include "token/pin_seal.h"
#include "token/tries.h"
#include "util/log.h"

CK_RV
pin_acceptable(struct view pin)
{
	if (pin.len < PIN_MIN || pin.len > PIN_MAX)
		return CKR_PIN_LEN_RANGE;
	return CKR_OK;
}

/*
 * The PIN is right for its index, but opens no seal: those of an old copy of
 * the store, or the owner has made the index anew with a PIN of his own.
 */
static CK_RV
explain_mismatch(struct token *t)
{
	struct store_keys keys;
	CK_RV rv;

	if ((rv = token_keys(t, &keys)) != CKR_OK ||
	    (rv = store_check(t->store, &keys, t->row.id)) != CKR_OK)
		return rv;
	log_error("token %lu: what counts this PIN in the TPM was made anew, "
	    "and the PIN opens nothing; the security officer can give the "
	    "user a new one", (unsigned long)t->slot);
	return CKR_TOKEN_NOT_RECOGNIZED;
}

/* On another TPM that has been said already. */
static CK_RV
explain_missing(struct token *t, enum store_role role)
{
	const bool user = role == STORE_USER;

	if (tpm_parent_check(machine_tpm(t->machine), &t->row.parent) ==
	    CKR_OK)
		log_error("token %lu: what counts the %s PIN was removed "
		    "from the TPM; %s", (unsigned long)t->slot, user ?
		    "user's" : "security officer's", user ?
		    "the security officer can give the user a new one" :
		    "all that is left is tpm2-token delete");
	return CKR_TOKEN_NOT_RECOGNIZED;
}

static CK_RV
explain(struct token *t, enum store_role role, CK_RV rv)
{
	switch (rv) {
	case CKR_TOKEN_NOT_RECOGNIZED:
		return explain_missing(t, role);
	case CKR_ENCRYPTED_DATA_INVALID:
		return explain_mismatch(t);
	case CKR_ACTION_PROHIBITED:
		return device_shut(t);
	case CKR_USER_NOT_LOGGED_IN:
		/* the owner, who makes a transient parent; logged */
		return CKR_FUNCTION_FAILED;
	default:
		return rv;
	}
}

CK_RV
pin_open(struct token *t, enum store_role role, struct view pin,
    struct buf *auth, struct buf *kek)
{
	struct store_pin *p = &t->row.pins[role];
	CK_RV rv;

	/* none that could be set is asked of the TPM, and none is counted */
	if (pin_acceptable(pin) != CKR_OK || p->salt.len == 0 ||
	    !pin_is_there(p))
		return CKR_PIN_INCORRECT;
	if ((rv = guard_auth(p, pin, auth)) != CKR_OK)
		return rv;
	rv = pin_seal_open(t, role, buf_view(auth), kek);
	tries_note(t, role, rv);
	if (rv == CKR_OK)
		return CKR_OK;
	buf_free(auth);
	return explain(t, role, rv);
}

/* The role's row of t as it will be, and its auth. */
struct draft {
	uint8_t generation[16];	/* of the token whose PIN it is */
	struct store_token row;
	struct store_pin *pin;
	struct store_keys keys;
	struct buf auth;
	struct tpm_blob before;	/* what was pending then */
};

static void
draft_free(struct draft *d)
{
	store_token_free(&d->row);
	tpm_blob_free(&d->before);
	buf_free(&d->auth);
}

static CK_RV
draft_begin(struct token *t, enum store_role role, struct draft *d)
{
	CK_RV rv;

	if ((rv = token_begin(t)) != CKR_OK ||
	    (rv = token_keys(t, &d->keys)) != CKR_OK)
		return rv;
	/* another process' C_InitToken */
	if (memcmp(d->generation, t->row.generation,
	    sizeof(d->generation)) != 0)
		return CKR_FUNCTION_FAILED;
	store_token_free(&d->row);
	rv = store_token_get(t->store, t->row.id, &d->row);
	d->pin = &d->row.pins[role];
	return rv;
}

/* Who guards by the TPM's lockout has but the seal to replace. */
static CK_RV
change_seal(struct token *t, const struct pin_change *c, struct draft *d)
{
	CK_RV rv;

	if ((rv = guard_close(machine_tpm(t->machine), &d->row, c->role,
	    buf_view(&d->auth), c->kek, &d->pin->seal)) != CKR_OK)
		return rv;
	d->pin->set = true;
	return token_put_row(t, &d->keys, &d->row);
}

static CK_RV
put_pending(struct token *t, const struct pin_change *c, struct draft *d)
{
	CK_RV rv;

	d->before = d->pin->pending;
	d->pin->pending = TPM_BLOB_EMPTY;
	if ((rv = guard_close(machine_tpm(t->machine), &d->row, c->role,
	    buf_view(&d->auth), c->kek, &d->pin->pending)) != CKR_OK)
		return rv;
	return token_put_row(t, &d->keys, &d->row);
}

/* The TPM has refused to change anything: what was pending before, of a
 * change that was cut off, may be in force. */
static void
take_back(struct token *t, struct draft *d)
{
	tpm_blob_free(&d->pin->pending);
	d->pin->pending = d->before;
	d->before = TPM_BLOB_EMPTY;
	(void)!token_put_row(t, &d->keys, &d->row);
}

static CK_RV
change_index(struct token *t, const struct pin_change *c,
    const struct draft *d)
{
	struct tpm *tpm = machine_tpm(t->machine);

	if (c->by == c->role)
		return tpm_pin_change(tpm, &d->row.parent, &d->pin->index,
		    c->by_auth, buf_view(&d->auth));
	return tpm_pin_reset(tpm, &d->row.parent, &d->pin->index,
	    &d->row.pins[c->by].index, c->by_auth, buf_view(&d->auth));
}

/*
 * From here on the new PIN is in force; the transaction makes it tidy. Nobody
 * else writes in between, so nobody takes the pending seal for a leftover.
 */
static CK_RV
promote_pending(struct token *t, const struct pin_change *c,
    struct draft *d)
{
	struct tpm_blob ours = TPM_BLOB_EMPTY;
	CK_RV rv;

	if ((rv = tpm_blob_copy(&ours,
	    &t->row.pins[c->role].pending)) != CKR_OK ||
	    (rv = draft_begin(t, c->role, d)) != CKR_OK)
		goto out;
	if (!view_equal(buf_view(&ours.private_area),
	    buf_view(&d->pin->pending.private_area))) {
		rv = CKR_FUNCTION_FAILED;
		goto out;
	}
	if ((rv = change_index(t, c, d)) != CKR_OK) {
		if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED)
			take_back(t, d);
		goto out;
	}
	if ((rv = pin_seal_promote(&d->row, c->role, buf_view(&d->auth),
	    c->kek)) == CKR_OK)
		rv = token_put_row(t, &d->keys, &d->row);
	/* it was changed, whatever the store said: a login will promote it */
	if (rv != CKR_OK)
		log_info("token %lu: the next login completes a change of PIN",
		    (unsigned long)t->slot);
	rv = CKR_OK;
out:
	tpm_blob_free(&ours);
	return rv;
}

CK_RV
pin_change(struct token *t, const struct pin_change *c)
{
	struct draft d = { .row = { 0 } };
	CK_RV rv;

	memcpy(d.generation, t->row.generation, sizeof(d.generation));
	if ((rv = draft_begin(t, c->role, &d)) != CKR_OK ||
	    (rv = guard_auth(d.pin, c->pin, &d.auth)) != CKR_OK)
		goto out;
	if (!guard_by_index(d.pin)) {
		rv = change_seal(t, c, &d);
		goto out;
	}
	if ((rv = put_pending(t, c, &d)) != CKR_OK)
		goto out;
	rv = promote_pending(t, c, &d);
out:
	store_rollback(t->store);
	draft_free(&d);
	if (rv == CKR_OK)
		tries_note(t, c->role, CKR_OK);
	return rv;
}

/* By the SO, who needs none of the old PIN. What the SO has is copied: it
 * goes when another process initialises the token. */
static CK_RV
init_pin(struct token *t, struct view pin)
{
	struct buf auth = BUF_EMPTY, kek = BUF_EMPTY;
	struct pin_change change;
	CK_RV rv;

	if ((rv = buf_set(&auth, buf_view(&t->auth))) != CKR_OK ||
	    (rv = buf_set(&kek, buf_view(&t->kek))) != CKR_OK)
		goto out;
	change = (struct pin_change){ STORE_USER, STORE_SO, buf_view(&auth),
	    pin, buf_view(&kek) };
	rv = pin_change(t, &change);
	/* another process has changed it since that login */
	if (rv == CKR_PIN_INCORRECT) {
		tries_note(t, STORE_SO, rv);
		token_forget_login(t);
		rv = CKR_USER_NOT_LOGGED_IN;
	}
out:
	buf_free(&auth);
	buf_free(&kek);
	return rv;
}

CK_RV
token_init_pin(struct token *t, struct view pin)
{
	CK_RV rv;

	if (t->login != LOGIN_SO)
		return CKR_USER_NOT_LOGGED_IN;
	if ((rv = pin_acceptable(pin)) != CKR_OK ||
	    (rv = pin_index_renew(t)) != CKR_OK)
		return rv;
	return init_pin(t, pin);
}

CK_RV
token_set_pin(struct token *t, struct view old_pin, struct view new_pin)
{
	enum store_role role = t->login == LOGIN_SO ? STORE_SO : STORE_USER;
	struct buf auth = BUF_EMPTY, kek = BUF_EMPTY;
	struct pin_change change;
	CK_RV rv;

	if ((rv = pin_acceptable(new_pin)) != CKR_OK ||
	    (rv = pin_open(t, role, old_pin, &auth, &kek)) != CKR_OK)
		goto out;
	change = (struct pin_change){ role, role, buf_view(&auth), new_pin,
	    buf_view(&kek) };
	rv = pin_change(t, &change);
	/* the SO's auth is what C_InitPIN goes by */
	if (rv == CKR_OK && role == STORE_SO && t->login == LOGIN_SO)
		rv = guard_auth(&t->row.pins[role], new_pin, &t->auth);
out:
	buf_free(&auth);
	buf_free(&kek);
	return rv;
}
