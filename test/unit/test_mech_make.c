/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/curve.h"
#include "mech_test.h"
#include "util/mem.h"

#include <cmocka.h>

/* Key pairs and secrets that are made. */

static const struct mech_place place = { .caps = &fake_tpm_caps };

/* A pair in the making. */
struct making {
	struct attrs pub;
	struct attrs priv;
	struct tpm_blob blob;
};

#define MAKING ((struct making){ ATTRS_EMPTY, ATTRS_EMPTY, TPM_BLOB_EMPTY })

static void
making_free(struct making *w)
{
	attrs_free(&w->pub);
	attrs_free(&w->priv);
	tpm_blob_free(&w->blob);
}

static CK_RV
make(CK_MECHANISM_TYPE type, struct making *w)
{
	CK_MECHANISM m = mech_plain(type);

	return mech_generate_pair(&m, &place, &w->pub, &w->priv, &w->blob);
}

static struct key *
open_half(struct attrs *a, CK_OBJECT_CLASS class, CK_KEY_TYPE type,
    const struct tpm_blob *blob)
{
	struct key *k = NULL;

	assert_int_equal(attrs_set_ulong(a, CKA_CLASS, class), CKR_OK);
	assert_int_equal(attrs_set_ulong(a, CKA_KEY_TYPE, type), CKR_OK);
	assert_int_equal(key_new(NULL, NULL, a, blob, &k), CKR_OK);
	return k;
}

/* The halves, opened as keys, belong together. */
static void
pair_signs(struct making *w, CK_KEY_TYPE type, CK_MECHANISM_TYPE sign)
{
	struct key *pub = open_half(&w->pub, CKO_PUBLIC_KEY, type, NULL);
	struct key *priv = open_half(&w->priv, CKO_PRIVATE_KEY, type,
	    &w->blob);
	struct view in = view_str("message");
	struct buf sig = BUF_EMPTY;

	assert_int_equal(run_once(MECH_SIGN, mech_plain(sign), priv, in,
	    &sig), CKR_OK);
	assert_int_equal(verify_once(mech_plain(sign), pub, in,
	    buf_view(&sig)), CKR_OK);
	key_unref(&pub);
	key_unref(&priv);
	buf_free(&sig);
}

static bool
same(struct attrs *a, struct attrs *b, CK_ATTRIBUTE_TYPE type)
{
	return attrs_has(a, type) &&
	    view_equal(attrs_view(a, type), attrs_view(b, type));
}

static void
rsa_exponents_come_in_many_forms(void **state)
{
	static const struct {
		struct view given;
		struct view kept;
	} cases[] = {
		{ { NULL, 0 }, { (const uint8_t *)"\1\0\1", 3 } },
		{ { (const uint8_t *)"\1\0\1", 3 },
		    { (const uint8_t *)"\1\0\1", 3 } },
		{ { (const uint8_t *)"\0\1\0\1", 4 },
		    { (const uint8_t *)"\1\0\1", 3 } },
		{ { (const uint8_t *)"\0\0\0\0\0\1\0\1", 8 },
		    { (const uint8_t *)"\1\0\1", 3 } },
		{ { (const uint8_t *)"\3", 1 }, { (const uint8_t *)"\3", 1 } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct making w = MAKING;

		assert_int_equal(attrs_set_ulong(&w.pub, CKA_MODULUS_BITS,
		    2048), CKR_OK);
		if (cases[i].given.len > 0)
			assert_int_equal(attrs_set(&w.pub,
			    CKA_PUBLIC_EXPONENT, cases[i].given), CKR_OK);
		assert_int_equal(make(CKM_RSA_PKCS_KEY_PAIR_GEN, &w), CKR_OK);
		assert_true(view_equal(attrs_view(&w.pub,
		    CKA_PUBLIC_EXPONENT), cases[i].kept));
		assert_true(same(&w.pub, &w.priv, CKA_PUBLIC_EXPONENT));
		assert_true(same(&w.pub, &w.priv, CKA_MODULUS));
		assert_int_equal(attrs_view(&w.pub, CKA_MODULUS).len, 256);
		assert_int_equal(w.blob.public_area.data[0],
		    TPM_USE_SIGN | TPM_USE_DECRYPT);
		pair_signs(&w, CKK_RSA, CKM_SHA256_RSA_PKCS);
		making_free(&w);
	}
}

static CK_RV
try_rsa(CK_ULONG bits, struct view exponent)
{
	struct making w = MAKING;
	CK_RV rv;

	if (bits != NONE)
		assert_int_equal(attrs_set_ulong(&w.pub, CKA_MODULUS_BITS,
		    bits), CKR_OK);
	if (exponent.len > 0)
		assert_int_equal(attrs_set(&w.pub, CKA_PUBLIC_EXPONENT,
		    exponent), CKR_OK);
	rv = make(CKM_RSA_PKCS_KEY_PAIR_GEN, &w);
	if (rv != CKR_OK) {
		assert_int_equal(w.priv.count, 0);
		assert_false(attrs_has(&w.pub, CKA_MODULUS));
		assert_int_equal(w.blob.private_area.len, 0);
	}
	making_free(&w);
	return rv;
}

static void
impossible_rsa_pairs_are_refused_before_the_tpm(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = { { "\0", 1 }, { "\1", 1 }, { "\2", 1 }, { "\1\0\0", 3 },
		{ "\1\0\0\0\1", 5 }, { "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		9 } };
	CK_ULONG sizes[] = { 0, 1024, 2047, 4096, 1u << 31 };
	unsigned before = fake_tpm_commands;
	size_t i;

	(void)state;
	assert_int_equal(try_rsa(NONE, VIEW_EMPTY), CKR_TEMPLATE_INCOMPLETE);
	for (i = 0; i < ARRAY_LEN(sizes); i++)
		assert_int_equal(try_rsa(sizes[i], VIEW_EMPTY),
		    CKR_KEY_SIZE_RANGE);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(try_rsa(2048, view_of(bad[i].bytes,
		    bad[i].len)), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(fake_tpm_commands, before);
}

static void
exponent_that_the_tpm_refuses_is_a_bad_value(void **state)
{
	(void)state;
	fake_tpm_one_exponent = true;
	assert_int_equal(try_rsa(2048, view_of("\3", 1)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_rsa(2048, view_of("\1\0\1", 3)), CKR_OK);
	fake_tpm_one_exponent = false;
}

static void
curves_are_named_in_any_form_and_kept_as_oids(void **state)
{
	static const char *const forms[] = { "\x13\x09secp256r1",
		"\x13\x0aprime256v1", "\x13\x05P-256" };
	struct view oid = curve_by_tpm_id(3)->params;
	size_t i;

	(void)state;
	for (i = 0; i <= ARRAY_LEN(forms); i++) {
		struct making w = MAKING;
		struct view v = oid;
		struct view point;

		if (i < ARRAY_LEN(forms))
			v = view_str(forms[i]);
		assert_int_equal(attrs_set(&w.pub, CKA_EC_PARAMS, v),
		    CKR_OK);
		assert_int_equal(make(CKM_EC_KEY_PAIR_GEN, &w), CKR_OK);
		assert_true(view_equal(attrs_view(&w.pub, CKA_EC_PARAMS),
		    oid));
		assert_true(same(&w.pub, &w.priv, CKA_EC_PARAMS));
		assert_true(same(&w.pub, &w.priv, CKA_EC_POINT));
		point = attrs_view(&w.pub, CKA_EC_POINT);
		assert_int_equal(point.len, 67);
		assert_memory_equal(point.data, "\x04\x41\x04", 3);
		pair_signs(&w, CKK_EC, CKM_ECDSA_SHA256);
		making_free(&w);
	}
}

static void
every_curve_of_the_tpm_makes_a_pair(void **state)
{
	const struct curve *c;
	size_t n = 0;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		bool there = tpm_caps_curve(&fake_tpm_caps, c->tpm_id);
		struct making w = MAKING;

		assert_int_equal(attrs_set(&w.pub, CKA_EC_PARAMS, c->params),
		    CKR_OK);
		assert_int_equal(make(CKM_EC_KEY_PAIR_GEN, &w), there ?
		    CKR_OK : CKR_CURVE_NOT_SUPPORTED);
		if (there)
			pair_signs(&w, CKK_EC, CKM_ECDSA_SHA512);
		n += there;
		making_free(&w);
	}
	assert_int_equal(n, 3);
}

static CK_RV
try_curve(const void *params, size_t len)
{
	struct making w = MAKING;
	CK_RV rv;

	if (params != NULL)
		assert_int_equal(attrs_set(&w.pub, CKA_EC_PARAMS,
		    view_of(params, len)), CKR_OK);
	rv = make(CKM_EC_KEY_PAIR_GEN, &w);
	assert_int_equal(w.priv.count, 0);
	making_free(&w);
	return rv;
}

static void
unknown_curves_and_nonsense_are_told_apart(void **state)
{
	unsigned before = fake_tpm_commands;

	(void)state;
	assert_int_equal(try_curve(NULL, 0), CKR_TEMPLATE_INCOMPLETE);
	/* secp256k1, edwards25519 by name, implicitCA, empty parameters */
	assert_int_equal(try_curve("\x06\x05\x2b\x81\x04\x00\x0a", 7),
	    CKR_CURVE_NOT_SUPPORTED);
	assert_int_equal(try_curve("\x13\x0c" "edwards25519", 14),
	    CKR_CURVE_NOT_SUPPORTED);
	assert_int_equal(try_curve("\x05\x00", 2), CKR_CURVE_NOT_SUPPORTED);
	assert_int_equal(try_curve("\x30\x00", 2), CKR_CURVE_NOT_SUPPORTED);

	assert_int_equal(try_curve("", 0), CKR_DOMAIN_PARAMS_INVALID);
	assert_int_equal(try_curve("\x06", 1), CKR_DOMAIN_PARAMS_INVALID);
	assert_int_equal(try_curve("\x06\x05\x2b\x81\x04\x00", 6),
	    CKR_DOMAIN_PARAMS_INVALID);
	assert_int_equal(try_curve("\x06\x05\x2b\x81\x04\x00\x0a\x00", 8),
	    CKR_DOMAIN_PARAMS_INVALID);
	assert_int_equal(try_curve("\x02\x01\x01", 3),
	    CKR_DOMAIN_PARAMS_INVALID);
	assert_int_equal(try_curve("P-256", 5), CKR_DOMAIN_PARAMS_INVALID);
	assert_int_equal(fake_tpm_commands, before);
}

static void
tpm_use_of_an_ec_key_follows_its_template(void **state)
{
	static const struct {
		bool sign;
		bool derive;
		unsigned use;
	} cases[] = {
		{ true, false, TPM_USE_SIGN },
		{ false, true, TPM_USE_DECRYPT },
		{ true, true, TPM_USE_SIGN | TPM_USE_DECRYPT },
		{ false, false, TPM_USE_SIGN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct making w = MAKING;

		assert_int_equal(attrs_set(&w.pub, CKA_EC_PARAMS,
		    curve_by_tpm_id(3)->params), CKR_OK);
		assert_int_equal(attrs_set_bool(&w.priv, CKA_SIGN,
		    cases[i].sign), CKR_OK);
		assert_int_equal(attrs_set_bool(&w.priv, CKA_DERIVE,
		    cases[i].derive), CKR_OK);
		assert_int_equal(make(CKM_EC_KEY_PAIR_GEN, &w), CKR_OK);
		assert_int_equal(w.blob.public_area.data[0], cases[i].use);
		making_free(&w);
	}
}

static CK_RV
try_secret(CK_ULONG len, struct attrs *a)
{
	CK_MECHANISM m = mech_plain(CKM_GENERIC_SECRET_KEY_GEN);
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	assert_int_equal(attrs_set_ulong(a, CKA_KEY_TYPE,
	    CKK_GENERIC_SECRET), CKR_OK);
	if (len != NONE)
		assert_int_equal(attrs_set_ulong(a, CKA_VALUE_LEN, len),
		    CKR_OK);
	return mech_generate(&m, &place, a, &blob);
}

static void
secret_is_random_and_as_long_as_asked(void **state)
{
	CK_ULONG lens[] = { 1, 16, 32, 64, 4096 };
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		assert_int_equal(try_secret(lens[i], &a), CKR_OK);
		assert_int_equal(attrs_view(&a, CKA_VALUE).len, lens[i]);
		assert_int_equal(try_secret(lens[i], &b), CKR_OK);
		if (lens[i] >= 16)
			assert_false(same(&a, &b, CKA_VALUE));
	}
	attrs_free(&a);
	attrs_free(&b);
	assert_int_equal(try_secret(NONE, &a), CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_secret(0, &a), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_secret(4097, &a), CKR_KEY_SIZE_RANGE);
	assert_false(attrs_has(&a, CKA_VALUE));
	attrs_free(&a);
}

static void
mechanisms_make_only_what_they_are_for(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct making w = MAKING;
	CK_MECHANISM m = mech_plain(CKM_EC_KEY_PAIR_GEN);
	int junk = 0;

	(void)state;
	assert_int_equal(mech_generate(&m, &place, &a, &w.blob),
	    CKR_MECHANISM_INVALID);
	assert_int_equal(make(CKM_GENERIC_SECRET_KEY_GEN, &w),
	    CKR_MECHANISM_INVALID);
	assert_int_equal(make(CKM_ECDSA, &w), CKR_MECHANISM_INVALID);
	assert_int_equal(make(CKM_DSA_KEY_PAIR_GEN, &w),
	    CKR_MECHANISM_INVALID);
	m = mech_param(CKM_EC_KEY_PAIR_GEN, &junk, sizeof(junk));
	assert_int_equal(mech_generate_pair(&m, &place, &w.pub, &w.priv,
	    &w.blob), CKR_MECHANISM_PARAM_INVALID);
	m.mechanism = CKM_GENERIC_SECRET_KEY_GEN;
	assert_int_equal(mech_generate(&m, &place, &a, &w.blob),
	    CKR_MECHANISM_PARAM_INVALID);
	making_free(&w);
	attrs_free(&a);
}

/* Each allocation on the way fails once. */
static void
without_memory_no_half_is_left(void **state)
{
	size_t n;
	CK_RV rv = CKR_HOST_MEMORY;

	(void)state;
	for (n = 1; rv != CKR_OK; n++) {
		struct making w = MAKING;

		assert_true(n < 100);
		assert_int_equal(attrs_set(&w.pub, CKA_EC_PARAMS,
		    curve_by_tpm_id(3)->params), CKR_OK);
		mem_fail_at(n);
		rv = make(CKM_EC_KEY_PAIR_GEN, &w);
		mem_fail_at(0);
		if (rv != CKR_OK) {
			assert_int_equal(rv, CKR_HOST_MEMORY);
			assert_int_equal(w.blob.private_area.len, 0);
		}
		making_free(&w);
	}
	assert_true(n > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa_exponents_come_in_many_forms),
		cmocka_unit_test(
		    impossible_rsa_pairs_are_refused_before_the_tpm),
		cmocka_unit_test(exponent_that_the_tpm_refuses_is_a_bad_value),
		cmocka_unit_test(curves_are_named_in_any_form_and_kept_as_oids),
		cmocka_unit_test(every_curve_of_the_tpm_makes_a_pair),
		cmocka_unit_test(unknown_curves_and_nonsense_are_told_apart),
		cmocka_unit_test(tpm_use_of_an_ec_key_follows_its_template),
		cmocka_unit_test(secret_is_random_and_as_long_as_asked),
		cmocka_unit_test(mechanisms_make_only_what_they_are_for),
		cmocka_unit_test(without_memory_no_half_is_left),
	};

	return cmocka_run_group_tests(tests, mech_test_start,
	    mech_test_stop);
}
