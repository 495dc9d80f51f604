/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CMAC_H
#define CRYPTO_CMAC_H

#include "crypto/aes_key.h"

#define CMAC_LEN AES_BLOCK

/* AES-CMAC (SP 800-38B, RFC 4493), whole; to cut it is the caller's. */
struct cmac;

/* Errors of aes_key_check. key is borrowed. */
CK_RV cmac_new(const struct aes_key *key, struct cmac **out) MUST_CHECK;
CK_RV cmac_update(struct cmac *c, struct view in) MUST_CHECK;
/* c can then only be freed. */
CK_RV cmac_final(struct cmac *c, uint8_t out[CMAC_LEN]) MUST_CHECK;
void cmac_free(struct cmac **c);

/* Of parts[0] | parts[1] | ... */
CK_RV cmac_once(const struct aes_key *key, const struct view *parts,
    size_t count, uint8_t out[CMAC_LEN]) MUST_CHECK;

#endif
