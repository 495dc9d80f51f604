/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/kdf.h"

struct known {
	CK_MECHANISM_TYPE mech;
	const char *label;
	const char *secret;
	const char *u;
	const char *v;
	const char *out;
};

/* NIST CAVP, ansx963_2001 (u: SharedInfo). */
static const struct known x963[] = {
	{ CKM_SHA_1, "", "fd17198b89ab39c4ab5d7cca363b82f9fd7e23c3984dc8a2",
	    "856a53f3e36a26bbc5792879f307cce2", "",
	    "6e5fad865cb4a51c95209b16df0cc490bc2c9064405c5bccd4ee4832a531fbe7"
	    "f10cb79e2eab6ab1149fbd5a23cfdabc41242269c9df22f628c4424333855b64"
	    "e95e2d4fb8469c669f17176c07d103376b10b384ec5763d8b8c610409f19aca8"
	    "eb31f9d85cc61a8d6d4a03d03e5a506b78d6847e93d295ee548c65afedd2efec"
	},
	{ CKM_SHA256, "", "22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d",
	    "75eef81aa3041e33b80971203d2c0c52", "",
	    "c498af77161cc59f2962b9a713e2b215152d139766ce34a776df11866a69bf2e"
	    "52a13d9c7c6fc878c50c5ea0bc7b00e0da2447cfd874f6cf92f30d0097111485"
	    "500c90c3af8b487872d04685d14c8d1dc8d7fa08beb0ce0ababc11f0bd496269"
	    "142d43525a78e5bc79a17f59676a5706dc54d54d4d1f0bd7e386128ec26afc21"
	},
	{ CKM_SHA384, "", "d8554db1b392cd55c3fe957bed76af09c13ac2a9392f88f6",
	    "", "", "671a46aada145162f8ddf1ca586a1cda" },
	{ CKM_SHA512, "", "87fc0d8c4477485bb574f5fcea264b30885dc8d90ad82782",
	    "", "", "947665fbb9152153ef460238506a0245" },
};

/*
 * The first four: the TCG reference code's self test (KdfTestData.h). The
 * last, of several blocks and with an empty context: by Python's hmac.
 */
#define SELF_TEST "KDFSELFTESTLABEL", \
	"271fa08bbdc5060ec3dfa928ff9b73123a12da0c", "ce244f395dca7391", \
	"da504031ddf12e83"

static const struct known a[] = {
	{ CKM_SHA_1, SELF_TEST, "55b5a7184aa07423c47dae766c26a2377d7cf851" },
	{ CKM_SHA256, SELF_TEST, "bb0259e1c8ba607e6a2cd704b69a902e9ade84c4" },
	{ CKM_SHA384, SELF_TEST, "1dce70c9113eb2dba47bd9cfc72bf46f45b09312" },
	{ CKM_SHA512, SELF_TEST, "8be2c1b85b78569b9fa759f5857c56d684810fd3" },
	{ CKM_SHA256, "CFB", "6b6579", "6e6f6e636541", "",
	    "da91887b8a536b70b56da761f7891405445478e9e002723a4330c6c4b038de4e"
	    "dd3fa8d111c67ebbe6178ed346eb779eb4b837ef29c272934bdcc79780a07978"
	    "834bc85cd88a117b1074df7bd4518be4242f9e7d5a0ab9e6bbc4d3e2fb4004d7"
	    "dbb44808" },
};

/* chrisfenner/tpm-test-vectors, kdfe.json: those of whole bytes. */
static const struct known e[] = {
	{ CKM_SHA_1, "IDENTITY", "eaf978b52c123a29d82b8c6a0f5f4783ff",
	    "002c88285c18d86f93332dbbcdad7f", "b05366c189b8b0c0604d00",
	    "e44394c6e1b0717abcb2d1bfe3e09e91cc464f69c402ee299fc9fe378b272433"
	    "9e7681d75e72558d0840a0f7c7171f969e314d7fe7ecf09ec77f80f8a5d3e902"
	    "eaa39da40968a495430857e511" },
	{ CKM_SHA_1, "INTEGRITY", "0026ea710dd5ba2b", "",
	    "498d6e90dbc8236f00",
	    "ed43de4834f26df43e9a5aac8a427cc9f7d405947934c0818752951be44ac70d"
	    "ede6db951bea88b92a937836013bcd27fff2c63e6d09be3917d9d23556fb3574"
	    "90d01952f4f835a511d5f7aef2862aacbb90c9" },
	{ CKM_SHA256, "INTEGRITY",
	    "8995a6318a0217c7c7bf543f50da29016c4ff2a1ea5daf54ebcb00",
	    "8852f14d8e9b68", "74ff",
	    "92343ef558feb95fd14838f9ca39c8618598a7eeb31af7fc276030b8c3ff326d"
	    "4870f190e54abbec9da4" },
	{ CKM_SHA256, "OBFUSCATE", "00",
	    "ebcb3cd4a002941ed496ef1d32a70b0b7f6f05b8a51803d5a9ff9b",
	    "a1f79a7ee2beee21e2bfaee67769874687bfe21b2468fc8e721b6e967e12ff",
	    "dcd14d72e0d5d8ec15b5ea15ae060e02f0e042f3af7efbd73650bb4457d73b06"
	    "0ef8f78bdf8cea099fe98fad6359bcfe92c1c6be8a157c1064c85ada3ad2" },
};

/* By Python's hashlib; u: the info. */
static const struct known concat[] = {
	{ CKM_SHA256, "", "22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d",
	    "696e666f", "",
	    "50c1f5ebcade18c35e9c91e98dfeddb2c1060489d505511d860d190b869467d6"
	    "2f547d4f1ff98a7f45824df4c87781fba214" },
	{ CKM_SHA3_256, "", "22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d",
	    "696e666f", "",
	    "f518e5dd7cc14e75b3f8001b3bf7c67fbc220e5a07f5bb27ae0c74a1cffdacf9"
	    "aeb20c6a571a9836864f6658c045c7df4653" },
};

static const struct known x963_sha3 = {
	CKM_SHA3_256, "", "22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d",
	"696e666f", "",
	"490b602aff45d3e844a7763989be3cf36e4c164b8c5d509c6b2103b7eede0615"
	"6c0b8cec84c0852f446e9561e0c56a78e66d"
};

enum kind { X963, CONCAT, A, E };

static CK_RV
derive(enum kind kind, const struct known *k, size_t len, struct buf *out)
{
	const struct hash *h = hash_by_mech(k->mech);
	struct buf s = hex(k->secret), u = hex(k->u), v = hex(k->v);
	CK_RV rv;

	if (kind == X963)
		rv = kdf_x963(h, buf_view(&s), buf_view(&u), len, out);
	else if (kind == CONCAT)
		rv = kdf_concat(h, buf_view(&s), buf_view(&u), len, out);
	else if (kind == A)
		rv = kdfa(h, buf_view(&s), k->label, buf_view(&u),
		    buf_view(&v), len, out);
	else
		rv = kdfe(h, buf_view(&s), k->label, buf_view(&u),
		    buf_view(&v), len, out);
	buf_free(&s);
	buf_free(&u);
	buf_free(&v);
	return rv;
}

static void
check(enum kind kind, const struct known *k)
{
	struct buf out = BUF_EMPTY;

	assert_int_equal(derive(kind, k, strlen(k->out) / 2, &out), CKR_OK);
	assert_hex(&out, k->out);
	buf_free(&out);
}

static void
x963_gives_nists_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(x963); i++)
		check(X963, &x963[i]);
}

static void
sha3_serves_as_well(void **state)
{
	(void)state;
	check(X963, &x963_sha3);
}

static void
concat_has_the_counter_first(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(concat); i++)
		check(CONCAT, &concat[i]);
}

/* The counter does not come round after 255 blocks. */
static void
a_long_key_does_not_repeat(void **state)
{
	struct buf out = BUF_EMPTY;
	size_t i;

	(void)state;
	assert_int_equal(derive(CONCAT, &concat[0], 300 * 32, &out), CKR_OK);
	for (i = 1; i < 300; i++)
		assert_memory_not_equal(out.data, out.data + i * 32, 32);
	buf_free(&out);
}

static void
kdfa_gives_the_reference_codes_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(a); i++)
		check(A, &a[i]);
}

static void
kdfe_gives_the_public_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(e); i++)
		check(E, &e[i]);
}

/* Not so for KDFa, whose input names the length. */
static void
a_shorter_key_is_the_front_of_a_longer_one(void **state)
{
	struct buf whole = hex(x963[1].out), out = BUF_EMPTY;
	size_t len;

	(void)state;
	for (len = 0; len <= whole.len; len++) {
		assert_int_equal(derive(X963, &x963[1], len, &out), CKR_OK);
		assert_view(buf_view(&out), view_of(whole.data, len));
	}
	assert_int_equal(derive(A, &a[1], 16, &out), CKR_OK);
	whole.len = 0;
	assert_int_equal(derive(A, &a[1], 20, &whole), CKR_OK);
	assert_memory_not_equal(out.data, whole.data, 16);
	buf_free(&whole);
	buf_free(&out);
}

static void
a_length_beyond_the_tpms_bits_is_refused(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(derive(A, &a[0], (size_t)UINT32_MAX / 8 + 1, &out),
	    CKR_KEY_SIZE_RANGE);
	assert_null(out.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x963_gives_nists_answers),
		cmocka_unit_test(sha3_serves_as_well),
		cmocka_unit_test(concat_has_the_counter_first),
		cmocka_unit_test(a_long_key_does_not_repeat),
		cmocka_unit_test(kdfa_gives_the_reference_codes_answers),
		cmocka_unit_test(kdfe_gives_the_public_answers),
		cmocka_unit_test(a_shorter_key_is_the_front_of_a_longer_one),
		cmocka_unit_test(a_length_beyond_the_tpms_bits_is_refused),
	};

	return RUN_CRYPTO(tests);
}
