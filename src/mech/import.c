/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/import.h"

#include "crypto/curve.h"
#include "crypto/der.h"
#include "crypto/privkey.h"
#include "mech/ec.h"
#include "mech/family.h"
#include "mech/hmac_key.h"
#include "mech/secret.h"
#include "mech/soft.h"
#include "tpm/cipher.h"

/* Keys whose value somebody has, on their way into the TPM. */

/* The private parts, none of which stays (PKCS#11 3.x, 6.1.3 and 6.3.4). */
static const CK_ATTRIBUTE_TYPE private_parts[] = {
	CKA_VALUE, CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2,
	CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT
};

static void
forget_value(struct attrs *a)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(private_parts); i++)
		attrs_remove(a, private_parts[i]);
}

/* The TPM takes one prime; that the rest belongs to it is looked at here. */
static CK_RV
check_rsa(const struct mech_place *place, const struct attrs *a)
{
	const struct privkey_rsa said = {
		.modulus = attrs_view(a, CKA_MODULUS),
		.exponent = attrs_view(a, CKA_PUBLIC_EXPONENT),
		.private_exponent = attrs_view(a, CKA_PRIVATE_EXPONENT),
		.primes = { attrs_view(a, CKA_PRIME_1),
		    attrs_view(a, CKA_PRIME_2) },
		.exponents = { attrs_view(a, CKA_EXPONENT_1),
		    attrs_view(a, CKA_EXPONENT_2) },
		.coefficient = attrs_view(a, CKA_COEFFICIENT)
	};

	if (said.modulus.len == 0 || said.exponent.len == 0)
		return CKR_TEMPLATE_INCOMPLETE;
	if (!tpm_caps_rsa(place->caps, 8 * der_strip(said.modulus).len))
		return CKR_KEY_SIZE_RANGE;
	return privkey_rsa_parts(&said);
}

static CK_RV
import_rsa(const struct mech_place *place, struct attrs *a,
    struct tpm_blob *blob)
{
	const struct tpm_rsa_private key = {
		.modulus = attrs_view(a, CKA_MODULUS),
		.exponent = attrs_view(a, CKA_PUBLIC_EXPONENT),
		.prime = attrs_view(a, CKA_PRIME_1),
		.private_exponent = attrs_view(a, CKA_PRIVATE_EXPONENT)
	};
	CK_RV rv;

	if (key.prime.len == 0 && key.private_exponent.len == 0)
		return CKR_TEMPLATE_INCOMPLETE;
	if ((rv = check_rsa(place, a)) != CKR_OK)
		return rv;
	return tpm_import_rsa(place->tpm, place->parent, &key,
	    TPM_USE_SIGN | TPM_USE_DECRYPT, blob);
}

static CK_RV
import_ec(const struct mech_place *place, struct attrs *a,
    struct tpm_blob *blob)
{
	const struct curve *c = curve_by_params(attrs_view(a, CKA_EC_PARAMS));
	struct buf point = BUF_EMPTY, der = BUF_EMPTY;
	CK_RV rv;

	if (c == NULL || !tpm_caps_curve(place->caps, c->tpm_id))
		return CKR_CURVE_NOT_SUPPORTED;
	if (attrs_view(a, CKA_VALUE).len == 0)
		return CKR_TEMPLATE_INCOMPLETE;
	if ((rv = tpm_import_ec(place->tpm, place->parent, c->tpm_id,
	    attrs_view(a, CKA_VALUE), attrs_view(a, CKA_EC_POINT),
	    ec_use(a), blob, &point)) != CKR_OK ||
	    (rv = curve_point_der(buf_view(&point), &der)) != CKR_OK)
		goto out;
	rv = attrs_set(a, CKA_EC_POINT, buf_view(&der));
out:
	buf_free(&point);
	buf_free(&der);
	return rv;
}

static CK_RV
import_aes(const struct mech_place *place, struct attrs *a,
    struct tpm_blob *blob)
{
	return tpm_import_aes(place->tpm, place->parent,
	    attrs_view(a, CKA_VALUE), TPM_USE_SIGN | TPM_USE_DECRYPT, blob);
}

static bool
is_aes_of_tpm(const struct mech_place *place, const struct attrs *a)
{
	return tpm_caps_aes(place->caps, 8 * attrs_view(a, CKA_VALUE).len) &&
	    tpm_caps_cipher(place->caps, TPM_CIPHER_ECB);
}

static bool
is_hmac_of_tpm(const struct mech_place *place, const struct attrs *a)
{
	return hmac_key_fits(place, a, attrs_view(a, CKA_VALUE).len);
}

static const struct {
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE type;
	/* NULL: any is for the TPM */
	bool (*fits)(const struct mech_place *place, const struct attrs *a);
	CK_RV (*import)(const struct mech_place *place, struct attrs *a,
	    struct tpm_blob *blob);
} kinds[] = {
	{ CKO_PRIVATE_KEY, CKK_RSA, NULL, import_rsa },
	{ CKO_PRIVATE_KEY, CKK_EC, NULL, import_ec },
	{ CKO_SECRET_KEY, CKK_AES, is_aes_of_tpm, import_aes },
#define HMAC(key) { CKO_SECRET_KEY, key, is_hmac_of_tpm, hmac_key_import }
	HMAC(CKK_GENERIC_SECRET),
	HMAC(CKK_SHA_1_HMAC),
	HMAC(CKK_SHA224_HMAC),
	HMAC(CKK_SHA256_HMAC),
	HMAC(CKK_SHA384_HMAC),
	HMAC(CKK_SHA512_HMAC),
	HMAC(CKK_SHA512_224_HMAC),
	HMAC(CKK_SHA512_256_HMAC),
	HMAC(CKK_SHA3_224_HMAC),
	HMAC(CKK_SHA3_256_HMAC),
	HMAC(CKK_SHA3_384_HMAC),
	HMAC(CKK_SHA3_512_HMAC),
};

/* A secret that may be seen, now or later, stays where it can be. */
static bool
is_closed(const struct attrs *a)
{
	return attrs_ulong(a, CKA_CLASS, CKO_DATA) == CKO_PRIVATE_KEY ||
	    secret_is_closed(a);
}

CK_RV
mech_import(const struct mech_place *place, struct attrs *a,
    struct tpm_blob *blob)
{
	CK_ULONG class = attrs_ulong(a, CKA_CLASS, CKO_DATA);
	CK_ULONG type = attrs_ulong(a, CKA_KEY_TYPE,
	    CK_UNAVAILABLE_INFORMATION);
	size_t i;
	CK_RV rv;

	if (soft_imports(place->caps, a))
		return soft_import(place->caps, a);
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].class == class && kinds[i].type == type)
			break;
	if (i == ARRAY_LEN(kinds) || !is_closed(a) ||
	    (kinds[i].fits != NULL && !kinds[i].fits(place, a)))
		return CKR_OK;
	if ((rv = kinds[i].import(place, a, blob)) == CKR_OK)
		forget_value(a);
	return rv;
}
