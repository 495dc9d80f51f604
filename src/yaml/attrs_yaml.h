/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef YAML_ATTRS_YAML_H
#define YAML_ATTRS_YAML_H

#include "attr/attrs.h"

/*
 * Attribute lists as YAML text, one document a list: a mapping from the
 * attribute's name (CKA_LABEL, or 0x8000ce01 for one that has none) to a
 * scalar that carries its kind: true/false, a decimal number (-1 for
 * CK_UNAVAILABLE_INFORMATION), !hex bytes, !date, a flow sequence of numbers,
 * or a nested mapping. Independent of word size and byte order, so a store
 * moves between machines. !hex is read for any kind whose size it has: that is
 * how a date that is none is written, and what an older version wrote for an
 * attribute that it did not know.
 */

/*
 * CKR_HOST_MEMORY; CKR_GENERAL_ERROR for a list that was not made through
 * attr/attrs.h. text is replaced.
 */
CK_RV yaml_write_attrs(const struct attrs *a, struct buf *text) MUST_CHECK;

/*
 * Text comes from the disk and is hostile: CKR_DATA_INVALID (logged at info,
 * with line and column) for what yaml_write_attrs would not have written;
 * aliases, deep nesting and duplicate keys are refused. *out must be empty
 * and stays so on failure.
 */
CK_RV yaml_read_attrs(struct view text, struct attrs *out) MUST_CHECK;

#endif
