/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_CAPS_NOTE_H
#define TOKEN_CAPS_NOTE_H

#include "store/store.h"
#include "tpm/caps.h"

/*
 * What the TPM can do, as a note in the store under the Name of its SRK. A
 * firmware can be another one only after a restart of the machine; so a note
 * of this start is good as it is, and one of an earlier start is good when
 * the firmware, which takes one command to ask, is still the same.
 */

/* *found says whether there is one; *fresh whether it is of this start. */
CK_RV caps_note_get(struct store *store, const struct tpm_parent *parent,
    struct tpm_caps *caps, bool *found, bool *fresh) MUST_CHECK;
/* As of this start. A store that cannot be written only means to ask again,
 * so a failure is no error. */
void caps_note_put(struct store *store, const struct tpm_parent *parent,
    const struct tpm_caps *caps);

#endif
