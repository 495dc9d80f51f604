/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_test.h"

/*
 * What store_verify tells of a token with OBJECTS objects (ids from 1, the
 * odd ones private) for each thing that can be wrong with it.
 */
enum { OBJECTS = 6, FINDINGS_MAX = 100 };

static struct finding {
	char what[16];
	int64_t object;
	CK_RV rv;
	char why[100];
} findings[FINDINGS_MAX];
static size_t count;

static void
note(void *arg, const struct store_finding *f)
{
	struct finding *n = &findings[count++];

	assert_null(arg);
	assert_true(count < FINDINGS_MAX);
	assert_true((f->rv == CKR_OK) == (f->why == NULL));
	*n = (struct finding){ .object = f->object, .rv = f->rv };
	(void)snprintf(n->what, sizeof(n->what), "%s", f->what);
	if (f->why != NULL)
		(void)snprintf(n->why, sizeof(n->why), "%s", f->why);
}

static int
fill(void **state)
{
	struct store *s;
	char label[32];
	int i;

	if (new_place(state) != 0)
		return -1;
	s = opened();
	(void)add_token(s, "one");
	for (i = 1; i <= OBJECTS; i++) {
		(void)snprintf(label, sizeof(label), "label %d", i);
		(void)add_object(s, 1, i % 2 == 1, label);
	}
	/* another one, whose rows are nobody's business here */
	(void)add_token(s, "two");
	(void)add_object(s, 2, true, "other");
	store_close(&s);
	return 0;
}

#define verify_test(f) cmocka_unit_test_setup_teardown(f, fill, drop_place)

static CK_RV
look_with(const struct store_keys *keys)
{
	struct store *s = opened();
	CK_RV rv;

	count = 0;
	rv = store_verify(s, keys, 1, note, NULL);
	store_close(&s);
	return rv;
}

static void
look(void)
{
	struct store_keys keys = keys_both();

	assert_int_equal(look_with(&keys), CKR_OK);
}

/*
 * The bad findings in their order, as "what" or "object ID", with blanks
 * between.
 */
static void
assert_bad(const char *want)
{
	char is[400] = "", one[40];
	size_t i;

	for (i = 0; i < count; i++) {
		if (findings[i].rv == CKR_OK)
			continue;
		(void)snprintf(one, sizeof(one), findings[i].object != 0 ?
		    "%s%s %lld" : "%s%s", is[0] == '\0' ? "" : " ",
		    findings[i].what, (long long)findings[i].object);
		(void)strncat(is, one, sizeof(is) - strlen(is) - 1);
	}
	assert_string_equal(is, want);
}

static void
assert_why(const char *what, int64_t object, const char *why)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(findings[i].what, what) == 0 &&
		    findings[i].object == object && findings[i].rv != CKR_OK)
			break;
	assert_true(i < count);
	assert_non_null(strstr(findings[i].why, why));
}

static void
each_part_and_each_object_of_the_token_is_told(void **state)
{
	static const char *const parts[] = { "header", "token", "objects",
		"index", "index", "index", "index" };
	size_t i;

	(void)state;
	look();
	assert_bad("");
	assert_int_equal(count, ARRAY_LEN(parts) + OBJECTS);
	for (i = 0; i < ARRAY_LEN(parts); i++)
		assert_string_equal(findings[i].what, parts[i]);
	for (; i < count; i++) {
		assert_string_equal(findings[i].what, "object");
		assert_int_equal(findings[i].object, i - 6);
	}
}

static void
each_damaged_object_is_named_and_no_other(void **state)
{
	static const struct {
		const char *sql;
		const char *bad;
	} edits[] = {
		{ "UPDATE object SET body = zeroblob(100) WHERE id IN (2, 5)",
		    "object 2 object 5" },
		{ "UPDATE object SET public = x'00' WHERE id IN (1, 6)",
		    "object 1 object 6" },
		{ "UPDATE object SET private = x'' WHERE id = 3",
		    "object 3" },
		{ "UPDATE object SET body = zeroblob(0) WHERE id = 4",
		    "object 4" },
		{ "UPDATE object SET private = zeroblob(65538) WHERE id = 4",
		    "object 4" },
		{ "UPDATE object SET mac = zeroblob(16) WHERE id = 4",
		    "objects index object 4" },
		{ "UPDATE object SET mac = zeroblob(15) WHERE id = 4",
		    "objects index object 4" },
		{ "UPDATE object SET label_tag = x'00' WHERE id = 4",
		    "objects index object 4" },
		{ "UPDATE object SET version = 2 WHERE id IN (4, 6)",
		    "objects index object 4 object 6" },
		{ "UPDATE object SET is_private = 1 WHERE id = 2",
		    "objects index index index object 2" },
		{ "DELETE FROM object WHERE id = 2",
		    "objects index index index index" },
		{ "UPDATE object SET id = 90 WHERE id = 2",
		    "objects index index index index object 90" },
		{ "UPDATE object SET token = 1 WHERE token = 2",
		    "objects index index index index object 7" },
		{ "UPDATE object SET id = -1 WHERE id = 2",
		    "objects index index index index object -1" },
		{ "DELETE FROM object WHERE token = 2", "" },
		{ "UPDATE token SET label = zeroblob(32) WHERE id = 1",
		    "token" },
		{ "UPDATE token SET label = zeroblob(31) WHERE id = 1",
		    "token" },
		{ "UPDATE pin SET salt = x'00' WHERE token = 1", "token" },
		{ "UPDATE header SET body = (SELECT body FROM header WHERE "
		    "token = 2) WHERE token = 1", "header token objects "
		    "index index index index" },
		{ "DELETE FROM header; UPDATE object SET body = x'00' WHERE "
		    "id = 3", "header token objects index index index index "
		    "object 3" },
	};
	struct buf honest = slurp(store_file());
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(edits); i++) {
		spill(store_file(), buf_view(&honest));
		edit(edits[i].sql);
		look();
		assert_bad(edits[i].bad);
	}
	buf_free(&honest);
}

/* Do sql while an index is out of sight, so that it stays as it was. */
static void
edit_beside(const char *index, const char *sql)
{
	char text[1500];

	(void)snprintf(text, sizeof(text), "PRAGMA writable_schema = ON; "
	    "CREATE TEMP TABLE k AS SELECT * FROM main.sqlite_schema WHERE "
	    "name IN (%s); DELETE FROM main.sqlite_schema WHERE name IN (%s); "
	    "PRAGMA writable_schema = RESET; %s; "
	    "PRAGMA writable_schema = ON; INSERT INTO main.sqlite_schema "
	    "SELECT * FROM k; PRAGMA writable_schema = RESET", index, index,
	    sql);
	edit(text);
}

static const char all_indexes[] = "'object_mark', 'object_by_class', "
    "'object_by_label', 'object_by_id'";

/* The object is there, so it is the index that is wrong. */
static void
row_that_an_index_lacks_is_looked_at_and_the_index_told(void **state)
{
	static const struct {
		const char *name;
		const char *why;
	} indexes[] = {
		{ "'object_mark'", "of all rows" },
		{ "'object_by_class'", "by class" },
		{ "'object_by_label'", "by label" },
		{ "'object_by_id'", "by id" },
	};
	struct buf honest = slurp(store_file());
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(indexes); i++) {
		spill(store_file(), buf_view(&honest));
		/* taken out of all, and put back into all but one */
		edit("CREATE TABLE kept AS SELECT * FROM object WHERE "
		    "id = 3; DELETE FROM object WHERE id = 3");
		edit_beside(indexes[i].name,
		    "INSERT INTO object SELECT * FROM kept");
		edit("DROP TABLE kept");
		look();
		assert_bad("index");
		assert_why("index", 0, indexes[i].why);
		assert_int_equal(count, 7 + OBJECTS);
		/* damaged beside that: named, though no index has it */
		edit("UPDATE object SET body = x'00' WHERE id = 3");
		look();
		assert_bad("index object 3");
	}
	buf_free(&honest);
}

static void
row_that_only_the_indexes_have_is_named(void **state)
{
	(void)state;
	edit_beside(all_indexes, "DELETE FROM object WHERE id IN (1, 4)");
	look();
	assert_bad("objects object 1 object 4");
	assert_why("object", 1, "missing");
	edit_beside(all_indexes, "DELETE FROM object WHERE token = 1");
	look();
	assert_bad("objects object 1 object 2 object 3 object 4 object 5 "
	    "object 6");
}

/* It opens, for it once was right. */
static void
older_row_put_back_below_the_indexes_is_named(void **state)
{
	struct store_keys keys = keys_both();
	struct store_object o = { .id = 0 };
	char sql[500];
	struct store *s;

	(void)state;
	(void)snprintf(sql, sizeof(sql), "ATTACH '%s/kept' AS k; CREATE "
	    "TABLE k.kept AS SELECT * FROM object WHERE id = 4", store_dir);
	edit(sql);
	s = opened();
	assert_int_equal(store_object_get(s, &keys, 1, 4, &o), CKR_OK);
	assert_int_equal(attrs_set(&o.attrs, CKA_LABEL, view_str("new")),
	    CKR_OK);
	assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
	store_object_free(&o);
	store_close(&s);
	(void)snprintf(sql, sizeof(sql), "DELETE FROM object WHERE id = 4; "
	    "ATTACH '%s/kept' AS k; INSERT INTO main.object "
	    "SELECT * FROM k.kept", store_dir);
	edit_beside(all_indexes, sql);
	look();
	assert_bad("objects object 4");
	assert_why("object", 4, "not the one that belongs");
}

static void
private_rows_without_their_key_are_only_seen_to_be_there(void **state)
{
	struct store_keys keys = keys_both();

	(void)state;
	keys.for_private = VIEW_EMPTY;
	edit("UPDATE object SET body = x'00' WHERE id IN (1, 2)");
	assert_int_equal(look_with(&keys), CKR_OK);
	assert_bad("object 2");
	assert_int_equal(count, 7 + OBJECTS);
	/* a public one cannot hide among them */
	edit_beside(all_indexes, "UPDATE object SET is_private = 1 WHERE "
	    "id = 2");
	assert_int_equal(look_with(&keys), CKR_OK);
	assert_bad("objects");
	/* nor a private one be gone */
	edit_beside(all_indexes, "DELETE FROM object WHERE id = 1");
	assert_int_equal(look_with(&keys), CKR_OK);
	assert_bad("objects object 1");
}

static uint64_t clock_value;
static CK_RV clock_rv;

static CK_RV
read_clock(void *arg, uint64_t *value)
{
	(void)arg;
	*value = clock_value;
	return clock_rv;
}

static CK_RV
bump_clock(void *arg, uint64_t from)
{
	(void)arg;
	assert_int_equal(from, clock_value);
	clock_value++;
	return CKR_OK;
}

static void
age_is_told_with_the_header_and_the_rest_all_the_same(void **state)
{
	static const struct store_clock clock = { NULL, read_clock,
		bump_clock };
	struct store_keys keys = keys_both();
	struct store *s = opened();

	(void)state;
	keys.clock = &clock;
	clock_value = 7;
	clock_rv = CKR_OK;
	assert_int_equal(look_with(&keys), CKR_OK);
	assert_bad("header");
	assert_why("header", 0, "without its counter");

	assert_int_equal(store_accept(s, &keys, 1), CKR_OK);
	assert_int_equal(look_with(&keys), CKR_OK);
	assert_bad("");
	/* a commit whose process died is completed here too */
	clock_value--;
	assert_int_equal(look_with(&keys), CKR_OK);
	assert_bad("");
	assert_int_equal(clock_value, 8);
	clock_value++;
	edit("UPDATE object SET body = x'00' WHERE id = 6");
	assert_int_equal(look_with(&keys), CKR_OK);
	assert_bad("header object 6");
	assert_why("header", 0, "old copy");
	clock_rv = CKR_DEVICE_REMOVED;
	assert_int_equal(look_with(&keys), CKR_DEVICE_REMOVED);
	assert_bad("header object 6");
	assert_why("header", 0, "could not be held against its counter");
	store_close(&s);
}

static void
a_look_leaves_no_verdict_and_none_is_needed(void **state)
{
	struct store_keys keys = keys_both(), none = { VIEW_EMPTY,
		VIEW_EMPTY, NULL };
	struct store *s = opened();

	(void)state;
	count = 0;
	assert_int_equal(store_verify(s, &keys, 9, note, NULL),
	    CKR_TOKEN_NOT_PRESENT);
	assert_int_equal(store_verify(s, &none, 1, note, NULL),
	    CKR_GENERAL_ERROR);
	assert_int_equal(store_begin(s), CKR_OK);
	assert_int_equal(store_verify(s, &keys, 1, note, NULL),
	    CKR_GENERAL_ERROR);
	store_rollback(s);
	assert_int_equal(count, 0);

	assert_int_equal(store_check(s, &keys, 1), CKR_OK);
	edit("UPDATE token SET label = zeroblob(32) WHERE id = 1");
	assert_int_equal(store_check(s, &keys, 1), CKR_DEVICE_ERROR);
	assert_int_equal(store_verify(s, &keys, 1, note, NULL), CKR_OK);
	assert_bad("token");
	assert_int_equal(store_check(s, &keys, 1), CKR_DEVICE_ERROR);
	edit("UPDATE token SET label = (SELECT label FROM token WHERE "
	    "id = 2) WHERE id = 1");
	assert_int_equal(store_check(s, &keys, 1), CKR_DEVICE_ERROR);
	store_close(&s);
}

enum { PAGE = 4096 };

/* The table's first leaf; SQLite can read no row that lies on it. */
static void
unreadable_table_is_told_and_the_rest_looked_at(void **state)
{
	sqlite3 *h = NULL;
	sqlite3_stmt *stmt = NULL;
	struct buf b;
	size_t root;

	(void)state;
	assert_int_equal(sqlite3_open(store_file(), &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, "SELECT rootpage FROM "
	    "sqlite_schema WHERE name = 'object'", -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	root = (size_t)sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(h);
	b = slurp(store_file());
	b.data[(root - 1) * PAGE] = 0x77;
	spill(store_file(), buf_view(&b));
	buf_free(&b);
	look();
	assert_bad("objects object 1 object 2 object 3 object 4 object 5 "
	    "object 6");
	assert_why("objects", 0, "cannot be read");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		verify_test(each_part_and_each_object_of_the_token_is_told),
		verify_test(each_damaged_object_is_named_and_no_other),
		verify_test(
		    row_that_an_index_lacks_is_looked_at_and_the_index_told),
		verify_test(row_that_only_the_indexes_have_is_named),
		verify_test(older_row_put_back_below_the_indexes_is_named),
		verify_test(
		    private_rows_without_their_key_are_only_seen_to_be_there),
		verify_test(
		    age_is_told_with_the_header_and_the_rest_all_the_same),
		verify_test(a_look_leaves_no_verdict_and_none_is_needed),
		verify_test(unreadable_table_is_told_and_the_rest_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
