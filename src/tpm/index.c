/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/index.h"

#include "tpm/nv.h"

/* Which NV indices are ours, and where. */

#define FIRST_PLACE ((TPM2_HANDLE)0x01A50000)

#define COUNTED_PIN ((TPMA_NV)TPM2_NT_PIN_FAIL << TPMA_NV_TPM2_NT_SHIFT | \
	TPMA_NV_NO_DA | TPMA_NV_AUTHREAD | TPMA_NV_OWNERREAD | \
	TPMA_NV_OWNERWRITE)

static const TPMA_NV attributes[TPM_INDEX_KINDS] = {
	[TPM_INDEX_SO] = COUNTED_PIN,
	[TPM_INDEX_USER] = COUNTED_PIN | TPMA_NV_POLICYWRITE,
	[TPM_INDEX_COUNTER] =
	    (TPMA_NV)TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT |
	    TPMA_NV_NO_DA | TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE
};

TPM2_HANDLE
nv_first(enum tpm_index_kind kind)
{
	return FIRST_PLACE + (TPM2_HANDLE)kind * NV_PLACES;
}

void
nv_free(struct nv *nv)
{
	buf_free(&nv->public_area);
	buf_free(&nv->name);
	nv->handle = 0;
}

void
nv_move(struct nv *to, struct nv *from)
{
	to->handle = from->handle;
	buf_move(&to->public_area, &from->public_area);
	buf_move(&to->name, &from->name);
}

struct entity
nv_entity(TPM2_HANDLE handle, const struct buf *name, struct view auth)
{
	return (struct entity){ .handle = handle, .name = buf_view(name),
	    .auth = auth };
}

/* nameAlg | H(TPMS_NV_PUBLIC) (Part 1, 16); the size is not hashed. */
static CK_RV
make_name(struct view public_area, TPM2_ALG_ID alg, struct buf *name)
{
	const uint8_t prefix[] = { (uint8_t)(alg >> 8), (uint8_t)alg };
	const struct hash *hash = public_hash(alg);
	struct view area = view_sub(public_area, sizeof(UINT16),
	    public_area.len);
	struct buf digest = BUF_EMPTY, made = BUF_EMPTY;
	CK_RV rv;

	if (hash == NULL)
		return CKR_DATA_INVALID;
	if ((rv = digest_once(hash, &area, 1, &digest)) != CKR_OK ||
	    (rv = buf_set(&made, view_of(prefix, sizeof(prefix)))) != CKR_OK ||
	    (rv = buf_append(&made, buf_view(&digest))) != CKR_OK)
		goto out;
	buf_move(name, &made);
out:
	buf_free(&digest);
	buf_free(&made);
	return rv;
}

/* The Name is computed, not believed. */
static CK_RV
from_public(const TPM2B_NV_PUBLIC *p, struct nv *out)
{
	uint8_t bytes[sizeof(*p)];
	struct nv made = NV_EMPTY;
	size_t used = 0;
	CK_RV rv;

	if (Tss2_MU_TPM2B_NV_PUBLIC_Marshal(p, bytes, sizeof(bytes), &used) !=
	    TSS2_RC_SUCCESS)
		return CKR_DEVICE_ERROR;
	made.handle = p->nvPublic.nvIndex;
	if ((rv = buf_set(&made.public_area, view_of(bytes, used))) !=
	    CKR_OK || (rv = make_name(buf_view(&made.public_area),
	    p->nvPublic.nameAlg, &made.name)) != CKR_OK)
		goto out;
	nv_move(out, &made);
out:
	nv_free(&made);
	return rv;
}

CK_RV
nv_describe(enum tpm_index_kind kind, TPM2_HANDLE handle, struct view policy,
    bool written, struct nv *out)
{
	TPM2B_NV_PUBLIC p = { .nvPublic = {
		.nvIndex = handle,
		.nameAlg = TPM2_ALG_SHA256,
		.attributes = attributes[kind] |
		    (written ? TPMA_NV_WRITTEN : 0),
		.dataSize = NV_LEN
	} };
	CK_RV rv;

	if (handle < nv_first(kind) || handle - nv_first(kind) >= NV_PLACES)
		return CKR_ARGUMENTS_BAD;
	if ((rv = TPM2B_SET(&p.nvPublic.authPolicy, buffer, policy)) !=
	    CKR_OK)
		return rv;
	return from_public(&p, out);
}

static bool
is_ours(const TPMS_NV_PUBLIC *p, enum tpm_index_kind *kind)
{
	TPM2_HANDLE place = p->nvIndex - FIRST_PLACE;
	TPM2_HANDLE which = place / NV_PLACES;

	if (p->nvIndex < FIRST_PLACE || which >= TPM_INDEX_KINDS ||
	    (p->attributes & ~(TPMA_NV)TPMA_NV_WRITTEN) !=
	    attributes[which] || p->dataSize != NV_LEN ||
	    p->nameAlg != TPM2_ALG_SHA256 ||
	    p->authPolicy.size != SESSION_HASH_LEN)
		return false;
	*kind = (enum tpm_index_kind)which;
	return true;
}

CK_RV
nv_recall(struct view public_area, bool written, enum tpm_index_kind *kind,
    struct nv *out)
{
	TPM2B_NV_PUBLIC p = { .size = 0 };
	size_t used = 0;

	if (public_area.len == 0 || Tss2_MU_TPM2B_NV_PUBLIC_Unmarshal(
	    public_area.data, public_area.len, &used, &p) !=
	    TSS2_RC_SUCCESS || used != public_area.len ||
	    !is_ours(&p.nvPublic, kind))
		return CKR_DATA_INVALID;
	p.nvPublic.attributes = attributes[*kind] |
	    (written ? TPMA_NV_WRITTEN : 0);
	return from_public(&p, out);
}

static TSS2_RC
look_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	(void)args;
	return Tss2_Sys_NV_ReadPublic_Prepare(sys, handles[0]);
}

static TSS2_RC
look_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	TPM2B_NAME name = { .size = 0 };
	TPM2B_NV_PUBLIC *p = args;

	p->size = 0;
	return Tss2_Sys_NV_ReadPublic_Complete(sys, p, &name);
}

static const struct command nv_read_public = {
	.name = "NV_ReadPublic",
	.prepare = look_prepare,
	.complete = look_complete,
	.flags = COMMAND_QUIET,
	.refused = CKR_OBJECT_HANDLE_INVALID
};

CK_RV
nv_look(struct tpm *t, TPM2_HANDLE handle, struct nv *out)
{
	TPM2B_NV_PUBLIC p = { .size = 0 };
	const struct call c = {
		.command = &nv_read_public,
		.entities = { { .handle = handle } },
		.count = 1,
		.args = &p
	};
	CK_RV rv;

	if ((rv = tpm_call(t, &c)) != CKR_OK)
		return rv;
	return from_public(&p, out);
}

CK_RV
tpm_index_find(struct tpm *t, uint32_t handle, struct view name)
{
	struct nv found = NV_EMPTY;
	CK_RV rv;

	rv = nv_look(t, handle, &found);
	if (rv == CKR_OBJECT_HANDLE_INVALID || rv == CKR_DATA_INVALID ||
	    (rv == CKR_OK && !view_equal(buf_view(&found.name), name)))
		rv = CKR_TOKEN_NOT_RECOGNIZED;
	nv_free(&found);
	return rv;
}

static TSS2_RC
undefine_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles,
    void *args)
{
	(void)args;
	return Tss2_Sys_NV_UndefineSpace_Prepare(sys, handles[0], handles[1]);
}

static const struct command nv_undefine_space = {
	.name = "NV_UndefineSpace",
	.prepare = undefine_prepare,
	.flags = COMMAND_AUTH | COMMAND_ONCE,
	.denied = CKR_USER_NOT_LOGGED_IN,
	.refused = CKR_TOKEN_NOT_RECOGNIZED
};

static CK_RV
undefine(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct nv *nv)
{
	const struct call c = {
		.command = &nv_undefine_space,
		.entities = { owner_entity(owner_auth),
		    nv_entity(nv->handle, &nv->name, VIEW_EMPTY) },
		.count = 2,
		.parent = parent
	};

	return tpm_call(t, &c);
}

/* Is found the index of this public area, as it began or as it is used? */
static CK_RV
compare(const struct nv *found, struct view public_area)
{
	struct nv begun = NV_EMPTY, written = NV_EMPTY;
	enum tpm_index_kind kind;
	CK_RV rv;

	if ((rv = nv_recall(public_area, false, &kind, &begun)) == CKR_OK &&
	    (rv = nv_recall(public_area, true, &kind, &written)) == CKR_OK &&
	    !view_equal(buf_view(&found->name), buf_view(&begun.name)) &&
	    !view_equal(buf_view(&found->name), buf_view(&written.name)))
		rv = CKR_TOKEN_NOT_RECOGNIZED;
	nv_free(&begun);
	nv_free(&written);
	return rv;
}

/* To the TPM a wrong Name is a wrong HMAC, that is a wrong password: so the
 * Name is looked at first. */
CK_RV
tpm_index_undefine(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view public_area)
{
	struct nv wanted = NV_EMPTY, found = NV_EMPTY;
	enum tpm_index_kind kind;
	CK_RV rv;

	if ((rv = nv_recall(public_area, true, &kind, &wanted)) != CKR_OK)
		goto out;
	rv = nv_look(t, wanted.handle, &found);
	if (rv == CKR_OK && (rv = compare(&found, public_area)) == CKR_OK)
		rv = undefine(t, parent, owner_auth, &found);
	else if (rv == CKR_OBJECT_HANDLE_INVALID)
		rv = CKR_OK;
	else if (rv == CKR_DATA_INVALID)
		rv = CKR_TOKEN_NOT_RECOGNIZED;
out:
	nv_free(&wanted);
	nv_free(&found);
	return rv;
}
