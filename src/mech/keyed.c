/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/keyed.h"

#include <string.h>

#include "crypto/cmac.h"
#include "tpm/mac.h"

static CK_RV
run_tpm(const struct prf *p, const struct view *parts, size_t count,
    uint8_t *out)
{
	struct buf in = BUF_EMPTY, mac = BUF_EMPTY;
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < count && rv == CKR_OK; i++)
		rv = buf_append(&in, parts[i]);
	if (rv != CKR_OK ||
	    (rv = tpm_key_mac(p->arg, p->hash, buf_view(&in), &mac)) !=
	    CKR_OK)
		goto out;
	if (mac.len != p->size) {
		rv = CKR_DEVICE_ERROR;
		goto out;
	}
	memcpy(out, mac.data, mac.len);
out:
	buf_free(&in);
	buf_free(&mac);
	return rv;
}

CK_RV
keyed_prf(struct key *key, const struct hash *hash, struct keyed *out)
{
	*out = (struct keyed){ .aes = { .value = key_value(key) } };
	if (key_tpm(key) != NULL) {
		out->prf = (struct prf){ .run = run_tpm, .hash = hash,
		    .size = hash != NULL ? hash->size : CMAC_LEN,
		    .arg = key_tpm(key) };
		return CKR_OK;
	}
	if (key_value(key).len == 0)
		return CKR_KEY_TYPE_INCONSISTENT;
	if (hash != NULL) {
		out->prf = prf_hmac(hash, key_value(key));
		return CKR_OK;
	}
	out->prf = prf_cmac(&out->aes);
	return aes_key_check(&out->aes);
}
