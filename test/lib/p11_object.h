/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_P11_OBJECT_H
#define LIB_P11_OBJECT_H

#include "p11.h"

/* A value that came out of the module or goes in; len counts in bytes. */
struct p11_bytes {
	CK_ULONG len;
	CK_BYTE data[8192];
};

/* An attribute, by the two calls that clients make; fails when it is not to
 * be had. p11_get_rv gives the code of the size call, and out is empty. */
void p11_get(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, struct p11_bytes *out);
CK_RV p11_get_rv(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type);
CK_ULONG p11_get_num(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type);
bool p11_get_bool(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type);
void p11_assert_attr(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, const void *value, size_t len);

/* Searches from begin to end. p11_find_one fails unless there is just one. */
CK_ULONG p11_find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
    CK_ULONG n, CK_OBJECT_HANDLE *found, CK_ULONG max);
CK_OBJECT_HANDLE p11_find_one(CK_SESSION_HANDLE session,
    CK_ATTRIBUTE *template, CK_ULONG n);
CK_ULONG p11_count(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
    CK_ULONG n);
CK_ULONG p11_count_label(CK_SESSION_HANDLE session, const char *label);

CK_OBJECT_HANDLE p11_create(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
    CK_ULONG n);
CK_OBJECT_HANDLE p11_create_data(CK_SESSION_HANDLE session, const char *label,
    bool token, bool private);
void p11_destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);

/* A key pair, and what a test needs to know of it. */
struct p11_pair {
	CK_OBJECT_HANDLE public;
	CK_OBJECT_HANDLE private;
};

/* The private half signs, derives (EC), decrypts and recovers (RSA), and is
 * sensitive and private; on the token or of the session. */
struct p11_pair p11_ec_pair(CK_SESSION_HANDLE session, int nid, bool token,
    const char *label);
struct p11_pair p11_rsa_pair(CK_SESSION_HANDLE session, CK_ULONG bits,
    bool token, const char *label);

/* What a signing mechanism gives for in, in one part. */
void p11_sign(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    struct p11_bytes *signature);
CK_RV p11_verify(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    const struct p11_bytes *signature);

/* The API takes its input by pointers to non-const. */
CK_BYTE *p11_in(const void *bytes);

#endif
