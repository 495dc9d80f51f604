/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/operation.h"

#include "object/access.h"
#include "session/internal.h"
#include "token/objects.h"

#define BIT(use) (1u << (use))

/* What may run beside what: a digest beside anything, and the pairs of the
 * dual-function calls (5.17). */
#define ALL_BUT_DIGEST (~BIT(MECH_DIGEST))

static const unsigned beside[MECH_USES] = {
	[MECH_DIGEST] = ALL_BUT_DIGEST,
	[MECH_ENCRYPT] = BIT(MECH_DIGEST) | BIT(MECH_SIGN),
	[MECH_DECRYPT] = BIT(MECH_DIGEST) | BIT(MECH_VERIFY),
	[MECH_SIGN] = BIT(MECH_DIGEST) | BIT(MECH_ENCRYPT),
	[MECH_SIGN_RECOVER] = BIT(MECH_DIGEST),
	[MECH_VERIFY] = BIT(MECH_DIGEST) | BIT(MECH_DECRYPT),
	[MECH_VERIFY_RECOVER] = BIT(MECH_DIGEST),
};

void
operation_end(struct operation *o)
{
	mech_end(&o->op);
	buf_free(&o->pending);
	buf_free(&o->signature);
	*o = (struct operation){ 0 };
}

void
operation_cancel(struct session *s, enum mech_use use)
{
	operation_end(&s->operations[use]);
}

bool
key_use_outlived(const struct session *s, const struct key_use *key)
{
	return key->private && key->logins != token_logins(s->token);
}

CK_RV
operation_allowed(struct session *s, enum mech_use use)
{
	unsigned other;

	for (other = 0; other < MECH_USES; other++) {
		struct operation *o = &s->operations[other];
		struct messages *m = &s->messages[other];

		if (o->op != NULL && key_use_outlived(s, &o->key))
			operation_end(o);
		if (m->all != NULL && key_use_outlived(s, &m->key))
			messages_end(m);
		if ((o->op != NULL || m->all != NULL) &&
		    (beside[use] & BIT(other)) == 0)
			return CKR_OPERATION_ACTIVE;
	}
	return CKR_OK;
}

CK_RV
operation_key(struct session *s, enum mech_use use, CK_MECHANISM_TYPE m,
    CK_OBJECT_HANDLE handle, struct key_use *how, struct key **key)
{
	const struct attrs *attrs;
	CK_RV rv;

	if (use == MECH_DIGEST)
		return CKR_OK;
	if ((rv = token_key(s->token, session_state(s), handle, &attrs,
	    key)) != CKR_OK ||
	    (rv = object_usable(attrs, mech_use_attribute(use), m)) != CKR_OK)
		return rv;
	how->private = attrs_bool(attrs, CKA_PRIVATE, true);
	how->logins = token_logins(s->token);
	how->always = attrs_bool(attrs, CKA_ALWAYS_AUTHENTICATE, false);
	how->wants_login = how->always;
	return CKR_OK;
}

CK_RV
operation_init(struct session *s, enum mech_use use, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE handle)
{
	struct operation o = { .use = use };
	struct key *key = NULL;
	CK_RV rv;

	if (m == NULL) {
		if (s->operations[use].op == NULL)
			return CKR_ARGUMENTS_BAD;
		operation_cancel(s, use);
		return CKR_OK;
	}
	if ((rv = operation_allowed(s, use)) != CKR_OK ||
	    (rv = operation_key(s, use, m->mechanism, handle, &o.key,
	    &key)) != CKR_OK ||
	    (rv = mech_start(use, m, key, NULL, &o.op)) != CKR_OK)
		goto out;
	s->operations[use] = o;
out:
	key_unref(&key);
	return rv;
}

static CK_RV
find(struct session *s, enum mech_use use, bool has_signature,
    struct operation **out)
{
	struct operation *o = &s->operations[use];

	if (o->op == NULL || o->has_signature != has_signature)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (key_use_outlived(s, &o->key)) {
		operation_end(o);
		return CKR_USER_NOT_LOGGED_IN;
	}
	if (o->key.wants_login)
		return CKR_USER_NOT_LOGGED_IN;
	*out = o;
	return CKR_OK;
}

CK_RV
operation_find(struct session *s, enum mech_use use, struct operation **out)
{
	return find(s, use, false, out);
}

CK_RV
operation_find_signature(struct session *s, struct operation **out)
{
	return find(s, MECH_VERIFY, true, out);
}

CK_RV
operation_single(struct session *s, enum mech_use use, struct view in,
    CK_BYTE *out, CK_ULONG *out_len)
{
	struct operation *o;
	bool kept;
	CK_RV rv;

	if ((rv = operation_find(s, use, &o)) != CKR_OK)
		return rv;
	if (o->parts) {
		operation_end(o);
		return CKR_OPERATION_ACTIVE;
	}
	rv = step_run(o, STEP_UPDATE | STEP_FINISH, in, out, out_len, &kept);
	if (!kept)
		operation_end(o);
	return rv;
}

/* Whether the caller's data went in: not so with a size query, nor with a
 * buffer that was seen to be too small beforehand. */
static bool
was_taken(const struct operation *o, CK_RV rv, const CK_BYTE *out)
{
	return o->pending_steps != 0 || (rv == CKR_OK && out != NULL);
}

CK_RV
operation_update(struct session *s, enum mech_use use, struct view in,
    CK_BYTE *out, CK_ULONG *out_len)
{
	bool gives = use == MECH_ENCRYPT || use == MECH_DECRYPT, kept;
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find(s, use, &o)) != CKR_OK)
		return rv;
	if (gives) {
		rv = step_run(o, STEP_UPDATE, in, out, out_len, &kept);
	} else {
		rv = step_feed(o, in);
		kept = rv == CKR_OK;
	}
	if (!kept)
		operation_end(o);
	else if (gives ? was_taken(o, rv, out) : rv == CKR_OK)
		o->parts = true;
	return rv;
}

CK_RV
operation_final(struct session *s, enum mech_use use, CK_BYTE *out,
    CK_ULONG *out_len)
{
	struct operation *o;
	bool kept;
	CK_RV rv;

	if ((rv = operation_find(s, use, &o)) != CKR_OK)
		return rv;
	rv = step_run(o, STEP_FINISH, VIEW_EMPTY, out, out_len, &kept);
	if (!kept)
		operation_end(o);
	return rv;
}

CK_RV
operation_digest_key(struct session *s, CK_OBJECT_HANDLE handle)
{
	const struct attrs *attrs;
	struct key *key = NULL;
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find(s, MECH_DIGEST, &o)) != CKR_OK)
		return rv;
	if ((rv = token_key(s->token, session_state(s), handle, &attrs,
	    &key)) != CKR_OK)
		goto out;
	if (key_class(key) != CKO_SECRET_KEY || key_value(key).len == 0)
		rv = CKR_KEY_INDIGESTIBLE;
	else
		rv = step_feed(o, key_value(key));
out:
	key_unref(&key);
	if (rv != CKR_OK)
		operation_end(o);
	else
		o->parts = true;
	return rv;
}

static struct key_use *
who_wants_login(struct session *s)
{
	unsigned use;

	for (use = 0; use < MECH_USES; use++) {
		if (s->operations[use].key.wants_login)
			return &s->operations[use].key;
		if (s->messages[use].key.wants_login)
			return &s->messages[use].key;
	}
	return NULL;
}

CK_RV
operation_authenticate(struct session *s, struct view pin)
{
	struct key_use *key = who_wants_login(s);
	CK_RV rv;

	if (key == NULL && s->context == CONTEXT_NONE)
		return CKR_OPERATION_NOT_INITIALIZED;
	if ((rv = token_reauthenticate(s->token, pin)) != CKR_OK)
		return rv;
	if (key == NULL)
		s->context = CONTEXT_GIVEN;
	else
		key->wants_login = false;
	return CKR_OK;
}
