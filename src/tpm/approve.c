/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/key.h"
#include "tpm/policy.h"

/*
 * A policy cannot name the index that it is the policy of: the Name is made
 * from it. It can name a key, and the key's owner can approve afterwards what
 * names the index. Here the key is made for this one approval; nobody can
 * give another, since its private part is forgotten. What the TPM makes of
 * the signature, a ticket, it recognises as its own work for as long as it
 * has its owner seed.
 */

struct verification {
	TPM2B_DIGEST digest;
	TPMT_SIGNATURE signature;
	TPMT_TK_VERIFIED ticket;
};

static TSS2_RC
verify_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct verification *a = args;

	return Tss2_Sys_VerifySignature_Prepare(sys, handles[0], &a->digest,
	    &a->signature);
}

static TSS2_RC
verify_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct verification *a = args;

	return Tss2_Sys_VerifySignature_Complete(sys, &a->ticket);
}

static const struct command verify_signature = {
	.name = "VerifySignature",
	.prepare = verify_prepare,
	.complete = verify_complete
};

CK_RV
approver_make(struct tpm *t, const struct tpm_parent *parent,
    struct approver *out)
{
	struct approver made = APPROVER_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY;
	CK_RV rv;

	if ((rv = tpm_create_ec(t, parent, TPM2_ECC_NIST_P256, TPM_USE_SIGN,
	    &blob, &point)) != CKR_OK ||
	    (rv = public_name(buf_view(&blob.public_area), &made.name)) !=
	    CKR_OK || (rv = tpm_key_new(t, parent, &blob, &made.key)) !=
	    CKR_OK)
		goto out;
	*out = made;
	made = APPROVER_EMPTY;
out:
	approver_free(&made);
	tpm_blob_free(&blob);
	buf_free(&point);
	return rv;
}

void
approver_free(struct approver *a)
{
	tpm_key_unref(&a->key);
	buf_free(&a->name);
}

/* signature is r|s of equal lengths. */
static CK_RV
set_signature(TPMT_SIGNATURE *to, const struct buf *signature)
{
	TPMS_SIGNATURE_ECDSA *s = &to->signature.ecdsa;
	size_t half = signature->len / 2;
	CK_RV rv;

	to->sigAlg = TPM2_ALG_ECDSA;
	s->hash = TPM2_ALG_SHA256;
	if ((rv = TPM2B_SET(&s->signatureR, buffer,
	    view_sub(buf_view(signature), 0, half))) != CKR_OK)
		return rv;
	return TPM2B_SET(&s->signatureS, buffer,
	    view_sub(buf_view(signature), half, half));
}

CK_RV
approver_approve(const struct approver *a, const struct policy *policy,
    struct approval *out)
{
	struct buf digest = BUF_EMPTY, hash = BUF_EMPTY, signature = BUF_EMPTY;
	struct verification v = { .digest.size = 0 };
	struct view what;
	CK_RV rv;

	/* aHash: the policy's digest, and an empty policyRef. */
	if ((rv = policy_digest(policy, &digest)) != CKR_OK)
		goto out;
	what = buf_view(&digest);
	if ((rv = digest_once(public_hash(SESSION_HASH), &what, 1, &hash)) !=
	    CKR_OK ||
	    (rv = tpm_key_ecdsa(a->key, buf_view(&hash), &signature)) !=
	    CKR_OK || (rv = set_signature(&v.signature, &signature)) !=
	    CKR_OK ||
	    (rv = TPM2B_SET(&v.digest, buffer, buf_view(&hash))) != CKR_OK ||
	    (rv = key_use(a->key, &verify_signature, &v)) != CKR_OK ||
	    (rv = TPM2B_SET(&out->key, name, buf_view(&a->name))) != CKR_OK)
		goto out;
	out->ticket = v.ticket;
out:
	buf_free(&digest);
	buf_free(&hash);
	buf_free(&signature);
	return rv;
}

CK_RV
approval_write(const struct approval *a, struct buf *out)
{
	uint8_t bytes[sizeof(*a)];
	size_t used = 0;

	if (Tss2_MU_TPM2B_NAME_Marshal(&a->key, bytes, sizeof(bytes),
	    &used) != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPMT_TK_VERIFIED_Marshal(&a->ticket, bytes, sizeof(bytes),
	    &used) != TSS2_RC_SUCCESS)
		return CKR_GENERAL_ERROR;
	return buf_set(out, view_of(bytes, used));
}

CK_RV
approval_read(struct view in, struct approval *out)
{
	size_t used = 0;

	*out = (struct approval){ .key.size = 0 };
	if (in.len == 0 || Tss2_MU_TPM2B_NAME_Unmarshal(in.data, in.len, &used,
	    &out->key) != TSS2_RC_SUCCESS ||
	    Tss2_MU_TPMT_TK_VERIFIED_Unmarshal(in.data, in.len, &used,
	    &out->ticket) != TSS2_RC_SUCCESS || used != in.len)
		return CKR_DATA_INVALID;
	return CKR_OK;
}
