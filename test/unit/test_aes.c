/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/aes.h"

/* SP 800-38A, F.3.13 to F.3.17: two blocks of CFB128. */
#define CFB_IV "000102030405060708090a0b0c0d0e0f"
#define CFB_PLAIN "6bc1bee22e409f96e93d7e117393172a" \
	"ae2d8a571e03ac9c9eb76fac45af8e51"

static const struct known {
	const char *key;
	const char *text;
} cfb[] = {
	{ "2b7e151628aed2a6abf7158809cf4f3c",
	    "3b3fd92eb72dad20333449f8e83cfb4a"
	    "c8a64537a0b3a93fcde3cdad9f1ce58b" },
	{ "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	    "cdc80d6fddf18cab34c25909c99a4174"
	    "67ce7f7f81173621961a2b70171d3d7a" },
	{ "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	    "dc7e84bfda79164b7ecd8486985d3860"
	    "39ffed143b28b1c832113c6331e5407b" },
};

static void
cfb_gives_the_standards_example_both_ways(void **state)
{
	struct buf iv = hex(CFB_IV);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cfb); i++) {
		struct buf key = hex(cfb[i].key), data = hex(CFB_PLAIN);

		assert_int_equal(aes_cfb_encrypt(buf_view(&key), iv.data,
		    data.data, data.len), CKR_OK);
		assert_hex(&data, cfb[i].text);
		assert_int_equal(aes_cfb_decrypt(buf_view(&key), iv.data,
		    data.data, data.len), CKR_OK);
		assert_hex(&data, CFB_PLAIN);
		buf_free(&key);
		buf_free(&data);
	}
	buf_free(&iv);
}

/* The TPM encrypts parameters of any length; the last block is cut. */
static void
cfb_takes_any_length(void **state)
{
	struct buf iv = hex(CFB_IV), key = hex(cfb[0].key);
	size_t len;

	(void)state;
	for (len = 0; len < 32; len++) {
		struct buf data = hex(CFB_PLAIN), wanted = hex(cfb[0].text);

		assert_int_equal(aes_cfb_encrypt(buf_view(&key), iv.data,
		    data.data, len), CKR_OK);
		assert_memory_equal(data.data, wanted.data, len);
		buf_free(&data);
		buf_free(&wanted);
	}
	buf_free(&iv);
	buf_free(&key);
}

static void
cfb_refuses_keys_that_are_none_of_aes(void **state)
{
	uint8_t key[33] = { 0 }, iv[16] = { 0 }, data[4] = { 0 };
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(key); len++)
		if (len != 16 && len != 24 && len != 32)
			assert_int_equal(aes_cfb_encrypt(view_of(key, len),
			    iv, data, sizeof(data)), CKR_KEY_SIZE_RANGE);
}

/* McGrew and Viega, "The Galois/Counter Mode", test case 16. */
#define GCM_KEY "feffe9928665731c6d6a8f9467308308" \
	"feffe9928665731c6d6a8f9467308308"
#define GCM_AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define GCM_PLAIN "d9313225f88406e5a55909c5aff5269a" \
	"86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525" \
	"b16aedf5aa0de657ba637b39"
#define GCM_SEALED "cafebabefacedbaddecaf888" \
	"522dc1f099567d07f47f37a32a84427d" \
	"643a8cdcbfe5c0c97598a2bd2555d1aa" \
	"8cb08e48590dbb3da7b08b1056828838" \
	"c5f61e6393ba7a0abcc9f662" \
	"76fc6ece0f4e1768cddf8853bb2d551b"

static void
gcm_opens_the_known_answer(void **state)
{
	struct buf key = hex(GCM_KEY), aad = hex(GCM_AAD);
	struct buf sealed = hex(GCM_SEALED), plain = BUF_EMPTY;

	(void)state;
	assert_int_equal(aes_gcm_open(buf_view(&key), buf_view(&aad),
	    buf_view(&sealed), &plain), CKR_OK);
	assert_hex(&plain, GCM_PLAIN);
	buf_free(&key);
	buf_free(&aad);
	buf_free(&sealed);
	buf_free(&plain);
}

static void
gcm_refuses_any_changed_bit(void **state)
{
	struct buf key = hex(GCM_KEY), aad = hex(GCM_AAD);
	struct buf sealed = hex(GCM_SEALED), plain = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < sealed.len * 8; i++) {
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(aes_gcm_open(buf_view(&key), buf_view(&aad),
		    buf_view(&sealed), &plain), CKR_DATA_INVALID);
		assert_null(plain.data);
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	aad.data[0] ^= 1;
	assert_int_equal(aes_gcm_open(buf_view(&key), buf_view(&aad),
	    buf_view(&sealed), &plain), CKR_DATA_INVALID);
	aad.data[0] ^= 1;
	key.data[31] ^= 1;
	assert_int_equal(aes_gcm_open(buf_view(&key), buf_view(&aad),
	    buf_view(&sealed), &plain), CKR_DATA_INVALID);
	buf_free(&key);
	buf_free(&aad);
	buf_free(&sealed);
}

static void
gcm_refuses_any_cut(void **state)
{
	struct buf key = hex(GCM_KEY), aad = hex(GCM_AAD);
	struct buf sealed = hex(GCM_SEALED), plain = BUF_EMPTY;
	size_t len;

	(void)state;
	for (len = 0; len < sealed.len; len++)
		assert_int_equal(aes_gcm_open(buf_view(&key), buf_view(&aad),
		    view_of(sealed.data, len), &plain), CKR_DATA_INVALID);
	buf_free(&key);
	buf_free(&aad);
	buf_free(&sealed);
}

static void
gcm_opens_what_it_sealed_of_any_length(void **state)
{
	static const size_t lens[] = { 0, 1, 15, 16, 17, 100000 };
	struct buf key = hex(GCM_KEY), text = BUF_EMPTY;
	struct buf box = BUF_EMPTY, plain = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		assert_int_equal(buf_resize(&text, lens[i]), CKR_OK);
		assert_int_equal(aes_gcm_seal(buf_view(&key), VIEW_EMPTY,
		    buf_view(&text), &box), CKR_OK);
		assert_int_equal(box.len, 12 + lens[i] + 16);
		assert_int_equal(aes_gcm_open(buf_view(&key), VIEW_EMPTY,
		    buf_view(&box), &plain), CKR_OK);
		assert_view(buf_view(&plain), buf_view(&text));
	}
	buf_free(&key);
	buf_free(&text);
	buf_free(&box);
	buf_free(&plain);
}

static void
gcm_never_uses_a_nonce_twice(void **state)
{
	struct buf key = hex(GCM_KEY), a = BUF_EMPTY, b = BUF_EMPTY;

	(void)state;
	assert_int_equal(aes_gcm_seal(buf_view(&key), VIEW_EMPTY,
	    view_str("text"), &a), CKR_OK);
	assert_int_equal(aes_gcm_seal(buf_view(&key), VIEW_EMPTY,
	    view_str("text"), &b), CKR_OK);
	assert_memory_not_equal(a.data, b.data, 12);
	assert_memory_not_equal(a.data + 12, b.data + 12, 4);
	buf_free(&key);
	buf_free(&a);
	buf_free(&b);
}

static void
gcm_takes_keys_of_32_bytes_only(void **state)
{
	struct buf key = hex(GCM_KEY), out = BUF_EMPTY;

	(void)state;
	assert_int_equal(aes_gcm_seal(view_of(key.data, 16), VIEW_EMPTY,
	    view_str("text"), &out), CKR_KEY_SIZE_RANGE);
	assert_null(out.data);
	buf_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cfb_gives_the_standards_example_both_ways),
		cmocka_unit_test(cfb_takes_any_length),
		cmocka_unit_test(cfb_refuses_keys_that_are_none_of_aes),
		cmocka_unit_test(gcm_opens_the_known_answer),
		cmocka_unit_test(gcm_refuses_any_changed_bit),
		cmocka_unit_test(gcm_refuses_any_cut),
		cmocka_unit_test(gcm_opens_what_it_sealed_of_any_length),
		cmocka_unit_test(gcm_never_uses_a_nonce_twice),
		cmocka_unit_test(gcm_takes_keys_of_32_bytes_only),
	};

	return RUN_CRYPTO(tests);
}
