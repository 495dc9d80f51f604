/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/pkcs8.h"

#include "crypto/der.h"

static const struct view oid_rsa = {
	(const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9
};
static const struct view oid_ec = {
	(const uint8_t *)"\x2a\x86\x48\xce\x3d\x02\x01", 7
};
static const struct view null = { (const uint8_t *)"\x05\x00", 2 };
static const struct view one = { (const uint8_t *)"\x01", 1 };

/* Attributes and, from version 1 on, the public key, which add nothing. */
static CK_RV
skip_rest(struct view rest)
{
	struct view skip;
	CK_RV rv;

	if (der_is(rest, DER_CONTEXT_0) &&
	    (rv = der_take(&rest, DER_CONTEXT_0, &skip)) != CKR_OK)
		return rv;
	if (der_is(rest, DER_CONTEXT_1_OCTETS) &&
	    (rv = der_take(&rest, DER_CONTEXT_1_OCTETS, &skip)) != CKR_OK)
		return rv;
	return rest.len == 0 ? CKR_OK : CKR_DATA_INVALID;
}

CK_RV
pkcs8_read(struct view der, struct pkcs8 *out)
{
	struct view body, version, algorithm;
	struct pkcs8 k;
	CK_RV rv;

	if ((rv = der_take(&der, DER_SEQUENCE, &body)) != CKR_OK ||
	    (rv = der_take_uint(&body, &version)) != CKR_OK ||
	    (rv = der_take(&body, DER_SEQUENCE, &algorithm)) != CKR_OK ||
	    (rv = der_take(&algorithm, DER_OID, &k.oid)) != CKR_OK ||
	    (rv = der_take(&body, DER_OCTET_STRING, &k.key)) != CKR_OK ||
	    (rv = skip_rest(body)) != CKR_OK)
		return rv;
	if (der.len != 0 ||
	    !(view_is_zero(version) || view_equal(version, one)))
		return CKR_DATA_INVALID;
	k.params = algorithm;
	*out = k;
	return CKR_OK;
}

CK_RV
pkcs8_write(const struct pkcs8 *k, struct buf *out)
{
	struct buf algorithm = BUF_EMPTY, body = BUF_EMPTY, der = BUF_EMPTY;
	CK_RV rv;

	if ((rv = der_put(&algorithm, DER_OID, k->oid)) != CKR_OK ||
	    (rv = buf_append(&algorithm, k->params)) != CKR_OK ||
	    (rv = der_put_uint(&body, VIEW_EMPTY)) != CKR_OK ||
	    (rv = der_put(&body, DER_SEQUENCE, buf_view(&algorithm))) !=
	    CKR_OK ||
	    (rv = der_put(&body, DER_OCTET_STRING, k->key)) != CKR_OK ||
	    (rv = der_put(&der, DER_SEQUENCE, buf_view(&body))) != CKR_OK)
		goto out;
	buf_move(out, &der);
out:
	buf_free(&algorithm);
	buf_free(&body);
	buf_free(&der);
	return rv;
}

CK_RV
pkcs8_rsa(const struct pkcs8 *k, struct pkcs8_rsa *out)
{
	struct pkcs8_rsa r;
	struct view *const numbers[] = {
		&r.n, &r.e, &r.d, &r.p, &r.q, &r.dp, &r.dq, &r.qinv
	};
	struct view der = k->key, body, version;
	size_t i;
	CK_RV rv;

	if (!view_equal(k->oid, oid_rsa))
		return CKR_KEY_TYPE_INCONSISTENT;
	if (k->params.len != 0 && !view_equal(k->params, null))
		return CKR_DATA_INVALID;
	if ((rv = der_take(&der, DER_SEQUENCE, &body)) != CKR_OK ||
	    (rv = der_take_uint(&body, &version)) != CKR_OK)
		return rv;
	for (i = 0; i < ARRAY_LEN(numbers); i++) {
		if ((rv = der_take_uint(&body, numbers[i])) != CKR_OK)
			return rv;
		if (view_is_zero(*numbers[i]))
			return CKR_DATA_INVALID;
	}
	/* Version 1 has more than two primes. */
	if (!view_is_zero(version) || body.len != 0 || der.len != 0)
		return CKR_DATA_INVALID;
	*out = r;
	return CKR_OK;
}

CK_RV
pkcs8_write_rsa(const struct pkcs8_rsa *k, struct buf *out)
{
	const struct view numbers[] = {
		VIEW_EMPTY, k->n, k->e, k->d, k->p, k->q, k->dp, k->dq,
		k->qinv
	};
	struct buf body = BUF_EMPTY, key = BUF_EMPTY;
	struct pkcs8 info = { oid_rsa, null, VIEW_EMPTY };
	size_t i;
	CK_RV rv;

	for (i = 0; i < ARRAY_LEN(numbers); i++)
		if ((rv = der_put_uint(&body, numbers[i])) != CKR_OK)
			goto out;
	if ((rv = der_put(&key, DER_SEQUENCE, buf_view(&body))) != CKR_OK)
		goto out;
	info.key = buf_view(&key);
	rv = pkcs8_write(&info, out);
out:
	buf_free(&body);
	buf_free(&key);
	return rv;
}

/* What may follow the number: the curve once more, and the public point. */
static CK_RV
read_ec_rest(struct view rest, struct view params, struct view *point)
{
	struct view again, bits;
	CK_RV rv;

	*point = VIEW_EMPTY;
	if (der_is(rest, DER_CONTEXT_0)) {
		if ((rv = der_take(&rest, DER_CONTEXT_0, &again)) != CKR_OK)
			return rv;
		if (!view_equal(again, params))
			return CKR_DATA_INVALID;
	}
	if (der_is(rest, DER_CONTEXT_1)) {
		if ((rv = der_take(&rest, DER_CONTEXT_1, &again)) != CKR_OK ||
		    (rv = der_take(&again, DER_BIT_STRING, &bits)) != CKR_OK)
			return rv;
		/* The first byte says how many bits at the end are none. */
		if (again.len != 0 || bits.len < 2 || bits.data[0] != 0)
			return CKR_DATA_INVALID;
		*point = view_sub(bits, 1, bits.len);
	}
	return rest.len == 0 ? CKR_OK : CKR_DATA_INVALID;
}

/* Some write more zeros before the number than they should, or too few. */
static CK_RV
read_scalar(const struct curve *c, struct view *d)
{
	size_t more = d->len > c->order ? d->len - c->order : 0;

	if (!view_is_zero(view_sub(*d, 0, more)))
		return CKR_DATA_INVALID;
	*d = view_sub(*d, more, d->len);
	return view_is_zero(*d) ? CKR_DATA_INVALID : CKR_OK;
}

CK_RV
pkcs8_ec(const struct pkcs8 *k, struct pkcs8_ec *out)
{
	struct view der = k->key, body, version;
	struct pkcs8_ec e;
	CK_RV rv;

	if (!view_equal(k->oid, oid_ec))
		return CKR_KEY_TYPE_INCONSISTENT;
	if ((rv = der_take(&der, DER_SEQUENCE, &body)) != CKR_OK ||
	    (rv = der_take_uint(&body, &version)) != CKR_OK ||
	    (rv = der_take(&body, DER_OCTET_STRING, &e.d)) != CKR_OK ||
	    (rv = read_ec_rest(body, k->params, &e.point)) != CKR_OK)
		return rv;
	if (der.len != 0 || !view_equal(version, one))
		return CKR_DATA_INVALID;
	if ((e.curve = curve_by_params(k->params)) == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	if ((rv = read_scalar(e.curve, &e.d)) != CKR_OK)
		return rv;
	*out = e;
	return CKR_OK;
}
