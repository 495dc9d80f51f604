/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_test.h"

/*
 * Somebody who may write the store edits it by SQL: each column of each
 * table in many ways, whole rows, rows of another token or another store.
 * What the two tokens then give is either refused or just what was put.
 */
enum { TOKENS = 2, EACH = 3, STORE_OBJECTS = TOKENS * EACH };

static struct store_object wanted[STORE_OBJECTS];
static struct buf honest;

static int
fill(void **state)
{
	struct store_keys keys = keys_both();
	struct store_object *o;
	struct store *s;
	char label[32];
	int i;

	if (new_place(state) != 0)
		return -1;
	s = opened();
	for (i = 0; i < TOKENS; i++)
		(void)add_token(s, i == 0 ? "one" : "two");
	for (i = 0; i < STORE_OBJECTS; i++) {
		(void)snprintf(label, sizeof(label), "label-%d", i);
		o = &wanted[i];
		*o = new_object(1 + i % TOKENS, i % 3 != 0, CKO_PRIVATE_KEY,
		    label);
		assert_int_equal(store_object_put(s, &keys, o), CKR_OK);
	}
	assert_int_equal(store_note_put(s, "note", view_str("x")), CKR_OK);
	store_close(&s);
	honest = slurp(store_file());
	return 0;
}

static int
drop(void **state)
{
	int i;

	for (i = 0; i < STORE_OBJECTS; i++)
		store_object_free(&wanted[i]);
	buf_free(&honest);
	return drop_place(state);
}

#define tamper_test(f) cmocka_unit_test_setup_teardown(f, fill, drop)

enum outcome { REFUSED, TOLD, WHOLE, OUTCOMES };

static void
assert_same(const struct store_object *a, const struct store_object *b)
{
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->private, b->private);
	assert_true(attrs_same(&a->attrs, &b->attrs));
	assert_true(view_equal(buf_view(&a->blob.auth),
	    buf_view(&b->blob.auth)));
	assert_true(view_equal(buf_view(&a->blob.public_area),
	    buf_view(&b->blob.public_area)));
	assert_true(view_equal(buf_view(&a->blob.private_area),
	    buf_view(&b->blob.private_area)));
}

static enum outcome
object_outcome(struct store *s, const struct store_object *want)
{
	struct store_keys keys = keys_both();
	struct store_object o = { .id = 0 };
	int64_t *ids = NULL;
	size_t count = 0;
	CK_RV rv;

	rv = store_object_find(s, &keys, want->token, &want->attrs, &ids,
	    &count);
	if (rv != CKR_OK) {
		assert_int_equal(rv, CKR_DEVICE_ERROR);
		return REFUSED;
	}
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], want->id);
	store_ids_free(&ids);
	rv = store_object_get(s, &keys, want->token, want->id, &o);
	if (rv != CKR_OK) {
		assert_int_equal(rv, CKR_DATA_INVALID);
		return TOLD;
	}
	assert_same(&o, want);
	store_object_free(&o);
	return WHOLE;
}

/* The token as add_token made it. */
static void
assert_token(struct store *s, int64_t id)
{
	struct store_token t = { .id = 0 };
	uint8_t label[32];

	memset(label, ' ', sizeof(label));
	memcpy(label, id == 1 ? "one" : "two", 3);
	assert_int_equal(store_token_get(s, id, &t), CKR_OK);
	assert_memory_equal(t.label, label, sizeof(label));
	assert_memory_equal(t.serial, "0123456789abcdef", 16);
	assert_int_equal(t.version, 1);
	assert_int_equal(t.parent.handle, 0x81000001);
	assert_true(view_equal(buf_view(&t.parent.name),
	    view_str("parent name")));
	assert_true(t.pins[STORE_SO].set && t.pins[STORE_USER].set);
	assert_true(view_equal(buf_view(&t.pins[STORE_USER].salt),
	    view_str("user salt")));
	assert_true(view_equal(buf_view(&t.pins[STORE_SO].seal.public_area),
	    view_str("so public")));
	assert_true(view_equal(buf_view(&t.device.public_area),
	    view_str("device public")));
	assert_true(view_equal(buf_view(&t.device_wrapped),
	    view_str("device wrapped")));
	store_token_free(&t);
}

static enum outcome
token_outcome(struct store *s, int64_t token)
{
	struct store_keys keys = keys_both();
	enum outcome all = WHOLE, one;
	CK_RV rv;
	int i;

	rv = store_check(s, &keys, token);
	if (rv != CKR_OK) {
		assert_true(rv == CKR_DEVICE_ERROR ||
		    rv == CKR_TOKEN_NOT_PRESENT);
		assert_true(put_object(s, token, false, "new", NULL) !=
		    CKR_OK);
		return REFUSED;
	}
	assert_token(s, token);
	for (i = 0; i < STORE_OBJECTS; i++)
		if (wanted[i].token == token &&
		    (one = object_outcome(s, &wanted[i])) < all)
			all = one;
	return all;
}

/* How many edits came to what, and the tokens that went on. */
static unsigned tried, came_to[OUTCOMES];

/* What becomes of both tokens; the worse of the two. */
static enum outcome
outcome_of(const char *sql)
{
	enum outcome one, two;
	struct store *s;

	s = opened();
	one = token_outcome(s, 1);
	two = token_outcome(s, 2);
	store_close(&s);
	if (one < two) {
		enum outcome o = one;

		one = two;
		two = o;
	}
	tried++;
	came_to[two]++;
	if (getenv("TAMPER_VERBOSE") != NULL)
		print_message("%d %d: %s\n", one, two, sql);
	return two;
}

/* The code of the edit; SQLITE_DONE when it changes no row. */
static int
tamper(const char *sql)
{
	sqlite3 *h = NULL;
	int rc;

	spill(store_file(), buf_view(&honest));
	assert_int_equal(sqlite3_open(store_file(), &h), SQLITE_OK);
	rc = sqlite3_exec(h, sql, NULL, NULL, NULL);
	if (rc == SQLITE_OK && sqlite3_total_changes(h) == 0)
		rc = SQLITE_DONE;
	assert_int_equal(sqlite3_close(h), SQLITE_OK);
	return rc;
}

static void
say(const char *what, const char *which)
{
	print_message("%s %s: %u edits, %u refused, %u told as damage, %u "
	    "changed nothing that counts\n", what, which, tried,
	    came_to[REFUSED],
	    came_to[TOLD], came_to[WHOLE]);
	tried = 0;
	memset(came_to, 0, sizeof(came_to));
}

/* Every column that the file has, as SQLite tells. */
enum { COLUMNS_MAX = 64 };
static struct column {
	char *table;
	char *name;
	char *key;	/* what tells rows apart */
	int rows;
	bool counts;	/* an edit has to be seen */
} columns[COLUMNS_MAX];

/*
 * A note is what the TPM can do, asked again when it is not there. Besides
 * the sequence max(id) is asked, and an id used again gives no old row.
 */
static const char columns_sql[] =
    "SELECT t.name, c.name, coalesce((SELECT group_concat(k.name) FROM "
    "pragma_table_info(t.name) AS k WHERE k.pk > 0), 'rowid'), "
    "t.name NOT IN ('note', 'sqlite_sequence') "
    "FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
    "WHERE t.type = 'table'";

static int
number_of(sqlite3 *h, const char *table)
{
	sqlite3_stmt *stmt = NULL;
	char sql[100];
	int n;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return n;
}

static char *
text_of(sqlite3_stmt *stmt, int col)
{
	char *text = strdup((const char *)sqlite3_column_text(stmt, col));

	assert_non_null(text);
	return text;
}

static size_t
read_columns(void)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *h = NULL;
	struct column *c;
	size_t n = 0;

	assert_int_equal(sqlite3_open(store_file(), &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, columns_sql, -1, &stmt, NULL),
	    SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		assert_true(n < COLUMNS_MAX);
		c = &columns[n++];
		c->table = text_of(stmt, 0);
		c->name = text_of(stmt, 1);
		c->key = text_of(stmt, 2);
		c->counts = sqlite3_column_int(stmt, 3) == 1;
		c->rows = number_of(h, c->table);
		assert_true(c->rows > 0);
	}
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(h);
	assert_true(n > 30);
	return n;
}

/* $ stands for the column, @ for the table. */
static void
expand(const char *pattern, const char *column, const char *table,
    char value[200])
{
	const char *put;
	char one[2] = "";

	value[0] = '\0';
	for (; *pattern != '\0'; pattern++) {
		one[0] = *pattern;
		put = *pattern == '$' ? column : *pattern == '@' ? table :
		    one;
		(void)strncat(value, put, 199 - strlen(value));
	}
}

static void
each_column_of_each_row_of_each_table(void **state)
{
	static const char *const values[] = {
		"$ + 1", "$ - 1", "-1", "0", "1", "2", "3",
		"9223372036854775807", "NULL", "zeroblob(16)",
		"zeroblob(length($))", "x'00'", "x''", "'text'",
		"CAST($ || x'00' AS BLOB)",
		"substr($, 1, length($) - 1)", "substr($, 2)",
		"CAST(x'ff' || substr($, 2) AS BLOB)",
		"(SELECT $ FROM @ LIMIT 1)",
		"(SELECT $ FROM @ LIMIT 1 OFFSET 1)",
		"(SELECT $ FROM @ LIMIT 1 OFFSET 3)",
	};
	char value[200], sql[600];
	const struct column *c;
	size_t v, count;
	int row;

	(void)state;
	count = read_columns();
	for (c = columns; c < columns + count; c++) {
		for (row = 0; row < c->rows; row++)
		for (v = 0; v < ARRAY_LEN(values); v++) {
			expand(values[v], c->name, c->table, value);
			(void)snprintf(sql, sizeof(sql), "UPDATE %1$s SET "
			    "%2$s = %3$s WHERE %2$s IS NOT (%3$s) AND "
			    "(%5$s) = (SELECT %5$s FROM %1$s "
			    "LIMIT 1 OFFSET %4$d)", c->table, c->name, value,
			    row, c->key);
			if (tamper(sql) == SQLITE_OK &&
			    outcome_of(sql) == WHOLE && c->counts)
				fail_msg("unseen: %s", sql);
		}
		say(c->table, c->name);
	}
}

static void
rows_removed_duplicated_swapped_and_moved(void **state)
{
	static const char *const edits[] = {
		"DELETE FROM object WHERE id = 1",
		"DELETE FROM object WHERE id = 6",
		"DELETE FROM object WHERE token = 1",
		"DELETE FROM header WHERE token = 1",
		"DELETE FROM seal WHERE token = 1 AND role = 0",
		"DELETE FROM seal WHERE token = 2 AND role = 4",
		"DELETE FROM seal WHERE token = 1 AND role = 2",
		"DELETE FROM pin WHERE token = 1 AND role = 0",
		"UPDATE seal SET role = role + 10; "
		"UPDATE seal SET role = 12 - role WHERE role IN (10, 12); "
		"UPDATE seal SET role = role - 10 WHERE role >= 10",
		"UPDATE pin SET role = 10 - role; "
		"UPDATE pin SET role = role - 9",
		"UPDATE pin SET nv_index = (SELECT p.nv_index FROM pin AS p "
		"WHERE p.token = pin.token AND p.role = 1 - pin.role)",
		"DELETE FROM token WHERE id = 1",
		"INSERT INTO seal SELECT token, 9, public, private "
		"FROM seal WHERE token = 1 AND role = 1; "
		"DELETE FROM seal WHERE role = 1 AND token = 1",
		"INSERT INTO object SELECT 100, token, version, is_private, "
		"class_tag, key_type_tag, label_tag, id_tag, mac, public, "
		"private, body FROM object WHERE id = 1",
		"INSERT INTO object SELECT 100, 2, version, is_private, "
		"class_tag, key_type_tag, label_tag, id_tag, mac, public, "
		"private, body FROM object WHERE id = 1",
		"UPDATE object SET id = 7 - id + 100; "
		"UPDATE object SET id = id - 100",
		"UPDATE object SET token = 3 - token",
		"UPDATE object SET id = 100 WHERE id = 2; "
		"UPDATE object SET id = 2 WHERE id = 4; "
		"UPDATE object SET id = 4 WHERE id = 100",
		"UPDATE header SET body = (SELECT h.body FROM header AS h "
		"WHERE h.token = 3 - header.token)",
		"PRAGMA foreign_keys = OFF; UPDATE token SET id = 9 WHERE "
		"id = 1; UPDATE token SET id = 1 WHERE id = 2; "
		"UPDATE token SET id = 2 WHERE id = 9",
		"UPDATE object SET (version, mac, body) = (SELECT o.version, "
		"o.mac, o.body FROM object AS o WHERE o.id = 3) WHERE id = 5",
		"UPDATE object SET (label_tag, id_tag) = (SELECT o.label_tag, "
		"o.id_tag FROM object AS o WHERE o.id = 3) WHERE id = 5",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(edits); i++) {
		assert_int_equal(tamper(edits[i]), SQLITE_OK);
		if (outcome_of(edits[i]) == WHOLE)
			fail_msg("unseen: %s", edits[i]);
	}
	say("rows", "");
}

/* The same ids, versions and keys: only the header tells them apart. */
static void
rows_of_another_store_of_the_same_token(void **state)
{
	static const char *const tables_of[] = { "token", "seal", "header",
		"object", "pin" };
	char sql[1000], other[400];
	struct store *s;
	size_t i, set;

	(void)state;
	(void)snprintf(other, sizeof(other), "%s/other", store_dir);
	s = opened();
	assert_int_equal(object_delete(s, 1, 1), CKR_OK);
	assert_int_equal(object_delete(s, 2, 2), CKR_OK);
	(void)add_object(s, 1, true, "new");
	(void)add_object(s, 2, true, "new");
	store_close(&s);
	{
		struct buf b = slurp(store_file());

		spill(other, buf_view(&b));
		buf_free(&b);
	}
	/* all but none and all of header and object (that is the other) */
	for (set = 1; set < 32; set++) {
		if ((set & 12) == 12)
			continue;
		(void)snprintf(sql, sizeof(sql), "ATTACH '%s' AS other; "
		    "PRAGMA foreign_keys = OFF", other);
		for (i = 0; i < ARRAY_LEN(tables_of); i++)
			if ((set >> i & 1) != 0)
				(void)snprintf(sql + strlen(sql),
				    sizeof(sql) - strlen(sql), "; DELETE FROM "
				    "main.%1$s; INSERT INTO main.%1$s SELECT "
				    "* FROM other.%1$s", tables_of[i]);
		assert_int_equal(tamper(sql), SQLITE_OK);
		/* token, seal and pin rows of both are the same */
		assert_int_equal(outcome_of(sql), (set & 12) == 0 ? WHOLE :
		    REFUSED);
	}
	say("tables of a newer copy", "");
}

static void
the_other_token_goes_on(void **state)
{
	static const char *const edits[] = {
		"UPDATE token SET label = zeroblob(32) WHERE id = 1",
		"UPDATE token SET pcrs = x'' WHERE id = 1",
		"UPDATE object SET mac = zeroblob(16) WHERE id = 1",
		"DELETE FROM header WHERE token = 1",
	};
	struct store *s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(edits); i++) {
		assert_int_equal(tamper(edits[i]), SQLITE_OK);
		s = opened();
		assert_int_equal(token_outcome(s, 1), REFUSED);
		assert_int_equal(token_outcome(s, 2), WHOLE);
		(void)add_object(s, 2, true, "goes on");
		store_close(&s);
	}
}

/* In the file and in the WAL, as text and as hexadecimal digits. */
static void
nothing_of_any_object_is_readable(void **state)
{
	static const char *const suffixes[] = { "", "-wal" };
	struct buf b, hex = BUF_EMPTY;
	struct store *s = opened();
	char path[400], label[16];
	size_t i, k, looked = 0;

	(void)state;
	(void)add_object(s, 1, false, "label-new");
	for (k = 0; k < ARRAY_LEN(suffixes); k++) {
		(void)snprintf(path, sizeof(path), "%s%s", store_file(),
		    suffixes[k]);
		b = slurp(path);
		for (i = 0; i < STORE_OBJECTS; i++, looked++) {
			(void)snprintf(label, sizeof(label), "label-%zu", i);
			buf_clear(&hex);
			assert_int_equal(hex_append(view_str(label), &hex),
			    CKR_OK);
			assert_null(memmem(b.data, b.len, label,
			    strlen(label)));
			assert_null(memmem(b.data, b.len, hex.data,
			    hex.len));
		}
		assert_null(memmem(b.data, b.len, "label-", 6));
		assert_null(memmem(b.data, b.len, "CKA_", 4));
		assert_null(memmem(b.data, b.len, "authorisation", 13));
		buf_free(&b);
	}
	buf_free(&hex);
	assert_int_equal(looked, 2 * STORE_OBJECTS);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		tamper_test(each_column_of_each_row_of_each_table),
		tamper_test(rows_removed_duplicated_swapped_and_moved),
		tamper_test(rows_of_another_store_of_the_same_token),
		tamper_test(the_other_token_goes_on),
		tamper_test(nothing_of_any_object_is_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
