/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_MESSAGE_H
#define SESSION_MESSAGE_H

#include "mech/mech.h"
#include "session/session.h"

/*
 * Many messages under one mechanism and key (PKCS#11 3.x, 5.9, 5.11, 5.14 and
 * 5.16): Init, messages, Final. A message is an operation of its own, in one
 * call or begun and gone on with; what ends it, an error too, leaves the
 * series open for the next. A key with CKA_ALWAYS_AUTHENTICATE asks for a
 * login (operation_authenticate) before each message.
 *
 * Conventions and codes as in session/operation.h, which also applies to what
 * may run beside a series: what may run beside an operation of its use.
 */
struct message {
	struct mech_param param;
	struct view aad;	/* at the beginning */
	struct view in;
};

CK_RV message_init(struct session *s, enum mech_use use,
    const CK_MECHANISM *m, CK_OBJECT_HANDLE key) MUST_CHECK;
/* CKR_OPERATION_ACTIVE in the middle of a message, which goes on. */
CK_RV message_final(struct session *s, enum mech_use use) MUST_CHECK;
/* End the series, a message too; nothing when there is none. */
void message_cancel(struct session *s, enum mech_use use);

/* A whole message, to be encrypted, decrypted or signed; or verified. Both
 * are CKR_OPERATION_ACTIVE in the middle of another, which goes on. */
CK_RV message_single(struct session *s, enum mech_use use,
    const struct message *msg, CK_BYTE *out, CK_ULONG *out_len) MUST_CHECK;
CK_RV message_verify(struct session *s, const struct message *msg,
    struct view signature) MUST_CHECK;

/*
 * A message in parts. message_next gives output for each part of a cipher
 * and for the last of a signature; message_feed takes a part that is not the
 * last of one to be signed or verified.
 */
CK_RV message_begin(struct session *s, enum mech_use use,
    const struct message *msg) MUST_CHECK;
CK_RV message_next(struct session *s, enum mech_use use,
    const struct message *msg, bool last, CK_BYTE *out,
    CK_ULONG *out_len) MUST_CHECK;
CK_RV message_feed(struct session *s, enum mech_use use,
    const struct message *msg) MUST_CHECK;
CK_RV message_verify_last(struct session *s, const struct message *msg,
    struct view signature) MUST_CHECK;

#endif
