/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_MECH_H
#define MECH_MECH_H

#include "mech/key.h"
#include "tpm/caps.h"

/*
 * What an algorithm does. One table (mech/table.c) has one row for each
 * mechanism; a family of mechanisms is one file and one struct mech_family
 * (mech/family.h). Flags in CK_MECHANISM_INFO follow from the operations that
 * the family provides for the row, key sizes from the TPM's capabilities.
 */
struct mech;

/* NULL when there is no such mechanism, or this TPM cannot do it. With caps
 * NULL (nothing was asked of the TPM) every mechanism counts: a key that is
 * there can be used. */
const struct mech *mech_find(CK_MECHANISM_TYPE type,
    const struct tpm_caps *caps);
/* All that this TPM can do: *list has room for mech_count() entries. */
size_t mech_count(void);
size_t mech_list(const struct tpm_caps *caps, CK_MECHANISM_TYPE *list);
void mech_info(const struct mech *m, const struct tpm_caps *caps,
    CK_MECHANISM_INFO *out);
CK_MECHANISM_TYPE mech_type(const struct mech *m);
/* Where the standard has it: "6.3"; NULL when nobody said. */
const char *mech_clause(const struct mech *m);

/* The uses of a key or of none, in the order of the Cryptoki functions. */
enum mech_use {
	MECH_DIGEST,
	MECH_ENCRYPT,
	MECH_DECRYPT,
	MECH_SIGN,
	MECH_SIGN_RECOVER,
	MECH_VERIFY,
	MECH_VERIFY_RECOVER,
	MECH_GENERATE,
	MECH_GENERATE_PAIR,
	MECH_WRAP,
	MECH_UNWRAP,
	MECH_DERIVE,
	MECH_ENCAPSULATE,
	MECH_DECAPSULATE,
	MECH_USES
};

/* The attribute that allows a use (CKA_SIGN, ...); for MECH_DIGEST and the
 * generations CK_UNAVAILABLE_INFORMATION. */
CK_ATTRIBUTE_TYPE mech_use_attribute(enum mech_use use);

/*
 * A running operation. Made by mech_start, fed by mech_update any number of
 * times, ended by mech_finish or mech_verify, given back by mech_end at any
 * point. One-part input is one mech_update and one mech_finish, and gives
 * the same result as many parts. After an error the operation is over.
 */
struct mech_op;

/*
 * The parameter and the key are checked and kept (the parameter copied, the
 * key referenced; key is NULL for digests):
 * CKR_MECHANISM_INVALID       no such mechanism, or not for this use
 * CKR_MECHANISM_PARAM_INVALID
 * CKR_KEY_TYPE_INCONSISTENT   wrong class or type of key
 * CKR_KEY_SIZE_RANGE
 */
CK_RV mech_start(enum mech_use use, const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct mech_op **out) MUST_CHECK;
void mech_end(struct mech_op **op);

/* Output of ENCRYPT and DECRYPT replaces out; the other uses give none and
 * empty it. CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE. */
CK_RV mech_update(struct mech_op *op, struct view in,
    struct buf *out) MUST_CHECK;
/* Digest, signature, recovered data (input of VERIFY_RECOVER: the
 * signature), or the last output. */
CK_RV mech_finish(struct mech_op *op, struct buf *out) MUST_CHECK;
/* CKR_SIGNATURE_INVALID, CKR_SIGNATURE_LEN_RANGE. */
CK_RV mech_verify(struct mech_op *op, struct view signature) MUST_CHECK;

/*
 * What a caller's buffer has to hold for the output that in more bytes of
 * input (mech_update) or the end (mech_finish; in is 0 and final true) or
 * both at once (one-part: in and final) will give. No TPM, no change.
 * *exact tells whether it is the very length or only an upper bound.
 */
size_t mech_output(const struct mech_op *op, size_t in, bool final,
    bool *exact);

/* A copy of a running digest, for C_GetOperationState; others give
 * CKR_STATE_UNSAVEABLE. */
CK_RV mech_copy(const struct mech_op *op, struct mech_op **out) MUST_CHECK;
/* The mechanism of the operation. */
CK_MECHANISM_TYPE mech_op_type(const struct mech_op *op);

/*
 * Many messages under one mechanism and key (PKCS#11 3.x, 5.9, 5.11, 5.14
 * and 5.16): ENCRYPT, DECRYPT, SIGN and VERIFY of mechanisms that have a
 * message form. Codes as mech_start.
 */
struct mech_messages;

CK_RV mech_messages_start(enum mech_use use, const CK_MECHANISM *m,
    struct key *key, const struct tpm_caps *caps,
    struct mech_messages **out) MUST_CHECK;
void mech_messages_end(struct mech_messages **all);

/* The parameter of one message, the caller's to be read and written during
 * a call: empty for signatures and MACs, IV and tag for AEAD ciphers. */
struct mech_param {
	void *data;
	size_t len;
};

/*
 * A message is a running operation as any other; it borrows from all, so it
 * is ended first. The caller hands over its parameter again with each call
 * that goes on with the message. CKR_MECHANISM_PARAM_INVALID.
 */
CK_RV mech_message_begin(const struct mech_messages *all,
    struct mech_param param, struct view aad,
    struct mech_op **out) MUST_CHECK;
CK_RV mech_message_param(struct mech_op *op,
    struct mech_param param) MUST_CHECK;

/*
 * Where new keys are made. Templates have passed object_build: they are
 * whole, typed and of the class and key type that mech_makes tells.
 */
struct mech_place {
	struct tpm *tpm;
	const struct tpm_parent *parent;
	const struct tpm_caps *caps;
};

/* The key type that a generation mechanism makes, or CK_UNAVAILABLE_
 * INFORMATION when the template decides (derivations). */
CK_KEY_TYPE mech_makes(const struct mech *m);

/*
 * Make a key pair in the TPM: adds the public parts to pub and priv, and
 * fills blob. CKR_CURVE_NOT_SUPPORTED, CKR_KEY_SIZE_RANGE,
 * CKR_TEMPLATE_INCOMPLETE, CKR_ATTRIBUTE_VALUE_INVALID,
 * CKR_MECHANISM_PARAM_INVALID.
 */
CK_RV mech_generate_pair(const CK_MECHANISM *m,
    const struct mech_place *place, struct attrs *pub, struct attrs *priv,
    struct tpm_blob *blob) MUST_CHECK;

/*
 * Make a secret key: in the TPM, which fills blob, when its value shall never
 * be seen and the TPM has such keys; else adds CKA_VALUE to a (random of the
 * TPM). CKA_VALUE_LEN in a decides the length.
 */
CK_RV mech_generate(const CK_MECHANISM *m, const struct mech_place *place,
    struct attrs *a, struct tpm_blob *blob) MUST_CHECK;

/*
 * Put a key whose value is in a into the TPM, if that is where it belongs:
 * each private key, and a secret that is to be sensitive and not extractable
 * and that the TPM can use. Then blob is filled, and the value taken out of a;
 * a private key gets its public half (CKA_EC_POINT). Otherwise nothing
 * changes. Codes of tpm/import.h; CKR_TEMPLATE_INCOMPLETE when a part of a
 * private key is missing.
 */
CK_RV mech_import(const struct mech_place *place, struct attrs *a,
    struct tpm_blob *blob) MUST_CHECK;

/*
 * Wrap plain (a secret's value, or a PrivateKeyInfo) by key, and the other
 * way. Codes of mech_start, those of the key in the words of C_WrapKey and
 * C_UnwrapKey (CKR_WRAPPING_KEY_SIZE_RANGE, ...); what is wrong with the
 * wrapped key is CKR_WRAPPED_KEY_INVALID or CKR_WRAPPED_KEY_LEN_RANGE, a key
 * that is too long to wrap CKR_KEY_SIZE_RANGE. mech_wrapped_len tells without
 * the TPM what the output will take at most, and *exact whether it is that.
 */
CK_RV mech_wrap(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct view plain,
    struct buf *wrapped) MUST_CHECK;
CK_RV mech_wrapped_len(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, size_t plain, size_t *len,
    bool *exact) MUST_CHECK;
CK_RV mech_unwrap(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct view wrapped,
    struct buf *plain) MUST_CHECK;

/*
 * Derivation (PKCS#11 3.x, 5.18.5). A mechanism's parameter may name further
 * keys and ask for further objects, so it goes in steps: mech_derivation_open
 * checks and copies the parameter; the caller finds a key for each of handles
 * and builds attrs for each product, by object_build; mech_derive gives each
 * its CKA_VALUE; and when the objects are there, mech_derivation_tell writes
 * their handles and what else the parameter has room for to where the program
 * wants it. mech_derivation_free at any point.
 *
 * CKR_KEY_TYPE_INCONSISTENT, CKR_MECHANISM_PARAM_INVALID (off-curve point,
 * shared data with CKD_NULL), CKR_KEY_SIZE_RANGE (more than there is, or part
 * of a sensitive key's value, from which the whole could be guessed bit by
 * bit). The length is what CKA_VALUE_LEN or the key type wants, else the
 * mechanism's natural one.
 */
enum mech_inherit {
	/* the template decides of CKA_SENSITIVE and CKA_EXTRACTABLE */
	MECH_INHERIT_NOTHING,
	/* the same, but as the base key where it says nothing (6.42.8) */
	MECH_INHERIT_DEFAULT,
	/* closed as soon as one of the keys is (6.43) */
	MECH_INHERIT_CLOSED,
	/* as the base key (6.40) */
	MECH_INHERIT_ALL
};

#define MECH_KEYS_MAX 16
#define MECH_PRODUCTS_MAX 16
#define MECH_TOLD_MAX 2

struct mech_product {
	/* What the mechanism implies, CK_UNAVAILABLE_INFORMATION where the
	 * template decides. */
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE key_type;
	const CK_ATTRIBUTE *list;	/* the program's template, hostile */
	CK_ULONG count;
	/* What is to stand there whatever the template says. */
	const CK_ATTRIBUTE *fixed;
	CK_ULONG fixed_count;
	void *handle;		/* the program's, may be unaligned */
	struct attrs *attrs;	/* the caller's of these functions */
};

struct mech_derivation {
	struct mech_call *call;
	enum mech_inherit inherit;
	bool sensitive;		/* the caller's to say: is one of the keys? */
	CK_OBJECT_HANDLE handles[MECH_KEYS_MAX];
	struct key *keys[MECH_KEYS_MAX];	/* references */
	size_t key_count;
	struct mech_product products[MECH_PRODUCTS_MAX];
	size_t product_count;
	struct {
		void *to;	/* the program's */
		struct buf bytes;
	} told[MECH_TOLD_MAX];
};

/* product: the template and handle of C_DeriveKey, where a NULL handle is
 * CKR_ARGUMENTS_BAD unless the mechanism has no use for it. *d is zeroes before
 * and only to be freed after a failure. */
CK_RV mech_derivation_open(const CK_MECHANISM *m, struct key *base,
    const struct tpm_caps *caps, const struct mech_product *product,
    struct mech_derivation *d) MUST_CHECK;
CK_RV mech_derive(struct mech_derivation *d) MUST_CHECK;
void mech_derivation_tell(const struct mech_derivation *d,
    const CK_OBJECT_HANDLE *handles);
void mech_derivation_free(struct mech_derivation *d);

/*
 * Key encapsulation (PKCS#11 3.2, 5.18.10 and 5.18.11): the secret goes to a
 * as CKA_VALUE. A ciphertext that is none is CKR_WRAPPED_KEY_INVALID or
 * CKR_WRAPPED_KEY_LEN_RANGE. mech_encapsulated_len checks all but the
 * template and tells the length of the ciphertext.
 */
CK_RV mech_encapsulated_len(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, size_t *len) MUST_CHECK;
CK_RV mech_encapsulate(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct attrs *a,
    struct buf *ciphertext) MUST_CHECK;
CK_RV mech_decapsulate(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct view ciphertext,
    struct attrs *a) MUST_CHECK;

#endif
