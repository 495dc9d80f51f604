/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C_WrapKey and C_UnwrapKey by AES keys, in the TPM and known ones, which give
 * the same bytes: each mechanism with secrets and private keys.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include "p11_wrap.h"

static CK_BYTE iv[16] = "an IV of sixteen";
static CK_GCM_PARAMS gcm = { iv, 12, 96, iv, 16, 128 };
static CK_CCM_PARAMS ccm = { 0, iv, 12, iv, 16, 16 };

#define P(params) (void *)&(params), sizeof(params)

/* How many zeros the mechanism adds behind a key, at most. */
static struct {
	const char *name;
	CK_MECHANISM m;
	CK_ULONG block;
	bool authentic;		/* one that sees a changed bit */
} cases[] = {
	{ "ECB", { CKM_AES_ECB, NULL, 0 }, 16, false },
	{ "CBC", { CKM_AES_CBC, P(iv) }, 16, false },
	{ "CBC_PAD", { CKM_AES_CBC_PAD, P(iv) }, 1, false },
	{ "GCM", { CKM_AES_GCM, P(gcm) }, 1, true },
	{ "CCM", { CKM_AES_CCM, P(ccm) }, 1, true },
	{ "KEY_WRAP", { CKM_AES_KEY_WRAP, NULL, 0 }, 8, true },
	{ "KEY_WRAP_PAD", { CKM_AES_KEY_WRAP_PAD, NULL, 0 }, 1, true },
	{ "KEY_WRAP_KWP", { CKM_AES_KEY_WRAP_KWP, NULL, 0 }, 1, true },
	{ "KEY_WRAP_PKCS7", { CKM_AES_KEY_WRAP_PKCS7, NULL, 0 }, 1, true },
};

static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE inside, known;
static struct p11_bytes wrapped, twin;
static EVP_PKEY *rsa, *ec;

/* The same value in the TPM, and where it can be read. */
static CK_OBJECT_HANDLE
wrapping_key(bool closed)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_STR(CKA_VALUE, "a key of sixteen"),
		P11_BOOL(CKA_WRAP, 1), P11_BOOL(CKA_UNWRAP, 1),
		P11_BOOL(CKA_SENSITIVE, closed),
		P11_BOOL(CKA_EXTRACTABLE, !closed),
	};

	return p11_create(session, template, P11_COUNT(template));
}

static int
setup(void **state)
{
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	inside = wrapping_key(true);
	known = wrapping_key(false);
	rsa = EVP_RSA_gen(2048);
	ec = ossl_ec_new(NID_X9_62_prime256v1);
	return 0;
}

static int
teardown(void **state)
{
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	assert_ok(p11->C_CloseSession(session));
	return p11_teardown(state);
}

/* Wrapped by both keys alike. */
static CK_OBJECT_HANDLE
wrap_by_both(size_t i, CK_KEY_TYPE type, const void *value, CK_ULONG len)
{
	CK_OBJECT_HANDLE key = wrap_secret(session, type, value, len);

	ccm.ulDataLen = len;
	wrap(session, &cases[i].m, inside, key, &wrapped);
	wrap(session, &cases[i].m, known, key, &twin);
	assert_int_equal(wrapped.len, twin.len);
	assert_memory_equal(wrapped.data, twin.data, twin.len);
	return key;
}

static void
comes_back(size_t i, CK_KEY_TYPE type, CK_ULONG len)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(type),
		P11_NUM(CKA_VALUE_LEN, len) };
	CK_BYTE value[64];
	CK_OBJECT_HANDLE key, back;

	ossl_random(value, len);
	key = wrap_by_both(i, type, value, len);
	assert_ok(unwrap(session, &cases[i].m, len % 2 ? inside : known,
	    &wrapped, template, 5, &back));
	p11_assert_attr(session, back, CKA_VALUE, value, len);
	p11_destroy(session, back);
	/* a length that is not told is that of the mechanism's output */
	if (len % cases[i].block == 0) {
		assert_ok(unwrap(session, &cases[i].m, inside, &wrapped,
		    template, 4, &back));
		p11_assert_attr(session, back, CKA_VALUE, value, len);
		p11_destroy(session, back);
	}
	p11_destroy(session, key);
}

static void
each_mechanism_brings_each_secret_back(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(cases); i++) {
		comes_back(i, CKK_AES, 16);
		comes_back(i, CKK_AES, 24);
		comes_back(i, CKK_AES, 32);
		comes_back(i, CKK_SHA256_HMAC, 33);
		comes_back(i, CKK_GENERIC_SECRET, 64);
		comes_back(i, CKK_GENERIC_SECRET, 17);
	}
	printf("%zu mechanisms, 6 kinds of secret, 2 keys\n",
	    P11_COUNT(cases));
}

/* A PrivateKeyInfo that was wrapped as any secret comes in as its key. */
static void
private_key_comes_in(size_t i, EVP_PKEY *far, CK_KEY_TYPE type)
{
	CK_MECHANISM m = { type == CKK_RSA ? CKM_SHA256_RSA_PKCS :
	    CKM_ECDSA_SHA256, NULL, 0 };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_NUM(CKA_KEY_TYPE, type),
		P11_BOOL(CKA_SIGN, 1),
	};
	struct p11_bytes der = ossl_pkcs8(far), hash, signature;
	EVP_MD_CTX *ctx;
	CK_OBJECT_HANDLE key, back;

	key = wrap_by_both(i, CKK_GENERIC_SECRET, der.data, der.len);
	assert_ok(unwrap(session, &cases[i].m, inside, &wrapped, template, 3,
	    &back));
	p11_sign(session, &m, back, "text", 4, &signature);
	if (type == CKK_EC) {
		hash = ossl_digest("SHA256", "text", 4);
		assert_true(ossl_ecdsa_ok(far, hash.data, hash.len,
		    &signature));
	} else {
		ctx = EVP_MD_CTX_new();
		assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(),
		    NULL, far), 1);
		assert_int_equal(EVP_DigestVerify(ctx, signature.data,
		    signature.len, (const CK_BYTE *)"text", 4), 1);
		EVP_MD_CTX_free(ctx);
	}
	assert_false(p11_get_bool(session, back, CKA_EXTRACTABLE));
	p11_destroy(session, back);
	p11_destroy(session, key);
}

static void
private_keys_come_in(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(cases); i++) {
		private_key_comes_in(i, rsa, CKK_RSA);
		private_key_comes_in(i, ec, CKK_EC);
	}
}

static CK_RV
bad(size_t i)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_AES),
		P11_NUM(CKA_VALUE_LEN, 16) };
	CK_ULONG before = p11_count(session, NULL, 0);
	CK_OBJECT_HANDLE key = 77;
	CK_RV rv = unwrap(session, &cases[i].m, inside, &wrapped, template, 5,
	    &key);

	if (rv == CKR_OK)
		p11_destroy(session, key);
	else
		assert_int_equal(key, 77);
	assert_int_equal(p11_count(session, NULL, 0), before);
	return rv;
}

static void
what_is_no_wrapped_key_is_refused(void **state)
{
	CK_OBJECT_HANDLE key;
	CK_ULONG at, len;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(cases); i++) {
		key = wrap_by_both(i, CKK_AES, "0123456789abcdef", 16);
		for (at = 0; at < wrapped.len && cases[i].authentic; at += 3) {
			wrapped.data[at] ^= 4;
			assert_rv(CKR_WRAPPED_KEY_INVALID, bad(i));
			wrapped.data[at] ^= 4;
		}
		len = wrapped.len;
		for (wrapped.len = 0; wrapped.len < len; wrapped.len++)
			assert_rv_in(bad(i), CKR_WRAPPED_KEY_LEN_RANGE,
			    CKR_WRAPPED_KEY_INVALID);
		wrapped.len = len + 1;
		assert_rv_in(bad(i), CKR_WRAPPED_KEY_LEN_RANGE,
		    CKR_WRAPPED_KEY_INVALID);
		p11_destroy(session, key);
	}
}

static void
no_key_wraps_itself_out_of_the_tpm(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(cases); i++)
		assert_rv(CKR_KEY_UNEXTRACTABLE, wrap_rv(session,
		    &cases[i].m, known, inside));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mechanism_brings_each_secret_back),
		cmocka_unit_test(private_keys_come_in),
		cmocka_unit_test(what_is_no_wrapped_key_is_refused),
		cmocka_unit_test(no_key_wraps_itself_out_of_the_tpm),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
