/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/cache.h"
#include "token/device.h"
#include "token/indices.h"
#include "token/internal.h"
#include "token/pin.h"
#include "token/pin_seal.h"

void
token_forget_login(struct token *t)
{
	if (t->login == LOGIN_NONE)
		return;
	t->login = LOGIN_NONE;
	atomic_fetch_add(&t->logins, 1);
	buf_free(&t->kek);
	buf_free(&t->auth);
	objects_forget_private(t->objects);
}

unsigned
token_logins(const struct token *t)
{
	return atomic_load(&((struct token *)(uintptr_t)t)->logins);
}

static CK_RV
login_allowed(const struct token *t, enum login as)
{
	if (t->login == as)
		return CKR_USER_ALREADY_LOGGED_IN;
	if (t->login != LOGIN_NONE)
		return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
	if (as == LOGIN_SO && t->sessions != t->rw_sessions)
		return CKR_SESSION_READ_ONLY_EXISTS;
	if (as == LOGIN_USER && !pin_is_there(&t->row.pins[STORE_USER]))
		return CKR_USER_PIN_NOT_INITIALIZED;
	return CKR_OK;
}

/* Who died while indices were defined left some: remove them. */
static void
login_tidy(struct token *t)
{
	size_t left;

	(void)!indices_sweep(t, &left);
}

/* Nobody logs in to an old or edited copy; what was found out here is known
 * to the search that follows. */
static CK_RV
login_check(struct token *t, struct view device)
{
	struct store_keys keys;
	CK_RV rv;

	if ((rv = token_keys_by(t, device, &keys)) != CKR_OK)
		return rv;
	return store_check(t->store, &keys, t->row.id);
}

static enum store_role
role_of(enum login login)
{
	return login == LOGIN_SO ? STORE_SO : STORE_USER;
}

CK_RV
token_login(struct token *t, CK_USER_TYPE who, struct view pin)
{
	enum login as = who == CKU_SO ? LOGIN_SO : LOGIN_USER;
	struct buf auth = BUF_EMPTY, kek = BUF_EMPTY, device = BUF_EMPTY;
	CK_RV rv;

	if (who != CKU_SO && who != CKU_USER)
		return CKR_USER_TYPE_INVALID;
	if ((rv = login_allowed(t, as)) != CKR_OK ||
	    (rv = pin_open(t, role_of(as), pin, &auth, &kek)) != CKR_OK ||
	    (rv = device_unwrap(t, buf_view(&kek), &device)) != CKR_OK ||
	    (rv = login_check(t, buf_view(&device))) != CKR_OK)
		goto out;

	buf_move(&t->kek, &kek);
	buf_move(&t->device, &device);
	if (as == LOGIN_SO)
		buf_move(&t->auth, &auth);
	t->login = as;
	login_tidy(t);
out:
	buf_free(&auth);
	buf_free(&kek);
	buf_free(&device);
	return rv;
}

CK_RV
token_reauthenticate(struct token *t, struct view pin)
{
	struct buf auth = BUF_EMPTY, kek = BUF_EMPTY;
	CK_RV rv;

	if (t->login == LOGIN_NONE)
		return CKR_USER_NOT_LOGGED_IN;
	rv = pin_open(t, role_of(t->login), pin, &auth, &kek);
	buf_free(&auth);
	buf_free(&kek);
	return rv;
}

CK_RV
token_logout(struct token *t)
{
	if (t->login == LOGIN_NONE)
		return CKR_USER_NOT_LOGGED_IN;
	token_forget_login(t);
	return CKR_OK;
}
