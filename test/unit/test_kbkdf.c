/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/kbkdf.h"

/* NIST CAVP, KBKDF, CTRLOCATION=BEFORE_FIXED, RLEN=8_BITS, COUNT=0. */
#define CMAC_KI "dff1e50ac0b69dc40f1051d46c2b069c"
#define CMAC_FIXED "c16e6e02c5a3dcc8d78b9ac1306877761310455b4e41469951d9" \
	"e6c2245a064b33fd8c3b01203a7824485bf0a64060c4648b707d260793569931" \
	"6ea5"
#define CMAC_KO "8be8f0869b3c0ba97b71863d1b9f7813"
#define HMAC_KI "3edc6b5b8f7aadbd713732b482b8f979286e1ea3b8f8f99c30c884cf" \
	"e3349b83"
#define HMAC_FIXED "98e9988bb4cc8b34d7922e1c68ad692ba2a1d9ae15149571675f17" \
	"a77ad49e80c8d2a85e831a26445b1f0ff44d7084a17206b4896c8112daad18605a"
#define HMAC_KO "6c037652990674a07844732d0ad985f9"

static void
counter_mode_gives_nists_answers(void **state)
{
	struct buf ki = hex(CMAC_KI), fixed = hex(CMAC_FIXED), out = BUF_EMPTY;
	struct aes_key aes = { .value = buf_view(&ki) };
	struct prf prf = prf_cmac(&aes);
	struct kbkdf_part parts[] = {
		{ KBKDF_ITERATION, false, 8, VIEW_EMPTY },
		{ KBKDF_BYTES, false, 0, buf_view(&fixed) },
	};
	struct kbkdf k = { KBKDF_COUNTER, &prf, parts, 2, VIEW_EMPTY, 0 };

	(void)state;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_OK);
	assert_hex(&out, CMAC_KO);
	buf_free(&ki);
	buf_free(&fixed);
	ki = hex(HMAC_KI);
	fixed = hex(HMAC_FIXED);
	parts[1].bytes = buf_view(&fixed);
	prf = prf_hmac(hash_by_mech(CKM_SHA256), buf_view(&ki));
	assert_int_equal(kbkdf(&k, 16, &out), CKR_OK);
	assert_hex(&out, HMAC_KO);
	buf_free(&ki);
	buf_free(&fixed);
	buf_free(&out);
}

static uint8_t key_bytes[32];

static struct prf
sha256_prf(void)
{
	size_t i;

	for (i = 0; i < sizeof(key_bytes); i++)
		key_bytes[i] = (uint8_t)i;
	return prf_hmac(hash_by_mech(CKM_SHA256),
	    view_of(key_bytes, sizeof(key_bytes)));
}

#define REST { KBKDF_BYTES, false, 0, \
	{ (const uint8_t *)"label\0context", 13 } }

/* The last two by a few lines of Python after SP 800-108, 5.2 and 5.3. */
static void
feedback_puts_the_last_output_in(void **state)
{
	struct prf prf = sha256_prf();
	const struct kbkdf_part parts[] = {
		{ KBKDF_ITERATION, false, 0, VIEW_EMPTY },
		REST,
		{ KBKDF_COUNT, true, 24, VIEW_EMPTY },
	};
	struct kbkdf k = { KBKDF_FEEDBACK, &prf, parts, 3, view_str("iviv"),
	    0 };
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(kbkdf(&k, 100, &out), CKR_OK);
	assert_hex(&out, "a920d67408eb68603521b65f6a65e6d0"
	    "5840c101dcc2311a3a4059d21686a919"
	    "24f38f7fe707fd445ffba8408993fe06"
	    "ce566196881e76839f32989062f27922"
	    "65dc6fa68249d439c9aa2602f98ae3b1"
	    "e3a315feee7358f255711221422a10c1"
	    "74c6f6f3");
	buf_free(&out);
}

static void
pipeline_puts_a_chain_of_its_own_in(void **state)
{
	struct prf prf = sha256_prf();
	const struct kbkdf_part parts[] = {
		{ KBKDF_ITERATION, false, 0, VIEW_EMPTY },
		{ KBKDF_COUNT, false, 8, VIEW_EMPTY },
		REST,
		{ KBKDF_LENGTH, true, 16, VIEW_EMPTY },
	};
	struct kbkdf k = { KBKDF_PIPELINE, &prf, parts, 4, VIEW_EMPTY, 800 };
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(kbkdf(&k, 100, &out), CKR_OK);
	assert_hex(&out, "c780e8d842c741ce43b47107c6ce85fa"
	    "59d96a0c37a4590bf1670fe7d81bf8f6"
	    "88a8e6f63b926e39fc376de752a47f44"
	    "a97547b93f6821ad9dbc375e22321c22"
	    "e0e9dc1ac4072b39d933839a9ecf9338"
	    "9b958c480542646e2827d4ef80704c87"
	    "d36c9a71");
	buf_free(&out);
}

static void
a_list_that_is_none_is_refused(void **state)
{
	struct prf prf = sha256_prf();
	struct kbkdf_part parts[] = {
		{ KBKDF_ITERATION, false, 16, VIEW_EMPTY },
		{ KBKDF_LENGTH, false, 8, VIEW_EMPTY },
		REST,
	};
	struct kbkdf k = { KBKDF_COUNTER, &prf, parts, 3, VIEW_EMPTY, 255 };
	struct buf out = BUF_EMPTY;
	unsigned width;

	(void)state;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_OK);
	buf_free(&out);
	/* A length that its field does not hold. */
	k.bits = 256;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_MECHANISM_PARAM_INVALID);
	k.bits = 255;
	for (width = 0; width <= 72; width++) {
		CK_RV wanted = width >= 8 && width % 8 == 0 ? CKR_OK :
		    CKR_MECHANISM_PARAM_INVALID;

		parts[0].width = width;
		assert_int_equal(kbkdf(&k, 16, &out), width <= 32 ? wanted :
		    CKR_MECHANISM_PARAM_INVALID);
		buf_free(&out);
		parts[0].width = 32;
		parts[1].width = width;
		assert_int_equal(kbkdf(&k, 16, &out), width <= 64 ? wanted :
		    CKR_MECHANISM_PARAM_INVALID);
		buf_free(&out);
		parts[1].width = 8;
	}
	parts[2].kind = KBKDF_ITERATION;
	parts[2].width = 8;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_MECHANISM_PARAM_INVALID);
	parts[2].kind = KBKDF_LENGTH;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_MECHANISM_PARAM_INVALID);
	parts[2].kind = KBKDF_COUNT;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_MECHANISM_PARAM_INVALID);
	k.mode = KBKDF_FEEDBACK;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_OK);
	buf_free(&out);
	parts[1].kind = KBKDF_COUNT;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_MECHANISM_PARAM_INVALID);
	parts[0].kind = KBKDF_BYTES;
	k.count = 1;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_MECHANISM_PARAM_INVALID);
	k.count = 0;
	assert_int_equal(kbkdf(&k, 16, &out), CKR_MECHANISM_PARAM_INVALID);
	assert_null(out.data);
}

static void
the_counter_does_not_come_round(void **state)
{
	struct prf prf = sha256_prf();
	const struct kbkdf_part parts[] = {
		{ KBKDF_ITERATION, false, 8, VIEW_EMPTY },
	};
	struct kbkdf k = { KBKDF_COUNTER, &prf, parts, 1, VIEW_EMPTY, 0 };
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(kbkdf(&k, 255 * 32, &out), CKR_OK);
	assert_int_equal(kbkdf(&k, 255 * 32 + 1, &out), CKR_KEY_SIZE_RANGE);
	assert_int_equal(out.len, 255 * 32);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counter_mode_gives_nists_answers),
		cmocka_unit_test(feedback_puts_the_last_output_in),
		cmocka_unit_test(pipeline_puts_a_chain_of_its_own_in),
		cmocka_unit_test(a_list_that_is_none_is_refused),
		cmocka_unit_test(the_counter_does_not_come_round),
	};

	return RUN_CRYPTO(tests);
}
