/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UTIL_ENV_H
#define UTIL_ENV_H

#include "util/buf.h"

/*
 * The environment, read by secure_getenv: a set-user-ID program is not
 * steered by its caller. NULL when unset or empty.
 */
const char *env_get(const char *name);

/*
 * The directories in which a store is looked for, in their order:
 * TPM2_CRYPTOKI_STORE alone when it is set; else $XDG_DATA_HOME (or
 * $HOME/.local/share) and /var/lib, each with /tpm2-cryptoki. Never a
 * relative path. path is NUL-terminated (len counts without the NUL).
 * CKR_NO_EVENT when there is no place with this index.
 */
CK_RV env_store_place(unsigned index, struct buf *path) MUST_CHECK;

#endif
