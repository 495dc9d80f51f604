/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C_CreateObject of private keys and secrets: they go into the TPM and work
 * there, whatever parts of them a program has; parts that are not of one key,
 * and keys that the TPM cannot hold, leave nothing behind.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include "p11_object.h"
#include "p11_ossl.h"

static CK_SESSION_HANDLE session;
static EVP_PKEY *rsa, *other_rsa;

static int
setup(void **state)
{
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	rsa = EVP_RSA_gen(2048);
	other_rsa = EVP_RSA_gen(2048);
	return 0;
}

static int
teardown(void **state)
{
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other_rsa);
	assert_ok(p11->C_CloseSession(session));
	return p11_teardown(state);
}

static struct p11_bytes
number(EVP_PKEY *key, const char *name)
{
	struct p11_bytes out = { .len = 0 };
	BIGNUM *n = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
	out.len = (CK_ULONG)BN_bn2bin(n, out.data);
	BN_clear_free(n);
	return out;
}

/* The parts of an RSA key, in the order of the standard. */
enum part { N, E, D, P, Q, DP, DQ, QINV, PARTS };

static const struct {
	CK_ATTRIBUTE_TYPE type;
	const char *name;
} parts[PARTS] = {
	{ CKA_MODULUS, OSSL_PKEY_PARAM_RSA_N },
	{ CKA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E },
	{ CKA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D },
	{ CKA_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1 },
	{ CKA_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2 },
	{ CKA_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1 },
	{ CKA_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2 },
	{ CKA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
};

struct template {
	CK_ATTRIBUTE list[20];
	CK_ULONG count;
};

static void
add(struct template *t, CK_ATTRIBUTE_TYPE type, const void *value,
    CK_ULONG len)
{
	t->list[t->count++] = (CK_ATTRIBUTE){ type, (void *)(uintptr_t)value,
		len };
}

static void
start(struct template *t, CK_OBJECT_CLASS class, CK_KEY_TYPE type,
    const CK_BBOOL *token)
{
	static CK_ULONG classes[] = { CKO_PRIVATE_KEY, CKO_SECRET_KEY };
	static CK_ULONG types[] = { CKK_RSA, CKK_EC, CKK_AES,
		CKK_SHA256_HMAC };
	static CK_BBOOL yes = CK_TRUE;
	size_t i;

	t->count = 0;
	add(t, CKA_CLASS, &classes[class == CKO_SECRET_KEY], sizeof(class));
	for (i = 0; i < P11_COUNT(types); i++)
		if (types[i] == type)
			add(t, CKA_KEY_TYPE, &types[i], sizeof(type));
	add(t, CKA_TOKEN, token, 1);
	add(t, CKA_SIGN, &yes, 1);
	add(t, CKA_LABEL, "imported", 8);
}

static CK_RV
create(struct template *t, CK_OBJECT_HANDLE *key)
{
	CK_ULONG before = p11_count(session, NULL, 0);
	CK_RV rv;

	*key = 77;
	rv = p11->C_CreateObject(session, t->list, t->count, key);
	assert_int_equal(p11_count(session, NULL, 0), before + (rv == CKR_OK));
	if (rv != CKR_OK)
		assert_int_equal(*key, 77);
	return rv;
}

/* Of an RSA key, the parts of a set; the odd one from another key. */
static CK_RV
create_rsa(unsigned set, enum part odd, const CK_BBOOL *token,
    CK_OBJECT_HANDLE *key)
{
	static struct p11_bytes value[PARTS];
	struct template t;
	unsigned i;

	start(&t, CKO_PRIVATE_KEY, CKK_RSA, token);
	for (i = 0; i < PARTS; i++) {
		value[i] = number(i == odd ? other_rsa : rsa, parts[i].name);
		if ((set >> i & 1) != 0)
			add(&t, parts[i].type, value[i].data, value[i].len);
	}
	return create(&t, key);
}

static void
is_in_the_tpm(CK_OBJECT_HANDLE key)
{
	static const CK_ATTRIBUTE_TYPE hidden[] = { CKA_PRIVATE_EXPONENT,
		CKA_PRIME_1, CKA_COEFFICIENT };
	size_t i;

	assert_true(p11_get_bool(session, key, CKA_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	assert_false(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_NEVER_EXTRACTABLE));
	assert_false(p11_get_bool(session, key, CKA_LOCAL));
	if (p11_get_num(session, key, CKA_KEY_TYPE) == CKK_RSA)
		for (i = 0; i < P11_COUNT(hidden); i++)
			assert_rv(CKR_ATTRIBUTE_SENSITIVE, p11_get_rv(session,
			    key, hidden[i]));
}

static void
signs(CK_OBJECT_HANDLE key, EVP_PKEY *far)
{
	CK_MECHANISM m = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct p11_bytes signature;

	p11_sign(session, &m, key, "text", 4, &signature);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL,
	    far), 1);
	assert_int_equal(EVP_DigestVerify(ctx, signature.data, signature.len,
	    (const CK_BYTE *)"text", 4), 1);
	EVP_MD_CTX_free(ctx);
}

#define BIT(part) (1u << (part))
#define ALL_PARTS (BIT(PARTS) - 1)
#define LEAST (BIT(N) | BIT(E) | BIT(D))

static void
an_rsa_key_comes_with_all_its_parts_or_few(void **state)
{
	static const unsigned sets[] = { ALL_PARTS, LEAST, LEAST | BIT(P),
		LEAST | BIT(Q), LEAST | BIT(P) | BIT(Q),
		ALL_PARTS & ~BIT(P), ALL_PARTS & ~BIT(QINV) };
	CK_OBJECT_HANDLE key;
	CK_BBOOL token;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(sets); i++) {
		token = i % 2 == 0;
		assert_ok(create_rsa(sets[i], PARTS, &token, &key));
		is_in_the_tpm(key);
		signs(key, rsa);
		p11_destroy(session, key);
	}
}

static void
parts_of_another_rsa_key_are_refused(void **state)
{
	CK_OBJECT_HANDLE key;
	CK_BBOOL token = CK_TRUE;
	unsigned odd;

	(void)state;
	for (odd = N; odd < PARTS; odd++)
		if (odd != E)
			assert_rv(CKR_TEMPLATE_INCONSISTENT, create_rsa(
			    ALL_PARTS, (enum part)odd, &token, &key));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, create_rsa(LEAST, D, &token,
	    &key));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, create_rsa(LEAST | BIT(Q), Q,
	    &token, &key));
	/* parts that say nothing without a prime; parts that are missing */
	assert_rv(CKR_TEMPLATE_INCOMPLETE, create_rsa(LEAST | BIT(DP), PARTS,
	    &token, &key));
	assert_rv(CKR_TEMPLATE_INCOMPLETE, create_rsa(ALL_PARTS & ~BIT(D),
	    PARTS, &token, &key));
	assert_rv(CKR_TEMPLATE_INCOMPLETE, create_rsa(ALL_PARTS & ~BIT(N),
	    PARTS, &token, &key));
}

static void
sizes_that_the_tpm_lacks_are_refused(void **state)
{
	CK_MECHANISM_INFO info;
	EVP_PKEY *kept = rsa;
	size_t bits[2] = { 1280 };
	CK_OBJECT_HANDLE key;
	CK_BBOOL token = CK_TRUE;
	size_t i;

	(void)state;
	assert_ok(p11->C_GetMechanismInfo(p11_slot, CKM_RSA_PKCS, &info));
	bits[1] = info.ulMaxKeySize + 1024;
	for (i = 0; i < P11_COUNT(bits); i++) {
		rsa = EVP_RSA_gen(bits[i]);
		assert_rv(CKR_KEY_SIZE_RANGE, create_rsa(ALL_PARTS, PARTS,
		    &token, &key));
		assert_rv(CKR_KEY_SIZE_RANGE, create_rsa(LEAST, PARTS, &token,
		    &key));
		EVP_PKEY_free(rsa);
	}
	rsa = kept;
}

static void
no_private_key_is_to_be_extractable(void **state)
{
	static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	struct p11_bytes value = number(rsa, OSSL_PKEY_PARAM_RSA_D);
	struct template t;
	CK_OBJECT_HANDLE key;

	(void)state;
	start(&t, CKO_PRIVATE_KEY, CKK_RSA, &no);
	add(&t, CKA_EXTRACTABLE, &yes, 1);
	add(&t, CKA_PRIVATE_EXPONENT, value.data, value.len);
	assert_rv(CKR_TEMPLATE_INCONSISTENT, create(&t, &key));
}

/* --- EC */

static CK_RV
create_ec(EVP_PKEY *value_of, EVP_PKEY *point_of, int nid, bool raw,
    CK_OBJECT_HANDLE *key)
{
	static CK_BBOOL token = CK_TRUE, yes = CK_TRUE;
	static struct p11_bytes oid, d, point;
	struct template t;

	oid = ossl_curve_oid(nid);
	d = number(value_of, OSSL_PKEY_PARAM_PRIV_KEY);
	token = !token;
	start(&t, CKO_PRIVATE_KEY, CKK_EC, &token);
	add(&t, CKA_DERIVE, &yes, 1);
	add(&t, CKA_EC_PARAMS, oid.data, oid.len);
	add(&t, CKA_VALUE, d.data, d.len);
	if (point_of != NULL) {
		point = ossl_ec_point(point_of);
		if (!raw)
			point = ossl_octet_string(&point);
		add(&t, CKA_EC_POINT, point.data, point.len);
	}
	return create(&t, key);
}

static void
works_as(CK_OBJECT_HANDLE key, EVP_PKEY *far, int nid)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	EVP_PKEY *peer = ossl_ec_new(nid), *public;
	struct p11_bytes signature, z = ossl_ecdh(far, peer);
	struct p11_bytes point = ossl_ec_point(peer);
	CK_ECDH1_DERIVE_PARAMS p = { CKD_NULL, 0, NULL, point.len,
		point.data };
	CK_MECHANISM derive = { CKM_ECDH1_DERIVE, &p, sizeof(p) };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
	};
	CK_OBJECT_HANDLE secret;

	p11_sign(session, &ecdsa, key, "32 bytes that were never hashed.",
	    32, &signature);
	assert_true(ossl_ecdsa_ok(far, "32 bytes that were never hashed.", 32,
	    &signature));
	assert_ok(p11->C_DeriveKey(session, &derive, key, template, 2,
	    &secret));
	p11_assert_attr(session, secret, CKA_VALUE, z.data, z.len);
	/* the public half is there too, whoever gave it */
	public = ossl_ec_of(session, key, nid);
	assert_int_equal(EVP_PKEY_eq(public, far), 1);
	EVP_PKEY_free(public);
	EVP_PKEY_free(peer);
	p11_destroy(session, secret);
}

static void
an_ec_key_comes_with_its_point_or_without(void **state)
{
	static const int nids[] = { NID_X9_62_prime256v1, NID_secp384r1,
		NID_secp521r1 };
	CK_OBJECT_HANDLE key;
	EVP_PKEY *far;
	size_t i, how;

	(void)state;
	for (i = 0; i < P11_COUNT(nids); i++)
		for (how = 0; how < 3; how++) {
			far = ossl_ec_new(nids[i]);
			assert_ok(create_ec(far, how == 0 ? NULL : far,
			    nids[i], how == 1, &key));
			is_in_the_tpm(key);
			works_as(key, far, nids[i]);
			p11_destroy(session, key);
			EVP_PKEY_free(far);
		}
}

static void
a_wrong_ec_key_is_refused(void **state)
{
	const int nid = NID_X9_62_prime256v1;
	EVP_PKEY *a = ossl_ec_new(nid), *b = ossl_ec_new(nid);
	EVP_PKEY *k1 = ossl_ec_new(NID_secp256k1);
	EVP_PKEY *large = ossl_ec_new(NID_secp384r1);
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_rv(CKR_TEMPLATE_INCONSISTENT, create_ec(a, b, nid, false,
	    &key));
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, create_ec(a, large, nid, false,
	    &key));
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, create_ec(large, NULL, nid,
	    false, &key));
	assert_rv(CKR_CURVE_NOT_SUPPORTED, create_ec(k1, NULL, NID_secp256k1,
	    false, &key));
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
	EVP_PKEY_free(k1);
	EVP_PKEY_free(large);
}

/* A number that is 0, the order, or more. */
static void
a_number_outside_the_group_is_refused(void **state)
{
	static const char order[] = "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff"
	    "\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9"
	    "\xca\xc2\xfc\x63\x25\x51";
	struct p11_bytes oid = ossl_curve_oid(NID_X9_62_prime256v1);
	static CK_BBOOL no = CK_FALSE;
	struct template t;
	CK_OBJECT_HANDLE key;
	CK_BYTE d[33];

	(void)state;
	start(&t, CKO_PRIVATE_KEY, CKK_EC, &no);
	add(&t, CKA_EC_PARAMS, oid.data, oid.len);
	add(&t, CKA_VALUE, d, 32);
	memset(d, 0, sizeof(d));
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, create(&t, &key));
	memcpy(d, order, 32);
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, create(&t, &key));
	d[31]--;
	assert_ok(create(&t, &key));
	p11_destroy(session, key);
	t.list[t.count - 1].ulValueLen = 33;
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, create(&t, &key));
	t.list[t.count - 1].ulValueLen = 0;
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, create(&t, &key));
}

/* --- secrets */

static void
a_closed_secret_is_never_seen_again(void **state)
{
	static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	static const struct {
		CK_KEY_TYPE type;
		CK_ULONG len;
	} kinds[] = { { CKK_AES, 16 }, { CKK_AES, 32 },
		{ CKK_SHA256_HMAC, 32 } };
	struct template t;
	CK_OBJECT_HANDLE key;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(kinds); i++) {
		start(&t, CKO_SECRET_KEY, kinds[i].type, &yes);
		add(&t, CKA_SENSITIVE, &yes, 1);
		add(&t, CKA_EXTRACTABLE, &no, 1);
		add(&t, CKA_VALUE, "32 bytes of a secret, or fewer ..",
		    kinds[i].len);
		assert_ok(create(&t, &key));
		is_in_the_tpm(key);
		assert_int_equal(p11_get_num(session, key, CKA_VALUE_LEN),
		    kinds[i].len);
		assert_rv(CKR_ATTRIBUTE_SENSITIVE, p11_get_rv(session, key,
		    CKA_VALUE));
		p11_destroy(session, key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_rsa_key_comes_with_all_its_parts_or_few),
		cmocka_unit_test(parts_of_another_rsa_key_are_refused),
		cmocka_unit_test(sizes_that_the_tpm_lacks_are_refused),
		cmocka_unit_test(no_private_key_is_to_be_extractable),
		cmocka_unit_test(an_ec_key_comes_with_its_point_or_without),
		cmocka_unit_test(a_wrong_ec_key_is_refused),
		cmocka_unit_test(a_number_outside_the_group_is_refused),
		cmocka_unit_test(a_closed_secret_is_never_seen_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
