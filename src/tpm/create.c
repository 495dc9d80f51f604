/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "crypto/crypto.h"
#include "crypto/curve.h"
#include "tpm/internal.h"

#define AUTH_LEN 32

static TSS2_RC
create_prepare(TSS2_SYS_CONTEXT *sys, const TPM2_HANDLE *handles, void *args)
{
	const struct creation *a = args;
	const TPM2B_DATA outside = { .size = 0 };
	const TPML_PCR_SELECTION none = { .count = 0 };

	return Tss2_Sys_Create_Prepare(sys, handles[0], &a->sensitive,
	    &a->public_area, &outside, &none);
}

static TSS2_RC
create_complete(TSS2_SYS_CONTEXT *sys, void *args)
{
	struct creation *a = args;

	a->public_area.size = 0;
	return Tss2_Sys_Create_Complete(sys, &a->private_area,
	    &a->public_area, NULL, NULL, NULL);
}

CK_RV
create_object(struct tpm *t, const struct tpm_parent *parent,
    struct creation *creation, struct view auth, CK_RV refused,
    struct tpm_blob *out)
{
	const struct command create = {
		.name = "Create",
		.prepare = create_prepare,
		.complete = create_complete,
		.flags = COMMAND_AUTH | COMMAND_SECRET_IN,
		.refused = refused
	};
	const struct call c = {
		.command = &create,
		.entities = { parent_entity(parent) },
		.count = 1,
		.parent = parent,
		.args = creation
	};
	struct tpm_blob made = TPM_BLOB_EMPTY;
	CK_RV rv;

	if ((rv = TPM2B_SET(&creation->sensitive.sensitive.userAuth, buffer,
	    auth)) != CKR_OK ||
	    (rv = tpm_call(t, &c)) != CKR_OK ||
	    (rv = public_write(&creation->public_area,
	    &made.public_area)) != CKR_OK ||
	    (rv = blob_set_private(&made, &creation->private_area)) !=
	    CKR_OK || (rv = buf_set(&made.auth, auth)) != CKR_OK)
		goto out;
	blob_move(out, &made);
out:
	tpm_blob_free(&made);
	return rv;
}

CK_RV
create_auth(struct buf *auth)
{
	CK_RV rv;

	if ((rv = buf_resize(auth, AUTH_LEN)) != CKR_OK)
		return rv;
	return crypto_random(auth->data, auth->len);
}

CK_RV
create_key(struct tpm *t, const struct tpm_parent *parent,
    struct creation *creation, CK_RV refused, struct tpm_blob *out)
{
	struct buf auth = BUF_EMPTY;
	CK_RV rv;

	if ((rv = create_auth(&auth)) == CKR_OK)
		rv = create_object(t, parent, creation, buf_view(&auth),
		    refused, out);
	buf_free(&auth);
	wipe(creation, sizeof(*creation));
	return rv;
}

static CK_RV
get_point(const struct tpm_blob *made, const struct curve *c,
    struct buf *point)
{
	TPM2B_PUBLIC p;
	CK_RV rv;

	if ((rv = public_read(buf_view(&made->public_area), &p)) != CKR_OK)
		return rv;
	return public_point(c, &p.publicArea.unique.ecc, point);
}

CK_RV
tpm_create_ec(struct tpm *t, const struct tpm_parent *parent, uint16_t curve,
    unsigned use, struct tpm_blob *out, struct buf *point)
{
	const struct curve *c = curve_by_tpm_id(curve);
	struct tpm_blob made = TPM_BLOB_EMPTY;
	struct creation creation;
	CK_RV rv;

	if (c == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	memset(&creation, 0, sizeof(creation));
	template_ec(&creation.public_area.publicArea, ORIGIN_TPM, use, curve);
	if ((rv = create_key(t, parent, &creation, CKR_CURVE_NOT_SUPPORTED,
	    &made)) != CKR_OK || (rv = get_point(&made, c, point)) != CKR_OK)
		goto out;
	blob_move(out, &made);
out:
	tpm_blob_free(&made);
	return rv;
}

static CK_RV
get_modulus(const struct tpm_blob *made, struct buf *modulus)
{
	TPM2B_PUBLIC p;
	CK_RV rv;

	if ((rv = public_read(buf_view(&made->public_area), &p)) != CKR_OK)
		return rv;
	return buf_set(modulus, view_of(p.publicArea.unique.rsa.buffer,
	    p.publicArea.unique.rsa.size));
}

CK_RV
tpm_create_rsa(struct tpm *t, const struct tpm_parent *parent, size_t bits,
    uint32_t exponent, unsigned use, struct tpm_blob *out,
    struct buf *modulus)
{
	struct tpm_blob made = TPM_BLOB_EMPTY;
	struct creation creation;
	CK_RV rv;

	if (bits > TPM2_MAX_RSA_KEY_BYTES * 8)
		return CKR_KEY_SIZE_RANGE;
	memset(&creation, 0, sizeof(creation));
	template_rsa(&creation.public_area.publicArea, ORIGIN_TPM, use, bits,
	    exponent);
	if ((rv = create_key(t, parent, &creation, CKR_KEY_SIZE_RANGE,
	    &made)) != CKR_OK || (rv = get_modulus(&made, modulus)) != CKR_OK)
		goto out;
	blob_move(out, &made);
out:
	tpm_blob_free(&made);
	return rv;
}
