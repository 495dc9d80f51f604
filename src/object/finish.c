/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/object.h"

#include "crypto/aes.h"
#include "crypto/crypto.h"
#include "crypto/digest.h"
#include "object/internal.h"

enum { CHECK_LEN = 3, AES_BLOCK = 16, UUID_LEN = 16 };

/* The first block that AES in ECB mode makes of zeros: as CFB with a zero
 * IV, which encrypts the IV and adds zeros, makes it. */
static CK_RV
check_aes(struct view value, struct buf *out)
{
	static const uint8_t iv[AES_BLOCK];
	CK_RV rv;

	if ((rv = buf_resize(out, AES_BLOCK)) != CKR_OK)
		return rv;
	return aes_cfb_encrypt(value, iv, out->data, out->len);
}

static CK_RV
check_other(struct view value, struct buf *out)
{
	return digest_once(hash_by_mech(CKM_SHA_1), &value, 1, out);
}

/*
 * A stated check value has to be right; an empty one asks for none. A secret
 * whose value only the TPM has gets none, and none can be checked.
 */
CK_RV
object_check_value(const struct rules *rules, struct attrs *a)
{
	bool aes = rules->class == CKO_SECRET_KEY && rules->subtype == CKK_AES;
	struct view value = attrs_view(a, CKA_VALUE);
	const struct attr *said = attrs_get(a, CKA_CHECK_VALUE);
	struct buf sum = BUF_EMPTY;
	struct view check;
	CK_RV rv = CKR_OK;

	if (value.len == 0 || (said != NULL && said->value.len == 0)) {
		rv = attrs_set(a, CKA_CHECK_VALUE, VIEW_EMPTY);
		goto out;
	}
	rv = aes ? check_aes(value, &sum) : check_other(value, &sum);
	if (rv != CKR_OK)
		goto out;
	check = view_sub(buf_view(&sum), 0, CHECK_LEN);
	if (said != NULL && !view_equal(buf_view(&said->value), check)) {
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
		goto out;
	}
	rv = attrs_set(a, CKA_CHECK_VALUE, check);
out:
	buf_free(&sum);
	return rv;
}

/* A random (version 4) UUID as text. */
CK_RV
object_unique_id(struct attrs *a)
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 };
	uint8_t id[UUID_LEN];
	struct buf text = BUF_EMPTY;
	size_t i, at = 0;
	CK_RV rv;

	if ((rv = crypto_random(id, sizeof(id))) != CKR_OK)
		goto out;
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
	for (i = 0; i < ARRAY_LEN(groups); i++) {
		if (i > 0 &&
		    (rv = buf_append(&text, view_str("-"))) != CKR_OK)
			goto out;
		if ((rv = hex_append(view_of(id + at, groups[i]),
		    &text)) != CKR_OK)
			goto out;
		at += groups[i];
	}
	rv = attrs_set(a, CKA_UNIQUE_ID, buf_view(&text));
out:
	buf_free(&text);
	return rv;
}

/* CKA_LOCAL and the mechanism that it speaks of (4.8). */
static CK_RV
finish_origin(const struct object_plan *plan, struct attrs *a)
{
	bool local = plan->origin == OBJECT_GENERATED;
	CK_RV rv;

	if ((rv = attrs_set_bool(a, CKA_LOCAL, local)) != CKR_OK)
		return rv;
	return attrs_set_ulong(a, CKA_KEY_GEN_MECHANISM,
	    local ? plan->mechanism : CK_UNAVAILABLE_INFORMATION);
}

/*
 * Whether the value was ever outside: a generated key tells by its own
 * attributes, a derived one as well if its base was never outside, and what a
 * caller gave or wrapped was (4.10, 5.18).
 */
static CK_RV
finish_past(const struct object_plan *plan, struct attrs *a)
{
	bool sensitive = plan->origin == OBJECT_GENERATED;
	bool kept = plan->origin == OBJECT_GENERATED;
	CK_RV rv;

	if (plan->origin == OBJECT_DERIVED && plan->base != NULL) {
		sensitive = rules_bool(plan->base, CKA_ALWAYS_SENSITIVE);
		kept = rules_bool(plan->base, CKA_NEVER_EXTRACTABLE);
	}
	sensitive = sensitive && rules_bool(a, CKA_SENSITIVE);
	kept = kept && !rules_bool(a, CKA_EXTRACTABLE);
	if ((rv = attrs_set_bool(a, CKA_ALWAYS_SENSITIVE,
	    sensitive)) != CKR_OK)
		return rv;
	return attrs_set_bool(a, CKA_NEVER_EXTRACTABLE, kept);
}

/* The length of a value that is known here; that of a secret inside the TPM
 * stands in its template. */
static CK_RV
finish_secret(const struct object_plan *plan, const struct rules *rules,
    struct attrs *a)
{
	CK_ULONG len = attrs_view(a, CKA_VALUE).len;
	CK_RV rv;

	if (attrs_has(a, CKA_VALUE)) {
		if (!rules_length(rules, len))
			return plan->origin == OBJECT_UNWRAPPED ?
			    CKR_WRAPPED_KEY_LEN_RANGE :
			    CKR_ATTRIBUTE_VALUE_INVALID;
		if (attrs_ulong(a, CKA_VALUE_LEN, len) != len)
			return CKR_TEMPLATE_INCONSISTENT;
		if ((rv = attrs_set_ulong(a, CKA_VALUE_LEN, len)) != CKR_OK)
			return rv;
	}
	return object_check_value(rules, a);
}

static CK_RV
finish_key(const struct object_plan *plan, const struct rules *rules,
    struct attrs *a)
{
	bool hidden = rules->class != CKO_PUBLIC_KEY;
	CK_RV rv;

	if ((rv = finish_origin(plan, a)) != CKR_OK ||
	    (hidden && (rv = finish_past(plan, a)) != CKR_OK))
		return rv;
	return rules->class == CKO_SECRET_KEY ?
	    finish_secret(plan, rules, a) : object_public(rules, a);
}

static void
drop_transient(const struct rules *rules, struct attrs *a)
{
	const struct rule *row;
	size_t n;

	for (n = 0; (row = rules_row(rules, n)) != NULL; n++)
		if (row->flags & RULE_TRANSIENT)
			attrs_remove(a, row->type);
}

static CK_RV
finish_class(const struct object_plan *plan, const struct rules *rules,
    struct attrs *a)
{
	if (rules->class == CKO_CERTIFICATE)
		return object_certificate(rules, a);
	if (rules_subtype(rules->class) == CKA_KEY_TYPE)
		return finish_key(plan, rules, a);
	return CKR_OK;
}

CK_RV
object_finish(const struct object_plan *plan, struct attrs *a)
{
	const struct rules *rules = rules_of(a);
	struct attrs done = ATTRS_EMPTY;
	CK_RV rv = CKR_OK;

	if (rules == NULL) {
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
		goto out;
	}
	/* a copy has its past from the original (object_copy) */
	if (plan->origin == OBJECT_COPIED)
		goto out;
	if ((rv = attrs_copy(&done, a)) != CKR_OK ||
	    (rv = finish_class(plan, rules, &done)) != CKR_OK ||
	    (rv = object_unique_id(&done)) != CKR_OK)
		goto out;
	drop_transient(rules, &done);
	attrs_move(a, &done);
out:
	attrs_free(&done);
	return rv;
}
