/* SPDX-License-Identifier: BSD-2-Clause */
/* C_DeriveKey from secrets: what is made, how closed it is, and nothing when
 * something is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

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

static int
setup(void **state)
{
	allow_new_roles();
	(void)p11_setup(state);
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	return 0;
}

/* A generic secret of 48 known bytes, with these flags. */
static CK_OBJECT_HANDLE
base_key(bool sensitive, bool extractable, bool derives)
{
	static CK_BYTE value[48];
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BYTES(CKA_VALUE, value, sizeof(value)),
		P11_BOOL(CKA_SENSITIVE, sensitive),
		P11_BOOL(CKA_EXTRACTABLE, extractable),
		P11_BOOL(CKA_DERIVE, derives),
		P11_BOOL(CKA_SIGN, 1),
	};
	size_t i;

	for (i = 0; i < sizeof(value); i++)
		value[i] = (CK_BYTE)i;
	return p11_create(session, template, P11_COUNT(template));
}

/* The same, made here and never seen. */
static CK_OBJECT_HANDLE
made_key(bool sensitive, bool extractable)
{
	CK_MECHANISM m = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_VALUE_LEN, 32),
		P11_BOOL(CKA_SENSITIVE, sensitive),
		P11_BOOL(CKA_EXTRACTABLE, extractable),
		P11_BOOL(CKA_DERIVE, 1),
	};
	CK_OBJECT_HANDLE key;

	assert_ok(p11->C_GenerateKey(session, &m, template,
	    P11_COUNT(template), &key));
	return key;
}

static CK_RV
derive(CK_MECHANISM *m, CK_OBJECT_HANDLE base, CK_ATTRIBUTE *template,
    CK_ULONG n, CK_OBJECT_HANDLE *key)
{
	return p11->C_DeriveKey(session, m, base, template, n, key);
}

static CK_ULONG
objects(void)
{
	return p11_count(session, NULL, 0);
}

/* A session, whose objects go with it. */
static void
start_over(void)
{
	assert_ok(p11->C_CloseSession(session));
	session = p11_open_rw();
	p11_login(session, CKU_USER);
}

static void
is_as(CK_OBJECT_HANDLE key, bool sensitive, bool extractable, bool always,
    bool never)
{
	assert_int_equal(p11_get_bool(session, key, CKA_SENSITIVE),
	    sensitive);
	assert_int_equal(p11_get_bool(session, key, CKA_EXTRACTABLE),
	    extractable);
	assert_int_equal(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE),
	    always);
	assert_int_equal(p11_get_bool(session, key, CKA_NEVER_EXTRACTABLE),
	    never);
	assert_false(p11_get_bool(session, key, CKA_LOCAL));
}

/* 6.43.3: sensitive if either is, extractable only if both are. */
static void
two_keys_are_as_closed_as_either(void **state)
{
	CK_OBJECT_HANDLE other, key, base;
	CK_MECHANISM m = { CKM_CONCATENATE_BASE_AND_KEY, &other,
		sizeof(other) };
	CK_ATTRIBUTE none[] = { P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET) };
	CK_ATTRIBUTE open[] = { P11_BOOL(CKA_SENSITIVE, 0) };
	CK_ATTRIBUTE loose[] = { P11_BOOL(CKA_EXTRACTABLE, 1) };
	unsigned i;

	(void)state;
	for (i = 0; i < 16; i++) {
		bool s1 = i & 1, s2 = i & 2, e1 = i & 4, e2 = i & 8;

		base = made_key(s1, e1);
		other = made_key(s2, e2);
		assert_ok(derive(&m, base, none, 1, &key));
		is_as(key, s1 || s2, e1 && e2, s1 && s2, !e1 && !e2);
		assert_int_equal(p11_get_num(session, key, CKA_VALUE_LEN),
		    64);
		assert_rv((s1 || s2) ? CKR_TEMPLATE_INCONSISTENT : CKR_OK,
		    derive(&m, base, open, 1, &key));
		assert_rv((e1 && e2) ? CKR_OK : CKR_TEMPLATE_INCONSISTENT,
		    derive(&m, base, loose, 1, &key));
	}
	start_over();
}

static void
the_second_key_needs_its_rights(void **state)
{
	CK_OBJECT_HANDLE base = base_key(false, true, true), key, other;
	CK_MECHANISM m = { CKM_CONCATENATE_BASE_AND_KEY, &other,
		sizeof(other) };
	CK_MECHANISM_TYPE sha[] = { CKM_SHA256_KEY_DERIVATION };
	CK_ATTRIBUTE restricted[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_STR(CKA_VALUE, "value"),
		P11_BOOL(CKA_DERIVE, 1),
		P11_BYTES(CKA_ALLOWED_MECHANISMS, sha, sizeof(sha)),
	};
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    false, "pair");
	CK_HKDF_PARAMS hkdf = { CK_TRUE, CK_TRUE, CKM_SHA256,
		CKF_HKDF_SALT_KEY, NULL, 0, 0, NULL, 0 };
	CK_MECHANISM salted = { CKM_HKDF_DERIVE, &hkdf, sizeof(hkdf) };
	CK_ULONG before;

	(void)state;
	other = base_key(false, true, false);
	before = objects();
	key = 99;
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED, derive(&m, base, NULL, 0,
	    &key));
	other = 0xdead;
	assert_rv(CKR_KEY_HANDLE_INVALID, derive(&m, base, NULL, 0, &key));
	other = pair.private;
	assert_rv(CKR_KEY_TYPE_INCONSISTENT, derive(&m, base, NULL, 0,
	    &key));
	assert_int_equal(objects(), before);
	hkdf.hSaltKey = pair.private;
	assert_rv(CKR_KEY_TYPE_INCONSISTENT, derive(&salted, base, NULL, 0,
	    &key));
	other = p11_create(session, restricted, P11_COUNT(restricted));
	assert_rv(CKR_MECHANISM_INVALID, derive(&m, base, NULL, 0, &key));
	assert_int_equal(key, 99);
	assert_int_equal(objects(), before + 1);
	start_over();
}

static void
a_part_of_a_sensitive_key_is_refused(void **state)
{
	CK_OBJECT_HANDLE key;
	CK_EXTRACT_PARAMS bit = 0;
	CK_MECHANISM m = { CKM_EXTRACT_KEY_FROM_KEY, &bit, sizeof(bit) };
	CK_ATTRIBUTE one[] = { P11_NUM(CKA_VALUE_LEN, 1) };
	CK_ATTRIBUTE all[] = { P11_NUM(CKA_VALUE_LEN, 48) };

	(void)state;
	assert_rv(CKR_KEY_SIZE_RANGE, derive(&m, base_key(true, false, true),
	    one, 1, &key));
	assert_ok(derive(&m, base_key(true, false, true), all, 1, &key));
	is_as(key, true, false, false, false);
	assert_ok(derive(&m, base_key(false, true, true), one, 1, &key));
	p11_assert_attr(session, key, CKA_VALUE, "\0", 1);
	start_over();
}

/* A key that is derived and closed belongs in the TPM, and works there. */
static void
a_closed_mac_key_is_derived_into_the_tpm(void **state)
{
	CK_OBJECT_HANDLE base = base_key(false, true, true), near, far;
	CK_MECHANISM m = { CKM_SHA256_KEY_DERIVATION, NULL, 0 };
	CK_MECHANISM sign = { CKM_SHA256_HMAC, NULL, 0 };
	CK_ATTRIBUTE open[] = { P11_NUM(CKA_KEY_TYPE, CKK_SHA256_HMAC) };
	CK_ATTRIBUTE closed[] = {
		P11_NUM(CKA_KEY_TYPE, CKK_SHA256_HMAC),
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_BOOL(CKA_SIGN, 1),
		P11_BOOL(CKA_TOKEN, 1),
	};
	CK_ATTRIBUTE derives[] = { P11_BOOL(CKA_DERIVE, 1) };
	struct p11_bytes one, other;

	(void)state;
	assert_ok(derive(&m, base, open, 1, &near));
	assert_ok(derive(&m, base, closed, P11_COUNT(closed), &far));
	p11_sign(session, &sign, near, "text", 4, &one);
	p11_sign(session, &sign, far, "text", 4, &other);
	assert_memory_equal(one.data, other.data, 32);
	assert_ok(p11->C_SetAttributeValue(session, far, derives, 1));
	assert_rv(CKR_KEY_TYPE_INCONSISTENT, derive(&m, far, open, 1,
	    &near));
	p11_destroy(session, far);
	start_over();
}

static char label[] = "label", salt_text[] = "salt";
static CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 32 };
static CK_PRF_DATA_PARAM parts[] = {
	{ CK_SP800_108_ITERATION_VARIABLE, &counter, sizeof(counter) },
	{ CK_SP800_108_BYTE_ARRAY, label, 5 },
};

static void
several_keys_come_at_once_or_none(void **state)
{
	CK_ATTRIBUTE first[] = { P11_NUM(CKA_VALUE_LEN, 32) };
	CK_ATTRIBUTE aes[] = { P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_NUM(CKA_VALUE_LEN, 16) };
	CK_ATTRIBUTE token[] = { P11_NUM(CKA_VALUE_LEN, 20),
		P11_BOOL(CKA_TOKEN, 1), P11_STR(CKA_LABEL, "third") };
	CK_ATTRIBUTE bad[] = { P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_NUM(CKA_VALUE_LEN, 17) };
	CK_OBJECT_HANDLE made[3] = { 7, 7, 7 };
	CK_DERIVED_KEY more[] = { { aes, 2, &made[1] },
		{ token, 3, &made[2] } };
	CK_SP800_108_KDF_PARAMS p = { CKM_SHA256_HMAC, 2, parts, 2, more };
	CK_MECHANISM m = { CKM_SP800_108_COUNTER_KDF, &p, sizeof(p) };
	CK_OBJECT_HANDLE base = base_key(false, true, true);
	struct p11_bytes one, all;
	CK_ULONG before;

	(void)state;
	before = objects();
	more[1].pTemplate = bad;
	more[1].ulAttributeCount = 2;
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, derive(&m, base, first, 1,
	    &made[0]));
	assert_int_equal(objects(), before);
	/* 6.42.7: the offending template is told */
	assert_int_equal(made[0], 7);
	assert_int_equal(made[1], 7);
	assert_int_equal(made[2], CK_INVALID_HANDLE);
	more[1].pTemplate = token;
	more[1].ulAttributeCount = 3;
	assert_ok(derive(&m, base, first, 1, &made[0]));
	assert_int_equal(objects(), before + 3);
	assert_int_equal(p11_get_num(session, made[1], CKA_KEY_TYPE),
	    CKK_AES);
	assert_true(p11_get_bool(session, made[2], CKA_TOKEN));
	is_as(made[2], false, true, false, false);

	/* one key of all segments tells what the parts are */
	p.ulAdditionalDerivedKeys = 0;
	p.pAdditionalDerivedKeys = NULL;
	*(CK_ULONG *)first[0].pValue = 32 + 32 + 20;
	assert_ok(derive(&m, base, first, 1, &base));
	p11_get(session, base, CKA_VALUE, &all);
	p11_get(session, made[1], CKA_VALUE, &one);
	assert_int_equal(one.len, 16);
	assert_memory_equal(one.data, all.data + 32, 16);
	p11_get(session, made[2], CKA_VALUE, &one);
	assert_memory_equal(one.data, all.data + 64, 20);
	p11_destroy(session, made[2]);
	start_over();
}

/* 6.42.8: as the base key where the template says nothing. */
static void
kdf_keys_follow_their_base_by_default(void **state)
{
	CK_SP800_108_KDF_PARAMS p = { CKM_SHA256_HMAC, 2, parts, 0, NULL };
	CK_MECHANISM m = { CKM_SP800_108_COUNTER_KDF, &p, sizeof(p) };
	CK_ATTRIBUTE said[] = { P11_NUM(CKA_VALUE_LEN, 32),
		P11_BOOL(CKA_SENSITIVE, 0), P11_BOOL(CKA_EXTRACTABLE, 1) };
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(derive(&m, made_key(true, false), said, 1, &key));
	is_as(key, true, false, true, true);
	assert_ok(derive(&m, made_key(false, true), said, 1, &key));
	is_as(key, false, true, false, false);
	assert_ok(derive(&m, made_key(true, false), said, 3, &key));
	is_as(key, false, true, false, false);
	start_over();
}

static void
hkdf_makes_keys_and_data(void **state)
{
	CK_BYTE info[] = "info";
	CK_OBJECT_HANDLE base = base_key(true, false, true), key, data, salt;
	CK_HKDF_PARAMS p = { CK_TRUE, CK_TRUE, CKM_SHA256,
		CKF_HKDF_SALT_NULL, NULL, 0, 0, info, 4 };
	CK_MECHANISM m = { CKM_HKDF_DERIVE, &p, sizeof(p) };
	CK_MECHANISM gen = { CKM_HKDF_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE template[] = { P11_NUM(CKA_VALUE_LEN, 42),
		P11_BOOL(CKA_SENSITIVE, 0), P11_BOOL(CKA_EXTRACTABLE, 1) };
	CK_ATTRIBUTE of_data[] = { P11_NUM(CKA_CLASS, CKO_DATA),
		P11_NUM(CKA_VALUE_LEN, 42), P11_STR(CKA_LABEL, "okm") };
	CK_ATTRIBUTE wrong[] = { P11_NUM(CKA_CLASS, CKO_SECRET_KEY) };
	static struct p11_bytes value, of_salt;

	(void)state;
	assert_ok(derive(&m, base, template, 3, &key));
	p11_get(session, key, CKA_VALUE, &value);
	assert_int_equal(value.len, 42);
	m.mechanism = CKM_HKDF_DATA;
	assert_ok(derive(&m, base, of_data, 3, &data));
	assert_int_equal(p11_get_num(session, data, CKA_CLASS), CKO_DATA);
	p11_assert_attr(session, data, CKA_VALUE, value.data, 42);
	p11_assert_attr(session, data, CKA_LABEL, "okm", 3);
	assert_rv(CKR_TEMPLATE_INCONSISTENT, derive(&m, base, wrong, 1,
	    &data));
	m.mechanism = CKM_HKDF_DERIVE;
	assert_ok(p11->C_GenerateKey(session, &gen, template, 1, &salt));
	assert_int_equal(p11_get_num(session, salt, CKA_KEY_TYPE), CKK_HKDF);
	p.ulSaltType = CKF_HKDF_SALT_KEY;
	p.hSaltKey = salt;
	assert_ok(derive(&m, base, template, 3, &key));
	p11_get(session, salt, CKA_VALUE, &of_salt);
	p11_get(session, key, CKA_VALUE, &value);
	p.ulSaltType = CKF_HKDF_SALT_DATA;
	p.pSalt = of_salt.data;
	p.ulSaltLen = of_salt.len;
	assert_ok(derive(&m, base, template, 3, &key));
	p11_assert_attr(session, key, CKA_VALUE, value.data, 42);
	start_over();
}

static void
tls_makes_a_connections_keys(void **state)
{
	CK_BYTE client[32] = { 1 }, server[32] = { 2 }, ivs[2][4] = { { 0 } };
	CK_SSL3_KEY_MAT_OUT out = { 0, 0, 0, 0, ivs[0], ivs[1] };
	CK_VERSION version = { 9, 9 };
	CK_TLS12_MASTER_KEY_DERIVE_PARAMS of_master = { { client, 32, server,
		32 }, &version, CKM_SHA256 };
	CK_TLS12_KEY_MAT_PARAMS of_keys = { 256, 128, 32, CK_FALSE,
		{ client, 32, server, 32 }, &out, CKM_SHA256 };
	CK_TLS_MAC_PARAMS finished = { CKM_SHA256, 12, 2 };
	CK_MECHANISM m = { CKM_TLS12_MASTER_KEY_DERIVE, &of_master,
		sizeof(of_master) };
	CK_MECHANISM keys = { CKM_TLS12_KEY_AND_MAC_DERIVE, &of_keys,
		sizeof(of_keys) };
	CK_MECHANISM mac = { CKM_TLS_MAC, &finished, sizeof(finished) };
	CK_MECHANISM hmac = { CKM_SHA256_HMAC, NULL, 0 };
	CK_ATTRIBUTE aes[] = { P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_AES), P11_NUM(CKA_VALUE_LEN, 16),
		P11_BOOL(CKA_ENCRYPT, 1) };
	CK_ATTRIBUTE closed[] = { P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_BOOL(CKA_SENSITIVE, 1) };
	CK_OBJECT_HANDLE master;
	struct p11_bytes got;
	CK_ULONG before;

	(void)state;
	assert_ok(derive(&m, base_key(false, true, true), NULL, 0, &master));
	assert_int_equal(version.major, 0);
	assert_int_equal(version.minor, 1);
	p11_sign(session, &mac, master, "hash of the handshake", 21, &got);
	assert_int_equal(got.len, 12);
	assert_ok(p11_verify(session, &mac, master, "hash of the handshake",
	    21, &got));

	before = objects();
	assert_rv(CKR_TEMPLATE_INCONSISTENT, derive(&keys, master, closed, 2,
	    NULL));
	assert_int_equal(objects(), before);
	assert_int_equal(out.hClientMacSecret, 0);
	assert_ok(derive(&keys, master, aes, 4, NULL));
	assert_int_equal(objects(), before + 4);
	assert_int_equal(p11_get_num(session, out.hClientKey, CKA_KEY_TYPE),
	    CKK_AES);
	assert_int_equal(p11_get_num(session, out.hServerMacSecret,
	    CKA_KEY_TYPE), CKK_GENERIC_SECRET);
	assert_int_equal(p11_get_num(session, out.hServerMacSecret,
	    CKA_VALUE_LEN), 32);
	assert_true(p11_get_bool(session, out.hServerMacSecret, CKA_SIGN));
	assert_false(p11_get_bool(session, out.hServerMacSecret,
	    CKA_ENCRYPT));
	is_as(out.hServerKey, false, true, false, false);
	p11_sign(session, &hmac, out.hClientMacSecret, "record", 6, &got);
	assert_memory_not_equal(ivs[0], ivs[1], 4);
	start_over();
}

/* Other mechanisms have nowhere else to put it. */
static void
a_handle_is_wanted_where_it_is_used(void **state)
{
	CK_MECHANISM m = { CKM_SHA256_KEY_DERIVATION, NULL, 0 };

	(void)state;
	assert_rv(CKR_ARGUMENTS_BAD, derive(&m, base_key(false, true, true),
	    NULL, 0, NULL));
	start_over();
}

static void
passwords_make_keys(void **state)
{
	CK_PKCS5_PBKD2_PARAMS2 p = { CKZ_SALT_SPECIFIED, salt_text, 4, 4096,
		CKP_PKCS5_PBKD2_HMAC_SHA1, NULL, 0, p11_in("password"), 8 };
	CK_MECHANISM m = { CKM_PKCS5_PBKD2, &p, sizeof(p) };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_NUM(CKA_VALUE_LEN, 20),
	};
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(p11->C_GenerateKey(session, &m, template, 2, &key));
	p11_assert_attr(session, key, CKA_VALUE,
	    "\x4b\x00\x79\x01\xb7\x65\x48\x9a\xbe\xad\x49\xd9\x26\xf7\x21"
	    "\xd0\x65\xa4\x29\xc1", 20);
	assert_rv(CKR_TEMPLATE_INCOMPLETE, p11->C_GenerateKey(session, &m,
	    template + 1, 1, &key));
	p.iterations = 0;
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_GenerateKey(session, &m,
	    template, 2, &key));
	start_over();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_keys_are_as_closed_as_either),
		cmocka_unit_test(the_second_key_needs_its_rights),
		cmocka_unit_test(a_part_of_a_sensitive_key_is_refused),
		cmocka_unit_test(a_closed_mac_key_is_derived_into_the_tpm),
		cmocka_unit_test(several_keys_come_at_once_or_none),
		cmocka_unit_test(kdf_keys_follow_their_base_by_default),
		cmocka_unit_test(hkdf_makes_keys_and_data),
		cmocka_unit_test(tls_makes_a_connections_keys),
		cmocka_unit_test(a_handle_is_wanted_where_it_is_used),
		cmocka_unit_test(passwords_make_keys),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
