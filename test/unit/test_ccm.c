/* SPDX-License-Identifier: BSD-2-Clause */
#include "aes_key_test.h"

#include "crypto/ccm.h"

#define KEY "404142434445464748494a4b4c4d4e4f"

/* SP 800-38C, appendix C; the fourth has 65536 bytes of 00 to ff as aad. */
static const struct known {
	const char *nonce;
	const char *aad;
	const char *text;
	size_t tag_len;
	const char *sealed;
} known[] = {
	{ "10111213141516", "0001020304050607", "20212223", 4,
	    "7162015b4dac255d" },
	{ "1011121314151617", "000102030405060708090a0b0c0d0e0f",
	    "202122232425262728292a2b2c2d2e2f", 6,
	    "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd" },
	{ "101112131415161718191a1b",
	    "000102030405060708090a0b0c0d0e0f10111213",
	    "202122232425262728292a2b2c2d2e2f3031323334353637", 8,
	    "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"
	},
	{ "101112131415161718191a1b1c", NULL,
	    "202122232425262728292a2b2c2d2e2f"
	    "303132333435363738393a3b3c3d3e3f", 14,
	    "69915dad1e84c6376a68c2967e4dab61"
	    "5ae0fd1faec44cc484828529463ccf72"
	    "b4ac6bec93e8598e7f0dadbcea5b" },
};

static struct buf
aad_of(const struct known *k)
{
	struct buf b = BUF_EMPTY;
	size_t i;

	if (k->aad != NULL)
		return hex(k->aad);
	assert_int_equal(buf_resize(&b, 65536), CKR_OK);
	for (i = 0; i < b.len; i++)
		b.data[i] = (uint8_t)i;
	return b;
}

static void
check_known(const struct aes_key *key, const struct known *k)
{
	struct buf nonce = hex(k->nonce), text = hex(k->text), aad = aad_of(k);
	struct ccm p = { key, buf_view(&nonce), buf_view(&aad), k->tag_len };
	struct buf out = BUF_EMPTY;

	assert_int_equal(ccm_seal(&p, buf_view(&text), &out), CKR_OK);
	assert_hex(&out, k->sealed);
	assert_int_equal(ccm_open(&p, buf_view(&out), &out), CKR_OK);
	assert_hex(&out, k->text);
	buf_free(&nonce);
	buf_free(&text);
	buf_free(&aad);
	buf_free(&out);
}

static void
all_kinds_of_key_give_the_standards_examples(void **state)
{
	struct buf value = hex(KEY);
	struct aes_key near = near_key(buf_view(&value));
	struct far_key far;
	size_t i;

	(void)state;
	far_key_init(&far, buf_view(&value));
	for (i = 0; i < ARRAY_LEN(known); i++) {
		far.key.cbc = NULL;
		check_known(&near, &known[i]);
		check_known(&far.key, &known[i]);
		far.key.cbc = far_cbc;
		check_known(&far.key, &known[i]);
	}
	buf_free(&value);
}

static void
agree(const struct ccm *near, const struct ccm *far, struct view text)
{
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;

	assert_int_equal(ccm_seal(near, text, &a), CKR_OK);
	assert_int_equal(ccm_seal(far, text, &b), CKR_OK);
	assert_view(buf_view(&b), buf_view(&a));
	assert_int_equal(ccm_open(near, buf_view(&a), &b), CKR_OK);
	assert_view(buf_view(&b), text);
	assert_int_equal(ccm_open(far, buf_view(&a), &b), CKR_OK);
	assert_view(buf_view(&b), text);
	buf_free(&a);
	buf_free(&b);
}

static void
all_kinds_of_key_agree_at_any_lengths(void **state)
{
	unsigned round;

	(void)state;
	random_start();
	for (round = 0; round < 300; round++) {
		struct buf value = random_key();
		struct buf nonce = random_buf(7 + random_len(6));
		struct buf aad = random_buf(random_len(1) * random_len(99));
		struct buf text = random_buf(random_len(1) * random_len(2999));
		struct aes_key key = near_key(buf_view(&value));
		struct ccm near = { &key, buf_view(&nonce), buf_view(&aad),
		    4 + 2 * random_len(6) };
		struct ccm other = near;
		struct far_key far;

		far_key_init(&far, buf_view(&value));
		if (round % 2 != 0)
			far.key.cbc = far_cbc;
		other.key = &far.key;
		agree(&near, &other, buf_view(&text));
		buf_free(&value);
		buf_free(&nonce);
		buf_free(&aad);
		buf_free(&text);
	}
}

static void
refuses_changes(const struct aes_key *key)
{
	struct buf nonce = hex(known[2].nonce), aad = hex(known[2].aad);
	struct buf sealed = hex(known[2].sealed), plain = BUF_EMPTY;
	struct ccm p = { key, buf_view(&nonce), buf_view(&aad), 8 };
	size_t i;

	for (i = 0; i < sealed.len * 8; i++) {
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(ccm_open(&p, buf_view(&sealed), &plain),
		    CKR_ENCRYPTED_DATA_INVALID);
		sealed.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < sealed.len; i++)
		assert_int_equal(ccm_open(&p, view_of(sealed.data, i), &plain),
		    i < 8 ? CKR_ENCRYPTED_DATA_LEN_RANGE :
		    CKR_ENCRYPTED_DATA_INVALID);
	aad.data[0] ^= 1;
	assert_int_equal(ccm_open(&p, buf_view(&sealed), &plain),
	    CKR_ENCRYPTED_DATA_INVALID);
	assert_null(plain.data);
	buf_free(&nonce);
	buf_free(&aad);
	buf_free(&sealed);
}

static void
any_changed_bit_and_any_cut_is_refused(void **state)
{
	struct buf value = hex(KEY);
	struct aes_key near = near_key(buf_view(&value));
	struct far_key far;

	(void)state;
	far_key_init(&far, buf_view(&value));
	refuses_changes(&near);
	refuses_changes(&far.key);
	buf_free(&value);
}

/* With CBC at hand the MAC costs one call for 1 KiB, as the text does. */
static void
a_far_key_with_cbc_is_asked_seldom(void **state)
{
	struct buf value = hex(KEY), text = BUF_EMPTY, out = BUF_EMPTY;
	struct far_key far;
	struct ccm p = { &far.key, view_str("7 bytes"), VIEW_EMPTY, 16 };

	(void)state;
	assert_int_equal(buf_resize(&text, 4096), CKR_OK);
	far_key_init(&far, buf_view(&value));
	far.key.cbc = far_cbc;
	assert_int_equal(ccm_seal(&p, buf_view(&text), &out), CKR_OK);
	/* B0, 4 of text; the mask, 4 of text. */
	assert_int_equal(far.calls, 5 + 5);
	buf_free(&value);
	buf_free(&text);
	buf_free(&out);
}

static void
a_failure_of_the_far_key_is_passed_on(void **state)
{
	struct buf value = hex(KEY), text = BUF_EMPTY, out = BUF_EMPTY;
	struct far_key far;
	struct ccm p = { &far.key, view_str("7 bytes"), view_str("aad"), 16 };
	unsigned at;

	(void)state;
	assert_int_equal(buf_resize(&text, 40), CKR_OK);
	for (at = 1; at <= 7; at++) {
		far_key_init(&far, buf_view(&value));
		far.fail_at = at;
		assert_int_equal(ccm_seal(&p, buf_view(&text), &out),
		    FAR_FAILURE);
		assert_null(out.data);
	}
	buf_free(&value);
	buf_free(&text);
}

static void
parameters_outside_the_standard_are_refused(void **state)
{
	static const uint8_t bytes[33];
	struct aes_key key = near_key(view_of(bytes, 16));
	struct ccm p = { &key, VIEW_EMPTY, VIEW_EMPTY, 16 };
	struct buf out = BUF_EMPTY;
	size_t len;

	(void)state;
	for (len = 0; len <= 20; len++) {
		p.nonce = view_of(bytes, len);
		assert_int_equal(ccm_check(&p, 0), len >= 7 && len <= 13 ?
		    CKR_OK : CKR_MECHANISM_PARAM_INVALID);
	}
	p.nonce.len = 13;
	assert_int_equal(ccm_check(&p, 65535), CKR_OK);
	assert_int_equal(ccm_check(&p, 65536), CKR_DATA_LEN_RANGE);
	p.nonce.len = 12;
	assert_int_equal(ccm_check(&p, 65536), CKR_OK);
	for (len = 0; len <= 20; len++) {
		p.tag_len = len;
		assert_int_equal(ccm_check(&p, 0), len >= 4 && len <= 16 &&
		    len % 2 == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID);
	}
	p.tag_len = 3;
	assert_int_equal(ccm_seal(&p, VIEW_EMPTY, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(ccm_open(&p, view_of(bytes, 33), &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.tag_len = 16;
	key.value.len = 33;
	assert_int_equal(ccm_seal(&p, VIEW_EMPTY, &out), CKR_KEY_SIZE_RANGE);
	assert_null(out.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_of_key_give_the_standards_examples),
		cmocka_unit_test(all_kinds_of_key_agree_at_any_lengths),
		cmocka_unit_test(any_changed_bit_and_any_cut_is_refused),
		cmocka_unit_test(a_far_key_with_cbc_is_asked_seldom),
		cmocka_unit_test(a_failure_of_the_far_key_is_passed_on),
		cmocka_unit_test(parameters_outside_the_standard_are_refused),
	};

	return RUN_CRYPTO(tests);
}
