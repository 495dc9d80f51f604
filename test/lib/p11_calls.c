/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_calls.h"

static CK_BYTE bytes[64];
static CK_ULONG len;
static CK_OBJECT_HANDLE object;
static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM pair_gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
static CK_MECHANISM secret_gen = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
static CK_OBJECT_CLASS class = CKO_DATA;
static CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
static union {
	CK_INFO info;
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_SESSION_INFO session;
	CK_MECHANISM_INFO mechanism;
	CK_MECHANISM_TYPE types[512];
	CK_SLOT_ID slots[64];
} room;

/* Each call begins with the same state, whatever the last one wrote. */
static void
restore(void)
{
	len = sizeof(bytes);
	object = 1;
	class = CKO_DATA;
	template.ulValueLen = sizeof(class);
}

/* Parts that many argument lists have. */
#define IN bytes, 8
#define OUT bytes, &len
#define PARAM bytes, 0
#define TEMPLATE &template, 1

/* Functions without a slot or session, with a slot, with a session. */
#define NOTHING(X) \
	X(C_GetInfo, (&room.info)) \
	X(C_GetSlotList, (CK_FALSE, room.slots, &len)) \
	X(C_WaitForSlotEvent, (CKF_DONT_BLOCK, room.slots, NULL))
#define SLOT(X) \
	X(C_GetSlotInfo, (h, &room.slot)) \
	X(C_GetTokenInfo, (h, &room.token)) \
	X(C_GetMechanismList, (h, room.types, &len)) \
	X(C_GetMechanismInfo, (h, CKM_ECDSA, &room.mechanism)) \
	X(C_InitToken, (h, bytes, 8, bytes)) \
	X(C_OpenSession, (h, CKF_SERIAL_SESSION, NULL, NULL, &object)) \
	X(C_CloseAllSessions, (h))
#define SESSION(X) \
	X(C_InitPIN, (h, IN)) \
	X(C_SetPIN, (h, IN, IN)) \
	X(C_CloseSession, (h)) \
	X(C_GetSessionInfo, (h, &room.session)) \
	X(C_GetOperationState, (h, OUT)) \
	X(C_SetOperationState, (h, IN, 0, 0)) \
	X(C_Login, (h, CKU_USER, IN)) \
	X(C_Logout, (h)) \
	X(C_CreateObject, (h, TEMPLATE, &object)) \
	X(C_CopyObject, (h, object, TEMPLATE, &object)) \
	X(C_DestroyObject, (h, object)) \
	X(C_GetObjectSize, (h, object, &len)) \
	X(C_GetAttributeValue, (h, object, TEMPLATE)) \
	X(C_SetAttributeValue, (h, object, TEMPLATE)) \
	X(C_FindObjectsInit, (h, TEMPLATE)) \
	X(C_FindObjects, (h, &object, 1, &len)) \
	X(C_FindObjectsFinal, (h)) \
	X(C_EncryptInit, (h, &ecdsa, object)) \
	X(C_Encrypt, (h, IN, OUT)) \
	X(C_EncryptUpdate, (h, IN, OUT)) \
	X(C_EncryptFinal, (h, OUT)) \
	X(C_DecryptInit, (h, &ecdsa, object)) \
	X(C_Decrypt, (h, IN, OUT)) \
	X(C_DecryptUpdate, (h, IN, OUT)) \
	X(C_DecryptFinal, (h, OUT)) \
	X(C_DigestInit, (h, &sha256)) \
	X(C_Digest, (h, IN, OUT)) \
	X(C_DigestUpdate, (h, IN)) \
	X(C_DigestKey, (h, object)) \
	X(C_DigestFinal, (h, OUT)) \
	X(C_SignInit, (h, &ecdsa, object)) \
	X(C_Sign, (h, IN, OUT)) \
	X(C_SignUpdate, (h, IN)) \
	X(C_SignFinal, (h, OUT)) \
	X(C_SignRecoverInit, (h, &ecdsa, object)) \
	X(C_SignRecover, (h, IN, OUT)) \
	X(C_VerifyInit, (h, &ecdsa, object)) \
	X(C_Verify, (h, IN, IN)) \
	X(C_VerifyUpdate, (h, IN)) \
	X(C_VerifyFinal, (h, IN)) \
	X(C_VerifyRecoverInit, (h, &ecdsa, object)) \
	X(C_VerifyRecover, (h, IN, OUT)) \
	X(C_DigestEncryptUpdate, (h, IN, OUT)) \
	X(C_DecryptDigestUpdate, (h, IN, OUT)) \
	X(C_SignEncryptUpdate, (h, IN, OUT)) \
	X(C_DecryptVerifyUpdate, (h, IN, OUT)) \
	X(C_GenerateKey, (h, &secret_gen, TEMPLATE, &object)) \
	X(C_GenerateKeyPair, (h, &pair_gen, TEMPLATE, TEMPLATE, &object, \
		&object)) \
	X(C_WrapKey, (h, &ecdsa, object, object, OUT)) \
	X(C_UnwrapKey, (h, &ecdsa, object, IN, TEMPLATE, &object)) \
	X(C_DeriveKey, (h, &ecdsa, object, TEMPLATE, &object)) \
	X(C_SeedRandom, (h, IN)) \
	X(C_GenerateRandom, (h, IN)) \
	X(C_GetFunctionStatus, (h)) \
	X(C_CancelFunction, (h))
#define SESSION_3_0(X) \
	X(C_LoginUser, (h, CKU_USER, IN, IN)) \
	X(C_SessionCancel, (h, CKF_SIGN)) \
	X(C_MessageEncryptInit, (h, &ecdsa, object)) \
	X(C_EncryptMessage, (h, PARAM, PARAM, IN, OUT)) \
	X(C_EncryptMessageBegin, (h, PARAM, PARAM)) \
	X(C_EncryptMessageNext, (h, PARAM, IN, OUT, 0)) \
	X(C_MessageEncryptFinal, (h)) \
	X(C_MessageDecryptInit, (h, &ecdsa, object)) \
	X(C_DecryptMessage, (h, PARAM, PARAM, IN, OUT)) \
	X(C_DecryptMessageBegin, (h, PARAM, PARAM)) \
	X(C_DecryptMessageNext, (h, PARAM, IN, OUT, 0)) \
	X(C_MessageDecryptFinal, (h)) \
	X(C_MessageSignInit, (h, &ecdsa, object)) \
	X(C_SignMessage, (h, PARAM, IN, OUT)) \
	X(C_SignMessageBegin, (h, PARAM)) \
	X(C_SignMessageNext, (h, PARAM, IN, OUT)) \
	X(C_MessageSignFinal, (h)) \
	X(C_MessageVerifyInit, (h, &ecdsa, object)) \
	X(C_VerifyMessage, (h, PARAM, IN, IN)) \
	X(C_VerifyMessageBegin, (h, PARAM)) \
	X(C_VerifyMessageNext, (h, PARAM, IN, IN)) \
	X(C_MessageVerifyFinal, (h))

#define DEFINE(table, name, args) \
	static void \
	call_##name(CK_ULONG h, CK_RV *rv) \
	{ \
		(void)h; \
		restore(); \
		*rv = table->name args; \
	}
#define DEFINE_2_40(name, args) DEFINE(p11, name, args)
#define DEFINE_3_0(name, args) DEFINE(p11_3, name, args)

NOTHING(DEFINE_2_40)
SLOT(DEFINE_2_40)
SESSION(DEFINE_2_40)
SESSION_3_0(DEFINE_3_0)

static const struct call {
	const char *name;
	enum p11_takes takes;
	void (*call)(CK_ULONG handle, CK_RV *rv);
	bool is_3_0;
} calls[] = {
#define ROW(name, args) { #name, P11_TAKES_NOTHING, call_##name, false },
	NOTHING(ROW)
#undef ROW
#define ROW(name, args) { #name, P11_TAKES_SLOT, call_##name, false },
	SLOT(ROW)
#undef ROW
#define ROW(name, args) { #name, P11_TAKES_SESSION, call_##name, false },
	SESSION(ROW)
#undef ROW
#define ROW(name, args) { #name, P11_TAKES_SESSION, call_##name, true },
	SESSION_3_0(ROW)
};

unsigned
p11_call_all(enum p11_takes takes, CK_ULONG handle, CK_RV expected)
{
	unsigned tried = 0, wrong = 0;
	size_t i;
	CK_RV rv;

	for (i = 0; i < P11_COUNT(calls); i++) {
		if ((calls[i].takes & takes) == 0 ||
		    (calls[i].is_3_0 && p11_3 == NULL))
			continue;
		calls[i].call(handle, &rv);
		tried++;
		if (rv == expected)
			continue;
		wrong++;
		print_error("%s gave %s, expected %s\n", calls[i].name,
		    p11_rv_name(rv), p11_rv_name(expected));
	}
	print_message("%u functions asked for %s\n", tried,
	    p11_rv_name(expected));
	return wrong;
}
