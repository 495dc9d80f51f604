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
enum p11_takes { P11_TAKES_NOTHING, P11_TAKES_SLOT, P11_TAKES_SESSION };

struct p11_call {
	const char *name;
	enum p11_takes takes;
	/* handle is the slot or session, and unused by the others */
	void (*call)(CK_ULONG handle, CK_RV *rv);
};

CK_RV p11_call(const struct p11_call *call, CK_ULONG handle);

/* All but C_Initialize, C_Finalize, C_GetFunctionList, C_GetInterface and
 * C_GetInterfaceList; those of 3.0 come last, from p11_calls_3_0 on. */
extern const struct p11_call p11_calls[];
extern const size_t p11_calls_count;
extern const size_t p11_calls_3_0;

#endif
