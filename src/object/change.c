/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/object.h"

#include "object/internal.h"

/* May a boolean go from what it is to what is asked? */
static CK_RV
check_direction(const struct attrs *a, const struct rule *row,
    const struct attr *item, bool so)
{
	bool is = rules_bool(a, row->type);
	bool wanted = rules_asks_true(item);

	if (attr_kind(row->type) != ATTR_BOOL || is == wanted)
		return CKR_OK;
	if ((row->flags & RULE_STAYS_TRUE) && is)
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((row->flags & RULE_STAYS_FALSE) && !is)
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((row->flags & RULE_SO) && wanted && !so)
		return CKR_ATTRIBUTE_READ_ONLY;
	return CKR_OK;
}

/*
 * The value of a computed attribute cannot be changed; that a caller repeats
 * it (CKA_PUBLIC_KEY_INFO) or does without it (CKA_CHECK_VALUE) is allowed.
 */
static CK_RV
check_computed(const struct attrs *a, const struct rule *row,
    const struct attr *item)
{
	if ((row->flags & RULE_SAME) && !view_equal(buf_view(&item->value),
	    attrs_view(a, row->type)))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if ((row->flags & RULE_CLEAR) && item->value.len > 0)
		return CKR_ATTRIBUTE_READ_ONLY;
	return CKR_OK;
}

static CK_RV
change_one(const struct attrs *a, const struct rules *rules,
    const struct attr *item, unsigned how, bool so)
{
	const struct rule *row = rules_get(rules, item->type);
	CK_RV rv;

	if (row == NULL || (row->flags & RULE_TRANSIENT))
		return CKR_ATTRIBUTE_TYPE_INVALID;
	if (row->flags & RULE_IGNORED)
		return CKR_OK;
	if (!(row->flags & (how | RULE_CLEAR)))
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((rv = check_direction(a, row, item, so)) != CKR_OK)
		return rv;
	return check_computed(a, row, item);
}

/* What the SO vouches for stays as it was vouched for (4.6.2). */
static bool
vouched(const struct rules *rules, const struct attrs *a, bool so)
{
	return rules->class == CKO_CERTIFICATE &&
	    rules_bool(a, CKA_TRUSTED) && !so;
}

static CK_RV
apply(const struct rules *rules, const struct attrs *a,
    const struct attrs *changes, struct attrs *out)
{
	struct attrs next = ATTRS_EMPTY;
	const struct attr *item;
	size_t i;
	CK_RV rv;

	if ((rv = attrs_copy(&next, a)) != CKR_OK)
		goto out;
	for (i = 0; i < changes->count; i++) {
		item = &changes->list[i];
		if (rules_get(rules, item->type)->flags & RULE_IGNORED)
			continue;
		if ((rv = attrs_put(&next, item)) != CKR_OK)
			goto out;
	}
	attrs_move(out, &next);
out:
	attrs_free(&next);
	return rv;
}

CK_RV
object_change(const struct attrs *a, const struct attrs *changes, bool so,
    struct attrs *out)
{
	const struct rules *rules = rules_of(a);
	CK_RV rv = CKR_OK;
	size_t i;

	if (rules == NULL || !rules_bool(a, CKA_MODIFIABLE) ||
	    vouched(rules, a, so))
		return CKR_ACTION_PROHIBITED;
	for (i = 0; i < changes->count && rv == CKR_OK; i++)
		rv = change_one(a, rules, &changes->list[i], RULE_SET, so);
	return rv == CKR_OK ? apply(rules, a, changes, out) : rv;
}

/*
 * Saying what the original already is changes nothing, and programs repeat
 * the class and type of a key. Not so for a secret: it would be an oracle.
 */
static bool
repeats(const struct attrs *a, const struct rules *rules,
    const struct attr *item)
{
	const struct rule *row = rules_get(rules, item->type);
	const struct attr *have = attrs_get(a, item->type);

	return row != NULL && have != NULL && !(row->flags & RULE_SECRET) &&
	    attr_equal(have, item);
}

/* A copy for all to see would undo what CKA_PRIVATE is for. */
static CK_RV
check_privacy(const struct attrs *a, const struct attr *item)
{
	return item->type == CKA_PRIVATE && rules_bool(a, CKA_PRIVATE) &&
	    !rules_asks_true(item) ? CKR_TEMPLATE_INCONSISTENT : CKR_OK;
}

static CK_RV
check_copy(const struct attrs *a, const struct rules *rules,
    const struct attrs *tmpl, bool so)
{
	const struct attr *item;
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < tmpl->count && rv == CKR_OK; i++) {
		item = &tmpl->list[i];
		if (repeats(a, rules, item))
			continue;
		if ((rv = check_privacy(a, item)) == CKR_OK)
			rv = change_one(a, rules, item,
			    RULE_SET | RULE_COPY, so);
		if (rv == CKR_OK && vouched(rules, a, so) &&
		    (rules_get(rules, item->type)->flags & RULE_SET))
			rv = CKR_ACTION_PROHIBITED;
	}
	return rv;
}

CK_RV
object_copy(const struct attrs *a, const struct attrs *tmpl, bool so,
    struct attrs *out)
{
	const struct rules *rules = rules_of(a);
	struct attrs next = ATTRS_EMPTY;
	CK_RV rv;

	if (rules == NULL || !rules_bool(a, CKA_COPYABLE)) {
		rv = CKR_ACTION_PROHIBITED;
		goto out;
	}
	if ((rv = check_copy(a, rules, tmpl, so)) != CKR_OK ||
	    (rv = apply(rules, a, tmpl, &next)) != CKR_OK ||
	    (rv = object_unique_id(&next)) != CKR_OK)
		goto out;
	attrs_move(out, &next);
out:
	attrs_free(&next);
	return rv;
}
