/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef API_TRACE_H
#define API_TRACE_H

#include <stdbool.h>

#include "util/result.h"

/*
 * What TPM2_CRYPTOKI_LOG=trace shows: each C_ call with its arguments when it
 * begins, and its answer when it ends. Never a PIN, a value or any other
 * bytes of the caller's: those appear by their length.
 */
bool trace_wanted(void);
void trace_call(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A line for the attributes of a template, by name and length. */
void trace_template(const char *name, const CK_ATTRIBUTE *tmpl,
    CK_ULONG count);
void trace_answer(const char *name, CK_RV rv);

/* For "%s": the name of a mechanism, "?" when it has none here. */
const char *trace_mechanism(const CK_MECHANISM *m);

#endif
