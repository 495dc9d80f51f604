/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/operation.h"

#include "object/access.h"
#include "session/internal.h"
#include "session/output.h"
#include "token/objects.h"

#define STEP_UPDATE 1u
#define STEP_FINISH 2u

#define BIT(use) (1u << (use))

/* What may run beside what: the pairs of the dual-function calls (5.14). */
static const unsigned beside[MECH_USES] = {
	[MECH_DIGEST] = BIT(MECH_ENCRYPT) | BIT(MECH_DECRYPT),
	[MECH_ENCRYPT] = BIT(MECH_DIGEST) | BIT(MECH_SIGN),
	[MECH_DECRYPT] = BIT(MECH_DIGEST) | BIT(MECH_VERIFY),
	[MECH_SIGN] = BIT(MECH_ENCRYPT),
	[MECH_VERIFY] = BIT(MECH_DECRYPT),
};

void
operation_end(struct operation *o)
{
	mech_end(&o->op);
	buf_free(&o->pending);
	*o = (struct operation){ 0 };
}

void
operation_cancel(struct session *s, enum mech_use use)
{
	operation_end(&s->operations[use]);
}

/* A caller's bytes, as far as that can be seen without touching them. */
static bool
view_is_sane(struct view v)
{
	if (v.data == NULL)
		return v.len == 0;
	return v.len <= UINTPTR_MAX - (uintptr_t)v.data;
}

/* An operation with a private object's key is over when its user is. */
static bool
outlived(const struct session *s, const struct operation *o)
{
	return o->user_key && o->logins != token_logins(s->token);
}

static CK_RV
init_allowed(struct session *s, enum mech_use use)
{
	unsigned other;

	for (other = 0; other < MECH_USES; other++) {
		struct operation *o = &s->operations[other];

		if (o->op != NULL && outlived(s, o))
			operation_end(o);
		if (o->op != NULL && (beside[use] & BIT(other)) == 0)
			return CKR_OPERATION_ACTIVE;
	}
	return CKR_OK;
}

/* The key of an operation, if its attributes let it be used so. */
static CK_RV
init_key(struct session *s, enum mech_use use, CK_MECHANISM_TYPE m,
    CK_OBJECT_HANDLE handle, struct operation *o, struct key **key)
{
	const struct attrs *attrs;
	CK_RV rv;

	if (use == MECH_DIGEST)
		return CKR_OK;
	if ((rv = token_key(s->token, session_state(s), handle, &attrs,
	    key)) != CKR_OK ||
	    (rv = object_usable(attrs, mech_use_attribute(use), m)) != CKR_OK)
		return rv;
	o->user_key = attrs_bool(attrs, CKA_PRIVATE, true);
	o->logins = token_logins(s->token);
	o->wants_login = attrs_bool(attrs, CKA_ALWAYS_AUTHENTICATE, false);
	return CKR_OK;
}

CK_RV
operation_init(struct session *s, enum mech_use use, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE handle)
{
	struct operation o = { 0 };
	struct key *key = NULL;
	CK_RV rv;

	if (m == NULL) {
		if (s->operations[use].op == NULL)
			return CKR_ARGUMENTS_BAD;
		operation_cancel(s, use);
		return CKR_OK;
	}
	if ((rv = init_allowed(s, use)) != CKR_OK ||
	    (rv = init_key(s, use, m->mechanism, handle, &o, &key)) !=
	    CKR_OK ||
	    (rv = mech_start(use, m, key, NULL, &o.op)) != CKR_OK)
		goto out;
	s->operations[use] = o;
out:
	key_unref(&key);
	return rv;
}

static CK_RV
operation_find(struct session *s, enum mech_use use, struct operation **out)
{
	struct operation *o = &s->operations[use];

	if (o->op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (outlived(s, o)) {
		operation_end(o);
		return CKR_USER_NOT_LOGGED_IN;
	}
	if (o->wants_login)
		return CKR_USER_NOT_LOGGED_IN;
	*out = o;
	return CKR_OK;
}

/* The steps, their output gathered in pending. */
static CK_RV
compute(struct operation *o, unsigned steps, struct view in)
{
	struct buf last = BUF_EMPTY;
	CK_RV rv = CKR_OK;

	if ((steps & STEP_UPDATE) != 0)
		rv = mech_update(o->op, in, &o->pending);
	if (rv != CKR_OK || (steps & STEP_FINISH) == 0)
		goto out;
	if ((rv = mech_finish(o->op, &last)) != CKR_OK)
		goto out;
	if (o->pending.len == 0)
		buf_move(&o->pending, &last);
	else
		rv = buf_append(&o->pending, buf_view(&last));
out:
	buf_free(&last);
	return rv;
}

/* The operation stays when *kept is set; else it is over. */
static CK_RV
operation_run(struct operation *o, unsigned steps, struct view in,
    CK_BYTE *out, CK_ULONG *out_len, bool *kept)
{
	bool exact = true;
	size_t bound = o->pending.len;
	CK_RV rv;

	*kept = false;
	if (!view_is_sane(in))
		return CKR_ARGUMENTS_BAD;
	if (!o->has_pending)
		bound = mech_output(o->op, in.len,
		    (steps & STEP_FINISH) != 0, &exact);
	if (output_ask(out, out_len, bound, exact, &rv) == OUTPUT_DONE) {
		*kept = rv != CKR_ARGUMENTS_BAD;
		return rv;
	}
	if (!o->has_pending && (rv = compute(o, steps, in)) != CKR_OK)
		return rv;
	o->has_pending = true;
	rv = output_give(buf_view(&o->pending), out, out_len);
	*kept = rv == CKR_BUFFER_TOO_SMALL ||
	    (steps & STEP_FINISH) == 0;
	if (rv == CKR_OK) {
		o->has_pending = false;
		buf_clear(&o->pending);
	}
	return rv;
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
	rv = operation_run(o, STEP_UPDATE | STEP_FINISH, in, out, out_len,
	    &kept);
	if (!kept)
		operation_end(o);
	return rv;
}

/* A part for a use that gives output only at its end. */
static CK_RV
update_silent(struct operation *o, struct view in)
{
	struct buf none = BUF_EMPTY;
	CK_RV rv;

	if (!view_is_sane(in))
		return CKR_ARGUMENTS_BAD;
	rv = mech_update(o->op, in, &none);
	buf_free(&none);
	return rv;
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
		rv = operation_run(o, STEP_UPDATE, in, out, out_len, &kept);
	} else {
		rv = update_silent(o, in);
		kept = rv == CKR_OK;
	}
	if (!kept)
		operation_end(o);
	else if (!gives || out != NULL)
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
	rv = operation_run(o, STEP_FINISH, VIEW_EMPTY, out, out_len, &kept);
	if (!kept)
		operation_end(o);
	return rv;
}

static CK_RV
verify(struct session *s, bool single, struct view in, struct view signature)
{
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find(s, MECH_VERIFY, &o)) != CKR_OK)
		return rv;
	if (signature.data == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (single && o->parts)
		rv = CKR_OPERATION_ACTIVE;
	else if (!single || (rv = update_silent(o, in)) == CKR_OK)
		rv = mech_verify(o->op, signature);
	operation_end(o);
	return rv;
}

CK_RV
operation_verify(struct session *s, struct view in, struct view signature)
{
	return verify(s, true, in, signature);
}

CK_RV
operation_verify_final(struct session *s, struct view signature)
{
	return verify(s, false, VIEW_EMPTY, signature);
}

CK_RV
operation_dual(struct session *s, enum mech_use cipher, enum mech_use other,
    struct view in, CK_BYTE *out, CK_ULONG *out_len)
{
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find(s, other, &o)) != CKR_OK ||
	    (rv = operation_update(s, cipher, in, out, out_len)) != CKR_OK ||
	    out == NULL)
		return rv;
	if (cipher == MECH_DECRYPT)
		in = view_of(out, *out_len);
	return operation_update(s, other, in, NULL, NULL);
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
		rv = update_silent(o, key_value(key));
out:
	key_unref(&key);
	if (rv != CKR_OK)
		operation_end(o);
	else
		o->parts = true;
	return rv;
}

CK_RV
operation_authenticate(struct session *s, struct view pin)
{
	unsigned use;
	CK_RV rv;

	for (use = 0; use < MECH_USES; use++)
		if (s->operations[use].wants_login)
			break;
	if (use == MECH_USES && s->context == CONTEXT_NONE)
		return CKR_OPERATION_NOT_INITIALIZED;
	if ((rv = token_reauthenticate(s->token, pin)) != CKR_OK)
		return rv;
	if (use == MECH_USES)
		s->context = CONTEXT_GIVEN;
	else
		s->operations[use].wants_login = false;
	return CKR_OK;
}
