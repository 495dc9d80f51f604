/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#include "object/access.h"
#include "object/roles.h"

#define WRAP 1u
#define UNWRAP 2u
#define ENCRYPT 4u
#define DECRYPT 8u
#define DERIVE 16u
#define SIGN 32u
#define ALL (WRAP | UNWRAP | ENCRYPT | DECRYPT)

static const CK_ATTRIBUTE_TYPE uses[] = { CKA_WRAP, CKA_UNWRAP, CKA_ENCRYPT,
	CKA_DECRYPT, CKA_DERIVE, CKA_SIGN };

/* A key with these uses, as a template that names them one by one. */
static CK_RV
make(bool apart, CK_OBJECT_CLASS class, CK_KEY_TYPE type, unsigned wanted,
    struct attrs *out)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, class, type);
	CK_BBOOL on[ARRAY_LEN(uses)];
	CK_ATTRIBUTE first[] = { U(CKA_VALUE_LEN, 16),
		S(CKA_EC_PARAMS, P256), U(CKA_MODULUS_BITS, 2048),
		B(CKA_TOKEN, 0) };
	CK_ATTRIBUTE t[ARRAY_LEN(uses) + 1];
	size_t i;

	t[0] = first[class == CKO_SECRET_KEY ? 0 : class == CKO_PRIVATE_KEY ?
	    3 : type == CKK_RSA ? 2 : 1];
	for (i = 0; i < ARRAY_LEN(uses); i++) {
		on[i] = (wanted >> i & 1) != 0;
		t[i + 1] = (CK_ATTRIBUTE){ uses[i], &on[i], 1 };
	}
	plan.apart = apart;
	return build(&plan, t, ARRAY_LEN(t), out);
}

static unsigned
has(const struct attrs *a)
{
	unsigned out = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(uses); i++)
		out |= rules_bool(a, uses[i]) ? 1u << i : 0;
	return out;
}

static bool
mixes(unsigned u)
{
	return (u & (WRAP | UNWRAP)) != 0 &&
	    (u & (ENCRYPT | DECRYPT | DERIVE)) != 0;
}

/* Every set of uses: as asked, for data alone, or refused. */
static void
a_secret_works_on_keys_or_on_data(void **state)
{
	static const CK_KEY_TYPE types[] = { CKK_AES, CKK_GENERIC_SECRET,
		CKK_SHA256_HMAC };
	unsigned asked, refused = 0;
	size_t i;
	CK_RV rv;

	(void)state;
	for (i = 0; i < ARRAY_LEN(types); i++)
		for (asked = 1; asked < 64; asked++) {
			struct attrs a = ATTRS_EMPTY;

			rv = make(true, CKO_SECRET_KEY, types[i], asked, &a);
			if (mixes(asked) && (asked & ALL) != ALL) {
				assert_int_equal(rv,
				    CKR_TEMPLATE_INCONSISTENT);
				refused++;
				continue;
			}
			assert_int_equal(rv, CKR_OK);
			assert_int_equal(has(&a), mixes(asked) ?
			    asked & ~(WRAP | UNWRAP) : asked);
			assert_int_equal(roles_check(&a), CKR_OK);
			attrs_free(&a);
		}
	assert_int_equal(refused, 3 * 2 * (3 * 7 - 2));
}

static void
a_secret_that_asks_nothing_works_on_data(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_SECRET_KEY,
	    CKK_AES);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	plan.apart = true;
	made(&plan, T(U(CKA_VALUE_LEN, 16)), &a);
	assert_int_equal(has(&a), ENCRYPT | DECRYPT | SIGN);
	attrs_free(&a);
	plan.apart = false;
	made(&plan, T(U(CKA_VALUE_LEN, 16)), &a);
	assert_int_equal(has(&a), ALL | SIGN);
	assert_int_equal(roles_check(&a), CKR_TEMPLATE_INCONSISTENT);
	attrs_free(&a);
}

static void
allowed_means_as_asked(void **state)
{
	unsigned asked;

	(void)state;
	for (asked = 1; asked < 64; asked++) {
		struct attrs a = ATTRS_EMPTY;

		assert_int_equal(make(false, CKO_SECRET_KEY, CKK_AES, asked,
		    &a), CKR_OK);
		assert_int_equal(has(&a), asked);
		attrs_free(&a);
	}
}

static const struct {
	CK_KEY_TYPE type;
	unsigned pub;
	unsigned priv;
	CK_RV rv;
	unsigned left;
} pairs[] = {
	/* nothing against it */
	{ CKK_RSA, WRAP, UNWRAP, CKR_OK, WRAP },
	{ CKK_RSA, WRAP | ENCRYPT, UNWRAP, CKR_OK, WRAP | ENCRYPT },
	{ CKK_RSA, ENCRYPT, UNWRAP | DECRYPT, CKR_OK, ENCRYPT },
	{ CKK_EC, WRAP, UNWRAP | SIGN, CKR_OK, WRAP },
	/* asked with other things, as by programs that ask for all */
	{ CKK_RSA, WRAP | ENCRYPT, UNWRAP | DECRYPT, CKR_OK, ENCRYPT },
	{ CKK_RSA, WRAP | ENCRYPT, UNWRAP | SIGN, CKR_OK, ENCRYPT },
	{ CKK_EC, WRAP | DERIVE, UNWRAP | DERIVE, CKR_OK, DERIVE },
	/* asked alone */
	{ CKK_RSA, WRAP, DECRYPT, CKR_TEMPLATE_INCONSISTENT, 0 },
	{ CKK_RSA, WRAP, SIGN, CKR_TEMPLATE_INCONSISTENT, 0 },
	{ CKK_EC, WRAP, DERIVE, CKR_TEMPLATE_INCONSISTENT, 0 },
};

static void
the_public_half_does_not_wrap_for_a_private_one_that_opens(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(pairs); i++) {
		struct attrs pub = ATTRS_EMPTY, priv = ATTRS_EMPTY;

		assert_int_equal(make(true, CKO_PUBLIC_KEY, pairs[i].type,
		    pairs[i].pub, &pub), CKR_OK);
		assert_int_equal(make(true, CKO_PRIVATE_KEY, pairs[i].type,
		    pairs[i].priv, &priv), CKR_OK);
		assert_int_equal(roles_settle_pair(&pub, &priv),
		    pairs[i].rv);
		if (pairs[i].rv == CKR_OK)
			assert_int_equal(has(&pub), pairs[i].left);
		attrs_free(&pub);
		attrs_free(&priv);
	}
}

static CK_RV
becomes(CK_OBJECT_CLASS class, CK_KEY_TYPE type, unsigned from, unsigned to)
{
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY;
	CK_RV rv;

	assert_int_equal(make(false, class, type, from, &a), CKR_OK);
	assert_int_equal(make(false, class, type, to, &b), CKR_OK);
	rv = roles_keep(&a, &b);
	attrs_free(&a);
	attrs_free(&b);
	return rv;
}

static void
no_role_comes_later(void **state)
{
	static const struct {
		CK_OBJECT_CLASS class;
		CK_KEY_TYPE type;
		unsigned from;
		unsigned to;
		bool may;
	} rows[] = {
		{ CKO_SECRET_KEY, CKK_AES, DECRYPT, ENCRYPT | DECRYPT, true },
		{ CKO_SECRET_KEY, CKK_AES, WRAP, WRAP | UNWRAP | SIGN, true },
		{ CKO_SECRET_KEY, CKK_AES, WRAP, SIGN, true },
		{ CKO_SECRET_KEY, CKK_AES, WRAP, DECRYPT, false },
		{ CKO_SECRET_KEY, CKK_AES, WRAP, WRAP | DERIVE, false },
		{ CKO_SECRET_KEY, CKK_AES, UNWRAP, ENCRYPT, false },
		{ CKO_SECRET_KEY, CKK_AES, DECRYPT, WRAP, false },
		{ CKO_SECRET_KEY, CKK_AES, ENCRYPT, UNWRAP, false },
		{ CKO_SECRET_KEY, CKK_AES, SIGN, WRAP, false },
		{ CKO_SECRET_KEY, CKK_AES, SIGN, DECRYPT, false },
		{ CKO_PUBLIC_KEY, CKK_RSA, ENCRYPT, ENCRYPT | WRAP, false },
		{ CKO_PUBLIC_KEY, CKK_RSA, WRAP, ENCRYPT, true },
		{ CKO_PRIVATE_KEY, CKK_RSA, UNWRAP, DECRYPT, false },
		{ CKO_PRIVATE_KEY, CKK_RSA, UNWRAP, SIGN, false },
		{ CKO_PRIVATE_KEY, CKK_RSA, SIGN, DECRYPT | UNWRAP, true },
		{ CKO_PRIVATE_KEY, CKK_EC, UNWRAP | SIGN, DERIVE, false },
		{ CKO_PRIVATE_KEY, CKK_EC, UNWRAP, SIGN, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (becomes(rows[i].class, rows[i].type, rows[i].from,
		    rows[i].to) != (rows[i].may ? CKR_OK :
		    CKR_ATTRIBUTE_READ_ONLY))
			fail_msg("row %zu", i);
}

static CK_ATTRIBUTE any_label[] = { S(CKA_LABEL, "this") };

/* A wrapped key and a wrapping one, and what object_wrappable says. */
static CK_RV
wrappable(CK_BBOOL extractable, CK_BBOOL wants, CK_BBOOL trusted,
    const char *label)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_SECRET_KEY,
	    CKK_AES);
	struct attrs a = ATTRS_EMPTY, by = ATTRS_EMPTY;
	CK_RV rv;

	plan.so = true;
	made(&plan, T(U(CKA_VALUE_LEN, 16), B(CKA_EXTRACTABLE, extractable),
	    B(CKA_WRAP_WITH_TRUSTED, wants),
	    { CKA_LABEL, (void *)(uintptr_t)label, strlen(label) }), &a);
	made(&plan, T(U(CKA_VALUE_LEN, 16), B(CKA_TRUSTED, trusted),
	    { CKA_WRAP_TEMPLATE, any_label, sizeof(any_label) }), &by);
	rv = object_wrappable(&a, &by);
	attrs_free(&a);
	attrs_free(&by);
	return rv;
}

static void
what_may_leave_under_which_key(void **state)
{
	struct attrs pub = ATTRS_EMPTY, by = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(wrappable(1, 0, 0, "this"), CKR_OK);
	assert_int_equal(wrappable(1, 0, 1, "this"), CKR_OK);
	assert_int_equal(wrappable(0, 0, 1, "this"), CKR_KEY_UNEXTRACTABLE);
	assert_int_equal(wrappable(1, 1, 0, "this"), CKR_KEY_NOT_WRAPPABLE);
	assert_int_equal(wrappable(1, 1, 1, "this"), CKR_OK);
	assert_int_equal(wrappable(1, 0, 0, "that"), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(make(true, CKO_PUBLIC_KEY, CKK_RSA, WRAP, &pub),
	    CKR_OK);
	assert_int_equal(make(true, CKO_SECRET_KEY, CKK_AES, WRAP, &by),
	    CKR_OK);
	assert_int_equal(object_wrappable(&pub, &by), CKR_KEY_NOT_WRAPPABLE);
	attrs_free(&pub);
	attrs_free(&by);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_works_on_keys_or_on_data),
		cmocka_unit_test(a_secret_that_asks_nothing_works_on_data),
		cmocka_unit_test(allowed_means_as_asked),
		cmocka_unit_test(
		    the_public_half_does_not_wrap_for_a_private_one_that_opens),
		cmocka_unit_test(no_role_comes_later),
		cmocka_unit_test(what_may_leave_under_which_key),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
