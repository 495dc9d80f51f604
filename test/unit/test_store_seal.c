/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_test.h"

/* Two tokens; objects 1 (private) and 2 (public) in the first, 3 (private)
 * in the second, 4 (private) in the first. */
static struct store *
filled(void)
{
	struct store *s = opened();
	int64_t one = add_token(s, "one"), two = add_token(s, "two");

	(void)add_object(s, one, true, "a");
	(void)add_object(s, one, false, "b");
	(void)add_object(s, two, true, "c");
	(void)add_object(s, one, true, "a");
	return s;
}

static const struct {
	int64_t id;
	CK_RV rv;
	const char *sql;
} edits[] = {
/* the row does not open; the header says that the token was edited */
#define TOKEN(id, what) { id, CKR_DEVICE_ERROR, \
"UPDATE object SET " what " WHERE id = " #id }
#define EDIT(id, what) { id, CKR_DATA_INVALID, \
"UPDATE object SET " what " WHERE id = " #id }
	TOKEN(1, "version = version + 1"),
	TOKEN(1, "version = 0"),
	EDIT(1, "is_private = 0"),
	EDIT(2, "is_private = 1"),
	EDIT(1, "is_private = 2"),
	EDIT(1, "class_tag = NULL"),
	EDIT(1, "class_tag = zeroblob(16)"),
	EDIT(1, "class_tag = zeroblob(15)"),
	EDIT(1, "key_type_tag = class_tag"),
	EDIT(1, "label_tag = NULL"),
	EDIT(2, "id_tag = zeroblob(16)"),
	EDIT(1, "(class_tag, key_type_tag) = "
	    "(key_type_tag, class_tag)"),
	EDIT(1, "public = x'00'"),
	EDIT(1, "public = zeroblob(0)"),
	EDIT(1, "public = zeroblob(70000)"),
	EDIT(2, "private = x'00'"),
	/* the same bytes, cut at another place */
	EDIT(1, "(public, private) = ("
	    "CAST('public areap' AS BLOB), "
	    "CAST('rivate area' AS BLOB))"),
	EDIT(1, "body = (SELECT body FROM object WHERE id = 4)"),
	EDIT(1, "body = (SELECT body FROM object WHERE id = 3)"),
	EDIT(1, "body = substr(body, 1, length(body) - 1)"),
	EDIT(1, "body = zeroblob(0)"),
	EDIT(1, "body = x'01'"),
	EDIT(1, "body = zeroblob(200)"),
	TOKEN(1, "mac = zeroblob(16)"),
	TOKEN(2, "mac = zeroblob(15)"),
	/* all of it, as it was sealed for another row */
	TOKEN(1, "(mac, body) = (SELECT mac, body FROM object "
	    "WHERE id = 4)"),
	{ 1, CKR_DEVICE_ERROR, "UPDATE object SET id = id + 100; "
	    "UPDATE object SET id = 1 WHERE id = 104; "
	    "UPDATE object SET id = id - 100 WHERE id > 100 "
	    "AND id < 104 AND id <> 101" },
};

/* For each edit of object 1, or 2: it is refused, and the rest stays. */
static void
each_edit_of_a_sealed_row_is_refused(void **state)
{
	struct store_keys keys = keys_both();
	struct store *s;
	size_t i;

	for (i = 0; i < ARRAY_LEN(edits); i++) {
		s = filled();
		assert_int_equal(get_code(s, &keys, 1, edits[i].id), CKR_OK);
		edit(edits[i].sql);
		assert_int_equal(get_code(s, &keys, 1, edits[i].id),
		    edits[i].rv);
		assert_int_equal(get_code(s, &keys, 2, 3), CKR_OK);
		store_close(&s);
		assert_int_equal(drop_place(state), 0);
		assert_int_equal(new_place(state), 0);
	}
}

static void
object_moved_to_another_token_does_not_open(void **state)
{
	struct store *s = filled();
	struct store_keys keys = keys_both();

	(void)state;
	edit("UPDATE object SET token = 2 WHERE id = 1");
	assert_int_equal(get_code(s, &keys, 2, 1), CKR_DEVICE_ERROR);
	assert_int_equal(get_code(s, &keys, 1, 1), CKR_DEVICE_ERROR);
	store_close(&s);
}

static void
older_state_of_a_row_does_not_open_under_a_newer_version(void **state)
{
	struct store *s = filled();
	struct store_keys keys = keys_both();
	struct store_object o = { .id = 0 };

	(void)state;
	edit("INSERT INTO note SELECT 'old', body FROM object WHERE id = 1");
	assert_int_equal(store_object_get(s, &keys, 1, 1, &o), CKR_OK);
	assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
	store_object_free(&o);
	edit("UPDATE object SET body = (SELECT value FROM note) "
	    "WHERE id = 1");
	assert_int_equal(get_code(s, &keys, 1, 1), CKR_DATA_INVALID);
	store_close(&s);
}

static void
other_keys_open_and_find_nothing(void **state)
{
	static const uint8_t wrong[32] = { 9 };
	struct store *s = filled();
	struct store_keys keys = { view_of(wrong, 32), view_of(wrong, 32),
	    NULL };
	struct store_keys swapped = { view_of(private_key, 32),
	    view_of(public_key, 32), NULL };
	struct store_keys none = { VIEW_EMPTY, view_of(private_key, 32),
	    NULL };
	struct store_keys half = { view_of(public_key, 32),
	    view_of(wrong, 32), NULL };
	struct store_object like = new_object(1, true, CKO_PRIVATE_KEY, "a");
	int64_t *ids, id;
	size_t count;

	(void)state;
	for (id = 1; id <= 2; id++) {
		assert_int_equal(get_code(s, &keys, 1, id),
		    CKR_DEVICE_ERROR);
		assert_int_equal(get_code(s, &swapped, 1, id),
		    CKR_DEVICE_ERROR);
	}
	assert_int_equal(get_code(s, &none, 1, 2), CKR_GENERAL_ERROR);
	assert_int_equal(store_object_find(s, &keys, 1, &like.attrs, &ids,
	    &count), CKR_DEVICE_ERROR);
	assert_int_equal(get_code(s, &half, 1, 1), CKR_DATA_INVALID);
	assert_int_equal(get_code(s, &half, 1, 2), CKR_OK);
	assert_int_equal(store_object_find(s, &half, 1, &like.attrs, &ids,
	    &count), CKR_OK);
	assert_int_equal(count, 0);
	store_ids_free(&ids);
	store_object_free(&like);
	store_close(&s);
}

/* Of one column in one file: how many different values n rows have. */
static int
different(const char *column)
{
	char sql[200];
	sqlite3 *h = NULL;
	sqlite3_stmt *stmt = NULL;
	int n;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(DISTINCT %s) FROM object", column);
	assert_int_equal(sqlite3_open(store_file(), &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(h);
	return n;
}

static void
equal_labels_show_only_within_token_and_visibility(void **state)
{
	struct store *s = opened();
	int64_t one = add_token(s, "one"), two = add_token(s, "two");

	(void)state;
	(void)add_object(s, one, true, "a");
	(void)add_object(s, one, true, "a");
	(void)add_object(s, one, false, "a");
	(void)add_object(s, two, true, "a");
	assert_int_equal(different("label_tag"), 3);
	assert_int_equal(different("body"), 4);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(each_edit_of_a_sealed_row_is_refused),
		store_test(object_moved_to_another_token_does_not_open),
		store_test(
		    older_state_of_a_row_does_not_open_under_a_newer_version),
		store_test(other_keys_open_and_find_nothing),
		store_test(
		    equal_labels_show_only_within_token_and_visibility),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
