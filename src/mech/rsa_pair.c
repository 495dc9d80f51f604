/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/rsa.h"

#include "mech/soft.h"

/* CKM_RSA_PKCS_KEY_PAIR_GEN: PKCS#11 3.x, 6.1.4. */
#define EXPONENT_DEFAULT 65537u

/*
 * CKA_PUBLIC_EXPONENT as a number; it comes in 3 or 4 bytes, and longer with
 * leading zeros. A TPM keeps 32 bits of it.
 */
static CK_RV
read_exponent(const struct attrs *pub, uint32_t *out)
{
	struct view v = attrs_view(pub, CKA_PUBLIC_EXPONENT);
	uint64_t e = 0;
	size_t i;

	if (v.len == 0) {
		*out = EXPONENT_DEFAULT;
		return CKR_OK;
	}
	for (i = 0; i < v.len; i++) {
		e = e << 8 | v.data[i];
		if (e > UINT32_MAX)
			return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	if (e < 3 || e % 2 == 0)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*out = (uint32_t)e;
	return CKR_OK;
}

static CK_RV
read_bits(const struct tpm_caps *caps, const struct attrs *pub, size_t *out)
{
	CK_ULONG bits;

	if (!attrs_has(pub, CKA_MODULUS_BITS))
		return CKR_TEMPLATE_INCOMPLETE;
	bits = attrs_ulong(pub, CKA_MODULUS_BITS, 0);
	if (!tpm_caps_rsa(caps, bits) && !soft_takes_rsa(caps, bits))
		return CKR_KEY_SIZE_RANGE;
	*out = bits;
	return CKR_OK;
}

/* The public parts, on one half; a big integer has no leading zeros. */
static CK_RV
set_public(struct attrs *a, struct view modulus, uint32_t exponent)
{
	const uint8_t e[] = { (uint8_t)(exponent >> 24),
		(uint8_t)(exponent >> 16), (uint8_t)(exponent >> 8),
		(uint8_t)exponent };
	size_t skip = 0;
	CK_RV rv;

	while (e[skip] == 0)
		skip++;
	if ((rv = attrs_set(a, CKA_MODULUS, modulus)) != CKR_OK)
		return rv;
	return attrs_set(a, CKA_PUBLIC_EXPONENT,
	    view_of(e + skip, sizeof(e) - skip));
}

/* The size is known to be good, so a refusal is about the exponent: TPMs
 * take 65537 for sure and others as they please. */
static CK_RV
create_rc(CK_RV rv, uint32_t exponent)
{
	if (exponent == EXPONENT_DEFAULT)
		return rv;
	if (rv == CKR_KEY_SIZE_RANGE || rv == CKR_DATA_INVALID)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return rv;
}

static CK_RV
make(const struct mech_place *place, size_t bits, uint32_t exponent,
    struct attrs *priv, struct tpm_blob *blob, struct buf *modulus)
{
	if (!tpm_caps_rsa(place->caps, bits))
		return soft_generate_rsa(bits, exponent, priv, modulus);
	return create_rc(tpm_create_rsa(place->tpm, place->parent, bits,
	    exponent, TPM_USE_SIGN | TPM_USE_DECRYPT, blob, modulus),
	    exponent);
}

static CK_RV
generate_pair(const struct mech_place *place, struct attrs *pub,
    struct attrs *priv, struct tpm_blob *blob)
{
	struct tpm_blob made = TPM_BLOB_EMPTY;
	struct buf modulus = BUF_EMPTY;
	uint32_t exponent;
	size_t bits;
	CK_RV rv;

	if ((rv = read_bits(place->caps, pub, &bits)) != CKR_OK ||
	    (rv = read_exponent(pub, &exponent)) != CKR_OK)
		return rv;
	if ((rv = make(place, bits, exponent, priv, &made, &modulus)) !=
	    CKR_OK ||
	    (rv = set_public(pub, buf_view(&modulus), exponent)) != CKR_OK ||
	    (rv = set_public(priv, buf_view(&modulus), exponent)) != CKR_OK)
		goto out;

	tpm_blob_free(blob);
	*blob = made;
	made = TPM_BLOB_EMPTY;
out:
	tpm_blob_free(&made);
	buf_free(&modulus);
	return rv;
}

const struct mech_family rsa_pair_family = {
	.clause = "6.1",
	.flags = CKF_HW,
	.sizes = rsa_sizes,
	.generate_pair = generate_pair,
};
