/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/kbkdf.h"

#include <string.h>

#include "mech/family.h"
#include "mech/keyed.h"
#include "mech/secret.h"
#include "util/mem.h"

/*
 * The derivations of SP 800-108 (PKCS#11 3.1, 6.42), for one key or for
 * several, each of which begins a round of its own (6.42.7).
 */
#define PARTS_MAX 64
#define DATA_MAX 4096		/* bytes of one part, and of the IV */

enum { NOT_A_KEY = MECH_KEYS_MAX };

struct own {
	enum kbkdf_mode mode;
	bool segments;		/* CK_SP800_108_DKM_LENGTH_SUM_OF_SEGMENTS */
	struct kbkdf_part parts[PARTS_MAX];
	struct buf bytes[PARTS_MAX];
	size_t key_of[PARTS_MAX];	/* an index of handles, or NOT_A_KEY */
	size_t count;
	CK_OBJECT_HANDLE handles[MECH_KEYS_MAX];
	size_t handle_count;
	struct buf iv;
	CK_DERIVED_KEY more[MECH_PRODUCTS_MAX - 1];
	size_t more_count;
};

static void
free_own(void *p)
{
	struct own *own = p;
	size_t i;

	for (i = 0; i < PARTS_MAX; i++)
		buf_free(&own->bytes[i]);
	buf_free(&own->iv);
	mem_free(own);
}

/* A structure that pValue points to, which may be unaligned. */
static CK_RV
fixed_value(const CK_PRF_DATA_PARAM *from, void *to, size_t size)
{
	if (from->pValue == NULL || from->ulValueLen != size)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy(to, from->pValue, size);
	return CKR_OK;
}

static CK_RV
set_number(struct kbkdf_part *part, CK_BBOOL little_endian, CK_ULONG width)
{
	if ((little_endian != CK_TRUE && little_endian != CK_FALSE) ||
	    width > 64)
		return CKR_MECHANISM_PARAM_INVALID;
	part->little_endian = little_endian == CK_TRUE;
	part->width = (unsigned)width;
	return CKR_OK;
}

static CK_RV
read_counter(struct own *own, const CK_PRF_DATA_PARAM *from, size_t at)
{
	CK_SP800_108_COUNTER_FORMAT format;
	CK_RV rv;

	if ((rv = fixed_value(from, &format, sizeof(format))) != CKR_OK)
		return rv;
	return set_number(&own->parts[at], format.bLittleEndian,
	    format.ulWidthInBits);
}

/* Elsewhere than in counter mode it has no format of its own. */
static CK_RV
read_iteration(struct own *own, const CK_PRF_DATA_PARAM *from, size_t at)
{
	return own->mode == KBKDF_COUNTER ? read_counter(own, from, at) :
	    CKR_OK;
}

static CK_RV
read_length(struct own *own, const CK_PRF_DATA_PARAM *from, size_t at)
{
	CK_SP800_108_DKM_LENGTH_FORMAT format;
	CK_RV rv;

	if ((rv = fixed_value(from, &format, sizeof(format))) != CKR_OK)
		return rv;
	if (format.dkmLengthMethod != CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS &&
	    format.dkmLengthMethod != CK_SP800_108_DKM_LENGTH_SUM_OF_SEGMENTS)
		return CKR_MECHANISM_PARAM_INVALID;
	own->segments = format.dkmLengthMethod ==
	    CK_SP800_108_DKM_LENGTH_SUM_OF_SEGMENTS;
	return set_number(&own->parts[at], format.bLittleEndian,
	    format.ulWidthInBits);
}

static CK_RV
read_bytes(struct own *own, const CK_PRF_DATA_PARAM *from, size_t at)
{
	CK_RV rv;

	if (from->ulValueLen > DATA_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	if ((rv = params_bytes(from->pValue, from->ulValueLen,
	    &own->bytes[at])) != CKR_OK)
		return rv;
	own->parts[at].bytes = buf_view(&own->bytes[at]);
	return CKR_OK;
}

static CK_RV
read_key(struct own *own, const CK_PRF_DATA_PARAM *from, size_t at)
{
	if (own->handle_count == MECH_KEYS_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	own->key_of[at] = own->handle_count++;
	return fixed_value(from, &own->handles[own->key_of[at]],
	    sizeof(CK_OBJECT_HANDLE));
}

static const struct {
	CK_PRF_DATA_TYPE type;
	enum kbkdf_kind kind;
	CK_RV (*read)(struct own *own, const CK_PRF_DATA_PARAM *from,
	    size_t at);
} kinds[] = {
	{ CK_SP800_108_ITERATION_VARIABLE, KBKDF_ITERATION, read_iteration },
	{ CK_SP800_108_COUNTER, KBKDF_COUNT, read_counter },
	{ CK_SP800_108_DKM_LENGTH, KBKDF_LENGTH, read_length },
	{ CK_SP800_108_BYTE_ARRAY, KBKDF_BYTES, read_bytes },
	{ CK_SP800_108_KEY_HANDLE, KBKDF_BYTES, read_key },
};

static CK_RV
read_part(struct own *own, const CK_PRF_DATA_PARAM *from, size_t at)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].type == from->type)
			break;
	if (i == ARRAY_LEN(kinds))
		return CKR_MECHANISM_PARAM_INVALID;
	own->parts[at].kind = kinds[i].kind;
	own->key_of[at] = NOT_A_KEY;
	return kinds[i].read(own, from, at);
}

static CK_RV
read_parts(struct own *own, const CK_PRF_DATA_PARAM *list, CK_ULONG count)
{
	CK_PRF_DATA_PARAM one;
	CK_RV rv;

	if (list == NULL || count == 0 || count > PARTS_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	for (; own->count < count; own->count++) {
		memcpy(&one, &list[own->count], sizeof(one));
		if ((rv = read_part(own, &one, own->count)) != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

static CK_RV
read_more(struct own *own, const CK_DERIVED_KEY *list, CK_ULONG count)
{
	if ((list == NULL) != (count == 0) || count > ARRAY_LEN(own->more))
		return CKR_MECHANISM_PARAM_INVALID;
	for (; own->more_count < count; own->more_count++) {
		memcpy(&own->more[own->more_count], &list[own->more_count],
		    sizeof(*list));
		if (own->more[own->more_count].phKey == NULL)
			return CKR_MECHANISM_PARAM_INVALID;
	}
	return CKR_OK;
}

/* The PRFs by their MACs; NULL for CMAC. */
static const struct {
	CK_SP800_108_PRF_TYPE prf;
	CK_MECHANISM_TYPE hash;
} prfs[] = {
	{ CKM_SHA_1_HMAC, CKM_SHA_1 },
	{ CKM_SHA224_HMAC, CKM_SHA224 },
	{ CKM_SHA256_HMAC, CKM_SHA256 },
	{ CKM_SHA384_HMAC, CKM_SHA384 },
	{ CKM_SHA512_HMAC, CKM_SHA512 },
	{ CKM_SHA512_224_HMAC, CKM_SHA512_224 },
	{ CKM_SHA512_256_HMAC, CKM_SHA512_256 },
	{ CKM_SHA3_224_HMAC, CKM_SHA3_224 },
	{ CKM_SHA3_256_HMAC, CKM_SHA3_256 },
	{ CKM_SHA3_384_HMAC, CKM_SHA3_384 },
	{ CKM_SHA3_512_HMAC, CKM_SHA3_512 },
	{ CKM_AES_CMAC, NO_HASH },
};

static CK_RV
read_prf(CK_SP800_108_PRF_TYPE prf, struct mech_params *p)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(prfs); i++)
		if (prfs[i].prf == prf) {
			p->hash = hash_by_mech(prfs[i].hash);
			return CKR_OK;
		}
	return CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
read_all(enum kbkdf_mode mode, const CK_SP800_108_FEEDBACK_KDF_PARAMS *from,
    struct mech_params *p)
{
	struct own *own;
	CK_RV rv;

	if ((rv = read_prf(from->prfType, p)) != CKR_OK)
		return rv;
	if (from->ulIVLen > DATA_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	if ((own = mem_alloc(1, sizeof(*own))) == NULL)
		return CKR_HOST_MEMORY;
	own->mode = mode;
	p->own = own;
	p->own_free = free_own;
	if ((rv = read_parts(own, from->pDataParams,
	    from->ulNumberOfDataParams)) != CKR_OK ||
	    (rv = params_bytes(from->pIV, from->ulIVLen, &own->iv)) != CKR_OK)
		return rv;
	return read_more(own, from->pAdditionalDerivedKeys,
	    from->ulAdditionalDerivedKeys);
}

static CK_RV
params(const struct mech *m, const CK_MECHANISM *from, struct mech_params *p)
{
	CK_SP800_108_KDF_PARAMS given;
	CK_SP800_108_FEEDBACK_KDF_PARAMS all = { 0 };
	CK_RV rv;

	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK)
		return rv;
	all.prfType = given.prfType;
	all.ulNumberOfDataParams = given.ulNumberOfDataParams;
	all.pDataParams = given.pDataParams;
	all.ulAdditionalDerivedKeys = given.ulAdditionalDerivedKeys;
	all.pAdditionalDerivedKeys = given.pAdditionalDerivedKeys;
	return read_all(m->type == CKM_SP800_108_COUNTER_KDF ?
	    KBKDF_COUNTER : KBKDF_PIPELINE, &all, p);
}

static CK_RV
feedback_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_SP800_108_FEEDBACK_KDF_PARAMS given;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &given, sizeof(given))) != CKR_OK)
		return rv;
	return read_all(KBKDF_FEEDBACK, &given, p);
}

/* CMAC is for AES keys, HMAC for all others; a generic secret for both. */
static CK_RV
check(const struct mech_call *c)
{
	bool aes = key_type(c->key) == CKK_AES;
	bool cmac = c->params.hash == NULL;

	if (aes != cmac && key_type(c->key) != CKK_GENERIC_SECRET)
		return CKR_KEY_TYPE_INCONSISTENT;
	/* a KEYEDHASH object makes no CMAC */
	return cmac && !aes && key_tpm(c->key) != NULL ?
	    CKR_KEY_TYPE_INCONSISTENT : CKR_OK;
}

static CK_RV
plan(const struct mech_call *c, struct mech_derivation *d)
{
	const struct own *own = c->params.own;
	size_t i;

	memcpy(d->handles, own->handles, sizeof(own->handles));
	d->key_count = own->handle_count;
	for (i = 0; i < own->more_count; i++)
		d->products[i + 1] = (struct mech_product){
			.class = CKO_SECRET_KEY,
			.key_type = CK_UNAVAILABLE_INFORMATION,
			.list = own->more[i].pTemplate,
			.count = own->more[i].ulAttributeCount,
			.handle = own->more[i].phKey
		};
	d->product_count = 1 + own->more_count;
	return CKR_OK;
}

/* Where each key's bytes are in the output, and how long that is. */
struct layout {
	size_t at[MECH_PRODUCTS_MAX];
	size_t len[MECH_PRODUCTS_MAX];
	size_t total;		/* up to the last byte that is used */
	size_t sum_of_keys;
	size_t sum_of_segments;
};

static CK_RV
lay_out(const struct mech_derivation *d, size_t size, struct layout *l)
{
	CK_RV rv;
	size_t i;

	*l = (struct layout){ .total = 0 };
	for (i = 0; i < d->product_count; i++) {
		/* no length is natural here */
		if ((rv = secret_length(d->products[i].attrs, 0,
		    &l->len[i])) != CKR_OK)
			return rv;
		l->at[i] = l->sum_of_segments;
		l->total = l->at[i] + l->len[i];
		l->sum_of_keys += l->len[i];
		l->sum_of_segments += (l->len[i] + size - 1) / size * size;
	}
	return CKR_OK;
}

/* The value of each key that is a part of the data. */
static CK_RV
fill_keys(const struct mech_call *c, struct own *own)
{
	size_t i;

	for (i = 0; i < own->count; i++) {
		if (own->key_of[i] == NOT_A_KEY)
			continue;
		own->parts[i].bytes =
		    key_value(c->more->keys[own->key_of[i]]);
		if (own->parts[i].bytes.len == 0)
			return CKR_KEY_TYPE_INCONSISTENT;
	}
	return CKR_OK;
}

static CK_RV
run(const struct mech_call *c, const struct prf *prf, const struct layout *l,
    struct buf *out)
{
	struct own *own = c->params.own;
	const struct kbkdf k = {
		.mode = own->mode,
		.prf = prf,
		.parts = own->parts,
		.count = own->count,
		.iv = buf_view(&own->iv),
		.bits = 8 * (uint64_t)(own->segments ?
		    l->sum_of_segments : l->sum_of_keys)
	};
	CK_RV rv;

	if ((rv = fill_keys(c, own)) != CKR_OK)
		return rv;
	return kbkdf(&k, l->total, out);
}

static CK_RV
derive(const struct mech_call *c, struct attrs *a)
{
	const struct mech_derivation *d = c->more;
	struct buf all = BUF_EMPTY;
	struct keyed base;
	struct layout l;
	CK_RV rv;
	size_t i;

	(void)a;
	if ((rv = keyed_prf(c->key, c->params.hash, &base)) != CKR_OK ||
	    (rv = lay_out(d, base.prf.size, &l)) != CKR_OK ||
	    (rv = run(c, &base.prf, &l, &all)) != CKR_OK)
		goto out;
	for (i = 0; i < d->product_count && rv == CKR_OK; i++)
		rv = attrs_set(d->products[i].attrs, CKA_VALUE,
		    view_sub(buf_view(&all), l.at[i], l.len[i]));
out:
	buf_free(&all);
	return rv;
}

const struct mech_family kbkdf_family = {
	.clause = "6.42",
	.sizes = secret_sizes_bits,
	.params = params,
	.check = check,
	.plan = plan,
	.derive = derive,
	.inherit = MECH_INHERIT_DEFAULT,
};

const struct mech_family kbkdf_feedback_family = {
	.clause = "6.42",
	.sizes = secret_sizes_bits,
	.params = feedback_params,
	.check = check,
	.plan = plan,
	.derive = derive,
	.inherit = MECH_INHERIT_DEFAULT,
};
