/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech_test.h"
#include "mech_aes_test.h"

#include "util/mem.h"

/* GCM, CCM and GMAC as mechanisms of one text. */

#define TEXT_4 "d9313225f88406e5a55909c5aff5269a" \
	"86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525" \
	"b16aedf5aa0de657ba637b39"
#define AAD_4 "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define CCM_KEY "404142434445464748494a4b4c4d4e4f"

/* McGrew and Viega, "The Galois/Counter Mode": test cases 4 and 5; SP 800-38C,
 * examples 1 and 3. */
static const struct known {
	CK_MECHANISM_TYPE type;
	const char *key;
	const char *iv;
	const char *aad;
	const char *text;
	size_t tag_len;
	const char *sealed;
} known[] = {
	{ CKM_AES_GCM, "feffe9928665731c6d6a8f9467308308",
	    "cafebabefacedbaddecaf888", AAD_4, TEXT_4, 16,
	    "42831ec2217774244b7221b784d0d49c"
	    "e3aa212f2c02a4e035c17e2329aca12e"
	    "21d514b25466931c7d8f6a5aac84aa05"
	    "1ba30b396a0aac973d58e091"
	    "5bc94fbc3221a5db94fae95ae7121a47" },
	{ CKM_AES_GCM, "feffe9928665731c6d6a8f9467308308",
	    "cafebabefacedbad", AAD_4, TEXT_4, 12,
	    "61353b4c2806934a777ff51fa22a4755"
	    "699b2a714fcdc6f83766e5f97b6c7423"
	    "73806900e49f24b22b097544d4896b42"
	    "4989b5e1ebac0f07c23f4598"
	    "3612d2e79e3b0785561be14a" },
	{ CKM_AES_CCM, CCM_KEY, "10111213141516", "0001020304050607",
	    "20212223", 4, "7162015b4dac255d" },
	{ CKM_AES_CCM, CCM_KEY, "101112131415161718191a1b",
	    "000102030405060708090a0b0c0d0e0f10111213",
	    "202122232425262728292a2b2c2d2e2f3031323334353637", 8,
	    "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"
	},
};

struct text {
	CK_MECHANISM_TYPE type;
	struct buf iv;
	struct buf aad;
	struct buf plain;
	size_t tag_len;
};

struct param {
	CK_GCM_PARAMS gcm;
	CK_CCM_PARAMS ccm;
};

static void
text_free(struct text *t)
{
	buf_free(&t->iv);
	buf_free(&t->aad);
	buf_free(&t->plain);
}

static CK_MECHANISM
mechanism(const struct text *t, struct param *p)
{
	p->gcm = (CK_GCM_PARAMS){ t->iv.data, t->iv.len, 0, t->aad.data,
		t->aad.len, 8 * t->tag_len };
	p->ccm = (CK_CCM_PARAMS){ t->plain.len, t->iv.data, t->iv.len,
		t->aad.data, t->aad.len, t->tag_len };
	return t->type == CKM_AES_GCM ?
	    mech_param(t->type, &p->gcm, sizeof(p->gcm)) :
	    mech_param(t->type, &p->ccm, sizeof(p->ccm));
}

static void
there_and_back(const struct text *t, struct key *key, size_t most,
    struct buf *sealed)
{
	struct buf out = BUF_EMPTY;
	struct param p;
	CK_MECHANISM m = mechanism(t, &p);
	struct view plain = buf_view(&t->plain);

	assert_int_equal(run_pieces(MECH_ENCRYPT, m, key, plain, most,
	    sealed), CKR_OK);
	assert_int_equal(run_whole(MECH_ENCRYPT, m, key, plain, &out),
	    CKR_OK);
	assert_view(buf_view(&out), buf_view(sealed));
	assert_int_equal(run_pieces(MECH_DECRYPT, m, key, buf_view(sealed),
	    most, &out), CKR_OK);
	assert_view(buf_view(&out), plain);
	assert_int_equal(run_whole(MECH_DECRYPT, m, key, buf_view(sealed),
	    &out), CKR_OK);
	assert_view(buf_view(&out), plain);
	buf_free(&out);
}

static void
known_answers_come_in_all_places_and_pieces(void **state)
{
	struct buf sealed = BUF_EMPTY;
	size_t i, most;
	int where;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		const struct known *k = &known[i];
		struct text t = { k->type, hex(k->iv), hex(k->aad),
			hex(k->text), k->tag_len };
		struct places p;

		places_open(&p, hex(k->key));
		for (where = 0; where < PLACES; where++)
			for (most = 1; most < 40; most += 3) {
				there_and_back(&t, places_key(&p, where),
				    most, &sealed);
				assert_hex(&sealed, k->sealed);
			}
		places_close(&p);
		text_free(&t);
	}
	buf_free(&sealed);
}

static struct text
random_text(CK_MECHANISM_TYPE type)
{
	bool ccm = type == CKM_AES_CCM;

	return (struct text){ type, random_buf(ccm ? 7 + random_len(6) :
		random_len(3) == 0 ? 1 + random_len(40) : 12),
		random_buf(random_len(100)), random_buf(random_len(2500)),
		ccm ? 4 + 2 * random_len(6) : 4 + random_len(12) };
}

static void
all_places_agree_at_any_lengths(void **state)
{
	int n, where;

	(void)state;
	for (n = 0; n < 60; n++) {
		struct text t = random_text(n % 2 == 0 ? CKM_AES_GCM :
		    CKM_AES_CCM);
		struct buf near = BUF_EMPTY, out = BUF_EMPTY;
		struct places p;

		places_open(&p, random_key());
		there_and_back(&t, places_key(&p, NEAR), 0, &near);
		for (where = FAR; where < PLACES; where++) {
			there_and_back(&t, places_key(&p, where), 0, &out);
			assert_view(buf_view(&out), buf_view(&near));
		}
		places_close(&p);
		text_free(&t);
		buf_free(&near);
		buf_free(&out);
	}
}

/* Every byte of the sealed text, of the nonce and of the associated data. */
static void
forged(const struct text *t, struct key *key, struct view sealed, CK_RV want)
{
	struct mech_op *op = NULL;
	struct buf out = BUF_EMPTY;
	struct param p;
	CK_MECHANISM m = mechanism(t, &p);

	assert_int_equal(mech_start(MECH_DECRYPT, &m, key, NULL, &op),
	    CKR_OK);
	assert_int_equal(mech_update(op, sealed, &out), CKR_OK);
	/* nothing comes out before the tag was seen */
	assert_int_equal(out.len, 0);
	assert_int_equal(mech_finish(op, &out), want);
	assert_int_equal(out.len, 0);
	mech_end(&op);
	buf_free(&out);
}

static void
what_was_changed_gives_no_plaintext(void **state)
{
	static const CK_MECHANISM_TYPE types[] = { CKM_AES_GCM, CKM_AES_CCM };
	struct buf sealed = BUF_EMPTY;
	struct places p;
	size_t i, j;
	int where;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < 2 * PLACES; i++) {
		struct text t = { types[i % 2], random_buf(12),
			random_buf(5), random_buf(37), 8 };
		struct key *key;

		where = (int)i / 2;
		key = places_key(&p, where);
		there_and_back(&t, key, 0, &sealed);
		for (j = 0; j < sealed.len; j++) {
			sealed.data[j] ^= 0x10;
			forged(&t, key, buf_view(&sealed),
			    CKR_ENCRYPTED_DATA_INVALID);
			sealed.data[j] ^= 0x10;
		}
		t.aad.data[4] ^= 1;
		forged(&t, key, buf_view(&sealed),
		    CKR_ENCRYPTED_DATA_INVALID);
		t.aad.data[4] ^= 1;
		t.iv.data[11] ^= 1;
		forged(&t, key, buf_view(&sealed),
		    CKR_ENCRYPTED_DATA_INVALID);
		text_free(&t);
	}
	places_close(&p);
	buf_free(&sealed);
}

static CK_RV
try_decrypt(const struct text *t, struct key *key, size_t len)
{
	struct buf in = random_buf(len), out = BUF_EMPTY;
	struct param p;
	CK_RV rv = run_once(MECH_DECRYPT, mechanism(t, &p), key,
	    buf_view(&in), &out);

	assert_int_equal(out.len, 0);
	buf_free(&in);
	return rv;
}

static void
lengths_are_checked(void **state)
{
	struct text gcm = { CKM_AES_GCM, random_buf(12), BUF_EMPTY,
		random_buf(20), 16 };
	struct text ccm = { CKM_AES_CCM, random_buf(12), BUF_EMPTY,
		random_buf(20), 16 };
	struct buf out = BUF_EMPTY;
	struct mech_op *op = NULL;
	struct places p;
	struct param param;
	CK_MECHANISM m;
	int where;

	(void)state;
	places_open(&p, random_key());
	m = mechanism(&ccm, &param);
	for (where = 0; where < PLACES; where++) {
		struct key *key = places_key(&p, where);

		assert_int_equal(try_decrypt(&gcm, key, 15),
		    CKR_ENCRYPTED_DATA_LEN_RANGE);
		assert_int_equal(try_decrypt(&gcm, key, 16),
		    CKR_ENCRYPTED_DATA_INVALID);
		assert_int_equal(try_decrypt(&ccm, key, 35),
		    CKR_ENCRYPTED_DATA_LEN_RANGE);
		assert_int_equal(try_decrypt(&ccm, key, 37),
		    CKR_ENCRYPTED_DATA_LEN_RANGE);
		assert_int_equal(try_decrypt(&ccm, key, 36),
		    CKR_ENCRYPTED_DATA_INVALID);
		assert_int_equal(run_once(MECH_ENCRYPT, m, key,
		    view_sub(buf_view(&ccm.plain), 0, 19), &out),
		    CKR_DATA_LEN_RANGE);
		assert_int_equal(run_once(MECH_ENCRYPT, m, key,
		    random_bytes(21), &out), CKR_DATA_LEN_RANGE);
	}
	/* what is too much is not kept */
	assert_int_equal(mech_start(MECH_ENCRYPT, &m, p.keys[NEAR], NULL,
	    &op), CKR_OK);
	assert_int_equal(mech_update(op, random_bytes(20), &out), CKR_OK);
	assert_int_equal(mech_update(op, random_bytes(1), &out),
	    CKR_DATA_LEN_RANGE);
	mech_end(&op);
	places_close(&p);
	text_free(&gcm);
	text_free(&ccm);
}

static CK_RV
try_gcm(struct key *key, size_t iv_len, size_t tag_bits)
{
	uint8_t iv[300] = { 0 };
	CK_GCM_PARAMS p = { iv_len == 0 ? NULL : iv, iv_len, 0, NULL, 0,
		tag_bits };

	return try_start(MECH_ENCRYPT, mech_param(CKM_AES_GCM, &p, sizeof(p)),
	    key);
}

static CK_RV
try_ccm(struct key *key, size_t nonce_len, size_t tag_len, size_t data_len)
{
	uint8_t nonce[300] = { 0 };
	CK_CCM_PARAMS p = { data_len, nonce, nonce_len, NULL, 0, tag_len };

	return try_start(MECH_DECRYPT, mech_param(CKM_AES_CCM, &p, sizeof(p)),
	    key);
}

static void
parameters_are_checked_at_the_start(void **state)
{
	static const struct {
		size_t nonce, tag, data;
		bool good;
	} ccm[] = { { 7, 4, 0, true }, { 13, 16, 65535, true },
		{ 13, 16, 65536, false }, { 6, 8, 0, false },
		{ 14, 8, 0, false }, { 12, 5, 0, false }, { 12, 2, 0, false },
		{ 12, 18, 0, false }, { 12, 8, SIZE_MAX, false },
		{ SIZE_MAX, 8, 0, false } };
	static const size_t tags[] = { 0, 8, 24, 31, 100, 127, 129, 136,
		SIZE_MAX };
	const CK_RV bad = CKR_MECHANISM_PARAM_INVALID;
	CK_GCM_PARAMS gcm = { NULL, 12, 96, NULL, 0, 128 };
	struct places p;
	size_t i;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < ARRAY_LEN(ccm); i++)
		assert_int_equal(try_ccm(p.keys[i % 2], ccm[i].nonce,
		    ccm[i].tag, ccm[i].data), ccm[i].good ? CKR_OK : bad);
	for (i = 0; i < ARRAY_LEN(tags); i++)
		assert_int_equal(try_gcm(p.keys[i % 2], 12, tags[i]), bad);
	assert_int_equal(try_gcm(p.keys[FAR], 0, 128), bad);
	assert_int_equal(try_gcm(p.keys[FAR], 300, 32), CKR_OK);
	for (i = 0; i <= sizeof(gcm) + 8; i += 4)
		assert_int_equal(try_start(MECH_ENCRYPT, mech_param(
		    CKM_AES_GCM, &gcm, i), p.keys[NEAR]), bad);
	assert_int_equal(try_start(MECH_ENCRYPT, mech_plain(CKM_AES_CCM),
	    p.keys[NEAR]), bad);
	assert_int_equal(try_start(MECH_SIGN, mech_plain(CKM_AES_GMAC),
	    p.keys[FAR]), bad);
	places_close(&p);
}

/* NSS and Java leave ulIvBits out; others leave it 0, or say what they like. */
static void
gcm_parameters_come_in_two_layouts(void **state)
{
	struct {
		CK_BYTE *iv;
		CK_ULONG iv_len;
		CK_BYTE *aad;
		CK_ULONG aad_len;
		CK_ULONG tag_bits;
	} old;
	struct text t = random_text(CKM_AES_GCM);
	struct buf now = BUF_EMPTY, then = BUF_EMPTY;
	struct param p;
	CK_MECHANISM m = mechanism(&t, &p);
	struct places k;

	(void)state;
	places_open(&k, random_key());
	assert_int_equal(run_once(MECH_ENCRYPT, m, k.keys[NEAR],
	    buf_view(&t.plain), &now), CKR_OK);
	p.gcm.ulIvBits = 77;
	assert_int_equal(run_once(MECH_ENCRYPT, m, k.keys[FAR],
	    buf_view(&t.plain), &then), CKR_OK);
	assert_view(buf_view(&now), buf_view(&then));
	old.iv = t.iv.data;
	old.iv_len = t.iv.len;
	old.aad = t.aad.data;
	old.aad_len = t.aad.len;
	old.tag_bits = 8 * t.tag_len;
	assert_int_equal(run_once(MECH_ENCRYPT, mech_param(CKM_AES_GCM, &old,
	    sizeof(old)), k.keys[NEAR], buf_view(&t.plain), &then), CKR_OK);
	assert_view(buf_view(&now), buf_view(&then));
	places_close(&k);
	text_free(&t);
	buf_free(&now);
	buf_free(&then);
}

/* GMAC is the tag of GCM over nothing. */
static void
gmac_is_gcm_without_a_text(void **state)
{
	struct buf tag = BUF_EMPTY, want = BUF_EMPTY;
	int n;

	(void)state;
	for (n = 0; n < 30; n++) {
		struct text t = { CKM_AES_GCM, random_buf(12),
			random_buf(random_len(3000)), BUF_EMPTY, 16 };
		CK_MECHANISM mac = mech_param(CKM_AES_GMAC, t.iv.data, 12);
		struct param param;
		struct places p;
		struct key *key;

		places_open(&p, random_key());
		assert_int_equal(run_once(MECH_ENCRYPT, mechanism(&t, &param),
		    p.keys[NEAR], VIEW_EMPTY, &want), CKR_OK);
		key = places_key(&p, n % PLACES);
		assert_int_equal(run_pieces(MECH_SIGN, mac, key,
		    buf_view(&t.aad), 0, &tag), CKR_OK);
		assert_view(buf_view(&tag), buf_view(&want));
		assert_int_equal(verify_parts(mac, key, buf_view(&t.aad),
		    buf_view(&tag)), CKR_OK);
		tag.data[n % 16] ^= 1;
		assert_int_equal(verify_once(mac, key, buf_view(&t.aad),
		    buf_view(&tag)), CKR_SIGNATURE_INVALID);
		assert_int_equal(verify_once(mac, key, buf_view(&t.aad),
		    view_sub(buf_view(&tag), 0, 15)),
		    CKR_SIGNATURE_LEN_RANGE);
		places_close(&p);
		text_free(&t);
	}
	buf_free(&tag);
	buf_free(&want);
}

/* The commands for 64 KiB: CTR once over it, and for CCM the MAC as well. */
static void
bulk_goes_by_whole_portions(void **state)
{
	static const CK_MECHANISM_TYPE types[] = { CKM_AES_GCM, CKM_AES_CCM };
	struct buf out = BUF_EMPTY;
	struct places p;
	size_t i;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < 2; i++) {
		struct text t = { types[i], random_buf(12), random_buf(20),
			random_buf(65536), 16 };
		struct param param;
		unsigned before = fake_tpm_commands;

		assert_int_equal(run_once(MECH_ENCRYPT, mechanism(&t, &param),
		    p.keys[FAR], buf_view(&t.plain), &out), CKR_OK);
		assert_in_range(fake_tpm_commands - before, 64 * (i + 1),
		    64 * (i + 1) + 5);
		text_free(&t);
	}
	places_close(&p);
	buf_free(&out);
}

static void
keys_are_wrapped(void **state)
{
	static const CK_MECHANISM_TYPE types[] = { CKM_AES_GCM, CKM_AES_CCM };
	struct buf wrapped = BUF_EMPTY, back = BUF_EMPTY;
	struct places p;
	size_t i, len;
	bool exact;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < 2 * PLACES; i++) {
		struct text t = { types[i % 2], random_buf(12),
			random_buf(20), random_buf(24), 16 };
		struct param param;
		CK_MECHANISM m = mechanism(&t, &param);
		struct key *key = places_key(&p, (int)i / 2);

		assert_int_equal(mech_wrapped_len(&m, key, NULL, 24, &len,
		    &exact), CKR_OK);
		assert_int_equal(len, 40);
		assert_true(exact);
		assert_int_equal(mech_wrap(&m, key, NULL, buf_view(&t.plain),
		    &wrapped), CKR_OK);
		assert_int_equal(wrapped.len, 40);
		assert_int_equal(mech_unwrap(&m, key, NULL,
		    buf_view(&wrapped), &back), CKR_OK);
		assert_view(buf_view(&back), buf_view(&t.plain));
		wrapped.data[3] ^= 1;
		assert_int_equal(mech_unwrap(&m, key, NULL,
		    buf_view(&wrapped), &back), CKR_WRAPPED_KEY_INVALID);
		assert_int_equal(mech_unwrap(&m, key, NULL,
		    view_sub(buf_view(&wrapped), 0, 10), &back),
		    CKR_WRAPPED_KEY_LEN_RANGE);
		text_free(&t);
	}
	places_close(&p);
	buf_free(&wrapped);
	buf_free(&back);
}

static void
without_memory_nothing_leaks(void **state)
{
	struct buf out = BUF_EMPTY, sealed = BUF_EMPTY;
	struct places k;
	size_t i, n;

	(void)state;
	places_open(&k, random_key());
	for (i = 0; i < 8; i++) {
		struct text t = { i % 2 ? CKM_AES_GCM : CKM_AES_CCM,
			random_buf(13), random_buf(9), random_buf(50), 16 };
		enum mech_use use = i & 4 ? MECH_DECRYPT : MECH_ENCRYPT;
		struct key *key = places_key(&k, i & 2 ? FAR : NEAR);
		struct param p;
		CK_MECHANISM m = mechanism(&t, &p);
		CK_RV rv = CKR_HOST_MEMORY;

		there_and_back(&t, key, 0, &sealed);
		for (n = 1; rv != CKR_OK; n++) {
			mem_fail_at(n);
			rv = run_once(use, m, key, use == MECH_DECRYPT ?
			    buf_view(&sealed) : buf_view(&t.plain), &out);
			mem_fail_at(0);
			assert_true(rv == CKR_OK || rv == CKR_HOST_MEMORY);
		}
		assert_true(n > 3);
		text_free(&t);
	}
	places_close(&k);
	buf_free(&sealed);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers_come_in_all_places_and_pieces),
		cmocka_unit_test(all_places_agree_at_any_lengths),
		cmocka_unit_test(what_was_changed_gives_no_plaintext),
		cmocka_unit_test(lengths_are_checked),
		cmocka_unit_test(parameters_are_checked_at_the_start),
		cmocka_unit_test(gcm_parameters_come_in_two_layouts),
		cmocka_unit_test(gmac_is_gcm_without_a_text),
		cmocka_unit_test(bulk_goes_by_whole_portions),
		cmocka_unit_test(keys_are_wrapped),
		cmocka_unit_test(without_memory_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, start_aes, mech_test_stop);
}
