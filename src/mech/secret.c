/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/secret.h"

#include "mech/family.h"
#include "mech/hmac_key.h"

/* The key types that a secret can have, and the lengths of those that do not
 * come in any. */
static const struct secret_type {
	CK_KEY_TYPE type;
	size_t sizes[3];	/* none: any */
} types[] = {
	{ CKK_GENERIC_SECRET, { 0 } },
	{ CKK_AES, { 16, 24, 32 } },
	{ CKK_HKDF, { 0 } },
	{ CKK_SHA_1_HMAC, { 0 } },
	{ CKK_SHA224_HMAC, { 0 } },
	{ CKK_SHA256_HMAC, { 0 } },
	{ CKK_SHA384_HMAC, { 0 } },
	{ CKK_SHA512_HMAC, { 0 } },
	{ CKK_SHA512_224_HMAC, { 0 } },
	{ CKK_SHA512_256_HMAC, { 0 } },
	{ CKK_SHA3_224_HMAC, { 0 } },
	{ CKK_SHA3_256_HMAC, { 0 } },
	{ CKK_SHA3_384_HMAC, { 0 } },
	{ CKK_SHA3_512_HMAC, { 0 } },
};

static const struct secret_type *
find_type(CK_KEY_TYPE type)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

static bool
any_size(const struct secret_type *t)
{
	return t->sizes[0] == 0;
}

static bool
has_size(const struct secret_type *t, CK_ULONG len)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(t->sizes); i++)
		if (t->sizes[i] == len)
			return true;
	return any_size(t);
}

CK_RV
secret_length(const struct attrs *a, size_t natural, size_t *len)
{
	const struct secret_type *t;
	CK_ULONG want;

	t = find_type(attrs_ulong(a, CKA_KEY_TYPE, CKK_GENERIC_SECRET));
	if (t == NULL)
		return CKR_TEMPLATE_INCONSISTENT;
	want = attrs_ulong(a, CKA_VALUE_LEN, any_size(t) ? natural : 0);
	if (want == 0)
		return attrs_has(a, CKA_VALUE_LEN) ?
		    CKR_ATTRIBUTE_VALUE_INVALID : CKR_TEMPLATE_INCOMPLETE;
	if (!has_size(t, want))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (want > SECRET_MAX)
		return CKR_KEY_SIZE_RANGE;
	*len = want;
	return CKR_OK;
}

bool
secret_is_closed(const struct attrs *a)
{
	return attrs_bool(a, CKA_SENSITIVE, false) &&
	    !attrs_bool(a, CKA_EXTRACTABLE, true);
}

bool
secret_sizes_bytes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	(void)caps;
	*min = 1;
	*max = SECRET_MAX;
	return true;
}

bool
secret_sizes_bits(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	(void)caps;
	*min = 8;
	*max = 8 * SECRET_MAX;
	return true;
}

static CK_RV
random_value(const struct mech_place *place, size_t len, struct attrs *a)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&value, len)) != CKR_OK ||
	    (rv = tpm_random(place->tpm, value.data, len)) != CKR_OK)
		goto out;
	rv = attrs_set(a, CKA_VALUE, buf_view(&value));
out:
	buf_free(&value);
	return rv;
}

static CK_RV
generate(const struct mech_call *c, const struct mech_place *place,
    struct attrs *a, struct tpm_blob *blob)
{
	size_t len;
	CK_RV rv;

	(void)c;
	if ((rv = secret_length(a, 0, &len)) != CKR_OK)
		return rv;
	return hmac_key_fits(place, a, len) ?
	    hmac_key_create(place, a, len, blob) :
	    random_value(place, len, a);
}

const struct mech_family secret_family = {
	.clause = "6.8",
	.sizes = secret_sizes_bits,
	.generate = generate,
};

/* 6.20.6 and its like for the other hashes, 6.62.6 */
const struct mech_family mac_secret_family = {
	.clause = "6.20 to 6.31, 6.62",
	.sizes = secret_sizes_bytes,
	.generate = generate,
};
