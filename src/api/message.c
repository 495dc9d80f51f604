/* SPDX-License-Identifier: BSD-2-Clause */
/* Message-based functions (PKCS#11 3.x, 5.9, 5.11, 5.14 and 5.16). */
#include "api/gate.h"
#include "session/message.h"

/* The arguments of a message, in the order in which the functions have them;
 * a NULL with a length stays one, to be refused. */
#define MESSAGE(param, param_len, aad, aad_len, in, in_len) \
	((struct message){ { (param), (param_len) }, \
	    { (aad), (aad_len) }, { (in), (in_len) } })

static CK_RV
run_init(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    const CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	struct gate g = GATE(name);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = message_init(g.session, use, m, key);
	return gate_leave(&g, rv);
}

static CK_RV
run_single(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    const struct message *msg, CK_BYTE *out, CK_ULONG *out_len)
{
	struct gate g = GATE(name);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = message_single(g.session, use, msg, out, out_len);
	return gate_leave(&g, rv);
}

static CK_RV
run_begin(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    const struct message *msg)
{
	struct gate g = GATE(name);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = message_begin(g.session, use, msg);
	return gate_leave(&g, rv);
}

static CK_RV
run_next(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    const struct message *msg, bool last, CK_BYTE *out, CK_ULONG *out_len)
{
	struct gate g = GATE(name);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = message_next(g.session, use, msg, last, out, out_len);
	return gate_leave(&g, rv);
}

static CK_RV
run_feed(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    const struct message *msg)
{
	struct gate g = GATE(name);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = message_feed(g.session, use, msg);
	return gate_leave(&g, rv);
}

static CK_RV
run_final(const char *name, enum mech_use use, CK_SESSION_HANDLE session)
{
	struct gate g = GATE(name);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = message_final(g.session, use);
	return gate_leave(&g, rv);
}

CK_RV
C_MessageEncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_MessageEncryptInit", MECH_ENCRYPT, session, m, key);
}

CK_RV
C_EncryptMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR aad, CK_ULONG aad_len, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	const struct message msg = MESSAGE(param, param_len, aad, aad_len,
	    in, in_len);

	return run_single("C_EncryptMessage", MECH_ENCRYPT, session, &msg,
	    out, out_len);
}

CK_RV
C_EncryptMessageBegin(CK_SESSION_HANDLE session, void *param,
    CK_ULONG param_len, CK_BYTE_PTR aad, CK_ULONG aad_len)
{
	const struct message msg = MESSAGE(param, param_len, aad, aad_len,
	    NULL, 0);

	return run_begin("C_EncryptMessageBegin", MECH_ENCRYPT, session, &msg);
}

CK_RV
C_EncryptMessageNext(CK_SESSION_HANDLE session, void *param,
    CK_ULONG param_len, CK_BYTE_PTR in, CK_ULONG in_len, CK_BYTE_PTR out,
    CK_ULONG_PTR out_len, CK_FLAGS flags)
{
	const struct message msg = MESSAGE(param, param_len, NULL, 0, in,
	    in_len);

	return run_next("C_EncryptMessageNext", MECH_ENCRYPT, session, &msg,
	    (flags & CKF_END_OF_MESSAGE) != 0, out, out_len);
}

CK_RV
C_MessageEncryptFinal(CK_SESSION_HANDLE session)
{
	return run_final("C_MessageEncryptFinal", MECH_ENCRYPT, session);
}

CK_RV
C_MessageDecryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_MessageDecryptInit", MECH_DECRYPT, session, m, key);
}

CK_RV
C_DecryptMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR aad, CK_ULONG aad_len, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	const struct message msg = MESSAGE(param, param_len, aad, aad_len,
	    in, in_len);

	return run_single("C_DecryptMessage", MECH_DECRYPT, session, &msg,
	    out, out_len);
}

CK_RV
C_DecryptMessageBegin(CK_SESSION_HANDLE session, void *param,
    CK_ULONG param_len, CK_BYTE_PTR aad, CK_ULONG aad_len)
{
	const struct message msg = MESSAGE(param, param_len, aad, aad_len,
	    NULL, 0);

	return run_begin("C_DecryptMessageBegin", MECH_DECRYPT, session, &msg);
}

CK_RV
C_DecryptMessageNext(CK_SESSION_HANDLE session, void *param,
    CK_ULONG param_len, CK_BYTE_PTR in, CK_ULONG in_len, CK_BYTE_PTR out,
    CK_ULONG_PTR out_len, CK_FLAGS flags)
{
	const struct message msg = MESSAGE(param, param_len, NULL, 0, in,
	    in_len);

	return run_next("C_DecryptMessageNext", MECH_DECRYPT, session, &msg,
	    (flags & CKF_END_OF_MESSAGE) != 0, out, out_len);
}

CK_RV
C_MessageDecryptFinal(CK_SESSION_HANDLE session)
{
	return run_final("C_MessageDecryptFinal", MECH_DECRYPT, session);
}

CK_RV
C_MessageSignInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_MessageSignInit", MECH_SIGN, session, m, key);
}

CK_RV
C_SignMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR in, CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	const struct message msg = MESSAGE(param, param_len, NULL, 0, in,
	    in_len);

	return run_single("C_SignMessage", MECH_SIGN, session, &msg, out,
	    out_len);
}

CK_RV
C_SignMessageBegin(CK_SESSION_HANDLE session, void *param,
    CK_ULONG param_len)
{
	const struct message msg = MESSAGE(param, param_len, NULL, 0, NULL,
	    0);

	return run_begin("C_SignMessageBegin", MECH_SIGN, session, &msg);
}

/* The part is the last one when there is where to put a length. */
CK_RV
C_SignMessageNext(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR in, CK_ULONG in_len, CK_BYTE_PTR out, CK_ULONG_PTR out_len)
{
	const struct message msg = MESSAGE(param, param_len, NULL, 0, in,
	    in_len);

	if (out_len == NULL)
		return run_feed("C_SignMessageNext", MECH_SIGN, session,
		    &msg);
	return run_next("C_SignMessageNext", MECH_SIGN, session, &msg, true,
	    out, out_len);
}

CK_RV
C_MessageSignFinal(CK_SESSION_HANDLE session)
{
	return run_final("C_MessageSignFinal", MECH_SIGN, session);
}

CK_RV
C_MessageVerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE key)
{
	return run_init("C_MessageVerifyInit", MECH_VERIFY, session, m, key);
}

CK_RV
C_VerifyMessage(CK_SESSION_HANDLE session, void *param, CK_ULONG param_len,
    CK_BYTE_PTR in, CK_ULONG in_len, CK_BYTE_PTR signature,
    CK_ULONG signature_len)
{
	struct gate g = GATE("C_VerifyMessage");
	const struct message msg = MESSAGE(param, param_len, NULL, 0, in,
	    in_len);
	CK_RV rv;

	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = message_verify(g.session, &msg,
		    (struct view){ signature, signature_len });
	return gate_leave(&g, rv);
}

CK_RV
C_VerifyMessageBegin(CK_SESSION_HANDLE session, void *param,
    CK_ULONG param_len)
{
	const struct message msg = MESSAGE(param, param_len, NULL, 0, NULL,
	    0);

	return run_begin("C_VerifyMessageBegin", MECH_VERIFY, session, &msg);
}

/* The part is the last one when there is a signature. */
CK_RV
C_VerifyMessageNext(CK_SESSION_HANDLE session, void *param,
    CK_ULONG param_len, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_BYTE_PTR signature, CK_ULONG signature_len)
{
	struct gate g = GATE("C_VerifyMessageNext");
	const struct message msg = MESSAGE(param, param_len, NULL, 0, in,
	    in_len);
	CK_RV rv;

	if (signature == NULL)
		return run_feed("C_VerifyMessageNext", MECH_VERIFY, session,
		    &msg);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = message_verify_last(g.session, &msg,
		    (struct view){ signature, signature_len });
	return gate_leave(&g, rv);
}

CK_RV
C_MessageVerifyFinal(CK_SESSION_HANDLE session)
{
	return run_final("C_MessageVerifyFinal", MECH_VERIFY, session);
}
