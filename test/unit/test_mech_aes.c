/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech_test.h"
#include "mech_aes_test.h"

#include "util/mem.h"

/* The modes of SP 800-38A as mechanisms, near and in the TPM. */

#define KEY "2b7e151628aed2a6abf7158809cf4f3c"
#define IV "000102030405060708090a0b0c0d0e0f"
#define TEXT "6bc1bee22e409f96e93d7e117393172a" \
	"ae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52ef" \
	"f69f2445df4f9b17ad2b417be66c3710"
#define CHICKEN "636869636b656e207465726979616b69"
#define ZEROS "00000000000000000000000000000000"

/* SP 800-38A, F.1.1, F.2.1, F.5.1, F.3.13, F.3.7, F.4.1; RFC 3962, B, as CS1
 * has it. The padded block of CBC is OpenSSL's. */
static const struct known {
	CK_MECHANISM_TYPE type;
	const char *key;
	const char *iv;
	const char *text;
	const char *out;
} known[] = {
	{ CKM_AES_ECB, KEY, "", TEXT,
	    "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
	    "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4"
	},
	{ CKM_AES_CBC, KEY, IV, TEXT,
	    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
	    "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
	},
	{ CKM_AES_CBC_PAD, KEY, IV, TEXT,
	    "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
	    "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
	    "8cb82807230e1321d3fae00d18cc2012" },
	{ CKM_AES_CTR, KEY, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", TEXT,
	    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
	    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"
	},
	{ CKM_AES_CFB128, KEY, IV, TEXT,
	    "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
	    "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6"
	},
	{ CKM_AES_CFB8, KEY, IV, "6bc1bee22e409f96e93d7e117393172aae2d",
	    "3b79424c9c0dd436bace9e0ed4586a4f32b9" },
	{ CKM_AES_OFB, KEY, IV, TEXT,
	    "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"
	    "9740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e"
	},
	{ CKM_AES_CTS, CHICKEN, ZEROS, "4920776f756c64206c696b652074686520",
	    "97" "c6353568f2bf8cb4d8a580362da7ff7f" },
	{ CKM_AES_CTS, CHICKEN, ZEROS, "4920776f756c64206c696b652074686520"
	    "47656e6572616c20476175277320",
	    "97687268d6ecccc0c07b25e25ecfe5"
	    "fc00783e0efdb2c1d445d4c8eff7ed22" },
};

struct param {
	CK_AES_CTR_PARAMS ctr;
	CK_MECHANISM m;
};

/* iv: empty for ECB. */
static CK_MECHANISM
mechanism(CK_MECHANISM_TYPE type, struct view iv, struct param *p)
{
	memset(p, 0, sizeof(*p));
	if (iv.len > 0)
		memcpy(p->ctr.cb, iv.data, sizeof(p->ctr.cb));
	p->ctr.ulCounterBits = 128;
	if (type == CKM_AES_CTR)
		return mech_param(type, &p->ctr, sizeof(p->ctr));
	return iv.len > 0 ? mech_param(type, p->ctr.cb, iv.len) :
	    mech_plain(type);
}

static void
check_known(const struct known *k, struct key *key)
{
	struct buf iv = hex(k->iv), text = hex(k->text), out = BUF_EMPTY;
	struct buf back = BUF_EMPTY;
	struct param p;
	CK_MECHANISM m = mechanism(k->type, buf_view(&iv), &p);
	size_t most;

	for (most = 1; most <= text.len; most++) {
		assert_int_equal(run_pieces(MECH_ENCRYPT, m, key,
		    buf_view(&text), most, &out), CKR_OK);
		assert_hex(&out, k->out);
		assert_int_equal(run_pieces(MECH_DECRYPT, m, key,
		    buf_view(&out), most, &back), CKR_OK);
		assert_hex(&back, k->text);
	}
	buf_free(&iv);
	buf_free(&text);
	buf_free(&out);
	buf_free(&back);
}

static void
known_answers_come_in_all_places_and_pieces(void **state)
{
	size_t i;
	int where;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct places p;

		places_open(&p, hex(known[i].key));
		for (where = 0; where < PLACES; where++)
			check_known(&known[i], places_key(&p, where));
		places_close(&p);
	}
}

static const CK_MECHANISM_TYPE modes[] = { CKM_AES_ECB, CKM_AES_CBC,
	CKM_AES_CBC_PAD, CKM_AES_CTR, CKM_AES_CFB128, CKM_AES_CFB8,
	CKM_AES_OFB, CKM_AES_CTS };

static bool
has_len(CK_MECHANISM_TYPE type, size_t len)
{
	if (type == CKM_AES_CTS)
		return len >= 16;
	return (type != CKM_AES_ECB && type != CKM_AES_CBC) || len % 16 == 0;
}

/* What one encrypts another decrypts, and all encrypt alike. */
static void
agree(CK_MECHANISM_TYPE type, const struct places *k, size_t len)
{
	struct buf iv = random_buf(type == CKM_AES_ECB ? 0 : 16);
	struct buf text = random_buf(len), out[PLACES] = { BUF_EMPTY };
	struct buf back = BUF_EMPTY;
	struct param p;
	CK_MECHANISM m;
	int i;

	/* such as counts on without coming round */
	if (type == CKM_AES_CTR)
		iv.data[0] &= 0x7f;
	m = mechanism(type, buf_view(&iv), &p);
	for (i = 0; i < PLACES; i++) {
		struct key *key = places_key(k, i);

		assert_int_equal(run_pieces(MECH_ENCRYPT, m, key,
		    buf_view(&text), 0, &out[i]), CKR_OK);
		assert_view(buf_view(&out[i]), buf_view(&out[NEAR]));
		assert_int_equal(run_whole(MECH_ENCRYPT, m, key,
		    buf_view(&text), &back), CKR_OK);
		assert_view(buf_view(&back), buf_view(&out[NEAR]));
		assert_int_equal(run_pieces(MECH_DECRYPT, m, key,
		    buf_view(&out[0]), 0, &back), CKR_OK);
		assert_view(buf_view(&back), buf_view(&text));
		assert_int_equal(run_whole(MECH_DECRYPT, m, key,
		    buf_view(&out[0]), &back), CKR_OK);
		assert_view(buf_view(&back), buf_view(&text));
	}
	for (i = 0; i < PLACES; i++)
		buf_free(&out[i]);
	buf_free(&iv);
	buf_free(&text);
	buf_free(&back);
}

static void
all_places_agree_at_any_lengths(void **state)
{
	size_t i, n;

	(void)state;
	for (n = 0; n < 24; n++) {
		struct places k;

		places_open(&k, random_key());
		for (i = 0; i < ARRAY_LEN(modes); i++) {
			size_t len = n < 4 ? 16 * n : random_len(3000);

			if (has_len(modes[i], len))
				agree(modes[i], &k, len);
			else
				agree(modes[i], &k, len / 16 * 16 + 16);
		}
		places_close(&k);
	}
}

static CK_RV
run_len(CK_MECHANISM_TYPE type, enum mech_use use, struct key *key,
    size_t len)
{
	struct buf iv = random_buf(type == CKM_AES_ECB ? 0 : 16);
	struct buf text = random_buf(len), out = BUF_EMPTY;
	struct param p;
	CK_RV rv;

	rv = run_pieces(use, mechanism(type, buf_view(&iv), &p), key,
	    buf_view(&text), 0, &out);
	buf_free(&iv);
	buf_free(&text);
	buf_free(&out);
	return rv;
}

static void
lengths_that_a_mode_has_not_are_refused(void **state)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		size_t len;
		bool encrypts;	/* also the encryption is refused */
	} cases[] = {
		{ CKM_AES_ECB, 15, true }, { CKM_AES_ECB, 33, true },
		{ CKM_AES_CBC, 1, true }, { CKM_AES_CBC, 47, true },
		{ CKM_AES_CTS, 0, true }, { CKM_AES_CTS, 15, true },
		{ CKM_AES_CBC_PAD, 0, false }, { CKM_AES_CBC_PAD, 17, false },
		{ CKM_AES_CBC_PAD, 31, false },
	};
	struct places k;
	size_t i;
	int where;

	(void)state;
	places_open(&k, random_key());
	for (i = 0; i < ARRAY_LEN(cases); i++)
		for (where = 0; where < PLACES; where++) {
			struct key *key = places_key(&k, where);

			assert_int_equal(run_len(cases[i].type, MECH_ENCRYPT,
			    key, cases[i].len), cases[i].encrypts ?
			    CKR_DATA_LEN_RANGE : CKR_OK);
			assert_int_equal(run_len(cases[i].type, MECH_DECRYPT,
			    key, cases[i].len), CKR_ENCRYPTED_DATA_LEN_RANGE);
		}
	places_close(&k);
}

/* Each wrong end of a text that is right otherwise. */
static void
bad_padding_is_refused_and_gives_nothing(void **state)
{
	static const uint8_t ends[][2] = { { 7, 0 }, { 7, 17 }, { 7, 255 },
		{ 3, 2 }, { 1, 3 } };
	uint8_t iv[16] = { 0 };
	CK_MECHANISM raw = mech_param(CKM_AES_CBC, iv, sizeof(iv));
	CK_MECHANISM pad = mech_param(CKM_AES_CBC_PAD, iv, sizeof(iv));
	struct buf out = BUF_EMPTY, last = BUF_EMPTY;
	struct mech_op *op = NULL;
	struct places k;
	size_t i;
	int where;

	(void)state;
	places_open(&k, random_key());
	for (i = 0; i < PLACES * ARRAY_LEN(ends); i++) {
		struct buf text = random_buf(48);
		struct key *key;

		where = (int)(i % PLACES);
		key = places_key(&k, where);
		memcpy(text.data + 46, ends[i / PLACES], 2);
		assert_int_equal(run_once(MECH_ENCRYPT, raw, key,
		    buf_view(&text), &out), CKR_OK);
		assert_int_equal(mech_start(MECH_DECRYPT, &pad, key, NULL,
		    &op), CKR_OK);
		assert_int_equal(mech_update(op, buf_view(&out), &last),
		    CKR_OK);
		/* the last block is not given away before it is checked */
		assert_int_equal(last.len, 32);
		buf_clear(&last);
		assert_int_equal(mech_finish(op, &last),
		    CKR_ENCRYPTED_DATA_INVALID);
		assert_int_equal(last.len, 0);
		mech_end(&op);
		buf_free(&text);
	}
	places_close(&k);
	buf_free(&out);
	buf_free(&last);
}

/* 64 KiB take 64 commands of 1 KiB, where nothing has to chain. */
static void
bulk_goes_by_whole_portions(void **state)
{
	struct places k;
	size_t i, use;

	(void)state;
	places_open(&k, random_key());
	for (i = 0; i < ARRAY_LEN(modes); i++)
		for (use = MECH_ENCRYPT; use <= MECH_DECRYPT; use++) {
			uint8_t iv[16] = { 1 };
			struct buf text = random_buf(65536);
			struct buf out = BUF_EMPTY;
			struct param p;
			CK_MECHANISM m = mechanism(modes[i], modes[i] ==
			    CKM_AES_ECB ? VIEW_EMPTY : view_of(iv, 16), &p);
			unsigned before = fake_tpm_commands;

			if (modes[i] == CKM_AES_CFB8)
				goto next;
			if (modes[i] == CKM_AES_CBC_PAD &&
			    use == MECH_DECRYPT) {
				assert_int_equal(run_once(MECH_ENCRYPT, m,
				    places_key(&k, NEAR), buf_view(&text),
				    &out), CKR_OK);
				buf_move(&text, &out);
			}
			assert_int_equal(run_once((enum mech_use)use, m,
			    places_key(&k, FAR), buf_view(&text), &out),
			    CKR_OK);
			assert_in_range(fake_tpm_commands - before, 64, 66);
next:
			buf_free(&text);
			buf_free(&out);
		}
	places_close(&k);
}

/* CFB8 is a block for each byte, of which decryption has 64 at once; a TPM
 * without CBC is asked for it once in an operation. */
static void
what_goes_block_by_block_costs_no_more(void **state)
{
	uint8_t iv[16] = { 1 };
	CK_MECHANISM cfb8 = mech_param(CKM_AES_CFB8, iv, sizeof(iv));
	CK_MECHANISM cbc = mech_param(CKM_AES_CBC, iv, sizeof(iv));
	struct buf text = random_buf(640), out = BUF_EMPTY;
	struct places k;
	unsigned before;

	(void)state;
	places_open(&k, random_key());
	before = fake_tpm_commands;
	assert_int_equal(run_once(MECH_DECRYPT, cfb8, places_key(&k, FAR),
	    buf_view(&text), &out), CKR_OK);
	assert_int_equal(fake_tpm_commands - before, 10);
	before = fake_tpm_commands;
	assert_int_equal(run_once(MECH_ENCRYPT, cfb8, places_key(&k, FAR),
	    buf_view(&text), &out), CKR_OK);
	assert_int_equal(fake_tpm_commands - before, 640);
	before = fake_tpm_commands;
	assert_int_equal(run_pieces(MECH_ENCRYPT, cbc, places_key(&k, POOR),
	    buf_view(&text), 16, &out), CKR_OK);
	assert_int_equal(fake_tpm_commands - before, 41);
	places_close(&k);
	buf_free(&text);
	buf_free(&out);
}

static void
counters_do_not_come_round(void **state)
{
	uint8_t last[16];
	CK_AES_CTR_PARAMS ctr = { .ulCounterBits = 8 };
	CK_MECHANISM m = mech_param(CKM_AES_CTR, &ctr, sizeof(ctr));
	struct buf text = random_buf(49), out = BUF_EMPTY, near = BUF_EMPTY;
	struct places k;
	int where;

	(void)state;
	memset(last, 0xff, sizeof(last));
	last[15] = 0xfd;
	memcpy(ctr.cb, last, sizeof(last));
	places_open(&k, random_key());
	for (where = 0; where < PLACES; where++) {
		struct key *key = places_key(&k, where);

		assert_int_equal(run_once(MECH_ENCRYPT, m, key,
		    view_sub(buf_view(&text), 0, 48), &out), CKR_OK);
		if (where == NEAR)
			assert_int_equal(buf_set(&near, buf_view(&out)),
			    CKR_OK);
		assert_view(buf_view(&out), buf_view(&near));
		assert_int_equal(run_once(MECH_ENCRYPT, m, key,
		    buf_view(&text), &out), CKR_DATA_LEN_RANGE);
	}
	places_close(&k);
	buf_free(&text);
	buf_free(&out);
	buf_free(&near);
}

static void
parameters_are_checked_at_the_start(void **state)
{
	CK_AES_CTR_PARAMS ctr = { .ulCounterBits = 0 };
	uint8_t iv[17] = { 0 };
	struct places k;
	size_t i;

	(void)state;
	places_open(&k, random_key());
	for (i = 0; i < ARRAY_LEN(modes); i++) {
		CK_MECHANISM_TYPE type = modes[i];
		struct key *key = k.keys[i % 2];
		bool ecb = type == CKM_AES_ECB;

		assert_int_equal(try_start(MECH_ENCRYPT, mech_plain(type),
		    key), ecb ? CKR_OK : CKR_MECHANISM_PARAM_INVALID);
		assert_int_equal(try_start(MECH_ENCRYPT, mech_param(type, iv,
		    15), key), CKR_MECHANISM_PARAM_INVALID);
		assert_int_equal(try_start(MECH_DECRYPT, mech_param(type, iv,
		    17), key), CKR_MECHANISM_PARAM_INVALID);
		assert_int_equal(try_start(MECH_DECRYPT, mech_param(type,
		    NULL, 16), key), CKR_MECHANISM_PARAM_INVALID);
		assert_int_equal(try_start(MECH_SIGN, mech_plain(type), key),
		    CKR_MECHANISM_INVALID);
	}
	assert_int_equal(try_start(MECH_ENCRYPT, mech_param(CKM_AES_CTR, &ctr,
	    sizeof(ctr)), k.keys[FAR]), CKR_MECHANISM_PARAM_INVALID);
	ctr.ulCounterBits = 129;
	assert_int_equal(try_start(MECH_ENCRYPT, mech_param(CKM_AES_CTR, &ctr,
	    sizeof(ctr)), k.keys[NEAR]), CKR_MECHANISM_PARAM_INVALID);
	places_close(&k);
}

static void
other_keys_are_refused(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_AES_ECB);
	struct key *generic = secret_key(CKK_GENERIC_SECRET,
	    view_str("sixteen bytes it"));
	struct key *odd = secret_key(CKK_AES, view_str("fifteen bytes."));
	struct key *mac = tpm_aes_key(view_str("sixteen bytes it"),
	    TPM_USE_SIGN);
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(try_start(MECH_ENCRYPT, m, NULL),
	    CKR_KEY_HANDLE_INVALID);
	assert_int_equal(try_start(MECH_ENCRYPT, m, generic),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_ENCRYPT, m, odd), CKR_KEY_SIZE_RANGE);
	/* what the TPM says */
	assert_int_equal(run_once(MECH_DECRYPT, m, mac,
	    view_str("sixteen bytes it"), &out),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	key_unref(&generic);
	key_unref(&odd);
	key_unref(&mac);
}

static void
keys_are_wrapped_with_zeros_or_padding(void **state)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		size_t plain;
		size_t wrapped;
		size_t back;
	} cases[] = {
		{ CKM_AES_ECB, 24, 32, 32 }, { CKM_AES_CBC, 24, 32, 32 },
		{ CKM_AES_CBC, 32, 32, 32 }, { CKM_AES_CBC_PAD, 24, 32, 24 },
		{ CKM_AES_CBC_PAD, 32, 48, 32 }, { CKM_AES_CTR, 24, 24, 24 },
		{ CKM_AES_CTS, 24, 24, 24 }, { CKM_AES_OFB, 7, 7, 7 },
	};
	struct buf wrapped = BUF_EMPTY, back = BUF_EMPTY;
	struct places k;
	size_t i, len;
	bool exact;
	int where;

	(void)state;
	places_open(&k, random_key());
	for (i = 0; i < PLACES * ARRAY_LEN(cases); i++) {
		CK_MECHANISM_TYPE type = cases[i / PLACES].type;
		struct buf plain = random_buf(cases[i / PLACES].plain);
		uint8_t iv[16] = { 9 };
		struct param p;
		CK_MECHANISM m = mechanism(type, type == CKM_AES_ECB ?
		    VIEW_EMPTY : view_of(iv, 16), &p);
		struct key *key;

		where = (int)(i % PLACES);
		key = places_key(&k, where);
		assert_int_equal(mech_wrapped_len(&m, key, NULL, plain.len,
		    &len, &exact), CKR_OK);
		assert_int_equal(mech_wrap(&m, key, NULL, buf_view(&plain),
		    &wrapped), CKR_OK);
		assert_int_equal(wrapped.len, cases[i / PLACES].wrapped);
		assert_int_equal(len, wrapped.len);
		assert_true(exact);
		assert_int_equal(mech_unwrap(&m, key, NULL,
		    buf_view(&wrapped), &back), CKR_OK);
		assert_int_equal(back.len, cases[i / PLACES].back);
		assert_view(view_sub(buf_view(&back), 0, plain.len),
		    buf_view(&plain));
		assert_true(view_is_zero(view_sub(buf_view(&back), plain.len,
		    back.len)));
		buf_free(&plain);
	}
	places_close(&k);
	buf_free(&wrapped);
	buf_free(&back);
}

static void
without_memory_nothing_leaks(void **state)
{
	struct buf text = random_buf(100), out = BUF_EMPTY;
	struct places k;
	size_t i, n;

	(void)state;
	places_open(&k, random_key());
	for (i = 0; i < 2 * ARRAY_LEN(modes); i++) {
		CK_MECHANISM_TYPE type = modes[i / 2];
		uint8_t iv[16] = { 9 };
		struct param p;
		CK_MECHANISM m = mechanism(type, type == CKM_AES_ECB ?
		    VIEW_EMPTY : view_of(iv, 16), &p);
		CK_RV rv = CKR_HOST_MEMORY;

		for (n = 1; rv != CKR_OK; n++) {
			mem_fail_at(n);
			rv = run_once(MECH_ENCRYPT, m, places_key(&k,
			    (int)i % 2), view_sub(buf_view(&text), 0, 96),
			    &out);
			mem_fail_at(0);
			assert_true(rv == CKR_OK || rv == CKR_HOST_MEMORY);
		}
		assert_true(n > 3);
	}
	places_close(&k);
	buf_free(&text);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers_come_in_all_places_and_pieces),
		cmocka_unit_test(all_places_agree_at_any_lengths),
		cmocka_unit_test(lengths_that_a_mode_has_not_are_refused),
		cmocka_unit_test(bad_padding_is_refused_and_gives_nothing),
		cmocka_unit_test(bulk_goes_by_whole_portions),
		cmocka_unit_test(what_goes_block_by_block_costs_no_more),
		cmocka_unit_test(counters_do_not_come_round),
		cmocka_unit_test(parameters_are_checked_at_the_start),
		cmocka_unit_test(other_keys_are_refused),
		cmocka_unit_test(keys_are_wrapped_with_zeros_or_padding),
		cmocka_unit_test(without_memory_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, start_aes, mech_test_stop);
}
