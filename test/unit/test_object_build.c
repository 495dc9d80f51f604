/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#define PUB_EC U(CKA_CLASS, CKO_PUBLIC_KEY), U(CKA_KEY_TYPE, CKK_EC)
#define PRIV_EC U(CKA_CLASS, CKO_PRIVATE_KEY), U(CKA_KEY_TYPE, CKK_EC)
#define PUB_RSA U(CKA_CLASS, CKO_PUBLIC_KEY), U(CKA_KEY_TYPE, CKK_RSA)
#define PRIV_RSA U(CKA_CLASS, CKO_PRIVATE_KEY), U(CKA_KEY_TYPE, CKK_RSA)
#define AES U(CKA_CLASS, CKO_SECRET_KEY), U(CKA_KEY_TYPE, CKK_AES)
#define KEY16 S(CKA_VALUE, "0123456789abcdef")
#define EXP S(CKA_PUBLIC_EXPONENT, "\x01\x00\x01")
#define DEXP S(CKA_PRIVATE_EXPONENT, "d")
#define PARAMS S(CKA_EC_PARAMS, P256)

/* The whole template is good, and without any one entry it is incomplete. */
static void
all_needed(CK_ATTRIBUTE *tmpl, size_t count)
{
	CK_ATTRIBUTE less[8];
	size_t i;

	assert_true(count <= ARRAY_LEN(less));
	assert_int_equal(try_create(tmpl, count), CKR_OK);
	for (i = 0; i < count; i++) {
		memcpy(less, tmpl, i * sizeof(*tmpl));
		memcpy(less + i, tmpl + i + 1, (count - i - 1) * sizeof(*tmpl));
		if (try_create(less, count - 1) != CKR_TEMPLATE_INCOMPLETE)
			fail_msg("0x%lx is not asked for", tmpl[i].type);
	}
}

static void
create_asks_for_what_the_standard_requires(void **state)
{
	(void)state;
	all_needed(T(U(CKA_CLASS, CKO_DATA)));
	all_needed(T(PUB_EC, PARAMS, D(CKA_EC_POINT, der)));
	all_needed(T(PUB_RSA, D(CKA_MODULUS, modulus), EXP));
	all_needed(T(PRIV_EC, PARAMS, S(CKA_VALUE, "d")));
	all_needed(T(PRIV_RSA, D(CKA_MODULUS, modulus), EXP, DEXP));
	all_needed(T(AES, KEY16));
	all_needed(T(U(CKA_CLASS, CKO_CERTIFICATE),
	    U(CKA_CERTIFICATE_TYPE, CKC_X_509)));
	all_needed(T(U(CKA_CLASS, CKO_CERTIFICATE),
	    U(CKA_CERTIFICATE_TYPE, CKC_X_509_ATTR_CERT),
	    S(CKA_OWNER, "o")));
	all_needed(T(U(CKA_CLASS, CKO_CERTIFICATE),
	    U(CKA_CERTIFICATE_TYPE, CKC_WTLS), S(CKA_SUBJECT, "s")));
}

static void
empty_key_material_is_an_invalid_value(void **state)
{
	(void)state;
	assert_int_equal(try_create(T(AES, E(CKA_VALUE))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_create(T(PRIV_EC, PARAMS, E(CKA_VALUE))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_create(T(PRIV_EC, PARAMS,
	    S(CKA_VALUE, "\0\0"))), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_create(T(PRIV_EC, PARAMS, D(CKA_VALUE, raw))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_create(T(PUB_RSA, E(CKA_MODULUS), EXP)),
	    CKR_ATTRIBUTE_VALUE_INVALID);
}

/* What only the TPM can give, asked for in each origin that makes keys. */
static void
made_keys_refuse_key_material(void **state)
{
	static const enum object_origin origins[] = {
		OBJECT_GENERATED, OBJECT_DERIVED, OBJECT_UNWRAPPED,
	};
	static const struct {
		CK_OBJECT_CLASS class;
		CK_KEY_TYPE type;
		CK_ATTRIBUTE_TYPE given;
	} bad[] = {
		{ CKO_PRIVATE_KEY, CKK_RSA, CKA_MODULUS },
		{ CKO_PRIVATE_KEY, CKK_RSA, CKA_PRIVATE_EXPONENT },
		{ CKO_PRIVATE_KEY, CKK_RSA, CKA_PRIME_1 },
		{ CKO_PRIVATE_KEY, CKK_RSA, CKA_PRIME_2 },
		{ CKO_PRIVATE_KEY, CKK_RSA, CKA_EXPONENT_1 },
		{ CKO_PRIVATE_KEY, CKK_RSA, CKA_EXPONENT_2 },
		{ CKO_PRIVATE_KEY, CKK_RSA, CKA_COEFFICIENT },
		{ CKO_PRIVATE_KEY, CKK_EC, CKA_VALUE },
		{ CKO_PRIVATE_KEY, CKK_EC, CKA_EC_PARAMS },
		{ CKO_PRIVATE_KEY, CKK_EC, CKA_EC_POINT },
		{ CKO_PUBLIC_KEY, CKK_EC, CKA_EC_POINT },
		{ CKO_PUBLIC_KEY, CKK_RSA, CKA_MODULUS },
		{ CKO_SECRET_KEY, CKK_AES, CKA_VALUE },
		{ CKO_SECRET_KEY, CKK_GENERIC_SECRET, CKA_VALUE },
	};
	struct object_plan plan;
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_LEN(origins); i++)
		for (j = 0; j < ARRAY_LEN(bad); j++) {
			plan = plan_of(origins[i], bad[j].class, bad[j].type);
			if (try_build(&plan, T(S(bad[j].given,
			    "0123456789abcdef"))) !=
			    CKR_TEMPLATE_INCONSISTENT)
				fail_msg("origin %d: 0x%lx", (int)origins[i],
				    bad[j].given);
		}
}

static void
computed_attributes_are_read_only(void **state)
{
	(void)state;
	assert_int_equal(try_create(T(AES, KEY16, B(CKA_LOCAL, CK_FALSE))),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(try_create(T(AES, KEY16,
	    B(CKA_ALWAYS_SENSITIVE, CK_TRUE))), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(try_create(T(AES, KEY16,
	    B(CKA_NEVER_EXTRACTABLE, CK_TRUE))), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(try_create(T(AES, KEY16,
	    U(CKA_KEY_GEN_MECHANISM, CKM_AES_KEY_GEN))),
	    CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(try_create(T(U(CKA_CLASS, CKO_DATA),
	    S(CKA_UNIQUE_ID, "x"))), CKR_ATTRIBUTE_READ_ONLY);
}

static void
foreign_and_unknown_attributes_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(try_create(T(AES, KEY16, S(CKA_MODULUS, "m"))),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(try_create(T(U(CKA_CLASS, CKO_DATA),
	    U(CKA_KEY_TYPE, CKK_RSA))), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(try_create(T(AES, KEY16,
	    S(CKA_VENDOR_DEFINED | 0x1234, "m"))),
	    CKR_ATTRIBUTE_TYPE_INVALID);
	assert_int_equal(try_create(T(U(CKA_CLASS, CKO_DATA),
	    S(0x999, "m"))), CKR_ATTRIBUTE_TYPE_INVALID);
}

static void
classes_that_callers_cannot_make_are_invalid(void **state)
{
	static const CK_ULONG classes[] = {
		CKO_DOMAIN_PARAMETERS, CKO_HW_FEATURE, CKO_MECHANISM,
		CKO_PROFILE, CKO_VALIDATION, CKO_OTP_KEY, 0x4711,
		CKO_VENDOR_DEFINED | 3,
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(classes); i++)
		assert_int_equal(try_create(T(U(CKA_CLASS, classes[i]),
		    U(CKA_KEY_TYPE, CKK_EC), U(CKA_HW_FEATURE_TYPE,
		    CKH_CLOCK))), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_create(T(U(CKA_CLASS, CKO_SECRET_KEY),
	    U(CKA_KEY_TYPE, CKK_DES3), KEY16)), CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(try_create(T(U(CKA_CLASS, CKO_CERTIFICATE),
	    U(CKA_CERTIFICATE_TYPE, CKC_VENDOR_DEFINED))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
}

static void
the_module_makes_its_own_classes(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PROFILE, NONE);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(try_build(&plan, NULL, 0), CKR_TEMPLATE_INCOMPLETE);
	made(&plan, T(U(CKA_PROFILE_ID, CKP_BASELINE_PROVIDER)), &a);
	assert_flag(&a, CKA_TOKEN, true);
	assert_flag(&a, CKA_PRIVATE, false);
	assert_flag(&a, CKA_MODIFIABLE, false);
	assert_flag(&a, CKA_DESTROYABLE, false);
	assert_flag(&a, CKA_COPYABLE, false);
	attrs_free(&a);
}

static void
what_the_call_implies_may_be_repeated_not_contradicted(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PUBLIC_KEY,
	    CKK_EC);

	(void)state;
	assert_int_equal(try_build(&plan, T(PARAMS)), CKR_OK);
	assert_int_equal(try_build(&plan, T(PUB_EC, PARAMS,
	    B(CKA_TOKEN, CK_TRUE))), CKR_OK);
	assert_int_equal(try_build(&plan, T(PRIV_EC, PARAMS)),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(try_build(&plan, T(PUB_RSA, PARAMS)),
	    CKR_TEMPLATE_INCONSISTENT);
	plan = plan_of(OBJECT_DERIVED, CKO_SECRET_KEY, CKK_AES);
	assert_int_equal(try_build(&plan, T(U(CKA_KEY_TYPE, CKK_HKDF))),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(try_build(&plan, T(U(CKA_CLASS, CKO_DATA))),
	    CKR_TEMPLATE_INCONSISTENT);
}

static void
generation_asks_for_sizes_and_curves(void **state)
{
	struct object_plan ec = plan_of(OBJECT_GENERATED, CKO_PUBLIC_KEY,
	    CKK_EC);
	struct object_plan rsa = plan_of(OBJECT_GENERATED, CKO_PUBLIC_KEY,
	    CKK_RSA);
	struct object_plan aes = plan_of(OBJECT_GENERATED, CKO_SECRET_KEY,
	    CKK_AES);

	(void)state;
	assert_int_equal(try_build(&ec, NULL, 0), CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_build(&rsa, T(EXP)), CKR_TEMPLATE_INCOMPLETE);
	assert_int_equal(try_build(&rsa, T(U(CKA_MODULUS_BITS, 2048))),
	    CKR_OK);
	assert_int_equal(try_build(&rsa, T(U(CKA_MODULUS_BITS, 2048),
	    S(CKA_PUBLIC_EXPONENT, "\x00\x01\x00\x01"))), CKR_OK);
	assert_int_equal(try_build(&aes, NULL, 0), CKR_TEMPLATE_INCOMPLETE);
}

static void
aes_keys_have_16_24_or_32_bytes(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_SECRET_KEY,
	    CKK_AES);
	CK_ULONG len;
	CK_RV want;

	(void)state;
	for (len = 0; len < 70; len++) {
		want = len == 16 || len == 24 || len == 32 ?
		    CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
		assert_int_equal(try_build(&plan, T(U(CKA_VALUE_LEN, len))),
		    want);
		assert_int_equal(try_create(T(AES,
		    { CKA_VALUE, data.modulus.data, len })), want);
	}
}

static void
curves_are_kept_by_their_oid(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PUBLIC_KEY,
	    CKK_EC);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(build(&plan, T(S(CKA_EC_PARAMS,
	    "\x13\x09secp256r1")), &a), CKR_OK);
	assert_value(&a, CKA_EC_PARAMS, view_str(P256));
	attrs_free(&a);
	/* brainpoolP256r1 */
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS,
	    "\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07"))),
	    CKR_CURVE_NOT_SUPPORTED);
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, "P-256"))),
	    CKR_DOMAIN_PARAMS_INVALID);
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, "\x05\x00"))),
	    CKR_DOMAIN_PARAMS_INVALID);
}

#define ED25519 "\x06\x03\x2b\x65\x70"
#define ED25519_NAME "\x13\x0c" "edwards25519"
#define X25519 "\x06\x03\x2b\x65\x6e"

static void
each_key_type_has_its_own_curves(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PUBLIC_KEY,
	    CKK_EC_EDWARDS);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(build(&plan, T(S(CKA_EC_PARAMS, ED25519_NAME)), &a),
	    CKR_OK);
	assert_value(&a, CKA_EC_PARAMS, view_str(ED25519));
	attrs_free(&a);
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, X25519))),
	    CKR_CURVE_NOT_SUPPORTED);
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, P256))),
	    CKR_CURVE_NOT_SUPPORTED);
	plan.key_type = CKK_EC_MONTGOMERY;
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, X25519))),
	    CKR_OK);
	plan.key_type = CKK_EC;
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, ED25519))),
	    CKR_CURVE_NOT_SUPPORTED);
	plan = plan_of(OBJECT_CREATED, CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY);
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, X25519),
	    S(CKA_VALUE, "a seed that has thirty-two bytes"))), CKR_OK);
	assert_int_equal(try_build(&plan, T(S(CKA_EC_PARAMS, X25519),
	    S(CKA_VALUE, "a seed of another length"))),
	    CKR_ATTRIBUTE_VALUE_INVALID);
}

static void
only_the_so_makes_something_trusted(void **state)
{
	struct object_plan plan = plan_of(OBJECT_CREATED, NONE, NONE);

	(void)state;
	assert_int_equal(try_build(&plan, T(AES, KEY16,
	    B(CKA_TRUSTED, CK_TRUE))), CKR_ATTRIBUTE_READ_ONLY);
	assert_int_equal(try_build(&plan, T(AES, KEY16,
	    B(CKA_TRUSTED, CK_FALSE))), CKR_OK);
	plan.so = true;
	assert_int_equal(try_build(&plan, T(AES, KEY16,
	    B(CKA_TRUSTED, CK_TRUE))), CKR_OK);
}

static void
a_private_key_is_never_extractable(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PRIVATE_KEY,
	    CKK_EC);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(try_build(&plan, T(B(CKA_EXTRACTABLE, CK_TRUE))),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(try_create(T(PRIV_EC, PARAMS, S(CKA_VALUE, "d"),
	    B(CKA_EXTRACTABLE, CK_TRUE))), CKR_TEMPLATE_INCONSISTENT);
	/* NSS asks for insensitive session pairs and may have them */
	made(&plan, T(B(CKA_SENSITIVE, CK_FALSE),
	    B(CKA_EXTRACTABLE, CK_FALSE)), &a);
	assert_flag(&a, CKA_SENSITIVE, false);
	assert_flag(&a, CKA_EXTRACTABLE, false);
	assert_flag(&a, CKA_ALWAYS_SENSITIVE, false);
	assert_flag(&a, CKA_NEVER_EXTRACTABLE, true);
	attrs_free(&a);
}

static void
always_authenticate_is_for_private_objects(void **state)
{
	struct object_plan plan = plan_of(OBJECT_GENERATED, CKO_PRIVATE_KEY,
	    CKK_RSA);

	(void)state;
	assert_int_equal(try_build(&plan, T(
	    B(CKA_ALWAYS_AUTHENTICATE, CK_TRUE))), CKR_OK);
	assert_int_equal(try_build(&plan, T(B(CKA_PRIVATE, CK_FALSE),
	    B(CKA_ALWAYS_AUTHENTICATE, CK_TRUE))),
	    CKR_TEMPLATE_INCONSISTENT);
}

static void
defaults_by_class(void **state)
{
	struct attrs pub = ATTRS_EMPTY, priv = ATTRS_EMPTY;

	(void)state;
	generated_pair(T(PARAMS), NULL, 0, &pub, &priv);
	assert_flag(&pub, CKA_TOKEN, false);
	assert_flag(&pub, CKA_PRIVATE, false);
	assert_flag(&priv, CKA_PRIVATE, true);
	assert_flag(&priv, CKA_MODIFIABLE, true);
	assert_flag(&priv, CKA_COPYABLE, true);
	assert_flag(&priv, CKA_DESTROYABLE, true);
	assert_flag(&priv, CKA_SENSITIVE, true);
	assert_flag(&priv, CKA_EXTRACTABLE, false);
	assert_flag(&priv, CKA_WRAP_WITH_TRUSTED, false);
	assert_flag(&priv, CKA_ALWAYS_AUTHENTICATE, false);
	assert_flag(&pub, CKA_TRUSTED, false);
	assert_value(&pub, CKA_ID, VIEW_EMPTY);
	assert_value(&priv, CKA_LABEL, VIEW_EMPTY);
	assert_value(&priv, CKA_SUBJECT, VIEW_EMPTY);
	assert_value(&priv, CKA_START_DATE, VIEW_EMPTY);
	assert_value(&priv, CKA_END_DATE, VIEW_EMPTY);
	assert_value(&priv, CKA_ALLOWED_MECHANISMS, VIEW_EMPTY);
	attrs_free(&pub);
	attrs_free(&priv);
	created(T(U(CKA_CLASS, CKO_DATA)), &pub);
	assert_flag(&pub, CKA_PRIVATE, false);
	assert_value(&pub, CKA_VALUE, VIEW_EMPTY);
	assert_value(&pub, CKA_APPLICATION, VIEW_EMPTY);
	assert_value(&pub, CKA_OBJECT_ID, VIEW_EMPTY);
	attrs_free(&pub);
}

/* What a secret of this origin is without and with CKA_SENSITIVE false. */
static void
secret_policy(enum object_origin origin, CK_ATTRIBUTE extra, bool token)
{
	struct object_plan plan = plan_of(origin, CKO_SECRET_KEY, CKK_AES);
	struct attrs a = ATTRS_EMPTY;

	assert_int_equal(build(&plan, T(B(CKA_TOKEN, token), extra), &a),
	    CKR_OK);
	assert_flag(&a, CKA_SENSITIVE, token);
	assert_flag(&a, CKA_EXTRACTABLE, !token);
	attrs_free(&a);
	/* who wants to see it may take it out */
	assert_int_equal(build(&plan, T(B(CKA_TOKEN, token),
	    B(CKA_SENSITIVE, CK_FALSE), extra), &a), CKR_OK);
	assert_flag(&a, CKA_SENSITIVE, false);
	assert_flag(&a, CKA_EXTRACTABLE, true);
	attrs_free(&a);
	/* what is sensitive in a session may still be wrapped */
	assert_int_equal(build(&plan, T(B(CKA_TOKEN, token),
	    B(CKA_SENSITIVE, CK_TRUE), extra), &a), CKR_OK);
	assert_flag(&a, CKA_SENSITIVE, true);
	assert_flag(&a, CKA_EXTRACTABLE, !token);
	attrs_free(&a);
}

static void
secrets_are_open_in_sessions_and_closed_in_tokens(void **state)
{
	const struct {
		enum object_origin origin;
		CK_ATTRIBUTE extra;
	} origins[] = {
		{ OBJECT_CREATED, KEY16 },
		{ OBJECT_GENERATED, U(CKA_VALUE_LEN, 16) },
		{ OBJECT_DERIVED, U(CKA_VALUE_LEN, 32) },
		{ OBJECT_UNWRAPPED, E(CKA_LABEL) },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(origins); i++) {
		secret_policy(origins[i].origin, origins[i].extra, false);
		secret_policy(origins[i].origin, origins[i].extra, true);
	}
}

/* The uses of a key, as a string of those that are allowed. */
static void
assert_uses(const struct attrs *a, const char *want)
{
	static const struct {
		CK_ATTRIBUTE_TYPE type;
		char letter;
	} uses[] = {
		{ CKA_ENCRYPT, 'e' }, { CKA_DECRYPT, 'd' }, { CKA_SIGN, 's' },
		{ CKA_SIGN_RECOVER, 'r' }, { CKA_VERIFY, 'v' },
		{ CKA_VERIFY_RECOVER, 'c' }, { CKA_WRAP, 'w' },
		{ CKA_UNWRAP, 'u' }, { CKA_DERIVE, 'x' },
		{ CKA_ENCAPSULATE, 'n' }, { CKA_DECAPSULATE, 'k' },
	};
	char got[ARRAY_LEN(uses) + 1] = "";
	size_t i, n = 0;

	for (i = 0; i < ARRAY_LEN(uses); i++)
		if (attrs_bool(a, uses[i].type, false))
			got[n++] = uses[i].letter;
	got[n] = '\0';
	assert_string_equal(got, want);
}

static void
uses_for(CK_OBJECT_CLASS class, CK_KEY_TYPE type, CK_ATTRIBUTE *tmpl,
    size_t count, const char *want)
{
	struct object_plan plan = plan_of(OBJECT_UNWRAPPED, class, type);
	struct attrs a = ATTRS_EMPTY;

	assert_int_equal(build(&plan, tmpl, count, &a), CKR_OK);
	assert_uses(&a, want);
	attrs_free(&a);
}

static void
a_key_that_asks_for_no_use_gets_those_of_its_type(void **state)
{
	(void)state;
	uses_for(CKO_PUBLIC_KEY, CKK_RSA, NULL, 0, "evcw");
	uses_for(CKO_PRIVATE_KEY, CKK_RSA, NULL, 0, "dsru");
	uses_for(CKO_PUBLIC_KEY, CKK_EC, NULL, 0, "vn");
	uses_for(CKO_PRIVATE_KEY, CKK_EC, NULL, 0, "sxk");
	uses_for(CKO_SECRET_KEY, CKK_AES, NULL, 0, "edsvwu");
	uses_for(CKO_SECRET_KEY, CKK_GENERIC_SECRET, NULL, 0, "svx");
	uses_for(CKO_SECRET_KEY, CKK_SHA256_HMAC, NULL, 0, "svx");
	/* asking for one use asks for no other */
	uses_for(CKO_PRIVATE_KEY, CKK_RSA, T(B(CKA_SIGN, CK_TRUE)), "s");
	uses_for(CKO_PRIVATE_KEY, CKK_EC, T(B(CKA_DERIVE, CK_TRUE)), "x");
	/* forbidding one use leaves the others */
	uses_for(CKO_PRIVATE_KEY, CKK_RSA, T(B(CKA_DECRYPT, CK_FALSE)),
	    "sru");
}

static void
uses_are_taken_in_any_mix_on_any_key(void **state)
{
	static const CK_ATTRIBUTE_TYPE uses[] = {
		CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_SIGN_RECOVER,
		CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_WRAP, CKA_UNWRAP,
		CKA_DERIVE,
	};
	const struct rules *r;
	struct object_plan plan;
	CK_BBOOL on;
	size_t i, j;

	(void)state;
	for (i = 0; (r = rules_nth(i)) != NULL; i++) {
		if (rules_subtype(r->class) != CKA_KEY_TYPE)
			continue;
		plan = plan_of(OBJECT_UNWRAPPED, r->class, r->subtype);
		for (j = 0; j < ARRAY_LEN(uses); j++)
			for (on = CK_FALSE; on <= CK_TRUE; on++)
				assert_int_equal(try_build(&plan,
				    T(B(uses[j], on))), CKR_OK);
	}
	/* the other half's use is no use of this one */
	uses_for(CKO_PUBLIC_KEY, CKK_EC, T(B(CKA_SIGN, CK_TRUE),
	    B(CKA_VERIFY, CK_TRUE)), "v");
	uses_for(CKO_PRIVATE_KEY, CKK_EC, T(B(CKA_UNWRAP, CK_TRUE),
	    B(CKA_WRAP, CK_TRUE)), "u");
}

static void
a_derivation_without_a_type_makes_a_generic_secret(void **state)
{
	struct object_plan plan = plan_of(OBJECT_DERIVED, CKO_SECRET_KEY,
	    NONE);
	struct attrs a = ATTRS_EMPTY;

	(void)state;
	assert_int_equal(build(&plan, NULL, 0, &a), CKR_OK);
	assert_number(&a, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
	attrs_free(&a);
	plan.origin = OBJECT_UNWRAPPED;
	assert_int_equal(try_build(&plan, NULL, 0), CKR_TEMPLATE_INCOMPLETE);
	/* CKM_HKDF_DATA */
	plan = plan_of(OBJECT_DERIVED, CKO_DATA, NONE);
	assert_int_equal(build(&plan, T(U(CKA_VALUE_LEN, 5)), &a), CKR_OK);
	assert_int_equal(attrs_set(&a, CKA_VALUE, view_str("12345")), CKR_OK);
	assert_int_equal(object_finish(&plan, &a), CKR_OK);
	assert_false(attrs_has(&a, CKA_VALUE_LEN));
	attrs_free(&a);
}

static void
a_key_imposes_its_template(void **state)
{
	CK_ATTRIBUTE inner[] = { B(CKA_EXTRACTABLE, CK_FALSE),
	    S(CKA_LABEL, "x") };
	struct attrs key = ATTRS_EMPTY, t = ATTRS_EMPTY, out = ATTRS_EMPTY;

	(void)state;
	created(T(AES, KEY16, { CKA_UNWRAP_TEMPLATE, inner,
	    sizeof(inner) }), &key);
	assert_int_equal(attrs_set_bool(&t, CKA_SENSITIVE, true), CKR_OK);
	assert_int_equal(object_impose(&key, CKA_UNWRAP_TEMPLATE, &t, &out),
	    CKR_OK);
	assert_int_equal(out.count, 3);
	assert_flag(&out, CKA_EXTRACTABLE, false);
	assert_value(&out, CKA_LABEL, view_str("x"));
	attrs_free(&out);
	assert_int_equal(object_impose(&key, CKA_DERIVE_TEMPLATE, &t, &out),
	    CKR_OK);
	assert_int_equal(out.count, 1);
	attrs_free(&out);
	assert_int_equal(attrs_set_bool(&t, CKA_EXTRACTABLE, true), CKR_OK);
	assert_int_equal(object_impose(&key, CKA_UNWRAP_TEMPLATE, &t, &out),
	    CKR_TEMPLATE_INCONSISTENT);
	attrs_free(&t);
	attrs_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_asks_for_what_the_standard_requires),
		cmocka_unit_test(empty_key_material_is_an_invalid_value),
		cmocka_unit_test(made_keys_refuse_key_material),
		cmocka_unit_test(computed_attributes_are_read_only),
		cmocka_unit_test(
		    foreign_and_unknown_attributes_are_told_apart),
		cmocka_unit_test(
		    classes_that_callers_cannot_make_are_invalid),
		cmocka_unit_test(the_module_makes_its_own_classes),
		cmocka_unit_test(
		    what_the_call_implies_may_be_repeated_not_contradicted),
		cmocka_unit_test(generation_asks_for_sizes_and_curves),
		cmocka_unit_test(aes_keys_have_16_24_or_32_bytes),
		cmocka_unit_test(curves_are_kept_by_their_oid),
		cmocka_unit_test(each_key_type_has_its_own_curves),
		cmocka_unit_test(only_the_so_makes_something_trusted),
		cmocka_unit_test(a_private_key_is_never_extractable),
		cmocka_unit_test(always_authenticate_is_for_private_objects),
		cmocka_unit_test(defaults_by_class),
		cmocka_unit_test(
		    secrets_are_open_in_sessions_and_closed_in_tokens),
		cmocka_unit_test(
		    a_key_that_asks_for_no_use_gets_those_of_its_type),
		cmocka_unit_test(uses_are_taken_in_any_mix_on_any_key),
		cmocka_unit_test(
		    a_derivation_without_a_type_makes_a_generic_secret),
		cmocka_unit_test(a_key_imposes_its_template),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
