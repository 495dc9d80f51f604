/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_OPERATION_H
#define SESSION_OPERATION_H

#include "mech/mech.h"
#include "session/session.h"

/*
 * The life of an operation (PKCS#11 3.x, 5.8 to 5.15): Init, any number of
 * updates, the end. verify.h has what is special about verification, dual.h
 * the functions over two operations, message.h those over messages.
 *
 * Size queries neither run it nor end it, CKR_BUFFER_TOO_SMALL keeps it (and
 * what was computed), every other error ends it.
 *
 * out and out_len are the caller's buffer and length, under the convention
 * of 5.2 (session/output.h). All under the session's lock; operation_init
 * under the token's too.
 */

/*
 * C_XxxInit. m NULL cancels a running operation of this use (3.x).
 * CKR_OPERATION_ACTIVE, CKR_KEY_HANDLE_INVALID, CKR_KEY_FUNCTION_NOT_
 * PERMITTED, CKR_MECHANISM_INVALID and the codes of mech_start.
 */
CK_RV operation_init(struct session *s, enum mech_use use,
    const CK_MECHANISM *m, CK_OBJECT_HANDLE key) MUST_CHECK;

/* One-part: C_Sign, C_Encrypt, C_Digest, C_SignRecover, ... */
CK_RV operation_single(struct session *s, enum mech_use use, struct view in,
    CK_BYTE *out, CK_ULONG *out_len) MUST_CHECK;
/* A part; out and out_len are NULL for uses that give none. */
CK_RV operation_update(struct session *s, enum mech_use use, struct view in,
    CK_BYTE *out, CK_ULONG *out_len) MUST_CHECK;
CK_RV operation_final(struct session *s, enum mech_use use, CK_BYTE *out,
    CK_ULONG *out_len) MUST_CHECK;

/* C_DigestKey: the value of a secret key is the next part. */
CK_RV operation_digest_key(struct session *s,
    CK_OBJECT_HANDLE key) MUST_CHECK;

/* End the operation of a use; nothing when there is none. */
void operation_cancel(struct session *s, enum mech_use use);

/*
 * C_Login(CKU_CONTEXT_SPECIFIC): for the one operation of the session (or its
 * next message) whose key has CKA_ALWAYS_AUTHENTICATE. CKR_OPERATION_NOT_
 * INITIALIZED when none waits for it; a wrong PIN leaves it waiting.
 */
CK_RV operation_authenticate(struct session *s, struct view pin) MUST_CHECK;

#endif
