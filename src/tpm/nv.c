/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/nv.h"

#include <string.h>

#include "util/log.h"

/*
 * NV commands (Part 3, chapter 31). The owner's password comes from a person,
 * so what it authorises is sent once; a wrong one has a code of its own, for
 * whoever asks for it and for a PIN in the same call.
 */

static TSS2_RC
write_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct nv_data *a = args;
	TPM2B_MAX_NV_BUFFER data = { .size = NV_LEN };

	memcpy(data.buffer, a->bytes, NV_LEN);
	return Tss2_Sys_NV_Write_Prepare(sys, handles[0], handles[1], &data,
	    0);
}

const struct command nv_write_by_owner = {
	.name = "NV_Write",
	.prepare = write_prepare,
	.flags = COMMAND_AUTH | COMMAND_ONCE,
	.denied = CKR_USER_NOT_LOGGED_IN,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

const struct command nv_write_by_policy = {
	.name = "NV_Write",
	.prepare = write_prepare,
	.flags = COMMAND_AUTH | COMMAND_ONCE,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

static TSS2_RC
read_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)args;
	return Tss2_Sys_NV_Read_Prepare(sys, handles[0], handles[1], NV_LEN,
	    0);
}

static TSS2_RC
read_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	TPM2B_MAX_NV_BUFFER data = { .size = 0 };
	struct nv_data *a = args;
	TSS2_RC rc;

	if ((rc = Tss2_Sys_NV_Read_Complete(sys, &data)) != TSS2_RC_SUCCESS)
		return rc;
	if (data.size != NV_LEN)
		return TSS2_SYS_RC_MALFORMED_RESPONSE;
	memcpy(a->bytes, data.buffer, NV_LEN);
	return TSS2_RC_SUCCESS;
}

const struct command nv_read_by_owner = {
	.name = "NV_Read",
	.prepare = read_prepare,
	.complete = read_complete,
	.flags = COMMAND_AUTH | COMMAND_ONCE,
	.denied = CKR_USER_NOT_LOGGED_IN,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

const struct command nv_read_by_person = {
	.name = "NV_Read",
	.prepare = read_prepare,
	.complete = read_complete,
	.flags = COMMAND_AUTH | COMMAND_ONCE,
	.denied = CKR_PIN_INCORRECT,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

const struct command nv_read_by_us = {
	.name = "NV_Read",
	.prepare = read_prepare,
	.complete = read_complete,
	.flags = COMMAND_AUTH,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

static TSS2_RC
change_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	return Tss2_Sys_NV_ChangeAuth_Prepare(sys, handles[0], args);
}

const struct command nv_change_auth = {
	.name = "NV_ChangeAuth",
	.prepare = change_prepare,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_APART |
	    COMMAND_ONCE,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

static TSS2_RC
increment_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles,
    void *args)
{
	(void)args;
	return Tss2_Sys_NV_Increment_Prepare(sys, handles[0], handles[1]);
}

/* Once, for a step that may have been made is not to be made again. */
const struct command nv_increment = {
	.name = "NV_Increment",
	.prepare = increment_prepare,
	.flags = COMMAND_AUTH | COMMAND_STEP,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

struct definition {
	TPM2B_AUTH auth;
	TPM2B_NV_PUBLIC public_area;
};

static TSS2_RC
define_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct definition *a = args;

	return Tss2_Sys_NV_DefineSpace_Prepare(sys, handles[0], &a->auth,
	    &a->public_area);
}

static const struct command nv_define_space = {
	.name = "NV_DefineSpace",
	.prepare = define_prepare,
	.flags = COMMAND_AUTH | COMMAND_SECRET_IN | COMMAND_ONCE,
	.denied = CKR_USER_NOT_LOGGED_IN,
	/* TPM_RC_ATTRIBUTES: counted PINs came with revision 1.38. */
	.refused = CKR_FUNCTION_NOT_SUPPORTED
};

static CK_RV
read_definition(const struct nv *new, struct view auth, struct definition *d)
{
	size_t used = 0;

	if (Tss2_MU_TPM2B_NV_PUBLIC_Unmarshal(new->public_area.data,
	    new->public_area.len, &used, &d->public_area) != TSS2_RC_SUCCESS)
		return CKR_GENERAL_ERROR;
	return TPM2B_SET(&d->auth, buffer, auth);
}

/* After these the TPM has certainly not done it. */
static bool
is_refusal(CK_RV rv)
{
	return rv == CKR_USER_NOT_LOGGED_IN || rv == CKR_DEVICE_MEMORY ||
	    rv == CKR_OBJECT_HANDLE_INVALID ||
	    rv == CKR_FUNCTION_NOT_SUPPORTED;
}

CK_RV
nv_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view auth, const struct nv *new)
{
	struct definition d = { .auth.size = 0 };
	const struct call c = {
		.command = &nv_define_space,
		.entities = { owner_entity(owner_auth) },
		.count = 1,
		.parent = parent,
		.args = &d
	};
	CK_RV rv;

	if ((rv = read_definition(new, auth, &d)) != CKR_OK)
		goto out;
	rv = tpm_call(t, &c);
	if (rv == CKR_DEVICE_MEMORY)
		log_error("the TPM has no room for another NV index: "
		    "tpm2_getcap handles-nv-index lists them; remove one "
		    "that is not needed any more (tpm2-token, or "
		    "tpm2_nvundefine), or use pin_guard: lockout and "
		    "rollback: off, which need none");
	if (rv != CKR_OK && !is_refusal(rv))
		nv_undo(t, parent, owner_auth, new);
out:
	wipe(&d, sizeof(d));
	return rv;
}

void
nv_undo(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct nv *new)
{
	CK_RV rv;

	rv = tpm_index_undefine(t, parent, owner_auth,
	    buf_view(&new->public_area));
	if (rv != CKR_OK && rv != CKR_TOKEN_NOT_RECOGNIZED)
		log_error("the NV index 0x%08x may be left behind in the TPM",
		    new->handle);
}
