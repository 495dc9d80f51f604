/* SPDX-License-Identifier: BSD-2-Clause */
#include "aes_key_test.h"

#include "crypto/ccm.h"
#include "crypto/cipher.h"
#include "crypto/cmac.h"
#include "crypto/gcm.h"
#include "crypto/hkdf.h"
#include "crypto/kbkdf.h"
#include "crypto/keywrap.h"
#include "crypto/pbkdf2.h"
#include "crypto/rsa_key.h"
#include "crypto/softkey.h"
#include "crypto/tls12.h"
#include "util/mem.h"

/*
 * Each allocation of our own fails once: the answer is CKR_HOST_MEMORY, out
 * is as it was, and the sanitizers find nothing left behind.
 */
static const uint8_t bytes[40];
#define BYTES(n) view_of(bytes, n)

static struct far_key far;
static struct aes_key near;

static CK_RV
run_gcm(struct buf *out)
{
	return gcm_seal(&far.key, BYTES(12), BYTES(3), BYTES(20), 16, out);
}

static CK_RV
run_gcm_near(struct buf *out)
{
	return gcm_seal(&near, BYTES(12), BYTES(3), BYTES(20), 16, out);
}

static CK_RV
run_gcm_open(struct buf *out)
{
	struct buf sealed = BUF_EMPTY;
	CK_RV rv = gcm_seal(&far.key, BYTES(12), BYTES(3), BYTES(20), 16,
	    &sealed);

	if (rv == CKR_OK)
		rv = gcm_open(&far.key, BYTES(12), BYTES(3),
		    buf_view(&sealed), 16, out);
	buf_free(&sealed);
	return rv;
}

static CK_RV
run_ccm(struct buf *out)
{
	struct ccm p = { &far.key, BYTES(12), BYTES(3), 16 };
	struct buf sealed = BUF_EMPTY;
	CK_RV rv = ccm_seal(&p, BYTES(20), &sealed);

	if (rv == CKR_OK)
		rv = ccm_open(&p, buf_view(&sealed), out);
	buf_free(&sealed);
	return rv;
}

static CK_RV
run_cmac(struct buf *out)
{
	struct view part = BYTES(20);
	uint8_t mac[CMAC_LEN];
	CK_RV rv = cmac_once(&far.key, &part, 1, mac);

	return rv == CKR_OK ? buf_set(out, view_of(mac, sizeof(mac))) : rv;
}

static CK_RV
run_cipher(struct buf *out)
{
	struct cipher_spec s = { CIPHER_CTS, false, BYTES(16), BYTES(16), 0 };
	struct cipher *c = NULL;
	struct buf piece = BUF_EMPTY;
	CK_RV rv;

	if ((rv = cipher_new(&s, &c)) == CKR_OK &&
	    (rv = cipher_update(c, BYTES(40), &piece)) == CKR_OK)
		rv = cipher_final(c, out);
	cipher_free(&c);
	buf_free(&piece);
	return rv;
}

static CK_RV
run_keywrap(struct buf *out)
{
	struct buf wrapped = BUF_EMPTY;
	CK_RV rv = keywrap(KEYWRAP_KWP, &far.key, VIEW_EMPTY, BYTES(20),
	    &wrapped);

	if (rv == CKR_OK)
		rv = keyunwrap(KEYWRAP_KWP, &far.key, VIEW_EMPTY,
		    buf_view(&wrapped), out);
	buf_free(&wrapped);
	return rv;
}

static CK_RV
run_keywrap_near(struct buf *out)
{
	return keywrap(KEYWRAP_PKCS7, &near, VIEW_EMPTY, BYTES(20), out);
}

static CK_RV
run_hkdf(struct buf *out)
{
	const struct hash *h = hash_by_mech(CKM_SHA256);
	struct buf key = BUF_EMPTY;
	struct prf prf;
	CK_RV rv = hkdf_extract(h, BYTES(4), BYTES(8), &key);

	prf = prf_hmac(h, buf_view(&key));
	if (rv == CKR_OK)
		rv = hkdf_expand(&prf, BYTES(4), 40, out);
	buf_free(&key);
	return rv;
}

static CK_RV
run_kbkdf(struct buf *out)
{
	struct prf prf = prf_cmac(&near);
	const struct kbkdf_part parts[] = {
		{ KBKDF_ITERATION, false, 0, VIEW_EMPTY },
		{ KBKDF_BYTES, false, 0, BYTES(4) },
	};
	struct kbkdf k = { KBKDF_PIPELINE, &prf, parts, 2, VIEW_EMPTY, 0 };

	return kbkdf(&k, 40, out);
}

static CK_RV
run_tls12(struct buf *out)
{
	struct prf prf = prf_hmac(hash_by_mech(CKM_SHA256), BYTES(8));

	return tls12_prf(&prf, BYTES(2), BYTES(4), BYTES(4), 40, out);
}

static CK_RV
run_pbkdf2(struct buf *out)
{
	return pbkdf2(hash_by_mech(CKM_SHA256), BYTES(4), BYTES(4), 2, 40,
	    out);
}

static CK_RV
run_softkey(struct buf *out)
{
	/* id-Ed25519 */
	const struct softkey_type *t = softkey_by_params(
	    view_of("\x06\x03\x2b\x65\x70", 5));
	struct buf der = BUF_EMPTY, public = BUF_EMPTY, s = BUF_EMPTY;
	struct softkey *k = NULL;
	CK_RV rv;

	if ((rv = softkey_generate(t, &der)) == CKR_OK &&
	    (rv = softkey_open(buf_view(&der), &k)) == CKR_OK &&
	    (rv = softkey_public(k, &public)) == CKR_OK &&
	    (rv = softkey_sign(k, BYTES(3), &s)) == CKR_OK &&
	    (rv = softkey_verify(t, buf_view(&public), BYTES(3),
	    buf_view(&s))) == CKR_OK)
		buf_move(out, &s);
	softkey_free(&k);
	buf_free(&der);
	buf_free(&public);
	buf_free(&s);
	return rv;
}

static struct buf rsa_der;

static CK_RV
run_rsa_key(struct buf *out)
{
	struct rsa_key *k = NULL;
	struct buf in = BUF_EMPTY;
	CK_RV rv;

	if ((rv = rsa_key_open(buf_view(&rsa_der), &k)) == CKR_OK &&
	    (rv = buf_resize(&in, 256)) == CKR_OK)
		rv = rsa_key_private(k, buf_view(&in), out);
	rsa_key_free(&k);
	buf_free(&in);
	return rv;
}

static void
any_allocation_may_fail(void **state)
{
	static CK_RV (*const runs[])(struct buf *) = {
		run_gcm, run_gcm_near, run_gcm_open, run_ccm, run_cmac,
		run_cipher, run_keywrap, run_keywrap_near, run_hkdf,
		run_kbkdf, run_tls12, run_pbkdf2, run_softkey, run_rsa_key
	};
	static const uint8_t f4[] = { 1, 0, 1 };
	size_t i, at;
	CK_RV rv;

	(void)state;
	near = near_key(BYTES(16));
	far_key_init(&far, BYTES(16));
	assert_int_equal(rsa_key_generate(2048, view_of(f4, 3), &rsa_der),
	    CKR_OK);
	for (i = 0; i < ARRAY_LEN(runs); i++) {
		for (at = 1, rv = CKR_HOST_MEMORY; rv != CKR_OK; at++) {
			struct buf out = BUF_EMPTY;

			mem_fail_at(at);
			rv = runs[i](&out);
			mem_fail_at(0);
			assert_true(rv == CKR_OK || rv == CKR_HOST_MEMORY);
			assert_true((rv == CKR_OK) == (out.data != NULL));
			buf_free(&out);
		}
		/* At least one did. */
		assert_true(at > 2);
	}
	buf_free(&rsa_der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_allocation_may_fail),
	};

	return RUN_CRYPTO(tests);
}
