/* SPDX-License-Identifier: BSD-2-Clause */
#include "aes_key_test.h"

#include "crypto/cipher.h"
#include "crypto/ctr.h"
#include "crypto/pkcs7.h"

#include <openssl/evp.h>

#define KEY "2b7e151628aed2a6abf7158809cf4f3c"
#define IV "000102030405060708090a0b0c0d0e0f"
#define TEXT "6bc1bee22e409f96e93d7e117393172a" \
	"ae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52ef" \
	"f69f2445df4f9b17ad2b417be66c3710"

/* SP 800-38A, F.1.1, F.2.1, F.5.1, F.3.13, F.3.7, F.4.1. */
static const struct known {
	enum cipher_mode mode;
	const char *key;
	const char *iv;
	const char *text;
	const char *out;
} known[] = {
	{ CIPHER_ECB, KEY, "", TEXT,
	    "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
	    "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"
	},
	{ CIPHER_CBC, KEY, IV, TEXT,
	    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
	    "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
	},
	{ CIPHER_CTR, KEY, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", TEXT,
	    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
	    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"
	},
	{ CIPHER_CFB128, KEY, IV, TEXT,
	    "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
	    "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6"
	},
	{ CIPHER_CFB8, KEY, IV, "6bc1bee22e409f96e93d7e117393172aae2d",
	    "3b79424c9c0dd436bace9e0ed4586a4f32b9" },
	{ CIPHER_OFB, KEY, IV, TEXT,
	    "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"
	    "9740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e"
	},
	/* RFC 3962, B, which is CS3: there the last two change places. */
	{ CIPHER_CTS, "636869636b656e207465726979616b69",
	    "00000000000000000000000000000000",
	    "4920776f756c64206c696b652074686520",
	    "97" "c6353568f2bf8cb4d8a580362da7ff7f" },
	{ CIPHER_CTS, "636869636b656e207465726979616b69",
	    "00000000000000000000000000000000",
	    "4920776f756c64206c696b652074686520"
	    "47656e6572616c20476175277320",
	    "97687268d6ecccc0c07b25e25ecfe5"
	    "fc00783e0efdb2c1d445d4c8eff7ed22" },
	{ CIPHER_CTS, "636869636b656e207465726979616b69",
	    "00000000000000000000000000000000",
	    "4920776f756c64206c696b652074686520"
	    "47656e6572616c2047617527732043"
	    "6869636b656e2c20706c656173652c",
	    "97687268d6ecccc0c07b25e25ecfe584"
	    "39312523a78662d5be7fcbcc98ebf5"
	    "b3fffd940c16a18c1b5549d2f838029e" },
};

/* In pieces of at most most bytes, random ones when it is 0. */
static CK_RV
run(const struct cipher_spec *s, struct view in, size_t most, struct buf *out)
{
	struct buf piece = BUF_EMPTY;
	struct cipher *c = NULL;
	size_t n, ready;
	CK_RV rv = CKR_OK;

	buf_clear(out);
	assert_int_equal(cipher_new(s, &c), CKR_OK);
	for (; rv == CKR_OK && in.len > 0; in = view_sub(in, n, in.len)) {
		n = most == 0 ? random_len(50) : most;
		n = n < in.len ? n : in.len;
		ready = cipher_ready(c, n);
		rv = cipher_update(c, view_sub(in, 0, n), &piece);
		if (rv != CKR_OK)
			break;
		assert_int_equal(piece.len, ready);
		assert_int_equal(buf_append(out, buf_view(&piece)), CKR_OK);
	}
	if (rv == CKR_OK && (rv = cipher_final(c, &piece)) == CKR_OK)
		assert_int_equal(buf_append(out, buf_view(&piece)), CKR_OK);
	cipher_free(&c);
	assert_null(c);
	buf_free(&piece);
	return rv;
}

static void
each_mode_gives_the_standards_example_in_any_pieces(void **state)
{
	size_t i, most;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct buf key = hex(known[i].key), iv = hex(known[i].iv);
		struct buf text = hex(known[i].text), out = BUF_EMPTY;
		struct cipher_spec s = { known[i].mode, false,
		    buf_view(&key), buf_view(&iv), 128 };
		struct cipher_spec back = s;

		back.decrypt = true;
		for (most = 1; most <= text.len; most++) {
			assert_int_equal(run(&s, buf_view(&text), most, &out),
			    CKR_OK);
			assert_hex(&out, known[i].out);
		}
		assert_int_equal(buf_set(&text, buf_view(&out)), CKR_OK);
		for (most = 1; most <= text.len; most++) {
			assert_int_equal(run(&back, buf_view(&text), most,
			    &out), CKR_OK);
			assert_hex(&out, known[i].text);
		}
		buf_free(&key);
		buf_free(&iv);
		buf_free(&text);
		buf_free(&out);
	}
}

/* CKM_AES_CTS is what OpenSSL calls CBC-CTS, which is CS1 there too. */
static void
openssl_cts(const struct cipher_spec *s, struct view in, uint8_t *out)
{
	char name[] = "AES-128-CBC-CTS";
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	memcpy(name + 4, s->key.len == 16 ? "128" : s->key.len == 24 ? "192" :
	    "256", 3);
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	assert_non_null(cipher);
	assert_true(EVP_EncryptInit_ex2(ctx, cipher, s->key.data, s->iv.data,
	    NULL));
	assert_true(EVP_EncryptUpdate(ctx, out, &n, in.data, (int)in.len));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

static void
random_texts_come_back_and_cts_is_openssls(void **state)
{
	unsigned round;

	(void)state;
	random_start();
	for (round = 0; round < 700; round++) {
		enum cipher_mode mode = (enum cipher_mode)(round % 7);
		struct buf key = random_key();
		struct buf iv = random_buf(mode == CIPHER_ECB ? 0 : 16);
		struct buf text = random_buf(mode == CIPHER_CTS ?
		    16 + random_len(200) : mode > CIPHER_CBC ?
		    random_len(300) : 16 * random_len(20));
		struct buf out = BUF_EMPTY, plain = BUF_EMPTY;
		struct cipher_spec s = { mode, false, buf_view(&key),
		    buf_view(&iv), 128 };
		uint8_t wanted[300];

		assert_int_equal(run(&s, buf_view(&text), 0, &out), CKR_OK);
		assert_int_equal(out.len, text.len);
		if (mode == CIPHER_CTS) {
			openssl_cts(&s, buf_view(&text), wanted);
			assert_memory_equal(out.data, wanted, out.len);
		}
		s.decrypt = true;
		assert_int_equal(run(&s, buf_view(&out), 0, &plain), CKR_OK);
		assert_view(buf_view(&plain), buf_view(&text));
		buf_free(&key);
		buf_free(&iv);
		buf_free(&text);
		buf_free(&out);
		buf_free(&plain);
	}
}

static void
a_text_of_a_wrong_length_is_refused(void **state)
{
	static const uint8_t bytes[64];
	struct cipher_spec s = { CIPHER_ECB, false, { bytes, 16 },
	    VIEW_EMPTY, 0 };
	struct buf out = BUF_EMPTY;
	size_t len;

	(void)state;
	for (len = 0; len < 64; len++) {
		CK_RV wanted = len % 16 == 0 ? CKR_OK : CKR_DATA_LEN_RANGE;

		s.mode = CIPHER_ECB;
		s.iv.len = 0;
		s.decrypt = false;
		assert_int_equal(run(&s, view_of(bytes, len), 7, &out),
		    wanted);
		s.mode = CIPHER_CBC;
		s.iv = view_of(bytes, 16);
		assert_int_equal(run(&s, view_of(bytes, len), 7, &out),
		    wanted);
		s.decrypt = true;
		assert_int_equal(run(&s, view_of(bytes, len), 7, &out),
		    wanted == CKR_OK ? CKR_OK : CKR_ENCRYPTED_DATA_LEN_RANGE);
		s.mode = CIPHER_CTS;
		assert_int_equal(run(&s, view_of(bytes, len), 7, &out),
		    len >= 16 ? CKR_OK : CKR_ENCRYPTED_DATA_LEN_RANGE);
		s.decrypt = false;
		assert_int_equal(run(&s, view_of(bytes, len), 7, &out),
		    len >= 16 ? CKR_OK : CKR_DATA_LEN_RANGE);
	}
	buf_free(&out);
}

static void
a_counter_does_not_come_round(void **state)
{
	struct buf iv = hex("ffffffffffffffffffffffffffffff01");
	static const uint8_t bytes[300 * 16];
	struct cipher_spec s = { CIPHER_CTR, false, { bytes, 32 },
	    buf_view(&iv), 8 };
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(run(&s, view_of(bytes, 255 * 16), 100, &out), CKR_OK);
	assert_int_equal(run(&s, view_of(bytes, 255 * 16 + 1), 100, &out),
	    CKR_DATA_LEN_RANGE);
	s.counter_bits = 1;
	assert_int_equal(run(&s, view_of(bytes, 16), 16, &out), CKR_OK);
	assert_int_equal(run(&s, view_of(bytes, 17), 17, &out),
	    CKR_DATA_LEN_RANGE);
	iv.data[15] = 0;
	assert_int_equal(run(&s, view_of(bytes, 32), 16, &out), CKR_OK);
	assert_int_equal(ctr_room(iv.data, 128), 256);
	assert_int_equal(ctr_room(iv.data, 9), 256);
	iv.data[7] = 0;
	assert_true(ctr_room(iv.data, 128) == UINT64_MAX);
	assert_int_equal(ctr_room(iv.data, 64), 256);
	buf_free(&iv);
	buf_free(&out);
}

/* With a carry through 15 bytes. */
static void
a_far_key_counts_as_openssl_does(void **state)
{
	struct buf iv = hex("00fffffffffffffffffffffffffffffe");
	struct buf text = random_buf(5000), want = BUF_EMPTY;
	struct cipher_spec s = { CIPHER_CTR, false,
	    view_str("sixteen bytes..."), buf_view(&iv), 128 };
	struct far_key far;
	struct ctr c;
	size_t at, n;

	(void)state;
	random_start();
	far_key_init(&far, s.key);
	assert_int_equal(run(&s, buf_view(&text), 1000, &want), CKR_OK);
	ctr_start(&c, &far.key, iv.data, 16);
	for (at = 0; at < text.len; at += n) {
		n = random_len(text.len - at);
		assert_int_equal(ctr_xor(&c, text.data + at, n), CKR_OK);
	}
	ctr_end(&c);
	assert_view(buf_view(&text), buf_view(&want));
	buf_free(&iv);
	buf_free(&text);
	buf_free(&want);
}

static void
wrong_parameters_are_refused(void **state)
{
	static const uint8_t bytes[40];
	struct cipher_spec s = { CIPHER_ECB, false, VIEW_EMPTY, VIEW_EMPTY,
	    128 };
	struct cipher *c = NULL;
	size_t len;
	int mode;

	(void)state;
	for (len = 0; len <= 40; len++)
		if (len != 16 && len != 24 && len != 32) {
			s.key = view_of(bytes, len);
			assert_int_equal(cipher_new(&s, &c),
			    CKR_KEY_SIZE_RANGE);
		}
	s.key = view_of(bytes, 32);
	for (mode = CIPHER_ECB; mode <= CIPHER_CTS; mode++)
		for (len = 0; len <= 40; len++) {
			s.mode = (enum cipher_mode)mode;
			s.iv = view_of(bytes, len);
			if (len == (mode == CIPHER_ECB ? 0 : 16))
				continue;
			assert_int_equal(cipher_new(&s, &c),
			    CKR_MECHANISM_PARAM_INVALID);
		}
	s.mode = CIPHER_CTR;
	s.iv.len = 16;
	s.counter_bits = 0;
	assert_int_equal(cipher_new(&s, &c), CKR_MECHANISM_PARAM_INVALID);
	s.counter_bits = 129;
	assert_int_equal(cipher_new(&s, &c), CKR_MECHANISM_PARAM_INVALID);
	assert_null(c);
}

static void
padding_comes_off_as_it_went_on(void **state)
{
	size_t len, block;

	(void)state;
	for (block = 8; block <= 16; block += 8)
		for (len = 0; len <= 33; len++) {
			struct buf b = BUF_EMPTY;

			assert_int_equal(buf_resize(&b, len), CKR_OK);
			assert_int_equal(pkcs7_pad(&b, block), CKR_OK);
			assert_int_equal(b.len, (len / block + 1) * block);
			assert_int_equal(b.data[b.len - 1], b.len - len);
			assert_int_equal(pkcs7_unpad(&b, block), CKR_OK);
			assert_int_equal(b.len, len);
			buf_free(&b);
		}
}

/* All values of the last two bytes, in a block of 02 and of 10. */
static void
only_right_padding_comes_off(void **state)
{
	struct buf b = BUF_EMPTY;
	unsigned fill, i, j;

	(void)state;
	for (fill = 2; fill <= 16; fill += 14)
		for (i = 0; i < 256; i++)
			for (j = 0; j < 256; j++) {
				bool good = j == 1 || (j == 2 && i == 2) ||
				    (j == fill && i == fill);

				assert_int_equal(buf_resize(&b, 16), CKR_OK);
				memset(b.data, (int)fill, 14);
				b.data[14] = (uint8_t)i;
				b.data[15] = (uint8_t)j;
				assert_int_equal(pkcs7_unpad(&b, 16), good ?
				    CKR_OK : CKR_ENCRYPTED_DATA_INVALID);
				assert_int_equal(b.len, good ? 16 - j : 16);
			}
	assert_int_equal(buf_resize(&b, 16), CKR_OK);
	/* Each byte of the longest padding counts. */
	for (i = 0; i < 16; i++) {
		memset(b.data, 16, 16);
		b.data[i] ^= 0x80;
		assert_int_equal(pkcs7_unpad(&b, 16),
		    CKR_ENCRYPTED_DATA_INVALID);
	}
	assert_int_equal(buf_resize(&b, 15), CKR_OK);
	assert_int_equal(pkcs7_unpad(&b, 16), CKR_ENCRYPTED_DATA_LEN_RANGE);
	buf_clear(&b);
	assert_int_equal(pkcs7_unpad(&b, 16), CKR_ENCRYPTED_DATA_LEN_RANGE);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_mode_gives_the_standards_example_in_any_pieces),
		cmocka_unit_test(random_texts_come_back_and_cts_is_openssls),
		cmocka_unit_test(a_text_of_a_wrong_length_is_refused),
		cmocka_unit_test(a_counter_does_not_come_round),
		cmocka_unit_test(a_far_key_counts_as_openssl_does),
		cmocka_unit_test(wrong_parameters_are_refused),
		cmocka_unit_test(padding_comes_off_as_it_went_on),
		cmocka_unit_test(only_right_padding_comes_off),
	};

	return RUN_CRYPTO(tests);
}
