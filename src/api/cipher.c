/* SPDX-License-Identifier: BSD-2-Clause */
/* Encryption and decryption functions (PKCS#11 3.x, 5.8 and 5.10). */
#include "api/running.h"

CK_RV
C_EncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_EncryptInit", MECH_ENCRYPT, session, m, key);
}

CK_RV
C_Encrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_single("C_Encrypt", MECH_ENCRYPT, session,
	    PART(in, in_len), out, out_len);
}

CK_RV
C_EncryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_update("C_EncryptUpdate", MECH_ENCRYPT, session,
	    PART(in, in_len), out, out_len);
}

CK_RV
C_EncryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR out,
    CK_ULONG_PTR out_len)
{
	return run_final("C_EncryptFinal", MECH_ENCRYPT, session, out,
	    out_len);
}

CK_RV
C_DecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_DecryptInit", MECH_DECRYPT, session, m, key);
}

CK_RV
C_Decrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_single("C_Decrypt", MECH_DECRYPT, session,
	    PART(in, in_len), out, out_len);
}

CK_RV
C_DecryptUpdate(CK_SESSION_HANDLE session, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	return run_update("C_DecryptUpdate", MECH_DECRYPT, session,
	    PART(in, in_len), out, out_len);
}

CK_RV
C_DecryptFinal(CK_SESSION_HANDLE session, CK_BYTE_PTR out,
    CK_ULONG_PTR out_len)
{
	return run_final("C_DecryptFinal", MECH_DECRYPT, session, out,
	    out_len);
}
