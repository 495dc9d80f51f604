/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/aes.h"
#include "mech/secret.h"

/*
 * CKM_AES_KEY_GEN: PKCS#11 3.x, 6.10.4. A key of the TPM has no
 * CKA_CHECK_VALUE: the block that tells it would be known by whoever reads the
 * object, for no more than a name of the key.
 */
static CK_RV
generate(const struct mech_call *c, const struct mech_place *place,
    struct attrs *a, struct tpm_blob *blob)
{
	struct buf value = BUF_EMPTY;
	size_t len;
	CK_RV rv;

	(void)c;
	if ((rv = secret_length(a, 0, &len)) != CKR_OK)
		return rv;
	if (secret_is_closed(a) && aes_in_tpm(place->caps) &&
	    tpm_caps_aes(place->caps, 8 * len))
		return tpm_create_aes(place->tpm, place->parent, 8 * len,
		    TPM_USE_SIGN | TPM_USE_DECRYPT, blob);
	if ((rv = buf_resize(&value, len)) == CKR_OK &&
	    (rv = tpm_random(place->tpm, value.data, len)) == CKR_OK)
		rv = attrs_set(a, CKA_VALUE, buf_view(&value));
	buf_free(&value);
	return rv;
}

const struct mech_family aes_gen_family = {
	.clause = "6.10",
	.in_tpm = aes_in_tpm,
	.sizes = aes_sizes,
	.generate = generate,
};
