/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_RESULT_H
#define UTIL_RESULT_H

#include "util/cryptoki.h"

/*
 * The one error currency is CK_RV. A function that can fail returns it and
 * is marked MUST_CHECK, so that the compiler objects when it is dropped.
 */
#define MUST_CHECK __attribute__((warn_unused_result))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
