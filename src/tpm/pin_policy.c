/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/pin_internal.h"

/*
 * The policy of an index:
 *
 *	SO's index	approved(own)
 *	user's index	any of: approved(own)
 *			        secret(SO's index), NV_ChangeAuth
 *			        secret(SO's index), NV_Write
 *
 * where own is: secret(this index), NV_ChangeAuth.
 */

static struct assertion
command_code(TPM2_CC cc)
{
	return (struct assertion){ .kind = &assert_command_code, .code = cc };
}

struct assertion
pin_secret(uint32_t handle, const struct buf *name, struct view index_auth)
{
	return (struct assertion){ .kind = &assert_secret,
	    .entity = nv_entity(handle, name, index_auth) };
}

void
pin_policy_free(struct pin_policy *p)
{
	buf_free(&p->approved);
}

void
pin_policy_own(uint32_t handle, const struct buf *name,
    struct view index_auth, struct policy *out)
{
	policy_add(out, pin_secret(handle, name, index_auth));
	policy_add(out, command_code(TPM2_CC_NV_ChangeAuth));
}

static CK_RV
add_branch(const struct policy *p, TPML_DIGEST *branches)
{
	struct buf digest = BUF_EMPTY;
	CK_RV rv;

	if ((rv = policy_digest(p, &digest)) == CKR_OK &&
	    (rv = TPM2B_SET(&branches->digests[branches->count], buffer,
	    buf_view(&digest))) == CKR_OK)
		branches->count++;
	buf_free(&digest);
	return rv;
}

static CK_RV
add_so_branch(const struct buf *so_name, TPM2_CC cc, TPML_DIGEST *branches)
{
	struct policy p = { .count = 0 };

	policy_add(&p, pin_secret(0, so_name, VIEW_EMPTY));
	policy_add(&p, command_code(cc));
	return add_branch(&p, branches);
}

static CK_RV
make_branches(const struct approval *approval, const struct buf *so_name,
    TPML_DIGEST *branches)
{
	struct policy own = { .count = 0 };
	CK_RV rv;

	policy_add(&own, (struct assertion){ .kind = &assert_approved,
	    .approval = approval });
	if ((rv = add_branch(&own, branches)) != CKR_OK ||
	    so_name->len == 0)
		return rv;
	if ((rv = add_so_branch(so_name, TPM2_CC_NV_ChangeAuth,
	    branches)) != CKR_OK)
		return rv;
	return add_so_branch(so_name, TPM2_CC_NV_Write, branches);
}

CK_RV
pin_policy_digest(const struct approval *approval, const struct buf *so_name,
    struct buf *digest)
{
	TPML_DIGEST branches = { .count = 0 };
	struct policy p = { .count = 0 };
	CK_RV rv;

	if ((rv = make_branches(approval, so_name, &branches)) != CKR_OK)
		return rv;
	if (branches.count == 1)
		return buf_set(digest, view_of(branches.digests[0].buffer,
		    branches.digests[0].size));
	policy_add(&p, (struct assertion){ .kind = &assert_any_of,
	    .branches = &branches });
	return policy_digest(&p, digest);
}

/* The common end: whichever branch it was, it is one of them. */
static CK_RV
end_branch(const struct tpm_pin *pin, struct pin_policy *p)
{
	CK_RV rv;

	if ((rv = make_branches(&p->approval, &pin->so_name,
	    &p->branches)) != CKR_OK)
		return rv;
	if (p->branches.count > 1)
		policy_add(&p->policy, (struct assertion){
		    .kind = &assert_any_of, .branches = &p->branches });
	return CKR_OK;
}

CK_RV
pin_policy_change(const struct tpm_pin *pin, struct view index_auth,
    struct pin_policy *out)
{
	CK_RV rv;

	*out = (struct pin_policy){ .approved = BUF_EMPTY };
	pin_policy_own(pin->handle, &pin->name, index_auth, &out->policy);
	if ((rv = approval_read(buf_view(&pin->approval),
	    &out->approval)) != CKR_OK ||
	    (rv = policy_digest(&out->policy, &out->approved)) != CKR_OK)
		return rv;
	policy_add(&out->policy, (struct assertion){ .kind = &assert_approved,
	    .approval = &out->approval,
	    .approved = buf_view(&out->approved) });
	return end_branch(pin, out);
}

CK_RV
pin_policy_reset(const struct tpm_pin *pin, const struct tpm_pin *so,
    struct view so_index_auth, TPM2_CC cc, struct pin_policy *out)
{
	CK_RV rv;

	*out = (struct pin_policy){ .approved = BUF_EMPTY };
	if ((rv = approval_read(buf_view(&pin->approval),
	    &out->approval)) != CKR_OK)
		return rv;
	policy_add(&out->policy, pin_secret(so->handle, &so->name,
	    so_index_auth));
	policy_add(&out->policy, command_code(cc));
	return end_branch(pin, out);
}
