/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mech_test.h"
#include "util/cryptoki_names.h"
#include "util/mem.h"

#include <cmocka.h>

/* What holds for every mechanism of the table. */

#define LIST_MAX 256
#define ROUNDS 8

static struct pair rsa, ec;

/* A mechanism ready to run: parameter, and how much input it takes. */
struct sample {
	CK_MECHANISM m;
	union {
		CK_RSA_PKCS_PSS_PARAMS pss;
		CK_RSA_PKCS_OAEP_PARAMS oaep;
		CK_MAC_GENERAL_PARAMS mac;
		CK_TLS_MAC_PARAMS tls;
	} param;
	CK_KEY_TYPE key;
	size_t min;
	size_t max;
};

static int
start(void **state)
{
	if (mech_test_start(state) != 0)
		return -1;
	pair_open(&rsa, EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048),
	    TPM_USE_SIGN | TPM_USE_DECRYPT);
	pair_open(&ec, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
	    TPM_USE_SIGN | TPM_USE_DECRYPT);
	return 0;
}

static int
stop(void **state)
{
	pair_free(&rsa);
	pair_free(&ec);
	return mech_test_stop(state);
}

static void
set(struct sample *s, CK_KEY_TYPE key, size_t min, size_t max)
{
	s->key = key;
	s->min = min;
	s->max = max;
}

static void
set_param(struct sample *s, size_t size)
{
	s->m.pParameter = &s->param;
	s->m.ulParameterLen = size;
}

static bool
sample_raw(struct sample *s)
{
	switch (s->m.mechanism) {
	case CKM_RSA_PKCS:
		set(s, CKK_RSA, 0, 256 - 11);
		return true;
	case CKM_RSA_X_509:
		set(s, CKK_RSA, 0, 255);
		return true;
	case CKM_RSA_PKCS_OAEP:
		set(s, CKK_RSA, 0, 256 - 2 - 64);
		s->param.oaep = (CK_RSA_PKCS_OAEP_PARAMS){ CKM_SHA256,
			CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0 };
		set_param(s, sizeof(s->param.oaep));
		return true;
	case CKM_RSA_PKCS_PSS:
		set(s, CKK_RSA, 48, 48);
		s->param.pss = (CK_RSA_PKCS_PSS_PARAMS){ CKM_SHA384,
			CKG_MGF1_SHA384, 48 };
		set_param(s, sizeof(s->param.pss));
		return true;
	case CKM_ECDSA:
		set(s, CKK_EC, 1, 128);
		return true;
	case CKM_TLS_MAC:
		set(s, CKK_GENERIC_SECRET, 1, 64);
		s->param.tls = (CK_TLS_MAC_PARAMS){ CKM_SHA256, 12, 2 };
		set_param(s, sizeof(s->param.tls));
		return true;
	default:
		return false;
	}
}

static void
sample_hashed(struct sample *s, const struct mech_hash *h)
{
	CK_MECHANISM_TYPE type = s->m.mechanism;

	if (type == h->digest)
		set(s, NONE, 0, 5000);
	if (type == h->rsa || type == h->pss)
		set(s, CKK_RSA, 0, 5000);
	if (type == h->ecdsa)
		set(s, CKK_EC, 0, 5000);
	if (type == h->hmac || type == h->hmac_general)
		set(s, CKK_GENERIC_SECRET, 0, 5000);
	if (type == h->pss) {
		s->param.pss = (CK_RSA_PKCS_PSS_PARAMS){ h->digest, h->mgf,
			20 };
		set_param(s, sizeof(s->param.pss));
	}
	if (type == h->hmac_general) {
		s->param.mac = 10;
		set_param(s, sizeof(s->param.mac));
	}
}

/* False for those that only make keys. */
static bool
sample_of(CK_MECHANISM_TYPE type, struct sample *s)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	s->m.mechanism = type;
	if (sample_raw(s))
		return true;
	for (i = 0; i < MECH_HASHES; i++)
		sample_hashed(s, &mech_hashes[i]);
	return s->max != 0;
}

static CK_FLAGS
flags_of(CK_MECHANISM_TYPE type)
{
	CK_MECHANISM_INFO info;

	mech_info(mech_find(type, &fake_tpm_caps), &fake_tpm_caps, &info);
	return info.flags;
}

/* A reference to the key that the sample needs for a use. */
static struct key *
key_for(const struct sample *s, enum mech_use use)
{
	const struct pair *p = s->key == CKK_RSA ? &rsa : &ec;
	bool private = use == MECH_SIGN || use == MECH_SIGN_RECOVER ||
	    use == MECH_DECRYPT;

	if (s->key == NONE)
		return NULL;
	if (s->key == CKK_GENERIC_SECRET)
		return secret_key(CKK_GENERIC_SECRET, view_str("secret"));
	return key_ref(private ? p->priv : p->pub);
}

/* One part, and then parts; the output's size is told before, without the
 * TPM, and is what comes. */
static void
run(const struct sample *s, enum mech_use use, struct view in, bool parts,
    struct buf *out)
{
	struct key *key = key_for(s, use);
	struct mech_op *op = NULL;
	CK_MECHANISM m = s->m;
	unsigned before = fake_tpm_commands;
	size_t want;
	bool exact;

	assert_int_equal(mech_start(use, &m, key, &fake_tpm_caps, &op),
	    CKR_OK);
	want = mech_output(op, in.len, true, &exact);
	assert_int_equal(mech_output(op, in.len, false, &exact), 0);
	assert_true(exact);
	assert_int_equal(mech_output(op, 0, true, &exact), want);
	mech_end(&op);
	assert_int_equal(fake_tpm_commands, before);

	assert_int_equal(parts ? run_parts(use, s->m, key, in, out) :
	    run_once(use, s->m, key, in, out), CKR_OK);
	if (exact)
		assert_int_equal(out->len, want);
	else
		assert_true(out->len <= want);
	key_unref(&key);
}

static void
parts_digest_alike(const struct sample *s, struct view in)
{
	struct buf one = BUF_EMPTY, many = BUF_EMPTY;

	run(s, MECH_DIGEST, in, false, &one);
	run(s, MECH_DIGEST, in, true, &many);
	assert_true(view_equal(buf_view(&one), buf_view(&many)));
	buf_free(&one);
	buf_free(&many);
}

/* Signed whole and verified in parts, and the other way round. */
static void
parts_sign_alike(const struct sample *s, struct view in)
{
	struct key *pub = key_for(s, MECH_VERIFY);
	struct buf sig = BUF_EMPTY;

	run(s, MECH_SIGN, in, false, &sig);
	assert_int_equal(verify_parts(s->m, pub, in, buf_view(&sig)), CKR_OK);
	run(s, MECH_SIGN, in, true, &sig);
	assert_int_equal(verify_once(s->m, pub, in, buf_view(&sig)), CKR_OK);
	sig.data[sig.len / 2] ^= 1;
	assert_int_equal(verify_once(s->m, pub, in, buf_view(&sig)),
	    CKR_SIGNATURE_INVALID);
	key_unref(&pub);
	buf_free(&sig);
}

/* X.509 gives all of the modulus back: what was put in stands at its end. */
static void
assert_ends_with(const struct buf *out, struct view in)
{
	struct view v = buf_view(out);

	assert_true(v.len >= in.len);
	assert_true(view_equal(view_sub(v, v.len - in.len, in.len), in));
	assert_true(view_is_zero(view_sub(v, 0, v.len - in.len)));
}

static void
parts_pass_alike(const struct sample *s, enum mech_use there,
    enum mech_use back, struct view in)
{
	struct buf mid = BUF_EMPTY, out = BUF_EMPTY;

	run(s, there, in, false, &mid);
	run(s, back, buf_view(&mid), true, &out);
	assert_ends_with(&out, in);
	run(s, there, in, true, &mid);
	run(s, back, buf_view(&mid), false, &out);
	assert_ends_with(&out, in);
	buf_free(&mid);
	buf_free(&out);
}

/* Tested in the same way, with keys near and far, in test_mech_a*.c. */
static bool
is_aes(CK_MECHANISM_TYPE type)
{
	return strncmp(ckm_name(type), "CKM_AES_", 8) == 0;
}

static void
many_parts_are_one_part(void **state)
{
	CK_MECHANISM_TYPE list[LIST_MAX];
	static uint8_t bytes[5001];
	size_t n = mech_list(&fake_tpm_caps, list), i, j, ran = 0, made = 0;

	(void)state;
	for (i = 0; i < n; i++) {
		CK_FLAGS flags = flags_of(list[i]);
		struct sample s;

		if (!sample_of(list[i], &s)) {
			assert_true(is_aes(list[i]) || (flags & (CKF_GENERATE |
			    CKF_GENERATE_KEY_PAIR | CKF_DERIVE |
			    CKF_WRAP)) != 0);
			made++;
			continue;
		}
		ran++;
		for (j = 0; j < ROUNDS; j++) {
			size_t len = s.min + random_below(s.max - s.min + 1);
			struct view in = { bytes, len };

			memcpy(bytes, random_bytes(len).data, len);
			if (flags & CKF_DIGEST)
				parts_digest_alike(&s, in);
			if (flags & CKF_SIGN)
				parts_sign_alike(&s, in);
			if (flags & CKF_ENCRYPT)
				parts_pass_alike(&s, MECH_ENCRYPT,
				    MECH_DECRYPT, in);
			if (flags & CKF_SIGN_RECOVER)
				parts_pass_alike(&s, MECH_SIGN_RECOVER,
				    MECH_VERIFY_RECOVER, in);
		}
	}
	assert_int_equal(ran, n - made);
}

static void
too_much_input_ends_the_operation(void **state)
{
	static const struct {
		enum mech_use use;
		size_t len;
		CK_RV rv;
	} cases[] = {
		{ MECH_SIGN, 256 - 10, CKR_DATA_LEN_RANGE },
		{ MECH_VERIFY, 256 - 10, CKR_DATA_LEN_RANGE },
		{ MECH_ENCRYPT, 256 - 10, CKR_DATA_LEN_RANGE },
		{ MECH_DECRYPT, 257, CKR_ENCRYPTED_DATA_LEN_RANGE },
		{ MECH_VERIFY_RECOVER, 257, CKR_SIGNATURE_LEN_RANGE },
	};
	struct buf out = BUF_EMPTY;
	struct sample s;
	size_t i;

	(void)state;
	assert_true(sample_of(CKM_RSA_PKCS, &s));
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct key *key = key_for(&s, cases[i].use);
		unsigned before = fake_tpm_commands;
		struct mech_op *op = NULL;

		assert_int_equal(mech_start(cases[i].use, &s.m, key,
		    &fake_tpm_caps, &op), CKR_OK);
		assert_int_equal(mech_update(op,
		    random_bytes(cases[i].len - 1), &out), CKR_OK);
		assert_int_equal(out.len, 0);
		assert_int_equal(mech_update(op, random_bytes(1), &out),
		    cases[i].rv);
		assert_int_equal(mech_update(op, VIEW_EMPTY, &out),
		    CKR_OPERATION_NOT_INITIALIZED);
		assert_int_equal(mech_finish(op, &out),
		    CKR_OPERATION_NOT_INITIALIZED);
		assert_int_equal(mech_verify(op, VIEW_EMPTY),
		    CKR_OPERATION_NOT_INITIALIZED);
		assert_int_equal(fake_tpm_commands, before);
		mech_end(&op);
		key_unref(&key);
	}
	buf_free(&out);
}

static void
one_command_a_private_operation_none_a_public(void **state)
{
	struct buf out = BUF_EMPTY;
	struct sample s;
	unsigned before;

	(void)state;
	assert_true(sample_of(CKM_SHA256_RSA_PKCS, &s));
	before = fake_tpm_commands;
	run(&s, MECH_SIGN, view_str("message"), true, &out);
	assert_int_equal(fake_tpm_commands, before + 1);
	assert_int_equal(verify_once(s.m, rsa.pub, view_str("message"),
	    buf_view(&out)), CKR_OK);
	assert_int_equal(fake_tpm_commands, before + 1);

	assert_true(sample_of(CKM_RSA_PKCS, &s));
	run(&s, MECH_ENCRYPT, view_str("message"), true, &out);
	assert_int_equal(fake_tpm_commands, before + 1);
	run(&s, MECH_DECRYPT, view_sub(buf_view(&out), 0, 256), false, &out);
	assert_int_equal(fake_tpm_commands, before + 2);
	buf_free(&out);
}

static void
other_states_than_digests_are_not_saved(void **state)
{
	struct mech_op *op = NULL, *copy = NULL;
	struct sample s;

	(void)state;
	assert_true(sample_of(CKM_SHA256_RSA_PKCS, &s));
	assert_int_equal(mech_start(MECH_SIGN, &s.m, rsa.priv,
	    &fake_tpm_caps, &op), CKR_OK);
	assert_int_equal(mech_op_type(op), CKM_SHA256_RSA_PKCS);
	assert_int_equal(mech_copy(op, &copy), CKR_STATE_UNSAVEABLE);
	mech_end(&op);
	mech_end(&op);
}

/* Every allocation on the way of every mechanism fails once. */
static void
without_memory_operations_fail_clean(void **state)
{
	static const CK_MECHANISM_TYPE types[] = { CKM_SHA256,
		CKM_SHA256_HMAC, CKM_SHA256_RSA_PKCS, CKM_RSA_PKCS_PSS,
		CKM_ECDSA_SHA256, CKM_RSA_X_509 };
	struct buf out = BUF_EMPTY;
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(types); i++) {
		struct sample s;
		enum mech_use use = i == 0 ? MECH_DIGEST : MECH_SIGN;
		struct key *key;
		CK_RV rv = CKR_HOST_MEMORY;

		assert_true(sample_of(types[i], &s));
		key = key_for(&s, use);
		for (n = 1; rv != CKR_OK; n++) {
			buf_free(&out);
			mem_fail_at(n);
			rv = run_once(use, s.m, key, random_bytes(48), &out);
			mem_fail_at(0);
			assert_true(rv == CKR_OK || rv == CKR_HOST_MEMORY);
			assert_int_equal(out.len > 0, rv == CKR_OK);
		}
		assert_true(n > 3);
		key_unref(&key);
	}
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_parts_are_one_part),
		cmocka_unit_test(too_much_input_ends_the_operation),
		cmocka_unit_test(one_command_a_private_operation_none_a_public),
		cmocka_unit_test(other_states_than_digests_are_not_saved),
		cmocka_unit_test(without_memory_operations_fail_clean),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
