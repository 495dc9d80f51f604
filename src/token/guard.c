/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/guard.h"

#include "crypto/digest.h"
#include "crypto/mac.h"

CK_RV
guard_auth(const struct store_pin *p, struct view pin, struct buf *auth)
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	CK_RV rv;

	if ((rv = buf_resize(auth, sha256->size)) != CKR_OK)
		return rv;
	return hmac_once(sha256, buf_view(&p->salt), &pin, 1, auth->data);
}

bool
guard_by_index(const struct store_pin *p)
{
	return p->index.handle != 0;
}

static const struct tpm_pcrs *
bound_to(const struct store_token *row, enum store_role role)
{
	return role == STORE_USER ? &row->pcrs : NULL;
}

CK_RV
guard_close(struct tpm *tpm, const struct store_token *row,
    enum store_role role, struct view auth, struct view kek,
    struct tpm_blob *out)
{
	const struct store_pin *p = &row->pins[role];
	struct tpm_blob seal = TPM_BLOB_EMPTY;
	CK_RV rv;

	rv = guard_by_index(p) ?
	    tpm_pin_seal(tpm, &row->parent, kek, auth, &p->index,
	    bound_to(row, role), &seal) :
	    tpm_seal(tpm, &row->parent, kek, auth, false, &seal);
	if (rv != CKR_OK)
		return rv;
	buf_free(&seal.auth);
	tpm_blob_free(out);
	*out = seal;
	return CKR_OK;
}

static CK_RV
open_by_lockout(struct tpm *tpm, const struct store_token *row,
    const struct tpm_blob *seal, struct view auth, struct buf *kek)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	CK_RV rv;

	if ((rv = tpm_blob_copy(&blob, seal)) == CKR_OK &&
	    (rv = buf_set(&blob.auth, auth)) == CKR_OK)
		rv = tpm_unseal(tpm, &row->parent, &blob, kek);
	tpm_blob_free(&blob);
	return rv;
}

CK_RV
guard_open(struct tpm *tpm, const struct store_token *row,
    enum store_role role, const struct tpm_blob *seal, struct view auth,
    struct buf *kek)
{
	const struct store_pin *p = &row->pins[role];
	CK_RV rv;

	rv = guard_by_index(p) ?
	    tpm_pin_unseal(tpm, &row->parent, seal, &p->index, auth,
	    bound_to(row, role), kek) :
	    open_by_lockout(tpm, row, seal, auth, kek);
	if (rv == CKR_OK && kek->len != GUARD_KEK_LEN) {
		buf_free(kek);
		rv = CKR_DEVICE_ERROR;
	}
	return rv;
}
