/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/crypto.h"
#include "token/cache.h"
#include "token/device.h"
#include "token/guard.h"
#include "token/pin.h"

static CK_RV
init_allowed(struct token *t, struct view pin)
{
	struct buf kek = BUF_EMPTY;
	CK_RV rv;

	if (t->sessions != 0)
		return CKR_SESSION_EXISTS;
	if (t->initialised)
		rv = pin_open(t, LOGIN_SO, pin, &kek);
	else
		rv = pin_acceptable(pin);
	buf_free(&kek);
	return rv;
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

/* The row of the new token, with everything that the TPM has to do. */
static CK_RV
init_row(struct token *t, struct view pin, const uint8_t label[32],
    struct store_token *row, struct buf *device)
{
	struct tpm *tpm = machine_tpm(t->machine);
	struct buf kek = BUF_EMPTY;
	CK_RV rv;

	row->id = (int64_t)t->slot;
	memcpy(row->label, label, sizeof(row->label));
	if (t->initialised)
		memcpy(row->serial, t->row.serial, sizeof(row->serial));
	else if ((rv = fresh_serial(row->serial)) != CKR_OK)
		return rv;
	if ((rv = crypto_random(row->generation,
	    sizeof(row->generation))) != CKR_OK ||
	    (rv = tpm_parent_provision(tpm, TPM_SRK, VIEW_EMPTY,
	    &row->parent)) != CKR_OK ||
	    (rv = buf_resize(&kek, GUARD_KEK_LEN)) != CKR_OK ||
	    (rv = tpm_random(tpm, kek.data, kek.len)) != CKR_OK ||
	    (rv = guard_close(tpm, &row->parent, pin, buf_view(&kek),
	    &row->pins[STORE_SO])) != CKR_OK)
		goto out;
	rv = device_make(tpm, buf_view(&kek), row, device);
out:
	buf_free(&kek);
	return rv;
}

/*
 * Another process may have made a token in this very slot since we looked:
 * then it is not ours to overwrite without its PIN.
 */
static CK_RV
init_still_free(struct token *t, const struct store_keys *keys)
{
	int64_t next;
	CK_RV rv;

	if (t->initialised)
		return store_objects_delete_all(t->store, keys, t->row.id);
	if ((rv = store_token_next_id(t->store, &next)) != CKR_OK)
		return rv;
	return next == (int64_t)t->slot ? CKR_OK : CKR_FUNCTION_FAILED;
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

CK_RV
token_init(struct token *t, struct view pin, const uint8_t label[32])
{
	struct store_keys keys = { .clock = t->clock };
	struct store_token row = { 0 };
	struct buf device = BUF_EMPTY;
	CK_RV rv;

	if ((rv = init_allowed(t, pin)) != CKR_OK ||
	    (rv = token_open_store(t, true)) != CKR_OK ||
	    (rv = init_row(t, pin, label, &row, &device)) != CKR_OK)
		goto out;
	keys.for_public = buf_view(&device);
	if ((rv = store_begin(t->store)) != CKR_OK ||
	    (rv = init_still_free(t, &keys)) != CKR_OK ||
	    (rv = store_token_put(t->store, &keys, &row)) != CKR_OK ||
	    (rv = store_commit(t->store)) != CKR_OK)
		goto out;

	objects_forget_rows(t->objects);
	store_token_free(&t->row);
	t->row = row;
	row = (struct store_token){ 0 };
	buf_move(&t->device, &device);
	t->initialised = true;
	note_caps(t);
out:
	if (t->store != NULL)
		store_rollback(t->store);
	store_token_free(&row);
	buf_free(&device);
	return rv;
}
