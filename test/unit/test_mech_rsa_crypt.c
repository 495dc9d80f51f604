/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>

#include "mech_test.h"

#include <cmocka.h>

/* RSA encryption, and RSA alone, against OpenSSL, in both directions. */

#define K 256

static struct pair rsa;

static int
start(void **state)
{
	if (mech_test_start(state) != 0)
		return -1;
	pair_open(&rsa, EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)8 * K),
	    TPM_USE_SIGN | TPM_USE_DECRYPT);
	return 0;
}

static int
stop(void **state)
{
	pair_free(&rsa);
	return mech_test_stop(state);
}

/* How OpenSSL shall do the same as a mechanism. */
struct scheme {
	int padding;
	const char *md;		/* of OAEP */
	const char *mgf;
	struct view label;
};

static void
apply(EVP_PKEY_CTX *ctx, const struct scheme *s)
{
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, s->padding), 1);
	if (s->padding == RSA_PKCS1_OAEP_PADDING) {
		assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, s->md,
		    NULL), 1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx,
		    s->mgf, NULL), 1);
		if (s->label.len > 0)
			assert_int_equal(EVP_PKEY_CTX_set0_rsa_oaep_label(ctx,
			    OPENSSL_memdup(s->label.data, s->label.len),
			    (int)s->label.len), 1);
	}
}

static struct view
openssl_crypt(const struct scheme *s, bool encrypt, struct view in)
{
	static unsigned char out[K];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa.pkey, NULL);
	size_t len = sizeof(out);

	assert_int_equal(encrypt ? EVP_PKEY_encrypt_init(ctx) :
	    EVP_PKEY_decrypt_init(ctx), 1);
	apply(ctx, s);
	assert_int_equal(encrypt ?
	    EVP_PKEY_encrypt(ctx, out, &len, in.data, in.len) :
	    EVP_PKEY_decrypt(ctx, out, &len, in.data, in.len), 1);
	EVP_PKEY_CTX_free(ctx);
	return view_of(out, len);
}

static void
encryption_agrees(CK_MECHANISM m, const struct scheme *s, size_t max)
{
	struct buf sealed = BUF_EMPTY, out = BUF_EMPTY;
	uint8_t bytes[K];
	struct view in = view_of(bytes, 1 + random_below(max));

	memcpy(bytes, random_bytes(in.len).data, in.len);
	assert_int_equal(run_parts(MECH_ENCRYPT, m, rsa.pub, in, &sealed),
	    CKR_OK);
	assert_int_equal(sealed.len, K);
	assert_true(view_equal(openssl_crypt(s, false, buf_view(&sealed)),
	    in));
	assert_int_equal(run_parts(MECH_DECRYPT, m, rsa.priv,
	    openssl_crypt(s, true, in), &out), CKR_OK);
	assert_true(view_equal(buf_view(&out), in));
	assert_int_equal(run_parts(MECH_ENCRYPT, m, rsa.pub,
	    random_bytes(max + 1), &sealed), CKR_DATA_LEN_RANGE);
	assert_int_equal(run_parts(MECH_DECRYPT, m, rsa.priv,
	    random_bytes(K - 1), &out), CKR_ENCRYPTED_DATA_LEN_RANGE);
	assert_int_equal(run_parts(MECH_DECRYPT, m, rsa.priv,
	    random_bytes(K + 1), &out), CKR_ENCRYPTED_DATA_LEN_RANGE);
	memset(bytes, 0xff, K);
	assert_int_equal(run_parts(MECH_DECRYPT, m, rsa.priv,
	    view_of(bytes, K), &out), CKR_ENCRYPTED_DATA_INVALID);
	buf_free(&sealed);
	buf_free(&out);
}

static void
pkcs_encryption_is_openssls(void **state)
{
	struct scheme s = { .padding = RSA_PKCS1_PADDING };
	size_t i;

	(void)state;
	for (i = 0; i < 10; i++)
		encryption_agrees(mech_plain(CKM_RSA_PKCS), &s, K - 11);
}

static void
oaep_with_every_hash_mgf_and_label_is_openssls(void **state)
{
	static const size_t label_lens[] = { 0, 1, 32, 300 };
	struct scheme s = { .padding = RSA_PKCS1_OAEP_PADDING };
	CK_RSA_PKCS_OAEP_PARAMS p;
	uint8_t label[300];
	size_t i, j;

	(void)state;
	memcpy(label, random_bytes(sizeof(label)).data, sizeof(label));
	for (i = 0; i < MECH_HASHES; i++) {
		for (j = 0; j < MECH_HASHES; j++) {
			if (mech_hashes[j].mgf == NONE)
				continue;
			s.md = mech_hashes[i].name;
			s.mgf = mech_hashes[j].name;
			s.label = view_of(label, label_lens[j % 4]);
			p.hashAlg = mech_hashes[i].digest;
			p.mgf = mech_hashes[j].mgf;
			p.source = CKZ_DATA_SPECIFIED;
			p.pSourceData = label;
			p.ulSourceDataLen = s.label.len;
			encryption_agrees(mech_param(CKM_RSA_PKCS_OAEP, &p,
			    sizeof(p)), &s, K - 2 -
			    2 * hash_by_mech(p.hashAlg)->size);
		}
	}
}

static void
oaep_label_is_copied_at_the_start(void **state)
{
	char label[] = "label";
	CK_RSA_PKCS_OAEP_PARAMS p = { CKM_SHA256, CKG_MGF1_SHA256,
		CKZ_DATA_SPECIFIED, label, 5 };
	CK_MECHANISM m = mech_param(CKM_RSA_PKCS_OAEP, &p, sizeof(p));
	struct mech_op *op = NULL;
	struct buf sealed = BUF_EMPTY, out = BUF_EMPTY;

	(void)state;
	assert_int_equal(run_once(MECH_ENCRYPT, m, rsa.pub, view_str("data"),
	    &sealed), CKR_OK);
	assert_int_equal(mech_start(MECH_DECRYPT, &m, rsa.priv,
	    &fake_tpm_caps, &op), CKR_OK);
	memset(label, 'x', sizeof(label));
	memset(&p, 0xff, sizeof(p));
	assert_int_equal(mech_update(op, buf_view(&sealed), &out), CKR_OK);
	assert_int_equal(mech_finish(op, &out), CKR_OK);
	assert_true(view_equal(buf_view(&out), view_str("data")));
	mech_end(&op);
	buf_free(&sealed);
	buf_free(&out);
}

static void
oaep_refusals_have_one_code(void **state)
{
	CK_RSA_PKCS_OAEP_PARAMS p = { CKM_SHA256, CKG_MGF1_SHA256,
		CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_MECHANISM m = mech_param(CKM_RSA_PKCS_OAEP, &p, sizeof(p));
	char label[] = "another";
	struct buf sealed = BUF_EMPTY, out = BUF_EMPTY;

	(void)state;
	assert_int_equal(run_once(MECH_ENCRYPT, m, rsa.pub, view_str("data"),
	    &sealed), CKR_OK);
	sealed.data[K - 1] ^= 1;
	assert_int_equal(run_once(MECH_DECRYPT, m, rsa.priv,
	    buf_view(&sealed), &out), CKR_ENCRYPTED_DATA_INVALID);
	sealed.data[K - 1] ^= 1;
	p.pSourceData = label;
	p.ulSourceDataLen = 7;
	assert_int_equal(run_once(MECH_DECRYPT, m, rsa.priv,
	    buf_view(&sealed), &out), CKR_ENCRYPTED_DATA_INVALID);
	buf_free(&sealed);
	buf_free(&out);
}

static void
bad_oaep_parameters_are_refused(void **state)
{
	static char label[] = "label";
	static const CK_RSA_PKCS_OAEP_PARAMS bad[] = {
		{ CKM_RSA_PKCS, CKG_MGF1_SHA256, 1, NULL, 0 },
		{ CKM_SHA256, 0, 1, NULL, 0 },
		{ CKM_SHA256, 0x77, 1, NULL, 0 },
		{ CKM_SHA256, CKG_MGF1_SHA256, 2, NULL, 0 },
		{ CKM_SHA256, CKG_MGF1_SHA256, 0, label, 5 },
		{ CKM_SHA256, CKG_MGF1_SHA256, 1, NULL, 5 },
	};
	CK_RSA_PKCS_OAEP_PARAMS p;
	CK_MECHANISM m = mech_param(CKM_RSA_PKCS_OAEP, &p, sizeof(p));
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		p = bad[i];
		assert_int_equal(try_start(MECH_ENCRYPT, m, rsa.pub),
		    CKR_MECHANISM_PARAM_INVALID);
	}
	p = (CK_RSA_PKCS_OAEP_PARAMS){ CKM_SHA256, CKG_MGF1_SHA256, 0, NULL,
		0 };
	assert_int_equal(try_start(MECH_ENCRYPT, m, rsa.pub), CKR_OK);
	m.ulParameterLen--;
	assert_int_equal(try_start(MECH_ENCRYPT, m, rsa.pub),
	    CKR_MECHANISM_PARAM_INVALID);
}

/* A message of 1 to k - 11 bytes or none, the same each time, whatever the
 * padding was. */
static void
bad_pkcs_padding_is_not_told(void **state)
{
	struct scheme none = { .padding = RSA_NO_PADDING };
	CK_MECHANISM m = mech_plain(CKM_RSA_PKCS);
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;
	uint8_t em[K], sealed[K];
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++) {
		memcpy(em, random_bytes(K).data, K);
		em[0] = 0;
		em[1] = (uint8_t)(i % 4);
		memcpy(sealed, openssl_crypt(&none, true,
		    view_of(em, K)).data, K);
		assert_int_equal(run_once(MECH_DECRYPT, m, rsa.priv,
		    view_of(sealed, K), &first), CKR_OK);
		assert_int_equal(run_once(MECH_DECRYPT, m, rsa.priv,
		    view_of(sealed, K), &second), CKR_OK);
		assert_true(first.len <= K - 11);
		assert_true(view_equal(buf_view(&first), buf_view(&second)));
	}
	buf_free(&first);
	buf_free(&second);
}

static void
x509_is_rsa_alone(void **state)
{
	struct scheme s = { .padding = RSA_NO_PADDING };
	CK_MECHANISM m = mech_plain(CKM_RSA_X_509);
	struct buf out = BUF_EMPTY, back = BUF_EMPTY;
	uint8_t full[K];
	size_t lens[] = { 0, 1, 100, K - 1 }, i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(lens); i++) {
		struct view in = { full + K - lens[i], lens[i] };

		memset(full, 0, K);
		memcpy(full + K - lens[i], random_bytes(lens[i]).data,
		    lens[i]);
		assert_int_equal(run_parts(MECH_SIGN, m, rsa.priv, in, &out),
		    CKR_OK);
		assert_true(view_equal(openssl_crypt(&s, true,
		    buf_view(&out)), view_of(full, K)));
		assert_int_equal(verify_parts(m, rsa.pub, in,
		    buf_view(&out)), CKR_OK);
		assert_int_equal(verify_parts(m, rsa.pub, view_of(full, K),
		    buf_view(&out)), CKR_OK);
		assert_int_equal(run_parts(MECH_VERIFY_RECOVER, m, rsa.pub,
		    buf_view(&out), &back), CKR_OK);
		assert_true(view_equal(buf_view(&back), view_of(full, K)));
		assert_int_equal(run_parts(MECH_ENCRYPT, m, rsa.pub, in,
		    &out), CKR_OK);
		assert_int_equal(run_parts(MECH_DECRYPT, m, rsa.priv,
		    buf_view(&out), &back), CKR_OK);
		assert_true(view_equal(buf_view(&back), view_of(full, K)));
	}
	memset(full, 0xff, K);
	assert_int_equal(run_once(MECH_SIGN, m, rsa.priv, view_of(full, K),
	    &out), CKR_DATA_INVALID);
	assert_int_equal(run_once(MECH_ENCRYPT, m, rsa.pub, view_of(full, K),
	    &out), CKR_DATA_INVALID);
	assert_int_equal(run_once(MECH_SIGN, m, rsa.priv,
	    random_bytes(K + 1), &out), CKR_DATA_LEN_RANGE);
	buf_free(&out);
	buf_free(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pkcs_encryption_is_openssls),
		cmocka_unit_test(
		    oaep_with_every_hash_mgf_and_label_is_openssls),
		cmocka_unit_test(oaep_label_is_copied_at_the_start),
		cmocka_unit_test(oaep_refusals_have_one_code),
		cmocka_unit_test(bad_oaep_parameters_are_refused),
		cmocka_unit_test(bad_pkcs_padding_is_not_told),
		cmocka_unit_test(x509_is_rsa_alone),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
