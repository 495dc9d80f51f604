/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_INHERIT_H
#define TOKEN_INHERIT_H

#include "token/admin.h"
#include "token/indices.h"
#include "tpm/counter.h"

/*
 * What a token that is initialised again passes on to the new one: the NV
 * indices, as far as they are there and are what the new one wants. So no
 * authorisation of the owner is needed, and no NV is worn.
 *
 * The SO's index keeps its authValue, since C_InitToken takes the SO's PIN
 * and leaves it as it is; the user's gets one that nobody knows, once the
 * new token is there.
 */
struct heritage {
	struct store_token row;		/* the old token's; id 0: none */
	struct buf auth;		/* of its SO */
	struct buf device;		/* its device key; may be empty */
	struct tpm_counter counter;	/* handle 0: none is passed on */
};
void heritage_free(struct heritage *h);

/* By the SO's PIN; the codes of pin_open. */
CK_RV heritage_open(struct token *t, struct view pin,
    struct heritage *h) MUST_CHECK;
/* Put into row what it can use of h. */
CK_RV heritage_take(struct token *t, const struct token_wish *wish,
    struct heritage *h, struct store_token *row) MUST_CHECK;
/* The indices that row has not taken. */
size_t heritage_left(const struct heritage *h, const struct store_token *row,
    struct view areas[INDICES_MAX]);
/* The old user's PIN is good for nothing any more. */
void heritage_close_user(struct token *t, const struct heritage *h,
    struct view so_auth);

#endif
