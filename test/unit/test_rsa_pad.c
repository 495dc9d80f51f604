/* SPDX-License-Identifier: BSD-2-Clause */
#include "rsa_test.h"

static void
pkcs1_signatures_verify_in_openssl(void **state)
{
	EVP_PKEY *k = rsa_key(2048);
	struct buf em = BUF_EMPTY, data = BUF_EMPTY, digest = BUF_EMPTY;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(mechs); i++) {
		const struct hash *h = hash_by_mech(mechs[i]);
		struct buf t = BUF_EMPTY, s;
		EVP_PKEY_CTX *ctx;
		EVP_MD *md = EVP_MD_fetch(NULL, h->name, NULL);

		assert_int_equal(buf_resize(&digest, h->size), CKR_OK);
		assert_int_equal(crypto_random(digest.data, h->size), CKR_OK);
		assert_int_equal(buf_set(&t, h->digest_info), CKR_OK);
		assert_int_equal(buf_append(&t, buf_view(&digest)), CKR_OK);
		assert_int_equal(rsa_pad_sign(buf_view(&t), 256, &em),
		    CKR_OK);
		assert_int_equal(rsa_unpad_sign(buf_view(&em), &data),
		    CKR_OK);
		assert_view(buf_view(&data), buf_view(&t));
		s = raw_private(k, buf_view(&em));
		ctx = context(k, EVP_PKEY_verify_init, RSA_PKCS1_PADDING);
		assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
		assert_int_equal(EVP_PKEY_verify(ctx, s.data, s.len,
		    digest.data, digest.len), 1);
		EVP_PKEY_CTX_free(ctx);
		EVP_MD_free(md);
		buf_free(&s);
		buf_free(&t);
	}
	buf_free(&em);
	buf_free(&data);
	buf_free(&digest);
}

static void
pkcs1_data_must_leave_room_for_padding(void **state)
{
	uint8_t data[256] = { 0 };
	struct buf em = BUF_EMPTY;

	(void)state;
	assert_int_equal(rsa_pad_sign(view_of(data, 246), 256, &em),
	    CKR_DATA_LEN_RANGE);
	assert_int_equal(rsa_pad_encrypt(view_of(data, 246), 256, &em),
	    CKR_DATA_LEN_RANGE);
	assert_int_equal(rsa_pad_sign(VIEW_EMPTY, 10, &em),
	    CKR_DATA_LEN_RANGE);
	assert_null(em.data);
	assert_int_equal(rsa_pad_sign(view_of(data, 245), 256, &em), CKR_OK);
	assert_int_equal(rsa_pad_encrypt(view_of(data, 245), 256, &em),
	    CKR_OK);
	buf_free(&em);
}

static void
pkcs1_signature_padding_is_checked_to_the_byte(void **state)
{
	struct buf em = BUF_EMPTY, data = BUF_EMPTY;
	size_t i;

	(void)state;
	assert_int_equal(rsa_pad_sign(view_str("digest"), 128, &em), CKR_OK);
	for (i = 0; i < 128 - 6; i++) {
		em.data[i] ^= 0x40;
		assert_int_equal(rsa_unpad_sign(buf_view(&em), &data),
		    CKR_SIGNATURE_INVALID);
		em.data[i] ^= 0x40;
	}
	for (i = 0; i < 128; i++)
		assert_int_equal(rsa_unpad_sign(view_of(em.data, i < 11 ? i :
		    11), &data), CKR_SIGNATURE_INVALID);
	/* seven bytes of padding */
	em.data[9] = 0;
	assert_int_equal(rsa_unpad_sign(buf_view(&em), &data),
	    CKR_SIGNATURE_INVALID);
	em.data[9] = 0xff;
	em.data[10] = 0;
	assert_int_equal(rsa_unpad_sign(buf_view(&em), &data), CKR_OK);
	memset(em.data + 2, 0xff, 126);
	assert_int_equal(rsa_unpad_sign(buf_view(&em), &data),
	    CKR_SIGNATURE_INVALID);
	buf_free(&em);
	buf_free(&data);
}

static void
pkcs1_encryption_is_understood_both_ways(void **state)
{
	static const size_t lens[] = { 0, 1, 48, 117 };
	EVP_PKEY *k = rsa_key(1024);
	uint8_t m[117];
	size_t i;

	(void)state;
	assert_int_equal(crypto_random(m, sizeof(m)), CKR_OK);
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		struct buf em = BUF_EMPTY, c, data = BUF_EMPTY;
		struct view v = view_of(m, lens[i]);

		assert_int_equal(rsa_pad_encrypt(v, 128, &em), CKR_OK);
		assert_null(memchr(em.data + 2, 0, 128 - 3 - lens[i]));
		c = raw_public(k, buf_view(&em));
		assert_int_equal(run(context(k, EVP_PKEY_decrypt_init,
		    RSA_PKCS1_PADDING), EVP_PKEY_decrypt, buf_view(&c),
		    &data), 1);
		assert_view(buf_view(&data), v);
		assert_int_equal(run(context(k, EVP_PKEY_encrypt_init,
		    RSA_PKCS1_PADDING), EVP_PKEY_encrypt, v, &c), 1);
		buf_free(&em);
		em = raw_private(k, buf_view(&c));
		assert_int_equal(rsa_unpad_encrypt(buf_view(&em),
		    view_str("secret"), buf_view(&c), &data), CKR_OK);
		assert_view(buf_view(&data), v);
		buf_free(&em);
		buf_free(&c);
		buf_free(&data);
	}
}

/*
 * From OpenSSL's own tests (evppkey_rsa_common.txt, "output is generated
 * synthethically"): what 3.2 answers for a corrupted ciphertext under the
 * key RSA-2048 there. em is the ciphertext after the private operation, the
 * secret is the private exponent.
 */
static void
implicit_rejection_answers_as_openssl_3_2_does(void **state)
{
	struct buf em = hex("73f13599f0d63db24ef12184ccd79a9e"
	    "30abf5273cef8aa440a3417ae5fa2add"
	    "d208f3c47944c3958d08e4566cc5a16e6e2e002ad4dc8861302965576479f669"
	    "c149deeb1fc849f5b1203f855dab50833f1a2aefb623314692ccf6ec961b7348"
	    "b1bc7a2d46d3e86555e20bf03f4d456d2554aa4a1daf1a664df39d9e65e38be2"
	    "64abbaf078e82a3862ca2f03b34dc1c6888ceaf2bca589f489a32b60d97bf71b"
	    "d5a9bfc6e511f02b8490f06a87a65058bfd3c97c16370fc6a417ac29cd882be7"
	    "346fd732abb2c9faa187a91f881ad393e7a4ac7199d32d00941a0e68beab93c3"
	    "24c48483d3cf2534b7a228dc019ea0e11f39caf25c527314659071bc9a8de6ce");
	struct buf d = hex("60297ac7991b167a06d6b24758b8cbe2"
	    "08beb9b2d9ec9738bd80f90a2e35005d"
	    "d7ce292d9e29ba885bd316fef1f20913bc0ac90d6b0808b2414d82104441d862"
	    "4a33ce0233c8f780a48b375aff02d76712228a702484db3f9ebecccfbbee1709"
	    "dba182800d949e9e4216e0bff3558388f8bd90da373a1d82743ec3fbdd1427fd"
	    "16825a657a316912e8695365117ca2f845c909405fcac55f895fc15d20386c26"
	    "ee78c9e99075029a178a6c1e4cf0c200e8a9cfb27e9d156f86e6c2adc22b1a84"
	    "a1cd5ca5b2790875d79407c84b352395cb81cc3fed5bb043b69ede0c07204550"
	    "025cee8c5f440170b6120bb48e0f747bcd8f522110850df043c428dfd1870531");
	struct buf c = hex("550af55a2904e7b9762352f8fb7fa235"
	    "a9cb053aacb2d5fcb8ca48453cb2ee36"
	    "19746c701abf2d4cc67003471a187900b05aa812bd25ed05c675dfc8c97a24a7"
	    "bf49bd6214992cad766d05a9a2b57b74f26a737e0237b8b76c45f1f226a836d7"
	    "cfbc75ba999bdbe48dbc09227aa46c88f21dccba7840141ad5a5d71fd122e6bd"
	    "6ac3e564780dfe623fc1ca9b995a6037bf0bbd43b205a84ac5444f34202c05ce"
	    "9113087176432476576de6ffff9a52ea57c08be3ec2f49676cb8e12f762ac71f"
	    "a3c321e00ac988910c85ff52f93825666ce0d40ffaa0592078919d4493f46d95"
	    "ccf76364c6d57760dd0b64805f9afc76a2365a5575ca301d5103f0ea76cb9a79");
	struct buf data = BUF_EMPTY;

	(void)state;
	assert_int_equal(rsa_unpad_encrypt(buf_view(&em), buf_view(&d),
	    buf_view(&c), &data), CKR_OK);
	assert_hex(&data, "4cbb988d6a46228379132b0b5f8c249b3860043848c93632fb"
	    "982c807c7c82fffc7a9ef83f4908f890373ac181ffea6381"
	    "e103bcaa27e65638b6ecebef38b59ed4226a9d12af675cfc"
	    "b634d8c40e7a7aff");
	buf_free(&em);
	buf_free(&d);
	buf_free(&c);
	buf_free(&data);
}

/*
 * Ciphertexts whose alternative message is empty, of the longest length, and
 * of a length that is not the last candidate; by a separate implementation
 * in Python. Long messages by their SHA-256.
 */
static const struct rejected {
	size_t k;
	const char *ciphertext;
	size_t len;
	const char *message;
} rejected[] = {
	{ 256, "58", 0, "" },
	{ 256, "73", 245, "54db32ef42ca8e7b3204f293c3ddf5c3"
	    "dfde119b647b1c8911b406343192c040" },
	{ 256, "347", 2, "e3b0" },
	{ 256, "11370", 14, "843d7ae47e7d15d896e75fae3774" },
	{ 256, "11", 5, "37c68102b3" },
	/* its last candidate is one too long */
	{ 256, "685", 5, "0bb00b262c" },
	{ 128, "14", 0, "" },
	{ 128, "73", 117, "923e964c7eda2d4ae45fbad5bd7d0dc8"
	    "f53778b5b4ec25b024ef29ac70d8ee3c" },
	{ 128, "347", 2, "f7ad" },
	{ 128, "5669", 11, "e0477d82bfc598bc4b49b9" },
	{ 512, "72", 0, "" },
	{ 512, "115", 501, "457b144d70f5a495de53deda45b82c71"
	    "ef9cbf2612756e80bcb2305bf6bd43bc" },
	{ 512, "458", 13, "cf8478a95c7fc03d4101759e8b" },
};

static void
assert_rejected(const struct rejected *r, struct view em)
{
	struct buf data = BUF_EMPTY;

	assert_int_equal(rsa_unpad_encrypt(em, view_str("secret"),
	    view_str(r->ciphertext), &data), CKR_OK);
	assert_int_equal(data.len, r->len);
	if (r->len > 20) {
		struct view v = buf_view(&data);

		assert_int_equal(digest_once(hash_by_mech(CKM_SHA256), &v, 1,
		    &data), CKR_OK);
	}
	assert_hex(&data, r->message);
	buf_free(&data);
}

/* Each way to be wrong gives the same message, for it depends on c alone. */
static void
implicit_rejection_is_the_same_for_all_bad_paddings(void **state)
{
	size_t i, at;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rejected); i++) {
		const struct rejected *r = &rejected[i];
		struct buf em = BUF_EMPTY;

		assert_int_equal(rsa_pad_encrypt(view_str("message"), r->k,
		    &em), CKR_OK);
		for (at = 2; at < 10; at++) {
			uint8_t was = em.data[at];

			em.data[at] = 0;
			assert_rejected(r, buf_view(&em));
			em.data[at] = was;
		}
		em.data[0] = 1;
		assert_rejected(r, buf_view(&em));
		em.data[0] = 0x80;
		assert_rejected(r, buf_view(&em));
		em.data[0] = 0;
		for (at = 0; at < 256; at++) {
			em.data[1] = (uint8_t)at;
			if (at != 2)
				assert_rejected(r, buf_view(&em));
		}
		/* no zero behind the padding */
		em.data[1] = 2;
		memset(em.data + 2, 0xa5, r->k - 2);
		assert_rejected(r, buf_view(&em));
		memset(em.data, 0, r->k);
		assert_rejected(r, buf_view(&em));
		buf_free(&em);
	}
}

static void
good_padding_is_not_rejected_at_any_length(void **state)
{
	uint8_t m[245];
	size_t len;

	(void)state;
	memset(m, 0, sizeof(m));
	for (len = 0; len <= sizeof(m); len++) {
		struct buf em = BUF_EMPTY, data = BUF_EMPTY;

		assert_int_equal(rsa_pad_encrypt(view_of(m, len), 256, &em),
		    CKR_OK);
		assert_int_equal(rsa_unpad_encrypt(buf_view(&em),
		    view_str("secret"), view_str("58"), &data), CKR_OK);
		assert_view(buf_view(&data), view_of(m, len));
		buf_free(&em);
		buf_free(&data);
	}
}

static EVP_PKEY_CTX *
oaep_context(EVP_PKEY *k, op_init *init, const struct oaep *p)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k, NULL);
	char hash[16], mgf[16];
	uint8_t label[32];
	OSSL_PARAM params[5], *q = params;

	OPENSSL_strlcpy(hash, p->hash->name, sizeof(hash));
	OPENSSL_strlcpy(mgf, p->mgf->name, sizeof(mgf));
	assert_int_equal(init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx,
	    RSA_PKCS1_OAEP_PADDING), 1);
	*q++ = OSSL_PARAM_construct_utf8_string(
	    OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, hash, 0);
	*q++ = OSSL_PARAM_construct_utf8_string(
	    OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, mgf, 0);
	if (p->label.len > 0) {
		memcpy(label, p->label.data, p->label.len);
		*q++ = OSSL_PARAM_construct_octet_string(
		    OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL, label, p->label.len);
	}
	*q = OSSL_PARAM_construct_end();
	assert_int_equal(EVP_PKEY_CTX_set_params(ctx, params), 1);
	return ctx;
}

static void
check_oaep(EVP_PKEY *k, const struct oaep *p, struct view m)
{
	struct buf em = BUF_EMPTY, c, data = BUF_EMPTY;

	assert_int_equal(rsa_pad_oaep(p, m, 256, &em), CKR_OK);
	assert_int_equal(em.len, 256);
	c = raw_public(k, buf_view(&em));
	assert_int_equal(run(oaep_context(k, EVP_PKEY_decrypt_init, p),
	    EVP_PKEY_decrypt, buf_view(&c), &data), 1);
	assert_view(buf_view(&data), m);
	assert_int_equal(run(oaep_context(k, EVP_PKEY_encrypt_init, p),
	    EVP_PKEY_encrypt, m, &c), 1);
	buf_free(&em);
	em = raw_private(k, buf_view(&c));
	assert_int_equal(rsa_unpad_oaep(p, buf_view(&em), &data), CKR_OK);
	assert_view(buf_view(&data), m);
	buf_free(&em);
	buf_free(&c);
	buf_free(&data);
}

static void
oaep_is_understood_both_ways_with_any_hashes(void **state)
{
	EVP_PKEY *k = rsa_key(2048);
	uint8_t m[256];
	size_t i, j;

	(void)state;
	assert_int_equal(crypto_random(m, sizeof(m)), CKR_OK);
	for (i = 0; i < ARRAY_LEN(mechs); i++) {
		for (j = 0; j < ARRAY_LEN(mechs); j++) {
			struct oaep p = { hash_by_mech(mechs[i]),
			    hash_by_mech(mechs[j]), VIEW_EMPTY };

			if ((i + j) % 2 == 1)
				p.label = view_str("a label");
			check_oaep(k, &p, view_of(m, (i * 11 + j) % 20));
		}
	}
}

static void
oaep_takes_messages_up_to_its_maximum(void **state)
{
	EVP_PKEY *k = rsa_key(2048);
	struct oaep p = { hash_by_mech(CKM_SHA256), hash_by_mech(CKM_SHA_1),
	    VIEW_EMPTY };
	struct buf em = BUF_EMPTY;
	uint8_t m[256];

	(void)state;
	memset(m, 0, sizeof(m));
	assert_int_equal(rsa_oaep_max(&p, 256), 190);
	assert_int_equal(rsa_oaep_max(&p, 66), 0);
	assert_int_equal(rsa_oaep_max(&p, 10), 0);
	check_oaep(k, &p, view_of(m, 190));
	check_oaep(k, &p, VIEW_EMPTY);
	assert_int_equal(rsa_pad_oaep(&p, view_of(m, 191), 256, &em),
	    CKR_DATA_LEN_RANGE);
	assert_int_equal(rsa_pad_oaep(&p, VIEW_EMPTY, 65, &em),
	    CKR_DATA_LEN_RANGE);
	assert_null(em.data);
	assert_int_equal(rsa_pad_oaep(&p, VIEW_EMPTY, 66, &em), CKR_OK);
	buf_free(&em);
}

static void
oaep_gives_one_answer_for_all_that_is_wrong(void **state)
{
	struct oaep p = { hash_by_mech(CKM_SHA256), hash_by_mech(CKM_SHA256),
	    view_str("label") }, q = p;
	struct buf em = BUF_EMPTY, data = BUF_EMPTY;
	size_t i;

	(void)state;
	assert_int_equal(rsa_pad_oaep(&p, view_str("message"), 128, &em),
	    CKR_OK);
	for (i = 0; i < 128 * 8; i++) {
		em.data[i / 8] ^= (uint8_t)(1 << i % 8);
		/* A bit of the message itself is not protected. */
		if (i < (128 - 7) * 8)
			assert_int_equal(rsa_unpad_oaep(&p, buf_view(&em),
			    &data), CKR_ENCRYPTED_DATA_INVALID);
		em.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_null(data.data);
	q.label = view_str("lable");
	assert_int_equal(rsa_unpad_oaep(&q, buf_view(&em), &data),
	    CKR_ENCRYPTED_DATA_INVALID);
	q = p;
	q.hash = hash_by_mech(CKM_SHA3_256);
	assert_int_equal(rsa_unpad_oaep(&q, buf_view(&em), &data),
	    CKR_ENCRYPTED_DATA_INVALID);
	q = p;
	q.mgf = hash_by_mech(CKM_SHA_1);
	assert_int_equal(rsa_unpad_oaep(&q, buf_view(&em), &data),
	    CKR_ENCRYPTED_DATA_INVALID);
	assert_int_equal(rsa_unpad_oaep(&p, view_of(em.data, 65), &data),
	    CKR_ENCRYPTED_DATA_INVALID);
	assert_int_equal(rsa_unpad_oaep(&p, buf_view(&em), &data), CKR_OK);
	assert_view(buf_view(&data), view_str("message"));
	buf_free(&em);
	buf_free(&data);
}

/* An encoded message of 128 bytes around a data block made by hand. */
static CK_RV
open_block(const struct oaep *p, const uint8_t db[95], struct buf *data)
{
	uint8_t em[128] = { 0 };
	struct view seed = view_of(em + 1, 32), block = view_of(em + 33, 95);

	memcpy(em + 33, db, 95);
	assert_int_equal(crypto_random(em + 1, 32), CKR_OK);
	assert_int_equal(mgf1_xor(p->mgf, seed, em + 33, 95), CKR_OK);
	assert_int_equal(mgf1_xor(p->mgf, block, em + 1, 32), CKR_OK);
	return rsa_unpad_oaep(p, view_of(em, sizeof(em)), data);
}

static void
oaep_wants_zeros_and_a_one_before_the_message(void **state)
{
	struct oaep p = { hash_by_mech(CKM_SHA256), hash_by_mech(CKM_SHA256),
	    VIEW_EMPTY };
	struct buf data = BUF_EMPTY;
	uint8_t db[95];
	size_t i;

	(void)state;
	memset(db, 0, sizeof(db));
	assert_int_equal(digest_bytes(p.hash, &p.label, 1, db), CKR_OK);
	assert_int_equal(open_block(&p, db, &data),
	    CKR_ENCRYPTED_DATA_INVALID);
	/* The one may be anywhere, and what follows anything. */
	for (i = 32; i < sizeof(db); i++) {
		db[i] = 1;
		memset(db + i + 1, 1, sizeof(db) - i - 1);
		assert_int_equal(open_block(&p, db, &data), CKR_OK);
		assert_view(buf_view(&data), view_of(db + i + 1,
		    sizeof(db) - i - 1));
		memset(db + 32, 0, sizeof(db) - 32);
	}
	db[80] = 1;
	for (i = 32; i < 80; i++) {
		db[i] = 2;
		assert_int_equal(open_block(&p, db, &data),
		    CKR_ENCRYPTED_DATA_INVALID);
		db[i] = 0;
	}
	buf_free(&data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pkcs1_signatures_verify_in_openssl),
		cmocka_unit_test(pkcs1_data_must_leave_room_for_padding),
		cmocka_unit_test(
		    pkcs1_signature_padding_is_checked_to_the_byte),
		cmocka_unit_test(pkcs1_encryption_is_understood_both_ways),
		cmocka_unit_test(
		    implicit_rejection_answers_as_openssl_3_2_does),
		cmocka_unit_test(
		    implicit_rejection_is_the_same_for_all_bad_paddings),
		cmocka_unit_test(good_padding_is_not_rejected_at_any_length),
		cmocka_unit_test(oaep_is_understood_both_ways_with_any_hashes),
		cmocka_unit_test(oaep_takes_messages_up_to_its_maximum),
		cmocka_unit_test(oaep_gives_one_answer_for_all_that_is_wrong),
		cmocka_unit_test(oaep_wants_zeros_and_a_one_before_the_message),
	};

	return cmocka_run_group_tests(tests, start_crypto, drop_keys);
}
