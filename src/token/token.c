/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/token.h"

#include <string.h>

#include "token/cache.h"
#include "token/device.h"
#include "token/internal.h"
#include "token/profiles.h"
#include "token/reserve.h"
#include "util/log.h"
#include "util/mem.h"

CK_RV
token_new(struct machine *machine, CK_SLOT_ID slot, struct token **out)
{
	struct token *t;
	CK_RV rv = CKR_HOST_MEMORY;

	if ((t = mem_alloc(1, sizeof(*t))) == NULL)
		return CKR_HOST_MEMORY;
	t->machine = machine;
	t->slot = slot;
	if ((rv = lock_new(&t->lock)) != CKR_OK ||
	    (rv = objects_new(&t->objects)) != CKR_OK ||
	    (rv = profiles_add(t->objects)) != CKR_OK)
		goto out;
	*out = t;
	t = NULL;
out:
	token_free(&t);
	return rv;
}

void
token_free(struct token **token)
{
	struct token *t = *token;

	if (t == NULL)
		return;
	objects_free(&t->objects);
	buf_free(&t->kek);
	buf_free(&t->auth);
	buf_free(&t->device);
	clock_close(&t->clock);
	store_token_free(&t->row);
	store_close(&t->store);
	lock_free(&t->lock);
	mem_free(t);
	*token = NULL;
}

static void
wipe_buf(struct buf *b)
{
	if (b->data != NULL)
		wipe(b->data, b->len);
}

/*
 * The parent's threads may have been anywhere when it forked, so the child
 * touches neither their locks nor the lists they were changing: it only
 * makes sure that no key is kept, and leaves the rest where it is.
 */
void
token_abandon(struct token **token)
{
	struct token *t = *token;

	if (t == NULL)
		return;
	wipe_buf(&t->kek);
	wipe_buf(&t->auth);
	wipe_buf(&t->device);
	wipe_buf(&t->clock.counter.auth);
	store_abandon(&t->store);
	*token = NULL;
}

CK_SLOT_ID
token_slot(const struct token *t)
{
	return t->slot;
}

struct lock *
token_lock(const struct token *t)
{
	return t->lock;
}

bool
token_initialised(const struct token *t)
{
	return t->initialised;
}

CK_RV
token_keys_by(struct token *t, struct view device, struct store_keys *keys)
{
	CK_RV rv;

	*keys = (struct store_keys){ .for_public = device };
	if (t->login == LOGIN_USER)
		keys->for_private = buf_view(&t->kek);
	if (t->row.counter.len == 0 || !machine_config(t->machine)->rollback)
		return CKR_OK;
	rv = clock_open(&t->clock, machine_tpm(t->machine), &t->row, device);
	if (rv == CKR_OK)
		keys->clock = &t->clock.ops;
	if (rv != CKR_DATA_INVALID)
		return rv;
	log_error("token %lu: its counter was edited in the store; restore a "
	    "backup", (unsigned long)t->slot);
	return CKR_DEVICE_ERROR;
}

CK_RV
token_keys(struct token *t, struct store_keys *keys)
{
	CK_RV rv;

	if (!t->initialised)
		return CKR_TOKEN_NOT_RECOGNIZED;
	if ((rv = device_open(t)) != CKR_OK)
		return rv;
	return token_keys_by(t, buf_view(&t->device), keys);
}

CK_RV
token_put_row(struct token *t, const struct store_keys *keys,
    struct store_token *row)
{
	CK_RV rv;

	if ((rv = store_token_put(t->store, keys, row)) != CKR_OK ||
	    (rv = store_commit(t->store)) != CKR_OK)
		return rv;
	store_token_free(&t->row);
	t->row = *row;
	*row = (struct store_token){ 0 };
	t->initialised = true;
	return CKR_OK;
}

CK_RV
token_open_store(struct token *t, bool create)
{
	if (t->store != NULL)
		return CKR_OK;
	return store_open(machine_config(t->machine), create, &t->store);
}

void
token_forget(struct token *t)
{
	token_forget_login(t);
	objects_forget_rows(t->objects);
	buf_free(&t->device);
	clock_close(&t->clock);
}

static void
token_take_row(struct token *t, struct store_token *fresh)
{
	if (t->initialised && memcmp(t->row.generation, fresh->generation,
	    sizeof(fresh->generation)) != 0)
		token_forget(t);
	store_token_free(&t->row);
	t->row = *fresh;
	memset(fresh, 0, sizeof(*fresh));
	t->initialised = true;
}

static CK_RV
token_read_row(struct token *t)
{
	struct store_token fresh = { 0 };
	CK_RV rv;

	rv = store_token_get(t->store, (int64_t)t->slot, &fresh);
	if (rv == CKR_TOKEN_NOT_PRESENT) {
		if (t->initialised)
			token_forget(t);
		t->initialised = false;
		return CKR_OK;
	}
	if (rv == CKR_OK)
		token_take_row(t, &fresh);
	return rv;
}

CK_RV
token_refresh(struct token *t)
{
	bool changed;
	CK_RV rv;

	rv = token_open_store(t, false);
	if (rv == CKR_TOKEN_NOT_PRESENT)
		return CKR_OK;
	if (rv != CKR_OK ||
	    (rv = store_changed(t->store, &changed)) != CKR_OK || !changed)
		return rv;
	objects_doubt_rows(t->objects);
	return token_read_row(t);
}

CK_RV
token_begin(struct token *t)
{
	CK_RV rv;

	if (t->store == NULL)
		return CKR_TOKEN_NOT_RECOGNIZED;
	if ((rv = store_begin(t->store)) != CKR_OK ||
	    (rv = token_refresh(t)) == CKR_OK)
		return rv;
	store_rollback(t->store);
	return rv;
}

CK_RV
token_session_opened(struct token *t, bool rw)
{
	if (!t->initialised)
		return CKR_TOKEN_NOT_RECOGNIZED;
	if (!rw && t->login == LOGIN_SO)
		return CKR_SESSION_READ_WRITE_SO_EXISTS;
	t->sessions++;
	if (rw)
		t->rw_sessions++;
	return CKR_OK;
}

void
token_session_closed(struct token *t, bool rw)
{
	t->sessions--;
	if (rw)
		t->rw_sessions--;
	if (t->sessions == 0)
		token_forget_login(t);
}

size_t
token_sessions(const struct token *t, bool rw_only)
{
	return rw_only ? t->rw_sessions : t->sessions;
}

CK_STATE
token_state(const struct token *t, bool rw)
{
	switch (t->login) {
	case LOGIN_SO:
		return CKS_RW_SO_FUNCTIONS;
	case LOGIN_USER:
		return rw ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
	case LOGIN_NONE:
		break;
	}
	return rw ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
}

CK_RV
token_random(struct token *t, uint8_t *out, size_t len)
{
	return reserve_take(machine_reserve(t->machine),
	    machine_tpm(t->machine), out, len);
}

CK_RV
token_seed(struct token *t, struct view seed)
{
	CK_RV rv;

	/* what comes from here on is to depend on the seed */
	rv = tpm_stir(machine_tpm(t->machine), seed);
	reserve_drop(machine_reserve(t->machine));
	return rv;
}
