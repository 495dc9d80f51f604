/* SPDX-License-Identifier: BSD-2-Clause */
#include "object/internal.h"

#include "crypto/cert.h"

/*
 * What the caller said stays as it is: names come with other string types
 * and serial numbers without their DER header, and programs look for the
 * bytes that they stored.
 */
static CK_RV
fill(struct attrs *a, CK_ATTRIBUTE_TYPE type, const struct buf *value)
{
	if (attrs_view(a, type).len > 0)
		return CKR_OK;
	return attrs_set(a, type, buf_view(value));
}

static CK_RV
fill_from_der(struct attrs *a)
{
	struct view info = attrs_view(a, CKA_PUBLIC_KEY_INFO);
	struct cert_parts parts = { BUF_EMPTY, BUF_EMPTY, BUF_EMPTY,
	    BUF_EMPTY };
	CK_RV rv;

	if ((rv = cert_read(attrs_view(a, CKA_VALUE), &parts)) != CKR_OK)
		goto out;
	if (info.len > 0 &&
	    !view_equal(info, buf_view(&parts.public_key_info))) {
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
		goto out;
	}
	if ((rv = fill(a, CKA_SUBJECT, &parts.subject)) != CKR_OK ||
	    (rv = fill(a, CKA_ISSUER, &parts.issuer)) != CKR_OK ||
	    (rv = fill(a, CKA_SERIAL_NUMBER, &parts.serial)) != CKR_OK)
		goto out;
	rv = fill(a, CKA_PUBLIC_KEY_INFO, &parts.public_key_info);
out:
	cert_parts_free(&parts);
	return rv;
}

/* Instead of a value a certificate may have a URL, and then both hashes that
 * tell whose it is (4.6.3). */
static bool
has_url(const struct attrs *a)
{
	return attrs_view(a, CKA_URL).len > 0 &&
	    attrs_view(a, CKA_HASH_OF_SUBJECT_PUBLIC_KEY).len > 0 &&
	    attrs_view(a, CKA_HASH_OF_ISSUER_PUBLIC_KEY).len > 0;
}

CK_RV
object_certificate(const struct rules *rules, struct attrs *a)
{
	bool x509 = rules->subtype == CKC_X_509;
	CK_RV rv;

	if (attrs_view(a, CKA_VALUE).len == 0 && !has_url(a))
		return CKR_TEMPLATE_INCOMPLETE;
	if (x509 && attrs_view(a, CKA_VALUE).len > 0 &&
	    (rv = fill_from_der(a)) != CKR_OK)
		return rv;
	/* no more than a URL to read it from: the caller has to say */
	if (x509 && attrs_view(a, CKA_VALUE).len == 0 &&
	    attrs_view(a, CKA_SUBJECT).len == 0)
		return CKR_TEMPLATE_INCOMPLETE;
	return object_check_value(rules, a);
}
