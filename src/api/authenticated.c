/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrapping with authenticated data (PKCS#11 3.2, 5.18): no mechanism does. */
#include "api/running.h"

static CK_RV
no_mechanism(const char *name, CK_SESSION_HANDLE session, bool complete)
{
	return run_unsupported(name, session,
	    complete ? CKR_MECHANISM_INVALID : CKR_ARGUMENTS_BAD);
}

CK_RV
C_WrapKeyAuthenticated(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, CK_BYTE_PTR aad,
    CK_ULONG aad_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	(void)wrapping_key;
	(void)key;
	(void)out;
	return no_mechanism("C_WrapKeyAuthenticated", session, m != NULL &&
	    out_len != NULL && (aad != NULL || aad_len == 0));
}

CK_RV
C_UnwrapKeyAuthenticated(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE unwrapping_key, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_ATTRIBUTE_PTR tmpl, CK_ULONG count, CK_BYTE_PTR aad, CK_ULONG aad_len,
    CK_OBJECT_HANDLE_PTR key)
{
	(void)unwrapping_key;
	(void)in_len;
	return no_mechanism("C_UnwrapKeyAuthenticated", session, m != NULL &&
	    in != NULL && key != NULL && (aad != NULL || aad_len == 0) &&
	    (tmpl != NULL || count == 0));
}
