/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/pin_internal.h"

/* A new index: planned, approved, defined, and given its first value. */

struct definition {
	struct tpm *tpm;
	const struct tpm_parent *parent;
	struct view owner_auth;
	struct view index_auth;
	const struct tpm_pin_wish *wish;
	struct buf so_name;
	struct tpm_pin made;
};

/* The index as it will be, and the approval that its authPolicy waits for. */
static CK_RV
plan(const struct definition *d, enum tpm_index_kind kind,
    TPM2_HANDLE handle, struct nv *new, struct tpm_pin *pin)
{
	struct approver approver = APPROVER_EMPTY;
	struct approval approval = { .key.size = 0 };
	struct policy own = { .count = 0 };
	struct buf policy = BUF_EMPTY;
	struct nv written = NV_EMPTY;
	CK_RV rv;

	if ((rv = approver_make(d->tpm, d->parent, &approver)) != CKR_OK ||
	    (rv = TPM2B_SET(&approval.key, name,
	    buf_view(&approver.name))) != CKR_OK ||
	    (rv = pin_policy_digest(&approval, &d->so_name, &policy)) !=
	    CKR_OK ||
	    (rv = nv_describe(kind, handle, buf_view(&policy), false,
	    new)) != CKR_OK ||
	    (rv = nv_describe(kind, handle, buf_view(&policy), true,
	    &written)) != CKR_OK)
		goto out;
	pin_policy_own(handle, &written.name, VIEW_EMPTY, &own);
	if ((rv = approver_approve(&approver, &own, &approval)) != CKR_OK ||
	    (rv = approval_write(&approval, &pin->approval)) != CKR_OK ||
	    (rv = buf_set(&pin->so_name, buf_view(&d->so_name))) != CKR_OK)
		goto out;
	pin->handle = handle;
	pin->limit = d->wish->limit;
	buf_move(&pin->public_area, &written.public_area);
	buf_move(&pin->name, &written.name);
out:
	approver_free(&approver);
	buf_free(&policy);
	nv_free(&written);
	return rv;
}

/* The first value; before it the authValue is good for nothing. */
static CK_RV
write_first(const struct definition *d, const struct nv *new)
{
	struct nv_data data = pin_counts(0, d->wish->limit);
	const struct call c = {
		.command = &nv_write_by_owner,
		.entities = { owner_entity(d->owner_auth),
		    nv_entity(new->handle, &new->name, VIEW_EMPTY) },
		.count = 2,
		.parent = d->parent,
		.args = &data
	};

	return tpm_call(d->tpm, &c);
}

static CK_RV
define_at(void *arg, TPM2_HANDLE handle)
{
	struct definition *d = arg;
	struct tpm_pin pin = TPM_PIN_EMPTY;
	struct nv new = NV_EMPTY;
	CK_RV rv;

	if ((rv = plan(d, d->wish->so != NULL ? TPM_INDEX_USER : TPM_INDEX_SO,
	    handle, &new, &pin)) != CKR_OK ||
	    (rv = nv_define(d->tpm, d->parent, d->owner_auth, d->index_auth,
	    &new)) != CKR_OK)
		goto out;
	if ((rv = write_first(d, &new)) != CKR_OK) {
		nv_undo(d->tpm, d->parent, d->owner_auth, &new, &pin.name);
		goto out;
	}
	d->made = pin;
	pin = TPM_PIN_EMPTY;
out:
	tpm_pin_free(&pin);
	nv_free(&new);
	return rv;
}

CK_RV
tpm_pin_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view auth,
    const struct tpm_pin_wish *wish, struct tpm_pin *out)
{
	struct definition d = { .tpm = t, .parent = parent,
	    .owner_auth = owner_auth, .wish = wish };
	struct buf index_auth = BUF_EMPTY;
	CK_RV rv;

	if (wish->limit == 0)
		return CKR_ARGUMENTS_BAD;
	if (wish->so != NULL && (rv = buf_set(&d.so_name,
	    buf_view(&wish->so->name))) != CKR_OK)
		goto out;
	if ((rv = pin_index_auth(auth, &index_auth)) != CKR_OK)
		goto out;
	d.index_auth = buf_view(&index_auth);
	if ((rv = nv_place(t, wish->so != NULL ? TPM_INDEX_USER : TPM_INDEX_SO,
	    wish->handle, define_at, &d)) != CKR_OK)
		goto out;
	tpm_pin_free(out);
	*out = d.made;
	d.made = TPM_PIN_EMPTY;
out:
	buf_free(&d.so_name);
	buf_free(&index_auth);
	tpm_pin_free(&d.made);
	return rv;
}
