/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a listener at the TPM's bus learns of a program that does everything:
 * no PIN nor what is made of one, no secret that goes in or comes out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/hmac.h>
#include <openssl/obj_mac.h>

#include "p11_deeds.h"
#include "p11_ossl.h"
#include "p11_trace.h"

#define SECRETS_MAX 128

static const CK_BYTE plain[] = "what the program decrypts";
static const CK_BYTE seed[] = "the seed that a program gives";
static CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };

/* What must not be seen. */
static struct secret {
	const char *what;
	CK_ULONG len;
	CK_BYTE data[64];
} secrets[SECRETS_MAX];
static size_t secret_count;

static void
note(const char *what, const void *data, CK_ULONG len)
{
	struct secret *s = &secrets[secret_count++];

	assert_true(secret_count <= SECRETS_MAX);
	assert_in_range(len, 8, sizeof(s->data));
	s->what = what;
	s->len = len;
	memcpy(s->data, data, len);
}

static void
note_hmac(const char *what, const void *key, int key_len, const void *text,
    size_t len, CK_BYTE out[32])
{
	unsigned n = 32;

	assert_non_null(HMAC(EVP_sha256(), key, key_len, text, len, out, &n));
	note(what, out, 32);
}

/* A PIN, what the row's salt makes of it, and what that is used as. */
static void
note_pin(const char *pin, const CK_BYTE *salt, int salt_len)
{
	static const char index[] = "tpm2-cryptoki PIN index";
	static const char key[] = "tpm2-cryptoki PIN seal";
	CK_BYTE auth[32], out[32];

	note("a PIN", pin, strlen(pin));
	note_hmac("HMAC(salt, PIN)", salt, salt_len, pin, strlen(pin), auth);
	note_hmac("the index's auth", auth, 32, index, strlen(index), out);
	note_hmac("the seal's key", auth, 32, key, strlen(key), out);
}

/* With the salts that the store has now; both PINs with each of them. */
static void
note_pins(const char *user_pin)
{
	const char *store = getenv("TPM2_CRYPTOKI_STORE");
	char line[512];
	CK_BYTE salt[64];
	unsigned rows = 0, byte;
	size_t i;
	FILE *f;

	(void)snprintf(line, sizeof(line), "sqlite3 -readonly "
	    "%s/store.sqlite3 'select hex(salt) from pin'", store);
	f = popen(line, "r");
	assert_non_null(f);
	for (; fgets(line, sizeof(line), f) != NULL; rows++) {
		for (i = 0; i < strcspn(line, "\n") / 2; i++) {
			assert_int_equal(sscanf(line + 2 * i, "%2x", &byte),
			    1);
			salt[i] = (CK_BYTE)byte;
		}
		note_pin(P11_SO_PIN, salt, (int)i);
		note_pin(user_pin, salt, (int)i);
	}
	assert_int_equal(pclose(f), 0);
	assert_int_equal(rows, 2);
}

static void
pins(CK_SESSION_HANDLE session)
{
	static char other[] = "another PIN of it";

	note_pins(P11_USER_PIN);
	p11_login(session, CKU_USER);
	assert_ok(p11->C_SetPIN(session, p11_in(P11_USER_PIN),
	    strlen(P11_USER_PIN), p11_in(other), strlen(other)));
	note_pins(other);
	assert_ok(p11->C_SetPIN(session, p11_in(other), strlen(other),
	    p11_in(P11_USER_PIN), strlen(P11_USER_PIN)));
	assert_ok(p11->C_Logout(session));
	p11_init_pin(p11_slot, P11_USER_PIN);
	note_pins(P11_USER_PIN);
	p11_login(session, CKU_USER);
}

static void
random_numbers(CK_SESSION_HANDLE session)
{
	CK_BYTE out[64];
	int i;

	assert_ok(p11->C_SeedRandom(session, p11_in(seed), sizeof(seed)));
	note("a seed", seed, sizeof(seed));
	for (i = 0; i < 4; i++) {
		assert_ok(p11->C_GenerateRandom(session, out, 16));
		note("random numbers", out, 16);
	}
	assert_ok(p11->C_GenerateRandom(session, out, sizeof(out)));
	note("the first of many random numbers", out, 16);
	note("the last of them", out + 48, 16);
}

static void
decryption(CK_SESSION_HANDLE session)
{
	struct p11_pair pair = p11_rsa_pair(session, 2048, false, "passing");
	struct p11_bytes in = { .len = sizeof(in.data) };
	struct p11_bytes out = { .len = sizeof(out.data) };

	assert_ok(p11->C_EncryptInit(session, &pkcs, pair.public));
	assert_ok(p11->C_Encrypt(session, p11_in(plain), sizeof(plain),
	    in.data, &in.len));
	assert_ok(p11->C_DecryptInit(session, &pkcs, pair.private));
	assert_ok(p11->C_Decrypt(session, in.data, in.len, out.data,
	    &out.len));
	assert_int_equal(out.len, sizeof(plain));
	note("a plaintext", plain, sizeof(plain));
}

static void
agreement(CK_SESSION_HANDLE session)
{
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "passing");
	EVP_PKEY *own = ossl_ec_of(session, pair.public,
	    NID_X9_62_prime256v1);
	EVP_PKEY *peer = ossl_ec_new(NID_X9_62_prime256v1);
	struct p11_bytes point = ossl_ec_point(peer);
	struct p11_bytes z = ossl_ecdh(peer, own);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point.len,
	    point.data };
	CK_MECHANISM ecdh = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_OBJECT_HANDLE secret;

	assert_ok(p11->C_DeriveKey(session, &ecdh, pair.private, NULL, 0,
	    &secret));
	note("Z", z.data, z.len);
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
}

/* A value that comes in by C_CreateObject, and goes to the TPM or not. */
static void
secret_object(CK_SESSION_HANDLE session)
{
	CK_BYTE value[32];
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_SIGN, 1),
		P11_BYTES(CKA_VALUE, value, sizeof(value)),
	};
	CK_OBJECT_HANDLE object;
	CK_RV rv;

	ossl_random(value, sizeof(value));
	rv = p11->C_CreateObject(session, template, P11_COUNT(template),
	    &object);
	print_message("a secret key of the token: %s\n", p11_rv_name(rv));
	note("a secret key", value, sizeof(value));
}

static unsigned authorised;

/*
 * Every authorisation is by a session, or by the empty password; and the
 * first parameter is encrypted where it is a secret, going in or coming out.
 */
static void
look(const struct p11_exchange *x)
{
	static const struct {
		const char *name;
		CK_BYTE attributes;	/* decrypt 0x20, encrypt 0x40 */
	} wanted[] = {
		{ "Unseal", 0x40 }, { "GetRandom", 0x40 },
		{ "RSA_Decrypt", 0x60 }, { "ECDH_ZGen", 0x40 },
		{ "Create", 0x20 }, { "Import", 0x20 },
		{ "StirRandom", 0x20 },
		{ "EncryptDecrypt2", 0x60 }, { "HMAC", 0x20 },
		{ "NV_DefineSpace", 0x20 }, { "NV_ChangeAuth", 0x20 },
		{ "ObjectChangeAuth", 0x20 },
	};
	const CK_BYTE *p = x->command + 10 + 4 * x->handles, *end;
	CK_BYTE attributes = 0;
	bool password;
	size_t i;

	if (x->command[1] == 2) {	/* TPM_ST_SESSIONS */
		authorised++;
		end = p + 4 + (p[2] << 8 | p[3]);
		for (p += 4; p < end; p += 2 + p[1]) {
			password = memcmp(p, "\x40\0\0\x09", 4) == 0;
			p += 4;
			p += 2 + p[1];
			attributes |= *p++;
			if (password)
				assert_int_equal(p[1], 0);
		}
	}
	for (i = 0; i < P11_COUNT(wanted); i++)
		if (strcmp(x->name, wanted[i].name) == 0 &&
		    (attributes & wanted[i].attributes) !=
		    wanted[i].attributes)
			fail_msg("%s is not encrypted: %02x", x->name,
			    attributes);
}

static void
nothing_secret_crosses_the_bus(void **state)
{
	CK_SESSION_HANDLE session;
	unsigned n, seen = 0;
	size_t i;

	(void)state;
	p11_trace_start();
	p11_trace_bytes(true);
	(void)p11_setup(NULL);
	session = p11_open_rw();
	pins(session);
	random_numbers(session);
	decryption(session);
	agreement(session);
	secret_object(session);
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	p11_deeds_setup();
	assert_ok(p11_deeds_all());
	p11_deeds_end();
	p11_init_token(p11_empty_slot(), P11_SO_PIN, "second");
	assert_ok(p11->C_Finalize(NULL));
	p11_trace_bytes(false);

	n = p11_trace_walk(look);
	for (i = 0; i < secret_count; i++)
		if (p11_trace_has(secrets[i].data, secrets[i].len)) {
			print_message("in clear: %s\n", secrets[i].what);
			seen++;
		}
	print_message("%u commands, %u with an authorisation, %zu secrets\n",
	    n, authorised, secret_count);
	assert_int_equal(seen, 0);
	assert_true(authorised > 50);
	p11_trace_stop();
}

/* What the test above goes by: what is in clear is found. */
static void
a_record_shows_what_is_in_clear(void **state)
{
	CK_BYTE text[32] = "a digest, which is no secret";
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_SESSION_HANDLE session;
	struct p11_bytes out;
	struct p11_pair pair;

	(void)state;
	p11_trace_start();
	(void)p11_setup(NULL);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	pair = p11_ec_pair(session, NID_X9_62_prime256v1, false, "passing");
	p11_trace_bytes(true);
	p11_sign(session, &ecdsa, pair.private, text, sizeof(text), &out);
	assert_true(p11_trace_has(text, sizeof(text)));
	assert_true(p11_trace_has(out.data, 16));
	text[0] ^= 1;
	assert_false(p11_trace_has(text, sizeof(text)));
	assert_ok(p11->C_Finalize(NULL));
	p11_trace_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_secret_crosses_the_bus),
		cmocka_unit_test(a_record_shows_what_is_in_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
