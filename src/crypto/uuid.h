/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_UUID_H
#define CRYPTO_UUID_H

#include "util/buf.h"

/*
 * A version 5 UUID (RFC 4122, 4.3) in the module's own name space,
 * 0ed8b1aa-69ec-4f63-877f-b60940fde6eb, over name, as lowercase text of 36
 * characters without a NUL.
 */
CK_RV uuid_v5(struct view name, struct buf *text) MUST_CHECK;

#endif
