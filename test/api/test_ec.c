/* SPDX-License-Identifier: BSD-2-Clause */
/* EC key pairs and ECDSA, judged by OpenSSL as well as by the module. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static struct curve {
	int nid;
	CK_ULONG bits;
	struct p11_pair token, session;
	EVP_PKEY *token_key;
} curves[] = {
	{ .nid = NID_X9_62_prime256v1, .bits = 256 },
	{ .nid = NID_secp384r1, .bits = 384 },
	{ .nid = NID_secp521r1, .bits = 521 },
};

static const struct {
	CK_MECHANISM_TYPE type;
	const char *md;
} hashes[] = {
	{ CKM_ECDSA_SHA1, "SHA1" },
	{ CKM_ECDSA_SHA224, "SHA224" },
	{ CKM_ECDSA_SHA256, "SHA256" },
	{ CKM_ECDSA_SHA384, "SHA384" },
	{ CKM_ECDSA_SHA512, "SHA512" },
	{ CKM_ECDSA_SHA3_224, "SHA3-224" },
	{ CKM_ECDSA_SHA3_256, "SHA3-256" },
	{ CKM_ECDSA_SHA3_384, "SHA3-384" },
	{ CKM_ECDSA_SHA3_512, "SHA3-512" },
};

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
/* Open as long as the program runs, so that session keys live. */
static CK_SESSION_HANDLE session;

static CK_ULONG
signature_len(const struct curve *c)
{
	return 2 * ossl_field_len(c->nid);
}

static int
setup(void **state)
{
	struct curve *c;

	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		c->token = p11_ec_pair(session, c->nid, true, "token");
		c->session = p11_ec_pair(session, c->nid, false, "session");
		c->token_key = ossl_ec_of(session, c->token.public, c->nid);
	}
	return 0;
}

static int
teardown(void **state)
{
	size_t i;

	for (i = 0; i < P11_COUNT(curves); i++)
		EVP_PKEY_free(curves[i].token_key);
	return p11_teardown(state);
}

/* What a failed test has left running is no trouble for the next. */
static int
cancel(void **state)
{
	(void)state;
	(void)p11->C_SignInit(session, NULL, 0);
	(void)p11->C_VerifyInit(session, NULL, 0);
	return 0;
}

static void
pair_is_of_curve(const struct curve *c, struct p11_pair pair, bool token)
{
	struct p11_bytes oid = ossl_curve_oid(c->nid), public, private;

	p11_get(session, pair.public, CKA_EC_POINT, &public);
	p11_get(session, pair.private, CKA_EC_POINT, &private);
	assert_int_equal(public.len, private.len);
	assert_memory_equal(public.data, private.data, public.len);
	public = ossl_octet_string_inner(&public);
	assert_int_equal(public.len, 1 + signature_len(c));
	assert_int_equal(public.data[0], 4);
	p11_assert_attr(session, pair.public, CKA_EC_PARAMS, oid.data,
	    oid.len);
	p11_assert_attr(session, pair.private, CKA_EC_PARAMS, oid.data,
	    oid.len);
	assert_int_equal(p11_get_bool(session, pair.private, CKA_TOKEN),
	    token);
	assert_true(p11_get_bool(session, pair.private, CKA_LOCAL));
	assert_true(p11_get_bool(session, pair.public, CKA_LOCAL));
	assert_true(p11_get_bool(session, pair.private, CKA_SENSITIVE));
	assert_true(p11_get_bool(session, pair.private,
	    CKA_ALWAYS_SENSITIVE));
	assert_int_equal(p11_get_num(session, pair.private,
	    CKA_KEY_GEN_MECHANISM), CKM_EC_KEY_PAIR_GEN);
	assert_rv(CKR_ATTRIBUTE_SENSITIVE,
	    p11_get_rv(session, pair.private, CKA_VALUE));
}

static void
both_halves_describe_the_key(void **state)
{
	struct curve *c;
	EVP_PKEY *key;

	(void)state;
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		pair_is_of_curve(c, c->token, true);
		pair_is_of_curve(c, c->session, false);
		key = ossl_ec_of(session, c->session.private, c->nid);
		assert_int_equal(EVP_PKEY_get_bits(key), c->bits);
		assert_int_equal(EVP_PKEY_eq(key, c->token_key), 0);
		EVP_PKEY_free(key);
	}
}

static void
mechanism_info_names_these_curves(void **state)
{
	CK_FLAGS flags = CKF_HW | CKF_SIGN | CKF_VERIFY | CKF_EC_F_P |
	    CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
	CK_MECHANISM_INFO info;

	(void)state;
	assert_ok(p11->C_GetMechanismInfo(p11_slot, CKM_ECDSA, &info));
	assert_int_equal(info.flags & flags, flags);
	assert_in_range(info.ulMinKeySize, 1, 256);
	assert_in_range(info.ulMaxKeySize, 521, 1000);
	assert_ok(p11->C_GetMechanismInfo(p11_slot, CKM_EC_KEY_PAIR_GEN,
	    &info));
	assert_true((info.flags & CKF_GENERATE_KEY_PAIR) != 0);
	assert_int_equal(info.flags & (CKF_SIGN | CKF_ENCRYPT), 0);
}

/*
 * The longest hash of a TPM has 64 bytes, so an integer of P-521 that is
 * longer cannot be handed to it.
 */
static bool
is_beyond_a_tpm(const struct curve *c, struct p11_pair pair,
    const CK_BYTE *digest, CK_ULONG len)
{
	CK_BYTE out[200];
	CK_ULONG n = sizeof(out);

	if (c->bits <= 512 || len <= 64)
		return false;
	assert_ok(p11->C_SignInit(session, &ecdsa, pair.private));
	return p11->C_Sign(session, p11_in(digest), len, out, &n) ==
	    CKR_DATA_LEN_RANGE;
}

static void
raw_signatures_of_any_digest(const struct curve *c, struct p11_pair pair)
{
	EVP_PKEY *key = ossl_ec_of(session, pair.public, c->nid);
	struct p11_bytes signature;
	CK_BYTE digest[66];
	CK_ULONG len;

	for (len = 1; len <= sizeof(digest); len++) {
		ossl_random(digest, len);
		if (is_beyond_a_tpm(c, pair, digest, len))
			continue;
		p11_sign(session, &ecdsa, pair.private, digest, len,
		    &signature);
		assert_int_equal(signature.len, signature_len(c));
		if (!ossl_ecdsa_ok(key, digest, len, &signature))
			fail_msg("P-%lu, %lu bytes: OpenSSL refuses",
			    c->bits, len);
		assert_ok(p11_verify(session, &ecdsa, pair.public, digest,
		    len, &signature));
	}
	EVP_PKEY_free(key);
}

static void
raw_signatures_of_1_to_66_bytes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(curves); i++)
		raw_signatures_of_any_digest(&curves[i], curves[i].token);
}

/* Of a digest that is longer than the order the left end counts. With zeros
 * in front, what counts on P-521 fits a TPM's longest hash. */
static void
long_digests_are_cut_to_the_order(void **state)
{
	static const CK_ULONG lens[] = { 33, 48, 49, 64, 66, 67, 100, 128 };
	struct p11_bytes signature;
	CK_BYTE digest[128];
	struct curve *c;
	size_t i;

	(void)state;
	for (c = curves; c < curves + P11_COUNT(curves); c++)
		for (i = 0; i < P11_COUNT(lens); i++) {
			ossl_random(digest, sizeof(digest));
			memset(digest, 0, 3);
			p11_sign(session, &ecdsa, c->token.private, digest,
			    lens[i], &signature);
			assert_true(ossl_ecdsa_ok(c->token_key, digest,
			    lens[i], &signature));
			assert_ok(p11_verify(session, &ecdsa,
			    c->token.public, digest, lens[i], &signature));
		}
}

static void
session_keys_sign_too(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(curves); i++)
		raw_signatures_of_any_digest(&curves[i], curves[i].session);
}

/* An ECDSA value that is zero or has zero bytes in front is an ordinary one. */
static void
digests_with_leading_zeros(void **state)
{
	struct p11_bytes signature;
	CK_BYTE digest[32] = { 0 };
	size_t i, set;

	(void)state;
	for (i = 0; i < P11_COUNT(curves); i++)
		for (set = 0; set <= 32; set += 8) {
			memset(digest, 0, sizeof(digest));
			if (set < 32)
				digest[set] = 1;
			p11_sign(session, &ecdsa, curves[i].token.private,
			    digest, sizeof(digest), &signature);
			assert_true(ossl_ecdsa_ok(curves[i].token_key, digest,
			    sizeof(digest), &signature));
		}
}

static void
a_changed_digest_or_signature_is_refused(void **state)
{
	struct p11_bytes signature;
	CK_BYTE digest[32];
	struct curve *c;

	(void)state;
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		ossl_random(digest, sizeof(digest));
		p11_sign(session, &ecdsa, c->token.private, digest, 32,
		    &signature);
		digest[0] ^= 1;
		assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &ecdsa,
		    c->token.public, digest, 32, &signature));
		digest[0] ^= 1;
		signature.data[signature.len - 1] ^= 1;
		assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &ecdsa,
		    c->token.public, digest, 32, &signature));
		memset(signature.data, 0, signature.len);
		assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &ecdsa,
		    c->token.public, digest, 32, &signature));
		memset(signature.data, 0xff, signature.len);
		assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &ecdsa,
		    c->token.public, digest, 32, &signature));
		/* shorter ones are signatures too, if even (3.1, 6.3.1) */
		signature.len += 2;
		assert_rv(CKR_SIGNATURE_LEN_RANGE, p11_verify(session, &ecdsa,
		    c->token.public, digest, 32, &signature));
		signature.len -= 3;
		assert_rv(CKR_SIGNATURE_LEN_RANGE, p11_verify(session, &ecdsa,
		    c->token.public, digest, 32, &signature));
		signature.len = 0;
		assert_rv(CKR_SIGNATURE_LEN_RANGE, p11_verify(session, &ecdsa,
		    c->token.public, digest, 32, &signature));
	}
}

static void
hash_and_sign(const struct curve *c, size_t hash, const CK_BYTE *text,
    CK_ULONG len)
{
	CK_MECHANISM mechanism = { hashes[hash].type, NULL, 0 };
	struct p11_bytes signature, digest;

	p11_sign(session, &mechanism, c->token.private, text, len,
	    &signature);
	digest = ossl_digest(hashes[hash].md, text, len);
	if (!ossl_ecdsa_ok(c->token_key, digest.data, digest.len,
	    &signature))
		fail_msg("P-%lu with %s: OpenSSL refuses", c->bits,
		    hashes[hash].md);
	assert_ok(p11_verify(session, &mechanism, c->token.public, text, len,
	    &signature));
	/* it is the raw signature of the digest */
	assert_ok(p11_verify(session, &ecdsa, c->token.public, digest.data,
	    digest.len, &signature));
	signature.data[3] ^= 4;
	assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &mechanism,
	    c->token.public, text, len, &signature));
}

static void
every_hash_on_every_curve(void **state)
{
	CK_BYTE text[1000];
	CK_ULONG tried = 0;
	size_t i, j;

	(void)state;
	ossl_random(text, sizeof(text));
	for (j = 0; j < P11_COUNT(hashes); j++) {
		if (p11_mechanism_flags(hashes[j].type) == 0)
			continue;
		tried++;
		for (i = 0; i < P11_COUNT(curves); i++) {
			hash_and_sign(&curves[i], j, text, sizeof(text));
			hash_and_sign(&curves[i], j, text, 0);
		}
	}
	print_message("%lu mechanisms\n", tried);
	/* SHA-1 and the SHA-2 family at least */
	assert_true(tried >= 5);
}

/* Signed in parts, the text is the same text. */
static void
multi_part_is_one_part(void **state)
{
	static const CK_ULONG parts[] = { 1, 0, 63, 64, 65, 7, 300 };
	CK_MECHANISM mechanism = { CKM_ECDSA_SHA256, NULL, 0 };
	struct p11_bytes signature;
	CK_BYTE text[500];
	struct curve *c;
	CK_ULONG at;
	size_t i;

	(void)state;
	ossl_random(text, sizeof(text));
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		assert_ok(p11->C_SignInit(session, &mechanism,
		    c->token.private));
		for (i = 0, at = 0; i < P11_COUNT(parts); at += parts[i++])
			assert_ok(p11->C_SignUpdate(session, text + at,
			    parts[i]));
		assert_int_equal(at, sizeof(text));
		signature.len = sizeof(signature.data);
		assert_ok(p11->C_SignFinal(session, signature.data,
		    &signature.len));
		assert_int_equal(signature.len, signature_len(c));
		assert_ok(p11_verify(session, &mechanism, c->token.public,
		    text, sizeof(text), &signature));
		assert_ok(p11->C_VerifyInit(session, &mechanism,
		    c->token.public));
		for (i = P11_COUNT(parts), at = 0; i > 0; at += parts[--i])
			assert_ok(p11->C_VerifyUpdate(session, text + at,
			    parts[i - 1]));
		assert_ok(p11->C_VerifyFinal(session, signature.data,
		    signature.len));
	}
}

static void
size_queries_keep_the_operation(void **state)
{
	CK_MECHANISM mechanism = { CKM_ECDSA_SHA256, NULL, 0 };
	CK_BYTE digest[32] = { 1 }, signature[200];
	struct curve *c;
	CK_ULONG len;
	int i;

	(void)state;
	for (c = curves; c < curves + P11_COUNT(curves); c++) {
		assert_ok(p11->C_SignInit(session, &ecdsa, c->token.private));
		for (i = 0; i < 3; i++) {
			len = 0;
			assert_ok(p11->C_Sign(session, digest, 32, NULL,
			    &len));
			assert_int_equal(len, signature_len(c));
		}
		len--;
		assert_rv(CKR_BUFFER_TOO_SMALL, p11->C_Sign(session, digest,
		    32, signature, &len));
		assert_int_equal(len, signature_len(c));
		assert_ok(p11->C_Sign(session, digest, 32, signature, &len));
		assert_rv(CKR_OPERATION_NOT_INITIALIZED, p11->C_Sign(session,
		    digest, 32, signature, &len));
	}
	/* the peer signs an empty message after such a query */
	assert_ok(p11->C_SignInit(session, &mechanism,
	    curves[0].token.private));
	assert_ok(p11->C_SignUpdate(session, p11_in("whole text"), 10));
	assert_ok(p11->C_SignFinal(session, NULL, &len));
	assert_int_equal(len, 64);
	assert_ok(p11->C_SignFinal(session, signature, &len));
	assert_ok(p11->C_VerifyInit(session, &mechanism,
	    curves[0].token.public));
	assert_ok(p11->C_Verify(session, p11_in("whole text"), 10, signature,
	    len));
}

static void
the_raw_mechanism_has_one_part(void **state)
{
	CK_BYTE digest[32] = { 1 }, signature[200];
	CK_ULONG len = sizeof(signature);
	CK_RV rv;

	(void)state;
	assert_ok(p11->C_SignInit(session, &ecdsa, curves[0].token.private));
	rv = p11->C_SignUpdate(session, digest, 32);
	/* gathered until the end, or refused: the standard's table has
	 * CKM_ECDSA as single-part only */
	assert_rv_in(rv, CKR_OK, CKR_FUNCTION_NOT_SUPPORTED,
	    CKR_MECHANISM_INVALID, CKR_FUNCTION_REJECTED,
	    CKR_OPERATION_NOT_INITIALIZED, CKR_FUNCTION_FAILED);
	if (rv != CKR_OK)
		return;
	assert_ok(p11->C_SignFinal(session, signature, &len));
	assert_ok(p11->C_VerifyInit(session, &ecdsa, curves[0].token.public));
	assert_ok(p11->C_Verify(session, digest, 32, signature, len));
}

static void
unfit_keys_and_parameters(void **state)
{
	CK_MECHANISM with = { CKM_ECDSA, &(CK_ULONG){ 1 }, sizeof(CK_ULONG) };
	CK_MECHANISM none = { CKM_VENDOR_DEFINED | 99, NULL, 0 };
	CK_MECHANISM rsa = { CKM_RSA_PKCS, NULL, 0 };
	struct p11_pair pair = curves[0].token;

	(void)state;
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_SignInit(session, &with, pair.private));
	assert_rv(CKR_MECHANISM_INVALID,
	    p11->C_SignInit(session, &none, pair.private));
	assert_rv(CKR_KEY_TYPE_INCONSISTENT,
	    p11->C_SignInit(session, &rsa, pair.private));
	assert_rv_in(p11->C_SignInit(session, &ecdsa, pair.public),
	    CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED,
	    CKR_KEY_HANDLE_INVALID);
	assert_rv_in(p11->C_VerifyInit(session, &ecdsa, pair.private),
	    CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED,
	    CKR_KEY_HANDLE_INVALID);
	assert_rv(CKR_KEY_HANDLE_INVALID,
	    p11->C_SignInit(session, &ecdsa, 0x7ffffff0));
	assert_rv_in(p11->C_EncryptInit(session, &ecdsa, pair.public),
	    CKR_MECHANISM_INVALID, CKR_KEY_FUNCTION_NOT_PERMITTED,
	    CKR_KEY_TYPE_INCONSISTENT);
	/* and none of that has left an operation behind */
	assert_ok(p11->C_SignInit(session, &ecdsa, pair.private));
}

static void
curves_that_are_not_to_be_had(void **state)
{
	static const int nids[] = { NID_secp256k1, NID_brainpoolP256r1,
		NID_X9_62_c2pnb163v1 };
	CK_MECHANISM gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct p11_bytes oid;
	CK_ATTRIBUTE public = P11_BYTES(CKA_EC_PARAMS, oid.data, 0);
	CK_ATTRIBUTE private = P11_BOOL(CKA_TOKEN, 1);
	CK_OBJECT_HANDLE a, b;
	CK_ULONG before = p11_count(session, NULL, 0);
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(nids); i++) {
		oid = ossl_curve_oid(nids[i]);
		public.ulValueLen = oid.len;
		assert_rv(CKR_CURVE_NOT_SUPPORTED, p11->C_GenerateKeyPair(
		    session, &gen, &public, 1, &private, 1, &a, &b));
	}
	public.ulValueLen = 3;	/* a part of an OID */
	assert_rv_in(p11->C_GenerateKeyPair(session, &gen, &public, 1,
	    &private, 1, &a, &b), CKR_DOMAIN_PARAMS_INVALID,
	    CKR_ATTRIBUTE_VALUE_INVALID, CKR_CURVE_NOT_SUPPORTED);
	assert_rv(CKR_TEMPLATE_INCOMPLETE, p11->C_GenerateKeyPair(session,
	    &gen, NULL, 0, &private, 1, &a, &b));
	assert_int_equal(p11_count(session, NULL, 0), before);
}

#define TEST(f) cmocka_unit_test_teardown(f, cancel)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_halves_describe_the_key),
		TEST(mechanism_info_names_these_curves),
		TEST(raw_signatures_of_1_to_66_bytes),
		TEST(long_digests_are_cut_to_the_order),
		TEST(session_keys_sign_too),
		TEST(digests_with_leading_zeros),
		TEST(a_changed_digest_or_signature_is_refused),
		TEST(every_hash_on_every_curve),
		TEST(multi_part_is_one_part),
		TEST(size_queries_keep_the_operation),
		TEST(the_raw_mechanism_has_one_part),
		TEST(unfit_keys_and_parameters),
		TEST(curves_that_are_not_to_be_had),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
