/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/hkdf.h"

/* RFC 5869, A.1, A.3, A.4, A.7 (without a salt at all). */
static const struct known {
	CK_MECHANISM_TYPE mech;
	const char *secret;
	const char *salt;
	const char *info;
	const char *prk;
	const char *out;
} known[] = {
	{ CKM_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	    "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
	    "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
	    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
	    "34007208d5b887185865" },
	{ CKM_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
	    "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
	    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
	    "9d201395faa4b61a96c8" },
	{ CKM_SHA_1, "0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
	    "f0f1f2f3f4f5f6f7f8f9", "9b6c18c432a7bf8f0e71c8eb88f4b30baa2ba243",
	    "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2"
	    "c22e422478d305f3f896" },
	{ CKM_SHA_1, "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", "", "",
	    "2adccada18779e7c2077ad2eb19d3f3e731385dd",
	    "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5"
	    "673a081d70cce7acfc48" },
};

static void
both_steps_give_the_rfcs_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		const struct hash *h = hash_by_mech(known[i].mech);
		struct buf secret = hex(known[i].secret);
		struct buf salt = hex(known[i].salt), info = hex(known[i].info);
		struct buf prk = BUF_EMPTY, out = BUF_EMPTY;
		struct prf prf;

		assert_int_equal(hkdf_extract(h, buf_view(&salt),
		    buf_view(&secret), &prk), CKR_OK);
		assert_hex(&prk, known[i].prk);
		prf = prf_hmac(h, buf_view(&prk));
		assert_int_equal(hkdf_expand(&prf, buf_view(&info), 42, &out),
		    CKR_OK);
		assert_hex(&out, known[i].out);
		buf_free(&secret);
		buf_free(&salt);
		buf_free(&info);
		buf_free(&prk);
		buf_free(&out);
	}
}

static void
a_length_is_the_front_of_a_longer_one(void **state)
{
	struct buf prk = hex(known[0].prk), info = hex(known[0].info);
	struct buf all = BUF_EMPTY, out = BUF_EMPTY;
	struct prf prf = prf_hmac(hash_by_mech(CKM_SHA256), buf_view(&prk));
	size_t len;

	(void)state;
	assert_int_equal(hkdf_expand(&prf, buf_view(&info), 255 * 32, &all),
	    CKR_OK);
	for (len = 0; len < 100; len++) {
		assert_int_equal(hkdf_expand(&prf, buf_view(&info), len, &out),
		    CKR_OK);
		assert_view(buf_view(&out), view_of(all.data, len));
	}
	assert_int_equal(hkdf_expand(&prf, buf_view(&info), 255 * 32 + 1,
	    &out), CKR_KEY_SIZE_RANGE);
	buf_free(&prk);
	buf_free(&info);
	buf_free(&all);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_steps_give_the_rfcs_answers),
		cmocka_unit_test(a_length_is_the_front_of_a_longer_one),
	};

	return RUN_CRYPTO(tests);
}
