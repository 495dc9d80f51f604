/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <sys/stat.h>

#include "store/ops.h"

/*
 * The SQLite side of the store. Files: db.c (connection), query.c
 * (statements), schema.c (what the file has to look like), sqlite.c and
 * sqlite_*.c (the operations), sqlite_rc.c (codes).
 */

/* The statements that are kept prepared; their text is in query.c. */
enum db_sql {
	SQL_BEGIN,
	SQL_SNAPSHOT,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_DATA_VERSION,
	SQL_USER_VERSION,
	SQL_NOTE_GET,
	SQL_NOTE_PUT,
	SQL_NOTE_DELETE,
	SQL_TOKEN_IDS,
	SQL_TOKEN_NEXT,
	SQL_TOKEN_VERSION,
	SQL_TOKEN_GET,
	SQL_TOKEN_PUT,
	SQL_TOKEN_DELETE,
	SQL_HEADER_GET,
	SQL_HEADER_PUT,
	SQL_PIN_PUT,
	SQL_SEAL_PUT,
	SQL_SEAL_DELETE,
	SQL_OBJECT_NEXT,
	SQL_OBJECT_MARK,
	SQL_OBJECT_HEAD,
	SQL_OBJECT_GET,
	SQL_OBJECT_ROWS,
	SQL_OBJECT_PUT,
	SQL_OBJECT_DELETE,
	SQL_OBJECTS_DELETE,
	SQL_PART_CLASS,
	SQL_PART_LABEL,
	SQL_PART_ID,
	SQL_PART_ALL,
	SQL_SCAN_MARK,
	SQL_SCAN_CLASS,
	SQL_SCAN_LABEL,
	SQL_SCAN_ID,
	SQL_COUNT
};

enum { DB_BUSY_MS = 10000 };	/* how long a writer waits for others */

struct scan;

struct db {
	struct buf path;
	sqlite3 *handle;	/* NULL: has to be opened (again) */
	sqlite3_stmt *kept[SQL_COUNT];
	struct stat file;	/* as it was when opened */
	struct stat index;	/* its -shm */
	bool immutable;		/* nothing may change below us */
	bool copy;		/* nobody else's, and no loss */
	bool reopened;		/* since db_changed was last asked */
	bool scrub;		/* the WAL shall be merged and emptied */
	int64_t data_version;
	uint32_t opened;	/* how often */
	bool only;		/* we are the only writer, by this: */
	int lock;
	unsigned ticks;		/* of the running statement */
	struct scan *scan;	/* of sqlite_object_scan, while it runs */
	struct db *next;	/* abandoned, see db_abandon */
	int holder;		/* process that holds its locks again */
};

/* db.c */
/* Takes path; the file has to be there. */
CK_RV db_new(struct buf *path, struct db **out) MUST_CHECK;
void db_free(struct db **d);
void db_abandon(struct db **d);
/* Connect unless it is; every statement begins with this. */
CK_RV db_ready(struct db *d) MUST_CHECK;
/* Is the file that we have open still the one of this path? (For one that
 * was opened as immutable: and unchanged?) */
bool db_still(const struct db *d);
/* The parts of db_ready, for a file that is not used as a store (yet). */
CK_RV db_connect(struct db *d, bool immutable) MUST_CHECK;
void db_disconnect(struct db *d);
bool db_is_read_only(const struct db *d);
/* What a connection is set to once the file is known to be ours. */
CK_RV db_settle(struct db *d) MUST_CHECK;
/* And it can be written so that a death leaves the old state or the new. */
CK_RV db_settle_wal(struct db *d) MUST_CHECK;
/* Close; db_ready opens again what then has the path. */
void db_forget(struct db *d);
/* Make a new, empty, complete store at path, of the configured group; fine
 * when there is one. */
CK_RV db_create(const struct buf *path,
    const struct config *config) MUST_CHECK;

/* guard.c: settings of a connection, before it reads anything. */
CK_RV db_guard(struct db *d) MUST_CHECK;
/* Closing takes -wal and -shm away with it. */
void db_leave_nothing(struct db *d);

/* file.c: the file as the file system sees it. */
CK_RV file_check(const struct buf *path, struct stat *st) MUST_CHECK;
/* stat of path with suffix; all zero when there is none. */
CK_RV file_beside(const struct buf *path, const char *suffix,
    struct stat *st) MUST_CHECK;
bool file_may_be_immutable(const struct buf *path);
bool file_same(const struct buf *path, const struct stat *st,
    bool unchanged);
/* An empty file in the directory of path; of mode 0600, or with a group 0660
 * and of that. */
CK_RV file_temporary(const struct buf *path, const struct config *config,
    struct buf *temp) MUST_CHECK;
/* path, made absolute and without links in its directories. */
CK_RV file_absolute(const char *path, struct buf *out) MUST_CHECK;
/* What was written to path survives a power cut. */
CK_RV file_sync(const struct buf *path) MUST_CHECK;
/* The same for names in its directory. */
CK_RV file_sync_dir(const struct buf *path) MUST_CHECK;
/* Give temp the name path for good; CKR_FUNCTION_REJECTED when there is
 * one (not logged). */
CK_RV file_publish(const struct buf *temp, const struct buf *path) MUST_CHECK;
/* Remove temp and what SQLite may have put beside it. */
void file_remove(const struct buf *temp);

/* share.c: give what was just made its owner's or its group's mode; 0 or
 * errno. A passage is a directory above that of the store. */
int share_file(int fd, const char *path, const struct config *config);
int share_dir(const char *path, const struct config *config, bool passage);

/* inherit.c: locks of connections that a fork left behind. */
void inherit_keep(struct db *d);
CK_RV inherit_hold(void) MUST_CHECK;

/* writer.c: be the only writer, see struct store_ops. */
CK_RV writer_lock(struct db *d, bool wait) MUST_CHECK;
void writer_unlock(struct db *d);

/* query.c */
struct query {
	struct db *db;
	sqlite3_stmt *stmt;
	int param;		/* last bound */
	int rc;			/* of binding */
	bool damaged;		/* a column was not what it has to be */
};

CK_RV query_start(struct query *q, struct db *d,
    enum db_sql which) MUST_CHECK;
/* Bind the next parameter; bytes have to live until query_end. */
void query_int(struct query *q, int64_t v);
void query_blob(struct query *q, struct view v);
void query_text(struct query *q, const char *v);
void query_null(struct query *q);
CK_RV query_step(struct query *q, bool *row) MUST_CHECK;
/* The same for a statement with a function of ours in it, which may have
 * stopped it with a code of its own. */
CK_RV query_step_unless(struct query *q, bool *row,
    const CK_RV *stopped) MUST_CHECK;
/* Step a statement that gives no rows. */
CK_RV query_run(struct query *q) MUST_CHECK;
/* A column of the row; outside of min..max, or not of its type, it sets
 * damaged and gives min (or leaves out alone). */
int64_t query_get_int(struct query *q, int col, int64_t min, int64_t max);
CK_RV query_get_blob(struct query *q, int col, size_t min, size_t max,
    struct buf *out) MUST_CHECK;
/* A blob of just len bytes, without a copy of its own. */
void query_get_bytes(struct query *q, int col, uint8_t *out, size_t len);
bool query_is_null(struct query *q, int col);
/* rv of decoding what a column held: CKR_DATA_INVALID sets damaged. */
CK_RV query_decoded(struct query *q, CK_RV rv) MUST_CHECK;
/* Safe after a failed query_start; ends the read's snapshot. */
void query_end(struct query *q);

/* All ids that a query gives, ascending or not; CKR_DEVICE_ERROR when there
 * are more than ROW_IDS_MAX. */
CK_RV query_ids(struct query *q, int64_t **ids, size_t *count) MUST_CHECK;
/* Run SQL of our own that needs no parameter. */
CK_RV db_exec(struct db *d, const char *sql) MUST_CHECK;
/* The number that a PRAGMA or SELECT gives; the raw SQLite code. */
int db_number(sqlite3 *h, const char *sql, int64_t *out);

/* Does that text come out? */
bool db_text_is(sqlite3 *h, const char *sql, const char *want);

/* schema.c */
/* Fill an empty database. */
CK_RV schema_create(struct db *d) MUST_CHECK;
/* Is it a store of ours, of a version that we know, and nothing else? */
CK_RV schema_check(struct db *d) MUST_CHECK;
/* For schema_upgrade: each step is one transaction, from a version to a
 * later one; the last one's is where to get. */
struct schema_step {
	int from;
	int to;
	CK_RV (*step)(struct db *d);
};
/*
 * A store of ours, of an older version, becomes the newest; before each step
 * a backup is put beside it. CKR_DEVICE_ERROR for a newer version, one that
 * nobody knows, or when it may only be read. A step that fails leaves the
 * store as it was and no backup.
 */
CK_RV schema_upgrade(struct db *d, const struct schema_step *table,
    size_t count) MUST_CHECK;
/* Is the version still the one that schema_check saw? */
CK_RV schema_still(struct db *d) MUST_CHECK;

/* copy.c */
/* All pages of from as of now become what is in to. */
CK_RV db_copy(struct db *from, struct db *to) MUST_CHECK;
/* A copy of d as a new file; CKR_FUNCTION_REJECTED when there is one. */
CK_RV copy_make(struct db *d, const struct buf *path) MUST_CHECK;
/* The same beside the file, as FILE.NAME.ENDING, or with a number between
 * these if there is one. */
CK_RV copy_beside(struct db *d, const char *name, const char *ending,
    struct buf *path) MUST_CHECK;

/* replace.c */
CK_RV sqlite_replace(const struct config *config, const char *path,
    struct buf *kept) MUST_CHECK;

/* sqlite_rc.c: log what went wrong while doing; SQLITE_OK is CKR_OK. */
CK_RV sqlite_rc(sqlite3 *h, int rc, const char *path,
    const char *doing) MUST_CHECK;
/* The same for errno. */
CK_RV errno_rc(int err, const char *path, const char *doing) MUST_CHECK;

/* sqlite_index.c: what a scan of an index calls; the raw SQLite code. */
int db_scan_function(struct db *d) MUST_CHECK;

/* sqlite_pin.c: PINs and seals, of SQL_TOKEN_GET's row and into the file. */
CK_RV pins_get(struct query *q, struct store_token *t) MUST_CHECK;
CK_RV pins_put(struct db *d, const struct store_token *t) MUST_CHECK;

/* sqlite_token.c, sqlite_object.c, sqlite_index.c; the members of
 * store_sqlite. */
/* The number after the last that was ever given away. */
CK_RV db_next_id(struct db *d, enum db_sql which, int64_t *id) MUST_CHECK;
CK_RV sqlite_token_ids(void *impl, int64_t **ids, size_t *count) MUST_CHECK;
CK_RV sqlite_token_next_id(void *impl, int64_t *id) MUST_CHECK;
CK_RV sqlite_token_version(void *impl, int64_t id,
    uint64_t *version) MUST_CHECK;
CK_RV sqlite_token_get(void *impl, int64_t id,
    struct store_token *out) MUST_CHECK;
CK_RV sqlite_token_put(void *impl, const struct store_token *t) MUST_CHECK;
CK_RV sqlite_token_delete(void *impl, int64_t id) MUST_CHECK;
CK_RV sqlite_object_next_id(void *impl, int64_t *id) MUST_CHECK;
CK_RV sqlite_header_get(void *impl, int64_t token,
    struct buf *body) MUST_CHECK;
CK_RV sqlite_header_put(void *impl, int64_t token,
    struct view body) MUST_CHECK;
CK_RV sqlite_object_mark(void *impl, int64_t token, int64_t id,
    struct row_entry *out) MUST_CHECK;
CK_RV sqlite_object_head(void *impl, int64_t token, int64_t id,
    struct object_row *out) MUST_CHECK;
CK_RV sqlite_object_scan(void *impl, int64_t token, enum row_index which,
    row_each each, void *arg) MUST_CHECK;
CK_RV sqlite_object_part(void *impl, int64_t token, enum row_index which,
    bool private, unsigned part, row_each each, void *arg) MUST_CHECK;
CK_RV sqlite_object_get(void *impl, int64_t token, int64_t id,
    struct object_row *out) MUST_CHECK;
CK_RV sqlite_object_rows(void *impl, int64_t token, row_head each,
    void *arg) MUST_CHECK;
CK_RV sqlite_object_put(void *impl, const struct object_row *row) MUST_CHECK;
CK_RV sqlite_object_delete(void *impl, int64_t token,
    int64_t id) MUST_CHECK;
CK_RV sqlite_objects_delete(void *impl, int64_t token) MUST_CHECK;

#endif
