/* SPDX-License-Identifier: BSD-2-Clause */
#include "matrix.h"

#include <string.h>

static CK_FUNCTION_LIST_3_2 *p11_32;

/* The lists of return values, their common parts first. */
#define BAD "ARGUMENTS_BAD "
#define INIT BAD "KEY_FUNCTION_NOT_PERMITTED KEY_HANDLE_INVALID " \
	"KEY_SIZE_RANGE KEY_TYPE_INCONSISTENT MECHANISM_INVALID " \
	"MECHANISM_PARAM_INVALID OPERATION_ACTIVE PIN_EXPIRED " \
	"USER_NOT_LOGGED_IN OPERATION_CANCEL_FAILED "
#define RUN BAD "OPERATION_ACTIVE OPERATION_NOT_INITIALIZED "
#define OUTPUT "BUFFER_TOO_SMALL "
#define DATA "DATA_INVALID DATA_LEN_RANGE "
#define CIPHERTEXT "ENCRYPTED_DATA_INVALID ENCRYPTED_DATA_LEN_RANGE " \
	"USER_NOT_LOGGED_IN "
#define SIGNS "USER_NOT_LOGGED_IN FUNCTION_REJECTED " \
	"TOKEN_RESOURCE_EXCEEDED "
#define VERIFIES "SIGNATURE_INVALID SIGNATURE_LEN_RANGE " \
	"TOKEN_RESOURCE_EXCEEDED "
#define PARAM "MECHANISM_PARAM_INVALID "
#define ATTRIBUTES "ATTRIBUTE_READ_ONLY ATTRIBUTE_TYPE_INVALID " \
	"ATTRIBUTE_VALUE_INVALID "
#define CREATES BAD ATTRIBUTES "CURVE_NOT_SUPPORTED " \
	"DOMAIN_PARAMS_INVALID PIN_EXPIRED SESSION_READ_ONLY " \
	"TEMPLATE_INCOMPLETE TEMPLATE_INCONSISTENT TOKEN_WRITE_PROTECTED " \
	"USER_NOT_LOGGED_IN "
#define MAKES CREATES "MECHANISM_INVALID MECHANISM_PARAM_INVALID " \
	"OPERATION_ACTIVE "
#define DERIVES MAKES "KEY_HANDLE_INVALID KEY_SIZE_RANGE " \
	"KEY_TYPE_INCONSISTENT KEY_FUNCTION_NOT_PERMITTED "
#define WRAPS BAD OUTPUT "KEY_HANDLE_INVALID KEY_NOT_WRAPPABLE " \
	"KEY_SIZE_RANGE KEY_UNEXTRACTABLE MECHANISM_INVALID " \
	"MECHANISM_PARAM_INVALID OPERATION_ACTIVE PIN_EXPIRED " \
	"USER_NOT_LOGGED_IN WRAPPING_KEY_HANDLE_INVALID " \
	"WRAPPING_KEY_SIZE_RANGE WRAPPING_KEY_TYPE_INCONSISTENT " \
	"KEY_FUNCTION_NOT_PERMITTED "
#define UNWRAPS MAKES OUTPUT "UNWRAPPING_KEY_HANDLE_INVALID " \
	"UNWRAPPING_KEY_SIZE_RANGE UNWRAPPING_KEY_TYPE_INCONSISTENT " \
	"WRAPPED_KEY_INVALID WRAPPED_KEY_LEN_RANGE " \
	"KEY_FUNCTION_NOT_PERMITTED "
#define LOGINS BAD "OPERATION_ACTIVE OPERATION_NOT_INITIALIZED " \
	"PIN_INCORRECT PIN_LOCKED SESSION_READ_ONLY_EXISTS " \
	"USER_ALREADY_LOGGED_IN USER_ANOTHER_ALREADY_LOGGED_IN " \
	"USER_PIN_NOT_INITIALIZED USER_TOO_MANY_TYPES USER_TYPE_INVALID "

/* Arguments that many functions share. */
#define IN a->in, a->in_len
#define OUT a->out, a->out_len
#define SIG a->sig, a->sig_len
#define TMPL a->tmpl, a->count
#define INIT_ARGS (a->h, a->m, a->key)
#define IN_OUT (a->h, IN, OUT)
#define MUST_IN_OUT M_IN | M_LEN

/* X(since, name, arguments, takes, use, inits, must, query, has, may) */
#define GENERAL(X) \
	X(0, C_GetInfo, (a->info), M_NOTHING, U_NONE, 0, M_INFO, 0, 0, BAD) \
	X(0, C_GetFunctionList, (a->info), M_NOTHING, U_NONE, 0, M_INFO, 0, \
	    0, BAD "NEVER_NOT_INITIALIZED ") \
	X(0, C_GetSlotList, (CK_FALSE, a->info, a->out_len), M_NOTHING, \
	    U_NONE, 0, M_LEN, M_INFO, 0, BAD OUTPUT) \
	X(0, C_WaitForSlotEvent, (CKF_DONT_BLOCK, a->info, NULL), \
	    M_NOTHING, U_NONE, 0, M_INFO, 0, 0, BAD "NO_EVENT ") \
	X(0, C_GetSlotInfo, (a->h, a->info), M_SLOT, U_NONE, 0, M_INFO, 0, \
	    0, BAD) \
	X(0, C_GetTokenInfo, (a->h, a->info), M_SLOT, U_NONE, 0, M_INFO, 0, \
	    0, BAD) \
	X(0, C_GetMechanismList, (a->h, a->info, a->out_len), M_SLOT, \
	    U_NONE, 0, M_LEN, M_INFO, 0, BAD OUTPUT) \
	X(0, C_GetMechanismInfo, (a->h, CKM_SHA256, a->info), M_SLOT, \
	    U_NONE, 0, M_INFO, 0, 0, BAD "MECHANISM_INVALID ") \
	X(0, C_InitToken, (a->h, IN, a->info), M_SLOT, U_SPARE_SLOT, 0, \
	    M_IN | M_INFO, 0, M_INLEN, BAD "PIN_INCORRECT PIN_LOCKED " \
	    "PIN_INVALID PIN_LEN_RANGE SESSION_EXISTS " \
	    "TOKEN_WRITE_PROTECTED ") \
	X(0, C_OpenSession, (a->h, CKF_SERIAL_SESSION, NULL, NULL, a->made), \
	    M_SLOT, U_NONE, 0, M_MADE, 0, 0, BAD \
	    "SESSION_PARALLEL_NOT_SUPPORTED SESSION_COUNT " \
	    "SESSION_READ_WRITE_SO_EXISTS ") \
	X(0, C_CloseAllSessions, (a->h), M_SLOT, U_SPARE_SLOT, 0, 0, 0, 0, \
	    "") \
	X(0, C_InitPIN, (a->h, IN), M_SESSION, U_SO, 0, M_IN, 0, M_INLEN, \
	    BAD "PIN_INVALID PIN_LEN_RANGE SESSION_READ_ONLY " \
	    "TOKEN_WRITE_PROTECTED USER_NOT_LOGGED_IN ") \
	X(0, C_SetPIN, (a->h, IN, SIG), M_SESSION, U_PUBLIC, 0, \
	    M_IN | M_SIG, 0, M_INLEN | M_SIGLEN, BAD "PIN_INCORRECT " \
	    "PIN_INVALID PIN_LEN_RANGE PIN_LOCKED SESSION_READ_ONLY " \
	    "TOKEN_WRITE_PROTECTED ") \
	X(0, C_CloseSession, (a->h), M_SESSION, U_NONE, 0, 0, 0, 0, "") \
	X(0, C_GetSessionInfo, (a->h, a->info), M_SESSION, U_NONE, 0, \
	    M_INFO, 0, 0, BAD) \
	X(0, C_GetOperationState, (a->h, OUT), M_SESSION, U_DIGEST, 0, \
	    M_LEN, M_OUT, 0, BAD OUTPUT "OPERATION_NOT_INITIALIZED " \
	    "STATE_UNSAVEABLE ") \
	X(0, C_SetOperationState, (a->h, IN, 0, 0), M_SESSION, U_NONE, 0, \
	    M_IN, 0, M_INLEN, BAD "KEY_CHANGED KEY_NEEDED KEY_NOT_NEEDED " \
	    "SAVED_STATE_INVALID ") \
	X(0, C_Login, (a->h, CKU_USER, IN), M_SESSION, U_PUBLIC, 0, M_IN, 0, \
	    M_INLEN, LOGINS) \
	X(0, C_Logout, (a->h), M_SESSION, U_PUBLIC, 0, 0, 0, 0, \
	    "USER_NOT_LOGGED_IN ")

#define OBJECTS(X) \
	X(0, C_CreateObject, (a->h, TMPL, a->made), M_SESSION, U_CREATE, 0, \
	    M_TMPL | M_MADE, 0, M_MAKES, CREATES) \
	X(0, C_CopyObject, (a->h, a->key, TMPL, a->made), M_SESSION, \
	    U_OBJECT, 0, M_TMPL | M_MADE, 0, M_OBJECT | M_MAKES, CREATES \
	    "ACTION_PROHIBITED OBJECT_HANDLE_INVALID ") \
	X(0, C_DestroyObject, (a->h, a->key), M_SESSION, U_OBJECT, 0, 0, 0, \
	    M_OBJECT, "ACTION_PROHIBITED OBJECT_HANDLE_INVALID PIN_EXPIRED " \
	    "SESSION_READ_ONLY TOKEN_WRITE_PROTECTED ") \
	X(0, C_GetObjectSize, (a->h, a->key, a->out_len), M_SESSION, \
	    U_OBJECT, 0, M_LEN, 0, M_OBJECT, BAD "INFORMATION_SENSITIVE " \
	    "OBJECT_HANDLE_INVALID ") \
	X(0, C_GetAttributeValue, (a->h, a->key, TMPL), M_SESSION, U_OBJECT, \
	    0, M_TMPL, 0, M_OBJECT, BAD OUTPUT "ATTRIBUTE_SENSITIVE " \
	    "ATTRIBUTE_TYPE_INVALID OBJECT_HANDLE_INVALID ") \
	X(0, C_SetAttributeValue, (a->h, a->key, TMPL), M_SESSION, U_OBJECT, \
	    0, M_TMPL, 0, M_OBJECT | M_MAKES, BAD ATTRIBUTES \
	    "ACTION_PROHIBITED OBJECT_HANDLE_INVALID SESSION_READ_ONLY " \
	    "TEMPLATE_INCONSISTENT TOKEN_WRITE_PROTECTED " \
	    "USER_NOT_LOGGED_IN ") \
	X(0, C_FindObjectsInit, (a->h, TMPL), M_SESSION, U_FIND, 1, M_TMPL, \
	    0, 0, BAD "ATTRIBUTE_TYPE_INVALID ATTRIBUTE_VALUE_INVALID " \
	    "OPERATION_ACTIVE PIN_EXPIRED ") \
	X(0, C_FindObjects, (a->h, a->made, 1, a->out_len), M_SESSION, \
	    U_FIND, 0, M_MADE | M_LEN, 0, 0, RUN) \
	X(0, C_FindObjectsFinal, (a->h), M_SESSION, U_FIND, 0, 0, 0, 0, RUN)

#define CIPHERS(X) \
	X(0, C_EncryptInit, INIT_ARGS, M_SESSION, U_ENCRYPT, 1, 0, 0, M_KEY, \
	    INIT) \
	X(0, C_Encrypt, IN_OUT, M_SESSION, U_ENCRYPT, 0, MUST_IN_OUT, M_OUT, \
	    M_INLEN, RUN OUTPUT DATA) \
	X(0, C_EncryptUpdate, IN_OUT, M_SESSION, U_ENCRYPT, 0, MUST_IN_OUT, \
	    M_OUT, M_INLEN, RUN OUTPUT DATA) \
	X(0, C_EncryptFinal, (a->h, OUT), M_SESSION, U_ENCRYPT, 0, M_LEN, \
	    M_OUT, 0, RUN OUTPUT "DATA_LEN_RANGE ") \
	X(0, C_DecryptInit, INIT_ARGS, M_SESSION, U_DECRYPT, 1, 0, 0, M_KEY, \
	    INIT) \
	X(0, C_Decrypt, IN_OUT, M_SESSION, U_DECRYPT, 0, MUST_IN_OUT, M_OUT, \
	    M_INLEN, RUN OUTPUT CIPHERTEXT) \
	X(0, C_DecryptUpdate, IN_OUT, M_SESSION, U_DECRYPT, 0, MUST_IN_OUT, \
	    M_OUT, M_INLEN, RUN OUTPUT CIPHERTEXT) \
	X(0, C_DecryptFinal, (a->h, OUT), M_SESSION, U_DECRYPT, 0, M_LEN, \
	    M_OUT, 0, RUN OUTPUT CIPHERTEXT) \
	X(0, C_DigestEncryptUpdate, IN_OUT, M_SESSION, U_DIGEST_ENCRYPT, 0, \
	    MUST_IN_OUT, M_OUT, M_INLEN, RUN OUTPUT "DATA_LEN_RANGE ") \
	X(0, C_DecryptDigestUpdate, IN_OUT, M_SESSION, U_DECRYPT_DIGEST, 0, \
	    MUST_IN_OUT, M_OUT, M_INLEN, RUN OUTPUT CIPHERTEXT) \
	X(0, C_SignEncryptUpdate, IN_OUT, M_SESSION, U_SIGN_ENCRYPT, 0, \
	    MUST_IN_OUT, M_OUT, M_INLEN, RUN OUTPUT "DATA_LEN_RANGE " \
	    "USER_NOT_LOGGED_IN ") \
	X(0, C_DecryptVerifyUpdate, IN_OUT, M_SESSION, U_DECRYPT_VERIFY, 0, \
	    MUST_IN_OUT, M_OUT, M_INLEN, RUN OUTPUT CIPHERTEXT DATA)

#define DIGESTS(X) \
	X(0, C_DigestInit, (a->h, a->m), M_SESSION, U_DIGEST, 1, 0, 0, 0, \
	    BAD "MECHANISM_INVALID MECHANISM_PARAM_INVALID " \
	    "OPERATION_ACTIVE PIN_EXPIRED USER_NOT_LOGGED_IN " \
	    "OPERATION_CANCEL_FAILED ") \
	X(0, C_Digest, IN_OUT, M_SESSION, U_DIGEST, 0, MUST_IN_OUT, M_OUT, \
	    M_INLEN, RUN OUTPUT) \
	X(0, C_DigestUpdate, (a->h, IN), M_SESSION, U_DIGEST, 0, M_IN, 0, \
	    M_INLEN, RUN) \
	X(0, C_DigestKey, (a->h, a->key), M_SESSION, U_DIGEST, 0, 0, 0, \
	    M_KEY, RUN "KEY_HANDLE_INVALID KEY_INDIGESTIBLE KEY_SIZE_RANGE ") \
	X(0, C_DigestFinal, (a->h, OUT), M_SESSION, U_DIGEST, 0, M_LEN, \
	    M_OUT, 0, RUN OUTPUT)

#define SIGNATURES(X) \
	X(0, C_SignInit, INIT_ARGS, M_SESSION, U_SIGN, 1, 0, 0, M_KEY, INIT) \
	X(0, C_Sign, IN_OUT, M_SESSION, U_SIGN, 0, MUST_IN_OUT, M_OUT, \
	    M_INLEN, RUN OUTPUT DATA SIGNS) \
	X(0, C_SignUpdate, (a->h, IN), M_SESSION, U_SIGN, 0, M_IN, 0, \
	    M_INLEN, RUN DATA SIGNS) \
	X(0, C_SignFinal, (a->h, OUT), M_SESSION, U_SIGN, 0, M_LEN, M_OUT, \
	    0, RUN OUTPUT DATA SIGNS) \
	X(0, C_SignRecoverInit, INIT_ARGS, M_SESSION, U_SIGN_RECOVER, 1, 0, \
	    0, M_KEY, INIT) \
	X(0, C_SignRecover, IN_OUT, M_SESSION, U_SIGN_RECOVER, 0, \
	    MUST_IN_OUT, M_OUT, M_INLEN, RUN OUTPUT DATA SIGNS) \
	X(0, C_VerifyInit, INIT_ARGS, M_SESSION, U_VERIFY, 1, 0, 0, M_KEY, \
	    INIT) \
	X(0, C_Verify, (a->h, IN, SIG), M_SESSION, U_VERIFY, 0, \
	    M_IN | M_SIG, 0, M_INLEN | M_SIGLEN, RUN DATA VERIFIES) \
	X(0, C_VerifyUpdate, (a->h, IN), M_SESSION, U_VERIFY, 0, M_IN, 0, \
	    M_INLEN, RUN DATA VERIFIES) \
	X(0, C_VerifyFinal, (a->h, SIG), M_SESSION, U_VERIFY, 0, M_SIG, 0, \
	    M_SIGLEN, RUN DATA VERIFIES) \
	X(0, C_VerifyRecoverInit, INIT_ARGS, M_SESSION, U_VERIFY_RECOVER, 1, \
	    0, 0, M_KEY, INIT) \
	X(0, C_VerifyRecover, IN_OUT, M_SESSION, U_VERIFY_RECOVER, 0, \
	    MUST_IN_OUT, M_OUT, M_INLEN, RUN OUTPUT DATA VERIFIES)

#define KEYS(X) \
	X(0, C_GenerateKey, (a->h, a->m, TMPL, a->made), M_SESSION, \
	    U_GENERATE, 0, M_MECH | M_TMPL | M_MADE, 0, M_MAKES, MAKES) \
	X(0, C_GenerateKeyPair, (a->h, a->m, TMPL, a->tmpl2, a->count2, \
	    a->made, a->made2), M_SESSION, U_PAIR, 0, M_MECH | M_TMPL | \
	    M_TMPL2 | M_MADE | M_MADE2, 0, M_MAKES, MAKES) \
	X(0, C_WrapKey, (a->h, a->m, a->key, a->other, OUT), M_SESSION, \
	    U_WRAP, 0, M_MECH | M_LEN, M_OUT, M_KEY | M_STUB, WRAPS) \
	X(0, C_UnwrapKey, (a->h, a->m, a->key, IN, TMPL, a->made), \
	    M_SESSION, U_UNWRAP, 0, M_MECH | M_IN | M_TMPL | M_MADE, 0, \
	    M_KEY | M_MAKES | M_INLEN | M_STUB, UNWRAPS) \
	X(0, C_DeriveKey, (a->h, a->m, a->key, TMPL, a->made), M_SESSION, \
	    U_DERIVE, 0, M_MECH | M_TMPL | M_MADE, 0, M_KEY | M_MAKES, \
	    DERIVES) \
	X(0, C_SeedRandom, (a->h, IN), M_SESSION, U_NONE, 0, M_IN, 0, \
	    M_INLEN, BAD "OPERATION_ACTIVE RANDOM_SEED_NOT_SUPPORTED " \
	    "RANDOM_NO_RNG USER_NOT_LOGGED_IN ") \
	X(0, C_GenerateRandom, (a->h, IN), M_SESSION, U_NONE, 0, M_IN, 0, \
	    M_INLEN, BAD "OPERATION_ACTIVE RANDOM_NO_RNG " \
	    "USER_NOT_LOGGED_IN ") \
	X(0, C_GetFunctionStatus, (a->h), M_SESSION, U_NONE, 0, 0, 0, 0, \
	    "FUNCTION_NOT_PARALLEL ") \
	X(0, C_CancelFunction, (a->h), M_SESSION, U_NONE, 0, 0, 0, 0, \
	    "FUNCTION_NOT_PARALLEL ")

#define LATER(X) \
	X(30, C_GetInterfaceList, (a->info, a->out_len), M_NOTHING, U_NONE, \
	    0, M_LEN, M_INFO, 0, BAD OUTPUT "NEVER_NOT_INITIALIZED ") \
	X(30, C_GetInterface, (NULL, NULL, a->info, 0), M_NOTHING, U_NONE, \
	    0, M_INFO, 0, 0, BAD "NEVER_NOT_INITIALIZED ") \
	X(30, C_LoginUser, (a->h, CKU_USER, IN, NULL, 0), M_SESSION, \
	    U_PUBLIC, 0, M_IN, 0, M_INLEN, LOGINS) \
	X(30, C_SessionCancel, (a->h, CKF_SIGN), M_SESSION, U_NONE, 0, 0, 0, \
	    0, "OPERATION_CANCEL_FAILED TOKEN_NOT_PRESENT ")

/* The same four for a message to be given away and one to be taken. */
#define MESSAGES(X) \
	X(30, C_MessageEncryptInit, INIT_ARGS, M_SESSION, U_MSG_ENCRYPT, 1, \
	    0, 0, M_KEY | M_STUB, INIT) \
	X(30, C_EncryptMessage, (a->h, NULL, 0, NULL, 0, IN, OUT), \
	    M_SESSION, U_MSG_ENCRYPT, 0, MUST_IN_OUT, M_OUT, M_INLEN, \
	    RUN OUTPUT DATA PARAM) \
	X(30, C_EncryptMessageBegin, (a->h, NULL, 0, NULL, 0), M_SESSION, \
	    U_MSG_ENCRYPT, 0, 0, 0, 0, RUN PARAM) \
	X(30, C_EncryptMessageNext, (a->h, NULL, 0, IN, OUT, 0), M_SESSION, \
	    U_MSG_ENCRYPT_BEGUN, 0, MUST_IN_OUT, M_OUT, M_INLEN, \
	    RUN OUTPUT DATA PARAM) \
	X(30, C_MessageEncryptFinal, (a->h), M_SESSION, U_MSG_ENCRYPT, 0, 0, \
	    0, 0, RUN) \
	X(30, C_MessageDecryptInit, INIT_ARGS, M_SESSION, U_MSG_DECRYPT, 1, \
	    0, 0, M_KEY | M_STUB, INIT) \
	X(30, C_DecryptMessage, (a->h, NULL, 0, NULL, 0, IN, OUT), \
	    M_SESSION, U_MSG_DECRYPT, 0, MUST_IN_OUT, M_OUT, M_INLEN, \
	    RUN OUTPUT CIPHERTEXT PARAM) \
	X(30, C_DecryptMessageBegin, (a->h, NULL, 0, NULL, 0), M_SESSION, \
	    U_MSG_DECRYPT, 0, 0, 0, 0, RUN PARAM) \
	X(30, C_DecryptMessageNext, (a->h, NULL, 0, IN, OUT, 0), M_SESSION, \
	    U_MSG_DECRYPT_BEGUN, 0, MUST_IN_OUT, M_OUT, M_INLEN, \
	    RUN OUTPUT CIPHERTEXT PARAM) \
	X(30, C_MessageDecryptFinal, (a->h), M_SESSION, U_MSG_DECRYPT, 0, 0, \
	    0, 0, RUN) \
	X(30, C_MessageSignInit, INIT_ARGS, M_SESSION, U_MSG_SIGN, 1, 0, 0, \
	    M_KEY | M_STUB, INIT) \
	X(30, C_SignMessage, (a->h, NULL, 0, IN, OUT), M_SESSION, \
	    U_MSG_SIGN, 0, MUST_IN_OUT, M_OUT, M_INLEN, \
	    RUN OUTPUT DATA SIGNS PARAM) \
	X(30, C_SignMessageBegin, (a->h, NULL, 0), M_SESSION, U_MSG_SIGN, 0, \
	    0, 0, 0, RUN SIGNS PARAM) \
	X(30, C_SignMessageNext, (a->h, NULL, 0, IN, OUT), M_SESSION, \
	    U_MSG_SIGN_BEGUN, 0, M_IN, M_OUT, M_INLEN, \
	    RUN OUTPUT DATA SIGNS PARAM) \
	X(30, C_MessageSignFinal, (a->h), M_SESSION, U_MSG_SIGN, 0, 0, 0, 0, \
	    RUN SIGNS) \
	X(30, C_MessageVerifyInit, INIT_ARGS, M_SESSION, U_MSG_VERIFY, 1, 0, \
	    0, M_KEY | M_STUB, INIT) \
	X(30, C_VerifyMessage, (a->h, NULL, 0, IN, SIG), M_SESSION, \
	    U_MSG_VERIFY, 0, M_IN | M_SIG, 0, M_INLEN | M_SIGLEN, \
	    RUN DATA VERIFIES PARAM) \
	X(30, C_VerifyMessageBegin, (a->h, NULL, 0), M_SESSION, \
	    U_MSG_VERIFY, 0, 0, 0, 0, RUN PARAM) \
	X(30, C_VerifyMessageNext, (a->h, NULL, 0, IN, SIG), M_SESSION, \
	    U_MSG_VERIFY_BEGUN, 0, M_IN, 0, M_INLEN | M_SIGLEN, \
	    RUN DATA VERIFIES PARAM) \
	X(30, C_MessageVerifyFinal, (a->h), M_SESSION, U_MSG_VERIFY, 0, 0, \
	    0, 0, RUN)

#define NEWEST(X) \
	X(32, C_EncapsulateKey, (a->h, a->m, a->key, TMPL, OUT, a->made), \
	    M_SESSION, U_ENCAPSULATE, 0, M_MECH | M_TMPL | M_LEN | M_MADE, \
	    M_OUT, M_KEY | M_MAKES | M_STUB, DERIVES OUTPUT) \
	X(32, C_DecapsulateKey, (a->h, a->m, a->key, TMPL, IN, a->made), \
	    M_SESSION, U_DECAPSULATE, 0, M_MECH | M_TMPL | M_IN | M_MADE, 0, \
	    M_KEY | M_MAKES | M_INLEN | M_STUB, UNWRAPS \
	    "KEY_FUNCTION_NOT_PERMITTED ") \
	X(32, C_VerifySignatureInit, (a->h, a->m, a->key, SIG), M_SESSION, \
	    U_VERIFY_SIGNATURE, 1, M_SIG, 0, M_KEY, INIT VERIFIES) \
	X(32, C_VerifySignature, (a->h, IN), M_SESSION, U_VERIFY_SIGNATURE, \
	    0, M_IN, 0, M_INLEN, RUN DATA VERIFIES) \
	X(32, C_VerifySignatureUpdate, (a->h, IN), M_SESSION, \
	    U_VERIFY_SIGNATURE, 0, M_IN, 0, M_INLEN, RUN DATA VERIFIES) \
	X(32, C_VerifySignatureFinal, (a->h), M_SESSION, \
	    U_VERIFY_SIGNATURE, 0, 0, 0, 0, RUN DATA VERIFIES) \
	X(32, C_GetSessionValidationFlags, (a->h, \
	    CKS_LAST_VALIDATION_OK, a->out_len), M_SESSION, U_NONE, 0, \
	    M_LEN, 0, 0, BAD) \
	X(32, C_AsyncComplete, (a->h, a->sig, a->info), M_SESSION, U_ASYNC, \
	    0, M_SIG, 0, M_STUB, BAD "OPERATION_NOT_INITIALIZED ") \
	X(32, C_AsyncGetID, (a->h, a->sig, a->out_len), M_SESSION, U_ASYNC, \
	    0, M_SIG | M_LEN, 0, M_STUB, BAD "OPERATION_NOT_INITIALIZED " \
	    "STATE_UNSAVEABLE ") \
	X(32, C_AsyncJoin, (a->h, a->sig, 1, IN), M_SESSION, U_ASYNC, 0, \
	    M_SIG, 0, M_STUB, BAD OUTPUT "OPERATION_NOT_INITIALIZED " \
	    "SAVED_STATE_INVALID ") \
	X(32, C_WrapKeyAuthenticated, (a->h, a->m, a->key, a->other, NULL, \
	    0, OUT), M_SESSION, U_WRAP_AEAD, 0, M_MECH | M_LEN, M_OUT, \
	    M_KEY | M_STUB, WRAPS) \
	X(32, C_UnwrapKeyAuthenticated, (a->h, a->m, a->key, IN, TMPL, NULL, \
	    0, a->made), M_SESSION, U_UNWRAP_AEAD, 0, M_MECH | M_IN | M_TMPL | \
	    M_MADE, 0, M_KEY | M_MAKES | M_INLEN | M_STUB, UNWRAPS)

#define TABLE_0 p11
#define TABLE_30 p11_3
#define TABLE_32 p11_32

#define CALL(since, name, args, ...) \
	static void \
	call_##name(struct matrix_args *a, CK_RV *rv) \
	{ \
		(void)a; \
		*rv = TABLE_##since->name args; \
	}
#define ROW(since, name, args, takes, use, inits, must, query, has, may) \
	{ #name, since, takes, use, inits, must, query, has, may, \
	    call_##name },
#define ALL(X) \
	GENERAL(X) OBJECTS(X) CIPHERS(X) DIGESTS(X) SIGNATURES(X) KEYS(X) \
	LATER(X) MESSAGES(X) NEWEST(X)

ALL(CALL)
static const struct matrix_row rows[] = { ALL(ROW) };

CK_FUNCTION_LIST_3_2 *
matrix_3_2(void)
{
	CK_VERSION version = { 3, 2 };
	CK_UTF8CHAR name[] = "PKCS 11";
	CK_INTERFACE *interface = NULL;

	if (p11_32 == NULL && p11_3 != NULL && p11_3->C_GetInterface(name,
	    &version, &interface, 0) == CKR_OK)
		p11_32 = interface->pFunctionList;
	return p11_32;
}

/* The newer functions stand at the end. */
const struct matrix_row *
matrix_rows(size_t *n)
{
	unsigned newest = matrix_3_2() != NULL ? 32 : p11_3 != NULL ? 30 : 0;

	for (*n = P11_COUNT(rows); rows[*n - 1].since > newest; )
		(*n)--;
	return rows;
}

CK_RV
matrix_call(const struct matrix_row *row, struct matrix_args *a)
{
	CK_RV rv;

	row->call(a, &rv);
	return rv;
}

bool
matrix_listed(const char *list, CK_RV rv)
{
	const char *name = p11_rv_name(rv), *p;
	size_t n;

	if (strncmp(name, "CKR_", 4) != 0)
		return false;
	name += 4;
	n = strlen(name);
	for (p = list; (p = strstr(p, name)) != NULL; p += n)
		if ((p == list || p[-1] == ' ') &&
		    (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

bool
matrix_may(const struct matrix_row *row, CK_RV rv)
{
	switch (rv) {
	case CKR_OK:
		return true;
	case CKR_CRYPTOKI_NOT_INITIALIZED:
		return strstr(row->may, "NEVER_NOT_INITIALIZED") == NULL;
	case CKR_SLOT_ID_INVALID:
		return row->takes == M_SLOT;
	case CKR_SESSION_HANDLE_INVALID:
		return row->takes == M_SESSION;
	case CKR_FUNCTION_NOT_SUPPORTED:
		return (row->has & M_STUB) != 0;
	default:
		return matrix_listed(row->may, rv);
	}
}

void
matrix_null(struct matrix_args *a, CK_ULONG bit)
{
	switch (bit) {
	case M_MECH: a->m = NULL; break;
	case M_IN: a->in = NULL; break;
	case M_OUT: a->out = NULL; break;
	case M_LEN: a->out_len = NULL; break;
	case M_TMPL: a->tmpl = NULL; break;
	case M_TMPL2: a->tmpl2 = NULL; break;
	case M_MADE: a->made = NULL; break;
	case M_MADE2: a->made2 = NULL; break;
	case M_SIG: a->sig = NULL; break;
	case M_INFO: a->info = NULL; break;
	default: fail_msg("no pointer has bit 0x%lx", bit);
	}
}
