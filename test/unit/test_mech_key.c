/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/curve.h"
#include "mech_test.h"
#include "util/mem.h"

#include <cmocka.h>

static CK_RV
try_key(struct attrs *a, const struct tpm_blob *blob)
{
	struct key *k = NULL;
	CK_RV rv = key_new(NULL, NULL, a, blob, &k);

	assert_int_equal(rv == CKR_OK, k != NULL);
	key_unref(&k);
	assert_null(k);
	return rv;
}

static void
kind(struct attrs *a, CK_OBJECT_CLASS class, CK_KEY_TYPE type)
{
	attrs_free(a);
	assert_int_equal(attrs_set_ulong(a, CKA_CLASS, class), CKR_OK);
	assert_int_equal(attrs_set_ulong(a, CKA_KEY_TYPE, type), CKR_OK);
}

static void
what_is_no_key_is_refused(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct tpm_blob blob = TPM_BLOB_EMPTY;

	(void)state;
	assert_int_equal(try_key(&a, NULL), CKR_KEY_HANDLE_INVALID);
	kind(&a, CKO_CERTIFICATE, CKK_RSA);
	assert_int_equal(try_key(&a, NULL), CKR_KEY_HANDLE_INVALID);
	kind(&a, CKO_PRIVATE_KEY, CKK_RSA);
	assert_int_equal(try_key(&a, NULL), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(try_key(&a, &blob), CKR_KEY_HANDLE_INVALID);
	kind(&a, CKO_SECRET_KEY, CKK_AES);
	assert_int_equal(try_key(&a, NULL), CKR_KEY_HANDLE_INVALID);
	kind(&a, CKO_PUBLIC_KEY, CKK_DSA);
	assert_int_equal(try_key(&a, NULL), CKR_KEY_TYPE_INCONSISTENT);
	attrs_free(&a);
}

static void
damaged_public_parts_are_no_key(void **state)
{
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	kind(&a, CKO_PUBLIC_KEY, CKK_RSA);
	assert_int_equal(try_key(&a, NULL), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(attrs_set(&a, CKA_MODULUS, view_str("even in 'f'")),
	    CKR_OK);
	assert_int_not_equal(try_key(&a, NULL), CKR_OK);

	kind(&a, CKO_PUBLIC_KEY, CKK_EC);
	assert_int_equal(try_key(&a, NULL), CKR_CURVE_NOT_SUPPORTED);
	assert_int_equal(attrs_set(&a, CKA_EC_PARAMS,
	    curve_by_tpm_id(3)->params), CKR_OK);
	assert_int_equal(try_key(&a, NULL), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(attrs_set(&a, CKA_EC_POINT, random_bytes(65)),
	    CKR_OK);
	assert_int_equal(try_key(&a, NULL), CKR_KEY_HANDLE_INVALID);
	attrs_free(&a);
}

static void
damaged_blob_is_no_key(void **state)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	kind(&a, CKO_SECRET_KEY, CKK_AES);
	assert_int_equal(fake_tpm_import(view_str("no DER"), TPM_USE_SIGN,
	    &blob), CKR_OK);
	assert_int_equal(try_key(&a, &blob), CKR_KEY_HANDLE_INVALID);
	attrs_free(&a);
	tpm_blob_free(&blob);
}

static void
halves_tell_what_they_are(void **state)
{
	struct pair p;
	struct key *s;

	(void)state;
	pair_open(&p, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384"),
	    TPM_USE_SIGN);
	assert_int_equal(key_class(p.pub), CKO_PUBLIC_KEY);
	assert_int_equal(key_type(p.pub), CKK_EC);
	assert_non_null(key_public(p.pub));
	assert_null(key_tpm(p.pub));
	assert_int_equal(key_class(p.priv), CKO_PRIVATE_KEY);
	assert_int_equal(pubkey_bits(key_public(p.priv)), 384);
	assert_non_null(key_tpm(p.priv));
	assert_int_equal(key_value(p.priv).len, 0);
	pair_free(&p);

	s = secret_key(CKK_AES, view_str("0123456789abcdef"));
	assert_int_equal(key_class(s), CKO_SECRET_KEY);
	assert_int_equal(key_type(s), CKK_AES);
	assert_true(view_equal(key_value(s), view_str("0123456789abcdef")));
	assert_null(key_public(s));
	assert_null(key_tpm(s));
	key_unref(&s);
}

static void
operation_keeps_its_key_alive(void **state)
{
	struct key *k = secret_key(CKK_GENERIC_SECRET, view_str("secret"));
	CK_MECHANISM m = mech_plain(CKM_SHA256_HMAC);
	struct mech_op *op = NULL;
	struct buf out = BUF_EMPTY;
	struct pair p;

	(void)state;
	assert_int_equal(mech_start(MECH_SIGN, &m, k, &fake_tpm_caps, &op),
	    CKR_OK);
	key_unref(&k);
	assert_int_equal(mech_finish(op, &out), CKR_OK);
	mech_end(&op);

	m = mech_plain(CKM_ECDSA_SHA256);
	pair_open(&p, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
	    TPM_USE_SIGN);
	assert_int_equal(mech_start(MECH_SIGN, &m, p.priv, &fake_tpm_caps,
	    &op), CKR_OK);
	pair_free(&p);
	assert_int_equal(mech_finish(op, &out), CKR_OK);
	mech_end(&op);
	buf_free(&out);
}

static void
references_of_nothing_are_nothing(void **state)
{
	struct key *k = key_ref(NULL);

	(void)state;
	assert_null(k);
	key_unref(&k);
}

static void
without_memory_there_is_no_key(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	size_t n;
	CK_RV rv = CKR_HOST_MEMORY;

	(void)state;
	kind(&a, CKO_SECRET_KEY, CKK_GENERIC_SECRET);
	assert_int_equal(attrs_set(&a, CKA_VALUE, view_str("secret")),
	    CKR_OK);
	for (n = 1; rv != CKR_OK; n++) {
		mem_fail_at(n);
		rv = try_key(&a, NULL);
		mem_fail_at(0);
		assert_true(rv == CKR_OK || rv == CKR_HOST_MEMORY);
	}
	assert_int_equal(n, 4);		/* the key, its value, all right */
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_key_is_refused),
		cmocka_unit_test(damaged_public_parts_are_no_key),
		cmocka_unit_test(damaged_blob_is_no_key),
		cmocka_unit_test(halves_tell_what_they_are),
		cmocka_unit_test(operation_keeps_its_key_alive),
		cmocka_unit_test(references_of_nothing_are_nothing),
		cmocka_unit_test(without_memory_there_is_no_key),
	};

	return cmocka_run_group_tests(tests, mech_test_start,
	    mech_test_stop);
}
