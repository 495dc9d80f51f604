/* SPDX-License-Identifier: BSD-2-Clause */
#include "p11_deeds.h"

#include <string.h>

#include <openssl/obj_mac.h>

#include "p11_ossl.h"

#define NEW_PIN "another-pin"

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
static const CK_BYTE digest[32] = { 1 };
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE ec, rsa;
static EVP_PKEY *ec_public, *peer;
static struct p11_bytes peer_point, common, cipher, signed_by_rsa;

static CK_RV
judge(bool right)
{
	return right ? CKR_OK : P11_WRONG;
}

static CK_RV
log_in(const char *pin)
{
	CK_RV rv = p11_try_login(session, CKU_USER, pin);

	return rv == CKR_USER_ALREADY_LOGGED_IN ? CKR_OK : rv;
}

static CK_RV
login(void)
{
	CK_RV rv = p11->C_Logout(session);

	if (rv != CKR_OK && rv != CKR_USER_NOT_LOGGED_IN)
		return rv;
	return log_in(P11_USER_PIN);
}

static CK_RV
find_key(const char *label, CK_OBJECT_HANDLE *key)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};
	CK_ULONG n = 0;
	CK_RV rv;

	if ((rv = p11->C_FindObjectsInit(session, template, 2)) != CKR_OK)
		return rv;
	rv = p11->C_FindObjects(session, key, 1, &n);
	(void)p11->C_FindObjectsFinal(session);
	return rv != CKR_OK ? rv : judge(n == 1);
}

/* After a login: a logout took away what was known of private objects. */
static CK_RV
ready(void)
{
	CK_RV rv;

	if ((rv = log_in(P11_USER_PIN)) != CKR_OK ||
	    (rv = find_key("ec", &ec)) != CKR_OK)
		return rv;
	return find_key("rsa", &rsa);
}

static CK_RV
sign(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, struct p11_bytes *out)
{
	CK_RV rv;

	if ((rv = p11->C_SignInit(session, mechanism, key)) != CKR_OK)
		return rv;
	out->len = sizeof(out->data);
	return p11->C_Sign(session, p11_in(digest), sizeof(digest), out->data,
	    &out->len);
}

static CK_RV
sign_ec(void)
{
	struct p11_bytes out;
	CK_RV rv;

	if ((rv = ready()) != CKR_OK ||
	    (rv = sign(&ecdsa, ec, &out)) != CKR_OK)
		return rv;
	return judge(out.len == 64 &&
	    ossl_ecdsa_ok(ec_public, digest, sizeof(digest), &out));
}

static CK_RV
sign_rsa(void)
{
	struct p11_bytes out;
	CK_RV rv;

	if ((rv = ready()) != CKR_OK ||
	    (rv = sign(&pkcs, rsa, &out)) != CKR_OK)
		return rv;
	return judge(out.len == signed_by_rsa.len &&
	    memcmp(out.data, signed_by_rsa.data, out.len) == 0);
}

static CK_RV
decrypt(void)
{
	struct p11_bytes out = { .len = sizeof(out.data) };
	CK_RV rv;

	if ((rv = ready()) != CKR_OK ||
	    (rv = p11->C_DecryptInit(session, &pkcs, rsa)) != CKR_OK ||
	    (rv = p11->C_Decrypt(session, cipher.data, cipher.len, out.data,
	    &out.len)) != CKR_OK)
		return rv;
	return judge(out.len == sizeof(digest) &&
	    memcmp(out.data, digest, out.len) == 0);
}

static CK_RV
derive(void)
{
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, peer_point.len,
	    peer_point.data };
	CK_MECHANISM ecdh = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_BYTE room[66];
	CK_ATTRIBUTE value = P11_BYTES(CKA_VALUE, room, sizeof(room));
	CK_OBJECT_HANDLE secret;
	CK_RV rv;

	if ((rv = ready()) != CKR_OK ||
	    (rv = p11->C_DeriveKey(session, &ecdh, ec, template, 4,
	    &secret)) != CKR_OK)
		return rv;
	if ((rv = p11->C_GetAttributeValue(session, secret, &value, 1)) ==
	    CKR_OK)
		rv = judge(value.ulValueLen == common.len &&
		    memcmp(room, common.data, common.len) == 0);
	(void)p11->C_DestroyObject(session, secret);
	return rv;
}

static CK_RV
draw(void)
{
	static const CK_BYTE zeros[16];
	CK_BYTE out[48] = { 0 };
	CK_RV rv;

	if ((rv = p11->C_GenerateRandom(session, out, sizeof(out))) != CKR_OK)
		return rv;
	return judge(memcmp(out, out + 32, 16) != 0 &&
	    memcmp(out + 32, zeros, 16) != 0);
}

static CK_RV
generate(void)
{
	struct p11_bytes params = ossl_curve_oid(NID_X9_62_prime256v1), out;
	CK_MECHANISM mechanism = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { P11_BOOL(CKA_VERIFY, 1),
	    P11_BYTES(CKA_EC_PARAMS, params.data, params.len) };
	CK_ATTRIBUTE private[] = { P11_BOOL(CKA_SIGN, 1) };
	struct p11_pair pair;
	EVP_PKEY *key;
	CK_RV rv;

	if ((rv = ready()) != CKR_OK ||
	    (rv = p11->C_GenerateKeyPair(session, &mechanism, public, 2,
	    private, 1, &pair.public, &pair.private)) != CKR_OK)
		return rv;
	if ((rv = sign(&ecdsa, pair.private, &out)) == CKR_OK) {
		key = ossl_ec_of(session, pair.public, NID_X9_62_prime256v1);
		rv = judge(ossl_ecdsa_ok(key, digest, sizeof(digest), &out));
		EVP_PKEY_free(key);
	}
	(void)p11->C_DestroyObject(session, pair.public);
	(void)p11->C_DestroyObject(session, pair.private);
	return rv;
}

/* On the token, so that the clock of the store steps on. */
static CK_RV
keep(void)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_DATA),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, 1),
		P11_STR(CKA_LABEL, "kept for a moment"),
	};
	CK_OBJECT_HANDLE object;
	CK_RV rv;

	if ((rv = ready()) != CKR_OK ||
	    (rv = p11->C_CreateObject(session, template, 4, &object)) !=
	    CKR_OK)
		return rv;
	return p11->C_DestroyObject(session, object);
}

static CK_RV
set_pin(const char *from, const char *to)
{
	return p11->C_SetPIN(session, p11_in(from), strlen(from), p11_in(to),
	    strlen(to));
}

/*
 * There and back. Who was stopped on the way finds either PIN; a try with
 * the other one is counted, and forgiven by the right one.
 */
static CK_RV
change_pin(void)
{
	CK_RV rv = set_pin(P11_USER_PIN, NEW_PIN);

	if (rv != CKR_OK && rv != CKR_PIN_INCORRECT)
		return rv;
	return set_pin(NEW_PIN, P11_USER_PIN);
}

/* As a program runs that comes and goes. */
static CK_RV
come_and_go(void)
{
	CK_RV rv;

	if ((rv = p11->C_Finalize(NULL)) != CKR_OK ||
	    (rv = p11->C_Initialize(NULL)) != CKR_OK ||
	    (rv = p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION |
	    CKF_RW_SESSION, NULL, NULL, &session)) != CKR_OK)
		return rv;
	return sign_ec();
}

const struct p11_deed p11_deeds[] = {
	{ "login", login, true },
	{ "ECDSA", sign_ec, false },
	{ "RSA signature", sign_rsa, false },
	{ "RSA decryption", decrypt, false },
	{ "ECDH", derive, false },
	{ "random numbers", draw, false },
	{ "new key pair", generate, false },
	{ "object of the token", keep, false },
	{ "change of PIN", change_pin, true },
	{ "a cold run", come_and_go, true },
	{ NULL, NULL, false }
};

CK_RV
p11_deeds_all(void)
{
	const struct p11_deed *d;
	CK_RV rv = CKR_OK;

	for (d = p11_deeds; d->run != come_and_go && rv == CKR_OK; d++)
		rv = d->run();
	return rv;
}

CK_RV
p11_deeds_mend(void)
{
	return change_pin();
}

CK_RV
p11_deeds_next(void)
{
	CK_RV rv;

	if ((rv = p11->C_Initialize(NULL)) != CKR_OK ||
	    (rv = p11->C_OpenSession(p11_slot, CKF_SERIAL_SESSION |
	    CKF_RW_SESSION, NULL, NULL, &session)) != CKR_OK)
		return rv;
	if ((rv = log_in(P11_USER_PIN)) == CKR_PIN_INCORRECT &&
	    (rv = log_in(NEW_PIN)) == CKR_OK)
		rv = set_pin(NEW_PIN, P11_USER_PIN);
	if (rv == CKR_OK)
		rv = sign_ec();
	return rv != CKR_OK ? rv : p11->C_Finalize(NULL);
}

static CK_OBJECT_HANDLE
public_key(const char *label)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};

	return p11_find_one(session, template, 2);
}

/* What the deeds are measured by. */
static void
prepare(void)
{
	CK_OBJECT_HANDLE key = public_key("rsa");

	p11_deeds_end();
	assert_ok(ready());
	ec_public = ossl_ec_of(session, public_key("ec"),
	    NID_X9_62_prime256v1);
	peer = ossl_ec_new(NID_X9_62_prime256v1);
	peer_point = ossl_ec_point(peer);
	common = ossl_ecdh(peer, ec_public);
	assert_ok(p11->C_EncryptInit(session, &pkcs, key));
	cipher.len = sizeof(cipher.data);
	assert_ok(p11->C_Encrypt(session, p11_in(digest), sizeof(digest),
	    cipher.data, &cipher.len));
	assert_ok(sign(&pkcs, rsa, &signed_by_rsa));
	assert_ok(p11_verify(session, &pkcs, key, digest, sizeof(digest),
	    &signed_by_rsa));
}

void
p11_deeds_begin(void)
{
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	prepare();
}

void
p11_deeds_setup(void)
{
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	(void)p11_ec_pair(session, NID_X9_62_prime256v1, true, "ec");
	(void)p11_rsa_pair(session, 2048, true, "rsa");
	prepare();
}

void
p11_deeds_end(void)
{
	EVP_PKEY_free(ec_public);
	EVP_PKEY_free(peer);
	ec_public = peer = NULL;
}
