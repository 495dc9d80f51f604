/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/verify.h"

#include "session/internal.h"
#include "session/operation.h"

/* Longer than any signature: what is kept of one that is longer still is
 * refused for its length, and no caller makes us copy gigabytes. */
#define SIGNATURE_MAX 65536

CK_RV
verify_single(struct session *s, struct view in, struct view signature)
{
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find(s, MECH_VERIFY, &o)) != CKR_OK)
		return rv;
	if (signature.data == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if (o->parts)
		rv = CKR_OPERATION_ACTIVE;
	else if ((rv = step_feed(o, in)) == CKR_OK)
		rv = mech_verify(o->op, signature);
	operation_end(o);
	return rv;
}

CK_RV
verify_final(struct session *s, struct view signature)
{
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find(s, MECH_VERIFY, &o)) != CKR_OK)
		return rv;
	rv = signature.data == NULL ? CKR_ARGUMENTS_BAD :
	    mech_verify(o->op, signature);
	operation_end(o);
	return rv;
}

CK_RV
verify_signature_init(struct session *s, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, struct view signature)
{
	struct operation *o = &s->operations[MECH_VERIFY];
	struct buf kept = BUF_EMPTY;
	CK_RV rv;

	if (m == NULL)
		return operation_init(s, MECH_VERIFY, NULL, key);
	if (signature.data == NULL)
		return CKR_ARGUMENTS_BAD;
	if ((rv = buf_set(&kept, view_sub(signature, 0,
	    SIGNATURE_MAX))) != CKR_OK ||
	    (rv = operation_init(s, MECH_VERIFY, m, key)) != CKR_OK)
		goto out;
	buf_move(&o->signature, &kept);
	o->has_signature = true;
out:
	buf_free(&kept);
	return rv;
}

CK_RV
verify_signature_single(struct session *s, struct view in)
{
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find_signature(s, &o)) != CKR_OK)
		return rv;
	if (o->parts)
		rv = CKR_OPERATION_ACTIVE;
	else if ((rv = step_feed(o, in)) == CKR_OK)
		rv = mech_verify(o->op, buf_view(&o->signature));
	operation_end(o);
	return rv;
}

CK_RV
verify_signature_update(struct session *s, struct view in)
{
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find_signature(s, &o)) != CKR_OK)
		return rv;
	if ((rv = step_feed(o, in)) == CKR_OK)
		o->parts = true;
	else
		operation_end(o);
	return rv;
}

CK_RV
verify_signature_final(struct session *s)
{
	struct operation *o;
	CK_RV rv;

	if ((rv = operation_find_signature(s, &o)) != CKR_OK)
		return rv;
	rv = mech_verify(o->op, buf_view(&o->signature));
	operation_end(o);
	return rv;
}
