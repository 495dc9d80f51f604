/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OBJECT_OBJECT_H
#define OBJECT_OBJECT_H

#include "attr/attrs.h"

/*
 * What an object is: for each class and key type one table (object/rules.c)
 * says which attributes exist, which are required, forbidden or defaulted
 * when the object is created, generated, derived, unwrapped or copied, which
 * may be set later, by whom and in which direction, and which are computed
 * (PKCS#11 3.x, chapter 4). Everything below is driven by that table.
 */
enum object_origin {
	OBJECT_CREATED,		/* C_CreateObject */
	OBJECT_GENERATED,	/* C_GenerateKey, C_GenerateKeyPair */
	OBJECT_DERIVED,		/* C_DeriveKey */
	OBJECT_UNWRAPPED,	/* C_UnwrapKey */
	OBJECT_COPIED
};

struct object_plan {
	enum object_origin origin;
	/* What the call implies, or CK_UNAVAILABLE_INFORMATION: then the
	 * template has to say it. A template that says something else is
	 * CKR_TEMPLATE_INCONSISTENT. */
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE key_type;
	CK_MECHANISM_TYPE mechanism;	/* CKA_KEY_GEN_MECHANISM; or
					   CK_UNAVAILABLE_INFORMATION */
	bool so;			/* the SO is logged in */
	bool apart;			/* roles_settle (object/roles.h) */
	/* The key that a derivation starts from: CKA_ALWAYS_SENSITIVE and
	 * CKA_NEVER_EXTRACTABLE of what comes out depend on it. NULL counts
	 * as one that was outside. */
	const struct attrs *base;
};

/*
 * The classes by which the module describes itself (CKO_PROFILE,
 * CKO_MECHANISM, CKO_VALIDATION, CKO_HW_FEATURE) exist for OBJECT_GENERATED
 * alone; a plan whose class a caller chose never has that origin. A caller who
 * names one, or any class or type that is not there, gets
 * CKR_ATTRIBUTE_VALUE_INVALID. OBJECT_DERIVED without a key type makes a
 * generic secret.
 *
 * The whole attribute list of a new object: the template checked by the
 * rules, defaults added. Attributes that only the making of the object can
 * give (CKA_VALUE, CKA_MODULUS, CKA_EC_POINT, ...) are left out here and
 * added by the mechanism; then object_finish is called.
 * CKA_EC_PARAMS comes out as the OID of a named curve.
 *
 * CKR_TEMPLATE_INCOMPLETE      something required is missing
 * CKR_TEMPLATE_INCONSISTENT    contradictions, an attribute of other classes
 *                              or not for this origin, a private key that
 *                              is to be extractable
 * CKR_ATTRIBUTE_TYPE_INVALID   no attribute of Cryptoki
 * CKR_ATTRIBUTE_VALUE_INVALID
 * CKR_ATTRIBUTE_READ_ONLY      computed (CKA_LOCAL, ...), or CKA_TRUSTED
 *                              and not the SO
 * CKR_CURVE_NOT_SUPPORTED, CKR_DOMAIN_PARAMS_INVALID
 *
 * *out must be empty and stays so on failure.
 */
CK_RV object_build(const struct object_plan *plan, const struct attrs *tmpl,
    struct attrs *out) MUST_CHECK;

/*
 * Add what is computed from the rest: CKA_LOCAL, CKA_ALWAYS_SENSITIVE,
 * CKA_NEVER_EXTRACTABLE, CKA_MODULUS_BITS, CKA_VALUE_LEN, CKA_CHECK_VALUE,
 * CKA_PUBLIC_KEY_INFO, CKA_UNIQUE_ID (random), certificate fields that the
 * template left out (subject, issuer, serial, public key info). For public
 * keys and certificates made by the caller this is also the check of their
 * values: CKR_ATTRIBUTE_VALUE_INVALID, CKR_CURVE_NOT_SUPPORTED,
 * CKR_KEY_SIZE_RANGE; CKR_TEMPLATE_INCONSISTENT when a stated CKA_VALUE_LEN
 * or CKA_MODULUS_BITS is wrong, CKR_WRAPPED_KEY_LEN_RANGE when what was
 * unwrapped is no key of its type. A private key that was created should
 * have its public half by then (CKA_EC_POINT from the private value): without
 * it a stated CKA_PUBLIC_KEY_INFO is CKR_ATTRIBUTE_TYPE_INVALID (4.10).
 * a is unchanged on failure. Nothing to do for OBJECT_COPIED.
 */
CK_RV object_finish(const struct object_plan *plan,
    struct attrs *a) MUST_CHECK;

/*
 * The halves of a generated pair belong together: CKA_ID, CKA_LABEL and
 * CKA_SUBJECT given for one half only are NOT copied but for CKA_ID (see
 * rules); CKA_EC_PARAMS, CKA_EC_POINT, CKA_MODULUS, CKA_PUBLIC_EXPONENT and
 * CKA_PUBLIC_KEY_INFO stand on both.
 */
CK_RV object_pair(struct attrs *pub, struct attrs *priv) MUST_CHECK;

/*
 * The template for a key that key makes (which: CKA_UNWRAP_TEMPLATE,
 * CKA_DERIVE_TEMPLATE, CKA_DECAPSULATE_TEMPLATE, ...): the caller's and what
 * key imposes. CKR_TEMPLATE_INCONSISTENT when they contradict each other.
 */
CK_RV object_impose(const struct attrs *key, CK_ATTRIBUTE_TYPE which,
    const struct attrs *tmpl, struct attrs *out) MUST_CHECK;

/*
 * C_SetAttributeValue: *out becomes a with the changes applied, or nothing.
 * CKR_ACTION_PROHIBITED (CKA_MODIFIABLE false), CKR_ATTRIBUTE_READ_ONLY,
 * CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID. A certificate that
 * the SO trusts is changed by the SO alone (4.6.2): CKR_ACTION_PROHIBITED.
 */
CK_RV object_change(const struct attrs *a, const struct attrs *changes,
    bool so, struct attrs *out) MUST_CHECK;

/*
 * C_CopyObject: *out becomes a copy with the template's changes: CKA_TOKEN,
 * CKA_PRIVATE (not from true to false), CKA_MODIFIABLE, CKA_DESTROYABLE, and
 * what C_SetAttributeValue could change; what repeats the original's value is
 * accepted. The copy has its own CKA_UNIQUE_ID. CKR_ACTION_PROHIBITED
 * (CKA_COPYABLE false), CKR_TEMPLATE_INCONSISTENT (CKA_PRIVATE to false), else
 * codes as object_change.
 */
CK_RV object_copy(const struct attrs *a, const struct attrs *tmpl, bool so,
    struct attrs *out) MUST_CHECK;

/*
 * C_GetAttributeValue over a whole template (5.7.5): every entry is worked
 * on, CK_UNAVAILABLE_INFORMATION for those that cannot be given, and one of
 * CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID,
 * CKR_BUFFER_TOO_SMALL is returned. A secret's CKA_VALUE and private parts
 * are given only when CKA_SENSITIVE is false and CKA_EXTRACTABLE true.
 * Attributes that the class has but the object leaves out are empty, not
 * invalid (the programs of CLIENTS.md count on that).
 */
CK_RV object_read(const struct attrs *a, CK_ATTRIBUTE *tmpl,
    CK_ULONG count) MUST_CHECK;

/* Does a match a search template? Sensitive values never match, so that a
 * search is no oracle for them. */
bool object_matches(const struct attrs *a, const struct attrs *want);

/* Bytes that the object takes, for C_GetObjectSize. */
CK_ULONG object_size(const struct attrs *a);

#endif
