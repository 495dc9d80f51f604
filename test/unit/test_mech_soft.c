/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/curve.h"
#include "mech_test.h"

#include <cmocka.h>

/* Software keys: what no TPM has, or this one has not. The TPM is a fake that
 * counts its commands. */

static struct tpm_caps allowed;		/* the fake TPM, and software keys */
static struct tpm_caps nothing;		/* a TPM without anything */
static const struct mech_place place = { .caps = &allowed };

#define ED25519 VIEW("\x06\x03\x2b\x65\x70")
#define ED448 VIEW("\x06\x03\x2b\x65\x71")
#define X25519 VIEW("\x06\x03\x2b\x65\x6e")
#define X448 VIEW("\x06\x03\x2b\x65\x6f")
#define P256 VIEW("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
#define VIEW(s) view_of(s, sizeof(s) - 1)

static int
start(void **state)
{
	allowed = fake_tpm_caps;
	allowed.software = true;
	nothing.software = true;
	return mech_test_start(state);
}

/* --- helpers */

struct making {
	struct attrs pub;
	struct attrs priv;
	struct tpm_blob blob;
};

#define MAKING ((struct making){ ATTRS_EMPTY, ATTRS_EMPTY, TPM_BLOB_EMPTY })

static void
making_free(struct making *w)
{
	attrs_free(&w->pub);
	attrs_free(&w->priv);
	tpm_blob_free(&w->blob);
}

static void
put(struct attrs *a, CK_ATTRIBUTE_TYPE type, struct view value)
{
	assert_int_equal(attrs_set(a, type, value), CKR_OK);
}

static CK_RV
generate(CK_MECHANISM_TYPE type, struct making *w)
{
	CK_MECHANISM m = mech_plain(type);

	return mech_generate_pair(&m, &place, &w->pub, &w->priv, &w->blob);
}

static struct key *
open_half(struct attrs *a, CK_OBJECT_CLASS class, CK_KEY_TYPE type)
{
	struct key *k = NULL;

	assert_int_equal(attrs_set_ulong(a, CKA_CLASS, class), CKR_OK);
	assert_int_equal(attrs_set_ulong(a, CKA_KEY_TYPE, type), CKR_OK);
	assert_int_equal(key_new(NULL, NULL, a, NULL, &k), CKR_OK);
	return k;
}

static struct buf
unhex(const char *text)
{
	struct buf b = BUF_EMPTY;

	assert_int_equal(hex_parse(view_str(text), &b), CKR_OK);
	return b;
}

/* One half from its bytes in hexadecimal. */
static struct key *
half(CK_OBJECT_CLASS class, CK_KEY_TYPE type, struct view params,
    const char *text)
{
	struct attrs a = ATTRS_EMPTY;
	struct buf value = unhex(text);
	struct key *k;

	put(&a, CKA_EC_PARAMS, params);
	put(&a, class == CKO_PRIVATE_KEY ? CKA_VALUE : CKA_EC_POINT,
	    buf_view(&value));
	k = open_half(&a, class, type);
	attrs_free(&a);
	buf_free(&value);
	return k;
}

static CK_RV
agree(struct key *k, struct view point, struct attrs *a)
{
	CK_ECDH1_DERIVE_PARAMS p = { CKD_NULL, 0, NULL, point.len,
		(CK_BYTE_PTR)(uintptr_t)point.data };
	CK_MECHANISM m = mech_param(CKM_ECDH1_DERIVE, &p, sizeof(p));

	return mech_derive_one(&m, k, &allowed, a);
}

/* --- known answers */

/* RFC 8032, 7.1 test 2 and 7.4 "blank" */
static const struct signing {
	struct view params;
	const char *seed, *public, *message, *signature;
} signing[] = {
	{ { (const uint8_t *)"\x06\x03\x2b\x65\x70", 5 },
	    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "72",
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
	},
	{ { (const uint8_t *)"\x06\x03\x2b\x65\x71", 5 },
	    "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3"
	    "528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
	    "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778"
	    "edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180", "",
	    "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f"
	    "2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a"
	    "9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db"
	    "b61149f05a7363268c71d95808ff2e652600" },
};

static void
seeds_give_the_rfcs_signatures(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_EDDSA);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(signing); i++) {
		const struct signing *s = &signing[i];
		struct key *priv = half(CKO_PRIVATE_KEY, CKK_EC_EDWARDS,
		    s->params, s->seed);
		struct key *pub = half(CKO_PUBLIC_KEY, CKK_EC_EDWARDS,
		    s->params, s->public);
		struct buf message = unhex(s->message), out = BUF_EMPTY;
		struct buf want = unhex(s->signature);
		struct view in = buf_view(&message);

		assert_int_equal(run_parts(MECH_SIGN, m, priv, in, &out),
		    CKR_OK);
		assert_true(view_equal(buf_view(&out), buf_view(&want)));
		assert_int_equal(verify_parts(m, pub, in, buf_view(&out)),
		    CKR_OK);
		out.data[7] ^= 1;
		assert_int_equal(verify_once(m, pub, in, buf_view(&out)),
		    CKR_SIGNATURE_INVALID);
		assert_int_equal(verify_once(m, pub, in,
		    view_sub(buf_view(&out), 0, out.len - 1)),
		    CKR_SIGNATURE_LEN_RANGE);
		key_unref(&priv);
		key_unref(&pub);
		buf_free(&message);
		buf_free(&out);
		buf_free(&want);
	}
}

/* RFC 7748, 6.1 and 6.2 */
static const struct agreeing {
	struct view params;
	const char *seed, *peer, *z;
} agreeing[] = {
	{ { (const uint8_t *)"\x06\x03\x2b\x65\x6e", 5 },
	    "77076d0a7318a57d3c16c17251b26645"
	    "df4c2f87ebc0992ab177fba51db92c2a",
	    "de9edb7d7b7dc1b4d35b61c2ece43537"
	    "3f8343c85b78674dadfc7e146f882b4f",
	    "4a5d9d5ba4ce2de1728e3bf480350f25"
	    "e07e21c947d19e3376f09b3c1e161742" },
	{ { (const uint8_t *)"\x06\x03\x2b\x65\x6f", 5 },
	    "9a8f4925d1519f5775cf46b04b5800d4"
	    "ee9ee8bae8bc5565d498c28dd9c9baf5"
	    "74a9419744897391006382a6f127ab1d9ac2d8c0a598726b",
	    "3eb7a829b0cd20f5bcfc0b599b6feccf"
	    "6da4627107bdb0d4f345b43027d8b972"
	    "fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
	    "07fff4181ac6cc95ec1c16a94a0f74d1"
	    "2da232ce40a77552281d282bb60c0b56"
	    "fd2464c335543936521c24403085d59a449a5037514a879d" },
};

static void
seeds_and_points_give_the_rfcs_secrets(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(agreeing); i++) {
		struct key *k = half(CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY,
		    agreeing[i].params, agreeing[i].seed);
		struct buf peer = unhex(agreeing[i].peer);
		struct buf want = unhex(agreeing[i].z), der = BUF_EMPTY;
		struct attrs a = ATTRS_EMPTY;

		assert_int_equal(agree(k, buf_view(&peer), &a), CKR_OK);
		assert_true(view_equal(attrs_view(&a, CKA_VALUE),
		    buf_view(&want)));
		/* in the OCTET STRING of 3.0 */
		attrs_free(&a);
		assert_int_equal(curve_point_der(buf_view(&peer), &der),
		    CKR_OK);
		assert_int_equal(agree(k, buf_view(&der), &a), CKR_OK);
		assert_true(view_equal(attrs_view(&a, CKA_VALUE),
		    buf_view(&want)));
		/* the trailing bytes, and no more than there are */
		attrs_free(&a);
		assert_int_equal(attrs_set_ulong(&a, CKA_VALUE_LEN, 16),
		    CKR_OK);
		assert_int_equal(agree(k, buf_view(&peer), &a), CKR_OK);
		assert_true(view_equal(attrs_view(&a, CKA_VALUE),
		    view_sub(buf_view(&want), want.len - 16, 16)));
		assert_int_equal(attrs_set_ulong(&a, CKA_VALUE_LEN,
		    want.len + 1), CKR_OK);
		assert_int_equal(agree(k, buf_view(&peer), &a),
		    CKR_KEY_SIZE_RANGE);
		key_unref(&k);
		attrs_free(&a);
		buf_free(&peer);
		buf_free(&want);
		buf_free(&der);
	}
}

static void
points_that_are_none_are_refused(void **state)
{
	static const uint8_t zeros[33];
	struct key *k = half(CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY, X25519,
	    agreeing[0].seed);
	struct attrs a = ATTRS_EMPTY;
	size_t len;

	(void)state;
	/* 32 zeros are of small order, the rest of the wrong length */
	for (len = 31; len <= 33; len++)
		assert_int_equal(agree(k, view_of(zeros, len), &a),
		    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(agree(k, VIEW_EMPTY, &a),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_false(attrs_has(&a, CKA_VALUE));
	key_unref(&k);
	attrs_free(&a);
}

/* --- generation */

static void
pairs_are_made_without_the_tpm(void **state)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		CK_KEY_TYPE key;
		struct view params;
		size_t len;
	} cases[] = {
		{ CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS,
		    { (const uint8_t *)"\x06\x03\x2b\x65\x70", 5 }, 32 },
		{ CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS,
		    { (const uint8_t *)"\x06\x03\x2b\x65\x71", 5 }, 57 },
		{ CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CKK_EC_MONTGOMERY,
		    { (const uint8_t *)"\x06\x03\x2b\x65\x6e", 5 }, 32 },
		{ CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CKK_EC_MONTGOMERY,
		    { (const uint8_t *)"\x06\x03\x2b\x65\x6f", 5 }, 56 },
	};
	unsigned before = fake_tpm_commands;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct making w = MAKING, other = MAKING;

		put(&w.pub, CKA_EC_PARAMS, cases[i].params);
		put(&other.pub, CKA_EC_PARAMS, cases[i].params);
		assert_int_equal(generate(cases[i].type, &w), CKR_OK);
		assert_int_equal(generate(cases[i].type, &other), CKR_OK);
		assert_int_equal(w.blob.private_area.len, 0);
		assert_int_equal(attrs_view(&w.priv, CKA_VALUE).len,
		    cases[i].len);
		assert_false(attrs_has(&w.pub, CKA_VALUE));
		/* DER OCTET STRING */
		assert_int_equal(attrs_view(&w.pub, CKA_EC_POINT).len,
		    2 + cases[i].len);
		assert_true(view_equal(attrs_view(&w.pub, CKA_EC_POINT),
		    attrs_view(&w.priv, CKA_EC_POINT)));
		assert_false(view_equal(attrs_view(&w.priv, CKA_VALUE),
		    attrs_view(&other.priv, CKA_VALUE)));
		making_free(&w);
		making_free(&other);
	}
	assert_int_equal(fake_tpm_commands, before);
}

static void
halves_belong_together(void **state)
{
	struct making w = MAKING, peer = MAKING;
	struct attrs z = ATTRS_EMPTY, again = ATTRS_EMPTY;
	struct buf out = BUF_EMPTY;
	struct key *priv, *pub;

	(void)state;
	put(&w.pub, CKA_EC_PARAMS, ED25519);
	assert_int_equal(generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, &w), CKR_OK);
	priv = open_half(&w.priv, CKO_PRIVATE_KEY, CKK_EC_EDWARDS);
	pub = open_half(&w.pub, CKO_PUBLIC_KEY, CKK_EC_EDWARDS);
	assert_int_equal(run_once(MECH_SIGN, mech_plain(CKM_EDDSA), priv,
	    view_str("message"), &out), CKR_OK);
	assert_int_equal(verify_once(mech_plain(CKM_EDDSA), pub,
	    view_str("message"), buf_view(&out)), CKR_OK);
	key_unref(&priv);
	key_unref(&pub);
	making_free(&w);
	put(&w.pub, CKA_EC_PARAMS, X448);
	put(&peer.pub, CKA_EC_PARAMS, X448);
	assert_int_equal(generate(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, &w), CKR_OK);
	assert_int_equal(generate(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, &peer),
	    CKR_OK);
	priv = open_half(&w.priv, CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY);
	pub = open_half(&peer.priv, CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY);
	assert_int_equal(agree(priv, attrs_view(&peer.pub, CKA_EC_POINT), &z),
	    CKR_OK);
	assert_int_equal(agree(pub, attrs_view(&w.pub, CKA_EC_POINT),
	    &again), CKR_OK);
	assert_true(view_equal(attrs_view(&z, CKA_VALUE),
	    attrs_view(&again, CKA_VALUE)));
	key_unref(&priv);
	key_unref(&pub);
	making_free(&w);
	making_free(&peer);
	attrs_free(&z);
	attrs_free(&again);
	buf_free(&out);
}

static void
templates_that_cannot_be_had_are_refused(void **state)
{
	struct making w = MAKING;

	(void)state;
	assert_int_equal(generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, &w),
	    CKR_TEMPLATE_INCOMPLETE);
	put(&w.pub, CKA_EC_PARAMS, P256);
	assert_int_equal(generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, &w),
	    CKR_CURVE_NOT_SUPPORTED);
	put(&w.pub, CKA_EC_PARAMS, X25519);
	assert_int_equal(attrs_set_ulong(&w.pub, CKA_KEY_TYPE,
	    CKK_EC_EDWARDS), CKR_OK);
	assert_int_equal(generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, &w),
	    CKR_CURVE_NOT_SUPPORTED);
	put(&w.pub, CKA_EC_PARAMS, ED25519);
	assert_int_equal(attrs_set_bool(&w.priv, CKA_PRIVATE, false), CKR_OK);
	assert_int_equal(generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, &w),
	    CKR_TEMPLATE_INCONSISTENT);
	attrs_free(&w.priv);
	assert_int_equal(attrs_set_bool(&w.priv, CKA_SENSITIVE, false),
	    CKR_OK);
	assert_int_equal(generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, &w),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_false(attrs_has(&w.priv, CKA_VALUE));
	making_free(&w);
}

/* --- what is listed */

static CK_MECHANISM_INFO
info(CK_MECHANISM_TYPE type, const struct tpm_caps *caps)
{
	CK_MECHANISM_INFO i;

	assert_non_null(mech_find(type, caps));
	mech_info(mech_find(type, caps), caps, &i);
	return i;
}

static void
denied_they_are_not_there(void **state)
{
	static const CK_MECHANISM_TYPE types[] = {
		CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EC_MONTGOMERY_KEY_PAIR_GEN,
		CKM_EDDSA
	};
	const struct mech_place denied = { .caps = &fake_tpm_caps };
	struct making w = MAKING;
	CK_MECHANISM m = mech_plain(CKM_RSA_PKCS_KEY_PAIR_GEN);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(types); i++) {
		assert_null(mech_find(types[i], &fake_tpm_caps));
		assert_non_null(mech_find(types[i], &allowed));
	}
	assert_int_equal(attrs_set_ulong(&w.pub, CKA_MODULUS_BITS, 4096),
	    CKR_OK);
	assert_int_equal(mech_generate_pair(&m, &denied, &w.pub, &w.priv,
	    &w.blob), CKR_KEY_SIZE_RANGE);
	assert_int_equal(info(CKM_RSA_PKCS, &fake_tpm_caps).ulMaxKeySize,
	    3072);
	assert_int_equal(info(CKM_ECDH1_DERIVE,
	    &fake_tpm_caps).ulMinKeySize, 256);
	making_free(&w);
}

static void
sizes_cover_them_and_none_is_hardware(void **state)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		const struct tpm_caps *caps;
		CK_ULONG min, max;
		bool hardware;
	} cases[] = {
		{ CKM_EC_EDWARDS_KEY_PAIR_GEN, &allowed, 255, 448, false },
		{ CKM_EC_MONTGOMERY_KEY_PAIR_GEN, &allowed, 255, 448, false },
		{ CKM_EDDSA, &allowed, 255, 448, false },
		{ CKM_ECDH1_DERIVE, &allowed, 255, 521, true },
		{ CKM_ECDSA, &allowed, 256, 521, true },
		{ CKM_RSA_PKCS_KEY_PAIR_GEN, &allowed, 2048, 4096, true },
		{ CKM_RSA_PKCS_PSS, &allowed, 2048, 4096, true },
		{ CKM_RSA_PKCS_KEY_PAIR_GEN, &nothing, 3072, 4096, false },
		{ CKM_RSA_PKCS_OAEP, &nothing, 3072, 4096, false },
		{ CKM_ECDH1_DERIVE, &nothing, 255, 448, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		CK_MECHANISM_INFO is = info(cases[i].type, cases[i].caps);

		assert_int_equal(is.ulMinKeySize, cases[i].min);
		assert_int_equal(is.ulMaxKeySize, cases[i].max);
		assert_int_equal((is.flags & CKF_HW) != 0, cases[i].hardware);
	}
	assert_null(mech_find(CKM_ECDSA, &nothing));
}

/* --- use */

static void
keys_serve_their_own_mechanisms(void **state)
{
	struct key *ed = half(CKO_PRIVATE_KEY, CKK_EC_EDWARDS, ED25519,
	    signing[0].seed);
	struct key *x = half(CKO_PRIVATE_KEY, CKK_EC_MONTGOMERY, X25519,
	    agreeing[0].seed);
	struct key *x_pub = half(CKO_PUBLIC_KEY, CKK_EC_MONTGOMERY, X25519,
	    agreeing[0].peer);
	CK_ECDH1_DERIVE_PARAMS p = { CKD_NULL, 0, NULL, 0, NULL };
	CK_MECHANISM kem = mech_param(CKM_ECDH1_DERIVE, &p, sizeof(p));
	struct buf peer = unhex(agreeing[0].peer);
	struct attrs a = ATTRS_EMPTY;
	size_t len;

	(void)state;
	assert_int_equal(try_start(MECH_SIGN, mech_plain(CKM_ECDSA), ed),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_start(MECH_SIGN, mech_plain(CKM_ECDSA), x),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(agree(ed, buf_view(&peer), &a),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(agree(x_pub, buf_view(&peer), &a),
	    CKR_KEY_TYPE_INCONSISTENT);
	/* the KEM is for the TPM's curves */
	assert_int_equal(mech_encapsulated_len(&kem, x_pub, NULL, &len),
	    CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(mech_decapsulate(&kem, x, NULL, buf_view(&peer), &a),
	    CKR_KEY_TYPE_INCONSISTENT);
	key_unref(&ed);
	key_unref(&x);
	key_unref(&x_pub);
	buf_free(&peer);
	attrs_free(&a);
}

static CK_RV
start_eddsa(struct key *k, void *p, size_t len)
{
	CK_MECHANISM m = mech_param(CKM_EDDSA, p, len);
	struct mech_op *op = NULL;
	CK_RV rv = mech_start(MECH_SIGN, &m, k, NULL, &op);

	mech_end(&op);
	return rv;
}

static void
eddsa_is_pure_and_without_context(void **state)
{
	CK_EDDSA_PARAMS p = { CK_FALSE, 0, NULL };
	struct key *ed25519 = half(CKO_PRIVATE_KEY, CKK_EC_EDWARDS, ED25519,
	    signing[0].seed);
	struct key *ed448 = half(CKO_PRIVATE_KEY, CKK_EC_EDWARDS, ED448,
	    signing[1].seed);
	CK_BYTE context[] = "c";

	(void)state;
	assert_int_equal(start_eddsa(ed25519, NULL, 0), CKR_OK);
	assert_int_equal(start_eddsa(ed448, NULL, 0), CKR_OK);
	assert_int_equal(start_eddsa(ed448, &p, sizeof(p)), CKR_OK);
	assert_int_equal(start_eddsa(ed25519, &p, sizeof(p)),
	    CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(start_eddsa(ed448, &p, sizeof(p) - 1),
	    CKR_MECHANISM_PARAM_INVALID);
	p.phFlag = CK_TRUE;
	assert_int_equal(start_eddsa(ed448, &p, sizeof(p)),
	    CKR_MECHANISM_PARAM_INVALID);
	p = (CK_EDDSA_PARAMS){ CK_FALSE, 1, context };
	assert_int_equal(start_eddsa(ed448, &p, sizeof(p)),
	    CKR_MECHANISM_PARAM_INVALID);
	key_unref(&ed25519);
	key_unref(&ed448);
}

static void
damaged_rows_are_no_keys(void **state)
{
	struct attrs a = ATTRS_EMPTY;
	struct key *k = NULL;

	(void)state;
	assert_int_equal(attrs_set_ulong(&a, CKA_CLASS, CKO_PRIVATE_KEY),
	    CKR_OK);
	assert_int_equal(attrs_set_ulong(&a, CKA_KEY_TYPE, CKK_EC_EDWARDS),
	    CKR_OK);
	assert_int_equal(key_new(NULL, NULL, &a, NULL, &k),
	    CKR_KEY_HANDLE_INVALID);
	put(&a, CKA_EC_PARAMS, X25519);		/* of the other key type */
	put(&a, CKA_VALUE, random_bytes(32));
	assert_int_equal(key_new(NULL, NULL, &a, NULL, &k),
	    CKR_KEY_HANDLE_INVALID);
	put(&a, CKA_EC_PARAMS, ED25519);
	put(&a, CKA_VALUE, random_bytes(31));
	assert_int_equal(key_new(NULL, NULL, &a, NULL, &k),
	    CKR_KEY_HANDLE_INVALID);
	/* a private RSA key without blob and numbers */
	assert_int_equal(attrs_set_ulong(&a, CKA_KEY_TYPE, CKK_RSA), CKR_OK);
	assert_int_equal(key_new(NULL, NULL, &a, NULL, &k),
	    CKR_KEY_HANDLE_INVALID);
	assert_null(k);
	attrs_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seeds_give_the_rfcs_signatures),
		cmocka_unit_test(seeds_and_points_give_the_rfcs_secrets),
		cmocka_unit_test(points_that_are_none_are_refused),
		cmocka_unit_test(pairs_are_made_without_the_tpm),
		cmocka_unit_test(halves_belong_together),
		cmocka_unit_test(templates_that_cannot_be_had_are_refused),
		cmocka_unit_test(denied_they_are_not_there),
		cmocka_unit_test(sizes_cover_them_and_none_is_hardware),
		cmocka_unit_test(keys_serve_their_own_mechanisms),
		cmocka_unit_test(eddsa_is_pure_and_without_context),
		cmocka_unit_test(damaged_rows_are_no_keys),
	};

	return cmocka_run_group_tests(tests, start, mech_test_stop);
}
