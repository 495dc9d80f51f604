/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_MACHINE_H
#define TOKEN_MACHINE_H

#include "store/store.h"
#include "tpm/caps.h"

/*
 * The TPM that all tokens of the library share, and what is known of it
 * without asking again. Locks itself: tokens call from under their own
 * locks.
 */
struct machine;

/* Nothing is opened. config is borrowed for as long as the machine is. */
CK_RV machine_new(const struct config *config,
    struct machine **out) MUST_CHECK;
void machine_free(struct machine **m);
void machine_abandon(struct machine **m);

struct tpm *machine_tpm(const struct machine *m);
struct reserve *machine_reserve(const struct machine *m);
const struct config *machine_config(const struct machine *m);

/*
 * The password of the TPM's owner: the one that was given, which may be
 * empty, or else config_owner_auth's. Both ways it is copied.
 */
CK_RV machine_set_owner_auth(struct machine *m,
    struct view auth) MUST_CHECK;
CK_RV machine_owner_auth(struct machine *m, struct buf *auth) MUST_CHECK;

/* Is there a TPM? No command is sent. */
bool machine_present(const struct machine *m);

/* The SRK as a token's row has it, so that nobody needs to ask for it. */
CK_RV machine_know(struct machine *m,
    const struct tpm_parent *parent) MUST_CHECK;

/* The same parent, or the one that the configuration means, found without
 * changing anything in the TPM; a copy. */
CK_RV machine_parent(struct machine *m, struct tpm_parent *parent) MUST_CHECK;
/* The parent for a new token: tpm_parent_provision by the configuration. */
CK_RV machine_make_parent(struct machine *m,
    struct tpm_parent *parent) MUST_CHECK;

/*
 * What the TPM can do: from memory, from the store's notes (under the Name
 * of parent), or from the TPM; then it is noted. store may be NULL; parent
 * too, then what is known of the SRK stands for it. The pointer is good for
 * as long as the machine.
 */
CK_RV machine_caps(struct machine *m, struct store *store,
    const struct tpm_parent *parent, const struct tpm_caps **caps) MUST_CHECK;

/*
 * The identity of the device: a UUID, version 5, over the Name of the SRK,
 * as text of 36 characters. parent is a token's record of the SRK, or NULL:
 * then, unless it is known, the TPM is asked, once.
 */
CK_RV machine_uuid(struct machine *m, const struct tpm_parent *parent,
    struct buf *text) MUST_CHECK;

#endif
