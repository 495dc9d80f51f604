/* SPDX-License-Identifier: BSD-2-Clause */
/* Session management functions (PKCS#11 3.x, 5.6). */
#include "api/gate.h"
#include "api/trace.h"
#include "session/message.h"
#include "session/operation.h"
#include "session/search.h"

CK_RV
C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
    CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session)
{
	trace_call("C_OpenSession", "slot %lu, flags 0x%lx", slot, flags);
	/* no token ever surrenders, so there is nothing to notify of */
	(void)application;
	(void)notify;
	if (session == NULL)
		return gate_is_open() ? CKR_ARGUMENTS_BAD :
		    CKR_CRYPTOKI_NOT_INITIALIZED;
	return gate_open_session(slot, flags, session);
}

CK_RV
C_CloseSession(CK_SESSION_HANDLE session)
{
	trace_call("C_CloseSession", "session %lu", session);
	return gate_close_session(session);
}

CK_RV
C_CloseAllSessions(CK_SLOT_ID slot)
{
	trace_call("C_CloseAllSessions", "slot %lu", slot);
	return gate_close_sessions(slot);
}

CK_RV
C_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info)
{
	struct gate g = GATE("C_GetSessionInfo");
	CK_RV rv;

	trace_call(g.name, "session %lu", session);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = info == NULL ? CKR_ARGUMENTS_BAD :
		    session_info(g.session, info);
	return gate_leave(&g, rv);
}

CK_RV
C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
    CK_ULONG pin_len)
{
	struct gate g = GATE("C_Login");
	CK_RV rv;

	trace_call(g.name, "session %lu, user %lu, PIN of %lu bytes", session,
	    user, pin_len);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) != CKR_OK)
		return gate_leave(&g, rv);
	if (pin == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (user == CKU_CONTEXT_SPECIFIC)
		rv = operation_authenticate(g.session,
		    view_of(pin, pin_len));
	else
		rv = token_login(g.token, user, view_of(pin, pin_len));
	return gate_leave(&g, rv);
}

/* A token has one user and one SO; a name other than none is not known. */
CK_RV
C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user,
    CK_UTF8CHAR_PTR pin, CK_ULONG pin_len, CK_UTF8CHAR_PTR username,
    CK_ULONG username_len)
{
	struct gate g = GATE("C_LoginUser");
	CK_RV rv;

	if (username_len == 0)
		return C_Login(session, user, pin, pin_len);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = username == NULL ? CKR_ARGUMENTS_BAD :
		    CKR_PIN_INCORRECT;
	return gate_leave(&g, rv);
}

CK_RV
C_Logout(CK_SESSION_HANDLE session)
{
	struct gate g = GATE("C_Logout");
	CK_RV rv;

	trace_call(g.name, "session %lu", session);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = token_logout(g.token);
	return gate_leave(&g, rv);
}

/*
 * The module was validated by no authority, so no operation was done as one
 * has validated it, whatever the type that is asked for (3.2, 5.6).
 */
CK_RV
C_GetSessionValidationFlags(CK_SESSION_HANDLE session,
    CK_SESSION_VALIDATION_FLAGS_TYPE type, CK_FLAGS_PTR flags)
{
	struct gate g = GATE("C_GetSessionValidationFlags");
	CK_RV rv;

	(void)type;
	if ((rv = gate_session(&g, session, GATE_SESSION)) != CKR_OK)
		return gate_leave(&g, rv);
	if (flags == NULL)
		return gate_leave(&g, CKR_ARGUMENTS_BAD);
	*flags = 0;
	return gate_leave(&g, CKR_OK);
}

/* Which operations a flag of C_SessionCancel ends (3.0, 5.6.?). */
static const struct {
	CK_FLAGS flag;
	enum mech_use use;
} cancels[] = {
	{ CKF_ENCRYPT, MECH_ENCRYPT },
	{ CKF_DECRYPT, MECH_DECRYPT },
	{ CKF_DIGEST, MECH_DIGEST },
	{ CKF_SIGN, MECH_SIGN },
	{ CKF_SIGN_RECOVER, MECH_SIGN_RECOVER },
	{ CKF_VERIFY, MECH_VERIFY },
	{ CKF_VERIFY_RECOVER, MECH_VERIFY_RECOVER },
}, message_cancels[] = {
	{ CKF_MESSAGE_ENCRYPT, MECH_ENCRYPT },
	{ CKF_MESSAGE_DECRYPT, MECH_DECRYPT },
	{ CKF_MESSAGE_SIGN, MECH_SIGN },
	{ CKF_MESSAGE_VERIFY, MECH_VERIFY },
};

CK_RV
C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags)
{
	struct gate g = GATE("C_SessionCancel");
	size_t i;
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) != CKR_OK)
		return gate_leave(&g, rv);
	for (i = 0; i < ARRAY_LEN(cancels); i++)
		if ((flags & cancels[i].flag) != 0)
			operation_cancel(g.session, cancels[i].use);
	for (i = 0; i < ARRAY_LEN(message_cancels); i++)
		if ((flags & message_cancels[i].flag) != 0)
			message_cancel(g.session, message_cancels[i].use);
	if ((flags & CKF_FIND_OBJECTS) != 0)
		search_cancel(g.session);
	return gate_leave(&g, CKR_OK);
}
