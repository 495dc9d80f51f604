/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_WRAPPING_H
#define TOKEN_WRAPPING_H

#include "token/keys.h"

/*
 * C_WrapKey and C_UnwrapKey (PKCS#11 3.x, 5.18.3 and 5.18.4).
 *
 * A key leaves as the bytes of its CKA_VALUE: only secrets whose value is in
 * software are ever extractable, a private key is bound to its TPM. Nothing
 * but the value is wrapped, so what is unwrapped has the attributes that the
 * template and the unwrapping key's CKA_UNWRAP_TEMPLATE give it.
 *
 * CKR_WRAPPING_KEY_HANDLE_INVALID, _TYPE_INCONSISTENT, _SIZE_RANGE and CKR_KEY_
 * FUNCTION_NOT_PERMITTED speak of the wrapping key. Of the key: CKR_KEY_
 * HANDLE_INVALID (also when it is not of the wrapping key's CKA_WRAP_
 * TEMPLATE), CKR_KEY_UNEXTRACTABLE, CKR_KEY_NOT_WRAPPABLE (no secret; wants a
 * trusted key), CKR_KEY_SIZE_RANGE.
 */
CK_RV token_wrap_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key,
    struct buf *wrapped) MUST_CHECK;
/* All that it checks, and mech_wrapped_len: no TPM. */
CK_RV token_wrapped_len(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, size_t *len,
    bool *exact) MUST_CHECK;

/*
 * A secret of any kind, or an RSA or EC private key as PrivateKeyInfo. CKA_
 * VALUE_LEN tells where the zeros begin that block modes put after a secret,
 * and cuts nothing else: who could have less of a key than there is would
 * find it by trying. CKR_UNWRAPPING_KEY_HANDLE_INVALID and its like, CKR_
 * WRAPPED_KEY_INVALID, CKR_WRAPPED_KEY_LEN_RANGE, and what C_CreateObject says
 * of templates.
 */
CK_RV token_unwrap_key(const struct maker *by, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE unwrapping, struct template tmpl, struct view wrapped,
    CK_OBJECT_HANDLE *handle) MUST_CHECK;

#endif
