/* SPDX-License-Identifier: BSD-2-Clause */
/* Message digesting functions (PKCS#11 3.x, 5.12). */
#include "api/running.h"

CK_RV
C_DigestInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m)
{
	return run_init("C_DigestInit", MECH_DIGEST, session, m,
	    CK_INVALID_HANDLE);
}

CK_RV
C_Digest(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_single("C_Digest", MECH_DIGEST, session, PART(in, in_len),
	    out, out_len);
}

CK_RV
C_DigestUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len)
{
	return run_update("C_DigestUpdate", MECH_DIGEST, session,
	    PART(in, in_len), NULL, NULL);
}

CK_RV
C_DigestKey(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	struct gate g = GATE("C_DigestKey");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = operation_digest_key(g.session, key);
	return gate_leave(&g, rv);
}

CK_RV
C_DigestFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR out,
    CK_ULONG_PTR out_len)
{
	return run_final("C_DigestFinal", MECH_DIGEST, session, out, out_len);
}
