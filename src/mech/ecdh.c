/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/ec.h"

#include "crypto/kdf.h"
#include "mech/secret.h"
#include "mech/soft.h"

/*
 * CKM_ECDH1_DERIVE and, the cofactor being 1, CKM_ECDH1_COFACTOR_DERIVE
 * (PKCS#11 3.x, 6.3.17 and 6.3.18). The TPM gives the shared x-coordinate, the
 * key derivation function runs here. As a KEM (3.2, same clauses) the peer's
 * key is a one-time key of the software, its point the ciphertext.
 */
typedef CK_RV kdf_fn(const struct hash *hash, struct view z,
    struct view shared, size_t len, struct buf *out);

/*
 * CKD_NULL: a shorter key takes the trailing bytes ("the truncation removes
 * bytes from the leading end of the secret value").
 */
static CK_RV
kdf_null(const struct hash *hash, struct view z, struct view shared,
    size_t len, struct buf *out)
{
	(void)hash;
	(void)shared;
	return buf_set(out, view_sub(z, z.len - len, len));
}

static const struct kdf {
	CK_EC_KDF_TYPE type;
	CK_MECHANISM_TYPE hash;
	kdf_fn *derive;
} kdfs[] = {
	{ CKD_NULL, NO_HASH, kdf_null },
	{ CKD_SHA1_KDF, CKM_SHA_1, kdf_x963 },
	{ CKD_SHA224_KDF, CKM_SHA224, kdf_x963 },
	{ CKD_SHA256_KDF, CKM_SHA256, kdf_x963 },
	{ CKD_SHA384_KDF, CKM_SHA384, kdf_x963 },
	{ CKD_SHA512_KDF, CKM_SHA512, kdf_x963 },
	{ CKD_SHA3_224_KDF, CKM_SHA3_224, kdf_x963 },
	{ CKD_SHA3_256_KDF, CKM_SHA3_256, kdf_x963 },
	{ CKD_SHA3_384_KDF, CKM_SHA3_384, kdf_x963 },
	{ CKD_SHA3_512_KDF, CKM_SHA3_512, kdf_x963 },
	{ CKD_SHA1_KDF_SP800, CKM_SHA_1, kdf_concat },
	{ CKD_SHA224_KDF_SP800, CKM_SHA224, kdf_concat },
	{ CKD_SHA256_KDF_SP800, CKM_SHA256, kdf_concat },
	{ CKD_SHA384_KDF_SP800, CKM_SHA384, kdf_concat },
	{ CKD_SHA512_KDF_SP800, CKM_SHA512, kdf_concat },
	{ CKD_SHA3_224_KDF_SP800, CKM_SHA3_224, kdf_concat },
	{ CKD_SHA3_256_KDF_SP800, CKM_SHA3_256, kdf_concat },
	{ CKD_SHA3_384_KDF_SP800, CKM_SHA3_384, kdf_concat },
	{ CKD_SHA3_512_KDF_SP800, CKM_SHA3_512, kdf_concat },
};

static const struct kdf *
find_kdf(CK_EC_KDF_TYPE type)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kdfs); i++)
		if (kdfs[i].type == type)
			return &kdfs[i];
	return NULL;
}

CK_RV
ecdh_kdf_params(CK_EC_KDF_TYPE type, const void *shared, CK_ULONG len,
    struct mech_params *p)
{
	const struct kdf *kdf = find_kdf(type);

	if (kdf == NULL || (type == CKD_NULL && len != 0))
		return CKR_MECHANISM_PARAM_INVALID;
	p->kdf = type;
	p->hash = hash_by_mech(kdf->hash);
	return params_bytes(shared, len, &p->data);
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_ECDH1_DERIVE_PARAMS ecdh;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &ecdh, sizeof(ecdh))) != CKR_OK ||
	    (rv = ecdh_kdf_params(ecdh.kdf, ecdh.pSharedData,
	    ecdh.ulSharedDataLen, p)) != CKR_OK)
		return rv;
	return params_bytes(ecdh.pPublicData, ecdh.ulPublicDataLen,
	    &p->point);
}

/* X25519 and X448: the same mechanisms, with a software key. */
static CK_RV
soft_point(const struct mech_call *c, struct buf *point)
{
	struct view raw;
	CK_RV rv;

	if ((rv = softkey_point(key_soft(c->key)->type,
	    buf_view(&c->params.point), &raw)) != CKR_OK)
		return rv;
	return buf_set(point, raw);
}

static CK_RV
peer_point(const struct mech_call *c, struct buf *point)
{
	CK_RV rv;

	rv = key_soft(c->key) != NULL ? soft_point(c, point) :
	    curve_point(ec_curve(c), buf_view(&c->params.point), point);
	return rv == CKR_DATA_INVALID ? CKR_MECHANISM_PARAM_INVALID : rv;
}

/* Bytes of what both sides share. */
static size_t
shared_len(const struct mech_call *c)
{
	const struct soft *soft = key_soft(c->key);

	return soft != NULL ? soft->type->output : ec_curve(c)->field;
}

/* The length of the new key, before the TPM is troubled. */
static CK_RV
key_length(const struct mech_call *c, const struct attrs *a, size_t *len)
{
	const struct hash *hash = c->params.hash;
	size_t field = shared_len(c);
	CK_RV rv;

	if ((rv = secret_length(a, hash != NULL ? hash->size : field,
	    len)) != CKR_OK)
		return rv;
	return hash == NULL && *len > field ? CKR_KEY_SIZE_RANGE : CKR_OK;
}

CK_RV
ecdh_kdf(const struct mech_call *c, struct view z, size_t len,
    struct buf *out)
{
	const struct kdf *kdf = find_kdf(c->params.kdf);

	if (kdf == NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	return kdf->derive(c->params.hash, z, buf_view(&c->params.data), len,
	    out);
}

/* The new key's value, from what both sides share. */
static CK_RV
set_value(const struct mech_call *c, struct view z, size_t len,
    struct attrs *a)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = ecdh_kdf(c, z, len, &value)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE, buf_view(&value));
	buf_free(&value);
	return rv;
}

/* A point of small order is as wrong as one that is off the curve. */
static CK_RV
multiply(const struct mech_call *c, struct view point, struct buf *z)
{
	const struct soft *soft = key_soft(c->key);
	CK_RV rv;

	if (soft == NULL)
		return tpm_key_ecdh(key_tpm(c->key), point, z);
	rv = softkey_agree(soft->key, point, z);
	return rv == CKR_DATA_INVALID ? CKR_MECHANISM_PARAM_INVALID : rv;
}

/* The private key's side, against the peer's point 04 | X | Y, or raw. */
static CK_RV
agree(const struct mech_call *c, struct view point, struct attrs *a)
{
	struct buf z = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	if ((rv = key_length(c, a, &len)) != CKR_OK ||
	    (rv = multiply(c, point, &z)) != CKR_OK)
		goto out;
	rv = set_value(c, buf_view(&z), len, a);
out:
	buf_free(&z);
	return rv;
}

static CK_RV
derive(const struct mech_call *c, struct attrs *a)
{
	struct buf point = BUF_EMPTY;
	CK_RV rv;

	if ((rv = peer_point(c, &point)) == CKR_OK)
		rv = agree(c, buf_view(&point), a);
	buf_free(&point);
	return rv;
}

/* "pPublicData and ulPublicDataLen must be set to NULL and 0" (6.3.17) */
static CK_RV
check_kem(const struct mech_call *c)
{
	if (key_soft(c->key) != NULL)
		return CKR_KEY_TYPE_INCONSISTENT;
	return c->params.point.len == 0 ? CKR_OK :
	    CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
encapsulated_len(const struct mech_call *c, size_t *len)
{
	CK_RV rv;

	if ((rv = check_kem(c)) == CKR_OK)
		*len = ec_point_len(c);
	return rv;
}

static CK_RV
encapsulate(const struct mech_call *c, struct attrs *a,
    struct buf *ciphertext)
{
	struct buf own = BUF_EMPTY, once = BUF_EMPTY, z = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	if ((rv = check_kem(c)) != CKR_OK ||
	    (rv = key_length(c, a, &len)) != CKR_OK ||
	    (rv = ec_own_point(c, &own)) != CKR_OK ||
	    (rv = curve_ephemeral(ec_curve(c), buf_view(&own), &once,
	    &z)) != CKR_OK ||
	    (rv = set_value(c, buf_view(&z), len, a)) != CKR_OK)
		goto out;
	buf_move(ciphertext, &once);
out:
	buf_free(&own);
	buf_free(&once);
	buf_free(&z);
	return rv;
}

/* What a point may look like in the parameter of C_DeriveKey it may look
 * like here ("has the same format"). */
static CK_RV
decapsulate(const struct mech_call *c, struct view ciphertext,
    struct attrs *a)
{
	struct buf point = BUF_EMPTY;
	CK_RV rv;

	if ((rv = check_kem(c)) != CKR_OK)
		goto out;
	rv = curve_point(ec_curve(c), ciphertext, &point);
	if (rv == CKR_DATA_INVALID)
		rv = ciphertext.len == ec_point_len(c) ?
		    CKR_WRAPPED_KEY_INVALID : CKR_WRAPPED_KEY_LEN_RANGE;
	if (rv == CKR_OK)
		rv = agree(c, buf_view(&point), a);
out:
	buf_free(&point);
	return rv;
}

static bool
sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	(void)ec_sizes(caps, min, max);
	if (caps->software)
		soft_add_sizes(CKK_EC_MONTGOMERY, min, max);
	return *max != 0;
}

static bool
takes(CK_KEY_TYPE type)
{
	return type == CKK_EC_MONTGOMERY;
}

const struct mech_family ecdh_family = {
	.clause = "6.3",
	.flags = EC_FLAGS,
	.sizes = sizes,
	.takes = takes,
	.params = params,
	.derive = derive,
	.encapsulated_len = encapsulated_len,
	.encapsulate = encapsulate,
	.decapsulate = decapsulate,
};
