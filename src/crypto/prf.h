/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_PRF_H
#define CRYPTO_PRF_H

#include "crypto/aes_key.h"
#include "crypto/digest.h"

#define PRF_SIZE_MAX 64

/*
 * A keyed function of parts[0] | parts[1] | ... that the key derivations of
 * hkdf.h, kbkdf.h and tls12.h are made of: HMAC, CMAC, or what the TPM does
 * with a key of its own. Borrows all it points to.
 */
struct prf {
	CK_RV (*run)(const struct prf *p, const struct view *parts,
	    size_t count, uint8_t *out);
	size_t size;		/* bytes of out, PRF_SIZE_MAX at most */
	const struct hash *hash;
	struct view key;
	const struct aes_key *aes;
	void *arg;		/* for a run from elsewhere */
};

struct prf prf_hmac(const struct hash *hash, struct view key);
struct prf prf_cmac(const struct aes_key *key);

/* out may be one of parts. */
CK_RV prf_run(const struct prf *p, const struct view *parts, size_t count,
    uint8_t *out) MUST_CHECK;

#endif
