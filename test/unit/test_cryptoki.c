/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Cryptoki header against facts that were not used to write it: sizes that
 * another project probed with the OASIS headers, values from the headers of
 * kryoptic and p11-kit for 3.2 and from NSS, the order of p11-kit's own table.
 */
#include "util/cryptoki_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/result.h"

struct pair {
	const char *name;
	CK_ULONG is;
	CK_ULONG should;
};

#define SIZE(type, size) { #type, sizeof(type), size }
#define VALUE(constant, value) { #constant, constant, value }
#define AT(list, member, slot) \
	{ #member, offsetof(list, member), (slot) * sizeof(void *) }

static void
assert_pairs(const struct pair *pairs, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (pairs[i].is != pairs[i].should)
			fail_msg("%s is %#lx, should be %#lx", pairs[i].name,
				pairs[i].is, pairs[i].should);
}

static const struct pair lp64_sizes[] = {
	SIZE(CK_AES_CBC_ENCRYPT_DATA_PARAMS, 32),
	SIZE(CK_AES_CTR_PARAMS, 24),
	SIZE(CK_ARIA_CBC_ENCRYPT_DATA_PARAMS, 32),
	SIZE(CK_ASYNC_DATA, 40),
	SIZE(CK_ATTRIBUTE, 24),
	SIZE(CK_CAMELLIA_CBC_ENCRYPT_DATA_PARAMS, 32),
	SIZE(CK_CAMELLIA_CTR_PARAMS, 24),
	SIZE(CK_CCM_MESSAGE_PARAMS, 56),
	SIZE(CK_CCM_PARAMS, 48),
	SIZE(CK_CCM_WRAP_PARAMS, 64),
	SIZE(CK_CHACHA20_PARAMS, 32),
	SIZE(CK_CMS_SIG_PARAMS, 64),
	SIZE(CK_C_INITIALIZE_ARGS, 48),
	SIZE(CK_DERIVED_KEY, 24),
	SIZE(CK_DES_CBC_ENCRYPT_DATA_PARAMS, 24),
	SIZE(CK_DSA_PARAMETER_GEN_PARAM, 32),
	SIZE(CK_ECDH1_DERIVE_PARAMS, 40),
	SIZE(CK_ECDH2_DERIVE_PARAMS, 72),
	SIZE(CK_ECDH_AES_KEY_WRAP_PARAMS, 32),
	SIZE(CK_ECMQV_DERIVE_PARAMS, 80),
	SIZE(CK_EDDSA_PARAMS, 24),
	SIZE(CK_EXTRACT_PARAMS, 8),
	SIZE(CK_FUNCTION_LIST, 552),
	SIZE(CK_FUNCTION_LIST_3_0, 744),
	SIZE(CK_FUNCTION_LIST_3_2, 840),
	SIZE(CK_GCM_MESSAGE_PARAMS, 48),
	SIZE(CK_GCM_PARAMS, 48),
	SIZE(CK_GCM_WRAP_PARAMS, 56),
	SIZE(CK_GOSTR3410_DERIVE_PARAMS, 40),
	SIZE(CK_GOSTR3410_KEY_WRAP_PARAMS, 40),
	SIZE(CK_HASH_SIGN_ADDITIONAL_CONTEXT, 32),
	SIZE(CK_HKDF_PARAMS, 64),
	SIZE(CK_IKE1_EXTENDED_DERIVE_PARAMS, 40),
	SIZE(CK_IKE1_PRF_DERIVE_PARAMS, 72),
	SIZE(CK_IKE2_PRF_PLUS_DERIVE_PARAMS, 40),
	SIZE(CK_IKE_PRF_DERIVE_PARAMS, 56),
	SIZE(CK_INFO, 88),
	SIZE(CK_INTERFACE, 24),
	SIZE(CK_KEA_DERIVE_PARAMS, 48),
	SIZE(CK_KEY_DERIVATION_STRING_DATA, 16),
	SIZE(CK_KEY_WRAP_SET_OAEP_PARAMS, 24),
	SIZE(CK_KIP_PARAMS, 32),
	SIZE(CK_MAC_GENERAL_PARAMS, 8),
	SIZE(CK_MECHANISM, 24),
	SIZE(CK_MECHANISM_INFO, 24),
	SIZE(CK_OTP_PARAM, 24),
	SIZE(CK_OTP_PARAMS, 16),
	SIZE(CK_OTP_SIGNATURE_INFO, 16),
	SIZE(CK_PBE_PARAMS, 48),
	SIZE(CK_PKCS5_PBKD2_PARAMS, 72),
	SIZE(CK_PKCS5_PBKD2_PARAMS2, 72),
	SIZE(CK_PRF_DATA_PARAM, 24),
	SIZE(CK_RC2_CBC_PARAMS, 16),
	SIZE(CK_RC2_MAC_GENERAL_PARAMS, 16),
	SIZE(CK_RC2_PARAMS, 8),
	SIZE(CK_RC5_CBC_PARAMS, 32),
	SIZE(CK_RC5_MAC_GENERAL_PARAMS, 24),
	SIZE(CK_RC5_PARAMS, 16),
	SIZE(CK_RSA_AES_KEY_WRAP_PARAMS, 16),
	SIZE(CK_RSA_PKCS_OAEP_PARAMS, 40),
	SIZE(CK_RSA_PKCS_PSS_PARAMS, 24),
	SIZE(CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS, 24),
	SIZE(CK_SALSA20_CHACHA20_POLY1305_PARAMS, 32),
	SIZE(CK_SALSA20_PARAMS, 24),
	SIZE(CK_SEED_CBC_ENCRYPT_DATA_PARAMS, 32),
	SIZE(CK_SESSION_INFO, 32),
	SIZE(CK_SIGN_ADDITIONAL_CONTEXT, 24),
	SIZE(CK_SKIPJACK_PRIVATE_WRAP_PARAMS, 88),
	SIZE(CK_SKIPJACK_RELAYX_PARAMS, 112),
	SIZE(CK_SLOT_INFO, 112),
	SIZE(CK_SP800_108_COUNTER_FORMAT, 16),
	SIZE(CK_SP800_108_DKM_LENGTH_FORMAT, 24),
	SIZE(CK_SP800_108_FEEDBACK_KDF_PARAMS, 56),
	SIZE(CK_SP800_108_KDF_PARAMS, 40),
	SIZE(CK_SSL3_KEY_MAT_OUT, 48),
	SIZE(CK_SSL3_KEY_MAT_PARAMS, 72),
	SIZE(CK_SSL3_MASTER_KEY_DERIVE_PARAMS, 40),
	SIZE(CK_SSL3_RANDOM_DATA, 32),
	SIZE(CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS, 32),
	SIZE(CK_TLS12_KEY_MAT_PARAMS, 80),
	SIZE(CK_TLS12_MASTER_KEY_DERIVE_PARAMS, 48),
	SIZE(CK_TLS_KDF_PARAMS, 72),
	SIZE(CK_TLS_MAC_PARAMS, 24),
	SIZE(CK_TLS_PRF_PARAMS, 48),
	SIZE(CK_TOKEN_INFO, 208),
	SIZE(CK_VERSION, 2),
	SIZE(CK_WTLS_KEY_MAT_OUT, 24),
	SIZE(CK_WTLS_KEY_MAT_PARAMS, 88),
	SIZE(CK_WTLS_MASTER_KEY_DERIVE_PARAMS, 48),
	SIZE(CK_WTLS_PRF_PARAMS, 56),
	SIZE(CK_WTLS_RANDOM_DATA, 32),
	SIZE(CK_X2RATCHET_INITIALIZE_PARAMS, 64),
	SIZE(CK_X2RATCHET_RESPOND_PARAMS, 64),
	SIZE(CK_X3DH_INITIATE_PARAMS, 56),
	SIZE(CK_X3DH_RESPOND_PARAMS, 48),
	SIZE(CK_X9_42_DH1_DERIVE_PARAMS, 40),
	SIZE(CK_X9_42_DH2_DERIVE_PARAMS, 72),
	SIZE(CK_X9_42_MQV_DERIVE_PARAMS, 80),
	SIZE(CK_XEDDSA_PARAMS, 8),
};

static void
sizes_are_those_of_the_oasis_headers(void **state)
{
	(void)state;
	if (sizeof(CK_ULONG) != 8 || sizeof(void *) != 8)
		skip();
	assert_pairs(lp64_sizes, ARRAY_LEN(lp64_sizes));
}

static void
members_stand_where_callers_put_them(void **state)
{
	static const struct pair slots[] = {
		AT(CK_ASYNC_DATA, hAdditionalObject, 4),
		AT(CK_CCM_MESSAGE_PARAMS, pMAC, 5),
		AT(CK_CCM_PARAMS, pNonce, 1),
		AT(CK_CCM_PARAMS, pAAD, 3),
		AT(CK_CCM_PARAMS, ulMACLen, 5),
		AT(CK_CCM_WRAP_PARAMS, pAAD, 5),
		AT(CK_ECDH_AES_KEY_WRAP_PARAMS, kdf, 1),
		AT(CK_ECDH_AES_KEY_WRAP_PARAMS, pSharedData, 3),
		AT(CK_EDDSA_PARAMS, ulContextDataLen, 1),
		AT(CK_GCM_MESSAGE_PARAMS, ivGenerator, 3),
		AT(CK_GCM_MESSAGE_PARAMS, pTag, 4),
		AT(CK_HASH_SIGN_ADDITIONAL_CONTEXT, hash, 3),
		AT(CK_HKDF_PARAMS, prfHashMechanism, 1),
		AT(CK_HKDF_PARAMS, pSalt, 3),
		AT(CK_HKDF_PARAMS, hSaltKey, 5),
		AT(CK_HKDF_PARAMS, ulInfoLen, 7),
		AT(CK_INTERFACE, pFunctionList, 1),
		AT(CK_PKCS5_PBKD2_PARAMS2, iterations, 3),
		AT(CK_PKCS5_PBKD2_PARAMS2, pPassword, 7),
		AT(CK_RSA_AES_KEY_WRAP_PARAMS, pOAEPParams, 1),
		AT(CK_SALSA20_CHACHA20_POLY1305_PARAMS, pAAD, 2),
		AT(CK_SP800_108_FEEDBACK_KDF_PARAMS, pIV, 4),
		AT(CK_SP800_108_KDF_PARAMS, pAdditionalDerivedKeys, 4),
		AT(CK_TLS12_KEY_MAT_PARAMS, RandomInfo, 4),
		AT(CK_TLS12_KEY_MAT_PARAMS, prfHashMechanism, 9),
		AT(CK_TLS_KDF_PARAMS, RandomInfo, 3),
		AT(CK_TLS_KDF_PARAMS, pContextData, 7),
	};

	(void)state;
	if (sizeof(CK_ULONG) != sizeof(void *))
		skip();
	assert_pairs(slots, ARRAY_LEN(slots));
	assert_int_equal(offsetof(CK_HKDF_PARAMS, bExpand), 1);
}

/* p11-kit's table of 2.40 was not made from our list of names. */
static void
later_tables_begin_like_the_one_of_2_40(void **state)
{
#define SAME(name) \
	{ #name, offsetof(CK_FUNCTION_LIST_3_0, name), \
		offsetof(CK_FUNCTION_LIST, name) }, \
	{ #name, offsetof(CK_FUNCTION_LIST_3_2, name), \
		offsetof(CK_FUNCTION_LIST, name) },
	static const struct pair pairs[] = {
		CRYPTOKI_FUNCTIONS_2_40(SAME)
	};

	(void)state;
	assert_int_equal(ARRAY_LEN(pairs), 2 * 68);
	assert_pairs(pairs, ARRAY_LEN(pairs));
}

static void
tables_of_3_0_and_3_2_go_on_in_the_order_of_the_standard(void **state)
{
#define AT_3_0(member, slot) \
	AT(CK_FUNCTION_LIST_3_0, member, slot), \
	AT(CK_FUNCTION_LIST_3_2, member, slot)
#define AT_3_2(member, slot) AT(CK_FUNCTION_LIST_3_2, member, slot)
	static const struct pair slots[] = {
		AT_3_0(C_Initialize, 1),
		AT_3_0(C_WaitForSlotEvent, 68),
		AT_3_0(C_GetInterfaceList, 69),
		AT_3_0(C_GetInterface, 70),
		AT_3_0(C_LoginUser, 71),
		AT_3_0(C_SessionCancel, 72),
		AT_3_0(C_MessageEncryptInit, 73),
		AT_3_0(C_EncryptMessage, 74),
		AT_3_0(C_EncryptMessageBegin, 75),
		AT_3_0(C_EncryptMessageNext, 76),
		AT_3_0(C_MessageEncryptFinal, 77),
		AT_3_0(C_MessageDecryptInit, 78),
		AT_3_0(C_DecryptMessage, 79),
		AT_3_0(C_DecryptMessageBegin, 80),
		AT_3_0(C_DecryptMessageNext, 81),
		AT_3_0(C_MessageDecryptFinal, 82),
		AT_3_0(C_MessageSignInit, 83),
		AT_3_0(C_SignMessage, 84),
		AT_3_0(C_SignMessageBegin, 85),
		AT_3_0(C_SignMessageNext, 86),
		AT_3_0(C_MessageSignFinal, 87),
		AT_3_0(C_MessageVerifyInit, 88),
		AT_3_0(C_VerifyMessage, 89),
		AT_3_0(C_VerifyMessageBegin, 90),
		AT_3_0(C_VerifyMessageNext, 91),
		AT_3_0(C_MessageVerifyFinal, 92),
		AT_3_2(C_EncapsulateKey, 93),
		AT_3_2(C_DecapsulateKey, 94),
		AT_3_2(C_VerifySignatureInit, 95),
		AT_3_2(C_VerifySignature, 96),
		AT_3_2(C_VerifySignatureUpdate, 97),
		AT_3_2(C_VerifySignatureFinal, 98),
		AT_3_2(C_GetSessionValidationFlags, 99),
		AT_3_2(C_AsyncComplete, 100),
		AT_3_2(C_AsyncGetID, 101),
		AT_3_2(C_AsyncJoin, 102),
		AT_3_2(C_WrapKeyAuthenticated, 103),
		AT_3_2(C_UnwrapKeyAuthenticated, 104),
	};

	(void)state;
	assert_pairs(slots, ARRAY_LEN(slots));
}

static const struct pair known_values[] = {
	VALUE(CKA_DECAPSULATE, 0x634),
	VALUE(CKA_DECAPSULATE_TEMPLATE, 0x4000062b),
	VALUE(CKA_ENCAPSULATE, 0x633),
	VALUE(CKA_ENCAPSULATE_TEMPLATE, 0x4000062a),
	VALUE(CKA_HASH_OF_CERTIFICATE, 0x635),
	VALUE(CKA_HSS_KEYS_REMAINING, 0x61c),
	VALUE(CKA_HSS_LEVELS, 0x617),
	VALUE(CKA_OBJECT_VALIDATION_FLAGS, 0x61e),
	VALUE(CKA_PARAMETER_SET, 0x61d),
	VALUE(CKA_PROFILE_ID, 0x601),
	VALUE(CKA_PUBLIC_CRC64_VALUE, 0x636),
	VALUE(CKA_SEED, 0x637),
	VALUE(CKA_TRUST_OCSP_SIGNING, 0x632),
	VALUE(CKA_TRUST_SERVER_AUTH, 0x62c),
	VALUE(CKA_UNIQUE_ID, 4),
	VALUE(CKA_VALIDATION_FLAG, 0x623),
	VALUE(CKA_VALIDATION_PROFILE, 0x629),
	VALUE(CKA_X2RATCHET_RK, 0x612),
	VALUE(CKD_SHA256_KDF_SP800, 0x10),
	VALUE(CKD_SHA3_512_KDF, 0xd),
	VALUE(CKF_ASYNC_SESSION, 8),
	VALUE(CKF_ASYNC_SESSION_SUPPORTED, 1UL << 26),
	VALUE(CKF_DECAPSULATE, 1UL << 29),
	VALUE(CKF_EC_CURVENAME, 1UL << 26),
	VALUE(CKF_EC_OID, 1UL << 23),
	VALUE(CKF_ENCAPSULATE, 1UL << 28),
	VALUE(CKF_FIND_OBJECTS, 1UL << 6),
	VALUE(CKF_SEED_RANDOM_REQUIRED, 1UL << 25),
	VALUE(CKG_GENERATE_COUNTER_XOR, 4),
	VALUE(CKG_MGF1_SHA3_224, 6),
	VALUE(CKH_DETERMINISTIC_REQUIRED, 2),
	VALUE(CKK_AES_XTS, 0x35),
	VALUE(CKK_EC_MONTGOMERY, 0x41),
	VALUE(CKK_HKDF, 0x42),
	VALUE(CKK_HSS, 0x46),
	VALUE(CKK_ML_DSA, 0x4a),
	VALUE(CKK_ML_KEM, 0x49),
	VALUE(CKK_SHA3_256_HMAC, 0x37),
	VALUE(CKK_SHA512_T_HMAC, 0x45),
	VALUE(CKK_SLH_DSA, 0x4b),
	VALUE(CKK_XMSSMT, 0x48),
	VALUE(CKM_AES_KEY_WRAP_KWP, 0x210b),
	VALUE(CKM_AES_KEY_WRAP_PKCS7, 0x210c),
	VALUE(CKM_AES_XTS_KEY_GEN, 0x1072),
	VALUE(CKM_BLAKE2B_512_KEY_GEN, 0x401f),
	VALUE(CKM_CHACHA20_POLY1305, 0x4021),
	VALUE(CKM_ECDH_COF_AES_KEY_WRAP, 0x4039),
	VALUE(CKM_ECDSA_SHA3_512, 0x104a),
	VALUE(CKM_EC_KEY_PAIR_GEN_W_EXTRA_BITS, 0x140b),
	VALUE(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, 0x1056),
	VALUE(CKM_HASH_ML_DSA_SHAKE256, 0x2c),
	VALUE(CKM_HASH_SLH_DSA, 0x34),
	VALUE(CKM_HASH_SLH_DSA_SHAKE256, 0x3f),
	VALUE(CKM_HKDF_DERIVE, 0x402a),
	VALUE(CKM_IKE1_EXTENDED_DERIVE, 0x4031),
	VALUE(CKM_KEA_DERIVE, 0x1012),
	VALUE(CKM_ML_DSA, 0x1d),
	VALUE(CKM_ML_KEM, 0x17),
	VALUE(CKM_ML_KEM_KEY_PAIR_GEN, 0xf),
	VALUE(CKM_PUB_KEY_FROM_PRIV_KEY, 0x403a),
	VALUE(CKM_SHA3_224_RSA_PKCS_PSS, 0x67),
	VALUE(CKM_SHA3_256, 0x2b0),
	VALUE(CKM_SHA3_512_KEY_GEN, 0x2d3),
	VALUE(CKM_SHAKE_256_KEY_DERIVE, 0x39c),
	VALUE(CKM_SHA_1_KEY_GEN, 0x4003),
	VALUE(CKM_SLH_DSA, 0x2e),
	VALUE(CKM_SP800_108_COUNTER_KDF, 0x3ac),
	VALUE(CKM_SP800_108_DOUBLE_PIPELINE_KDF, 0x3ae),
	VALUE(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, 0x56),
	VALUE(CKM_XMSSMT, 0x4037),
	VALUE(CKO_PROFILE, 9),
	VALUE(CKO_TRUST, 0xb),
	VALUE(CKO_VALIDATION, 0xa),
	VALUE(CKP_HKDF_TLS_TOKEN, 6),
	VALUE(CKP_ML_DSA_87, 3),
	VALUE(CKP_ML_KEM_1024, 3),
	VALUE(CKP_PKCS5_PBKD2_HMAC_SHA512_256, 8),
	VALUE(CKP_SLH_DSA_SHAKE_256F, 0xc),
	VALUE(CKR_AEAD_DECRYPT_FAILED, 0x42),
	VALUE(CKR_EXCEEDED_MAX_ITERATIONS, 0x1b5),
	VALUE(CKR_KEY_EXHAUSTED, 0x203),
	VALUE(CKR_OPERATION_CANCEL_FAILED, 0x202),
	VALUE(CKR_PARAMETER_SET_NOT_SUPPORTED, 0x209),
	VALUE(CKR_PENDING, 0x204),
	VALUE(CKR_PIN_TOO_WEAK, 0x1b8),
	VALUE(CKR_PUBLIC_KEY_INVALID, 0x1b9),
	VALUE(CKR_TOKEN_NOT_INITIALIZED, 0x208),
	VALUE(CKT_TRUST_MUST_VERIFY_TRUST, 4),
	VALUE(CKV_AUTHORITY_TYPE_COMMON_CRITERIA, 2),
	VALUE(CKV_TYPE_HYBRID, 4),
	VALUE(CK_CERTIFICATE_CATEGORY_AUTHORITY, 2),
	VALUE(CK_OTP_OUTPUT_FORMAT, 7),
	VALUE(CK_SECURITY_DOMAIN_THIRD_PARTY, 3),
	VALUE(CK_SP800_108_KEY_HANDLE, 5),
};

static void
values_are_those_of_other_projects(void **state)
{
	(void)state;
	assert_pairs(known_values, ARRAY_LEN(known_values));
}

/* A header of ours that is read before must not be renamed after. */
static void
p11_kit_leaves_no_macros_in_lower_case(void **state)
{
	struct {
		int iv_len, hash_alg, tag_bits, public_data, shared_data;
		int data_params, templ, key, info, value, parameter, count;
	} mine = { 0 };
#define TEXT(x) #x
#define EXPANDED(x) TEXT(x)

	(void)state;
	(void)mine;
	assert_string_equal(EXPANDED(iv_len), "iv_len");
	assert_string_equal(EXPANDED(hash_alg), "hash_alg");
	assert_string_equal(EXPANDED(templ), "templ");
	assert_string_equal(EXPANDED(CK_CCM_PARAMS), "CK_CCM_PARAMS");
}

static void
every_attribute_is_found_by_its_name(void **state)
{
#define X(constant) { #constant, constant, 0 },
	static const struct pair all[] = {
#include "util/cka.def"
	};
#undef X

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CK_ATTRIBUTE_TYPE type = CKA_VENDOR_DEFINED, again;

		assert_true(cka_from_name(all[i].name, &type));
		assert_int_equal(type, all[i].is);
		assert_non_null(cka_name(type));
		assert_true(cka_from_name(cka_name(type), &again));
		assert_int_equal(again, type);
	}
}

/* In order, what a new version of the standard added is seen to be there. */
static void
lists_are_in_the_order_of_their_values(void **state)
{
#define X(constant) constant,
	static const CK_ULONG ckr[] = {
#include "util/ckr.def"
	};
	static const CK_ULONG ckm[] = {
#include "util/ckm.def"
	};
	static const CK_ULONG cka[] = {
#include "util/cka.def"
	};
	static const CK_ULONG cko[] = {
#include "util/cko.def"
	};
	static const CK_ULONG ckk[] = {
#include "util/ckk.def"
	};
#undef X
	static const struct {
		const CK_ULONG *values;
		size_t len;
	} lists[] = {
		{ ckr, ARRAY_LEN(ckr) },
		{ ckm, ARRAY_LEN(ckm) },
		{ cka, ARRAY_LEN(cka) },
		{ cko, ARRAY_LEN(cko) },
		{ ckk, ARRAY_LEN(ckk) },
	};

	(void)state;
	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t i = 1; i < lists[l].len; i++)
			assert_true(lists[l].values[i - 1] <=
				lists[l].values[i]);
}

static void
names_are_the_current_ones(void **state)
{
	(void)state;
	assert_string_equal(ckr_name(CKR_OK), "CKR_OK");
	assert_string_equal(ckr_name(0xa0), "CKR_PIN_INCORRECT");
	assert_string_equal(ckr_name(0x1b8), "CKR_PIN_TOO_WEAK");
	assert_string_equal(ckm_name(0x1040), "CKM_EC_KEY_PAIR_GEN");
	assert_string_equal(ckm_name(0x1087), "CKM_AES_GCM");
	assert_string_equal(ckm_name(0x397), "CKM_SHA3_256_KEY_DERIVATION");
	assert_string_equal(cka_name(0x180), "CKA_EC_PARAMS");
	assert_string_equal(cka_name(0x134), "CKA_SUBPRIME_BITS");
	assert_string_equal(cka_name(0x40000600), "CKA_ALLOWED_MECHANISMS");
	assert_string_equal(cko_name(CKO_PRIVATE_KEY), "CKO_PRIVATE_KEY");
	assert_string_equal(ckk_name(3), "CKK_EC");
	assert_string_equal(ckk_name(0x18), "CKK_CAST128");
}

static void
what_is_not_in_the_standard_has_no_name(void **state)
{
	CK_ATTRIBUTE_TYPE type = 42;

	(void)state;
	assert_null(ckr_name(0x1c3));
	assert_null(ckr_name(CKR_VENDOR_DEFINED));
	assert_null(ckm_name(~0UL));
	assert_null(cka_name(0x62a));
	assert_null(cko_name(0xc));
	assert_null(ckk_name(6));
	assert_false(cka_from_name("", &type));
	assert_false(cka_from_name("LABEL", &type));
	assert_false(cka_from_name("CKA_LABELS", &type));
	assert_int_equal(type, 42);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_those_of_the_oasis_headers),
		cmocka_unit_test(members_stand_where_callers_put_them),
		cmocka_unit_test(later_tables_begin_like_the_one_of_2_40),
		cmocka_unit_test(
		    tables_of_3_0_and_3_2_go_on_in_the_order_of_the_standard),
		cmocka_unit_test(values_are_those_of_other_projects),
		cmocka_unit_test(p11_kit_leaves_no_macros_in_lower_case),
		cmocka_unit_test(every_attribute_is_found_by_its_name),
		cmocka_unit_test(lists_are_in_the_order_of_their_values),
		cmocka_unit_test(names_are_the_current_ones),
		cmocka_unit_test(what_is_not_in_the_standard_has_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
