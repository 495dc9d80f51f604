/* SPDX-License-Identifier: BSD-2-Clause */
/* A PKCS#11 module at work, as programs use it. */
#include "p11.h"

#include <stdlib.h>
#include <string.h>

#define DATA_MAX 65536

struct thread {
	CK_SESSION_HANDLE session;
	CK_BYTE out[DATA_MAX + 16];
};

static const struct test *test;
static CK_SESSION_HANDLE main_session;
static CK_OBJECT_HANDLE key;
static CK_BYTE data[DATA_MAX];
static CK_BYTE cipher[256];
static CK_BYTE point[80];
static CK_ULONG point_len;

/* DER of DigestInfo with SHA-256, to which 32 bytes belong. */
static const CK_BYTE digest_info[19] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
	0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20
};

static void
make_cipher(void)
{
	CK_MECHANISM m = { CKM_RSA_PKCS, NULL, 0 };
	CK_ULONG n = sizeof(cipher);

	CHECK(p11->C_EncryptInit(main_session, &m, p11_find(main_session,
	    CKO_PUBLIC_KEY, "rsa")));
	CHECK(p11->C_Encrypt(main_session, data, test->size, cipher, &n));
}

/* The key's own point is as good as another's. */
static void
get_point(void)
{
	CK_ATTRIBUTE a = { CKA_EC_POINT, point, sizeof(point) };

	CHECK(p11->C_GetAttributeValue(main_session, p11_find(main_session,
	    CKO_PUBLIC_KEY, "ec"), &a, 1));
	point_len = a.ulValueLen;
}

static bool
has_mechanism(CK_MECHANISM_TYPE type, CK_FLAGS flag)
{
	CK_MECHANISM_INFO info;

	return p11->C_GetMechanismInfo(p11_slot, type, &info) == CKR_OK &&
	    (info.flags & flag) != 0;
}

/* Some modules make such a key, others only take one. */
static CK_OBJECT_HANDLE
hmac_key(void)
{
	CK_MECHANISM m = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE generic = CKK_GENERIC_SECRET, special = CKK_SHA256_HMAC;
	CK_BBOOL yes = CK_TRUE;
	CK_ULONG len = 32;
	CK_ATTRIBUTE make[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &generic, sizeof(generic) },
		{ CKA_SIGN, &yes, sizeof(yes) },
		{ CKA_VALUE_LEN, &len, sizeof(len) },
	}, take[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &special, sizeof(special) },
		{ CKA_SIGN, &yes, sizeof(yes) },
		{ CKA_VALUE, data, 32 },
	};
	CK_OBJECT_HANDLE made;

	if (!has_mechanism(CKM_SHA256_HMAC, CKF_SIGN))
		die("no HMAC");
	if (p11->C_GenerateKey(main_session, &m, make, COUNT(make), &made) !=
	    CKR_OK)
		CHECK(p11->C_CreateObject(main_session, take, COUNT(take),
		    &made));
	return made;
}

static void
get_key(void)
{
	switch (test->op) {
	case OP_RSA_DECRYPT:
		make_cipher();
		key = p11_find(main_session, CKO_PRIVATE_KEY, "rsa");
		break;
	case OP_RSA_SIGN:
		key = p11_find(main_session, CKO_PRIVATE_KEY, "rsa");
		memcpy(data, digest_info, sizeof(digest_info));
		break;
	case OP_ECDH:
		get_point();
		key = p11_find(main_session, CKO_PRIVATE_KEY, "ec");
		break;
	case OP_ECDSA:
		key = p11_find(main_session, CKO_PRIVATE_KEY, "ec");
		break;
	case OP_AES:
		key = p11_find(main_session, CKO_SECRET_KEY, "aes");
		break;
	case OP_HMAC:
		key = hmac_key();
		break;
	default:
		break;
	}
}

static void
module_open(const struct test *t)
{
	test = t;
	memset(data, 7, sizeof(data));
	p11_load();
	p11_initialize();
	if (!p11_find_slot())
		die("no token " BENCH_LABEL);
	main_session = p11_session(0);
	p11_login(main_session, CKU_USER);
	if (t->how != START)
		get_key();
}

static void *
module_thread(void)
{
	struct thread *t = calloc(1, sizeof(*t));

	if (t == NULL)
		die("no memory");
	t->session = test->threads == 1 ? main_session : p11_session(0);
	return t;
}

static void
sign(struct thread *t, CK_MECHANISM_TYPE type)
{
	CK_MECHANISM m = { type, NULL, 0 };
	CK_ULONG n = sizeof(t->out);

	CHECK(p11->C_SignInit(t->session, &m, key));
	CHECK(p11->C_Sign(t->session, data, test->size, t->out, &n));
}

static void
decrypt(struct thread *t)
{
	CK_MECHANISM m = { CKM_RSA_PKCS, NULL, 0 };
	CK_ULONG n = sizeof(t->out);

	CHECK(p11->C_DecryptInit(t->session, &m, key));
	CHECK(p11->C_Decrypt(t->session, cipher, sizeof(cipher), t->out, &n));
	if (n != test->size || memcmp(t->out, data, n) != 0)
		die("another plaintext");
}

static void
derive(struct thread *t)
{
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point_len,
		point };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG len = 32;
	CK_ATTRIBUTE template[] = {
		{ CKA_TOKEN, &no, sizeof(no) },
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &type, sizeof(type) },
		{ CKA_SENSITIVE, &no, sizeof(no) },
		{ CKA_EXTRACTABLE, &yes, sizeof(yes) },
		{ CKA_VALUE_LEN, &len, sizeof(len) },
	};
	CK_ATTRIBUTE value = { CKA_VALUE, t->out, 32 };
	CK_OBJECT_HANDLE secret;

	CHECK(p11->C_DeriveKey(t->session, &m, key, template, COUNT(template),
	    &secret));
	CHECK(p11->C_GetAttributeValue(t->session, secret, &value, 1));
	CHECK(p11->C_DestroyObject(t->session, secret));
}

static void
encrypt(struct thread *t)
{
	CK_BYTE iv[16] = { 0 };
	CK_MECHANISM m = { CKM_AES_CBC, iv, sizeof(iv) };
	CK_ULONG n = sizeof(t->out);

	CHECK(p11->C_EncryptInit(t->session, &m, key));
	CHECK(p11->C_Encrypt(t->session, data, test->size, t->out, &n));
}

static void
module_run(void *thread)
{
	struct thread *t = thread;

	switch (test->op) {
	case OP_RSA_SIGN:
		sign(t, CKM_RSA_PKCS);
		break;
	case OP_RSA_DECRYPT:
		decrypt(t);
		break;
	case OP_ECDH:
		derive(t);
		break;
	case OP_AES:
		encrypt(t);
		break;
	case OP_HMAC:
		sign(t, CKM_SHA256_HMAC);
		break;
	case OP_RANDOM:
		CHECK(p11->C_GenerateRandom(t->session, t->out, test->size));
		break;
	case OP_SEARCH:
		(void)p11_find(t->session, CKO_PRIVATE_KEY, "ec");
		break;
	default:
		sign(t, CKM_ECDSA);
		break;
	}
}

static void
module_close(void)
{
	CHECK(p11->C_CloseAllSessions(p11_slot));
	CHECK(p11->C_Finalize(NULL));
}

const struct contestant module_contestant = {
	module_open, module_thread, module_run, module_close
};
