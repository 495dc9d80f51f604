/* SPDX-License-Identifier: BSD-2-Clause */
#include "token/keys.h"

#include "mech/mech.h"
#include "object/access.h"
#include "object/object.h"
#include "object/roles.h"
#include "token/internal.h"
#include "token/making.h"

static bool
is_so(const struct maker *by)
{
	return by->state == CKS_RW_SO_FUNCTIONS;
}

/* The caller's template, checked and filled up by the rules. */
static CK_RV
build(const struct object_plan *plan, struct template tmpl,
    struct attrs *out)
{
	struct attrs given = ATTRS_EMPTY;
	CK_RV rv;

	if ((rv = attrs_from_template(tmpl.list, tmpl.count, &given)) ==
	    CKR_OK)
		rv = object_build(plan, &given, out);
	attrs_free(&given);
	return rv;
}

bool
maker_apart(const struct maker *by)
{
	return !machine_config(by->token->machine)->wrap_and_decrypt;
}

CK_RV
maker_allowed(const struct maker *by, const struct attrs *a)
{
	return object_writable(a, by->state);
}

CK_RV
maker_add(const struct maker *by, struct new_object *n,
    CK_OBJECT_HANDLE *handle)
{
	CK_RV rv;

	if ((rv = token_add_objects(by->token, by->state, by->owner, n,
	    1)) != CKR_OK)
		return rv;
	*handle = n->handle;
	return CKR_OK;
}

static bool
is_class(const struct attrs *a, CK_OBJECT_CLASS class)
{
	return attrs_ulong(a, CKA_CLASS, CKO_DATA) == class;
}

CK_RV
maker_complete(const struct maker *by, const struct object_plan *plan,
    struct new_object *n)
{
	bool private = is_class(&n->attrs, CKO_PRIVATE_KEY);
	struct mech_place place;
	CK_RV rv;

	if (!private && !is_class(&n->attrs, CKO_SECRET_KEY))
		return object_finish(plan, &n->attrs);
	if ((rv = token_place(by->token, &place)) != CKR_OK ||
	    (private && (rv = mech_import(&place, &n->attrs, &n->blob)) !=
	    CKR_OK) || (rv = object_finish(plan, &n->attrs)) != CKR_OK)
		return rv;
	return n->blob.private_area.len != 0 ? CKR_OK :
	    mech_import(&place, &n->attrs, &n->blob);
}

CK_RV
token_create_object(const struct maker *by, struct template tmpl,
    CK_OBJECT_HANDLE *handle)
{
	const struct object_plan plan = {
		.origin = OBJECT_CREATED,
		.class = CK_UNAVAILABLE_INFORMATION,
		.key_type = CK_UNAVAILABLE_INFORMATION,
		.mechanism = CK_UNAVAILABLE_INFORMATION,
		.so = is_so(by),
		.apart = maker_apart(by),
	};
	struct new_object n = { 0 };
	CK_RV rv;

	if ((rv = build(&plan, tmpl, &n.attrs)) != CKR_OK ||
	    (rv = maker_allowed(by, &n.attrs)) != CKR_OK ||
	    (rv = maker_complete(by, &plan, &n)) != CKR_OK)
		goto out;
	rv = maker_add(by, &n, handle);
out:
	new_object_free(&n);
	return rv;
}

static CK_RV
keep_roles(const struct maker *by, const struct attrs *before,
    const struct attrs *after)
{
	return maker_apart(by) ? roles_keep(before, after) : CKR_OK;
}

CK_RV
token_copy_object(const struct maker *by, CK_OBJECT_HANDLE from,
    struct template tmpl, CK_OBJECT_HANDLE *handle)
{
	const struct tpm_blob *blob;
	const struct attrs *attrs;
	struct attrs given = ATTRS_EMPTY;
	struct new_object n = { 0 };
	CK_RV rv;

	if ((rv = attrs_from_template(tmpl.list, tmpl.count, &given)) !=
	    CKR_OK ||
	    (rv = token_object(by->token, by->state, from, &attrs)) !=
	    CKR_OK ||
	    (rv = object_copy(attrs, &given, is_so(by), &n.attrs)) !=
	    CKR_OK ||
	    (rv = keep_roles(by, attrs, &n.attrs)) != CKR_OK ||
	    (rv = token_object_blob(by->token, by->state, from, &blob)) !=
	    CKR_OK ||
	    (rv = tpm_blob_copy(&n.blob, blob)) != CKR_OK)
		goto out;
	rv = maker_add(by, &n, handle);
out:
	attrs_free(&given);
	new_object_free(&n);
	return rv;
}

CK_RV
token_set_attributes(const struct maker *by, CK_OBJECT_HANDLE object,
    struct template tmpl)
{
	const struct attrs *attrs;
	struct attrs given = ATTRS_EMPTY, changed = ATTRS_EMPTY;
	CK_RV rv;

	if ((rv = attrs_from_template(tmpl.list, tmpl.count, &given)) !=
	    CKR_OK ||
	    (rv = token_change_begin(by->token, by->state, object,
	    &attrs)) != CKR_OK)
		goto out;
	if ((rv = object_change(attrs, &given, is_so(by), &changed)) ==
	    CKR_OK && (rv = keep_roles(by, attrs, &changed)) == CKR_OK)
		rv = token_change_object(by->token, by->state, object,
		    &changed);
	token_change_end(by->token);
out:
	attrs_free(&given);
	attrs_free(&changed);
	return rv;
}

/* The mechanism, if it is one of this TPM for this use. */
static CK_RV
find_mech(const struct mech_place *place, const CK_MECHANISM *m,
    struct object_plan *plan)
{
	const struct mech *row = mech_find(m->mechanism, place->caps);

	if (row == NULL)
		return CKR_MECHANISM_INVALID;
	plan->key_type = mech_makes(row);
	plan->mechanism = m->mechanism;
	return CKR_OK;
}

CK_RV
token_generate_key(const struct maker *by, const CK_MECHANISM *m,
    struct template tmpl, CK_OBJECT_HANDLE *handle)
{
	struct object_plan plan = {
		.origin = OBJECT_GENERATED,
		.class = CKO_SECRET_KEY,
		.so = is_so(by),
		.apart = maker_apart(by),
	};
	struct new_object n = { 0 };
	struct mech_place place;
	CK_RV rv;

	if ((rv = token_place(by->token, &place)) != CKR_OK ||
	    (rv = find_mech(&place, m, &plan)) != CKR_OK ||
	    (rv = build(&plan, tmpl, &n.attrs)) != CKR_OK ||
	    (rv = maker_allowed(by, &n.attrs)) != CKR_OK ||
	    (rv = mech_generate(m, &place, &n.attrs, &n.blob)) != CKR_OK ||
	    (rv = maker_complete(by, &plan, &n)) != CKR_OK)
		goto out;
	rv = maker_add(by, &n, handle);
out:
	new_object_free(&n);
	return rv;
}

enum { PUB, PRIV, HALVES };

static CK_RV
make_pair(const struct maker *by, const CK_MECHANISM *m,
    struct object_plan *plan, const struct template *tmpl,
    struct new_object *n)
{
	static const CK_OBJECT_CLASS classes[HALVES] = {
		CKO_PUBLIC_KEY, CKO_PRIVATE_KEY
	};
	struct mech_place place;
	int half;
	CK_RV rv;

	if ((rv = token_place(by->token, &place)) != CKR_OK ||
	    (rv = find_mech(&place, m, plan)) != CKR_OK)
		return rv;
	for (half = PUB; half < HALVES; half++) {
		plan->class = classes[half];
		if ((rv = build(plan, tmpl[half], &n[half].attrs)) !=
		    CKR_OK ||
		    (rv = maker_allowed(by, &n[half].attrs)) != CKR_OK)
			return rv;
	}
	if (plan->apart && (rv = roles_settle_pair(&n[PUB].attrs,
	    &n[PRIV].attrs)) != CKR_OK)
		return rv;
	if ((rv = mech_generate_pair(m, &place, &n[PUB].attrs,
	    &n[PRIV].attrs, &n[PRIV].blob)) != CKR_OK ||
	    (rv = object_pair(&n[PUB].attrs, &n[PRIV].attrs)) != CKR_OK)
		return rv;
	for (half = PUB; half < HALVES && rv == CKR_OK; half++) {
		plan->class = classes[half];
		rv = object_finish(plan, &n[half].attrs);
	}
	return rv;
}

CK_RV
token_generate_pair(const struct maker *by, const CK_MECHANISM *m,
    struct template pub, struct template priv, CK_OBJECT_HANDLE *pub_handle,
    CK_OBJECT_HANDLE *priv_handle)
{
	const struct template tmpl[HALVES] = { pub, priv };
	struct object_plan plan = {
		.origin = OBJECT_GENERATED,
		.so = is_so(by),
		.apart = maker_apart(by),
	};
	struct new_object n[HALVES] = { 0 };
	CK_RV rv;

	if ((rv = make_pair(by, m, &plan, tmpl, n)) != CKR_OK ||
	    (rv = token_add_objects(by->token, by->state, by->owner, n,
	    HALVES)) != CKR_OK)
		goto out;
	*pub_handle = n[PUB].handle;
	*priv_handle = n[PRIV].handle;
out:
	new_object_free(&n[PUB]);
	new_object_free(&n[PRIV]);
	return rv;
}

/* What both sides of an encapsulation make. */
static struct object_plan
plan_secret(const struct maker *by)
{
	return (struct object_plan){
		.origin = OBJECT_DERIVED,
		.class = CKO_SECRET_KEY,
		.key_type = CK_UNAVAILABLE_INFORMATION,
		.mechanism = CK_UNAVAILABLE_INFORMATION,
		.so = is_so(by),
		.apart = maker_apart(by),
	};
}

/* Was the secret that the template is for known outside? */
static bool
comes_from_outside(CK_ATTRIBUTE_TYPE which, const struct attrs *tmpl)
{
	return which != CKA_DERIVE_TEMPLATE &&
	    attrs_ulong(tmpl, CKA_CLASS, CKO_SECRET_KEY) == CKO_SECRET_KEY;
}

CK_RV
maker_build_imposed(const struct object_plan *plan, const struct attrs *key,
    CK_ATTRIBUTE_TYPE which, struct template tmpl, struct attrs *out)
{
	struct attrs given = ATTRS_EMPTY, whole = ATTRS_EMPTY;
	CK_RV rv;

	if ((rv = attrs_from_template(tmpl.list, tmpl.count, &given)) !=
	    CKR_OK ||
	    (rv = object_impose(key, which, &given, &whole)) != CKR_OK)
		goto out;
	if (comes_from_outside(which, &whole) &&
	    !attrs_has(&whole, CKA_EXTRACTABLE) &&
	    (rv = attrs_set_bool(&whole, CKA_EXTRACTABLE, true)) != CKR_OK)
		goto out;
	rv = object_build(plan, &whole, out);
out:
	attrs_free(&given);
	attrs_free(&whole);
	return rv;
}

CK_RV
maker_key(const struct maker *by, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE_TYPE usage, const CK_MECHANISM *m,
    const struct attrs **attrs, struct key **key)
{
	CK_RV rv;

	if ((rv = token_key(by->token, by->state, handle, attrs, key)) !=
	    CKR_OK)
		return rv;
	return object_usable(*attrs, usage, m->mechanism);
}

CK_RV
maker_context(const struct maker *by, const struct attrs *key)
{
	if (!attrs_bool(key, CKA_ALWAYS_AUTHENTICATE, false))
		return CKR_OK;
	if (*by->context == CONTEXT_GIVEN) {
		*by->context = CONTEXT_NONE;
		return CKR_OK;
	}
	*by->context = CONTEXT_WANTED;
	return CKR_USER_NOT_LOGGED_IN;
}

CK_RV
token_encapsulated_len(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE public, size_t *len)
{
	const struct attrs *attrs;
	struct key *key = NULL;
	CK_RV rv;

	if ((rv = maker_key(by, public, CKA_ENCAPSULATE, m, &attrs,
	    &key)) == CKR_OK)
		rv = mech_encapsulated_len(m, key, NULL, len);
	key_unref(&key);
	return rv;
}

CK_RV
token_encapsulate_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE public, struct template tmpl, struct buf *ciphertext,
    CK_OBJECT_HANDLE *handle)
{
	const struct object_plan plan = plan_secret(by);
	const struct attrs *attrs;
	struct new_object n = { 0 };
	struct key *key = NULL;
	CK_RV rv;

	if ((rv = maker_key(by, public, CKA_ENCAPSULATE, m, &attrs,
	    &key)) != CKR_OK ||
	    (rv = maker_build_imposed(&plan, attrs, CKA_ENCAPSULATE_TEMPLATE,
	    tmpl, &n.attrs)) != CKR_OK ||
	    (rv = maker_allowed(by, &n.attrs)) != CKR_OK ||
	    (rv = mech_encapsulate(m, key, NULL, &n.attrs, ciphertext)) !=
	    CKR_OK ||
	    (rv = maker_complete(by, &plan, &n)) != CKR_OK)
		goto out;
	rv = maker_add(by, &n, handle);
out:
	key_unref(&key);
	new_object_free(&n);
	return rv;
}

/* The words of C_DecapsulateKey for what is wrong with its key or length. */
static CK_RV
decapsulation_rv(CK_RV rv)
{
	static const CK_RV words[][2] = {
		{ CKR_KEY_HANDLE_INVALID, CKR_UNWRAPPING_KEY_HANDLE_INVALID },
		{ CKR_KEY_TYPE_INCONSISTENT,
		    CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT },
		{ CKR_KEY_SIZE_RANGE, CKR_WRAPPED_KEY_LEN_RANGE },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (words[i][0] == rv)
			return words[i][1];
	return rv;
}

CK_RV
token_decapsulate_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE private, struct template tmpl, struct view ciphertext,
    CK_OBJECT_HANDLE *handle)
{
	const struct object_plan plan = plan_secret(by);
	const struct attrs *attrs;
	struct new_object n = { 0 };
	struct key *key = NULL;
	CK_RV rv;

	if ((rv = maker_key(by, private, CKA_DECAPSULATE, m, &attrs,
	    &key)) != CKR_OK ||
	    (rv = maker_context(by, attrs)) != CKR_OK ||
	    (rv = maker_build_imposed(&plan, attrs, CKA_DECAPSULATE_TEMPLATE,
	    tmpl, &n.attrs)) != CKR_OK ||
	    (rv = maker_allowed(by, &n.attrs)) != CKR_OK ||
	    (rv = mech_decapsulate(m, key, NULL, ciphertext, &n.attrs)) !=
	    CKR_OK ||
	    (rv = maker_complete(by, &plan, &n)) != CKR_OK)
		goto out;
	rv = maker_add(by, &n, handle);
out:
	key_unref(&key);
	new_object_free(&n);
	return decapsulation_rv(rv);
}
