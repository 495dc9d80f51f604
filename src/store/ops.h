/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_OPS_H
#define STORE_OPS_H

#include "store/store.h"

/*
 * The seam below the rows: how bytes are kept. Above it (token_row.c,
 * object_row.c) is everything that a row means: encoding, sealing, search
 * tags, versions, who may see it. Below it are places, files, locks and
 * transactions, and nothing that needs a key. SQLite is one implementation,
 * FAPI's objects another (a loadable file that exports one such struct).
 *
 * impl is what open gave. Between a call of begin and one of commit or
 * rollback all writes happen or none; a write is only called there. Codes
 * are those of store.h. Nothing here trusts what it reads: a field outside
 * its bounds is CKR_DATA_INVALID, logged with path, table and id.
 */

/* Bounds of what a row may hold, kept by writers and readers alike. */
enum {
	ROW_AREA_MAX = 65537,		/* TPM2B_PUBLIC, TPM2B_PRIVATE */
	ROW_SALT_MAX = 64,
	ROW_NAME_MAX = 66,		/* TPMT_HA of SHA-512 */
	ROW_WRAP_MAX = 256,		/* a key or authValue under the KEK */
	ROW_PIN_AREA_MAX = 256,		/* TPM2B_NV_PUBLIC */
	ROW_APPROVAL_MAX = 2048,
	ROW_PIN_MAX = 4096,		/* of pin_row_encode */
	ROW_PCRS_MAX = 512,
	ROW_COUNTER_MAX = 1024,
	ROW_HEADER_MAX = 2048,
	ROW_NOTE_MAX = 65536,
	ROW_BODY_MAX = 16 * 1024 * 1024,
	ROW_IDS_MAX = 4 * 1024 * 1024	/* objects in one answer */
};

/* Ids and versions start at 1; the largest is never given away. */
#define ROW_ID_MAX (INT64_MAX - 1)

/* The attributes that a search narrows by. */
enum row_tag { TAG_CLASS, TAG_KEY_TYPE, TAG_LABEL, TAG_ID, TAGS };
enum { TAG_LEN = 16 };

struct row_tags {
	bool set[TAGS];		/* the object (or the search) has it */
	uint8_t tag[TAGS][TAG_LEN];
};

struct object_row {
	int64_t id;
	int64_t token;
	uint64_t version;
	bool private;
	struct row_tags tags;
	struct buf public_area;		/* of struct tpm_blob */
	struct buf private_area;
	uint8_t mac[TAG_LEN];		/* GCM's tag of the body */
	struct buf body;		/* sealed attributes and authValue */
};
void object_row_free(struct object_row *row);

/* pin_row.c: values that are one field of a row. The other way
 * CKR_DATA_INVALID for what encode would not have made. */
bool pin_row_fits(const struct tpm_pin *p);
CK_RV pin_row_encode(const struct tpm_pin *p, struct buf *out) MUST_CHECK;
CK_RV pin_row_decode(struct view in, struct tpm_pin *out) MUST_CHECK;
CK_RV pcrs_row_encode(const struct tpm_pcrs *pcrs,
    struct buf *out) MUST_CHECK;
CK_RV pcrs_row_decode(struct view in, struct tpm_pcrs *out) MUST_CHECK;

/*
 * The indexes of a token's objects: INDEX_MARK holds for each row what the
 * header vouches for, the others serve the search. An index is bytes of its
 * own in the file, so each has sums of its own in the header.
 */
enum row_index { INDEX_MARK, INDEX_CLASS, INDEX_LABEL, INDEX_ID, INDEXES };

/*
 * An index of the search in parts, each of which lies in one piece: of one
 * visibility, the entries whose first tag begins with the same four bits.
 * PART_REST has those without a first tag, which only PART_ALL, all of the
 * visibility, has besides it.
 */
enum row_part { PART_REST = 16, PART_COUNT, PART_ALL = PART_COUNT };

/* One row as an index has it. */
struct row_entry {
	int64_t id;
	uint64_t word;		/* INDEX_MARK: version; else ENTRY_... */
	uint8_t tag[2][TAG_LEN];	/* mac, or tags in the index's order */
};
enum {
	ENTRY_PRIVATE = 1,
	ENTRY_SET_0 = 2,	/* tag[0] is there, else zero */
	ENTRY_SET_1 = 4
};
typedef CK_RV (*row_each)(void *arg, const struct row_entry *e);
/* A row without blobs and body; not whole: only its id is right. */
typedef CK_RV (*row_head)(void *arg, const struct object_row *row,
    bool whole);

struct store_ops {
	const char *name;

	/* As store_open, store_close, store_abandon, store_path. */
	CK_RV (*open)(const struct config *config, bool create,
	    void **impl) MUST_CHECK;
	/* As store_backup, store_replace. */
	CK_RV (*backup)(void *impl, const char *path) MUST_CHECK;
	CK_RV (*replace)(const struct config *config, const char *path,
	    struct buf *kept) MUST_CHECK;
	void (*close)(void **impl);
	void (*abandon)(void **impl);
	const char *(*path)(const void *impl);
	bool (*read_only)(const void *impl);

	/*
	 * begin also makes this process the only writer of the store, until
	 * release, which comes after commit or rollback (and what the caller
	 * does in between). seize does only that, without waiting:
	 * CKR_FUNCTION_FAILED when somebody writes now.
	 */
	CK_RV (*begin)(void *impl) MUST_CHECK;
	CK_RV (*seize)(void *impl) MUST_CHECK;
	void (*release)(void *impl);
	/* What is read from here to its end is of one moment. */
	CK_RV (*snapshot)(void *impl) MUST_CHECK;
	void (*snapshot_end)(void *impl);
	/* A number that is another one when another connection committed. */
	CK_RV (*stamp)(void *impl, uint64_t *stamp) MUST_CHECK;
	CK_RV (*commit)(void *impl) MUST_CHECK;
	void (*rollback)(void *impl);
	/* As store_changed. */
	CK_RV (*changed)(void *impl, bool *changed) MUST_CHECK;

	CK_RV (*note_get)(void *impl, const char *name,
	    struct buf *value) MUST_CHECK;
	CK_RV (*note_put)(void *impl, const char *name,
	    struct view value) MUST_CHECK;

	/* Ascending ids, given back by mem_free; damaged rows too. */
	CK_RV (*token_ids)(void *impl, int64_t **ids,
	    size_t *count) MUST_CHECK;
	CK_RV (*token_next_id)(void *impl, int64_t *id) MUST_CHECK;
	/* CKR_TOKEN_NOT_PRESENT. */
	CK_RV (*token_version)(void *impl, int64_t id,
	    uint64_t *version) MUST_CHECK;
	CK_RV (*token_get)(void *impl, int64_t id,
	    struct store_token *out) MUST_CHECK;
	/* Insert or update just as given, the version too. */
	CK_RV (*token_put)(void *impl,
	    const struct store_token *t) MUST_CHECK;
	CK_RV (*token_delete)(void *impl, int64_t id) MUST_CHECK;
	/* Empty when there is none. */
	CK_RV (*header_get)(void *impl, int64_t token,
	    struct buf *body) MUST_CHECK;
	CK_RV (*header_put)(void *impl, int64_t token,
	    struct view body) MUST_CHECK;

	CK_RV (*object_next_id)(void *impl, int64_t *id) MUST_CHECK;
	/* What INDEX_MARK says of a row; CKR_OBJECT_HANDLE_INVALID. */
	CK_RV (*object_mark)(void *impl, int64_t token, int64_t id,
	    struct row_entry *out) MUST_CHECK;
	/* Of the row itself; head leaves out blobs and body. */
	CK_RV (*object_get)(void *impl, int64_t token, int64_t id,
	    struct object_row *out) MUST_CHECK;
	CK_RV (*object_head)(void *impl, int64_t token, int64_t id,
	    struct object_row *out) MUST_CHECK;
	/* All entries of an index, from it alone; CKR_DATA_INVALID when one
	 * is no entry or out of order, where a search would miss it. */
	CK_RV (*object_scan)(void *impl, int64_t token, enum row_index which,
	    row_each each, void *arg) MUST_CHECK;
	/* The same of one part of an index of the search, any but PART_REST;
	 * PART_ALL only of INDEX_CLASS. What does not lie where it belongs
	 * may be left out. */
	CK_RV (*object_part)(void *impl, int64_t token, enum row_index which,
	    bool private, unsigned part, row_each each, void *arg) MUST_CHECK;
	/* All rows of a token from the table itself, damaged ones too. */
	CK_RV (*object_rows)(void *impl, int64_t token, row_head each,
	    void *arg) MUST_CHECK;
	CK_RV (*object_put)(void *impl,
	    const struct object_row *row) MUST_CHECK;
	CK_RV (*object_delete)(void *impl, int64_t token,
	    int64_t id) MUST_CHECK;
	CK_RV (*objects_delete)(void *impl, int64_t token) MUST_CHECK;
};

extern const struct store_ops store_sqlite;

#endif
