/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_P11_H
#define BENCH_P11_H

/* What module.c and provision.c share: a module that is loaded by its path. */

#include "util/cryptoki.h"

#include "bench.h"

extern CK_FUNCTION_LIST *p11;
extern CK_SLOT_ID p11_slot;

void p11_load(void);			/* BENCH_MODULE */
void p11_initialize(void);
bool p11_find_slot(void);		/* of the token BENCH_LABEL */
CK_SESSION_HANDLE p11_session(CK_FLAGS flags);
void p11_login(CK_SESSION_HANDLE session, CK_USER_TYPE who);
/* The object of that class and label. */
CK_OBJECT_HANDLE p11_find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class,
    const char *label);
void p11_check(CK_RV rv, const char *what);
/* Cryptoki takes pointers to what it only reads. */
CK_BYTE *p11_in(const void *data);

#define CHECK(call) p11_check(call, #call)

#endif
