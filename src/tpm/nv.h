/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TPM_NV_H
#define TPM_NV_H

#include "tpm/index.h"
#include "tpm/internal.h"

/*
 * Inside of the TPM layer: our NV indices, all of eight bytes, and the
 * commands about them.
 */
#define NV_LEN 8

struct nv {
	TPM2_HANDLE handle;
	struct buf public_area;	/* TPM2B_NV_PUBLIC as marshalled */
	struct buf name;
};
#define NV_EMPTY ((struct nv){ 0, BUF_EMPTY, BUF_EMPTY })

void nv_free(struct nv *nv);
void nv_move(struct nv *to, struct nv *from);

/*
 * The index of this kind, place and policy; written: as it is once it has a
 * value, which is how it is known from then on.
 */
CK_RV nv_describe(enum tpm_index_kind kind, TPM2_HANDLE handle,
    struct view policy, bool written, struct nv *out) MUST_CHECK;
/* Is it one of ours? */
bool nv_is_ours(const TPMS_NV_PUBLIC *p, enum tpm_index_kind *kind);
/* What the TPM has at handle; CKR_OBJECT_HANDLE_INVALID: nothing. */
CK_RV nv_look(struct tpm *t, TPM2_HANDLE handle, TPM2B_NV_PUBLIC *p,
    struct nv *out) MUST_CHECK;

/* The handles of a kind lie from here on. */
TPM2_HANDLE nv_first(enum tpm_index_kind kind);
#define NV_PLACES 0x4000u

/* An index as a command names it. */
struct entity nv_entity(TPM2_HANDLE handle, const struct buf *name,
    struct view auth);

/*
 * Calls define with wish or, when that is 0, with free places until one of
 * them is not taken (CKR_OBJECT_HANDLE_INVALID).
 */
CK_RV nv_place(struct tpm *t, enum tpm_index_kind kind, TPM2_HANDLE wish,
    CK_RV (*define)(void *arg, TPM2_HANDLE handle), void *arg) MUST_CHECK;
/*
 * Define what new describes, without a value. When that fails it is not
 * there, unless the TPM was lost. CKR_OBJECT_HANDLE_INVALID: taken.
 */
CK_RV nv_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view auth,
    const struct nv *new) MUST_CHECK;
/*
 * Take back the definition of new, which may have got its first value and
 * with it the Name written (NULL: it has not). There is nobody to tell of a
 * failure.
 */
void nv_undo(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct nv *new, const struct buf *written);

/* Commands, and what they are told or tell. */
struct nv_data {
	uint8_t bytes[NV_LEN];
};
extern const struct command nv_write_by_owner;
extern const struct command nv_write_by_policy;
extern const struct command nv_read_by_owner;
extern const struct command nv_read_by_person;
extern const struct command nv_read_by_us;
extern const struct command nv_change_auth;	/* TPM2B_AUTH */
extern const struct command nv_increment;	/* NULL */

#endif
