/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mech_test.h"
#include "util/cryptoki_names.h"

#include <cmocka.h>

#define LIST_MAX 256
#define DERIVATIONS 20

static CK_MECHANISM_TYPE list[LIST_MAX];

static const struct tpm_caps bare_caps = { .revision = 159 };

static CK_MECHANISM_INFO
info(CK_MECHANISM_TYPE type)
{
	const struct mech *m = mech_find(type, &fake_tpm_caps);
	CK_MECHANISM_INFO i;

	assert_non_null(m);
	memset(&i, 0xff, sizeof(i));
	mech_info(m, &fake_tpm_caps, &i);
	return i;
}

static bool
listed(CK_MECHANISM_TYPE type, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i] == type)
			return true;
	return false;
}

static void
every_mechanism_stands_once_and_has_a_name(void **state)
{
	struct tpm_caps caps = fake_tpm_caps;
	size_t n, i, j;

	(void)state;
	caps.software = true;
	assert_true(mech_count() <= LIST_MAX);
	n = mech_list(&caps, list);
	assert_int_equal(n, mech_count());
	for (i = 0; i < n; i++) {
		assert_non_null(ckm_name(list[i]));
		assert_int_equal(mech_type(mech_find(list[i], &caps)),
		    list[i]);
		for (j = 0; j < i; j++)
			assert_int_not_equal(list[i], list[j]);
	}
}

static void
every_hash_has_all_its_mechanisms(void **state)
{
	size_t i, n = 0, total;

	(void)state;
	total = mech_list(&fake_tpm_caps, list);
	for (i = 0; i < MECH_HASHES; i++) {
		const struct mech_hash *h = &mech_hashes[i];
		const CK_MECHANISM_TYPE all[] = { h->digest, h->rsa, h->pss,
			h->ecdsa, h->hmac, h->hmac_general };
		size_t j;

		for (j = 0; j < ARRAY_LEN(all); j++) {
			if (all[j] == NONE)
				continue;
			assert_true(listed(all[j], total));
			n++;
		}
	}
	/* the rest: three generations, five RSA, ECDSA, four ECDH, AES, and
	 * what the next test counts */
	assert_int_equal(total, n + 13 + 20 + 2 * MECH_HASHES + DERIVATIONS);
}

#define HASH(h) { CKM_##h##_KEY_GEN, CKM_##h##_KEY_DERIVATION }
#define CKM_SHA_1_KEY_DERIVATION CKM_SHA1_KEY_DERIVATION

/* In the order of mech_hashes. */
static const CK_MECHANISM_TYPE by_hash[MECH_HASHES][2] = {
	HASH(SHA_1), HASH(SHA224), HASH(SHA256), HASH(SHA384), HASH(SHA512),
	HASH(SHA3_224), HASH(SHA3_256), HASH(SHA3_384), HASH(SHA3_512),
	HASH(SHA512_224), HASH(SHA512_256)
};

static const CK_MECHANISM_TYPE derivations[DERIVATIONS] = {
	CKM_PKCS5_PBKD2, CKM_TLS12_MASTER_KEY_DERIVE,
	CKM_TLS12_MASTER_KEY_DERIVE_DH,
	CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE,
	CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH,
	CKM_TLS12_KEY_AND_MAC_DERIVE, CKM_TLS12_KDF, CKM_TLS_KDF,
	CKM_TLS_MAC, CKM_SP800_108_COUNTER_KDF, CKM_SP800_108_FEEDBACK_KDF,
	CKM_SP800_108_DOUBLE_PIPELINE_KDF, CKM_CONCATENATE_BASE_AND_KEY,
	CKM_CONCATENATE_BASE_AND_DATA, CKM_CONCATENATE_DATA_AND_BASE,
	CKM_XOR_BASE_AND_DATA, CKM_EXTRACT_KEY_FROM_KEY, CKM_HKDF_DERIVE,
	CKM_HKDF_DATA, CKM_HKDF_KEY_GEN
};

static void
secrets_are_made_and_derived(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < MECH_HASHES; i++) {
		assert_int_equal(info(by_hash[i][0]).flags, CKF_GENERATE);
		assert_int_equal(mech_makes(mech_find(by_hash[i][0], NULL)),
		    mech_hashes[i].hmac_key);
		assert_int_equal(info(by_hash[i][1]).flags, CKF_DERIVE);
	}
	for (i = 0; i < DERIVATIONS; i++)
		assert_int_not_equal(info(derivations[i]).flags, 0);
}

#define MESSAGES \
	(CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE)

#define CIPHER (CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP)

static const struct {
	CK_MECHANISM_TYPE type;
	CK_FLAGS flags;
	CK_ULONG min;
	CK_ULONG max;
} known[] = {
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_HW | CKF_GENERATE_KEY_PAIR,
	    2048, 3072 },
	{ CKM_RSA_PKCS, CKF_HW | MESSAGES | CKF_SIGN | CKF_VERIFY |
	    CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER | CKF_ENCRYPT |
	    CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, 2048, 3072 },
	{ CKM_RSA_X_509, CKF_HW | MESSAGES | CKF_SIGN | CKF_VERIFY |
	    CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER | CKF_ENCRYPT |
	    CKF_DECRYPT, 2048, 3072 },
	{ CKM_RSA_PKCS_OAEP, CKF_HW | CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP |
	    CKF_UNWRAP, 2048, 3072 },
	{ CKM_RSA_AES_KEY_WRAP, CKF_HW | CKF_WRAP | CKF_UNWRAP, 2048, 3072 },
	{ CKM_ECDH_AES_KEY_WRAP, CKF_HW | CKF_WRAP | CKF_UNWRAP | CKF_EC_F_P |
	    CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS, 256, 521 },
	{ CKM_RSA_PKCS_PSS, CKF_HW | CKF_SIGN | CKF_VERIFY | MESSAGES,
	    2048, 3072 },
	{ CKM_SHA256_RSA_PKCS, CKF_HW | CKF_SIGN | CKF_VERIFY | MESSAGES,
	    2048, 3072 },
	{ CKM_EC_KEY_PAIR_GEN, CKF_HW | CKF_GENERATE_KEY_PAIR | CKF_EC_F_P |
	    CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS, 256, 521 },
	{ CKM_ECDSA, CKF_HW | MESSAGES | CKF_SIGN | CKF_VERIFY | CKF_EC_F_P |
	    CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS, 256, 521 },
	{ CKM_ECDH1_DERIVE, CKF_HW | CKF_DERIVE | CKF_ENCAPSULATE |
	    CKF_DECAPSULATE | CKF_EC_F_P | CKF_EC_NAMEDCURVE |
	    CKF_EC_UNCOMPRESS, 256, 521 },
	{ CKM_AES_KEY_GEN, CKF_HW | CKF_GENERATE, 16, 32 },
	{ CKM_AES_CBC_PAD, CKF_HW | CIPHER, 16, 32 },
	{ CKM_AES_CTS, CKF_HW | CIPHER, 16, 32 },
	{ CKM_AES_GCM, CKF_HW | CIPHER | CKF_MESSAGE_ENCRYPT |
	    CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE, 16, 32 },
	{ CKM_AES_CCM, CKF_HW | CIPHER | CKF_MESSAGE_ENCRYPT |
	    CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE, 16, 32 },
	{ CKM_AES_GMAC, CKF_HW | CKF_SIGN | CKF_VERIFY, 16, 32 },
	{ CKM_AES_CMAC, CKF_HW | CKF_SIGN | CKF_VERIFY | MESSAGES, 16, 32 },
	{ CKM_AES_KEY_WRAP_KWP, CKF_HW | CIPHER, 16, 32 },
	{ CKM_AES_CBC_ENCRYPT_DATA, CKF_HW | CKF_DERIVE, 16, 32 },
	{ CKM_GENERIC_SECRET_KEY_GEN, CKF_GENERATE, 8, 8 * 4096 },
	{ CKM_SHA256, CKF_DIGEST, 0, 0 },
	{ CKM_SHA256_HMAC, CKF_SIGN | CKF_VERIFY | MESSAGES, 1, 4096 },
	{ CKM_SHA256_HMAC_GENERAL, CKF_SIGN | CKF_VERIFY | MESSAGES,
	    1, 4096 },
};

static void
info_tells_functions_and_sizes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		CK_MECHANISM_INFO is = info(known[i].type);

		assert_int_equal(is.flags, known[i].flags);
		assert_int_equal(is.ulMinKeySize, known[i].min);
		assert_int_equal(is.ulMaxKeySize, known[i].max);
	}
}

static const struct {
	enum mech_use use;
	CK_FLAGS flag;
} operations[] = {
	{ MECH_DIGEST, CKF_DIGEST },
	{ MECH_ENCRYPT, CKF_ENCRYPT },
	{ MECH_DECRYPT, CKF_DECRYPT },
	{ MECH_SIGN, CKF_SIGN },
	{ MECH_SIGN_RECOVER, CKF_SIGN_RECOVER },
	{ MECH_VERIFY, CKF_VERIFY },
	{ MECH_VERIFY_RECOVER, CKF_VERIFY_RECOVER },
	{ MECH_GENERATE, CKF_GENERATE },
	{ MECH_GENERATE_PAIR, CKF_GENERATE_KEY_PAIR },
	{ MECH_WRAP, CKF_WRAP },
	{ MECH_UNWRAP, CKF_UNWRAP },
	{ MECH_DERIVE, CKF_DERIVE },
	{ MECH_ENCAPSULATE, CKF_ENCAPSULATE },
	{ MECH_DECAPSULATE, CKF_DECAPSULATE },
};

/* Started without a key and parameter a mechanism complains of these, unless
 * it does not have the function at all. */
static void
flags_are_the_functions_that_start(void **state)
{
	size_t n, i, j;

	(void)state;
	n = mech_list(&fake_tpm_caps, list);
	for (i = 0; i < n; i++) {
		CK_FLAGS flags = info(list[i]).flags;

		assert_int_not_equal(flags & ~(CK_FLAGS)(CKF_HW | CKF_EC_F_P |
		    CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS), 0);
		for (j = 0; j <= MECH_VERIFY_RECOVER; j++) {
			CK_RV rv = try_start(operations[j].use,
			    mech_plain(list[i]), NULL);

			assert_int_equal(rv != CKR_MECHANISM_INVALID,
			    (flags & operations[j].flag) != 0);
		}
	}
}

static void
uses_have_the_attributes_of_the_standard(void **state)
{
	static const struct {
		enum mech_use use;
		CK_ATTRIBUTE_TYPE attribute;
	} uses[] = {
		{ MECH_DIGEST, NONE },
		{ MECH_ENCRYPT, CKA_ENCRYPT },
		{ MECH_DECRYPT, CKA_DECRYPT },
		{ MECH_SIGN, CKA_SIGN },
		{ MECH_SIGN_RECOVER, CKA_SIGN_RECOVER },
		{ MECH_VERIFY, CKA_VERIFY },
		{ MECH_VERIFY_RECOVER, CKA_VERIFY_RECOVER },
		{ MECH_GENERATE, NONE },
		{ MECH_GENERATE_PAIR, NONE },
		{ MECH_WRAP, CKA_WRAP },
		{ MECH_UNWRAP, CKA_UNWRAP },
		{ MECH_DERIVE, CKA_DERIVE },
		{ MECH_ENCAPSULATE, CKA_ENCAPSULATE },
		{ MECH_DECAPSULATE, CKA_DECAPSULATE },
	};
	size_t i;

	(void)state;
	assert_int_equal(ARRAY_LEN(uses), MECH_USES);
	for (i = 0; i < ARRAY_LEN(uses); i++)
		assert_int_equal(mech_use_attribute(uses[i].use),
		    uses[i].attribute);
}

static void
generations_tell_what_they_make(void **state)
{
	const struct tpm_caps *caps = &fake_tpm_caps;

	(void)state;
	assert_int_equal(mech_makes(mech_find(CKM_RSA_PKCS_KEY_PAIR_GEN,
	    caps)), CKK_RSA);
	assert_int_equal(mech_makes(mech_find(CKM_EC_KEY_PAIR_GEN, caps)),
	    CKK_EC);
	assert_int_equal(mech_makes(mech_find(CKM_GENERIC_SECRET_KEY_GEN,
	    caps)), CKK_GENERIC_SECRET);
	assert_int_equal(mech_makes(mech_find(CKM_ECDH1_DERIVE, caps)), NONE);
	assert_int_equal(mech_makes(mech_find(CKM_SHA256_HMAC, caps)), NONE);
}

static void
what_the_tpm_lacks_is_not_there(void **state)
{
	struct tpm_caps caps = bare_caps;
	size_t n, i;

	(void)state;
	n = mech_list(&caps, list);
	for (i = 0; i < n; i++) {
		CK_MECHANISM_INFO is;

		mech_info(mech_find(list[i], &caps), &caps, &is);
		assert_int_equal(is.flags & CKF_HW, 0);
	}
	assert_null(mech_find(CKM_RSA_PKCS, &caps));
	assert_null(mech_find(CKM_ECDSA_SHA256, &caps));
	assert_non_null(mech_find(CKM_SHA256, &caps));
	/* a known value needs no TPM */
	assert_non_null(mech_find(CKM_AES_GCM, &caps));
	assert_null(mech_find(CKM_DES3_CBC, &fake_tpm_caps));
	/* where nothing was asked of the TPM, all counts */
	assert_non_null(mech_find(CKM_RSA_PKCS, NULL));
	assert_null(mech_find(CKM_DES3_CBC, NULL));

	caps.curves = 1u << 4;		/* P-384 */
	assert_non_null(mech_find(CKM_ECDSA, &caps));
	assert_null(mech_find(CKM_RSA_PKCS, &caps));
}

static void
one_size_is_minimum_and_maximum(void **state)
{
	struct tpm_caps caps = bare_caps;
	CK_MECHANISM_INFO is;

	(void)state;
	caps.rsa_bits[0] = 2048;
	caps.curves = 1u << 3;
	mech_info(mech_find(CKM_RSA_PKCS, &caps), &caps, &is);
	assert_int_equal(is.ulMinKeySize, 2048);
	assert_int_equal(is.ulMaxKeySize, 2048);
	mech_info(mech_find(CKM_ECDSA, &caps), &caps, &is);
	assert_int_equal(is.ulMinKeySize, 256);
	assert_int_equal(is.ulMaxKeySize, 256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mechanism_stands_once_and_has_a_name),
		cmocka_unit_test(every_hash_has_all_its_mechanisms),
		cmocka_unit_test(secrets_are_made_and_derived),
		cmocka_unit_test(info_tells_functions_and_sizes),
		cmocka_unit_test(flags_are_the_functions_that_start),
		cmocka_unit_test(uses_have_the_attributes_of_the_standard),
		cmocka_unit_test(generations_tell_what_they_make),
		cmocka_unit_test(what_the_tpm_lacks_is_not_there),
		cmocka_unit_test(one_size_is_minimum_and_maximum),
	};

	return cmocka_run_group_tests(tests, mech_test_start,
	    mech_test_stop);
}
