/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known answers through the module (test/data/vectors), with software keys
 * allowed so that all mechanisms are listed. Each listed mechanism has a
 * vector, or a reason to have none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "p11_object.h"
#include "util/cryptoki_names.h"
#include "vectors_param.h"

#define MECHANISMS_MAX 512

#define NEW_SECRET "new keys, as CKM_GENERIC_SECRET_KEY_GEN makes them"
#define WRAPS "a new AES key in between: api/test_wrap"
#define KBKDF "several keys from one list: unit/test_mech_kdf"
#define TLS "several keys and randoms: unit/test_mech_tls12"

/* Mechanisms without a vector, and where they are tested instead. */
static const struct {
	CK_MECHANISM_TYPE type;
	const char *why;
} exempt[] = {
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, "new keys: api/test_rsa" },
	{ CKM_EC_KEY_PAIR_GEN, "new keys: api/test_ec" },
	{ CKM_EC_EDWARDS_KEY_PAIR_GEN, "new keys: api/test_software" },
	{ CKM_EC_MONTGOMERY_KEY_PAIR_GEN, "new keys: api/test_software" },
	{ CKM_GENERIC_SECRET_KEY_GEN, "new keys: unit/test_mech_make" },
	{ CKM_RSA_AES_KEY_WRAP, WRAPS },
	{ CKM_ECDH_AES_KEY_WRAP, WRAPS },
	{ CKM_ECDH_COF_AES_KEY_WRAP, WRAPS },
	{ CKM_AES_KEY_GEN, "new keys: unit/test_mech_aes_key" },
	{ CKM_SHA_1_KEY_GEN, NEW_SECRET },
	{ CKM_SHA224_KEY_GEN, NEW_SECRET },
	{ CKM_SHA256_KEY_GEN, NEW_SECRET },
	{ CKM_SHA384_KEY_GEN, NEW_SECRET },
	{ CKM_SHA512_KEY_GEN, NEW_SECRET },
	{ CKM_SHA512_224_KEY_GEN, NEW_SECRET },
	{ CKM_SHA512_256_KEY_GEN, NEW_SECRET },
	{ CKM_SHA3_224_KEY_GEN, NEW_SECRET },
	{ CKM_SHA3_256_KEY_GEN, NEW_SECRET },
	{ CKM_SHA3_384_KEY_GEN, NEW_SECRET },
	{ CKM_SHA3_512_KEY_GEN, NEW_SECRET },
	{ CKM_HKDF_KEY_GEN, NEW_SECRET },
	{ CKM_HKDF_DATA, "makes no key: unit/test_mech_kdf" },
	{ CKM_CONCATENATE_BASE_AND_KEY, "two keys: unit/test_mech_derive" },
	{ CKM_PKCS5_PBKD2, "has no key: unit/test_mech_kdf" },
	{ CKM_SP800_108_COUNTER_KDF, KBKDF },
	{ CKM_SP800_108_FEEDBACK_KDF, KBKDF },
	{ CKM_SP800_108_DOUBLE_PIPELINE_KDF, KBKDF },
	{ CKM_TLS12_MASTER_KEY_DERIVE, TLS },
	{ CKM_TLS12_MASTER_KEY_DERIVE_DH, TLS },
	{ CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, TLS },
	{ CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH, TLS },
	{ CKM_TLS12_KEY_AND_MAC_DERIVE, TLS },
	{ CKM_TLS12_KDF, TLS },
	{ CKM_TLS_KDF, TLS },
	{ CKM_TLS_MAC, TLS },
};

static CK_MECHANISM_TYPE listed[MECHANISMS_MAX];
static CK_ULONG n_listed;
static char config[] = "/tmp/p11-vectors.XXXXXX";

/* --- keys */

/* A secret that may never leave, so that the TPM can have it. */
#define CLOSED 1

static CK_OBJECT_HANDLE
key_of(CK_SESSION_HANDLE session, struct vector_key *k, int form)
{
	CK_ATTRIBUTE closed[] = {
		P11_BOOL(CKA_SENSITIVE, 1),
		P11_BOOL(CKA_EXTRACTABLE, 0),
	};
	CK_ATTRIBUTE all[P11_COUNT(k->parts) + P11_COUNT(closed)];
	CK_ULONG n = k->n;

	if (k->handles[form] != 0)
		return k->handles[form];
	memcpy(all, k->parts, n * sizeof(all[0]));
	if (form == CLOSED) {
		memcpy(all + n, closed, sizeof(closed));
		n += P11_COUNT(closed);
	}
	assert_ok(p11->C_CreateObject(session, all, n, &k->handles[form]));
	return k->handles[form];
}

/* --- uses */

typedef void use_fn(CK_SESSION_HANDLE s, const struct vector *v,
    CK_MECHANISM *m, CK_OBJECT_HANDLE key);

static void
same(const struct p11_bytes *got, const CK_BYTE *want, CK_ULONG len)
{
	assert_int_equal(got->len, len);
	assert_memory_equal(got->data, want, len);
}

/* A third, nothing, the rest. */
static void
in_parts(CK_SESSION_HANDLE s, const struct vector *v,
    CK_RV (*update)(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG))
{
	CK_ULONG third = v->in_len / 3;
	CK_BYTE *in = p11_in(v->in);

	assert_ok(update(s, in, third));
	assert_ok(update(s, in, 0));
	assert_ok(update(s, in + third, v->in_len - third));
}

static void
digest(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	struct p11_bytes got;

	(void)key;
	got.len = sizeof(got.data);
	assert_ok(p11->C_DigestInit(s, m));
	assert_ok(p11->C_Digest(s, p11_in(v->in), v->in_len, got.data,
	    &got.len));
	same(&got, v->out, v->out_len);
	got.len = sizeof(got.data);
	assert_ok(p11->C_DigestInit(s, m));
	in_parts(s, v, p11->C_DigestUpdate);
	assert_ok(p11->C_DigestFinal(s, got.data, &got.len));
	same(&got, v->out, v->out_len);
}

/* What is signed always gives the same. */
static void
sign(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	struct p11_bytes got;

	p11_sign(s, m, key, v->in, v->in_len, &got);
	same(&got, v->out, v->out_len);
	got.len = sizeof(got.data);
	assert_ok(p11->C_SignInit(s, m, key));
	in_parts(s, v, p11->C_SignUpdate);
	assert_ok(p11->C_SignFinal(s, got.data, &got.len));
	same(&got, v->out, v->out_len);
}

static void
verify(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	struct p11_bytes signature;

	signature.len = v->out_len;
	memcpy(signature.data, v->out, v->out_len);
	assert_ok(p11_verify(s, m, key, v->in, v->in_len, &signature));
	assert_ok(p11->C_VerifyInit(s, m, key));
	in_parts(s, v, p11->C_VerifyUpdate);
	assert_ok(p11->C_VerifyFinal(s, signature.data, signature.len));
	signature.data[v->out_len / 2] ^= 0x10;
	assert_rv(CKR_SIGNATURE_INVALID, p11_verify(s, m, key, v->in,
	    v->in_len, &signature));
}

static void
mac(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	sign(s, v, m, key);
	verify(s, v, m, key);
}

static void
recover(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	struct p11_bytes got;

	got.len = sizeof(got.data);
	assert_ok(p11->C_VerifyRecoverInit(s, m, key));
	assert_ok(p11->C_VerifyRecover(s, p11_in(v->out), v->out_len,
	    got.data, &got.len));
	same(&got, v->in, v->in_len);
}

static void
encrypt(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	struct p11_bytes got;

	got.len = sizeof(got.data);
	assert_ok(p11->C_EncryptInit(s, m, key));
	assert_ok(p11->C_Encrypt(s, p11_in(v->in), v->in_len, got.data,
	    &got.len));
	same(&got, v->out, v->out_len);
}

static void
decrypt(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	struct p11_bytes got;

	got.len = sizeof(got.data);
	assert_ok(p11->C_DecryptInit(s, m, key));
	assert_ok(p11->C_Decrypt(s, p11_in(v->out), v->out_len, got.data,
	    &got.len));
	same(&got, v->in, v->in_len);
}

static void
cipher(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	encrypt(s, v, m, key);
	decrypt(s, v, m, key);
}

/* A cipher that also knows what it made. */
static void
aead(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	struct vector bad = *v;
	struct p11_bytes got;

	cipher(s, v, m, key);
	bad.out[bad.out_len - 1] ^= 1;
	got.len = sizeof(got.data);
	assert_ok(p11->C_DecryptInit(s, m, key));
	assert_rv_in(p11->C_Decrypt(s, bad.out, bad.out_len, got.data,
	    &got.len), CKR_AEAD_DECRYPT_FAILED, CKR_ENCRYPTED_DATA_INVALID);
}

static void
derive(CK_SESSION_HANDLE s, const struct vector *v, CK_MECHANISM *m,
    CK_OBJECT_HANDLE key)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
		P11_NUM(CKA_VALUE_LEN, v->out_len),
		P11_BOOL(CKA_SENSITIVE, 0),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_OBJECT_HANDLE made;

	assert_ok(p11->C_DeriveKey(s, m, key, template, P11_COUNT(template),
	    &made));
	p11_assert_attr(s, made, CKA_VALUE, v->out, v->out_len);
	p11_destroy(s, made);
}

static const struct {
	const char *name;
	use_fn *run;
} uses[] = {
	{ "digest", digest },
	{ "sign", sign },
	{ "verify", verify },
	{ "mac", mac },
	{ "recover", recover },
	{ "encrypt", encrypt },
	{ "decrypt", decrypt },
	{ "cipher", cipher },
	{ "aead", aead },
	{ "derive", derive },
	{ "parts", derive },
};

static use_fn *
use_of(const struct vector *v)
{
	size_t i;

	for (i = 0; i < P11_COUNT(uses); i++)
		if (strcmp(uses[i].name, v->use) == 0)
			return uses[i].run;
	fail_msg("%s: no such use: %s", v->where, v->use);
	return NULL;
}

/* --- tests */

static bool
is_listed(CK_MECHANISM_TYPE type)
{
	CK_ULONG i;

	for (i = 0; i < n_listed; i++)
		if (listed[i] == type)
			return true;
	return false;
}

/* Secrets serve in both forms, unless what is derived shows their bits: that
 * is as closed as they are. The rest has one. */
static int
forms(const struct vector *v)
{
	return v->key != NULL && v->key->class == CKO_SECRET_KEY &&
	    strcmp(v->use, "parts") != 0 ? 2 : 1;
}

static void
vectors_give_what_is_known(void **state)
{
	CK_SESSION_HANDLE session = p11_session(state);
	size_t i, ran = 0;
	int form;

	for (i = 0; i < vectors_count(); i++) {
		struct vector *v = vectors_nth(i);
		CK_MECHANISM m = vector_mechanism(v);
		CK_OBJECT_HANDLE key = 0;

		if (!is_listed(v->type))
			continue;
		/* what goes wrong below is of this one */
		(void)setenv("TEST_VECTOR", v->where, 1);
		for (form = 0; form < forms(v); form++) {
			if (v->key != NULL)
				key = key_of(session, v->key, form);
			use_of(v)(session, v, &m, key);
			ran++;
		}
	}
	(void)unsetenv("TEST_VECTOR");
	print_message("%lu mechanisms x %zu cases, of %zu vectors\n",
	    n_listed, ran, vectors_count());
	assert_true(ran > 0);
}

static bool
has_vector(CK_MECHANISM_TYPE type)
{
	size_t i;

	for (i = 0; i < vectors_count(); i++)
		if (vectors_nth(i)->type == type)
			return true;
	return false;
}

static const char *
exemption(CK_MECHANISM_TYPE type)
{
	size_t i;

	for (i = 0; i < P11_COUNT(exempt); i++)
		if (exempt[i].type == type)
			return exempt[i].why;
	return NULL;
}

static void
every_mechanism_has_a_vector_or_a_reason(void **state)
{
	unsigned missing = 0;
	CK_ULONG i;

	(void)state;
	for (i = 0; i < n_listed; i++) {
		bool known = has_vector(listed[i]);
		const char *why = exemption(listed[i]);

		if (known && why != NULL)
			fail_msg("%s has a vector and needs no exemption",
			    ckm_name(listed[i]));
		if (known || why != NULL)
			continue;
		print_error("%s has neither vector nor reason\n",
		    ckm_name(listed[i]));
		missing++;
	}
	assert_int_equal(missing, 0);
}

/* Says which vector it was that a failed test was at. */
static int
close_session(void **state)
{
	const char *where = getenv("TEST_VECTOR");

	if (where != NULL)
		print_error("at the vector %s\n", where);
	return p11_close(state);
}

static int
setup(void **state)
{
	const char *data = getenv("TEST_DATA");
	int fd = mkstemp(config);
	char path[512];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "software_keys: allow\n", 21), 21);
	assert_int_equal(close(fd), 0);
	(void)setenv("TPM2_CRYPTOKI_CONFIG", config, 1);
	assert_non_null(data);
	(void)snprintf(path, sizeof(path), "%s/vectors", data);
	vectors_load(path);
	(void)p11_setup(state);
	n_listed = MECHANISMS_MAX;
	assert_ok(p11->C_GetMechanismList(p11_slot, listed, &n_listed));
	return 0;
}

static int
teardown(void **state)
{
	vectors_free();
	(void)unlink(config);
	return p11_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(vectors_give_what_is_known,
		    p11_user, close_session),
		cmocka_unit_test(every_mechanism_has_a_vector_or_a_reason),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
