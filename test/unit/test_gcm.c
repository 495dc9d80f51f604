/* SPDX-License-Identifier: BSD-2-Clause */
#include "aes_key_test.h"

#include "crypto/gcm.h"
#include "crypto/ghash.h"

#define KEY_1 "00000000000000000000000000000000"
#define KEY_3 "feffe9928665731c6d6a8f9467308308"
#define TEXT_4 "d9313225f88406e5a55909c5aff5269a" \
	"86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525" \
	"b16aedf5aa0de657ba637b39"
#define AAD_4 "feedfacedeadbeeffeedfacedeadbeefabaddad2"

/* McGrew and Viega, "The Galois/Counter Mode": test cases 1, 2, 4 to 6, 18. */
static const struct known {
	const char *key;
	const char *iv;
	const char *aad;
	const char *text;
	const char *sealed;
} known[] = {
	{ KEY_1, "000000000000000000000000", "", "",
	    "58e2fccefa7e3061367f1d57a4e7455a" },
	{ KEY_1, "000000000000000000000000", "",
	    "00000000000000000000000000000000",
	    "0388dace60b6a392f328c2b971b2fe78"
	    "ab6e47d42cec13bdf53a67b21257bddf" },
	{ KEY_3, "cafebabefacedbaddecaf888", AAD_4, TEXT_4,
	    "42831ec2217774244b7221b784d0d49c"
	    "e3aa212f2c02a4e035c17e2329aca12e"
	    "21d514b25466931c7d8f6a5aac84aa05"
	    "1ba30b396a0aac973d58e091"
	    "5bc94fbc3221a5db94fae95ae7121a47" },
	{ KEY_3, "cafebabefacedbad", AAD_4, TEXT_4,
	    "61353b4c2806934a777ff51fa22a4755"
	    "699b2a714fcdc6f83766e5f97b6c7423"
	    "73806900e49f24b22b097544d4896b42"
	    "4989b5e1ebac0f07c23f4598"
	    "3612d2e79e3b0785561be14aaca2fccb" },
	{ KEY_3, "9313225df88406e555909c5aff5269aa"
	    "6a7a9538534f7da1e4c303d2a318a728"
	    "c3c0c95156809539fcf0e2429a6b5254"
	    "16aedbf5a0de6a57a637b39b", AAD_4, TEXT_4,
	    "8ce24998625615b603a033aca13fb894"
	    "be9112a5c3a211a8ba262a3cca7e2ca7"
	    "01e4a9a4fba43c90ccdcb281d48c7c6f"
	    "d62875d2aca417034c34aee5"
	    "619cc5aefffe0bfa462af43c1699d050" },
	{ KEY_3 KEY_3, "9313225df88406e555909c5aff5269aa"
	    "6a7a9538534f7da1e4c303d2a318a728"
	    "c3c0c95156809539fcf0e2429a6b5254"
	    "16aedbf5a0de6a57a637b39b", AAD_4, TEXT_4,
	    "5a8def2f0c9e53f1f75d7853659e2a20"
	    "eeb2b22aafde6419a058ab4f6f746bf4"
	    "0fc0c3b780f244452da3ebf1c5d82cde"
	    "a2418997200ef82e44ae7e3f"
	    "a44a8266ee1c8eb0c8b5d4cf5ae9f19a" },
};

static void
check_known(const struct aes_key *key, const struct known *k)
{
	struct buf iv = hex(k->iv), aad = hex(k->aad), text = hex(k->text);
	struct buf out = BUF_EMPTY;

	assert_int_equal(gcm_seal(key, buf_view(&iv), buf_view(&aad),
	    buf_view(&text), 16, &out), CKR_OK);
	assert_hex(&out, k->sealed);
	assert_int_equal(gcm_open(key, buf_view(&iv), buf_view(&aad),
	    buf_view(&out), 16, &out), CKR_OK);
	assert_hex(&out, k->text);
	buf_free(&iv);
	buf_free(&aad);
	buf_free(&text);
	buf_free(&out);
}

static void
both_kinds_of_key_give_the_known_answers(void **state)
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
		buf_free(&value);
	}
}

/* The same paper, test case 2. */
static void
ghash_gives_the_known_answer_in_any_pieces(void **state)
{
	struct buf h = hex("66e94bd4ef8a2c3b884cfa59ca342b2e");
	struct buf c = hex("0388dace60b6a392f328c2b971b2fe78");
	struct buf wanted = hex("f38cbb1ad69223dcc3457ae5b6b0f885");
	struct ghash g;
	uint8_t out[16];
	size_t cut;

	(void)state;
	for (cut = 0; cut <= c.len; cut++) {
		ghash_start(&g, h.data);
		ghash_update(&g, view_sub(buf_view(&c), 0, cut));
		ghash_update(&g, view_sub(buf_view(&c), cut, c.len));
		ghash_lengths(&g, 0, c.len);
		ghash_value(&g, out);
		assert_memory_equal(out, wanted.data, sizeof(out));
	}
	buf_free(&h);
	buf_free(&c);
	buf_free(&wanted);
}

/* In random pieces; out gets text and tag. */
static void
seal_in_pieces(const struct aes_key *key, struct view iv, struct view aad,
    struct view text, size_t tag_len, struct buf *out)
{
	struct buf piece = BUF_EMPTY;
	struct gcm *g = NULL;
	size_t n;

	buf_clear(out);
	assert_int_equal(gcm_new(key, iv, &g), CKR_OK);
	for (; aad.len > 0; aad = view_sub(aad, n, aad.len)) {
		n = random_len(aad.len);
		assert_int_equal(gcm_aad(g, view_sub(aad, 0, n)), CKR_OK);
	}
	for (; text.len > 0; text = view_sub(text, n, text.len)) {
		n = random_len(text.len < 50 ? text.len : text.len / 2);
		assert_int_equal(gcm_encrypt(g, view_sub(text, 0, n), &piece),
		    CKR_OK);
		assert_int_equal(buf_append(out, buf_view(&piece)), CKR_OK);
	}
	assert_int_equal(gcm_tag(g, tag_len, &piece), CKR_OK);
	assert_int_equal(buf_append(out, buf_view(&piece)), CKR_OK);
	gcm_free(&g);
	buf_free(&piece);
}

static void
both_kinds_of_key_agree_at_any_lengths(void **state)
{
	unsigned round;

	(void)state;
	random_start();
	for (round = 0; round < 200; round++) {
		struct buf value = random_key();
		struct buf iv = random_buf(1 + random_len(127));
		struct buf aad = random_buf(random_len(100));
		struct buf text = random_buf(random_len(3000));
		struct buf a = BUF_EMPTY, b = BUF_EMPTY;
		struct aes_key near = near_key(buf_view(&value));
		size_t tag_len = 4 + random_len(12);
		struct far_key far;

		far_key_init(&far, buf_view(&value));
		seal_in_pieces(&near, buf_view(&iv), buf_view(&aad),
		    buf_view(&text), tag_len, &a);
		seal_in_pieces(&far.key, buf_view(&iv), buf_view(&aad),
		    buf_view(&text), tag_len, &b);
		assert_view(buf_view(&b), buf_view(&a));
		assert_int_equal(gcm_open(&far.key, buf_view(&iv),
		    buf_view(&aad), buf_view(&a), tag_len, &b), CKR_OK);
		assert_view(buf_view(&b), buf_view(&text));
		assert_int_equal(gcm_open(&near, buf_view(&iv),
		    buf_view(&aad), buf_view(&a), tag_len, &b), CKR_OK);
		assert_view(buf_view(&b), buf_view(&text));
		buf_free(&value);
		buf_free(&iv);
		buf_free(&aad);
		buf_free(&text);
		buf_free(&a);
		buf_free(&b);
	}
}

/*
 * Longer than OpenSSL takes; the value by a few lines of Python after
 * SP 800-38D.
 */
static void
a_long_iv_is_taken_by_both(void **state)
{
	static const uint8_t iv[200];
	uint8_t value[16] = { 0 };
	struct aes_key near = near_key(view_of(value, sizeof(value)));
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;
	struct far_key far;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)i;
	far_key_init(&far, near.value);
	assert_int_equal(gcm_seal(&near, view_of(iv, sizeof(iv)),
	    view_str("aad"), view_str("text"), 16, &a), CKR_OK);
	assert_int_equal(gcm_seal(&far.key, view_of(iv, sizeof(iv)),
	    view_str("aad"), view_str("text"), 16, &b), CKR_OK);
	assert_view(buf_view(&a), buf_view(&b));
	assert_hex(&a, "42253091ceedabb5d25e5c232ac17bb9f1467b5b");
	buf_free(&a);
	buf_free(&b);
}

static void
refuses_changes(const struct aes_key *key)
{
	struct buf iv = hex(known[2].iv), sealed = hex(known[2].sealed);
	struct buf aad = hex(AAD_4), plain = BUF_EMPTY;
	size_t i;

	for (i = 0; i < sealed.len * 8; i++) {
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(gcm_open(key, buf_view(&iv), buf_view(&aad),
		    buf_view(&sealed), 16, &plain),
		    CKR_ENCRYPTED_DATA_INVALID);
		assert_null(plain.data);
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < sealed.len; i++)
		assert_int_equal(gcm_open(key, buf_view(&iv), buf_view(&aad),
		    view_of(sealed.data, i), 16, &plain), i < 16 ?
		    CKR_ENCRYPTED_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_INVALID);
	aad.data[19] ^= 1;
	assert_int_equal(gcm_open(key, buf_view(&iv), buf_view(&aad),
	    buf_view(&sealed), 16, &plain), CKR_ENCRYPTED_DATA_INVALID);
	aad.data[19] ^= 1;
	iv.data[0] ^= 1;
	assert_int_equal(gcm_open(key, buf_view(&iv), buf_view(&aad),
	    buf_view(&sealed), 16, &plain), CKR_ENCRYPTED_DATA_INVALID);
	assert_null(plain.data);
	buf_free(&iv);
	buf_free(&sealed);
	buf_free(&aad);
}

static void
any_changed_bit_and_any_cut_is_refused(void **state)
{
	struct buf value = hex(KEY_3);
	struct aes_key near = near_key(buf_view(&value));
	struct far_key far;

	(void)state;
	far_key_init(&far, buf_view(&value));
	refuses_changes(&near);
	refuses_changes(&far.key);
	buf_free(&value);
}

/* The TPM is asked for as much as possible at once, and not for nothing. */
static void
a_far_key_is_asked_seldom(void **state)
{
	struct buf value = hex(KEY_3), iv = hex(known[2].iv);
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	struct far_key far;

	(void)state;
	assert_int_equal(buf_resize(&text, 4096), CKR_OK);
	far_key_init(&far, buf_view(&value));
	assert_int_equal(gcm_seal(&far.key, buf_view(&iv), VIEW_EMPTY,
	    buf_view(&text), 16, &out), CKR_OK);
	assert_int_equal(far.calls, 1 + 4);
	assert_int_equal(far.most, 64);
	/* A wrong tag is found without decrypting. */
	far.calls = 0;
	out.data[out.len - 1] ^= 1;
	assert_int_equal(gcm_open(&far.key, buf_view(&iv), VIEW_EMPTY,
	    buf_view(&out), 16, &text), CKR_ENCRYPTED_DATA_INVALID);
	assert_int_equal(far.calls, 1);
	buf_free(&value);
	buf_free(&iv);
	buf_free(&text);
	buf_free(&out);
}

static void
a_failure_of_the_far_key_is_passed_on(void **state)
{
	struct buf value = hex(KEY_3), iv = hex(known[3].iv);
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;
	struct far_key far;
	unsigned at;

	(void)state;
	assert_int_equal(buf_resize(&text, 1100), CKR_OK);
	for (at = 1; at <= 4; at++) {
		far_key_init(&far, buf_view(&value));
		far.fail_at = at;
		assert_int_equal(gcm_seal(&far.key, buf_view(&iv), VIEW_EMPTY,
		    buf_view(&text), 16, &out), FAR_FAILURE);
		assert_null(out.data);
	}
	buf_free(&value);
	buf_free(&iv);
	buf_free(&text);
}

static void
parameters_outside_the_standard_are_refused(void **state)
{
	uint8_t bytes[33] = { 0 };
	struct aes_key near = near_key(view_of(bytes, 16));
	struct view iv = view_of(bytes, 12);
	struct buf out = BUF_EMPTY;
	struct gcm *g = NULL;
	size_t len;

	(void)state;
	assert_int_equal(gcm_new(&near, VIEW_EMPTY, &g),
	    CKR_MECHANISM_PARAM_INVALID);
	for (len = 0; len <= 20; len++)
		if (len < 4 || len > 16) {
			assert_int_equal(gcm_seal(&near, iv, VIEW_EMPTY,
			    VIEW_EMPTY, len, &out),
			    CKR_MECHANISM_PARAM_INVALID);
			assert_int_equal(gcm_open(&near, iv, VIEW_EMPTY,
			    view_of(bytes, 33), len, &out),
			    CKR_MECHANISM_PARAM_INVALID);
		}
	for (len = 1; len <= sizeof(bytes); len++)
		if (len != 16 && len != 24 && len != 32) {
			near.value.len = len;
			assert_int_equal(gcm_new(&near, iv, &g),
			    CKR_KEY_SIZE_RANGE);
		}
	assert_null(g);
	assert_null(out.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_of_key_give_the_known_answers),
		cmocka_unit_test(ghash_gives_the_known_answer_in_any_pieces),
		cmocka_unit_test(both_kinds_of_key_agree_at_any_lengths),
		cmocka_unit_test(a_long_iv_is_taken_by_both),
		cmocka_unit_test(any_changed_bit_and_any_cut_is_refused),
		cmocka_unit_test(a_far_key_is_asked_seldom),
		cmocka_unit_test(a_failure_of_the_far_key_is_passed_on),
		cmocka_unit_test(parameters_outside_the_standard_are_refused),
	};

	return RUN_CRYPTO(tests);
}
