/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/pbkdf2.h"

/* RFC 6070; RFC 7914, 11. */
static const struct known {
	CK_MECHANISM_TYPE mech;
	const char *password;
	const char *salt;
	uint64_t iterations;
	const char *out;
} known[] = {
	{ CKM_SHA_1, "password", "salt", 1,
	    "0c60c80f961f0e71f3a9b524af6012062fe037a6" },
	{ CKM_SHA_1, "password", "salt", 4096,
	    "4b007901b765489abead49d926f721d065a429c1" },
	{ CKM_SHA_1, "passwordPASSWORDpassword",
	    "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
	    "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038" },
	{ CKM_SHA256, "passwd", "salt", 1,
	    "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
	    "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
	},
};

static void
passwords_give_the_rfcs_answers(void **state)
{
	struct buf out = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		assert_int_equal(pbkdf2(hash_by_mech(known[i].mech),
		    view_str(known[i].password), view_str(known[i].salt),
		    known[i].iterations, strlen(known[i].out) / 2, &out),
		    CKR_OK);
		assert_hex(&out, known[i].out);
	}
	buf_free(&out);
}

/* By Python: pbkdf2_hmac("sha256", b"", b"", 2, 16). */
static void
an_empty_password_is_a_password(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(pbkdf2(hash_by_mech(CKM_SHA256), VIEW_EMPTY,
	    VIEW_EMPTY, 2, 16, &out), CKR_OK);
	assert_hex(&out, "97398411d6aea43a77acef92226ab827");
	buf_free(&out);
}

static void
what_has_no_sense_is_refused(void **state)
{
	const struct hash *h = hash_by_mech(CKM_SHA256);
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(pbkdf2(h, view_str("p"), view_str("s"), 0, 16, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(pbkdf2(h, view_str("p"), view_str("s"), 1, 0, &out),
	    CKR_KEY_SIZE_RANGE);
	assert_int_equal(pbkdf2(h, view_str("p"), view_str("s"), 1,
	    (size_t)1 << 31, &out), CKR_KEY_SIZE_RANGE);
	assert_null(out.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_give_the_rfcs_answers),
		cmocka_unit_test(an_empty_password_is_a_password),
		cmocka_unit_test(what_has_no_sense_is_refused),
	};

	return RUN_CRYPTO(tests);
}
