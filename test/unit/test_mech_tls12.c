/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "mech_test.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

/* The derivations and the MAC of TLS 1.2 against OpenSSL's PRF. */

static CK_BYTE client[32], server[32], secret[48], hash_bytes[32];

static int
start(void **state)
{
	size_t i;

	for (i = 0; i < 48; i++) {
		secret[i] = (CK_BYTE)(3 + i);
		client[i % 32] = (CK_BYTE)(0x80 + i);
		server[i % 32] = (CK_BYTE)(0xc0 + i);
		hash_bytes[i % 32] = (CK_BYTE)(0x40 + i);
	}
	return start_crypto(state);
}

/* seed is in up to three parts. */
static struct buf
prf(const char *label, struct view a, struct view b, struct view c,
    size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	struct buf seed = BUF_EMPTY, out = BUF_EMPTY;
	char md[] = "SHA256";
	OSSL_PARAM params[4];

	assert_int_equal(buf_append(&seed, view_str(label)), CKR_OK);
	assert_int_equal(buf_append(&seed, a), CKR_OK);
	assert_int_equal(buf_append(&seed, b), CKR_OK);
	assert_int_equal(buf_append(&seed, c), CKR_OK);
	assert_int_equal(buf_resize(&out, len), CKR_OK);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
	    md, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET,
	    secret, sizeof(secret));
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED,
	    seed.data, seed.len);
	params[3] = OSSL_PARAM_construct_end();
	assert_int_equal(EVP_KDF_derive(ctx, out.data, len, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	buf_free(&seed);
	return out;
}

#define CLIENT ((struct view){ client, 32 })
#define SERVER ((struct view){ server, 32 })
#define RANDOMS { client, 32, server, 32 }

static CK_RV
derive(CK_MECHANISM m, size_t secret_len, bool far, CK_ULONG len,
    struct buf *out)
{
	struct view value = view_of(secret, secret_len);
	struct key *k = far ? tpm_secret_key(CKK_GENERIC_SECRET, value) :
	    secret_key(CKK_GENERIC_SECRET, value);
	struct attrs a = ATTRS_EMPTY;
	CK_RV rv;

	if (len != 0)
		assert_int_equal(attrs_set_ulong(&a, CKA_VALUE_LEN, len),
		    CKR_OK);
	rv = mech_derive_one(&m, k, &fake_tpm_caps, &a);
	assert_int_equal(rv == CKR_OK, attrs_has(&a, CKA_VALUE));
	assert_int_equal(buf_set(out, attrs_view(&a, CKA_VALUE)), CKR_OK);
	attrs_free(&a);
	key_unref(&k);
	return rv;
}

static void
master_secrets_are_openssls(void **state)
{
	CK_TLS12_MASTER_KEY_DERIVE_PARAMS p = { RANDOMS, NULL, CKM_SHA256 };
	CK_MECHANISM m = mech_param(CKM_TLS12_MASTER_KEY_DERIVE, &p,
	    sizeof(p));
	CK_VERSION version = { 0, 0 };
	struct buf out = BUF_EMPTY, want = prf("master secret", CLIENT,
	    SERVER, VIEW_EMPTY, 48);

	(void)state;
	p.pVersion = &version;
	assert_int_equal(derive(m, 48, false, 0, &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&want));
	assert_int_equal(derive(m, 48, false, 48, &out), CKR_OK);
	assert_int_equal(derive(m, 48, false, 32, &out),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(derive(m, 47, false, 0, &out), CKR_KEY_SIZE_RANGE);
	m.mechanism = CKM_TLS12_MASTER_KEY_DERIVE_DH;
	assert_int_equal(derive(m, 48, false, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.pVersion = NULL;
	assert_int_equal(derive(m, 48, false, 0, &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&want));
	assert_int_equal(derive(m, 31, false, 0, &out), CKR_OK);
	p.RandomInfo.ulServerRandomLen = 31;
	assert_int_equal(derive(m, 48, false, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.RandomInfo.ulServerRandomLen = 32;
	p.RandomInfo.pClientRandom = NULL;
	assert_int_equal(derive(m, 48, false, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.RandomInfo.pClientRandom = client;
	p.prfHashMechanism = CKM_TLS_PRF;
	assert_int_equal(derive(m, 48, false, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	buf_free(&out);
	buf_free(&want);
}

static void
extended_master_secrets_are_openssls(void **state)
{
	CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS p = { CKM_SHA256,
		hash_bytes, 32, NULL };
	CK_MECHANISM m = mech_param(CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, &p,
	    sizeof(p));
	struct buf out = BUF_EMPTY, want = prf("extended master secret",
	    view_of(hash_bytes, 32), VIEW_EMPTY, VIEW_EMPTY, 48);

	(void)state;
	assert_int_equal(derive(m, 48, false, 0, &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&want));
	m.mechanism = CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH;
	assert_int_equal(derive(m, 48, false, 0, &out), CKR_OK);
	assert_view(buf_view(&out), buf_view(&want));
	p.ulSessionHashLen = 0;
	assert_int_equal(derive(m, 48, false, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.ulSessionHashLen = 65;
	assert_int_equal(derive(m, 48, false, 0, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	buf_free(&out);
	buf_free(&want);
}

static void
exported_material_is_openssls(void **state)
{
	CK_BYTE label[] = "EXPORTER-test", context[] = "ctx";
	CK_TLS_KDF_PARAMS p = { CKM_SHA256, label, 13, RANDOMS, NULL, 0 };
	CK_MECHANISM m = mech_param(CKM_TLS12_KDF, &p, sizeof(p));
	struct buf out = BUF_EMPTY, want;
	CK_ULONG n;

	(void)state;
	for (n = 0; n < 3; n++) {
		want = prf("EXPORTER-test", CLIENT, SERVER,
		    n == 0 ? VIEW_EMPTY : n == 1 ? view_of("\0\0", 2) :
		    view_of("\0\3ctx", 5), 77);
		p.pContextData = n == 0 ? NULL : context;
		p.ulContextDataLength = n == 2 ? 3 : 0;
		m.mechanism = n == 1 ? CKM_TLS_KDF : CKM_TLS12_KDF;
		assert_int_equal(derive(m, 48, n == 2, 77, &out), CKR_OK);
		assert_view(buf_view(&out), buf_view(&want));
		buf_free(&want);
	}
	assert_int_equal(derive(m, 48, false, 0, &out),
	    CKR_TEMPLATE_INCOMPLETE);
	p.pContextData = NULL;
	assert_int_equal(derive(m, 48, false, 77, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	p.ulContextDataLength = 0;
	p.ulLabelLength = 0;
	assert_int_equal(derive(m, 48, false, 77, &out),
	    CKR_MECHANISM_PARAM_INVALID);
	buf_free(&out);
}

static void
finished_messages_are_openssls(void **state)
{
	CK_TLS_MAC_PARAMS p = { CKM_SHA256, 12, 1 };
	CK_MECHANISM m = mech_param(CKM_TLS_MAC, &p, sizeof(p));
	struct view in = view_of(hash_bytes, 32);
	struct key *near = secret_key(CKK_GENERIC_SECRET, view_of(secret,
	    48));
	struct key *far = tpm_secret_key(CKK_GENERIC_SECRET, view_of(secret,
	    48));
	struct buf out = BUF_EMPTY, want;

	(void)state;
	for (; p.ulServerOrClient <= 2; p.ulServerOrClient++) {
		want = prf(p.ulServerOrClient == 1 ? "server finished" :
		    "client finished", in, VIEW_EMPTY, VIEW_EMPTY, 12);
		assert_int_equal(run_once(MECH_SIGN, m, near, in, &out),
		    CKR_OK);
		assert_view(buf_view(&out), buf_view(&want));
		assert_int_equal(run_parts(MECH_SIGN, m, far, in, &out),
		    CKR_OK);
		assert_view(buf_view(&out), buf_view(&want));
		assert_int_equal(verify_parts(m, far, in, buf_view(&out)),
		    CKR_OK);
		out.data[11] ^= 1;
		assert_int_equal(verify_once(m, near, in, buf_view(&out)),
		    CKR_SIGNATURE_INVALID);
		assert_int_equal(verify_once(m, near, in,
		    view_sub(buf_view(&out), 0, 11)), CKR_SIGNATURE_LEN_RANGE);
		buf_free(&want);
	}
	assert_int_equal(try_start(MECH_SIGN, m, near),
	    CKR_MECHANISM_PARAM_INVALID);
	p.ulServerOrClient = 1;
	p.ulMacLength = 11;
	assert_int_equal(try_start(MECH_SIGN, m, near),
	    CKR_MECHANISM_PARAM_INVALID);
	key_unref(&near);
	key_unref(&far);
	buf_free(&out);
}

static struct mech_derivation d;
static struct attrs made[4];
static CK_SSL3_KEY_MAT_OUT material;
static CK_BYTE ivs[2][4];

/* Open, and derive all. */
static CK_RV
key_block(CK_TLS12_KEY_MAT_PARAMS *p, size_t secret_len)
{
	CK_MECHANISM m = mech_param(CKM_TLS12_KEY_AND_MAC_DERIVE, p,
	    sizeof(*p));
	const struct mech_product product = { .class = CKO_SECRET_KEY,
		.key_type = NONE };
	struct key *k = secret_key(CKK_GENERIC_SECRET, view_of(secret,
	    secret_len));
	CK_RV rv;
	size_t i;

	rv = mech_derivation_open(&m, k, &fake_tpm_caps, &product, &d);
	for (i = 0; rv == CKR_OK && i < d.product_count; i++)
		d.products[i].attrs = &made[i];
	if (rv == CKR_OK)
		rv = mech_derive(&d);
	key_unref(&k);
	return rv;
}

static void
drop(void)
{
	size_t i;

	mech_derivation_free(&d);
	memset(&d, 0, sizeof(d));
	for (i = 0; i < 4; i++)
		attrs_free(&made[i]);
}

#define KEY_BLOCK(mac, key, iv) { mac, key, iv, CK_FALSE, RANDOMS, \
	&material, CKM_SHA256 }

static void
the_key_block_is_cut_in_order(void **state)
{
	CK_TLS12_KEY_MAT_PARAMS p = KEY_BLOCK(160, 128, 32);
	const CK_OBJECT_HANDLE handles[] = { 11, 12, 13, 14 };
	struct buf want = prf("key expansion", SERVER, CLIENT, VIEW_EMPTY,
	    2 * (20 + 16 + 4));
	struct view all = buf_view(&want);

	(void)state;
	material.pIVClient = ivs[0];
	material.pIVServer = ivs[1];
	assert_int_equal(key_block(&p, 48), CKR_OK);
	assert_int_equal(d.product_count, 4);
	assert_view(attrs_view(&made[0], CKA_VALUE), view_sub(all, 0, 20));
	assert_view(attrs_view(&made[1], CKA_VALUE), view_sub(all, 20, 20));
	assert_view(attrs_view(&made[2], CKA_VALUE), view_sub(all, 40, 16));
	assert_view(attrs_view(&made[3], CKA_VALUE), view_sub(all, 56, 16));
	assert_true(view_is_zero(view_of(ivs, sizeof(ivs))));
	mech_derivation_tell(&d, handles);
	assert_int_equal(material.hClientMacSecret, 11);
	assert_int_equal(material.hServerMacSecret, 12);
	assert_int_equal(material.hClientKey, 13);
	assert_int_equal(material.hServerKey, 14);
	assert_memory_equal(ivs, all.data + 72, 8);
	drop();
	buf_free(&want);
}

/* As with AEAD ciphers. */
static void
what_has_no_size_is_not_made(void **state)
{
	CK_TLS12_KEY_MAT_PARAMS p = KEY_BLOCK(0, 256, 0);
	const CK_OBJECT_HANDLE handles[] = { 21, 22 };

	(void)state;
	memset(&material, 0, sizeof(material));
	assert_int_equal(key_block(&p, 48), CKR_OK);
	assert_int_equal(d.product_count, 2);
	mech_derivation_tell(&d, handles);
	assert_int_equal(material.hClientMacSecret, 0);
	assert_int_equal(material.hClientKey, 21);
	assert_int_equal(material.hServerKey, 22);
	drop();
}

static void
bad_key_blocks_are_refused(void **state)
{
	const CK_TLS12_KEY_MAT_PARAMS good = KEY_BLOCK(160, 128, 32);
	CK_TLS12_KEY_MAT_PARAMS p;
	unsigned i;

	(void)state;
	memset(&material, 0, sizeof(material));
	for (i = 0; i < 8; i++) {
		p = good;
		material.pIVClient = i == 0 ? NULL : ivs[0];
		material.pIVServer = i == 1 ? NULL : ivs[1];
		if (i == 2)
			p.bIsExport = CK_TRUE;
		if (i == 3)
			p.ulKeySizeInBits = 127;
		if (i == 4)
			p.ulMacSizeInBits = (CK_ULONG)-8;
		if (i == 5)
			p.ulMacSizeInBits = p.ulKeySizeInBits = 0;
		if (i == 6)
			p.pReturnedKeyMaterial = NULL;
		if (i == 7)
			p.prfHashMechanism = CKM_SHA256_HMAC;
		assert_int_equal(key_block(&p, 48),
		    CKR_MECHANISM_PARAM_INVALID);
		drop();
	}
	p = good;
	assert_int_equal(key_block(&p, 47), CKR_KEY_SIZE_RANGE);
	drop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(master_secrets_are_openssls),
		cmocka_unit_test(extended_master_secrets_are_openssls),
		cmocka_unit_test(exported_material_is_openssls),
		cmocka_unit_test(finished_messages_are_openssls),
		cmocka_unit_test(the_key_block_is_cut_in_order),
		cmocka_unit_test(what_has_no_size_is_not_made),
		cmocka_unit_test(bad_key_blocks_are_refused),
	};

	return cmocka_run_group_tests(tests, start, stop_crypto);
}
