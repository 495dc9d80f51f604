/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_CACHE_H
#define TOKEN_CACHE_H

#include "mech/key.h"
#include "token/objects.h"

/*
 * The objects of a token as far as memory knows them: handles, session
 * objects whole, rows of the store by number and, for the last few hundred
 * used, decoded. Rules and the store are not known here.
 */
struct object {
	CK_OBJECT_HANDLE handle;
	int64_t row;		/* 0 for a session object */
	CK_SESSION_HANDLE owner;	/* of a session object */
	uint64_t version;	/* of the decoded row */
	unsigned looked;	/* objects_epoch when that was last so */
	bool private;
	bool decoded;		/* attrs and blob are there */
	struct attrs attrs;
	struct tpm_blob blob;
	struct key *key;	/* made at the first use */
	struct object *next;	/* session objects hang together */
	struct object **link;
};

CK_RV objects_new(struct objects **out) MUST_CHECK;
void objects_free(struct objects **objects);

/* Drop all rows, or all that is private; their handles die. */
void objects_forget_rows(struct objects *objects);
void objects_forget_private(struct objects *objects);
/* Other processes wrote: decoded rows count only after a look. */
void objects_doubt_rows(struct objects *objects);
unsigned objects_epoch(const struct objects *objects);

/* NULL when there is none. */
struct object *objects_by_handle(const struct objects *objects,
    CK_OBJECT_HANDLE handle);
/* The object of a row; a new one, not decoded, when there was none. */
CK_RV objects_by_row(struct objects *objects, int64_t row,
    struct object **out) MUST_CHECK;
/* A new session object, empty but for its owner. */
CK_RV objects_add_session(struct objects *objects, CK_SESSION_HANDLE owner,
    struct object **out) MUST_CHECK;
void objects_drop(struct objects *objects, struct object *o);
/* The chain of session objects. */
struct object *objects_session(const struct objects *objects);

/* Give a row's object its content (taken); it may push another one out. */
void objects_decoded(struct objects *objects, struct object *o,
    struct attrs *attrs, struct tpm_blob *blob);
/* Forget the content, keep the handle. */
void objects_undecode(struct object *o);

#endif
