/* SPDX-License-Identifier: BSD-2-Clause */
/* Verification of a signature given at Init (PKCS#11 3.2, 5.15). */
#include "api/gate.h"
#include "session/verify.h"

CK_RV
C_VerifySignatureInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key, CK_BYTE_PTR signature, CK_ULONG signature_len)
{
	struct gate g = GATE("C_VerifySignatureInit");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = verify_signature_init(g.session, m, key,
		    (struct view){ signature, signature_len });
	return gate_leave(&g, rv);
}

CK_RV
C_VerifySignature(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len)
{
	struct gate g = GATE("C_VerifySignature");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = verify_signature_single(g.session,
		    (struct view){ in, in_len });
	return gate_leave(&g, rv);
}

CK_RV
C_VerifySignatureUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in,
    CK_ULONG in_len)
{
	struct gate g = GATE("C_VerifySignatureUpdate");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = verify_signature_update(g.session,
		    (struct view){ in, in_len });
	return gate_leave(&g, rv);
}

CK_RV
C_VerifySignatureFinal(CK_SESSION_HANDLE session)
{
	struct gate g = GATE("C_VerifySignatureFinal");
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = verify_signature_final(g.session);
	return gate_leave(&g, rv);
}
