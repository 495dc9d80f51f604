/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_HMAC_KEY_H
#define MECH_HMAC_KEY_H

#include "mech/mech.h"

/*
 * Keys for HMAC inside the TPM (KEYEDHASH); for this folder only.
 *
 * Does a secret of len bytes with the template a belong there? It does when it
 * is closed, for MACs and nothing else (a derivation needs the value), and the
 * TPM has its hash; a generic secret serves all hashes that the TPM has, and
 * stays in software when CKA_ALLOWED_MECHANISMS names a MAC of another.
 */
bool hmac_key_fits(const struct mech_place *place, const struct attrs *a,
    size_t len);
/* A new one of len bytes. Of a generic secret CKA_ALLOWED_MECHANISMS, if it
 * says nothing, tells from here on what the TPM can do with it. */
CK_RV hmac_key_create(const struct mech_place *place, struct attrs *a,
    size_t len, struct tpm_blob *blob) MUST_CHECK;
/* The same from CKA_VALUE of a. */
CK_RV hmac_key_import(const struct mech_place *place, struct attrs *a,
    struct tpm_blob *blob) MUST_CHECK;

#endif
