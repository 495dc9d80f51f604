/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_object.h"

#include <stdint.h>
#include <string.h>

#include "p11_ossl.h"

CK_BYTE *
p11_in(const void *bytes)
{
	return (CK_BYTE *)(uintptr_t)bytes;
}

CK_RV
p11_get_rv(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type)
{
	CK_ATTRIBUTE a = { type, NULL, 0 };

	return p11->C_GetAttributeValue(session, object, &a, 1);
}

void
p11_get(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, struct p11_bytes *out)
{
	CK_ATTRIBUTE a = { type, NULL, 0 };
	CK_ULONG len;

	assert_ok(p11->C_GetAttributeValue(session, object, &a, 1));
	len = a.ulValueLen;
	assert_in_range(len, 0, sizeof(out->data));
	a.pValue = out->data;
	assert_ok(p11->C_GetAttributeValue(session, object, &a, 1));
	assert_int_equal(a.ulValueLen, len);
	out->len = len;
}

CK_ULONG
p11_get_num(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type)
{
	CK_ULONG value = 0;
	CK_ATTRIBUTE a = { type, &value, sizeof(value) };

	assert_ok(p11->C_GetAttributeValue(session, object, &a, 1));
	assert_int_equal(a.ulValueLen, sizeof(value));
	return value;
}

bool
p11_get_bool(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type)
{
	CK_BBOOL value = 2;
	CK_ATTRIBUTE a = { type, &value, sizeof(value) };

	assert_ok(p11->C_GetAttributeValue(session, object, &a, 1));
	assert_int_equal(a.ulValueLen, 1);
	assert_in_range(value, 0, 1);
	return value == CK_TRUE;
}

void
p11_assert_attr(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
	struct p11_bytes got;

	p11_get(session, object, type, &got);
	assert_int_equal(got.len, len);
	if (len != 0)
		assert_memory_equal(got.data, value, len);
}

CK_ULONG
p11_find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n,
    CK_OBJECT_HANDLE *found, CK_ULONG max)
{
	CK_ULONG total = 0, got;

	assert_ok(p11->C_FindObjectsInit(session, template, n));
	do {
		assert_ok(p11->C_FindObjects(session, found + total,
		    max - total, &got));
		assert_in_range(got, 0, max - total);
		total += got;
	} while (got != 0 && total < max);
	assert_ok(p11->C_FindObjectsFinal(session));
	return total;
}

CK_ULONG
p11_count(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_OBJECT_HANDLE found[1024];

	return p11_find(session, template, n, found, P11_COUNT(found));
}

CK_ULONG
p11_count_label(CK_SESSION_HANDLE session, const char *label)
{
	CK_ATTRIBUTE a = { CKA_LABEL, p11_in(label), strlen(label) };

	return p11_count(session, &a, 1);
}

CK_OBJECT_HANDLE
p11_find_one(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_OBJECT_HANDLE found[2] = { 0 };

	assert_int_equal(p11_find(session, template, n, found, 2), 1);
	assert_int_not_equal(found[0], CK_INVALID_HANDLE);
	return found[0];
}

CK_OBJECT_HANDLE
p11_create(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;

	assert_ok(p11->C_CreateObject(session, template, n, &object));
	assert_int_not_equal(object, CK_INVALID_HANDLE);
	return object;
}

CK_OBJECT_HANDLE
p11_create_data(CK_SESSION_HANDLE session, const char *label, bool token,
    bool private)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, token),
		P11_BOOL(CKA_PRIVATE, private),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
		P11_STR(CKA_VALUE, "some value"),
	};

	return p11_create(session, template, P11_COUNT(template));
}

void
p11_destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	assert_ok(p11->C_DestroyObject(session, object));
}

struct p11_pair
p11_ec_pair(CK_SESSION_HANDLE session, int nid, bool token, const char *label)
{
	CK_MECHANISM mechanism = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	struct p11_bytes params = ossl_curve_oid(nid);
	struct p11_pair pair = { 0, 0 };
	CK_ATTRIBUTE public[] = {
		P11_BOOL(CKA_TOKEN, token),
		P11_BOOL(CKA_VERIFY, 1),
		P11_BYTES(CKA_EC_PARAMS, params.data, params.len),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
		P11_BYTES(CKA_ID, p11_in(label), strlen(label)),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, token),
		P11_BOOL(CKA_PRIVATE, 1),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_DERIVE, 1),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
		P11_BYTES(CKA_ID, p11_in(label), strlen(label)),
	};

	assert_ok(p11->C_GenerateKeyPair(session, &mechanism, public,
	    P11_COUNT(public), private, P11_COUNT(private), &pair.public,
	    &pair.private));
	return pair;
}

struct p11_pair
p11_rsa_pair(CK_SESSION_HANDLE session, CK_ULONG bits, bool token,
    const char *label)
{
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	struct p11_pair pair = { 0, 0 };
	CK_ATTRIBUTE public[] = {
		P11_BOOL(CKA_TOKEN, token),
		P11_BOOL(CKA_VERIFY, 1),
		P11_BOOL(CKA_VERIFY_RECOVER, 1),
		P11_BOOL(CKA_ENCRYPT, 1),
		P11_NUM(CKA_MODULUS_BITS, bits),
		P11_BYTES(CKA_PUBLIC_EXPONENT, "\1\0\1", 3),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, token),
		P11_BOOL(CKA_PRIVATE, 1),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_SIGN_RECOVER, 1),
		P11_BOOL(CKA_DECRYPT, 1),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};

	assert_ok(p11->C_GenerateKeyPair(session, &mechanism, public,
	    P11_COUNT(public), private, P11_COUNT(private), &pair.public,
	    &pair.private));
	return pair;
}

void
p11_sign(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    struct p11_bytes *signature)
{
	assert_ok(p11->C_SignInit(session, mechanism, key));
	signature->len = sizeof(signature->data);
	assert_ok(p11->C_Sign(session, p11_in(in), len, signature->data,
	    &signature->len));
}

CK_RV
p11_verify(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
    CK_OBJECT_HANDLE key, const void *in, CK_ULONG len,
    const struct p11_bytes *signature)
{
	assert_ok(p11->C_VerifyInit(session, mechanism, key));
	return p11->C_Verify(session, p11_in(in), len,
	    p11_in(signature->data), signature->len);
}
