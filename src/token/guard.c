/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/guard.h"

#include "crypto/crypto.h"
#include "crypto/mac.h"

#define SALT_LEN 16

static CK_RV
pin_auth(struct view salt, struct view pin, struct buf *auth)
{
	const struct hash *sha256 = hash_by_mech(CKM_SHA256);
	CK_RV rv;

	if ((rv = buf_resize(auth, sha256->size)) != CKR_OK)
		return rv;
	return hmac_once(sha256, salt, &pin, 1, auth->data);
}

CK_RV
guard_close(struct tpm *tpm, const struct tpm_parent *parent, struct view pin,
    struct view kek, struct store_pin *out)
{
	struct tpm_blob seal = TPM_BLOB_EMPTY;
	struct buf salt = BUF_EMPTY, auth = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&salt, SALT_LEN)) != CKR_OK ||
	    (rv = crypto_random(salt.data, salt.len)) != CKR_OK ||
	    (rv = pin_auth(buf_view(&salt), pin, &auth)) != CKR_OK ||
	    (rv = tpm_seal(tpm, parent, kek, buf_view(&auth), true,
	    &seal)) != CKR_OK)
		goto out;

	buf_free(&seal.auth);
	tpm_blob_free(&out->seal);
	out->seal = seal;
	seal = TPM_BLOB_EMPTY;
	buf_move(&out->salt, &salt);
	out->set = true;
out:
	tpm_blob_free(&seal);
	buf_free(&salt);
	buf_free(&auth);
	return rv;
}

CK_RV
guard_open(struct tpm *tpm, const struct tpm_parent *parent,
    const struct store_pin *guard, struct view pin, struct buf *kek)
{
	struct tpm_blob seal = TPM_BLOB_EMPTY;
	CK_RV rv;

	if ((rv = tpm_blob_copy(&seal, &guard->seal)) != CKR_OK ||
	    (rv = pin_auth(buf_view(&guard->salt), pin, &seal.auth)) !=
	    CKR_OK ||
	    (rv = tpm_unseal(tpm, parent, &seal, kek)) != CKR_OK)
		goto out;

	if (kek->len != GUARD_KEK_LEN) {
		buf_free(kek);
		rv = CKR_DEVICE_ERROR;
	}
out:
	tpm_blob_free(&seal);
	return rv;
}
