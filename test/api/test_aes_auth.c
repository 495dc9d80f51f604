/* SPDX-License-Identifier: BSD-2-Clause */
/* AES with a tag: GCM, CCM, GMAC, CMAC, messages; keys derived by AES. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11_aes.h"
#include "p11_ossl.h"

#include <openssl/core_names.h>

#define ROUNDS 12
#define TEXT_MAX 2500

static CK_SESSION_HANDLE session;

/* One text and the key that is used for it. */
static struct {
	CK_BYTE value[32];
	CK_ULONG value_len;
	CK_OBJECT_HANDLE key;
	CK_BYTE iv[16];
	CK_ULONG iv_len;
	CK_BYTE aad[60];
	CK_ULONG aad_len;
	CK_BYTE plain[TEXT_MAX];
	CK_ULONG len;
	CK_ULONG tag_len;
} t;

static struct p11_bytes sealed, got;

static int
setup(void **state)
{
	p11_seed();
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	return 0;
}

static int
cancel(void **state)
{
	(void)state;
	(void)p11->C_EncryptInit(session, NULL, 0);
	(void)p11->C_DecryptInit(session, NULL, 0);
	if (p11_3 != NULL) {
		(void)p11_3->C_MessageEncryptFinal(session);
		(void)p11_3->C_MessageDecryptFinal(session);
	}
	return 0;
}

static void
draw(bool ccm, bool closed)
{
	t.value_len = 16 + 8 * p11_below(3);
	t.iv_len = ccm ? 7 + p11_below(7) : 12;
	t.aad_len = p11_below(sizeof(t.aad));
	t.len = p11_below(TEXT_MAX);
	t.tag_len = ccm ? 4 + 2 * p11_below(7) : 12 + p11_below(5);
	p11_fill(t.value, t.value_len);
	p11_fill(t.iv, t.iv_len);
	p11_fill(t.aad, t.aad_len);
	p11_fill(t.plain, t.len);
	t.key = p11_aes_key(session, t.value, t.value_len, closed);
}

/* OpenSSL's ciphertext and tag. */
static void
judge(const char *mode, struct p11_bytes *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	EVP_CIPHER *cipher;
	char name[32];
	bool ccm = strcmp(mode, "CCM") == 0;
	int n, rest = 0;

	(void)snprintf(name, sizeof(name), "AES-%lu-%s", 8 * t.value_len,
	    mode);
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	assert_int_equal(EVP_EncryptInit_ex2(ctx, cipher, NULL, NULL, NULL),
	    1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN,
	    (int)t.iv_len, NULL), 1);
	if (ccm)
		assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx,
		    EVP_CTRL_AEAD_SET_TAG, (int)t.tag_len, NULL), 1);
	assert_int_equal(EVP_EncryptInit_ex2(ctx, NULL, t.value, t.iv, NULL),
	    1);
	if (ccm)
		assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, NULL,
		    (int)t.len), 1);
	if (t.aad_len > 0)
		assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, t.aad,
		    (int)t.aad_len), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, out->data, &n, t.plain,
	    (int)t.len), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, out->data + n, &rest), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG,
	    (int)t.tag_len, out->data + t.len), 1);
	out->len = t.len + t.tag_len;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

static void
same(const struct p11_bytes *a, const void *b, CK_ULONG len)
{
	assert_int_equal(a->len, len);
	if (len > 0)
		assert_memory_equal(a->data, b, len);
}

static void
there_and_back(CK_MECHANISM *m)
{
	assert_ok(p11_crypt(session, P11_ENCRYPT, m, t.key, t.plain, t.len,
	    &got));
	same(&got, sealed.data, sealed.len);
	assert_ok(p11_crypt_parts(session, P11_ENCRYPT, m, t.key, t.plain,
	    t.len, &got));
	same(&got, sealed.data, sealed.len);
	assert_ok(p11_crypt(session, P11_DECRYPT, m, t.key, sealed.data,
	    sealed.len, &got));
	same(&got, t.plain, t.len);
	assert_ok(p11_crypt_parts(session, P11_DECRYPT, m, t.key, sealed.data,
	    sealed.len, &got));
	same(&got, t.plain, t.len);
}

/* Nothing of the text comes out, neither by parts. */
static void
forgery_gives_nothing(CK_MECHANISM *m)
{
	size_t at = p11_below(sealed.len);

	sealed.data[at] ^= 4;
	assert_rv(CKR_ENCRYPTED_DATA_INVALID, p11_crypt(session, P11_DECRYPT,
	    m, t.key, sealed.data, sealed.len, &got));
	assert_rv(CKR_ENCRYPTED_DATA_INVALID, p11_crypt_parts(session,
	    P11_DECRYPT, m, t.key, sealed.data, sealed.len, &got));
	assert_int_equal(got.len, 0);
	sealed.data[at] ^= 4;
	assert_rv_in(p11_crypt(session, P11_DECRYPT, m, t.key, sealed.data,
	    sealed.len - 1, &got), CKR_ENCRYPTED_DATA_INVALID,
	    CKR_ENCRYPTED_DATA_LEN_RANGE);
	assert_rv_in(p11_crypt(session, P11_DECRYPT, m, t.key, sealed.data,
	    sealed.len + 1, &got), CKR_ENCRYPTED_DATA_INVALID,
	    CKR_ENCRYPTED_DATA_LEN_RANGE);
}

static void
gcm_is_openssls(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		CK_GCM_PARAMS p = { t.iv, 12, i % 3 == 0 ? 0 : 96, t.aad, 0,
			0 };
		CK_MECHANISM m = { CKM_AES_GCM, &p, sizeof(p) };

		draw(false, i % 2 == 0);
		p.ulAADLen = t.aad_len;
		p.ulTagBits = 8 * t.tag_len;
		judge("GCM", &sealed);
		there_and_back(&m);
		forgery_gives_nothing(&m);
		p11_destroy(session, t.key);
	}
}

static void
ccm_is_openssls(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		CK_CCM_PARAMS p;
		CK_MECHANISM m = { CKM_AES_CCM, &p, sizeof(p) };

		draw(true, i % 2 == 0);
		p = (CK_CCM_PARAMS){ t.len, t.iv, t.iv_len, t.aad, t.aad_len,
			t.tag_len };
		judge("CCM", &sealed);
		there_and_back(&m);
		forgery_gives_nothing(&m);
		p11_destroy(session, t.key);
	}
}

static void
gmac_is_openssls(void **state)
{
	struct p11_bytes mac, want;
	CK_BYTE text[sizeof(t.aad)];
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		CK_MECHANISM m = { CKM_AES_GMAC, t.iv, 12 };

		draw(false, i % 2 == 0);
		t.len = 0;
		t.tag_len = 16;
		judge("GCM", &want);
		memcpy(text, t.aad, t.aad_len);
		p11_sign(session, &m, t.key, text, t.aad_len, &mac);
		same(&mac, want.data, 16);
		assert_ok(p11_verify(session, &m, t.key, text, t.aad_len,
		    &mac));
		mac.data[5] ^= 1;
		assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &m,
		    t.key, text, t.aad_len, &mac));
		p11_destroy(session, t.key);
	}
}

static void
judge_cmac(struct p11_bytes *out)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	char name[32];
	OSSL_PARAM params[2];
	size_t len;

	(void)snprintf(name, sizeof(name), "AES-%lu-CBC", 8 * t.value_len);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER,
	    name, 0);
	params[1] = OSSL_PARAM_construct_end();
	assert_int_equal(EVP_MAC_init(ctx, t.value, t.value_len, params), 1);
	assert_int_equal(EVP_MAC_update(ctx, t.plain, t.len), 1);
	assert_int_equal(EVP_MAC_final(ctx, out->data, &len, 16), 1);
	out->len = len;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

static void
cmac_is_openssls(void **state)
{
	CK_MECHANISM whole = { CKM_AES_CMAC, NULL, 0 };
	struct p11_bytes mac, want;
	int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		CK_MAC_GENERAL_PARAMS len = 1 + p11_below(16);
		CK_MECHANISM part = { CKM_AES_CMAC_GENERAL, &len,
			sizeof(len) };

		draw(false, i % 2 == 0);
		judge_cmac(&want);
		p11_sign(session, &whole, t.key, t.plain, t.len, &mac);
		same(&mac, want.data, 16);
		p11_sign(session, &part, t.key, t.plain, t.len, &mac);
		same(&mac, want.data, len);
		assert_ok(p11_verify(session, &part, t.key, t.plain, t.len,
		    &mac));
		mac.data[len - 1] ^= 0x80;
		assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &part,
		    t.key, t.plain, t.len, &mac));
		p11_destroy(session, t.key);
	}
}

/* The series on one key: nonces made here, texts taken back by OpenSSL's
 * answer and by the module, in one call and in parts. */
static void
messages_of_gcm(void **state)
{
	CK_MECHANISM m = { CKM_AES_GCM, NULL, 0 };
	CK_BYTE iv[12] = { 1, 2, 3, 4 }, tag[16], before[12] = { 0 };
	CK_GCM_MESSAGE_PARAMS p = { iv, 12, 32, CKG_GENERATE_COUNTER, tag,
		128 };
	CK_ULONG n, first;
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		draw(false, i % 2 == 0);
		t.tag_len = 16;
		assert_ok(p11_3->C_MessageEncryptInit(session, &m, t.key));
		n = sizeof(got.data);
		assert_ok(p11_3->C_EncryptMessage(session, &p, sizeof(p),
		    t.aad, t.aad_len, t.plain, t.len, got.data, &n));
		assert_int_equal(n, t.len);
		assert_memory_not_equal(iv, before, 12);
		memcpy(before, iv, 12);
		memcpy(t.iv, iv, 12);
		judge("GCM", &sealed);
		assert_memory_equal(tag, sealed.data + t.len, 16);
		if (t.len > 0)
			assert_memory_equal(got.data, sealed.data, t.len);
		assert_ok(p11_3->C_EncryptMessage(session, &p, sizeof(p),
		    NULL, 0, t.plain, 1, got.data, &n));
		assert_memory_not_equal(iv, before, 12);
		assert_ok(p11_3->C_MessageEncryptFinal(session));

		memcpy(iv, before, 12);
		memcpy(tag, sealed.data + t.len, 16);
		p.ivGenerator = CKG_NO_GENERATE;
		assert_ok(p11_3->C_MessageDecryptInit(session, &m, t.key));
		assert_ok(p11_3->C_DecryptMessageBegin(session, &p,
		    sizeof(p), t.aad, t.aad_len));
		first = t.len / 2;
		n = sizeof(got.data);
		assert_ok(p11_3->C_DecryptMessageNext(session, &p, sizeof(p),
		    sealed.data, first, got.data, &n, 0));
		assert_int_equal(n, 0);
		n = sizeof(got.data);
		assert_ok(p11_3->C_DecryptMessageNext(session, &p, sizeof(p),
		    sealed.data + first, t.len - first, got.data, &n,
		    CKF_END_OF_MESSAGE));
		got.len = n;
		same(&got, t.plain, t.len);
		tag[3] ^= 1;
		n = sizeof(got.data);
		assert_rv(CKR_AEAD_DECRYPT_FAILED,
		    p11_3->C_DecryptMessage(session, &p, sizeof(p), t.aad,
		    t.aad_len, sealed.data, t.len, got.data, &n));
		assert_ok(p11_3->C_MessageDecryptFinal(session));
		p.ivGenerator = CKG_GENERATE_COUNTER;
		p11_destroy(session, t.key);
	}
}

static void
messages_of_ccm(void **state)
{
	CK_MECHANISM m = { CKM_AES_CCM, NULL, 0 };
	CK_BYTE nonce[13] = { 0 }, tag[16];
	CK_CCM_MESSAGE_PARAMS p = { 0, nonce, 13, 0, CKG_GENERATE_RANDOM,
		tag, 16 };
	CK_ULONG n;
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		draw(true, i % 2 == 0);
		t.tag_len = 16;
		t.iv_len = 13;
		p.ulDataLen = t.len;
		assert_ok(p11_3->C_MessageEncryptInit(session, &m, t.key));
		n = sizeof(got.data);
		assert_ok(p11_3->C_EncryptMessage(session, &p, sizeof(p),
		    t.aad, t.aad_len, t.plain, t.len, got.data, &n));
		assert_int_equal(n, t.len);
		assert_ok(p11_3->C_MessageEncryptFinal(session));
		memcpy(t.iv, nonce, 13);
		judge("CCM", &sealed);
		assert_memory_equal(tag, sealed.data + t.len, 16);
		if (t.len > 0)
			assert_memory_equal(got.data, sealed.data, t.len);
		p.nonceGenerator = CKG_NO_GENERATE;
		assert_ok(p11_3->C_MessageDecryptInit(session, &m, t.key));
		n = sizeof(got.data);
		assert_ok(p11_3->C_DecryptMessage(session, &p, sizeof(p),
		    t.aad, t.aad_len, sealed.data, t.len, got.data, &n));
		got.len = n;
		same(&got, t.plain, t.len);
		assert_ok(p11_3->C_MessageDecryptFinal(session));
		p.nonceGenerator = CKG_GENERATE_RANDOM;
		p11_destroy(session, t.key);
	}
}

/* A derived key is what the base encrypts. */
static void
keys_are_derived(void **state)
{
	CK_BYTE text[48];
	CK_AES_CBC_ENCRYPT_DATA_PARAMS cbc;
	CK_KEY_DERIVATION_STRING_DATA ecb = { text, sizeof(text) };
	CK_MECHANISM by_cbc = { CKM_AES_CBC_ENCRYPT_DATA, &cbc, sizeof(cbc) };
	CK_MECHANISM by_ecb = { CKM_AES_ECB_ENCRYPT_DATA, &ecb, sizeof(ecb) };
	CK_MECHANISM enc_cbc = { CKM_AES_CBC, cbc.iv, 16 };
	CK_MECHANISM enc_ecb = { CKM_AES_ECB, NULL, 0 };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_NUM(CKA_VALUE_LEN, 32),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_OBJECT_HANDLE made;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		draw(false, i % 2 == 0);
		p11_fill(text, sizeof(text));
		p11_fill(cbc.iv, sizeof(cbc.iv));
		cbc.pData = text;
		cbc.length = sizeof(text);
		assert_ok(p11_crypt(session, P11_ENCRYPT, i < 2 ? &enc_cbc :
		    &enc_ecb, t.key, text, sizeof(text), &sealed));
		assert_ok(p11->C_DeriveKey(session, i < 2 ? &by_cbc : &by_ecb,
		    t.key, template, P11_COUNT(template), &made));
		p11_assert_attr(session, made, CKA_VALUE, sealed.data, 32);
		p11_destroy(session, made);
		p11_destroy(session, t.key);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, cancel)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gcm_is_openssls),
		TEST(ccm_is_openssls),
		TEST(gmac_is_openssls),
		TEST(cmac_is_openssls),
		TEST(messages_of_gcm),
		TEST(messages_of_ccm),
		TEST(keys_are_derived),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
