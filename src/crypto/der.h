/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H

#include "util/buf.h"

/*
 * The few forms of DER (X.690) that the module reads and writes itself:
 * definite lengths in their shortest form, tags of one byte.
 */
enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_PRINTABLE_STRING = 0x13,
	DER_SEQUENCE = 0x30,
	DER_CONTEXT_0_OCTETS = 0x80,	/* primitive, implicit */
	DER_CONTEXT_1_OCTETS = 0x81,
	DER_CONTEXT_0 = 0xa0,	/* constructed, explicit */
	DER_CONTEXT_1 = 0xa1
};

/* Does in begin with this tag? */
bool der_is(struct view in, enum der_tag tag);
/*
 * Take the value at the front of *in: content gets its content octets.
 * CKR_DATA_INVALID, and *in as it was, when it has another tag or is cut.
 */
CK_RV der_take(struct view *in, enum der_tag tag,
    struct view *content) MUST_CHECK;
/* The same, but whole gets the tag and length octets too. */
CK_RV der_take_whole(struct view *in, enum der_tag tag,
    struct view *whole) MUST_CHECK;
/* A nonnegative INTEGER, without leading zeros. */
CK_RV der_take_uint(struct view *in, struct view *number) MUST_CHECK;

/* Append one value. */
CK_RV der_put(struct buf *out, enum der_tag tag,
    struct view content) MUST_CHECK;
/* Append an INTEGER, from big-endian bytes that may begin with zeros. */
CK_RV der_put_uint(struct buf *out, struct view number) MUST_CHECK;
/* Append a BIT STRING of whole bytes. */
CK_RV der_put_bits(struct buf *out, struct view content) MUST_CHECK;

/* v without its leading zero bytes; not for secrets. */
struct view der_strip(struct view v);

#endif
