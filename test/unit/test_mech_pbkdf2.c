/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "mech_test.h"

/* Keys of passwords, by published answers. */

/* RFC 6070; RFC 7914, 11. */
static const struct {
	CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE prf;
	const char *password;
	const char *salt;
	CK_ULONG iterations;
	const char *out;
} passwords[] = {
	{ CKP_PKCS5_PBKD2_HMAC_SHA1, "password", "salt", 4096,
	    "4b007901b765489abead49d926f721d065a429c1" },
	{ CKP_PKCS5_PBKD2_HMAC_SHA1, "passwordPASSWORDpassword",
	    "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
	    "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038" },
	{ CKP_PKCS5_PBKD2_HMAC_SHA256, "passwd", "salt", 1,
	    "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
	    "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
	},
};

static CK_RV
from_password(CK_PKCS5_PBKD2_PARAMS2 *p, CK_ULONG len, struct attrs *a)
{
	static const struct mech_place place = { .caps = &fake_tpm_caps };
	CK_MECHANISM m = mech_param(CKM_PKCS5_PBKD2, p, sizeof(*p));
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	CK_RV rv;

	assert_int_equal(attrs_set_ulong(a, CKA_VALUE_LEN, len), CKR_OK);
	rv = mech_generate(&m, &place, a, &blob);
	tpm_blob_free(&blob);
	return rv;
}

static void
passwords_give_the_rfcs_answers(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct buf got = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(passwords); i++) {
		CK_PKCS5_PBKD2_PARAMS2 p = { CKZ_SALT_SPECIFIED,
			(void *)(uintptr_t)passwords[i].salt,
			strlen(passwords[i].salt), passwords[i].iterations,
			passwords[i].prf, NULL, 0,
			(CK_UTF8CHAR *)(uintptr_t)passwords[i].password,
			strlen(passwords[i].password) };

		assert_int_equal(from_password(&p,
		    strlen(passwords[i].out) / 2, &a), CKR_OK);
		assert_int_equal(buf_set(&got, attrs_view(&a, CKA_VALUE)),
		    CKR_OK);
		assert_hex(&got, passwords[i].out);
	}
	buf_free(&got);
	attrs_free(&a);
}

static void
bad_passwords_are_refused(void **state)
{
	CK_UTF8CHAR text[] = "password";
	const CK_PKCS5_PBKD2_PARAMS2 good = { CKZ_SALT_SPECIFIED, text, 8, 1,
		CKP_PKCS5_PBKD2_HMAC_SHA512, NULL, 0, text, 8 };
	CK_PKCS5_PBKD2_PARAMS2 p;
	struct attrs a = ATTRS_EMPTY;
	unsigned i;

	(void)state;
	for (i = 0; i < 9; i++) {
		p = good;
		if (i == 0)
			p.saltSource = 0;
		if (i == 1)
			p.pSaltSourceData = NULL;
		if (i == 2)
			p.iterations = 0;
		if (i == 3)
			p.iterations = 10000001;
		if (i == 4)
			p.prf = CKP_PKCS5_PBKD2_HMAC_GOSTR3411;
		if (i == 5)
			p.ulPrfDataLen = 1;
		if (i == 6)
			p.pPassword = NULL;
		if (i == 7)		/* the slip of 2.40 */
			p.ulPasswordLen = (CK_ULONG)(uintptr_t)&p;
		if (i == 8)
			p.ulSaltSourceDataLen = (CK_ULONG)-1;
		assert_int_equal(from_password(&p, 16, &a),
		    CKR_MECHANISM_PARAM_INVALID);
		assert_false(attrs_has(&a, CKA_VALUE));
	}
	p = good;
	assert_int_equal(from_password(&p, 0, &a),
	    CKR_ATTRIBUTE_VALUE_INVALID);
	assert_int_equal(from_password(&p, 4097, &a), CKR_KEY_SIZE_RANGE);
	assert_int_equal(from_password(&p, 16, &a), CKR_OK);
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_give_the_rfcs_answers),
		cmocka_unit_test(bad_passwords_are_refused),
	};

	return RUN_CRYPTO(tests);
}
