/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Software keys: there only where the configuration allows them, behind the
 * login like all that is private, never shown, and judged by OpenSSL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "p11_object.h"
#include "p11_ossl.h"

#include <openssl/obj_mac.h>

#define ED25519 "\x06\x03\x2b\x65\x70"
#define X25519 "\x06\x03\x2b\x65\x6e"
#define ALLOW "software_keys: allow\n"
#define DENY ""

static char dir[] = "/tmp/p11-software.XXXXXX";
static char file[64];
static char *self;
static CK_MECHANISM eddsa = { CKM_EDDSA, NULL, 0 };

/* RFC 8032, 7.1, test 2 */
static const CK_BYTE rfc_seed[32] = {
	0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
	0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
	0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb
};
static const CK_BYTE rfc_signature[64] = {
	0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82,
	0x0b, 0x5f, 0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50,
	0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08,
	0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13,
	0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a,
	0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00
};

/* --- helpers */

static void
configure(const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static CK_SESSION_HANDLE
begin(void)
{
	CK_SESSION_HANDLE session;

	assert_ok(p11->C_Initialize(NULL));
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	return session;
}

/* The module once more, under another configuration. */
static CK_SESSION_HANDLE
restart(const char *text)
{
	assert_ok(p11->C_Finalize(NULL));
	configure(text);
	return begin();
}

static CK_RV
try_pair(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type,
    const char *params, const char *label, CK_ATTRIBUTE more,
    struct p11_pair *pair)
{
	CK_MECHANISM m = { type, NULL, 0 };
	CK_ATTRIBUTE public[] = {
		P11_BOOL(CKA_TOKEN, 1),
		P11_BYTES(CKA_EC_PARAMS, p11_in(params), 5),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};
	CK_ATTRIBUTE private[] = {
		P11_BOOL(CKA_TOKEN, 1),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
		P11_BOOL(CKA_DERIVE, type != CKM_EC_EDWARDS_KEY_PAIR_GEN),
		P11_BOOL(CKA_SIGN, type == CKM_EC_EDWARDS_KEY_PAIR_GEN),
		more,
	};

	return p11->C_GenerateKeyPair(session, &m, public,
	    P11_COUNT(public), private, P11_COUNT(private), &pair->public,
	    &pair->private);
}

static struct p11_pair
make_pair(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type,
    const char *params, const char *label)
{
	CK_ATTRIBUTE none = P11_BOOL(CKA_MODIFIABLE, 1);
	struct p11_pair pair = { 0, 0 };

	assert_ok(try_pair(session, type, params, label, none, &pair));
	return pair;
}

static CK_RV
import_seed(CK_SESSION_HANDLE session, bool token, const char *label,
    CK_OBJECT_HANDLE *key)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_EC_EDWARDS),
		P11_BOOL(CKA_TOKEN, token),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
		P11_BYTES(CKA_EC_PARAMS, p11_in(ED25519), 5),
		P11_BYTES(CKA_VALUE, rfc_seed, sizeof(rfc_seed)),
	};

	return p11->C_CreateObject(session, template, P11_COUNT(template),
	    key);
}

static CK_OBJECT_HANDLE
find_private(CK_SESSION_HANDLE session, const char *label)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_BYTES(CKA_LABEL, p11_in(label), strlen(label)),
	};

	return p11_find_one(session, template, 2);
}

static void
gives_the_rfcs_signature(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	struct p11_bytes signature;

	p11_sign(session, &eddsa, key, "\x72", 1, &signature);
	assert_int_equal(signature.len, sizeof(rfc_signature));
	assert_memory_equal(signature.data, rfc_signature, signature.len);
}

/* The bytes of a public object as OpenSSL's key. */
static EVP_PKEY *
ossl_raw(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, int type)
{
	struct p11_bytes point;
	EVP_PKEY *pkey;

	p11_get(session, key, CKA_EC_POINT, &point);
	point = ossl_octet_string_inner(&point);
	pkey = EVP_PKEY_new_raw_public_key(type, NULL, point.data, point.len);
	assert_non_null(pkey);
	return pkey;
}

static bool
ossl_verifies(EVP_PKEY *key, const char *text,
    const struct p11_bytes *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), 1);
	ok = EVP_DigestVerify(ctx, signature->data, signature->len,
	    (const unsigned char *)text, strlen(text)) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static void
is_closed(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
    const CK_ATTRIBUTE_TYPE *parts, size_t n)
{
	size_t i;

	assert_true(p11_get_bool(session, key, CKA_PRIVATE));
	assert_true(p11_get_bool(session, key, CKA_SENSITIVE));
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	for (i = 0; i < n; i++)
		assert_rv(CKR_ATTRIBUTE_SENSITIVE,
		    p11_get_rv(session, key, parts[i]));
}

/* --- tests */

static const CK_MECHANISM_TYPE soft_only[] = {
	CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CKM_EDDSA
};

static CK_ULONG
largest_rsa(void)
{
	CK_MECHANISM_INFO info;

	assert_ok(p11->C_GetMechanismInfo(p11_slot, CKM_RSA_PKCS, &info));
	return info.ulMaxKeySize;
}

static void
they_are_listed_only_where_allowed(void **state)
{
	CK_ATTRIBUTE none = P11_BOOL(CKA_MODIFIABLE, 1);
	CK_SESSION_HANDLE session;
	struct p11_pair pair;
	size_t i;

	(void)state;
	for (i = 0; i < P11_COUNT(soft_only); i++) {
		assert_int_not_equal(p11_mechanism_flags(soft_only[i]), 0);
		assert_int_equal(p11_mechanism_flags(soft_only[i]) & CKF_HW,
		    0);
	}
	assert_int_equal(largest_rsa(), 4096);
	session = restart(DENY);
	for (i = 0; i < P11_COUNT(soft_only); i++)
		assert_int_equal(p11_mechanism_flags(soft_only[i]), 0);
	assert_in_range(largest_rsa(), 2048, 3072);
	assert_rv(CKR_MECHANISM_INVALID, try_pair(session,
	    CKM_EC_EDWARDS_KEY_PAIR_GEN, ED25519, "no", none, &pair));
	(void)restart(ALLOW);
}

static void
a_pair_signs_and_openssl_verifies(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_pair pair = make_pair(session, CKM_EC_EDWARDS_KEY_PAIR_GEN,
	    ED25519, "signs");
	static const CK_ATTRIBUTE_TYPE parts[] = { CKA_VALUE };
	EVP_PKEY *key = ossl_raw(session, pair.public, EVP_PKEY_ED25519);
	struct p11_bytes signature, again;

	(void)state;
	is_closed(session, pair.private, parts, 1);
	assert_true(p11_get_bool(session, pair.private, CKA_LOCAL));
	assert_true(p11_get_bool(session, pair.private, CKA_ALWAYS_SENSITIVE));
	p11_sign(session, &eddsa, pair.private, "text", 4, &signature);
	assert_true(ossl_verifies(key, "text", &signature));
	assert_ok(p11_verify(session, &eddsa, pair.public, "text", 4,
	    &signature));
	/* as deterministic as it is, the same key after a restart */
	session = restart(ALLOW);
	p11_sign(session, &eddsa, find_private(session, "signs"), "text", 4,
	    &again);
	assert_memory_equal(signature.data, again.data, signature.len);
	EVP_PKEY_free(key);
}

static void
both_sides_derive_the_same(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_pair pair = make_pair(session,
	    CKM_EC_MONTGOMERY_KEY_PAIR_GEN, X25519, "derives");
	EVP_PKEY *peer = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	EVP_PKEY *public = ossl_raw(session, pair.public, EVP_PKEY_X25519);
	struct p11_bytes point, z = ossl_ecdh(peer, public);
	CK_ECDH1_DERIVE_PARAMS p = { CKD_NULL, 0, NULL, 32, point.data };
	CK_MECHANISM m = { CKM_ECDH1_DERIVE, &p, sizeof(p) };
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_OBJECT_HANDLE secret;

	(void)state;
	point.len = 32;
	assert_int_equal(EVP_PKEY_get_raw_public_key(peer, point.data,
	    &point.len), 1);
	assert_ok(p11->C_DeriveKey(session, &m, pair.private, template,
	    P11_COUNT(template), &secret));
	assert_int_equal(z.len, 32);
	p11_assert_attr(session, secret, CKA_VALUE, z.data, z.len);
	/* of small order */
	memset(point.data, 0, 32);
	assert_rv(CKR_MECHANISM_PARAM_INVALID, p11->C_DeriveKey(session, &m,
	    pair.private, template, P11_COUNT(template), &secret));
	EVP_PKEY_free(peer);
	EVP_PKEY_free(public);
}

static void
no_template_opens_one(void **state)
{
	const struct {
		CK_ATTRIBUTE ask;
		CK_RV rv;
	} cases[] = {
		{ P11_BOOL(CKA_PRIVATE, 0), CKR_TEMPLATE_INCONSISTENT },
		{ P11_BOOL(CKA_SENSITIVE, 0), CKR_TEMPLATE_INCONSISTENT },
		{ P11_BOOL(CKA_EXTRACTABLE, 1), CKR_TEMPLATE_INCONSISTENT },
	};
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_pair pair;
	CK_OBJECT_HANDLE key = 0, copy;
	CK_ATTRIBUTE value[] = {
		P11_BYTES(CKA_VALUE, rfc_seed, sizeof(rfc_seed)),
	};
	CK_ATTRIBUTE ask;
	size_t i;

	(void)state;
	assert_ok(import_seed(session, true, "closed", &key));
	for (i = 0; i < P11_COUNT(cases); i++) {
		ask = cases[i].ask;
		assert_rv(cases[i].rv, try_pair(session,
		    CKM_EC_EDWARDS_KEY_PAIR_GEN, ED25519, "open", ask,
		    &pair));
		assert_int_not_equal(CKR_OK, p11->C_CopyObject(session, key,
		    &ask, 1, &copy));
		assert_int_not_equal(CKR_OK, p11->C_SetAttributeValue(session,
		    key, &ask, 1));
	}
	assert_int_equal(p11_count_label(session, "open"), 0);
	/* a search is no oracle either */
	assert_int_equal(p11_count(session, value, 1), 0);
	p11_destroy(session, key);
}

static void
only_who_logged_in_sees_them(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_ATTRIBUTE private[] = { P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY) };

	(void)state;
	(void)make_pair(session, CKM_EC_EDWARDS_KEY_PAIR_GEN, ED25519, "seen");
	assert_true(p11_count(session, private, 1) > 0);
	assert_ok(p11->C_Logout(session));
	assert_int_equal(p11_count(session, private, 1), 0);
	p11_login(session, CKU_USER);
}

static bool
file_holds(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "rb");
	static CK_BYTE all[1 << 22];
	size_t n;

	if (f == NULL)
		return false;
	n = fread(all, 1, sizeof(all), f);
	(void)fclose(f);
	return memmem(all, n, bytes, len) != NULL;
}

static void
the_store_holds_no_value_in_the_clear(void **state)
{
	static const char *const names[] = {
		"store.sqlite3", "store.sqlite3-wal"
	};
	CK_SESSION_HANDLE session = p11_open_rw();
	char path[256], text[17] = "";
	CK_OBJECT_HANDLE key;
	bool any = false;
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", rfc_seed[i]);
	assert_ok(import_seed(session, true, "stored", &key));
	for (i = 0; i < P11_COUNT(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s",
		    getenv("TPM2_CRYPTOKI_STORE"), names[i]);
		any = any || file_holds(path, "object", 6);
		assert_false(file_holds(path, rfc_seed, 8));
		assert_false(file_holds(path, text, 16));
	}
	assert_true(any);
	p11_destroy(session, key);
}

static void
an_imported_key_is_used_where_allowed(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_OBJECT_HANDLE key, none;
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "renamed");

	(void)state;
	assert_ok(import_seed(session, true, "imported", &key));
	assert_false(p11_get_bool(session, key, CKA_LOCAL));
	assert_false(p11_get_bool(session, key, CKA_ALWAYS_SENSITIVE));
	gives_the_rfcs_signature(session, key);
	session = restart(DENY);
	assert_rv(CKR_CURVE_NOT_SUPPORTED,
	    import_seed(session, false, "no", &none));
	/* there to be seen, renamed and destroyed, not to be used */
	key = find_private(session, "imported");
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED,
	    p11->C_SignInit(session, &eddsa, key));
	assert_ok(p11->C_SetAttributeValue(session, key, &label, 1));
	session = restart(ALLOW);
	key = find_private(session, "renamed");
	gives_the_rfcs_signature(session, key);
	session = restart(DENY);
	p11_destroy(session, find_private(session, "renamed"));
	(void)restart(ALLOW);
}

static void
halves_of_two_keys_are_no_key(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_pair pair = make_pair(session, CKM_EC_EDWARDS_KEY_PAIR_GEN,
	    ED25519, "half");
	struct p11_bytes point;
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_EC_EDWARDS),
		P11_BYTES(CKA_EC_PARAMS, p11_in(ED25519), 5),
		P11_BYTES(CKA_VALUE, rfc_seed, sizeof(rfc_seed)),
		P11_BYTES(CKA_EC_POINT, point.data, 34),
	};
	CK_OBJECT_HANDLE key;

	(void)state;
	p11_get(session, pair.public, CKA_EC_POINT, &point);
	assert_rv(CKR_TEMPLATE_INCONSISTENT, p11->C_CreateObject(session,
	    template, P11_COUNT(template), &key));
	template[3].ulValueLen--;
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, p11->C_CreateObject(session,
	    template, P11_COUNT(template) - 1, &key));
}

static void
keys_of_the_tpm_are_as_before(void **state)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_SESSION_HANDLE session = p11_open_rw();
	struct p11_pair pair = p11_ec_pair(session, NID_X9_62_prime256v1,
	    true, "of the TPM");
	struct p11_bytes signature;

	(void)state;
	p11_sign(session, &ecdsa, pair.private, rfc_seed, 32, &signature);
	session = restart(DENY);
	p11_sign(session, &ecdsa, find_private(session, "of the TPM"),
	    rfc_seed, 32, &signature);
	(void)restart(ALLOW);
}

static void
session_keys_go_with_their_session(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(import_seed(session, false, "passing", &key));
	gives_the_rfcs_signature(session, key);
	assert_int_equal(p11_count_label(session, "passing"), 1);
	assert_ok(p11->C_CloseSession(session));
	session = p11_open_rw();
	assert_int_equal(p11_count_label(session, "passing"), 0);
}

/* --- the other process */

static void
another_process_uses_the_same_key(void **state)
{
	CK_SESSION_HANDLE session = p11_open_rw();
	CK_OBJECT_HANDLE key;
	char slot[32];
	int status;
	pid_t pid;

	(void)state;
	assert_ok(import_seed(session, true, "shared", &key));
	/* one at a time where there is no resource manager */
	assert_ok(p11->C_Finalize(NULL));
	(void)snprintf(slot, sizeof(slot), "%lu", p11_slot);
	pid = fork();
	if (pid == 0) {
		(void)execl(self, self, slot, (char *)NULL);
		_exit(126);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	session = begin();
	assert_int_equal(p11_count_label(session, "shared"), 0);
	gives_the_rfcs_signature(session, find_private(session, "taken"));
}

/* Uses what its parent made, and renames it to tell. */
static int
other_process(const char *slot)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "taken");
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;

	p11_load();
	p11_slot = strtoul(slot, NULL, 10);
	session = begin();
	key = find_private(session, "shared");
	gives_the_rfcs_signature(session, key);
	assert_ok(p11->C_SetAttributeValue(session, key, &label, 1));
	assert_ok(p11->C_Finalize(NULL));
	return 0;
}

static int
setup(void **state)
{
	assert_non_null(mkdtemp(dir));
	(void)snprintf(file, sizeof(file), "%s/config.yaml", dir);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", file, 1);
	configure(ALLOW);
	(void)p11_setup(state);
	p11_login(p11_open_rw(), CKU_USER);
	return 0;
}

static int
teardown(void **state)
{
	(void)unlink(file);
	(void)rmdir(dir);
	return p11_teardown(state);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_listed_only_where_allowed),
		cmocka_unit_test(a_pair_signs_and_openssl_verifies),
		cmocka_unit_test(both_sides_derive_the_same),
		cmocka_unit_test(no_template_opens_one),
		cmocka_unit_test(only_who_logged_in_sees_them),
		cmocka_unit_test(the_store_holds_no_value_in_the_clear),
		cmocka_unit_test(an_imported_key_is_used_where_allowed),
		cmocka_unit_test(halves_of_two_keys_are_no_key),
		cmocka_unit_test(keys_of_the_tpm_are_as_before),
		cmocka_unit_test(session_keys_go_with_their_session),
		cmocka_unit_test(another_process_uses_the_same_key),
	};

	self = argv[0];
	if (argc == 2)
		return other_process(argv[1]);
	return cmocka_run_group_tests(tests, setup, teardown);
}
