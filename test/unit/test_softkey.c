/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "crypto_test.h"

#include "crypto/der.h"
#include "crypto/softkey.h"

/* RFC 8032, 7.1 (tests 1 and 2) and 7.4 (blank). */
static const struct signing {
	const char *curve;
	const char *seed;
	const char *public;
	const char *message;
	const char *signature;
} signing[] = {
	{ "edwards25519",
	    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    "",
	    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
	},
	{ "edwards25519",
	    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "72",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
	},
	{ "edwards448",
	    "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3"
	    "528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
	    "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778"
	    "edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180", "",
	    "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f"
	    "2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a"
	    "9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db"
	    "b61149f05a7363268c71d95808ff2e652600" },
};

/* RFC 7748, 6.1 and 6.2. */
static const struct agreeing {
	const char *curve;
	const char *seed[2];
	const char *public[2];
	const char *z;
} agreeing[] = {
	{ "curve25519",
	    { "77076d0a7318a57d3c16c17251b26645"
	    "df4c2f87ebc0992ab177fba51db92c2a",
	    "5dab087e624a8a4b79e17f8b83800ee6"
	    "6f3bb1292618b6fd1c2f8b27ff88e0eb" },
	    { "8520f0098930a754748b7ddcb43ef75a"
	    "0dbf3a0d26381af4eba4a98eaa9b4e6a",
	    "de9edb7d7b7dc1b4d35b61c2ece43537"
	    "3f8343c85b78674dadfc7e146f882b4f" },
	    "4a5d9d5ba4ce2de1728e3bf480350f25"
	    "e07e21c947d19e3376f09b3c1e161742"
	},
	{ "curve448",
	    { "9a8f4925d1519f5775cf46b04b5800d4"
	    "ee9ee8bae8bc5565d498c28dd9c9baf5"
	    "74a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
	    "1c306a7ac2a0e2e0990b294470cba339"
	    "e6453772b075811d8fad0d1d6927c120"
	    "bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d" },
	    { "9b08f7cc31b7e3e67d22d5aea121074a"
	    "273bd2b83de09c63faa73d2c22c5d9bb"
	    "c836647241d953d40c5b12da88120d53177f80e532c41fa0",
	    "3eb7a829b0cd20f5bcfc0b599b6feccf"
	    "6da4627107bdb0d4f345b43027d8b972"
	    "fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609" },
	    "07fff4181ac6cc95ec1c16a94a0f74d1"
	    "2da232ce40a77552281d282bb60c0b56"
	    "fd2464c335543936521c24403085d59a449a5037514a879d" },
};

static const struct softkey_type *
by_name(const char *curve)
{
	struct buf params = BUF_EMPTY;
	const struct softkey_type *t;

	assert_int_equal(der_put(&params, DER_PRINTABLE_STRING,
	    view_str(curve)), CKR_OK);
	t = softkey_by_params(buf_view(&params));
	assert_non_null(t);
	buf_free(&params);
	return t;
}

static struct softkey *
open_seed(const struct softkey_type *t, const char *text)
{
	struct buf seed = hex(text), der = BUF_EMPTY;
	struct softkey *k = NULL;

	assert_int_equal(softkey_from_seed(t, buf_view(&seed), &der), CKR_OK);
	assert_int_equal(softkey_open(buf_view(&der), &k), CKR_OK);
	assert_ptr_equal(softkey_type(k), t);
	buf_free(&seed);
	buf_free(&der);
	return k;
}

static void
seeds_give_the_rfcs_signatures(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(signing); i++) {
		const struct softkey_type *t = by_name(signing[i].curve);
		struct softkey *k = open_seed(t, signing[i].seed);
		struct buf message = hex(signing[i].message);
		struct buf public = BUF_EMPTY, signature = BUF_EMPTY;

		assert_int_equal(softkey_public(k, &public), CKR_OK);
		assert_hex(&public, signing[i].public);
		assert_int_equal(softkey_sign(k, buf_view(&message),
		    &signature), CKR_OK);
		assert_hex(&signature, signing[i].signature);
		assert_int_equal(softkey_verify(t, buf_view(&public),
		    buf_view(&message), buf_view(&signature)), CKR_OK);
		signature.data[3] ^= 1;
		assert_int_equal(softkey_verify(t, buf_view(&public),
		    buf_view(&message), buf_view(&signature)),
		    CKR_SIGNATURE_INVALID);
		signature.len--;
		assert_int_equal(softkey_verify(t, buf_view(&public),
		    buf_view(&message), buf_view(&signature)),
		    CKR_SIGNATURE_LEN_RANGE);
		signature.len++;
		public.len--;
		assert_int_equal(softkey_verify(t, buf_view(&public),
		    buf_view(&message), buf_view(&signature)),
		    CKR_DATA_INVALID);
		softkey_free(&k);
		assert_null(k);
		buf_free(&message);
		buf_free(&public);
		buf_free(&signature);
	}
}

static void
both_sides_reach_the_rfcs_secret(void **state)
{
	size_t i, side;

	(void)state;
	for (i = 0; i < ARRAY_LEN(agreeing); i++)
		for (side = 0; side < 2; side++) {
			const struct softkey_type *t =
			    by_name(agreeing[i].curve);
			struct softkey *k = open_seed(t,
			    agreeing[i].seed[side]);
			struct buf peer = hex(agreeing[i].public[1 - side]);
			struct buf out = BUF_EMPTY;

			assert_int_equal(softkey_public(k, &out), CKR_OK);
			assert_hex(&out, agreeing[i].public[side]);
			assert_int_equal(softkey_agree(k, buf_view(&peer),
			    &out), CKR_OK);
			assert_hex(&out, agreeing[i].z);
			/* The point 0, of small order. */
			memset(peer.data, 0, peer.len);
			assert_int_equal(softkey_agree(k, buf_view(&peer),
			    &out), CKR_DATA_INVALID);
			peer.len--;
			assert_int_equal(softkey_agree(k, buf_view(&peer),
			    &out), CKR_DATA_INVALID);
			assert_hex(&out, agreeing[i].z);
			softkey_free(&k);
			buf_free(&peer);
			buf_free(&out);
		}
}

/* RFC 8410, 10.3: without and with attributes and a public key; 10.1. */
#define RFC_SEED \
	"d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
#define RFC_PUBLIC \
	"19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
#define RFC_KEY "302e020100300506032b657004220420" RFC_SEED
#define RFC_KEY_2 "3072020101300506032b657004220420" RFC_SEED \
	"a01f301d060a2a864886f70d01090914310f0c0d437572646c65204368616972" \
	"73" "812100" RFC_PUBLIC

static void
the_der_is_that_of_the_rfc(void **state)
{
	const struct softkey_type *t = by_name("edwards25519");
	struct buf key = hex(RFC_KEY), key2 = hex(RFC_KEY_2);
	struct buf seed = hex(RFC_SEED), out = BUF_EMPTY;
	struct softkey *k = NULL;

	(void)state;
	assert_int_equal(softkey_from_seed(t, buf_view(&seed), &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&key));
	assert_int_equal(softkey_open(buf_view(&key2), &k), CKR_OK);
	assert_int_equal(softkey_public(k, &out), CKR_OK);
	assert_hex(&out, RFC_PUBLIC);
	assert_int_equal(softkey_public_info(t, buf_view(&out), &out), CKR_OK);
	assert_hex(&out, "302a300506032b6570032100" RFC_PUBLIC);
	assert_int_equal(softkey_params(t, &out), CKR_OK);
	assert_hex(&out, "06032b6570");
	assert_ptr_equal(softkey_by_params(buf_view(&out)), t);
	softkey_free(&k);
	buf_free(&key);
	buf_free(&key2);
	buf_free(&seed);
	buf_free(&out);
}

static void
der_of_anybodys_is_taken_or_refused_cleanly(void **state)
{
	struct buf key = hex(RFC_KEY_2);
	struct softkey *k = NULL;
	size_t i, bit;
	CK_RV rv;

	(void)state;
	for (i = 0; i < key.len; i++)
		assert_int_equal(softkey_open(view_of(key.data, i), &k),
		    CKR_DATA_INVALID);
	assert_null(k);
	for (bit = 0; bit < key.len * 8; bit++) {
		key.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		rv = softkey_open(buf_view(&key), &k);
		assert_true(rv == CKR_OK || rv == CKR_DATA_INVALID ||
		    rv == CKR_KEY_TYPE_INCONSISTENT);
		assert_true((rv == CKR_OK) == (k != NULL));
		softkey_free(&k);
		key.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	buf_free(&key);
}

static void
a_point_is_raw_or_in_an_octet_string(void **state)
{
	const struct softkey_type *t = by_name("edwards448");
	struct buf raw = hex(signing[2].public), der = BUF_EMPTY;
	struct view v;
	size_t len;

	(void)state;
	/* What looks like the head of an OCTET STRING is part of the key. */
	raw.data[0] = 0x04;
	assert_int_equal(softkey_point(t, buf_view(&raw), &v), CKR_OK);
	assert_view(v, buf_view(&raw));
	assert_int_equal(der_put(&der, DER_OCTET_STRING, buf_view(&raw)),
	    CKR_OK);
	assert_int_equal(softkey_point(t, buf_view(&der), &v), CKR_OK);
	assert_view(v, buf_view(&raw));
	for (len = 0; len < der.len; len++)
		if (len != t->public)
			assert_int_equal(softkey_point(t,
			    view_of(der.data, len), &v), CKR_DATA_INVALID);
	buf_clear(&der);
	assert_int_equal(der_put(&der, DER_OCTET_STRING,
	    view_of(raw.data, raw.len - 1)), CKR_OK);
	assert_int_equal(softkey_point(t, buf_view(&der), &v),
	    CKR_DATA_INVALID);
	buf_clear(&der);
	assert_int_equal(der_put(&der, DER_OCTET_STRING, buf_view(&raw)),
	    CKR_OK);
	assert_int_equal(der_put(&der, DER_OCTET_STRING, VIEW_EMPTY), CKR_OK);
	assert_int_equal(softkey_point(t, buf_view(&der), &v),
	    CKR_DATA_INVALID);
	buf_free(&raw);
	buf_free(&der);
}

static void
types_are_found_by_curve_and_set(void **state)
{
	struct buf v = hex("06032b657006");

	(void)state;
	assert_null(softkey_by_params(buf_view(&v)));
	v.len = 5;
	assert_non_null(softkey_by_params(buf_view(&v)));
	v.data[4] = 0x72;
	assert_null(softkey_by_params(buf_view(&v)));
	assert_null(softkey_by_params(VIEW_EMPTY));
	assert_null(softkey_by_set(CKK_EC_EDWARDS, 0));
	assert_null(softkey_by_set(CKK_ML_DSA, 0));
	assert_null(softkey_by_set(CKK_ML_DSA, 4));
	assert_string_equal(softkey_by_set(CKK_ML_DSA, CKP_ML_DSA_65)->name,
	    "ML-DSA-65");
	assert_string_equal(softkey_by_set(CKK_ML_KEM, CKP_ML_KEM_512)->name,
	    "ML-KEM-512");
	buf_free(&v);
}

static void
a_key_does_only_what_its_type_does(void **state)
{
	struct softkey *signer = open_seed(by_name("edwards25519"),
	    signing[0].seed);
	struct softkey *agreer = open_seed(by_name("curve25519"),
	    agreeing[0].seed[0]);
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(softkey_sign(agreer, view_str("m"), &out),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(softkey_verify(softkey_type(agreer), VIEW_EMPTY,
	    VIEW_EMPTY, VIEW_EMPTY), CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(softkey_agree(signer, VIEW_EMPTY, &out),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(softkey_decapsulate(signer, VIEW_EMPTY, &out),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(softkey_encapsulate(softkey_type(signer), VIEW_EMPTY,
	    &out, &out), CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(softkey_from_seed(softkey_type(signer),
	    view_str("short"), &out), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_null(out.data);
	softkey_free(&signer);
	softkey_free(&agreer);
}

static struct softkey *
new_key(const struct softkey_type *t, struct buf *public)
{
	struct buf der = BUF_EMPTY;
	struct softkey *k = NULL;

	assert_int_equal(softkey_generate(t, &der), CKR_OK);
	assert_int_equal(softkey_open(buf_view(&der), &k), CKR_OK);
	assert_int_equal(softkey_public(k, public), CKR_OK);
	buf_free(&der);
	return k;
}

static void
new_signers_sign(const struct softkey_type *t)
{
	struct buf public = BUF_EMPTY, other = BUF_EMPTY, s = BUF_EMPTY;
	struct softkey *k = new_key(t, &public), *l = new_key(t, &other);

	assert_false(view_equal(buf_view(&public), buf_view(&other)));
	assert_int_equal(softkey_sign(k, view_str("message"), &s), CKR_OK);
	assert_int_equal(softkey_verify(t, buf_view(&public),
	    view_str("message"), buf_view(&s)), CKR_OK);
	assert_int_equal(softkey_verify(t, buf_view(&public),
	    view_str("massage"), buf_view(&s)), CKR_SIGNATURE_INVALID);
	assert_int_equal(softkey_verify(t, buf_view(&other),
	    view_str("message"), buf_view(&s)), CKR_SIGNATURE_INVALID);
	softkey_free(&k);
	softkey_free(&l);
	buf_free(&public);
	buf_free(&other);
	buf_free(&s);
}

static void
new_agreers_agree(const struct softkey_type *t)
{
	struct buf public = BUF_EMPTY, other = BUF_EMPTY;
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;
	struct softkey *k = new_key(t, &public), *l = new_key(t, &other);

	assert_int_equal(softkey_agree(k, buf_view(&other), &a), CKR_OK);
	assert_int_equal(softkey_agree(l, buf_view(&public), &b), CKR_OK);
	assert_view(buf_view(&a), buf_view(&b));
	softkey_free(&k);
	softkey_free(&l);
	buf_free(&public);
	buf_free(&other);
	buf_free(&a);
	buf_free(&b);
}

static void
new_kems_encapsulate(const struct softkey_type *t)
{
	struct buf public = BUF_EMPTY, c = BUF_EMPTY;
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;
	struct softkey *k = new_key(t, &public);

	assert_int_equal(softkey_encapsulate(t, buf_view(&public), &c, &a),
	    CKR_OK);
	assert_int_equal(softkey_decapsulate(k, buf_view(&c), &b), CKR_OK);
	assert_view(buf_view(&b), buf_view(&a));
	/* Implicit rejection: another secret, not an error. */
	c.data[0] ^= 1;
	assert_int_equal(softkey_decapsulate(k, buf_view(&c), &b), CKR_OK);
	assert_false(view_equal(buf_view(&b), buf_view(&a)));
	c.len--;
	assert_int_equal(softkey_decapsulate(k, buf_view(&c), &b),
	    CKR_DATA_INVALID);
	softkey_free(&k);
	buf_free(&public);
	buf_free(&c);
	buf_free(&a);
	buf_free(&b);
}

static void
refuses_to_exist(const struct softkey_type *t)
{
	static const uint8_t zeros[8000];
	struct buf der = BUF_EMPTY, none = BUF_EMPTY;
	struct softkey *k = NULL;

	assert_int_equal(softkey_generate(t, &none), CKR_MECHANISM_INVALID);
	assert_int_equal(softkey_from_seed(t, view_of(zeros, t->seed), &der),
	    CKR_OK);
	assert_int_equal(softkey_open(buf_view(&der), &k),
	    CKR_MECHANISM_INVALID);
	if (t->use == SOFTKEY_SIGN)
		assert_int_equal(softkey_verify(t, view_of(zeros, t->public),
		    VIEW_EMPTY, view_of(zeros, t->output)),
		    CKR_MECHANISM_INVALID);
	else
		assert_int_equal(softkey_encapsulate(t,
		    view_of(zeros, t->public), &none, &none),
		    CKR_MECHANISM_INVALID);
	assert_null(none.data);
	assert_null(k);
	buf_free(&der);
}

static void
try_type(const struct softkey_type *t)
{
	bool exists = softkey_exists(t);

	printf("# %s: %s\n", t->name, exists ? "there" : "not there");
	if (!exists)
		refuses_to_exist(t);
	else if (t->use == SOFTKEY_SIGN)
		new_signers_sign(t);
	else if (t->use == SOFTKEY_AGREE)
		new_agreers_agree(t);
	else
		new_kems_encapsulate(t);
}

static void
each_type_works_or_is_no_mechanism(void **state)
{
	static const char *const names[] = { "edwards25519", "edwards448",
		"curve25519", "curve448" };
	CK_ULONG set;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		assert_true(softkey_exists(by_name(names[i])));
		try_type(by_name(names[i]));
	}
	for (set = 1; set <= 3; set++) {
		try_type(softkey_by_set(CKK_ML_DSA, set));
		try_type(softkey_by_set(CKK_ML_KEM, set));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seeds_give_the_rfcs_signatures),
		cmocka_unit_test(both_sides_reach_the_rfcs_secret),
		cmocka_unit_test(the_der_is_that_of_the_rfc),
		cmocka_unit_test(der_of_anybodys_is_taken_or_refused_cleanly),
		cmocka_unit_test(a_point_is_raw_or_in_an_octet_string),
		cmocka_unit_test(types_are_found_by_curve_and_set),
		cmocka_unit_test(a_key_does_only_what_its_type_does),
		cmocka_unit_test(each_type_works_or_is_no_mechanism),
	};

	return RUN_CRYPTO(tests);
}
