/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The OASIS profiles (PKCS #11 Profiles 3.1, sections 5.1, 5.3, 5.4, 5.5)
 * that the token claims by its CKO_PROFILE objects, each with what it demands.
 * The mandatory test cases of those sections are run in spirit: their values
 * are those of some other token.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/obj_mac.h>

#include "p11_object.h"
#include "p11_ossl.h"

static CK_PROFILE_ID claimed[16];
static CK_ULONG claims;

static CK_ULONG
find_profiles(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE *found, CK_ULONG max)
{
	CK_ATTRIBUTE template[] = { P11_NUM(CKA_CLASS, CKO_PROFILE) };

	return p11_find(s, template, 1, found, max);
}

static int
setup(void **state)
{
	CK_OBJECT_HANDLE found[P11_COUNT(claimed)];
	CK_SESSION_HANDLE s;
	CK_ULONG i;

	(void)p11_setup(state);
	s = p11_open_ro();
	claims = find_profiles(s, found, P11_COUNT(found));
	for (i = 0; i < claims; i++)
		claimed[i] = p11_get_num(s, found[i], CKA_PROFILE_ID);
	print_message("%lu profiles claimed\n", claims);
	return p11_close(state);
}

static bool
is_claimed(CK_PROFILE_ID id)
{
	CK_ULONG i;

	for (i = 0; i < claims; i++)
		if (claimed[i] == id)
			return true;
	return false;
}

/* Each of the others builds on the baseline. */
static void
needs_claim(CK_PROFILE_ID id)
{
	if (!is_claimed(id))
		skip();
	assert_true(is_claimed(CKP_BASELINE_PROVIDER));
}

/* The objects themselves: public, of no login, and told once each. */
static void
claims_are_public_and_searched_by_class(void **state)
{
	CK_SESSION_HANDLE s = p11_open_ro();
	CK_OBJECT_HANDLE found[P11_COUNT(claimed)];
	CK_ATTRIBUTE by_id[] = {
		P11_NUM(CKA_CLASS, CKO_PROFILE),
		P11_NUM(CKA_PROFILE_ID, CKP_BASELINE_PROVIDER),
	};
	CK_ATTRIBUTE label[] = { P11_STR(CKA_LABEL, "x") };
	CK_ULONG i, j;

	(void)state;
	assert_true(claims > 0);
	assert_int_equal(find_profiles(s, found, P11_COUNT(found)), claims);
	for (i = 0; i < claims; i++) {
		for (j = 0; j < i; j++)
			assert_int_not_equal(claimed[i], claimed[j]);
		assert_int_equal(p11_get_num(s, found[i], CKA_CLASS),
		    CKO_PROFILE);
		assert_rv_in(p11->C_DestroyObject(s, found[i]),
		    CKR_ACTION_PROHIBITED, CKR_SESSION_READ_ONLY);
		assert_rv_in(p11->C_SetAttributeValue(s, found[i], label, 1),
		    CKR_ACTION_PROHIBITED, CKR_ATTRIBUTE_READ_ONLY,
		    CKR_SESSION_READ_ONLY, CKR_ATTRIBUTE_TYPE_INVALID);
	}
	assert_int_equal(p11_count(s, by_id, 2), 1);
	/* who searches for all gets what the token holds */
	assert_int_equal(p11_count(s, NULL, 0), 0);
	s = p11_open_rw();
	assert_rv_in(p11->C_DestroyObject(s, found[0]),
	    CKR_ACTION_PROHIBITED, CKR_OBJECT_HANDLE_INVALID);
	assert_rv_in(p11->C_CreateObject(s, by_id, 2, &found[0]),
	    CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT,
	    CKR_ATTRIBUTE_READ_ONLY);
}

static void
is_padded(const CK_UTF8CHAR *field, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		assert_int_not_equal(field[i], 0);
}

static void
baseline_functions(void)
{
	const CK_FUNCTION_LIST *f = p11;
	const CK_FUNCTION_LIST_3_0 *f3 = p11_3;

	assert_non_null(f3);
	assert_non_null(f->C_GetFunctionList);
	assert_non_null(f3->C_GetInterfaceList);
	assert_non_null(f3->C_GetInterface);
	assert_non_null(f->C_Initialize);
	assert_non_null(f->C_Finalize);
	assert_non_null(f->C_GetInfo);
	assert_non_null(f->C_GetSlotList);
	assert_non_null(f->C_GetSlotInfo);
	assert_non_null(f->C_GetTokenInfo);
	assert_non_null(f->C_OpenSession);
	assert_non_null(f->C_CloseSession);
	assert_non_null(f->C_GetSessionInfo);
	assert_non_null(f->C_FindObjectsInit);
	assert_non_null(f->C_FindObjects);
	assert_non_null(f->C_FindObjectsFinal);
	assert_non_null(f->C_GetAttributeValue);
}

static void
baseline_interfaces(void)
{
	CK_INTERFACE list[8], *one = NULL;
	CK_ULONG n = 0, i;

	assert_ok(p11_3->C_GetInterfaceList(NULL, &n));
	assert_in_range(n, 1, P11_COUNT(list));
	assert_ok(p11_3->C_GetInterfaceList(list, &n));
	for (i = 0; i < n; i++)
		assert_string_equal(list[i].pInterfaceName, "PKCS 11");
	assert_ok(p11_3->C_GetInterface(NULL, NULL, &one, 0));
	assert_non_null(one);
	n = 0;
	assert_rv(CKR_BUFFER_TOO_SMALL, p11_3->C_GetInterfaceList(list, &n));
}

/* BL-M-1: from C_GetInfo to the attributes of what is found. */
static void
baseline_provider(void **state)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_CLASS, CKA_TOKEN,
		CKA_PRIVATE, CKA_MODIFIABLE, CKA_LABEL, CKA_UNIQUE_ID,
		CKA_VALUE };
	CK_SESSION_HANDLE s = p11_open_ro(), rw = p11_open_rw();
	CK_OBJECT_HANDLE object;
	CK_SESSION_INFO session;
	CK_TOKEN_INFO token;
	CK_SLOT_INFO slot;
	CK_INFO info;
	CK_ULONG n = 0;
	size_t i;

	(void)state;
	needs_claim(CKP_BASELINE_PROVIDER);
	baseline_functions();
	baseline_interfaces();
	assert_ok(p11->C_GetInfo(&info));
	assert_true(info.cryptokiVersion.major >= 3);
	assert_int_equal(info.flags, 0);
	is_padded(info.manufacturerID, sizeof(info.manufacturerID));
	assert_ok(p11->C_GetSlotList(CK_TRUE, NULL, &n));
	assert_true(n >= 1);
	assert_ok(p11->C_GetSlotInfo(p11_slot, &slot));
	is_padded(slot.slotDescription, sizeof(slot.slotDescription));
	assert_ok(p11->C_GetTokenInfo(p11_slot, &token));
	is_padded(token.label, sizeof(token.label));
	assert_ok(p11->C_GetSessionInfo(s, &session));
	assert_int_equal(session.slotID, p11_slot);
	object = p11_create_data(rw, "baseline", true, false);
	for (i = 0; i < P11_COUNT(types); i++)
		assert_ok(p11_get_rv(s, object, types[i]));
	assert_int_equal(p11_count_label(s, "baseline"), 1);
	p11_destroy(rw, object);
	assert_rv(CKR_OBJECT_HANDLE_INVALID,
	    p11_get_rv(s, object, CKA_LABEL));
}

/* EXT-M-1: mechanisms and logins. */
static void
extended_provider(void **state)
{
	CK_MECHANISM_TYPE types[512];
	CK_MECHANISM_INFO info;
	CK_SESSION_HANDLE s = p11_open_rw();
	CK_UTF8CHAR pin[] = P11_USER_PIN;
	CK_ULONG n = 0, i;

	(void)state;
	needs_claim(CKP_EXTENDED_PROVIDER);
	assert_ok(p11->C_GetMechanismList(p11_slot, NULL, &n));
	assert_in_range(n, 1, P11_COUNT(types));
	assert_ok(p11->C_GetMechanismList(p11_slot, types, &n));
	for (i = 0; i < n; i++) {
		assert_ok(p11->C_GetMechanismInfo(p11_slot, types[i], &info));
		assert_true(info.ulMinKeySize <= info.ulMaxKeySize);
		assert_int_not_equal(info.flags, 0);
	}
	assert_ok(p11->C_Login(s, CKU_USER, pin, sizeof(pin) - 1));
	assert_ok(p11->C_Logout(s));
	assert_ok(p11_3->C_LoginUser(s, CKU_USER, pin, sizeof(pin) - 1, NULL,
	    0));
	assert_int_equal(p11_state(s), CKS_RW_USER_FUNCTIONS);
	assert_ok(p11->C_Logout(s));
}

/* AUTH-M-1: log in, find the public half, then the private one, and sign. */
static void
authenticate(CK_SESSION_HANDLE s, CK_ATTRIBUTE *by_label)
{
	static CK_BYTE text[420] = "a request for a certificate";
	CK_MECHANISM m = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_ATTRIBUTE template[] = {
		P11_BOOL(CKA_TOKEN, 1),
		*by_label,
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
	};
	CK_OBJECT_HANDLE public, private;
	struct p11_bytes modulus, exponent, one, parts;

	public = p11_find_one(s, template, 3);
	p11_get(s, public, CKA_MODULUS, &modulus);
	p11_get(s, public, CKA_PUBLIC_EXPONENT, &exponent);
	assert_int_equal(modulus.len, 256);
	assert_true(exponent.len >= 1);
	template[2] = (CK_ATTRIBUTE)P11_NUM(CKA_CLASS, CKO_PRIVATE_KEY);
	private = p11_find_one(s, template, 3);
	p11_sign(s, &m, private, text, sizeof(text), &one);
	assert_int_equal(one.len, 256);
	assert_ok(p11_verify(s, &m, public, text, sizeof(text), &one));
	assert_ok(p11->C_SignInit(s, &m, private));
	assert_ok(p11->C_SignUpdate(s, text, 100));
	assert_ok(p11->C_SignUpdate(s, text + 100, sizeof(text) - 100));
	parts.len = sizeof(parts.data);
	assert_ok(p11->C_SignFinal(s, parts.data, &parts.len));
	assert_int_equal(parts.len, one.len);
	assert_memory_equal(parts.data, one.data, one.len);
}

static void
authentication_token(void **state)
{
	CK_ATTRIBUTE label = P11_STR(CKA_LABEL, "testrsa");
	CK_SESSION_HANDLE s;

	needs_claim(CKP_AUTHENTICATION_TOKEN);
	(void)p11_user(state);
	(void)p11_rsa_pair(p11_session(state), 2048, true, "testrsa");
	(void)p11_close(state);
	s = p11_open_rw();
	p11_login(s, CKU_USER);
	authenticate(s, &label);
	assert_ok(p11->C_Logout(s));
	assert_ok(p11->C_CloseSession(s));
	assert_ok(p11->C_CloseAllSessions(p11_slot));
}

static CK_OBJECT_HANDLE
put_certificate(CK_SESSION_HANDLE s, struct ossl_cert *cert)
{
	CK_ATTRIBUTE template[] = {
		P11_NUM(CKA_CLASS, CKO_CERTIFICATE),
		P11_NUM(CKA_CERTIFICATE_TYPE, CKC_X_509),
		P11_BOOL(CKA_TOKEN, 1),
		P11_STR(CKA_LABEL, "Some Root"),
		P11_STR(CKA_ID, "\x01\x02"),
		P11_BYTES(CKA_SUBJECT, cert->subject.data, cert->subject.len),
		P11_BYTES(CKA_VALUE, cert->der.data, cert->der.len),
	};

	return p11_create(s, template, P11_COUNT(template));
}

/* CERT-M-1, and the "object location requirements" of the section. */
static void
public_certificates_token(void **state)
{
	static struct ossl_cert cert;
	CK_ATTRIBUTE by_class[] = {
		P11_NUM(CKA_CLASS, CKO_CERTIFICATE),
		P11_BOOL(CKA_TOKEN, 1),
	};
	CK_ATTRIBUTE by_id[] = {
		P11_NUM(CKA_CLASS, CKO_PUBLIC_KEY),
		P11_STR(CKA_ID, "\x01\x02"),
	};
	CK_ATTRIBUTE id[] = { P11_STR(CKA_ID, "\x01\x02") };
	CK_SESSION_HANDLE s;
	struct p11_pair pair;
	CK_OBJECT_HANDLE found;

	needs_claim(CKP_PUBLIC_CERTIFICATES_TOKEN);
	ossl_make_cert("profiles", &cert);
	(void)p11_user(state);
	s = p11_session(state);
	pair = p11_ec_pair(s, NID_X9_62_prime256v1, true, "of the root");
	assert_ok(p11->C_SetAttributeValue(s, pair.public, id, 1));
	assert_ok(p11->C_SetAttributeValue(s, pair.private, id, 1));
	(void)put_certificate(s, &cert);
	(void)p11_close(state);
	/* no login from here on */
	s = p11_open_ro();
	found = p11_find_one(s, by_class, 2);
	p11_assert_attr(s, found, CKA_LABEL, "Some Root", 9);
	p11_assert_attr(s, found, CKA_VALUE, cert.der.data, cert.der.len);
	p11_assert_attr(s, found, CKA_ID, "\x01\x02", 2);
	assert_false(p11_get_bool(s, found, CKA_PRIVATE));
	/* of the two that the section offers, the public half is found */
	(void)p11_find_one(s, by_id, 2);
}

/* The next profile is another's: what is claimed is what is known here. */
static void
nothing_else_is_claimed(void **state)
{
	CK_ULONG i;

	(void)state;
	for (i = 0; i < claims; i++)
		assert_in_range(claimed[i], CKP_BASELINE_PROVIDER,
		    CKP_PUBLIC_CERTIFICATES_TOKEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		P11_TEST(claims_are_public_and_searched_by_class),
		P11_TEST(baseline_provider),
		P11_TEST(extended_provider),
		P11_TEST(authentication_token),
		P11_TEST(public_certificates_token),
		P11_TEST(nothing_else_is_claimed),
	};

	return cmocka_run_group_tests(tests, setup, p11_teardown);
}
