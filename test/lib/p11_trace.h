/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_TRACE_H
#define LIB_P11_TRACE_H

#include "p11.h"

/*
 * The commands that the TPM gets, by a TCTI that writes them down
 * (tcti_trace.c) before the one that the test was given. For libraries that
 * are initialised after the start.
 */
void p11_trace_start(void);
void p11_trace_stop(void);
/* Those since the last time; printed after of, so that a budget that is
 * exceeded shows by what. of NULL prints nothing. */
unsigned p11_commands(const char *of);

#endif
