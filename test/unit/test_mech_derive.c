/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "mech_test.h"
#include "util/mem.h"

#include <openssl/evp.h>

/* Derivations that show bits, and digests of keys. */

/* From base, and other if the parameter names a key; len 0: none said. */
struct from {
	CK_MECHANISM m;
	struct key *base;
	struct key *other;
	bool sensitive;
	CK_KEY_TYPE type;
	CK_ULONG len;
};

static CK_RV
run_derivation(const struct from *f, struct attrs *a)
{
	CK_OBJECT_HANDLE handle;
	const struct mech_product product = { .class = CKO_SECRET_KEY,
		.key_type = NONE, .handle = &handle };
	struct mech_derivation d = { .call = NULL };
	CK_RV rv;

	rv = mech_derivation_open(&f->m, f->base, &fake_tpm_caps, &product,
	    &d);
	if (rv == CKR_OK) {
		assert_int_equal(d.key_count, f->other != NULL);
		d.keys[0] = key_ref(f->other);
		d.sensitive = f->sensitive;
		d.products[0].attrs = a;
		rv = mech_derive(&d);
	}
	mech_derivation_free(&d);
	return rv;
}

static CK_RV
derive(const struct from *f, struct buf *out)
{
	struct attrs a = ATTRS_EMPTY;
	CK_RV rv;

	assert_int_equal(attrs_set_ulong(&a, CKA_KEY_TYPE, f->type), CKR_OK);
	if (f->len != 0)
		assert_int_equal(attrs_set_ulong(&a, CKA_VALUE_LEN, f->len),
		    CKR_OK);
	rv = run_derivation(f, &a);
	assert_int_equal(rv == CKR_OK, attrs_has(&a, CKA_VALUE));
	if (rv == CKR_OK)
		assert_int_equal(buf_set(out, attrs_view(&a, CKA_VALUE)),
		    CKR_OK);
	attrs_free(&a);
	return rv;
}

static struct key *
generic(const char *text)
{
	struct buf value = hex(text);
	struct key *k = secret_key(CKK_GENERIC_SECRET, buf_view(&value));

	buf_free(&value);
	return k;
}

#define FROM(key, mech) ((struct from){ .m = mech, .base = key, \
	.type = CKK_GENERIC_SECRET })

static void
gives(struct from f, CK_ULONG len, const char *text)
{
	struct buf out = BUF_EMPTY;

	f.len = len;
	assert_int_equal(derive(&f, &out), CKR_OK);
	assert_hex(&out, text);
	buf_free(&out);
}

static void
refuses(struct from f, CK_ULONG len, CK_RV rv)
{
	struct buf out = BUF_EMPTY;

	f.len = len;
	assert_int_equal(derive(&f, &out), rv);
	buf_free(&out);
}

/* FIPS 180: the digests of "abc". */
static void
digests_of_keys_are_cut_to_length(void **state)
{
	struct key *k = secret_key(CKK_GENERIC_SECRET, view_str("abc"));
	struct key *aes = secret_key(CKK_AES, view_str("0123456789abcdef"));
	struct key *far = tpm_secret_key(CKK_AES,
	    view_str("0123456789abcdef"));
	struct from f = FROM(k, mech_plain(CKM_SHA1_KEY_DERIVATION));
	struct buf out = BUF_EMPTY;

	(void)state;
	gives(f, 0, "a9993e364706816aba3e25717850c26c9cd0d89d");
	gives(f, 5, "a9993e3647");
	refuses(f, 21, CKR_KEY_SIZE_RANGE);
	f.m = mech_plain(CKM_SHA256_KEY_DERIVATION);
	gives(f, 0, "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	f.type = CKK_AES;
	gives(f, 16, "ba7816bf8f01cfea414140de5dae2223");
	refuses(f, 0, CKR_TEMPLATE_INCOMPLETE);
	refuses(f, 17, CKR_ATTRIBUTE_VALUE_INVALID);
	f = FROM(aes, mech_plain(CKM_SHA3_224_KEY_DERIVATION));
	assert_int_equal(derive(&f, &out), CKR_OK);
	assert_int_equal(out.len, 28);
	f = FROM(far, mech_plain(CKM_SHA256_KEY_DERIVATION));
	refuses(f, 0, CKR_KEY_TYPE_INCONSISTENT);
	f.m = mech_param(CKM_SHA256_KEY_DERIVATION, &f, 1);
	f.base = k;
	refuses(f, 0, CKR_MECHANISM_PARAM_INVALID);
	key_unref(&k);
	key_unref(&aes);
	key_unref(&far);
	buf_free(&out);
}

/* Every hash, by OpenSSL. */
static void
every_hash_derives(void **state)
{
	static const CK_MECHANISM_TYPE types[MECH_HASHES] = {
		CKM_SHA1_KEY_DERIVATION, CKM_SHA224_KEY_DERIVATION,
		CKM_SHA256_KEY_DERIVATION, CKM_SHA384_KEY_DERIVATION,
		CKM_SHA512_KEY_DERIVATION, CKM_SHA3_224_KEY_DERIVATION,
		CKM_SHA3_256_KEY_DERIVATION, CKM_SHA3_384_KEY_DERIVATION,
		CKM_SHA3_512_KEY_DERIVATION, CKM_SHA512_224_KEY_DERIVATION,
		CKM_SHA512_256_KEY_DERIVATION
	};
	struct key *k = secret_key(CKK_GENERIC_SECRET, view_str("a secret"));
	uint8_t want[EVP_MAX_MD_SIZE];
	struct buf out = BUF_EMPTY;
	size_t i, n;

	(void)state;
	for (i = 0; i < MECH_HASHES; i++) {
		struct from f = FROM(k, mech_plain(types[i]));

		assert_int_equal(EVP_Q_digest(NULL, mech_hashes[i].name, NULL,
		    "a secret", 8, want, &n), 1);
		assert_int_equal(derive(&f, &out), CKR_OK);
		assert_view(buf_view(&out), view_of(want, n));
	}
	buf_free(&out);
	key_unref(&k);
}

static CK_KEY_DERIVATION_STRING_DATA
string_data(const char *text)
{
	return (CK_KEY_DERIVATION_STRING_DATA){ (CK_BYTE *)(uintptr_t)text,
		strlen(text) };
}

static void
base_and_data_stand_behind_each_other(void **state)
{
	CK_KEY_DERIVATION_STRING_DATA data = string_data("\xee\xff");
	CK_MECHANISM behind = mech_param(CKM_CONCATENATE_BASE_AND_DATA,
	    &data, sizeof(data));
	CK_MECHANISM before = mech_param(CKM_CONCATENATE_DATA_AND_BASE,
	    &data, sizeof(data));
	struct key *k = generic("0102030405");

	(void)state;
	gives(FROM(k, behind), 0, "0102030405eeff");
	gives(FROM(k, behind), 6, "0102030405ee");
	gives(FROM(k, before), 0, "eeff0102030405");
	gives(FROM(k, before), 3, "eeff01");
	refuses(FROM(k, behind), 8, CKR_KEY_SIZE_RANGE);
	refuses(FROM(k, before), 8, CKR_KEY_SIZE_RANGE);
	data.pData = NULL;
	refuses(FROM(k, behind), 0, CKR_MECHANISM_PARAM_INVALID);
	data.ulLen = 0;
	gives(FROM(k, behind), 0, "0102030405");
	data.ulLen = (CK_ULONG)-1;
	refuses(FROM(k, before), 0, CKR_MECHANISM_PARAM_INVALID);
	behind.ulParameterLen--;
	refuses(FROM(k, behind), 0, CKR_MECHANISM_PARAM_INVALID);
	key_unref(&k);
}

static void
two_keys_stand_behind_each_other(void **state)
{
	CK_OBJECT_HANDLE handle = 77;
	CK_MECHANISM m = mech_param(CKM_CONCATENATE_BASE_AND_KEY, &handle,
	    sizeof(handle));
	struct key *k = generic("00010203040506070809");
	struct key *other = generic("a0a1a2a3a4a5");
	struct key *far = tpm_secret_key(CKK_AES,
	    view_str("0123456789abcdef"));
	struct from f = FROM(k, m);

	(void)state;
	f.other = other;
	gives(f, 0, "00010203040506070809a0a1a2a3a4a5");
	f.type = CKK_AES;
	gives(f, 16, "00010203040506070809a0a1a2a3a4a5");
	f.type = CKK_GENERIC_SECRET;
	refuses(f, 17, CKR_KEY_SIZE_RANGE);
	f.other = far;
	refuses(f, 0, CKR_KEY_TYPE_INCONSISTENT);
	f.base = far;
	refuses(f, 0, CKR_KEY_TYPE_INCONSISTENT);
	key_unref(&k);
	key_unref(&other);
	key_unref(&far);
}

static void
xor_is_as_long_as_the_shorter(void **state)
{
	CK_KEY_DERIVATION_STRING_DATA data = string_data("\xff\x0f\xf0");
	CK_MECHANISM m = mech_param(CKM_XOR_BASE_AND_DATA, &data,
	    sizeof(data));
	struct key *k = generic("0102030405"), *two = generic("0102");

	(void)state;
	gives(FROM(k, m), 0, "fe0df3");
	gives(FROM(k, m), 2, "fe0d");
	gives(FROM(two, m), 0, "fe0d");
	refuses(FROM(k, m), 4, CKR_KEY_SIZE_RANGE);
	key_unref(&k);
	key_unref(&two);
}

/* The standard's own example (6.43.7): 0x329F84A9 from bit 21 gives 0x9526. */
static void
bits_are_extracted_round_the_end(void **state)
{
	CK_EXTRACT_PARAMS bit = 21;
	CK_MECHANISM m = mech_param(CKM_EXTRACT_KEY_FROM_KEY, &bit,
	    sizeof(bit));
	struct key *k = generic("329f84a9");

	(void)state;
	gives(FROM(k, m), 2, "9526");
	gives(FROM(k, m), 4, "952653f0");
	refuses(FROM(k, m), 5, CKR_KEY_SIZE_RANGE);
	refuses(FROM(k, m), 0, CKR_TEMPLATE_INCOMPLETE);
	bit = 0;
	gives(FROM(k, m), 4, "329f84a9");
	gives(FROM(k, m), 1, "32");
	bit = 31;
	gives(FROM(k, m), 1, "99");
	bit = 32;
	refuses(FROM(k, m), 1, CKR_MECHANISM_PARAM_INVALID);
	key_unref(&k);
}

/* Bytes one by one would tell the whole. */
static void
a_part_of_a_sensitive_key_is_not_to_be_had(void **state)
{
	CK_KEY_DERIVATION_STRING_DATA data = string_data("12345");
	CK_KEY_DERIVATION_STRING_DATA brief = string_data("1");
	CK_OBJECT_HANDLE handle = 1;
	CK_EXTRACT_PARAMS bit = 8;
	const struct {
		CK_MECHANISM m;
		CK_ULONG whole;
		bool more;
	} cases[] = {
		{ mech_param(CKM_CONCATENATE_BASE_AND_DATA, &data,
		    sizeof(data)), 10, false },
		{ mech_param(CKM_CONCATENATE_DATA_AND_BASE, &data,
		    sizeof(data)), 10, false },
		{ mech_param(CKM_CONCATENATE_BASE_AND_KEY, &handle,
		    sizeof(handle)), 10, true },
		{ mech_param(CKM_XOR_BASE_AND_DATA, &data, sizeof(data)), 5,
		    false },
		{ mech_param(CKM_EXTRACT_KEY_FROM_KEY, &bit, sizeof(bit)), 5,
		    false },
	};
	struct key *k = generic("0102030405"), *other = generic("060708090a");
	struct from f;
	size_t i;
	CK_ULONG len;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		for (len = 1; len <= cases[i].whole; len++) {
			struct buf out = BUF_EMPTY;

			f = FROM(k, cases[i].m);
			f.other = cases[i].more ? other : NULL;
			f.len = len;
			assert_int_equal(derive(&f, &out), CKR_OK);
			f.sensitive = true;
			assert_int_equal(derive(&f, &out), len ==
			    cases[i].whole ? CKR_OK : CKR_KEY_SIZE_RANGE);
			buf_free(&out);
		}
	f = FROM(k, mech_param(CKM_XOR_BASE_AND_DATA, &brief, sizeof(brief)));
	gives(f, 0, "30");
	f.sensitive = true;
	refuses(f, 0, CKR_KEY_SIZE_RANGE);
	key_unref(&k);
	key_unref(&other);
}

static void
only_secrets_are_a_base(void **state)
{
	struct buf out = BUF_EMPTY;
	struct pair p;
	struct from f;

	(void)state;
	pair_open(&p, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
	    TPM_USE_SIGN);
	f = FROM(p.priv, mech_plain(CKM_SHA256_KEY_DERIVATION));
	refuses(f, 0, CKR_KEY_TYPE_INCONSISTENT);
	f.base = p.pub;
	refuses(f, 0, CKR_KEY_TYPE_INCONSISTENT);
	f.base = NULL;
	refuses(f, 0, CKR_KEY_HANDLE_INVALID);
	pair_free(&p);
	buf_free(&out);
}

/* Somewhere the handle has to go. */
static void
a_derivation_wants_room_for_its_handle(void **state)
{
	const struct mech_product product = { .class = CKO_SECRET_KEY,
		.key_type = NONE };
	CK_MECHANISM m = mech_plain(CKM_SHA256_KEY_DERIVATION);
	struct mech_derivation d = { .call = NULL };
	struct key *k = generic("01");

	(void)state;
	assert_int_equal(mech_derivation_open(&m, k, NULL, &product, &d),
	    CKR_ARGUMENTS_BAD);
	mech_derivation_free(&d);
	key_unref(&k);
}

static void
without_memory_nothing_is_derived(void **state)
{
	CK_KEY_DERIVATION_STRING_DATA data = string_data("12345");
	CK_MECHANISM m = mech_param(CKM_CONCATENATE_BASE_AND_DATA, &data,
	    sizeof(data));
	struct key *k = generic("0102030405");
	CK_RV rv = CKR_HOST_MEMORY;
	size_t n;

	(void)state;
	for (n = 1; rv != CKR_OK; n++) {
		struct from f = FROM(k, m);
		struct attrs a = ATTRS_EMPTY;

		assert_true(n < 50);
		mem_fail_at(n);
		rv = run_derivation(&f, &a);
		mem_fail_at(0);
		assert_true(rv == CKR_OK || rv == CKR_HOST_MEMORY);
		assert_int_equal(attrs_has(&a, CKA_VALUE), rv == CKR_OK);
		attrs_free(&a);
	}
	assert_true(n > 4);
	key_unref(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_of_keys_are_cut_to_length),
		cmocka_unit_test(every_hash_derives),
		cmocka_unit_test(base_and_data_stand_behind_each_other),
		cmocka_unit_test(two_keys_stand_behind_each_other),
		cmocka_unit_test(xor_is_as_long_as_the_shorter),
		cmocka_unit_test(bits_are_extracted_round_the_end),
		cmocka_unit_test(a_part_of_a_sensitive_key_is_not_to_be_had),
		cmocka_unit_test(only_secrets_are_a_base),
		cmocka_unit_test(a_derivation_wants_room_for_its_handle),
		cmocka_unit_test(without_memory_nothing_is_derived),
	};

	return RUN_CRYPTO(tests);
}
