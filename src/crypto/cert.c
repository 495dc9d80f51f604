/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/cert.h"

#include "crypto/der.h"

/* The fields of RFC 5280, 4.1 that become attributes, still in the DER. */
struct fields {
	struct view serial;
	struct view issuer;
	struct view subject;
	struct view public_key_info;
};

/*
 * Read by hand: OpenSSL would look into the key and the extensions, which
 * are none of an object store's business, and rewrite what it parsed.
 */
static CK_RV
read_tbs(struct view tbs, struct fields *f)
{
	struct view skip;
	CK_RV rv;

	if (der_is(tbs, DER_CONTEXT_0) &&
	    (rv = der_take(&tbs, DER_CONTEXT_0, &skip)) != CKR_OK)
		return rv;
	if ((rv = der_take_whole(&tbs, DER_INTEGER, &f->serial)) != CKR_OK ||
	    (rv = der_take(&tbs, DER_SEQUENCE, &skip)) != CKR_OK ||
	    (rv = der_take_whole(&tbs, DER_SEQUENCE, &f->issuer)) != CKR_OK ||
	    (rv = der_take(&tbs, DER_SEQUENCE, &skip)) != CKR_OK ||
	    (rv = der_take_whole(&tbs, DER_SEQUENCE, &f->subject)) != CKR_OK)
		return rv;
	return der_take_whole(&tbs, DER_SEQUENCE, &f->public_key_info);
}

static CK_RV
read_fields(struct view der, struct fields *f)
{
	struct view cert, tbs, skip;
	CK_RV rv;

	if ((rv = der_take(&der, DER_SEQUENCE, &cert)) != CKR_OK ||
	    (rv = der_take(&cert, DER_SEQUENCE, &tbs)) != CKR_OK ||
	    (rv = der_take(&cert, DER_SEQUENCE, &skip)) != CKR_OK ||
	    (rv = der_take(&cert, DER_BIT_STRING, &skip)) != CKR_OK)
		return rv;
	if (der.len != 0 || cert.len != 0)
		return CKR_DATA_INVALID;
	return read_tbs(tbs, f);
}

CK_RV
cert_read(struct view der, struct cert_parts *out)
{
	struct cert_parts parts = {
		BUF_EMPTY, BUF_EMPTY, BUF_EMPTY, BUF_EMPTY
	};
	struct fields f;
	CK_RV rv;

	if (read_fields(der, &f) != CKR_OK)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if ((rv = buf_set(&parts.subject, f.subject)) != CKR_OK ||
	    (rv = buf_set(&parts.issuer, f.issuer)) != CKR_OK ||
	    (rv = buf_set(&parts.serial, f.serial)) != CKR_OK ||
	    (rv = buf_set(&parts.public_key_info, f.public_key_info)) !=
	    CKR_OK)
		goto out;
	*out = parts;
	parts = (struct cert_parts){
		BUF_EMPTY, BUF_EMPTY, BUF_EMPTY, BUF_EMPTY
	};
out:
	cert_parts_free(&parts);
	return rv;
}

void
cert_parts_free(struct cert_parts *p)
{
	buf_free(&p->subject);
	buf_free(&p->issuer);
	buf_free(&p->serial);
	buf_free(&p->public_key_info);
}
