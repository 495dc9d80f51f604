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
/* The same with the token that another process set up so. */
void p11_deeds_begin(void);
void p11_deeds_end(void);
/* All but the last, which ends the library, once each: what failed, or
 * CKR_OK. */
CK_RV p11_deeds_all(void);
/* After a change of PIN that was cut off. */
CK_RV p11_deeds_mend(void);
/* What the next program does: from C_Initialize to C_Finalize, with whatever
 * PIN a program that died has left, which it puts right. */
CK_RV p11_deeds_next(void);

#endif
