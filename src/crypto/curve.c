/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/curve.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "crypto/crypto.h"
#include "crypto/der.h"
#include "crypto/internal.h"

#define OID(s) { (const uint8_t *)(s), sizeof(s) - 1 }
#define POINT_LEN(c) (1 + 2 * (c)->field)

const struct curve curves[CURVE_COUNT + 1] = {
	{ "P-192", NID_X9_62_prime192v1, 0x0001, 24, 24, 192,
	    OID("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x01") },
	{ "P-224", NID_secp224r1, 0x0002, 28, 28, 224,
	    OID("\x06\x05\x2b\x81\x04\x00\x21") },
	{ "P-256", NID_X9_62_prime256v1, 0x0003, 32, 32, 256,
	    OID("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07") },
	{ "P-384", NID_secp384r1, 0x0004, 48, 48, 384,
	    OID("\x06\x05\x2b\x81\x04\x00\x22") },
	{ "P-521", NID_secp521r1, 0x0005, 66, 66, 521,
	    OID("\x06\x05\x2b\x81\x04\x00\x23") },
	{ NULL, 0, 0, 0, 0, 0, { NULL, 0 } }
};

/* What else a curveName may say (RFC 5480, 2.1.1.1; ANSI X9.62). */
static const struct alias {
	const char *alias;
	const char *name;
} aliases[] = {
	{ "secp192r1", "P-192" },
	{ "prime192v1", "P-192" },
	{ "secp224r1", "P-224" },
	{ "secp256r1", "P-256" },
	{ "prime256v1", "P-256" },
	{ "secp384r1", "P-384" },
	{ "secp521r1", "P-521" },
};

/* A curve opened for arithmetic. */
struct arena {
	const EC_GROUP *group;
	BN_CTX *bn;
	EC_POINT *point;
	EC_POINT *second;
	BIGNUM *scalar;
};

static void
arena_close(struct arena *a)
{
	BN_clear_free(a->scalar);
	EC_POINT_clear_free(a->second);
	EC_POINT_clear_free(a->point);
	BN_CTX_free(a->bn);
	library_leave_thread();
	errors_leave();
}

/* The arena is to be closed in any case. */
static CK_RV
arena_open(struct arena *a, const struct curve *c)
{
	OSSL_LIB_CTX *ctx = library_get()->ctx;

	memset(a, 0, sizeof(*a));
	errors_enter();
	if ((a->group = library_group(c)) == NULL)
		return errors_rc(c->name, CKR_CURVE_NOT_SUPPORTED);
	if ((a->bn = BN_CTX_new_ex(ctx)) == NULL ||
	    (a->point = EC_POINT_new(a->group)) == NULL ||
	    (a->second = EC_POINT_new(a->group)) == NULL ||
	    (a->scalar = BN_new()) == NULL)
		return errors_rc(c->name, CKR_GENERAL_ERROR);
	return CKR_OK;
}

static const struct curve *
curve_by_name(struct view name)
{
	const struct curve *c;

	for (c = curves; c->name != NULL; c++)
		if (view_equal(view_str(c->name), name))
			return c;
	return NULL;
}

static const struct curve *
curve_by_alias(struct view name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(aliases); i++)
		if (view_equal(view_str(aliases[i].alias), name))
			return curve_by_name(view_str(aliases[i].name));
	return curve_by_name(name);
}

/* ECParameters (X9.62; RFC 3279, 2.3.5): the numbers that make a curve. */
struct explicit {
	struct view p;
	struct view a;
	struct view b;
	struct view generator;
	struct view order;
};

/* The 1.2.840.10045.1.1 (prime-field) of a FieldID. */
static const struct view prime_field = {
	(const uint8_t *)"\x2a\x86\x48\xce\x3d\x01\x01", 7
};
static const struct view number_one = { (const uint8_t *)"\x01", 1 };

static CK_RV
read_field(struct view field, struct view *p)
{
	struct view oid;
	CK_RV rv;

	if ((rv = der_take(&field, DER_OID, &oid)) != CKR_OK ||
	    (rv = der_take_uint(&field, p)) != CKR_OK)
		return rv;
	if (field.len != 0 || !view_equal(oid, prime_field))
		return CKR_DATA_INVALID;
	return CKR_OK;
}

static CK_RV
read_coefficients(struct view curve, struct explicit *e)
{
	struct view seed;
	CK_RV rv;

	if ((rv = der_take(&curve, DER_OCTET_STRING, &e->a)) != CKR_OK ||
	    (rv = der_take(&curve, DER_OCTET_STRING, &e->b)) != CKR_OK)
		return rv;
	/* The seed says where a and b came from, and changes nothing. */
	if (der_is(curve, DER_BIT_STRING) &&
	    (rv = der_take(&curve, DER_BIT_STRING, &seed)) != CKR_OK)
		return rv;
	return curve.len == 0 ? CKR_OK : CKR_DATA_INVALID;
}

static CK_RV
read_explicit(struct view der, struct explicit *e)
{
	struct view body, version, field, curve, cofactor = number_one;
	CK_RV rv;

	if ((rv = der_take(&der, DER_SEQUENCE, &body)) != CKR_OK ||
	    (rv = der_take_uint(&body, &version)) != CKR_OK ||
	    (rv = der_take(&body, DER_SEQUENCE, &field)) != CKR_OK ||
	    (rv = der_take(&body, DER_SEQUENCE, &curve)) != CKR_OK ||
	    (rv = der_take(&body, DER_OCTET_STRING, &e->generator)) !=
	    CKR_OK ||
	    (rv = der_take_uint(&body, &e->order)) != CKR_OK ||
	    (rv = read_field(field, &e->p)) != CKR_OK ||
	    (rv = read_coefficients(curve, e)) != CKR_OK)
		return rv;
	/* It may be left out, and is 1 for all our curves. */
	if (body.len != 0 &&
	    (rv = der_take_uint(&body, &cofactor)) != CKR_OK)
		return rv;
	if (!view_equal(version, number_one) ||
	    !view_equal(cofactor, number_one) ||
	    der.len != 0 || body.len != 0)
		return CKR_DATA_INVALID;
	return CKR_OK;
}

/* Is n the number v? field: the curve's, no longer number is looked at. */
static bool
same_number(const BIGNUM *n, struct view v, size_t field)
{
	uint8_t bytes[80];
	struct view w = der_strip(v);

	return w.len <= field && field <= sizeof(bytes) &&
	    BN_bn2binpad(n, bytes, (int)w.len) == (int)w.len &&
	    view_equal(view_of(bytes, w.len), w);
}

static bool
same_generator(struct arena *a, const struct curve *c, struct view v)
{
	const EC_POINT *g = EC_GROUP_get0_generator(a->group);

	/* Wrapping a point once more is for CKA_EC_POINT only. */
	return (v.len == 1 + c->field || v.len == POINT_LEN(c)) &&
	    EC_POINT_oct2point(a->group, a->point, v.data, v.len, a->bn) &&
	    EC_POINT_cmp(a->group, a->point, g, a->bn) == 0;
}

static bool
same_curve(const struct curve *c, const struct explicit *e)
{
	struct arena a;
	BIGNUM *p = BN_new(), *ca = BN_new(), *cb = BN_new();
	bool same;

	same = arena_open(&a, c) == CKR_OK && p != NULL && ca != NULL &&
	    cb != NULL && EC_GROUP_get_curve(a.group, p, ca, cb, a.bn) &&
	    same_number(p, e->p, c->field) &&
	    same_number(ca, e->a, c->field) &&
	    same_number(cb, e->b, c->field) &&
	    same_number(EC_GROUP_get0_order(a.group), e->order, c->field) &&
	    same_generator(&a, c, e->generator);
	BN_free(p);
	BN_free(ca);
	BN_free(cb);
	arena_close(&a);
	return same;
}

static const struct curve *
curve_by_explicit(struct view der)
{
	struct explicit e;
	const struct curve *c;

	if (read_explicit(der, &e) != CKR_OK)
		return NULL;
	for (c = curves; c->name != NULL; c++)
		if (e.p.len == c->field && same_curve(c, &e))
			return c;
	return NULL;
}

const struct curve *
curve_by_params(struct view params)
{
	const struct curve *c;
	struct view rest = params, name;

	if (der_is(params, DER_SEQUENCE))
		return curve_by_explicit(params);
	if (der_take(&rest, DER_PRINTABLE_STRING, &name) == CKR_OK)
		return rest.len == 0 ? curve_by_alias(name) : NULL;
	for (c = curves; c->name != NULL; c++)
		if (view_equal(c->params, params))
			return c;
	return NULL;
}

const struct curve *
curve_by_tpm_id(uint16_t id)
{
	const struct curve *c;

	for (c = curves; c->name != NULL; c++)
		if (c->tpm_id == id)
			return c;
	return NULL;
}

static bool
is_raw_point(const struct curve *c, struct view v)
{
	return (v.len == POINT_LEN(c) && v.data[0] == 4) ||
	    (v.len == 1 + c->field && (v.data[0] == 2 || v.data[0] == 3));
}

/* 04 begins a raw point and an OCTET STRING, but their lengths differ. */
static CK_RV
unwrap_point(const struct curve *c, struct view in, struct view *raw)
{
	struct view rest = in;
	CK_RV rv = CKR_OK;

	*raw = in;
	if (!is_raw_point(c, in) &&
	    (rv = der_take(&rest, DER_OCTET_STRING, raw)) == CKR_OK &&
	    (rest.len != 0 || !is_raw_point(c, *raw)))
		rv = CKR_DATA_INVALID;
	return rv;
}

static CK_RV
put_point(struct arena *a, const struct curve *c, const EC_POINT *point,
    struct buf *out)
{
	CK_RV rv;

	if ((rv = buf_resize(out, POINT_LEN(c))) != CKR_OK)
		return rv;
	if (EC_POINT_point2oct(a->group, point, POINT_CONVERSION_UNCOMPRESSED,
	    out->data, out->len, a->bn) != out->len)
		return errors_rc("point", CKR_GENERAL_ERROR);
	return CKR_OK;
}

CK_RV
curve_point(const struct curve *c, struct view in, struct buf *out)
{
	struct buf point = BUF_EMPTY;
	struct view raw;
	struct arena a;
	CK_RV rv;

	if ((rv = unwrap_point(c, in, &raw)) != CKR_OK)
		return rv;
	if ((rv = arena_open(&a, c)) != CKR_OK)
		goto out;
	/* This looks whether the point is on the curve. */
	if (!EC_POINT_oct2point(a.group, a.point, raw.data, raw.len, a.bn)) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	if ((rv = put_point(&a, c, a.point, &point)) != CKR_OK)
		goto out;
	buf_move(out, &point);
out:
	buf_free(&point);
	arena_close(&a);
	return rv;
}

CK_RV
curve_point_der(struct view raw, struct buf *der)
{
	struct buf value = BUF_EMPTY;
	CK_RV rv;

	if ((rv = der_put(&value, DER_OCTET_STRING, raw)) != CKR_OK)
		goto out;
	buf_move(der, &value);
out:
	buf_free(&value);
	return rv;
}

/* A secret scalar from 1 to the order - 1, each as likely. */
static CK_RV
draw_scalar(struct arena *a, const struct curve *c)
{
	const BIGNUM *order = EC_GROUP_get0_order(a->group);
	struct buf bytes = BUF_EMPTY;
	unsigned spare = (unsigned)(c->order * 8 - c->bits), tries;
	CK_RV rv;

	if ((rv = buf_resize(&bytes, c->order)) != CKR_OK)
		goto out;
	BN_set_flags(a->scalar, BN_FLG_CONSTTIME);
	/* Each try is good with a probability of at least one half. */
	for (tries = 0; tries < 128; tries++) {
		if ((rv = crypto_random(bytes.data, bytes.len)) != CKR_OK)
			goto out;
		bytes.data[0] &= (uint8_t)(0xff >> spare);
		if (BN_bin2bn(bytes.data, (int)bytes.len, a->scalar) == NULL) {
			rv = errors_rc("scalar", CKR_HOST_MEMORY);
			goto out;
		}
		if (!BN_is_zero(a->scalar) && BN_cmp(a->scalar, order) < 0)
			goto out;
	}
	rv = CKR_GENERAL_ERROR;
out:
	buf_free(&bytes);
	return rv;
}

static CK_RV
agree(struct arena *a, const struct curve *c, struct buf *z)
{
	BIGNUM *x = BN_new();
	CK_RV rv;

	if (x == NULL)
		return CKR_HOST_MEMORY;
	if ((rv = buf_resize(z, c->field)) != CKR_OK)
		goto out;
	if (!EC_POINT_mul(a->group, a->second, NULL, a->point, a->scalar,
	    a->bn) ||
	    !EC_POINT_get_affine_coordinates(a->group, a->second, x, NULL,
	    a->bn) ||
	    BN_bn2binpad(x, z->data, (int)z->len) < 0)
		rv = errors_rc("key agreement", CKR_GENERAL_ERROR);
out:
	BN_clear_free(x);
	return rv;
}

CK_RV
curve_ephemeral(const struct curve *c, struct view peer, struct buf *point,
    struct buf *z)
{
	struct buf own = BUF_EMPTY, secret = BUF_EMPTY;
	struct arena a;
	CK_RV rv;

	if ((rv = arena_open(&a, c)) != CKR_OK)
		goto out;
	if (peer.len != POINT_LEN(c) || peer.data[0] != 4 ||
	    !EC_POINT_oct2point(a.group, a.point, peer.data, peer.len, a.bn)) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	if ((rv = draw_scalar(&a, c)) != CKR_OK ||
	    (rv = agree(&a, c, &secret)) != CKR_OK)
		goto out;
	if (!EC_POINT_mul(a.group, a.second, a.scalar, NULL, NULL, a.bn)) {
		rv = errors_rc("key pair", CKR_GENERAL_ERROR);
		goto out;
	}
	if ((rv = put_point(&a, c, a.second, &own)) != CKR_OK)
		goto out;
	buf_move(point, &own);
	buf_move(z, &secret);
out:
	buf_free(&own);
	buf_free(&secret);
	arena_close(&a);
	return rv;
}

static CK_RV
read_scalar(struct arena *a, struct view d)
{
	const BIGNUM *order = EC_GROUP_get0_order(a->group);

	BN_set_flags(a->scalar, BN_FLG_CONSTTIME);
	if (BN_bin2bn(d.data, (int)d.len, a->scalar) == NULL)
		return errors_rc("scalar", CKR_HOST_MEMORY);
	return BN_is_zero(a->scalar) || BN_cmp(a->scalar, order) >= 0 ?
	    CKR_ATTRIBUTE_VALUE_INVALID : CKR_OK;
}

CK_RV
curve_public(const struct curve *c, struct view d, struct buf *point)
{
	struct buf made = BUF_EMPTY;
	struct arena a;
	CK_RV rv;

	if (d.len > c->order)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if ((rv = arena_open(&a, c)) != CKR_OK ||
	    (rv = read_scalar(&a, d)) != CKR_OK)
		goto out;
	if (!EC_POINT_mul(a.group, a.second, a.scalar, NULL, NULL, a.bn)) {
		rv = errors_rc("public point", CKR_GENERAL_ERROR);
		goto out;
	}
	if ((rv = put_point(&a, c, a.second, &made)) == CKR_OK)
		buf_move(point, &made);
out:
	buf_free(&made);
	arena_close(&a);
	return rv;
}
