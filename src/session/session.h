/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "token/keys.h"
#include "token/token.h"

/*
 * A session: one application's conversation with one token, with at most one
 * search, and the operations that the standard lets stand side by side.
 *
 * Reference counted, so that closing a session while another thread works
 * with it is an ordinary error there: who found it in the gate's table holds
 * a reference for the length of the call, and its lock.
 */
struct session;

/* CKR_SESSION_PARALLEL_NOT_SUPPORTED, CKR_SESSION_ASYNC_NOT_SUPPORTED,
 * CKR_TOKEN_NOT_RECOGNIZED, CKR_SESSION_READ_WRITE_SO_EXISTS. The caller holds
 * the token's lock. */
CK_RV session_new(struct token *t, CK_FLAGS flags,
    struct session **out) MUST_CHECK;
struct session *session_ref(struct session *s);
void session_unref(struct session **s);

/* Set once, by who puts it into the table. */
void session_set_handle(struct session *s, CK_SESSION_HANDLE handle);
CK_SESSION_HANDLE session_handle(const struct session *s);
struct token *session_token(const struct session *s);
struct lock *session_lock(const struct session *s);

/*
 * The session is over: its operations end, its objects go, and with the last
 * one of a token the login. Under the session's and the token's lock; a
 * second call does nothing.
 */
void session_close(struct session *s);
bool session_is_closed(const struct session *s);

/* Whether a derivation waits for a login of its own (token/keys.h). */
enum context_login *session_context(struct session *s);

/* CKS_... of now; under the token's lock. */
CK_STATE session_state(const struct session *s);
bool session_is_rw(const struct session *s);
CK_RV session_info(const struct session *s,
    CK_SESSION_INFO *info) MUST_CHECK;

#endif
