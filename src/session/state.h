/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

#include "session/session.h"

/*
 * C_GetOperationState and C_SetOperationState (PKCS#11 3.x, 5.6.7 and 5.6.8)
 * for a session that digests and does nothing else but, perhaps, search.
 *
 * OpenSSL exports no state of a digest, so none goes out: a copy of it stays
 * in this process, and the bytes for the caller are the random name of that
 * copy. Nothing can be read from them, and what was not given out here is
 * simply not found, so they need no MAC. They are good as long as the library
 * is initialised, in sessions of the same token while the same user, or none,
 * is logged in, and as often as wanted. The newest STATES_MAX are kept.
 */
#define STATES_MAX 64

/* For the gate: with the library, under no lock. */
CK_RV states_start(void) MUST_CHECK;
void states_stop(void);
/* In a child: what was the parent's is given up, unused and unfreed. */
void states_abandon(void);

/*
 * Under the session's and the token's lock, as the next. CKR_STATE_UNSAVEABLE
 * for all but digests, CKR_OPERATION_NOT_INITIALIZED when nothing runs.
 */
CK_RV state_save(struct session *s, CK_BYTE *out,
    CK_ULONG *out_len) MUST_CHECK;
/*
 * Replaces all operations of the session; a search goes on. CKR_SAVED_STATE_
 * INVALID; CKR_KEY_NOT_NEEDED when there is a key, which no digest has.
 */
CK_RV state_restore(struct session *s, struct view state,
    CK_OBJECT_HANDLE encryption_key,
    CK_OBJECT_HANDLE authentication_key) MUST_CHECK;

#endif
