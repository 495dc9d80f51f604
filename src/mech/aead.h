/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_AEAD_H
#define MECH_AEAD_H

#include "crypto/gcm.h"
#include "mech/aes.h"
#include "mech/nonce.h"

/*
 * What GCM and CCM share: one text with its nonce and associated data, whose
 * tag stands at its end or, in a message, in the parameter of the caller; for
 * this folder only. Nothing is sent to the TPM before the text.
 */
struct aead {
	struct aes aes;
	bool decrypt;
	bool message;
	struct buf nonce;
	struct buf aad;
	size_t tag_len;
	CK_BYTE *tag;		/* of a message; the caller's */
	size_t text_len;	/* CCM: as it was said beforehand */
	struct buf text;	/* what cannot be worked on before the end */
	struct gcm *gcm;	/* once a text is being encrypted */
	struct nonces *nonces;	/* that the nonce is from, or NULL */
};

/* The state of a stream, filled from c's params.iv, aad and len (of tag). */
CK_RV aead_new(const struct mech_call *c, enum mech_use use,
    struct aead **out) MUST_CHECK;
void aead_free(void *state);

/*
 * Of a message: the parameter in the words of both mechanisms. Nonces that
 * are made are kept by the call, to which aead_messages gives a place for
 * them; only their encryption has a generator (it is not looked at else).
 */
struct aead_message {
	struct nonce_wish nonce;
	CK_BYTE *tag;
	size_t tag_len;
	size_t text_len;
};

CK_RV aead_messages(struct mech_params *p) MUST_CHECK;
CK_RV aead_begin(const struct mech_call *c, enum mech_use use,
    const struct aead_message *m, struct view aad,
    struct aead **out) MUST_CHECK;

/* The nonce serves now. */
void aead_use_nonce(struct aead *a);
/* sealed, which ends with the tag, goes to out, and of a message its tag to
 * its place. */
CK_RV aead_give(struct aead *a, struct buf *sealed,
    struct buf *out) MUST_CHECK;
/* The tag of a message comes to the end of the text. */
CK_RV aead_take_tag(struct aead *a) MUST_CHECK;
/* In the words of the message functions, where they have their own. */
CK_RV aead_rv(const struct aead *a, CK_RV rv);

#endif
