/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/aes.h"
#include "tpm/pin_internal.h"

/*
 * What is sealed is the secret encrypted under a key made from the PIN, and
 * it is unsealed by who has the index's authValue. The seal has no authValue
 * of its own: see pin.h.
 */

#define SECRET_MAX 100

/* The policy, with what it borrows from. */
struct seal_policy {
	struct policy policy;
	TPML_PCR_SELECTION selection;
};

static CK_RV
make_policy(const struct tpm_pin *pin, struct view index_auth,
    const struct tpm_pcrs *pcrs, struct view values, struct seal_policy *out)
{
	CK_RV rv;

	out->policy.count = 0;
	policy_add(&out->policy, pin_secret(pin->handle, &pin->name,
	    index_auth));
	if (pcrs == NULL || pcrs->count == 0)
		return CKR_OK;
	if ((rv = pcrs_selection(pcrs, &out->selection)) != CKR_OK)
		return rv;
	policy_add(&out->policy, (struct assertion){
	    .kind = &assert_pcr_values, .pcrs = &out->selection,
	    .values = values });
	return CKR_OK;
}

static CK_RV
read_values(struct tpm *t, const struct tpm_pcrs *pcrs, struct buf *values)
{
	TPML_PCR_SELECTION selection;
	CK_RV rv;

	if (pcrs == NULL || pcrs->count == 0)
		return CKR_OK;
	if ((rv = pcrs_selection(pcrs, &selection)) != CKR_OK)
		return rv;
	return pcrs_values(t, &selection, values);
}

CK_RV
tpm_pin_seal(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, struct view auth, const struct tpm_pin *pin,
    const struct tpm_pcrs *pcrs, struct tpm_blob *out)
{
	struct buf key = BUF_EMPTY, values = BUF_EMPTY, digest = BUF_EMPTY;
	struct buf sealed = BUF_EMPTY;
	struct seal_policy policy;
	CK_RV rv;

	if (secret.len == 0 || secret.len > SECRET_MAX)
		return CKR_DATA_LEN_RANGE;
	if ((rv = pin_seal_key(auth, &key)) != CKR_OK ||
	    (rv = aes_gcm_seal(buf_view(&key), buf_view(&pin->name), secret,
	    &sealed)) != CKR_OK ||
	    (rv = read_values(t, pcrs, &values)) != CKR_OK ||
	    (rv = make_policy(pin, VIEW_EMPTY, pcrs, buf_view(&values),
	    &policy)) != CKR_OK ||
	    (rv = policy_digest(&policy.policy, &digest)) != CKR_OK)
		goto out;
	rv = seal_create(t, parent, buf_view(&sealed), VIEW_EMPTY,
	    SEAL_BY_POLICY, buf_view(&digest), out);
out:
	buf_free(&key);
	buf_free(&values);
	buf_free(&digest);
	buf_free(&sealed);
	return rv;
}

CK_RV
tpm_pin_unseal(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, const struct tpm_pin *pin,
    struct view auth, const struct tpm_pcrs *pcrs, struct buf *secret)
{
	struct buf index_auth = BUF_EMPTY, key = BUF_EMPTY, sealed = BUF_EMPTY;
	struct seal_policy policy;
	CK_RV rv;

	if ((rv = pin_index_auth(auth, &index_auth)) != CKR_OK ||
	    (rv = pin_seal_key(auth, &key)) != CKR_OK ||
	    (rv = make_policy(pin, buf_view(&index_auth), pcrs, VIEW_EMPTY,
	    &policy)) != CKR_OK ||
	    (rv = seal_open(t, parent, blob, &unseal_once, &policy.policy,
	    &sealed)) != CKR_OK)
		goto out;
	if ((rv = aes_gcm_open(buf_view(&key), buf_view(&pin->name),
	    buf_view(&sealed), secret)) == CKR_DATA_INVALID)
		rv = CKR_ENCRYPTED_DATA_INVALID;
out:
	buf_free(&index_auth);
	buf_free(&key);
	buf_free(&sealed);
	return rv;
}
