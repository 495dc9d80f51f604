/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/db.h"

/*
 * A statement of ours takes a few instructions a row. TICKS_MAX times TICK
 * of them are more than any honest store needs; a forged tree, whose pages
 * are their own children, would never end.
 */
enum {
	TICK = 200000,
	TICKS_MAX = 1000
};

/* Generous over what the statements of query.c and the schema need. */
static const struct {
	int id;
	int max;
} limits[] = {
	{ SQLITE_LIMIT_LENGTH, ROW_BODY_MAX + 4 * ROW_AREA_MAX },
	{ SQLITE_LIMIT_SQL_LENGTH, 10000 },
	{ SQLITE_LIMIT_COLUMN, 32 },
	{ SQLITE_LIMIT_EXPR_DEPTH, 20 },
	{ SQLITE_LIMIT_COMPOUND_SELECT, 3 },
	{ SQLITE_LIMIT_VDBE_OP, 25000 },
	{ SQLITE_LIMIT_FUNCTION_ARG, 8 },
	{ SQLITE_LIMIT_ATTACHED, 0 },
	{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50 },
	{ SQLITE_LIMIT_VARIABLE_NUMBER, 16 },
	{ SQLITE_LIMIT_TRIGGER_DEPTH, 4 },
	{ SQLITE_LIMIT_WORKER_THREADS, 0 }
};

static const struct {
	int id;
	int on;
} switches[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
	{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
	{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 }
};

static int
tick(void *arg)
{
	struct db *d = arg;

	return ++d->ticks > TICKS_MAX;
}

CK_RV
db_guard(struct db *d)
{
	int keep = 1;
	size_t i;
	int rc;

	(void)sqlite3_extended_result_codes(d->handle, 1);
	for (i = 0; i < ARRAY_LEN(limits); i++)
		(void)sqlite3_limit(d->handle, limits[i].id, limits[i].max);
	for (i = 0; i < ARRAY_LEN(switches); i++)
		(void)sqlite3_db_config(d->handle, switches[i].id,
		    switches[i].on, NULL);
	sqlite3_progress_handler(d->handle, TICK, tick, d);
	/* who may not create -wal and -shm can still read beside others */
	(void)sqlite3_file_control(d->handle, "main",
	    SQLITE_FCNTL_PERSIST_WAL, &keep);
	rc = sqlite3_busy_timeout(d->handle, DB_BUSY_MS);
	if (rc == SQLITE_OK)
		rc = db_scan_function(d);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(d->handle, "PRAGMA cell_size_check = ON",
		    NULL, NULL, NULL);
	return sqlite_rc(d->handle, rc, (const char *)d->path.data,
	    "cannot be opened");
}

void
db_leave_nothing(struct db *d)
{
	int keep = 0;

	(void)sqlite3_file_control(d->handle, "main",
	    SQLITE_FCNTL_PERSIST_WAL, &keep);
}
