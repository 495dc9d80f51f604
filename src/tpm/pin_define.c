/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/pin_internal.h"

/* A new index: planned and approved; then defined, and given its first
 * value. */

static enum tpm_index_kind
kind_of(bool has_so)
{
	return has_so ? TPM_INDEX_USER : TPM_INDEX_SO;
}

/* The index of this plan so far, in either form. */
static CK_RV
describe(const struct tpm_pin *pin, const struct approval *approval,
    bool written, struct nv *out)
{
	struct buf policy = BUF_EMPTY;
	CK_RV rv;

	if ((rv = pin_policy_digest(approval, &pin->so_name, &policy)) ==
	    CKR_OK)
		rv = nv_describe(kind_of(pin->so_name.len > 0), pin->handle,
		    buf_view(&policy), written, out);
	buf_free(&policy);
	return rv;
}

/* Its public area, and the approval that its authPolicy waits for. */
static CK_RV
approve(struct tpm *t, const struct tpm_parent *parent, struct tpm_pin *pin)
{
	struct approver approver = APPROVER_EMPTY;
	struct approval approval = { .key.size = 0 };
	struct policy own = { .count = 0 };
	struct nv written = NV_EMPTY;
	CK_RV rv;

	if ((rv = approver_make(t, parent, &approver)) != CKR_OK ||
	    (rv = TPM2B_SET(&approval.key, name,
	    buf_view(&approver.name))) != CKR_OK ||
	    (rv = describe(pin, &approval, true, &written)) != CKR_OK)
		goto out;
	pin_policy_own(pin->handle, &written.name, VIEW_EMPTY, &own);
	if ((rv = approver_approve(&approver, &own, &approval)) != CKR_OK ||
	    (rv = approval_write(&approval, &pin->approval)) != CKR_OK)
		goto out;
	buf_move(&pin->public_area, &written.public_area);
	buf_move(&pin->name, &written.name);
out:
	approver_free(&approver);
	nv_free(&written);
	return rv;
}

CK_RV
tpm_pin_plan(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin_wish *wish, struct tpm_pin *out)
{
	struct tpm_pin made = TPM_PIN_EMPTY;
	CK_RV rv;

	if (wish->limit == 0)
		return CKR_ARGUMENTS_BAD;
	made.handle = wish->handle;
	made.limit = wish->limit;
	if ((wish->so != NULL && (rv = buf_set(&made.so_name,
	    buf_view(&wish->so->name))) != CKR_OK) ||
	    (made.handle == 0 && (rv = nv_pick(t, kind_of(wish->so != NULL),
	    &made.handle)) != CKR_OK) ||
	    (rv = approve(t, parent, &made)) != CKR_OK)
		goto out;
	tpm_pin_free(out);
	*out = made;
	made = TPM_PIN_EMPTY;
out:
	tpm_pin_free(&made);
	return rv;
}

/*
 * The index as it begins. Its public area is computed anew: what a plan says
 * counts only when all parts of it say the same.
 */
static CK_RV
begin(const struct tpm_pin *planned, struct nv *new)
{
	struct approval approval;
	struct nv written = NV_EMPTY;
	CK_RV rv;

	if (planned->limit == 0 || approval_read(buf_view(&planned->approval),
	    &approval) != CKR_OK)
		return CKR_DATA_INVALID;
	if ((rv = describe(planned, &approval, true, &written)) == CKR_OK &&
	    view_equal(buf_view(&written.name), buf_view(&planned->name)) &&
	    view_equal(buf_view(&written.public_area),
	    buf_view(&planned->public_area)))
		rv = describe(planned, &approval, false, new);
	else if (rv == CKR_OK || rv == CKR_ARGUMENTS_BAD)
		rv = CKR_DATA_INVALID;
	nv_free(&written);
	return rv;
}

/* Before the first value the authValue is good for nothing. */
CK_RV
tpm_pin_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view auth, const struct tpm_pin *planned)
{
	struct buf index_auth = BUF_EMPTY;
	struct nv new = NV_EMPTY;
	CK_RV rv;

	if ((rv = begin(planned, &new)) != CKR_OK ||
	    (rv = pin_index_auth(auth, &index_auth)) != CKR_OK ||
	    (rv = nv_define(t, parent, owner_auth, buf_view(&index_auth),
	    &new)) != CKR_OK)
		goto out;
	if ((rv = pin_write_by_owner(t, parent, owner_auth, planned,
	    &new.name)) != CKR_OK)
		nv_undo(t, parent, owner_auth, &new);
out:
	buf_free(&index_auth);
	nv_free(&new);
	return rv;
}
