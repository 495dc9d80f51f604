/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests: each against OpenSSL's, in one part and many, in odd orders. */
#include <stdio.h>
#include <string.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

static const struct hash {
	CK_MECHANISM_TYPE type;
	const char *md;
} hashes[] = {
	{ CKM_SHA_1, "SHA1" },
	{ CKM_SHA224, "SHA224" },
	{ CKM_SHA256, "SHA256" },
	{ CKM_SHA384, "SHA384" },
	{ CKM_SHA512, "SHA512" },
	{ CKM_SHA512_224, "SHA512-224" },
	{ CKM_SHA512_256, "SHA512-256" },
	{ CKM_SHA3_224, "SHA3-224" },
	{ CKM_SHA3_256, "SHA3-256" },
	{ CKM_SHA3_384, "SHA3-384" },
	{ CKM_SHA3_512, "SHA3-512" },
};

static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_BYTE text[5000];

static int
setup(void **state)
{
	ossl_random(text, sizeof(text));
	return p11_setup(state);
}

static void
is(const struct hash *h, CK_ULONG len, const CK_BYTE *got, CK_ULONG got_len)
{
	struct p11_bytes expected = ossl_digest(h->md, text, len);

	if (got_len != expected.len ||
	    memcmp(got, expected.data, expected.len) != 0)
		fail_msg("%s of %lu bytes is wrong", h->md, len);
}

static void
one_part_of_every_length(void **state)
{
	static const CK_ULONG lens[] = { 0, 1, 55, 56, 63, 64, 65, 111, 112,
		127, 128, 129, 135, 136, 137, 1000, 5000 };
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM m = { 0, NULL, 0 };
	CK_BYTE digest[100];
	CK_ULONG n;
	size_t i, j;

	for (i = 0; i < P11_COUNT(hashes); i++)
		for (j = 0; j < P11_COUNT(lens); j++) {
			m.mechanism = hashes[i].type;
			assert_ok(p11->C_DigestInit(session, &m));
			n = sizeof(digest);
			assert_ok(p11->C_Digest(session, text, lens[j],
			    digest, &n));
			is(&hashes[i], lens[j], digest, n);
		}
}

static void
many_parts_are_one(void **state)
{
	static const CK_ULONG steps[] = { 1, 3, 63, 64, 65, 1000, 5000 };
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM m = { 0, NULL, 0 };
	CK_BYTE digest[100];
	CK_ULONG n, at, step;
	size_t i, j;

	for (i = 0; i < P11_COUNT(hashes); i++)
		for (j = 0; j < P11_COUNT(steps); j++) {
			m.mechanism = hashes[i].type;
			assert_ok(p11->C_DigestInit(session, &m));
			for (at = 0; at < sizeof(text); at += step) {
				step = steps[j];
				if (step > sizeof(text) - at)
					step = sizeof(text) - at;
				assert_ok(p11->C_DigestUpdate(session,
				    text + at, step));
			}
			n = sizeof(digest);
			assert_ok(p11->C_DigestFinal(session, digest, &n));
			is(&hashes[i], sizeof(text), digest, n);
		}
}

static void
no_part_is_the_empty_text(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_DigestFinal(session, digest, &n));
	is(&hashes[2], 0, digest, n);
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_DigestUpdate(session, NULL, 0));
	assert_ok(p11->C_DigestFinal(session, digest, &n));
	is(&hashes[2], 0, digest, n);
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_Digest(session, NULL, 0, digest, &n));
	is(&hashes[2], 0, digest, n);
}

static void
sizes_are_told_and_kept(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE digest[33];
	CK_ULONG n = 0;

	memset(digest, 0x5a, sizeof(digest));
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_Digest(session, text, 10, NULL, &n));
	assert_int_equal(n, 32);
	n = 31;
	assert_rv(CKR_BUFFER_TOO_SMALL,
	    p11->C_Digest(session, text, 10, digest, &n));
	assert_int_equal(n, 32);
	assert_int_equal(digest[31], 0x5a);
	n = sizeof(digest);
	assert_ok(p11->C_Digest(session, text, 10, digest, &n));
	is(&hashes[2], 10, digest, n);
	assert_int_equal(digest[32], 0x5a);
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_DigestUpdate(session, text, 10));
	assert_ok(p11->C_DigestFinal(session, NULL, &n));
	assert_int_equal(n, 32);
	/* a query between parts is no end */
	assert_ok(p11->C_DigestUpdate(session, text + 10, 10));
	n = 0;
	assert_rv(CKR_BUFFER_TOO_SMALL,
	    p11->C_DigestFinal(session, digest, &n));
	assert_ok(p11->C_DigestFinal(session, digest, &n));
	is(&hashes[2], 20, digest, n);
}

static void
orders_that_are_none(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_Digest(session, text, 1, digest, &n));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestUpdate(session, text, 1));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestFinal(session, digest, &n));
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_rv(CKR_OPERATION_ACTIVE, p11->C_DigestInit(session, &sha256));
	/* the refused Init has not ended the running one */
	assert_ok(p11->C_DigestUpdate(session, text, 1));
	/* one part is not for what has begun in parts; the standard has no
	 * code of its own for it */
	assert_rv_in(p11->C_Digest(session, text, 1, digest, &n),
	    CKR_OPERATION_ACTIVE, CKR_OPERATION_NOT_INITIALIZED,
	    CKR_FUNCTION_FAILED);
	(void)p11->C_DigestFinal(session, digest, &n);
	assert_ok(p11->C_DigestInit(session, &sha256));
	n = sizeof(digest);
	assert_ok(p11->C_Digest(session, text, 1, digest, &n));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestFinal(session, digest, &n));
}

static void
a_null_mechanism_cancels(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_DigestUpdate(session, text, 1));
	assert_ok(p11->C_DigestInit(session, NULL));
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestFinal(session, digest, &n));
	assert_ok(p11->C_DigestInit(session, &sha256));
}

static void
mechanisms_that_are_no_digest(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM ecdsa = { CKM_ECDSA_SHA256, NULL, 0 };
	CK_MECHANISM vendor = { CKM_VENDOR_DEFINED | 1, NULL, 0 };
	CK_MECHANISM with = { CKM_SHA256, text, 4 };

	assert_rv(CKR_MECHANISM_INVALID, p11->C_DigestInit(session, &ecdsa));
	assert_rv(CKR_MECHANISM_INVALID, p11->C_DigestInit(session, &vendor));
	assert_rv(CKR_MECHANISM_PARAM_INVALID,
	    p11->C_DigestInit(session, &with));
	assert_ok(p11->C_DigestInit(session, &sha256));
}

static void
sessions_digest_side_by_side(void **state)
{
	CK_SESSION_HANDLE one = p11_session(state), two = p11_open_ro();
	CK_MECHANISM sha512 = { CKM_SHA512, NULL, 0 };
	CK_BYTE digest[64];
	CK_ULONG n = sizeof(digest);

	assert_ok(p11->C_DigestInit(one, &sha256));
	assert_ok(p11->C_DigestInit(two, &sha512));
	assert_ok(p11->C_DigestUpdate(one, text, 100));
	assert_ok(p11->C_DigestUpdate(two, text, 200));
	assert_ok(p11->C_DigestFinal(one, digest, &n));
	is(&hashes[2], 100, digest, n);
	n = sizeof(digest);
	assert_ok(p11->C_DigestFinal(two, digest, &n));
	is(&hashes[4], 200, digest, n);
}

static void
a_digest_stands_beside_a_search(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_OBJECT_HANDLE found;
	CK_BYTE digest[32];
	CK_ULONG n;

	(void)p11_create_data(session, "x", false, false);
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_FindObjectsInit(session, NULL, 0));
	assert_ok(p11->C_DigestUpdate(session, text, 50));
	assert_ok(p11->C_FindObjects(session, &found, 1, &n));
	assert_int_equal(n, 1);
	n = sizeof(digest);
	assert_ok(p11->C_DigestFinal(session, digest, &n));
	is(&hashes[2], 50, digest, n);
	assert_ok(p11->C_FindObjectsFinal(session));
}

/* The standard lets a signature be refused while a digest runs; if it is not,
 * neither disturbs the other. */
static void
a_digest_is_not_disturbed_by_a_signature(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_MECHANISM ecdsa = { CKM_ECDSA_SHA256, NULL, 0 };
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "beside");
	CK_BYTE digest[32], signature[64];
	CK_ULONG n;
	CK_RV rv;

	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_DigestUpdate(session, text, 20));
	rv = p11->C_SignInit(session, &ecdsa, pair.private);
	assert_rv_in(rv, CKR_OK, CKR_OPERATION_ACTIVE);
	if (rv == CKR_OK)
		assert_ok(p11->C_SignUpdate(session, text, 50));
	assert_ok(p11->C_DigestUpdate(session, text + 20, 30));
	n = sizeof(signature);
	if (rv == CKR_OK)
		assert_ok(p11->C_SignFinal(session, signature, &n));
	n = sizeof(digest);
	assert_ok(p11->C_DigestFinal(session, digest, &n));
	is(&hashes[2], 50, digest, n);
	if (rv != CKR_OK)
		return;
	assert_ok(p11->C_VerifyInit(session, &ecdsa, pair.public));
	assert_ok(p11->C_Verify(session, text, 50, signature, 64));
}

static void
a_secret_key_is_part_of_a_digest(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_EXTRACTABLE, 1),
		P11_BYTES(CKA_VALUE, text + 10, 32),
	};
	CK_OBJECT_HANDLE key, data;
	CK_BYTE digest[32];
	CK_ULONG n = sizeof(digest);

	key = p11_create(session, template, P11_COUNT(template));
	data = p11_create_data(session, "no key", false, false);
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_ok(p11->C_DigestUpdate(session, text, 10));
	assert_ok(p11->C_DigestKey(session, key));
	assert_ok(p11->C_DigestUpdate(session, text + 42, 8));
	assert_ok(p11->C_DigestFinal(session, digest, &n));
	is(&hashes[2], 50, digest, n);
	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_DigestKey(session, key));
	assert_ok(p11->C_DigestInit(session, &sha256));
	assert_rv_in(p11->C_DigestKey(session, data), CKR_KEY_HANDLE_INVALID,
	    CKR_KEY_INDIGESTIBLE);
}

static void
a_state_is_saved_and_goes_on_elsewhere(void **state)
{
	CK_SESSION_HANDLE one = p11_session(state), two = p11_open_ro();
	CK_BYTE saved[4096], digest[32];
	CK_ULONG len = 0, n = sizeof(digest);
	CK_RV rv;

	assert_ok(p11->C_DigestInit(one, &sha256));
	assert_ok(p11->C_DigestUpdate(one, text, 77));
	rv = p11->C_GetOperationState(one, NULL, &len);
	/* a token may have none (3.1, 5.6.5) */
	if (rv == CKR_FUNCTION_NOT_SUPPORTED || rv == CKR_STATE_UNSAVEABLE)
		return;
	assert_ok(rv);
	assert_in_range(len, 1, sizeof(saved));
	assert_ok(p11->C_GetOperationState(one, saved, &len));
	assert_ok(p11->C_SetOperationState(two, saved, len, 0, 0));
	assert_ok(p11->C_DigestUpdate(two, text + 77, 23));
	assert_ok(p11->C_DigestFinal(two, digest, &n));
	is(&hashes[2], 100, digest, n);
	saved[len / 2] ^= 1;
	rv = p11->C_SetOperationState(two, saved, len - 1, 0, 0);
	assert_rv(CKR_SAVED_STATE_INVALID, rv);
	/* the one it was taken from goes on */
	n = sizeof(digest);
	assert_ok(p11->C_DigestFinal(one, digest, &n));
	is(&hashes[2], 77, digest, n);
}

static void
without_an_operation_there_is_no_state(void **state)
{
	CK_ULONG len = 0;

	assert_rv(CKR_OPERATION_NOT_INITIALIZED,
	    p11->C_GetOperationState(p11_session(state), NULL, &len));
}

static void
mechanism_info_says_digest(void **state)
{
	CK_MECHANISM_INFO info;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(hashes); i++) {
		assert_ok(p11->C_GetMechanismInfo(p11_slot, hashes[i].type,
		    &info));
		assert_int_equal(info.flags, CKF_DIGEST);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(mechanism_info_says_digest),
		P11_PUBLIC_TEST(one_part_of_every_length),
		P11_PUBLIC_TEST(many_parts_are_one),
		P11_PUBLIC_TEST(no_part_is_the_empty_text),
		P11_PUBLIC_TEST(sizes_are_told_and_kept),
		P11_PUBLIC_TEST(orders_that_are_none),
		P11_PUBLIC_TEST(a_null_mechanism_cancels),
		P11_PUBLIC_TEST(mechanisms_that_are_no_digest),
		P11_PUBLIC_TEST(sessions_digest_side_by_side),
		P11_PUBLIC_TEST(a_digest_stands_beside_a_search),
		P11_USER_TEST(a_digest_is_not_disturbed_by_a_signature),
		P11_USER_TEST(a_secret_key_is_part_of_a_digest),
		P11_PUBLIC_TEST(without_an_operation_there_is_no_state),
		P11_PUBLIC_TEST(a_state_is_saved_and_goes_on_elsewhere),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
