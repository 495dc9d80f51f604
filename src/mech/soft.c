/* SPDX-License-Identifier: BSD-2-Clause */
#include "mech/soft.h"

#include "crypto/curve.h"
#include "crypto/der.h"
#include "crypto/pkcs8.h"
#include "util/mem.h"

/* RSA sizes that are made here where the TPM lacks them. */
static const size_t rsa_bits[] = { 3072, 4096 };

/* The curves (RFC 8410) and the bits of their fields. */
static const struct {
	CK_KEY_TYPE type;
	const char *params;
	CK_ULONG bits;
} curve_bits[] = {
	{ CKK_EC_EDWARDS, "\x06\x03\x2b\x65\x70", 255 },
	{ CKK_EC_EDWARDS, "\x06\x03\x2b\x65\x71", 448 },
	{ CKK_EC_MONTGOMERY, "\x06\x03\x2b\x65\x6e", 255 },
	{ CKK_EC_MONTGOMERY, "\x06\x03\x2b\x65\x6f", 448 },
};

bool
soft_only(CK_KEY_TYPE type)
{
	return type == CKK_EC_EDWARDS || type == CKK_EC_MONTGOMERY;
}

static void
add_size(CK_ULONG bits, CK_ULONG *min, CK_ULONG *max)
{
	if (*min == 0 || bits < *min)
		*min = bits;
	if (bits > *max)
		*max = bits;
}

void
soft_add_rsa(CK_ULONG *min, CK_ULONG *max)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(rsa_bits); i++)
		add_size(rsa_bits[i], min, max);
}

void
soft_add_sizes(CK_KEY_TYPE type, CK_ULONG *min, CK_ULONG *max)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(curve_bits); i++)
		if (curve_bits[i].type == type && softkey_exists(
		    softkey_by_params(view_str(curve_bits[i].params))))
			add_size(curve_bits[i].bits, min, max);
}

bool
soft_takes_rsa(const struct tpm_caps *caps, size_t bits)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(rsa_bits); i++)
		if (rsa_bits[i] == bits)
			return caps->software && !tpm_caps_rsa(caps, bits);
	return false;
}

/* The private numbers in PKCS #11's words; the public ones are there. */
static const CK_ATTRIBUTE_TYPE rsa_parts[] = {
	CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
	CKA_EXPONENT_2, CKA_COEFFICIENT
};

static CK_RV
rsa_info(const struct attrs *a, struct buf *der)
{
	const struct pkcs8_rsa k = {
		.n = attrs_view(a, CKA_MODULUS),
		.e = attrs_view(a, CKA_PUBLIC_EXPONENT),
		.d = attrs_view(a, CKA_PRIVATE_EXPONENT),
		.p = attrs_view(a, CKA_PRIME_1),
		.q = attrs_view(a, CKA_PRIME_2),
		.dp = attrs_view(a, CKA_EXPONENT_1),
		.dq = attrs_view(a, CKA_EXPONENT_2),
		.qinv = attrs_view(a, CKA_COEFFICIENT),
	};

	return pkcs8_write_rsa(&k, der);
}

static CK_RV
open_rsa(const struct attrs *a, struct soft *s)
{
	struct buf der = BUF_EMPTY;
	struct pkcs8_rsa k;
	struct pkcs8 info;
	CK_RV rv;

	if ((rv = rsa_info(a, &der)) == CKR_OK &&
	    (rv = rsa_key_open(buf_view(&der), &s->rsa)) == CKR_OK &&
	    (rv = pkcs8_read(buf_view(&der), &info)) == CKR_OK &&
	    (rv = pkcs8_rsa(&info, &k)) == CKR_OK)
		rv = buf_set_padded(&s->secret, k.d, k.n.len);
	buf_free(&der);
	return rv;
}

/* The public key of a private one follows from its value. */
static CK_RV
open_private(const struct attrs *a, struct soft *s)
{
	struct buf der = BUF_EMPTY;
	CK_RV rv;

	if ((rv = softkey_from_seed(s->type, attrs_view(a, CKA_VALUE),
	    &der)) == CKR_OK &&
	    (rv = softkey_open(buf_view(&der), &s->key)) == CKR_OK)
		rv = softkey_public(s->key, &s->point);
	buf_free(&der);
	return rv;
}

static CK_RV
open_public(const struct attrs *a, struct soft *s)
{
	struct view raw;
	CK_RV rv;

	if ((rv = softkey_point(s->type, attrs_view(a, CKA_EC_POINT),
	    &raw)) != CKR_OK)
		return rv;
	return buf_set(&s->point, raw);
}

static CK_RV
fill(const struct attrs *a, struct soft *s)
{
	CK_KEY_TYPE type = attrs_ulong(a, CKA_KEY_TYPE,
	    CK_UNAVAILABLE_INFORMATION);

	if (type == CKK_RSA)
		return open_rsa(a, s);
	s->type = softkey_by_params(attrs_view(a, CKA_EC_PARAMS));
	if (s->type == NULL || s->type->key_type != type)
		return CKR_KEY_HANDLE_INVALID;
	return attrs_ulong(a, CKA_CLASS, CKO_DATA) == CKO_PRIVATE_KEY ?
	    open_private(a, s) : open_public(a, s);
}

CK_RV
soft_new(const struct attrs *a, struct soft **out)
{
	struct soft *s;
	CK_RV rv;

	if ((s = mem_alloc(1, sizeof(*s))) == NULL)
		return CKR_HOST_MEMORY;
	if ((rv = fill(a, s)) == CKR_OK) {
		*out = s;
		s = NULL;
	}
	soft_free(&s);
	return rv;
}

void
soft_free(struct soft **s)
{
	if (*s == NULL)
		return;
	buf_free(&(*s)->point);
	buf_free(&(*s)->secret);
	softkey_free(&(*s)->key);
	rsa_key_free(&(*s)->rsa);
	mem_free(*s);
	*s = NULL;
}

CK_RV
soft_check(const struct attrs *priv)
{
	return attrs_bool(priv, CKA_PRIVATE, true) &&
	    attrs_bool(priv, CKA_SENSITIVE, true) ? CKR_OK :
	    CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV
set_parts(const struct pkcs8_rsa *k, struct attrs *a)
{
	const struct view values[ARRAY_LEN(rsa_parts)] = {
		k->d, k->p, k->q, k->dp, k->dq, k->qinv
	};
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rsa_parts) && rv == CKR_OK; i++)
		rv = attrs_set(a, rsa_parts[i], values[i]);
	return rv;
}

CK_RV
soft_generate_rsa(size_t bits, uint32_t exponent, struct attrs *priv,
    struct buf *modulus)
{
	const uint8_t e[] = { (uint8_t)(exponent >> 24),
		(uint8_t)(exponent >> 16), (uint8_t)(exponent >> 8),
		(uint8_t)exponent };
	struct buf der = BUF_EMPTY;
	struct pkcs8_rsa k;
	struct pkcs8 info;
	CK_RV rv;

	if ((rv = soft_check(priv)) != CKR_OK ||
	    (rv = rsa_key_generate(bits, der_strip(view_of(e, sizeof(e))),
	    &der)) != CKR_OK ||
	    (rv = pkcs8_read(buf_view(&der), &info)) != CKR_OK ||
	    (rv = pkcs8_rsa(&info, &k)) != CKR_OK ||
	    (rv = set_parts(&k, priv)) != CKR_OK)
		goto out;
	rv = buf_set(modulus, k.n);
out:
	buf_free(&der);
	return rv;
}

static bool
is_rsa_of_software(const struct tpm_caps *caps, const struct attrs *a)
{
	struct view n = der_strip(attrs_view(a, CKA_MODULUS));

	return n.len > 0 && (n.data[0] & 0x80) != 0 &&
	    soft_takes_rsa(caps, 8 * n.len);
}

bool
soft_imports(const struct tpm_caps *caps, const struct attrs *a)
{
	CK_KEY_TYPE type = attrs_ulong(a, CKA_KEY_TYPE,
	    CK_UNAVAILABLE_INFORMATION);

	if (attrs_ulong(a, CKA_CLASS, CKO_DATA) != CKO_PRIVATE_KEY)
		return false;
	return soft_only(type) ||
	    (type == CKK_RSA && is_rsa_of_software(caps, a));
}

static CK_RV
check_parts(const struct attrs *a)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(rsa_parts); i++)
		if (attrs_view(a, rsa_parts[i]).len == 0)
			return CKR_TEMPLATE_INCOMPLETE;
	return CKR_OK;
}

/* The public key that the value gives; a stated one has to be the same. */
static CK_RV
set_point(const struct soft *s, struct attrs *a)
{
	struct view said = attrs_view(a, CKA_EC_POINT), raw;
	struct buf der = BUF_EMPTY;
	CK_RV rv;

	if (said.len != 0 && (softkey_point(s->type, said, &raw) != CKR_OK ||
	    !view_equal(raw, buf_view(&s->point))))
		return CKR_TEMPLATE_INCONSISTENT;
	if ((rv = curve_point_der(buf_view(&s->point), &der)) == CKR_OK)
		rv = attrs_set(a, CKA_EC_POINT, buf_view(&der));
	buf_free(&der);
	return rv;
}

CK_RV
soft_import(const struct tpm_caps *caps, struct attrs *a)
{
	bool rsa = attrs_ulong(a, CKA_KEY_TYPE, CKK_EC) == CKK_RSA;
	struct soft *s = NULL;
	CK_RV rv;

	if (!caps->software)
		return CKR_CURVE_NOT_SUPPORTED;
	if ((rv = soft_check(a)) != CKR_OK ||
	    (rsa && (rv = check_parts(a)) != CKR_OK))
		return rv;
	if ((rv = soft_new(a, &s)) == CKR_OK && !rsa)
		rv = set_point(s, a);
	soft_free(&s);
	return rv == CKR_DATA_INVALID ? CKR_TEMPLATE_INCONSISTENT : rv;
}
