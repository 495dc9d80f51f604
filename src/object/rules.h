/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OBJECT_RULES_H
#define OBJECT_RULES_H

#include "attr/attrs.h"

/*
 * The rules about attributes as data (PKCS#11 3.x, chapter 4 and the object
 * tables of chapter 6): one row for each attribute that a class has. The
 * numbers are those of the footnotes common to all those tables ("Common
 * footnotes for object attribute tables").
 */
enum rule_flag {
	RULE_CREATE_MUST   = 1 << 0,	/* 1 */
	RULE_CREATE_NOT    = 1 << 1,	/* 2 */
	RULE_GENERATE_MUST = 1 << 2,	/* 3 */
	RULE_GENERATE_NOT  = 1 << 3,	/* 4 */
	RULE_UNWRAP_NOT    = 1 << 4,	/* 6 */
	RULE_DERIVE_NOT    = 1 << 5,	/* the derivation gives it */
	RULE_SECRET        = 1 << 6,	/* 7 */
	RULE_SET           = 1 << 7,	/* 8 */
	RULE_COPY          = 1 << 8,	/* settable in C_CopyObject only */
	RULE_SO            = 1 << 9,	/* 10: true only by the SO */
	RULE_STAYS_TRUE    = 1 << 10,	/* 11 */
	RULE_STAYS_FALSE   = 1 << 11,	/* 12 */
	/* The module alone gives it (2, 4 and 6 together, or more). */
	RULE_COMPUTED      = 1 << 12,
	/* Known, but true is more than this token can promise. */
	RULE_FALSE         = 1 << 13,
	/* Computed; a caller may state it if it is right (4.10). */
	RULE_SAME          = 1 << 14,
	/* Computed; a caller may also clear it (4.11, key check value). */
	RULE_CLEAR         = 1 << 15,
	/* Accepted, without effect and never seen again: a usage of the other
	 * half of a pair, which programs give to both halves. */
	RULE_IGNORED       = 1 << 16,
	/* Tells the mechanism something; not an attribute of the object. */
	RULE_TRANSIENT     = 1 << 17
};

enum rule_default {
	DEFAULT_NONE,		/* not stored; reads as empty */
	DEFAULT_EMPTY,
	DEFAULT_VALUE,		/* the row's value */
	DEFAULT_TOKEN,		/* true on token objects */
	DEFAULT_OPEN,		/* true but for closed token keys */
	DEFAULT_USE		/* true when the template asks for no use */
};

struct rule {
	CK_ATTRIBUTE_TYPE type;
	unsigned flags;
	enum rule_default dflt;
	CK_ULONG value;		/* a CK_BBOOL or CK_ULONG */
};

/* Rows that several classes share. */
struct rule_list {
	const struct rule *rows;
	size_t count;
};

enum { RULES_LISTS = 6 };

struct rules {
	CK_OBJECT_CLASS class;
	/* CKA_KEY_TYPE, CKA_CERTIFICATE_TYPE or CKA_HW_FEATURE_TYPE; for a
	 * class that has none CK_UNAVAILABLE_INFORMATION. */
	CK_ULONG subtype;
	/* The module makes these itself (OBJECT_GENERATED), no caller does. */
	bool own;
	/* Found only by a search that names the class (4.3, 4.13). */
	bool hidden;
	/* The bytes that CKA_VALUE may have, ending with 0; NULL: any. */
	const CK_ULONG *lengths;
	struct rule_list lists[RULES_LISTS];
};

/* The attribute that divides a class, or CK_UNAVAILABLE_INFORMATION. */
CK_ATTRIBUTE_TYPE rules_subtype(CK_OBJECT_CLASS class);
/* NULL for a class or subtype that this module does not have. */
const struct rules *rules_find(CK_OBJECT_CLASS class, CK_ULONG subtype);
const struct rules *rules_of(const struct attrs *a);
/* For tests and loops: the nth table, the nth row of one; NULL at the end. */
const struct rules *rules_nth(size_t n);
const struct rule *rules_row(const struct rules *r, size_t n);
/* NULL when the class has no such attribute. */
const struct rule *rules_get(const struct rules *r, CK_ATTRIBUTE_TYPE type);

/* Is it one of the attributes that allow a use (CKA_SIGN, ...)? */
bool rules_is_use(CK_ATTRIBUTE_TYPE type);
/* Is it a boolean that is CK_TRUE? */
bool rules_asks_true(const struct attr *item);
/* May CKA_VALUE have this length? */
bool rules_length(const struct rules *r, CK_ULONG len);

/*
 * Put into out what the attribute is in an object a that leaves it out
 * (out may be a). idle: the template asked for no use at all.
 */
CK_RV rule_default(const struct rule *row, const struct attrs *a, bool idle,
    struct attrs *out) MUST_CHECK;
/* A boolean of an object, its default when it is left out. */
bool rules_bool(const struct attrs *a, CK_ATTRIBUTE_TYPE type);
/* May the values that row marks secret be shown? */
bool rules_revealed(const struct attrs *a);

#endif
