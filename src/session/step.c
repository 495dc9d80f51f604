/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/internal.h"
#include "session/output.h"

bool
step_ask(const struct operation *o, unsigned steps, struct view in,
    CK_BYTE *out, CK_ULONG *out_len, CK_RV *rv)
{
	bool exact = true;
	size_t bound = o->pending.len;

	*rv = CKR_ARGUMENTS_BAD;
	if (!view_is_sane(in))
		return false;
	/* the call whose result waits has to be made again first */
	*rv = CKR_OPERATION_ACTIVE;
	if (o->pending_steps != 0 && o->pending_steps != steps)
		return false;
	if (o->pending_steps == 0)
		bound = mech_output(o->op, in.len,
		    (steps & STEP_FINISH) != 0, &exact);
	/* a wrong signature has priority over a short buffer (5.15.7) */
	if (o->use == MECH_VERIFY_RECOVER)
		exact = false;
	return output_ask(out, out_len, bound, exact, rv) == OUTPUT_COMPUTE;
}

CK_RV
step_compute(struct operation *o, unsigned steps, struct view in)
{
	struct buf last = BUF_EMPTY;
	CK_RV rv = CKR_OK;

	if (o->pending_steps != 0)
		goto out;
	if ((steps & STEP_UPDATE) != 0 &&
	    (rv = mech_update(o->op, in, &o->pending)) != CKR_OK)
		goto out;
	if ((steps & STEP_FINISH) != 0) {
		if ((rv = mech_finish(o->op, &last)) != CKR_OK)
			goto out;
		if (o->pending.len == 0)
			buf_move(&o->pending, &last);
		else if ((rv = buf_append(&o->pending,
		    buf_view(&last))) != CKR_OK)
			goto out;
	}
	o->pending_steps = steps;
out:
	buf_free(&last);
	return rv;
}

CK_RV
step_give(struct operation *o, CK_BYTE *out, CK_ULONG *out_len)
{
	CK_RV rv = output_give(buf_view(&o->pending), out, out_len);

	if (rv == CKR_OK) {
		o->pending_steps = 0;
		buf_clear(&o->pending);
	}
	return rv;
}

CK_RV
step_run(struct operation *o, unsigned steps, struct view in, CK_BYTE *out,
    CK_ULONG *out_len, bool *kept)
{
	CK_RV rv;

	if (!step_ask(o, steps, in, out, out_len, &rv)) {
		*kept = rv == CKR_OK || rv == CKR_BUFFER_TOO_SMALL;
		return rv;
	}
	if ((rv = step_compute(o, steps, in)) == CKR_OK)
		rv = step_give(o, out, out_len);
	*kept = rv == CKR_BUFFER_TOO_SMALL ||
	    (rv == CKR_OK && (steps & STEP_FINISH) == 0);
	return rv;
}

CK_RV
step_feed(struct operation *o, struct view in)
{
	struct buf none = BUF_EMPTY;
	CK_RV rv;

	if (!view_is_sane(in))
		return CKR_ARGUMENTS_BAD;
	rv = mech_update(o->op, in, &none);
	buf_free(&none);
	return rv;
}
