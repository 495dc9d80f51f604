/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_TLS12_KEY_H
#define MECH_TLS12_KEY_H

#include "crypto/tls12.h"
#include "mech/family.h"

/* What the derivations of TLS 1.2 share; for this folder only. */

/* Both randoms of a parameter, one behind the other: CKR_MECHANISM_PARAM_
 * INVALID unless each has len bytes (0: any length). */
CK_RV tls12_randoms(const CK_SSL3_RANDOM_DATA *from, size_t len, bool server,
    struct buf *out) MUST_CHECK;

/* The PRF with c's hash, under c's key. */
CK_RV tls12_run(const struct mech_call *c, const char *label,
    struct view seed, size_t len, struct buf *out) MUST_CHECK;

/* Master secrets and other keys that TLS works on are generic secrets. */
CK_RV tls12_check(const struct mech_call *c) MUST_CHECK;

#endif
