/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_INDEX_H
#define TPM_INDEX_H

#include "tpm/tpm.h"

/*
 * The NV indices that this module defines: counted PINs (tpm/pin.h) and
 * counters (tpm/counter.h).
 *
 * They lie at random places of 0x01A50000 to 0x01A5BFFF. The owner's range is
 * 0x01800000 to 0x01BFFFFF (TCG Registry of Reserved TPM 2.0 Handles, 2.2);
 * this piece of it is used by no program that we know of, and is small, so
 * that our indices are found without asking for every index of the machine.
 * Which third of it an index is in tells its kind.
 *
 * An index is planned, then defined. In between its caller notes the public
 * area, whose Name no other index has, so that a crash leaves no index that
 * nobody knows. A place that is taken is left alone: plan another one.
 *
 * Codes common to all that change NV, besides those of tpm/tpm.h:
 *   CKR_USER_NOT_LOGGED_IN  owner_auth is not the owner's password
 *   CKR_DEVICE_MEMORY       NV is full (logged with advice)
 *   CKR_FUNCTION_NOT_SUPPORTED  the TPM knows no such index
 * and to all that use an index:
 *   CKR_TOKEN_NOT_RECOGNIZED  it is not in this TPM: removed by the owner,
 *                             or the TPM was cleared
 */
enum tpm_index_kind {
	TPM_INDEX_SO,		/* PIN of a security officer */
	TPM_INDEX_USER,		/* PIN of a user */
	TPM_INDEX_COUNTER
};
#define TPM_INDEX_KINDS 3

struct tpm_index {
	uint32_t handle;
	enum tpm_index_kind kind;
	/* False: the process that defined it died before it was complete. */
	bool written;
	/* As who planned it knows it, that is once it is written. */
	struct buf public_area;	/* TPM2B_NV_PUBLIC as marshalled */
	struct buf name;	/* nameAlg | digest */
};

/*
 * All indices that look like ours: in our range, with exactly the attributes
 * and size that the kind has. Also those of other stores of this machine;
 * only a store can tell which are its own, by their Names.
 */
CK_RV tpm_index_list(struct tpm *t, struct tpm_index **out,
    size_t *count) MUST_CHECK;
void tpm_index_list_free(struct tpm_index **list, size_t count);

/*
 * Is the index of this Name there? One command, and no session.
 * CKR_TOKEN_NOT_RECOGNIZED when nothing or something else is at handle.
 */
CK_RV tpm_index_find(struct tpm *t, uint32_t handle,
    struct view name) MUST_CHECK;

/*
 * Remove the index of this public area, whether it was written or its maker
 * died before. CKR_OK when none is at its handle, CKR_TOKEN_NOT_RECOGNIZED
 * (and nothing done) when another one is, CKR_DATA_INVALID when that is no
 * public area of an index of ours.
 */
CK_RV tpm_index_undefine(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view public_area) MUST_CHECK;

#endif
