/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"
#include "util/log.h"

/*
 * The storage key that the TCG's template gives; and a transient parent,
 * which is that key for as long as a connection.
 */

/*
 * "ECC P-256 storage key" (TCG TPM v2.0 Provisioning Guidance, 7.5.1; the
 * H-template of the EK credential profile, B.4.5, as an SRK). The same
 * template gives the same key for as long as the owner seed lives.
 */
static const TPM2B_PUBLIC srk_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM |
		    TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
		    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
		    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.parameters.eccDetail = {
			.symmetric = {
				.algorithm = TPM2_ALG_AES,
				.keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB
			},
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL
		}
	}
};

static TSS2_RC
primary_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const TPM2B_SENSITIVE_CREATE nothing = { .size = 0 };
	const TPM2B_DATA outside = { .size = 0 };
	const TPML_PCR_SELECTION none = { .count = 0 };

	(void)args;
	return Tss2_Sys_CreatePrimary_Prepare(sys, handles[0], &nothing,
	    &srk_template, &outside, &none);
}

static TSS2_RC
primary_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct made_primary *a = args;
	TPM2B_NAME name = { .size = 0 };

	a->public_area.size = 0;
	return Tss2_Sys_CreatePrimary_Complete(sys, &a->handle,
	    &a->public_area, NULL, NULL, NULL, &name);
}

/* An owner's password is not counted: to send it again does no harm. */
const struct command create_primary = {
	.name = "CreatePrimary",
	.prepare = primary_prepare,
	.complete = primary_complete,
	.flags = COMMAND_AUTH,
	.denied = CKR_USER_NOT_LOGGED_IN
};

/* A hierarchy's Name is its handle (Part 1, 16). */
struct entity
owner_entity(struct view auth)
{
	static const uint8_t name[] = { 0x40, 0x00, 0x00, 0x01 };

	return (struct entity){ .handle = TPM2_RH_OWNER,
	    .name = view_of(name, sizeof(name)), .auth = auth };
}

bool
is_transient(const struct tpm_parent *p)
{
	return p != NULL && p->handle == TPM_TRANSIENT;
}

/* An owner without a password needs no session to hide it in. */
static CK_RV
make(struct tpm *t, struct made_primary *made)
{
	const struct entity owner = owner_entity(buf_view(&t->owner_auth));
	CK_RV rv;

	if (t->owner_auth.len == 0) {
		rv = command_run_unlocked(t, &create_primary, &owner, 1, made);
		/* No session and no Name of ours was part of it. */
		t->trouble.denied = false;
	} else if ((rv = session_open_anyhow(t)) == CKR_OK) {
		rv = command_run(t, &create_primary, &owner, 1, made);
	}
	return rv;
}

static CK_RV
load(struct tpm *t)
{
	struct tpm_parent as_parent = TPM_PARENT_EMPTY;
	struct made_primary made = { .handle = 0 };
	CK_RV rv;

	cache_make_room(t);
	if ((rv = make(t, &made)) != CKR_OK)
		return rv;
	if ((rv = parent_from(TPM_TRANSIENT, &made.public_area,
	    &as_parent)) != CKR_OK) {
		flush_handle(t, made.handle);
		goto out;
	}
	t->primary.handle = made.handle;
	buf_move(&t->primary.name, &as_parent.name);
	flush_if_above(t, made.handle, 0);
out:
	tpm_parent_free(&as_parent);
	return rv;
}

CK_RV
parent_ready(struct tpm *t, const struct tpm_parent *p, TPM2_HANDLE *handle)
{
	CK_RV rv;

	*handle = p->handle;
	if (!is_transient(p))
		return CKR_OK;
	if (t->primary.handle == 0 && (rv = load(t)) != CKR_OK)
		return rv;
	if (!view_equal(buf_view(&t->primary.name), buf_view(&p->name))) {
		log_error("the primary key of this TPM is not the one that "
		    "the token was made under");
		return CKR_TOKEN_NOT_RECOGNIZED;
	}
	*handle = t->primary.handle;
	return CKR_OK;
}

void
primary_forget(struct tpm *t)
{
	t->primary.handle = 0;
	buf_free(&t->primary.name);
}

void
primary_flush(struct tpm *t)
{
	TPM2_HANDLE handle = t->primary.handle;

	primary_forget(t);
	if (handle != 0)
		flush_handle(t, handle);
}

CK_RV
tpm_set_owner_auth(struct tpm *t, struct view owner_auth)
{
	CK_RV rv;

	if ((rv = tpm_enter(t)) != CKR_OK)
		return rv;
	rv = buf_set(&t->owner_auth, owner_auth);
	tpm_leave(t);
	return rv;
}
