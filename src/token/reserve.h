/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_RESERVE_H
#define TOKEN_RESERVE_H

#include "tpm/tpm.h"

/*
 * Random numbers of the TPM. It gives its largest portion as fast as one
 * byte, so what a small request leaves of a portion is kept for the next:
 * less than RESERVE_LEN bytes in locked memory, each wiped when it is taken. Locks
 * itself, and sends its commands without holding the lock. A child of fork has
 * none of its parent's bytes.
 */
#define RESERVE_LEN 64

struct reserve;

CK_RV reserve_new(struct reserve **out) MUST_CHECK;
void reserve_free(struct reserve **r);
/* In a child: its lock may be held by a thread that does not exist there. */
void reserve_abandon(struct reserve **r);
/* Wipe what is there: it comes from before a seed. */
void reserve_drop(struct reserve *r);

CK_RV reserve_take(struct reserve *r, struct tpm *t, uint8_t *out,
    size_t n) MUST_CHECK;

#endif
