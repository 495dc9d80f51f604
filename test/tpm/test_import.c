/* SPDX-License-Identifier: BSD-2-Clause */
#include "../lib/tpm_test.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/rsa_pad.h"
#include "tpm/import.h"

#define P256 3
#define BOTH (TPM_USE_SIGN | TPM_USE_DECRYPT)

/* A key made by OpenSSL, and its numbers. */
struct rsa {
	EVP_PKEY *pkey;
	struct buf n, e, d, p, q;
};

static void
number_of(EVP_PKEY *pkey, const char *name, struct buf *out)
{
	BIGNUM *n = NULL;

	assert_true(EVP_PKEY_get_bn_param(pkey, name, &n));
	assert_ok(buf_resize(out, (size_t)BN_num_bytes(n)));
	(void)BN_bn2bin(n, out->data);
	BN_clear_free(n);
}

static void
rsa_new(struct rsa *r, unsigned bits, unsigned exponent)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_uint(OSSL_PKEY_PARAM_RSA_BITS, &bits),
		OSSL_PARAM_uint(OSSL_PKEY_PARAM_RSA_E, &exponent),
		OSSL_PARAM_END
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);

	memset(r, 0, sizeof(*r));
	assert_true(EVP_PKEY_keygen_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_params(ctx, params) == 1 &&
	    EVP_PKEY_generate(ctx, &r->pkey) == 1);
	EVP_PKEY_CTX_free(ctx);
	number_of(r->pkey, OSSL_PKEY_PARAM_RSA_N, &r->n);
	number_of(r->pkey, OSSL_PKEY_PARAM_RSA_E, &r->e);
	number_of(r->pkey, OSSL_PKEY_PARAM_RSA_D, &r->d);
	number_of(r->pkey, OSSL_PKEY_PARAM_RSA_FACTOR1, &r->p);
	number_of(r->pkey, OSSL_PKEY_PARAM_RSA_FACTOR2, &r->q);
}

static void
rsa_free(struct rsa *r)
{
	EVP_PKEY_free(r->pkey);
	buf_free(&r->n);
	buf_free(&r->e);
	buf_free(&r->d);
	buf_free(&r->p);
	buf_free(&r->q);
}

static struct tpm_rsa_private
by_prime(const struct rsa *r, const struct buf *prime)
{
	return (struct tpm_rsa_private){ buf_view(&r->n), buf_view(&r->e),
	    buf_view(prime), VIEW_EMPTY };
}

/* The TPM's PKCS #1 signature of a text, judged by OpenSSL. */
static void
assert_rsa_signs(const struct bench *b, const struct tpm_blob *blob,
    EVP_PKEY *pkey)
{
	const struct hash *h = hash_by_mech(CKM_SHA256);
	const struct view text = view_str("a text");
	struct buf info = BUF_EMPTY, digest = BUF_EMPTY, em = BUF_EMPTY;
	struct buf signature = BUF_EMPTY;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct tpm_key *k = NULL;

	assert_ok(tpm_key_new(b->tpm, &b->parent, blob, &k));
	assert_ok(digest_once(h, &text, 1, &digest));
	assert_ok(buf_set(&info, h->digest_info));
	assert_ok(buf_append(&info, buf_view(&digest)));
	assert_ok(rsa_pad_sign(buf_view(&info),
	    (size_t)EVP_PKEY_get_size(pkey), &em));
	assert_ok(tpm_key_rsa(k, buf_view(&em), &signature));
	assert_true(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL,
	    pkey));
	assert_int_equal(EVP_DigestVerify(ctx, signature.data, signature.len,
	    text.data, text.len), 1);
	EVP_MD_CTX_free(ctx);
	tpm_key_unref(&k);
	buf_free(&info);
	buf_free(&digest);
	buf_free(&em);
	buf_free(&signature);
}

/* By either prime, with leading zeros or not, and by the exponent alone. */
static void
rsa_keys_sign_as_they_did(void **state)
{
	static const unsigned sizes[] = { 1024, 2048, 3072 };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_rsa_private key;
	struct buf padded = BUF_EMPTY;
	struct rsa r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		rsa_new(&r, sizes[i], 65537);
		key = by_prime(&r, &r.p);
		assert_ok(tpm_import_rsa(b->tpm, &b->parent, &key, BOTH,
		    &blob));
		assert_int_equal(blob.auth.len, 32);
		assert_rsa_signs(b, &blob, r.pkey);
		assert_ok(buf_set_padded(&padded, buf_view(&r.q),
		    r.q.len + 3));
		key.prime = buf_view(&padded);
		assert_ok(tpm_import_rsa(b->tpm, &b->parent, &key, BOTH,
		    &blob));
		assert_rsa_signs(b, &blob, r.pkey);
		key.prime = VIEW_EMPTY;
		key.private_exponent = buf_view(&r.d);
		assert_ok(tpm_import_rsa(b->tpm, &b->parent, &key, BOTH,
		    &blob));
		assert_rsa_signs(b, &blob, r.pkey);
		rsa_free(&r);
	}
	tpm_blob_free(&blob);
	buf_free(&padded);
}

static void
assert_rsa_refused(const struct bench *b, const struct tpm_rsa_private *key,
    CK_RV rv)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_rv(tpm_import_rsa(b->tpm, &b->parent, key, BOTH, &blob), rv);
	assert_null(blob.auth.data);
	assert_null(blob.private_area.data);
}

static void
rsa_numbers_that_are_no_key_are_refused_unsent(void **state)
{
	static const uint8_t even[] = { 1, 0, 0 }, one[] = { 1 };
	static const uint8_t wide[] = { 1, 0, 0, 0, 1 };
	const struct bench *b = *state;
	struct tpm_rsa_private key;
	struct buf changed = BUF_EMPTY;
	struct rsa r, other;

	trace_reset();
	rsa_new(&r, 2048, 65537);
	rsa_new(&other, 2048, 65537);
	key = by_prime(&r, &other.p);
	assert_rsa_refused(b, &key, CKR_TEMPLATE_INCONSISTENT);
	key.prime = view_of(one, 1);
	assert_rsa_refused(b, &key, CKR_TEMPLATE_INCONSISTENT);
	key.prime = buf_view(&r.n);
	assert_rsa_refused(b, &key, CKR_TEMPLATE_INCONSISTENT);
	/* Neither prime nor private exponent, or one of another key. */
	key.prime = VIEW_EMPTY;
	assert_rsa_refused(b, &key, CKR_TEMPLATE_INCONSISTENT);
	key.private_exponent = buf_view(&other.d);
	assert_rsa_refused(b, &key, CKR_TEMPLATE_INCONSISTENT);
	key.private_exponent = view_of(one, 1);
	assert_rsa_refused(b, &key, CKR_TEMPLATE_INCONSISTENT);

	key = by_prime(&r, &r.p);
	key.exponent = view_of(even, sizeof(even));
	assert_rsa_refused(b, &key, CKR_ATTRIBUTE_VALUE_INVALID);
	key.exponent = view_of(one, 1);
	assert_rsa_refused(b, &key, CKR_ATTRIBUTE_VALUE_INVALID);
	key.exponent = VIEW_EMPTY;
	assert_rsa_refused(b, &key, CKR_ATTRIBUTE_VALUE_INVALID);
	key.exponent = view_of(wide, sizeof(wide));
	assert_rsa_refused(b, &key, CKR_ATTRIBUTE_VALUE_INVALID);

	key = by_prime(&r, &r.p);
	key.modulus = VIEW_EMPTY;
	assert_rsa_refused(b, &key, CKR_ATTRIBUTE_VALUE_INVALID);
	assert_ok(buf_set(&changed, buf_view(&r.n)));
	changed.data[255] ^= 1;
	key.modulus = buf_view(&changed);
	assert_rsa_refused(b, &key, CKR_ATTRIBUTE_VALUE_INVALID);
	changed.data[255] ^= 1;
	changed.data[0] &= 0x7f;
	assert_rsa_refused(b, &key, CKR_KEY_SIZE_RANGE);
	changed.data[1] |= 1;
	key.modulus = view_sub(buf_view(&changed), 1, 255);
	assert_rsa_refused(b, &key, CKR_KEY_SIZE_RANGE);
	assert_int_equal(trace_count(NULL), 0);
	rsa_free(&r);
	rsa_free(&other);
	buf_free(&changed);
}

/* An exponent that goes with the primes: the TPM takes it, and then rightly,
 * or it says so. */
static void
an_unusual_exponent_is_the_tpms_affair(void **state)
{
	const struct bench *b = *state;
	struct tpm_rsa_private key;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct rsa r;
	CK_RV rv;

	rsa_new(&r, 1024, 17);
	key = by_prime(&r, &r.p);
	rv = tpm_import_rsa(b->tpm, &b->parent, &key, BOTH, &blob);
	if (rv == CKR_OK)
		assert_rsa_signs(b, &blob, r.pkey);
	else
		assert_int_equal(rv, CKR_ATTRIBUTE_VALUE_INVALID);
	tpm_blob_free(&blob);
	rsa_free(&r);
}

/* p is a prime of n, but the other one is not as long. */
static void
rsa_primes_of_two_lengths_are_refused(void **state)
{
	const struct bench *b = *state;
	struct tpm_rsa_private key;
	BIGNUM *p = BN_new(), *q = BN_new(), *n = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	uint8_t bytes[256], prime[128];
	static const uint8_t e[] = { 1, 0, 1 };
	int len;

	do {
		assert_true(BN_generate_prime_ex(p, 1000, 0, NULL, NULL,
		    NULL));
		assert_true(BN_generate_prime_ex(q, 1048, 0, NULL, NULL,
		    NULL));
		assert_true(BN_mul(n, p, q, ctx));
	} while (BN_num_bits(n) != 2048);
	assert_int_equal(BN_bn2bin(n, bytes), 256);
	len = BN_bn2bin(p, prime);
	key = (struct tpm_rsa_private){ view_of(bytes, 256),
	    view_of(e, sizeof(e)), view_of(prime, (size_t)len), VIEW_EMPTY };
	assert_rsa_refused(b, &key, CKR_KEY_SIZE_RANGE);
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_CTX_free(ctx);
}

static void
what_the_tpm_lacks_is_said(void **state)
{
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_rsa_private key;
	struct buf point = BUF_EMPTY;
	static const uint8_t d[24] = { 1 };
	struct rsa r;

	rsa_new(&r, 4096, 65537);
	key = by_prime(&r, &r.p);
	assert_rsa_refused(b, &key, CKR_KEY_SIZE_RANGE);
	rsa_free(&r);
	rsa_new(&r, 1536, 65537);
	key = by_prime(&r, &r.p);
	assert_rsa_refused(b, &key, CKR_KEY_SIZE_RANGE);
	rsa_free(&r);
	assert_rv(tpm_import_ec(b->tpm, &b->parent, 0x77, view_of(d, 24),
	    VIEW_EMPTY, BOTH, &blob, &point), CKR_CURVE_NOT_SUPPORTED);
	/* A TPM that takes no import. */
	set_fault("Import:0:0x143");
	assert_rv(tpm_import_ec(b->tpm, &b->parent, P256, view_of(d, 24),
	    VIEW_EMPTY, BOTH, &blob, &point), CKR_FUNCTION_NOT_SUPPORTED);
	assert_null(blob.auth.data);
	assert_null(point.data);
}

static const struct {
	const char *name;
	uint16_t id;
} ec[] = { { "P-256", 3 }, { "P-384", 4 }, { "P-521", 5 } };

static void
ec_new(const char *name, struct buf *d, struct buf *point)
{
	EVP_PKEY *pkey = EVP_EC_gen(name);

	assert_non_null(pkey);
	number_of(pkey, OSSL_PKEY_PARAM_PRIV_KEY, d);
	assert_ok(buf_resize(point, 133));
	assert_true(EVP_PKEY_get_octet_string_param(pkey,
	    OSSL_PKEY_PARAM_PUB_KEY, point->data, point->len, &point->len));
	EVP_PKEY_free(pkey);
}

/* With the point and without, d with leading zeros and without. */
static void
ec_keys_sign_and_agree_as_they_did(void **state)
{
	const struct bench *b = *state;
	struct buf d = BUF_EMPTY, point = BUF_EMPTY, found = BUF_EMPTY;
	struct buf peer = BUF_EMPTY, z = BUF_EMPTY, expected = BUF_EMPTY;
	struct buf padded = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_key *k = NULL;
	size_t i, j;

	for (i = 0; i < ARRAY_LEN(ec); i++)
		for (j = 0; j < 2; j++) {
			const struct curve *c = curve_by_tpm_id(ec[i].id);

			ec_new(ec[i].name, &d, &point);
			assert_ok(buf_set_padded(&padded, buf_view(&d), 80));
			assert_ok(tpm_import_ec(b->tpm, &b->parent, ec[i].id,
			    buf_view(j == 0 ? &d : &padded), j == 0 ?
			    VIEW_EMPTY : buf_view(&point), BOTH, &blob,
			    &found));
			assert_true(view_equal(buf_view(&found),
			    buf_view(&point)));
			assert_ok(tpm_key_new(b->tpm, &b->parent, &blob,
			    &k));
			assert_signs(k, &point, ec[i].id, 32);
			assert_ok(curve_ephemeral(c, buf_view(&point), &peer,
			    &expected));
			assert_ok(tpm_key_ecdh(k, buf_view(&peer), &z));
			assert_true(view_equal(buf_view(&z),
			    buf_view(&expected)));
			tpm_key_unref(&k);
		}
	tpm_blob_free(&blob);
	buf_free(&d);
	buf_free(&point);
	buf_free(&found);
	buf_free(&padded);
	buf_free(&peer);
	buf_free(&z);
	buf_free(&expected);
}

/* Private numbers with zeros in front keep the length that a TPM wants. */
static void
small_private_numbers_are_taken(void **state)
{
	static const uint8_t d[] = { 2 };
	const struct bench *b = *state;
	struct buf point = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_key *k = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(ec); i++) {
		assert_ok(tpm_import_ec(b->tpm, &b->parent, ec[i].id,
		    view_of(d, 1), VIEW_EMPTY, BOTH, &blob, &point));
		assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
		assert_signs(k, &point, ec[i].id, 32);
		tpm_key_unref(&k);
	}
	tpm_blob_free(&blob);
	buf_free(&point);
}

static void
assert_ec_refused(const struct bench *b, struct view d, struct view point,
    CK_RV rv)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf found = BUF_EMPTY;

	trace_reset();
	assert_rv(tpm_import_ec(b->tpm, &b->parent, P256, d, point, BOTH,
	    &blob, &found), rv);
	assert_null(blob.auth.data);
	assert_null(found.data);
	assert_int_equal(trace_count(NULL), 0);
}

static void
ec_numbers_that_are_no_key_are_refused_unsent(void **state)
{
	static const char order[] = "ffffffff00000000ffffffffffffffff"
	    "bce6faada7179e84f3b9cac2fc632551";
	static const uint8_t zeros[32], ones[33] = { 1 };
	const struct bench *b = *state;
	struct buf d = BUF_EMPTY, point = BUF_EMPTY, other = BUF_EMPTY;
	struct buf n = BUF_EMPTY;

	ec_new("P-256", &d, &point);
	assert_ok(hex_parse(view_str(order), &n));
	assert_ec_refused(b, VIEW_EMPTY, VIEW_EMPTY,
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_ec_refused(b, view_of(zeros, 32), VIEW_EMPTY,
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_ec_refused(b, buf_view(&n), VIEW_EMPTY,
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_ec_refused(b, view_of(ones, 33), VIEW_EMPTY,
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_ec_refused(b, buf_view(&d), view_sub(buf_view(&point), 0, 64),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	point.data[40] ^= 1;
	assert_ec_refused(b, buf_view(&d), buf_view(&point),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	ec_new("P-256", &other, &point);
	assert_ec_refused(b, buf_view(&d), buf_view(&point),
	    CKR_TEMPLATE_INCONSISTENT);
	buf_free(&d);
	buf_free(&point);
	buf_free(&other);
	buf_free(&n);
}

/* The way to wrap depends on the parent's type, hash and cipher. */
static void
parents_of_other_kinds_serve(void **state)
{
	static const char *const kinds[] = { "rsa2048", "ecc384:aes128cfb",
	    "ecc256:aes256cfb", "rsa2048:aes256cfb -g sha384" };
	struct tpm_parent parent = TPM_PARENT_EMPTY;
	struct buf d = BUF_EMPTY, point = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct bench b = { NULL, TPM_PARENT_EMPTY };
	struct tpm_key *k = NULL;
	char line[300];
	size_t i;

	(void)state;
	ec_new("P-256", &d, &point);
	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		print_message("%s\n", kinds[i]);
		b.tpm = NULL;
		(void)own_tpm_start();
		(void)snprintf(line, sizeof(line), "cd /tmp && "
		    "tpm2_createprimary -Q -C o -G %s -c $TCTI_TRACE_FILE.ctx "
		    "&& tpm2_evictcontrol -Q -C o -c $TCTI_TRACE_FILE.ctx "
		    "0x81000001 && tpm2_flushcontext -t && "
		    "rm $TCTI_TRACE_FILE.ctx", kinds[i]);
		own_tpm_run(line);
		assert_ok(tpm_new(own_tpm_start(), &b.tpm));
		assert_ok(tpm_parent_provision(b.tpm, TPM_SRK, VIEW_EMPTY,
		    &parent));
		assert_ok(tpm_import_ec(b.tpm, &parent, P256, buf_view(&d),
		    VIEW_EMPTY, BOTH, &blob, &point));
		assert_ok(tpm_key_new(b.tpm, &parent, &blob, &k));
		assert_signs(k, &point, P256, 32);
		tpm_key_unref(&k);
		tpm_free(&b.tpm);
		own_tpm_remove();
	}
	tpm_parent_free(&parent);
	tpm_blob_free(&blob);
	buf_free(&d);
	buf_free(&point);
}

static void
faults_with_a_remedy_are_not_seen(void **state)
{
	static const char *const faults[] = { "Import:1:0x922",
	    "Import:1:0x918", "Import:1:0x100", "Import:1:drop",
	    "Create:1:drop" };
	static const uint8_t d[] = { 9, 8, 7, 6, 5, 4, 3, 2 };
	const struct bench *b = *state;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct buf point = BUF_EMPTY;
	struct tpm_key *k = NULL;
	size_t i;

	for (i = 0; i < ARRAY_LEN(faults); i++) {
		set_fault(faults[i]);
		assert_ok(tpm_import_ec(b->tpm, &b->parent, P256,
		    view_of(d, 8), VIEW_EMPTY, BOTH, &blob, &point));
		assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &k));
		assert_signs(k, &point, P256, 32);
		tpm_key_unref(&k);
		assert_ok(tpm_import_hmac(b->tpm, &b->parent, NULL,
		    view_of(d, 8), &blob));
	}
	set_fault("Import:1:hmac");
	assert_rv(tpm_import_ec(b->tpm, &b->parent, P256, view_of(d, 8),
	    VIEW_EMPTY, BOTH, &blob, &point), CKR_DEVICE_ERROR);
	tpm_blob_free(&blob);
	buf_free(&point);
}

static void
ten_imported_keys_take_turns(void **state)
{
	const struct bench *b = *state;
	struct tpm_key *keys[10] = { NULL };
	struct buf points[10] = { BUF_EMPTY }, d = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	size_t i, round;

	for (i = 0; i < ARRAY_LEN(keys); i++) {
		ec_new("P-256", &d, &points[i]);
		assert_ok(tpm_import_ec(b->tpm, &b->parent, P256,
		    buf_view(&d), buf_view(&points[i]), BOTH, &blob,
		    &points[i]));
		assert_ok(tpm_key_new(b->tpm, &b->parent, &blob, &keys[i]));
	}
	for (round = 0; round < 3; round++)
		for (i = 0; i < ARRAY_LEN(keys); i++)
			assert_signs(keys[i], &points[i], P256, 32);
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		tpm_key_unref(&keys[i]);
		buf_free(&points[i]);
	}
	tpm_blob_free(&blob);
	buf_free(&d);
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
	const struct bench *b = *state;
	struct buf d = BUF_EMPTY, point = BUF_EMPTY, found = BUF_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct tpm_rsa_private key;
	struct rsa r;

	(void)setenv("TCTI_TRACE_RAW", "1", 1);
	ec_new("P-256", &d, &point);
	assert_ok(tpm_import_ec(b->tpm, &b->parent, P256, buf_view(&d),
	    VIEW_EMPTY, BOTH, &blob, &found));
	assert_on_bus(buf_view(&d), false);
	assert_on_bus(buf_view(&blob.auth), false);
	assert_on_bus(view_sub(buf_view(&point), 1, 32), true);
	rsa_new(&r, 2048, 65537);
	key = by_prime(&r, &r.p);
	assert_ok(tpm_import_rsa(b->tpm, &b->parent, &key, BOTH, &blob));
	assert_on_bus(view_sub(buf_view(&r.p), 0, 32), false);
	assert_on_bus(view_sub(buf_view(&r.q), 0, 32), false);
	assert_on_bus(view_sub(buf_view(&r.n), 0, 32), true);
	(void)unsetenv("TCTI_TRACE_RAW");
	rsa_free(&r);
	tpm_blob_free(&blob);
	buf_free(&d);
	buf_free(&point);
	buf_free(&found);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rsa_keys_sign_as_they_did),
		TEST(rsa_numbers_that_are_no_key_are_refused_unsent),
		TEST(an_unusual_exponent_is_the_tpms_affair),
		TEST(rsa_primes_of_two_lengths_are_refused),
		TEST(what_the_tpm_lacks_is_said),
		TEST(ec_keys_sign_and_agree_as_they_did),
		TEST(small_private_numbers_are_taken),
		TEST(ec_numbers_that_are_no_key_are_refused_unsent),
		cmocka_unit_test(parents_of_other_kinds_serve),
		TEST(faults_with_a_remedy_are_not_seen),
		TEST(ten_imported_keys_take_turns),
		TEST(nothing_secret_crosses_the_bus),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
