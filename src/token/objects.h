/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_OBJECTS_H
#define TOKEN_OBJECTS_H

#include "attr/attrs.h"
#include "mech/key.h"
#include "token/token.h"

/*
 * The objects of a token: rows of the store and, in memory only, session
 * objects, behind one kind of handle. A handle is not used again; it dies
 * with its object, and that of a private object at logout. What is decoded
 * of a row is kept for a bounded number of objects and looked at again after
 * other processes' commits.
 *
 * state is the calling session's (CKS_...): what it may not see does not
 * exist. The caller (the gate) holds token_lock and has called
 * token_refresh.
 */
struct objects;

/*
 * Add one object, or the halves of a pair in one transaction. CKA_TOKEN
 * decides between the store and owner, the session that session objects go
 * with. Takes what new holds; handle is the result.
 * CKR_SESSION_READ_ONLY, CKR_USER_NOT_LOGGED_IN, store codes; on failure
 * nothing was added.
 */
struct new_object {
	struct attrs attrs;
	struct tpm_blob blob;
	CK_OBJECT_HANDLE handle;
};
void new_object_free(struct new_object *n);

CK_RV token_add_objects(struct token *t, CK_STATE state,
    CK_SESSION_HANDLE owner, struct new_object *list,
    size_t count) MUST_CHECK;

/* The attributes of a visible object; valid until the next call for this
 * token. CKR_OBJECT_HANDLE_INVALID. */
CK_RV token_object(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    const struct attrs **attrs) MUST_CHECK;
/* Also its TPM blob, to copy it. */
CK_RV token_object_blob(struct token *t, CK_STATE state,
    CK_OBJECT_HANDLE handle, const struct tpm_blob **blob) MUST_CHECK;
/* The key of a visible object, a new reference. CKR_KEY_HANDLE_INVALID. */
CK_RV token_key(struct token *t, CK_STATE state, CK_OBJECT_HANDLE handle,
    const struct attrs **attrs, struct key **key) MUST_CHECK;

/*
 * Change an object: token_change_begin shows its latest attributes, token_
 * change_object replaces them (takes *attrs on success), token_change_end
 * closes the matter on every path after a begin that went well.
 */
CK_RV token_change_begin(struct token *t, CK_STATE state,
    CK_OBJECT_HANDLE handle, const struct attrs **attrs) MUST_CHECK;
CK_RV token_change_object(struct token *t, CK_STATE state,
    CK_OBJECT_HANDLE handle, struct attrs *attrs) MUST_CHECK;
void token_change_end(struct token *t);
CK_RV token_destroy_object(struct token *t, CK_STATE state,
    CK_OBJECT_HANDLE handle) MUST_CHECK;

/* Handles of all visible objects that match want, session objects last; an
 * array for the caller to free with token_handles_free. */
CK_RV token_find(struct token *t, CK_STATE state, const struct attrs *want,
    CK_OBJECT_HANDLE **handles, size_t *count) MUST_CHECK;
void token_handles_free(CK_OBJECT_HANDLE **handles);

/* Where new keys of this token are made. CKR_TOKEN_NOT_RECOGNIZED. */
struct mech_place;
CK_RV token_place(struct token *t, struct mech_place *place) MUST_CHECK;

/* A session goes, with its objects. */
void token_drop_session_objects(struct token *t, CK_SESSION_HANDLE owner);

#endif
