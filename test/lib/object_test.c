/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#include "crypto/crypto.h"

struct test_data data;

static const char cert_hex[] =
    "3082018330820129a00302010202021234300a06082a8648ce3d04030230"
    "20310d300b060355040a0c0474657374310f300d06035504030c06636c69"
    "656e74301e170d3236313132323133343533355a170d3336313131393133"
    "343533355a3020310d300b060355040a0c0474657374310f300d06035504"
    "030c06636c69656e743059301306072a8648ce3d020106082a8648ce3d03"
    "0107034200048f482a91bb636c34574b4fe82a29c0dd8d9cac88b0f57e31"
    "224116a61f5a7c9c5b373d10bf86afd2caa320a0593b7215edb2a9c8e066"
    "f15cf3c4cfb3eb9b323fa3533051301d0603551d0e0416041400640bf058"
    "28a130bab786e8deec5db164eb6922301f0603551d230418301680140064"
    "0bf05828a130bab786e8deec5db164eb6922300f0603551d130101ff0405"
    "30030101ff300a06082a8648ce3d0403020348003045022076ef70ad900a"
    "4c574acf12587e912e8f8aa896afcc05a413bbf27f1c60ff9135022100f5"
    "42b32410ba9b0a4142c796ac155ced5a50dd18b29d1ed5f23737aac57285"
    "22";

static const char info_hex[] =
    "3059301306072a8648ce3d020106082a8648ce3d030107034200048f482a"
    "91bb636c34574b4fe82a29c0dd8d9cac88b0f57e31224116a61f5a7c9c5b"
    "373d10bf86afd2caa320a0593b7215edb2a9c8e066f15cf3c4cfb3eb9b32"
    "3f";

static const char name_hex[] =
    "3020310d300b060355040a0c0474657374310f300d06035504030c06636c"
    "69656e74";

enum { POINT = 65, MODULUS = 256 };

int
object_test_start(void **state)
{
	struct view info;

	(void)state;
	assert_int_equal(crypto_start(), CKR_OK);
	assert_int_equal(hex_parse(view_str(cert_hex), &data.cert), CKR_OK);
	assert_int_equal(hex_parse(view_str(info_hex), &data.info), CKR_OK);
	assert_int_equal(hex_parse(view_str(name_hex), &data.name), CKR_OK);
	assert_int_equal(hex_parse(view_str("02021234"), &data.serial),
	    CKR_OK);
	info = buf_view(&data.info);
	assert_int_equal(buf_set(&data.raw, view_sub(info, info.len - POINT,
	    POINT)), CKR_OK);
	assert_int_equal(buf_set(&data.der, view_str("\x04\x41")), CKR_OK);
	assert_int_equal(buf_append(&data.der, buf_view(&data.raw)), CKR_OK);
	assert_int_equal(buf_resize(&data.modulus, MODULUS), CKR_OK);
	memset(data.modulus.data, 0xc5, MODULUS);
	return 0;
}

int
object_test_stop(void **state)
{
	(void)state;
	buf_free(&data.cert);
	buf_free(&data.info);
	buf_free(&data.name);
	buf_free(&data.serial);
	buf_free(&data.raw);
	buf_free(&data.der);
	buf_free(&data.modulus);
	crypto_stop();
	return 0;
}

struct object_plan
plan_of(enum object_origin origin, CK_OBJECT_CLASS class, CK_KEY_TYPE type)
{
	return (struct object_plan){
		.origin = origin,
		.class = class,
		.key_type = type,
		.mechanism = CK_UNAVAILABLE_INFORMATION,
	};
}

CK_RV
build(const struct object_plan *plan, CK_ATTRIBUTE *tmpl, size_t count,
    struct attrs *out)
{
	struct attrs t = ATTRS_EMPTY;
	CK_RV rv;

	rv = attrs_from_template(tmpl, count, &t);
	if (rv == CKR_OK)
		rv = object_build(plan, &t, out);
	attrs_free(&t);
	return rv;
}

CK_RV
try_build(const struct object_plan *plan, CK_ATTRIBUTE *tmpl, size_t count)
{
	struct attrs a = ATTRS_EMPTY;
	CK_RV rv = build(plan, tmpl, count, &a);

	if (rv != CKR_OK) {
		assert_null(a.list);
		assert_int_equal(a.count, 0);
	}
	attrs_free(&a);
	return rv;
}

CK_RV
try_create(CK_ATTRIBUTE *tmpl, size_t count)
{
	struct object_plan plan = plan_of(OBJECT_CREATED, NONE, NONE);

	return try_build(&plan, tmpl, count);
}

void
made(const struct object_plan *plan, CK_ATTRIBUTE *tmpl, size_t count,
    struct attrs *out)
{
	assert_int_equal(build(plan, tmpl, count, out), CKR_OK);
	assert_int_equal(object_finish(plan, out), CKR_OK);
}

void
created(CK_ATTRIBUTE *tmpl, size_t count, struct attrs *out)
{
	struct object_plan plan = plan_of(OBJECT_CREATED, NONE, NONE);

	made(&plan, tmpl, count, out);
}

CK_RV
try_finish(CK_ATTRIBUTE *tmpl, size_t count)
{
	struct object_plan plan = plan_of(OBJECT_CREATED, NONE, NONE);
	struct attrs a = ATTRS_EMPTY;
	size_t had;
	CK_RV rv;

	assert_int_equal(build(&plan, tmpl, count, &a), CKR_OK);
	had = a.count;
	rv = object_finish(&plan, &a);
	if (rv != CKR_OK)
		assert_int_equal(a.count, had);
	attrs_free(&a);
	return rv;
}

void
generated_pair(CK_ATTRIBUTE *pub, size_t pubs, CK_ATTRIBUTE *priv,
    size_t privs, struct attrs *a, struct attrs *b)
{
	struct object_plan plan;

	plan = plan_of(OBJECT_GENERATED, CKO_PUBLIC_KEY, CKK_EC);
	plan.mechanism = CKM_EC_KEY_PAIR_GEN;
	assert_int_equal(build(&plan, pub, pubs, a), CKR_OK);
	plan.class = CKO_PRIVATE_KEY;
	assert_int_equal(build(&plan, priv, privs, b), CKR_OK);
	/* the mechanism's part */
	assert_int_equal(attrs_set(a, CKA_EC_POINT, buf_view(&data.der)),
	    CKR_OK);
	assert_int_equal(object_pair(a, b), CKR_OK);
	assert_int_equal(object_finish(&plan, b), CKR_OK);
	plan.class = CKO_PUBLIC_KEY;
	assert_int_equal(object_finish(&plan, a), CKR_OK);
}

void
secret(bool sensitive, bool extractable, struct attrs *out)
{
	created(T(U(CKA_CLASS, CKO_SECRET_KEY), U(CKA_KEY_TYPE, CKK_AES),
	    S(CKA_VALUE, "0123456789abcdef"), B(CKA_SENSITIVE, sensitive),
	    B(CKA_EXTRACTABLE, extractable)), out);
}

static CK_RV
with(CK_RV (*f)(const struct attrs *, const struct attrs *, bool,
    struct attrs *), const struct attrs *a, bool so, CK_ATTRIBUTE *tmpl,
    size_t count, struct attrs *out)
{
	struct attrs t = ATTRS_EMPTY, got = ATTRS_EMPTY;
	CK_RV rv;

	assert_int_equal(attrs_from_template(tmpl, count, &t), CKR_OK);
	rv = f(a, &t, so, &got);
	if (rv != CKR_OK)
		assert_int_equal(got.count, 0);
	else if (out != NULL)
		attrs_move(out, &got);
	attrs_free(&got);
	attrs_free(&t);
	return rv;
}

CK_RV
change(const struct attrs *a, bool so, CK_ATTRIBUTE *tmpl, size_t count,
    struct attrs *out)
{
	return with(object_change, a, so, tmpl, count, out);
}

CK_RV
copy(const struct attrs *a, bool so, CK_ATTRIBUTE *tmpl, size_t count,
    struct attrs *out)
{
	return with(object_copy, a, so, tmpl, count, out);
}

void
assert_flag(const struct attrs *a, CK_ATTRIBUTE_TYPE type, bool want)
{
	if (!attrs_has(a, type))
		fail_msg("no attribute 0x%lx", type);
	if (attrs_bool(a, type, !want) != want)
		fail_msg("0x%lx is not %d", type, want);
}

void
assert_number(const struct attrs *a, CK_ATTRIBUTE_TYPE type, CK_ULONG want)
{
	if (!attrs_has(a, type))
		fail_msg("no attribute 0x%lx", type);
	if (attrs_ulong(a, type, ~want) != want)
		fail_msg("0x%lx is not %lu", type, want);
}

void
assert_value(const struct attrs *a, CK_ATTRIBUTE_TYPE type, struct view want)
{
	if (!attrs_has(a, type))
		fail_msg("no attribute 0x%lx", type);
	if (!view_equal(attrs_view(a, type), want))
		fail_msg("0x%lx has another value", type);
}
