/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_VERIFY_H
#define SESSION_VERIFY_H

#include "mech/mech.h"
#include "session/session.h"

/*
 * Verification (PKCS#11 3.x, 5.15): begun and fed as any operation
 * (session/operation.h), and ended here, always. CKR_SIGNATURE_INVALID,
 * CKR_SIGNATURE_LEN_RANGE.
 */
CK_RV verify_single(struct session *s, struct view in,
    struct view signature) MUST_CHECK;
CK_RV verify_final(struct session *s, struct view signature) MUST_CHECK;

/*
 * The same with the signature given at Init (3.2, 5.15.8 to 5.15.11), for
 * every mechanism that verifies. It is the session's one verification, but
 * the functions of the one kind do not see what the others began.
 */
CK_RV verify_signature_init(struct session *s, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct view signature) MUST_CHECK;
CK_RV verify_signature_single(struct session *s, struct view in) MUST_CHECK;
CK_RV verify_signature_update(struct session *s, struct view in) MUST_CHECK;
CK_RV verify_signature_final(struct session *s) MUST_CHECK;

#endif
