/* SPDX-License-Identifier: BSD-2-Clause */
#include "aes_key_test.h"

#include "crypto/cmac.h"

#define TEXT "6bc1bee22e409f96e93d7e117393172a" \
	"ae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52ef" \
	"f69f2445df4f9b17ad2b417be66c3710"
#define KEY_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define KEY_192 "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define KEY_256 "603deb1015ca71be2b73aef0857d7781" \
	"1f352c073b6108d72d9810a30914dff4"

/* SP 800-38B, appendix D: the first len bytes of TEXT. */
static const struct known {
	const char *key;
	size_t len;
	const char *mac;
} known[] = {
	{ KEY_128, 0, "bb1d6929e95937287fa37d129b756746" },
	{ KEY_128, 16, "070a16b46b4d4144f79bdd9dd04a287c" },
	{ KEY_128, 40, "dfa66747de9ae63030ca32611497c827" },
	{ KEY_128, 64, "51f0bebf7e3b9d92fc49741779363cfe" },
	{ KEY_192, 40, "8a1de5be2eb31aad089a82e6ee908b0e" },
	{ KEY_192, 64, "a1d5df0eed790f794d77589659f39a11" },
	{ KEY_256, 40, "aaf3d8f1de5640c232f5b169b9c911e6" },
	{ KEY_256, 64, "e1992190549f6ed5696a2c056c315410" },
};

static void
check_known(const struct aes_key *key, const struct known *k)
{
	struct buf text = hex(TEXT), wanted = hex(k->mac);
	struct view part = view_of(text.data, k->len);
	uint8_t out[CMAC_LEN];

	assert_int_equal(cmac_once(key, &part, 1, out), CKR_OK);
	assert_memory_equal(out, wanted.data, CMAC_LEN);
	buf_free(&text);
	buf_free(&wanted);
}

static void
all_kinds_of_key_give_the_standards_examples(void **state)
{
	struct far_key far;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct buf value = hex(known[i].key);
		struct aes_key near = near_key(buf_view(&value));

		far_key_init(&far, buf_view(&value));
		check_known(&near, &known[i]);
		check_known(&far.key, &known[i]);
		far.key.cbc = far_cbc;
		check_known(&far.key, &known[i]);
		buf_free(&value);
	}
}

static void
mac_in_pieces(const struct aes_key *key, struct view text,
    uint8_t out[CMAC_LEN])
{
	struct cmac *c = NULL;
	size_t n;

	assert_int_equal(cmac_new(key, &c), CKR_OK);
	for (; text.len > 0; text = view_sub(text, n, text.len)) {
		n = random_len(text.len < 40 ? text.len : 40);
		assert_int_equal(cmac_update(c, view_sub(text, 0, n)),
		    CKR_OK);
	}
	assert_int_equal(cmac_final(c, out), CKR_OK);
	cmac_free(&c);
	assert_null(c);
}

static void
any_pieces_of_any_text_give_the_same_mac(void **state)
{
	unsigned round;

	(void)state;
	random_start();
	for (round = 0; round < 300; round++) {
		struct buf value = random_key();
		struct buf text = random_buf(random_len(200));
		struct aes_key near = near_key(buf_view(&value));
		struct view whole = buf_view(&text);
		uint8_t wanted[CMAC_LEN], out[CMAC_LEN];
		struct far_key far;

		far_key_init(&far, buf_view(&value));
		if (round % 2 != 0)
			far.key.cbc = far_cbc;
		assert_int_equal(cmac_once(&near, &whole, 1, wanted), CKR_OK);
		mac_in_pieces(&near, whole, out);
		assert_memory_equal(out, wanted, CMAC_LEN);
		mac_in_pieces(&far.key, whole, out);
		assert_memory_equal(out, wanted, CMAC_LEN);
		buf_free(&value);
		buf_free(&text);
	}
}

static void
a_failure_of_the_far_key_is_passed_on(void **state)
{
	static const uint8_t bytes[40];
	struct view text = view_of(bytes, sizeof(bytes));
	struct far_key far;
	uint8_t out[CMAC_LEN];
	unsigned at;

	(void)state;
	for (at = 1; at <= 4; at++) {
		far_key_init(&far, view_of(bytes, 16));
		far.fail_at = at;
		assert_int_equal(cmac_once(&far.key, &text, 1, out),
		    FAR_FAILURE);
	}
}

static void
keys_that_are_none_of_aes_are_refused(void **state)
{
	static const uint8_t bytes[33];
	struct aes_key key = near_key(view_of(bytes, 33));
	struct cmac *c = NULL;

	(void)state;
	for (; key.value.len > 0; key.value.len--)
		if (key.value.len != 16 && key.value.len != 24 &&
		    key.value.len != 32)
			assert_int_equal(cmac_new(&key, &c),
			    CKR_KEY_SIZE_RANGE);
	assert_null(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_of_key_give_the_standards_examples),
		cmocka_unit_test(any_pieces_of_any_text_give_the_same_mac),
		cmocka_unit_test(a_failure_of_the_far_key_is_passed_on),
		cmocka_unit_test(keys_that_are_none_of_aes_are_refused),
	};

	return RUN_CRYPTO(tests);
}
