/* SPDX-License-Identifier: BSD-2-Clause */
#include "aes_key_test.h"

#include "crypto/keywrap.h"
#include "crypto/pkcs7.h"

#define KEK_5649 "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"

/* RFC 3394, 4.1 and 4.6; RFC 5649, 6. */
static const struct known {
	enum keywrap kind;
	const char *kek;
	const char *data;
	const char *wrapped;
} known[] = {
	{ KEYWRAP_KW, "000102030405060708090a0b0c0d0e0f",
	    "00112233445566778899aabbccddeeff",
	    "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5" },
	{ KEYWRAP_KW, "000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f",
	    "00112233445566778899aabbccddeeff"
	    "000102030405060708090a0b0c0d0e0f",
	    "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
	    "cbc7f0e71a99f43bfb988b9b7a02dd21" },
	{ KEYWRAP_KWP, KEK_5649, "c37b7e6492584340bed12207808941155068f738",
	    "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a"
	    "5f54f373fa543b6a" },
	{ KEYWRAP_KWP, KEK_5649, "466f7250617369",
	    "afbeb0f07dfbf5419200f2ccb50bb24f" },
};

static void
check_known(const struct aes_key *key, const struct known *k)
{
	struct buf data = hex(k->data), out = BUF_EMPTY;

	assert_int_equal(keywrap(k->kind, key, VIEW_EMPTY, buf_view(&data),
	    &out), CKR_OK);
	assert_hex(&out, k->wrapped);
	assert_int_equal(keyunwrap(k->kind, key, VIEW_EMPTY, buf_view(&out),
	    &out), CKR_OK);
	assert_hex(&out, k->data);
	buf_free(&data);
	buf_free(&out);
}

static void
both_kinds_of_key_give_the_rfcs_examples(void **state)
{
	struct far_key far;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct buf kek = hex(known[i].kek);
		struct aes_key near = near_key(buf_view(&kek));

		far_key_init(&far, buf_view(&kek));
		check_known(&near, &known[i]);
		check_known(&far.key, &known[i]);
		buf_free(&kek);
	}
}

static void
agree(enum keywrap kind, const struct aes_key *near, const struct aes_key *far,
    struct view iv, struct view data)
{
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;

	assert_int_equal(keywrap(kind, near, iv, data, &a), CKR_OK);
	assert_int_equal(keywrap(kind, far, iv, data, &b), CKR_OK);
	assert_view(buf_view(&b), buf_view(&a));
	assert_int_equal(keyunwrap(kind, near, iv, buf_view(&a), &b), CKR_OK);
	assert_view(buf_view(&b), data);
	assert_int_equal(keyunwrap(kind, far, iv, buf_view(&a), &b), CKR_OK);
	assert_view(buf_view(&b), data);
	buf_free(&a);
	buf_free(&b);
}

static void
both_kinds_of_key_agree_at_any_lengths(void **state)
{
	unsigned round;

	(void)state;
	random_start();
	for (round = 0; round < 300; round++) {
		enum keywrap kind = (enum keywrap)(round % 3);
		struct buf value = random_key();
		struct buf iv = random_buf(round / 3 % 2 == 0 ? 0 :
		    kind == KEYWRAP_KWP ? 4 : 8);
		struct buf data = random_buf(kind == KEYWRAP_KW ?
		    16 + 8 * random_len(20) : kind == KEYWRAP_KWP ?
		    1 + random_len(200) : 8 + random_len(200));
		struct aes_key near = near_key(buf_view(&value));
		struct far_key far;

		far_key_init(&far, buf_view(&value));
		agree(kind, &near, &far.key, buf_view(&iv), buf_view(&data));
		buf_free(&value);
		buf_free(&iv);
		buf_free(&data);
	}
}

static void
refuses_changes(const struct aes_key *key, const struct known *k)
{
	struct buf wrapped = hex(k->wrapped), out = BUF_EMPTY;
	size_t i;

	for (i = 0; i < wrapped.len * 8; i++) {
		wrapped.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(keyunwrap(k->kind, key, VIEW_EMPTY,
		    buf_view(&wrapped), &out), CKR_ENCRYPTED_DATA_INVALID);
		assert_null(out.data);
		wrapped.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < wrapped.len; i++) {
		bool may_be = i % 8 == 0 &&
		    i >= (k->kind == KEYWRAP_KWP ? 16 : 24);

		assert_int_equal(keyunwrap(k->kind, key, VIEW_EMPTY,
		    view_of(wrapped.data, i), &out), may_be ?
		    CKR_ENCRYPTED_DATA_INVALID : CKR_ENCRYPTED_DATA_LEN_RANGE);
	}
	assert_int_equal(keyunwrap(k->kind, key, k->kind == KEYWRAP_KWP ?
	    view_str("else") : view_str("elsewise"), buf_view(&wrapped),
	    &out), CKR_ENCRYPTED_DATA_INVALID);
	assert_null(out.data);
	buf_free(&wrapped);
}

static void
any_changed_bit_and_any_cut_is_refused(void **state)
{
	struct far_key far;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct buf kek = hex(known[i].kek);
		struct aes_key near = near_key(buf_view(&kek));

		far_key_init(&far, buf_view(&kek));
		refuses_changes(&near, &known[i]);
		refuses_changes(&far.key, &known[i]);
		buf_free(&kek);
	}
}

/*
 * A head that names another length, and padding that is not zero, under the
 * right key: made as KW with KWP's head for an iv.
 */
static void
kwp_with_a_wrong_inside_is_refused(void **state)
{
	struct buf kek = hex(KEK_5649), iv = hex("a65959a600000000");
	struct buf wrapped = BUF_EMPTY, out = BUF_EMPTY;
	struct aes_key near = near_key(buf_view(&kek));
	uint8_t data[24] = { 0 };
	struct far_key far;
	unsigned said, dirty;

	(void)state;
	far_key_init(&far, buf_view(&kek));
	for (said = 0; said < 40; said++)
		for (dirty = 0; dirty <= 8; dirty++) {
			bool good = said > 16 && said <= 24 &&
			    (dirty == 0 || said > 24 - dirty);

			memset(data, 0, sizeof(data));
			if (dirty > 0)
				data[24 - dirty] = 1;
			iv.data[7] = (uint8_t)said;
			assert_int_equal(keywrap(KEYWRAP_KW, &near,
			    buf_view(&iv), view_of(data, 24), &wrapped),
			    CKR_OK);
			assert_int_equal(keyunwrap(KEYWRAP_KWP, &near,
			    VIEW_EMPTY, buf_view(&wrapped), &out), good ?
			    CKR_OK : CKR_ENCRYPTED_DATA_INVALID);
			assert_int_equal(keyunwrap(KEYWRAP_KWP, &far.key,
			    VIEW_EMPTY, buf_view(&wrapped), &out), good ?
			    CKR_OK : CKR_ENCRYPTED_DATA_INVALID);
			if (good)
				assert_view(buf_view(&out),
				    view_of(data, said));
		}
	/* Each byte of an otherwise right head counts. */
	iv.data[7] = 24;
	for (dirty = 0; dirty < 8; dirty++) {
		iv.data[dirty] ^= 0x20;
		assert_int_equal(keywrap(KEYWRAP_KW, &near, buf_view(&iv),
		    view_of(data, 24), &wrapped), CKR_OK);
		assert_int_equal(keyunwrap(KEYWRAP_KWP, &far.key, VIEW_EMPTY,
		    buf_view(&wrapped), &out), CKR_ENCRYPTED_DATA_INVALID);
		iv.data[dirty] ^= 0x20;
	}
	buf_free(&kek);
	buf_free(&iv);
	buf_free(&wrapped);
	buf_free(&out);
}

/* 3.1: padded by the token, then wrapped as KW does. */
static void
pkcs7_is_kw_of_the_padded_key(void **state)
{
	struct buf kek = hex(KEK_5649), data = hex(known[2].data);
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;
	struct aes_key near = near_key(buf_view(&kek));

	(void)state;
	assert_int_equal(keywrap(KEYWRAP_PKCS7, &near, VIEW_EMPTY,
	    buf_view(&data), &a), CKR_OK);
	assert_int_equal(pkcs7_pad(&data, 8), CKR_OK);
	assert_int_equal(keywrap(KEYWRAP_KW, &near, VIEW_EMPTY,
	    buf_view(&data), &b), CKR_OK);
	assert_view(buf_view(&a), buf_view(&b));
	data.data[23] = 9;
	assert_int_equal(keywrap(KEYWRAP_KW, &near, VIEW_EMPTY,
	    buf_view(&data), &b), CKR_OK);
	assert_int_equal(keyunwrap(KEYWRAP_PKCS7, &near, VIEW_EMPTY,
	    buf_view(&b), &a), CKR_ENCRYPTED_DATA_INVALID);
	buf_free(&kek);
	buf_free(&data);
	buf_free(&a);
	buf_free(&b);
}

static void
wrong_lengths_are_refused(void **state)
{
	static const uint8_t bytes[40];
	struct aes_key near = near_key(view_of(bytes, 32));
	struct buf out = BUF_EMPTY;
	size_t len;

	(void)state;
	for (len = 0; len < 40; len++) {
		if (len % 8 != 0 || len < 16)
			assert_int_equal(keywrap(KEYWRAP_KW, &near, VIEW_EMPTY,
			    view_of(bytes, len), &out), CKR_DATA_LEN_RANGE);
		if (len != 0 && len != 8)
			assert_int_equal(keywrap(KEYWRAP_KW, &near,
			    view_of(bytes, len), view_of(bytes, 16), &out),
			    CKR_MECHANISM_PARAM_INVALID);
		if (len != 0 && len != 4)
			assert_int_equal(keyunwrap(KEYWRAP_KWP, &near,
			    view_of(bytes, len), view_of(bytes, 16), &out),
			    CKR_MECHANISM_PARAM_INVALID);
	}
	assert_int_equal(keywrap(KEYWRAP_KWP, &near, VIEW_EMPTY, VIEW_EMPTY,
	    &out), CKR_DATA_LEN_RANGE);
	assert_int_equal(keywrap(KEYWRAP_PKCS7, &near, VIEW_EMPTY,
	    view_of(bytes, 7), &out), CKR_DATA_LEN_RANGE);
	near.value.len = 31;
	assert_int_equal(keywrap(KEYWRAP_KWP, &near, VIEW_EMPTY,
	    view_of(bytes, 7), &out), CKR_KEY_SIZE_RANGE);
	assert_null(out.data);
}

static void
a_failure_of_the_far_key_is_passed_on(void **state)
{
	static const uint8_t bytes[24];
	struct buf out = BUF_EMPTY;
	struct far_key far;
	unsigned at;

	(void)state;
	for (at = 1; at <= 12; at++) {
		far_key_init(&far, view_of(bytes, 16));
		far.fail_at = at;
		assert_int_equal(keywrap(KEYWRAP_KW, &far.key, VIEW_EMPTY,
		    view_of(bytes, 16), &out), FAR_FAILURE);
		far.calls = 0;
		assert_int_equal(keyunwrap(KEYWRAP_KW, &far.key, VIEW_EMPTY,
		    view_of(bytes, 24), &out), FAR_FAILURE);
	}
	assert_null(out.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_of_key_give_the_rfcs_examples),
		cmocka_unit_test(both_kinds_of_key_agree_at_any_lengths),
		cmocka_unit_test(any_changed_bit_and_any_cut_is_refused),
		cmocka_unit_test(kwp_with_a_wrong_inside_is_refused),
		cmocka_unit_test(pkcs7_is_kw_of_the_padded_key),
		cmocka_unit_test(wrong_lengths_are_refused),
		cmocka_unit_test(a_failure_of_the_far_key_is_passed_on),
	};

	return RUN_CRYPTO(tests);
}
