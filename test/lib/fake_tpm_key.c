/* SPDX-License-Identifier: BSD-2-Clause */
#include "fake_tpm_key.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/curve.h"
#include "util/mem.h"

#define PORTION 1024		/* bytes of a command */

unsigned fake_tpm_commands;
bool fake_tpm_ecb_only;
bool fake_tpm_one_exponent;

const struct tpm_caps fake_tpm_caps = {
	.manufacturer = "FAKE",
	.revision = 159,
	.curves = 1u << 3 | 1u << 4 | 1u << 5,
	.rsa_bits = { 2048, 3072 },
	.aes_bits = { 128, 256 },
	.cipher_modes = 1u << TPM_CIPHER_ECB | 1u << TPM_CIPHER_CBC,
	.encrypt_decrypt2 = true,
	.input_buffer = PORTION,
	.hashes = 0x7,
	.hmac = true,
	.hmac_sequence = true,
	.max_digest = 64,
	.transient_slots = 3,
};

struct tpm_key {
	unsigned refs;
	unsigned use;
	EVP_PKEY *pkey;
	struct buf value;	/* of a symmetric key */
	struct buf auth;
};

bool
tpm_caps_curve(const struct tpm_caps *c, uint16_t curve)
{
	return curve < 32 && (c->curves >> curve & 1) != 0;
}

bool
tpm_caps_rsa(const struct tpm_caps *c, size_t bits)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(c->rsa_bits); i++)
		if (bits != 0 && c->rsa_bits[i] == bits)
			return true;
	return false;
}

bool
tpm_caps_aes(const struct tpm_caps *c, size_t bits)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(c->aes_bits); i++)
		if (bits != 0 && c->aes_bits[i] == bits)
			return true;
	return false;
}

bool
tpm_caps_cipher(const struct tpm_caps *c, enum tpm_cipher_mode mode)
{
	return c->encrypt_decrypt2 && (c->cipher_modes >> mode & 1) != 0;
}

bool
tpm_caps_hash(const struct tpm_caps *c, CK_MECHANISM_TYPE hash)
{
	static const CK_MECHANISM_TYPE bits[] = { CKM_SHA_1, CKM_SHA256,
		CKM_SHA384, CKM_SHA512 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(bits); i++)
		if (bits[i] == hash)
			return (c->hashes >> i & 1) != 0;
	return false;
}

void
tpm_blob_free(struct tpm_blob *b)
{
	buf_free(&b->public_area);
	buf_free(&b->private_area);
	buf_free(&b->auth);
}

CK_RV
tpm_random(struct tpm *t, uint8_t *out, size_t n)
{
	(void)t;
	fake_tpm_commands++;
	return RAND_bytes(out, (int)n) == 1 ? CKR_OK : CKR_DEVICE_ERROR;
}

CK_RV
fake_tpm_import(struct view der, unsigned use, struct tpm_blob *out)
{
	const uint8_t bits = (uint8_t)use;
	CK_RV rv;

	if ((rv = buf_set(&out->private_area, der)) != CKR_OK ||
	    (rv = buf_set(&out->public_area, view_of(&bits, 1))) != CKR_OK)
		return rv;
	return buf_set(&out->auth, view_str("the key's authValue"));
}

static CK_RV
export(const EVP_PKEY *pkey, unsigned use, struct tpm_blob *out)
{
	unsigned char *der = NULL;
	int len = i2d_PrivateKey(pkey, &der);
	CK_RV rv;

	assert(len > 0);
	rv = fake_tpm_import(view_of(der, (size_t)len), use, out);
	OPENSSL_free(der);
	return rv;
}

CK_RV
tpm_create_ec(struct tpm *t, const struct tpm_parent *parent, uint16_t curve,
    unsigned use, struct tpm_blob *out, struct buf *point)
{
	const struct curve *c = curve_by_tpm_id(curve);
	unsigned char *raw = NULL;
	EVP_PKEY *pkey;
	size_t len;
	CK_RV rv;

	(void)t;
	(void)parent;
	fake_tpm_commands++;
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", OBJ_nid2sn(c->nid));
	len = EVP_PKEY_get1_encoded_public_key(pkey, &raw);
	if ((rv = buf_set(point, view_of(raw, len))) == CKR_OK)
		rv = export(pkey, use, out);
	OPENSSL_free(raw);
	EVP_PKEY_free(pkey);
	return rv;
}

static EVP_PKEY *
rsa_keygen(size_t bits, uint32_t exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;

	assert(BN_set_word(e, exponent) == 1 &&
	    EVP_PKEY_keygen_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits) == 1 &&
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) == 1 &&
	    EVP_PKEY_generate(ctx, &pkey) == 1);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

CK_RV
tpm_create_rsa(struct tpm *t, const struct tpm_parent *parent, size_t bits,
    uint32_t exponent, unsigned use, struct tpm_blob *out,
    struct buf *modulus)
{
	EVP_PKEY *pkey;
	BIGNUM *n = NULL;
	CK_RV rv;

	(void)t;
	(void)parent;
	fake_tpm_commands++;
	if (fake_tpm_one_exponent && exponent != 65537)
		return CKR_KEY_SIZE_RANGE;
	pkey = rsa_keygen(bits, exponent);
	assert(EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
	if ((rv = buf_resize(modulus, bits / 8)) != CKR_OK)
		goto out;
	assert(BN_bn2binpad(n, modulus->data, (int)modulus->len) > 0);
	rv = export(pkey, use, out);
out:
	BN_free(n);
	EVP_PKEY_free(pkey);
	return rv;
}

/* A blob whose public area says more than the use is a symmetric key's. */
static CK_RV
read_key(struct tpm_key *k, const struct tpm_blob *blob)
{
	const unsigned char *p = blob->private_area.data;

	if (blob->public_area.len > 0)
		k->use = blob->public_area.data[0];
	if (blob->public_area.len > 1)
		return buf_set(&k->value, buf_view(&blob->private_area));
	k->pkey = d2i_AutoPrivateKey(NULL, &p, (long)blob->private_area.len);
	return k->pkey == NULL ? CKR_DATA_INVALID : CKR_OK;
}

struct view
fake_tpm_value(const struct tpm_key *k)
{
	return buf_view(&k->value);
}

CK_RV
fake_tpm_import_aes(struct view value, unsigned use, struct tpm_blob *out)
{
	const uint8_t bits[] = { (uint8_t)use, 'A' };
	CK_RV rv;

	if ((rv = buf_set(&out->private_area, value)) != CKR_OK ||
	    (rv = buf_set(&out->public_area, view_of(bits, sizeof(bits)))) !=
	    CKR_OK)
		return rv;
	return buf_set(&out->auth, view_str("the key's authValue"));
}

CK_RV
tpm_create_aes(struct tpm *t, const struct tpm_parent *parent, size_t bits,
    unsigned use, struct tpm_blob *out)
{
	unsigned char value[32];

	(void)t;
	(void)parent;
	fake_tpm_commands++;
	assert(bits / 8 <= sizeof(value));
	RAND_bytes(value, (int)bits / 8);
	return fake_tpm_import_aes(view_of(value, bits / 8), use, out);
}

CK_RV
tpm_key_new(struct tpm *t, const struct tpm_parent *parent,
    const struct tpm_blob *blob, struct tpm_key **out)
{
	struct tpm_key *k;
	CK_RV rv;

	(void)t;
	(void)parent;
	if ((k = mem_alloc(1, sizeof(*k))) == NULL)
		return CKR_HOST_MEMORY;
	k->refs = 1;
	if ((rv = read_key(k, blob)) == CKR_OK)
		rv = buf_set(&k->auth, buf_view(&blob->auth));
	if (rv == CKR_OK)
		*out = k;
	else
		tpm_key_unref(&k);
	return rv;
}

struct tpm_key *
tpm_key_ref(struct tpm_key *k)
{
	k->refs++;
	return k;
}

void
tpm_key_unref(struct tpm_key **k)
{
	struct tpm_key *old = *k;

	*k = NULL;
	if (old == NULL || --old->refs != 0)
		return;
	EVP_PKEY_free(old->pkey);
	buf_free(&old->value);
	buf_free(&old->auth);
	mem_free(old);
}

CK_RV
tpm_key_secret(const struct tpm_key *k, struct buf *out)
{
	CK_RV rv;

	if ((rv = buf_resize(out, 32)) != CKR_OK)
		return rv;
	EVP_Q_digest(NULL, "SHA256", NULL, k->auth.data, k->auth.len,
	    out->data, NULL);
	return CKR_OK;
}

/* r and s of a signature in DER, each padded to the order's length. */
static CK_RV
split(const unsigned char *der, size_t len, size_t order, struct buf *out)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	CK_RV rv;

	assert(sig != NULL);
	if ((rv = buf_resize(out, 2 * order)) != CKR_OK)
		goto out;
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), out->data, (int)order);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), out->data + order, (int)order);
out:
	ECDSA_SIG_free(sig);
	return rv;
}

CK_RV
tpm_key_ecdsa(struct tpm_key *k, struct view digest, struct buf *signature)
{
	EVP_PKEY_CTX *ctx;
	unsigned char der[160];
	size_t len = sizeof(der);
	size_t order = ((size_t)EVP_PKEY_get_bits(k->pkey) + 7) / 8;

	fake_tpm_commands++;
	if ((k->use & TPM_USE_SIGN) == 0)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	assert(EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_sign(ctx, der, &len,
	    digest.data, digest.len) == 1);
	EVP_PKEY_CTX_free(ctx);
	return split(der, len, order, signature);
}

CK_RV
tpm_key_rsa(struct tpm_key *k, struct view in, struct buf *out)
{
	EVP_PKEY_CTX *ctx;
	size_t len = (size_t)EVP_PKEY_get_size(k->pkey);
	CK_RV rv;

	fake_tpm_commands++;
	assert(in.len == len);
	if ((rv = buf_resize(out, len)) != CKR_OK)
		return rv;
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	assert(EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1);
	if (EVP_PKEY_decrypt(ctx, out->data, &len, in.data, in.len) != 1)
		rv = CKR_DATA_INVALID;
	EVP_PKEY_CTX_free(ctx);
	return rv;
}

/* The peer's point as a key on the curve of mine. */
static EVP_PKEY *
peer_key(const EVP_PKEY *mine, struct view point)
{
	EVP_PKEY *peer = EVP_PKEY_new();

	assert(EVP_PKEY_copy_parameters(peer, mine) == 1 &&
	    EVP_PKEY_set1_encoded_public_key(peer, point.data,
	    point.len) == 1);
	return peer;
}

CK_RV
tpm_key_ecdh(struct tpm_key *k, struct view point, struct buf *z)
{
	EVP_PKEY_CTX *ctx;
	EVP_PKEY *peer;
	size_t len = ((size_t)EVP_PKEY_get_bits(k->pkey) + 7) / 8;
	CK_RV rv;

	fake_tpm_commands++;
	if ((k->use & TPM_USE_DECRYPT) == 0)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	if ((rv = buf_resize(z, len)) != CKR_OK)
		return rv;
	peer = peer_key(k->pkey, point);
	ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	assert(EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
	    EVP_PKEY_derive(ctx, z->data, &len) == 1 && len == z->len);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return CKR_OK;
}

/* Of the modes only two; what the others make of them is what is tested. */
static CK_RV
crypt(struct tpm_key *k, int encrypt, enum tpm_cipher_mode mode, uint8_t *iv,
    struct view in, struct buf *out)
{
	char name[16];
	EVP_CIPHER_CTX *ctx;
	EVP_CIPHER *cipher;
	int n;
	CK_RV rv;

	if ((k->use & (encrypt ? TPM_USE_SIGN : TPM_USE_DECRYPT)) == 0)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	fake_tpm_commands += (unsigned)((in.len + PORTION - 1) / PORTION);
	if (mode > TPM_CIPHER_CBC || (mode != 0 && fake_tpm_ecb_only))
		return CKR_MECHANISM_INVALID;
	assert(in.len % TPM_BLOCK_LEN == 0 && in.len > 0);
	snprintf(name, sizeof(name), "AES-%zu-%s", k->value.len * 8,
	    mode == TPM_CIPHER_ECB ? "ECB" : "CBC");
	if ((rv = buf_resize(out, in.len)) != CKR_OK)
		return rv;
	cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	ctx = EVP_CIPHER_CTX_new();
	assert(EVP_CipherInit_ex2(ctx, cipher, k->value.data, iv, encrypt,
	    NULL) == 1 && EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
	    EVP_CipherUpdate(ctx, out->data, &n, in.data, (int)in.len) == 1);
	if (mode == TPM_CIPHER_CBC)
		memcpy(iv, (encrypt ? out->data : in.data) + in.len -
		    TPM_BLOCK_LEN, TPM_BLOCK_LEN);
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return CKR_OK;
}

CK_RV
tpm_key_encrypt(struct tpm_key *k, enum tpm_cipher_mode mode,
    uint8_t iv[TPM_BLOCK_LEN], struct view in, struct buf *out)
{
	return crypt(k, 1, mode, iv, in, out);
}

CK_RV
tpm_key_decrypt(struct tpm_key *k, enum tpm_cipher_mode mode,
    uint8_t iv[TPM_BLOCK_LEN], struct view in, struct buf *out)
{
	return crypt(k, 0, mode, iv, in, out);
}
