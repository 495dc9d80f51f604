/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/mac_test.h"

#include "tpm/import.h"

static const CK_MECHANISM_TYPE mechs[] = { CKM_SHA_1, CKM_SHA256, CKM_SHA384,
    CKM_SHA512 };
static const char *const names[] = { "SHA1", "SHA256", "SHA384", "SHA512" };

static void
assert_hex(const struct buf *found, const char *hex)
{
	struct buf expected = BUF_EMPTY;

	assert_ok(hex_parse(view_str(hex), &expected));
	assert_equals(found, buf_view(&expected));
	buf_free(&expected);
}

/* RFC 4231, test cases 1 and 2, for SHA-256, SHA-384 and SHA-512. */
static const struct {
	const char *key;
	const char *data;
	const char *macs[3];
} vectors[] = {
	{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265", {
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
	    "faea9ea9076ede7f4af152e8b2fa9cb6",
	    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
	    "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
	} },
	{ "4a656665",
	    "7768617420646f2079612077616e7420666f72206e6f7468696e673f", {
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
	    "8e2240ca5e69e2c78b3239ecfab21649",
	    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
	} },
};

static void
the_vectors_of_rfc_4231_come_out(void **state)
{
	const struct bench *b = *state;
	struct buf key = BUF_EMPTY, data = BUF_EMPTY, mac = BUF_EMPTY;
	struct tpm_key *any = NULL, *own = NULL;
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(vectors); i++) {
		assert_ok(hex_parse(view_str(vectors[i].key), &key));
		assert_ok(hex_parse(view_str(vectors[i].data), &data));
		import_hmac(b, NULL, buf_view(&key), &any);
		for (j = 0; j < 3; j++) {
			const struct hash *h = hash_by_mech(mechs[j + 1]);

			import_hmac(b, h, buf_view(&key), &own);
			assert_ok(tpm_key_mac(any, h, buf_view(&data), &mac));
			assert_hex(&mac, vectors[i].macs[j]);
			assert_ok(tpm_key_mac(own, h, buf_view(&data), &mac));
			assert_hex(&mac, vectors[i].macs[j]);
			tpm_key_unref(&own);
		}
		tpm_key_unref(&any);
	}
	buf_free(&key);
	buf_free(&data);
	buf_free(&mac);
}

/* SP 800-38B, D.1 and D.3: of nothing, of a block, of two and a half. */
static void
the_cmac_vectors_of_nist_come_out(void **state)
{
	static const struct {
		size_t len;
		const char *macs[2];
	} cmacs[] = {
		{ 0, { "bb1d6929e95937287fa37d129b756746",
		    "028962f61b7bf89efc6b551f4667d983" } },
		{ 16, { "070a16b46b4d4144f79bdd9dd04a287c",
		    "28a7023f452e8f82bd4bf28d8c37c35c" } },
		{ 40, { "dfa66747de9ae63030ca32611497c827",
		    "aaf3d8f1de5640c232f5b169b9c911e6" } },
		{ 64, { "51f0bebf7e3b9d92fc49741779363cfe",
		    "e1992190549f6ed5696a2c056c315410" } },
	};
	static const char *const keys[] = {
		"2b7e151628aed2a6abf7158809cf4f3c",
		"603deb1015ca71be2b73aef0857d7781"
		"1f352c073b6108d72d9810a30914dff4"
	};
	static const char text[] =
	    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
	const struct bench *b = *state;
	struct buf key = BUF_EMPTY, data = BUF_EMPTY, mac = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i, j;

	assert_ok(hex_parse(view_str(text), &data));
	for (j = 0; j < ARRAY_LEN(keys); j++) {
		assert_ok(hex_parse(view_str(keys[j]), &key));
		import_aes(b, buf_view(&key), &k);
		for (i = 0; i < ARRAY_LEN(cmacs); i++) {
			assert_ok(tpm_key_mac(k, NULL, view_sub(
			    buf_view(&data), 0, cmacs[i].len), &mac));
			assert_hex(&mac, cmacs[i].macs[j]);
		}
		tpm_key_unref(&k);
	}
	buf_free(&key);
	buf_free(&data);
	buf_free(&mac);
}

/* A TPM without TPM2_MAC, or one that does not do it for AES. */
static void
cmac_needs_nothing_but_the_cipher(void **state)
{
	static const char *const faults[] = { "HMAC:0:0x143",
	    "HMAC:0:0x18a" /* TYPE */ };
	struct bench *b = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		tpm_free(&b->tpm);
		assert_ok(tpm_new(traced_tcti(), &b->tpm));
		set_fault(faults[i]);
		trace_reset();
		the_cmac_vectors_of_nist_come_out(state);
		assert_int_equal(trace_count("HMAC"), 1);
	}
}

static void
data_of_any_length_equals_openssl(void **state)
{
	static const size_t lens[] = { 0, 1, 1023, 1024, 1025, 2048, 2049,
	    7000 };
	const struct bench *b = *state;
	struct buf mac = BUF_EMPTY, expected = BUF_EMPTY;
	uint8_t in[7000], key[64];
	struct tpm_key *k = NULL, *aes = NULL;
	size_t i, j;

	srand(2);
	assert_ok(crypto_random(in, sizeof(in)));
	assert_ok(crypto_random(key, sizeof(key)));
	import_hmac(b, NULL, view_of(key, sizeof(key)), &k);
	import_aes(b, view_of(key, 16), &aes);
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		const struct view v = view_of(in, lens[i]);

		for (j = 0; j < ARRAY_LEN(mechs); j++) {
			mac_of(k, hash_by_mech(mechs[j]), v, &mac);
			judge_hmac(names[j], view_of(key, sizeof(key)), v,
			    &expected);
			assert_equals(&mac, buf_view(&expected));
		}
		mac_of(aes, NULL, v, &mac);
		judge_cmac("AES-128-CBC", view_of(key, 16), v, &expected);
		assert_equals(&mac, buf_view(&expected));
	}
	tpm_key_unref(&k);
	tpm_key_unref(&aes);
	buf_free(&mac);
	buf_free(&expected);
}

/* Beyond the block too, where the key is replaced by its digest. */
static void
keys_of_any_length_equal_openssl(void **state)
{
	static const size_t lens[] = { 1, 20, 33, 64, 65, 127, 128 };
	const struct bench *b = *state;
	struct buf mac = BUF_EMPTY, expected = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_key *k = NULL, *own = NULL;
	uint8_t key[300];
	size_t i, j;

	assert_ok(crypto_random(key, sizeof(key)));
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		const struct view v = view_of(key, lens[i]);

		import_hmac(b, NULL, v, &k);
		for (j = 0; j < ARRAY_LEN(mechs); j++) {
			const struct hash *h = hash_by_mech(mechs[j]);

			judge_hmac(names[j], v, view_str("a text"),
			    &expected);
			assert_ok(tpm_key_mac(k, h, view_str("a text"),
			    &mac));
			assert_equals(&mac, buf_view(&expected));
			import_hmac(b, h, v, &own);
			assert_ok(tpm_key_mac(own, h, view_str("a text"),
			    &mac));
			assert_equals(&mac, buf_view(&expected));
			tpm_key_unref(&own);
		}
		tpm_key_unref(&k);
	}
	import_hmac(b, hash_by_mech(CKM_SHA256), view_of(key, 300), &k);
	assert_ok(tpm_key_mac(k, hash_by_mech(CKM_SHA256),
	    view_str("a text"), &mac));
	judge_hmac("SHA256", view_of(key, 300), view_str("a text"),
	    &expected);
	assert_equals(&mac, buf_view(&expected));
	tpm_key_unref(&k);
	assert_rv(tpm_import_hmac(b->tpm, &b->parent, NULL,
	    view_of(key, 129), &blob), CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_import_hmac(b->tpm, &b->parent, NULL, VIEW_EMPTY,
	    &blob), CKR_KEY_SIZE_RANGE);
	buf_free(&mac);
	buf_free(&expected);
}

static void
keys_are_made_of_any_length(void **state)
{
	static const size_t lens[] = { 1, 16, 20, 32, 48, 64, 128 };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY, other = TPM_BLOB_EMPTY;
	struct buf mac = BUF_EMPTY, two = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(lens); i++)
		for (j = 0; j <= ARRAY_LEN(mechs); j++) {
			const struct hash *h = j < ARRAY_LEN(mechs) ?
			    hash_by_mech(mechs[j]) : NULL;

			assert_ok(tpm_create_hmac(b->tpm, &b->parent, h,
			    lens[i], &blob));
			assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
			assert_ok(tpm_key_mac(k, h != NULL ? h :
			    hash_by_mech(CKM_SHA256), view_str("x"), &mac));
			tpm_key_unref(&k);
		}
	/* Two are two. */
	assert_ok(tpm_create_hmac(b->tpm, &b->parent, NULL, 16, &other));
	assert_ok(tpm_create_hmac(b->tpm, &b->parent, NULL, 16, &blob));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
	assert_ok(tpm_key_mac(k, hash_by_mech(CKM_SHA256), view_str("x"),
	    &mac));
	tpm_key_unref(&k);
	assert_ok(tpm_key_new(b->tpm, &b->parent, &other, &k));
	assert_ok(tpm_key_mac(k, hash_by_mech(CKM_SHA256), view_str("x"),
	    &two));
	tpm_key_unref(&k);
	assert_false(view_equal(buf_view(&mac), buf_view(&two)));
	assert_rv(tpm_create_hmac(b->tpm, &b->parent, NULL, 0, &blob),
	    CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_create_hmac(b->tpm, &b->parent, NULL, 129, &blob),
	    CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_create_hmac(b->tpm, &b->parent,
	    hash_by_mech(CKM_SHA224), 28, &blob), CKR_MECHANISM_INVALID);
	tpm_blob_free(&blob);
	tpm_blob_free(&other);
	buf_free(&mac);
	buf_free(&two);
}

static void
a_key_does_only_what_it_was_made_for(void **state)
{
	static const uint8_t value[32] = { 1 };
	const struct bench *b = *state;
	struct buf mac = BUF_EMPTY, point = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_key *k = NULL;

	import_hmac(b, hash_by_mech(CKM_SHA256), view_of(value, 32), &k);
	assert_rv(tpm_key_mac(k, hash_by_mech(CKM_SHA512), view_str("x"),
	    &mac), CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_rv(tpm_key_mac(k, NULL, view_str("x"), &mac),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_rv(tpm_key_mac(k, hash_by_mech(CKM_SHA224), view_str("x"),
	    &mac), CKR_MECHANISM_INVALID);
	tpm_key_unref(&k);
	/* A hash that this TPM lacks. */
	import_hmac(b, NULL, view_of(value, 32), &k);
	assert_rv(tpm_key_mac(k, hash_by_mech(CKM_SHA3_256), view_str("x"),
	    &mac), CKR_MECHANISM_INVALID);
	tpm_key_unref(&k);
	assert_ok(tpm_import_aes(b->tpm, &b->parent, view_of(value, 16),
	    TPM_USE_DECRYPT, &blob));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
	assert_rv(tpm_key_mac(k, NULL, view_str("x"), &mac),
	    CKR_KEY_FUNCTION_NOT_PERMITTED);
	tpm_key_unref(&k);
	make_ec(b, 3, &k, &point);
	assert_rv(tpm_key_mac(k, hash_by_mech(CKM_SHA256), view_str("x"),
	    &mac), CKR_KEY_FUNCTION_NOT_PERMITTED);
	tpm_key_unref(&k);
	tpm_blob_free(&blob);
	buf_free(&mac);
	buf_free(&point);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_vectors_of_rfc_4231_come_out),
		TEST(the_cmac_vectors_of_nist_come_out),
		TEST(cmac_needs_nothing_but_the_cipher),
		TEST(data_of_any_length_equals_openssl),
		TEST(keys_of_any_length_equal_openssl),
		TEST(keys_are_made_of_any_length),
		TEST(a_key_does_only_what_it_was_made_for),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
