/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mech/mech.h"
#include "token/internal.h"
#include "token/making.h"

/*
 * C_DeriveKey: one key, or several in one transaction, from one or several
 * keys. What the mechanism says of how closed they are is put into the
 * template before the rules look at it.
 */
struct making {
	const struct maker *by;
	const CK_MECHANISM *m;
	struct attrs base;	/* of the key that it starts from */
	/* Of all the keys: what 4.10 and 6.43 ask for. */
	bool sensitive;		/* any is */
	bool extractable;	/* all are */
	bool always;		/* all were always sensitive, ... */
	bool never;		/* ... and never extractable */
	struct attrs past;	/* the same, for object_plan's base */
	struct mech_derivation d;
	struct new_object made[MECH_PRODUCTS_MAX];
};

static void
making_free(struct making *w)
{
	size_t i;

	attrs_free(&w->base);
	attrs_free(&w->past);
	mech_derivation_free(&w->d);
	for (i = 0; i < MECH_PRODUCTS_MAX; i++)
		new_object_free(&w->made[i]);
}

static void
note(struct making *w, const struct attrs *key)
{
	w->sensitive |= attrs_bool(key, CKA_SENSITIVE, true);
	w->extractable &= attrs_bool(key, CKA_EXTRACTABLE, false);
	w->always &= attrs_bool(key, CKA_ALWAYS_SENSITIVE, false);
	w->never &= attrs_bool(key, CKA_NEVER_EXTRACTABLE, false);
}

static CK_RV
open_base(struct making *w, CK_OBJECT_HANDLE handle,
    const struct mech_product *product)
{
	const struct attrs *attrs;
	struct key *key = NULL;
	CK_RV rv;

	if ((rv = maker_key(w->by, handle, CKA_DERIVE, w->m, &attrs,
	    &key)) != CKR_OK ||
	    (rv = maker_context(w->by, attrs)) != CKR_OK)
		goto out;
	note(w, attrs);
	if ((rv = attrs_copy(&w->base, attrs)) == CKR_OK)
		rv = mech_derivation_open(w->m, key, NULL, product, &w->d);
out:
	key_unref(&key);
	return rv;
}

/* Further keys have to be there, and to be for this, like the base key. */
static CK_RV
open_others(struct making *w)
{
	const struct attrs *attrs;
	CK_RV rv;
	size_t i;

	for (i = 0; i < w->d.key_count; i++) {
		if ((rv = maker_key(w->by, w->d.handles[i], CKA_DERIVE,
		    w->m, &attrs, &w->d.keys[i])) != CKR_OK)
			return rv;
		if (key_class(w->d.keys[i]) != CKO_SECRET_KEY)
			return CKR_KEY_TYPE_INCONSISTENT;
		note(w, attrs);
	}
	w->d.sensitive = w->sensitive;
	if ((rv = attrs_set_bool(&w->past, CKA_ALWAYS_SENSITIVE,
	    w->always)) != CKR_OK)
		return rv;
	return attrs_set_bool(&w->past, CKA_NEVER_EXTRACTABLE, w->never);
}

/* What has to be, in a template that says nothing else. */
static CK_RV
impose(struct attrs *tmpl, CK_ATTRIBUTE_TYPE type, bool value)
{
	if (attrs_bool(tmpl, type, value) != value)
		return CKR_TEMPLATE_INCONSISTENT;
	return attrs_set_bool(tmpl, type, value);
}

static CK_RV
propose(struct attrs *tmpl, CK_ATTRIBUTE_TYPE type, bool value)
{
	return attrs_has(tmpl, type) ? CKR_OK :
	    attrs_set_bool(tmpl, type, value);
}

static CK_RV
inherit(const struct making *w, struct attrs *tmpl)
{
	enum mech_inherit how = w->d.inherit;
	bool all = how == MECH_INHERIT_ALL;
	CK_RV rv = CKR_OK;

	if (how == MECH_INHERIT_NOTHING)
		return CKR_OK;
	if (how == MECH_INHERIT_DEFAULT) {
		rv = propose(tmpl, CKA_SENSITIVE, attrs_bool(&w->base,
		    CKA_SENSITIVE, true));
		return rv != CKR_OK ? rv : propose(tmpl, CKA_EXTRACTABLE,
		    attrs_bool(&w->base, CKA_EXTRACTABLE, false));
	}
	if (all || w->sensitive)
		rv = impose(tmpl, CKA_SENSITIVE, w->sensitive);
	if (rv == CKR_OK && (all || !w->extractable))
		rv = impose(tmpl, CKA_EXTRACTABLE, w->extractable);
	return rv;
}

/* The template as the mechanism has it, and what the base key rules. */
static CK_RV
whole_template(const struct making *w, const struct mech_product *p,
    struct attrs *out)
{
	struct attrs given = ATTRS_EMPTY, fixed = ATTRS_EMPTY;
	CK_RV rv;

	if ((rv = attrs_from_template(p->list, p->count, &given)) != CKR_OK ||
	    (rv = attrs_from_template(p->fixed, p->fixed_count, &fixed)) !=
	    CKR_OK || (rv = attrs_merge(&given, &fixed)) != CKR_OK)
		goto out;
	/* a data object has nothing of a key's */
	if (p->class == CKO_SECRET_KEY &&
	    (rv = inherit(w, &given)) != CKR_OK)
		goto out;
	rv = object_impose(&w->base, CKA_DERIVE_TEMPLATE, &given, out);
out:
	attrs_free(&given);
	attrs_free(&fixed);
	return rv;
}

static struct object_plan
plan_of(const struct making *w, const struct mech_product *p)
{
	return (struct object_plan){
		.origin = OBJECT_DERIVED,
		.class = p->class,
		.key_type = p->key_type,
		.mechanism = CK_UNAVAILABLE_INFORMATION,
		.so = w->by->state == CKS_RW_SO_FUNCTIONS,
		.base = &w->past,
		.apart = maker_apart(w->by),
	};
}

static CK_RV
build_one(struct making *w, size_t i)
{
	struct mech_product *p = &w->d.products[i];
	const struct object_plan plan = plan_of(w, p);
	struct attrs whole = ATTRS_EMPTY;
	CK_RV rv;

	if ((rv = whole_template(w, p, &whole)) == CKR_OK &&
	    (rv = object_build(&plan, &whole, &w->made[i].attrs)) == CKR_OK)
		rv = maker_allowed(w->by, &w->made[i].attrs);
	p->attrs = &w->made[i].attrs;
	attrs_free(&whole);
	return rv;
}

/* "the corresponding phKey value will be set to CK_INVALID_HANDLE to identify
 * the offending template" (6.42.7) */
static void
blame(const struct mech_product *p)
{
	const CK_OBJECT_HANDLE none = CK_INVALID_HANDLE;

	memcpy(p->handle, &none, sizeof(none));
}

static CK_RV
build_all(struct making *w)
{
	CK_RV rv;
	size_t i;

	for (i = 0; i < w->d.product_count; i++)
		if ((rv = build_one(w, i)) != CKR_OK) {
			if (i > 0)
				blame(&w->d.products[i]);
			return rv;
		}
	return CKR_OK;
}

static CK_RV
complete_all(struct making *w)
{
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < w->d.product_count && rv == CKR_OK; i++) {
		const struct object_plan plan = plan_of(w,
		    &w->d.products[i]);

		rv = maker_complete(w->by, &plan, &w->made[i]);
	}
	return rv;
}

static void
tell(const struct making *w)
{
	CK_OBJECT_HANDLE handles[MECH_PRODUCTS_MAX];
	size_t i;

	for (i = 0; i < w->d.product_count; i++)
		handles[i] = w->made[i].handle;
	mech_derivation_tell(&w->d, handles);
}

CK_RV
token_derive_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE base, struct template tmpl, CK_OBJECT_HANDLE *handle)
{
	const struct mech_product product = {
		.class = CKO_SECRET_KEY,
		.key_type = CK_UNAVAILABLE_INFORMATION,
		.list = tmpl.list,
		.count = tmpl.count,
		.handle = handle
	};
	struct making w = { .by = by, .m = m, .extractable = true,
	    .always = true, .never = true };
	CK_RV rv;

	if ((rv = open_base(&w, base, &product)) != CKR_OK ||
	    (rv = open_others(&w)) != CKR_OK ||
	    (rv = build_all(&w)) != CKR_OK ||
	    (rv = mech_derive(&w.d)) != CKR_OK ||
	    (rv = complete_all(&w)) != CKR_OK ||
	    (rv = token_add_objects(by->token, by->state, by->owner, w.made,
	    w.d.product_count)) != CKR_OK)
		goto out;
	tell(&w);
out:
	making_free(&w);
	return rv;
}
