/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT(type, literal) \
	{ type, (char[]){ literal }, sizeof(literal) - 1 }

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_BYTE p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };

static CK_SLOT_ID
empty_slot(void)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n = COUNT(slots), i;
	CK_TOKEN_INFO info;

	CHECK(p11->C_GetSlotList(CK_FALSE, slots, &n));
	for (i = 0; i < n; i++)
		if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    (info.flags & CKF_TOKEN_INITIALIZED) == 0)
			return slots[i];
	die("no slot for a new token");
}

static void
init_token(void)
{
	CK_UTF8CHAR label[32];
	CK_SESSION_HANDLE session;

	memset(label, ' ', sizeof(label));
	memcpy(label, BENCH_LABEL, strlen(BENCH_LABEL));
	CHECK(p11->C_InitToken(empty_slot(), p11_in(BENCH_SO_PIN),
	    strlen(BENCH_SO_PIN), label));
	CHECK(p11->C_Finalize(NULL));
	p11_initialize();
	if (!p11_find_slot())
		die("the new token is not there");
	session = p11_session(CKF_RW_SESSION);
	p11_login(session, CKU_SO);
	CHECK(p11->C_InitPIN(session, p11_in(BENCH_PIN), strlen(BENCH_PIN)));
	CHECK(p11->C_Logout(session));
	CHECK(p11->C_CloseSession(session));
}

static void
make_ec(CK_SESSION_HANDLE session)
{
	CK_MECHANISM m = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE pub[] = {
		{ CKA_TOKEN, &yes, 1 }, TEXT(CKA_LABEL, "ec"),
		TEXT(CKA_ID, "\1"), { CKA_EC_PARAMS, p256, sizeof(p256) },
		{ CKA_VERIFY, &yes, 1 },
	}, prv[] = {
		{ CKA_TOKEN, &yes, 1 }, TEXT(CKA_LABEL, "ec"),
		TEXT(CKA_ID, "\1"), { CKA_PRIVATE, &yes, 1 },
		{ CKA_SENSITIVE, &yes, 1 }, { CKA_SIGN, &yes, 1 },
		{ CKA_DERIVE, &yes, 1 },
	};
	CK_OBJECT_HANDLE a, b;

	CHECK(p11->C_GenerateKeyPair(session, &m, pub, COUNT(pub), prv,
	    COUNT(prv), &a, &b));
}

static void
make_rsa(CK_SESSION_HANDLE session)
{
	CK_MECHANISM m = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ULONG bits = 2048;
	CK_BYTE exponent[] = { 1, 0, 1 };
	CK_ATTRIBUTE pub[] = {
		{ CKA_TOKEN, &yes, 1 }, TEXT(CKA_LABEL, "rsa"),
		TEXT(CKA_ID, "\2"), { CKA_MODULUS_BITS, &bits, sizeof(bits) },
		{ CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent) },
		{ CKA_VERIFY, &yes, 1 }, { CKA_ENCRYPT, &yes, 1 },
	}, prv[] = {
		{ CKA_TOKEN, &yes, 1 }, TEXT(CKA_LABEL, "rsa"),
		TEXT(CKA_ID, "\2"), { CKA_PRIVATE, &yes, 1 },
		{ CKA_SENSITIVE, &yes, 1 }, { CKA_SIGN, &yes, 1 },
		{ CKA_DECRYPT, &yes, 1 },
	};
	CK_OBJECT_HANDLE a, b;

	CHECK(p11->C_GenerateKeyPair(session, &m, pub, COUNT(pub), prv,
	    COUNT(prv), &a, &b));
}

static void
make_aes(CK_SESSION_HANDLE session)
{
	CK_MECHANISM m = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_ULONG len = 16;
	CK_ATTRIBUTE template[] = {
		{ CKA_TOKEN, &yes, 1 }, TEXT(CKA_LABEL, "aes"),
		TEXT(CKA_ID, "\3"), { CKA_PRIVATE, &yes, 1 },
		{ CKA_SENSITIVE, &yes, 1 }, { CKA_EXTRACTABLE, &no, 1 },
		{ CKA_ENCRYPT, &yes, 1 }, { CKA_DECRYPT, &yes, 1 },
		{ CKA_VALUE_LEN, &len, sizeof(len) },
	};
	CK_OBJECT_HANDLE made;

	CHECK(p11->C_GenerateKey(session, &m, template, COUNT(template),
	    &made));
}

static CK_SESSION_HANDLE
begin(void)
{
	CK_SESSION_HANDLE session;

	p11_load();
	p11_initialize();
	if (!p11_find_slot())
		die("no token " BENCH_LABEL);
	session = p11_session(CKF_RW_SESSION);
	p11_login(session, CKU_USER);
	return session;
}

void
make_token(void)
{
	p11_load();
	p11_initialize();
	init_token();
	CHECK(p11->C_Finalize(NULL));
}

void
make_key(const char *name)
{
	CK_SESSION_HANDLE session = begin();

	if (strcmp(name, "ec") == 0)
		make_ec(session);
	else if (strcmp(name, "rsa") == 0)
		make_rsa(session);
	else
		make_aes(session);
	CHECK(p11->C_Finalize(NULL));
}

/* By turns a public key that all can see and private data, each with a label
 * of its own. It is the token's RSA key under another name. */
static void
make_object(CK_SESSION_HANDLE session, unsigned long i,
    const CK_ATTRIBUTE *modulus)
{
	CK_OBJECT_CLASS classes[] = { CKO_PUBLIC_KEY, CKO_DATA };
	CK_KEY_TYPE rsa = CKK_RSA;
	CK_BBOOL private = i % 2 == 1 ? CK_TRUE : CK_FALSE;
	char label[32];
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &classes[i % 2], sizeof(classes[0]) },
		{ CKA_TOKEN, &yes, 1 }, { CKA_PRIVATE, &private, 1 },
		{ CKA_LABEL, label, 0 }, TEXT(CKA_VALUE, "some private data"),
	}, key[] = {
		template[0], template[1], template[2], template[3],
		{ CKA_KEY_TYPE, &rsa, sizeof(rsa) }, *modulus,
		TEXT(CKA_PUBLIC_EXPONENT, "\1\0\1"),
		{ CKA_VERIFY, &yes, 1 }, TEXT(CKA_ID, "bench"),
	};
	CK_OBJECT_HANDLE made;

	template[3].ulValueLen = (CK_ULONG)snprintf(label, sizeof(label),
	    "object %lu", i);
	key[3].ulValueLen = template[3].ulValueLen;
	CHECK(p11->C_CreateObject(session, private ? template : key,
	    private ? COUNT(template) : COUNT(key), &made));
}

/* Gives up when BENCH_FILL seconds are over. */
void
fill_token(unsigned long from, unsigned long to)
{
	double end = seconds() + (double)setting("BENCH_FILL", 60);
	CK_SESSION_HANDLE session = begin();
	CK_BYTE value[256];
	CK_ATTRIBUTE modulus = { CKA_MODULUS, value, sizeof(value) };

	CHECK(p11->C_GetAttributeValue(session, p11_find(session,
	    CKO_PUBLIC_KEY, "rsa"), &modulus, 1));
	while (from < to) {
		make_object(session, from++, &modulus);
		if (seconds() > end)
			die("%lu objects took too long", from);
	}
	CHECK(p11->C_Finalize(NULL));
}

static void
mark(void)
{
	if (write(-1, "bench", 5) >= 0)
		die("a descriptor that cannot be");
}

void
initialize_marked(void)
{
	p11_load();
	mark();
	p11_initialize();
	CHECK(p11->C_Finalize(NULL));
	mark();
}
