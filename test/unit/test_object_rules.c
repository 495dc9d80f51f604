/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

/* Call f for each row of each class. */
static void
each_row(void (*f)(const struct rules *, const struct rule *))
{
	const struct rules *r;
	const struct rule *row;
	size_t i, n, rows = 0;

	for (i = 0; (r = rules_nth(i)) != NULL; i++)
		for (n = 0; (row = rules_row(r, n)) != NULL; n++, rows++)
			f(r, row);
	/* the loops did run */
	assert_true(i >= 25);
	assert_true(rows > 700);
}

static void
is_known(const struct rules *r, const struct rule *row)
{
	if (!attr_known(row->type))
		fail_msg("class %lu: 0x%lx", r->class, row->type);
}

static void
each_attribute_has_a_kind(void **state)
{
	(void)state;
	each_row(is_known);
}

static void
is_once(const struct rules *r, const struct rule *row)
{
	const struct rule *other;
	size_t n, seen = 0;

	for (n = 0; (other = rules_row(r, n)) != NULL; n++)
		seen += other->type == row->type;
	if (seen != 1 || rules_get(r, row->type) != row)
		fail_msg("class %lu, type %lu: 0x%lx stands %zu times",
		    r->class, r->subtype, row->type, seen);
}

static void
no_attribute_stands_twice_in_a_class(void **state)
{
	(void)state;
	each_row(is_once);
}

static bool
both(const struct rule *row, unsigned a, unsigned b)
{
	return (row->flags & a) && (row->flags & b);
}

static void
is_sound(const struct rules *r, const struct rule *row)
{
	bool flag = attr_kind(row->type) == ATTR_BOOL;
	bool bad = false;

	bad |= both(row, RULE_CREATE_MUST, RULE_CREATE_NOT);
	bad |= both(row, RULE_GENERATE_MUST, RULE_GENERATE_NOT);
	bad |= both(row, RULE_SET, RULE_COPY);
	bad |= both(row, RULE_COMPUTED, RULE_CREATE_MUST | RULE_SET |
	    RULE_COPY | RULE_GENERATE_MUST);
	bad |= both(row, RULE_IGNORED, ~(unsigned)RULE_IGNORED);
	bad |= both(row, RULE_SECRET, RULE_SET | RULE_COPY);
	/* directions are for booleans that can be changed at all */
	bad |= (row->flags & (RULE_STAYS_TRUE | RULE_STAYS_FALSE | RULE_SO |
	    RULE_FALSE)) && !flag;
	bad |= (row->flags & (RULE_STAYS_TRUE | RULE_STAYS_FALSE)) &&
	    !(row->flags & (RULE_SET | RULE_COPY));
	bad |= both(row, RULE_STAYS_TRUE, RULE_STAYS_FALSE);
	if (bad)
		fail_msg("class %lu, type %lu: 0x%lx has flags 0x%x",
		    r->class, r->subtype, row->type, row->flags);
}

static void
flags_of_a_row_do_not_contradict(void **state)
{
	(void)state;
	each_row(is_sound);
}

static void
default_fits(const struct rules *r, const struct rule *row)
{
	enum attr_kind kind = attr_kind(row->type);
	bool good = true;

	if (row->dflt == DEFAULT_EMPTY)
		good = kind != ATTR_BOOL && kind != ATTR_ULONG &&
		    kind != ATTR_TEMPLATE;
	if (row->dflt == DEFAULT_VALUE)
		good = (kind == ATTR_BOOL && row->value <= CK_TRUE) ||
		    kind == ATTR_ULONG;
	if (row->dflt > DEFAULT_VALUE)
		good = kind == ATTR_BOOL;
	if (row->dflt == DEFAULT_USE)
		good = good && rules_is_use(row->type);
	/* whatever a caller may leave out is there, but for templates and
	 * what the making of the object gives */
	if (kind == ATTR_BOOL && row->dflt == DEFAULT_NONE)
		good = row->flags & RULE_IGNORED;
	if (!good)
		fail_msg("class %lu, type %lu: default of 0x%lx",
		    r->class, r->subtype, row->type);
}

static void
each_default_has_the_kind_of_its_attribute(void **state)
{
	(void)state;
	each_row(default_fits);
}

static void
each_class_is_found_by_its_own_attributes(void **state)
{
	const struct rules *r;
	struct attrs a = ATTRS_EMPTY;
	CK_ATTRIBUTE_TYPE sub;
	size_t i;

	(void)state;
	for (i = 0; (r = rules_nth(i)) != NULL; i++) {
		sub = rules_subtype(r->class);
		assert_int_equal(attrs_set_ulong(&a, CKA_CLASS, r->class),
		    CKR_OK);
		if (sub != NONE)
			assert_int_equal(attrs_set_ulong(&a, sub,
			    r->subtype), CKR_OK);
		assert_ptr_equal(rules_of(&a), r);
		assert_ptr_equal(rules_find(r->class, r->subtype), r);
		assert_non_null(rules_get(r, CKA_CLASS));
		if (sub != NONE)
			assert_non_null(rules_get(r, sub));
		attrs_free(&a);
	}
	assert_null(rules_find(CKO_DOMAIN_PARAMETERS, CKK_EC));
	assert_null(rules_find(CKO_SECRET_KEY, CKK_DES));
	assert_null(rules_find(CKO_VENDOR_DEFINED, NONE));
	assert_null(rules_of(&a));
}

/* CLIENTS.md, "always readable on keys", by class. */
static const CK_ATTRIBUTE_TYPE on_keys[] = {
	CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE, CKA_LABEL, CKA_ID,
	CKA_KEY_TYPE, CKA_LOCAL, CKA_DERIVE, CKA_ALLOWED_MECHANISMS,
	CKA_KEY_GEN_MECHANISM, CKA_START_DATE, CKA_END_DATE, CKA_UNIQUE_ID,
};
static const CK_ATTRIBUTE_TYPE on_public[] = {
	CKA_VERIFY, CKA_VERIFY_RECOVER, CKA_ENCRYPT, CKA_WRAP, CKA_SUBJECT,
	CKA_PUBLIC_KEY_INFO, CKA_TRUSTED,
};
static const CK_ATTRIBUTE_TYPE on_private[] = {
	CKA_SIGN, CKA_SIGN_RECOVER, CKA_DECRYPT, CKA_UNWRAP, CKA_SENSITIVE,
	CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
	CKA_ALWAYS_AUTHENTICATE, CKA_SUBJECT, CKA_PUBLIC_KEY_INFO,
	CKA_WRAP_WITH_TRUSTED,
};
static const CK_ATTRIBUTE_TYPE on_secret[] = {
	CKA_SIGN, CKA_VERIFY, CKA_ENCRYPT, CKA_DECRYPT, CKA_WRAP, CKA_UNWRAP,
	CKA_SENSITIVE, CKA_EXTRACTABLE, CKA_ALWAYS_SENSITIVE,
	CKA_NEVER_EXTRACTABLE, CKA_VALUE_LEN, CKA_CHECK_VALUE, CKA_TRUSTED,
};

static void
has_all(const struct rules *r, const CK_ATTRIBUTE_TYPE *types, size_t count)
{
	const struct rule *row;
	size_t i;

	for (i = 0; i < count; i++) {
		row = rules_get(r, types[i]);
		if (row == NULL || (row->flags & RULE_IGNORED))
			fail_msg("class %lu, type %lu: no 0x%lx", r->class,
			    r->subtype, types[i]);
	}
}

static void
keys_have_the_attributes_that_clients_read(void **state)
{
	static const struct {
		CK_OBJECT_CLASS class;
		const CK_ATTRIBUTE_TYPE *types;
		size_t count;
	} classes[] = {
		{ CKO_PUBLIC_KEY, on_public, ARRAY_LEN(on_public) },
		{ CKO_PRIVATE_KEY, on_private, ARRAY_LEN(on_private) },
		{ CKO_SECRET_KEY, on_secret, ARRAY_LEN(on_secret) },
	};
	const struct rules *r;
	size_t i, j;

	(void)state;
	for (i = 0; (r = rules_nth(i)) != NULL; i++)
		for (j = 0; j < ARRAY_LEN(classes); j++)
			if (r->class == classes[j].class) {
				has_all(r, on_keys, ARRAY_LEN(on_keys));
				has_all(r, classes[j].types,
				    classes[j].count);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_attribute_has_a_kind),
		cmocka_unit_test(no_attribute_stands_twice_in_a_class),
		cmocka_unit_test(flags_of_a_row_do_not_contradict),
		cmocka_unit_test(each_default_has_the_kind_of_its_attribute),
		cmocka_unit_test(each_class_is_found_by_its_own_attributes),
		cmocka_unit_test(keys_have_the_attributes_that_clients_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
