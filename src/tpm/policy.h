/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_POLICY_H
#define TPM_POLICY_H

#include "tpm/internal.h"
#include "tpm/pcr.h"

/*
 * Inside of the TPM layer: policies (Part 1, 19.7). A policy is a list of
 * assertions in their order; from one and the same list its digest is
 * computed in software and a session is made that satisfies it.
 */
struct assertion;

struct assertion_kind {
	const struct command *command;
	/* digest becomes that of the policy with this assertion added. */
	CK_RV (*extend)(const struct assertion *a, struct buf *digest);
};

struct assertion {
	const struct assertion_kind *kind;
	struct entity entity;		/* whose authValue, for secret */
	TPM2_CC code;			/* the one command, for command_code */
	const TPML_PCR_SELECTION *pcrs;	/* for pcr_values, with their */
	struct view values;		/* digest; empty: as they are now */
	const TPML_DIGEST *branches;	/* any_of; what came before is one */
	const struct approval *approval; /* what came before is approved, */
	struct view approved;		/* and this is its digest */
};

extern const struct assertion_kind assert_secret;
extern const struct assertion_kind assert_command_code;
extern const struct assertion_kind assert_pcr_values;
extern const struct assertion_kind assert_any_of;
extern const struct assertion_kind assert_approved;

#define ASSERTIONS_MAX 4

struct policy {
	size_t count;
	struct assertion assertions[ASSERTIONS_MAX];
};

void policy_add(struct policy *p, struct assertion a);
/* The digest of the first count assertions, as an authPolicy. */
CK_RV policy_digest(const struct policy *p, struct buf *digest) MUST_CHECK;

/* The call's command, authorised by its policy; what it needs is ready. */
CK_RV policy_run(struct tpm *t, const struct call *c,
    const struct entity *ready) MUST_CHECK;

/*
 * approve.c: that a policy is approved by the owner of a key, and the TPM's
 * ticket for it (Part 3, TPM2_PolicyAuthorize).
 */
struct approval {
	TPM2B_NAME key;
	TPMT_TK_VERIFIED ticket;
};

/*
 * In two steps, since the policy may name what is made in between. The key
 * is made in the TPM and forgotten with the approver.
 */
struct approver {
	struct tpm_key *key;
	struct buf name;
};
#define APPROVER_EMPTY ((struct approver){ NULL, BUF_EMPTY })

CK_RV approver_make(struct tpm *t, const struct tpm_parent *parent,
    struct approver *out) MUST_CHECK;
void approver_free(struct approver *a);
CK_RV approver_approve(const struct approver *a,
    const struct policy *policy, struct approval *out) MUST_CHECK;

/* As the store keeps it; CKR_DATA_INVALID. */
CK_RV approval_write(const struct approval *a, struct buf *out) MUST_CHECK;
CK_RV approval_read(struct view in, struct approval *out) MUST_CHECK;

/* pcr.c, pcr_seal.c: the selection as the TPM has it, and its values. */
CK_RV pcrs_selection(const struct tpm_pcrs *pcrs,
    TPML_PCR_SELECTION *out) MUST_CHECK;
CK_RV pcrs_values(struct tpm *t, const TPML_PCR_SELECTION *selection,
    struct buf *digest) MUST_CHECK;

#endif
