/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include "util/buf.h"

/*
 * What the module reads out of an X.509 certificate's DER for an object's
 * attributes: subject and issuer names and serial number as DER, and the
 * SubjectPublicKeyInfo. CKR_ATTRIBUTE_VALUE_INVALID when it is none; bytes
 * after the certificate make it none.
 */
struct cert_parts {
	struct buf subject;
	struct buf issuer;
	struct buf serial;
	struct buf public_key_info;
};

CK_RV cert_read(struct view der, struct cert_parts *out) MUST_CHECK;
void cert_parts_free(struct cert_parts *p);

#endif
