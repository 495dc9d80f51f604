/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_COUNTER_H
#define TPM_COUNTER_H

#include "tpm/index.h"

/*
 * A number in the TPM that only goes up (NV index of type COUNTER; Part 1,
 * 37.2.4), by which an old copy of the store is recognised. It is not
 * orderly, so each step is in NV before the command ends. A counter that is
 * removed and defined again begins above all that this TPM ever counted.
 *
 * It is read and stepped with an authValue of its own, 32 random bytes, so
 * that nobody else can make the store look old, and a forged reading is
 * noticed: both cross the bus under the session's HMAC.
 * CKR_DEVICE_ERROR when that authValue is wrong: somebody redefined it.
 */
struct tpm_counter {
	uint32_t handle;
	struct buf public_area;	/* TPM2B_NV_PUBLIC as marshalled */
	struct buf name;	/* nameAlg | digest */
	struct buf auth;	/* a secret, sealed by the store */
};
#define TPM_COUNTER_EMPTY ((struct tpm_counter){ 0, BUF_EMPTY, BUF_EMPTY, \
	BUF_EMPTY })

void tpm_counter_free(struct tpm_counter *c);
CK_RV tpm_counter_copy(struct tpm_counter *to,
    const struct tpm_counter *from) MUST_CHECK;

/* As tpm_pin_plan and tpm_pin_define; value is the first one. */
CK_RV tpm_counter_plan(struct tpm *t, struct tpm_counter *out) MUST_CHECK;
CK_RV tpm_counter_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct tpm_counter *planned,
    uint64_t *value) MUST_CHECK;

/* One command, once there is a session. */
CK_RV tpm_counter_read(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_counter *c, uint64_t *value) MUST_CHECK;
/*
 * From from to from + 1; the caller sees to it that nobody else steps
 * meanwhile. One command; a second step is not made when an answer got lost,
 * but the counter is read: CKR_OK means that it now is at from + 1 (as far as
 * from was right), CKR_DEVICE_ERROR that it is somewhere else.
 */
CK_RV tpm_counter_increment(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_counter *c, uint64_t from) MUST_CHECK;

#endif
