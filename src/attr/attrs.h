/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ATTR_ATTRS_H
#define ATTR_ATTRS_H

#include <stdbool.h>

#include "util/buf.h"

/*
 * Typed attribute lists (PKCS#11 3.x, 4.2). A value is held just as
 * C_GetAttributeValue returns it on this machine (CK_BBOOL, CK_ULONG, bytes,
 * CK_DATE, array of CK_MECHANISM_TYPE); a template-valued attribute holds a
 * list of its own. What kind an attribute is follows from one table
 * (attr/kinds.c); one that is not in the table is bytes. Values are wiped
 * when they go.
 */
enum attr_kind {
	ATTR_BYTES,	/* also strings, big integers, DER */
	ATTR_BOOL,
	ATTR_ULONG,
	ATTR_DATE,	/* CK_DATE, or empty */
	ATTR_ULONGS,	/* array of CK_ULONG */
	ATTR_TEMPLATE	/* array of CK_ATTRIBUTE */
};

enum attr_kind attr_kind(CK_ATTRIBUTE_TYPE type);
/* Is the type one of PKCS#11 2.40 to 3.2? */
bool attr_known(CK_ATTRIBUTE_TYPE type);
/*
 * Can an attribute of this type have this value, by length and, for a
 * CK_BBOOL, content? Never true for a template-valued one.
 */
bool attr_fits(CK_ATTRIBUTE_TYPE type, struct view value);

/* How deep templates stand in templates, at most. */
enum { ATTRS_DEPTH = 2 };

struct attrs;

struct attr {
	CK_ATTRIBUTE_TYPE type;
	struct buf value;	/* empty for ATTR_TEMPLATE */
	struct attrs *nested;	/* for ATTR_TEMPLATE only */
};

/*
 * At most one attribute a type, in the order in which they were added; each
 * value fits its kind. Read list and count as you like, change them through
 * the functions alone: in a long list they keep an index.
 */
struct attrs {
	struct attr *list;
	size_t count;
	size_t room;
	uint32_t *index;	/* of room for twice the list, or NULL */
	size_t index_room;
};

#define ATTRS_EMPTY ((struct attrs){ NULL, 0, 0, NULL, 0 })

void attrs_free(struct attrs *a);
void attrs_move(struct attrs *to, struct attrs *from);

/*
 * Copy a caller's template, which is hostile: CKR_ARGUMENTS_BAD for a NULL
 * pointer with a length or count, CKR_ATTRIBUTE_VALUE_INVALID for a length
 * that its kind cannot have or a CK_BBOOL that is neither 0 nor 1,
 * CKR_TEMPLATE_INCONSISTENT for a type that stands twice with different
 * values (twice the same is tolerated), CKR_HOST_MEMORY. *out must be empty
 * and stays empty on failure. Nested templates are copied ATTRS_DEPTH levels
 * deep; deeper ones, as one that contains itself, and altogether more than
 * 10,000 nested attributes are CKR_ATTRIBUTE_VALUE_INVALID.
 */
CK_RV attrs_from_template(const CK_ATTRIBUTE *tmpl, CK_ULONG count,
    struct attrs *out) MUST_CHECK;

/* NULL when absent. The pointer lives until the list is changed. */
const struct attr *attrs_get(const struct attrs *a, CK_ATTRIBUTE_TYPE type);
bool attrs_has(const struct attrs *a, CK_ATTRIBUTE_TYPE type);
/* The value, or dflt when it is absent (or not of this kind's size). */
bool attrs_bool(const struct attrs *a, CK_ATTRIBUTE_TYPE type, bool dflt);
CK_ULONG attrs_ulong(const struct attrs *a, CK_ATTRIBUTE_TYPE type,
    CK_ULONG dflt);
/* Empty when absent. */
struct view attrs_view(const struct attrs *a, CK_ATTRIBUTE_TYPE type);

/*
 * Add or replace; the list is as before on failure. CKR_HOST_MEMORY, or
 * CKR_ATTRIBUTE_VALUE_INVALID for a value that does not fit the type. What is
 * copied may be a part of the list itself.
 */
CK_RV attrs_set(struct attrs *a, CK_ATTRIBUTE_TYPE type,
    struct view value) MUST_CHECK;
CK_RV attrs_set_bool(struct attrs *a, CK_ATTRIBUTE_TYPE type,
    bool value) MUST_CHECK;
CK_RV attrs_set_ulong(struct attrs *a, CK_ATTRIBUTE_TYPE type,
    CK_ULONG value) MUST_CHECK;
CK_RV attrs_set_ulongs(struct attrs *a, CK_ATTRIBUTE_TYPE type,
    const CK_ULONG *values, size_t count) MUST_CHECK;
/* Takes *nested and leaves it empty. */
CK_RV attrs_set_template(struct attrs *a, CK_ATTRIBUTE_TYPE type,
    struct attrs *nested) MUST_CHECK;
/* Copy one attribute with all below it. */
CK_RV attrs_put(struct attrs *a, const struct attr *from) MUST_CHECK;
/* Copy each attribute of from into a, replacing those of the same type. */
CK_RV attrs_merge(struct attrs *a, const struct attrs *from) MUST_CHECK;
CK_RV attrs_copy(struct attrs *out, const struct attrs *from) MUST_CHECK;
void attrs_remove(struct attrs *a, CK_ATTRIBUTE_TYPE type);

bool attr_equal(const struct attr *a, const struct attr *b);
/* Does a have each attribute of want, with the same value? */
bool attrs_match(const struct attrs *a, const struct attrs *want);

/*
 * C_GetAttributeValue's rule for one present attribute: with pValue NULL
 * set the length; with too little room set it to CK_UNAVAILABLE_INFORMATION
 * and answer CKR_BUFFER_TOO_SMALL; else copy and set the length. Nested
 * templates follow 5.7.5 (the caller's inner array is filled in turn).
 */
CK_RV attr_copy_out(const struct attr *a, CK_ATTRIBUTE *out) MUST_CHECK;

#endif
