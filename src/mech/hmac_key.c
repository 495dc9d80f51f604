/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/hmac_key.h"

#include <string.h>

#include "mech/secret.h"
#include "tpm/import.h"
#include "tpm/mac.h"

/* What a KEYEDHASH object without a hash of its own holds at most: the block
 * of the longest hash of the TPM. */
#define ANY_HASH_MAX 64
#define SHA512_BLOCK 128

/* NO_HASH of family.h is for rows; a generic secret is for any. */
#define ANY_HASH CK_UNAVAILABLE_INFORMATION

static const struct {
	CK_KEY_TYPE type;
	CK_MECHANISM_TYPE hash;
	CK_MECHANISM_TYPE mac;
	CK_MECHANISM_TYPE general;
} kinds[] = {
	{ CKK_GENERIC_SECRET, ANY_HASH, ANY_HASH, ANY_HASH },
#define KIND(h) { CKK_##h##_HMAC, CKM_##h, CKM_##h##_HMAC, \
	CKM_##h##_HMAC_GENERAL }
	KIND(SHA_1),
	KIND(SHA224),
	KIND(SHA256),
	KIND(SHA384),
	KIND(SHA512),
	KIND(SHA512_224),
	KIND(SHA512_256),
	KIND(SHA3_224),
	KIND(SHA3_256),
	KIND(SHA3_384),
	KIND(SHA3_512),
};

static bool
find_hash(const struct attrs *a, CK_MECHANISM_TYPE *hash)
{
	CK_ULONG type = attrs_ulong(a, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].type == type) {
			*hash = kinds[i].hash;
			return true;
		}
	return false;
}

/* NULL for any. */
static const struct hash *
hash_of(const struct attrs *a)
{
	CK_MECHANISM_TYPE hash;

	return find_hash(a, &hash) ? hash_by_mech(hash) : NULL;
}

/* Would the TPM lack the hash of this mechanism? What is no MAC of a hash
 * (CKM_TLS_MAC) tells its hash too late to count here. */
static bool
lacks(const struct tpm_caps *caps, CK_MECHANISM_TYPE m)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].mac == m || kinds[i].general == m)
			return !tpm_caps_hash(caps, kinds[i].hash);
	return false;
}

static bool
allowed_all_there(const struct tpm_caps *caps, const struct attrs *a)
{
	struct view list = attrs_view(a, CKA_ALLOWED_MECHANISMS);
	CK_MECHANISM_TYPE one;
	size_t at;

	for (at = 0; at + sizeof(one) <= list.len; at += sizeof(one)) {
		memcpy(&one, list.data + at, sizeof(one));
		if (lacks(caps, one))
			return false;
	}
	return true;
}

static bool
only_for_macs(const struct attrs *a)
{
	return !attrs_bool(a, CKA_DERIVE, false) &&
	    (attrs_bool(a, CKA_SIGN, false) ||
	    attrs_bool(a, CKA_VERIFY, false));
}

bool
hmac_key_fits(const struct mech_place *place, const struct attrs *a,
    size_t len)
{
	const struct tpm_caps *caps = place->caps;
	CK_MECHANISM_TYPE hash;

	if (!find_hash(a, &hash) || !secret_is_closed(a) || !only_for_macs(a) ||
	    !caps->hmac || !caps->hmac_sequence ||
	    !allowed_all_there(caps, a))
		return false;
	if (hash != ANY_HASH)
		return len <= SHA512_BLOCK && tpm_caps_hash(caps, hash);
	return len <= ANY_HASH_MAX ||
	    (len <= SHA512_BLOCK && tpm_caps_hash(caps, CKM_SHA512));
}

/*
 * A generic secret in the TPM is good for less than its type says. The object
 * tells: a program finds it before it starts a MAC, not after.
 */
static CK_RV
tell_allowed(const struct tpm_caps *caps, struct attrs *a)
{
	CK_MECHANISM_TYPE list[2 * ARRAY_LEN(kinds)];
	size_t i, n = 0;

	if (attrs_ulong(a, CKA_KEY_TYPE, CKK_GENERIC_SECRET) !=
	    CKK_GENERIC_SECRET ||
	    attrs_view(a, CKA_ALLOWED_MECHANISMS).len > 0)
		return CKR_OK;
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].hash != ANY_HASH &&
		    tpm_caps_hash(caps, kinds[i].hash)) {
			list[n++] = kinds[i].mac;
			list[n++] = kinds[i].general;
		}
	list[n++] = CKM_TLS_MAC;
	return attrs_set_ulongs(a, CKA_ALLOWED_MECHANISMS, list, n);
}

CK_RV
hmac_key_create(const struct mech_place *place, struct attrs *a, size_t len,
    struct tpm_blob *blob)
{
	CK_RV rv;

	if ((rv = tell_allowed(place->caps, a)) != CKR_OK)
		return rv;
	return tpm_create_hmac(place->tpm, place->parent, hash_of(a), len,
	    blob);
}

CK_RV
hmac_key_import(const struct mech_place *place, struct attrs *a,
    struct tpm_blob *blob)
{
	CK_RV rv;

	if ((rv = tell_allowed(place->caps, a)) != CKR_OK)
		return rv;
	return tpm_import_hmac(place->tpm, place->parent, hash_of(a),
	    attrs_view(a, CKA_VALUE), blob);
}
