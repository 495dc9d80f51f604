/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_MATRIX_H
#define LIB_MATRIX_H

#include "p11.h"

/*
 * One row a function of Cryptoki: how to call it with arguments that a test
 * has bent, and which codes the standard lets it answer (PKCS#11 3.1, section
 * 5, "Return values" of each function; 3.2 for what is new there).
 */

/* The arguments that a function takes of these, NULL where it has none. */
struct matrix_args {
	CK_ULONG h;			/* session or slot */
	CK_MECHANISM *m;
	CK_OBJECT_HANDLE key, other;	/* key or object; key to wrap */
	CK_BYTE *in, *out, *sig;	/* sig: also the second input */
	CK_ULONG in_len, *out_len, sig_len;
	CK_ATTRIBUTE *tmpl, *tmpl2;
	CK_ULONG count, count2;
	CK_OBJECT_HANDLE *made, *made2;
	void *info;			/* room for a structure or list */
};

/* A set of the pointers above. */
#define M_MECH 0x01u
#define M_IN 0x02u
#define M_OUT 0x04u
#define M_LEN 0x08u
#define M_TMPL 0x10u
#define M_TMPL2 0x20u
#define M_MADE 0x40u
#define M_MADE2 0x80u
#define M_SIG 0x100u
#define M_INFO 0x200u

enum matrix_takes { M_NOTHING, M_SLOT, M_SESSION };

/* What must be so before a call makes sense, and what the call is about. */
enum matrix_use {
	U_NONE, U_SPARE_SLOT, U_PUBLIC, U_SO, U_OBJECT, U_CREATE, U_FIND,
	U_ENCRYPT, U_DECRYPT, U_DIGEST, U_SIGN, U_SIGN_RECOVER, U_VERIFY,
	U_VERIFY_RECOVER, U_DIGEST_ENCRYPT, U_DECRYPT_DIGEST, U_SIGN_ENCRYPT,
	U_DECRYPT_VERIFY, U_GENERATE, U_PAIR, U_WRAP, U_UNWRAP, U_DERIVE,
	U_MSG_ENCRYPT, U_MSG_DECRYPT, U_MSG_SIGN, U_MSG_VERIFY,
	U_MSG_SIGN_BEGUN, U_MSG_VERIFY_BEGUN, U_MSG_ENCRYPT_BEGUN,
	U_MSG_DECRYPT_BEGUN, U_VERIFY_SIGNATURE, U_ENCAPSULATE,
	U_DECAPSULATE, U_ASYNC, U_WRAP_AEAD, U_UNWRAP_AEAD,
};

struct matrix_row {
	const char *name;
	unsigned since;		/* the minor of 3.x, 0 for 2.40 too */
	enum matrix_takes takes;
	enum matrix_use use;
	bool inits;		/* begins the operation, needs none */
	unsigned must;		/* may not be NULL */
	unsigned query;		/* NULL asks for a size */
	unsigned has;		/* other arguments, below */
	const char *may;	/* codes without CKR_, see matrix_may */
	void (*call)(struct matrix_args *a, CK_RV *rv);
};

#define M_KEY 1u	/* key is a key of the use */
#define M_OBJECT 2u	/* key is an object of any class */
#define M_MAKES 4u	/* tmpl makes or changes an object */
#define M_INLEN 8u	/* in is read, in_len bytes of it */
#define M_SIGLEN 16u	/* sig is read, sig_len bytes of it */
#define M_STUB 32u	/* nothing to do where no mechanism is for it */

/* The rows of the tables that the module has. */
const struct matrix_row *matrix_rows(size_t *n);

CK_RV matrix_call(const struct matrix_row *row, struct matrix_args *a);

/* Is the code, or the name without CKR_, in a list of names? */
bool matrix_listed(const char *list, CK_RV rv);
/* May the function answer this code? Its list, and what goes for all. */
bool matrix_may(const struct matrix_row *row, CK_RV rv);
/* The pointer of one bit becomes NULL. */
void matrix_null(struct matrix_args *a, CK_ULONG bit);

/* The table of 3.2, or NULL; p11_load was called. */
CK_FUNCTION_LIST_3_2 *matrix_3_2(void);

#endif
