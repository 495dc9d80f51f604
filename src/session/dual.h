/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_DUAL_H
#define SESSION_DUAL_H

#include "mech/mech.h"
#include "session/session.h"

/*
 * The dual-function updates (PKCS#11 3.x, 5.17): a part is encrypted or
 * decrypted, and its plaintext is a part of other too; both have to be
 * running. An error other than CKR_BUFFER_TOO_SMALL ends both, since they no
 * longer agree on what has gone through them; other takes each part once,
 * however often the call is repeated for want of room.
 */
CK_RV dual_update(struct session *s, enum mech_use cipher,
    enum mech_use other, struct view in, CK_BYTE *out,
    CK_ULONG *out_len) MUST_CHECK;

#endif
