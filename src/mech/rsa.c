/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/rsa.h"

#include "mech/soft.h"

size_t
rsa_len(const struct mech_call *c)
{
	return pubkey_modulus_len(key_public(c->key));
}

CK_RV
rsa_private(const struct mech_call *c, struct view in, struct buf *out)
{
	const struct soft *soft = key_soft(c->key);

	return soft != NULL ? rsa_key_private(soft->rsa, in, out) :
	    tpm_key_rsa(key_tpm(c->key), in, out);
}

CK_RV
rsa_secret(const struct mech_call *c, struct buf *out)
{
	const struct soft *soft = key_soft(c->key);

	return soft != NULL ? buf_set(out, buf_view(&soft->secret)) :
	    tpm_key_secret(key_tpm(c->key), out);
}

CK_RV
rsa_public(const struct mech_call *c, struct view in, struct buf *out)
{
	return pubkey_rsa_public(key_public(c->key), in, out);
}

CK_RV
rsa_open(const struct mech_call *c, struct view ciphertext, struct buf *em)
{
	CK_RV rv;

	if (ciphertext.len != rsa_len(c))
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	rv = rsa_private(c, ciphertext, em);
	return rv == CKR_DATA_INVALID ? CKR_ENCRYPTED_DATA_INVALID : rv;
}

CK_RV
rsa_open_signature(const struct mech_call *c, struct view signature,
    struct buf *em)
{
	CK_RV rv;

	if (signature.len != rsa_len(c))
		return CKR_SIGNATURE_LEN_RANGE;
	rv = rsa_public(c, signature, em);
	return rv == CKR_DATA_INVALID ? CKR_SIGNATURE_INVALID : rv;
}

bool
rsa_sizes(const struct tpm_caps *caps, CK_ULONG *min, CK_ULONG *max)
{
	size_t i;

	*min = caps->rsa_bits[0];
	*max = 0;
	for (i = 0; i < ARRAY_LEN(caps->rsa_bits); i++)
		if (caps->rsa_bits[i] != 0)
			*max = caps->rsa_bits[i];
	if (caps->software)
		soft_add_rsa(min, max);
	return *max != 0;
}

size_t
rsa_output_len(const struct mech_call *c, enum mech_use use, bool *exact)
{
	(void)use;
	*exact = true;
	return rsa_len(c);
}

size_t
rsa_limit_len(const struct mech_call *c, enum mech_use use)
{
	(void)use;
	return rsa_len(c);
}
