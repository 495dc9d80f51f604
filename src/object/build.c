/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/object.h"

#include "crypto/curve.h"
#include "crypto/der.h"
#include "object/internal.h"
#include "object/roles.h"

static const struct {
	unsigned must;
	unsigned not;
} by_origin[] = {
	[OBJECT_CREATED] = { RULE_CREATE_MUST, RULE_CREATE_NOT },
	[OBJECT_GENERATED] = { RULE_GENERATE_MUST, RULE_GENERATE_NOT },
	[OBJECT_DERIVED] = { 0, RULE_DERIVE_NOT },
	[OBJECT_UNWRAPPED] = { 0, RULE_UNWRAP_NOT },
};

/* What the call implies and the template says have to be the same. */
static CK_RV
agree(CK_ULONG implied, const struct attrs *tmpl, CK_ATTRIBUTE_TYPE type,
    CK_ULONG *out)
{
	CK_ULONG said = attrs_ulong(tmpl, type, implied);

	if (implied != CK_UNAVAILABLE_INFORMATION && said != implied)
		return CKR_TEMPLATE_INCONSISTENT;
	if (said == CK_UNAVAILABLE_INFORMATION)
		return CKR_TEMPLATE_INCOMPLETE;
	*out = said;
	return CKR_OK;
}

/* A derivation that names no type makes a generic secret (6.x, "if no key
 * type is provided in the template"). */
static CK_RV
agree_subtype(const struct object_plan *plan, const struct attrs *tmpl,
    CK_OBJECT_CLASS class, CK_ULONG *out)
{
	CK_ATTRIBUTE_TYPE type = rules_subtype(class);
	CK_ULONG implied = CK_UNAVAILABLE_INFORMATION;
	CK_RV rv = CKR_OK;

	*out = CK_UNAVAILABLE_INFORMATION;
	if (type == CK_UNAVAILABLE_INFORMATION)
		return CKR_OK;
	if (type == CKA_KEY_TYPE)
		implied = plan->key_type;
	rv = agree(implied, tmpl, type, out);
	if (rv == CKR_TEMPLATE_INCOMPLETE && class == CKO_SECRET_KEY &&
	    plan->origin == OBJECT_DERIVED) {
		*out = CKK_GENERIC_SECRET;
		rv = CKR_OK;
	}
	return rv;
}

/* Finds the rules and starts *out with the class and the subtype. */
static CK_RV
choose_rules(const struct object_plan *plan, const struct attrs *tmpl,
    const struct rules **rules, struct attrs *out)
{
	CK_ULONG class = 0, subtype = 0;
	CK_RV rv;

	if ((rv = agree(plan->class, tmpl, CKA_CLASS, &class)) != CKR_OK ||
	    (rv = agree_subtype(plan, tmpl, class, &subtype)) != CKR_OK)
		return rv;
	*rules = rules_find(class, subtype);
	if (*rules == NULL ||
	    ((*rules)->own && plan->origin != OBJECT_GENERATED))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if ((rv = attrs_set_ulong(out, CKA_CLASS, class)) == CKR_OK &&
	    subtype != CK_UNAVAILABLE_INFORMATION)
		rv = attrs_set_ulong(out, rules_subtype(class), subtype);
	return rv;
}

/* May a template of this origin hold this attribute? (4.1.1) */
static CK_RV
check_attr(const struct object_plan *plan, const struct rule *row,
    const struct attr *item)
{
	bool on = rules_asks_true(item);

	/* an attribute of other classes contradicts this one (4.1.1, 5) */
	if (row == NULL)
		return attr_known(item->type) ?
		    CKR_TEMPLATE_INCONSISTENT : CKR_ATTRIBUTE_TYPE_INVALID;
	if (row->flags & RULE_COMPUTED)
		return CKR_ATTRIBUTE_READ_ONLY;
	if (row->flags & by_origin[plan->origin].not)
		return CKR_TEMPLATE_INCONSISTENT;
	if (on && (row->flags & RULE_SO) && !plan->so)
		return CKR_ATTRIBUTE_READ_ONLY;
	if (on && (row->flags & RULE_FALSE))
		return CKR_TEMPLATE_INCONSISTENT;
	return CKR_OK;
}

static CK_RV
take_template(const struct object_plan *plan, const struct rules *rules,
    const struct attrs *tmpl, struct attrs *out)
{
	const struct rule *row;
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < tmpl->count && rv == CKR_OK; i++) {
		row = rules_get(rules, tmpl->list[i].type);
		rv = check_attr(plan, row, &tmpl->list[i]);
		if (rv == CKR_OK && !(row->flags & RULE_IGNORED))
			rv = attrs_put(out, &tmpl->list[i]);
	}
	return rv;
}

static CK_RV
check_required(const struct object_plan *plan, const struct rules *rules,
    const struct attrs *a)
{
	unsigned must = by_origin[plan->origin].must;
	const struct rule *row;
	size_t n;

	for (n = 0; (row = rules_row(rules, n)) != NULL; n++) {
		if (!(row->flags & must))
			continue;
		if (!attrs_has(a, row->type))
			return CKR_TEMPLATE_INCOMPLETE;
		if (attrs_view(a, row->type).len == 0)
			return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	return CKR_OK;
}

/* Does the template leave it to the token what the key may do? One that
 * only forbids uses does so for the others. */
static bool
asks_no_use(const struct attrs *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (rules_is_use(a->list[i].type) &&
		    attrs_bool(a, a->list[i].type, false))
			return false;
	return true;
}

static CK_RV
add_defaults(const struct rules *rules, struct attrs *a)
{
	bool idle = asks_no_use(a);
	const struct rule *row;
	CK_RV rv = CKR_OK;
	size_t n;

	for (n = 0; (row = rules_row(rules, n)) != NULL && rv == CKR_OK; n++)
		if (row->dflt != DEFAULT_NONE && !attrs_has(a, row->type))
			rv = rule_default(row, a, idle, a);
	return rv;
}

static bool
is_curve_name(struct view params)
{
	static const enum der_tag tags[] = {
		DER_OID, DER_PRINTABLE_STRING, DER_SEQUENCE,
	};
	struct view rest, content;
	size_t i;

	for (i = 0; i < ARRAY_LEN(tags); i++) {
		rest = params;
		if (der_take(&rest, tags[i], &content) == CKR_OK)
			return rest.len == 0 && content.len > 0;
	}
	return false;
}

/*
 * CKA_EC_PARAMS becomes the OID of the named curve, in whatever form it came:
 * programs compare the bytes and look them up. What is no such parameter at
 * all is another error than a curve that is not there (6.3).
 */
CK_RV
object_curve(struct attrs *a, const struct curve **curve)
{
	struct view params = attrs_view(a, CKA_EC_PARAMS);
	const struct curve *c = curve_by_params(params);

	if (c == NULL)
		return is_curve_name(params) ? CKR_CURVE_NOT_SUPPORTED :
		    CKR_DOMAIN_PARAMS_INVALID;
	*curve = c;
	return attrs_set(a, CKA_EC_PARAMS, c->params);
}

bool
object_is_soft(CK_KEY_TYPE type)
{
	return type == CKK_EC_EDWARDS || type == CKK_EC_MONTGOMERY;
}

CK_RV
object_soft_curve(struct attrs *a, const struct softkey_type **type)
{
	struct view params = attrs_view(a, CKA_EC_PARAMS);
	const struct softkey_type *t = softkey_by_params(params);
	struct buf oid = BUF_EMPTY;
	CK_RV rv;

	if (t == NULL || t->key_type != attrs_ulong(a, CKA_KEY_TYPE, CKK_EC))
		return is_curve_name(params) ? CKR_CURVE_NOT_SUPPORTED :
		    CKR_DOMAIN_PARAMS_INVALID;
	*type = t;
	if ((rv = softkey_params(t, &oid)) == CKR_OK)
		rv = attrs_set(a, CKA_EC_PARAMS, buf_view(&oid));
	buf_free(&oid);
	return rv;
}

/* The private value is a seed, and any is good that is as long. */
static CK_RV
check_soft(struct attrs *a)
{
	const struct softkey_type *t;
	CK_RV rv;

	if ((rv = object_soft_curve(a, &t)) != CKR_OK ||
	    !attrs_has(a, CKA_VALUE))
		return rv;
	return attrs_view(a, CKA_VALUE).len == t->seed ? CKR_OK :
	    CKR_ATTRIBUTE_VALUE_INVALID;
}

/* A private value d is from 1 to the order less one; the length is all that
 * shows here, the TPM finds the rest when it takes the key. */
static CK_RV
check_ec(struct attrs *a)
{
	const struct curve *c;
	struct view d;
	CK_RV rv;

	if ((rv = object_curve(a, &c)) != CKR_OK || !attrs_has(a, CKA_VALUE))
		return rv;
	d = attrs_view(a, CKA_VALUE);
	return view_is_zero(d) ||
	    (d.len > c->order && !view_is_zero(view_sub(d, 0,
	    d.len - c->order))) ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_OK;
}

static CK_RV
check_values(const struct rules *rules, struct attrs *a)
{
	if (attrs_has(a, CKA_EC_PARAMS))
		return object_is_soft(rules->subtype) ? check_soft(a) :
		    check_ec(a);
	if (rules->class == CKO_SECRET_KEY && attrs_has(a, CKA_VALUE_LEN) &&
	    !rules_length(rules, attrs_ulong(a, CKA_VALUE_LEN, 0)))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (rules->class == CKO_SECRET_KEY && attrs_has(a, CKA_VALUE) &&
	    !rules_length(rules, attrs_view(a, CKA_VALUE).len))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return CKR_OK;
}

/* 4.10: asking for the PIN at each use is for private objects. */
static CK_RV
check_consistent(const struct attrs *a)
{
	return rules_bool(a, CKA_ALWAYS_AUTHENTICATE) &&
	    !rules_bool(a, CKA_PRIVATE) ? CKR_TEMPLATE_INCONSISTENT : CKR_OK;
}

CK_RV
object_build(const struct object_plan *plan, const struct attrs *tmpl,
    struct attrs *out)
{
	struct attrs a = ATTRS_EMPTY;
	const struct rules *rules;
	CK_RV rv;

	if (plan->origin >= ARRAY_LEN(by_origin)) {
		rv = CKR_FUNCTION_FAILED;	/* that is object_copy */
		goto out;
	}
	if ((rv = choose_rules(plan, tmpl, &rules, &a)) != CKR_OK ||
	    (rv = take_template(plan, rules, tmpl, &a)) != CKR_OK ||
	    (rv = check_required(plan, rules, &a)) != CKR_OK ||
	    (rv = add_defaults(rules, &a)) != CKR_OK ||
	    (plan->apart && (rv = roles_settle(&a)) != CKR_OK) ||
	    (rv = check_values(rules, &a)) != CKR_OK ||
	    (rv = check_consistent(&a)) != CKR_OK)
		goto out;
	attrs_move(out, &a);
out:
	attrs_free(&a);
	return rv;
}

CK_RV
object_impose(const struct attrs *key, CK_ATTRIBUTE_TYPE which,
    const struct attrs *tmpl, struct attrs *out)
{
	const struct attr *ruled = attrs_get(key, which), *said;
	struct attrs whole = ATTRS_EMPTY;
	CK_RV rv;
	size_t i;

	if ((rv = attrs_copy(&whole, tmpl)) != CKR_OK)
		goto out;
	for (i = 0; ruled != NULL && ruled->nested != NULL &&
	    i < ruled->nested->count; i++) {
		said = attrs_get(tmpl, ruled->nested->list[i].type);
		if (said != NULL &&
		    !attr_equal(said, &ruled->nested->list[i])) {
			rv = CKR_TEMPLATE_INCONSISTENT;
			goto out;
		}
		if ((rv = attrs_put(&whole,
		    &ruled->nested->list[i])) != CKR_OK)
			goto out;
	}
	attrs_move(out, &whole);
out:
	attrs_free(&whole);
	return rv;
}
