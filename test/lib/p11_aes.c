/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_aes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
p11_seed(void)
{
	const char *given = getenv("TEST_SEED");
	unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 0) :
	    (unsigned)time(NULL);

	printf("# TEST_SEED=%u\n", seed);
	srand(seed);
}

size_t
p11_below(size_t n)
{
	return (size_t)rand() % n;
}

void
p11_fill(void *out, size_t len)
{
	unsigned char *p = out;

	while (len-- > 0)
		*p++ = (unsigned char)(rand() >> 7);
}

CK_OBJECT_HANDLE
p11_aes_key(CK_SESSION_HANDLE session, const void *value, CK_ULONG len,
    bool closed)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_BOOL(CKA_SENSITIVE, closed),
		P11_BOOL(CKA_EXTRACTABLE, !closed),
		P11_BOOL(CKA_DERIVE, 1),
		P11_BOOL(CKA_ENCRYPT, 1),
		P11_BOOL(CKA_DECRYPT, 1),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_VERIFY, 1),
		P11_BYTES(CKA_VALUE, value, len),
	};

	return p11_create(session, template, P11_COUNT(template));
}

CK_OBJECT_HANDLE
p11_aes_made(CK_SESSION_HANDLE session, CK_ULONG len, bool closed,
    bool token, const char *label)
{
	CK_MECHANISM m = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_OBJECT_HANDLE key;
	CK_ATTRIBUTE template[] = {
		P11_BOOL(CKA_TOKEN, token),
		P11_BOOL(CKA_SENSITIVE, closed),
		P11_BOOL(CKA_EXTRACTABLE, !closed),
		P11_NUM(CKA_VALUE_LEN, len),
		P11_BYTES(CKA_LABEL, label, strlen(label)),
	};

	assert_ok(p11->C_GenerateKey(session, &m, template,
	    P11_COUNT(template), &key));
	return key;
}

static CK_RV
init(CK_SESSION_HANDLE session, enum p11_way way, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	return way == P11_ENCRYPT ? p11->C_EncryptInit(session, m, key) :
	    p11->C_DecryptInit(session, m, key);
}

CK_RV
p11_crypt(CK_SESSION_HANDLE session, enum p11_way way, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    struct p11_bytes *out)
{
	CK_C_Encrypt run = way == P11_ENCRYPT ? p11->C_Encrypt :
	    p11->C_Decrypt;
	CK_ULONG bound = 0;
	CK_RV rv;

	out->len = sizeof(out->data);
	if ((rv = init(session, way, m, key)) != CKR_OK ||
	    (rv = run(session, p11_in(in), len, NULL, &bound)) != CKR_OK ||
	    (rv = run(session, p11_in(in), len, out->data, &out->len)) !=
	    CKR_OK)
		return rv;
	assert_true(out->len <= bound);
	if (way == P11_ENCRYPT)
		assert_int_equal(out->len, bound);
	return CKR_OK;
}

CK_RV
p11_crypt_parts(CK_SESSION_HANDLE session, enum p11_way way,
    CK_MECHANISM *m, CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    struct p11_bytes *out)
{
	CK_C_EncryptUpdate update = way == P11_ENCRYPT ?
	    p11->C_EncryptUpdate : p11->C_DecryptUpdate;
	CK_C_EncryptFinal final = way == P11_ENCRYPT ?
	    p11->C_EncryptFinal : p11->C_DecryptFinal;
	CK_BYTE *from = p11_in(in);
	CK_ULONG n, bound, got;
	CK_RV rv;

	out->len = 0;
	if ((rv = init(session, way, m, key)) != CKR_OK)
		return rv;
	for (; len > 0; len -= n, from += n) {
		n = 1 + p11_below(len);
		if ((rv = update(session, from, n, NULL, &bound)) != CKR_OK)
			return rv;
		got = sizeof(out->data) - out->len;
		if ((rv = update(session, from, n, out->data + out->len,
		    &got)) != CKR_OK)
			return rv;
		assert_int_equal(got, bound);
		out->len += got;
	}
	if ((rv = final(session, NULL, &bound)) != CKR_OK)
		return rv;
	got = sizeof(out->data) - out->len;
	rv = final(session, out->data + out->len, &got);
	if (rv == CKR_OK)
		assert_true(got <= bound);
	out->len += rv == CKR_OK ? got : 0;
	return rv;
}
