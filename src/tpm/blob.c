/* SPDX-License-Identifier: BSD-2-Clause */
#include "tpm/internal.h"

void
tpm_blob_free(struct tpm_blob *b)
{
	buf_free(&b->public_area);
	buf_free(&b->private_area);
	buf_free(&b->auth);
}

CK_RV
tpm_blob_copy(struct tpm_blob *to, const struct tpm_blob *from)
{
	struct tpm_blob copy = TPM_BLOB_EMPTY;
	CK_RV rv;

	if ((rv = buf_set(&copy.public_area,
	    buf_view(&from->public_area))) != CKR_OK ||
	    (rv = buf_set(&copy.private_area,
	    buf_view(&from->private_area))) != CKR_OK ||
	    (rv = buf_set(&copy.auth, buf_view(&from->auth))) != CKR_OK)
		goto out;
	blob_move(to, &copy);
out:
	tpm_blob_free(&copy);
	return rv;
}

void
blob_move(struct tpm_blob *to, struct tpm_blob *from)
{
	buf_move(&to->public_area, &from->public_area);
	buf_move(&to->private_area, &from->private_area);
	buf_move(&to->auth, &from->auth);
}

CK_RV
blob_set_private(struct tpm_blob *b, const TPM2B_PRIVATE *p)
{
	uint8_t bytes[sizeof(*p)];
	size_t used = 0;

	if (Tss2_MU_TPM2B_PRIVATE_Marshal(p, bytes, sizeof(bytes), &used) !=
	    TSS2_RC_SUCCESS)
		return CKR_GENERAL_ERROR;
	return buf_set(&b->private_area, view_of(bytes, used));
}
