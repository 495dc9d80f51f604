/* SPDX-License-Identifier: BSD-2-Clause */
/* RSA signatures, judged by OpenSSL as well as by the module. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/rsa.h>

/* 2048 on the token, 3072 of the session: made once, since that is slow. */
static struct key {
	CK_ULONG len;		/* of the modulus, in bytes */
	struct p11_pair pair;
	EVP_PKEY *ossl;
} keys[] = {
	{ .len = 256 },
	{ .len = 384 },
};

#define PKCS(name) CKM_##name##_RSA_PKCS
#define PSS(name) CKM_##name##_RSA_PKCS_PSS
#define HASH(name, md) \
	{ CKM_##name, PKCS(name), PSS(name), CKG_MGF1_##name, md }

static const struct hash {
	CK_MECHANISM_TYPE type, pkcs, pss;
	CK_RSA_PKCS_MGF_TYPE mgf;
	const char *md;
} hashes[] = {
	{ CKM_SHA_1, CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS,
	    CKG_MGF1_SHA1, "SHA1" },
	HASH(SHA224, "SHA224"),
	HASH(SHA256, "SHA256"),
	HASH(SHA384, "SHA384"),
	HASH(SHA512, "SHA512"),
	HASH(SHA3_224, "SHA3-224"),
	HASH(SHA3_256, "SHA3-256"),
	HASH(SHA3_384, "SHA3-384"),
	HASH(SHA3_512, "SHA3-512"),
};

static CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
static CK_MECHANISM x509 = { CKM_RSA_X_509, NULL, 0 };
static CK_SESSION_HANDLE session;

static int
setup(void **state)
{
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	keys[0].pair = p11_rsa_pair(session, 2048, true, "token");
	keys[1].pair = p11_rsa_pair(session, 3072, false, "session");
	keys[0].ossl = ossl_rsa_of(session, keys[0].pair.public);
	keys[1].ossl = ossl_rsa_of(session, keys[1].pair.private);
	return 0;
}

static int
teardown(void **state)
{
	EVP_PKEY_free(keys[0].ossl);
	EVP_PKEY_free(keys[1].ossl);
	return p11_teardown(state);
}

static int
cancel(void **state)
{
	(void)state;
	(void)p11->C_SignInit(session, NULL, 0);
	(void)p11->C_VerifyInit(session, NULL, 0);
	return 0;
}

/* md NULL: no DigestInfo. salt -1: PKCS #1 v1.5. */
static bool
ossl_verifies(const struct key *k, const char *md, const char *mgf, int salt,
    const struct p11_bytes *digest, const struct p11_bytes *signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->ossl, NULL);
	bool ok;

	assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, salt < 0 ?
	    RSA_PKCS1_PADDING : RSA_PKCS1_PSS_PADDING), 1);
	if (md != NULL)
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx,
		    EVP_get_digestbyname(md)), 1);
	if (salt >= 0) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt),
		    1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx,
		    EVP_get_digestbyname(mgf)), 1);
	}
	ok = EVP_PKEY_verify(ctx, signature->data, signature->len,
	    digest->data, digest->len) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static void
pairs_are_as_asked(void **state)
{
	struct p11_bytes n, m;
	struct key *k;

	(void)state;
	for (k = keys; k < keys + P11_COUNT(keys); k++) {
		assert_int_equal(EVP_PKEY_get_bits(k->ossl), 8 * k->len);
		p11_get(session, k->pair.public, CKA_MODULUS, &n);
		p11_get(session, k->pair.private, CKA_MODULUS, &m);
		assert_int_equal(n.len, k->len);
		assert_int_equal(m.len, k->len);
		assert_memory_equal(n.data, m.data, n.len);
		assert_int_equal(p11_get_num(session, k->pair.public,
		    CKA_MODULUS_BITS), 8 * k->len);
		p11_assert_attr(session, k->pair.private, CKA_PUBLIC_EXPONENT,
		    "\1\0\1", 3);
		assert_rv(CKR_ATTRIBUTE_SENSITIVE, p11_get_rv(session,
		    k->pair.private, CKA_PRIVATE_EXPONENT));
		assert_rv(CKR_ATTRIBUTE_SENSITIVE, p11_get_rv(session,
		    k->pair.private, CKA_PRIME_1));
	}
}

static void
sizes_that_are_not_to_be_had(void **state)
{
	static const CK_ULONG bits[] = { 0, 512, 1000, 2047, 16384 };
	CK_MECHANISM gen = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ULONG before = p11_count(session, NULL, 0), wanted = 0;
	CK_ATTRIBUTE public = { CKA_MODULUS_BITS, &wanted, sizeof(wanted) };
	CK_ATTRIBUTE private = P11_BOOL(CKA_SIGN, 1);
	CK_MECHANISM_INFO info;
	CK_OBJECT_HANDLE a, b;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(bits); i++) {
		wanted = bits[i];
		assert_rv_in(p11->C_GenerateKeyPair(session, &gen, &public, 1,
		    &private, 1, &a, &b), CKR_KEY_SIZE_RANGE,
		    CKR_ATTRIBUTE_VALUE_INVALID);
	}
	assert_rv(CKR_TEMPLATE_INCOMPLETE, p11->C_GenerateKeyPair(session,
	    &gen, NULL, 0, &private, 1, &a, &b));
	assert_int_equal(p11_count(session, NULL, 0), before);
	assert_ok(p11->C_GetMechanismInfo(p11_slot, gen.mechanism, &info));
	assert_in_range(info.ulMinKeySize, 1024, 2048);
	assert_in_range(info.ulMaxKeySize, 3072, 4096);
	assert_true((info.flags & CKF_GENERATE_KEY_PAIR) != 0);
}

/* What CKM_RSA_PKCS signs is put between the padding as it is. */
static void
pkcs_signs_up_to_the_padding(void **state)
{
	struct p11_bytes in, signature;
	struct key *k;
	CK_ULONG len;

	(void)state;
	ossl_random(in.data, 512);
	for (k = keys; k < keys + P11_COUNT(keys); k++) {
		for (len = 0; len <= k->len - 11; len += (k->len - 11) / 5) {
			in.len = len;
			p11_sign(session, &pkcs, k->pair.private, in.data,
			    len, &signature);
			assert_int_equal(signature.len, k->len);
			/* OpenSSL verifies no empty message */
			assert_true(len == 0 || ossl_verifies(k, NULL,
			    NULL, -1, &in, &signature));
			assert_ok(p11_verify(session, &pkcs, k->pair.public,
			    in.data, len, &signature));
		}
		assert_ok(p11->C_SignInit(session, &pkcs, k->pair.private));
		assert_rv(CKR_DATA_LEN_RANGE, p11->C_Sign(session, in.data,
		    k->len - 10, signature.data, &signature.len));
		/* the failure has ended it */
		assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_Sign(session,
		    in.data, 8, signature.data, &signature.len));
	}
}

static void
hash_and_sign_of_every_hash(void **state)
{
	struct p11_bytes signature, digest;
	const struct hash *h;
	CK_MECHANISM m = { 0, NULL, 0 };
	CK_BYTE text[777];
	struct key *k;

	(void)state;
	ossl_random(text, sizeof(text));
	for (h = hashes; h < hashes + P11_COUNT(hashes); h++)
		for (k = keys; k < keys + P11_COUNT(keys); k++) {
			m.mechanism = h->pkcs;
			p11_sign(session, &m, k->pair.private, text,
			    sizeof(text), &signature);
			digest = ossl_digest(h->md, text, sizeof(text));
			if (!ossl_verifies(k, h->md, NULL, -1, &digest,
			    &signature))
				fail_msg("OpenSSL refuses %s", h->md);
			assert_ok(p11_verify(session, &m, k->pair.public, text,
			    sizeof(text), &signature));
			text[0] ^= 1;
			assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session,
			    &m, k->pair.public, text, sizeof(text),
			    &signature));
			text[0] ^= 1;
		}
}

static void
signature_of_the_wrong_form(void **state)
{
	CK_MECHANISM m = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	struct p11_bytes signature;
	CK_OBJECT_HANDLE key = keys[0].pair.public;

	(void)state;
	p11_sign(session, &m, keys[0].pair.private, "text", 4, &signature);
	signature.len--;
	assert_rv(CKR_SIGNATURE_LEN_RANGE,
	    p11_verify(session, &m, key, "text", 4, &signature));
	signature.len += 2;
	assert_rv(CKR_SIGNATURE_LEN_RANGE,
	    p11_verify(session, &m, key, "text", 4, &signature));
	signature.len--;
	memset(signature.data, 0, signature.len);
	assert_rv(CKR_SIGNATURE_INVALID,
	    p11_verify(session, &m, key, "text", 4, &signature));
	/* larger than the modulus */
	memset(signature.data, 0xff, signature.len);
	assert_rv(CKR_SIGNATURE_INVALID,
	    p11_verify(session, &m, key, "text", 4, &signature));
}

static void
pss_with(const struct key *k, const struct hash *h, const struct hash *mgf,
    CK_ULONG salt)
{
	CK_RSA_PKCS_PSS_PARAMS params = { h->type, mgf->mgf, salt };
	CK_MECHANISM raw = { CKM_RSA_PKCS_PSS, &params, sizeof(params) };
	CK_MECHANISM hashed = { h->pss, &params, sizeof(params) };
	struct p11_bytes signature, digest = ossl_digest(h->md, "abc", 3);

	p11_sign(session, &raw, k->pair.private, digest.data, digest.len,
	    &signature);
	if (!ossl_verifies(k, h->md, mgf->md, (int)salt, &digest, &signature))
		fail_msg("OpenSSL refuses PSS with %s, MGF %s, salt of %lu",
		    h->md, mgf->md, salt);
	assert_ok(p11_verify(session, &hashed, k->pair.public, "abc", 3,
	    &signature));
	p11_sign(session, &hashed, k->pair.private, "abc", 3, &signature);
	assert_true(ossl_verifies(k, h->md, mgf->md, (int)salt, &digest,
	    &signature));
	assert_ok(p11_verify(session, &raw, k->pair.public, digest.data,
	    digest.len, &signature));
	digest.data[0] ^= 1;
	assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &raw,
	    k->pair.public, digest.data, digest.len, &signature));
}

static void
pss_of_every_hash_and_salt(void **state)
{
	const struct hash *h;
	struct key *k;
	CK_ULONG len;

	(void)state;
	for (h = hashes; h < hashes + P11_COUNT(hashes); h++)
		for (k = keys; k < keys + P11_COUNT(keys); k++) {
			len = (CK_ULONG)EVP_MD_get_size(
			    EVP_get_digestbyname(h->md));
			pss_with(k, h, h, len);		/* TLS 1.3 */
			pss_with(k, h, h, 0);
			pss_with(k, h, h, 7);
			/* the most there is room for: openssl's default */
			pss_with(k, h, h, k->len - len - 2);
			pss_with(k, h, &hashes[0], len);
		}
}

static void
pss_parameters_are_checked(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
	CK_MECHANISM m = { CKM_RSA_PKCS_PSS, &params, sizeof(params) };
	CK_OBJECT_HANDLE key = keys[0].pair.private;
	struct p11_bytes signature = { .len = sizeof(signature.data) };

	(void)state;
	m.ulParameterLen--;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_SignInit(session, &m, key));
	m.pParameter = NULL;
	m.ulParameterLen = 0;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_SignInit(session, &m, key));
	m.pParameter = &params;
	m.ulParameterLen = sizeof(params);
	params.hashAlg = CKM_ECDSA;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_SignInit(session, &m, key));
	params.hashAlg = CKM_SHA256;
	params.mgf = 99;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_SignInit(session, &m, key));
	params.mgf = CKG_MGF1_SHA256;
	params.sLen = 256 - 32 - 1;	/* one too many */
	assert_rv_in(p11->C_SignInit(session, &m, key),
	    CKR_MECHANISM_PARAM_INVALID, CKR_KEY_SIZE_RANGE);
	/* the hash of the mechanism is not the hash of the parameters */
	params.sLen = 32;
	m.mechanism = CKM_SHA384_RSA_PKCS_PSS;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_SignInit(session, &m, key));
	/* copied at Init: what becomes of the caller's is no matter */
	m.mechanism = CKM_RSA_PKCS_PSS;
	assert_ok(p11->C_SignInit(session, &m, key));
	memset(&params, 0xff, sizeof(params));
	assert_rv(CKR_DATA_LEN_RANGE, p11->C_Sign(session, signature.data, 31,
	    signature.data, &signature.len));
}

static void
raw_rsa_is_the_bare_operation(void **state)
{
	struct p11_bytes in = { .len = 0 }, out, back;
	struct key *k;

	(void)state;
	for (k = keys; k < keys + P11_COUNT(keys); k++) {
		ossl_random(in.data, k->len);
		in.data[0] = 0;
		in.len = k->len;
		p11_sign(session, &x509, k->pair.private, in.data, in.len,
		    &out);
		assert_int_equal(out.len, k->len);
		assert_ok(p11_verify(session, &x509, k->pair.public, in.data,
		    in.len, &out));
		assert_ok(p11->C_VerifyRecoverInit(session, &x509,
		    k->pair.public));
		back.len = sizeof(back.data);
		assert_ok(p11->C_VerifyRecover(session, out.data, out.len,
		    back.data, &back.len));
		assert_int_equal(back.len, k->len);
		assert_memory_equal(back.data, in.data, in.len);
		/* shorter data is a number with zeros in front */
		p11_sign(session, &x509, k->pair.private, "\1\2\3", 3, &out);
		memset(in.data, 0, k->len);
		memcpy(in.data + k->len - 3, "\1\2\3", 3);
		assert_ok(p11_verify(session, &x509, k->pair.public, in.data,
		    k->len, &out));
		/* as large as the modulus, or larger */
		memset(in.data, 0xff, k->len);
		assert_ok(p11->C_SignInit(session, &x509, k->pair.private));
		assert_rv_in(p11->C_Sign(session, in.data, k->len, out.data,
		    &out.len), CKR_DATA_INVALID, CKR_DATA_LEN_RANGE);
		assert_ok(p11->C_SignInit(session, &x509, k->pair.private));
		assert_rv(CKR_DATA_LEN_RANGE, p11->C_Sign(session, in.data,
		    k->len + 1, out.data, &out.len));
	}
}

static void
recover_gives_what_was_signed(void **state)
{
	struct p11_bytes out = { .len = 0 }, back = { .len = 0 };
	struct p11_pair pair = keys[0].pair;

	(void)state;
	assert_ok(p11->C_SignRecoverInit(session, &pkcs, pair.private));
	assert_ok(p11->C_SignRecover(session, p11_in("told"), 4, NULL,
	    &out.len));
	assert_int_equal(out.len, 256);
	assert_ok(p11->C_SignRecover(session, p11_in("told"), 4, out.data,
	    &out.len));
	assert_ok(p11->C_VerifyRecoverInit(session, &pkcs, pair.public));
	back.len = 3;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11->C_VerifyRecover(session,
	    out.data, out.len, back.data, &back.len));
	back.len = sizeof(back.data);
	assert_ok(p11->C_VerifyRecover(session, out.data, out.len, back.data,
	    &back.len));
	assert_int_equal(back.len, 4);
	assert_memory_equal(back.data, "told", 4);
	out.data[100] ^= 1;
	assert_ok(p11->C_VerifyRecoverInit(session, &pkcs, pair.public));
	assert_rv(CKR_SIGNATURE_INVALID, p11->C_VerifyRecover(session,
	    out.data, out.len, back.data, &back.len));
	assert_ok(p11->C_VerifyRecoverInit(session, &pkcs, pair.public));
	assert_rv(CKR_SIGNATURE_LEN_RANGE, p11->C_VerifyRecover(session,
	    out.data, out.len - 1, back.data, &back.len));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_VerifyRecover(session,
	    out.data, out.len, back.data, &back.len));
}

static void
multi_part_is_one_part(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS params = { CKM_SHA384, CKG_MGF1_SHA384, 48 };
	CK_MECHANISM m[] = {
		{ CKM_SHA256_RSA_PKCS, NULL, 0 },
		{ CKM_SHA384_RSA_PKCS_PSS, &params, sizeof(params) },
	};
	struct p11_pair pair = keys[0].pair;
	struct p11_bytes out;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(m); i++) {
		assert_ok(p11->C_SignInit(session, &m[i], pair.private));
		assert_ok(p11->C_SignUpdate(session, p11_in("one "), 4));
		assert_ok(p11->C_SignUpdate(session, p11_in("text"), 4));
		out.len = 255;
		assert_rv(CKR_BUFFER_TOO_SMALL,
		    p11->C_SignFinal(session, out.data, &out.len));
		assert_int_equal(out.len, 256);
		assert_ok(p11->C_SignFinal(session, out.data, &out.len));
		assert_ok(p11_verify(session, &m[i], pair.public, "one text",
		    8, &out));
		assert_ok(p11->C_VerifyInit(session, &m[i], pair.public));
		assert_ok(p11->C_VerifyUpdate(session, p11_in("one te"), 6));
		assert_ok(p11->C_VerifyUpdate(session, p11_in("xt"), 2));
		assert_ok(p11->C_VerifyFinal(session, out.data, out.len));
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, cancel)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pairs_are_as_asked),
		TEST(sizes_that_are_not_to_be_had),
		TEST(pkcs_signs_up_to_the_padding),
		TEST(hash_and_sign_of_every_hash),
		TEST(signature_of_the_wrong_form),
		TEST(pss_of_every_hash_and_salt),
		TEST(pss_parameters_are_checked),
		TEST(raw_rsa_is_the_bare_operation),
		TEST(recover_gives_what_was_signed),
		TEST(multi_part_is_one_part),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
