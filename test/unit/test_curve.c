/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "crypto/curve.h"

/* OpenSSL itself, in the program's context, as a second opinion. */
struct oracle {
	EC_GROUP *group;
	EC_POINT *point;
	BN_CTX *bn;
};

static struct oracle
oracle_open(const struct curve *c)
{
	struct oracle o;

	o.group = EC_GROUP_new_by_curve_name(c->nid);
	assert_non_null(o.group);
	o.point = EC_POINT_new(o.group);
	o.bn = BN_CTX_new();
	return o;
}

static void
oracle_close(struct oracle *o)
{
	EC_POINT_free(o->point);
	EC_GROUP_free(o->group);
	BN_CTX_free(o->bn);
}

/* The generator times n, in the given form. */
static struct buf
multiple(struct oracle *o, unsigned n, point_conversion_form_t form)
{
	BIGNUM *k = BN_new();
	struct buf out = BUF_EMPTY;

	BN_set_word(k, n);
	assert_true(EC_POINT_mul(o->group, o->point, k, NULL, NULL, o->bn));
	assert_int_equal(buf_resize(&out, 200), CKR_OK);
	out.len = EC_POINT_point2oct(o->group, o->point, form, out.data,
	    out.len, o->bn);
	BN_free(k);
	return out;
}

static void
the_table_agrees_with_openssl(void **state)
{
	const struct curve *c;
	size_t n = 0;

	(void)state;
	for (c = curves; c->name != NULL; c++, n++) {
		struct oracle o = oracle_open(c);
		uint8_t der[16], *p = der;
		int len = i2d_ECPKParameters(o.group, &p);

		assert_view(c->params, view_of(der, (size_t)len));
		assert_int_equal(c->bits, EC_GROUP_order_bits(o.group));
		assert_int_equal(c->order, (c->bits + 7) / 8);
		assert_int_equal(c->field,
		    (EC_GROUP_get_degree(o.group) + 7) / 8);
		oracle_close(&o);
	}
	assert_int_equal(n, 5);
}

static void
curves_are_found_by_oid_name_and_tpm_number(void **state)
{
	static const char *const names[] = {
		"\x13\x09secp256r1", "\x13\x0aprime256v1", "\x13\x05P-256"
	};
	const struct curve *c, *p256 = curve_by_tpm_id(3);
	size_t i;

	(void)state;
	assert_string_equal(p256->name, "P-256");
	for (c = curves; c->name != NULL; c++) {
		assert_ptr_equal(curve_by_params(c->params), c);
		assert_ptr_equal(curve_by_tpm_id(c->tpm_id), c);
	}
	for (i = 0; i < ARRAY_LEN(names); i++)
		assert_ptr_equal(curve_by_params(view_str(names[i])), p256);
}

static void
other_parameters_are_no_curve(void **state)
{
	static const struct view bad[] = {
		{ NULL, 0 },
		{ (const uint8_t *)"\x06", 1 },
		{ (const uint8_t *)"\x13\x05P-257", 7 },
		{ (const uint8_t *)"\x13\x05P-256x", 8 },
		{ (const uint8_t *)"\x13\x06P-256", 7 },
		{ (const uint8_t *)"P-256", 5 },
		{ (const uint8_t *)"\x05\x00", 2 },
		{ (const uint8_t *)"\x30\x00", 2 },
		{ (const uint8_t *)"\x30\x80\x00\x00", 4 },
		/* secp256k1 */
		{ (const uint8_t *)"\x06\x05\x2b\x81\x04\x00\x0a", 7 },
		/* P-256's OID and one byte more */
		{ (const uint8_t *)"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
		    "\x00", 11 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_null(curve_by_params(bad[i]));
	assert_null(curve_by_tpm_id(0));
	assert_null(curve_by_tpm_id(0x10));
}

static struct buf
explicit_params(EC_GROUP *g)
{
	struct buf out = BUF_EMPTY;
	uint8_t *p;

	assert_int_equal(buf_resize(&out,
	    (size_t)i2d_ECPKParameters(g, NULL)), CKR_OK);
	p = out.data;
	i2d_ECPKParameters(g, &p);
	return out;
}

static void
explicit_parameters_of_a_named_curve_are_that_curve(void **state)
{
	const struct curve *c;
	int form, seed;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		for (form = 0; form < 4; form++) {
			struct oracle o = oracle_open(c);
			struct buf der;

			EC_GROUP_set_asn1_flag(o.group, 0);
			seed = form / 2;
			if (!seed)
				EC_GROUP_set_seed(o.group, NULL, 0);
			EC_GROUP_set_point_conversion_form(o.group,
			    form % 2 ? POINT_CONVERSION_COMPRESSED :
			    POINT_CONVERSION_UNCOMPRESSED);
			der = explicit_params(o.group);
			assert_true(der.len > 100);
			assert_ptr_equal(curve_by_params(buf_view(&der)), c);
			buf_free(&der);
			oracle_close(&o);
		}
	}
}

static void
explicit_parameters_that_differ_in_any_bit_are_none(void **state)
{
	const struct curve *c = curve_by_tpm_id(3);
	struct oracle o = oracle_open(c);
	struct buf der;
	size_t i;

	(void)state;
	EC_GROUP_set_asn1_flag(o.group, 0);
	/* Without its seed, of which the curve does not depend. */
	EC_GROUP_set_seed(o.group, NULL, 0);
	der = explicit_params(o.group);
	for (i = 0; i < der.len * 8; i++) {
		der.data[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_null(curve_by_params(buf_view(&der)));
		der.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < der.len; i++)
		assert_null(curve_by_params(view_of(der.data, i)));
	assert_int_equal(buf_append(&der, view_of("", 1)), CKR_OK);
	assert_null(curve_by_params(buf_view(&der)));
	buf_free(&der);
	oracle_close(&o);
}

static void
a_point_is_taken_in_each_form(void **state)
{
	const struct curve *c;
	unsigned n;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct oracle o = oracle_open(c);

		for (n = 1; n < 8; n++) {
			struct buf raw = multiple(&o, n,
			    POINT_CONVERSION_UNCOMPRESSED);
			struct buf small = multiple(&o, n,
			    POINT_CONVERSION_COMPRESSED);
			struct buf der = BUF_EMPTY, out = BUF_EMPTY;

			assert_int_equal(curve_point(c, buf_view(&raw), &out),
			    CKR_OK);
			assert_view(buf_view(&out), buf_view(&raw));
			assert_int_equal(curve_point(c, buf_view(&small),
			    &out), CKR_OK);
			assert_view(buf_view(&out), buf_view(&raw));
			assert_int_equal(curve_point_der(buf_view(&raw),
			    &der), CKR_OK);
			assert_int_equal(curve_point(c, buf_view(&der), &out),
			    CKR_OK);
			assert_view(buf_view(&out), buf_view(&raw));
			assert_int_equal(curve_point_der(buf_view(&small),
			    &der), CKR_OK);
			assert_int_equal(curve_point(c, buf_view(&der), &out),
			    CKR_OK);
			assert_view(buf_view(&out), buf_view(&raw));
			buf_free(&raw);
			buf_free(&small);
			buf_free(&der);
			buf_free(&out);
		}
		oracle_close(&o);
	}
}

static void
refused(const struct curve *c, struct view v)
{
	struct buf out = BUF_EMPTY, z = BUF_EMPTY;

	assert_int_equal(curve_point(c, v, &out), CKR_DATA_INVALID);
	assert_null(out.data);
	assert_int_equal(curve_ephemeral(c, v, &out, &z), CKR_DATA_INVALID);
	assert_null(out.data);
	assert_null(z.data);
}

static void
a_point_of_wrong_length_or_form_is_refused(void **state)
{
	const struct curve *c;
	static const uint8_t forms[] = { 0, 1, 5, 6, 7, 0x84 };
	size_t i;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct oracle o = oracle_open(c);
		struct buf raw = multiple(&o, 5,
		    POINT_CONVERSION_UNCOMPRESSED), der = BUF_EMPTY;

		for (i = 0; i < raw.len; i++)
			refused(c, view_of(raw.data, i));
		assert_int_equal(curve_point_der(buf_view(&raw), &der),
		    CKR_OK);
		for (i = 0; i < der.len; i++)
			refused(c, view_of(der.data, i));
		assert_int_equal(buf_append(&der, view_of("", 1)), CKR_OK);
		refused(c, buf_view(&der));
		for (i = 0; i < ARRAY_LEN(forms); i++) {
			raw.data[0] = forms[i];
			refused(c, buf_view(&raw));
		}
		raw.data[0] = 4;
		assert_int_equal(buf_append(&raw, view_of("", 1)), CKR_OK);
		refused(c, buf_view(&raw));
		buf_free(&raw);
		buf_free(&der);
		oracle_close(&o);
	}
}

static void
a_point_off_the_curve_is_refused(void **state)
{
	const struct curve *c;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct oracle o = oracle_open(c);
		struct buf raw = multiple(&o, 5,
		    POINT_CONVERSION_UNCOMPRESSED);

		raw.data[raw.len - 1] ^= 1;
		refused(c, buf_view(&raw));
		/* (0, 0), and coordinates that are no field elements */
		memset(raw.data + 1, 0, raw.len - 1);
		refused(c, buf_view(&raw));
		memset(raw.data + 1, 0xff, raw.len - 1);
		refused(c, buf_view(&raw));
		/* an x without y */
		memset(raw.data, 0, raw.len);
		raw.data[0] = 2;
		do
			raw.data[c->field]++;
		while (EC_POINT_oct2point(o.group, o.point, raw.data,
		    1 + c->field, o.bn));
		refused(c, view_of(raw.data, 1 + c->field));
		buf_free(&raw);
		oracle_close(&o);
	}
}

static void
infinity_is_refused(void **state)
{
	const struct curve *c;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		refused(c, view_of("", 1));
		refused(c, view_of("\x04\x01\x00", 3));
		refused(c, VIEW_EMPTY);
	}
}

/* With d for the peer's scalar, d times our point has the same x. */
static void
both_ends_agree_on_z(void **state)
{
	const struct curve *c;
	const unsigned d = 77;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct oracle o = oracle_open(c);
		struct buf peer = multiple(&o, d,
		    POINT_CONVERSION_UNCOMPRESSED);
		struct buf point = BUF_EMPTY, z = BUF_EMPTY, x = BUF_EMPTY;
		BIGNUM *k = BN_new(), *bx = BN_new();

		assert_int_equal(curve_ephemeral(c, buf_view(&peer), &point,
		    &z), CKR_OK);
		assert_true(EC_POINT_oct2point(o.group, o.point, point.data,
		    point.len, o.bn));
		BN_set_word(k, d);
		assert_true(EC_POINT_mul(o.group, o.point, NULL, o.point, k,
		    o.bn));
		assert_true(EC_POINT_get_affine_coordinates(o.group, o.point,
		    bx, NULL, o.bn));
		assert_int_equal(buf_resize(&x, c->field), CKR_OK);
		BN_bn2binpad(bx, x.data, (int)x.len);
		assert_view(buf_view(&z), buf_view(&x));
		BN_free(k);
		BN_free(bx);
		buf_free(&peer);
		buf_free(&point);
		buf_free(&z);
		buf_free(&x);
		oracle_close(&o);
	}
}

static void
each_ephemeral_key_is_another(void **state)
{
	const struct curve *c = curve_by_tpm_id(3);
	struct oracle o = oracle_open(c);
	struct buf peer = multiple(&o, 9, POINT_CONVERSION_UNCOMPRESSED);
	struct buf p = BUF_EMPTY, q = BUF_EMPTY, z = BUF_EMPTY;

	(void)state;
	assert_int_equal(curve_ephemeral(c, buf_view(&peer), &p, &z), CKR_OK);
	assert_int_equal(curve_ephemeral(c, buf_view(&peer), &q, &z), CKR_OK);
	assert_false(view_equal(buf_view(&p), buf_view(&q)));
	buf_free(&peer);
	buf_free(&p);
	buf_free(&q);
	buf_free(&z);
	oracle_close(&o);
}

static void
a_private_number_has_its_point(void **state)
{
	static const uint8_t d[] = { 0, 0, 77 };
	const struct curve *c;
	struct buf point = BUF_EMPTY;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct oracle o = oracle_open(c);
		struct buf wanted = multiple(&o, 77,
		    POINT_CONVERSION_UNCOMPRESSED);

		assert_int_equal(curve_public(c, view_of(d, 3), &point),
		    CKR_OK);
		assert_view(buf_view(&point), buf_view(&wanted));
		buf_free(&wanted);
		oracle_close(&o);
	}
	buf_free(&point);
}

/* From 1 to the order - 1, in no more bytes than it has. */
static void
a_private_number_out_of_range_is_refused(void **state)
{
	const struct curve *c;
	struct buf point = BUF_EMPTY, d = BUF_EMPTY;

	(void)state;
	for (c = curves; c->name != NULL; c++) {
		struct oracle o = oracle_open(c);

		assert_int_equal(curve_public(c, VIEW_EMPTY, &point),
		    CKR_ATTRIBUTE_VALUE_INVALID);
		assert_int_equal(buf_resize(&d, c->order + 1), CKR_OK);
		memset(d.data, 0, d.len);
		assert_int_equal(curve_public(c, view_of(d.data, c->order),
		    &point), CKR_ATTRIBUTE_VALUE_INVALID);
		d.data[c->order] = 1;
		assert_int_equal(curve_public(c, buf_view(&d), &point),
		    CKR_ATTRIBUTE_VALUE_INVALID);
		BN_bn2bin(EC_GROUP_get0_order(o.group), d.data);
		assert_int_equal(curve_public(c, view_of(d.data, c->order),
		    &point), CKR_ATTRIBUTE_VALUE_INVALID);
		assert_null(point.data);
		d.data[c->order - 1]--;
		assert_int_equal(curve_public(c, view_of(d.data, c->order),
		    &point), CKR_OK);
		buf_free(&point);
		oracle_close(&o);
	}
	buf_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_agrees_with_openssl),
		cmocka_unit_test(curves_are_found_by_oid_name_and_tpm_number),
		cmocka_unit_test(other_parameters_are_no_curve),
		cmocka_unit_test(
		    explicit_parameters_of_a_named_curve_are_that_curve),
		cmocka_unit_test(
		    explicit_parameters_that_differ_in_any_bit_are_none),
		cmocka_unit_test(a_point_is_taken_in_each_form),
		cmocka_unit_test(a_point_of_wrong_length_or_form_is_refused),
		cmocka_unit_test(a_point_off_the_curve_is_refused),
		cmocka_unit_test(infinity_is_refused),
		cmocka_unit_test(both_ends_agree_on_z),
		cmocka_unit_test(each_ephemeral_key_is_another),
		cmocka_unit_test(a_private_number_has_its_point),
		cmocka_unit_test(a_private_number_out_of_range_is_refused),
	};

	return RUN_CRYPTO(tests);
}
