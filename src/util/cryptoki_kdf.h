/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_CRYPTOKI_KDF_H
#define UTIL_CRYPTOKI_KDF_H

/*
 * The parameter structures of key derivation functions: HKDF, SP 800-108,
 * passwords, TLS, WTLS, IKE; and of the mechanisms that PKCS#11 calls
 * historical.  Include cryptoki.h, not this.
 */

typedef struct CK_HKDF_PARAMS {
	CK_BBOOL bExtract;
	CK_BBOOL bExpand;
	CK_MECHANISM_TYPE prfHashMechanism;
	CK_ULONG ulSaltType; /* one of CKF_HKDF_SALT_ */
	CK_BYTE_PTR pSalt;
	CK_ULONG ulSaltLen;
	CK_OBJECT_HANDLE hSaltKey;
	CK_BYTE_PTR pInfo;
	CK_ULONG ulInfoLen;
} CK_HKDF_PARAMS;

/* SP 800-108. */

typedef struct CK_PRF_DATA_PARAM {
	CK_PRF_DATA_TYPE type;
	CK_VOID_PTR pValue;
	CK_ULONG ulValueLen;
} CK_PRF_DATA_PARAM;

typedef struct CK_SP800_108_COUNTER_FORMAT {
	CK_BBOOL bLittleEndian;
	CK_ULONG ulWidthInBits;
} CK_SP800_108_COUNTER_FORMAT;

typedef struct CK_SP800_108_DKM_LENGTH_FORMAT {
	CK_SP800_108_DKM_LENGTH_METHOD dkmLengthMethod;
	CK_BBOOL bLittleEndian;
	CK_ULONG ulWidthInBits;
} CK_SP800_108_DKM_LENGTH_FORMAT;

typedef struct CK_DERIVED_KEY {
	CK_ATTRIBUTE_PTR pTemplate;
	CK_ULONG ulAttributeCount;
	CK_OBJECT_HANDLE_PTR phKey;
} CK_DERIVED_KEY;

typedef struct CK_SP800_108_KDF_PARAMS {
	CK_SP800_108_PRF_TYPE prfType;
	CK_ULONG ulNumberOfDataParams;
	CK_PRF_DATA_PARAM *pDataParams;
	CK_ULONG ulAdditionalDerivedKeys;
	CK_DERIVED_KEY *pAdditionalDerivedKeys;
} CK_SP800_108_KDF_PARAMS;

typedef struct CK_SP800_108_FEEDBACK_KDF_PARAMS {
	CK_SP800_108_PRF_TYPE prfType;
	CK_ULONG ulNumberOfDataParams;
	CK_PRF_DATA_PARAM *pDataParams;
	CK_ULONG ulIVLen;
	CK_BYTE_PTR pIV;
	CK_ULONG ulAdditionalDerivedKeys;
	CK_DERIVED_KEY *pAdditionalDerivedKeys;
} CK_SP800_108_FEEDBACK_KDF_PARAMS;

/* Passwords. */

typedef struct CK_PBE_PARAMS {
	CK_BYTE_PTR pInitVector;
	CK_UTF8CHAR_PTR pPassword;
	CK_ULONG ulPasswordLen;
	CK_BYTE_PTR pSalt;
	CK_ULONG ulSaltLen;
	CK_ULONG ulIteration;
} CK_PBE_PARAMS;

/* ulPasswordLen is a pointer by a slip of the standard; PARAMS2 mends it. */
typedef struct CK_PKCS5_PBKD2_PARAMS {
	CK_PKCS5_PBKDF2_SALT_SOURCE_TYPE saltSource;
	CK_VOID_PTR pSaltSourceData;
	CK_ULONG ulSaltSourceDataLen;
	CK_ULONG iterations;
	CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE prf;
	CK_VOID_PTR pPrfData;
	CK_ULONG ulPrfDataLen;
	CK_UTF8CHAR_PTR pPassword;
	CK_ULONG_PTR ulPasswordLen;
} CK_PKCS5_PBKD2_PARAMS;

typedef struct CK_PKCS5_PBKD2_PARAMS2 {
	CK_PKCS5_PBKDF2_SALT_SOURCE_TYPE saltSource;
	CK_VOID_PTR pSaltSourceData;
	CK_ULONG ulSaltSourceDataLen;
	CK_ULONG iterations;
	CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE prf;
	CK_VOID_PTR pPrfData;
	CK_ULONG ulPrfDataLen;
	CK_UTF8CHAR_PTR pPassword;
	CK_ULONG ulPasswordLen;
} CK_PKCS5_PBKD2_PARAMS2;

/* TLS. */

typedef struct CK_SSL3_RANDOM_DATA {
	CK_BYTE_PTR pClientRandom;
	CK_ULONG ulClientRandomLen;
	CK_BYTE_PTR pServerRandom;
	CK_ULONG ulServerRandomLen;
} CK_SSL3_RANDOM_DATA;

typedef struct CK_SSL3_MASTER_KEY_DERIVE_PARAMS {
	CK_SSL3_RANDOM_DATA RandomInfo;
	CK_VERSION_PTR pVersion;
} CK_SSL3_MASTER_KEY_DERIVE_PARAMS;

typedef struct CK_SSL3_KEY_MAT_OUT {
	CK_OBJECT_HANDLE hClientMacSecret;
	CK_OBJECT_HANDLE hServerMacSecret;
	CK_OBJECT_HANDLE hClientKey;
	CK_OBJECT_HANDLE hServerKey;
	CK_BYTE_PTR pIVClient;
	CK_BYTE_PTR pIVServer;
} CK_SSL3_KEY_MAT_OUT;

typedef struct CK_SSL3_KEY_MAT_PARAMS {
	CK_ULONG ulMacSizeInBits;
	CK_ULONG ulKeySizeInBits;
	CK_ULONG ulIVSizeInBits;
	CK_BBOOL bIsExport;
	CK_SSL3_RANDOM_DATA RandomInfo;
	CK_SSL3_KEY_MAT_OUT *pReturnedKeyMaterial;
} CK_SSL3_KEY_MAT_PARAMS;

typedef struct CK_TLS_PRF_PARAMS {
	CK_BYTE_PTR pSeed;
	CK_ULONG ulSeedLen;
	CK_BYTE_PTR pLabel;
	CK_ULONG ulLabelLen;
	CK_BYTE_PTR pOutput;
	CK_ULONG_PTR pulOutputLen;
} CK_TLS_PRF_PARAMS;

typedef struct CK_TLS12_MASTER_KEY_DERIVE_PARAMS {
	CK_SSL3_RANDOM_DATA RandomInfo;
	CK_VERSION_PTR pVersion;
	CK_MECHANISM_TYPE prfHashMechanism;
} CK_TLS12_MASTER_KEY_DERIVE_PARAMS;

typedef struct CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS {
	CK_MECHANISM_TYPE prfHashMechanism;
	CK_BYTE_PTR pSessionHash;
	CK_ULONG ulSessionHashLen;
	CK_VERSION_PTR pVersion;
} CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS;

typedef struct CK_TLS12_KEY_MAT_PARAMS {
	CK_ULONG ulMacSizeInBits;
	CK_ULONG ulKeySizeInBits;
	CK_ULONG ulIVSizeInBits;
	CK_BBOOL bIsExport;
	CK_SSL3_RANDOM_DATA RandomInfo;
	CK_SSL3_KEY_MAT_OUT *pReturnedKeyMaterial;
	CK_MECHANISM_TYPE prfHashMechanism;
} CK_TLS12_KEY_MAT_PARAMS;

typedef struct CK_TLS_KDF_PARAMS {
	CK_MECHANISM_TYPE prfMechanism;
	CK_BYTE_PTR pLabel;
	CK_ULONG ulLabelLength;
	CK_SSL3_RANDOM_DATA RandomInfo;
	CK_BYTE_PTR pContextData;
	CK_ULONG ulContextDataLength;
} CK_TLS_KDF_PARAMS;

typedef struct CK_TLS_MAC_PARAMS {
	CK_MECHANISM_TYPE prfHashMechanism;
	CK_ULONG ulMacLength;
	CK_ULONG ulServerOrClient;
} CK_TLS_MAC_PARAMS;

/* WTLS. */

typedef struct CK_WTLS_RANDOM_DATA {
	CK_BYTE_PTR pClientRandom;
	CK_ULONG ulClientRandomLen;
	CK_BYTE_PTR pServerRandom;
	CK_ULONG ulServerRandomLen;
} CK_WTLS_RANDOM_DATA;

typedef struct CK_WTLS_MASTER_KEY_DERIVE_PARAMS {
	CK_MECHANISM_TYPE DigestMechanism;
	CK_WTLS_RANDOM_DATA RandomInfo;
	CK_BYTE_PTR pVersion;
} CK_WTLS_MASTER_KEY_DERIVE_PARAMS;

typedef struct CK_WTLS_PRF_PARAMS {
	CK_MECHANISM_TYPE DigestMechanism;
	CK_BYTE_PTR pSeed;
	CK_ULONG ulSeedLen;
	CK_BYTE_PTR pLabel;
	CK_ULONG ulLabelLen;
	CK_BYTE_PTR pOutput;
	CK_ULONG_PTR pulOutputLen;
} CK_WTLS_PRF_PARAMS;

typedef struct CK_WTLS_KEY_MAT_OUT {
	CK_OBJECT_HANDLE hMacSecret;
	CK_OBJECT_HANDLE hKey;
	CK_BYTE_PTR pIV;
} CK_WTLS_KEY_MAT_OUT;

typedef struct CK_WTLS_KEY_MAT_PARAMS {
	CK_MECHANISM_TYPE DigestMechanism;
	CK_ULONG ulMacSizeInBits;
	CK_ULONG ulKeySizeInBits;
	CK_ULONG ulIVSizeInBits;
	CK_ULONG ulSequenceNumber;
	CK_BBOOL bIsExport;
	CK_WTLS_RANDOM_DATA RandomInfo;
	CK_WTLS_KEY_MAT_OUT *pReturnedKeyMaterial;
} CK_WTLS_KEY_MAT_PARAMS;

/* IKE. */

typedef struct CK_IKE2_PRF_PLUS_DERIVE_PARAMS {
	CK_MECHANISM_TYPE prfMechanism;
	CK_BBOOL bHasSeedKey;
	CK_OBJECT_HANDLE hSeedKey;
	CK_BYTE_PTR pSeedData;
	CK_ULONG ulSeedDataLen;
} CK_IKE2_PRF_PLUS_DERIVE_PARAMS;

typedef struct CK_IKE_PRF_DERIVE_PARAMS {
	CK_MECHANISM_TYPE prfMechanism;
	CK_BBOOL bDataAsKey;
	CK_BBOOL bRekey;
	CK_BYTE_PTR pNi;
	CK_ULONG ulNiLen;
	CK_BYTE_PTR pNr;
	CK_ULONG ulNrLen;
	CK_OBJECT_HANDLE hNewKey;
} CK_IKE_PRF_DERIVE_PARAMS;

typedef struct CK_IKE1_PRF_DERIVE_PARAMS {
	CK_MECHANISM_TYPE prfMechanism;
	CK_BBOOL bHasPrevKey;
	CK_OBJECT_HANDLE hKeygxy;
	CK_OBJECT_HANDLE hPrevKey;
	CK_BYTE_PTR pCKYi;
	CK_ULONG ulCKYiLen;
	CK_BYTE_PTR pCKYr;
	CK_ULONG ulCKYrLen;
	CK_BYTE keyNumber;
} CK_IKE1_PRF_DERIVE_PARAMS;

typedef struct CK_IKE1_EXTENDED_DERIVE_PARAMS {
	CK_MECHANISM_TYPE prfMechanism;
	CK_BBOOL bHasKeygxy;
	CK_OBJECT_HANDLE hKeygxy;
	CK_BYTE_PTR pExtraData;
	CK_ULONG ulExtraDataLen;
} CK_IKE1_EXTENDED_DERIVE_PARAMS;

/* One-time password provisioning. */

typedef struct CK_KIP_PARAMS {
	CK_MECHANISM_PTR pMechanism;
	CK_OBJECT_HANDLE hKey;
	CK_BYTE_PTR pSeed;
	CK_ULONG ulSeedLen;
} CK_KIP_PARAMS;

/* Historical. */

typedef struct CK_KEA_DERIVE_PARAMS {
	CK_BBOOL isSender;
	CK_ULONG ulRandomLen;
	CK_BYTE_PTR pRandomA;
	CK_BYTE_PTR pRandomB;
	CK_ULONG ulPublicDataLen;
	CK_BYTE_PTR pPublicData;
} CK_KEA_DERIVE_PARAMS;

typedef struct CK_RC2_CBC_PARAMS {
	CK_ULONG ulEffectiveBits;
	CK_BYTE iv[8];
} CK_RC2_CBC_PARAMS;

typedef struct CK_RC2_MAC_GENERAL_PARAMS {
	CK_ULONG ulEffectiveBits;
	CK_ULONG ulMacLength;
} CK_RC2_MAC_GENERAL_PARAMS;

typedef struct CK_RC5_PARAMS {
	CK_ULONG ulWordsize;
	CK_ULONG ulRounds;
} CK_RC5_PARAMS;

typedef struct CK_RC5_CBC_PARAMS {
	CK_ULONG ulWordsize;
	CK_ULONG ulRounds;
	CK_BYTE_PTR pIv;
	CK_ULONG ulIvLen;
} CK_RC5_CBC_PARAMS;

typedef struct CK_RC5_MAC_GENERAL_PARAMS {
	CK_ULONG ulWordsize;
	CK_ULONG ulRounds;
	CK_ULONG ulMacLength;
} CK_RC5_MAC_GENERAL_PARAMS;

typedef struct CK_KEY_WRAP_SET_OAEP_PARAMS {
	CK_BYTE bBC;
	CK_BYTE_PTR pX;
	CK_ULONG ulXLen;
} CK_KEY_WRAP_SET_OAEP_PARAMS;

typedef struct CK_SKIPJACK_PRIVATE_WRAP_PARAMS {
	CK_ULONG ulPasswordLen;
	CK_BYTE_PTR pPassword;
	CK_ULONG ulPublicDataLen;
	CK_BYTE_PTR pPublicData;
	CK_ULONG ulPAndGLen;
	CK_ULONG ulQLen;
	CK_ULONG ulRandomLen;
	CK_BYTE_PTR pRandomA;
	CK_BYTE_PTR pPrimeP;
	CK_BYTE_PTR pBaseG;
	CK_BYTE_PTR pSubprimeQ;
} CK_SKIPJACK_PRIVATE_WRAP_PARAMS;

typedef struct CK_SKIPJACK_RELAYX_PARAMS {
	CK_ULONG ulOldWrappedXLen;
	CK_BYTE_PTR pOldWrappedX;
	CK_ULONG ulOldPasswordLen;
	CK_BYTE_PTR pOldPassword;
	CK_ULONG ulOldPublicDataLen;
	CK_BYTE_PTR pOldPublicData;
	CK_ULONG ulOldRandomLen;
	CK_BYTE_PTR pOldRandomA;
	CK_ULONG ulNewPasswordLen;
	CK_BYTE_PTR pNewPassword;
	CK_ULONG ulNewPublicDataLen;
	CK_BYTE_PTR pNewPublicData;
	CK_ULONG ulNewRandomLen;
	CK_BYTE_PTR pNewRandomA;
} CK_SKIPJACK_RELAYX_PARAMS;

#endif
