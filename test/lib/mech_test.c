/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech_test.h"

#include <assert.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "crypto/crypto.h"

#define ROW(name, h, hash) \
	{ name, CKM_##h, CKM_##hash##_RSA_PKCS, CKM_##hash##_RSA_PKCS_PSS, \
	    CKM_ECDSA_##hash, CKM_##h##_HMAC, CKM_##h##_HMAC_GENERAL, \
	    CKK_##h##_HMAC, CKG_MGF1_##hash, CKD_##hash##_KDF, \
	    CKD_##hash##_KDF_SP800 }
#define ROW_BARE(name, h) \
	{ name, CKM_##h, NONE, NONE, NONE, CKM_##h##_HMAC, \
	    CKM_##h##_HMAC_GENERAL, CKK_##h##_HMAC, NONE, NONE, NONE }

const struct mech_hash mech_hashes[MECH_HASHES] = {
	ROW("SHA1", SHA_1, SHA1),
	ROW("SHA224", SHA224, SHA224),
	ROW("SHA256", SHA256, SHA256),
	ROW("SHA384", SHA384, SHA384),
	ROW("SHA512", SHA512, SHA512),
	ROW("SHA3-224", SHA3_224, SHA3_224),
	ROW("SHA3-256", SHA3_256, SHA3_256),
	ROW("SHA3-384", SHA3_384, SHA3_384),
	ROW("SHA3-512", SHA3_512, SHA3_512),
	ROW_BARE("SHA512-224", SHA512_224),
	ROW_BARE("SHA512-256", SHA512_256),
};

int
mech_test_start(void **state)
{
	(void)state;
	return crypto_start() == CKR_OK ? 0 : -1;
}

int
mech_test_stop(void **state)
{
	(void)state;
	crypto_stop();
	return 0;
}

static void
set(struct attrs *a, CK_ATTRIBUTE_TYPE type, struct view value)
{
	CK_RV rv = attrs_set(a, type, value);

	assert(rv == CKR_OK);
}

static void
set_number(struct attrs *a, CK_ATTRIBUTE_TYPE type, const EVP_PKEY *pkey,
    const char *name)
{
	unsigned char bytes[512];
	BIGNUM *n = NULL;
	int len;

	assert(EVP_PKEY_get_bn_param(pkey, name, &n) == 1);
	len = BN_bn2bin(n, bytes);
	set(a, type, view_of(bytes, (size_t)len));
	BN_free(n);
}

static void
set_ec(struct attrs *a, EVP_PKEY *pkey)
{
	unsigned char *params = NULL, *point = NULL;
	size_t len;
	int params_len = i2d_KeyParams(pkey, &params);

	assert(params_len > 0);
	len = EVP_PKEY_get1_encoded_public_key(pkey, &point);
	set(a, CKA_EC_PARAMS, view_of(params, (size_t)params_len));
	/* raw: curve_point takes both, and the wrapped form is tested
	 * where the pair is generated */
	set(a, CKA_EC_POINT, view_of(point, len));
	OPENSSL_free(params);
	OPENSSL_free(point);
}

static struct key *
half(EVP_PKEY *pkey, CK_OBJECT_CLASS class, const struct tpm_blob *blob)
{
	struct attrs a = ATTRS_EMPTY;
	struct key *k = NULL;
	CK_KEY_TYPE type = EVP_PKEY_is_a(pkey, "RSA") ? CKK_RSA : CKK_EC;
	CK_RV rv;

	set(&a, CKA_CLASS, view_of(&class, sizeof(class)));
	set(&a, CKA_KEY_TYPE, view_of(&type, sizeof(type)));
	if (type == CKK_RSA) {
		set_number(&a, CKA_MODULUS, pkey, OSSL_PKEY_PARAM_RSA_N);
		set_number(&a, CKA_PUBLIC_EXPONENT, pkey,
		    OSSL_PKEY_PARAM_RSA_E);
	} else {
		set_ec(&a, pkey);
	}
	rv = key_new(NULL, NULL, &a, blob, &k);
	assert(rv == CKR_OK);
	attrs_free(&a);
	return k;
}

void
pair_open(struct pair *p, EVP_PKEY *pkey, unsigned use)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(pkey, &der);
	CK_RV rv;

	assert(len > 0);
	rv = fake_tpm_import(view_of(der, (size_t)len), use, &blob);
	assert(rv == CKR_OK);
	p->pkey = pkey;
	p->pub = half(pkey, CKO_PUBLIC_KEY, NULL);
	p->priv = half(pkey, CKO_PRIVATE_KEY, &blob);
	OPENSSL_free(der);
	tpm_blob_free(&blob);
}

void
pair_free(struct pair *p)
{
	key_unref(&p->pub);
	key_unref(&p->priv);
	EVP_PKEY_free(p->pkey);
	p->pkey = NULL;
}

static struct key *
make_secret(CK_KEY_TYPE type, struct view value, const struct tpm_blob *blob)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	struct attrs a = ATTRS_EMPTY;
	struct key *k = NULL;
	CK_RV rv;

	set(&a, CKA_CLASS, view_of(&class, sizeof(class)));
	set(&a, CKA_KEY_TYPE, view_of(&type, sizeof(type)));
	if (blob == NULL)
		set(&a, CKA_VALUE, value);
	rv = key_new(NULL, NULL, &a, blob, &k);
	assert(rv == CKR_OK);
	attrs_free(&a);
	return k;
}

struct key *
tpm_aes_key(struct view value, unsigned use)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_AES;
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct attrs a = ATTRS_EMPTY;
	struct key *k = NULL;
	CK_RV rv;

	set(&a, CKA_CLASS, view_of(&class, sizeof(class)));
	set(&a, CKA_KEY_TYPE, view_of(&type, sizeof(type)));
	rv = fake_tpm_import_aes(value, use, &blob);
	assert(rv == CKR_OK);
	rv = key_new(NULL, NULL, &a, &blob, &k);
	assert(rv == CKR_OK);
	attrs_free(&a);
	tpm_blob_free(&blob);
	return k;
}

struct key *
secret_key(CK_KEY_TYPE type, struct view value)
{
	return make_secret(type, value, NULL);
}

struct key *
tpm_secret_key(CK_KEY_TYPE type, struct view value)
{
	struct tpm_blob blob = TPM_BLOB_EMPTY;
	struct key *k;
	CK_RV rv = fake_tpm_secret(value, &blob);

	assert(rv == CKR_OK);
	k = make_secret(type, value, &blob);
	tpm_blob_free(&blob);
	return k;
}

CK_RV
mech_derive_one(const CK_MECHANISM *m, struct key *base,
    const struct tpm_caps *caps, struct attrs *a)
{
	CK_OBJECT_HANDLE handle;
	const struct mech_product product = {
		.class = CKO_SECRET_KEY,
		.key_type = NONE,
		.handle = &handle
	};
	struct mech_derivation d = { .call = NULL };
	CK_RV rv;

	if ((rv = mech_derivation_open(m, base, caps, &product, &d)) ==
	    CKR_OK) {
		d.products[0].attrs = a;
		rv = mech_derive(&d);
	}
	mech_derivation_free(&d);
	return rv;
}

CK_MECHANISM
mech_param(CK_MECHANISM_TYPE type, void *p, size_t len)
{
	CK_MECHANISM m;

	memset(&m, 0, sizeof(m));
	m.mechanism = type;
	m.pParameter = p;
	m.ulParameterLen = len;
	return m;
}

CK_MECHANISM
mech_plain(CK_MECHANISM_TYPE type)
{
	return mech_param(type, NULL, 0);
}

/* Feed in, in parts of at most max bytes each (0: all at once). */
static CK_RV
feed(struct mech_op *op, struct view in, bool parts, struct buf *out)
{
	struct buf piece = BUF_EMPTY;
	size_t off = 0, n;
	CK_RV rv;

	do {
		n = parts ? random_below(in.len - off + 1) : in.len;
		if ((rv = mech_update(op, view_sub(in, off, n),
		    &piece)) != CKR_OK ||
		    (rv = buf_append(out, buf_view(&piece))) != CKR_OK)
			goto out;
		off += n;
	} while (off < in.len);
out:
	buf_free(&piece);
	return rv;
}

static CK_RV
run(enum mech_use use, CK_MECHANISM m, struct key *key, struct view in,
    bool parts, struct buf *out)
{
	struct mech_op *op = NULL;
	struct buf all = BUF_EMPTY;
	struct buf last = BUF_EMPTY;
	CK_RV rv;

	if ((rv = mech_start(use, &m, key, NULL, &op)) != CKR_OK ||
	    (rv = feed(op, in, parts, &all)) != CKR_OK ||
	    (rv = mech_finish(op, &last)) != CKR_OK ||
	    (rv = buf_append(&all, buf_view(&last))) != CKR_OK)
		goto out;
	buf_move(out, &all);
out:
	mech_end(&op);
	buf_free(&last);
	buf_free(&all);
	return rv;
}

CK_RV
run_once(enum mech_use use, CK_MECHANISM m, struct key *key, struct view in,
    struct buf *out)
{
	return run(use, m, key, in, false, out);
}

CK_RV
run_parts(enum mech_use use, CK_MECHANISM m, struct key *key,
    struct view in, struct buf *out)
{
	return run(use, m, key, in, true, out);
}

static CK_RV
verify(CK_MECHANISM m, struct key *key, struct view in,
    struct view signature, bool parts)
{
	struct mech_op *op = NULL;
	struct buf none = BUF_EMPTY;
	CK_RV rv;

	if ((rv = mech_start(MECH_VERIFY, &m, key, NULL, &op)) != CKR_OK ||
	    (rv = feed(op, in, parts, &none)) != CKR_OK)
		goto out;
	rv = mech_verify(op, signature);
out:
	mech_end(&op);
	buf_free(&none);
	return rv;
}

CK_RV
verify_once(CK_MECHANISM m, struct key *key, struct view in,
    struct view signature)
{
	return verify(m, key, in, signature, false);
}

CK_RV
verify_parts(CK_MECHANISM m, struct key *key, struct view in,
    struct view signature)
{
	return verify(m, key, in, signature, true);
}

CK_RV
try_start(enum mech_use use, CK_MECHANISM m, struct key *key)
{
	unsigned before = fake_tpm_commands;
	struct mech_op *op = NULL;
	CK_RV rv = mech_start(use, &m, key, NULL, &op);

	assert((rv == CKR_OK) == (op != NULL));
	assert(fake_tpm_commands == before);
	mech_end(&op);
	return rv;
}

struct view
random_bytes(size_t len)
{
	static uint8_t bytes[8192];

	assert(len <= sizeof(bytes));
	RAND_bytes(bytes, (int)len);
	return (struct view){ bytes, len };
}

size_t
random_below(size_t n)
{
	uint32_t r;

	RAND_bytes((unsigned char *)&r, sizeof(r));
	return r % n;
}

void
signature_der(struct view raw, struct buf *der)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *out = NULL;
	int n = (int)(raw.len / 2), len;
	CK_RV rv;

	assert(ECDSA_SIG_set0(sig, BN_bin2bn(raw.data, n, NULL),
	    BN_bin2bn(raw.data + n, n, NULL)) == 1);
	len = i2d_ECDSA_SIG(sig, &out);
	rv = buf_set(der, view_of(out, (size_t)len));
	assert(rv == CKR_OK);
	OPENSSL_free(out);
	ECDSA_SIG_free(sig);
}
