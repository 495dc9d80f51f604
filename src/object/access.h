/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OBJECT_ACCESS_H
#define OBJECT_ACCESS_H

#include "attr/attrs.h"

/*
 * Who may see, change and use an object, decided from its attributes and
 * the state of the session (CKS_..., PKCS#11 3.x, 5.6.? and table "access to
 * different types of objects").
 */

/* Private objects are for the user only. */
bool object_visible(const struct attrs *a, CK_STATE state);

/* May a session in this state make (or destroy, or change) an object with
 * these attributes? CKR_SESSION_READ_ONLY for a token object in an R/O
 * session, CKR_USER_NOT_LOGGED_IN for a private one without the user. */
CK_RV object_writable(const struct attrs *a, CK_STATE state) MUST_CHECK;

/* CKA_DESTROYABLE false is CKR_ACTION_PROHIBITED. */
CK_RV object_destroyable(const struct attrs *a) MUST_CHECK;

/*
 * May a key with these attributes be wrapped by one with those of by?
 * CKR_KEY_UNEXTRACTABLE, CKR_KEY_NOT_WRAPPABLE for a key that is not to be
 * hidden at all or wants a trusted key (CKA_WRAP_WITH_TRUSTED), CKR_KEY_HANDLE_
 * INVALID for one that by's CKA_WRAP_TEMPLATE leaves out (5.18.3).
 */
CK_RV object_wrappable(const struct attrs *a,
    const struct attrs *by) MUST_CHECK;

/*
 * May this key do usage (CKA_SIGN, CKA_DERIVE, ...) with mechanism m?
 * CKR_KEY_FUNCTION_NOT_PERMITTED, and CKR_MECHANISM_INVALID when
 * CKA_ALLOWED_MECHANISMS leaves it out.
 */
CK_RV object_usable(const struct attrs *a, CK_ATTRIBUTE_TYPE usage,
    CK_MECHANISM_TYPE m) MUST_CHECK;

#endif
