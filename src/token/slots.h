/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_SLOTS_H
#define TOKEN_SLOTS_H

#include "token/token.h"
#include "yaml/config.h"

/*
 * The slots of the library: one a token in the store, by ascending id, and
 * an uninitialised one last. Slots only ever appear while the library is
 * initialised, so a struct token is valid until slots_free; one whose token
 * another process deleted answers as an uninitialised one.
 *
 * The caller (the gate) holds the library's lock.
 */
struct slots;

/* Opens neither the TPM nor the store. config is borrowed until slots_free
 * or slots_abandon. */
CK_RV slots_new(const struct config *config, struct slots **out) MUST_CHECK;
void slots_free(struct slots **s);
/* After a fork: wipe secrets, give up connections without using them. */
void slots_abandon(struct slots **s);

/* The TPM that all of them share. */
struct machine *slots_machine(const struct slots *s);

/* Read the store anew: tokens made by other processes appear. */
CK_RV slots_refresh(struct slots *s) MUST_CHECK;
/*
 * Walk the slots in their order: start with *cursor = 0; NULL ends. with_token
 * leaves out the empty one when there is no TPM to make a token in.
 */
struct token *slots_next(const struct slots *s, bool with_token,
    size_t *cursor);
/* NULL when there is no such slot. */
struct token *slots_find(const struct slots *s, CK_SLOT_ID id);

#endif
