/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_TRANSPORT_H
#define MECH_TRANSPORT_H

#include "mech/family.h"

/*
 * CKM_RSA_AES_KEY_WRAP and CKM_ECDH_AES_KEY_WRAP: a key of any length goes
 * under an AES key that is made for it alone (SP 800-38F, KWP), behind what
 * tells that AES key to the holder of the private key.
 */

/* Bytes of an AES key of so many bits; CKR_MECHANISM_PARAM_INVALID. */
CK_RV transport_aes_len(CK_ULONG bits, size_t *len) MUST_CHECK;
/* Bytes that a key of plain bytes takes under the AES key. */
size_t transport_len(size_t plain);

/* front and the key under aes, which replace out. */
CK_RV transport_wrap(struct view front, struct view aes, struct view plain,
    struct buf *out) MUST_CHECK;
/* The rest behind the front; codes of keywrap.h. */
CK_RV transport_unwrap(struct view aes, struct view rest,
    struct buf *plain) MUST_CHECK;

#endif
