/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech_test.h"
#include "mech_aes_test.h"

/* Many texts under one key, by GCM and CCM, and the nonces that are made. */

struct message {
	CK_BYTE nonce[16];
	CK_BYTE tag[16];
	CK_GCM_MESSAGE_PARAMS gcm;
	CK_CCM_MESSAGE_PARAMS ccm;
	struct mech_param param;
};

#define TAG_LEN 12

static void
describe(struct message *m, CK_MECHANISM_TYPE type, size_t nonce_len,
    size_t fixed, CK_GENERATOR_FUNCTION how, size_t text_len)
{
	m->gcm = (CK_GCM_MESSAGE_PARAMS){ m->nonce, nonce_len, fixed, how,
		m->tag, 8 * TAG_LEN };
	m->ccm = (CK_CCM_MESSAGE_PARAMS){ text_len, m->nonce, nonce_len,
		fixed, how, m->tag, TAG_LEN };
	if (type == CKM_AES_GCM)
		m->param = (struct mech_param){ &m->gcm, sizeof(m->gcm) };
	else
		m->param = (struct mech_param){ &m->ccm, sizeof(m->ccm) };
}

static struct mech_messages *
series(enum mech_use use, CK_MECHANISM_TYPE type, struct key *key)
{
	CK_MECHANISM m = mech_plain(type);
	struct mech_messages *all = NULL;

	assert_int_equal(mech_messages_start(use, &m, key, NULL, &all),
	    CKR_OK);
	return all;
}

/* A message in random pieces, with what is foretold of each. */
static CK_RV
run_message(struct mech_messages *all, const struct message *m,
    struct view aad, struct view in, struct buf *out)
{
	struct buf piece = BUF_EMPTY;
	struct mech_op *op = NULL;
	bool exact;
	size_t n, want;
	CK_RV rv;

	buf_clear(out);
	if ((rv = mech_message_begin(all, m->param, aad, &op)) != CKR_OK)
		goto out;
	for (; in.len > 0; in = view_sub(in, n, in.len)) {
		n = random_len(in.len);
		assert_int_equal(mech_message_param(op, m->param), CKR_OK);
		want = mech_output(op, n, false, &exact);
		if ((rv = mech_update(op, view_sub(in, 0, n), &piece)) !=
		    CKR_OK)
			goto out;
		assert_foretold(&piece, want, exact);
		add(out, &piece);
	}
	want = mech_output(op, 0, true, &exact);
	if ((rv = mech_message_param(op, m->param)) != CKR_OK)
		goto out;
	buf_clear(&piece);
	if ((rv = mech_finish(op, &piece)) == CKR_OK) {
		assert_foretold(&piece, want, exact);
		add(out, &piece);
	} else {
		assert_int_equal(piece.len, 0);
	}
out:
	mech_end(&op);
	buf_free(&piece);
	return rv;
}

static const CK_MECHANISM_TYPE types[] = { CKM_AES_GCM, CKM_AES_CCM };

/* What the mechanism of one text makes of the same: with the tag at its end. */
static void
assert_one_text(CK_MECHANISM_TYPE type, struct key *key,
    const struct message *m, struct view aad, struct view plain,
    const struct buf *sealed)
{
	CK_BYTE *nonce = m->gcm.pIv, *data = (CK_BYTE *)(uintptr_t)aad.data;
	CK_GCM_PARAMS gcm = { nonce, m->gcm.ulIvLen, 0, data, aad.len,
		8 * TAG_LEN };
	CK_CCM_PARAMS ccm = { plain.len, nonce, m->gcm.ulIvLen, data,
		aad.len, TAG_LEN };
	struct buf want = BUF_EMPTY, got = BUF_EMPTY;

	assert_int_equal(run_once(MECH_ENCRYPT, type == CKM_AES_GCM ?
	    mech_param(type, &gcm, sizeof(gcm)) :
	    mech_param(type, &ccm, sizeof(ccm)), key, plain, &want), CKR_OK);
	add(&got, sealed);
	assert_int_equal(buf_append(&got, view_of(m->tag, TAG_LEN)), CKR_OK);
	assert_view(buf_view(&got), buf_view(&want));
	buf_free(&want);
	buf_free(&got);
}

static void
messages_are_what_one_text_is(void **state)
{
	struct buf sealed = BUF_EMPTY, back = BUF_EMPTY;
	struct message m;
	int n;

	(void)state;
	for (n = 0; n < 40; n++) {
		CK_MECHANISM_TYPE type = types[n % 2];
		struct buf plain = random_buf(random_len(900));
		struct buf aad = random_buf(random_len(50));
		struct mech_messages *to, *from;
		struct places p;
		struct key *key;

		places_open(&p, random_key());
		key = places_key(&p, n / 2 % PLACES);
		to = series(MECH_ENCRYPT, type, key);
		from = series(MECH_DECRYPT, type, key);
		memset(&m, n, sizeof(m));
		describe(&m, type, 12, 0, CKG_NO_GENERATE, plain.len);
		assert_int_equal(run_message(to, &m, buf_view(&aad),
		    buf_view(&plain), &sealed), CKR_OK);
		assert_int_equal(sealed.len, plain.len);
		assert_one_text(type, p.keys[NEAR], &m, buf_view(&aad),
		    buf_view(&plain), &sealed);
		assert_int_equal(run_message(from, &m, buf_view(&aad),
		    buf_view(&sealed), &back), CKR_OK);
		assert_view(buf_view(&back), buf_view(&plain));
		m.tag[n % TAG_LEN] ^= 1;
		assert_int_equal(run_message(from, &m, buf_view(&aad),
		    buf_view(&sealed), &back), CKR_AEAD_DECRYPT_FAILED);
		assert_int_equal(back.len, 0);
		/* and the series goes on */
		m.tag[n % TAG_LEN] ^= 1;
		assert_int_equal(run_message(from, &m, buf_view(&aad),
		    buf_view(&sealed), &back), CKR_OK);
		mech_messages_end(&to);
		mech_messages_end(&from);
		places_close(&p);
		buf_free(&plain);
		buf_free(&aad);
	}
	buf_free(&sealed);
	buf_free(&back);
}

/* The last bits free bits of a nonce as a number. */
static uint64_t
tail(const CK_BYTE *nonce, size_t len, unsigned bits)
{
	uint64_t n = 0;
	size_t i;

	for (i = len - 8; i < len; i++)
		n = n << 8 | nonce[i];
	return bits < 64 ? n & (((uint64_t)1 << bits) - 1) : n;
}

static CK_RV
next(struct mech_messages *all, struct message *m)
{
	struct buf out = BUF_EMPTY;
	CK_RV rv = run_message(all, m, VIEW_EMPTY, view_str("text"), &out);

	buf_free(&out);
	return rv;
}

/* All nonces of four free bits, once each; then there is none. */
static void
small_counters_give_each_nonce_once(void **state)
{
	static const CK_GENERATOR_FUNCTION how[] = { CKG_GENERATE,
		CKG_GENERATE_COUNTER, CKG_GENERATE_COUNTER_XOR };
	struct places p;
	size_t i, n;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < 2 * ARRAY_LEN(how); i++) {
		CK_MECHANISM_TYPE type = types[i % 2];
		struct mech_messages *all = series(MECH_ENCRYPT, type,
		    p.keys[i % 2]);
		unsigned seen = 0;
		struct message m;

		memset(&m, 0, sizeof(m));
		memset(m.nonce, 0xa5, 12);
		describe(&m, type, 12, 92, how[i / 2], 4);
		for (n = 0; n < 16; n++) {
			assert_int_equal(next(all, &m), CKR_OK);
			assert_memory_equal(m.nonce,
			    "\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5",
			    11);
			assert_int_equal(m.nonce[11] >> 4, 0xa);
			seen |= 1u << (m.nonce[11] & 0xf);
		}
		assert_int_equal(seen, 0xffff);
		assert_int_equal(next(all, &m), CKR_DATA_LEN_RANGE);
		mech_messages_end(&all);
	}
	places_close(&p);
}

static void
counters_count_and_begin_anywhere(void **state)
{
	struct mech_messages *all[2];
	uint64_t first[2];
	struct message m;
	struct places p;
	uint64_t n;
	int i;

	(void)state;
	places_open(&p, random_key());
	memset(&m, 0, sizeof(m));
	describe(&m, CKM_AES_GCM, 12, 32, CKG_GENERATE_COUNTER, 4);
	for (i = 0; i < 2; i++) {
		all[i] = series(MECH_ENCRYPT, CKM_AES_GCM, p.keys[NEAR]);
		assert_int_equal(next(all[i], &m), CKR_OK);
		first[i] = tail(m.nonce, 12, 64);
		for (n = 1; n < 300; n++) {
			assert_int_equal(next(all[i], &m), CKR_OK);
			assert_true(tail(m.nonce, 12, 64) == first[i] + n);
			assert_int_equal(tail(m.nonce, 8, 64) >> 32, 0);
		}
		mech_messages_end(&all[i]);
	}
	assert_true(first[0] != first[1]);
	places_close(&p);
}

/* TLS 1.3: the n-th nonce is the start, XOR n. */
static void
xor_counters_begin_at_0(void **state)
{
	CK_BYTE start[12];
	struct mech_messages *all;
	struct message m;
	struct places p;
	uint64_t n;

	(void)state;
	places_open(&p, random_key());
	all = series(MECH_ENCRYPT, CKM_AES_GCM, p.keys[FAR]);
	memset(&m, 0, sizeof(m));
	memcpy(start, random_bytes(12).data, 12);
	memcpy(m.nonce, start, 12);
	describe(&m, CKM_AES_GCM, 12, 32, CKG_GENERATE_COUNTER_XOR, 4);
	for (n = 0; n < 300; n++) {
		assert_int_equal(next(all, &m), CKR_OK);
		assert_memory_equal(m.nonce, start, 4);
		assert_true((tail(m.nonce, 12, 64) ^ tail(start, 12, 64)) ==
		    n);
	}
	mech_messages_end(&all);
	places_close(&p);
}

static void
random_nonces_differ_and_need_room(void **state)
{
	struct mech_messages *all;
	CK_BYTE before[12] = { 0 };
	struct message m;
	struct places p;
	int n;

	(void)state;
	places_open(&p, random_key());
	all = series(MECH_ENCRYPT, CKM_AES_GCM, p.keys[NEAR]);
	memset(&m, 0, sizeof(m));
	describe(&m, CKM_AES_GCM, 12, 8, CKG_GENERATE_RANDOM, 4);
	assert_int_equal(next(all, &m), CKR_MECHANISM_PARAM_INVALID);
	describe(&m, CKM_AES_GCM, 12, 0, CKG_GENERATE_RANDOM, 4);
	for (n = 0; n < 50; n++) {
		assert_int_equal(next(all, &m), CKR_OK);
		assert_memory_not_equal(m.nonce, before, 12);
		/* neither does it count */
		assert_true(tail(m.nonce, 12, 64) !=
		    tail(before, 12, 64) + 1);
		memcpy(before, m.nonce, 12);
	}
	mech_messages_end(&all);
	places_close(&p);
}

/* A size query begins a message and lets it go. */
static void
what_was_not_used_is_not_counted(void **state)
{
	struct mech_messages *all;
	struct mech_op *op = NULL;
	struct message m;
	struct places p;
	bool exact;

	(void)state;
	places_open(&p, random_key());
	all = series(MECH_ENCRYPT, CKM_AES_GCM, p.keys[FAR]);
	memset(&m, 0, sizeof(m));
	describe(&m, CKM_AES_GCM, 12, 32, CKG_GENERATE_COUNTER_XOR, 4);
	assert_int_equal(mech_message_begin(all, m.param, VIEW_EMPTY, &op),
	    CKR_OK);
	assert_int_equal(mech_output(op, 4, true, &exact), 4);
	mech_end(&op);
	assert_int_equal(next(all, &m), CKR_OK);
	assert_int_equal(tail(m.nonce, 12, 64), 0);
	assert_int_equal(next(all, &m), CKR_OK);
	assert_int_equal(tail(m.nonce, 12, 64), 1);
	mech_messages_end(&all);
	places_close(&p);
}

static void
one_series_has_one_way_to_make_nonces(void **state)
{
	static const struct {
		CK_GENERATOR_FUNCTION how;
		size_t len, fixed;
	} others[] = { { CKG_GENERATE_COUNTER_XOR, 12, 32 },
		{ CKG_GENERATE_COUNTER, 12, 24 },
		{ CKG_GENERATE_COUNTER, 13, 32 }, { CKG_GENERATE, 12, 32 } };
	struct mech_messages *all;
	struct message m;
	struct places p;
	size_t i;

	(void)state;
	places_open(&p, random_key());
	all = series(MECH_ENCRYPT, CKM_AES_GCM, p.keys[FAR]);
	memset(&m, 0, sizeof(m));
	describe(&m, CKM_AES_GCM, 12, 32, CKG_GENERATE_COUNTER, 4);
	assert_int_equal(next(all, &m), CKR_OK);
	for (i = 0; i < ARRAY_LEN(others); i++) {
		describe(&m, CKM_AES_GCM, others[i].len, others[i].fixed,
		    others[i].how, 4);
		assert_int_equal(next(all, &m), CKR_MECHANISM_PARAM_INVALID);
	}
	/* but the caller's own stand beside */
	describe(&m, CKM_AES_GCM, 13, 0, CKG_NO_GENERATE, 4);
	assert_int_equal(next(all, &m), CKR_OK);
	mech_messages_end(&all);
	places_close(&p);
}

static void
parameters_of_a_message_are_checked(void **state)
{
	const CK_RV bad = CKR_MECHANISM_PARAM_INVALID;
	struct mech_messages *all;
	struct message m;
	struct places p;
	size_t i;

	(void)state;
	places_open(&p, random_key());
	for (i = 0; i < 2; i++) {
		CK_MECHANISM_TYPE type = types[i];

		all = series(MECH_ENCRYPT, type, p.keys[i]);
		memset(&m, 0, sizeof(m));
		describe(&m, type, 12, 0, CKG_NO_GENERATE, 4);
		m.param.len--;
		assert_int_equal(next(all, &m), bad);
		m.param = (struct mech_param){ NULL, 0 };
		assert_int_equal(next(all, &m), bad);
		describe(&m, type, 12, 0, 5, 4);
		assert_int_equal(next(all, &m), bad);
		describe(&m, type, 12, 96, CKG_GENERATE, 4);
		assert_int_equal(next(all, &m), bad);
		describe(&m, type, 12, SIZE_MAX, CKG_GENERATE, 4);
		assert_int_equal(next(all, &m), bad);
		describe(&m, type, 0, 0, CKG_GENERATE, 4);
		assert_int_equal(next(all, &m), bad);
		describe(&m, type, 12, 0, CKG_NO_GENERATE, 4);
		m.gcm.pIv = m.ccm.pNonce = NULL;
		assert_int_equal(next(all, &m), bad);
		describe(&m, type, 12, 0, CKG_NO_GENERATE, 4);
		m.gcm.pTag = m.ccm.pMAC = NULL;
		assert_int_equal(next(all, &m), bad);
		describe(&m, type, 12, 0, CKG_NO_GENERATE, 4);
		m.gcm.ulTagBits = 8 * 17;
		m.ccm.ulMACLen = 17;
		assert_int_equal(next(all, &m), bad);
		mech_messages_end(&all);
	}
	all = series(MECH_ENCRYPT, CKM_AES_CCM, p.keys[NEAR]);
	for (i = 3; i <= 5; i += 2) {
		describe(&m, CKM_AES_CCM, 12, 0, CKG_NO_GENERATE, i);
		assert_int_equal(next(all, &m), CKR_DATA_LEN_RANGE);
	}
	mech_messages_end(&all);
	places_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_what_one_text_is),
		cmocka_unit_test(small_counters_give_each_nonce_once),
		cmocka_unit_test(counters_count_and_begin_anywhere),
		cmocka_unit_test(xor_counters_begin_at_0),
		cmocka_unit_test(random_nonces_differ_and_need_room),
		cmocka_unit_test(what_was_not_used_is_not_counted),
		cmocka_unit_test(one_series_has_one_way_to_make_nonces),
		cmocka_unit_test(parameters_of_a_message_are_checked),
	};

	return cmocka_run_group_tests(tests, start_aes, mech_test_stop);
}
