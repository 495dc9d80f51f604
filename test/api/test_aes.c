/* SPDX-License-Identifier: BSD-2-Clause */
/* AES keys of every kind in the modes of SP 800-38A, with OpenSSL as judge. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11_aes.h"
#include "p11_ossl.h"

static CK_SESSION_HANDLE session;

static const struct mode {
	CK_MECHANISM_TYPE type;
	const char *name;	/* OpenSSL's, after the size */
	bool whole;		/* blocks only */
	bool pads;
} modes[] = {
	{ CKM_AES_ECB, "ECB", true, false },
	{ CKM_AES_CBC, "CBC", true, false },
	{ CKM_AES_CBC_PAD, "CBC", false, true },
	{ CKM_AES_CTR, "CTR", false, false },
	{ CKM_AES_CFB128, "CFB", false, false },
	{ CKM_AES_CFB8, "CFB8", false, false },
	{ CKM_AES_OFB, "OFB", false, false },
	{ CKM_AES_CTS, "CBC-CTS", false, false },
};

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
	return 0;
}

static void
judge(const struct mode *mode, const CK_BYTE *value, CK_ULONG len,
    CK_BYTE *iv, const CK_BYTE *in, size_t n, struct p11_bytes *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	EVP_CIPHER *cipher;
	char name[32];
	int some, rest;

	(void)snprintf(name, sizeof(name), "AES-%lu-%s", 8 * len, mode->name);
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	assert_non_null(cipher);
	assert_int_equal(EVP_EncryptInit_ex2(ctx, cipher, value, iv, NULL),
	    1);
	assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, mode->pads), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, out->data, &some, in,
	    (int)n), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, out->data + some, &rest),
	    1);
	out->len = (CK_ULONG)(some + rest);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

static CK_MECHANISM
mechanism(const struct mode *mode, CK_BYTE iv[16], CK_AES_CTR_PARAMS *ctr)
{
	if (mode->type == CKM_AES_ECB)
		return (CK_MECHANISM){ mode->type, NULL, 0 };
	if (mode->type != CKM_AES_CTR)
		return (CK_MECHANISM){ mode->type, iv, 16 };
	ctr->ulCounterBits = 128;
	memcpy(ctr->cb, iv, 16);
	return (CK_MECHANISM){ mode->type, ctr, sizeof(*ctr) };
}

static void
same(const struct p11_bytes *a, const void *b, CK_ULONG len)
{
	assert_int_equal(a->len, len);
	if (len > 0)
		assert_memory_equal(a->data, b, len);
}

static void
there_and_back(const struct mode *mode, const CK_BYTE *value, CK_ULONG len,
    CK_OBJECT_HANDLE key)
{
	static struct p11_bytes want, got;
	static CK_BYTE text[2500];
	CK_BYTE iv[16];
	CK_AES_CTR_PARAMS ctr;
	CK_MECHANISM m;
	size_t n = 16 + p11_below(sizeof(text) - 16);

	/* CFB8 is a command for each byte */
	if (mode->type == CKM_AES_CFB8)
		n = 1 + p11_below(60);
	if (mode->whole)
		n = n / 16 * 16;
	p11_fill(text, n);
	p11_fill(iv, sizeof(iv));
	iv[0] &= 0x7f;
	m = mechanism(mode, iv, &ctr);
	judge(mode, value, len, iv, text, n, &want);
	assert_ok(p11_crypt(session, P11_ENCRYPT, &m, key, text, n, &got));
	same(&got, want.data, want.len);
	assert_ok(p11_crypt_parts(session, P11_ENCRYPT, &m, key, text, n,
	    &got));
	same(&got, want.data, want.len);
	assert_ok(p11_crypt(session, P11_DECRYPT, &m, key, want.data,
	    want.len, &got));
	same(&got, text, n);
	assert_ok(p11_crypt_parts(session, P11_DECRYPT, &m, key, want.data,
	    want.len, &got));
	same(&got, text, n);
}

/* Keys that are created, as closed ones in the TPM, and readable ones. */
static void
every_mode_is_openssls(void **state)
{
	CK_BYTE value[32];
	CK_OBJECT_HANDLE key;
	size_t i, round;

	(void)state;
	for (round = 0; round < 6; round++) {
		CK_ULONG len = 16 + 8 * (CK_ULONG)(round / 2);

		p11_fill(value, len);
		key = p11_aes_key(session, value, len, round % 2 == 0);
		for (i = 0; i < P11_COUNT(modes); i++)
			there_and_back(&modes[i], value, len, key);
		p11_destroy(session, key);
	}
}

/* What was made in the TPM is used there, and after a reload of its object. */
static void
made_keys_work_in_every_mode(void **state)
{
	static struct p11_bytes sealed, got;
	CK_BYTE text[480], iv[16] = { 7 };
	CK_OBJECT_HANDLE key;
	size_t i, round;

	(void)state;
	p11_fill(text, sizeof(text));
	for (round = 0; round < 4; round++) {
		key = p11_aes_made(session, round & 1 ? 16 : 32, true,
		    (round & 2) != 0, "made");
		for (i = 0; i < P11_COUNT(modes); i++) {
			CK_ULONG n = modes[i].type == CKM_AES_CFB8 ? 20 :
			    sizeof(text) - (modes[i].whole ? 0 : 5);
			CK_AES_CTR_PARAMS ctr;
			CK_MECHANISM m = mechanism(&modes[i], iv, &ctr);

			assert_ok(p11_crypt_parts(session, P11_ENCRYPT, &m,
			    key, text, n, &sealed));
			assert_memory_not_equal(sealed.data, text, 16);
			assert_ok(p11_crypt(session, P11_DECRYPT, &m, key,
			    sealed.data, sealed.len, &got));
			same(&got, text, n);
		}
		p11_destroy(session, key);
	}
}

static void
made_keys_tell_the_truth(void **state)
{
	CK_OBJECT_HANDLE key = p11_aes_made(session, 32, true, true, "truth");

	(void)state;
	assert_int_equal(p11_get_num(session, key, CKA_KEY_TYPE), CKK_AES);
	assert_int_equal(p11_get_num(session, key, CKA_VALUE_LEN), 32);
	assert_int_equal(p11_get_num(session, key, CKA_KEY_GEN_MECHANISM),
	    CKM_AES_KEY_GEN);
	assert_true(p11_get_bool(session, key, CKA_LOCAL));
	assert_true(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE));
	assert_true(p11_get_bool(session, key, CKA_NEVER_EXTRACTABLE));
	assert_rv(CKR_ATTRIBUTE_SENSITIVE, p11_get_rv(session, key,
	    CKA_VALUE));
	p11_assert_attr(session, key, CKA_CHECK_VALUE, "", 0);
	p11_destroy(session, key);

	/* one that may leave is a value, and tells that it is */
	key = p11_aes_made(session, 16, false, false, "open");
	assert_false(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_NEVER_EXTRACTABLE));
	assert_ok(p11_get_rv(session, key, CKA_VALUE));
	p11_destroy(session, key);
}

static void
templates_need_a_length_that_there_is(void **state)
{
	static const struct {
		CK_ULONG len;
		CK_RV rv;
	} cases[] = { { 0, CKR_ATTRIBUTE_VALUE_INVALID },
		{ 15, CKR_ATTRIBUTE_VALUE_INVALID },
		{ 33, CKR_ATTRIBUTE_VALUE_INVALID },
		{ 128, CKR_ATTRIBUTE_VALUE_INVALID } };
	CK_MECHANISM m = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_BBOOL yes = CK_TRUE;
	CK_ULONG sixteen = 16;
	CK_ATTRIBUTE whole = { CKA_VALUE_LEN, &sixteen, sizeof(sixteen) };
	CK_ATTRIBUTE closed = { CKA_SENSITIVE, &yes, sizeof(yes) };
	CK_OBJECT_HANDLE key;
	size_t i;

	(void)state;
	assert_rv(CKR_TEMPLATE_INCOMPLETE, p11->C_GenerateKey(session, &m,
	    &closed, 1, &key));
	for (i = 0; i < P11_COUNT(cases); i++) {
		CK_ULONG len = cases[i].len;
		CK_ATTRIBUTE t = { CKA_VALUE_LEN, &len, sizeof(len) };

		assert_rv(cases[i].rv, p11->C_GenerateKey(session, &m, &t, 1,
		    &key));
	}
	m.ulParameterLen = 1;
	m.pParameter = &yes;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_GenerateKey(session,
	    &m, &whole, 1, &key));
}

/* Eight keys in the TPM, which has room for three, each in the middle of a
 * text. */
static void
many_keys_are_under_way_at_once(void **state)
{
	enum { KEYS = 8 };
	static struct p11_bytes want[KEYS], got[KEYS];
	static CK_BYTE text[KEYS][400];
	CK_SESSION_HANDLE sessions[KEYS];
	CK_BYTE value[KEYS][16], iv[16] = { 3 };
	CK_MECHANISM m = { CKM_AES_CBC, iv, 16 };
	CK_ULONG n;
	size_t i, at;

	(void)state;
	for (i = 0; i < KEYS; i++) {
		CK_OBJECT_HANDLE key;

		sessions[i] = p11_open_rw();
		p11_fill(value[i], 16);
		p11_fill(text[i], sizeof(text[i]));
		key = p11_aes_key(sessions[i], value[i], 16, true);
		judge(&modes[1], value[i], 16, iv, text[i], sizeof(text[i]),
		    &want[i]);
		got[i].len = 0;
		assert_ok(p11->C_EncryptInit(sessions[i], &m, key));
	}
	for (at = 0; at < sizeof(text[0]); at += 40)
		for (i = 0; i < KEYS; i++) {
			n = 64;
			assert_ok(p11->C_EncryptUpdate(sessions[i],
			    text[i] + at, 40, got[i].data + got[i].len, &n));
			got[i].len += n;
		}
	for (i = 0; i < KEYS; i++) {
		n = 16;
		assert_ok(p11->C_EncryptFinal(sessions[i], got[i].data +
		    got[i].len, &n));
		assert_int_equal(n, 0);
		same(&got[i], want[i].data, want[i].len);
		assert_ok(p11->C_CloseSession(sessions[i]));
	}
}

static void
what_is_wrong_is_told(void **state)
{
	static struct p11_bytes sealed, got;
	CK_BYTE iv[16] = { 1 }, text[40] = { 2 };
	CK_MECHANISM cbc = { CKM_AES_CBC, iv, 16 };
	CK_MECHANISM pad = { CKM_AES_CBC_PAD, iv, 16 };
	CK_OBJECT_HANDLE keys[2];
	CK_BYTE value[16] = { 5 };
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		CK_OBJECT_HANDLE key;

		keys[i] = key = p11_aes_key(session, value, 16, i == 0);
		assert_rv(CKR_DATA_LEN_RANGE, p11_crypt(session, P11_ENCRYPT,
		    &cbc, key, text, 40, &got));
		assert_rv(CKR_ENCRYPTED_DATA_LEN_RANGE, p11_crypt(session,
		    P11_DECRYPT, &cbc, key, text, 31, &got));
		assert_rv(CKR_ENCRYPTED_DATA_LEN_RANGE, p11_crypt_parts(
		    session, P11_DECRYPT, &pad, key, text, 31, &got));
		assert_ok(p11_crypt(session, P11_ENCRYPT, &pad, key, text, 40,
		    &sealed));
		assert_int_equal(sealed.len, 48);
		assert_rv(CKR_ENCRYPTED_DATA_LEN_RANGE, p11_crypt(session,
		    P11_DECRYPT, &pad, key, sealed.data, 47, &got));
		/* a text that ends before its padding */
		assert_rv(CKR_ENCRYPTED_DATA_INVALID, p11_crypt(session,
		    P11_DECRYPT, &pad, key, sealed.data, 32, &got));
		cbc.ulParameterLen = 15;
		assert_rv(CKR_MECHANISM_PARAM_INVALID,
		    p11->C_EncryptInit(session, &cbc, key));
		cbc.ulParameterLen = 16;
		assert_rv(CKR_MECHANISM_INVALID,
		    p11->C_SignInit(session, &cbc, key));
	}
	p11_destroy(session, keys[0]);
	p11_destroy(session, keys[1]);
}

#define TEST(f) cmocka_unit_test_teardown(f, cancel)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_mode_is_openssls),
		TEST(made_keys_work_in_every_mode),
		TEST(made_keys_tell_the_truth),
		TEST(templates_need_a_length_that_there_is),
		TEST(many_keys_are_under_way_at_once),
		TEST(what_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
