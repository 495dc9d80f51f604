/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_test.h"

/*
 * Damaged and forged files. The question for each: does the store refuse it,
 * or leave out what is damaged, or give just what was put? A sealed object is
 * never given changed, and none is missing without a word.
 */
enum { OBJECTS = 2 };

static struct store_object wanted[OBJECTS];

static void
fill(void)
{
	struct store_keys keys = keys_both();
	struct store *s = opened();
	int64_t token = add_token(s, "one");
	int i;

	for (i = 0; i < OBJECTS; i++) {
		wanted[i] = new_object(token, i == 0, CKO_PRIVATE_KEY, "x");
		assert_int_equal(store_object_put(s, &keys, &wanted[i]),
		    CKR_OK);
	}
	store_close(&s);
}

static void
forget(void)
{
	int i;

	for (i = 0; i < OBJECTS; i++)
		store_object_free(&wanted[i]);
}

static bool
same_object(const struct store_object *a, const struct store_object *b)
{
	return a->id == b->id && a->version == b->version &&
	    a->private == b->private && attrs_same(&a->attrs, &b->attrs) &&
	    view_equal(buf_view(&a->blob.auth), buf_view(&b->blob.auth)) &&
	    view_equal(buf_view(&a->blob.public_area),
	    buf_view(&b->blob.public_area)) &&
	    view_equal(buf_view(&a->blob.private_area),
	    buf_view(&b->blob.private_area));
}

/* What became of a file: refused (all of it, or the token), an object that
 * is said to be damaged, all there. Nothing is ever missing in silence. */
enum outcome { REFUSED, LOST, WHOLE, OUTCOMES };

/* Through one index: OBJECTS of them, or a word. */
static bool
found(struct store *s, const struct attrs *want)
{
	struct store_keys keys = keys_both();
	int64_t *ids = NULL;
	size_t count = OBJECTS;
	CK_RV rv;

	rv = store_object_find(s, &keys, 1, want, &ids, &count);
	store_ids_free(&ids);
	must(rv != CKR_OK || count == OBJECTS, "objects are missing silently");
	return rv == CKR_OK;
}

/* Through each index in turn: all of them, and those alike by id or label. */
static bool
all_found(struct store *s)
{
	struct attrs label = ATTRS_EMPTY, none = ATTRS_EMPTY;
	bool all;

	must(attrs_set(&label, CKA_LABEL, view_str("x")) == CKR_OK, "memory");
	all = found(s, &none) && found(s, &label) &&
	    found(s, &wanted[1].attrs);
	attrs_free(&label);
	return all;
}

static void
token_is_unchanged(struct store *s)
{
	struct store_token t = { .id = 0 };

	must(store_token_get(s, 1, &t) == CKR_OK, "token");
	must(memcmp(t.label, "one  ", 5) == 0 &&
	    t.pcrs.count == 1 && t.pcrs.banks[0].registers == 0x85 &&
	    t.version == 1 && memcmp(t.serial, "0123456789abcdef", 16) == 0 &&
	    t.parent.handle == 0x81000001 &&
	    view_equal(buf_view(&t.pins[STORE_SO].seal.private_area),
	    view_str("so private")) &&
	    view_equal(buf_view(&t.pins[STORE_USER].salt),
	    view_str("user salt")) &&
	    t.pins[STORE_SO].index.limit == 10 &&
	    view_equal(buf_view(&t.pins[STORE_SO].index.name),
	    view_str("so")) &&
	    view_equal(buf_view(&t.pins[STORE_USER].pending.private_area),
	    view_str("user")) &&
	    view_equal(buf_view(&t.pins[STORE_USER].auth_wrapped),
	    view_str("auth wrapped")) &&
	    view_equal(buf_view(&t.device.private_area),
	    view_str("device private")) &&
	    view_equal(buf_view(&t.counter), view_str("counter")),
	    "an edited token passes");
	store_token_free(&t);
}

static enum outcome
read_objects(struct store *s)
{
	struct store_keys keys = keys_both();
	struct store_object o = { .id = 0 };
	enum outcome outcome = WHOLE;
	CK_RV rv;
	int i;

	for (i = 0; i < OBJECTS; i++) {
		rv = store_object_get(s, &keys, 1, wanted[i].id, &o);
		must(rv != CKR_OK || same_object(&o, &wanted[i]),
		    "a changed object was given out");
		must(rv != CKR_OBJECT_HANDLE_INVALID,
		    "an object is gone silently");
		if (rv != CKR_OK)
			outcome = LOST;
		store_object_free(&o);
	}
	return outcome;
}

/* Reads all there is; a child would say, so it exits when it is wrong. */
static enum outcome
read_all(void)
{
	struct store_keys keys = keys_both();
	enum outcome outcome = REFUSED;
	struct store *s = NULL;

	if (store_open(&store_config, false, &s) != CKR_OK)
		return REFUSED;
	if (store_check(s, &keys, 1) == CKR_OK) {
		token_is_unchanged(s);
		if (all_found(s))
			outcome = read_objects(s);
	}
	store_close(&s);
	return outcome;
}

static void
poke(size_t at, uint8_t byte)
{
	int fd = open(store_file(), O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && pwrite(fd, &byte, 1, (off_t)at) == 1, "poke");
	(void)close(fd);
}

static struct buf before;
enum { JOBS = 2 };

/*
 * Every JOBS-th byte in two ways. Bytes beyond what a page uses are zero; of
 * those only one way is tried.
 */
static void
flip_child(int job)
{
	unsigned n[OUTCOMES] = { 0 };
	size_t at;

	must(crypto_start() == CKR_OK, "crypto");
	for (at = (size_t)job; at < before.len; at += JOBS) {
		poke(at, before.data[at] ^ 0xff);
		n[read_all()]++;
		if (before.data[at] != 0) {
			poke(at, before.data[at] ^ 0x01);
			n[read_all()]++;
		}
		poke(at, before.data[at]);
		if (at % 4096 == (size_t)job)
			must(read_all() == WHOLE, "flips leave no trace");
	}
	fprintf(stderr, "flips: %u refused, %u lost something, %u read whole "
	    "and unchanged\n", n[REFUSED], n[LOST], n[WHOLE]);
	must(n[REFUSED] > 100 && n[LOST] > 10, "flips have an effect");
}

/* Each job on a copy of its own. */
static void
every_flipped_byte_is_refused_or_hides_or_changes_nothing(void **state)
{
	pid_t pid[JOBS];
	int i;

	fill();
	before = slurp(store_file());
	pid[0] = start_child(flip_child, 0);
	(void)strcat(store_dir, "2");
	assert_int_equal(mkdir(store_dir, 0700), 0);
	spill(store_file(), buf_view(&before));
	assert_int_equal(setenv("TPM2_CRYPTOKI_STORE", store_dir, 1), 0);
	configure();
	pid[1] = start_child(flip_child, 1);
	for (i = 0; i < JOBS; i++)
		child_went_well(pid[i]);
	buf_free(&before);
	forget();
	(void)state;
}

static void
random_child(int seed)
{
	struct buf b = BUF_EMPTY;
	unsigned n[OUTCOMES] = { 0 };
	int round, i;

	srand((unsigned)seed);
	must(crypto_start() == CKR_OK, "crypto");
	must(buf_set(&b, buf_view(&before)) == CKR_OK, "memory");
	for (round = 0; round < 300; round++) {
		memcpy(b.data, before.data, before.len);
		for (i = 0; i < 1 + round % 40; i++)
			b.data[100 + (size_t)rand() % (b.len - 100)] =
			    (uint8_t)rand();
		/* and all of a page */
		if (round % 3 == 0)
			for (i = 0; i < 4096; i++)
				b.data[4096 * (1 + (size_t)round %
				    (b.len / 4096 - 1)) + (size_t)i] =
				    (uint8_t)rand();
		spill(store_file(), buf_view(&b));
		n[read_all()]++;
	}
	fprintf(stderr, "random: %u refused, %u lost something, %u read "
	    "whole and unchanged\n", n[REFUSED], n[LOST], n[WHOLE]);
}

static void
random_bytes_do_no_harm(void **state)
{
	(void)state;
	fill();
	before = slurp(store_file());
	child_went_well(start_child(random_child, 1));
	buf_free(&before);
	forget();
}

static void
truncated_child(int arg)
{
	size_t len;

	(void)arg;
	must(crypto_start() == CKR_OK, "crypto");
	for (len = 0; len < before.len; len += 512 + len % 3) {
		must(truncate(store_file(), (off_t)len) == 0, "truncate");
		must(read_all() != WHOLE, "a part is not the whole");
		spill(store_file(), buf_view(&before));
	}
	must(read_all() == WHOLE, "the whole is whole");
}

static void
truncated_file_is_not_taken_for_whole(void **state)
{
	(void)state;
	fill();
	before = slurp(store_file());
	child_went_well(start_child(truncated_child, 0));
	buf_free(&before);
	forget();
}

static void
damage_overwrites_nothing(void **state)
{
	struct buf damaged, after;
	struct store *s = NULL;

	(void)state;
	fill();
	poke(110, 0xff);
	damaged = slurp(store_file());
	assert_int_equal(store_open(&store_config, true, &s), CKR_DEVICE_ERROR);
	after = slurp(store_file());
	assert_true(view_equal(buf_view(&damaged), buf_view(&after)));
	buf_free(&damaged);
	buf_free(&after);
	forget();
}

static void
one_damaged_row_hides_one_object(void **state)
{
	struct store_keys keys = keys_both();
	struct store *s;

	(void)state;
	fill();
	edit("UPDATE object SET body = zeroblob(100) WHERE id = 1");
	s = opened();
	assert_int_equal(get_code(s, &keys, 1, 1), CKR_DATA_INVALID);
	assert_int_equal(get_code(s, &keys, 1, 2), CKR_OK);
	assert_int_equal(count_objects(s, 1, NULL), 2);
	assert_int_equal(object_delete(s, 1, 1), CKR_OK);
	assert_int_equal(count_objects(s, 1, NULL), 1);
	store_close(&s);
	forget();
}

static void
schema_of_another_author_is_refused(void **state)
{
	static const char *const edits[] = {
		"CREATE TRIGGER t AFTER INSERT ON object BEGIN "
		"DELETE FROM token; END",
		"CREATE VIEW v AS SELECT * FROM object",
		"CREATE TABLE more (a)",
		"CREATE INDEX more ON object (version)",
		"DROP INDEX object_by_id",
		"DROP TABLE note",
		"ALTER TABLE object ADD COLUMN extra TEXT",
		"ALTER TABLE token RENAME COLUMN label TO name",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		"sql = replace(sql, 'version', 'Version')",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		"sql = NULL WHERE name = 'object_by_id'",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		"rootpage = 99 WHERE name = 'object'",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		"type = 'view' WHERE name = 'note'",
		"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET "
		"sql = 'CREATE TABLE note (name TEXT PRIMARY KEY NOT NULL, "
		"value BLOB AS (load_extension(''/tmp/x.so''))) STRICT, "
		"WITHOUT ROWID' WHERE name = 'note'",
		"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema",
		"PRAGMA writable_schema = ON; INSERT INTO sqlite_schema "
		"VALUES ('table', 'f', 'f', 0, "
		"'CREATE VIRTUAL TABLE f USING fts5(a)')",
		"PRAGMA application_id = 1",
		"PRAGMA user_version = 0",
		"PRAGMA user_version = -1",
	};
	struct store *s = NULL;
	struct buf copy;
	size_t i;

	(void)state;
	fill();
	copy = slurp(store_file());
	for (i = 0; i < ARRAY_LEN(edits); i++) {
		spill(store_file(), buf_view(&copy));
		edit(edits[i]);
		assert_int_equal(store_open(&store_config, true, &s),
		    CKR_DEVICE_ERROR);
	}
	spill(store_file(), buf_view(&copy));
	assert_int_equal(store_open(&store_config, true, &s), CKR_OK);
	store_close(&s);
	buf_free(&copy);
	forget();
}

/* A trigger that comes while we run does not run in our connection. */
static void
trigger_that_comes_later_does_not_run(void **state)
{
	struct store *s;

	(void)state;
	fill();
	s = opened();
	edit("CREATE TRIGGER t AFTER INSERT ON object BEGIN "
	    "DELETE FROM token; END");
	(void)add_object(s, 1, true, "y");
	assert_int_equal(count_objects(s, 1, NULL), OBJECTS + 1);
	store_close(&s);
	forget();
}

enum { PAGE = 4096, LEVELS = 8, CELLS = 300 };

static size_t
root_of(const char *table)
{
	sqlite3 *h = NULL;
	sqlite3_stmt *stmt = NULL;
	int root;

	assert_int_equal(sqlite3_open(store_file(), &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h, "SELECT rootpage FROM "
	    "sqlite_schema WHERE name = ?1", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(stmt, 1, table, -1,
	    SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	root = sqlite3_column_int(stmt, 0);
	(void)sqlite3_finalize(stmt);
	(void)sqlite3_close(h);
	return (size_t)root;
}

/* An interior page of a table's tree whose children are all one page. */
static void
forge_page(uint8_t *page, size_t child)
{
	const size_t cells = PAGE - CELLS * 5;
	size_t i, cell;

	memset(page, 0, PAGE);
	page[0] = 5;
	page[3] = CELLS >> 8;
	page[4] = CELLS & 0xff;
	page[5] = (uint8_t)(cells >> 8);
	page[6] = (uint8_t)cells;
	page[11] = (uint8_t)child;
	for (i = 0; i < CELLS; i++) {
		cell = cells + 5 * i;
		page[12 + 2 * i] = (uint8_t)(cell >> 8);
		page[13 + 2 * i] = (uint8_t)cell;
		page[cell + 3] = (uint8_t)child;
		page[cell + 4] = 1;
	}
}

/* Eight levels of such pages: a scan would visit 300^8 rows. */
static void
forged_tree_does_not_hang(void **state)
{
	struct buf b;
	struct store *s;
	uint8_t *root;
	size_t pages, level;
	struct store_token *list;
	size_t count;

	(void)state;
	fill();
	level = root_of("token");
	b = slurp(store_file());
	pages = b.len / PAGE;
	assert_int_equal(buf_resize(&b, (pages + LEVELS) * PAGE), CKR_OK);
	root = b.data + (level - 1) * PAGE;
	memcpy(b.data + (pages + LEVELS - 1) * PAGE, root, PAGE);
	forge_page(root, pages + 1);
	for (level = 1; level < LEVELS; level++)
		forge_page(b.data + (pages + level - 1) * PAGE,
		    pages + level + 1);
	b.data[31] = (uint8_t)(pages + LEVELS);
	spill(store_file(), buf_view(&b));
	buf_free(&b);
	s = opened();
	assert_int_equal(store_tokens(s, &list, &count), CKR_DEVICE_ERROR);
	store_close(&s);
	forget();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(
		    every_flipped_byte_is_refused_or_hides_or_changes_nothing),
		store_test(random_bytes_do_no_harm),
		store_test(truncated_file_is_not_taken_for_whole),
		store_test(damage_overwrites_nothing),
		store_test(one_damaged_row_hides_one_object),
		store_test(schema_of_another_author_is_refused),
		store_test(trigger_that_comes_later_does_not_run),
		store_test(forged_tree_does_not_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
