/* SPDX-License-Identifier: BSD-2-Clause */
/* Random number generation functions (PKCS#11 3.x, 5.19). */
#include "api/gate.h"
#include "api/trace.h"

CK_RV
C_SeedRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR seed, CK_ULONG len)
{
	struct gate g = GATE("C_SeedRandom");
	CK_RV rv;

	trace_call(g.name, "session %lu, %lu bytes", session, len);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = seed == NULL || !view_is_sane(view_of(seed, len)) ?
		    CKR_ARGUMENTS_BAD :
		    token_seed(session_token(g.session), view_of(seed, len));
	return gate_leave(&g, rv);
}

CK_RV
C_GenerateRandom(CK_SESSION_HANDLE session, CK_BYTE_PTR out, CK_ULONG len)
{
	struct gate g = GATE("C_GenerateRandom");
	CK_RV rv;

	trace_call(g.name, "session %lu, %lu bytes", session, len);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = out == NULL || !view_is_sane(view_of(out, len)) ?
		    CKR_ARGUMENTS_BAD :
		    token_random(session_token(g.session), out, len);
	return gate_leave(&g, rv);
}
