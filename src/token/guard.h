/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_GUARD_H
#define TOKEN_GUARD_H

#include "store/store.h"

/*
 * What stands between a PIN and the token's key-encryption key (KEK, 32
 * bytes, under which private objects are sealed). One of two guards, for a
 * token's lifetime; which one, its row tells (store_pin.index):
 *
 * index    an NV index of the TPM counts wrong tries of this role alone, and
 *          the KEK is sealed to who has the PIN of that index (tpm/pin.h)
 * lockout  the TPM's own dictionary-attack rules guard the seal: wrong tries
 *          count for all keys of the machine that they guard
 *
 * auth is what is derived from a PIN: HMAC-SHA256(salt, PIN), 32 bytes. Only
 * the user's seal is bound to the token's PCRs, since the SO's PIN is what
 * lets the user's be bound anew.
 */
enum { GUARD_KEK_LEN = 32, GUARD_SALT_LEN = 16 };

CK_RV guard_auth(const struct store_pin *p, struct view pin,
    struct buf *auth) MUST_CHECK;
/* Seal kek for who has auth, by the guard of the role; out is replaced. */
CK_RV guard_close(struct tpm *tpm, const struct store_token *row,
    enum store_role role, struct view auth, struct view kek,
    struct tpm_blob *out) MUST_CHECK;
/*
 * CKR_PIN_INCORRECT (and it was counted), CKR_PIN_LOCKED, and those of
 * tpm_pin_unseal; CKR_DEVICE_ERROR when it is no KEK.
 */
CK_RV guard_open(struct tpm *tpm, const struct store_token *row,
    enum store_role role, const struct tpm_blob *seal, struct view auth,
    struct buf *kek) MUST_CHECK;
bool guard_by_index(const struct store_pin *p);

#endif
