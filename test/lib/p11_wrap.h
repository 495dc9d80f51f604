/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_WRAP_H
#define LIB_P11_WRAP_H

#include "p11_object.h"
#include "p11_ossl.h"

/* C_WrapKey and C_UnwrapKey, and OpenSSL on the other side. */

/* Each wrapping mechanism of key pairs, with its parameter. */
struct wrap_case {
	const char *name;
	CK_MECHANISM m;
	int nid;		/* of the pair's curve; 0: RSA */
	const char *md;		/* of OAEP or of the KDF; NULL: none */
	const char *label;	/* or shared data */
	CK_ULONG aes;		/* bytes of the AES key; 0: none */
};
extern const struct wrap_case wrap_cases[];
extern const size_t wrap_case_count;

/* Of the session: the public half wraps, the private one unwraps, and they do
 * nothing else. extra goes to the named half, if there is any. */
struct p11_pair wrap_pair(CK_SESSION_HANDLE session, int nid);
struct p11_pair wrap_pair_with(CK_SESSION_HANDLE session, int nid,
    CK_ATTRIBUTE *public, CK_ATTRIBUTE *private);

/* A secret of the session that is sensitive and extractable. */
CK_OBJECT_HANDLE wrap_secret(CK_SESSION_HANDLE session, CK_KEY_TYPE type,
    const void *value, size_t len);

/* By the two calls of clients; the size has to be the very one. */
void wrap(CK_SESSION_HANDLE session, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE by, CK_OBJECT_HANDLE key, struct p11_bytes *out);
CK_RV wrap_rv(CK_SESSION_HANDLE session, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE by, CK_OBJECT_HANDLE key);
CK_RV unwrap(CK_SESSION_HANDLE session, const CK_MECHANISM *m,
    CK_OBJECT_HANDLE by, const struct p11_bytes *wrapped,
    CK_ATTRIBUTE *template, CK_ULONG n, CK_OBJECT_HANDLE *key);

/* A template for C_UnwrapKey whose value may be read: as long as the block. */
#define WRAP_READABLE(type) \
	P11_NUM(CKA_CLASS, CKO_SECRET_KEY), \
	P11_NUM(CKA_KEY_TYPE, type), \
	P11_BOOL(CKA_TOKEN, 0), \
	P11_BOOL(CKA_SENSITIVE, 0)

/* As the standard has it, by OpenSSL with the key of the other side. */
struct p11_bytes ossl_wrap(const struct wrap_case *c, EVP_PKEY *public,
    const void *plain, size_t len);
struct p11_bytes ossl_unwrap(const struct wrap_case *c, EVP_PKEY *private,
    const struct p11_bytes *wrapped);
/* PrivateKeyInfo. */
struct p11_bytes ossl_pkcs8(EVP_PKEY *key);

#endif
