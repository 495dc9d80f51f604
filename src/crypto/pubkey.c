/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/pubkey.h"

#include <openssl/bn.h>
#include <openssl/x509.h>

#include "crypto/der.h"
#include "crypto/internal.h"
#include "util/mem.h"

#define BITS_MIN 1024
#define BITS_MAX 16384
/* Beyond these, OpenSSL bounds the exponent, lest a key be a trap. */
#define BITS_SMALL_EXPONENT 3072
#define EXPONENT_BITS_MAX 64

struct pubkey {
	struct buf info;
	/* RSA */
	BIGNUM *n;
	BIGNUM *e;
	BN_MONT_CTX *mont;
	/* EC */
	const struct curve *curve;
	EVP_PKEY *ec;
};

static const struct view oid_rsa = {
	(const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9
};
static const struct view oid_ec = {
	(const uint8_t *)"\x2a\x86\x48\xce\x3d\x02\x01", 7
};

/* SubjectPublicKeyInfo (RFC 5280, 4.1); params is whole DER. */
static CK_RV
build_info(struct view oid, struct view params, struct view key,
    struct buf *out)
{
	struct buf algorithm = BUF_EMPTY, body = BUF_EMPTY;
	CK_RV rv;

	if ((rv = der_put(&algorithm, DER_OID, oid)) != CKR_OK ||
	    (rv = buf_append(&algorithm, params)) != CKR_OK ||
	    (rv = der_put(&body, DER_SEQUENCE, buf_view(&algorithm))) !=
	    CKR_OK || (rv = der_put_bits(&body, key)) != CKR_OK)
		goto out;
	rv = der_put(out, DER_SEQUENCE, buf_view(&body));
out:
	buf_free(&algorithm);
	buf_free(&body);
	return rv;
}

/* RSAPublicKey (RFC 8017, A.1.1) in its SubjectPublicKeyInfo. */
static CK_RV
build_rsa_info(struct view n, struct view e, struct buf *out)
{
	static const uint8_t null[] = { DER_NULL, 0 };
	struct buf numbers = BUF_EMPTY, key = BUF_EMPTY;
	CK_RV rv;

	if ((rv = der_put_uint(&numbers, n)) != CKR_OK ||
	    (rv = der_put_uint(&numbers, e)) != CKR_OK ||
	    (rv = der_put(&key, DER_SEQUENCE, buf_view(&numbers))) !=
	    CKR_OK)
		goto out;
	rv = build_info(oid_rsa, view_of(null, sizeof(null)),
	    buf_view(&key), out);
out:
	buf_free(&numbers);
	buf_free(&key);
	return rv;
}

static bool
is_odd(struct view v)
{
	return v.len > 0 && (v.data[v.len - 1] & 1) != 0;
}

/* n and e without leading zeros. */
static CK_RV
rsa_allowed(struct view n, struct view e)
{
	if (!is_odd(n) || !is_odd(e) || (e.len == 1 && e.data[0] == 1))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (n.len < BITS_MIN / 8 || n.len > BITS_MAX / 8 ||
	    (n.len == BITS_MIN / 8 && n.data[0] < 0x80))
		return CKR_KEY_SIZE_RANGE;
	if (e.len > n.len || (n.len > BITS_SMALL_EXPONENT / 8 &&
	    e.len > EXPONENT_BITS_MAX / 8))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return CKR_OK;
}

static CK_RV
load_numbers(struct pubkey *k, struct view n, struct view e)
{
	BN_CTX *bn = BN_CTX_new_ex(library_get()->ctx);
	CK_RV rv = CKR_OK;

	if (bn == NULL ||
	    (k->n = BN_bin2bn(n.data, (int)n.len, NULL)) == NULL ||
	    (k->e = BN_bin2bn(e.data, (int)e.len, NULL)) == NULL ||
	    (k->mont = BN_MONT_CTX_new()) == NULL ||
	    !BN_MONT_CTX_set(k->mont, k->n, bn))
		rv = errors_rc("RSA public key", CKR_GENERAL_ERROR);
	else if (BN_cmp(k->e, k->n) >= 0)
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	BN_CTX_free(bn);
	return rv;
}

CK_RV
pubkey_rsa(struct view modulus, struct view exponent, struct pubkey **out)
{
	struct view n = der_strip(modulus), e = der_strip(exponent);
	struct pubkey *k = NULL;
	CK_RV rv;

	errors_enter();
	if ((rv = rsa_allowed(n, e)) != CKR_OK)
		goto out;
	if ((k = mem_alloc(1, sizeof(*k))) == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	if ((rv = load_numbers(k, n, e)) != CKR_OK ||
	    (rv = build_rsa_info(n, e, &k->info)) != CKR_OK)
		goto out;
	*out = k;
	k = NULL;
out:
	pubkey_free(&k);
	errors_leave();
	return rv;
}

/* Made from DER, because an engine may have taken EVP_PKEY_fromdata. */
static CK_RV
load_ec(struct pubkey *k)
{
	const uint8_t *p = k->info.data;

	k->ec = d2i_PUBKEY_ex(NULL, &p, (long)k->info.len, library_get()->ctx,
	    "provider=default");
	if (k->ec == NULL)
		return errors_rc("EC public key", CKR_GENERAL_ERROR);
	return CKR_OK;
}

CK_RV
pubkey_ec(const struct curve *c, struct view point, struct pubkey **out)
{
	struct pubkey *k = NULL;
	struct buf raw = BUF_EMPTY;
	CK_RV rv;

	errors_enter();
	if ((rv = curve_point(c, point, &raw)) != CKR_OK) {
		if (rv == CKR_DATA_INVALID)
			rv = CKR_ATTRIBUTE_VALUE_INVALID;
		goto out;
	}
	if ((k = mem_alloc(1, sizeof(*k))) == NULL) {
		rv = CKR_HOST_MEMORY;
		goto out;
	}
	k->curve = c;
	if ((rv = build_info(oid_ec, c->params, buf_view(&raw), &k->info)) !=
	    CKR_OK || (rv = load_ec(k)) != CKR_OK)
		goto out;
	*out = k;
	k = NULL;
out:
	pubkey_free(&k);
	buf_free(&raw);
	library_leave_thread();
	errors_leave();
	return rv;
}

void
pubkey_free(struct pubkey **k)
{
	if (*k == NULL)
		return;
	buf_free(&(*k)->info);
	BN_MONT_CTX_free((*k)->mont);
	BN_free((*k)->n);
	BN_free((*k)->e);
	EVP_PKEY_free((*k)->ec);
	mem_free(*k);
	*k = NULL;
}

CK_RV
pubkey_info(const struct pubkey *k, struct buf *der)
{
	return buf_set(der, buf_view(&k->info));
}

size_t
pubkey_bits(const struct pubkey *k)
{
	return k->curve != NULL ? k->curve->bits : (size_t)BN_num_bits(k->n);
}

size_t
pubkey_modulus_len(const struct pubkey *k)
{
	return k->curve != NULL ? 0 : (size_t)BN_num_bytes(k->n);
}

const struct curve *
pubkey_curve(const struct pubkey *k)
{
	return k->curve;
}

/*
 * Plain arithmetic: an engine that is the default for RSA would get its hands
 * on an EVP_PKEY.
 */
static CK_RV
power(const struct pubkey *k, BIGNUM *m, struct buf *out)
{
	BN_CTX *bn = BN_CTX_new_ex(library_get()->ctx);
	CK_RV rv = CKR_OK;

	if (bn == NULL ||
	    !BN_mod_exp_mont(m, m, k->e, k->n, bn, k->mont) ||
	    BN_bn2binpad(m, out->data, (int)out->len) < 0)
		rv = errors_rc("RSA public operation", CKR_GENERAL_ERROR);
	BN_CTX_free(bn);
	return rv;
}

CK_RV
pubkey_rsa_public(const struct pubkey *k, struct view in, struct buf *out)
{
	struct buf value = BUF_EMPTY;
	BIGNUM *m = NULL;
	CK_RV rv;

	errors_enter();
	if (k->curve != NULL) {
		rv = CKR_KEY_TYPE_INCONSISTENT;
		goto out;
	}
	if (in.len != pubkey_modulus_len(k)) {
		rv = CKR_DATA_LEN_RANGE;
		goto out;
	}
	if ((rv = buf_resize(&value, in.len)) != CKR_OK)
		goto out;
	if ((m = BN_bin2bn(in.data, (int)in.len, NULL)) == NULL) {
		rv = errors_rc("RSA public operation", CKR_HOST_MEMORY);
		goto out;
	}
	if (BN_cmp(m, k->n) >= 0) {
		rv = CKR_DATA_INVALID;
		goto out;
	}
	if ((rv = power(k, m, &value)) != CKR_OK)
		goto out;
	buf_move(out, &value);
out:
	BN_clear_free(m);
	buf_free(&value);
	errors_leave();
	return rv;
}

/* ECDSA-Sig-Value (RFC 3279, 2.2.3) of r|s. */
static CK_RV
ecdsa_der(struct view signature, struct buf *der)
{
	size_t half = signature.len / 2;
	struct buf numbers = BUF_EMPTY;
	CK_RV rv;

	if ((rv = der_put_uint(&numbers, view_sub(signature, 0, half))) !=
	    CKR_OK ||
	    (rv = der_put_uint(&numbers, view_sub(signature, half, half))) !=
	    CKR_OK)
		goto out;
	rv = der_put(der, DER_SEQUENCE, buf_view(&numbers));
out:
	buf_free(&numbers);
	return rv;
}

static CK_RV
verify(const struct pubkey *k, struct view digest, struct view der)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(library_get()->ctx,
	    k->ec, "provider=default");
	CK_RV rv = CKR_OK;

	if (ctx == NULL || EVP_PKEY_verify_init(ctx) <= 0)
		rv = errors_rc("ECDSA", CKR_GENERAL_ERROR);
	else if (EVP_PKEY_verify(ctx, der.data, der.len, digest.data,
	    digest.len) != 1)
		rv = CKR_SIGNATURE_INVALID;
	EVP_PKEY_CTX_free(ctx);
	return rv;
}

CK_RV
pubkey_ecdsa_verify(const struct pubkey *k, struct view digest,
    struct view signature)
{
	struct buf der = BUF_EMPTY;
	CK_RV rv;

	errors_enter();
	if (k->curve == NULL) {
		rv = CKR_KEY_TYPE_INCONSISTENT;
		goto out;
	}
	if (signature.len != 2 * k->curve->order) {
		rv = CKR_SIGNATURE_LEN_RANGE;
		goto out;
	}
	if ((rv = ecdsa_der(signature, &der)) != CKR_OK)
		goto out;
	rv = verify(k, digest, buf_view(&der));
out:
	buf_free(&der);
	library_leave_thread();
	errors_leave();
	return rv;
}
