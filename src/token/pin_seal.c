/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/pin_seal.h"

#include "token/guard.h"
#include "token/wrap.h"

bool
pin_is_pending(const struct store_pin *p)
{
	return p->pending.public_area.len != 0;
}

bool
pin_is_there(const struct store_pin *p)
{
	return p->set || pin_is_pending(p);
}

static CK_RV
open_seal(struct token *t, const struct store_token *row,
    enum store_role role, bool pending, struct view auth, struct buf *kek)
{
	const struct store_pin *p = &row->pins[role];

	if (pending ? !pin_is_pending(p) : !p->set)
		return CKR_ENCRYPTED_DATA_INVALID;
	return guard_open(machine_tpm(t->machine), row, role,
	    pending ? &p->pending : &p->seal, auth, kek);
}

/* Which one it is; the index's PIN is right for both or for neither. */
static CK_RV
open_either(struct token *t, const struct store_token *row,
    enum store_role role, struct view auth, struct buf *kek, bool *pending)
{
	CK_RV rv;

	*pending = false;
	rv = open_seal(t, row, role, false, auth, kek);
	if (rv != CKR_ENCRYPTED_DATA_INVALID)
		return rv;
	*pending = true;
	return open_seal(t, row, role, true, auth, kek);
}

CK_RV
pin_seal_promote(struct store_token *row, enum store_role role,
    struct view auth, struct view kek)
{
	struct store_pin *p = &row->pins[role];
	CK_RV rv = CKR_OK;

	/* that of the last PIN is none of this one */
	buf_free(&p->auth_wrapped);
	if (role == STORE_USER && row->pcrs.count != 0)
		rv = pin_auth_wrap(row, auth, kek);
	if (rv != CKR_OK)
		return rv;
	tpm_blob_free(&p->seal);
	p->seal = p->pending;
	p->pending = TPM_BLOB_EMPTY;
	p->set = true;
	return CKR_OK;
}

/* What came of the change goes into the store; a failure is left to the next
 * login. */
static void
tidy(struct token *t, struct store_token *row, enum store_role role,
    bool pending, struct view auth, struct view kek)
{
	struct store_keys keys;

	if (!pin_is_pending(&row->pins[role]) || token_keys(t, &keys) != CKR_OK)
		return;
	if (!pending)
		tpm_blob_free(&row->pins[role].pending);
	else if (pin_seal_promote(row, role, auth, kek) != CKR_OK)
		return;
	(void)!token_put_row(t, &keys, row);
}

/*
 * There is a pending seal. Nobody may be changing this PIN while it is found
 * out which seal is in force: so under the writers' lock, and looked at
 * again.
 */
static CK_RV
settle(struct token *t, enum store_role role, struct view auth,
    struct buf *kek)
{
	struct store_token row = { 0 };
	bool pending;
	CK_RV rv;

	if ((rv = token_begin(t)) == CKR_TOKEN_WRITE_PROTECTED)
		return open_either(t, &t->row, role, auth, kek, &pending);
	if (rv != CKR_OK ||
	    (rv = store_token_get(t->store, t->row.id, &row)) != CKR_OK ||
	    (rv = open_either(t, &row, role, auth, kek, &pending)) != CKR_OK)
		goto out;
	tidy(t, &row, role, pending, auth, buf_view(kek));
out:
	store_rollback(t->store);
	store_token_free(&row);
	return rv;
}

CK_RV
pin_seal_open(struct token *t, enum store_role role, struct view auth,
    struct buf *kek)
{
	if (pin_is_pending(&t->row.pins[role]))
		return settle(t, role, auth, kek);
	return open_seal(t, &t->row, role, false, auth, kek);
}

CK_RV
pin_auth_wrap(struct store_token *row, struct view auth, struct view kek)
{
	return wrap_close(row, kek, "user auth", VIEW_EMPTY, auth,
	    &row->pins[STORE_USER].auth_wrapped);
}

CK_RV
pin_auth_unwrap(const struct store_token *row, struct view kek,
    struct buf *auth)
{
	return wrap_open(row, kek, "user auth", VIEW_EMPTY,
	    buf_view(&row->pins[STORE_USER].auth_wrapped), auth);
}
