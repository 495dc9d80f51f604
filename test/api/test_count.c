/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many TPM commands things cost, by a TCTI that writes them down
 * (test/lib/tcti_trace.c). The numbers are those of DESIGN.md, section 3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "p11_aes.h"
#include "p11_object.h"
#include "p11_ossl.h"
#include "p11_trace.h"

#include <openssl/obj_mac.h>

static CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
static CK_BYTE digest[32] = { 1 };

static int
setup(void **state)
{
	CK_SESSION_HANDLE session;

	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	(void)p11_ec_pair(session, NID_X9_62_prime256v1, true, "ec");
	(void)p11_rsa_pair(session, 2048, true, "rsa");
	(void)p11_aes_made(session, 16, true, true, "aes");
	assert_ok(p11->C_Finalize(NULL));
	p11_trace_start();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	p11_trace_stop();
	return 0;
}

static CK_OBJECT_HANDLE
find(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, class),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};

	return p11_find_one(session, template, 2);
}

static void
a_cold_run(void **state)
{
	CK_SESSION_HANDLE session;
	struct p11_bytes signature;
	unsigned n;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, 0);
	p11_login(session, CKU_USER);
	p11_sign(session, &ecdsa, find(session, CKO_PRIVATE_KEY, "ec"),
	    digest, 32, &signature);
	assert_ok(p11->C_Finalize(NULL));
	n = p11_trace_count("a cold run");
	assert_in_range(n, 2, p11_has_resource_manager() ? 10 : 13);
}

static void
looking_at_a_token_costs_nothing(void **state)
{
	CK_SLOT_ID slots[16];
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_SESSION_HANDLE session;
	CK_SESSION_INFO info;
	CK_ULONG n = P11_COUNT(slots);

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetSlotList(CK_TRUE, NULL, &n));
	assert_ok(p11->C_GetSlotList(CK_TRUE, slots, &n));
	assert_ok(p11->C_GetSlotInfo(p11_slot, &slot));
	assert_ok(p11->C_GetTokenInfo(p11_slot, &token));
	assert_ok(p11->C_CloseAllSessions(p11_slot));
	session = p11_open(p11_slot, CKF_RW_SESSION);
	assert_ok(p11->C_GetSessionInfo(session, &info));
	assert_ok(p11->C_CloseSession(session));
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(p11_trace_count("looking at a token"), 0);
}

/* Programs ask all slots at each start. That of the TPM's UUID and maker is
 * known from the token beside it. */
static void
looking_at_the_empty_slot_costs_nothing(void **state)
{
	CK_SLOT_INFO slot;
	CK_TOKEN_INFO token;
	CK_SLOT_ID empty;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	empty = p11_empty_slot();
	assert_ok(p11->C_GetSlotInfo(empty, &slot));
	assert_ok(p11->C_GetTokenInfo(empty, &token));
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(p11_trace_count("looking at the empty slot"), 0);
}

static void
what_the_tpm_can_do_is_asked_once(void **state)
{
	CK_MECHANISM_TYPE list[400];
	CK_MECHANISM_INFO info;
	CK_ULONG n = P11_COUNT(list);

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetMechanismList(p11_slot, list, &n));
	assert_ok(p11->C_GetMechanismInfo(p11_slot, CKM_ECDSA, &info));
	assert_ok(p11->C_Finalize(NULL));
	/* it was asked, and kept, when the keys were made */
	assert_int_equal(p11_trace_count("mechanisms"), 0);
}

/* SQL on the note of what the TPM can do: 36 bytes of the machine's start,
 * then struct tpm_caps, whose firmware is at its offset 24. */
static void
change_note(const char *expression)
{
	char line[512];

	(void)snprintf(line, sizeof(line), "sqlite3 %s/store.sqlite3 \"update "
	    "note set value = cast(%s as blob) where name like 'tpm-caps%%'\"",
	    getenv("TPM2_CRYPTOKI_STORE"), expression);
	assert_int_equal(system(line), 0);
}

static CK_ULONG
mechanisms(void)
{
	CK_ULONG n = 0;

	assert_ok(p11->C_Initialize(NULL));
	assert_ok(p11->C_GetMechanismList(p11_slot, NULL, &n));
	assert_ok(p11->C_Finalize(NULL));
	return n;
}

static void
another_firmware_is_asked_anew(void **state)
{
	CK_ULONG n = mechanisms();

	(void)state;
	(void)p11_trace_count("mechanisms");
	change_note("zeroblob(36) || substr(value, 37)");
	assert_int_equal(mechanisms(), n);
	assert_int_equal(p11_trace_count("after a restart"), 1);
	assert_int_equal(mechanisms(), n);
	assert_int_equal(p11_trace_count("the next time"), 0);
	change_note("zeroblob(36) || substr(value, 37, 24) || zeroblob(24) "
	    "|| substr(value, 85)");
	assert_int_equal(mechanisms(), n);
	assert_in_range(p11_trace_count("after an update"), 5, 40);
	assert_int_equal(mechanisms(), n);
	assert_int_equal(p11_trace_count("the next time"), 0);
}

static void
public_objects_cost_one_unsealing(void **state)
{
	CK_SESSION_HANDLE session;
	struct p11_bytes point;
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, 0);
	key = find(session, CKO_PUBLIC_KEY, "ec");
	assert_in_range(p11_trace_count("first look without login"), 0, 5);
	p11_get(session, key, CKA_EC_POINT, &point);
	(void)find(session, CKO_PUBLIC_KEY, "rsa");
	assert_int_equal(p11_trace_count("second look"), 0);
	assert_ok(p11->C_Finalize(NULL));
	(void)p11_trace_count("finalise");
}

static void
software_costs_nothing(CK_SESSION_HANDLE session,
    const struct p11_bytes *signature)
{
	CK_OBJECT_HANDLE key = find(session, CKO_PUBLIC_KEY, "ec");
	CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
	struct p11_bytes out = { .len = sizeof(out.data) };

	assert_ok(p11_verify(session, &ecdsa, key, digest, 32, signature));
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_Digest(session, digest, 32, out.data, &out.len));
	p11_get(session, key, CKA_EC_POINT, &out);
	key = find(session, CKO_PUBLIC_KEY, "rsa");
	out.len = sizeof(out.data);
	assert_ok(p11->C_EncryptInit(session, &pkcs, key));
	assert_ok(p11->C_Encrypt(session, digest, 32, out.data, &out.len));
	assert_int_equal(p11_trace_count("verify, digest, search, encrypt"), 0);
}

static void
a_session_of_work(void **state)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	struct p11_bytes signature;
	CK_ULONG len;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, 0);
	p11_login(session, CKU_USER);
	assert_in_range(p11_trace_count("login"), 1, 8);
	key = find(session, CKO_PRIVATE_KEY, "ec");
	assert_int_equal(p11_trace_count("find"), 0);
	assert_ok(p11->C_SignInit(session, &ecdsa, key));
	assert_ok(p11->C_Sign(session, digest, 32, NULL, &len));
	len = 10;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11->C_Sign(session, digest, 32,
	    signature.data, &len));
	assert_int_equal(p11_trace_count("size query, buffer too small"), 0);
	assert_ok(p11->C_Sign(session, digest, 32, signature.data, &len));
	signature.len = len;
	assert_in_range(p11_trace_count("first signature"), 1, 2);
	software_costs_nothing(session, &signature);
	p11_sign(session, &ecdsa, key, digest, 32, &signature);
	assert_int_equal(p11_trace_count("warm signature"), 1);
	assert_ok(p11->C_Logout(session));
	(void)p11_trace_count("logout");
	p11_login(session, CKU_USER);
	assert_in_range(p11_trace_count("second login"), 0, 8);
	assert_ok(p11->C_Finalize(NULL));
	(void)p11_trace_count("finalise");
}

static void
decryption_and_ecdh_cost_one_when_warm(void **state)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key, secret;
	struct p11_bytes cipher, point;
	EVP_PKEY *peer = ossl_ec_new(NID_X9_62_prime256v1);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, 0, point.data };
	CK_MECHANISM ecdh = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_BYTE out[256];
	CK_ULONG len;
	int i;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, 0);
	p11_login(session, CKU_USER);
	assert_ok(p11->C_EncryptInit(session, &pkcs,
	    find(session, CKO_PUBLIC_KEY, "rsa")));
	cipher.len = sizeof(cipher.data);
	assert_ok(p11->C_Encrypt(session, digest, 32, cipher.data,
	    &cipher.len));
	(void)p11_trace_count("login");
	key = find(session, CKO_PRIVATE_KEY, "rsa");
	for (i = 0; i < 2; i++) {
		assert_ok(p11->C_DecryptInit(session, &pkcs, key));
		assert_ok(p11->C_Decrypt(session, cipher.data, cipher.len,
		    NULL, &len));
		assert_int_equal(p11_trace_count("decryption, size query"), 0);
		len = sizeof(out);
		assert_ok(p11->C_Decrypt(session, cipher.data, cipher.len,
		    out, &len));
		assert_in_range(p11_trace_count("decryption"), 1, 2 - i);
	}
	key = find(session, CKO_PRIVATE_KEY, "ec");
	point = ossl_ec_point(peer);
	params.ulPublicDataLen = point.len;
	for (i = 0; i < 2; i++) {
		assert_ok(p11->C_DeriveKey(session, &ecdh, key, NULL, 0,
		    &secret));
		assert_in_range(p11_trace_count("ECDH"), 1, 2 - i);
	}
	EVP_PKEY_free(peer);
	assert_ok(p11->C_Finalize(NULL));
	(void)p11_trace_count("finalise");
}

static void
all_else_that_the_tpm_does_costs_one(void **state)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	struct p11_bytes signature;
	CK_BYTE out[64];
	CK_ULONG len;
	int i;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, CKF_RW_SESSION);
	p11_login(session, CKU_USER);
	(void)p11_trace_count("login");
	key = find(session, CKO_PRIVATE_KEY, "rsa");
	for (i = 0; i < 2; i++) {
		assert_ok(p11->C_SignInit(session, &pkcs, key));
		assert_ok(p11->C_Sign(session, digest, 32, NULL, &len));
		assert_int_equal(p11_trace_count("RSA, size query"), 0);
		signature.len = len;
		assert_ok(p11->C_Sign(session, digest, 32, signature.data,
		    &signature.len));
		assert_in_range(p11_trace_count("RSA signature"), 1, 2 - i);
		assert_ok(p11->C_GenerateRandom(session, out, 16));
		assert_in_range(p11_trace_count("random numbers"), 0, 1);
		assert_ok(p11->C_SeedRandom(session, digest, 32));
		assert_int_equal(p11_trace_count("seed"), 1);
	}
	assert_ok(p11_verify(session, &pkcs, find(session, CKO_PUBLIC_KEY,
	    "rsa"), digest, 32, &signature));
	assert_int_equal(p11_trace_count("verify"), 0);
	assert_ok(p11->C_Finalize(NULL));
	(void)p11_trace_count("finalise");
}

/* The TPM takes 1 KiB at once. */
static void
bulk_by_aes_costs_one_for_each_kib(void **state)
{
	enum { LEN = 65536 };
	static CK_BYTE in[LEN], out[LEN + 16];
	CK_BYTE iv[16] = { 1 };
	CK_AES_CTR_PARAMS ctr = { .ulCounterBits = 32 };
	CK_GCM_PARAMS gcm = { iv, 12, 96, NULL, 0, 128 };
	CK_MECHANISM modes[] = { { CKM_AES_ECB, NULL, 0 },
		{ CKM_AES_CBC, iv, 16 }, { CKM_AES_CTR, &ctr, sizeof(ctr) },
		{ CKM_AES_CFB128, iv, 16 }, { CKM_AES_OFB, iv, 16 },
		{ CKM_AES_GCM, &gcm, sizeof(gcm) } };
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	CK_ULONG len;
	size_t i;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, 0);
	p11_login(session, CKU_USER);
	key = find(session, CKO_SECRET_KEY, "aes");
	(void)p11_trace_count("login");
	for (i = 0; i < P11_COUNT(modes); i++) {
		assert_ok(p11->C_EncryptInit(session, &modes[i], key));
		assert_ok(p11->C_Encrypt(session, in, LEN, NULL, &len));
		assert_int_equal(p11_trace_count("size query"), 0);
		len = sizeof(out);
		assert_ok(p11->C_Encrypt(session, in, LEN, out, &len));
		assert_in_range(p11_trace_count("64 KiB there"), 64, 66);
		assert_ok(p11->C_DecryptInit(session, &modes[i], key));
		assert_ok(p11->C_Decrypt(session, out, len, out, &len));
		assert_in_range(p11_trace_count("64 KiB back"), 64, 66);
		assert_memory_equal(out, in, LEN);
	}
	assert_ok(p11->C_Finalize(NULL));
	(void)p11_trace_count("finalise");
}

/* A TPM gives 32 to 64 bytes at once: what one request leaves serves the
 * next, but not behind a seed, and not in a child. */
static void
small_random_numbers_share_a_command(void **state)
{
	CK_SESSION_HANDLE session;
	CK_BYTE out[32], before[32] = { 0 }, seed[1] = { 1 };
	unsigned n;
	int i;

	(void)state;
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open(p11_slot, 0);
	assert_ok(p11->C_GenerateRandom(session, out, 1));
	(void)p11_trace_count("first byte");
	for (i = 0; i < 64; i++) {
		assert_ok(p11->C_GenerateRandom(session, out, sizeof(out)));
		assert_memory_not_equal(out, before, sizeof(out));
		memcpy(before, out, sizeof(out));
	}
	n = p11_trace_count("64 times 32 bytes");
	assert_in_range(n, 32, 43);	/* 64 or 48 bytes a command */
	assert_ok(p11->C_GenerateRandom(session, out, 1));
	(void)p11_trace_count("one byte");
	assert_ok(p11->C_SeedRandom(session, seed, 1));
	assert_int_equal(p11_trace_count("seed"), 1);
	assert_ok(p11->C_GenerateRandom(session, out, 1));
	assert_int_equal(p11_trace_count("one byte after a seed"), 1);
	assert_ok(p11->C_Finalize(NULL));
	(void)p11_trace_count("finalise");
}

/* A failed test leaves it running. */
static int
stop(void **state)
{
	(void)state;
	if (p11->C_Finalize(NULL) == CKR_OK)
		(void)p11_trace_count("after a failure");
	return 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cold_run),
		TEST(looking_at_a_token_costs_nothing),
		TEST(looking_at_the_empty_slot_costs_nothing),
		TEST(what_the_tpm_can_do_is_asked_once),
		TEST(another_firmware_is_asked_anew),
		TEST(public_objects_cost_one_unsealing),
		TEST(a_session_of_work),
		TEST(decryption_and_ecdh_cost_one_when_warm),
		TEST(all_else_that_the_tpm_does_costs_one),
		TEST(bulk_by_aes_costs_one_for_each_kib),
		TEST(small_random_numbers_share_a_command),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
