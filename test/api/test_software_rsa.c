/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSA keys in software, of a size that the TPM lacks (see test_software.c),
 * judged by OpenSSL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#define ALLOW "software_keys: allow\n"
#define DENY ""

static char dir[] = "/tmp/p11-software.XXXXXX";
static char file[64];

static void
configure(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static CK_SESSION_HANDLE
begin(void)
{
	CK_SESSION_HANDLE session;

	assert_ok(p11->C_Initialize(NULL));
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	return session;
}

/* The module once more, under another configuration. */
static CK_SESSION_HANDLE
restart(const char *text)
{
	assert_ok(p11->C_Finalize(NULL));
	configure(text);
	return begin();
}

static CK_OBJECT_HANDLE
find_private(CK_SESSION_HANDLE session, const char *label)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};

	return p11_find_one(session, template, 2);
}

static bool
ossl_verifies(EVP_PKEY *key, const EVP_MD *md, const char *text,
    const struct p11_bytes *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, md, NULL, key), 1);
	ok = EVP_DigestVerify(ctx, signature->data, signature->len,
	    (const unsigned char *)text, strlen(text)) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static void
is_closed(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
    const CK_ATTRIBUTE_TYPE *parts, size_t n)
{
	size_t i;

	assert_true(p11_get_bool(session, key, CKA_PRIVATE));
	assert_true(p11_get_bool(session, key, CKA_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	for (i = 0; i < n; i++)
		assert_rv(CKR_ATTRIBUTE_SENSITIVE,
		    p11_get_rv(session, key, parts[i]));
}

static const CK_ATTRIBUTE_TYPE rsa_parts[] = {
	CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
	CKA_EXPONENT_2, CKA_COEFFICIENT
};

static void
rsa_of_4096_bits_signs(void **state)
{
	CK_MECHANISM m = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_pair pair = p11_rsa_pair(session, 4096, true, "rsa");
	EVP_PKEY *key = ossl_rsa_of(session, pair.public);
	struct p11_bytes signature, out;

	(void)state;
	is_closed(session, pair.private, rsa_parts, P11_COUNT(rsa_parts));
	session = restart(ALLOW);
	pair.private = find_private(session, "rsa");
	p11_sign(session, &m, pair.private, "text", 4, &signature);
	assert_int_equal(signature.len, 512);
	assert_true(ossl_verifies(key, EVP_sha256(), "text", &signature));
	/* implicit rejection answers with a message as well */
	assert_ok(p11->C_DecryptInit(session, &pkcs, pair.private));
	out.len = sizeof(out.data);
	assert_ok(p11->C_Decrypt(session, signature.data, signature.len,
	    out.data, &out.len));
	EVP_PKEY_free(key);
}

static CK_RV
import_rsa(CK_SESSION_HANDLE session, EVP_PKEY *from, size_t parts,
    CK_OBJECT_HANDLE *key)
{
	static const char *const names[] = {
		OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1
	};
	static struct p11_bytes values[P11_COUNT(names)];
	CK_ATTRIBUTE template[2 + P11_COUNT(names)] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_RSA),
		{ CKA_MODULUS, NULL, 0 },
		{ CKA_PUBLIC_EXPONENT, NULL, 0 },
	};
	BIGNUM *n = NULL;
	size_t i;

	for (i = 0; i < parts; i++) {
		assert_int_equal(EVP_PKEY_get_bn_param(from, names[i], &n),
		    1);
		values[i].len = (CK_ULONG)BN_bn2bin(n, values[i].data);
		BN_clear_free(n);
		n = NULL;
		if (i >= 2)
			template[2 + i].type = rsa_parts[i - 2];
		template[2 + i].pValue = values[i].data;
		template[2 + i].ulValueLen = values[i].len;
	}
	return p11->C_CreateObject(session, template, 2 + parts, key);
}

static void
rsa_of_4096_bits_is_imported(void **state)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)4096);
	CK_MECHANISM m = { CKM_SHA384_RSA_PKCS, NULL, 0 };
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_bytes signature;
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_rv(CKR_TEMPLATE_INCOMPLETE, import_rsa(session, pkey, 7,
	    &key));
	assert_ok(import_rsa(session, pkey, 8, &key));
	is_closed(session, key, rsa_parts, P11_COUNT(rsa_parts));
	p11_sign(session, &m, key, "text", 4, &signature);
	assert_true(ossl_verifies(pkey, EVP_sha384(), "text", &signature));
	session = restart(DENY);
	assert_rv(CKR_KEY_SIZE_RANGE, import_rsa(session, pkey, 8, &key));
	(void)restart(ALLOW);
	EVP_PKEY_free(pkey);
}

static int
setup(void **state)
{
	assert_non_null(mkdtemp(dir));
	(void)snprintf(file, sizeof(file), "%s/config.yaml", dir);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	configure(ALLOW);
	(void)p11_setup(state);
	p11_login(p11_open_rw(), CKU_USER);
	return 0;
}

static int
teardown(void **state)
{
	(void)unlink(file);
	(void)rmdir(dir);
	return p11_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa_of_4096_bits_signs),
		cmocka_unit_test(rsa_of_4096_bits_is_imported),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
