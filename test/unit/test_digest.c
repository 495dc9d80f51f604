/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/digest.h"

/* FIPS 180-4 and FIPS 202 examples: the digest of "abc". */
static const struct known {
	CK_MECHANISM_TYPE mech;
	const char *digest;
} known[] = {
	{ CKM_SHA_1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ CKM_SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7"
	    "e36c9da7" },
	{ CKM_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
	    "b410ff61f20015ad" },
	{ CKM_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	    "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
	{ CKM_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea2"
	    "0a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
	    "454d4423643ce80e2a9ac94fa54ca49f" },
	{ CKM_SHA512_224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a4"
	    "3e8924aa" },
	{ CKM_SHA512_256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46"
	    "e0e2f13107e7af23" },
	{ CKM_SHA3_224, "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad"
	    "73b46fdf" },
	{ CKM_SHA3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b"
	    "46bfe24511431532" },
	{ CKM_SHA3_384, "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c25"
	    "96da7cf0e49be4b298d88cea927ac7f539f1edf228376d25" },
	{ CKM_SHA3_512, "b751850b1a57168a5693cd924b6b096e08f621827444f70d"
	    "884f5d0240d2712e10e116e9192af3c91a7ec57647e39340"
	    "57340b4cf408d5a56592f8274eec53f0" },
};

static void
each_hash_gives_the_standards_example(void **state)
{
	struct view parts[] = { view_str("a"), VIEW_EMPTY, view_str("bc") };
	struct buf out = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		const struct hash *h = hash_by_mech(known[i].mech);

		assert_non_null(h);
		assert_int_equal(digest_once(h, parts, 3, &out), CKR_OK);
		assert_int_equal(out.len, h->size);
		assert_hex(&out, known[i].digest);
	}
	buf_free(&out);
}

static void
pieces_give_the_digest_of_the_whole(void **state)
{
	struct buf out = BUF_EMPTY;
	struct digest *d = NULL;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		assert_int_equal(digest_new(hash_by_mech(known[i].mech), &d),
		    CKR_OK);
		assert_int_equal(digest_update(d, view_str("ab")), CKR_OK);
		assert_int_equal(digest_update(d, VIEW_EMPTY), CKR_OK);
		assert_int_equal(digest_update(d, view_str("c")), CKR_OK);
		assert_int_equal(digest_final(d, &out), CKR_OK);
		assert_hex(&out, known[i].digest);
		digest_free(&d);
		assert_null(d);
		digest_free(&d);
	}
	buf_free(&out);
}

static void
a_copy_goes_its_own_way(void **state)
{
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;
	struct digest *d = NULL, *e = NULL;

	(void)state;
	assert_int_equal(digest_new(hash_by_mech(CKM_SHA256), &d), CKR_OK);
	assert_int_equal(digest_update(d, view_str("ab")), CKR_OK);
	assert_int_equal(digest_copy(d, &e), CKR_OK);
	assert_int_equal(digest_update(d, view_str("x")), CKR_OK);
	assert_int_equal(digest_final(d, &a), CKR_OK);
	digest_free(&d);
	assert_int_equal(digest_update(e, view_str("c")), CKR_OK);
	assert_int_equal(digest_final(e, &b), CKR_OK);
	assert_hex(&b, known[2].digest);
	assert_false(view_equal(buf_view(&a), buf_view(&b)));
	digest_free(&e);
	buf_free(&a);
	buf_free(&b);
}

static void
the_digest_of_nothing_is_that_of_the_standard(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(digest_once(hash_by_mech(CKM_SHA256), NULL, 0, &out),
	    CKR_OK);
	assert_hex(&out, "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	buf_free(&out);
}

static void
the_output_may_be_the_input(void **state)
{
	struct buf out = BUF_EMPTY;
	struct view v;

	(void)state;
	assert_int_equal(buf_set(&out, view_str("abc")), CKR_OK);
	v = buf_view(&out);
	assert_int_equal(digest_once(hash_by_mech(CKM_SHA256), &v, 1, &out),
	    CKR_OK);
	assert_hex(&out, known[2].digest);
	buf_free(&out);
}

static void
hashes_are_found_by_mechanism_and_mgf(void **state)
{
	(void)state;
	assert_null(hash_by_mech(CKM_RSA_PKCS));
	assert_null(hash_by_mech((CK_MECHANISM_TYPE)-1));
	assert_null(hash_by_mgf(0));
	assert_null(hash_by_mgf(0xa));
	assert_ptr_equal(hash_by_mgf(CKG_MGF1_SHA1), hash_by_mech(CKM_SHA_1));
	assert_ptr_equal(hash_by_mgf(CKG_MGF1_SHA512),
	    hash_by_mech(CKM_SHA512));
	assert_ptr_equal(hash_by_mgf(CKG_MGF1_SHA3_384),
	    hash_by_mech(CKM_SHA3_384));
}

/* Each DigestInfo's lengths fit the digest that is to follow. */
static void
digest_infos_are_der_around_the_digest(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		const struct hash *h = hash_by_mech(known[i].mech);
		struct view v = h->digest_info;

		assert_int_equal(v.data[0], 0x30);
		assert_int_equal(v.data[1], v.len - 2 + h->size);
		assert_int_equal(v.data[2], 0x30);
		assert_int_equal(v.data[3], v.len - 6);
		assert_int_equal(v.data[v.len - 2], 0x04);
		assert_int_equal(v.data[v.len - 1], h->size);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hash_gives_the_standards_example),
		cmocka_unit_test(pieces_give_the_digest_of_the_whole),
		cmocka_unit_test(a_copy_goes_its_own_way),
		cmocka_unit_test(the_digest_of_nothing_is_that_of_the_standard),
		cmocka_unit_test(the_output_may_be_the_input),
		cmocka_unit_test(hashes_are_found_by_mechanism_and_mgf),
		cmocka_unit_test(digest_infos_are_der_around_the_digest),
	};

	return RUN_CRYPTO(tests);
}
