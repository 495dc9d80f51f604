/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_TRIES_H
#define TOKEN_TRIES_H

#include "token/internal.h"

/*
 * How often in a row a PIN was wrong, as far as the store's notes know: for
 * the flags of C_GetTokenInfo, which ask no TPM. The TPM counts by itself; a
 * note that somebody edited, or that could not be written, only gives wrong
 * hints.
 */
#define TRIES_LOCKED UINT32_MAX

uint32_t tries_get(const struct token *t, enum store_role role);
/* After a try of the role's PIN: rv is what came of it. Not within a
 * transaction, since the note has to stay when that is rolled back. */
void tries_note(struct token *t, enum store_role role, CK_RV rv);
/* The CKF_..._PIN_ flags of the role that follow from the hint. */
CK_FLAGS tries_flags(const struct token *t, enum store_role role);
/* The notes go with the token. */
void tries_forget(struct token *t);

#endif
