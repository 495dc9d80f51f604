/* SPDX-License-Identifier: BSD-2-Clause */
#include "matrix_use.h"

#include <string.h>

#include <openssl/obj_mac.h>

#include "p11_object.h"
#include "p11_ossl.h"
#include "p11_wrap.h"

static struct {
	CK_SESSION_HANDLE keeper;
	CK_SLOT_ID spare;
	struct p11_pair ec, rsa, token, kem, wraps;
	CK_OBJECT_HANDLE secret, data, token_data;
	struct p11_bytes point, oid, encrypted, wrapped;
} world;

/* What the arguments point to; anew for each call. */
static struct {
	CK_BYTE in[512], out[8192], sig[512], info[8192];
	CK_ULONG out_len;
	CK_OBJECT_HANDLE made, made2;
	CK_MECHANISM m;
	CK_ECDH1_DERIVE_PARAMS ecdh;
	CK_ATTRIBUTE tmpl[4], tmpl2[2];
	CK_ULONG class, type, value_len;
	CK_BBOOL yes, no;
} room;

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM ecdsa_sha256 = { CKM_ECDSA_SHA256, NULL, 0 };
static CK_MECHANISM rsa_pkcs = { CKM_RSA_PKCS, NULL, 0 };
static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };

static CK_OBJECT_HANDLE
make_secret(CK_SESSION_HANDLE s)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_STR(CKA_VALUE, "0123456789abcdef"),
		P11_BOOL(CKA_EXTRACTABLE, 1),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_PRIVATE, 0),
	};

	return p11_create(s, template, P11_COUNT(template));
}

static struct p11_pair
make_kem(CK_SESSION_HANDLE s)
{
	struct p11_pair pair = p11_ec_pair(s, NID_X9_62_prime256v1, false,
	    "kem");
	CK_ATTRIBUTE gives[] = { P11_BOOL(CKA_ENCAPSULATE, 1) };
	CK_ATTRIBUTE takes[] = { P11_BOOL(CKA_DECAPSULATE, 1) };

	if (matrix_3_2() == NULL)
		return pair;
	assert_ok(p11->C_SetAttributeValue(s, pair.public, gives, 1));
	assert_ok(p11->C_SetAttributeValue(s, pair.private, takes, 1));
	return pair;
}

void
matrix_keys(void)
{
	CK_SESSION_HANDLE s = p11_open_rw();
	EVP_PKEY *peer = ossl_ec_new(NID_X9_62_prime256v1);
	CK_BYTE out[256];
	CK_ULONG n = sizeof(out);

	p11_login(s, CKU_USER);
	world.keeper = s;
	world.oid = ossl_curve_oid(NID_X9_62_prime256v1);
	world.point = ossl_ec_point(peer);
	world.ec = p11_ec_pair(s, NID_X9_62_prime256v1, false, "ec");
	world.token = p11_ec_pair(s, NID_X9_62_prime256v1, true, "token");
	world.rsa = p11_rsa_pair(s, 2048, false, "rsa");
	world.kem = make_kem(s);
	world.wraps = wrap_pair(s, 0);
	world.secret = make_secret(s);
	world.data = p11_create_data(s, "data", false, false);
	world.token_data = p11_create_data(s, "on the token", true, false);
	assert_ok(p11->C_EncryptInit(s, &rsa_pkcs, world.rsa.public));
	assert_ok(p11->C_Encrypt(s, p11_in("plaintext"), 9, out, &n));
	world.encrypted.len = n;
	memcpy(world.encrypted.data, out, n);
	wrap(s, &rsa_pkcs, world.wraps.public, world.secret, &world.wrapped);
	world.spare = p11_make_token("spare");
	EVP_PKEY_free(peer);
}

CK_SLOT_ID
matrix_spare(void)
{
	return world.spare;
}

CK_OBJECT_HANDLE
matrix_private_key(void)
{
	return world.token.private;
}

CK_OBJECT_HANDLE
matrix_data(void)
{
	return world.token_data;
}

CK_SESSION_HANDLE
matrix_keeper(void)
{
	return world.keeper;
}

/* Of each use that needs a mechanism: its flag. */
static const struct {
	enum matrix_use use;
	CK_FLAGS flag;
} flags[] = {
	{ U_WRAP, CKF_WRAP },
	{ U_UNWRAP, CKF_UNWRAP },
	{ U_MSG_ENCRYPT, CKF_MESSAGE_ENCRYPT },
	{ U_MSG_ENCRYPT_BEGUN, CKF_MESSAGE_ENCRYPT },
	{ U_MSG_DECRYPT, CKF_MESSAGE_DECRYPT },
	{ U_MSG_DECRYPT_BEGUN, CKF_MESSAGE_DECRYPT },
	{ U_MSG_SIGN, CKF_MESSAGE_SIGN },
	{ U_MSG_SIGN_BEGUN, CKF_MESSAGE_SIGN },
	{ U_MSG_VERIFY, CKF_MESSAGE_VERIFY },
	{ U_MSG_VERIFY_BEGUN, CKF_MESSAGE_VERIFY },
	{ U_ENCAPSULATE, CKF_ENCAPSULATE },
	{ U_DECAPSULATE, CKF_DECAPSULATE },
	{ U_ASYNC, 0 },
	{ U_WRAP_AEAD, 0 },
	{ U_UNWRAP_AEAD, 0 },
};

/* Of the mechanisms that room is filled with here, by the keys there are. */
bool
matrix_possible(enum matrix_use use)
{
	static const CK_MECHANISM_TYPE tried[] = { CKM_RSA_PKCS,
		CKM_ECDSA_SHA256, CKM_ECDH1_DERIVE };
	CK_FLAGS have = 0;
	size_t i;

	for (i = 0; i < P11_COUNT(tried); i++)
		have |= p11_mechanism_flags(tried[i]);
	for (i = 0; i < P11_COUNT(flags); i++)
		if (flags[i].use == use)
			return (have & flags[i].flag) != 0;
	return true;
}

static void
use_key(struct matrix_args *a, const CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	room.m = *m;
	a->key = key;
}

static void
fill_ecdh(struct matrix_args *a, CK_OBJECT_HANDLE key)
{
	room.ecdh = (CK_ECDH1_DERIVE_PARAMS){
		.kdf = CKD_NULL,
		.ulPublicDataLen = world.point.len,
		.pPublicData = world.point.data,
	};
	room.m = (CK_MECHANISM){ CKM_ECDH1_DERIVE, &room.ecdh,
		sizeof(room.ecdh) };
	a->key = key;
}

/* The point is the ciphertext here, and no parameter. */
static void
fill_kem(struct matrix_args *a, enum matrix_use use)
{
	fill_ecdh(a, use == U_ENCAPSULATE ? world.kem.public :
	    world.kem.private);
	room.ecdh.ulPublicDataLen = 0;
	room.ecdh.pPublicData = NULL;
	memcpy(room.in, world.point.data, world.point.len);
	a->in_len = world.point.len;
}

static void
fill_encrypted(struct matrix_args *a)
{
	use_key(a, &rsa_pkcs, world.rsa.private);
	memcpy(room.in, world.encrypted.data, world.encrypted.len);
	a->in_len = world.encrypted.len;
}

static void
fill_wrapped(struct matrix_args *a)
{
	use_key(a, &rsa_pkcs, world.wraps.private);
	memcpy(room.in, world.wrapped.data, world.wrapped.len);
	a->in_len = world.wrapped.len;
}

/* The mechanism and key of a use, and an input that suits them. */
static void
fill_key(enum matrix_use use, struct matrix_args *a)
{
	switch (use) {
	case U_ENCRYPT: case U_DIGEST_ENCRYPT: case U_SIGN_ENCRYPT:
	case U_MSG_ENCRYPT: case U_MSG_ENCRYPT_BEGUN:
		use_key(a, &rsa_pkcs, world.rsa.public);
		break;
	case U_DECRYPT: case U_DECRYPT_DIGEST: case U_DECRYPT_VERIFY:
	case U_MSG_DECRYPT: case U_MSG_DECRYPT_BEGUN:
		fill_encrypted(a);
		break;
	case U_WRAP: case U_WRAP_AEAD:
		use_key(a, &rsa_pkcs, world.wraps.public);
		break;
	case U_UNWRAP: case U_UNWRAP_AEAD:
		fill_wrapped(a);
		break;
	case U_SIGN: case U_MSG_SIGN: case U_MSG_SIGN_BEGUN:
		use_key(a, &ecdsa_sha256, world.ec.private);
		break;
	case U_VERIFY: case U_MSG_VERIFY: case U_MSG_VERIFY_BEGUN:
	case U_VERIFY_SIGNATURE:
		use_key(a, &ecdsa_sha256, world.ec.public);
		break;
	case U_SIGN_RECOVER:
		use_key(a, &rsa_pkcs, world.rsa.private);
		break;
	case U_VERIFY_RECOVER:
		use_key(a, &rsa_pkcs, world.rsa.public);
		a->in_len = 256;
		break;
	case U_DERIVE:
		fill_ecdh(a, world.ec.private);
		break;
	case U_DECAPSULATE: case U_ENCAPSULATE:
		fill_kem(a, use);
		break;
	case U_DIGEST:
		use_key(a, &sha256, world.secret);
		break;
	default:
		use_key(a, &ecdsa, world.data);
	}
}

static void
fill_template(enum matrix_use use, struct matrix_args *a)
{
	room.class = CKO_SECRET_KEY;
	room.type = CKK_GENERIC_SECRET;
	room.value_len = 32;
	room.yes = CK_TRUE;
	room.no = CK_FALSE;
	room.tmpl[0] = (CK_ATTRIBUTE){ CKA_CLASS, &room.class, 8 };
	room.tmpl[1] = (CK_ATTRIBUTE){ CKA_KEY_TYPE, &room.type, 8 };
	room.tmpl2[0] = (CK_ATTRIBUTE){ CKA_SIGN, &room.yes, 1 };
	a->count = 2;
	a->count2 = 1;
	if (use == U_CREATE || use == U_FIND || use == U_OBJECT) {
		room.class = CKO_DATA;
		a->count = 1;
	}
	if (use == U_OBJECT)
		room.tmpl[0] = (CK_ATTRIBUTE){ CKA_LABEL, room.info, 3 };
	if (use == U_GENERATE) {
		room.m.mechanism = CKM_GENERIC_SECRET_KEY_GEN;
		room.tmpl[2] = (CK_ATTRIBUTE){ CKA_VALUE_LEN,
			&room.value_len, 8 };
		a->count = 3;
	}
	if (use == U_PAIR) {
		room.m.mechanism = CKM_EC_KEY_PAIR_GEN;
		room.tmpl[0] = (CK_ATTRIBUTE){ CKA_EC_PARAMS,
			world.oid.data, world.oid.len };
		a->count = 1;
	}
}

static void
fill_pins(enum matrix_use use, struct matrix_args *a)
{
	if (use == U_SPARE_SLOT) {
		memcpy(room.in, P11_SO_PIN, a->in_len = sizeof(P11_SO_PIN) - 1);
		memset(room.info, ' ', 32);
	} else if (use == U_PUBLIC || use == U_SO) {
		memcpy(room.in, P11_USER_PIN,
		    a->in_len = sizeof(P11_USER_PIN) - 1);
		memcpy(room.sig, P11_USER_PIN,
		    a->sig_len = sizeof(P11_USER_PIN) - 1);
	}
}

static void
fill(enum matrix_use use, struct matrix_args *a)
{
	memset(&room, 0, sizeof(room));
	room.out_len = sizeof(room.out);
	*a = (struct matrix_args){
		.m = &room.m, .other = world.secret, .in = room.in,
		.in_len = 32, .out = room.out, .out_len = &room.out_len,
		.sig = room.sig, .sig_len = 64, .tmpl = room.tmpl,
		.tmpl2 = room.tmpl2, .made = &room.made,
		.made2 = &room.made2, .info = room.info,
	};
	memset(room.sig, 1, 64);
	fill_key(use, a);
	fill_template(use, a);
	fill_pins(use, a);
	if (use == U_NONE || use == U_FIND)
		room.out_len = 8;	/* of what these count */
}

static void
begin_dual(CK_SESSION_HANDLE s, enum matrix_use use)
{
	if (use == U_DIGEST_ENCRYPT || use == U_DECRYPT_DIGEST)
		assert_ok(p11->C_DigestInit(s, &sha256));
	if (use == U_SIGN_ENCRYPT)
		assert_ok(p11->C_SignInit(s, &ecdsa_sha256,
		    world.ec.private));
	if (use == U_DECRYPT_VERIFY)
		assert_ok(p11->C_VerifyInit(s, &ecdsa_sha256,
		    world.ec.public));
}

static void
begin_message(const struct matrix_args *a, enum matrix_use use)
{
	if (use == U_MSG_SIGN || use == U_MSG_SIGN_BEGUN)
		assert_ok(p11_3->C_MessageSignInit(a->h, a->m, a->key));
	if (use == U_MSG_SIGN_BEGUN)
		assert_ok(p11_3->C_SignMessageBegin(a->h, NULL, 0));
	if (use == U_MSG_VERIFY || use == U_MSG_VERIFY_BEGUN)
		assert_ok(p11_3->C_MessageVerifyInit(a->h, a->m, a->key));
	if (use == U_MSG_VERIFY_BEGUN)
		assert_ok(p11_3->C_VerifyMessageBegin(a->h, NULL, 0));
	if (use == U_VERIFY_SIGNATURE)
		assert_ok(matrix_3_2()->C_VerifySignatureInit(a->h, a->m,
		    a->key, a->sig, a->sig_len));
}

static void
begin_operation(const struct matrix_args *a, enum matrix_use use)
{
	CK_SESSION_HANDLE s = a->h;

	switch (use) {
	case U_FIND:
		assert_ok(p11->C_FindObjectsInit(s, NULL, 0));
		break;
	case U_DIGEST:
		assert_ok(p11->C_DigestInit(s, a->m));
		break;
	case U_ENCRYPT: case U_DIGEST_ENCRYPT: case U_SIGN_ENCRYPT:
		assert_ok(p11->C_EncryptInit(s, a->m, a->key));
		begin_dual(s, use);
		break;
	case U_DECRYPT: case U_DECRYPT_DIGEST: case U_DECRYPT_VERIFY:
		assert_ok(p11->C_DecryptInit(s, a->m, a->key));
		begin_dual(s, use);
		break;
	case U_SIGN:
		assert_ok(p11->C_SignInit(s, a->m, a->key));
		break;
	case U_SIGN_RECOVER:
		assert_ok(p11->C_SignRecoverInit(s, a->m, a->key));
		break;
	case U_VERIFY:
		assert_ok(p11->C_VerifyInit(s, a->m, a->key));
		break;
	case U_VERIFY_RECOVER:
		assert_ok(p11->C_VerifyRecoverInit(s, a->m, a->key));
		break;
	default:
		begin_message(a, use);
	}
}

bool
matrix_begin(const struct matrix_row *row, bool ready, struct matrix_args *a)
{
	bool spare = row->use == U_SPARE_SLOT || row->use == U_PUBLIC ||
	    row->use == U_SO;

	fill(row->use, a);
	a->h = spare ? world.spare : p11_slot;
	if (row->takes == M_SESSION)
		a->h = p11_open(a->h, CKF_RW_SESSION);
	if (row->use == U_SO)
		p11_login(a->h, CKU_SO);
	if (!ready || row->inits)
		return true;
	if (!matrix_possible(row->use))
		return false;
	begin_operation(a, row->use);
	return true;
}

/* Also what a call made by mistake: only the keeper's session stays. */
void
matrix_end(struct matrix_args *a)
{
	CK_SESSION_INFO info;

	if (a->h != p11_slot && a->h != world.spare &&
	    p11->C_GetSessionInfo(a->h, &info) == CKR_OK)
		assert_ok(p11->C_CloseSession(a->h));
	assert_ok(p11->C_CloseAllSessions(world.spare));
}
