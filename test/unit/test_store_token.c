/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_test.h"

static void
assert_text(const struct buf *b, const char *text)
{
	assert_true(view_equal(buf_view(b), view_str(text)));
}

static void
token_comes_back_as_it_was_put(void **state)
{
	struct store *s = opened();
	struct store_token t = { .id = 0 };
	int64_t id = add_token(s, "first");

	(void)state;
	store_close(&s);
	s = opened();
	assert_int_equal(store_token_get(s, id, &t), CKR_OK);
	assert_int_equal(t.id, id);
	assert_int_equal(t.version, 1);
	assert_memory_equal(t.serial, "0123456789abcdef", 16);
	assert_memory_equal(t.label, "first                           ", 32);
	assert_int_equal(t.parent.handle, 0x81000001);
	assert_text(&t.parent.public_area, "parent public");
	assert_text(&t.parent.name, "parent name");
	assert_true(t.pins[STORE_SO].set);
	assert_text(&t.pins[STORE_SO].salt, "so salt");
	assert_text(&t.pins[STORE_SO].seal.public_area, "so public");
	assert_text(&t.pins[STORE_SO].seal.private_area, "so private");
	assert_true(t.pins[STORE_USER].set);
	assert_text(&t.pins[STORE_USER].seal.private_area, "user private");
	assert_int_equal(t.pins[STORE_USER].seal.auth.len, 0);
	store_token_free(&t);
	store_close(&s);
}

static void
pin_that_is_unset_goes_and_its_seal_leaves_the_files(void **state)
{
	struct store *s = opened(), *other = opened();
	struct store_token t = { .id = 0 };
	int64_t id = add_token(s, "one");
	struct buf file;

	(void)state;
	assert_int_equal(store_token_get(s, id, &t), CKR_OK);
	t.pins[STORE_USER].set = false;
	assert_int_equal(token_put(s, &t), CKR_OK);
	assert_int_equal(t.version, 2);
	store_token_free(&t);
	assert_int_equal(store_token_get(other, id, &t), CKR_OK);
	assert_int_equal(t.version, 2);
	assert_false(t.pins[STORE_USER].set);
	assert_true(t.pins[STORE_SO].set);
	store_token_free(&t);
	file = slurp(store_file());
	assert_null(memmem(file.data, file.len, "user private", 12));
	assert_non_null(memmem(file.data, file.len, "so private", 10));
	buf_free(&file);
	store_close(&other);
	store_close(&s);
}

static void
ids_are_never_used_again(void **state)
{
	struct store *s = opened();
	struct store_token t = { .id = 0 };
	int64_t id;

	(void)state;
	assert_int_equal(add_token(s, "one"), 1);
	assert_int_equal(add_token(s, "two"), 2);
	assert_int_equal(store_token_get(s, 2, &t), CKR_OK);
	assert_int_equal(store_token_delete(s, 2), CKR_OK);
	store_close(&s);
	s = opened();
	assert_int_equal(store_token_next_id(s, &id), CKR_OK);
	assert_int_equal(id, 3);
	/* who still holds the deleted one cannot bring it back */
	assert_int_equal(token_put(s, &t), CKR_TOKEN_NOT_PRESENT);
	assert_int_equal(t.version, 1);
	t.id = 4;
	assert_int_equal(token_put(s, &t), CKR_TOKEN_NOT_PRESENT);
	store_token_free(&t);
	assert_int_equal(add_token(s, "three"), 3);
	/* the count set back by hand */
	edit("UPDATE sqlite_sequence SET seq = 0");
	assert_int_equal(add_token(s, "four"), 4);
	store_close(&s);
}

static void
list_is_ascending_and_leaves_out_a_damaged_row(void **state)
{
	static const char *const damages[] = {
		"PRAGMA ignore_check_constraints = 1; "
		"UPDATE token SET label = x'00' WHERE id = 2",
		"UPDATE token SET serial = zeroblob(17) WHERE id = 2",
		"UPDATE token SET version = -1 WHERE id = 2",
		"UPDATE token SET parent_handle = 4294967296 WHERE id = 2",
		"UPDATE token SET pcrs = CAST('sha256:7,2,0' AS BLOB) "
		"WHERE id = 2",
		"UPDATE token SET pcrs = zeroblob(1) WHERE id = 2",
		"UPDATE token SET parent_public = zeroblob(70000) "
		"WHERE id = 2",
		"UPDATE pin SET salt = zeroblob(65) WHERE token = 2",
		"UPDATE pin SET auth = zeroblob(257) WHERE token = 2",
		"UPDATE pin SET nv_index = x'' WHERE token = 2 AND role = 1",
		"UPDATE seal SET public = zeroblob(65538) WHERE token = 2 "
		"AND role = 3",
	};
	struct store_token *list;
	struct store *s = opened();
	struct store_token t = { .id = 0 };
	struct buf copy;
	size_t i, count;

	(void)state;
	for (i = 0; i < 3; i++)
		(void)add_token(s, "one");
	assert_int_equal(store_token_get(s, 2, &t), CKR_OK);
	store_close(&s);
	copy = slurp(store_file());
	for (i = 0; i < ARRAY_LEN(damages); i++) {
		spill(store_file(), buf_view(&copy));
		edit(damages[i]);
		s = opened();
		assert_int_equal(store_tokens(s, &list, &count), CKR_OK);
		assert_int_equal(count, 2);
		assert_int_equal(list[0].id, 1);
		assert_int_equal(list[1].id, 3);
		store_tokens_free(&list, count);
		/* what cannot be checked is not written over */
		assert_true(token_put(s, &t) != CKR_OK);
		assert_int_equal(count_objects(s, 1, NULL), 0);
		assert_int_equal(count_objects(s, 2, NULL), SIZE_MAX);
		store_close(&s);
	}
	buf_free(&copy);
	store_token_free(&t);
}

static void
deleting_takes_the_objects_and_nothing_of_others(void **state)
{
	struct store *s = opened();
	struct store_keys keys = keys_both();
	int64_t one = add_token(s, "one"), two = add_token(s, "two");
	int64_t in_one = add_object(s, one, true, "a");
	int64_t in_two = add_object(s, two, true, "a");

	(void)state;
	assert_int_equal(store_token_delete(s, one), CKR_OK);
	assert_int_equal(store_token_delete(s, one), CKR_TOKEN_NOT_PRESENT);
	assert_int_equal(get_code(s, &keys, one, in_one),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(get_code(s, &keys, two, in_two), CKR_OK);
	assert_int_equal(put_object(s, one, true, "b", NULL),
	    CKR_TOKEN_NOT_PRESENT);
	store_close(&s);
}

static void
what_a_reader_would_refuse_is_not_written(void **state)
{
	struct store *s = opened();
	int64_t id = add_token(s, "one");
	struct store_token t = { .id = 0 };

	(void)state;
	assert_int_equal(store_token_get(s, id, &t), CKR_OK);
	assert_int_equal(buf_resize(&t.parent.name, 67), CKR_OK);
	assert_int_equal(token_put(s, &t), CKR_DEVICE_MEMORY);
	store_token_free(&t);
	assert_int_equal(store_token_get(s, id, &t), CKR_OK);
	store_token_free(&t);
	store_close(&s);
}

static void
notes_are_kept_replaced_and_removed(void **state)
{
	struct store *s = opened();
	struct buf value = BUF_EMPTY;

	(void)state;
	put_bytes(&value, "left over");
	assert_int_equal(store_note_get(s, "tpm", &value), CKR_OK);
	assert_int_equal(value.len, 0);
	assert_int_equal(store_note_put(s, "tpm", view_str("a")), CKR_OK);
	assert_int_equal(store_note_put(s, "tpm", view_str("bc")), CKR_OK);
	assert_int_equal(store_note_get(s, "tpm", &value), CKR_OK);
	assert_text(&value, "bc");
	assert_int_equal(store_note_put(s, "tpm", VIEW_EMPTY), CKR_OK);
	assert_int_equal(store_note_get(s, "tpm", &value), CKR_OK);
	assert_int_equal(value.len, 0);
	assert_int_equal(buf_resize(&value, 65537), CKR_OK);
	assert_int_equal(store_note_put(s, "tpm", buf_view(&value)),
	    CKR_DEVICE_MEMORY);
	buf_free(&value);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(token_comes_back_as_it_was_put),
		store_test(
		    pin_that_is_unset_goes_and_its_seal_leaves_the_files),
		store_test(ids_are_never_used_again),
		store_test(list_is_ascending_and_leaves_out_a_damaged_row),
		store_test(deleting_takes_the_objects_and_nothing_of_others),
		store_test(what_a_reader_would_refuse_is_not_written),
		store_test(notes_are_kept_replaced_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
