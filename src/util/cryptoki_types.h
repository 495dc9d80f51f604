/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_CRYPTOKI_TYPES_H
#define UTIL_CRYPTOKI_TYPES_H

/*
 * The scalar types, and the structures of functions (not of mechanisms), that
 * p11-kit's header lacks.  Include cryptoki.h, not this.
 *
 * Scalar types stand unguarded: C11 lets a typedef be repeated when it names
 * the same type, and all of these are an unsigned long there too.  Structures
 * may not be repeated, so they go by the version that the header declares.
 */

typedef CK_ULONG *CK_FLAGS_PTR;

typedef CK_ULONG CK_CERTIFICATE_CATEGORY;
typedef CK_ULONG CK_JAVA_MIDP_SECURITY_DOMAIN;
typedef CK_ULONG CK_PROFILE_ID, *CK_PROFILE_ID_PTR;
typedef CK_ULONG CK_TRUST;

typedef CK_RSA_PKCS_OAEP_SOURCE_TYPE *CK_RSA_PKCS_OAEP_SOURCE_TYPE_PTR;
typedef CK_ULONG CK_EC_KDF_TYPE, *CK_EC_KDF_TYPE_PTR;
typedef CK_ULONG CK_X9_42_DH_KDF_TYPE, *CK_X9_42_DH_KDF_TYPE_PTR;
typedef CK_ULONG CK_X3DH_KDF_TYPE, *CK_X3DH_KDF_TYPE_PTR;
typedef CK_ULONG CK_X2RATCHET_KDF_TYPE, *CK_X2RATCHET_KDF_TYPE_PTR;
typedef CK_ULONG CK_XEDDSA_HASH_TYPE, *CK_XEDDSA_HASH_TYPE_PTR;
typedef CK_ULONG CK_GENERATOR_FUNCTION;
typedef CK_ULONG CK_PRF_DATA_TYPE;
typedef CK_MECHANISM_TYPE CK_SP800_108_PRF_TYPE;
typedef CK_ULONG CK_SP800_108_DKM_LENGTH_METHOD;
typedef CK_ULONG CK_PKCS5_PBKDF2_SALT_SOURCE_TYPE,
	*CK_PKCS5_PBKDF2_SALT_SOURCE_TYPE_PTR;
typedef CK_ULONG CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE,
	*CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE_PTR;
typedef CK_ULONG CK_OTP_PARAM_TYPE;

/* These three are whole mechanism parameters. */
typedef CK_ULONG CK_MAC_GENERAL_PARAMS, *CK_MAC_GENERAL_PARAMS_PTR;
typedef CK_ULONG CK_EXTRACT_PARAMS, *CK_EXTRACT_PARAMS_PTR;
typedef CK_ULONG CK_RC2_PARAMS, *CK_RC2_PARAMS_PTR;

typedef CK_ULONG CK_HEDGE_TYPE;
typedef CK_ULONG CK_ML_DSA_PARAMETER_SET_TYPE;
typedef CK_ULONG CK_ML_KEM_PARAMETER_SET_TYPE;
typedef CK_ULONG CK_SLH_DSA_PARAMETER_SET_TYPE;
typedef CK_ULONG CK_HSS_LEVELS;
typedef CK_ULONG CK_LMS_TYPE;
typedef CK_ULONG CK_LMOTS_TYPE;
typedef CK_ULONG CK_XMSS_PARAMETER_SET_TYPE;
typedef CK_ULONG CK_XMSSMT_PARAMETER_SET_TYPE;

typedef CK_ULONG CK_SESSION_VALIDATION_FLAGS_TYPE;
typedef CK_ULONG CK_VALIDATION_TYPE, *CK_VALIDATION_TYPE_PTR;
typedef CK_ULONG CK_VALIDATION_AUTHORITY_TYPE,
	*CK_VALIDATION_AUTHORITY_TYPE_PTR;

/* p11-kit 0.24 has these structures without the names for pointers to them. */
typedef CK_OTP_PARAM *CK_OTP_PARAM_PTR;
typedef CK_OTP_PARAMS *CK_OTP_PARAMS_PTR;
typedef CK_OTP_SIGNATURE_INFO *CK_OTP_SIGNATURE_INFO_PTR;

#if !CRYPTOKI_HAVE(3, 0)

/*
 * p11-kit 0.25 has a char pointer for the name: go through a void pointer to
 * fill it in or to read it.
 */
typedef struct CK_INTERFACE {
	CK_UTF8CHAR_PTR pInterfaceName;
	CK_VOID_PTR pFunctionList;
	CK_FLAGS flags;
} CK_INTERFACE, *CK_INTERFACE_PTR, **CK_INTERFACE_PTR_PTR;

#endif /* 3.0 */

#if !CRYPTOKI_HAVE(3, 2)

/* p11-kit, when it has it, calls ulValue ulValueLen. */
typedef struct CK_ASYNC_DATA {
	CK_ULONG ulVersion;
	CK_BYTE_PTR pValue;
	CK_ULONG ulValue;
	CK_OBJECT_HANDLE hObject;
	CK_OBJECT_HANDLE hAdditionalObject;
} CK_ASYNC_DATA, *CK_ASYNC_DATA_PTR;

#endif /* 3.2 */

#endif
