/* SPDX-License-Identifier: BSD-2-Clause */
/* Dual-function operations (PKCS#11 3.x, 5.17), the state of operations (5.6),
 * and what once were parallel functions. */
#include "api/running.h"
#include "session/dual.h"
#include "session/state.h"

/* The first use gives the output; the second sees the plaintext. */
static CK_RV
run_dual(const char *name, enum mech_use cipher, enum mech_use other,
    CK_SESSION_HANDLE session, struct part in, struct part out,
    CK_ULONG *out_len)
{
	struct gate g = GATE(name);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = dual_update(g.session, cipher, other,
		    (struct view){ in.data, in.len }, out.data, out_len);
	return gate_leave(&g, rv);
}

CK_RV
C_DigestEncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in,
    CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_dual("C_DigestEncryptUpdate", MECH_ENCRYPT, MECH_DIGEST,
	    session, PART(in, in_len), PART(out, 0), out_len);
}

CK_RV
C_DecryptDigestUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in,
    CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_dual("C_DecryptDigestUpdate", MECH_DECRYPT, MECH_DIGEST,
	    session, PART(in, in_len), PART(out, 0), out_len);
}

CK_RV
C_SignEncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in,
    CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_dual("C_SignEncryptUpdate", MECH_ENCRYPT, MECH_SIGN,
	    session, PART(in, in_len), PART(out, 0), out_len);
}

CK_RV
C_DecryptVerifyUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in,
    CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_dual("C_DecryptVerifyUpdate", MECH_DECRYPT, MECH_VERIFY,
	    session, PART(in, in_len), PART(out, 0), out_len);
}

CK_RV
C_GetOperationState(CK_SESSION_HANDLE session, CK_BYTE_PTR state,
    CK_ULONG_PTR state_len)
{
	struct gate g = GATE("C_GetOperationState");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = state_save(g.session, state, state_len);
	return gate_leave(&g, rv);
}

CK_RV
C_SetOperationState(CK_SESSION_HANDLE session, CK_BYTE_PTR state,
    CK_ULONG state_len, CK_OBJECT_HANDLE encryption_key,
    CK_OBJECT_HANDLE authentication_key)
{
	struct gate g = GATE("C_SetOperationState");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = state_restore(g.session, (struct view){ state,
		    state_len }, encryption_key, authentication_key);
	return gate_leave(&g, rv);
}

/* Parallel functions have never been parallel (5.20). */
CK_RV
C_GetFunctionStatus(CK_SESSION_HANDLE session)
{
	return run_unsupported("C_GetFunctionStatus", session,
	    CKR_FUNCTION_NOT_PARALLEL);
}

CK_RV
C_CancelFunction(CK_SESSION_HANDLE session)
{
	return run_unsupported("C_CancelFunction", session,
	    CKR_FUNCTION_NOT_PARALLEL);
}
