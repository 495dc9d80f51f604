/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OBJECT_INTERNAL_H
#define OBJECT_INTERNAL_H

#include "crypto/pubkey.h"
#include "crypto/softkey.h"
#include "object/rules.h"

/* What the files of object/ share beyond the rules. */

/* Bring CKA_EC_PARAMS into the form in which it is kept.
 * CKR_CURVE_NOT_SUPPORTED, CKR_DOMAIN_PARAMS_INVALID. */
CK_RV object_curve(struct attrs *a, const struct curve **curve) MUST_CHECK;
/* The same for an Edwards or Montgomery key. */
CK_RV object_soft_curve(struct attrs *a,
    const struct softkey_type **type) MUST_CHECK;
/* Is the key type one of these? */
bool object_is_soft(CK_KEY_TYPE type);

/*
 * Check the public half that a key has and bring it into the form in which
 * it is kept; add CKA_PUBLIC_KEY_INFO and, where the class has it,
 * CKA_MODULUS_BITS. Nothing to do for a private key without its public half.
 */
CK_RV object_public(const struct rules *rules, struct attrs *a) MUST_CHECK;

/* Fill in what the certificate itself tells. */
CK_RV object_certificate(const struct rules *rules,
    struct attrs *a) MUST_CHECK;

/* CKA_CHECK_VALUE (4.6.2, 4.11.1). */
CK_RV object_check_value(const struct rules *rules,
    struct attrs *a) MUST_CHECK;

/* A fresh CKA_UNIQUE_ID. */
CK_RV object_unique_id(struct attrs *a) MUST_CHECK;

#endif
