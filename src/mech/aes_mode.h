/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_AES_MODE_H
#define MECH_AES_MODE_H

#include "crypto/aes_key.h"
#include "crypto/cipher.h"

/*
 * What crypto/cipher.h does for a known key, for one that is not; for this
 * folder only. The functions are its functions, with the same codes. s->key
 * is empty, key has all functions of aes_key.h and is borrowed; nothing is
 * asked of it before the first update.
 */
struct aes_mode;

CK_RV aes_mode_new(const struct cipher_spec *s, const struct aes_key *key,
    struct aes_mode **out) MUST_CHECK;
size_t aes_mode_ready(const struct aes_mode *m, size_t in);
CK_RV aes_mode_update(struct aes_mode *m, struct view in,
    struct buf *out) MUST_CHECK;
CK_RV aes_mode_final(struct aes_mode *m, struct buf *out) MUST_CHECK;
void aes_mode_free(struct aes_mode **m);

#endif
