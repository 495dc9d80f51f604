/* SPDX-License-Identifier: BSD-2-Clause */
/* Signing, verification and recovery (PKCS#11 3.x, 5.13 and 5.15). */
#include "api/running.h"
#include "session/verify.h"

CK_RV
C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_SignInit", MECH_SIGN, session, m, key);
}

CK_RV
C_Sign(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_single("C_Sign", MECH_SIGN, session, PART(in, in_len), out,
	    out_len);
}

CK_RV
C_SignUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len)
{
	return run_update("C_SignUpdate", MECH_SIGN, session,
	    PART(in, in_len), NULL, NULL);
}

CK_RV
C_SignFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_final("C_SignFinal", MECH_SIGN, session, out, out_len);
}

CK_RV
C_SignRecoverInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_SignRecoverInit", MECH_SIGN_RECOVER, session, m,
	    key);
}

CK_RV
C_SignRecover(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_single("C_SignRecover", MECH_SIGN_RECOVER, session,
	    PART(in, in_len), out, out_len);
}

CK_RV
C_VerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_VerifyInit", MECH_VERIFY, session, m, key);
}

CK_RV
C_Verify(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR signature, CK_ULONG signature_len)
{
	struct gate g = GATE("C_Verify");
	const struct view data = { in, in_len };
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = verify_single(g.session, data,
		    (struct view){ signature, signature_len });
	return gate_leave(&g, rv);
}

CK_RV
C_VerifyUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len)
{
	return run_update("C_VerifyUpdate", MECH_VERIFY, session,
	    PART(in, in_len), NULL, NULL);
}

CK_RV
C_VerifyFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR signature,
    CK_ULONG signature_len)
{
	struct gate g = GATE("C_VerifyFinal");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = verify_final(g.session,
		    (struct view){ signature, signature_len });
	return gate_leave(&g, rv);
}

CK_RV
C_VerifyRecoverInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_VerifyRecoverInit", MECH_VERIFY_RECOVER, session,
	    m, key);
}

CK_RV
C_VerifyRecover(CK_SESSION_HANDLE session, CK_BYTE_PTR signature,
    CK_ULONG signature_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_single("C_VerifyRecover", MECH_VERIFY_RECOVER, session,
	    PART(signature, signature_len), out, out_len);
}
