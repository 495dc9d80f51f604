/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef API_TABLES_H
#define API_TABLES_H

#include "util/result.h"

/*
 * The function tables of each version of the standard, filled from the one
 * list of functions (util/cryptoki_functions.h), and the interfaces that
 * C_GetInterface hands out.
 */

/* What C_GetInfo says: the newest table that there is. */
CK_VERSION tables_newest_version(void);

#endif
