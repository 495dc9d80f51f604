/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "store/ops.h"

/* Sums modulo 2^128, see sum.c. */
struct row_sum {
	uint64_t high;
	uint64_t low;
};

/* SUMS: of an index of the search, the parts of the public and then of the
 * private half; INDEX_MARK has one sum. */
enum { RECORD_LEN = 32, SUM_BATCH = 512, SUMS = 2 * PART_COUNT };

/* What the header of a token says. */
struct header {
	bool timed;		/* there is a counter */
	uint64_t count;		/* its value */
	struct row_sum sum[INDEXES][SUMS];
	uint8_t record[RECORD_LEN];	/* digest of the token's row */
};

/* Of an index what was read and agrees with the header: struct row_entry. */
struct part {
	bool right;
	struct buf entries;
};

/*
 * What is known of the one token that the store was last asked about. A
 * transaction works on next; committing makes it now.
 */
struct vault {
	int64_t token;		/* 0: none yet */
	struct buf device;
	struct buf header_k;
	struct buf sum_k;
	const struct store_clock *clock;	/* of the running call */
	bool known;		/* at stamp, the verdict was this */
	uint64_t stamp;
	CK_RV verdict;
	const char *why;	/* the verdict is bad */
	struct part parts[INDEXES][2][PART_ALL + 1];
	bool dirty;		/* next is to be committed */
	struct header now;
	struct header next;
};

/* What the row files share. */
struct store {
	const struct store_ops *ops;
	void *impl;
	bool open;		/* a transaction is */
	CK_RV broken;		/* its first failed write, else CKR_OK */
	struct vault vault;
};

/*
 * Around a write: store_enter begins a transaction unless the caller has one
 * (then it only refuses a broken one); store_leave ends what store_enter
 * began, by rv, and marks a caller's transaction as broken when rv says that
 * a write failed. It answers rv, or why the commit failed.
 */
CK_RV store_enter(struct store *s, bool *own) MUST_CHECK;
CK_RV store_leave(struct store *s, bool own, CK_RV rv) MUST_CHECK;

/*
 * vault.c. Around a read of what the header vouches for: vault_enter takes
 * a snapshot (unless a transaction is open) and checks it; vault_leave is to
 * be called whatever vault_enter said. CKR_TOKEN_NOT_PRESENT when there is
 * no such token.
 */
CK_RV vault_enter(struct store *s, const struct store_keys *keys,
    int64_t token) MUST_CHECK;
void vault_leave(struct store *s);
/* The vault becomes this token's, with what it knows of it by now. */
CK_RV vault_use(struct store *s, const struct store_keys *keys,
    int64_t token) MUST_CHECK;
/* The parts of the check, for who has to know which one fails: a failure
 * that is the token's own sets verdict and why. vault_age may take a newer
 * snapshot, and h of it. */
CK_RV vault_header(struct store *s, struct header *h) MUST_CHECK;
CK_RV vault_record_now(struct store *s,
    uint8_t record[RECORD_LEN]) MUST_CHECK;
CK_RV vault_age(struct store *s, struct header *h) MUST_CHECK;
/* Make the verdict a bad one; CKR_DEVICE_ERROR. */
CK_RV vault_refuse(struct store *s, const char *why) MUST_CHECK;
/* Within a transaction: check, then the header may be changed. */
CK_RV vault_change(struct store *s, const struct store_keys *keys,
    int64_t token) MUST_CHECK;
/* The same for a token without objects, whatever was there before. */
CK_RV vault_renew(struct store *s, const struct store_keys *keys,
    int64_t token) MUST_CHECK;
/* A row comes (sign 1) or goes (-1): its four entries. */
CK_RV vault_count(struct store *s, const struct object_row *row,
    int sign) MUST_CHECK;
/* The token's row is now this. */
CK_RV vault_record(struct store *s, const struct store_token *t) MUST_CHECK;
/* Before the commit, after it, and instead of it. */
CK_RV vault_write(struct store *s) MUST_CHECK;
void vault_committed(struct store *s);
void vault_rolled_back(struct store *s);
/* Know nothing; with the keys gone when token is 0. */
void vault_forget(struct vault *v);
void vault_free(struct vault *v);

/* part.c */
/* The entries of a part, when they agree with the header; between
 * vault_enter and _leave. */
CK_RV part_get(struct store *s, enum row_index which, bool private,
    unsigned part, struct view *out) MUST_CHECK;
/* An entry came or went. */
void part_changed(struct vault *v, enum row_index which,
    const struct row_entry *e);
void parts_forget(struct vault *v);

/* header.c */
CK_RV header_seal(struct view key, int64_t token, const struct header *h,
    struct buf *body) MUST_CHECK;
/* CKR_DATA_INVALID for one of another token or key. */
CK_RV header_open(struct view key, int64_t token, struct view body,
    struct header *h) MUST_CHECK;
CK_RV header_record(const struct store_token *t,
    uint8_t out[RECORD_LEN]) MUST_CHECK;

/* sum.c */
bool sum_same(const struct row_sum *a, const struct row_sum *b,
    size_t count);
/* Where among the sums of its index an entry counts. */
size_t sum_place(enum row_index which, const struct row_entry *e);
/* A sum in the making; sum_add is a row_each. */
struct sum_run {
	struct view key;
	enum row_index which;
	struct row_sum sum[SUMS];
	size_t count;
	struct row_entry list[SUM_BATCH];
};
CK_RV sum_add(void *run, const struct row_entry *e) MUST_CHECK;
CK_RV sum_end(struct sum_run *run) MUST_CHECK;
CK_RV sum_rows(struct view key, enum row_index which,
    const struct row_entry *list, size_t count, int sign,
    struct row_sum sum[SUMS]) MUST_CHECK;
CK_RV sum_index(struct store *s, struct view key, int64_t token,
    enum row_index which, struct row_sum sum[SUMS]) MUST_CHECK;
/* The entry, but for its id, that these tags make in an index of the search. */
void sum_entry(enum row_index which, bool private,
    const struct row_tags *tags, struct row_entry *e);
/* The entries of a row in the indexes. */
void sum_entries(const struct object_row *row,
    struct row_entry out[INDEXES]);

/*
 * The body of a row: plain sealed under key, bound to all else that the row
 * holds, which has to be set before. The other way CKR_DATA_INVALID for a
 * row that was sealed otherwise than key says.
 */
CK_RV row_seal(struct view key, struct view plain,
    struct object_row *row) MUST_CHECK;
CK_RV row_open(struct view key, const struct object_row *row,
    struct buf *plain) MUST_CHECK;
/* What was sealed by store_object_put; takes row's areas. */
CK_RV row_read(struct view key, struct object_row *row,
    struct store_object *o) MUST_CHECK;
/* Eight bytes, the highest first. */
CK_RV row_number(struct buf *b, uint64_t v) MUST_CHECK;

/* The tags of a list's attributes under key. */
CK_RV row_tags_of(struct view key, int64_t token, const struct attrs *a,
    struct row_tags *out) MUST_CHECK;

/*
 * A key for one purpose, derived from the key of a visibility: no key serves
 * two algorithms. out takes 32 bytes.
 */
CK_RV row_key(struct view key, const char *purpose,
    struct buf *out) MUST_CHECK;

#endif
