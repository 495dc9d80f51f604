/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mech_test.h"

#include <cmocka.h>

/* RSA keys in software, of sizes that the TPM lacks; the TPM is a fake that
 * counts its commands. */

static struct tpm_caps allowed;		/* the fake TPM, and software keys */
static const struct mech_place place = { .caps = &allowed };

static int
start(void **state)
{
	allowed = fake_tpm_caps;
	allowed.software = true;
	return mech_test_start(state);
}

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

static void
rsa_of_a_size_that_the_tpm_lacks(void **state)
{
	unsigned before = fake_tpm_commands;
	struct buf out = BUF_EMPTY, clear = BUF_EMPTY;
	struct view in = view_str("message");
	struct making w = MAKING;
	struct key *priv, *pub;

	(void)state;
	assert_int_equal(attrs_set_ulong(&w.pub, CKA_MODULUS_BITS, 4096),
	    CKR_OK);
	assert_int_equal(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, &w), CKR_OK);
	assert_int_equal(w.blob.private_area.len, 0);
	assert_int_equal(attrs_view(&w.pub, CKA_MODULUS).len, 512);
	assert_false(attrs_has(&w.pub, CKA_PRIVATE_EXPONENT));
	priv = open_half(&w.priv, CKO_PRIVATE_KEY, CKK_RSA);
	pub = open_half(&w.pub, CKO_PUBLIC_KEY, CKK_RSA);
	assert_int_equal(run_once(MECH_SIGN, mech_plain(CKM_SHA256_RSA_PKCS),
	    priv, in, &out), CKR_OK);
	assert_int_equal(verify_once(mech_plain(CKM_SHA256_RSA_PKCS), pub, in,
	    buf_view(&out)), CKR_OK);
	assert_int_equal(run_once(MECH_ENCRYPT, mech_plain(CKM_RSA_PKCS), pub,
	    in, &out), CKR_OK);
	assert_int_equal(run_once(MECH_DECRYPT, mech_plain(CKM_RSA_PKCS),
	    priv, buf_view(&out), &clear), CKR_OK);
	assert_true(view_equal(buf_view(&clear), in));
	assert_int_equal(fake_tpm_commands, before);
	key_unref(&priv);
	key_unref(&pub);
	making_free(&w);
	buf_free(&out);
	buf_free(&clear);
}

/* What has the wrong padding gives a message all the same, always the same
 * one (rsa_pad.h); another for another ciphertext. */
static void
bad_padding_is_not_told_from_good(void **state)
{
	CK_MECHANISM m = mech_plain(CKM_RSA_PKCS);
	struct buf first = BUF_EMPTY, again = BUF_EMPTY;
	uint8_t in[384] = { 0 };
	struct making w = MAKING;
	struct key *priv;

	(void)state;
	allowed.rsa_bits[1] = 0;
	assert_int_equal(attrs_set_ulong(&w.pub, CKA_MODULUS_BITS, 3072),
	    CKR_OK);
	assert_int_equal(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, &w), CKR_OK);
	assert_int_equal(w.blob.private_area.len, 0);
	priv = open_half(&w.priv, CKO_PRIVATE_KEY, CKK_RSA);
	in[383] = 2;
	assert_int_equal(run_once(MECH_DECRYPT, m, priv,
	    view_of(in, sizeof(in)), &first), CKR_OK);
	assert_int_equal(run_once(MECH_DECRYPT, m, priv,
	    view_of(in, sizeof(in)), &again), CKR_OK);
	assert_true(view_equal(buf_view(&first), buf_view(&again)));
	allowed.rsa_bits[1] = 3072;
	key_unref(&priv);
	making_free(&w);
	buf_free(&first);
	buf_free(&again);
}

static void
what_the_tpm_has_is_made_there(void **state)
{
	static const CK_ULONG refused[] = { 1024, 2304, 5120, 8192 };
	struct making w = MAKING;
	size_t i;

	(void)state;
	assert_int_equal(attrs_set_ulong(&w.pub, CKA_MODULUS_BITS, 3072),
	    CKR_OK);
	assert_int_equal(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, &w), CKR_OK);
	assert_true(w.blob.private_area.len > 0);
	assert_false(attrs_has(&w.priv, CKA_PRIVATE_EXPONENT));
	making_free(&w);
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		assert_int_equal(attrs_set_ulong(&w.pub, CKA_MODULUS_BITS,
		    refused[i]), CKR_OK);
		assert_int_equal(generate(CKM_RSA_PKCS_KEY_PAIR_GEN, &w),
		    CKR_KEY_SIZE_RANGE);
	}
	making_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa_of_a_size_that_the_tpm_lacks),
		cmocka_unit_test(bad_padding_is_not_told_from_good),
		cmocka_unit_test(what_the_tpm_has_is_made_there),
	};

	return cmocka_run_group_tests(tests, start, mech_test_stop);
}
