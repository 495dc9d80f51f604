/* SPDX-License-Identifier: BSD-2-Clause */
/* Key encapsulation (PKCS#11 3.2, 5.18). */
#include "api/maker.h"
#include "api/trace.h"
#include "session/output.h"

CK_RV
C_EncapsulateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE public, CK_ATTRIBUTE_PTR tmpl, CK_ULONG count,
    CK_BYTE_PTR out, CK_ULONG_PTR out_len, CK_OBJECT_HANDLE_PTR key)
{
	struct gate g = GATE("C_EncapsulateKey");
	struct buf ciphertext = BUF_EMPTY;
	struct maker by;
	size_t len;
	CK_RV rv;

	trace_call(g.name, "session %lu, %s, key %lu, template of %lu",
	    session, trace_mechanism(m), public, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) != CKR_OK)
		goto out;
	if (m == NULL || (key == NULL && out != NULL)) {
		rv = CKR_ARGUMENTS_BAD;
		goto out;
	}
	/* the room is looked at first: no key is made and then forgotten */
	if ((rv = token_encapsulated_len(&by, m, public, &len)) != CKR_OK ||
	    output_ask(out, out_len, len, true, &rv) == OUTPUT_DONE)
		goto out;
	if ((rv = token_encapsulate_key(&by, m, public,
	    TEMPLATE(tmpl, count), &ciphertext, key)) == CKR_OK)
		rv = output_give(buf_view(&ciphertext), out, out_len);
out:
	buf_free(&ciphertext);
	return gate_leave(&g, rv);
}

CK_RV
C_DecapsulateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR m,
    CK_OBJECT_HANDLE private, CK_ATTRIBUTE_PTR tmpl, CK_ULONG count,
    CK_BYTE_PTR in, CK_ULONG in_len, CK_OBJECT_HANDLE_PTR key)
{
	struct gate g = GATE("C_DecapsulateKey");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, %s, key %lu, template of %lu",
	    session, trace_mechanism(m), private, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) != CKR_OK)
		return gate_leave(&g, rv);
	if (m == NULL || key == NULL || in == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else
		rv = token_decapsulate_key(&by, m, private,
		    TEMPLATE(tmpl, count), view_of(in, in_len), key);
	return gate_leave(&g, rv);
}
