/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an IoT gateway's programs do with a token: device registration (C++
 * over libp11) and the configuration daemon (Go over miekg/pkcs11), call for
 * call and template for template.  gateway.sh builds and runs it:
 *
 *	gateway STEP [ARGUMENT...]      (the steps: see the table at the end)
 *
 * GATEWAY_KILL=N kills the process before its Nth call after C_Login.
 * Attributes of templates come in an order that differs each time.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "gateway.h"

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
static CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
static CK_OBJECT_CLASS cert_class = CKO_CERTIFICATE;
static CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static CK_KEY_TYPE ec_type = CKK_EC, generic_type = CKK_GENERIC_SECRET;
static CK_CERTIFICATE_TYPE x509_type = CKC_X_509;
static CK_BYTE p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };

/* Writes the first text like [a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}. */
static bool
find_uuid(const CK_UTF8CHAR *text, size_t len, char out[37])
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i, j;

	for (i = 0; i + 36 <= len; i++) {
		for (j = 0; j < 36; j++)
			if (shape[j] == '-' ? text[i + j] != '-' :
			    !strchr("0123456789abcdef", text[i + j]))
				break;
		if (j == 36) {
			memcpy(out, text + i, 36);
			out[36] = 0;
			return true;
		}
	}
	return false;
}

static void
one_cycle(bool interface, char uuid[37])
{
	CK_SLOT_ID slots[16];
	CK_ULONG n = 0, i;
	CK_SLOT_INFO info;
	CK_TOKEN_INFO token;

	load(interface);
	initialize();
	CALL(CKR_OK, C_GetSlotList(CK_FALSE, NULL, &n));
	want(n >= 1 && n <= COUNT(slots));
	CALL(CKR_OK, C_GetSlotList(CK_FALSE, slots, &n));
	for (i = 0; i < n; i++) {
		CALL(CKR_OK, C_GetSlotInfo(slots[i], &info));
		CALL(CKR_OK, C_GetTokenInfo(slots[i], &token));
		want(!(token.flags & CKF_TOKEN_INITIALIZED) == (i == n - 1));
		CALL(CKR_OK, C_CloseAllSessions(slots[i]));
		if (!i)
			want(find_uuid(info.slotDescription,
			    sizeof(info.slotDescription), uuid));
		printf("slot %lu serial %.16s\n", slots[i],
		    (char *)token.serialNumber);
	}
	leave();
}

/* Points 1 and 2. */
static void
cycles(char **argv)
{
	char uuid[37], first[37] = "";
	int i;

	(void)argv;
	for (i = 0; i < 6; i++) {
		one_cycle(i % 2, uuid);
		want(!first[0] || !strcmp(first, uuid));
		strcpy(first, uuid);
	}
	printf("uuid %s\n", uuid);
}

/* Point 3, on the slot which is last now. */
static void
make_token(char **argv)
{
	CK_UTF8CHAR label[32];
	CK_TOKEN_INFO info;

	memset(label, ' ', sizeof(label));
	memcpy(label, argv[0], strlen(argv[0]));
	load(false);
	initialize();
	slot = slot_at(0, true);
	CALL(CKR_OK, C_InitToken(slot, (CK_UTF8CHAR *)SO_PIN, 8, label));
	open_session();
	CALL(CKR_OK, C_Login(session, CKU_SO, (CK_UTF8CHAR *)SO_PIN, 8));
	CALL(CKR_OK, C_InitPIN(session, (CK_UTF8CHAR *)PIN, 6));
	CALL(CKR_OK, C_Logout(session));
	CALL(CKR_OK, C_GetTokenInfo(slot, &info));
	want(!memcmp(info.label, label, sizeof(label)));
	want(info.flags & CKF_USER_PIN_INITIALIZED);
	want(slot_at(1, true) == slot);         /* and a new empty one */
	CALL(CKR_SESSION_EXISTS,
	    C_InitToken(slot, (CK_UTF8CHAR *)SO_PIN, 8, label));
	CALL(CKR_OK, C_CloseSession(session));
	printf("slot %lu\n", slot);
	leave();
}

/* Point 3: the first token is wiped and made anew; ids stay. */
static void
make_again(char **argv)
{
	CK_SLOT_ID second;
	CK_UTF8CHAR label[32];

	(void)argv;
	memset(label, ' ', sizeof(label));
	memcpy(label, "again", 5);
	load(false);
	initialize();
	slot = slot_at(0, false);
	second = slot_at(1, false);
	CALL(CKR_PIN_INCORRECT,
	    C_InitToken(slot, (CK_UTF8CHAR *)"wrong", 5, label));
	CALL(CKR_OK, C_InitToken(slot, (CK_UTF8CHAR *)SO_PIN, 8, label));
	want(slot_at(0, false) == slot && slot_at(1, false) == second);
	leave();
}

/* Point 4, first form (pkcs11-tool's kin) and second (miekg's). */
static void
generate(CK_BYTE id, bool second, CK_OBJECT_HANDLE *pub, CK_OBJECT_HANDLE *prv)
{
	CK_MECHANISM m = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE pub1[] = {
		{ CKA_ID, &id, 1 }, { CKA_LABEL, "tls", 3 },
		{ CKA_TOKEN, &yes, 1 }, { CKA_WRAP, &yes, 1 },
		{ CKA_EC_PARAMS, p256, sizeof(p256) },
		{ CKA_VERIFY, &yes, 1 }, { CKA_DERIVE, &yes, 1 },
	}, prv1[] = {
		{ CKA_ID, &id, 1 }, { CKA_LABEL, "tls", 3 },
		{ CKA_PRIVATE, &yes, 1 }, { CKA_TOKEN, &yes, 1 },
		{ CKA_SENSITIVE, &yes, 1 }, { CKA_EXTRACTABLE, &no, 1 },
		{ CKA_UNWRAP, &yes, 1 }, { CKA_SIGN, &yes, 1 },
		{ CKA_DERIVE, &yes, 1 },
	}, pub2[] = {
		{ CKA_CLASS, &public_class, sizeof(public_class) },
		{ CKA_KEY_TYPE, &ec_type, sizeof(ec_type) },
		{ CKA_TOKEN, &yes, 1 }, { CKA_VERIFY, &yes, 1 },
		{ CKA_EC_PARAMS, p256, sizeof(p256) },
		{ CKA_ID, &id, 1 }, { CKA_LABEL, "tls", 3 },
		{ CKA_DERIVE, &yes, 1 },
	}, prv2[] = {
		{ CKA_ID, &id, 1 }, { CKA_LABEL, "tls", 3 },
		{ CKA_DERIVE, &yes, 1 }, { CKA_TOKEN, &yes, 1 },
		{ CKA_SIGN, &yes, 1 }, { CKA_SENSITIVE, &yes, 1 },
		{ CKA_EXTRACTABLE, &no, 1 },
	};
	CK_ATTRIBUTE *a = second ? pub2 : pub1, *b = second ? prv2 : prv1;
	CK_ULONG na = second ? COUNT(pub2) : COUNT(pub1);
	CK_ULONG nb = second ? COUNT(prv2) : COUNT(prv1);

	shuffle(a, na);
	shuffle(b, nb);
	CALL(CKR_OK, C_GenerateKeyPair(session, &m, a, na, b, nb, pub, prv));
}

static void
key_pairs(char **argv)
{
	CK_OBJECT_HANDLE pub, prv;
	CK_BYTE a[128], b[128];
	CK_BBOOL flag;
	CK_ULONG n;
	int i;

	(void)argv;
	enter();
	for (i = 0; i < 2; i++) {
		generate((CK_BYTE)(i ? 2 : 1), i, &pub, &prv);
		n = get(pub, CKA_EC_POINT, a, sizeof(a));
		want(n == 67 && a[0] == 4 && a[1] == 65 && a[2] == 4);
		save(i ? "point.02" : "point.01", a + 2, 65);
		want(get(prv, CKA_EC_POINT, b, sizeof(b)) == n);
		want(!memcmp(a, b, n));
		want(get(prv, CKA_EC_PARAMS, b, sizeof(b)) == sizeof(p256));
		want(get(prv, CKA_PRIVATE, &flag, 1) == 1 && flag);
		want(get(prv, CKA_LOCAL, &flag, 1) == 1 && flag);
		want(get(prv, CKA_NEVER_EXTRACTABLE, &flag, 1) == 1 && flag);
	}
	CALL(CKR_OK, C_Logout(session));
	want(!look_up(private_class, 1, "tls", &n) && n == 0);
	want(!look_up(private_class, 2, "tls", &n) && n == 0);
	want(look_up(public_class, 1, "tls", &n) && n == 1);
	leave();
}

static void
sign(CK_OBJECT_HANDLE key, const CK_BYTE digest[32], CK_BYTE sig[64])
{
	CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
	CK_ULONG n = 0;

	CALL(CKR_OK, C_SignInit(session, &m, key));
	CALL(CKR_OK, C_Sign(session, (CK_BYTE *)digest, 32, NULL, &n));
	want(n == 64);
	CALL(CKR_OK, C_Sign(session, (CK_BYTE *)digest, 32, sig, &n));
	want(n == 64);
}

/* Point 5: a signature by id ARGUMENT over file "digest" to file "raw". */
static void
sign_digest(char **argv)
{
	CK_BYTE digest[32], sig[64];
	CK_ULONG n;

	enter();
	want(slurp("digest", digest, 32) == 32);
	sign(look_up(private_class, (CK_BYTE)atoi(argv[0]), "tls", &n),
	    digest, sig);
	save("raw", sig, sizeof(sig));
	leave();
}

/* Another process at work: signs until file "stop" is there. */
static void
sign_on(char **argv)
{
	CK_BYTE digest[32] = { 1 }, sig[64];
	CK_ULONG n, done = 0;

	(void)argv;
	enter();
	while (access("stop", F_OK)) {
		sign(look_up(private_class, 1, "tls", &n), digest, sig);
		if (done++ == 0)
			save("started", "", 0);
	}
	printf("signatures %s\n", done > 3 ? "many" : "few");
	leave();
}

/* Point 6: attributes are read between two calls of C_FindObjects. */
static CK_ULONG
walk(CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE t = { CKA_CLASS, &class, sizeof(class) };
	CK_OBJECT_HANDLE object;
	CK_ULONG n, seen = 0, i;

	CALL(CKR_OK, C_FindObjectsInit(session, &t, 1));
	for (;;) {
		CK_BYTE buf[5][256];
		CK_ATTRIBUTE a[] = {
			{ CKA_ID, NULL, 0 }, { CKA_LABEL, NULL, 0 },
			{ class == CKO_CERTIFICATE ? CKA_CERTIFICATE_TYPE :
			    CKA_KEY_TYPE, NULL, 0 },
			{ CKA_EC_PARAMS, NULL, 0 }, { CKA_EC_POINT, NULL, 0 },
		};
		CK_ULONG rest = class == CKO_CERTIFICATE ? 0 : 2;
		int pass;

		CALL(CKR_OK, C_FindObjects(session, &object, 1, &n));
		if (!n)
			break;
		seen++;
		for (pass = 0; pass < 2; pass++) {
			CALL(CKR_OK, C_GetAttributeValue(session, object, a,
			    3));
			if (rest)
				CALL(CKR_OK, C_GetAttributeValue(session,
				    object, a + 3, rest));
			for (i = 0; i < 3 + rest; i++) {
				want(a[i].ulValueLen <= sizeof(buf[i]));
				a[i].pValue = buf[i];
			}
		}
		want(a[2].ulValueLen == sizeof(CK_ULONG));
		want(!rest || a[4].ulValueLen == 67);
	}
	CALL(CKR_OK, C_FindObjectsFinal(session));
	return seen;
}

static void
enumerate(char **argv)
{
	CK_MECHANISM m = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE bare = { CKA_EC_PARAMS, p256, sizeof(p256) };
	CK_OBJECT_HANDLE pub, prv;

	(void)argv;
	enter();
	/* with neither id nor label, which are there all the same */
	CALL(CKR_OK, C_GenerateKeyPair(session, &m, &bare, 1, NULL, 0, &pub,
	    &prv));
	printf("public %lu private %lu certificates %lu\n",
	    walk(CKO_PUBLIC_KEY), walk(CKO_PRIVATE_KEY),
	    walk(CKO_CERTIFICATE));
	leave();
}

/* Point 7: ARGUMENT derived objects, none destroyed; secret to "secret". */
static void
ecies(char **argv)
{
	CK_BYTE point[65], value[32], first[32];
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, 65, point };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_ULONG length = 32, n, i, count = strtoul(argv[0], NULL, 10);
	CK_OBJECT_HANDLE key, secret;

	enter();
	want(slurp("peer.point", point, 65) == 65);
	key = look_up(private_class, 1, "tls", &n);
	for (i = 0; i < count; i++) {
		CK_ATTRIBUTE t[] = {
			{ CKA_TOKEN, &no, 1 },
			{ CKA_CLASS, &secret_class, sizeof(secret_class) },
			{ CKA_KEY_TYPE, &generic_type, sizeof(generic_type) },
			{ CKA_SENSITIVE, &no, 1 }, { CKA_EXTRACTABLE, &yes, 1 },
			{ CKA_ENCRYPT, &yes, 1 }, { CKA_DECRYPT, &yes, 1 },
			{ CKA_WRAP, &yes, 1 }, { CKA_UNWRAP, &yes, 1 },
			{ CKA_VALUE_LEN, &length, sizeof(length) },
		};

		shuffle(t, COUNT(t));
		CALL(CKR_OK, C_DeriveKey(session, &m, key, t, COUNT(t),
		    &secret));
		want(get(secret, CKA_VALUE, NULL, 0) == 32);
		want(get(secret, CKA_VALUE, value, 32) == 32);
		if (!i)
			memcpy(first, value, 32);
		want(!memcmp(first, value, 32));
	}
	save("secret", value, 32);
	CALL(CKR_OK, C_CloseSession(session));
	open_session();
	CALL(CKR_OBJECT_HANDLE_INVALID, C_DestroyObject(session, secret));
	leave();
}

/* x of scalar * point, as ECDH has it. */
static void
peer_secret(const EC_GROUP *g, const BIGNUM *k, const EC_POINT *p,
    CK_BYTE x[32])
{
	EC_POINT *r = EC_POINT_new(g);
	BIGNUM *bx = BN_new();

	want(EC_POINT_mul(g, r, NULL, p, k, NULL) == 1);
	want(EC_POINT_get_affine_coordinates(g, r, bx, NULL, NULL) == 1);
	want(BN_bn2binpad(bx, x, 32) == 32);
	BN_free(bx);
	EC_POINT_free(r);
}

/* Point 7: ARGUMENT random peers, and on until a secret begins with zero. */
static void
peers(char **argv)
{
	CK_BYTE own[65], point[65], value[32], wanted[32];
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, 65, point };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_ATTRIBUTE t[] = {
		{ CKA_CLASS, &secret_class, sizeof(secret_class) },
		{ CKA_KEY_TYPE, &generic_type, sizeof(generic_type) },
	};
	EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *q = EC_POINT_new(g), *p = EC_POINT_new(g);
	BIGNUM *k = BN_new();
	CK_ULONG n, i, zeros = 0, count = strtoul(argv[0], NULL, 10);
	CK_OBJECT_HANDLE key, secret;

	enter();
	want(slurp("point.01", own, 65) == 65);
	want(EC_POINT_oct2point(g, q, own, 65, NULL) == 1);
	key = look_up(private_class, 1, "tls", &n);
	for (i = 0; i < count || !zeros; i++) {
		want(BN_rand_range(k, EC_GROUP_get0_order(g)) == 1);
		want(EC_POINT_mul(g, p, k, NULL, NULL, NULL) == 1);
		want(EC_POINT_point2oct(g, p, POINT_CONVERSION_UNCOMPRESSED,
		    point, 65, NULL) == 65);
		peer_secret(g, k, q, wanted);
		CALL(CKR_OK, C_DeriveKey(session, &m, key, t, 2, &secret));
		want(get(secret, CKA_VALUE, value, 32) == 32);
		want(!memcmp(value, wanted, 32));
		zeros += !wanted[0];
		CALL(CKR_OK, C_DestroyObject(session, secret));
	}
	printf("%lu peers, %lu zeros\n", i, zeros);
	leave();
}

static CK_OBJECT_HANDLE
write_cert(CK_BYTE id, bool more)
{
	CK_BYTE der[2048], hash[32] = { 7 };
	CK_ULONG sha256 = CKM_SHA256;
	unsigned char *subject = NULL, *serial = NULL;
	const unsigned char *p = der;
	size_t n = slurp("cert.der", der, sizeof(der));
	X509 *x = d2i_X509(NULL, &p, (long)n);
	int sn = i2d_X509_NAME(X509_get_subject_name(x), &subject);
	int rn = i2d_ASN1_INTEGER(X509_get_serialNumber(x), &serial);
	CK_OBJECT_HANDLE made = 0;
	CK_ATTRIBUTE t[] = {
		{ CKA_CLASS, &cert_class, sizeof(cert_class) },
		{ CKA_TOKEN, &yes, 1 },
		{ CKA_CERTIFICATE_TYPE, &x509_type, sizeof(x509_type) },
		{ CKA_SUBJECT, subject, (CK_ULONG)sn },
		{ CKA_ISSUER, subject, (CK_ULONG)sn },
		{ CKA_VALUE, der, n }, { CKA_LABEL, "client", 6 },
		{ CKA_ID, &id, 1 },
		{ CKA_SERIAL_NUMBER, serial, (CK_ULONG)rn },
		{ CKA_PRIVATE, &no, 1 },
		{ CKA_NAME_HASH_ALGORITHM, &sha256, sizeof(sha256) },
		{ CKA_HASH_OF_SUBJECT_PUBLIC_KEY, hash, sizeof(hash) },
	};
	CK_ULONG count = more ? COUNT(t) : 8;

	shuffle(t, count);
	CALL(CKR_OK, C_CreateObject(session, t, count, &made));
	want(get(made, CKA_VALUE, NULL, 0) == n);
	OPENSSL_free(subject);
	OPENSSL_free(serial);
	X509_free(x);
	return made;
}

/* Point 8: both forms under one id and label. */
static void
certificates(char **argv)
{
	CK_ULONG n;
	CK_OBJECT_HANDLE one;

	(void)argv;
	enter();
	write_cert(3, false);
	one = write_cert(3, true);
	look_up(cert_class, 3, "client", &n);
	want(n == 2);
	CALL(CKR_OK, C_DestroyObject(session, one));
	look_up(cert_class, 3, "client", &n);
	want(n == 1);
	leave();
}

/* Point 9: what is there already is taken. */
static void
rotate(char **argv)
{
	CK_OBJECT_HANDLE pub, prv;
	CK_BYTE digest[32] = { 2 }, sig[64];
	CK_ULONG publics, privates, certs;

	(void)argv;
	enter();
	prv = look_up(private_class, 7, "tls", &privates);
	look_up(public_class, 7, "tls", &publics);
	want(publics == privates && privates <= 1);     /* no orphan half */
	if (!privates)
		generate(7, true, &pub, &prv);
	sign(prv, digest, sig);
	look_up(cert_class, 9, "client", &certs);
	want(certs <= 1);
	if (!certs)
		write_cert(9, false);
	leave();
}

/* Point 9: deletes what ARGUMENTs name: key id, certificate id. */
static void
drop(char **argv)
{
	CK_BYTE key = (CK_BYTE)atoi(argv[0]), cert = (CK_BYTE)atoi(argv[1]);
	CK_OBJECT_HANDLE object;
	CK_ULONG n;

	enter();
	object = look_up(private_class, key, "tls", &n);
	if (n)
		CALL(CKR_OK, C_DestroyObject(session, object));
	object = look_up(public_class, key, "tls", &n);
	if (n)
		CALL(CKR_OK, C_DestroyObject(session, object));
	object = look_up(cert_class, cert, "client", &n);
	if (n)
		CALL(CKR_OK, C_DestroyObject(session, object));
	leave();
}

/* Point 10. */
static void
daemon_login(char **argv)
{
	int i;

	(void)argv;
	enter();
	for (i = 0; i < 3; i++)
		CALL(CKR_USER_ALREADY_LOGGED_IN,
		    C_Login(session, CKU_USER, (CK_UTF8CHAR *)PIN, 6));
	CALL(CKR_OK, C_Logout(session));
	for (i = 0; i < 5; i++)
		CALL(CKR_PIN_INCORRECT,
		    C_Login(session, CKU_USER, (CK_UTF8CHAR *)"000000", 6));
	CALL(CKR_OK, C_Login(session, CKU_USER, (CK_UTF8CHAR *)PIN, 6));
	leave();
}

static const struct {
	const char *name;
	void (*run)(char **argv);
	int arguments;
} steps[] = {
	{ "cycles", cycles, 0 }, { "make-token", make_token, 1 },
	{ "make-again", make_again, 0 }, { "key-pairs", key_pairs, 0 },
	{ "sign", sign_digest, 1 }, { "sign-on", sign_on, 0 },
	{ "enumerate", enumerate, 0 }, { "ecies", ecies, 1 },
	{ "peers", peers, 1 },
	{ "certificates", certificates, 0 }, { "rotate", rotate, 0 },
	{ "drop", drop, 2 }, { "daemon-login", daemon_login, 0 },
};

int
main(int argc, char **argv)
{
	size_t i;

	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
	srand((unsigned)time(NULL) ^ (unsigned)getpid());
	for (i = 0; argc > 1 && i < COUNT(steps); i++) {
		if (strcmp(steps[i].name, argv[1]))
			continue;
		want(argc == 2 + steps[i].arguments);
		steps[i].run(argv + 2);
		return 0;
	}
	return 2;
}
