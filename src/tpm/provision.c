/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"
#include "util/log.h"

/*
 * The storage root key for a new token. The owner's commands run in an
 * unsalted session, for there is nothing yet to salt it to: a listener could
 * try owner passwords against its HMACs, but learns no password.
 */

static TSS2_RC
evict_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const TPM2_HANDLE *persistent = args;

	return Tss2_Sys_EvictControl_Prepare(sys, handles[0], handles[1],
	    *persistent);
}

static const struct command evict_control = {
	.name = "EvictControl",
	.prepare = evict_prepare,
	.flags = COMMAND_AUTH | COMMAND_ONCE,
	.denied = CKR_USER_NOT_LOGGED_IN
};

static CK_RV
persist(struct tpm *t, TPM2_HANDLE handle, struct view owner_auth,
    const struct made_primary *primary)
{
	struct tpm_parent as_parent = TPM_PARENT_EMPTY;
	struct call c = {
		.command = &evict_control,
		.entities = { owner_entity(owner_auth),
		    { .handle = primary->handle } },
		.count = 2,
		.args = &handle
	};
	CK_RV rv;

	if ((rv = parent_from(handle, &primary->public_area, &as_parent)) !=
	    CKR_OK)
		return rv;
	c.entities[1].name = buf_view(&as_parent.name);
	rv = tpm_call(t, &c);
	tpm_parent_free(&as_parent);
	return rv;
}

static void
drop(struct tpm *t, TPM2_HANDLE handle)
{
	if (tpm_enter(t) != CKR_OK)
		return;
	flush_handle(t, handle);
	tpm_leave(t);
}

static CK_RV
make(struct tpm *t, struct view owner_auth, struct made_primary *primary)
{
	const struct call c = {
		.command = &create_primary,
		.entities = { owner_entity(owner_auth) },
		.count = 1,
		.args = primary
	};

	return tpm_call(t, &c);
}

static CK_RV
make_persistent(struct tpm *t, TPM2_HANDLE handle, struct view owner_auth)
{
	struct made_primary primary = { .handle = 0 };
	CK_RV rv;

	if ((rv = make(t, owner_auth, &primary)) != CKR_OK)
		return rv;
	rv = persist(t, handle, owner_auth, &primary);
	drop(t, primary.handle);
	return rv;
}

/* What make_persistent would give, known by making it for a moment. */
static CK_RV
make_known(struct tpm *t, TPM2_HANDLE handle, struct view owner_auth,
    struct tpm_parent *out)
{
	struct made_primary primary = { .handle = 0 };
	CK_RV rv;

	if ((rv = make(t, owner_auth, &primary)) != CKR_OK)
		return rv;
	drop(t, primary.handle);
	return parent_from(handle, &primary.public_area, out);
}

/* The upper half of the persistent handles is the platform's. */
static bool
is_owners(TPM2_HANDLE handle)
{
	return handle >> TPM2_HR_SHIFT == TPM2_HT_PERSISTENT &&
	    (handle & TPM2_HR_HANDLE_MASK) < 0x800000;
}

/* CKR_KEY_NEEDED: the handle is free. */
static CK_RV
find_storage(struct tpm *t, TPM2_HANDLE handle, struct tpm_parent *out)
{
	struct tpm_parent found = TPM_PARENT_EMPTY;
	TPM2B_PUBLIC p;
	CK_RV rv;

	if (handle == TPM_TRANSIENT)
		return CKR_KEY_NEEDED;
	if (!is_owners(handle))
		return CKR_ARGUMENTS_BAD;
	if ((rv = parent_look(t, handle, &p, &found)) ==
	    CKR_TOKEN_NOT_RECOGNIZED)
		return CKR_KEY_NEEDED;
	if (rv == CKR_OK && public_is_storage(&p)) {
		parent_move(out, &found);
	} else if (rv == CKR_OK) {
		log_error("0x%08x holds something else than a storage key",
		    handle);
		rv = CKR_TOKEN_NOT_RECOGNIZED;
	}
	tpm_parent_free(&found);
	return rv;
}

CK_RV
tpm_parent_find(struct tpm *t, uint32_t handle, struct view owner_auth,
    struct tpm_parent *out)
{
	CK_RV rv;

	if ((rv = find_storage(t, handle, out)) == CKR_KEY_NEEDED)
		rv = make_known(t, handle, owner_auth, out);
	return rv;
}

CK_RV
tpm_parent_provision(struct tpm *t, uint32_t handle, struct view owner_auth,
    struct tpm_parent *out)
{
	CK_RV rv, made;

	if (handle == TPM_TRANSIENT)
		return make_known(t, handle, owner_auth, out);
	if ((rv = find_storage(t, handle, out)) != CKR_KEY_NEEDED)
		return rv;
	made = make_persistent(t, handle, owner_auth);
	/* Had another process been faster, its key would do. */
	rv = find_storage(t, handle, out);
	return rv == CKR_KEY_NEEDED ? made : rv;
}
