/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_SEARCH_H
#define SESSION_SEARCH_H

#include "session/session.h"

/*
 * C_FindObjectsInit, C_FindObjects, C_FindObjectsFinal: the handles that
 * match are gathered at the start, so objects that come and go meanwhile,
 * also by this program's own calls between two portions, do not disturb it.
 * Under the session's lock; search_start under the token's too.
 */
CK_RV search_start(struct session *s, const CK_ATTRIBUTE *tmpl,
    CK_ULONG count) MUST_CHECK;
CK_RV search_next(struct session *s, CK_OBJECT_HANDLE *handles,
    CK_ULONG room, CK_ULONG *count) MUST_CHECK;
CK_RV search_finish(struct session *s) MUST_CHECK;
/* The same, when there may be none. */
void search_cancel(struct session *s);

#endif
