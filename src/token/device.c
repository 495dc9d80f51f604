/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/device.h"

#include "crypto/aes.h"
#include "crypto/mac.h"
#include "util/log.h"

static CK_RV
wrapping_key(struct view kek, struct buf *key)
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	struct view part = view_str("device");
	CK_RV rv;

	if ((rv = buf_resize(key, sha256->size)) != CKR_OK)
		return rv;
	return hmac_once(sha256, kek, &part, 1, key->data);
}

/* A wrapped key is of one token between two C_InitToken. */
static CK_RV
bound(const struct store_token *row, struct buf *aad)
{
	CK_RV rv;

	if ((rv = buf_set(aad,
	    view_str("tpm2-cryptoki device 1"))) != CKR_OK ||
	    (rv = buf_append(aad, view_of(row->serial,
	    sizeof(row->serial)))) != CKR_OK)
		return rv;
	return buf_append(aad, view_of(row->generation,
	    sizeof(row->generation)));
}

CK_RV
device_make(struct tpm *tpm, struct view kek, struct store_token *row,
    struct buf *device)
{
	struct buf key = BUF_EMPTY, aad = BUF_EMPTY, made = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&made, DEVICE_KEY_LEN)) != CKR_OK ||
	    (rv = tpm_random(tpm, made.data, made.len)) != CKR_OK ||
	    (rv = tpm_seal(tpm, &row->parent, buf_view(&made), VIEW_EMPTY,
	    true, &row->device)) != CKR_OK ||
	    (rv = wrapping_key(kek, &key)) != CKR_OK ||
	    (rv = bound(row, &aad)) != CKR_OK ||
	    (rv = aes_gcm_seal(buf_view(&key), buf_view(&aad),
	    buf_view(&made), &row->device_wrapped)) != CKR_OK)
		goto out;
	buf_move(device, &made);
out:
	buf_free(&key);
	buf_free(&aad);
	buf_free(&made);
	return rv;
}

CK_RV
device_open(struct token *t)
{
	struct buf key = BUF_EMPTY;
	CK_RV rv;

	if (t->device.len != 0)
		return CKR_OK;
	rv = tpm_unseal(machine_tpm(t->machine), &t->row.parent,
	    &t->row.device, &key);
	if (rv == CKR_OK && key.len != DEVICE_KEY_LEN)
		rv = CKR_DATA_INVALID;
	/* whatever its authorisation, it is not what we sealed */
	if (rv == CKR_DATA_INVALID || rv == CKR_PIN_INCORRECT) {
		log_error("token %lu: its device key was edited in the "
		    "store; restore a backup", (unsigned long)t->slot);
		rv = CKR_DEVICE_ERROR;
	}
	if (rv == CKR_OK)
		buf_move(&t->device, &key);
	buf_free(&key);
	return rv;
}

CK_RV
device_unwrap(const struct token *t, struct view kek, struct buf *device)
{
	struct buf key = BUF_EMPTY, aad = BUF_EMPTY;
	CK_RV rv;

	if ((rv = wrapping_key(kek, &key)) != CKR_OK ||
	    (rv = bound(&t->row, &aad)) != CKR_OK)
		goto out;
	rv = aes_gcm_open(buf_view(&key), buf_view(&aad),
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
out:
	buf_free(&key);
	buf_free(&aad);
	return rv;
}
