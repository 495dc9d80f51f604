/* SPDX-License-Identifier: BSD-2-Clause */
#include <time.h>

#include "store_test.h"

static void
object_comes_back_as_it_was_put(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct store_object o, got = { .id = 0 };
	struct store_keys keys = keys_both();
	int private;

	(void)state;
	for (private = 0; private < 2; private++) {
		o = new_object(token, private == 1, CKO_PRIVATE_KEY, "x");
		assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
		assert_int_equal(o.id, private + 1);
		assert_int_equal(o.version, 1);
		assert_int_equal(store_object_get(s, &keys, token, o.id,
		    &got), CKR_OK);
		assert_int_equal(got.id, o.id);
		assert_int_equal(got.token, token);
		assert_int_equal(got.version, 1);
		assert_int_equal(got.private, private);
		assert_true(attrs_same(&got.attrs, &o.attrs));
		assert_true(view_equal(buf_view(&got.blob.auth),
		    view_str("authorisation")));
		assert_true(view_equal(buf_view(&got.blob.public_area),
		    view_str("public area")));
		assert_true(view_equal(buf_view(&got.blob.private_area),
		    view_str("private area")));
		store_object_free(&o);
		store_object_free(&got);
	}
	store_close(&s);
}

static void
update_counts_up_and_is_found_by_its_new_label(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct store_keys keys = keys_both();
	struct store_object o = new_object(token, true, CKO_DATA, "before");
	uint64_t version;

	(void)state;
	assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
	assert_int_equal(attrs_set(&o.attrs, CKA_LABEL, view_str("after")),
	    CKR_OK);
	assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
	assert_int_equal(o.version, 2);
	assert_int_equal(object_version(s, token, o.id, &version),
	    CKR_OK);
	assert_int_equal(version, 2);
	assert_int_equal(count_objects(s, token, "before"), 0);
	assert_int_equal(count_objects(s, token, "after"), 1);
	assert_int_equal(object_delete(s, token, o.id), CKR_OK);
	assert_int_equal(store_object_put(s, &keys, &o),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(object_delete(s, token, o.id),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(object_version(s, token, o.id, &version),
	    CKR_OBJECT_HANDLE_INVALID);
	store_object_free(&o);
	store_close(&s);
}

static void
ids_are_never_used_again(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	(void)add_object(s, token, false, "a");
	assert_int_equal(add_object(s, token, false, "b"), 2);
	assert_int_equal(object_delete(s, token, 2), CKR_OK);
	store_close(&s);
	s = opened();
	assert_int_equal(add_object(s, token, false, "c"), 3);
	assert_int_equal(objects_delete_all(s, token), CKR_OK);
	assert_int_equal(add_object(s, token, false, "d"), 4);
	edit("DELETE FROM sqlite_sequence");
	assert_int_equal(add_object(s, token, false, "e"), 5);
	store_close(&s);
}

static void
another_tokens_object_is_not_there(void **state)
{
	struct store *s = opened();
	int64_t one = add_token(s, "one"), two = add_token(s, "two");
	int64_t id = add_object(s, one, true, "a");
	struct store_keys keys = keys_both();
	uint64_t version;

	(void)state;
	assert_int_equal(get_code(s, &keys, two, id),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(object_version(s, two, id, &version),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(object_delete(s, two, id),
	    CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(objects_delete_all(s, two), CKR_OK);
	assert_int_equal(count_objects(s, two, NULL), 0);
	assert_int_equal(count_objects(s, one, NULL), 1);
	store_close(&s);
}

static void
private_objects_need_their_key(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	int64_t id = add_object(s, token, true, "a");
	struct store_keys keys = keys_both();
	struct attrs want = ATTRS_EMPTY;
	struct store_object o = new_object(token, true, CKO_DATA, "b");
	int64_t *ids;
	size_t count;

	(void)state;
	(void)add_object(s, token, false, "a");
	keys.for_private = VIEW_EMPTY;
	assert_int_equal(store_object_find(s, &keys, token, &want, &ids,
	    &count), CKR_OK);
	assert_int_equal(count, 1);
	store_ids_free(&ids);
	assert_int_equal(get_code(s, &keys, token, id),
	    CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(store_object_put(s, &keys, &o),
	    CKR_USER_NOT_LOGGED_IN);
	store_object_free(&o);
	store_close(&s);
}

/* The i-th of a set in which each tag varies, and may be absent. */
static void
put_varied(struct store *s, const struct store_keys *keys, int64_t token,
    unsigned i)
{
	struct store_object o = { .token = token, .private = (i & 1) != 0 };
	char text[8];

	(void)snprintf(text, sizeof(text), "%u", i / 3 % 5);
	if (i % 7 != 0)
		assert_int_equal(attrs_set_ulong(&o.attrs, CKA_CLASS, i % 3),
		    CKR_OK);
	if (i % 5 != 0)
		assert_int_equal(attrs_set_ulong(&o.attrs, CKA_KEY_TYPE,
		    i % 4), CKR_OK);
	if (i % 11 != 0)
		assert_int_equal(attrs_set(&o.attrs, CKA_LABEL,
		    view_str(text)), CKR_OK);
	if (i % 13 != 0)
		assert_int_equal(attrs_set(&o.attrs, CKA_ID,
		    view_of(text, i % 2)), CKR_OK);
	assert_int_equal(store_object_put(s, keys, &o), CKR_OK);
	store_object_free(&o);
}

/* Of the n objects all that match want are found. */
static void
assert_found(struct store *s, const struct store_keys *keys, int64_t token,
    const struct attrs *want, unsigned n)
{
	struct store_object o = { .id = 0 };
	int64_t *ids, id;
	size_t count, at = 0;

	assert_int_equal(store_object_find(s, keys, token, want, &ids,
	    &count), CKR_OK);
	for (id = 1; id <= n; id++) {
		assert_int_equal(store_object_get(s, keys, token, id, &o),
		    CKR_OK);
		if (at < count && ids[at] == id)
			at++;
		else
			assert_false(attrs_match(&o.attrs, want));
		store_object_free(&o);
	}
	assert_int_equal(at, count);
	store_ids_free(&ids);
}

static void
search_misses_nothing_that_reading_all_would_find(void **state)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_CLASS, CKA_KEY_TYPE,
		CKA_LABEL, CKA_ID };
	enum { OBJECTS = 60 };
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct store_keys keys = keys_both();
	struct store_object like = { .id = 0 };
	struct attrs want = ATTRS_EMPTY;
	unsigned i, set;

	(void)state;
	for (i = 0; i < OBJECTS; i++)
		put_varied(s, &keys, token, i);
	for (set = 0; set < 16 * 8; set++) {
		assert_int_equal(store_object_get(s, &keys, token,
		    1 + 7 * (set / 16), &like), CKR_OK);
		for (i = 0; i < 4; i++)
			if ((set >> i & 1) != 0 &&
			    attrs_has(&like.attrs, types[i]))
				assert_int_equal(attrs_put(&want,
				    attrs_get(&like.attrs, types[i])),
				    CKR_OK);
		assert_found(s, &keys, token, &want, OBJECTS);
		store_object_free(&like);
		attrs_free(&want);
	}
	store_close(&s);
}

/* The files hold this text, in any of them. */
static bool
on_disk(const char *text)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char path[400];
	struct buf b;
	bool found = false;
	size_t i;

	for (i = 0; i < ARRAY_LEN(suffixes); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", store_file(),
		    suffixes[i]);
		b = slurp(path);
		if (b.len > 0)
			found |= memmem(b.data, b.len, text,
			    strlen(text)) != NULL;
		buf_free(&b);
	}
	return found;
}

static void
sealed_rows_show_nothing(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");

	(void)state;
	(void)add_object(s, token, true, "secret");
	(void)add_object(s, token, false, "known");
	assert_false(on_disk("secret"));
	assert_false(on_disk("736563726574"));
	assert_false(on_disk("known"));
	assert_false(on_disk("6b6e6f776e"));
	assert_false(on_disk("CKA_"));
	assert_false(on_disk("authorisation"));
	assert_true(on_disk("private area"));
	store_close(&s);
}

static void
deleted_and_replaced_bytes_leave_the_files(void **state)
{
	struct store *s = opened(), *other = opened();
	int64_t token = add_token(s, "one");
	struct store_keys keys = keys_both();
	struct store_object o = new_object(token, false, CKO_DATA, "x");

	(void)state;
	put_bytes(&o.blob.private_area, "ink-1");
	assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
	assert_true(on_disk("ink-1"));
	put_bytes(&o.blob.private_area, "ink-2");
	assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
	assert_false(on_disk("ink-1"));
	assert_true(on_disk("ink-2"));
	assert_int_equal(object_delete(other, token, o.id), CKR_OK);
	assert_false(on_disk("ink-2"));
	store_object_free(&o);
	store_close(&other);
	store_close(&s);
}

static void
object_that_is_too_long_is_refused_and_a_long_one_kept(void **state)
{
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	struct store_keys keys = keys_both();
	struct store_object o = new_object(token, true, CKO_DATA, "x");
	struct buf big = BUF_EMPTY;

	(void)state;
	assert_int_equal(buf_resize(&big, 17 * 1024 * 1024), CKR_OK);
	assert_int_equal(attrs_set(&o.attrs, CKA_VALUE, buf_view(&big)),
	    CKR_OK);
	assert_int_equal(store_object_put(s, &keys, &o), CKR_DEVICE_MEMORY);
	assert_int_equal(o.id, 0);
	big.len = 1024 * 1024;
	assert_int_equal(attrs_set(&o.attrs, CKA_VALUE, buf_view(&big)),
	    CKR_OK);
	assert_int_equal(store_object_put(s, &keys, &o), CKR_OK);
	assert_int_equal(get_code(s, &keys, token, o.id), CKR_OK);
	store_object_free(&o);
	buf_free(&big);
	store_close(&s);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Microseconds for one search by label, the mean of many. */
static double
search_time(struct store *s, int64_t token, unsigned n)
{
	char label[32];
	double start = now();
	unsigned i;

	for (i = 0; i < 200; i++) {
		(void)snprintf(label, sizeof(label), "object %u",
		    i * 7919 % n);
		assert_int_equal(count_objects(s, token, label), 1);
	}
	return (now() - start) / 200;
}

static void
search_hardly_slows_down_with_ten_thousand_objects(void **state)
{
	enum { FEW = 10, MANY = 10000 };
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	double few = 0, many, start;
	char label[32];
	unsigned i;

	(void)state;
	assert_int_equal(store_begin(s), CKR_OK);
	for (i = 0; i < MANY; i++) {
		(void)snprintf(label, sizeof(label), "object %u", i);
		(void)add_object(s, token, i % 2 == 0, label);
		if (i == FEW - 1)
			few = search_time(s, token, FEW);
	}
	assert_int_equal(store_commit(s), CKR_OK);
	store_close(&s);
	start = now();
	s = opened();
	print_message("open with %d objects: %.0f us\n", MANY, now() - start);
	start = now();
	assert_int_equal(count_objects(s, token, "object 1"), 1);
	print_message("first search, with the checks: %.0f us\n",
	    now() - start);
	many = search_time(s, token, MANY);
	print_message("search by label: %.1f us of %d, %.1f us of %d\n", few,
	    FEW, many, MANY);
	start = now();
	assert_int_equal(count_objects(s, token, NULL), MANY);
	print_message("ids of all: %.0f us\n", now() - start);
	/* somebody else's work may have been measured: look again */
	for (i = 0; i < 10 && many >= 3 * few + 20; i++)
		many = search_time(s, token, MANY);
	assert_true(many < 3 * few + 20);
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(object_comes_back_as_it_was_put),
		store_test(update_counts_up_and_is_found_by_its_new_label),
		store_test(ids_are_never_used_again),
		store_test(another_tokens_object_is_not_there),
		store_test(private_objects_need_their_key),
		store_test(search_misses_nothing_that_reading_all_would_find),
		store_test(sealed_rows_show_nothing),
		store_test(deleted_and_replaced_bytes_leave_the_files),
		store_test(
		    object_that_is_too_long_is_refused_and_a_long_one_kept),
		store_test(
		    search_hardly_slows_down_with_ten_thousand_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
