/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MECH_FAMILY_H
#define MECH_FAMILY_H

#include "mech/mech.h"

/*
 * How mechanisms are built; for this folder only. A row (table.c) names its
 * family, a family brings the functions, and what can be computed from the
 * two (flags, key sizes, checks of keys, gathering of input, sizes of
 * output) is written once in table.c, call.c and op.c.
 */
#define NO_HASH	CK_UNAVAILABLE_INFORMATION
#define NO_KEY	CK_UNAVAILABLE_INFORMATION
/* A secret of whatever type; the family looks at it. */
#define ANY_SECRET	(CK_UNAVAILABLE_INFORMATION - 1)

struct mech_family;

/* One mechanism. */
struct mech {
	CK_MECHANISM_TYPE type;
	const struct mech_family *family;
	CK_KEY_TYPE key_type;	/* that it uses or makes, or NO_KEY */
	CK_MECHANISM_TYPE hash;	/* fixed by the mechanism, or NO_HASH */
};

/* All of a CK_MECHANISM's parameter that outlives the call, copied. Each
 * family has its use of the fields; hash starts as the row's. */
struct mech_params {
	const struct hash *hash;
	const struct hash *mgf;
	size_t len;		/* salt of PSS, MAC of *_HMAC_GENERAL */
	CK_EC_KDF_TYPE kdf;
	struct buf data;	/* label of OAEP, shared data of ECDH */
	struct buf point;	/* the peer's, as the caller gave it */
	struct buf iv;		/* or nonce, or first counter block */
	struct buf aad;
	void *out;		/* the program's, for what a derivation tells */
	/* What takes more than these fields; given back by own_free. */
	void *own;
	void (*own_free)(void *own);
};

/* A mechanism with its parameter and key, both checked. */
struct mech_call {
	const struct mech *m;
	struct mech_params params;
	struct key *key;	/* a reference; NULL when none is used */
	/* What the derivation that this is for takes and makes besides, the
	 * caller's; NULL for other uses. */
	struct mech_derivation *more;
};

#define CALL_EMPTY ((struct mech_call){ NULL, \
	{ NULL, NULL, 0, 0, BUF_EMPTY, BUF_EMPTY, BUF_EMPTY, BUF_EMPTY, \
	NULL, NULL, NULL }, NULL, NULL })

/*
 * Check m for a use: codes of mech_start. key is NULL for uses without one.
 * *out is CALL_EMPTY before and stays so on failure.
 */
CK_RV call_prepare(enum mech_use use, const CK_MECHANISM *m,
    struct key *key, const struct tpm_caps *caps,
    struct mech_call *out) MUST_CHECK;
/* The same for messages: m's parameter is that of the message form. */
CK_RV call_prepare_messages(enum mech_use use, const CK_MECHANISM *m,
    struct key *key, const struct tpm_caps *caps,
    struct mech_call *out) MUST_CHECK;
void call_free(struct mech_call *c);

/* A use that has all its input before it starts; for VERIFY_RECOVER the
 * input is the signature. Replaces out. */
typedef CK_RV mech_run(const struct mech_call *c, struct view in,
    struct buf *out);

/*
 * A mechanism that works on its input as it comes. A MAC gives its
 * value by finish and is verified by comparison.
 */
struct mech_stream {
	unsigned uses;		/* bits MECH_USE_BIT(use) */
	/* *state is NULL before and stays so on failure. */
	CK_RV (*start)(const struct mech_call *c, enum mech_use use,
	    void **state);
	CK_RV (*update)(void *state, struct view in, struct buf *out);
	CK_RV (*finish)(void *state, struct buf *out);
	/* NULL when the state cannot be copied. */
	CK_RV (*copy)(const void *state, void **out);
	void (*free)(void *state);
	/* As mech_output. */
	size_t (*output)(const struct mech_call *c, const void *state,
	    size_t in, bool final, bool *exact);
};

#define MECH_USE_BIT(use) (1u << (use))

/*
 * The message form of a mechanism whose messages each have a parameter of
 * their own, such as IV and tag. Then start and copy of the stream are not
 * used.
 */
struct mech_message {
	struct mech_stream stream;
	/* Read the parameter of C_MessageXxxInit, as family's params. */
	CK_RV (*params)(const struct mech *m, const CK_MECHANISM *from,
	    struct mech_params *p);
	/* Begin a message: *state as in start. param is hostile; an IV that
	 * is made here is written to it. */
	CK_RV (*begin)(const struct mech_call *c, enum mech_use use,
	    struct mech_param param, struct view aad, void **state);
	/* Before each update and finish of the stream: the parameter of this
	 * call, for finish to read the tag from it or write it there; not to
	 * be touched after that. */
	CK_RV (*param)(void *state, struct mech_param param);
};

/* Each message has all it needs from Init. */
#define MECH_SIGNS_MESSAGES \
	(MECH_USE_BIT(MECH_SIGN) | MECH_USE_BIT(MECH_VERIFY))

/* A running operation on a call that outlives it (op.c): on a state that was
 * begun already, which is taken, or (stream NULL) begun by this. */
CK_RV op_open(enum mech_use use, const struct mech_call *call,
    const struct mech_stream *stream, void *state,
    struct mech_op **out) MUST_CHECK;
/* The state of a message's stream; NULL for other operations. */
void *op_message(struct mech_op *op, const struct mech_message **message);

struct mech_family {
	/* Of PKCS#11 3.1, chapter 6, for mechanisms.md. */
	const char *clause;
	/* Added to the flags that follow from the functions. */
	CK_FLAGS flags;
	/* Key sizes of CK_MECHANISM_INFO in the unit of the mechanism's
	 * clause; false when this TPM cannot do it. */
	bool (*sizes)(const struct tpm_caps *caps, CK_ULONG *min,
	    CK_ULONG *max);
	/* Adds CKF_HW to the flags where the TPM does it, or NULL. */
	bool (*in_tpm)(const struct tpm_caps *caps);

	/* Read the parameter. NULL: there must be none. It frees nothing:
	 * call_prepare does, also on failure. */
	CK_RV (*params)(const struct mech *m, const CK_MECHANISM *from,
	    struct mech_params *p);
	/* Key types that it takes besides the row's, or NULL. */
	bool (*takes)(CK_KEY_TYPE type);
	/* What the generic check of class and key type leaves open, or NULL;
	 * params are read by then. */
	CK_RV (*check)(const struct mech_call *c);

	/* Exactly one of these is how a use gets its input: in a stream, by
	 * the row's hash first, or gathered up to limit bytes. */
	const struct mech_stream *stream;
	/* Bits of uses whose messages need no parameter. Never for one with
	 * a nonce at Init, which must not serve twice: that is for message. */
	unsigned messages;
	/* NULL when no use has a parameter for each message. */
	const struct mech_message *message;
	size_t (*limit)(const struct mech_call *c, enum mech_use use);

	/* For uses that are no stream; NULL for those that are not there. */
	mech_run *run[MECH_USES];
	CK_RV (*verify)(const struct mech_call *c, struct view in,
	    struct view signature);
	/* Length of what run gives, or an upper bound. */
	size_t (*output)(const struct mech_call *c, enum mech_use use,
	    bool *exact);

	CK_RV (*generate_pair)(const struct mech_place *place,
	    struct attrs *pub, struct attrs *priv, struct tpm_blob *blob);
	/* Adds CKA_VALUE to a, or fills blob. */
	CK_RV (*generate)(const struct mech_call *c,
	    const struct mech_place *place, struct attrs *a,
	    struct tpm_blob *blob);
	/*
	 * Wrapping is what ENCRYPT makes of a whole key, unwrapping DECRYPT,
	 * for a family that sets wraps; one that has more to say has
	 * functions. wrapped_len needs no TPM (NULL: the output of ENCRYPT).
	 */
	bool wraps;
	CK_RV (*wrap)(const struct mech_call *c, struct view plain,
	    struct buf *out);
	CK_RV (*unwrap)(const struct mech_call *c, struct view wrapped,
	    struct buf *plain);
	size_t (*wrapped_len)(const struct mech_call *c, size_t plain);
	/* Adds CKA_VALUE to a. More is more->products[0] alone. */
	CK_RV (*derive)(const struct mech_call *c, struct attrs *a);
	/* Further keys and products, from the parameter into d, which has the
	 * caller's template as its one product; NULL: none. */
	CK_RV (*plan)(const struct mech_call *c, struct mech_derivation *d);
	enum mech_inherit inherit;
	CK_RV (*encapsulated_len)(const struct mech_call *c, size_t *len);
	CK_RV (*encapsulate)(const struct mech_call *c, struct attrs *a,
	    struct buf *ciphertext);
	CK_RV (*decapsulate)(const struct mech_call *c,
	    struct view ciphertext, struct attrs *a);
};

/* What wraps does, for a wrap or unwrap that has to do something before or
 * after: ENCRYPT or DECRYPT of a whole key, with the codes of mech_wrap. */
CK_RV wrap_whole(const struct mech_call *c, enum mech_use use,
    struct view in, struct buf *out) MUST_CHECK;

bool mech_provides(const struct mech *m, enum mech_use use);
bool mech_provides_messages(const struct mech *m, enum mech_use use);

/* The hash that a parameter names; CKR_MECHANISM_PARAM_INVALID. */
CK_RV params_hash(CK_MECHANISM_TYPE hash,
    const struct hash **out) MUST_CHECK;
/* Parameter of exactly size bytes, copied to to (it may be unaligned);
 * CKR_MECHANISM_PARAM_INVALID. */
CK_RV params_fixed(const CK_MECHANISM *from, void *to,
    size_t size) MUST_CHECK;
/* CK_MAC_GENERAL_PARAMS, the leading bytes of a MAC to give, at most max. */
CK_RV params_mac_len(const CK_MECHANISM *from, size_t max,
    struct mech_params *p) MUST_CHECK;
/* Bytes that a parameter points to; NULL only with length 0. */
CK_RV params_bytes(const void *p, CK_ULONG len, struct buf *out) MUST_CHECK;

extern const struct mech_family aes_cbc_data_family;
extern const struct mech_family aes_ccm_family;
extern const struct mech_family aes_cipher_family;
extern const struct mech_family aes_cmac_family;
extern const struct mech_family aes_cmac_general_family;
extern const struct mech_family aes_ecb_data_family;
extern const struct mech_family aes_gcm_family;
extern const struct mech_family aes_gen_family;
extern const struct mech_family aes_gmac_family;
extern const struct mech_family aes_keywrap_family;
extern const struct mech_family concat_data_family;
extern const struct mech_family concat_key_family;
extern const struct mech_family data_concat_family;
extern const struct mech_family digest_family;
extern const struct mech_family ec_pair_family;
extern const struct mech_family ecdh_aes_wrap_family;
extern const struct mech_family ecdh_family;
extern const struct mech_family ecdsa_family;
extern const struct mech_family eddsa_family;
extern const struct mech_family edwards_pair_family;
extern const struct mech_family extract_family;
extern const struct mech_family hash_derive_family;
extern const struct mech_family hkdf_data_family;
extern const struct mech_family hkdf_family;
extern const struct mech_family hmac_family;
extern const struct mech_family hmac_general_family;
extern const struct mech_family kbkdf_family;
extern const struct mech_family kbkdf_feedback_family;
extern const struct mech_family mac_secret_family;
extern const struct mech_family montgomery_pair_family;
extern const struct mech_family pbkdf2_family;
extern const struct mech_family rsa_aes_wrap_family;
extern const struct mech_family rsa_oaep_family;
extern const struct mech_family rsa_pair_family;
extern const struct mech_family rsa_pkcs_family;
extern const struct mech_family rsa_pkcs_hash_family;
extern const struct mech_family rsa_pss_family;
extern const struct mech_family rsa_x509_family;
extern const struct mech_family secret_family;
extern const struct mech_family tls12_extended_family;
extern const struct mech_family tls12_kdf_family;
extern const struct mech_family tls12_keys_family;
extern const struct mech_family tls12_master_family;
extern const struct mech_family tls_mac_family;
extern const struct mech_family xor_family;

#endif
