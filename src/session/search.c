/* SPDX-License-Identifier: BSD-2-Clause */
#include "session/search.h"

#include <string.h>

#include "session/internal.h"
#include "token/objects.h"

void
search_end(struct search *search)
{
	token_handles_free(&search->list);
	memset(search, 0, sizeof(*search));
}

CK_RV
search_start(struct session *s, const CK_ATTRIBUTE *tmpl, CK_ULONG count)
{
	struct attrs want = ATTRS_EMPTY;
	CK_RV rv;

	if (s->search.active)
		return CKR_OPERATION_ACTIVE;
	rv = attrs_from_template(tmpl, count, &want);
	/* two values for one attribute: no object has both */
	if (rv != CKR_TEMPLATE_INCONSISTENT && (rv != CKR_OK ||
	    (rv = token_find(s->token, session_state(s), &want,
	    &s->search.list, &s->search.count)) != CKR_OK))
		goto out;
	rv = CKR_OK;
	s->search.active = true;
	s->search.at = 0;
out:
	attrs_free(&want);
	return rv;
}

CK_RV
search_next(struct session *s, CK_OBJECT_HANDLE *handles, CK_ULONG room,
    CK_ULONG *count)
{
	struct search *search = &s->search;
	size_t left, n;

	if (!search->active)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (count == NULL || (handles == NULL && room != 0))
		return CKR_ARGUMENTS_BAD;
	left = search->count - search->at;
	n = left < room ? left : room;
	if (n != 0)
		memcpy(handles, search->list + search->at,
		    n * sizeof(*handles));
	search->at += n;
	*count = n;
	return CKR_OK;
}

CK_RV
search_finish(struct session *s)
{
	if (!s->search.active)
		return CKR_OPERATION_NOT_INITIALIZED;
	search_end(&s->search);
	return CKR_OK;
}

void
search_cancel(struct session *s)
{
	search_end(&s->search);
}
