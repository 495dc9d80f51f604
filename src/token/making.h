/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TOKEN_MAKING_H
#define TOKEN_MAKING_H

#include "object/object.h"
#include "token/keys.h"

/* The steps by which keys come to be (keys.c), for this folder only. */

/*
 * Do keys that wrap keys do nothing else (object/roles.h)? So it is unless
 * the configuration has wrap_and_decrypt: allow.
 */
bool maker_apart(const struct maker *by);

/*
 * May this session have such an object? Asked before the TPM does any work,
 * and again, by the same rule, when the object is added.
 */
CK_RV maker_allowed(const struct maker *by,
    const struct attrs *a) MUST_CHECK;

/* The key behind handle, if it may do usage with m. Its attributes are valid
 * until the next call for this token. */
CK_RV maker_key(const struct maker *by, CK_OBJECT_HANDLE handle,
    CK_ATTRIBUTE_TYPE usage, const CK_MECHANISM *m,
    const struct attrs **attrs, struct key **key) MUST_CHECK;

/* enum context_login. */
CK_RV maker_context(const struct maker *by,
    const struct attrs *key) MUST_CHECK;

/*
 * The template, and what key imposes by which on what is made with it. A
 * secret that was known outside, out of an encapsulation or unwrapped, is
 * extractable unless the template says no (5.18.4, 5.18.10, 5.18.11).
 */
CK_RV maker_build_imposed(const struct object_plan *plan,
    const struct attrs *key, CK_ATTRIBUTE_TYPE which, struct template tmpl,
    struct attrs *out) MUST_CHECK;

/*
 * What is computed, and the value into the TPM if it belongs there: a private
 * key before its public half is needed, a secret after all that is told of
 * its value.
 */
CK_RV maker_complete(const struct maker *by, const struct object_plan *plan,
    struct new_object *n) MUST_CHECK;

CK_RV maker_add(const struct maker *by, struct new_object *n,
    CK_OBJECT_HANDLE *handle) MUST_CHECK;

#endif
