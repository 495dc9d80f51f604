/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/rules.h"

/* A value that only C_CreateObject takes from its caller. */
#define RULE_MADE_NOT (RULE_GENERATE_NOT | RULE_UNWRAP_NOT | RULE_DERIVE_NOT)

#define LIST(rows) { rows, ARRAY_LEN(rows) }
#define IS(v) DEFAULT_VALUE, (v)
#define NO CK_FALSE
#define YES CK_TRUE

/* 4.2 and 4.4 */
static const struct rule storage[] = {
	{ CKA_CLASS, RULE_CREATE_MUST, DEFAULT_NONE, 0 },
	{ CKA_UNIQUE_ID, RULE_COMPUTED, DEFAULT_NONE, 0 },
	{ CKA_TOKEN, RULE_COPY, IS(NO) },
	{ CKA_LABEL, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_MODIFIABLE, RULE_COPY, IS(YES) },
	{ CKA_COPYABLE, RULE_COPY | RULE_STAYS_FALSE, IS(YES) },
	{ CKA_DESTROYABLE, RULE_COPY, IS(YES) },
};

/* What the module makes to describe itself: there to be read, no more. */
static const struct rule own_storage[] = {
	{ CKA_CLASS, 0, DEFAULT_NONE, 0 },
	{ CKA_UNIQUE_ID, RULE_COMPUTED, DEFAULT_NONE, 0 },
	{ CKA_TOKEN, 0, IS(YES) },
	{ CKA_PRIVATE, 0, IS(NO) },
	{ CKA_LABEL, 0, DEFAULT_EMPTY, 0 },
	{ CKA_MODIFIABLE, RULE_COMPUTED, IS(NO) },
	{ CKA_COPYABLE, RULE_COMPUTED, IS(NO) },
	{ CKA_DESTROYABLE, RULE_COMPUTED, IS(NO) },
};

/* The default of CKA_PRIVATE is the token's choice: keys that can do harm
 * are for the user, what programs look up before a login is for all. */
static const struct rule for_all[] = {
	{ CKA_PRIVATE, RULE_COPY, IS(NO) },
};

static const struct rule for_user[] = {
	{ CKA_PRIVATE, RULE_COPY, IS(YES) },
};

/* 4.5; the standard calls none of these unchangeable, and programs (and
 * google/pkcs11test) replace the value of a data object. */
static const struct rule data[] = {
	{ CKA_APPLICATION, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_OBJECT_ID, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_VALUE, RULE_SET | RULE_MADE_NOT, DEFAULT_EMPTY, 0 },
	/* CKM_HKDF_DATA makes a data object of this length */
	{ CKA_VALUE_LEN, RULE_CREATE_NOT | RULE_TRANSIENT, DEFAULT_NONE, 0 },
};

/* 4.6.2: trusted only by the SO, who may also take it back */
static const struct rule certificate[] = {
	{ CKA_CERTIFICATE_TYPE, RULE_CREATE_MUST, DEFAULT_NONE, 0 },
	{ CKA_TRUSTED, RULE_SET | RULE_SO, IS(NO) },
	{ CKA_CERTIFICATE_CATEGORY, 0,
	    IS(CK_CERTIFICATE_CATEGORY_UNSPECIFIED) },
	{ CKA_CHECK_VALUE, RULE_CLEAR, DEFAULT_NONE, 0 },
	{ CKA_START_DATE, 0, DEFAULT_EMPTY, 0 },
	{ CKA_END_DATE, 0, DEFAULT_EMPTY, 0 },
	{ CKA_VALUE, 0, DEFAULT_EMPTY, 0 },
};

static const struct rule certificate_url[] = {
	{ CKA_URL, 0, DEFAULT_EMPTY, 0 },
	{ CKA_HASH_OF_SUBJECT_PUBLIC_KEY, 0, DEFAULT_EMPTY, 0 },
	{ CKA_HASH_OF_ISSUER_PUBLIC_KEY, 0, DEFAULT_EMPTY, 0 },
	{ CKA_NAME_HASH_ALGORITHM, 0, IS(CKM_SHA_1) },
};

/* 4.6.3. CKA_SUBJECT is required there; here the certificate itself tells
 * it, and object_finish asks for it where there is none (CKA_URL). */
static const struct rule x509[] = {
	{ CKA_SUBJECT, 0, DEFAULT_EMPTY, 0 },
	{ CKA_ID, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_ISSUER, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_SERIAL_NUMBER, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_PUBLIC_KEY_INFO, RULE_SAME, DEFAULT_EMPTY, 0 },
	{ CKA_JAVA_MIDP_SECURITY_DOMAIN, 0,
	    IS(CK_SECURITY_DOMAIN_UNSPECIFIED) },
};

/* 4.6.4 */
static const struct rule wtls[] = {
	{ CKA_SUBJECT, RULE_CREATE_MUST, DEFAULT_NONE, 0 },
	{ CKA_ISSUER, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_PUBLIC_KEY_INFO, 0, DEFAULT_EMPTY, 0 },
};

/* 4.6.5 */
static const struct rule attribute_certificate[] = {
	{ CKA_OWNER, RULE_CREATE_MUST, DEFAULT_NONE, 0 },
	{ CKA_AC_ISSUER, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_SERIAL_NUMBER, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_ATTR_TYPES, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_PUBLIC_KEY_INFO, 0, DEFAULT_EMPTY, 0 },
};

/* 4.8 */
static const struct rule key[] = {
	{ CKA_KEY_TYPE, RULE_CREATE_MUST, DEFAULT_NONE, 0 },
	{ CKA_ID, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_START_DATE, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_END_DATE, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_LOCAL, RULE_COMPUTED, IS(NO) },
	{ CKA_KEY_GEN_MECHANISM, RULE_COMPUTED,
	    IS(CK_UNAVAILABLE_INFORMATION) },
	{ CKA_ALLOWED_MECHANISMS, 0, DEFAULT_EMPTY, 0 },
	{ CKA_OBJECT_VALIDATION_FLAGS, RULE_COMPUTED, IS(0) },
};

/* 4.9 */
static const struct rule public_key[] = {
	{ CKA_SUBJECT, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_TRUSTED, RULE_SET | RULE_SO, IS(NO) },
	{ CKA_WRAP_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_ENCAPSULATE_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_PUBLIC_KEY_INFO, RULE_SAME, DEFAULT_EMPTY, 0 },
	{ CKA_DECRYPT, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_SIGN, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_SIGN_RECOVER, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_UNWRAP, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_DECAPSULATE, RULE_IGNORED, DEFAULT_NONE, 0 },
};

/*
 * 4.10. CKA_EXTRACTABLE true: a private key is bound to its TPM and never
 * leaves it. A token that cannot give what a template asks refuses it (4.1.1,
 * 5.18.2); saying CKR_OK and keeping false would let a program believe in a
 * backup that cannot be made. Of the programs in CLIENTS.md all leave it out
 * or ask for false, but for a user's own --extractable (pkcs11-tool, certutil)
 * or "attributes = compatibility" (Java), who then learn it here.
 */
static const struct rule private_key[] = {
	{ CKA_SUBJECT, RULE_SET, DEFAULT_EMPTY, 0 },
	{ CKA_SENSITIVE, RULE_SET | RULE_STAYS_TRUE, IS(YES) },
	{ CKA_EXTRACTABLE, RULE_SET | RULE_STAYS_FALSE | RULE_FALSE, IS(NO) },
	{ CKA_ALWAYS_SENSITIVE, RULE_COMPUTED, IS(NO) },
	{ CKA_NEVER_EXTRACTABLE, RULE_COMPUTED, IS(NO) },
	{ CKA_WRAP_WITH_TRUSTED, RULE_SET | RULE_STAYS_TRUE, IS(NO) },
	{ CKA_ALWAYS_AUTHENTICATE, 0, IS(NO) },
	{ CKA_UNWRAP_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_DERIVE_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_DECAPSULATE_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_PUBLIC_KEY_INFO, RULE_SET | RULE_SAME, DEFAULT_EMPTY, 0 },
	{ CKA_ENCRYPT, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_VERIFY, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_VERIFY_RECOVER, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_WRAP, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_ENCAPSULATE, RULE_IGNORED, DEFAULT_NONE, 0 },
};

/* 4.11 */
static const struct rule secret_key[] = {
	{ CKA_SENSITIVE, RULE_SET | RULE_STAYS_TRUE, DEFAULT_TOKEN, 0 },
	{ CKA_EXTRACTABLE, RULE_SET | RULE_STAYS_FALSE, DEFAULT_OPEN, 0 },
	{ CKA_ALWAYS_SENSITIVE, RULE_COMPUTED, IS(NO) },
	{ CKA_NEVER_EXTRACTABLE, RULE_COMPUTED, IS(NO) },
	{ CKA_WRAP_WITH_TRUSTED, RULE_SET | RULE_STAYS_TRUE, IS(NO) },
	{ CKA_TRUSTED, RULE_SET | RULE_SO, IS(NO) },
	{ CKA_CHECK_VALUE, RULE_CLEAR, DEFAULT_NONE, 0 },
	{ CKA_WRAP_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_UNWRAP_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_DERIVE_TEMPLATE, 0, DEFAULT_NONE, 0 },
	{ CKA_VERIFY_RECOVER, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_SIGN_RECOVER, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_ENCAPSULATE, RULE_IGNORED, DEFAULT_NONE, 0 },
	{ CKA_DECAPSULATE, RULE_IGNORED, DEFAULT_NONE, 0 },
};

/*
 * What a key may do when its template names no use: all that its type is
 * good for, as the tokens do that programs are tested with (SoftHSM, NSS).
 * Java and NSS create keys without a word about uses and then use them.
 */
static const struct rule rsa_public_use[] = {
	{ CKA_ENCRYPT, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_VERIFY, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_VERIFY_RECOVER, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_WRAP, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_DERIVE, RULE_SET, IS(NO) },
	{ CKA_ENCAPSULATE, RULE_SET, IS(NO) },
};

static const struct rule rsa_private_use[] = {
	{ CKA_DECRYPT, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_SIGN, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_SIGN_RECOVER, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_UNWRAP, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_DERIVE, RULE_SET, IS(NO) },
	{ CKA_DECAPSULATE, RULE_SET, IS(NO) },
};

static const struct rule ec_public_use[] = {
	{ CKA_ENCRYPT, RULE_SET, IS(NO) },
	{ CKA_VERIFY, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_VERIFY_RECOVER, RULE_SET, IS(NO) },
	{ CKA_WRAP, RULE_SET, IS(NO) },
	{ CKA_DERIVE, RULE_SET, IS(NO) },
	{ CKA_ENCAPSULATE, RULE_SET, DEFAULT_USE, 0 },
};

static const struct rule ec_private_use[] = {
	{ CKA_DECRYPT, RULE_SET, IS(NO) },
	{ CKA_SIGN, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_SIGN_RECOVER, RULE_SET, IS(NO) },
	{ CKA_UNWRAP, RULE_SET, IS(NO) },
	{ CKA_DERIVE, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_DECAPSULATE, RULE_SET, DEFAULT_USE, 0 },
};

static const struct rule cipher_use[] = {
	{ CKA_ENCRYPT, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_DECRYPT, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_SIGN, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_VERIFY, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_WRAP, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_UNWRAP, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_DERIVE, RULE_SET, IS(NO) },
};

static const struct rule secret_use[] = {
	{ CKA_ENCRYPT, RULE_SET, IS(NO) },
	{ CKA_DECRYPT, RULE_SET, IS(NO) },
	{ CKA_SIGN, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_VERIFY, RULE_SET, DEFAULT_USE, 0 },
	{ CKA_WRAP, RULE_SET, IS(NO) },
	{ CKA_UNWRAP, RULE_SET, IS(NO) },
	{ CKA_DERIVE, RULE_SET, DEFAULT_USE, 0 },
};

/* 6.1.3; CKA_PUBLIC_EXPONENT may be left to the mechanism (6.1.5) */
static const struct rule rsa_public[] = {
	{ CKA_MODULUS, RULE_CREATE_MUST | RULE_MADE_NOT, DEFAULT_NONE, 0 },
	{ CKA_MODULUS_BITS, RULE_GENERATE_MUST, DEFAULT_NONE, 0 },
	{ CKA_PUBLIC_EXPONENT, RULE_CREATE_MUST, DEFAULT_NONE, 0 },
};

/* 6.1.4 */
#define RULE_RSA_PART (RULE_MADE_NOT | RULE_SECRET)
static const struct rule rsa_private[] = {
	{ CKA_MODULUS, RULE_CREATE_MUST | RULE_MADE_NOT, DEFAULT_NONE, 0 },
	{ CKA_PUBLIC_EXPONENT, RULE_CREATE_MUST | RULE_MADE_NOT,
	    DEFAULT_NONE, 0 },
	{ CKA_PRIVATE_EXPONENT, RULE_CREATE_MUST | RULE_RSA_PART,
	    DEFAULT_NONE, 0 },
	{ CKA_PRIME_1, RULE_RSA_PART, DEFAULT_NONE, 0 },
	{ CKA_PRIME_2, RULE_RSA_PART, DEFAULT_NONE, 0 },
	{ CKA_EXPONENT_1, RULE_RSA_PART, DEFAULT_NONE, 0 },
	{ CKA_EXPONENT_2, RULE_RSA_PART, DEFAULT_NONE, 0 },
	{ CKA_COEFFICIENT, RULE_RSA_PART, DEFAULT_NONE, 0 },
};

/* 6.3.3, and 6.3.5, 6.3.7 for the Edwards and Montgomery types */
static const struct rule ec_public[] = {
	{ CKA_EC_PARAMS, RULE_CREATE_MUST | RULE_GENERATE_MUST,
	    DEFAULT_NONE, 0 },
	{ CKA_EC_POINT, RULE_CREATE_MUST | RULE_MADE_NOT, DEFAULT_NONE, 0 },
};

/* 6.3.4. CKA_EC_POINT is ours: programs read it where they have no public
 * object, and NSS gives it when it imports a key. */
static const struct rule ec_private[] = {
	{ CKA_EC_PARAMS, RULE_CREATE_MUST | RULE_MADE_NOT, DEFAULT_NONE, 0 },
	{ CKA_EC_POINT, RULE_MADE_NOT, DEFAULT_NONE, 0 },
	{ CKA_VALUE, RULE_CREATE_MUST | RULE_MADE_NOT | RULE_SECRET,
	    DEFAULT_NONE, 0 },
};

/*
 * 6.8, 6.10. CKA_VALUE_LEN is not for C_CreateObject, and for AES not for
 * C_UnwrapKey; programs give it all the same, and it is taken when it is
 * right (object_finish).
 */
static const struct rule secret_value[] = {
	{ CKA_VALUE, RULE_CREATE_MUST | RULE_MADE_NOT | RULE_SECRET,
	    DEFAULT_NONE, 0 },
	{ CKA_VALUE_LEN, RULE_GENERATE_MUST, DEFAULT_NONE, 0 },
};

/* 4.13, 4.14, 4.15 and 4.3 */
static const struct rule profile[] = {
	{ CKA_PROFILE_ID, RULE_GENERATE_MUST, DEFAULT_NONE, 0 },
};

static const struct rule mechanism[] = {
	{ CKA_MECHANISM_TYPE, RULE_GENERATE_MUST, DEFAULT_NONE, 0 },
};

static const struct rule validation[] = {
	{ CKA_VALIDATION_TYPE, 0, IS(CKV_TYPE_UNSPECIFIED) },
	{ CKA_VALIDATION_VERSION, 0, DEFAULT_EMPTY, 0 },
	{ CKA_VALIDATION_LEVEL, 0, IS(0) },
	{ CKA_VALIDATION_MODULE_ID, 0, DEFAULT_EMPTY, 0 },
	{ CKA_VALIDATION_FLAG, 0, IS(0) },
	{ CKA_VALIDATION_AUTHORITY_TYPE, 0,
	    IS(CKV_AUTHORITY_TYPE_UNSPECIFIED) },
	{ CKA_VALIDATION_COUNTRY, 0, DEFAULT_EMPTY, 0 },
	{ CKA_VALIDATION_CERTIFICATE_IDENTIFIER, 0, DEFAULT_EMPTY, 0 },
	{ CKA_VALIDATION_CERTIFICATE_URI, 0, DEFAULT_EMPTY, 0 },
	{ CKA_VALIDATION_VENDOR_URI, 0, DEFAULT_EMPTY, 0 },
	{ CKA_VALIDATION_PROFILE, 0, DEFAULT_EMPTY, 0 },
};

static const struct rule hw_feature[] = {
	{ CKA_HW_FEATURE_TYPE, RULE_GENERATE_MUST, DEFAULT_NONE, 0 },
};

static const struct rule hw_clock[] = {
	{ CKA_VALUE, 0, DEFAULT_EMPTY, 0 },
};

static const struct rule hw_counter[] = {
	{ CKA_RESET_ON_INIT, 0, IS(NO) },
	{ CKA_HAS_RESET, 0, IS(NO) },
	{ CKA_VALUE, 0, DEFAULT_EMPTY, 0 },
};

static const CK_ULONG aes_lengths[] = { 16, 24, 32, 0 };

#define NO_SUBTYPE CK_UNAVAILABLE_INFORMATION

#define CERTIFICATE(type, ...) \
	{ CKO_CERTIFICATE, type, false, false, NULL, { LIST(storage), \
	    LIST(for_all), LIST(certificate), __VA_ARGS__ } }
#define PUBLIC(type, use, parts) \
	{ CKO_PUBLIC_KEY, type, false, false, NULL, { LIST(storage), \
	    LIST(for_all), LIST(key), LIST(public_key), LIST(use), \
	    LIST(parts) } }
#define PRIVATE(type, use, parts) \
	{ CKO_PRIVATE_KEY, type, false, false, NULL, { LIST(storage), \
	    LIST(for_user), LIST(key), LIST(private_key), LIST(use), \
	    LIST(parts) } }
#define SECRET(type, use, lengths) \
	{ CKO_SECRET_KEY, type, false, false, lengths, { LIST(storage), \
	    LIST(for_user), LIST(key), LIST(secret_key), LIST(use), \
	    LIST(secret_value) } }
#define OWN(class, subtype, hidden, ...) \
	{ class, subtype, true, hidden, NULL, { LIST(own_storage), \
	    __VA_ARGS__ } }

static const struct rules table[] = {
	{ CKO_DATA, NO_SUBTYPE, false, false, NULL,
	    { LIST(storage), LIST(for_all), LIST(data) } },
	CERTIFICATE(CKC_X_509, LIST(certificate_url), LIST(x509)),
	CERTIFICATE(CKC_X_509_ATTR_CERT, LIST(attribute_certificate)),
	CERTIFICATE(CKC_WTLS, LIST(certificate_url), LIST(wtls)),
	PUBLIC(CKK_RSA, rsa_public_use, rsa_public),
	PUBLIC(CKK_EC, ec_public_use, ec_public),
	PUBLIC(CKK_EC_EDWARDS, ec_public_use, ec_public),
	PUBLIC(CKK_EC_MONTGOMERY, ec_public_use, ec_public),
	PRIVATE(CKK_RSA, rsa_private_use, rsa_private),
	PRIVATE(CKK_EC, ec_private_use, ec_private),
	PRIVATE(CKK_EC_EDWARDS, ec_private_use, ec_private),
	PRIVATE(CKK_EC_MONTGOMERY, ec_private_use, ec_private),
	SECRET(CKK_AES, cipher_use, aes_lengths),
	SECRET(CKK_GENERIC_SECRET, secret_use, NULL),
	SECRET(CKK_HKDF, secret_use, NULL),
	SECRET(CKK_SHA_1_HMAC, secret_use, NULL),
	SECRET(CKK_SHA224_HMAC, secret_use, NULL),
	SECRET(CKK_SHA256_HMAC, secret_use, NULL),
	SECRET(CKK_SHA384_HMAC, secret_use, NULL),
	SECRET(CKK_SHA512_HMAC, secret_use, NULL),
	SECRET(CKK_SHA512_224_HMAC, secret_use, NULL),
	SECRET(CKK_SHA512_256_HMAC, secret_use, NULL),
	SECRET(CKK_SHA3_224_HMAC, secret_use, NULL),
	SECRET(CKK_SHA3_256_HMAC, secret_use, NULL),
	SECRET(CKK_SHA3_384_HMAC, secret_use, NULL),
	SECRET(CKK_SHA3_512_HMAC, secret_use, NULL),
	OWN(CKO_PROFILE, NO_SUBTYPE, true, LIST(profile)),
	OWN(CKO_MECHANISM, NO_SUBTYPE, true, LIST(mechanism)),
	OWN(CKO_VALIDATION, NO_SUBTYPE, true, LIST(validation)),
	OWN(CKO_HW_FEATURE, CKH_CLOCK, true, LIST(hw_feature), LIST(hw_clock)),
	OWN(CKO_HW_FEATURE, CKH_MONOTONIC_COUNTER, true, LIST(hw_feature),
	    LIST(hw_counter)),
};

static const struct {
	CK_OBJECT_CLASS class;
	CK_ATTRIBUTE_TYPE type;
} subtypes[] = {
	{ CKO_CERTIFICATE, CKA_CERTIFICATE_TYPE },
	{ CKO_PUBLIC_KEY, CKA_KEY_TYPE },
	{ CKO_PRIVATE_KEY, CKA_KEY_TYPE },
	{ CKO_SECRET_KEY, CKA_KEY_TYPE },
	{ CKO_HW_FEATURE, CKA_HW_FEATURE_TYPE },
};

static const CK_ATTRIBUTE_TYPE uses[] = {
	CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_SIGN_RECOVER, CKA_VERIFY,
	CKA_VERIFY_RECOVER, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE,
	CKA_ENCAPSULATE, CKA_DECAPSULATE,
};

CK_ATTRIBUTE_TYPE
rules_subtype(CK_OBJECT_CLASS class)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(subtypes); i++)
		if (subtypes[i].class == class)
			return subtypes[i].type;
	return CK_UNAVAILABLE_INFORMATION;
}

const struct rules *
rules_find(CK_OBJECT_CLASS class, CK_ULONG subtype)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].class == class && table[i].subtype == subtype)
			return &table[i];
	return NULL;
}

const struct rules *
rules_of(const struct attrs *a)
{
	CK_OBJECT_CLASS class = attrs_ulong(a, CKA_CLASS,
	    CK_UNAVAILABLE_INFORMATION);
	CK_ATTRIBUTE_TYPE type = rules_subtype(class);

	if (type == CK_UNAVAILABLE_INFORMATION)
		return rules_find(class, NO_SUBTYPE);
	return rules_find(class, attrs_ulong(a, type, NO_SUBTYPE));
}

const struct rules *
rules_nth(size_t n)
{
	return n < ARRAY_LEN(table) ? &table[n] : NULL;
}

const struct rule *
rules_row(const struct rules *r, size_t n)
{
	size_t i;

	for (i = 0; i < RULES_LISTS; i++) {
		if (n < r->lists[i].count)
			return &r->lists[i].rows[n];
		n -= r->lists[i].count;
	}
	return NULL;
}

const struct rule *
rules_get(const struct rules *r, CK_ATTRIBUTE_TYPE type)
{
	size_t i, j;

	for (i = 0; i < RULES_LISTS; i++)
		for (j = 0; j < r->lists[i].count; j++)
			if (r->lists[i].rows[j].type == type)
				return &r->lists[i].rows[j];
	return NULL;
}

bool
rules_is_use(CK_ATTRIBUTE_TYPE type)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(uses); i++)
		if (uses[i] == type)
			return true;
	return false;
}

bool
rules_asks_true(const struct attr *item)
{
	return attr_kind(item->type) == ATTR_BOOL && item->value.len > 0 &&
	    item->value.data[0] != CK_FALSE;
}

bool
rules_length(const struct rules *r, CK_ULONG len)
{
	const CK_ULONG *l;

	if (r->lengths == NULL)
		return len > 0;
	for (l = r->lengths; *l != 0; l++)
		if (*l == len)
			return true;
	return false;
}
