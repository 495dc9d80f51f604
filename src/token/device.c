/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/device.h"

#include "token/wrap.h"
#include "util/log.h"

CK_RV
device_seal(struct tpm *tpm, struct view device, struct store_token *row)
{
	return row->pcrs.count != 0 ?
	    tpm_policy_seal(tpm, &row->parent, device, &row->pcrs,
	    &row->device) :
	    tpm_seal(tpm, &row->parent, device, VIEW_EMPTY, true,
	    &row->device);
}

CK_RV
device_make(struct tpm *tpm, struct view kek, struct store_token *row,
    struct buf *device)
{
	struct buf made = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&made, DEVICE_KEY_LEN)) != CKR_OK ||
	    (rv = tpm_random(tpm, made.data, made.len)) != CKR_OK ||
	    (rv = device_seal(tpm, buf_view(&made), row)) != CKR_OK ||
	    (rv = wrap_close(row, kek, "device", VIEW_EMPTY, buf_view(&made),
	    &row->device_wrapped)) != CKR_OK)
		goto out;
	buf_move(device, &made);
out:
	buf_free(&made);
	return rv;
}

static CK_RV
unseal(struct token *t, struct buf *key)
{
	struct tpm *tpm = machine_tpm(t->machine);
	CK_RV rv;

	rv = t->row.pcrs.count != 0 ?
	    tpm_policy_unseal(tpm, &t->row.parent, &t->row.device,
	    &t->row.pcrs, key) :
	    tpm_unseal(tpm, &t->row.parent, &t->row.device, key);
	return rv == CKR_OK && key->len != DEVICE_KEY_LEN ?
	    CKR_DATA_INVALID : rv;
}

CK_RV
device_shut(const struct token *t)
{
	log_error("token %lu: a PCR has another value than when the token "
	    "was bound to it; if that is as it should be, run tpm2-token "
	    "reseal", (unsigned long)t->slot);
	return CKR_DEVICE_ERROR;
}

CK_RV
device_open(struct token *t)
{
	struct buf key = BUF_EMPTY;
	CK_RV rv;

	if (t->device.len != 0)
		return CKR_OK;
	switch (rv = unseal(t, &key)) {
	case CKR_OK:
		buf_move(&t->device, &key);
		break;
	case CKR_ACTION_PROHIBITED:
		rv = device_shut(t);
		break;
	case CKR_DATA_INVALID:
	case CKR_PIN_INCORRECT:
		/* whatever its authorisation, it is not what we sealed */
		log_error("token %lu: its device key was edited in the "
		    "store; restore a backup", (unsigned long)t->slot);
		rv = CKR_DEVICE_ERROR;
		break;
	case CKR_USER_NOT_LOGGED_IN:
		/* the owner, who makes a transient parent; logged */
		rv = CKR_FUNCTION_FAILED;
		break;
	default:
		break;
	}
	buf_free(&key);
	return rv;
}

CK_RV
device_unwrap(const struct token *t, struct view kek, struct buf *device)
{
	CK_RV rv;

	rv = wrap_open(&t->row, kek, "device", VIEW_EMPTY,
	    buf_view(&t->row.device_wrapped), device);
	if (rv == CKR_OK && t->device.len != 0 &&
	    !view_equal(buf_view(device), buf_view(&t->device)))
		rv = CKR_DATA_INVALID;
	if (rv == CKR_DATA_INVALID) {
		log_error("token %lu: its device key was exchanged in the "
		    "store; restore a backup", (unsigned long)t->slot);
		rv = CKR_DEVICE_ERROR;
	}
	if (rv != CKR_OK)
		buf_free(device);
	return rv;
}
