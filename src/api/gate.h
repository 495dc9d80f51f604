/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef API_GATE_H
#define API_GATE_H

#include "session/session.h"
#include "token/slots.h"

/*
 * Every C_ function goes through here: is the library initialised, was it
 * initialised by this process, what does the handle mean, which locks. No
 * layer below locks for itself (but the TPM connection), and none has to
 * ask these questions.
 *
 * Order of locks: session, token, then one of the library's or the TPM's,
 * under which no other is waited for.
 */
struct gate {
	const char *name;	/* of the C_ function, for the trace */
	bool entered;
	bool library;		/* the library's lock is held */
	struct session *session;	/* referenced and locked */
	struct token *token;	/* locked */
	struct slots *slots;	/* set while library is */
};

#define GATE(function) ((struct gate){ .name = (function) })

/* For calls over the whole library: holds its lock. */
CK_RV gate_library(struct gate *g) MUST_CHECK;

/* For calls over one slot: its token refreshed and locked.
 * CKR_SLOT_ID_INVALID. */
CK_RV gate_slot(struct gate *g, CK_SLOT_ID slot) MUST_CHECK;

/*
 * For calls in a session, by what they touch: the session alone (software,
 * and the TPM through a key that the operation already has), or the token's
 * state and objects too. CKR_SESSION_HANDLE_INVALID.
 */
enum gate_reach { GATE_SESSION, GATE_TOKEN };
CK_RV gate_session(struct gate *g, CK_SESSION_HANDLE session,
    enum gate_reach reach) MUST_CHECK;

/* Give the locks back and stay inside until C_Finalize wants all out. */
void gate_wait_for_stop(struct gate *g);

/* Give everything back; returns rv, which the trace shows. */
CK_RV gate_leave(struct gate *g, CK_RV rv);

/*
 * C_OpenSession, C_CloseSession and C_CloseAllSessions change the table and
 * a token at once. Closing waits for calls that are in the session.
 */
CK_RV gate_open_session(CK_SLOT_ID slot, CK_FLAGS flags,
    CK_SESSION_HANDLE *handle) MUST_CHECK;
CK_RV gate_close_session(CK_SESSION_HANDLE handle) MUST_CHECK;
CK_RV gate_close_sessions(CK_SLOT_ID slot) MUST_CHECK;

/* C_Initialize and C_Finalize. */
CK_RV gate_start(const CK_C_INITIALIZE_ARGS *args) MUST_CHECK;
CK_RV gate_stop(void) MUST_CHECK;

/* Is the library (still) initialised? Without entering. */
bool gate_is_open(void);

#endif
