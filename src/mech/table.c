/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

#define ROW(type, family, key, hash) { type, &family, key, hash }

/* PKCS#11 3.x, chapter 6, in its order. */
static const struct mech table[] = {
	ROW(CKM_RSA_PKCS_KEY_PAIR_GEN, rsa_pair_family, CKK_RSA, NO_HASH),
	ROW(CKM_RSA_PKCS, rsa_pkcs_family, CKK_RSA, NO_HASH),
	ROW(CKM_SHA1_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA, CKM_SHA_1),
	ROW(CKM_SHA224_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA, CKM_SHA224),
	ROW(CKM_SHA256_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA, CKM_SHA256),
	ROW(CKM_SHA384_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA, CKM_SHA384),
	ROW(CKM_SHA512_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA, CKM_SHA512),
	ROW(CKM_SHA3_224_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA,
	    CKM_SHA3_224),
	ROW(CKM_SHA3_256_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA,
	    CKM_SHA3_256),
	ROW(CKM_SHA3_384_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA,
	    CKM_SHA3_384),
	ROW(CKM_SHA3_512_RSA_PKCS, rsa_pkcs_hash_family, CKK_RSA,
	    CKM_SHA3_512),
	ROW(CKM_RSA_PKCS_OAEP, rsa_oaep_family, CKK_RSA, NO_HASH),
	ROW(CKM_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, NO_HASH),
	ROW(CKM_SHA1_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA_1),
	ROW(CKM_SHA224_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA224),
	ROW(CKM_SHA256_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA256),
	ROW(CKM_SHA384_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA384),
	ROW(CKM_SHA512_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA512),
	ROW(CKM_SHA3_224_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA3_224),
	ROW(CKM_SHA3_256_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA3_256),
	ROW(CKM_SHA3_384_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA3_384),
	ROW(CKM_SHA3_512_RSA_PKCS_PSS, rsa_pss_family, CKK_RSA, CKM_SHA3_512),
	ROW(CKM_RSA_X_509, rsa_x509_family, CKK_RSA, NO_HASH),
	ROW(CKM_RSA_AES_KEY_WRAP, rsa_aes_wrap_family, CKK_RSA, NO_HASH),

	ROW(CKM_EC_KEY_PAIR_GEN, ec_pair_family, CKK_EC, NO_HASH),
	ROW(CKM_ECDSA, ecdsa_family, CKK_EC, NO_HASH),
	ROW(CKM_ECDSA_SHA1, ecdsa_family, CKK_EC, CKM_SHA_1),
	ROW(CKM_ECDSA_SHA224, ecdsa_family, CKK_EC, CKM_SHA224),
	ROW(CKM_ECDSA_SHA256, ecdsa_family, CKK_EC, CKM_SHA256),
	ROW(CKM_ECDSA_SHA384, ecdsa_family, CKK_EC, CKM_SHA384),
	ROW(CKM_ECDSA_SHA512, ecdsa_family, CKK_EC, CKM_SHA512),
	ROW(CKM_ECDSA_SHA3_224, ecdsa_family, CKK_EC, CKM_SHA3_224),
	ROW(CKM_ECDSA_SHA3_256, ecdsa_family, CKK_EC, CKM_SHA3_256),
	ROW(CKM_ECDSA_SHA3_384, ecdsa_family, CKK_EC, CKM_SHA3_384),
	ROW(CKM_ECDSA_SHA3_512, ecdsa_family, CKK_EC, CKM_SHA3_512),
	ROW(CKM_ECDH1_DERIVE, ecdh_family, CKK_EC, NO_HASH),
	/* the cofactor is 1 on all curves of curve.h */
	ROW(CKM_ECDH1_COFACTOR_DERIVE, ecdh_family, CKK_EC, NO_HASH),
	ROW(CKM_ECDH_AES_KEY_WRAP, ecdh_aes_wrap_family, CKK_EC, NO_HASH),
	ROW(CKM_ECDH_COF_AES_KEY_WRAP, ecdh_aes_wrap_family, CKK_EC, NO_HASH),

	ROW(CKM_EC_EDWARDS_KEY_PAIR_GEN, edwards_pair_family, CKK_EC_EDWARDS,
	    NO_HASH),
	ROW(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, montgomery_pair_family,
	    CKK_EC_MONTGOMERY, NO_HASH),
	ROW(CKM_EDDSA, eddsa_family, CKK_EC_EDWARDS, NO_HASH),

	ROW(CKM_AES_KEY_GEN, aes_gen_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_ECB, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CBC, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CBC_PAD, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_OFB, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CFB8, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CFB128, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CTR, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CTS, aes_cipher_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_GCM, aes_gcm_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CCM, aes_ccm_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_GMAC, aes_gmac_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CMAC, aes_cmac_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CMAC_GENERAL, aes_cmac_general_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_KEY_WRAP, aes_keywrap_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_KEY_WRAP_PAD, aes_keywrap_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_KEY_WRAP_KWP, aes_keywrap_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_KEY_WRAP_PKCS7, aes_keywrap_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_ECB_ENCRYPT_DATA, aes_ecb_data_family, CKK_AES, NO_HASH),
	ROW(CKM_AES_CBC_ENCRYPT_DATA, aes_cbc_data_family, CKK_AES, NO_HASH),

	ROW(CKM_GENERIC_SECRET_KEY_GEN, secret_family, CKK_GENERIC_SECRET,
	    NO_HASH),

	ROW(CKM_SHA_1, digest_family, NO_KEY, CKM_SHA_1),
	ROW(CKM_SHA224, digest_family, NO_KEY, CKM_SHA224),
	ROW(CKM_SHA256, digest_family, NO_KEY, CKM_SHA256),
	ROW(CKM_SHA384, digest_family, NO_KEY, CKM_SHA384),
	ROW(CKM_SHA512, digest_family, NO_KEY, CKM_SHA512),
	ROW(CKM_SHA512_224, digest_family, NO_KEY, CKM_SHA512_224),
	ROW(CKM_SHA512_256, digest_family, NO_KEY, CKM_SHA512_256),
	ROW(CKM_SHA3_224, digest_family, NO_KEY, CKM_SHA3_224),
	ROW(CKM_SHA3_256, digest_family, NO_KEY, CKM_SHA3_256),
	ROW(CKM_SHA3_384, digest_family, NO_KEY, CKM_SHA3_384),
	ROW(CKM_SHA3_512, digest_family, NO_KEY, CKM_SHA3_512),

	ROW(CKM_SHA_1_HMAC, hmac_family, CKK_SHA_1_HMAC, CKM_SHA_1),
	ROW(CKM_SHA224_HMAC, hmac_family, CKK_SHA224_HMAC, CKM_SHA224),
	ROW(CKM_SHA256_HMAC, hmac_family, CKK_SHA256_HMAC, CKM_SHA256),
	ROW(CKM_SHA384_HMAC, hmac_family, CKK_SHA384_HMAC, CKM_SHA384),
	ROW(CKM_SHA512_HMAC, hmac_family, CKK_SHA512_HMAC, CKM_SHA512),
	ROW(CKM_SHA512_224_HMAC, hmac_family, CKK_SHA512_224_HMAC,
	    CKM_SHA512_224),
	ROW(CKM_SHA512_256_HMAC, hmac_family, CKK_SHA512_256_HMAC,
	    CKM_SHA512_256),
	ROW(CKM_SHA3_224_HMAC, hmac_family, CKK_SHA3_224_HMAC, CKM_SHA3_224),
	ROW(CKM_SHA3_256_HMAC, hmac_family, CKK_SHA3_256_HMAC, CKM_SHA3_256),
	ROW(CKM_SHA3_384_HMAC, hmac_family, CKK_SHA3_384_HMAC, CKM_SHA3_384),
	ROW(CKM_SHA3_512_HMAC, hmac_family, CKK_SHA3_512_HMAC, CKM_SHA3_512),
	ROW(CKM_SHA_1_HMAC_GENERAL, hmac_general_family, CKK_SHA_1_HMAC,
	    CKM_SHA_1),
	ROW(CKM_SHA224_HMAC_GENERAL, hmac_general_family, CKK_SHA224_HMAC,
	    CKM_SHA224),
	ROW(CKM_SHA256_HMAC_GENERAL, hmac_general_family, CKK_SHA256_HMAC,
	    CKM_SHA256),
	ROW(CKM_SHA384_HMAC_GENERAL, hmac_general_family, CKK_SHA384_HMAC,
	    CKM_SHA384),
	ROW(CKM_SHA512_HMAC_GENERAL, hmac_general_family, CKK_SHA512_HMAC,
	    CKM_SHA512),
	ROW(CKM_SHA512_224_HMAC_GENERAL, hmac_general_family,
	    CKK_SHA512_224_HMAC, CKM_SHA512_224),
	ROW(CKM_SHA512_256_HMAC_GENERAL, hmac_general_family,
	    CKK_SHA512_256_HMAC, CKM_SHA512_256),
	ROW(CKM_SHA3_224_HMAC_GENERAL, hmac_general_family,
	    CKK_SHA3_224_HMAC, CKM_SHA3_224),
	ROW(CKM_SHA3_256_HMAC_GENERAL, hmac_general_family,
	    CKK_SHA3_256_HMAC, CKM_SHA3_256),
	ROW(CKM_SHA3_384_HMAC_GENERAL, hmac_general_family,
	    CKK_SHA3_384_HMAC, CKM_SHA3_384),
	ROW(CKM_SHA3_512_HMAC_GENERAL, hmac_general_family,
	    CKK_SHA3_512_HMAC, CKM_SHA3_512),

	ROW(CKM_SHA_1_KEY_GEN, mac_secret_family, CKK_SHA_1_HMAC, NO_HASH),
	ROW(CKM_SHA224_KEY_GEN, mac_secret_family, CKK_SHA224_HMAC, NO_HASH),
	ROW(CKM_SHA256_KEY_GEN, mac_secret_family, CKK_SHA256_HMAC, NO_HASH),
	ROW(CKM_SHA384_KEY_GEN, mac_secret_family, CKK_SHA384_HMAC, NO_HASH),
	ROW(CKM_SHA512_KEY_GEN, mac_secret_family, CKK_SHA512_HMAC, NO_HASH),
	ROW(CKM_SHA512_224_KEY_GEN, mac_secret_family, CKK_SHA512_224_HMAC,
	    NO_HASH),
	ROW(CKM_SHA512_256_KEY_GEN, mac_secret_family, CKK_SHA512_256_HMAC,
	    NO_HASH),
	ROW(CKM_SHA3_224_KEY_GEN, mac_secret_family, CKK_SHA3_224_HMAC,
	    NO_HASH),
	ROW(CKM_SHA3_256_KEY_GEN, mac_secret_family, CKK_SHA3_256_HMAC,
	    NO_HASH),
	ROW(CKM_SHA3_384_KEY_GEN, mac_secret_family, CKK_SHA3_384_HMAC,
	    NO_HASH),
	ROW(CKM_SHA3_512_KEY_GEN, mac_secret_family, CKK_SHA3_512_HMAC,
	    NO_HASH),
	ROW(CKM_SHA1_KEY_DERIVATION, hash_derive_family, ANY_SECRET, CKM_SHA_1),
	ROW(CKM_SHA224_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA224),
	ROW(CKM_SHA256_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA256),
	ROW(CKM_SHA384_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA384),
	ROW(CKM_SHA512_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA512),
	ROW(CKM_SHA512_224_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA512_224),
	ROW(CKM_SHA512_256_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA512_256),
	ROW(CKM_SHA3_224_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA3_224),
	ROW(CKM_SHA3_256_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA3_256),
	ROW(CKM_SHA3_384_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA3_384),
	ROW(CKM_SHA3_512_KEY_DERIVATION, hash_derive_family, ANY_SECRET,
	    CKM_SHA3_512),

	ROW(CKM_PKCS5_PBKD2, pbkdf2_family, NO_KEY, NO_HASH),

	ROW(CKM_TLS12_MASTER_KEY_DERIVE, tls12_master_family,
	    CKK_GENERIC_SECRET, NO_HASH),
	ROW(CKM_TLS12_MASTER_KEY_DERIVE_DH, tls12_master_family,
	    CKK_GENERIC_SECRET, NO_HASH),
	ROW(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, tls12_extended_family,
	    CKK_GENERIC_SECRET, NO_HASH),
	ROW(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH, tls12_extended_family,
	    CKK_GENERIC_SECRET, NO_HASH),
	ROW(CKM_TLS12_KEY_AND_MAC_DERIVE, tls12_keys_family, CKK_GENERIC_SECRET,
	    NO_HASH),
	ROW(CKM_TLS12_KDF, tls12_kdf_family, CKK_GENERIC_SECRET, NO_HASH),
	ROW(CKM_TLS_KDF, tls12_kdf_family, CKK_GENERIC_SECRET, NO_HASH),
	ROW(CKM_TLS_MAC, tls_mac_family, CKK_GENERIC_SECRET, NO_HASH),

	ROW(CKM_SP800_108_COUNTER_KDF, kbkdf_family, ANY_SECRET, NO_HASH),
	ROW(CKM_SP800_108_FEEDBACK_KDF, kbkdf_feedback_family, ANY_SECRET,
	    NO_HASH),
	ROW(CKM_SP800_108_DOUBLE_PIPELINE_KDF, kbkdf_family, ANY_SECRET,
	    NO_HASH),

	ROW(CKM_CONCATENATE_BASE_AND_KEY, concat_key_family, ANY_SECRET,
	    NO_HASH),
	ROW(CKM_CONCATENATE_BASE_AND_DATA, concat_data_family, ANY_SECRET,
	    NO_HASH),
	ROW(CKM_CONCATENATE_DATA_AND_BASE, data_concat_family, ANY_SECRET,
	    NO_HASH),
	ROW(CKM_XOR_BASE_AND_DATA, xor_family, ANY_SECRET, NO_HASH),
	ROW(CKM_EXTRACT_KEY_FROM_KEY, extract_family, ANY_SECRET, NO_HASH),

	ROW(CKM_HKDF_DERIVE, hkdf_family, ANY_SECRET, NO_HASH),
	ROW(CKM_HKDF_DATA, hkdf_data_family, ANY_SECRET, NO_HASH),
	ROW(CKM_HKDF_KEY_GEN, mac_secret_family, CKK_HKDF, NO_HASH),
};

#define NO_ATTRIBUTE CK_UNAVAILABLE_INFORMATION

static const struct {
	CK_FLAGS flag;
	CK_FLAGS messages;	/* of the message form */
	CK_ATTRIBUTE_TYPE attribute;
} uses[MECH_USES] = {
	[MECH_DIGEST] = { CKF_DIGEST, 0, NO_ATTRIBUTE },
	[MECH_ENCRYPT] = { CKF_ENCRYPT, CKF_MESSAGE_ENCRYPT, CKA_ENCRYPT },
	[MECH_DECRYPT] = { CKF_DECRYPT, CKF_MESSAGE_DECRYPT, CKA_DECRYPT },
	[MECH_SIGN] = { CKF_SIGN, CKF_MESSAGE_SIGN, CKA_SIGN },
	[MECH_SIGN_RECOVER] = { CKF_SIGN_RECOVER, 0, CKA_SIGN_RECOVER },
	[MECH_VERIFY] = { CKF_VERIFY, CKF_MESSAGE_VERIFY, CKA_VERIFY },
	[MECH_VERIFY_RECOVER] = { CKF_VERIFY_RECOVER, 0,
	    CKA_VERIFY_RECOVER },
	[MECH_GENERATE] = { CKF_GENERATE, 0, NO_ATTRIBUTE },
	[MECH_GENERATE_PAIR] = { CKF_GENERATE_KEY_PAIR, 0, NO_ATTRIBUTE },
	[MECH_WRAP] = { CKF_WRAP, 0, CKA_WRAP },
	[MECH_UNWRAP] = { CKF_UNWRAP, 0, CKA_UNWRAP },
	[MECH_DERIVE] = { CKF_DERIVE, 0, CKA_DERIVE },
	[MECH_ENCAPSULATE] = { CKF_ENCAPSULATE, 0, CKA_ENCAPSULATE },
	[MECH_DECAPSULATE] = { CKF_DECAPSULATE, 0, CKA_DECAPSULATE },
};

static bool
available(const struct mech *m, const struct tpm_caps *caps)
{
	CK_ULONG min, max;

	return caps == NULL || m->family->sizes(caps, &min, &max);
}

/* Could the TPM do it, if software were not allowed to? */
static bool
in_tpm(const struct mech *m, const struct tpm_caps *caps)
{
	struct tpm_caps bare = *caps;

	bare.software = false;
	return available(m, &bare);
}

const struct mech *
mech_find(CK_MECHANISM_TYPE type, const struct tpm_caps *caps)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].type == type)
			return available(&table[i], caps) ? &table[i] : NULL;
	return NULL;
}

size_t
mech_count(void)
{
	return ARRAY_LEN(table);
}

size_t
mech_list(const struct tpm_caps *caps, CK_MECHANISM_TYPE *list)
{
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(table); i++)
		if (available(&table[i], caps))
			list[n++] = table[i].type;
	return n;
}

bool
mech_provides(const struct mech *m, enum mech_use use)
{
	const struct mech_family *f = m->family;
	const bool made[MECH_USES] = {
		[MECH_WRAP] = f->wraps || f->wrap != NULL,
		[MECH_UNWRAP] = f->wraps || f->unwrap != NULL,
		[MECH_VERIFY] = f->verify != NULL,
		[MECH_GENERATE] = f->generate != NULL,
		[MECH_GENERATE_PAIR] = f->generate_pair != NULL,
		[MECH_DERIVE] = f->derive != NULL,
		[MECH_ENCAPSULATE] = f->encapsulate != NULL,
		[MECH_DECAPSULATE] = f->decapsulate != NULL,
	};

	return made[use] || f->run[use] != NULL ||
	    (f->stream != NULL && (f->stream->uses & MECH_USE_BIT(use)) != 0);
}

bool
mech_provides_messages(const struct mech *m, enum mech_use use)
{
	const struct mech_family *f = m->family;

	if (f->message != NULL &&
	    (f->message->stream.uses & MECH_USE_BIT(use)) != 0)
		return true;
	return (f->messages & MECH_USE_BIT(use)) != 0 &&
	    mech_provides(m, use);
}

void
mech_info(const struct mech *m, const struct tpm_caps *caps,
    CK_MECHANISM_INFO *out)
{
	enum mech_use use;

	out->ulMinKeySize = 0;
	out->ulMaxKeySize = 0;
	(void)m->family->sizes(caps, &out->ulMinKeySize, &out->ulMaxKeySize);
	out->flags = m->family->flags;
	if (!in_tpm(m, caps))
		out->flags &= ~(CK_FLAGS)CKF_HW;
	if (m->family->in_tpm != NULL && m->family->in_tpm(caps))
		out->flags |= CKF_HW;
	for (use = 0; use < MECH_USES; use++) {
		if (mech_provides(m, use))
			out->flags |= uses[use].flag;
		/* every message may come in parts here */
		if (mech_provides_messages(m, use))
			out->flags |= uses[use].messages | CKF_MULTI_MESSAGE;
	}
}

CK_MECHANISM_TYPE
mech_type(const struct mech *m)
{
	return m->type;
}

const char *
mech_clause(const struct mech *m)
{
	return m->family->clause;
}

CK_KEY_TYPE
mech_makes(const struct mech *m)
{
	if (m->family->generate == NULL && m->family->generate_pair == NULL)
		return CK_UNAVAILABLE_INFORMATION;
	return m->key_type;
}

CK_ATTRIBUTE_TYPE
mech_use_attribute(enum mech_use use)
{
	return uses[use].attribute;
}
