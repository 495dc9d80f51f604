/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_OUTPUT_H
#define SESSION_OUTPUT_H

#include "util/buf.h"

/*
 * The convention for functions that give a variable number of bytes (PKCS#11
 * 3.x, 5.2), in one place: no other function compares a caller's length.
 */
enum output_step {
	OUTPUT_DONE,	/* *rv is the answer; nothing is to be computed */
	OUTPUT_COMPUTE	/* compute, then output_give */
};

/*
 * Before computing: bound is what the output takes at most, exact whether
 * that is its very length. Answers size queries and buffers that cannot do.
 */
enum output_step output_ask(CK_BYTE *out, CK_ULONG *out_len, size_t bound,
    bool exact, CK_RV *rv);

/* Copy the result, or CKR_BUFFER_TOO_SMALL with the length that it needs. */
CK_RV output_give(struct view result, CK_BYTE *out,
    CK_ULONG *out_len) MUST_CHECK;

#endif
