/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech_test.h"
#include "mech_aes_test.h"

#include "util/mem.h"

/* AES keys that are made, derived, wrapped, and used for MACs. */

static const CK_MECHANISM_TYPE wraps[] = { CKM_AES_KEY_WRAP,
	CKM_AES_KEY_WRAP_PAD, CKM_AES_KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PKCS7 };

#define KEK_5649 "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"

/* RFC 3394, 4.1 and 4.6; RFC 5649, 6. */
static const struct {
	CK_MECHANISM_TYPE type;
	const char *kek;
	const char *plain;
	const char *wrapped;
} known[] = {
	{ CKM_AES_KEY_WRAP, "000102030405060708090a0b0c0d0e0f",
	    "00112233445566778899aabbccddeeff",
	    "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5" },
	{ CKM_AES_KEY_WRAP, "000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f",
	    "00112233445566778899aabbccddeeff"
	    "000102030405060708090a0b0c0d0e0f",
	    "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326"
	    "cbc7f0e71a99f43bfb988b9b7a02dd21" },
	{ CKM_AES_KEY_WRAP_KWP, KEK_5649,
	    "c37b7e6492584340bed12207808941155068f738",
	    "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a"
	    "5f54f373fa543b6a" },
	{ CKM_AES_KEY_WRAP_PAD, KEK_5649, "466f7250617369",
	    "afbeb0f07dfbf5419200f2ccb50bb24f" },
};

static void
known_answers_of_wrapping(void **state)
{
	struct buf out = BUF_EMPTY;
	size_t i;
	int where;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct buf plain = hex(known[i].plain);
		CK_MECHANISM m = mech_plain(known[i].type);
		struct places p;

		places_open(&p, hex(known[i].kek));
		for (where = 0; where < PLACES; where++) {
			struct key *key = places_key(&p, where);

			assert_int_equal(mech_wrap(&m, key, NULL,
			    buf_view(&plain), &out), CKR_OK);
			assert_hex(&out, known[i].wrapped);
			assert_int_equal(run_pieces(MECH_ENCRYPT, m, key,
			    buf_view(&plain), 0, &out), CKR_OK);
			assert_hex(&out, known[i].wrapped);
			assert_int_equal(mech_unwrap(&m, key, NULL,
			    buf_view(&out), &out), CKR_OK);
			assert_hex(&out, known[i].plain);
		}
		places_close(&p);
		buf_free(&plain);
	}
	buf_free(&out);
}

/* Zeros make a whole for KW; the others take what is whole to them. */
static void
keys_of_any_length_are_wrapped(void **state)
{
	struct buf wrapped = BUF_EMPTY, near = BUF_EMPTY, back = BUF_EMPTY;
	struct places p;
	size_t i, len, said;
	bool exact;
	int where;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < ARRAY_LEN(wraps); i++)
		for (len = 9; len < 60; len += 1 + random_len(6)) {
			CK_MECHANISM m = mech_plain(wraps[i]);
			struct buf plain = random_buf(len);

			for (where = 0; where < PLACES; where++) {
				struct key *key = places_key(&p, where);

				assert_int_equal(mech_wrapped_len(&m, key,
				    NULL, len, &said, &exact), CKR_OK);
				assert_int_equal(mech_wrap(&m, key, NULL,
				    buf_view(&plain), &wrapped), CKR_OK);
				assert_int_equal(wrapped.len, said);
				assert_true(exact);
				if (where == NEAR)
					assert_int_equal(buf_set(&near,
					    buf_view(&wrapped)), CKR_OK);
				assert_view(buf_view(&wrapped),
				    buf_view(&near));
				assert_int_equal(mech_unwrap(&m, key, NULL,
				    buf_view(&wrapped), &back), CKR_OK);
				assert_view(view_sub(buf_view(&back), 0, len),
				    buf_view(&plain));
				assert_int_equal(back.len, i == 0 ?
				    (len + 7) / 8 * 8 : len);
				assert_true(view_is_zero(view_sub(
				    buf_view(&back), len, 8)));
				assert_int_equal(run_whole(MECH_DECRYPT, m,
				    key, buf_view(&wrapped), &back), CKR_OK);
			}
			buf_free(&plain);
		}
	places_close(&p);
	buf_free(&wrapped);
	buf_free(&near);
	buf_free(&back);
}

static void
what_was_not_wrapped_is_not_unwrapped(void **state)
{
	struct buf wrapped = BUF_EMPTY, out = BUF_EMPTY;
	uint8_t iv[8] = { 1, 2, 3 };
	struct places p;
	size_t i, j;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < 2 * ARRAY_LEN(wraps); i++) {
		CK_MECHANISM_TYPE type = wraps[i / 2];
		size_t iv_len = type == CKM_AES_KEY_WRAP_PAD ||
		    type == CKM_AES_KEY_WRAP_KWP ? 4 : 8;
		CK_MECHANISM m = mech_plain(type);
		CK_MECHANISM other = mech_param(type, iv, iv_len);
		struct key *key = places_key(&p, (int)i % 2);

		assert_int_equal(mech_wrap(&m, key, NULL,
		    view_str("a key of 24 bytes, twice"), &wrapped), CKR_OK);
		buf_clear(&out);
		for (j = 0; j < wrapped.len; j += 5) {
			wrapped.data[j] ^= 4;
			assert_int_equal(mech_unwrap(&m, key, NULL,
			    buf_view(&wrapped), &out),
			    CKR_WRAPPED_KEY_INVALID);
			assert_int_equal(run_once(MECH_DECRYPT, m, key,
			    buf_view(&wrapped), &out),
			    CKR_ENCRYPTED_DATA_INVALID);
			wrapped.data[j] ^= 4;
		}
		assert_int_equal(mech_unwrap(&other, key, NULL,
		    buf_view(&wrapped), &out), CKR_WRAPPED_KEY_INVALID);
		assert_int_equal(mech_unwrap(&m, key, NULL,
		    view_sub(buf_view(&wrapped), 0, wrapped.len - 1), &out),
		    CKR_WRAPPED_KEY_LEN_RANGE);
		assert_int_equal(mech_unwrap(&m, key, NULL, VIEW_EMPTY,
		    &out), CKR_WRAPPED_KEY_LEN_RANGE);
		assert_int_equal(out.len, 0);
		/* and with its own iv */
		assert_int_equal(mech_wrap(&other, key, NULL,
		    view_str("a key of 24 bytes, twice"), &wrapped), CKR_OK);
		assert_int_equal(mech_unwrap(&other, key, NULL,
		    buf_view(&wrapped), &out), CKR_OK);
		assert_int_equal(out.len, 24);
		assert_int_equal(try_start(MECH_ENCRYPT, mech_param(type, iv,
		    12 - iv_len), key), CKR_MECHANISM_PARAM_INVALID);
		assert_int_equal(try_start(MECH_ENCRYPT, mech_param(type,
		    NULL, iv_len), key), CKR_MECHANISM_PARAM_INVALID);
	}
	assert_int_equal(run_once(MECH_ENCRYPT, mech_plain(CKM_AES_KEY_WRAP),
	    p.keys[NEAR], view_str("17 bytes of text."), &out),
	    CKR_DATA_LEN_RANGE);
	places_close(&p);
	buf_free(&wrapped);
	buf_free(&out);
}

#define TEXT "6bc1bee22e409f96e93d7e117393172a" \
	"ae2d8a571e03ac9c9eb76fac45af8e51" \
	"30c81c46a35ce411e5fbc1191a0a52ef" \
	"f69f2445df4f9b17ad2b417be66c3710"

/* SP 800-38B, D.1. */
static const struct {
	size_t len;
	const char *mac;
} macs[] = {
	{ 0, "bb1d6929e95937287fa37d129b756746" },
	{ 16, "070a16b46b4d4144f79bdd9dd04a287c" },
	{ 40, "dfa66747de9ae63030ca32611497c827" },
	{ 64, "51f0bebf7e3b9d92fc49741779363cfe" },
};

static void
known_answers_of_cmac(void **state)
{
	struct buf text = hex(TEXT), mac = BUF_EMPTY;
	struct places p;
	size_t i, len;

	(void)state;
	places_open(&p, hex("2b7e151628aed2a6abf7158809cf4f3c"));
	for (i = 0; i < 2 * ARRAY_LEN(macs); i++) {
		struct view in = view_sub(buf_view(&text), 0, macs[i / 2].len);
		struct key *key = p.keys[i % 2];
		CK_MECHANISM m = mech_plain(CKM_AES_CMAC);

		assert_int_equal(run_pieces(MECH_SIGN, m, key, in, 0, &mac),
		    CKR_OK);
		assert_hex(&mac, macs[i / 2].mac);
		assert_int_equal(verify_parts(m, key, in, buf_view(&mac)),
		    CKR_OK);
		for (len = 1; len <= 16; len++) {
			CK_MAC_GENERAL_PARAMS n = len;
			CK_MECHANISM g = mech_param(CKM_AES_CMAC_GENERAL, &n,
			    sizeof(n));
			struct buf part = BUF_EMPTY;

			assert_int_equal(run_once(MECH_SIGN, g, key, in,
			    &part), CKR_OK);
			assert_view(buf_view(&part), view_sub(buf_view(&mac),
			    0, len));
			assert_int_equal(verify_once(g, key, in,
			    buf_view(&part)), CKR_OK);
			part.data[len - 1] ^= 1;
			assert_int_equal(verify_once(g, key, in,
			    buf_view(&part)), CKR_SIGNATURE_INVALID);
			assert_int_equal(verify_once(g, key, in,
			    view_sub(buf_view(&mac), 0, len - 1)),
			    CKR_SIGNATURE_LEN_RANGE);
			buf_free(&part);
		}
	}
	places_close(&p);
	buf_free(&text);
	buf_free(&mac);
}

static void
parameters_of_cmac_are_checked(void **state)
{
	static const CK_MAC_GENERAL_PARAMS lens[] = { 0, 17, NONE };
	struct key *generic = secret_key(CKK_GENERIC_SECRET,
	    view_str("sixteen bytes it"));
	struct places p;
	size_t i;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		CK_MAC_GENERAL_PARAMS n = lens[i];

		assert_int_equal(try_start(MECH_SIGN, mech_param(
		    CKM_AES_CMAC_GENERAL, &n, sizeof(n)), p.keys[i % 2]),
		    CKR_MECHANISM_PARAM_INVALID);
		assert_int_equal(try_start(MECH_VERIFY, mech_param(
		    CKM_AES_CMAC, &n, sizeof(n)), p.keys[i % 2]),
		    CKR_MECHANISM_PARAM_INVALID);
	}
	assert_int_equal(try_start(MECH_SIGN, mech_plain(CKM_AES_CMAC),
	    generic), CKR_KEY_TYPE_INCONSISTENT);
	key_unref(&generic);
	places_close(&p);
}

static CK_RV
generate(CK_ULONG len, bool sensitive, bool extractable,
    const struct tpm_caps *caps, struct attrs *a, struct tpm_blob *blob)
{
	const struct mech_place place = { .caps = caps };
	CK_MECHANISM m = mech_plain(CKM_AES_KEY_GEN);

	attrs_free(a);
	tpm_blob_free(blob);
	assert_int_equal(attrs_set_ulong(a, CKA_CLASS, CKO_SECRET_KEY),
	    CKR_OK);
	assert_int_equal(attrs_set_ulong(a, CKA_KEY_TYPE, CKK_AES), CKR_OK);
	if (len != NONE)
		assert_int_equal(attrs_set_ulong(a, CKA_VALUE_LEN, len),
		    CKR_OK);
	assert_int_equal(attrs_set_bool(a, CKA_SENSITIVE, sensitive), CKR_OK);
	assert_int_equal(attrs_set_bool(a, CKA_EXTRACTABLE, extractable),
	    CKR_OK);
	return mech_generate(&m, &place, a, blob);
}

static void
closed_keys_are_made_in_the_tpm(void **state)
{
	static const struct {
		CK_ULONG len;
		bool sensitive, extractable, tpm;
	} cases[] = { { 16, true, false, true }, { 32, true, false, true },
		{ 24, true, false, false }, { 16, false, false, false },
		{ 16, true, true, false }, { 32, false, true, false } };
	struct tpm_caps without = fake_tpm_caps;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct attrs a = ATTRS_EMPTY;
	struct buf out = BUF_EMPTY;
	struct key *key = NULL;
	size_t i;

	(void)state;
	without.cipher_modes = 1u << TPM_CIPHER_CBC;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(generate(cases[i].len, cases[i].sensitive,
		    cases[i].extractable, &fake_tpm_caps, &a, &blob), CKR_OK);
		assert_int_equal(blob.private_area.len != 0, cases[i].tpm);
		assert_int_equal(attrs_view(&a, CKA_VALUE).len,
		    cases[i].tpm ? 0 : cases[i].len);
		assert_int_equal(key_new(NULL, NULL, &a, &blob, &key),
		    CKR_OK);
		assert_int_equal(key_tpm(key) != NULL, cases[i].tpm);
		assert_int_equal(run_once(MECH_ENCRYPT,
		    mech_plain(CKM_AES_ECB), key,
		    view_str("sixteen bytes it"), &out), CKR_OK);
		key_unref(&key);
		/* what this TPM cannot do is done without it */
		assert_int_equal(generate(cases[i].len, cases[i].sensitive,
		    cases[i].extractable, &without, &a, &blob), CKR_OK);
		assert_int_equal(blob.private_area.len, 0);
		assert_int_equal(attrs_view(&a, CKA_VALUE).len, cases[i].len);
	}
	assert_int_equal(generate(NONE, true, false, &fake_tpm_caps, &a,
	    &blob), CKR_TEMPLATE_INCOMPLETE);
	for (i = 0; i < 40; i += 15)
		assert_int_equal(generate(i, true, false, &fake_tpm_caps, &a,
		    &blob), CKR_ATTRIBUTE_VALUE_INVALID);
	attrs_free(&a);
	tpm_blob_free(&blob);
	buf_free(&out);
}

static CK_RV
derive(CK_MECHANISM m, struct key *base, CK_KEY_TYPE type, CK_ULONG len,
    struct buf *out)
{
	struct attrs a = ATTRS_EMPTY;
	CK_RV rv;

	assert_int_equal(attrs_set_ulong(&a, CKA_KEY_TYPE, type), CKR_OK);
	if (len != NONE)
		assert_int_equal(attrs_set_ulong(&a, CKA_VALUE_LEN, len),
		    CKR_OK);
	rv = mech_derive_one(&m, base, NULL, &a);
	assert_int_equal(attrs_has(&a, CKA_VALUE), rv == CKR_OK);
	buf_clear(out);
	if (rv == CKR_OK)
		assert_int_equal(buf_set(out, attrs_view(&a, CKA_VALUE)),
		    CKR_OK);
	attrs_free(&a);
	return rv;
}

/* The key is what ECB and CBC make of the text, from its beginning on. */
static void
keys_are_derived_by_encryption(void **state)
{
	struct buf text = random_buf(48), want = BUF_EMPTY, got = BUF_EMPTY;
	CK_KEY_DERIVATION_STRING_DATA ecb = { text.data, text.len };
	CK_AES_CBC_ENCRYPT_DATA_PARAMS cbc = { { 3, 1, 4 }, text.data,
		text.len };
	CK_MECHANISM m[2] = {
		mech_param(CKM_AES_ECB_ENCRYPT_DATA, &ecb, sizeof(ecb)),
		mech_param(CKM_AES_CBC_ENCRYPT_DATA, &cbc, sizeof(cbc)) };
	CK_MECHANISM by[2] = { mech_plain(CKM_AES_ECB),
		mech_param(CKM_AES_CBC, cbc.iv, 16) };
	struct places p;
	size_t i;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < 2 * PLACES; i++) {
		struct key *base = places_key(&p, (int)i / 2);

		assert_int_equal(run_once(MECH_ENCRYPT, by[i % 2],
		    p.keys[NEAR], buf_view(&text), &want), CKR_OK);
		assert_int_equal(derive(m[i % 2], base, CKK_GENERIC_SECRET,
		    NONE, &got), CKR_OK);
		assert_view(buf_view(&got), buf_view(&want));
		assert_int_equal(derive(m[i % 2], base, CKK_AES, 32, &got),
		    CKR_OK);
		assert_view(buf_view(&got), view_sub(buf_view(&want), 0, 32));
		assert_int_equal(derive(m[i % 2], base, CKK_AES, NONE, &got),
		    CKR_TEMPLATE_INCOMPLETE);
		assert_int_equal(derive(m[i % 2], base, CKK_AES, 20, &got),
		    CKR_ATTRIBUTE_VALUE_INVALID);
		assert_int_equal(derive(m[i % 2], base, CKK_GENERIC_SECRET,
		    49, &got), CKR_KEY_SIZE_RANGE);
	}
	places_close(&p);
	buf_free(&text);
	buf_free(&want);
	buf_free(&got);
}

static void
texts_to_derive_from_are_whole_blocks(void **state)
{
	static const CK_ULONG lens[] = { 0, 1, 15, 17, (CK_ULONG)-16 };
	uint8_t text[32] = { 0 };
	CK_KEY_DERIVATION_STRING_DATA ecb = { text, 0 };
	CK_AES_CBC_ENCRYPT_DATA_PARAMS cbc = { { 0 }, text, 0 };
	struct buf out = BUF_EMPTY;
	struct places p;
	size_t i;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i <= ARRAY_LEN(lens); i++) {
		ecb.ulLen = cbc.length = i < ARRAY_LEN(lens) ? lens[i] : 16;
		if (i == ARRAY_LEN(lens))
			ecb.pData = cbc.pData = NULL;
		assert_int_equal(derive(mech_param(CKM_AES_ECB_ENCRYPT_DATA,
		    &ecb, sizeof(ecb)), p.keys[i % 2], CKK_GENERIC_SECRET,
		    16, &out), CKR_MECHANISM_PARAM_INVALID);
		assert_int_equal(derive(mech_param(CKM_AES_CBC_ENCRYPT_DATA,
		    &cbc, sizeof(cbc)), p.keys[i % 2], CKK_GENERIC_SECRET,
		    16, &out), CKR_MECHANISM_PARAM_INVALID);
	}
	places_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers_of_wrapping),
		cmocka_unit_test(keys_of_any_length_are_wrapped),
		cmocka_unit_test(what_was_not_wrapped_is_not_unwrapped),
		cmocka_unit_test(known_answers_of_cmac),
		cmocka_unit_test(parameters_of_cmac_are_checked),
		cmocka_unit_test(closed_keys_are_made_in_the_tpm),
		cmocka_unit_test(keys_are_derived_by_encryption),
		cmocka_unit_test(texts_to_derive_from_are_whole_blocks),
	};

	return cmocka_run_group_tests(tests, start_aes, mech_test_stop);
}
