/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_WRAP_H
#define TOKEN_WRAP_H

#include "store/store.h"

/*
 * Small secrets of a token in its row, under another of its keys (32 bytes).
 * what names the purpose: each has a key of its own, derived by it. They are
 * of one token between two C_InitToken, and bound to more if there is more.
 */
CK_RV wrap_close(const struct store_token *row, struct view key,
    const char *what, struct view more, struct view secret,
    struct buf *out) MUST_CHECK;
/* CKR_DATA_INVALID. */
CK_RV wrap_open(const struct store_token *row, struct view key,
    const char *what, struct view more, struct view wrapped,
    struct buf *secret) MUST_CHECK;

#endif
