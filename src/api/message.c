/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message-based functions (PKCS#11 3.x, 5.9, 5.11, 5.14, 5.16). No mechanism
 * here works on messages, so none can be begun, and what comes after a
 * beginning has nothing to go on with.
 */
#include "api/running.h"

CK_RV
C_MessageEncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	(void)m;
	(void)key;

	return run_unsupported("C_MessageEncryptInit", session,
	    CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV
C_EncryptMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR aad, CK_ULONG aad_len, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	(void)param;
	(void)param_len;
	(void)aad;
	(void)aad_len;
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;

	return run_unsupported("C_EncryptMessage", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_EncryptMessageBegin(CK_SESSION_HANDLE session, void *param, CK_ULONG
    param_len, CK_BYTE_PTR aad, CK_ULONG aad_len)
{
	(void)param;
	(void)param_len;
	(void)aad;
	(void)aad_len;

	return run_unsupported("C_EncryptMessageBegin", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_EncryptMessageNext(CK_SESSION_HANDLE session, void *param, CK_ULONG
    param_len, CK_BYTE_PTR in, CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR
    out_len, CK_FLAGS flags)
{
	(void)param;
	(void)param_len;
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;
	(void)flags;

	return run_unsupported("C_EncryptMessageNext", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_MessageEncryptFinal(CK_SESSION_HANDLE session)
{
	return run_unsupported("C_MessageEncryptFinal", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_MessageDecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	(void)m;
	(void)key;

	return run_unsupported("C_MessageDecryptInit", session,
	    CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV
C_DecryptMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR aad, CK_ULONG aad_len, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	(void)param;
	(void)param_len;
	(void)aad;
	(void)aad_len;
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;

	return run_unsupported("C_DecryptMessage", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_DecryptMessageBegin(CK_SESSION_HANDLE session, void *param, CK_ULONG
    param_len, CK_BYTE_PTR aad, CK_ULONG aad_len)
{
	(void)param;
	(void)param_len;
	(void)aad;
	(void)aad_len;

	return run_unsupported("C_DecryptMessageBegin", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_DecryptMessageNext(CK_SESSION_HANDLE session, void *param, CK_ULONG
    param_len, CK_BYTE_PTR in, CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR
    out_len, CK_FLAGS flags)
{
	(void)param;
	(void)param_len;
	(void)in;
	(void)in_len;
	(void)out;
	(void)out_len;
	(void)flags;

	return run_unsupported("C_DecryptMessageNext", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_MessageDecryptFinal(CK_SESSION_HANDLE session)
{
	return run_unsupported("C_MessageDecryptFinal", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_MessageSignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	(void)m;
	(void)key;

	return run_unsupported("C_MessageSignInit", session,
	    CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV
C_SignMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR data, CK_ULONG data_len, CK_BYTE_PTR signature, CK_ULONG_PTR
    signature_len)
{
	(void)param;
	(void)param_len;
	(void)data;
	(void)data_len;
	(void)signature;
	(void)signature_len;

	return run_unsupported("C_SignMessage", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_SignMessageBegin(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len)
{
	(void)param;
	(void)param_len;

	return run_unsupported("C_SignMessageBegin", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_SignMessageNext(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR data, CK_ULONG data_len, CK_BYTE_PTR signature, CK_ULONG_PTR
    signature_len)
{
	(void)param;
	(void)param_len;
	(void)data;
	(void)data_len;
	(void)signature;
	(void)signature_len;

	return run_unsupported("C_SignMessageNext", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_MessageSignFinal(CK_SESSION_HANDLE session)
{
	return run_unsupported("C_MessageSignFinal", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_MessageVerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	(void)m;
	(void)key;

	return run_unsupported("C_MessageVerifyInit", session,
	    CKR_FUNCTION_NOT_SUPPORTED);
}

CK_RV
C_VerifyMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR data, CK_ULONG data_len, CK_BYTE_PTR signature, CK_ULONG
    signature_len)
{
	(void)param;
	(void)param_len;
	(void)data;
	(void)data_len;
	(void)signature;
	(void)signature_len;

	return run_unsupported("C_VerifyMessage", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_VerifyMessageBegin(CK_SESSION_HANDLE session, void *param, CK_ULONG
    param_len)
{
	(void)param;
	(void)param_len;

	return run_unsupported("C_VerifyMessageBegin", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_VerifyMessageNext(CK_SESSION_HANDLE session, void *param, CK_ULONG
    param_len, CK_BYTE_PTR data, CK_ULONG data_len, CK_BYTE_PTR signature,
    CK_ULONG signature_len)
{
	(void)param;
	(void)param_len;
	(void)data;
	(void)data_len;
	(void)signature;
	(void)signature_len;

	return run_unsupported("C_VerifyMessageNext", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}

CK_RV
C_MessageVerifyFinal(CK_SESSION_HANDLE session)
{
	return run_unsupported("C_MessageVerifyFinal", session,
	    CKR_OPERATION_NOT_INITIALIZED);
}
