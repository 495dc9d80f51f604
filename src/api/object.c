/* SPDX-License-Identifier: BSD-2-Clause */
/* Object management functions (PKCS#11 3.x, 5.7). */
#include "api/gate.h"
#include "api/maker.h"
#include "api/trace.h"
#include "object/object.h"
#include "session/search.h"

CK_RV
C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR tmpl,
    CK_ULONG count, CK_OBJECT_HANDLE_PTR object)
{
	struct gate g = GATE("C_CreateObject");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, template of %lu", session, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) == CKR_OK)
		rv = object == NULL ? CKR_ARGUMENTS_BAD :
		    token_create_object(&by, TEMPLATE(tmpl, count), object);
	return gate_leave(&g, rv);
}

CK_RV
C_CopyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_PTR tmpl, CK_ULONG count, CK_OBJECT_HANDLE_PTR new_object)
{
	struct gate g = GATE("C_CopyObject");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, object %lu, template of %lu",
	    session, object, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) == CKR_OK)
		rv = new_object == NULL ? CKR_ARGUMENTS_BAD :
		    token_copy_object(&by, object, TEMPLATE(tmpl, count),
		    new_object);
	return gate_leave(&g, rv);
}

CK_RV
C_DestroyObject(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	struct gate g = GATE("C_DestroyObject");
	CK_RV rv;

	trace_call(g.name, "session %lu, object %lu", session, object);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = token_destroy_object(g.token,
		    session_state(g.session), object);
	return gate_leave(&g, rv);
}

CK_RV
C_GetObjectSize(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ULONG_PTR size)
{
	struct gate g = GATE("C_GetObjectSize");
	const struct attrs *attrs;
	CK_RV rv;

	trace_call(g.name, "session %lu, object %lu", session, object);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) != CKR_OK)
		return gate_leave(&g, rv);
	if (size == NULL)
		rv = CKR_ARGUMENTS_BAD;
	else if ((rv = token_object(g.token, session_state(g.session),
	    object, &attrs)) == CKR_OK)
		*size = object_size(attrs);
	return gate_leave(&g, rv);
}

CK_RV
C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_PTR tmpl, CK_ULONG count)
{
	struct gate g = GATE("C_GetAttributeValue");
	const struct attrs *attrs;
	CK_RV rv;

	trace_call(g.name, "session %lu, object %lu, template of %lu",
	    session, object, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) != CKR_OK)
		return gate_leave(&g, rv);
	if (tmpl == NULL || count == 0 ||
	    count > PTRDIFF_MAX / sizeof(*tmpl))
		rv = CKR_ARGUMENTS_BAD;
	else if ((rv = token_object(g.token, session_state(g.session),
	    object, &attrs)) == CKR_OK)
		rv = object_read(attrs, tmpl, count);
	return gate_leave(&g, rv);
}

CK_RV
C_SetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_PTR tmpl, CK_ULONG count)
{
	struct gate g = GATE("C_SetAttributeValue");
	struct maker by;
	CK_RV rv;

	trace_call(g.name, "session %lu, object %lu, template of %lu",
	    session, object, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_maker(&g, session, &by)) == CKR_OK)
		rv = tmpl == NULL || count == 0 ? CKR_ARGUMENTS_BAD :
		    token_set_attributes(&by, object,
		    TEMPLATE(tmpl, count));
	return gate_leave(&g, rv);
}

CK_RV
C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR tmpl,
    CK_ULONG count)
{
	struct gate g = GATE("C_FindObjectsInit");
	CK_RV rv;

	trace_call(g.name, "session %lu, template of %lu", session, count);
	trace_template(g.name, tmpl, count);
	if ((rv = gate_session(&g, session, GATE_TOKEN)) == CKR_OK)
		rv = search_start(g.session, tmpl, count);
	return gate_leave(&g, rv);
}

CK_RV
C_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR list,
    CK_ULONG room, CK_ULONG_PTR count)
{
	struct gate g = GATE("C_FindObjects");
	CK_RV rv;

	trace_call(g.name, "session %lu, room for %lu", session, room);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = search_next(g.session, list, room, count);
	return gate_leave(&g, rv);
}

CK_RV
C_FindObjectsFinal(CK_SESSION_HANDLE session)
{
	struct gate g = GATE("C_FindObjectsFinal");
	CK_RV rv;

	trace_call(g.name, "session %lu", session);
	if ((rv = gate_session(&g, session, GATE_SESSION)) == CKR_OK)
		rv = search_finish(g.session);
	return gate_leave(&g, rv);
}
