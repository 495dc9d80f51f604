/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may wrap what with which key, what a template may ask of a key that is
 * unwrapped, and that no key works both on keys and on data.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/obj_mac.h>

#include "p11_wrap.h"

#define VALUE "sixteen bytes !!"

static CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
static CK_MECHANISM oaep;
static CK_SESSION_HANDLE session;
static struct p11_pair rsa;
static CK_OBJECT_HANDLE secret;
static struct p11_bytes wrapped;

static int
setup(void **state)
{
	(void)p11_setup(state);
	oaep = wrap_cases[1].m;
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	rsa = wrap_pair(session, 0);
	secret = wrap_secret(session, CKK_AES, VALUE, 16);
	wrap(session, &pkcs, rsa.public, secret, &wrapped);
	return 0;
}

static int
teardown(void **state)
{
	assert_ok(p11->C_CloseSession(session));
	return p11_teardown(state);
}

static CK_OBJECT_HANDLE
secret_with(CK_ATTRIBUTE more)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_STR(CKA_VALUE, VALUE),
		more,
	};

	return p11_create(session, template, P11_COUNT(template));
}

static void
only_extractable_secrets_leave(void **state)
{
	CK_ATTRIBUTE closed = P11_BOOL(CKA_EXTRACTABLE, 0);
	CK_OBJECT_HANDLE key = secret_with(closed);
	CK_OBJECT_HANDLE data = p11_create_data(session, "d", false, false);

	(void)state;
	assert_rv(CKR_KEY_UNEXTRACTABLE, wrap_rv(session, &pkcs, rsa.public,
	    key));
	assert_rv(CKR_KEY_UNEXTRACTABLE, wrap_rv(session, &pkcs, rsa.public,
	    rsa.private));
	assert_rv(CKR_KEY_NOT_WRAPPABLE, wrap_rv(session, &pkcs, rsa.public,
	    rsa.public));
	assert_rv(CKR_KEY_HANDLE_INVALID, wrap_rv(session, &pkcs, rsa.public,
	    data));
	assert_rv(CKR_KEY_HANDLE_INVALID, wrap_rv(session, &pkcs, rsa.public,
	    77777));
	p11_destroy(session, key);
	p11_destroy(session, data);
}

static void
only_keys_for_it_wrap_and_unwrap(void **state)
{
	struct p11_pair other = p11_rsa_pair(session, 2048, false, "other");
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_AES) };
	CK_ATTRIBUTE off = P11_BOOL(CKA_UNWRAP, 0);
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_ok(p11->C_SetAttributeValue(session, other.private, &off, 1));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED, wrap_rv(session, &pkcs,
	    other.public, secret));
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED, unwrap(session, &pkcs,
	    other.private, &wrapped, template, 4, &key));
	assert_rv(CKR_WRAPPING_KEY_HANDLE_INVALID, wrap_rv(session, &pkcs,
	    77777, secret));
	assert_rv(CKR_UNWRAPPING_KEY_HANDLE_INVALID, unwrap(session, &pkcs,
	    77777, &wrapped, template, 4, &key));
	p11_destroy(session, other.public);
	p11_destroy(session, other.private);
}

static void
a_list_of_mechanisms_binds_both_halves(void **state)
{
	CK_MECHANISM_TYPE only[] = { CKM_RSA_PKCS_OAEP };
	CK_ATTRIBUTE list = { CKA_ALLOWED_MECHANISMS, only, sizeof(only) };
	struct p11_pair pair = wrap_pair_with(session, 0, &list, &list);
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_AES) };
	struct p11_bytes out;
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_rv(CKR_MECHANISM_INVALID, wrap_rv(session, &pkcs, pair.public,
	    secret));
	assert_rv(CKR_MECHANISM_INVALID, unwrap(session, &pkcs, pair.private,
	    &wrapped, template, 4, &key));
	wrap(session, &oaep, pair.public, secret, &out);
	assert_ok(unwrap(session, &oaep, pair.private, &out, template, 4,
	    &key));
	p11_destroy(session, key);
}

static void
the_so_says_whom_to_trust(void **state)
{
	CK_ATTRIBUTE wants = P11_BOOL(CKA_WRAP_WITH_TRUSTED, 1);
	CK_ATTRIBUTE trusted = P11_BOOL(CKA_TRUSTED, 1);
	CK_ATTRIBUTE whole[] = { P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_PRIVATE, 0) };
	CK_ATTRIBUTE off = P11_BOOL(CKA_WRAP_WITH_TRUSTED, 0);
	CK_OBJECT_HANDLE key = secret_with(wants), public;

	(void)state;
	assert_rv(CKR_KEY_NOT_WRAPPABLE, wrap_rv(session, &pkcs, rsa.public,
	    key));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session,
	    key, &off, 1));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session,
	    rsa.public, &trusted, 1));
	assert_ok(p11->C_CopyObject(session, rsa.public, whole, 2, &public));
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_SO);
	assert_ok(p11->C_SetAttributeValue(session, public, &trusted, 1));
	assert_ok(p11->C_Logout(session));
	p11_login(session, CKU_USER);
	/* the private session objects went with the logout */
	key = secret_with(wants);
	assert_ok(wrap_rv(session, &pkcs, public, key));
	p11_destroy(session, key);
	p11_destroy(session, public);
	rsa = wrap_pair(session, 0);
	secret = wrap_secret(session, CKK_AES, VALUE, 16);
	wrap(session, &pkcs, rsa.public, secret, &wrapped);
}

static void
a_wrap_template_chooses_the_keys(void **state)
{
	CK_ATTRIBUTE fits[] = { P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_BOOL(CKA_SENSITIVE, 1) };
	CK_ATTRIBUTE only = { CKA_WRAP_TEMPLATE, fits, sizeof(fits) };
	struct p11_pair pair = wrap_pair_with(session, 0, &only, NULL);
	CK_OBJECT_HANDLE other = wrap_secret(session, CKK_GENERIC_SECRET,
	    VALUE, 16);

	(void)state;
	assert_ok(wrap_rv(session, &pkcs, pair.public, secret));
	assert_rv(CKR_KEY_HANDLE_INVALID, wrap_rv(session, &pkcs, pair.public,
	    other));
	p11_destroy(session, other);
}

static void
an_unwrap_template_is_imposed(void **state)
{
	CK_ATTRIBUTE must[] = { P11_BOOL(CKA_EXTRACTABLE, 0),
		P11_BOOL(CKA_SENSITIVE, 1) };
	CK_ATTRIBUTE imposed = { CKA_UNWRAP_TEMPLATE, must, sizeof(must) };
	struct p11_pair pair = wrap_pair_with(session, 0, NULL, &imposed);
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_SECRET_KEY),
		P11_NUM(CKA_KEY_TYPE, CKK_AES),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	struct p11_bytes out;
	CK_OBJECT_HANDLE key = 77;

	(void)state;
	wrap(session, &pkcs, pair.public, secret, &out);
	assert_rv(CKR_TEMPLATE_INCONSISTENT, unwrap(session, &pkcs,
	    pair.private, &out, template, 3, &key));
	assert_int_equal(key, 77);
	assert_ok(unwrap(session, &pkcs, pair.private, &out, template, 2,
	    &key));
	assert_false(p11_get_bool(session, key, CKA_EXTRACTABLE));
	assert_true(p11_get_bool(session, key, CKA_SENSITIVE));
	assert_rv(CKR_ATTRIBUTE_SENSITIVE, p11_get_rv(session, key,
	    CKA_VALUE));
	assert_rv(CKR_KEY_UNEXTRACTABLE, wrap_rv(session, &pkcs, pair.public,
	    key));
	p11_destroy(session, key);
}

static CK_RV
unwrap_as(CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_ULONG before = p11_count(session, NULL, 0);
	CK_OBJECT_HANDLE key = 77;
	CK_RV rv = unwrap(session, &pkcs, rsa.private, &wrapped, template, n,
	    &key);

	if (rv == CKR_OK)
		p11_destroy(session, key);
	else
		assert_int_equal(key, 77);
	assert_int_equal(p11_count(session, NULL, 0), before);
	return rv;
}

#define AS(...) unwrap_as((CK_ATTRIBUTE[]){ __VA_ARGS__ }, \
	P11_COUNT(((CK_ATTRIBUTE[]){ __VA_ARGS__ })))
#define SECRET P11_NUM(CKA_CLASS, CKO_SECRET_KEY)
#define AES P11_NUM(CKA_KEY_TYPE, CKK_AES)
#define PRIVATE P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY)

static void
templates_say_what_comes_out(void **state)
{
	(void)state;
	assert_ok(AS(SECRET, AES));
	assert_ok(AS(SECRET, AES, P11_NUM(CKA_VALUE_LEN, 16)));
	assert_rv(CKR_TEMPLATE_INCOMPLETE, AS(SECRET));
	assert_rv(CKR_TEMPLATE_INCOMPLETE, AS(AES));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, AS(SECRET, AES,
	    P11_STR(CKA_VALUE, VALUE)));
	assert_rv(CKR_TEMPLATE_INCONSISTENT,
	    AS(P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
	    P11_NUM(CKA_KEY_TYPE, CKK_RSA)));
	assert_rv(CKR_TEMPLATE_INCONSISTENT,
	    AS(P11_NUM(CKA_CLASS, CKO_DATA)));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, AS(SECRET, AES,
	    P11_BOOL(CKA_LOCAL, 1)));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, AS(SECRET, AES,
	    P11_BOOL(CKA_TRUSTED, 1)));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, AS(SECRET, AES,
	    P11_BOOL(CKA_WRAP, 1), P11_BOOL(CKA_DECRYPT, 1)));
	assert_rv(CKR_ATTRIBUTE_VALUE_INVALID, AS(SECRET, AES,
	    P11_STR(CKA_CHECK_VALUE, "abc")));
	/* one that is to leave again, which no private key does */
	assert_rv(CKR_TEMPLATE_INCONSISTENT, AS(PRIVATE,
	    P11_NUM(CKA_KEY_TYPE, CKK_EC), P11_BOOL(CKA_EXTRACTABLE, 1)));
}

static void
what_is_wrapped_has_to_be_that(void **state)
{
	(void)state;
	assert_rv(CKR_WRAPPED_KEY_LEN_RANGE, AS(SECRET, AES,
	    P11_NUM(CKA_VALUE_LEN, 32)));
	/* not a byte less: half a key would be found by trying */
	assert_rv(CKR_WRAPPED_KEY_LEN_RANGE, AS(SECRET,
	    P11_NUM(CKA_KEY_TYPE, CKK_GENERIC_SECRET),
	    P11_NUM(CKA_VALUE_LEN, 15)));
	assert_rv(CKR_WRAPPED_KEY_INVALID, AS(PRIVATE,
	    P11_NUM(CKA_KEY_TYPE, CKK_RSA)));
	assert_rv(CKR_WRAPPED_KEY_INVALID, AS(PRIVATE,
	    P11_NUM(CKA_KEY_TYPE, CKK_EC)));
}

static void
zeros_of_a_block_mode_are_cut(void **state)
{
	CK_ATTRIBUTE template[] = { WRAP_READABLE(CKK_GENERIC_SECRET),
		P11_NUM(CKA_VALUE_LEN, 17) };
	const CK_BYTE padded[33] = VALUE "\x11";
	EVP_PKEY *public = ossl_rsa_of(session, rsa.public);
	CK_OBJECT_HANDLE key;
	struct p11_bytes kept = wrapped;

	(void)state;
	wrapped = ossl_wrap(&wrap_cases[0], public, padded, 32);
	assert_ok(unwrap(session, &pkcs, rsa.private, &wrapped, template, 5,
	    &key));
	p11_assert_attr(session, key, CKA_VALUE, padded, 17);
	p11_destroy(session, key);
	/* a whole block of them is no filling */
	wrapped = ossl_wrap(&wrap_cases[0], public, padded, 33);
	assert_rv(CKR_WRAPPED_KEY_LEN_RANGE, unwrap(session, &pkcs,
	    rsa.private, &wrapped, template, 5, &key));
	EVP_PKEY_free(public);
	wrapped = kept;
}

/* --- sessions */

static void
a_read_only_session_makes_no_token_objects(void **state)
{
	CK_SESSION_HANDLE ro = p11_open_ro();
	CK_ATTRIBUTE template[] = { SECRET, AES, P11_BOOL(CKA_TOKEN, 1) };
	CK_OBJECT_HANDLE key;

	(void)state;
	assert_rv(CKR_SESSION_READ_ONLY, unwrap(ro, &pkcs, rsa.private,
	    &wrapped, template, 3, &key));
	assert_ok(unwrap(ro, &pkcs, rsa.private, &wrapped, template, 2,
	    &key));
	assert_ok(wrap_rv(ro, &pkcs, rsa.public, key));
	assert_ok(p11->C_CloseSession(ro));
}

static void
without_a_login_there_are_no_private_keys(void **state)
{
	CK_ATTRIBUTE whole[] = { P11_BOOL(CKA_TOKEN, 1) };
	CK_ATTRIBUTE open[] = {
		SECRET, AES, P11_STR(CKA_VALUE, VALUE),
		P11_BOOL(CKA_PRIVATE, 0), P11_BOOL(CKA_TOKEN, 1),
		P11_BOOL(CKA_EXTRACTABLE, 1),
	};
	CK_ATTRIBUTE template[] = { SECRET, AES };
	CK_OBJECT_HANDLE public, private, own, key;

	(void)state;
	assert_ok(p11->C_CopyObject(session, rsa.public, whole, 1, &public));
	assert_ok(p11->C_CopyObject(session, rsa.private, whole, 1,
	    &private));
	assert_ok(p11->C_CopyObject(session, secret, whole, 1, &own));
	key = p11_create(session, open, P11_COUNT(open));
	assert_ok(p11->C_Logout(session));
	assert_ok(wrap_rv(session, &pkcs, public, key));
	assert_rv(CKR_KEY_HANDLE_INVALID, wrap_rv(session, &pkcs, public,
	    own));
	assert_rv(CKR_UNWRAPPING_KEY_HANDLE_INVALID, unwrap(session, &pkcs,
	    private, &wrapped, template, 2, &key));
	p11_login(session, CKU_USER);
	rsa = wrap_pair(session, 0);
	secret = wrap_secret(session, CKK_AES, VALUE, 16);
	wrap(session, &pkcs, rsa.public, secret, &wrapped);
}

static void
a_key_may_want_the_pin_each_time(void **state)
{
	CK_ATTRIBUTE always = P11_BOOL(CKA_ALWAYS_AUTHENTICATE, 1);
	struct p11_pair pair = wrap_pair_with(session, 0, NULL, &always);
	CK_ATTRIBUTE template[] = { SECRET, AES };
	struct p11_bytes out;
	CK_OBJECT_HANDLE key;

	(void)state;
	wrap(session, &pkcs, pair.public, secret, &out);
	assert_rv(CKR_USER_NOT_LOGGED_IN, unwrap(session, &pkcs, pair.private,
	    &out, template, 2, &key));
	assert_ok(p11_try_login(session, CKU_CONTEXT_SPECIFIC, P11_USER_PIN));
	assert_ok(unwrap(session, &pkcs, pair.private, &out, template, 2,
	    &key));
	assert_rv(CKR_USER_NOT_LOGGED_IN, unwrap(session, &pkcs, pair.private,
	    &out, template, 2, &key));
	assert_rv(CKR_PIN_INCORRECT, p11_try_login(session,
	    CKU_CONTEXT_SPECIFIC, "wrong pin"));
	p11_destroy(session, key);
}

/* --- roles */

static CK_RV
pair_with(CK_ATTRIBUTE *public, CK_ULONG pubs, CK_ATTRIBUTE *private,
    CK_ULONG privs, struct p11_pair *out)
{
	CK_MECHANISM m = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };

	return p11->C_GenerateKeyPair(session, &m, public, pubs, private,
	    privs, &out->public, &out->private);
}

static void
no_pair_wraps_and_decrypts(void **state)
{
	CK_ATTRIBUTE public[] = {
		P11_NUM(CKA_MODULUS_BITS, 2048), P11_BOOL(CKA_WRAP, 1),
		P11_BOOL(CKA_ENCRYPT, 1),
	};
	CK_ATTRIBUTE private[] = { P11_BOOL(CKA_UNWRAP, 1),
		P11_BOOL(CKA_DECRYPT, 1) };
	CK_ATTRIBUTE on = P11_BOOL(CKA_WRAP, 1);
	CK_ATTRIBUTE sign = P11_BOOL(CKA_SIGN, 1);
	struct p11_pair pair;
	CK_OBJECT_HANDLE copy;

	(void)state;
	assert_rv(CKR_TEMPLATE_INCONSISTENT, pair_with(public, 2, private, 2,
	    &pair));
	/* all is asked, none of it alone: it works on data */
	assert_ok(pair_with(public, 3, private, 2, &pair));
	assert_false(p11_get_bool(session, pair.public, CKA_WRAP));
	assert_true(p11_get_bool(session, pair.private, CKA_UNWRAP));
	assert_true(p11_get_bool(session, pair.private, CKA_DECRYPT));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session,
	    pair.public, &on, 1));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_CopyObject(session,
	    pair.public, &on, 1, &copy));
	/* nothing is asked */
	assert_ok(pair_with(public, 1, NULL, 0, &pair));
	assert_false(p11_get_bool(session, pair.public, CKA_WRAP));
	/* and one that wraps stays so */
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session,
	    rsa.private, &sign, 1));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session,
	    rsa.private, &private[1], 1));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_CopyObject(session,
	    rsa.private, &private[1], 1, &copy));
}

static void
no_secret_works_on_keys_and_data(void **state)
{
	CK_ATTRIBUTE all[] = {
		SECRET, AES, P11_STR(CKA_VALUE, VALUE), P11_BOOL(CKA_WRAP, 1),
		P11_BOOL(CKA_DECRYPT, 1), P11_BOOL(CKA_UNWRAP, 1),
		P11_BOOL(CKA_ENCRYPT, 1),
	};
	CK_OBJECT_HANDLE key, copy;

	(void)state;
	assert_rv(CKR_TEMPLATE_INCONSISTENT, p11->C_CreateObject(session, all,
	    5, &key));
	assert_rv(CKR_TEMPLATE_INCONSISTENT, p11->C_CreateObject(session, all,
	    6, &key));
	key = p11_create(session, all, 7);
	assert_true(p11_get_bool(session, key, CKA_DECRYPT));
	assert_false(p11_get_bool(session, key, CKA_WRAP));
	assert_false(p11_get_bool(session, key, CKA_UNWRAP));
	p11_destroy(session, key);
	key = p11_create(session, all, 4);
	assert_true(p11_get_bool(session, key, CKA_WRAP));
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_SetAttributeValue(session,
	    key, &all[4], 1));
	all[3] = (CK_ATTRIBUTE)P11_BOOL(CKA_WRAP, 0);
	assert_rv(CKR_ATTRIBUTE_READ_ONLY, p11->C_CopyObject(session, key,
	    &all[3], 2, &copy));
	p11_destroy(session, key);
}

/* With wrap_and_decrypt: allow they do; and what was made so is of no use
 * for keys once that is gone. */
static void
the_configuration_may_allow_it(void **state)
{
	char file[] = "/tmp/p11-wrap.XXXXXX";
	static const char text[] = "wrap_and_decrypt: allow\n";
	CK_ATTRIBUTE all[] = {
		P11_NUM(CKA_MODULUS_BITS, 2048), P11_BOOL(CKA_WRAP, 1),
		P11_BOOL(CKA_TOKEN, 1),
	};
	CK_ATTRIBUTE decrypt = P11_BOOL(CKA_DECRYPT, 1);
	CK_ATTRIBUTE key[] = {
		SECRET, AES, P11_STR(CKA_VALUE, VALUE), P11_BOOL(CKA_WRAP, 1),
		P11_BOOL(CKA_DECRYPT, 1), P11_BOOL(CKA_TOKEN, 1),
	};
	struct p11_pair pair;
	int fd = mkstemp(file);

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1),
	    sizeof(text) - 1);
	assert_int_equal(close(fd), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_int_equal(setenv("TPM2_CRYPTOKI_CONFIG", file, 1), 0);
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	assert_ok(pair_with(all, 3, &decrypt, 1, &pair));
	assert_true(p11_get_bool(session, pair.public, CKA_WRAP));
	secret = wrap_secret(session, CKK_AES, VALUE, 16);
	wrap(session, &pkcs, pair.public, secret, &wrapped);
	(void)p11_create(session, key, 6);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(unsetenv("TPM2_CRYPTOKI_CONFIG"), 0);
	assert_ok(p11->C_Finalize(NULL));
	assert_ok(p11->C_Initialize(NULL));
	session = p11_open_rw();
	p11_login(session, CKU_USER);
	secret = wrap_secret(session, CKK_AES, VALUE, 16);
	key[2] = key[5];
	assert_rv(CKR_KEY_FUNCTION_NOT_PERMITTED, wrap_rv(session, &pkcs,
	    p11_find_one(session, key, 5), secret));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_extractable_secrets_leave),
		cmocka_unit_test(only_keys_for_it_wrap_and_unwrap),
		cmocka_unit_test(a_list_of_mechanisms_binds_both_halves),
		cmocka_unit_test(the_so_says_whom_to_trust),
		cmocka_unit_test(a_wrap_template_chooses_the_keys),
		cmocka_unit_test(an_unwrap_template_is_imposed),
		cmocka_unit_test(templates_say_what_comes_out),
		cmocka_unit_test(what_is_wrapped_has_to_be_that),
		cmocka_unit_test(zeros_of_a_block_mode_are_cut),
		cmocka_unit_test(a_read_only_session_makes_no_token_objects),
		cmocka_unit_test(without_a_login_there_are_no_private_keys),
		cmocka_unit_test(a_key_may_want_the_pin_each_time),
		cmocka_unit_test(no_pair_wraps_and_decrypts),
		cmocka_unit_test(no_secret_works_on_keys_and_data),
		cmocka_unit_test(the_configuration_may_allow_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
