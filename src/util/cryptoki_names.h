/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_CRYPTOKI_NAMES_H
#define UTIL_CRYPTOKI_NAMES_H

#include <stdbool.h>

#include "util/cryptoki.h"

/*
 * The constants of Cryptoki by their names in the standard, for logs, the call
 * trace and text files.  The names are static; NULL for a value that is not in
 * the standard, vendor-defined ones included.
 */
const char *ckr_name(CK_RV rv);
const char *ckm_name(CK_MECHANISM_TYPE mechanism);
const char *cka_name(CK_ATTRIBUTE_TYPE type);
const char *cko_name(CK_OBJECT_CLASS class);
const char *ckk_name(CK_KEY_TYPE type);

/*
 * The other way: "CKA_LABEL", in capitals and with its prefix; deprecated names
 * are known too.  False, and *out as it was, when there is no such name.
 */
bool cka_from_name(const char *name, CK_ATTRIBUTE_TYPE *out);

#endif
