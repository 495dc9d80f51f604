/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_test.h"

/* What the store keeps of a PIN besides its seal. */

static void
assert_text(const struct buf *b, const char *text)
{
	assert_true(view_equal(buf_view(b), view_str(text)));
}

static struct store_token
token_of(struct store *s, int64_t id)
{
	struct store_token t = { .id = 0 };

	assert_int_equal(store_token_get(s, id, &t), CKR_OK);
	return t;
}

static void
assert_index(const struct store_pin *p, const char *who)
{
	assert_int_equal(p->index.handle, 0x01a50000 + who[0]);
	assert_int_equal(p->index.limit, 10);
	assert_text(&p->index.public_area, "index public");
	assert_text(&p->index.name, who);
	assert_text(&p->index.so_name, "so name");
	assert_text(&p->index.approval, "approval");
	assert_text(&p->auth_wrapped, "auth wrapped");
}

static void
all_of_a_pin_comes_back(void **state)
{
	struct store *s = opened();
	int64_t id = add_token(s, "one");
	struct store_token t;

	(void)state;
	store_close(&s);
	s = opened();
	t = token_of(s, id);
	assert_index(&t.pins[STORE_SO], "so");
	assert_index(&t.pins[STORE_USER], "user");
	assert_text(&t.pins[STORE_SO].pending.private_area, "so");
	assert_text(&t.pins[STORE_USER].pending.public_area,
	    "pending public");
	assert_text(&t.pins[STORE_USER].pending.private_area, "user");
	assert_int_equal(t.pcrs.count, 1);
	assert_int_equal(t.pcrs.banks[0].hash, 0x000b);
	assert_int_equal(t.pcrs.banks[0].registers, 0x85);
	store_token_free(&t);
	assert_int_equal(t.pcrs.count, 0);
	assert_int_equal(t.pins[STORE_SO].index.handle, 0);
	store_close(&s);
}

static void
salt_and_index_are_there_without_a_pin(void **state)
{
	struct store_keys keys = keys_both();
	struct store *s = opened();
	int64_t id = add_token(s, "one");
	struct store_token t = token_of(s, id);
	struct store_pin *p = &t.pins[STORE_USER];

	(void)state;
	/* what is left in an unset PIN's seal is not kept, nor missed */
	p->set = false;
	tpm_blob_free(&p->pending);
	t.pcrs = TPM_PCRS_NONE;
	assert_int_equal(token_put(s, &t), CKR_OK);
	store_token_free(&t);
	store_close(&s);
	s = opened();
	assert_int_equal(store_check(s, &keys, id), CKR_OK);
	t = token_of(s, id);
	assert_false(p->set);
	assert_int_equal(p->seal.private_area.len, 0);
	assert_int_equal(p->pending.private_area.len, 0);
	assert_text(&p->salt, "user salt");
	assert_index(p, "user");
	assert_int_equal(t.pcrs.count, 0);
	store_token_free(&t);
	store_close(&s);
}

static void
pending_seal_takes_the_place_of_the_old_one(void **state)
{
	struct store_keys keys = keys_both();
	struct store *s = opened();
	int64_t id = add_token(s, "one");
	struct store_token t = token_of(s, id);
	struct store_pin *p = &t.pins[STORE_USER];
	struct buf file;

	(void)state;
	tpm_blob_free(&p->seal);
	p->seal = p->pending;
	p->pending = TPM_BLOB_EMPTY;
	assert_int_equal(token_put(s, &t), CKR_OK);
	store_token_free(&t);
	store_close(&s);
	file = slurp(store_file());
	assert_null(memmem(file.data, file.len, "user private", 12));
	buf_free(&file);
	s = opened();
	assert_int_equal(store_check(s, &keys, id), CKR_OK);
	t = token_of(s, id);
	assert_true(p->set);
	assert_text(&p->seal.private_area, "user");
	assert_int_equal(p->pending.public_area.len, 0);
	store_token_free(&t);
	store_close(&s);
}

/* The code of reading the token, its user's index being this. */
static CK_RV
index_code(const char *value)
{
	struct store_token t = { .id = 0 };
	struct store *s;
	char sql[200];
	CK_RV rv;

	(void)snprintf(sql, sizeof(sql), "UPDATE pin SET nv_index = %s "
	    "WHERE role = 1", value);
	edit(sql);
	s = opened();
	rv = store_token_get(s, 1, &t);
	store_token_free(&t);
	store_close(&s);
	return rv;
}

/* Handle, limit, four lengths, 12 + 4 + 7 + 8 bytes. */
enum { INDEX_LEN = 8 + 4 * 2 + 31 };

static void
every_other_encoding_of_an_index_is_refused(void **state)
{
	struct store *s = opened();
	char value[100];
	int len;

	(void)state;
	(void)add_token(s, "one");
	store_close(&s);
	assert_int_equal(index_code("nv_index"), CKR_OK);
	assert_int_equal(index_code("CAST(nv_index || x'00' AS BLOB)"),
	    CKR_DATA_INVALID);
	for (len = INDEX_LEN - 1; len >= 0; len--) {
		(void)snprintf(value, sizeof(value),
		    "substr(nv_index, 1, %d)", len);
		assert_int_equal(index_code(value), CKR_DATA_INVALID);
	}
	/* nothing in it */
	assert_int_equal(index_code("zeroblob(16)"), CKR_OK);
	/* one part longer than it may be, and all there */
	assert_int_equal(index_code("CAST(zeroblob(8) || x'0101' || "
	    "zeroblob(263) AS BLOB)"), CKR_DATA_INVALID);
	assert_int_equal(index_code("CAST(zeroblob(8) || x'0100' || "
	    "zeroblob(262) AS BLOB)"), CKR_OK);
	assert_int_equal(index_code("CAST(zeroblob(8) || x'00000043' || "
	    "zeroblob(71) AS BLOB)"), CKR_DATA_INVALID);
	assert_int_equal(index_code("CAST(zeroblob(14) || x'0801' || "
	    "zeroblob(2049) AS BLOB)"), CKR_DATA_INVALID);
	assert_int_equal(index_code("zeroblob(4097)"), CKR_DATA_INVALID);
}

static void
pcrs_that_are_no_text_of_ours_are_refused(void **state)
{
	static const char *const texts[] = { "sha256:0,2,7 ", "sha256:",
		"sha256:2,0,7", "sha256:24", "md5:1", "sha256:0+sha1:0",
		"SHA256:0", "sha256:0,0", "sha256:00" };
	struct store_token t = { .id = 0 };
	struct store *s = opened();
	char sql[200];
	size_t i;

	(void)state;
	(void)add_token(s, "one");
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		(void)snprintf(sql, sizeof(sql), "UPDATE token SET pcrs = "
		    "CAST('%s' AS BLOB)", texts[i]);
		edit(sql);
		assert_int_equal(store_token_get(s, 1, &t),
		    CKR_DATA_INVALID);
	}
	edit("UPDATE token SET pcrs = CAST('sha1:0+sha256:0,2,7' AS BLOB)");
	assert_int_equal(store_token_get(s, 1, &t), CKR_OK);
	assert_int_equal(t.pcrs.count, 2);
	store_token_free(&t);
	store_close(&s);
}

static void
what_a_reader_would_refuse_is_not_written(void **state)
{
	struct store *s = opened();
	int64_t id = add_token(s, "one");
	struct store_token t;
	struct store_pin *p = &t.pins[STORE_USER];
	const struct { struct buf *b; size_t max; } parts[] = {
		{ &p->salt, 64 }, { &p->seal.public_area, 65537 },
		{ &p->pending.public_area, 65537 },
		{ &p->pending.private_area, 65537 },
		{ &p->auth_wrapped, 256 }, { &p->index.public_area, 256 },
		{ &p->index.name, 66 }, { &p->index.so_name, 66 },
		{ &p->index.approval, 2048 }
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(parts); i++) {
		t = token_of(s, id);
		assert_int_equal(buf_resize(parts[i].b, parts[i].max + 1),
		    CKR_OK);
		assert_int_equal(token_put(s, &t), CKR_DEVICE_MEMORY);
		assert_int_equal(buf_resize(parts[i].b, parts[i].max),
		    CKR_OK);
		assert_int_equal(token_put(s, &t), CKR_OK);
		store_token_free(&t);
	}
	store_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(all_of_a_pin_comes_back),
		store_test(salt_and_index_are_there_without_a_pin),
		store_test(pending_seal_takes_the_place_of_the_old_one),
		store_test(every_other_encoding_of_an_index_is_refused),
		store_test(pcrs_that_are_no_text_of_ours_are_refused),
		store_test(what_a_reader_would_refuse_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
