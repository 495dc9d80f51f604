/* SPDX-License-Identifier: BSD-2-Clause */
/* Key management functions (PKCS#11 3.x, 5.18). */
#include "api/gate.h"
#include "api/maker.h"
#include "api/trace.h"
#include "session/output.h"
#include "token/wrapping.h"

CK_RV
gate_maker(struct gate *g, CK_SESSION_HANDLE session, struct maker *by)
{
	CK_RV rv;

	if ((rv = gate_session(g, session, GATE_TOKEN)) != CKR_OK)
		return rv;
	by->token = g->token;
	by->state = session_state(g->session);
	by->owner = session;
	by->context = session_context(g->session);
	return CKR_OK;
}

CK_RV
C_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_ATTRIBUTE_PTR tmpl, CK_ULONG count, CK_OBJECT_HANDLE_PTR key)
{
	struct gate g = GATE("C_GenerateKey");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, %s, template of %lu",
	    session, trace_mechanism(m), count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) == CKR_OK)
		rv = m == NULL || key == NULL ? CKR_ARGUMENTS_BAD :
		    token_generate_key(&by, m, TEMPLATE(tmpl, count), key);
	return gate_leave(&g, rv);
}

CK_RV
C_GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_ATTRIBUTE_PTR pub, CK_ULONG pub_count, CK_ATTRIBUTE_PTR priv,
    CK_ULONG priv_count, CK_OBJECT_HANDLE_PTR pub_key,
    CK_OBJECT_HANDLE_PTR priv_key)
{
	struct gate g = GATE("C_GenerateKeyPair");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, %s, templates of %lu and %lu",
	    session, trace_mechanism(m), pub_count, priv_count);
	trace_template(g.name, pub, pub_count);
	trace_template(g.name, priv, priv_count);
	if ((rv = gate_maker(&g, session, &by)) != CKR_OK)
		return gate_leave(&g, rv);
	if (m == NULL || pub_key == NULL || priv_key == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else
		rv = token_generate_pair(&by, m, TEMPLATE(pub, pub_count),
		    TEMPLATE(priv, priv_count), pub_key, priv_key);
	return gate_leave(&g, rv);
}

CK_RV
C_WrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, CK_BYTE_PTR out,
    CK_ULONG_PTR out_len)
{
	struct gate g = GATE("C_WrapKey");
	struct buf wrapped = BUF_EMPTY;
	struct maker by;
	bool exact;
	size_t len;
	CK_RV rv;

	trace_call(g.name, "session %lu, %s, key %lu, of key %lu", session,
	    trace_mechanism(m), wrapping_key, key);
	if ((rv = gate_maker(&g, session, &by)) != CKR_OK)
		goto out;
	if (m == NULL || out_len == NULL) {
		rv = CKR_ARGUMENTS_BAD;
		goto out;
	}
	if ((rv = token_wrapped_len(&by, m, wrapping_key, key, &len,
	    &exact)) != CKR_OK ||
	    output_ask(out, out_len, len, exact, &rv) == OUTPUT_DONE)
		goto out;
	if ((rv = token_wrap_key(&by, m, wrapping_key, key, &wrapped)) ==
	    CKR_OK)
		rv = output_give(buf_view(&wrapped), out, out_len);
out:
	buf_free(&wrapped);
	return gate_leave(&g, rv);
}

CK_RV
C_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE unwrapping_key, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_ATTRIBUTE_PTR tmpl, CK_ULONG count, CK_OBJECT_HANDLE_PTR key)
{
	struct gate g = GATE("C_UnwrapKey");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, %s, key %lu, %lu bytes, template of "
	    "%lu", session, trace_mechanism(m), unwrapping_key, in_len,
	    count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) != CKR_OK)
		return gate_leave(&g, rv);
	if (m == NULL || key == NULL || in == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else
		rv = token_unwrap_key(&by, m, unwrapping_key,
		    TEMPLATE(tmpl, count), view_of(in, in_len), key);
	return gate_leave(&g, rv);
}

CK_RV
C_DeriveKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE base, CK_ATTRIBUTE_PTR tmpl, CK_ULONG count,
    CK_OBJECT_HANDLE_PTR key)
{
	struct gate g = GATE("C_DeriveKey");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, %s, key %lu, template of %lu",
	    session, trace_mechanism(m), base, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) == CKR_OK)
		/* a mechanism may tell its handles elsewhere */
		rv = m == NULL ? CKR_ARGUMENTS_BAD :
		    token_derive_key(&by, m, base, TEMPLATE(tmpl, count),
		    key);
	return gate_leave(&g, rv);
}
