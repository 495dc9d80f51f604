/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/family.h"

/* The mechanisms that make keys; see op.c for those that use them. */

CK_RV
mech_generate_pair(const CK_MECHANISM *m, const struct mech_place *place,
    struct attrs *pub, struct attrs *priv, struct tpm_blob *blob)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_GENERATE_PAIR, m, NULL, place->caps,
	    &c)) != CKR_OK)
		goto out;
	rv = c.m->family->generate_pair(place, pub, priv, blob);
out:
	call_free(&c);
	return rv;
}

CK_RV
mech_generate(const CK_MECHANISM *m, const struct mech_place *place,
    struct attrs *a, struct tpm_blob *blob)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_GENERATE, m, NULL, place->caps,
	    &c)) != CKR_OK)
		goto out;
	rv = c.m->family->generate(&c, place, a, blob);
out:
	call_free(&c);
	return rv;
}

CK_RV
mech_encapsulated_len(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, size_t *len)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_ENCAPSULATE, m, key, caps,
	    &c)) == CKR_OK)
		rv = c.m->family->encapsulated_len(&c, len);
	call_free(&c);
	return rv;
}

CK_RV
mech_encapsulate(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct attrs *a, struct buf *ciphertext)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_ENCAPSULATE, m, key, caps,
	    &c)) != CKR_OK)
		goto out;
	rv = c.m->family->encapsulate(&c, a, ciphertext);
out:
	call_free(&c);
	return rv;
}

CK_RV
mech_decapsulate(const CK_MECHANISM *m, struct key *key,
    const struct tpm_caps *caps, struct view ciphertext, struct attrs *a)
{
	struct mech_call c = CALL_EMPTY;
	CK_RV rv;

	if ((rv = call_prepare(MECH_DECAPSULATE, m, key, caps,
	    &c)) != CKR_OK)
		goto out;
	rv = c.m->family->decapsulate(&c, ciphertext, a);
out:
	call_free(&c);
	return rv;
}
