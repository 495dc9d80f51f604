/* SPDX-License-Identifier: BSD-2-Clause */
#include "api/running.h"

#include "api/trace.h"

/* Not view_of: a NULL with a length has to stay one, to be refused. */
static struct view
view_of_part(struct part p)
{
	return (struct view){ p.data, p.len };
}

CK_RV
run_init(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    const CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	struct gate g = GATE(name);
	CK_RV rv;

	trace_call(name, "session %lu, %s, key %lu", session,
	    trace_mechanism(m), key);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = operation_init(g.session, use, m, key);
	return gate_leave(&g, rv);
}

CK_RV
run_single(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    struct part in, CK_BYTE *out, CK_ULONG *out_len)
{
	struct gate g = GATE(name);
	CK_RV rv;

	trace_call(name, "session %lu, %lu bytes", session, in.len);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = operation_single(g.session, use, view_of_part(in), out,
		    out_len);
	return gate_leave(&g, rv);
}

CK_RV
run_update(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    struct part in, CK_BYTE *out, CK_ULONG *out_len)
{
	struct gate g = GATE(name);
	CK_RV rv;

	trace_call(name, "session %lu, %lu bytes", session, in.len);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = operation_update(g.session, use, view_of_part(in), out,
		    out_len);
	return gate_leave(&g, rv);
}

CK_RV
run_final(const char *name, enum mech_use use, CK_SESSION_HANDLE session,
    CK_BYTE *out, CK_ULONG *out_len)
{
	struct gate g = GATE(name);
	CK_RV rv;

	trace_call(name, "session %lu", session);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = operation_final(g.session, use, out, out_len);
	return gate_leave(&g, rv);
}

CK_RV
run_unsupported(const char *name, CK_SESSION_HANDLE session, CK_RV answer)
{
	struct gate g = GATE(name);
	CK_RV rv;

	trace_call(name, "session %lu", session);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = answer;
	return gate_leave(&g, rv);
}
