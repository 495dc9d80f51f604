/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_INDICES_H
#define LIB_INDICES_H

#include "p11.h"

/*
 * The NV indices of a TPM that holds those of one store only, as the tpm and
 * store layers see them. For when no library is initialised: a TPM without
 * resource manager has one client at a time.
 */

/* Each that looks like ours stands in a token's row, and the other way. */
void indices_agree(void);

#endif
