/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include <openssl/evp.h>

#include "tpm/caps.h"
#include "tpm/cipher.h"
#include "tpm/import.h"

static const struct {
	const char *name;	/* OpenSSL's, after "AES-128-" */
	enum tpm_cipher_mode mode;
	bool streams;
} modes[] = {
	{ "ECB", TPM_CIPHER_ECB, false },
	{ "CBC", TPM_CIPHER_CBC, false },
	{ "CTR", TPM_CIPHER_CTR, true },
	{ "CFB", TPM_CIPHER_CFB, true },
	{ "OFB", TPM_CIPHER_OFB, true },
};

#define BOTH (TPM_USE_SIGN | TPM_USE_DECRYPT)

static void
import(const struct bench *b, struct view value, unsigned use,
    struct tpm_key **out)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_ok(tpm_import_aes(b->tpm, &b->parent, value, use, &blob));
	assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, out));
	tpm_blob_free(&blob);
}

/* swtpm has no AES-192, other TPMs nothing but AES-128. */
static bool
has_size(const struct bench *b, size_t bits)
{
	struct tpm_caps caps;

	assert_ok(tpm_caps_read(b->tpm, &caps));
	return tpm_caps_aes(&caps, bits);
}

static void
assert_equals(const struct buf *found, struct view expected)
{
	assert_true(view_equal(buf_view(found), expected));
}

/* By OpenSSL. */
static void
encrypt(const char *mode, struct view key, const uint8_t *iv, struct view in,
    uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	EVP_CIPHER *cipher;
	char name[32];
	int n;

	(void)snprintf(name, sizeof(name), "AES-%zu-%s", key.len * 8, mode);
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	assert_non_null(cipher);
	assert_true(EVP_EncryptInit_ex2(ctx, cipher, key.data, iv, NULL));
	assert_true(EVP_CIPHER_CTX_set_padding(ctx, 0));
	assert_true(EVP_EncryptUpdate(ctx, out, &n, in.data, (int)in.len));
	assert_int_equal(n, in.len);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

/* NIST SP 800-38A, appendix F: the same four blocks in each mode. */
static const char *const keys_38a[] = {
	"2b7e151628aed2a6abf7158809cf4f3c",
	"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
	"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
};
static const char plain_38a[] =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
static const struct {
	enum tpm_cipher_mode mode;
	size_t key;
	const char *iv;
	const char *last;	/* block of the ciphertext */
} vectors[] = {
	{ TPM_CIPHER_ECB, 0, NULL, "7b0c785e27e8ad3f8223207104725dd4" },
	{ TPM_CIPHER_ECB, 1, NULL, "9a4b41ba738d6c72fb16691603c18e0e" },
	{ TPM_CIPHER_ECB, 2, NULL, "23304b7a39f9f3ff067d8d8f9e24ecc7" },
	{ TPM_CIPHER_CBC, 0, "000102030405060708090a0b0c0d0e0f",
	    "3ff1caa1681fac09120eca307586e1a7" },
	{ TPM_CIPHER_CBC, 1, "000102030405060708090a0b0c0d0e0f",
	    "08b0e27988598881d920a9e64f5615cd" },
	{ TPM_CIPHER_CBC, 2, "000102030405060708090a0b0c0d0e0f",
	    "b2eb05e2c39be9fcda6c19078c6a9d1b" },
	{ TPM_CIPHER_CTR, 0, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	    "1e031dda2fbe03d1792170a0f3009cee" },
	{ TPM_CIPHER_CTR, 1, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	    "4f78a7f6d29809585a97daec58c6b050" },
	{ TPM_CIPHER_CTR, 2, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	    "dfc9c58db67aada613c2dd08457941a6" },
	{ TPM_CIPHER_CFB, 0, "000102030405060708090a0b0c0d0e0f",
	    "c04b05357c5d1c0eeac4c66f9ff7f2e6" },
	{ TPM_CIPHER_CFB, 1, "000102030405060708090a0b0c0d0e0f",
	    "c05f9f9ca9834fa042ae8fba584b09ff" },
	{ TPM_CIPHER_CFB, 2, "000102030405060708090a0b0c0d0e0f",
	    "75a385741ab9cef82031623d55b1e471" },
	{ TPM_CIPHER_OFB, 0, "000102030405060708090a0b0c0d0e0f",
	    "304c6528f659c77866a510d9c1d6ae5e" },
	{ TPM_CIPHER_OFB, 1, "000102030405060708090a0b0c0d0e0f",
	    "6d9f200857ca6c3e9cac524bd9acc92a" },
	{ TPM_CIPHER_OFB, 2, "000102030405060708090a0b0c0d0e0f",
	    "0126141d67f37be8538f5a8be740e484" },
};

static void
the_vectors_of_nist_come_out(void **state)
{
	const struct bench *b = *state;
	struct buf key = BUF_EMPTY, iv = BUF_EMPTY, plain = BUF_EMPTY;
	struct buf last = BUF_EMPTY, out = BUF_EMPTY, back = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i;

	assert_ok(hex_parse(view_str(plain_38a), &plain));
	for (i = 0; i < ARRAY_LEN(vectors); i++) {
		const char *hex = vectors[i].iv != NULL ? vectors[i].iv : "";

		assert_ok(hex_parse(view_str(keys_38a[vectors[i].key]),
		    &key));
		assert_ok(hex_parse(view_str(hex), &iv));
		assert_ok(hex_parse(view_str(vectors[i].last), &last));
		if (!has_size(b, key.len * 8))
			continue;
		import(b, buf_view(&key), BOTH, &k);
		assert_ok(tpm_key_encrypt(k, vectors[i].mode, iv.data,
		    buf_view(&plain), &out));
		assert_int_equal(out.len, plain.len);
		assert_true(view_equal(view_sub(buf_view(&out), 48, 16),
		    buf_view(&last)));
		assert_ok(hex_parse(view_str(hex), &iv));
		assert_ok(tpm_key_decrypt(k, vectors[i].mode, iv.data,
		    buf_view(&out), &back));
		assert_equals(&back, buf_view(&plain));
		tpm_key_unref(&k);
	}
	buf_free(&key);
	buf_free(&iv);
	buf_free(&plain);
	buf_free(&last);
	buf_free(&out);
	buf_free(&back);
}

/* A stream in portions of random lengths, all but the last whole blocks. */
static void
stream(struct tpm_key *k, bool encrypts, enum tpm_cipher_mode mode,
    const uint8_t *first_iv, struct view in, struct buf *out)
{
	struct buf part = BUF_EMPTY;
	uint8_t iv[TPM_BLOCK_LEN];
	size_t len;

	memcpy(iv, first_iv, sizeof(iv));
	buf_clear(out);
	while (in.len > 0) {
		len = (size_t)(rand() % 160) * TPM_BLOCK_LEN;
		assert_ok((encrypts ? tpm_key_encrypt : tpm_key_decrypt)(k,
		    mode, mode == TPM_CIPHER_ECB ? NULL : iv,
		    view_sub(in, 0, len), &part));
		assert_ok(buf_append(out, buf_view(&part)));
		in = view_sub(in, len, in.len);
	}
	buf_free(&part);
}

static void
long_data_in_portions_equals_openssl(void **state)
{
	const struct bench *b = *state;
	struct buf out = BUF_EMPTY, back = BUF_EMPTY;
	uint8_t in[9000], expected[sizeof(in)], key[32], iv[TPM_BLOCK_LEN];
	struct tpm_key *k = NULL;
	size_t i, bits, len;

	srand(1);
	for (bits = 128; bits <= 256; bits += 64)
		for (i = 0; i < ARRAY_LEN(modes); i++) {
			const struct view value = view_of(key, bits / 8);

			if (!has_size(b, bits))
				continue;
			assert_ok(crypto_random(in, sizeof(in)));
			assert_ok(crypto_random(key, sizeof(key)));
			assert_ok(crypto_random(iv, sizeof(iv)));
			/* The counter's last bytes overflow on the way. */
			memset(iv + 3, 0xff, sizeof(iv) - 3);
			len = 5000 + (size_t)rand() % 4000;
			if (!modes[i].streams)
				len = len / TPM_BLOCK_LEN * TPM_BLOCK_LEN;
			import(b, value, BOTH, &k);
			encrypt(modes[i].name, value, iv, view_of(in, len),
			    expected);
			stream(k, true, modes[i].mode, iv, view_of(in, len),
			    &out);
			assert_equals(&out, view_of(expected, len));
			stream(k, false, modes[i].mode, iv, buf_view(&out),
			    &back);
			assert_equals(&back, view_of(in, len));
			tpm_key_unref(&k);
		}
	buf_free(&out);
	buf_free(&back);
}

static void
data_goes_by_the_kilobyte(void **state)
{
	static const uint8_t zeros[4096];
	const struct bench *b = *state;
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t iv[TPM_BLOCK_LEN] = { 0 };

	import(b, view_of(zeros, 16), BOTH, &k);
	trace_reset();
	assert_ok(tpm_key_encrypt(k, TPM_CIPHER_CBC, iv,
	    view_of(zeros, sizeof(zeros)), &out));
	assert_int_equal(trace_count("EncryptDecrypt2"), 4);
	assert_int_equal(trace_count("Load"), 1);
	assert_int_equal(trace_count(NULL), 5);
	/* Nothing is sent for nothing. */
	trace_reset();
	assert_ok(tpm_key_encrypt(k, TPM_CIPHER_CBC, iv, VIEW_EMPTY, &out));
	assert_int_equal(out.len, 0);
	assert_int_equal(trace_count(NULL), 0);
	tpm_key_unref(&k);
	buf_free(&out);
}

static void
a_key_made_in_the_tpm_gives_back_what_it_got(void **state)
{
	static const struct view text = { (const uint8_t *)
	    "sixteen bytes of" "text and sixteen", 32 };
	const struct bench *b = *state;
	struct buf out = BUF_EMPTY, back = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_key *k = NULL;
	size_t bits;

	for (bits = 128; bits <= 256; bits += 64) {
		if (!has_size(b, bits)) {
			assert_rv(tpm_create_aes(b->tpm, &b->parent, bits,
			    BOTH, &blob), CKR_KEY_SIZE_RANGE);
			continue;
		}
		assert_ok(tpm_create_aes(b->tpm, &b->parent, bits, BOTH,
		    &blob));
		assert_int_equal(blob.auth.len, 32);
		assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
		assert_ok(tpm_key_encrypt(k, TPM_CIPHER_ECB, NULL, text,
		    &out));
		assert_false(view_equal(buf_view(&out), text));
		assert_ok(tpm_key_decrypt(k, TPM_CIPHER_ECB, NULL,
		    buf_view(&out), &back));
		assert_equals(&back, text);
		tpm_key_unref(&k);
	}
	tpm_blob_free(&blob);
	buf_free(&out);
	buf_free(&back);
}

static void
sizes_that_are_none_are_refused_unsent(void **state)
{
	static const uint8_t value[64];
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_rv(tpm_create_aes(b->tpm, &b->parent, 0, BOTH, &blob),
	    CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_create_aes(b->tpm, &b->parent, 512, BOTH, &blob),
	    CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_create_aes(b->tpm, &b->parent, 65536 + 128, BOTH,
	    &blob), CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_import_aes(b->tpm, &b->parent, view_of(value, 15), BOTH,
	    &blob), CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_import_aes(b->tpm, &b->parent, view_of(value, 33), BOTH,
	    &blob), CKR_KEY_SIZE_RANGE);
	assert_rv(tpm_import_aes(b->tpm, &b->parent, VIEW_EMPTY, BOTH,
	    &blob), CKR_KEY_SIZE_RANGE);
	assert_null(blob.auth.data);
	assert_int_equal(trace_count(NULL), 0);
}

static void
a_broken_block_is_refused(void **state)
{
	static const uint8_t value[32];
	const struct bench *b = *state;
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t iv[TPM_BLOCK_LEN] = { 0 };

	import(b, view_of(value, 16), BOTH, &k);
	trace_reset();
	assert_rv(tpm_key_encrypt(k, TPM_CIPHER_ECB, NULL,
	    view_of(value, 17), &out), CKR_DATA_LEN_RANGE);
	assert_rv(tpm_key_decrypt(k, TPM_CIPHER_CBC, iv, view_of(value, 31),
	    &out), CKR_DATA_LEN_RANGE);
	assert_int_equal(trace_count(NULL), 0);
	assert_ok(tpm_key_decrypt(k, TPM_CIPHER_CTR, iv, view_of(value, 31),
	    &out));
	assert_int_equal(out.len, 31);
	tpm_key_unref(&k);
	buf_free(&out);
}

static void
what_fails_half_way_changes_nothing(void **state)
{
	static const uint8_t in[3000], none[TPM_BLOCK_LEN];
	const struct bench *b = *state;
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t iv[TPM_BLOCK_LEN] = { 0 };

	import(b, view_of(in, 16), BOTH, &k);
	assert_ok(buf_set(&out, view_str("as it was")));
	set_fault("EncryptDecrypt2:2:0x101");	/* FAILURE */
	assert_rv(tpm_key_encrypt(k, TPM_CIPHER_CTR, iv,
	    view_of(in, sizeof(in)), &out), CKR_DEVICE_ERROR);
	assert_equals(&out, view_str("as it was"));
	assert_memory_equal(iv, none, sizeof(iv));
	tpm_key_unref(&k);
	buf_free(&out);
}

static void
a_key_does_only_what_it_was_made_for(void **state)
{
	static const uint8_t value[16];
	const struct bench *b = *state;
	struct buf out = BUF_EMPTY, point = BUF_EMPTY;
	struct tpm_key *k = NULL;

	import(b, view_of(value, 16), TPM_USE_SIGN, &k);
	assert_ok(tpm_key_encrypt(k, TPM_CIPHER_ECB, NULL,
	    view_of(value, 16), &out));
	assert_rv(tpm_key_decrypt(k, TPM_CIPHER_ECB, NULL,
	    view_of(value, 16), &out), CKR_KEY_FUNCTION_NOT_PERMITTED);
	tpm_key_unref(&k);
	import(b, view_of(value, 16), TPM_USE_DECRYPT, &k);
	assert_ok(tpm_key_decrypt(k, TPM_CIPHER_ECB, NULL,
	    view_of(value, 16), &out));
	assert_rv(tpm_key_encrypt(k, TPM_CIPHER_ECB, NULL,
	    view_of(value, 16), &out), CKR_KEY_FUNCTION_NOT_PERMITTED);
	tpm_key_unref(&k);
	make_ec(b, 3, &k, &point);
	assert_rv(tpm_key_encrypt(k, TPM_CIPHER_ECB, NULL,
	    view_of(value, 16), &out), CKR_KEY_FUNCTION_NOT_PERMITTED);
	tpm_key_unref(&k);
	buf_free(&out);
	buf_free(&point);
}

/* Each in a stream of its own, a portion at a time. */
static void
ten_streams_take_turns_in_three_places(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *keys[10] = { NULL };
	struct buf out[10] = { BUF_EMPTY }, part = BUF_EMPTY;
	uint8_t iv[10][TPM_BLOCK_LEN] = { { 0 } }, value[10][16], in[800];
	uint8_t expected[sizeof(in)], none[TPM_BLOCK_LEN] = { 0 };
	size_t i, round;

	assert_ok(crypto_random(in, sizeof(in)));
	assert_ok(crypto_random(value, sizeof(value)));
	for (i = 0; i < ARRAY_LEN(keys); i++)
		import(b, view_of(value[i], 16), BOTH, &keys[i]);
	for (round = 0; round < 5; round++)
		for (i = 0; i < ARRAY_LEN(keys); i++) {
			assert_ok(tpm_key_encrypt(keys[i], TPM_CIPHER_CBC,
			    iv[i], view_of(in + 160 * round, 160), &part));
			assert_ok(buf_append(&out[i], buf_view(&part)));
		}
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		encrypt("CBC", view_of(value[i], 16), none,
		    view_of(in, sizeof(in)), expected);
		assert_equals(&out[i], view_of(expected, sizeof(expected)));
		tpm_key_unref(&keys[i]);
		buf_free(&out[i]);
	}
	buf_free(&part);
}

static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = {
		"EncryptDecrypt2:2:0x922",	/* RETRY */
		"EncryptDecrypt2:2:0x910",	/* REFERENCE_H0 */
		"EncryptDecrypt2:2:0x918",	/* REFERENCE_S0 */
		"EncryptDecrypt2:2:0x100",	/* INITIALIZE */
		"EncryptDecrypt2:2:drop",
		"EncryptDecrypt2:2:drop,Load:1:drop",
	};
	const struct bench *b = *state;
	uint8_t in[3000], expected[sizeof(in)], iv[TPM_BLOCK_LEN];
	static const uint8_t none[TPM_BLOCK_LEN], value[16] = { 1 };
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i;

	assert_ok(crypto_random(in, sizeof(in)));
	import(b, view_of(value, sizeof(value)), BOTH, &k);
	encrypt("CTR", view_of(value, sizeof(value)), none,
	    view_of(in, sizeof(in)), expected);
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		print_message("%s\n", faults[i]);
		set_fault(faults[i]);
		memset(iv, 0, sizeof(iv));
		assert_ok(tpm_key_encrypt(k, TPM_CIPHER_CTR, iv,
		    view_of(in, sizeof(in)), &out));
		assert_equals(&out, view_of(expected, sizeof(expected)));
		set_fault(NULL);
	}
	set_fault("EncryptDecrypt2:2:flip");
	assert_rv(tpm_key_encrypt(k, TPM_CIPHER_CTR, iv,
	    view_of(in, sizeof(in)), &out), CKR_DEVICE_ERROR);
	tpm_key_unref(&k);
	buf_free(&out);
}

/* Asked once for the newer command, which it has not. */
static void
a_tpm_with_the_older_command_alone_serves(void **state)
{
	static const uint8_t in[2048], none[TPM_BLOCK_LEN], value[16];
	const struct bench *b = *state;
	uint8_t expected[sizeof(in)], iv[TPM_BLOCK_LEN] = { 0 };
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;

	import(b, view_of(value, sizeof(value)), BOTH, &k);
	encrypt("CBC", view_of(value, sizeof(value)), none,
	    view_of(in, sizeof(in)), expected);
	set_fault("EncryptDecrypt2:0:0x143");	/* COMMAND_CODE */
	trace_reset();
	assert_ok(tpm_key_encrypt(k, TPM_CIPHER_CBC, iv,
	    view_of(in, sizeof(in)), &out));
	assert_equals(&out, view_of(expected, sizeof(expected)));
	assert_int_equal(trace_count("EncryptDecrypt2"), 1);
	assert_int_equal(trace_count("EncryptDecrypt"), 2);
	set_fault("EncryptDecrypt2:0:0x143,EncryptDecrypt:0:0x143");
	assert_rv(tpm_key_encrypt(k, TPM_CIPHER_CBC, iv,
	    view_of(in, sizeof(in)), &out), CKR_FUNCTION_NOT_SUPPORTED);
	tpm_key_unref(&k);
	buf_free(&out);
}

/* The last bytes of that answer are TPM_PT_INPUT_BUFFER. */
static void
a_tpm_of_smaller_portions_gets_them(void **state)
{
	static const uint8_t in[2048], none[TPM_BLOCK_LEN], value[16];
	const struct bench *b = *state;
	uint8_t expected[sizeof(in)], iv[TPM_BLOCK_LEN] = { 0 };
	struct buf out = BUF_EMPTY;
	struct tpm_key *k = NULL;

	import(b, view_of(value, sizeof(value)), BOTH, &k);
	encrypt("CBC", view_of(value, sizeof(value)), none,
	    view_of(in, sizeof(in)), expected);
	trace_reset();
	set_fault("EncryptDecrypt2:1:0x1d5,GetCapability:1:last=0000020f");
	assert_ok(tpm_key_encrypt(k, TPM_CIPHER_CBC, iv,
	    view_of(in, sizeof(in)), &out));
	assert_equals(&out, view_of(expected, sizeof(expected)));
	assert_int_equal(trace_count("GetCapability"), 1);
	assert_int_equal(trace_count("EncryptDecrypt2"), 5);
	/* A mode that is refused is not about length. */
	set_fault("EncryptDecrypt2:0:0x2c4");	/* VALUE */
	assert_rv(tpm_key_encrypt(k, TPM_CIPHER_CBC, iv,
	    view_of(in, sizeof(in)), &out), CKR_MECHANISM_INVALID);
	tpm_key_unref(&k);
	buf_free(&out);
}

static void
assert_on_bus(struct view bytes, bool expected)
{
	struct buf hex = BUF_EMPTY;

	assert_ok(hex_append(bytes, &hex));
	run("%s grep -q %s $TCTI_TRACE_FILE", expected ? "" : "!",
	    (const char *)hex.data);
	buf_free(&hex);
}

static void
nothing_secret_crosses_the_bus(void **state)
{
	static const uint8_t value[] = "an AES-256 key of thirty-two byt";
	static const uint8_t text[] =
	    "a text of forty-eight bytes that nobody may see.";
	const struct view plain = view_of(text, 48);
	const struct bench *b = *state;
	struct buf out = BUF_EMPTY, back = BUF_EMPTY;
	struct tpm_key *k = NULL;
	uint8_t iv[TPM_BLOCK_LEN] = "is in clear";

	(void)setenv("TCTI_TRACE_RAW", "1", 1);
	import(b, view_of(value, 32), BOTH, &k);
	assert_ok(tpm_key_encrypt(k, TPM_CIPHER_ECB, NULL, plain, &out));
	assert_ok(tpm_key_decrypt(k, TPM_CIPHER_ECB, NULL, buf_view(&out),
	    &back));
	assert_equals(&back, plain);
	assert_on_bus(view_of(value, 16), false);
	assert_on_bus(view_of(value + 16, 16), false);
	assert_on_bus(view_sub(plain, 0, 16), false);
	assert_on_bus(view_sub(plain, 32, 16), false);
	assert_on_bus(view_sub(buf_view(&out), 0, 16), false);
	/* The trace does show what is in clear. */
	assert_ok(tpm_key_encrypt(k, TPM_CIPHER_CBC, iv, plain, &out));
	assert_on_bus(view_str("is in clear"), true);
	(void)unsetenv("TCTI_TRACE_RAW");
	tpm_key_unref(&k);
	buf_free(&out);
	buf_free(&back);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_vectors_of_nist_come_out),
		TEST(long_data_in_portions_equals_openssl),
		TEST(data_goes_by_the_kilobyte),
		TEST(a_key_made_in_the_tpm_gives_back_what_it_got),
		TEST(sizes_that_are_none_are_refused_unsent),
		TEST(a_broken_block_is_refused),
		TEST(what_fails_half_way_changes_nothing),
		TEST(a_key_does_only_what_it_was_made_for),
		TEST(ten_streams_take_turns_in_three_places),
		TEST(faults_with_a_remedy_are_not_seen),
		TEST(a_tpm_with_the_older_command_alone_serves),
		TEST(a_tpm_of_smaller_portions_gets_them),
		TEST(nothing_secret_crosses_the_bus),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
