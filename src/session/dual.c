/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/dual.h"

#include "session/internal.h"

/* in is fed before anything is written to out: they may be one buffer. */
static CK_RV
compute(struct operation *c, struct operation *o, struct view in)
{
	bool again = c->pending_steps != 0;
	CK_RV rv;

	if ((rv = step_compute(c, STEP_UPDATE, in)) != CKR_OK || again)
		return rv;
	if ((rv = step_feed(o, c->use == MECH_DECRYPT ?
	    buf_view(&c->pending) : in)) == CKR_OK)
		o->parts = true;
	return rv;
}

CK_RV
dual_update(struct session *s, enum mech_use cipher, enum mech_use other,
    struct view in, CK_BYTE *out, CK_ULONG *out_len)
{
	struct operation *c, *o;
	CK_RV rv;

	if ((rv = operation_find(s, cipher, &c)) != CKR_OK ||
	    (rv = operation_find(s, other, &o)) != CKR_OK)
		return rv;
	if (step_ask(c, STEP_UPDATE, in, out, out_len, &rv) &&
	    (rv = compute(c, o, in)) == CKR_OK) {
		c->parts = true;
		rv = step_give(c, out, out_len);
	}
	if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL) {
		operation_end(c);
		operation_end(o);
	}
	return rv;
}
