/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "tpm/internal.h"

/* What the profiles grant a sealed object (MAX_SYM_DATA). */
#define SECRET_MAX 128
#define AUTH_MAX 32	/* the digest of its nameAlg */

CK_RV
seal_create(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, struct view auth, TPMA_OBJECT attributes,
    struct view policy, struct tpm_blob *out)
{
	struct creation creation;
	TPMT_PUBLIC *p = &creation.public_area.publicArea;
	CK_RV rv;

	if (secret.len == 0 || secret.len > SECRET_MAX || auth.len > AUTH_MAX)
		return CKR_DATA_LEN_RANGE;
	memset(&creation, 0, sizeof(creation));
	p->type = TPM2_ALG_KEYEDHASH;
	p->nameAlg = TPM2_ALG_SHA256;
	p->objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
	    attributes;
	p->parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
	if ((rv = TPM2B_SET(&creation.sensitive.sensitive.data, buffer,
	    secret)) == CKR_OK &&
	    (rv = TPM2B_SET(&p->authPolicy, buffer, policy)) == CKR_OK)
		rv = create_object(t, parent, &creation, auth,
		    CKR_DATA_LEN_RANGE, out);
	wipe(&creation, sizeof(creation));
	return rv;
}

CK_RV
tpm_seal(struct tpm *t, const struct tpm_parent *parent, struct view secret,
    struct view auth, bool no_da, struct tpm_blob *out)
{
	return seal_create(t, parent, secret, auth, TPMA_OBJECT_USERWITHAUTH |
	    (no_da ? TPMA_OBJECT_NODA : 0), VIEW_EMPTY, out);
}

static TSS2_RC
unseal_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)args;
	return Tss2_Sys_Unseal_Prepare(sys, handles[0]);
}

static TSS2_RC
unseal_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	return Tss2_Sys_Unseal_Complete(sys, args);
}

const struct command unseal_once = {
	.name = "Unseal",
	.prepare = unseal_prepare,
	.complete = unseal_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_OUT | COMMAND_ONCE,
	.denied = CKR_PIN_INCORRECT,
	.refused = CKR_DATA_INVALID
};

/* Where no person's authValue is in play. */
const struct command unseal_often = {
	.name = "Unseal",
	.prepare = unseal_prepare,
	.complete = unseal_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_OUT,
	.refused = CKR_DATA_INVALID
};

CK_RV
seal_open(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, const struct command *command,
    const struct policy *policy, struct buf *secret)
{
	TPM2B_SENSITIVE_DATA data = { .size = 0 };
	struct object object;
	const struct call c = {
		.command = command,
		.entities = { { .object = &object } },
		.count = 1,
		.parent = parent,
		.policy = policy,
		.args = &data
	};
	CK_RV rv;

	if ((rv = object_init(&object, parent, blob)) != CKR_OK)
		return rv;
	if ((rv = tpm_call(t, &c)) == CKR_OK)
		rv = buf_set(secret, view_of(data.buffer, data.size));
	wipe(&data, sizeof(data));
	object_free(t, &object);
	return rv;
}

CK_RV
tpm_unseal(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, struct buf *secret)
{
	return seal_open(t, parent, blob, &unseal_once, NULL, secret);
}

struct change {
	TPM2B_AUTH new_auth;
	TPM2B_PRIVATE private_area;
};

static TSS2_RC
change_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct change *a = args;

	return Tss2_Sys_ObjectChangeAuth_Prepare(sys, handles[0], handles[1],
	    &a->new_auth);
}

static TSS2_RC
change_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct change *a = args;

	return Tss2_Sys_ObjectChangeAuth_Complete(sys, &a->private_area);
}

static const struct command object_change_auth = {
	.name = "ObjectChangeAuth",
	.prepare = change_prepare,
	.complete = change_complete,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_ONCE,
	.denied = CKR_PIN_INCORRECT,
	.refused = CKR_DATA_LEN_RANGE
};

static CK_RV
changed_blob(const struct tpm_blob *blob, const struct change *a,
    struct tpm_blob *out)
{
	struct tpm_blob made = TPM_BLOB_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&made.public_area,
	    buf_view(&blob->public_area))) != CKR_OK ||
	    (rv = blob_set_private(&made, &a->private_area)) != CKR_OK ||
	    (rv = buf_set(&made.auth, view_of(a->new_auth.buffer,
	    a->new_auth.size))) != CKR_OK)
		goto out;
	blob_move(out, &made);
out:
	tpm_blob_free(&made);
	return rv;
}

CK_RV
tpm_seal_change_auth(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, struct view new_auth, struct tpm_blob *out)
{
	struct change a;
	struct object object;
	const struct call c = {
		.command = &object_change_auth,
		.entities = { { .object = &object }, parent_entity(parent) },
		.count = 2,
		.parent = parent,
		.args = &a
	};
	CK_RV rv;

	if (new_auth.len > AUTH_MAX)
		return CKR_DATA_LEN_RANGE;
	if ((rv = object_init(&object, parent, blob)) != CKR_OK)
		return rv;
	if ((rv = TPM2B_SET(&a.new_auth, buffer, new_auth)) == CKR_OK &&
	    (rv = tpm_call(t, &c)) == CKR_OK)
		rv = changed_blob(blob, &a, out);
	wipe(&a, sizeof(a));
	object_free(t, &object);
	return rv;
}
