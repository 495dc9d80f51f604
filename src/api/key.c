/* SPDX-License-Identifier: BSD-2-Clause */
/* Key management functions (PKCS#11 3.x, 5.18). */
#include "api/gate.h"
#include "api/maker.h"
#include "api/trace.h"

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

/* No mechanism wraps or unwraps: no key of this token ever leaves it. */
static CK_RV
no_wrapping(struct gate *g, CK_SESSION_HANDLE session, const CK_MECHANISM *m,
    const void *a, const void *b)
{
	CK_RV rv;

	if ((rv = gate_session(g, session, GATE_SESSION)) == CKR_OK)
		rv = m == NULL || a == NULL || b == NULL ?
		    CKR_ARGUMENTS_BAD : CKR_MECHANISM_INVALID;
	return gate_leave(g, rv);
}

CK_RV
C_WrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, CK_BYTE_PTR out,
    CK_ULONG_PTR out_len)
{
	struct gate g = GATE("C_WrapKey");

	(void)wrapping_key;
	(void)key;
	(void)out;
	return no_wrapping(&g, session, m, out_len, out_len);
}

CK_RV
C_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE unwrapping_key, CK_BYTE_PTR in, CK_ULONG in_len,
    CK_ATTRIBUTE_PTR tmpl, CK_ULONG count, CK_OBJECT_HANDLE_PTR key)
{
	struct gate g = GATE("C_UnwrapKey");

	(void)unwrapping_key;
	(void)in_len;
	(void)tmpl;
	(void)count;
	return no_wrapping(&g, session, m, in, key);
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
