/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_AES_H
#define LIB_P11_AES_H

#include "p11_object.h"

/*
 * AES keys and operations through the API, in one call or in random parts
 * with a size query before each. Random numbers come from rand(), seeded by
 * TEST_SEED, which p11_seed prints.
 */
void p11_seed(void);
size_t p11_below(size_t n);
void p11_fill(void *out, size_t len);

/* A key of this value: closed (in the TPM) or readable. */
CK_OBJECT_HANDLE p11_aes_key(CK_SESSION_HANDLE session, const void *value,
    CK_ULONG len, bool closed);
/* One that is made, and closed or not. */
CK_OBJECT_HANDLE p11_aes_made(CK_SESSION_HANDLE session, CK_ULONG len,
    bool closed, bool token, const char *label);

enum p11_way { P11_ENCRYPT, P11_DECRYPT };

/* Both with a size query, which is held against what comes. */
CK_RV p11_crypt(CK_SESSION_HANDLE session, enum p11_way way, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    struct p11_bytes *out);
CK_RV p11_crypt_parts(CK_SESSION_HANDLE session, enum p11_way way,
    CK_MECHANISM *m, CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    struct p11_bytes *out);

#endif
