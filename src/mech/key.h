/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_KEY_H
#define MECH_KEY_H

#include "attr/attrs.h"
#include "crypto/pubkey.h"
#include "tpm/key.h"

/*
 * A key ready to be used, as a mechanism sees it: no token, no store, no
 * access rules. Immutable and reference counted, so an operation keeps its
 * key when the object is destroyed under its feet.
 */
struct key;
struct soft;

/*
 * From an object's attributes and TPM blob (empty when it has none):
 *   CKO_PUBLIC_KEY   a software public key
 *   CKO_PRIVATE_KEY  a TPM key, and its public half; without a blob a
 *                    software key (mech/soft.h)
 *   CKO_SECRET_KEY   CKA_VALUE in wiped memory
 * Sends nothing to the TPM. CKR_KEY_HANDLE_INVALID when it is no key.
 */
CK_RV key_new(struct tpm *tpm, const struct tpm_parent *parent,
    const struct attrs *attrs, const struct tpm_blob *blob,
    struct key **out) MUST_CHECK;
struct key *key_ref(struct key *k);
void key_unref(struct key **k);

CK_OBJECT_CLASS key_class(const struct key *k);
CK_KEY_TYPE key_type(const struct key *k);
/* NULL where there is none. */
const struct pubkey *key_public(const struct key *k);
struct tpm_key *key_tpm(const struct key *k);
/* A key that no TPM has: a private one, or the public one of a key type that
 * is in software only. */
const struct soft *key_soft(const struct key *k);
/* Empty for a key whose value is not in software. */
struct view key_value(const struct key *k);

#endif
