/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_TRACE_H
#define LIB_P11_TRACE_H

#include "p11.h"

/*
 * The module's commands to the TPM, seen and broken on their way by
 * libtcti-trace.so (tcti_trace.c); for tests of test/api.
 */

/* Before C_Initialize: the TCTI that the test was given comes behind the
 * trace's. A second call begins another record. */
void p11_trace_start(void);
void p11_trace_stop(void);

/* A command of the record; names are those of tcti_trace.c. */
struct p11_traced {
	char name[24];
	CK_ULONG len;		/* of its response, when bytes are recorded */
};

void p11_trace_clear(void);
/* The commands since the last time, at most max of them. */
CK_ULONG p11_trace_take(struct p11_traced *out, CK_ULONG max);
/* Their number; prints them, so that a budget that is exceeded shows by
 * what. of NULL prints nothing. */
unsigned p11_trace_count(const char *of);
/* Whether the record has these bytes; it is not taken. */
bool p11_trace_has(const void *bytes, CK_ULONG len);
/* A command of the record with its bytes. */
struct p11_exchange {
	char name[24];
	unsigned handles;
	CK_ULONG len;
	CK_BYTE command[4096];
};
/* Each of them in turn; the record is not taken. Returns their number. */
unsigned p11_trace_walk(void (*visit)(const struct p11_exchange *x));
/* Record the bytes of commands and responses too. */
void p11_trace_bytes(bool on);

/* See TCTI_TRACE_FAULT; "": none. */
void p11_trace_fault(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* The control socket of with-tpm's swtpm; false when there is none. */
bool p11_trace_control(void);

#endif
