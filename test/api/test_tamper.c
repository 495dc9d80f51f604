/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Somebody who may write the store edits it: each column of each row of each
 * table, rows, and bytes of the file. A fixed script of calls then gets the
 * answers of before, or a refusal, or lacks an object and the log says why.
 * Nothing is written over what was edited.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/obj_mac.h>
#include <sqlite3.h>

#include "p11_ossl.h"
#include "script.h"
#include "util/buf.h"

static char file_path[300], other_path[300], log_path[300];
static struct script_answers honest, given;

/* --- the file */

static struct buf file;		/* as it was left by honest hands */

static void
slurp(const char *path, struct buf *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_ok(buf_resize(out, (size_t)st.st_size));
	assert_int_equal(read(fd, out->data, out->len), st.st_size);
	(void)close(fd);
}

static void
spill(const struct buf *b)
{
	char path[320];
	int fd = open(file_path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, b->data, b->len), (ssize_t)b->len);
	assert_int_equal(close(fd), 0);
	(void)snprintf(path, sizeof(path), "%s-wal", file_path);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s-shm", file_path);
	(void)unlink(path);
}

/* Of everything but the notes, where wrong PINs leave hints. */
static uint64_t
sum_of_tables(void)
{
	static const char *const tables[] = { "token", "header", "pin",
		"seal", "object", "sqlite_sequence", "sqlite_schema" };
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	sqlite3_stmt *stmt = NULL;
	sqlite3 *h = NULL;
	char sql[64];
	size_t i;
	int c;

	if (sqlite3_open(file_path, &h) != SQLITE_OK)
		goto out;
	for (i = 0; i < P11_COUNT(tables); i++) {
		(void)snprintf(sql, sizeof(sql), "SELECT * FROM %s",
		    tables[i]);
		if (sqlite3_prepare_v2(h, sql, -1, &stmt, NULL) != SQLITE_OK)
			continue;
		while (sqlite3_step(stmt) == SQLITE_ROW)
			for (c = 0; c < sqlite3_column_count(stmt); c++)
				sum = script_sum(script_sum(sum, "|", 1),
				    sqlite3_column_blob(stmt, c),
				    (size_t)sqlite3_column_bytes(stmt, c));
		(void)sqlite3_finalize(stmt);
	}
out:
	(void)sqlite3_close(h);
	return sum;
}

static bool
is_overwritten(const struct buf *before, uint64_t tables)
{
	struct buf after = BUF_EMPTY;
	bool same;

	slurp(file_path, &after);
	same = view_equal(buf_view(before), buf_view(&after));
	buf_free(&after);
	return !same && sum_of_tables() != tables;
}

static unsigned tried, came_to[OUTCOMES];

/* The file lies there as edited; what is it worth? */
static enum outcome
try_edit(const char *what)
{
	struct buf before = BUF_EMPTY;
	enum outcome outcome;
	uint64_t tables = sum_of_tables();

	slurp(file_path, &before);
	script_play(&given, log_path);
	outcome = script_compare(&honest, &given, log_path);
	if (is_overwritten(&before, tables)) {
		print_message("%s: the store was changed\n", what);
		outcome = WRONG;
	}
	if (outcome == WRONG)
		print_message("%s: wrong\n", what);
	if (getenv("TAMPER_VERBOSE") != NULL)
		print_message("%d: %s\n", (int)outcome, what);
	buf_free(&before);
	tried++;
	came_to[outcome]++;
	return outcome;
}

/* With the store as it was: the right PINs put an end to what wrong ones
 * counted, and no edit has left anything in the TPM. */
static void
all_is_well(void)
{
	spill(&file);
	script_play(&given, log_path);
	assert_int_equal(script_compare(&honest, &given, log_path),
	    SAME);
}

static void
say(const char *what)
{
	print_message("%s: %u edits, %u refused, %u hid an object and said "
	    "so, %u changed no answer\n", what, tried, came_to[REFUSED],
	    came_to[TOLD], came_to[SAME]);
	assert_int_equal(came_to[WRONG], 0);
	tried = 0;
	memset(came_to, 0, sizeof(came_to));
}

/* --- edits by SQL */

/* A table and how one of its rows is told from the others. */
static const struct table {
	const char *name;
	const char *key;	/* an expression; each row has another */
	const char *again;	/* the columns that make a copy another row */
	bool seen;		/* its rows are checked, and */
	bool copy_seen;		/* one more is somewhere in the way */
} tables[] = {
	{ "note", "name", "name || 'x', value", false, false },
	{ "token", "id", "id + 50, version, serial, label, generation, "
	    "parent_handle, parent_public, parent_name, pcrs, device, "
	    "counter", true, false },
	{ "header", "token", "token + 50, body", true, false },
	{ "pin", "token * 10 + role", "token, role + 2, salt, nv_index, auth",
	    true, false },
	/* as that of a change of PIN under way */
	{ "seal", "token * 10 + role", "token, CASE role WHEN 4 THEN 3 ELSE "
	    "role + 2 END, public, private",
	    true, true },
	{ "object", "id", "id + 50, token, version, is_private, class_tag, "
	    "key_type_tag, label_tag, id_tag, mac, public, private, body",
	    true, true },
	{ "sqlite_sequence", "name", "name || 'x', seq", false, false },
};

static sqlite3 *db;

static void
open_db(void)
{
	char sql[400];

	spill(&file);
	assert_int_equal(sqlite3_open(file_path, &db), SQLITE_OK);
	(void)snprintf(sql, sizeof(sql), "PRAGMA foreign_keys = OFF; "
	    "ATTACH '%s' AS other", other_path);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void
close_db(void)
{
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	db = NULL;
}

static sqlite3_int64
number(const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3_int64 n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

/* A bit in the midst of a value is turned. */
static void
flip(sqlite3_context *c, int count, sqlite3_value **v)
{
	const int len = sqlite3_value_bytes(v[0]);
	const void *bytes = sqlite3_value_blob(v[0]);
	uint8_t copy[16384];

	(void)count;
	if (sqlite3_value_type(v[0]) == SQLITE_INTEGER) {
		sqlite3_result_int64(c, sqlite3_value_int64(v[0]) ^ 1);
		return;
	}
	assert_true(len >= 0 && (size_t)len < sizeof(copy));
	if (len > 0)
		memcpy(copy, bytes, (size_t)len);
	copy[len / 2] = len > 0 ? copy[len / 2] ^ 0x10 : 0;
	if (sqlite3_value_type(v[0]) == SQLITE_TEXT)
		sqlite3_result_text(c, (char *)copy, len, SQLITE_TRANSIENT);
	else
		sqlite3_result_blob(c, copy, len > 0 ? len : 1,
		    SQLITE_TRANSIENT);
}

/* False when SQLite refuses the edit, or it changes nothing. */
static bool
edit(const char *sql)
{
	int rc;

	open_db();
	assert_int_equal(sqlite3_create_function_v2(db, "flip", 1,
	    SQLITE_UTF8, NULL, flip, NULL, NULL, NULL), SQLITE_OK);
	rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK && sqlite3_total_changes(db) == 0)
		rc = SQLITE_DONE;
	close_db();
	return rc == SQLITE_OK;
}

static void
edit_and_see(bool seen, const char *sql)
{
	if (!edit(sql))
		return;
	if (try_edit(sql) == SAME && seen)
		fail_msg("unseen: %s", sql);
	/* wrong PINs are counted, up to 255 */
	if (tried % 50 == 0)
		all_is_well();
}

static void
set_value(const struct table *t, const char *column, int row,
    const char *value)
{
	char sql[1200];

	(void)snprintf(sql, sizeof(sql), "UPDATE main.%1$s SET %2$s = %3$s "
	    "WHERE %2$s IS NOT %3$s AND %4$s = (SELECT %4$s FROM main.%1$s "
	    "ORDER BY %4$s LIMIT 1 OFFSET %5$d)", t->name, column, value,
	    t->key, row);
	edit_and_see(t->seen, sql);
}

/* What another row has there: of this store, or of another one. */
static void
take_value(const struct table *t, const char *column, int row,
    const char *store, int from)
{
	char value[300];

	(void)snprintf(value, sizeof(value), "(SELECT o.%s FROM %s.%s AS o "
	    "ORDER BY %s LIMIT 1 OFFSET %d)", column, store, t->name, t->key,
	    from);
	set_value(t, column, row, value);
}

static void
edit_value(const struct table *t, const char *column, int row, int rows)
{
	char value[64];

	(void)snprintf(value, sizeof(value), "flip(%s)", column);
	set_value(t, column, row, value);
	take_value(t, column, row, "main", (row + 1) % rows);
	/* the other token's */
	if (rows > 2)
		take_value(t, column, row, "main", (row + rows / 2) % rows);
	take_value(t, column, row, "other", row);
}

static void
edit_row(const struct table *t, int row)
{
	char sql[700];

	(void)snprintf(sql, sizeof(sql), "DELETE FROM main.%1$s WHERE %2$s = "
	    "(SELECT %2$s FROM main.%1$s ORDER BY %2$s LIMIT 1 OFFSET %3$d)",
	    t->name, t->key, row);
	edit_and_see(t->seen, sql);
	(void)snprintf(sql, sizeof(sql), "INSERT INTO main.%1$s SELECT %4$s "
	    "FROM main.%1$s ORDER BY %2$s LIMIT 1 OFFSET %3$d", t->name,
	    t->key, row, t->again);
	edit_and_see(t->copy_seen, sql);
}

/* Names of its columns, one after the other with a NUL; how many. */
static int
columns_of(const struct table *t, char names[32][64])
{
	sqlite3_stmt *stmt = NULL;
	int n = 0;

	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM "
	    "pragma_table_info(?1)", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(stmt, 1, t->name, -1,
	    SQLITE_STATIC), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW && n < 32)
		(void)snprintf(names[n++], 64, "%s",
		    (const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
	return n;
}

static void
edit_table(const struct table *t)
{
	char names[32][64], sql[64];
	int rows, columns, row, i;

	open_db();
	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM main.%s",
	    t->name);
	rows = (int)number(sql);
	columns = columns_of(t, names);
	close_db();
	assert_true(rows > 0 && columns > 0);
	for (row = 0; row < rows; row++) {
		for (i = 0; i < columns; i++)
			edit_value(t, names[i], row, rows);
		edit_row(t, row);
	}
	say(t->name);
}

static void
every_column_of_every_row_of_every_table(void **state)
{
	char sql[64];
	size_t i;

	(void)state;
	open_db();
	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM "
	    "main.sqlite_schema WHERE type = 'table'");
	assert_int_equal(number(sql), P11_COUNT(tables));
	close_db();
	for (i = 0; i < P11_COUNT(tables); i++)
		edit_table(&tables[i]);
	all_is_well();
}

/* --- edits of bytes */

enum { PAGE = 4096 };

/* Does the page belong to a table that makes the token? */
static bool
is_of_token(size_t page)
{
	char sql[200];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM "
	    "main.sqlite_schema WHERE rootpage = %zu AND tbl_name IN "
	    "('token', 'header', 'seal', 'pin')", page + 1);
	return number(sql) > 0;
}

/*
 * Every nth byte that is in use of the pages that make the token, and every
 * 16nth of the rest: test_store_damage has all of them, with less behind
 * them. TAMPER_STRIDE is n.
 */
static void
bytes_of_the_file(void **state)
{
	const char *text = getenv("TAMPER_STRIDE");
	size_t stride = text == NULL ? 11 : strtoul(text, NULL, 10);
	struct buf edited = BUF_EMPTY;
	size_t at, page, step;
	bool of_token;
	char what[64];

	(void)state;
	assert_ok(buf_set(&edited, buf_view(&file)));
	for (page = 0; page < file.len / PAGE; page++) {
		open_db();
		of_token = is_of_token(page);
		close_db();
		step = of_token ? stride : 16 * stride;
		for (at = page * PAGE; at < (page + 1) * PAGE; at += step) {
			if (of_token && file.data[at] == 0)
				continue;
			edited.data[at] ^= 0x10;
			spill(&edited);
			(void)snprintf(what, sizeof(what), "byte %zu", at);
			(void)try_edit(what);
			edited.data[at] ^= 0x10;
			if (tried % 50 == 0)
				all_is_well();
		}
	}
	buf_free(&edited);
	say("bytes");
	all_is_well();
}

/* --- tokens to begin with */

static void
make_token(const char *label)
{
	CK_SLOT_ID slot = p11_make_token(label);
	CK_SESSION_HANDLE s = p11_open(slot, CKF_RW_SESSION);

	p11_login(s, CKU_USER);
	(void)p11_ec_pair(s, NID_X9_62_prime256v1, true, "pair");
	(void)p11_create_data(s, label, true, true);
	(void)p11_create_data(s, label, true, false);
	assert_ok(p11->C_CloseSession(s));
}

static void
make_store(void)
{
	assert_ok(p11->C_Initialize(NULL));
	make_token("one");
	make_token("two");
	assert_ok(p11->C_Finalize(NULL));
}

static void
configure(void)
{
	FILE *f = fopen(getenv("TPM2_CRYPTOKI_CONFIG"), "w");

	assert_non_null(f);
	assert_true(fputs("so_tries: 255\nuser_tries: 255\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	const char *dir = getenv("TPM2_CRYPTOKI_STORE");
	char own[256], other[280];

	(void)state;
	assert_non_null(dir);
	p11_load();
	configure();
	(void)snprintf(own, sizeof(own), "%s", dir);
	(void)snprintf(other, sizeof(other), "%s/other", own);
	assert_int_equal(mkdir(other, 0700), 0);
	(void)snprintf(file_path, sizeof(file_path), "%s/store.sqlite3", own);
	(void)snprintf(other_path, sizeof(other_path), "%s/store.sqlite3",
	    other);
	(void)snprintf(log_path, sizeof(log_path), "%s/log", other);
	(void)setenv("TPM2_CRYPTOKI_STORE", other, 1);
	make_store();
	(void)setenv("TPM2_CRYPTOKI_STORE", own, 1);
	make_store();
	(void)setenv("TPM2_CRYPTOKI_LOG", "error", 1);
	slurp(file_path, &file);
	script_play(&honest, log_path);
	assert_int_equal(honest.of[0][USER_FIND].count, 4);
	assert_ok(honest.of[1][USER_SIGN].rv);
	assert_false(script_said(log_path));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&file);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_of_every_row_of_every_table),
		cmocka_unit_test(bytes_of_the_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
