/* SPDX-License-Identifier: BSD-2-Clause */
/* HMAC with keys in the TPM and outside, made and brought, by OpenSSL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/evp.h>

static CK_SESSION_HANDLE session;

/* Keys are given CKA_DERIVE later, to find out where they are. */
static void
allow_new_roles(void)
{
	static const char text[] = "wrap_and_decrypt: allow\n";
	static char path[] = "/tmp/p11-roles.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1),
	    sizeof(text) - 1);
	(void)close(fd);
	assert_int_equal(setenv("TPM2_CRYPTOKI_CONFIG", path, 1), 0);
}

static const struct {
	const char *name;
	CK_MECHANISM_TYPE mac;
	CK_MECHANISM_TYPE general;
	CK_MECHANISM_TYPE gen;
	CK_MECHANISM_TYPE derive;
	CK_KEY_TYPE key;
	bool in_tpm;		/* swtpm has the hash */
} hashes[] = {
#define HASH(name, h, d, tpm) { name, CKM_##h##_HMAC, \
	CKM_##h##_HMAC_GENERAL, CKM_##h##_KEY_GEN, CKM_##d##_KEY_DERIVATION, \
	CKK_##h##_HMAC, tpm }
	HASH("SHA1", SHA_1, SHA1, true),
	HASH("SHA224", SHA224, SHA224, false),
	HASH("SHA256", SHA256, SHA256, true),
	HASH("SHA384", SHA384, SHA384, true),
	HASH("SHA512", SHA512, SHA512, true),
	HASH("SHA512-224", SHA512_224, SHA512_224, false),
	HASH("SHA512-256", SHA512_256, SHA512_256, false),
	HASH("SHA3-224", SHA3_224, SHA3_224, false),
	HASH("SHA3-256", SHA3_256, SHA3_256, false),
	HASH("SHA3-384", SHA3_384, SHA3_384, false),
	HASH("SHA3-512", SHA3_512, SHA3_512, false),
};

static unsigned seed;

static unsigned
below(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return seed / 65536 % n;
}

static void
fill(struct p11_bytes *b, CK_ULONG len)
{
	CK_ULONG i;

	b->len = len;
	for (i = 0; i < len; i++)
		b->data[i] = (CK_BYTE)below(256);
}

static int
setup(void **state)
{
	const char *given = getenv("TEST_SEED");

	seed = given != NULL ? (unsigned)strtoul(given, NULL, 0) :
	    (unsigned)time(NULL);
	printf("# TEST_SEED=%u\n", seed);
	allow_new_roles();
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	return 0;
}

/* For MACs alone, and nobody ever sees its value. */
#define CLOSED(type, token) \
	P11_NUM(CKA_CLASS, CKO_SECRET_KEY), \
	P11_NUM(CKA_KEY_TYPE, type), \
	P11_BOOL(CKA_TOKEN, token), \
	P11_BOOL(CKA_SENSITIVE, 1), \
	P11_BOOL(CKA_EXTRACTABLE, 0), \
	P11_BOOL(CKA_SIGN, 1), \
	P11_BOOL(CKA_VERIFY, 1)

static CK_OBJECT_HANDLE
bring(CK_KEY_TYPE type, const struct p11_bytes *value)
{
	CK_ATTRIBUTE template[] = { CLOSED(type, 0),
		P11_BYTES(CKA_VALUE, value->data, value->len) };

	return p11_create(session, template, P11_COUNT(template));
}

static CK_OBJECT_HANDLE
make(CK_MECHANISM_TYPE gen, CK_KEY_TYPE type, CK_ULONG len, bool token)
{
	CK_MECHANISM m = { gen, NULL, 0 };
	CK_ATTRIBUTE template[] = { CLOSED(type, token),
		P11_NUM(CKA_VALUE_LEN, len) };
	CK_OBJECT_HANDLE key;

	assert_ok(p11->C_GenerateKey(session, &m, template,
	    P11_COUNT(template), &key));
	return key;
}

/* A key in the TPM is of no use to what needs its value. */
static bool
in_tpm(CK_OBJECT_HANDLE key)
{
	CK_MECHANISM m = { CKM_SHA256_KEY_DERIVATION, NULL, 0 };
	CK_ATTRIBUTE derive[] = { P11_BOOL(CKA_DERIVE, 1) };
	CK_ATTRIBUTE template[] = { P11_NUM(CKA_CLASS, CKO_SECRET_KEY) };
	CK_OBJECT_HANDLE made;
	CK_RV rv;

	assert_ok(p11->C_SetAttributeValue(session, key, derive, 1));
	rv = p11->C_DeriveKey(session, &m, key, template, 1, &made);
	if (rv == CKR_OK)
		p11_destroy(session, made);
	else
		assert_true(rv == CKR_KEY_TYPE_INCONSISTENT ||
		    rv == CKR_MECHANISM_INVALID);
	return rv != CKR_OK;
}

static struct p11_bytes
expected(const char *name, const struct p11_bytes *key,
    const struct p11_bytes *in)
{
	struct p11_bytes out;
	size_t len = 0;

	assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, name, NULL, key->data,
	    key->len, in->data, in->len, out.data, 64, &len));
	out.len = len;
	return out;
}

static struct p11_bytes
sign_parts(CK_MECHANISM *m, CK_OBJECT_HANDLE key, struct p11_bytes *in)
{
	struct p11_bytes out = { .len = 64 };
	CK_ULONG at = 0, n;

	assert_ok(p11->C_SignInit(session, m, key));
	while (at < in->len) {
		n = 1 + below((unsigned)(in->len - at));
		assert_ok(p11->C_SignUpdate(session, in->data + at, n));
		at += n;
	}
	assert_ok(p11->C_SignFinal(session, out.data, &out.len));
	return out;
}

static void
serves(CK_OBJECT_HANDLE key, size_t h, const struct p11_bytes *value)
{
	CK_MAC_GENERAL_PARAMS len;
	CK_MECHANISM m = { hashes[h].mac, NULL, 0 };
	CK_MECHANISM general = { hashes[h].general, &len, sizeof(len) };
	static struct p11_bytes in, mac;
	struct p11_bytes want;

	fill(&in, below(2) ? below(200) : below(6000));
	want = expected(hashes[h].name, value, &in);
	p11_sign(session, &m, key, in.data, in.len, &mac);
	assert_int_equal(mac.len, want.len);
	assert_memory_equal(mac.data, want.data, want.len);
	mac = sign_parts(&m, key, &in);
	assert_memory_equal(mac.data, want.data, want.len);
	assert_ok(p11_verify(session, &m, key, in.data, in.len, &want));
	len = 1 + below((unsigned)want.len);
	want.len = len;
	assert_ok(p11_verify(session, &general, key, in.data, in.len, &want));
	want.data[below((unsigned)len)] ^= 0x10;
	assert_rv(CKR_SIGNATURE_INVALID, p11_verify(session, &general, key,
	    in.data, in.len, &want));
}

static void
closed_keys_that_are_brought_mac_as_openssl(void **state)
{
	static struct p11_bytes value;
	CK_OBJECT_HANDLE own, generic;
	size_t h;
	int n;

	(void)state;
	for (h = 0; h < P11_COUNT(hashes); h++)
		for (n = 0; n < 5; n++) {
			fill(&value, 1 + below(128));
			own = bring(hashes[h].key, &value);
			serves(own, h, &value);
			assert_int_equal(in_tpm(own), hashes[h].in_tpm);
			p11_destroy(session, own);
			if (!hashes[h].in_tpm)
				continue;
			generic = bring(CKK_GENERIC_SECRET, &value);
			serves(generic, h, &value);
			assert_true(in_tpm(generic));
			p11_destroy(session, generic);
		}
}

/* What the object takes tells whether the value is still in it. */
static void
a_value_that_the_tpm_has_is_kept_nowhere_else(void **state)
{
	static struct p11_bytes value;
	CK_ULONG size, first = 0;
	CK_OBJECT_HANDLE key;
	CK_ULONG len;

	(void)state;
	for (len = 16; len <= 64; len += 16) {
		fill(&value, len);
		key = bring(CKK_SHA256_HMAC, &value);
		assert_ok(p11->C_GetObjectSize(session, key, &size));
		assert_true(first == 0 || size == first);
		first = size;
		p11_destroy(session, key);
	}
}

/* The value cannot be known; two keys and two messages tell. */
static void
keys_made_in_the_tpm_mac_and_verify(void **state)
{
	static const CK_ULONG lens[] = { 1, 16, 20, 32, 48, 64, 100, 128, 129,
		200 };
	static struct p11_bytes in, mac, other;
	CK_OBJECT_HANDLE a, b;
	size_t h, i;

	(void)state;
	for (h = 0; h < P11_COUNT(hashes); h++)
		for (i = 0; i < P11_COUNT(lens); i++) {
			CK_MECHANISM m = { hashes[h].mac, NULL, 0 };

			a = make(hashes[h].gen, hashes[h].key, lens[i], false);
			b = make(hashes[h].gen, hashes[h].key, lens[i], i % 2);
			fill(&in, below(3000));
			p11_sign(session, &m, a, in.data, in.len, &mac);
			p11_sign(session, &m, b, in.data, in.len, &other);
			assert_ok(p11_verify(session, &m, a, in.data, in.len,
			    &mac));
			if (lens[i] > 1)
				assert_rv(CKR_SIGNATURE_INVALID, p11_verify(
				    session, &m, a, in.data, in.len, &other));
			assert_int_equal(p11_get_num(session, a,
			    CKA_VALUE_LEN), lens[i]);
			assert_true(p11_get_bool(session, a, CKA_LOCAL));
			assert_rv(CKR_ATTRIBUTE_SENSITIVE, p11_get_rv(session,
			    a, CKA_VALUE));
			assert_int_equal(in_tpm(a), hashes[h].in_tpm &&
			    lens[i] <= 128);
			p11_destroy(session, a);
			p11_destroy(session, b);
		}
}

/* Each of these needs the value somewhere else than in the TPM. */
static void
keys_for_more_than_macs_stay_values(void **state)
{
	CK_MECHANISM m = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_MECHANISM_TYPE sha3[] = { CKM_SHA256_HMAC, CKM_SHA3_256_HMAC };
	CK_MECHANISM_TYPE sha2[] = { CKM_SHA256_HMAC,
		CKM_SHA256_KEY_DERIVATION };
	CK_ATTRIBUTE templates[][5] = {
		/* what programs leave open */
		{ P11_NUM(CKA_VALUE_LEN, 32), P11_BOOL(CKA_TOKEN, 1),
		    P11_BOOL(CKA_SENSITIVE, 1), P11_BOOL(CKA_EXTRACTABLE, 0),
		    P11_STR(CKA_LABEL, "idle") },
		{ P11_NUM(CKA_VALUE_LEN, 32), P11_BOOL(CKA_DERIVE, 1),
		    P11_BOOL(CKA_SENSITIVE, 1), P11_BOOL(CKA_EXTRACTABLE, 0),
		    P11_BOOL(CKA_SIGN, 1) },
		{ P11_NUM(CKA_VALUE_LEN, 32), P11_BOOL(CKA_SIGN, 1),
		    P11_BOOL(CKA_SENSITIVE, 1), P11_BOOL(CKA_EXTRACTABLE, 1),
		    P11_STR(CKA_LABEL, "extractable") },
		{ P11_NUM(CKA_VALUE_LEN, 32), P11_BOOL(CKA_SIGN, 1),
		    P11_BOOL(CKA_SENSITIVE, 0), P11_BOOL(CKA_EXTRACTABLE, 0),
		    P11_STR(CKA_LABEL, "open") },
		{ P11_NUM(CKA_VALUE_LEN, 32), P11_BOOL(CKA_SIGN, 1),
		    P11_BOOL(CKA_SENSITIVE, 1), P11_BOOL(CKA_EXTRACTABLE, 0),
		    P11_BYTES(CKA_ALLOWED_MECHANISMS, sha3, sizeof(sha3)) },
		/* and this one does not */
		{ P11_NUM(CKA_VALUE_LEN, 32), P11_BOOL(CKA_SIGN, 1),
		    P11_BOOL(CKA_SENSITIVE, 1), P11_BOOL(CKA_EXTRACTABLE, 0),
		    P11_BYTES(CKA_ALLOWED_MECHANISMS, sha2, sizeof(sha2)) },
	};
	struct p11_bytes mac;
	CK_MECHANISM sign = { CKM_SHA256_HMAC, NULL, 0 };
	CK_OBJECT_HANDLE key;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(templates); i++) {
		assert_ok(p11->C_GenerateKey(session, &m, templates[i], 5,
		    &key));
		p11_sign(session, &sign, key, "text", 4, &mac);
		assert_int_equal(mac.len, 32);
		if (i != 4)
			assert_int_equal(in_tpm(key), i == 5);
		p11_destroy(session, key);
	}
}

static void
a_hash_that_the_tpm_lacks_is_told_at_once(void **state)
{
	CK_MECHANISM m = { CKM_SHA3_256_HMAC, NULL, 0 };
	static struct p11_bytes allowed;
	CK_OBJECT_HANDLE key;

	(void)state;
	key = make(CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, 32, true);
	p11_get(session, key, CKA_ALLOWED_MECHANISMS, &allowed);
	assert_int_equal(allowed.len, 9 * sizeof(CK_MECHANISM_TYPE));
	assert_rv(CKR_MECHANISM_INVALID, p11->C_SignInit(session, &m, key));
	m.mechanism = CKM_SHA256_HMAC;
	assert_ok(p11->C_SignInit(session, &m, key));
	p11_destroy(session, key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_keys_that_are_brought_mac_as_openssl),
		cmocka_unit_test(
		    a_value_that_the_tpm_has_is_kept_nowhere_else),
		cmocka_unit_test(keys_made_in_the_tpm_mac_and_verify),
		cmocka_unit_test(keys_for_more_than_macs_stay_values),
		cmocka_unit_test(a_hash_that_the_tpm_lacks_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
