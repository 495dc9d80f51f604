/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/softkey.h"

#include "crypto/crypto.h"
#include "crypto/der.h"
#include "crypto/internal.h"
#include "crypto/pkcs8.h"

#define OID(s) { (const uint8_t *)(s), sizeof(s) - 1 }
/* NIST's arcs of signatures and of KEMs: 2.16.840.1.101.3.4.3 and .4. */
#define OID_SIG(n) OID("\x60\x86\x48\x01\x65\x03\x04\x03" n)
#define OID_KEM(n) OID("\x60\x86\x48\x01\x65\x03\x04\x04" n)

#define EDWARDS CKK_EC_EDWARDS, 0
#define MONTGOMERY CKK_EC_MONTGOMERY, 0

static const struct softkey_type types[] = {
	{ "ED25519", EDWARDS, "edwards25519", SOFTKEY_SIGN,
	    OID("\x2b\x65\x70"), DER_OCTET_STRING, 32, 32, 64, 0 },
	{ "ED448", EDWARDS, "edwards448", SOFTKEY_SIGN,
	    OID("\x2b\x65\x71"), DER_OCTET_STRING, 57, 57, 114, 0 },
	{ "X25519", MONTGOMERY, "curve25519", SOFTKEY_AGREE,
	    OID("\x2b\x65\x6e"), DER_OCTET_STRING, 32, 32, 32, 0 },
	{ "X448", MONTGOMERY, "curve448", SOFTKEY_AGREE,
	    OID("\x2b\x65\x6f"), DER_OCTET_STRING, 56, 56, 56, 0 },
	{ "ML-DSA-44", CKK_ML_DSA, CKP_ML_DSA_44, NULL, SOFTKEY_SIGN,
	    OID_SIG("\x11"), DER_CONTEXT_0_OCTETS, 32, 1312, 2420, 0 },
	{ "ML-DSA-65", CKK_ML_DSA, CKP_ML_DSA_65, NULL, SOFTKEY_SIGN,
	    OID_SIG("\x12"), DER_CONTEXT_0_OCTETS, 32, 1952, 3309, 0 },
	{ "ML-DSA-87", CKK_ML_DSA, CKP_ML_DSA_87, NULL, SOFTKEY_SIGN,
	    OID_SIG("\x13"), DER_CONTEXT_0_OCTETS, 32, 2592, 4627, 0 },
	{ "ML-KEM-512", CKK_ML_KEM, CKP_ML_KEM_512, NULL, SOFTKEY_KEM,
	    OID_KEM("\x01"), DER_CONTEXT_0_OCTETS, 64, 800, 768, 32 },
	{ "ML-KEM-768", CKK_ML_KEM, CKP_ML_KEM_768, NULL, SOFTKEY_KEM,
	    OID_KEM("\x02"), DER_CONTEXT_0_OCTETS, 64, 1184, 1088, 32 },
	{ "ML-KEM-1024", CKK_ML_KEM, CKP_ML_KEM_1024, NULL, SOFTKEY_KEM,
	    OID_KEM("\x03"), DER_CONTEXT_0_OCTETS, 64, 1568, 1568, 32 },
};

const struct softkey_type *
softkey_by_params(struct view params)
{
	struct view text;
	bool named = der_is(params, DER_PRINTABLE_STRING);
	size_t i;

	if (der_take(&params, named ? DER_PRINTABLE_STRING : DER_OID,
	    &text) != CKR_OK || params.len != 0)
		return NULL;
	for (i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].curve != NULL && view_equal(text, named ?
		    view_str(types[i].curve) : types[i].oid))
			return &types[i];
	return NULL;
}

const struct softkey_type *
softkey_by_set(CK_KEY_TYPE type, CK_ULONG set)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(types); i++)
		if (set != 0 && types[i].key_type == type &&
		    types[i].set == set)
			return &types[i];
	return NULL;
}

static const struct softkey_type *
by_oid(struct view oid)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(types); i++)
		if (view_equal(types[i].oid, oid))
			return &types[i];
	return NULL;
}

CK_RV
softkey_params(const struct softkey_type *t, struct buf *out)
{
	struct buf der = BUF_EMPTY;
	CK_RV rv;

	if ((rv = der_put(&der, DER_OID, t->oid)) == CKR_OK)
		buf_move(out, &der);
	buf_free(&der);
	return rv;
}

bool
softkey_exists(const struct softkey_type *t)
{
	EVP_KEYMGMT *keys;

	errors_enter();
	keys = EVP_KEYMGMT_fetch(library_get()->ctx, t->name, NULL);
	EVP_KEYMGMT_free(keys);
	errors_leave();
	return keys != NULL;
}

CK_RV
softkey_point(const struct softkey_type *t, struct view in, struct view *raw)
{
	struct view rest = in, v = in;
	CK_RV rv = CKR_OK;

	/* A raw key may begin with 04 as well, but is shorter. */
	if (in.len != t->public &&
	    (rv = der_take(&rest, DER_OCTET_STRING, &v)) == CKR_OK &&
	    (rest.len != 0 || v.len != t->public))
		rv = CKR_DATA_INVALID;
	if (rv == CKR_OK)
		*raw = v;
	return rv;
}

CK_RV
softkey_public_info(const struct softkey_type *t, struct view raw,
    struct buf *der)
{
	struct buf algorithm = BUF_EMPTY, body = BUF_EMPTY, info = BUF_EMPTY;
	CK_RV rv;

	if (raw.len != t->public)
		return CKR_DATA_INVALID;
	if ((rv = der_put(&algorithm, DER_OID, t->oid)) != CKR_OK ||
	    (rv = der_put(&body, DER_SEQUENCE, buf_view(&algorithm))) !=
	    CKR_OK || (rv = der_put_bits(&body, raw)) != CKR_OK ||
	    (rv = der_put(&info, DER_SEQUENCE, buf_view(&body))) != CKR_OK)
		goto out;
	buf_move(der, &info);
out:
	buf_free(&algorithm);
	buf_free(&body);
	buf_free(&info);
	return rv;
}

CK_RV
softkey_from_seed(const struct softkey_type *t, struct view seed,
    struct buf *der)
{
	struct buf key = BUF_EMPTY;
	struct pkcs8 k = { t->oid, VIEW_EMPTY, VIEW_EMPTY };
	CK_RV rv;

	if (seed.len != t->seed)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if ((rv = der_put(&key, (enum der_tag)t->seed_tag, seed)) != CKR_OK)
		goto out;
	k.key = buf_view(&key);
	rv = pkcs8_write(&k, der);
out:
	buf_free(&key);
	return rv;
}

CK_RV
softkey_generate(const struct softkey_type *t, struct buf *der)
{
	struct buf seed = BUF_EMPTY;
	CK_RV rv;

	if (!softkey_exists(t))
		return CKR_MECHANISM_INVALID;
	if ((rv = buf_resize(&seed, t->seed)) == CKR_OK &&
	    (rv = crypto_random(seed.data, seed.len)) == CKR_OK)
		rv = softkey_from_seed(t, buf_view(&seed), der);
	buf_free(&seed);
	return rv;
}

CK_RV
softkey_seed(struct view der, const struct softkey_type **t,
    struct view *seed)
{
	const struct softkey_type *type;
	struct pkcs8 k;
	struct view v;
	CK_RV rv;

	if ((rv = pkcs8_read(der, &k)) != CKR_OK)
		return rv;
	if ((type = by_oid(k.oid)) == NULL)
		return CKR_KEY_TYPE_INCONSISTENT;
	if ((rv = der_take(&k.key, (enum der_tag)type->seed_tag, &v)) !=
	    CKR_OK)
		return rv;
	if (k.params.len != 0 || k.key.len != 0 || v.len != type->seed)
		return CKR_DATA_INVALID;
	*t = type;
	*seed = v;
	return CKR_OK;
}
