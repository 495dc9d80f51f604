/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "mech_test.h"

/* HKDF, SP 800-108 and PBKDF2 as mechanisms, by published answers. */

/* A derivation of up to three keys of lens, ended by 0. */
struct many {
	CK_MECHANISM m;
	struct key *base;
	struct key *other;
	CK_ULONG lens[4];
	struct buf out[3];
};

static CK_RV
set_length(struct attrs *a, CK_ULONG len)
{
	return attrs_set_ulong(a, CKA_VALUE_LEN, len);
}

static CK_RV
run_many(struct many *w)
{
	CK_OBJECT_HANDLE handle;
	const struct mech_product product = { .class = CKO_SECRET_KEY,
		.key_type = NONE, .handle = &handle };
	struct mech_derivation d = { .call = NULL };
	struct attrs a[3] = { ATTRS_EMPTY, ATTRS_EMPTY, ATTRS_EMPTY };
	CK_RV rv;
	size_t i;

	rv = mech_derivation_open(&w->m, w->base, &fake_tpm_caps, &product,
	    &d);
	for (i = 0; i < d.key_count; i++)
		d.keys[i] = key_ref(w->other);
	for (i = 0; rv == CKR_OK && i < d.product_count; i++) {
		d.products[i].attrs = &a[i];
		if (w->lens[i] != 0)
			assert_int_equal(set_length(&a[i], w->lens[i]),
			    CKR_OK);
	}
	if (rv == CKR_OK)
		rv = mech_derive(&d);
	for (i = 0; i < 3; i++) {
		if (rv != CKR_OK)
			assert_false(attrs_has(&a[i], CKA_VALUE));
		assert_int_equal(buf_set(&w->out[i], attrs_view(&a[i],
		    CKA_VALUE)), CKR_OK);
		attrs_free(&a[i]);
	}
	mech_derivation_free(&d);
	return rv;
}

static void
many_free(struct many *w)
{
	size_t i;

	for (i = 0; i < 3; i++)
		buf_free(&w->out[i]);
}

static struct key *
key_of(CK_KEY_TYPE type, const char *text)
{
	struct buf value = hex(text);
	struct key *k = secret_key(type, buf_view(&value));

	buf_free(&value);
	return k;
}

static struct key *
tpm_key_of(CK_KEY_TYPE type, const char *text)
{
	struct buf value = hex(text);
	struct key *k = tpm_secret_key(type, buf_view(&value));

	buf_free(&value);
	return k;
}

/* RFC 5869, A.1 to A.4. */
#define SERIES_000 "000102030405060708090a0b0c"
static const struct hkdf_answer {
	CK_MECHANISM_TYPE hash;
	const char *ikm;
	const char *salt;
	const char *info;
	const char *prk;
	const char *okm;
} answers[] = {
	{ CKM_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	    SERIES_000, "f0f1f2f3f4f5f6f7f8f9",
	    "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
	    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
	    "34007208d5b887185865" },
	{ CKM_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
	    "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
	    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	    "9d201395faa4b61a96c8" },
	{ CKM_SHA_1, "0b0b0b0b0b0b0b0b0b0b0b", SERIES_000,
	    "f0f1f2f3f4f5f6f7f8f9", "9b6c18c432a7bf8f0e71c8eb88f4b30baa2ba243",
	    "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2"
	    "c22e422478d305f3f896" },
};

static CK_HKDF_PARAMS
hkdf(const struct hkdf_answer *a, const struct buf *salt,
    const struct buf *info)
{
	return (CK_HKDF_PARAMS){ CK_TRUE, CK_TRUE, a->hash,
		salt->len > 0 ? CKF_HKDF_SALT_DATA : CKF_HKDF_SALT_NULL,
		salt->data, salt->len, 0, info->data, info->len };
}

/* Both steps at once, each alone, and the second with its key in the TPM. */
static void
one_answer(const struct hkdf_answer *a, CK_MECHANISM_TYPE type)
{
	struct buf salt = hex(a->salt), info = hex(a->info);
	CK_HKDF_PARAMS p = hkdf(a, &salt, &info);
	struct many w = { .m = mech_param(type, &p, sizeof(p)) };
	struct key *ikm = key_of(CKK_HKDF, a->ikm);
	struct key *prk = key_of(CKK_GENERIC_SECRET, a->prk);
	struct key *far = tpm_key_of(CKK_GENERIC_SECRET, a->prk);

	w.base = ikm;
	w.lens[0] = strlen(a->okm) / 2;
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], a->okm);
	p.bExpand = CK_FALSE;
	w.lens[0] = 0;
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], a->prk);
	w.lens[0] = strlen(a->prk) / 2 + 1;
	assert_int_equal(run_many(&w), CKR_KEY_SIZE_RANGE);
	p.bExpand = CK_TRUE;
	p.bExtract = CK_FALSE;
	w.lens[0] = strlen(a->okm) / 2;
	w.base = prk;
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], a->okm);
	w.base = far;
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], a->okm);
	p.bExtract = CK_TRUE;
	assert_int_equal(run_many(&w), CKR_KEY_TYPE_INCONSISTENT);
	key_unref(&ikm);
	key_unref(&prk);
	key_unref(&far);
	buf_free(&salt);
	buf_free(&info);
	many_free(&w);
}

static void
hkdf_gives_the_rfcs_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(answers); i++) {
		one_answer(&answers[i], CKM_HKDF_DERIVE);
		one_answer(&answers[i], CKM_HKDF_DATA);
	}
}

static void
the_salt_may_be_a_key(void **state)
{
	struct buf salt = hex(answers[0].salt), info = hex(answers[0].info);
	CK_HKDF_PARAMS p = hkdf(&answers[0], &salt, &info);
	struct many w = { .m = mech_param(CKM_HKDF_DERIVE, &p, sizeof(p)),
		.lens = { 42 } };
	struct key *near = key_of(CKK_GENERIC_SECRET, answers[0].salt);
	struct key *far = tpm_key_of(CKK_GENERIC_SECRET, answers[0].salt);

	(void)state;
	p.ulSaltType = CKF_HKDF_SALT_KEY;
	w.base = key_of(CKK_GENERIC_SECRET, answers[0].ikm);
	w.other = near;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	p.hSaltKey = 5;
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], answers[0].okm);
	w.other = far;
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], answers[0].okm);
	key_unref(&w.base);
	key_unref(&near);
	key_unref(&far);
	buf_free(&salt);
	buf_free(&info);
	many_free(&w);
}

static void
bad_hkdf_parameters_are_refused(void **state)
{
	struct buf salt = hex(answers[0].salt), info = hex(answers[0].info);
	CK_HKDF_PARAMS good = hkdf(&answers[0], &salt, &info), p;
	struct many w = { .m = mech_param(CKM_HKDF_DERIVE, &p, sizeof(p)),
		.lens = { 42 } };
	struct key *aes = secret_key(CKK_AES, view_str("0123456789abcdef"));
	unsigned i;

	(void)state;
	w.base = key_of(CKK_HKDF, answers[0].ikm);
	for (i = 0; i < 9; i++) {
		p = good;
		p.bExtract = i == 0 ? 2 : CK_TRUE;
		p.bExpand = i == 1 ? 2 : CK_TRUE;
		if (i == 2)
			p.bExtract = p.bExpand = CK_FALSE;
		if (i == 3)
			p.prfHashMechanism = CKM_SHA256_HMAC;
		if (i == 4)
			p.ulSaltType = 0;
		if (i == 5)
			p.ulSaltType = CKF_HKDF_SALT_NULL;
		if (i == 6)
			p.pSalt = NULL;
		if (i == 7)
			p.pInfo = NULL;
		if (i == 8)
			w.m.ulParameterLen--;
		assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	}
	w.m.ulParameterLen++;
	p = good;
	w.lens[0] = 255 * 32;		/* above SECRET_MAX */
	assert_int_equal(run_many(&w), CKR_KEY_SIZE_RANGE);
	key_unref(&w.base);
	w.base = aes;
	assert_int_equal(run_many(&w), CKR_KEY_TYPE_INCONSISTENT);
	key_unref(&w.base);
	buf_free(&salt);
	buf_free(&info);
	many_free(&w);
}

/* NIST CAVP, KBKDF, CTRLOCATION=BEFORE_FIXED, RLEN=8_BITS, COUNT=0. */
static const struct {
	CK_SP800_108_PRF_TYPE prf;
	CK_KEY_TYPE type;
	const char *ki;
	const char *fixed;
	const char *ko;
} cavp[] = {
	{ CKM_AES_CMAC, CKK_AES, "dff1e50ac0b69dc40f1051d46c2b069c",
	    "c16e6e02c5a3dcc8d78b9ac1306877761310455b4e41469951d9e6c2245a064b"
	    "33fd8c3b01203a7824485bf0a64060c4648b707d2607935699316ea5",
	    "8be8f0869b3c0ba97b71863d1b9f7813" },
	{ CKM_SHA256_HMAC, CKK_GENERIC_SECRET,
	    "3edc6b5b8f7aadbd713732b482b8f979286e1ea3b8f8f99c30c884cfe3349b83",
	    "98e9988bb4cc8b34d7922e1c68ad692ba2a1d9ae15149571675f17a77ad49e80"
	    "c8d2a85e831a26445b1f0ff44d7084a17206b4896c8112daad18605a",
	    "6c037652990674a07844732d0ad985f9" },
};

static void
counter_mode_gives_nists_answers(void **state)
{
	CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 8 };
	CK_OBJECT_HANDLE handle = 3;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cavp); i++) {
		struct buf fixed = hex(cavp[i].fixed);
		CK_PRF_DATA_PARAM parts[] = {
			{ CK_SP800_108_ITERATION_VARIABLE, &counter,
			    sizeof(counter) },
			{ CK_SP800_108_BYTE_ARRAY, fixed.data, fixed.len },
		};
		CK_SP800_108_KDF_PARAMS p = { cavp[i].prf, 2, parts, 0, NULL };
		struct key *near = key_of(cavp[i].type, cavp[i].ki);
		struct key *far = tpm_key_of(cavp[i].type, cavp[i].ki);
		struct many w = { .m = mech_param(CKM_SP800_108_COUNTER_KDF,
		    &p, sizeof(p)), .base = near, .lens = { 16 } };

		assert_int_equal(run_many(&w), CKR_OK);
		assert_hex(&w.out[0], cavp[i].ko);
		w.base = far;
		assert_int_equal(run_many(&w), CKR_OK);
		assert_hex(&w.out[0], cavp[i].ko);
		/* the same bytes, as the value of a key */
		w.other = key_of(CKK_GENERIC_SECRET, cavp[i].fixed);
		parts[1] = (CK_PRF_DATA_PARAM){ CK_SP800_108_KEY_HANDLE,
			&handle, sizeof(handle) };
		assert_int_equal(run_many(&w), CKR_OK);
		assert_hex(&w.out[0], cavp[i].ko);
		key_unref(&w.other);
		w.other = far;
		assert_int_equal(run_many(&w), CKR_KEY_TYPE_INCONSISTENT);
		w.lens[0] = 0;
		w.other = near;
		assert_int_equal(run_many(&w), CKR_TEMPLATE_INCOMPLETE);
		key_unref(&near);
		key_unref(&far);
		buf_free(&fixed);
		many_free(&w);
	}
}

#define KEY_SERIES "000102030405060708090a0b0c0d0e0f" \
	"101112131415161718191a1b1c1d1e1f"
#define LABEL { CK_SP800_108_BYTE_ARRAY, (void *)(uintptr_t) \
	"label\0context", 13 }

/* By a few lines of Python after SP 800-108, 5.2 (test_kbkdf.c). */
static void
feedback_mode_takes_an_iv(void **state)
{
	CK_SP800_108_COUNTER_FORMAT counter = { CK_TRUE, 24 };
	CK_PRF_DATA_PARAM parts[] = {
		{ CK_SP800_108_ITERATION_VARIABLE, NULL, 0 }, LABEL,
		{ CK_SP800_108_COUNTER, &counter, sizeof(counter) },
	};
	CK_BYTE iv[] = { 'i', 'v', 'i', 'v' };
	CK_SP800_108_FEEDBACK_KDF_PARAMS p = { CKM_SHA256_HMAC, 3, parts, 4,
		iv, 0, NULL };
	struct many w = { .m = mech_param(CKM_SP800_108_FEEDBACK_KDF, &p,
	    sizeof(p)), .lens = { 36 } };

	(void)state;
	w.base = key_of(CKK_SHA256_HMAC, KEY_SERIES);
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], "a920d67408eb68603521b65f6a65e6d0"
	    "5840c101dcc2311a3a4059d21686a91924f38f7f");
	p.pIV = NULL;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	p.ulIVLen = 0;
	assert_int_equal(run_many(&w), CKR_OK);
	key_unref(&w.base);
	many_free(&w);
}

/* By the same, 5.3; the length is that of 100 bytes. */
static void
pipeline_mode_has_a_chain(void **state)
{
	CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 8 };
	CK_SP800_108_DKM_LENGTH_FORMAT length = {
		CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS, CK_TRUE, 16 };
	CK_PRF_DATA_PARAM parts[] = {
		{ CK_SP800_108_ITERATION_VARIABLE, NULL, 0 },
		{ CK_SP800_108_COUNTER, &counter, sizeof(counter) }, LABEL,
		{ CK_SP800_108_DKM_LENGTH, &length, sizeof(length) },
	};
	CK_SP800_108_KDF_PARAMS p = { CKM_SHA256_HMAC, 4, parts, 0, NULL };
	struct many w = { .m = mech_param(CKM_SP800_108_DOUBLE_PIPELINE_KDF,
	    &p, sizeof(p)), .lens = { 100 } };

	(void)state;
	w.base = key_of(CKK_GENERIC_SECRET, KEY_SERIES);
	assert_int_equal(run_many(&w), CKR_OK);
	assert_hex(&w.out[0], "c780e8d842c741ce43b47107c6ce85fa"
	    "59d96a0c37a4590bf1670fe7d81bf8f6"
	    "88a8e6f63b926e39fc376de752a47f44"
	    "a97547b93f6821ad9dbc375e22321c22"
	    "e0e9dc1ac4072b39d933839a9ecf9338"
	    "9b958c480542646e2827d4ef80704c87"
	    "d36c9a71");
	key_unref(&w.base);
	many_free(&w);
}

/* 6.42.7: a key of 48 bytes takes two segments, the next begins a third. The
 * same bytes in one key, where the length field does not count them. */
static void
each_of_several_keys_begins_a_segment(void **state)
{
	CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 16 };
	CK_PRF_DATA_PARAM parts[] = {
		{ CK_SP800_108_ITERATION_VARIABLE, &counter,
		    sizeof(counter) }, LABEL,
	};
	CK_OBJECT_HANDLE handles[2];
	CK_DERIVED_KEY more[] = { { NULL, 0, &handles[0] },
		{ NULL, 0, &handles[1] } };
	CK_SP800_108_KDF_PARAMS p = { CKM_SHA256_HMAC, 2, parts, 0, NULL };
	struct many one = { .m = mech_param(CKM_SP800_108_COUNTER_KDF, &p,
	    sizeof(p)), .lens = { 101 } };
	struct many w = { .m = one.m, .lens = { 48, 16, 5 } };
	struct view all;

	(void)state;
	one.base = w.base = key_of(CKK_GENERIC_SECRET, KEY_SERIES);
	assert_int_equal(run_many(&one), CKR_OK);
	all = buf_view(&one.out[0]);
	p.ulAdditionalDerivedKeys = 2;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	p.pAdditionalDerivedKeys = more;
	assert_int_equal(run_many(&w), CKR_OK);
	assert_view(buf_view(&w.out[0]), view_sub(all, 0, 48));
	assert_view(buf_view(&w.out[1]), view_sub(all, 64, 16));
	assert_view(buf_view(&w.out[2]), view_sub(all, 96, 5));
	w.lens[2] = 0;
	assert_int_equal(run_many(&w), CKR_TEMPLATE_INCOMPLETE);
	w.lens[2] = 5;
	more[1].phKey = NULL;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	p.ulAdditionalDerivedKeys = 16;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	key_unref(&w.base);
	many_free(&w);
	many_free(&one);
}

/* The length in the data: 48 and 16 bytes are 512 bits, or 768 in segments. */
static void
the_length_counts_keys_or_segments(void **state)
{
	static const struct {
		CK_SP800_108_DKM_LENGTH_METHOD method;
		uint8_t bits[2];
	} cases[] = {
		{ CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS, { 2, 0 } },
		{ CK_SP800_108_DKM_LENGTH_SUM_OF_SEGMENTS, { 3, 0 } },
	};
	CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 16 };
	CK_SP800_108_DKM_LENGTH_FORMAT length = { 0, CK_FALSE, 16 };
	CK_PRF_DATA_PARAM parts[] = {
		{ CK_SP800_108_ITERATION_VARIABLE, &counter,
		    sizeof(counter) },
		{ CK_SP800_108_DKM_LENGTH, &length, sizeof(length) },
	};
	CK_OBJECT_HANDLE handle;
	CK_DERIVED_KEY more[] = { { NULL, 0, &handle } };
	CK_SP800_108_KDF_PARAMS p = { CKM_SHA256_HMAC, 2, parts, 1, more };
	struct many w = { .m = mech_param(CKM_SP800_108_COUNTER_KDF, &p,
	    sizeof(p)), .lens = { 48, 16 } };
	struct many plain = { .m = w.m, .lens = { 48, 16 } };
	size_t i;

	(void)state;
	w.base = plain.base = key_of(CKK_GENERIC_SECRET, KEY_SERIES);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		length.dkmLengthMethod = cases[i].method;
		parts[1] = (CK_PRF_DATA_PARAM){ CK_SP800_108_DKM_LENGTH,
			&length, sizeof(length) };
		assert_int_equal(run_many(&w), CKR_OK);
		parts[1] = (CK_PRF_DATA_PARAM){ CK_SP800_108_BYTE_ARRAY,
			(void *)(uintptr_t)cases[i].bits, 2 };
		assert_int_equal(run_many(&plain), CKR_OK);
		assert_view(buf_view(&w.out[0]), buf_view(&plain.out[0]));
		assert_view(buf_view(&w.out[1]), buf_view(&plain.out[1]));
	}
	key_unref(&w.base);
	many_free(&w);
	many_free(&plain);
}

static void
bad_data_parameters_are_refused(void **state)
{
	CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 8 };
	CK_SP800_108_DKM_LENGTH_FORMAT length = { 3, CK_FALSE, 16 };
	CK_PRF_DATA_PARAM parts[2];
	CK_SP800_108_KDF_PARAMS p = { CKM_SHA256_HMAC, 2, parts, 0, NULL };
	const CK_PRF_DATA_PARAM bad[] = {
		{ 0, NULL, 0 },
		{ 6, NULL, 0 },
		{ CK_SP800_108_ITERATION_VARIABLE, &counter,
		    sizeof(counter) },			/* twice */
		{ CK_SP800_108_COUNTER, &counter, sizeof(counter) },
		{ CK_SP800_108_DKM_LENGTH, &length, sizeof(length) },
		{ CK_SP800_108_DKM_LENGTH, NULL, sizeof(length) },
		{ CK_SP800_108_DKM_LENGTH, &length, 1 },
		{ CK_SP800_108_BYTE_ARRAY, NULL, 1 },
		{ CK_SP800_108_BYTE_ARRAY, &length, (CK_ULONG)-1 },
		{ CK_SP800_108_KEY_HANDLE, &length, 3 },
	};
	struct many w = { .m = mech_param(CKM_SP800_108_COUNTER_KDF, &p,
	    sizeof(p)), .lens = { 16 } };
	struct key *aes = secret_key(CKK_AES, view_str("0123456789abcdef"));
	struct key *mac = key_of(CKK_SHA256_HMAC, KEY_SERIES);
	size_t i;

	(void)state;
	w.base = key_of(CKK_GENERIC_SECRET, KEY_SERIES);
	parts[0] = (CK_PRF_DATA_PARAM){ CK_SP800_108_ITERATION_VARIABLE,
		&counter, sizeof(counter) };
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		parts[1] = bad[i];
		assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	}
	p.ulNumberOfDataParams = 1;
	assert_int_equal(run_many(&w), CKR_OK);
	w.lens[0] = 4096;
	assert_int_equal(run_many(&w), CKR_OK);
	p.prfType = CKM_SHA_1_HMAC;	/* 20 bytes: 205 rounds */
	assert_int_equal(run_many(&w), CKR_OK);
	w.lens[0] = 16;
	p.prfType = CKM_SHA256;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	p.prfType = CKM_AES_CMAC;
	assert_int_equal(run_many(&w), CKR_OK);
	key_unref(&w.base);
	w.base = mac;
	assert_int_equal(run_many(&w), CKR_KEY_TYPE_INCONSISTENT);
	w.base = aes;
	p.prfType = CKM_SHA256_HMAC;
	assert_int_equal(run_many(&w), CKR_KEY_TYPE_INCONSISTENT);
	p.ulNumberOfDataParams = 0;
	p.prfType = CKM_AES_CMAC;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	p.ulNumberOfDataParams = (CK_ULONG)-1;
	assert_int_equal(run_many(&w), CKR_MECHANISM_PARAM_INVALID);
	key_unref(&aes);
	key_unref(&mac);
	many_free(&w);
}

/* RFC 6070; RFC 7914, 11. */
static const struct {
	CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE prf;
	const char *password;
	const char *salt;
	CK_ULONG iterations;
	const char *out;
} passwords[] = {
	{ CKP_PKCS5_PBKD2_HMAC_SHA1, "password", "salt", 4096,
	    "4b007901b765489abead49d926f721d065a429c1" },
	{ CKP_PKCS5_PBKD2_HMAC_SHA1, "passwordPASSWORDpassword",
	    "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
	    "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038" },
	{ CKP_PKCS5_PBKD2_HMAC_SHA256, "passwd", "salt", 1,
	    "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
	    "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
	},
};

static CK_RV
from_password(CK_PKCS5_PBKD2_PARAMS2 *p, CK_ULONG len, struct attrs *a)
{
	static const struct mech_place place = { .caps = &fake_tpm_caps };
	CK_MECHANISM m = mech_param(CKM_PKCS5_PBKD2, p, sizeof(*p));
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	CK_RV rv;

	assert_int_equal(set_length(a, len), CKR_OK);
	rv = mech_generate(&m, &place, a, &blob);
	tpm_blob_free(&blob);
	return rv;
}

static void
passwords_give_the_rfcs_answers(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct buf got = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(passwords); i++) {
		CK_PKCS5_PBKD2_PARAMS2 p = { CKZ_SALT_SPECIFIED,
			(void *)(uintptr_t)passwords[i].salt,
			strlen(passwords[i].salt), passwords[i].iterations,
			passwords[i].prf, NULL, 0,
			(CK_UTF8CHAR *)(uintptr_t)passwords[i].password,
			strlen(passwords[i].password) };

		assert_int_equal(from_password(&p,
		    strlen(passwords[i].out) / 2, &a), CKR_OK);
		assert_int_equal(buf_set(&got, attrs_view(&a, CKA_VALUE)),
		    CKR_OK);
		assert_hex(&got, passwords[i].out);
	}
	buf_free(&got);
	attrs_free(&a);
}

static void
bad_passwords_are_refused(void **state)
{
	CK_UTF8CHAR text[] = "password";
	const CK_PKCS5_PBKD2_PARAMS2 good = { CKZ_SALT_SPECIFIED, text, 8, 1,
		CKP_PKCS5_PBKD2_HMAC_SHA512, NULL, 0, text, 8 };
	CK_PKCS5_PBKD2_PARAMS2 p;
	struct attrs a = ATTRS_EMPTY;
	unsigned i;

	(void)state;
	for (i = 0; i < 9; i++) {
		p = good;
		if (i == 0)
			p.saltSource = 0;
		if (i == 1)
			p.pSaltSourceData = NULL;
		if (i == 2)
			p.iterations = 0;
		if (i == 3)
			p.iterations = 10000001;
		if (i == 4)
			p.prf = CKP_PKCS5_PBKD2_HMAC_GOSTR3411;
		if (i == 5)
			p.ulPrfDataLen = 1;
		if (i == 6)
			p.pPassword = NULL;
		if (i == 7)		/* the slip of 2.40 */
			p.ulPasswordLen = (CK_ULONG)(uintptr_t)&p;
		if (i == 8)
			p.ulSaltSourceDataLen = (CK_ULONG)-1;
		assert_int_equal(from_password(&p, 16, &a),
		    CKR_MECHANISM_PARAM_INVALID);
		assert_false(attrs_has(&a, CKA_VALUE));
	}
	p = good;
	assert_int_equal(from_password(&p, 0, &a),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(from_password(&p, 4097, &a), CKR_KEY_SIZE_RANGE);
	assert_int_equal(from_password(&p, 16, &a), CKR_OK);
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hkdf_gives_the_rfcs_answers),
		cmocka_unit_test(the_salt_may_be_a_key),
		cmocka_unit_test(bad_hkdf_parameters_are_refused),
		cmocka_unit_test(counter_mode_gives_nists_answers),
		cmocka_unit_test(feedback_mode_takes_an_iv),
		cmocka_unit_test(pipeline_mode_has_a_chain),
		cmocka_unit_test(each_of_several_keys_begins_a_segment),
		cmocka_unit_test(the_length_counts_keys_or_segments),
		cmocka_unit_test(bad_data_parameters_are_refused),
		cmocka_unit_test(passwords_give_the_rfcs_answers),
		cmocka_unit_test(bad_passwords_are_refused),
	};

	return RUN_CRYPTO(tests);
}
