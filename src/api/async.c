/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asynchronous function management (PKCS#11 3.2, 5.21). C_OpenSession opens
 * no asynchronous session, so there is never anything to complete or to join;
 * these are the stubs that 5.1 asks for.
 */
#include "api/running.h"

CK_RV
C_AsyncComplete(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR function,
    CK_ASYNC_DATA_PTR result)
{
	(void)function;
	(void)result;
	return run_unsupported("C_AsyncComplete", session,
	    CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV
C_AsyncGetID(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR function,
    CK_ULONG_PTR id)
{
	(void)function;
	(void)id;
	return run_unsupported("C_AsyncGetID", session,
	    CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV
C_AsyncJoin(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR function, CK_ULONG id,
    CK_BYTE_PTR data, CK_ULONG data_len)
{
	(void)function;
	(void)id;
	(void)data;
	(void)data_len;
	return run_unsupported("C_AsyncJoin", session,
	    CKR_FUNCTION_NOT_SUPPORTED);
}
