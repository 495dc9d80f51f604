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
 * value, which is how it is known from then on. CKR_ARGUMENTS_BAD when the
 * kind has no such place.
 */
CK_RV nv_describe(enum tpm_index_kind kind, TPM2_HANDLE handle,
    struct view policy, bool written, struct nv *out) MUST_CHECK;
/* The same of a public area that somebody kept, in either form.
 * CKR_DATA_INVALID: it is none of ours. */
CK_RV nv_recall(struct view public_area, bool written,
    enum tpm_index_kind *kind, struct nv *out) MUST_CHECK;
/* What the TPM has at handle. CKR_OBJECT_HANDLE_INVALID: nothing;
 * CKR_DATA_INVALID: something whose Name we cannot compute. */
CK_RV nv_look(struct tpm *t, TPM2_HANDLE handle, struct nv *out) MUST_CHECK;

/* The handles of a kind lie from here on. */
TPM2_HANDLE nv_first(enum tpm_index_kind kind);
#define NV_PLACES 0x4000u

/* An index as a command names it. */
struct entity nv_entity(TPM2_HANDLE handle, const struct buf *name,
    struct view auth);

/* A place that is free now. */
CK_RV nv_pick(struct tpm *t, enum tpm_index_kind kind,
    TPM2_HANDLE *handle) MUST_CHECK;
/*
 * Define what new describes, without a value. When that fails it is not
 * there, unless the TPM was lost. CKR_OBJECT_HANDLE_INVALID: taken.
 */
CK_RV nv_define(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, struct view auth,
    const struct nv *new) MUST_CHECK;
/* Take back the definition of new, which may have got its first value. There
 * is nobody to tell of a failure. */
void nv_undo(struct tpm *t, const struct tpm_parent *parent,
    struct view owner_auth, const struct nv *new);

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
