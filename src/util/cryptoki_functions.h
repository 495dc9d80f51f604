/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_CRYPTOKI_FUNCTIONS_H
#define UTIL_CRYPTOKI_FUNCTIONS_H

/*
 * The functions of Cryptoki 3.0 and 3.2 and the tables that hold them.
 * Include cryptoki.h, not this.
 *
 * The three lists of names are the standard's order (its pkcs11f.h): a table
 * of a later version extends the earlier one at the end and nowhere else.  The
 * function tables here and the ones that the module fills are made from them.
 */

#define CRYPTOKI_FUNCTIONS_2_40(X) \
	X(C_Initialize) \
	X(C_Finalize) \
	X(C_GetInfo) \
	X(C_GetFunctionList) \
	X(C_GetSlotList) \
	X(C_GetSlotInfo) \
	X(C_GetTokenInfo) \
	X(C_GetMechanismList) \
	X(C_GetMechanismInfo) \
	X(C_InitToken) \
	X(C_InitPIN) \
	X(C_SetPIN) \
	X(C_OpenSession) \
	X(C_CloseSession) \
	X(C_CloseAllSessions) \
	X(C_GetSessionInfo) \
	X(C_GetOperationState) \
	X(C_SetOperationState) \
	X(C_Login) \
	X(C_Logout) \
	X(C_CreateObject) \
	X(C_CopyObject) \
	X(C_DestroyObject) \
	X(C_GetObjectSize) \
	X(C_GetAttributeValue) \
	X(C_SetAttributeValue) \
	X(C_FindObjectsInit) \
	X(C_FindObjects) \
	X(C_FindObjectsFinal) \
	X(C_EncryptInit) \
	X(C_Encrypt) \
	X(C_EncryptUpdate) \
	X(C_EncryptFinal) \
	X(C_DecryptInit) \
	X(C_Decrypt) \
	X(C_DecryptUpdate) \
	X(C_DecryptFinal) \
	X(C_DigestInit) \
	X(C_Digest) \
	X(C_DigestUpdate) \
	X(C_DigestKey) \
	X(C_DigestFinal) \
	X(C_SignInit) \
	X(C_Sign) \
	X(C_SignUpdate) \
	X(C_SignFinal) \
	X(C_SignRecoverInit) \
	X(C_SignRecover) \
	X(C_VerifyInit) \
	X(C_Verify) \
	X(C_VerifyUpdate) \
	X(C_VerifyFinal) \
	X(C_VerifyRecoverInit) \
	X(C_VerifyRecover) \
	X(C_DigestEncryptUpdate) \
	X(C_DecryptDigestUpdate) \
	X(C_SignEncryptUpdate) \
	X(C_DecryptVerifyUpdate) \
	X(C_GenerateKey) \
	X(C_GenerateKeyPair) \
	X(C_WrapKey) \
	X(C_UnwrapKey) \
	X(C_DeriveKey) \
	X(C_SeedRandom) \
	X(C_GenerateRandom) \
	X(C_GetFunctionStatus) \
	X(C_CancelFunction) \
	X(C_WaitForSlotEvent)

#define CRYPTOKI_FUNCTIONS_3_0(X) \
	X(C_GetInterfaceList) \
	X(C_GetInterface) \
	X(C_LoginUser) \
	X(C_SessionCancel) \
	X(C_MessageEncryptInit) \
	X(C_EncryptMessage) \
	X(C_EncryptMessageBegin) \
	X(C_EncryptMessageNext) \
	X(C_MessageEncryptFinal) \
	X(C_MessageDecryptInit) \
	X(C_DecryptMessage) \
	X(C_DecryptMessageBegin) \
	X(C_DecryptMessageNext) \
	X(C_MessageDecryptFinal) \
	X(C_MessageSignInit) \
	X(C_SignMessage) \
	X(C_SignMessageBegin) \
	X(C_SignMessageNext) \
	X(C_MessageSignFinal) \
	X(C_MessageVerifyInit) \
	X(C_VerifyMessage) \
	X(C_VerifyMessageBegin) \
	X(C_VerifyMessageNext) \
	X(C_MessageVerifyFinal)

#define CRYPTOKI_FUNCTIONS_3_2(X) \
	X(C_EncapsulateKey) \
	X(C_DecapsulateKey) \
	X(C_VerifySignatureInit) \
	X(C_VerifySignature) \
	X(C_VerifySignatureUpdate) \
	X(C_VerifySignatureFinal) \
	X(C_GetSessionValidationFlags) \
	X(C_AsyncComplete) \
	X(C_AsyncGetID) \
	X(C_AsyncJoin) \
	X(C_WrapKeyAuthenticated) \
	X(C_UnwrapKeyAuthenticated)

/* As p11-kit does it: a pointer type CK_C_Name and the prototype of C_Name. */
#define CRYPTOKI_DECLARE(name, args) \
	typedef CK_RV(*CK_##name) args; \
	CK_RV CK_SPEC name args
#define CRYPTOKI_MEMBER(name) CK_##name name;

#if !CRYPTOKI_HAVE(3, 0)

CRYPTOKI_DECLARE(C_GetInterfaceList,
	(CK_INTERFACE_PTR pInterfacesList, CK_ULONG_PTR pulCount));
CRYPTOKI_DECLARE(C_GetInterface,
	(CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion,
		CK_INTERFACE_PTR_PTR ppInterface, CK_FLAGS flags));
CRYPTOKI_DECLARE(C_LoginUser,
	(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType,
		CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen,
		CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen));
CRYPTOKI_DECLARE(C_SessionCancel, (CK_SESSION_HANDLE hSession, CK_FLAGS flags));

CRYPTOKI_DECLARE(C_MessageEncryptInit,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hKey));
CRYPTOKI_DECLARE(C_EncryptMessage,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData,
		CK_ULONG ulAssociatedDataLen, CK_BYTE_PTR pPlaintext,
		CK_ULONG ulPlaintextLen, CK_BYTE_PTR pCiphertext,
		CK_ULONG_PTR pulCiphertextLen));
CRYPTOKI_DECLARE(C_EncryptMessageBegin,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData,
		CK_ULONG ulAssociatedDataLen));
CRYPTOKI_DECLARE(C_EncryptMessageNext,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pPlaintextPart,
		CK_ULONG ulPlaintextPartLen, CK_BYTE_PTR pCiphertextPart,
		CK_ULONG_PTR pulCiphertextPartLen, CK_FLAGS flags));
CRYPTOKI_DECLARE(C_MessageEncryptFinal, (CK_SESSION_HANDLE hSession));

CRYPTOKI_DECLARE(C_MessageDecryptInit,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hKey));
CRYPTOKI_DECLARE(C_DecryptMessage,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData,
		CK_ULONG ulAssociatedDataLen, CK_BYTE_PTR pCiphertext,
		CK_ULONG ulCiphertextLen, CK_BYTE_PTR pPlaintext,
		CK_ULONG_PTR pulPlaintextLen));
CRYPTOKI_DECLARE(C_DecryptMessageBegin,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData,
		CK_ULONG ulAssociatedDataLen));
CRYPTOKI_DECLARE(C_DecryptMessageNext,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pCiphertextPart,
		CK_ULONG ulCiphertextPartLen, CK_BYTE_PTR pPlaintextPart,
		CK_ULONG_PTR pulPlaintextPartLen, CK_FLAGS flags));
CRYPTOKI_DECLARE(C_MessageDecryptFinal, (CK_SESSION_HANDLE hSession));

CRYPTOKI_DECLARE(C_MessageSignInit,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hKey));
CRYPTOKI_DECLARE(C_SignMessage,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
		CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen));
CRYPTOKI_DECLARE(C_SignMessageBegin,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen));
CRYPTOKI_DECLARE(C_SignMessageNext,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
		CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen));
CRYPTOKI_DECLARE(C_MessageSignFinal, (CK_SESSION_HANDLE hSession));

CRYPTOKI_DECLARE(C_MessageVerifyInit,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hKey));
CRYPTOKI_DECLARE(C_VerifyMessage,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
		CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen));
CRYPTOKI_DECLARE(C_VerifyMessageBegin,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen));
CRYPTOKI_DECLARE(C_VerifyMessageNext,
	(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
		CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
		CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen));
CRYPTOKI_DECLARE(C_MessageVerifyFinal, (CK_SESSION_HANDLE hSession));

typedef struct CK_FUNCTION_LIST_3_0 {
	CK_VERSION version;
	CRYPTOKI_FUNCTIONS_2_40(CRYPTOKI_MEMBER)
	CRYPTOKI_FUNCTIONS_3_0(CRYPTOKI_MEMBER)
} CK_FUNCTION_LIST_3_0, *CK_FUNCTION_LIST_3_0_PTR,
	**CK_FUNCTION_LIST_3_0_PTR_PTR;

#endif /* 3.0 */

#if !CRYPTOKI_HAVE(3, 2)

CRYPTOKI_DECLARE(C_EncapsulateKey,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hPublicKey, CK_ATTRIBUTE_PTR pTemplate,
		CK_ULONG ulAttributeCount, CK_BYTE_PTR pCiphertext,
		CK_ULONG_PTR pulCiphertextLen, CK_OBJECT_HANDLE_PTR phKey));
CRYPTOKI_DECLARE(C_DecapsulateKey,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hPrivateKey, CK_ATTRIBUTE_PTR pTemplate,
		CK_ULONG ulAttributeCount, CK_BYTE_PTR pCiphertext,
		CK_ULONG ulCiphertextLen, CK_OBJECT_HANDLE_PTR phKey));

CRYPTOKI_DECLARE(C_VerifySignatureInit,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pSignature,
		CK_ULONG ulSignatureLen));
CRYPTOKI_DECLARE(C_VerifySignature,
	(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen));
CRYPTOKI_DECLARE(C_VerifySignatureUpdate,
	(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen));
CRYPTOKI_DECLARE(C_VerifySignatureFinal, (CK_SESSION_HANDLE hSession));

CRYPTOKI_DECLARE(C_GetSessionValidationFlags,
	(CK_SESSION_HANDLE hSession, CK_SESSION_VALIDATION_FLAGS_TYPE type,
		CK_FLAGS_PTR pFlags));

CRYPTOKI_DECLARE(C_AsyncComplete,
	(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName,
		CK_ASYNC_DATA_PTR pResult));
CRYPTOKI_DECLARE(C_AsyncGetID,
	(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName,
		CK_ULONG_PTR pulID));
CRYPTOKI_DECLARE(C_AsyncJoin,
	(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName,
		CK_ULONG ulID, CK_BYTE_PTR pData, CK_ULONG ulData));

CRYPTOKI_DECLARE(C_WrapKeyAuthenticated,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hWrappingKey, CK_OBJECT_HANDLE hKey,
		CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen,
		CK_BYTE_PTR pWrappedKey, CK_ULONG_PTR pulWrappedKeyLen));
CRYPTOKI_DECLARE(C_UnwrapKeyAuthenticated,
	(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
		CK_OBJECT_HANDLE hUnwrappingKey, CK_BYTE_PTR pWrappedKey,
		CK_ULONG ulWrappedKeyLen, CK_ATTRIBUTE_PTR pTemplate,
		CK_ULONG ulAttributeCount, CK_BYTE_PTR pAssociatedData,
		CK_ULONG ulAssociatedDataLen, CK_OBJECT_HANDLE_PTR phKey));

typedef struct CK_FUNCTION_LIST_3_2 {
	CK_VERSION version;
	CRYPTOKI_FUNCTIONS_2_40(CRYPTOKI_MEMBER)
	CRYPTOKI_FUNCTIONS_3_0(CRYPTOKI_MEMBER)
	CRYPTOKI_FUNCTIONS_3_2(CRYPTOKI_MEMBER)
} CK_FUNCTION_LIST_3_2, *CK_FUNCTION_LIST_3_2_PTR,
	**CK_FUNCTION_LIST_3_2_PTR_PTR;

#endif /* 3.2 */

#endif
