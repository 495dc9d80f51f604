/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "util/buf.h"

/*
 * Hash functions, named throughout the module by their digest mechanism:
 * CKM_SHA_1, CKM_SHA224, CKM_SHA256, CKM_SHA384, CKM_SHA512, CKM_SHA512_224,
 * CKM_SHA512_256, CKM_SHA3_224, _256, _384, _512. One table holds all that
 * depends on the hash alone.
 */
struct hash {
	CK_MECHANISM_TYPE mech;
	const char *name;	/* OpenSSL's, and ours in words: "SHA2-256" */
	size_t size;		/* bytes of digest */
	size_t block;		/* bytes of an input block (HMAC) */
	CK_RSA_PKCS_MGF_TYPE mgf;	/* CKG_MGF1_...; 0: none */
	struct view digest_info; /* DER before the digest (RFC 8017, 9.2) */
};

/* NULL for a mechanism that is no hash. */
const struct hash *hash_by_mech(CK_MECHANISM_TYPE mech);
const struct hash *hash_by_mgf(CK_RSA_PKCS_MGF_TYPE mgf);

struct digest;

CK_RV digest_new(const struct hash *hash, struct digest **out) MUST_CHECK;
CK_RV digest_copy(const struct digest *from, struct digest **out) MUST_CHECK;
CK_RV digest_update(struct digest *d, struct view in) MUST_CHECK;
/* Replaces out; d can then only be freed. */
CK_RV digest_final(struct digest *d, struct buf *out) MUST_CHECK;
void digest_free(struct digest **d);

/* The digest of parts[0] | parts[1] | ... */
CK_RV digest_once(const struct hash *hash, const struct view *parts,
    size_t count, struct buf *out) MUST_CHECK;

#endif
