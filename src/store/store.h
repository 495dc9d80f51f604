/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "attr/attrs.h"
#include "tpm/pin.h"
#include "util/buf.h"
#include "yaml/config.h"

/*
 * What lives on the disk: tokens, PIN seals, objects, and notes about the
 * TPM. A row goes out by encode (YAML), seal, write, and comes in by read,
 * open, decode; the bytes themselves are kept by one of the struct store_ops
 * (store/sqlite.c, later fapi/).
 *
 * Each token has a header, sealed under its device key, which vouches for
 * the token's row, for the set of its objects and for the indexes, and names
 * the value of a counter in the TPM. It is checked at the first access to an
 * object, and after each commit of another connection; then what was edited,
 * removed, duplicated, moved or taken back to an older state is refused.
 *
 * A struct store is used by one thread at a time; open one for each token,
 * they may be used in parallel and see each other's commits. After a fork
 * the child abandons what it inherited.
 *
 * Codes common to all functions:
 *   CKR_TOKEN_WRITE_PROTECTED  the store can be read but not written
 *   CKR_DEVICE_MEMORY          the disk is full, or a row is too long
 *   CKR_DEVICE_ERROR           the file is damaged or cannot be used; the
 *                              log says which path and why
 *                              (or the token's content was edited, or is an
 *                              old copy: only that token is refused)
 *   CKR_FUNCTION_FAILED        another writer held the store for too long
 *   CKR_HOST_MEMORY
 * Once a write in a transaction has failed with one of these, the rest of
 * that transaction answers the same: only all of it can be committed.
 */
struct store;

/*
 * Open the store at the first of the places (yaml/config.h) that has one.
 * Without any and with create it is made (directory 0700, file 0600; with a
 * group in the configuration 0770 and 0660 of that group) at the first place
 * that can be written (CKR_TOKEN_WRITE_PROTECTED when there is none);
 * without create the answer is CKR_TOKEN_NOT_PRESENT. A store that this
 * user may not read counts as absent, and the log says so.
 * One of an older schema is upgraded, after a backup beside it; one of a
 * newer schema is CKR_DEVICE_ERROR and is not touched.
 * config is borrowed for as long as the store is open.
 */
CK_RV store_open(const struct config *config, bool create,
    struct store **out) MUST_CHECK;
void store_close(struct store **s);
/* After a fork: forget it without touching the file or its locks. */
void store_abandon(struct store **s);
/* Path of the file in use, for messages. */
const char *store_path(const struct store *s);
/* True when each write will answer CKR_TOKEN_WRITE_PROTECTED. */
bool store_read_only(const struct store *s);

/*
 * A copy of the whole store as one new file of mode 0600 at path, by SQLite's
 * own backup, while others go on reading and writing. CKR_FUNCTION_REJECTED
 * when there is something at path.
 */
CK_RV store_backup(struct store *s, const char *path) MUST_CHECK;
/*
 * The other way: put the backup at path in the place of the store (which is
 * made if there is none), in one step: whoever dies on the way leaves the one
 * or the other. What was there is kept beside it and its path given in kept
 * (empty: nothing was there). CKR_DATA_INVALID when the backup is no store of
 * a version that this module knows. Other processes see the new content at
 * their next call.
 */
CK_RV store_replace(const struct config *config, const char *path,
    struct buf *kept) MUST_CHECK;

/*
 * Each C_ call that changes something is one transaction; a write outside
 * of one is a transaction of its own. store_begin waits for other writers.
 * store_rollback is safe to call after anything; it never fails.
 */
CK_RV store_begin(struct store *s) MUST_CHECK;
CK_RV store_commit(struct store *s) MUST_CHECK;
void store_rollback(struct store *s);

/* Has another connection (process or token) committed since the last call?
 * Cheap; true at the first call. */
CK_RV store_changed(struct store *s, bool *changed) MUST_CHECK;

/* A named value about this store or its TPM, at most 64 KiB; empty when
 * there is none, and putting an empty one removes it. */
CK_RV store_note_get(struct store *s, const char *name,
    struct buf *value) MUST_CHECK;
CK_RV store_note_put(struct store *s, const char *name,
    struct view value) MUST_CHECK;

/*
 * One role's PIN of a token: how it is counted, and the KEK sealed under it.
 * The salt outlives changes of PIN, so that what is derived from a PIN can be
 * tried with both seals. The index is there before and without a PIN.
 */
enum store_role { STORE_SO, STORE_USER, STORE_ROLES };

struct store_pin {
	bool set;		/* there is a PIN: seal is its */
	struct buf salt;
	struct tpm_blob seal;	/* seal.auth is never stored */
	struct tpm_blob pending;	/* of a change under way; else empty */
	struct tpm_pin index;	/* handle 0: the TPM's lockout counts */
	struct buf auth_wrapped;	/* under the KEK, for reseal; may be
					 * empty; 256 bytes */
};

struct store_token {
	int64_t id;		/* also the slot id; never used again */
	uint8_t serial[16];	/* as C_GetTokenInfo gives it */
	uint8_t label[32];	/* blank-padded */
	uint8_t generation[16];	/* random, new with each C_InitToken */
	uint64_t version;	/* counts up with each write of this row */
	struct tpm_parent parent;
	struct tpm_pcrs pcrs;	/* that the seals are bound to */
	struct store_pin pins[STORE_ROLES];
	struct tpm_blob device;	/* the device key as the TPM sealed it ... */
	struct buf device_wrapped;	/* ... and as the KEK did; 256 bytes */
	struct buf counter;	/* of the clock; empty: none; 1 KiB */
};
void store_token_free(struct store_token *t);

/* All tokens by ascending id; *list is an array to be given back by
 * store_tokens_free. A damaged row is left out and logged. Here and in
 * store_token_get nothing is checked: for that the device key is needed. */
CK_RV store_tokens(struct store *s, struct store_token **list,
    size_t *count) MUST_CHECK;
void store_tokens_free(struct store_token **list, size_t count);
/* CKR_TOKEN_NOT_PRESENT when it is gone, CKR_DATA_INVALID when damaged. */
CK_RV store_token_get(struct store *s, int64_t id,
    struct store_token *out) MUST_CHECK;
/* The id that the next new token will have (ids start at 1). */
CK_RV store_token_next_id(struct store *s, int64_t *id) MUST_CHECK;

/*
 * The token's counter in the TPM, which only ever goes up. bump takes it from
 * from to from + 1: CKR_OK means that it is there, also when the answer to
 * the first try got lost; nobody else bumps meanwhile. A clock has to be
 * there until the transaction that it was given in is over.
 */
struct store_clock {
	void *arg;
	CK_RV (*read)(void *arg, uint64_t *value);
	CK_RV (*bump)(void *arg, uint64_t from);
};

/*
 * The keys of a token, 32 bytes each: for_public is its device key, which
 * seals the header and public objects; for_private seals private ones and
 * may be empty: then private rows are neither found nor read nor written.
 * clock NULL leaves the counter out (rollback: off). An operation without
 * for_public is CKR_GENERAL_ERROR.
 */
struct store_keys {
	struct view for_public;
	struct view for_private;
	const struct store_clock *clock;
};

/*
 * Insert (when there is no row of this id; only for the next id) or update;
 * t->version is set. CKR_TOKEN_NOT_PRESENT for the id of a deleted token.
 * A transaction is about one token: a second one is CKR_GENERAL_ERROR.
 */
CK_RV store_token_put(struct store *s, const struct store_keys *keys,
    struct store_token *t) MUST_CHECK;
/* With all its objects. Nothing is checked: a token can always go. */
CK_RV store_token_delete(struct store *s, int64_t id) MUST_CHECK;
/*
 * Is this token what its header says, and no old copy? Every operation on
 * objects asks by itself; asking again costs a look at PRAGMA data_version.
 */
CK_RV store_check(struct store *s, const struct store_keys *keys,
    int64_t token) MUST_CHECK;
/*
 * Everything there is to check, told one by one: the header and row of the
 * token, its indexes (which else are looked at when a search first goes by
 * them), and each object's row. Without for_private the private rows are
 * only counted. Goes on after a fault; CKR_OK when all could be looked at,
 * whatever was found.
 */
struct store_finding {
	const char *what;	/* "header", "token", "objects", "index",
				 * "object" */
	int64_t object;		/* id, for "object"; else 0 */
	CK_RV rv;		/* CKR_OK, or what is wrong */
	const char *why;	/* one line for a person; NULL with CKR_OK */
};
typedef void (*store_tell)(void *arg, const struct store_finding *f);
CK_RV store_verify(struct store *s, const struct store_keys *keys,
    int64_t token, store_tell tell, void *arg) MUST_CHECK;
/*
 * Take the token as it now is: write its header anew for the counter's
 * present value. For a person who knows that this is an old copy; the caller
 * has seen the SO's PIN. Rows that do not open stay as they are.
 */
CK_RV store_accept(struct store *s, const struct store_keys *keys,
    int64_t token) MUST_CHECK;

struct store_object {
	int64_t id;		/* 0 before the first put; never used again */
	int64_t token;
	uint64_t version;	/* counts up with each write of this row */
	bool private;
	struct attrs attrs;
	struct tpm_blob blob;	/* empty for what is not in the TPM */
};
void store_object_free(struct store_object *o);

/* Insert (o->id 0) or update; sets id and version. CKR_OBJECT_HANDLE_INVALID
 * when the row to be updated is gone, CKR_TOKEN_NOT_PRESENT when the token
 * is, CKR_USER_NOT_LOGGED_IN for a private object without its key. */
CK_RV store_object_put(struct store *s, const struct store_keys *keys,
    struct store_object *o) MUST_CHECK;
/* CKR_OBJECT_HANDLE_INVALID when there is no such row, CKR_DATA_INVALID
 * when it does not open or decode (logged: one damaged row hides one
 * object), CKR_USER_NOT_LOGGED_IN for a private row without its key. */
CK_RV store_object_get(struct store *s, const struct store_keys *keys,
    int64_t token, int64_t id, struct store_object *out) MUST_CHECK;
/* Only the version of a row: has another process changed or deleted it? */
CK_RV store_object_version(struct store *s, const struct store_keys *keys,
    int64_t token, int64_t id, uint64_t *version) MUST_CHECK;
CK_RV store_object_delete(struct store *s, const struct store_keys *keys,
    int64_t token, int64_t id) MUST_CHECK;
/*
 * All objects, whatever state they are in: C_InitToken, whose keys are those
 * of the new token. What was there is not checked.
 */
CK_RV store_objects_delete_all(struct store *s,
    const struct store_keys *keys, int64_t token) MUST_CHECK;

/*
 * Ids, ascending, of the token's objects that may match want: narrowed in an
 * index by CKA_ID or else CKA_LABEL (each with CKA_CLASS), or else CKA_CLASS
 * and CKA_KEY_TYPE, the rest is for the caller to check. *ids is given back by
 * store_ids_free. Private rows are there only with keys->for_private.
 */
CK_RV store_object_find(struct store *s, const struct store_keys *keys,
    int64_t token, const struct attrs *want, int64_t **ids,
    size_t *count) MUST_CHECK;
void store_ids_free(int64_t **ids);

#endif
