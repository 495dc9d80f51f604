/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_DEEDS_H
#define LIB_P11_DEEDS_H

#include "p11_object.h"

/*
 * The hot operations of a token, one function each, for tests that break them
 * at every command. Each judges its own result, with OpenSSL where it can.
 */

/* The operation answered CKR_OK, and the result is not right. */
#define P11_WRONG (CKR_VENDOR_DEFINED | 0x57524f4eul)

struct p11_deed {
	const char *name;
	CK_RV (*run)(void);
	bool typed;	/* a lost answer is not asked for again: a PIN */
};

/* Ends with a NULL name. */
extern const struct p11_deed p11_deeds[];

/* After p11_setup: a token with the keys that the deeds use; the library is
 * left running, with the user logged in. */
void p11_deeds_setup(void);
/* The same from the token that another process made. */
void p11_deeds_begin(void);

#endif
