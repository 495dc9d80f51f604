/* SPDX-License-Identifier: BSD-2-Clause */
/* RSA encryption: by the module and by OpenSSL, decrypted in the TPM. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/rsa.h>

#define LEN 256			/* bytes of the modulus */

static struct p11_pair pair;
static EVP_PKEY *ossl;
static CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
static CK_MECHANISM x509 = { CKM_RSA_X_509, NULL, 0 };
static CK_SESSION_HANDLE session;

static const struct hash {
	CK_MECHANISM_TYPE type;
	CK_RSA_PKCS_MGF_TYPE mgf;
	const char *md;
} hashes[] = {
	{ CKM_SHA_1, CKG_MGF1_SHA1, "SHA1" },
	{ CKM_SHA224, CKG_MGF1_SHA224, "SHA224" },
	{ CKM_SHA256, CKG_MGF1_SHA256, "SHA256" },
	{ CKM_SHA384, CKG_MGF1_SHA384, "SHA384" },
	{ CKM_SHA512, CKG_MGF1_SHA512, "SHA512" },
	{ CKM_SHA3_256, CKG_MGF1_SHA3_256, "SHA3-256" },
};

static int
setup(void **state)
{
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	pair = p11_rsa_pair(session, 8 * LEN, true, "cipher");
	ossl = ossl_rsa_of(session, pair.public);
	return 0;
}

static int
teardown(void **state)
{
	EVP_PKEY_free(ossl);
	return p11_teardown(state);
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
encrypt(CK_MECHANISM *m, const void *in, CK_ULONG len, struct p11_bytes *out)
{
	assert_ok(p11->C_EncryptInit(session, m, pair.public));
	out->len = sizeof(out->data);
	assert_ok(p11->C_Encrypt(session, p11_in(in), len, out->data,
	    &out->len));
	assert_int_equal(out->len, LEN);
}

static CK_RV
decrypt(CK_MECHANISM *m, const struct p11_bytes *in, struct p11_bytes *out)
{
	assert_ok(p11->C_DecryptInit(session, m, pair.private));
	out->len = sizeof(out->data);
	return p11->C_Decrypt(session, p11_in(in->data), in->len, out->data,
	    &out->len);
}

static void
decrypts_to(CK_MECHANISM *m, const struct p11_bytes *in, const void *plain,
    CK_ULONG len)
{
	struct p11_bytes out;

	assert_ok(decrypt(m, in, &out));
	assert_int_equal(out.len, len);
	if (len != 0)
		assert_memory_equal(out.data, plain, len);
}

static void
pkcs_of_every_length(void **state)
{
	struct p11_bytes cipher;
	CK_BYTE plain[LEN];
	CK_ULONG len;
	size_t n;

	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ossl, NULL);

	(void)state;
	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	ossl_random(plain, sizeof(plain));
	for (len = 0; len <= LEN - 11; len += 35) {
		encrypt(&pkcs, plain, len, &cipher);
		decrypts_to(&pkcs, &cipher, plain, len);
		n = sizeof(cipher.data);
		assert_int_equal(EVP_PKEY_encrypt(ctx, cipher.data, &n, plain,
		    len), 1);
		cipher.len = n;
		decrypts_to(&pkcs, &cipher, plain, len);
	}
	EVP_PKEY_CTX_free(ctx);
	assert_ok(p11->C_EncryptInit(session, &pkcs, pair.public));
	assert_rv(CKR_DATA_LEN_RANGE, p11->C_Encrypt(session, plain, LEN - 10,
	    cipher.data, &cipher.len));
}

/* With openssl's own parameters, so that both sides are compared. */
static void
ossl_oaep(const struct hash *h, const struct hash *mgf, const char *label,
    const void *plain, size_t len, struct p11_bytes *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ossl, NULL);
	size_t n = sizeof(out->data);
	void *copy;

	assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_OAEP_PADDING), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(ctx,
	    EVP_get_digestbyname(h->md)), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx,
	    EVP_get_digestbyname(mgf->md)), 1);
	if (label != NULL) {
		copy = OPENSSL_strdup(label);
		assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, copy,
		    (int)strlen(label)), 1);
	}
	assert_int_equal(EVP_PKEY_encrypt(ctx, out->data, &n, plain, len), 1);
	out->len = n;
	EVP_PKEY_CTX_free(ctx);
}

static void
oaep_with(const struct hash *h, const struct hash *mgf, const char *label)
{
	CK_RSA_PKCS_OAEP_PARAMS params = { h->type, mgf->mgf,
		CKZ_DATA_SPECIFIED, label == NULL ? NULL : p11_in(label),
		label == NULL ? 0 : strlen(label) };
	CK_MECHANISM m = { CKM_RSA_PKCS_OAEP, &params, sizeof(params) };
	CK_ULONG max = LEN - 2 - 2 * (CK_ULONG)EVP_MD_get_size(
	    EVP_get_digestbyname(h->md));
	struct p11_bytes cipher, out;
	CK_BYTE plain[LEN];

	ossl_random(plain, sizeof(plain));
	ossl_oaep(h, mgf, label, plain, max, &cipher);
	decrypts_to(&m, &cipher, plain, max);
	encrypt(&m, plain, 20, &cipher);
	decrypts_to(&m, &cipher, plain, 20);
	encrypt(&m, plain, 0, &cipher);
	decrypts_to(&m, &cipher, plain, 0);
	cipher.data[LEN / 2] ^= 1;
	assert_rv(CKR_ENCRYPTED_DATA_INVALID, decrypt(&m, &cipher, &out));
	assert_ok(p11->C_EncryptInit(session, &m, pair.public));
	assert_rv(CKR_DATA_LEN_RANGE, p11->C_Encrypt(session, plain, max + 1,
	    cipher.data, &cipher.len));
}

static void
oaep_of_every_hash_mgf_and_label(void **state)
{
	const struct hash *h;

	(void)state;
	for (h = hashes; h < hashes + P11_COUNT(hashes); h++) {
		oaep_with(h, h, NULL);
		oaep_with(h, h, "a label");
		oaep_with(h, &hashes[0], NULL);
		oaep_with(h, &hashes[2], "another");
	}
}

static void
oaep_with_another_label_is_refused(void **state)
{
	CK_RSA_PKCS_OAEP_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256,
		CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_MECHANISM m = { CKM_RSA_PKCS_OAEP, &params, sizeof(params) };
	struct p11_bytes cipher, out;

	(void)state;
	ossl_oaep(&hashes[2], &hashes[2], "this", "secret", 6, &cipher);
	assert_rv(CKR_ENCRYPTED_DATA_INVALID, decrypt(&m, &cipher, &out));
	params.pSourceData = p11_in("that");
	params.ulSourceDataLen = 4;
	assert_rv(CKR_ENCRYPTED_DATA_INVALID, decrypt(&m, &cipher, &out));
	params.pSourceData = p11_in("this");
	decrypts_to(&m, &cipher, "secret", 6);
	params.hashAlg = CKM_SHA_1;
	assert_rv(CKR_ENCRYPTED_DATA_INVALID, decrypt(&m, &cipher, &out));
}

static void
oaep_parameters_are_checked(void **state)
{
	CK_RSA_PKCS_OAEP_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256,
		CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_MECHANISM m = { CKM_RSA_PKCS_OAEP, &params, sizeof(params) };

	(void)state;
	m.ulParameterLen--;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_DecryptInit(session, &m, pair.private));
	m.ulParameterLen++;
	params.hashAlg = CKM_RSA_PKCS;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_DecryptInit(session, &m, pair.private));
	params.hashAlg = CKM_SHA256;
	params.mgf = 0;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_DecryptInit(session, &m, pair.private));
	params.mgf = CKG_MGF1_SHA256;
	params.ulSourceDataLen = 5;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_DecryptInit(session, &m, pair.private));
	m.pParameter = NULL;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_DecryptInit(session, &m, pair.private));
	/* no source at all is what many programs send */
	params.source = 0;
	params.ulSourceDataLen = 0;
	m.pParameter = &params;
	assert_ok(p11->C_DecryptInit(session, &m, pair.private));
}

static void
x509_is_the_bare_operation(void **state)
{
	struct p11_bytes cipher, out;
	CK_BYTE plain[LEN];

	(void)state;
	ossl_random(plain, sizeof(plain));
	plain[0] = 0;
	encrypt(&x509, plain, sizeof(plain), &cipher);
	decrypts_to(&x509, &cipher, plain, sizeof(plain));
	memset(cipher.data, 0xff, LEN);
	assert_rv(CKR_ENCRYPTED_DATA_INVALID, decrypt(&x509, &cipher, &out));
	cipher.len--;
	assert_rv(CKR_ENCRYPTED_DATA_LEN_RANGE,
	    decrypt(&x509, &cipher, &out));
}

/*
 * Implicit rejection: a padding that is none gives a message that is none,
 * the same each time, and no code to tell the two apart.
 */
static void
bad_padding_is_not_told(void **state)
{
	struct p11_bytes cipher, one, two;
	CK_BYTE block[LEN];
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		ossl_random(block, sizeof(block));
		block[0] = 0;
		block[1] = i % 2 == 0 ? 1 : 2;
		if (i % 2 == 1)
			block[5] = 0;	/* too early */
		encrypt(&x509, block, sizeof(block), &cipher);
		assert_ok(decrypt(&pkcs, &cipher, &one));
		assert_ok(decrypt(&pkcs, &cipher, &two));
		assert_in_range(one.len, 0, LEN - 11);
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.data, two.data, one.len);
		/* nothing of the block is in it */
		if (one.len >= 8)
			assert_memory_not_equal(one.data,
			    block + LEN - one.len, one.len);
	}
}

static void
rejected_messages_have_all_lengths(void **state)
{
	struct p11_bytes cipher, out;
	CK_BYTE block[LEN];
	CK_ULONG min = LEN, max = 0;
	int i;

	(void)state;
	for (i = 0; i < 30; i++) {
		ossl_random(block, sizeof(block));
		block[0] = 0;
		block[1] = 9;
		encrypt(&x509, block, sizeof(block), &cipher);
		assert_ok(decrypt(&pkcs, &cipher, &out));
		if (out.len < min)
			min = out.len;
		if (out.len > max)
			max = out.len;
	}
	assert_true(max > 128 && min < 128);
}

static void
lengths_that_are_public_are_told(void **state)
{
	struct p11_bytes cipher, out;

	(void)state;
	encrypt(&pkcs, "x", 1, &cipher);
	cipher.len = LEN - 1;
	assert_rv(CKR_ENCRYPTED_DATA_LEN_RANGE, decrypt(&pkcs, &cipher, &out));
	cipher.len = LEN + 1;
	assert_rv(CKR_ENCRYPTED_DATA_LEN_RANGE, decrypt(&pkcs, &cipher, &out));
	cipher.len = 0;
	assert_rv(CKR_ENCRYPTED_DATA_LEN_RANGE, decrypt(&pkcs, &cipher, &out));
	cipher.len = LEN;
	memset(cipher.data, 0xff, LEN);
	assert_rv_in(decrypt(&pkcs, &cipher, &out), CKR_ENCRYPTED_DATA_INVALID,
	    CKR_OK);
}

static void
size_queries_keep_the_operation(void **state)
{
	struct p11_bytes cipher, out;
	CK_ULONG len = 0;
	CK_RV rv;

	(void)state;
	assert_ok(p11->C_EncryptInit(session, &pkcs, pair.public));
	assert_ok(p11->C_Encrypt(session, p11_in("text"), 4, NULL, &len));
	assert_int_equal(len, LEN);
	len = LEN - 1;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11->C_Encrypt(session,
	    p11_in("text"), 4, cipher.data, &len));
	assert_int_equal(len, LEN);
	assert_ok(p11->C_Encrypt(session, p11_in("text"), 4, cipher.data,
	    &len));
	cipher.len = len;
	assert_ok(p11->C_DecryptInit(session, &pkcs, pair.private));
	assert_ok(p11->C_Decrypt(session, cipher.data, LEN, NULL, &len));
	assert_in_range(len, 4, LEN);	/* may be more than it will be */
	len = 3;
	memset(out.data, 0x5a, sizeof(out.data));
	rv = p11->C_Decrypt(session, cipher.data, LEN, out.data, &len);
	assert_rv(CKR_BUFFER_TOO_SMALL, rv);
	assert_int_equal(out.data[3], 0x5a);
	assert_in_range(len, 4, LEN);
	/* a buffer of exactly the plaintext is enough */
	len = 4;
	assert_ok(p11->C_Decrypt(session, cipher.data, LEN, out.data, &len));
	assert_int_equal(len, 4);
	assert_memory_equal(out.data, "text", 4);
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_Decrypt(session,
	    cipher.data, LEN, out.data, &len));
}

#define TEST(f) cmocka_unit_test_teardown(f, cancel)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pkcs_of_every_length),
		TEST(oaep_of_every_hash_mgf_and_label),
		TEST(oaep_with_another_label_is_refused),
		TEST(oaep_parameters_are_checked),
		TEST(x509_is_the_bare_operation),
		TEST(bad_padding_is_not_told),
		TEST(rejected_messages_have_all_lengths),
		TEST(lengths_that_are_public_are_told),
		TEST(size_queries_keep_the_operation),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
