/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/import.h"

#include <string.h>

#include "crypto/curve.h"
#include "crypto/der.h"
#include "crypto/privkey.h"
#include "tpm/internal.h"

struct import {
	TPM2B_PUBLIC public_area;
	TPM2B_PRIVATE duplicate;
	TPM2B_ENCRYPTED_SECRET seed;
	TPM2B_PRIVATE private_area;
};

static TSS2_RC
import_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	/* Of an inner wrapper. */
	static const TPM2B_DATA no_key;
	static const TPMT_SYM_DEF_OBJECT no_cipher = {
		.algorithm = TPM2_ALG_NULL
	};
	const struct import *a = args;

	return Tss2_Sys_Import_Prepare(sys, handles[0], &no_key,
	    &a->public_area, &a->duplicate, &a->seed, &no_cipher);
}

static TSS2_RC
import_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct import *a = args;

	return Tss2_Sys_Import_Complete(sys, &a->private_area);
}

/* The duplicate is encrypted by itself. */
static CK_RV
send(struct tpm *t, const struct tpm_parent *parent, struct import *a,
    CK_RV refused)
{
	const struct command import = {
		.name = "Import",
		.prepare = import_prepare,
		.complete = import_complete,
		.flags = COMMAND_AUTH,
		.refused = refused
	};
	const struct call c = {
		.command = &import,
		.entities = { parent_entity(parent) },
		.count = 1,
		.parent = parent,
		.args = a
	};

	return tpm_call(t, &c);
}

/* Gives sensitive an authValue. */
static CK_RV
import_key(struct tpm *t, const struct tpm_parent *parent,
    const TPMT_PUBLIC *p, TPMT_SENSITIVE *sensitive, CK_RV refused,
    struct tpm_blob *out)
{
	struct tpm_blob made = TPM_BLOB_EMPTY;
	struct buf name = BUF_EMPTY;
	struct import a = { .public_area.publicArea = *p };
	CK_RV rv;

	sensitive->sensitiveType = p->type;
	if ((rv = create_auth(&made.auth)) != CKR_OK ||
	    (rv = TPM2B_SET(&sensitive->authValue, buffer,
	    buf_view(&made.auth))) != CKR_OK ||
	    (rv = public_write(&a.public_area, &made.public_area)) !=
	    CKR_OK || (rv = public_name(buf_view(&made.public_area),
	    &name)) != CKR_OK ||
	    (rv = duplicate_make(parent, buf_view(&name), sensitive,
	    &a.duplicate, &a.seed)) != CKR_OK ||
	    (rv = send(t, parent, &a, refused)) != CKR_OK ||
	    (rv = blob_set_private(&made, &a.private_area)) != CKR_OK)
		goto out;
	blob_move(out, &made);
out:
	buf_free(&name);
	tpm_blob_free(&made);
	return rv;
}

static CK_RV
read_exponent(struct view v, uint32_t *out)
{
	size_t i;

	v = der_strip(v);
	*out = 0;
	if (v.len > sizeof(*out))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	for (i = 0; i < v.len; i++)
		*out = *out << 8 | v.data[i];
	return *out < 3 || *out % 2 == 0 ? CKR_ATTRIBUTE_VALUE_INVALID :
	    CKR_OK;
}

/* One of its primes, in half of modulus' bytes. */
static CK_RV
find_prime(const struct tpm_rsa_private *key, size_t len, struct buf *out)
{
	struct buf found = BUF_EMPTY;
	struct view prime = key->prime;
	CK_RV rv = CKR_OK;

	if (prime.len == 0) {
		rv = privkey_rsa_prime(key->modulus, key->exponent,
		    key->private_exponent, &found);
		prime = buf_view(&found);
	}
	if (rv == CKR_OK && (rv = privkey_rsa_check(key->modulus,
	    key->exponent, prime)) == CKR_OK) {
		while (prime.len > len)
			prime = view_sub(prime, 1, prime.len);
		rv = buf_set_padded(out, prime, len);
	}
	buf_free(&found);
	return rv;
}

CK_RV
tpm_import_rsa(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_rsa_private *key, unsigned use, struct tpm_blob *out)
{
	const struct view n = der_strip(key->modulus);
	TPMT_PUBLIC p = { .type = TPM2_ALG_RSA };
	TPMT_SENSITIVE sensitive;
	struct buf prime = BUF_EMPTY;
	uint32_t exponent;
	CK_RV rv;

	memset(&sensitive, 0, sizeof(sensitive));
	if (n.len == 0 || n.data[n.len - 1] % 2 == 0)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (n.len > TPM2_MAX_RSA_KEY_BYTES || n.len % 2 != 0 ||
	    n.data[0] < 0x80)
		return CKR_KEY_SIZE_RANGE;
	if ((rv = read_exponent(key->exponent, &exponent)) != CKR_OK ||
	    (rv = find_prime(key, n.len / 2, &prime)) != CKR_OK ||
	    (rv = TPM2B_SET(&sensitive.sensitive.rsa, buffer,
	    buf_view(&prime))) != CKR_OK ||
	    (rv = TPM2B_SET(&p.unique.rsa, buffer, n)) != CKR_OK)
		goto out;
	template_rsa(&p, ORIGIN_IMPORT, use, n.len * 8, exponent);
	rv = import_key(t, parent, &p, &sensitive, CKR_KEY_SIZE_RANGE, out);
out:
	wipe(&sensitive, sizeof(sensitive));
	buf_free(&prime);
	return rv;
}

/* The point of d, which has to be the one that is given. */
static CK_RV
find_point(const struct curve *c, struct view d, struct view given,
    struct buf *point)
{
	struct buf other = BUF_EMPTY;
	CK_RV rv;

	if ((rv = curve_public(c, d, point)) != CKR_OK || given.len == 0)
		return rv;
	rv = curve_point(c, given, &other);
	if (rv == CKR_DATA_INVALID)
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	else if (rv == CKR_OK &&
	    !view_equal(buf_view(&other), buf_view(point)))
		rv = CKR_TEMPLATE_INCONSISTENT;
	buf_free(&other);
	return rv;
}

static CK_RV
set_ec(const struct curve *c, struct view d, const struct buf *point,
    TPMT_PUBLIC *p, TPMT_SENSITIVE *sensitive)
{
	struct buf number = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_set_padded(&number, d, c->order)) != CKR_OK ||
	    (rv = TPM2B_SET(&sensitive->sensitive.ecc, buffer,
	    buf_view(&number))) != CKR_OK ||
	    (rv = TPM2B_SET(&p->unique.ecc.x, buffer,
	    view_sub(buf_view(point), 1, c->field))) != CKR_OK)
		goto out;
	rv = TPM2B_SET(&p->unique.ecc.y, buffer,
	    view_sub(buf_view(point), 1 + c->field, c->field));
out:
	buf_free(&number);
	return rv;
}

CK_RV
tpm_import_ec(struct tpm *t, const struct tpm_parent *parent, uint16_t curve,
    struct view d, struct view point, unsigned use, struct tpm_blob *out,
    struct buf *public_point)
{
	const struct curve *c = curve_by_tpm_id(curve);
	TPMT_PUBLIC p = { .type = TPM2_ALG_ECC };
	TPMT_SENSITIVE sensitive;
	struct buf found = BUF_EMPTY;
	CK_RV rv;

	memset(&sensitive, 0, sizeof(sensitive));
	if (c == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	while (d.len > c->order && d.data[0] == 0)
		d = view_sub(d, 1, d.len);
	if ((rv = find_point(c, d, point, &found)) != CKR_OK ||
	    (rv = set_ec(c, d, &found, &p, &sensitive)) != CKR_OK)
		goto out;
	template_ec(&p, ORIGIN_IMPORT, use, curve);
	if ((rv = import_key(t, parent, &p, &sensitive,
	    CKR_CURVE_NOT_SUPPORTED, out)) == CKR_OK)
		buf_move(public_point, &found);
out:
	wipe(&sensitive, sizeof(sensitive));
	buf_free(&found);
	return rv;
}
