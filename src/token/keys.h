/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_KEYS_H
#define TOKEN_KEYS_H

#include "token/objects.h"

/*
 * How objects come to be and change: each function is one C_ call, from
 * checked template to committed row. owner is the calling session, state its
 * state; templates are the caller's and hostile. A failure changes nothing.
 */
struct maker {
	struct token *token;
	CK_STATE state;
	CK_SESSION_HANDLE owner;
	enum context_login *context;
};

/*
 * A derivation (or decapsulation) has no Init after which C_Login(CKU_CONTEXT_
 * SPECIFIC) could come. So one with a key that has CKA_ALWAYS_AUTHENTICATE is
 * refused with CKR_USER_NOT_LOGGED_IN at first, which makes the session wait
 * for that login; after it the next one of the session goes through, and uses
 * it up.
 */
enum context_login { CONTEXT_NONE, CONTEXT_WANTED, CONTEXT_GIVEN };

struct template {
	const CK_ATTRIBUTE *list;
	CK_ULONG count;
};

CK_RV token_create_object(const struct maker *by, struct template tmpl,
    CK_OBJECT_HANDLE *handle) MUST_CHECK;
CK_RV token_copy_object(const struct maker *by, CK_OBJECT_HANDLE from,
    struct template tmpl, CK_OBJECT_HANDLE *handle) MUST_CHECK;
CK_RV token_set_attributes(const struct maker *by, CK_OBJECT_HANDLE object,
    struct template tmpl) MUST_CHECK;

CK_RV token_generate_key(const struct maker *by, const CK_MECHANISM *m,
    struct template tmpl, CK_OBJECT_HANDLE *handle) MUST_CHECK;
CK_RV token_generate_pair(const struct maker *by, const CK_MECHANISM *m,
    struct template pub, struct template priv, CK_OBJECT_HANDLE *pub_handle,
    CK_OBJECT_HANDLE *priv_handle) MUST_CHECK;
/* handle may be NULL for a mechanism whose parameter takes the handles. Those
 * of all that was made are written, or of none. */
CK_RV token_derive_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE base, struct template tmpl,
    CK_OBJECT_HANDLE *handle) MUST_CHECK;

/* A secret for the holder of a private key, and what that one makes of the
 * ciphertext; token_encapsulated_len tells its length beforehand. */
CK_RV token_encapsulated_len(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE public, size_t *len) MUST_CHECK;
CK_RV token_encapsulate_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE public, struct template tmpl, struct buf *ciphertext,
    CK_OBJECT_HANDLE *handle) MUST_CHECK;
/* CKR_UNWRAPPING_KEY_HANDLE_INVALID and _TYPE_INCONSISTENT speak of private,
 * CKR_WRAPPED_KEY_INVALID and _LEN_RANGE of the ciphertext (5.18.11). */
CK_RV token_decapsulate_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE private, struct template tmpl, struct view ciphertext,
    CK_OBJECT_HANDLE *handle) MUST_CHECK;

#endif
