/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_PIN_INTERNAL_H
#define TPM_PIN_INTERNAL_H

#include "tpm/nv.h"
#include "tpm/pin.h"
#include "tpm/policy.h"

/* Inside of pin*.c. */

/* The index's authValue, made from a caller's auth. */
CK_RV pin_index_auth(struct view auth, struct buf *out) MUST_CHECK;
/* The key of what is sealed, likewise. */
CK_RV pin_seal_key(struct view auth, struct buf *out) MUST_CHECK;

/* Its count set to 0 and its limit to pin's; name: as it is now. */
CK_RV pin_write_by_owner(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_pin *pin,
    const struct buf *name) MUST_CHECK;

/* "Who has this index's authValue", to begin a policy with. */
struct assertion pin_secret(uint32_t handle, const struct buf *name,
    struct view index_auth);

/*
 * Policies about an index, with what they borrow from. so_name empty: it is
 * the SO's own index, and only its own branch is there.
 */
struct pin_policy {
	struct policy policy;
	struct approval approval;
	struct buf approved;	/* digest of what is approved */
	TPML_DIGEST branches;
};
void pin_policy_free(struct pin_policy *p);

/* The one that the approver of a new index has to approve. */
void pin_policy_own(uint32_t handle, const struct buf *name,
    struct view index_auth, struct policy *out);
/* The index's authPolicy. */
CK_RV pin_policy_digest(const struct approval *approval,
    const struct buf *so_name, struct buf *digest) MUST_CHECK;

/* To change its authValue by itself, and to do cc by its SO. */
CK_RV pin_policy_change(const struct tpm_pin *pin, struct view index_auth,
    struct pin_policy *out) MUST_CHECK;
CK_RV pin_policy_reset(const struct tpm_pin *pin, const struct tpm_pin *so,
    struct view so_index_auth, TPM2_CC cc,
    struct pin_policy *out) MUST_CHECK;

#endif
