/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"
#include "mech/secret.h"

/*
 * Keys that show the bits of others (PKCS#11 3.x, 6.43): base and key or data
 * behind each other, base xor data, a part of base. What comes out is as closed
 * as what went in, and of a sensitive key it is the whole: who can make keys of
 * its bytes one by one finds each by trying 256 values.
 */

static CK_RV
check(const struct mech_call *c)
{
	return key_value(c->key).len > 0 ? CKR_OK : CKR_KEY_TYPE_INCONSISTENT;
}

/* The leading bytes of all that there is. */
static CK_RV
set_leading(const struct mech_call *c, struct view all, size_t whole,
    struct attrs *a)
{
	size_t len;
	CK_RV rv;

	if ((rv = secret_length(a, all.len, &len)) != CKR_OK)
		return rv;
	if (len > all.len || (c->more->sensitive && len < whole))
		return CKR_KEY_SIZE_RANGE;
	return attrs_set(a, CKA_VALUE, view_sub(all, 0, len));
}

static CK_RV
concatenate(const struct mech_call *c, struct view first, struct view second,
    struct attrs *a)
{
	struct buf all = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&all, first)) == CKR_OK &&
	    (rv = buf_append(&all, second)) == CKR_OK)
		rv = set_leading(c, buf_view(&all), all.len, a);
	buf_free(&all);
	return rv;
}

/* The handle is kept as bytes until the plan wants it. */
static CK_RV
key_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_OBJECT_HANDLE other;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &other, sizeof(other))) != CKR_OK)
		return rv;
	p->len = other;
	return CKR_OK;
}

static CK_RV
key_plan(const struct mech_call *c, struct mech_derivation *d)
{
	d->handles[0] = c->params.len;
	d->key_count = 1;
	return CKR_OK;
}

static CK_RV
base_and_key(const struct mech_call *c, struct attrs *a)
{
	struct view other = key_value(c->more->keys[0]);

	if (other.len == 0)
		return CKR_KEY_TYPE_INCONSISTENT;
	return concatenate(c, key_value(c->key), other, a);
}

static CK_RV
data_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_KEY_DERIVATION_STRING_DATA data;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &data, sizeof(data))) != CKR_OK)
		return rv;
	if (data.ulLen > SECRET_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	return params_bytes(data.pData, data.ulLen, &p->data);
}

static CK_RV
base_and_data(const struct mech_call *c, struct attrs *a)
{
	return concatenate(c, key_value(c->key), buf_view(&c->params.data),
	    a);
}

static CK_RV
data_and_base(const struct mech_call *c, struct attrs *a)
{
	return concatenate(c, buf_view(&c->params.data), key_value(c->key),
	    a);
}

/* As long as the shorter of the two. */
static CK_RV
xor_data(const struct mech_call *c, struct attrs *a)
{
	struct view base = key_value(c->key);
	struct view data = buf_view(&c->params.data);
	struct buf all = BUF_EMPTY;
	size_t i;
	CK_RV rv;

	if ((rv = buf_set(&all, view_sub(base, 0, data.len))) != CKR_OK)
		goto out;
	for (i = 0; i < all.len; i++)
		all.data[i] ^= data.data[i];
	rv = set_leading(c, buf_view(&all), base.len, a);
out:
	buf_free(&all);
	return rv;
}

static CK_RV
bit_params(const struct mech *m, const CK_MECHANISM *from,
    struct mech_params *p)
{
	CK_EXTRACT_PARAMS bit;
	CK_RV rv;

	(void)m;
	if ((rv = params_fixed(from, &bit, sizeof(bit))) != CKR_OK)
		return rv;
	p->len = bit;
	return CKR_OK;
}

static CK_RV
bit_check(const struct mech_call *c)
{
	CK_RV rv;

	if ((rv = check(c)) != CKR_OK)
		return rv;
	return c->params.len / 8 < key_value(c->key).len ? CKR_OK :
	    CKR_MECHANISM_PARAM_INVALID;
}

/* The base key turned left until the bit is the first (6.43.7). */
static CK_RV
extract(const struct mech_call *c, struct attrs *a)
{
	struct view base = key_value(c->key);
	size_t from = c->params.len / 8, shift = c->params.len % 8, i;
	struct buf all = BUF_EMPTY;
	CK_RV rv;

	if (!attrs_has(a, CKA_VALUE_LEN))
		return CKR_TEMPLATE_INCOMPLETE;
	if ((rv = buf_resize(&all, base.len)) != CKR_OK)
		goto out;
	for (i = 0; i < base.len; i++)
		all.data[i] = (uint8_t)
		    (base.data[(from + i) % base.len] << shift |
		    base.data[(from + i + 1) % base.len] >> (8 - shift));
	rv = set_leading(c, buf_view(&all), base.len, a);
out:
	buf_free(&all);
	return rv;
}

const struct mech_family concat_key_family = {
	.clause = "6.43",
	.sizes = secret_sizes_bytes,
	.params = key_params,
	.check = check,
	.plan = key_plan,
	.derive = base_and_key,
	.inherit = MECH_INHERIT_CLOSED,
};

const struct mech_family concat_data_family = {
	.clause = "6.43",
	.sizes = secret_sizes_bytes,
	.params = data_params,
	.check = check,
	.derive = base_and_data,
	.inherit = MECH_INHERIT_CLOSED,
};

const struct mech_family data_concat_family = {
	.clause = "6.43",
	.sizes = secret_sizes_bytes,
	.params = data_params,
	.check = check,
	.derive = data_and_base,
	.inherit = MECH_INHERIT_CLOSED,
};

const struct mech_family xor_family = {
	.clause = "6.43",
	.sizes = secret_sizes_bytes,
	.params = data_params,
	.check = check,
	.derive = xor_data,
	.inherit = MECH_INHERIT_CLOSED,
};

const struct mech_family extract_family = {
	.clause = "6.43",
	.sizes = secret_sizes_bytes,
	.params = bit_params,
	.check = bit_check,
	.derive = extract,
	.inherit = MECH_INHERIT_CLOSED,
};
