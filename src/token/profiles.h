/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_PROFILES_H
#define TOKEN_PROFILES_H

#include "token/objects.h"

/*
 * The profile objects of a token (PKCS#11 3.x, 4.13): which of the OASIS
 * PKCS#11 Profiles it meets. They belong to the library, have no session and
 * no row, and are found by searches that name their class.
 */
CK_RV profiles_add(struct objects *objects) MUST_CHECK;

#endif
