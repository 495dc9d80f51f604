/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_PIN_H
#define TPM_PIN_H

#include "tpm/index.h"
#include "tpm/pcr.h"

/*
 * A PIN that the TPM counts, and secrets that it guards.
 *
 * The PIN is the authValue of an NV index of type PIN_FAIL (Part 1, 37.2.8):
 * a wrong one counts, at the limit it is locked, a right one sets the count
 * to 0. It is noDA, so the lockout of the whole TPM is never touched.
 *
 * auth, everywhere, is what the caller derives from the PIN, of up to 64
 * bytes. Two values are made from it: the index's authValue and a key that
 * never leaves the process and encrypts what is sealed. So the secret needs
 * the PIN twice: whoever can redefine the index (the owner) or read its
 * authValue out of the chip has not got the secret yet.
 *
 * Nothing but the index itself may answer whether an auth is right, or wrong
 * ones would not be counted. Three things would, each tried on swtpm:
 *  - an object whose authValue is the PIN: a session can be bound to it
 *    without authorisation. So the seal's authValue is empty.
 *  - a policy that lets anybody read the index: the response may be
 *    encrypted, under a key that the authValue goes into. So it is the owner
 *    who reads count and limit.
 *  - PolicyAuthValue in the policy for changing the authValue: at the limit
 *    it goes on answering. So the policy is PolicySecret of the index itself;
 *    that cannot be part of what the index's Name is made from, and is
 *    approved instead (PolicyAuthorize) with a key that is thrown away.
 *
 * A function that takes auth sends it once; it is not tried again, not even
 * when the answer got lost. Common to these:
 *   CKR_PIN_INCORRECT  auth is wrong, and was counted
 *   CKR_PIN_LOCKED     the limit was reached before; auth was not looked at
 */
struct tpm_pin {
	uint32_t handle;
	uint32_t limit;		/* tries */
	struct buf public_area;	/* TPM2B_NV_PUBLIC as marshalled */
	struct buf name;	/* nameAlg | digest */
	struct buf so_name;	/* Name of the SO's index; empty: none */
	struct buf approval;	/* for a change of its own auth, no secret */
};
#define TPM_PIN_EMPTY ((struct tpm_pin){ 0, 0, BUF_EMPTY, BUF_EMPTY, \
	BUF_EMPTY, BUF_EMPTY })

void tpm_pin_free(struct tpm_pin *p);
CK_RV tpm_pin_copy(struct tpm_pin *to, const struct tpm_pin *from) MUST_CHECK;

struct tpm_pin_wish {
	uint32_t handle;	/* 0: any that is free */
	uint32_t limit;		/* at least 1 */
	/* Who may reset it; NULL: it is the SO's own, and nobody may. */
	const struct tpm_pin *so;
};

/*
 * All that is to be known of an index before it is there; changes nothing in
 * the TPM. CKR_ARGUMENTS_BAD for a limit of 0 and a handle that no index of
 * this kind may have.
 */
CK_RV tpm_pin_plan(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin_wish *wish, struct tpm_pin *out) MUST_CHECK;
/*
 * CKR_OBJECT_HANDLE_INVALID when the place was taken meanwhile,
 * CKR_DATA_INVALID when planned is no plan. After any failure nothing is left
 * in the TPM, unless the TPM itself was lost on the way.
 */
CK_RV tpm_pin_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view auth,
    const struct tpm_pin *planned) MUST_CHECK;
/* As tpm_index_find. */
CK_RV tpm_pin_find(struct tpm *t, const struct tpm_pin *pin) MUST_CHECK;

/* How often auth was wrong since it was right, and the limit. One command,
 * without effect on the count. CKR_USER_NOT_LOGGED_IN. */
CK_RV tpm_pin_status(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_pin *pin, uint32_t *count,
    uint32_t *limit) MUST_CHECK;

/* Is auth right? Counts as any other try. One command. */
CK_RV tpm_pin_check(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, struct view auth) MUST_CHECK;

/*
 * A new auth by who has the old one. When an answer gets lost (CKR_DEVICE_
 * ERROR, CKR_DEVICE_REMOVED) either may be the right one now, never both or
 * neither. pin stays as it is.
 */
CK_RV tpm_pin_change(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, struct view auth,
    struct view new_auth) MUST_CHECK;
/*
 * A new auth by the SO, and the count set to 0, in this order: cut off in
 * between, the new auth counts from where the old one was. so_auth is counted
 * in the SO's index. CKR_ARGUMENTS_BAD when so is not the index's SO.
 */
CK_RV tpm_pin_reset(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, const struct tpm_pin *so,
    struct view so_auth, struct view new_auth) MUST_CHECK;

/* The count set to 0 and the auth left, by the SO; otherwise as
 * tpm_pin_reset. */
CK_RV tpm_pin_unlock(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_pin *pin, const struct tpm_pin *so,
    struct view so_auth) MUST_CHECK;
/* The same by the owner, for an SO who is locked too, and the limit set to
 * pin's. CKR_USER_NOT_LOGGED_IN. */
CK_RV tpm_pin_unlock_by_owner(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_pin *pin) MUST_CHECK;

/*
 * A secret of 1 to 100 bytes for who has the PIN; pcrs may be NULL. The
 * index's auth need not be this one yet, so that a change of PIN seals first.
 * out->auth is empty. CKR_DATA_LEN_RANGE; of pcrs as tpm_policy_seal.
 */
CK_RV tpm_pin_seal(struct tpm *t, const struct tpm_parent *parent,
    struct view secret, struct view auth, const struct tpm_pin *pin,
    const struct tpm_pcrs *pcrs, struct tpm_blob *out) MUST_CHECK;
/*
 *   CKR_ENCRYPTED_DATA_INVALID  auth is right for the index (and the count
 *      was set to 0), but it is not this seal's: of before or after a change
 *      of PIN, or the owner has redefined the index
 *   CKR_ACTION_PROHIBITED  a PCR has another value now, or pin or pcrs are
 *      not those of the seal; auth is right for the index
 *   CKR_TOKEN_NOT_RECOGNIZED  also for a blob of another TPM
 */
CK_RV tpm_pin_unseal(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, const struct tpm_pin *pin,
    struct view auth, const struct tpm_pcrs *pcrs,
    struct buf *secret) MUST_CHECK;

#endif
