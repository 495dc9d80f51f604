/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_CALLS_H
#define LIB_P11_CALLS_H

#include "p11.h"

/*
 * One plausible call of each function of Cryptoki, so that a test can say
 * something of all of them: what they answer before C_Initialize, after a
 * fork, on a session that is none. Arguments are such that nothing but the
 * session, slot or state given can be wrong with them at first sight.
 */
enum p11_takes {
	P11_TAKES_NOTHING = 1,
	P11_TAKES_SLOT = 2,
	P11_TAKES_SESSION = 4,
	P11_TAKES_ANY = 7,
};

/*
 * Call all functions that take one of these, but for C_Initialize, C_Finalize,
 * C_GetFunctionList, C_GetInterface and C_GetInterfaceList; handle is the slot
 * or session. Returns how many gave another code than expected, and prints
 * which, and how many there were. It asserts nothing: forked children use it.
 */
unsigned p11_call_all(enum p11_takes takes, CK_ULONG handle, CK_RV expected);

#endif
