/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/privkey.h"

#include <limits.h>

#include <openssl/bn.h>

#include "crypto/internal.h"

/* Longer numbers are no key of a TPM, and take long to compute with. */
#define NUMBER_MAX 2048

/* What either function computes with; all of it may be secret. */
struct numbers {
	BN_CTX *bn;
	BIGNUM *n;
	BIGNUM *e;
	BIGNUM *d;
	BIGNUM *p;
	BIGNUM *q;
	BIGNUM *x;	/* for what comes and goes */
};

static void
numbers_free(struct numbers *a)
{
	BN_clear_free(a->n);
	BN_clear_free(a->e);
	BN_clear_free(a->d);
	BN_clear_free(a->p);
	BN_clear_free(a->q);
	BN_clear_free(a->x);
	BN_CTX_free(a->bn);
	library_leave_thread();
	errors_leave();
}

static CK_RV
number(struct view v, BIGNUM **out)
{
	if (v.len > NUMBER_MAX)
		return CKR_KEY_SIZE_RANGE;
	if ((*out = BN_bin2bn(v.data, (int)v.len, NULL)) == NULL)
		return errors_rc("number", CKR_HOST_MEMORY);
	BN_set_flags(*out, BN_FLG_CONSTTIME);
	return CKR_OK;
}

/* The numbers are to be freed in any case. */
static CK_RV
numbers_new(struct numbers *a, struct view modulus, struct view exponent)
{
	CK_RV rv;

	errors_enter();
	*a = (struct numbers){ .bn = NULL };
	if ((a->bn = BN_CTX_new_ex(library_get()->ctx)) == NULL ||
	    (a->q = BN_new()) == NULL || (a->x = BN_new()) == NULL)
		return errors_rc("numbers", CKR_HOST_MEMORY);
	BN_set_flags(a->q, BN_FLG_CONSTTIME);
	BN_set_flags(a->x, BN_FLG_CONSTTIME);
	if ((rv = number(modulus, &a->n)) != CKR_OK ||
	    (rv = number(exponent, &a->e)) != CKR_OK)
		return rv;
	return BN_is_odd(a->n) && BN_is_odd(a->e) && !BN_is_one(a->n) ?
	    CKR_OK : CKR_TEMPLATE_INCONSISTENT;
}

/* Has e an inverse modulo prime - 1? */
static CK_RV
check_exponent(struct numbers *a, const BIGNUM *prime)
{
	if (!BN_sub(a->x, prime, BN_value_one()) ||
	    !BN_gcd(a->x, a->x, a->e, a->bn))
		return errors_rc("RSA exponent", CKR_GENERAL_ERROR);
	return BN_is_one(a->x) ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV
check_prime(struct numbers *a)
{
	CK_RV rv;

	if (BN_is_zero(a->p) || BN_is_one(a->p))
		return CKR_TEMPLATE_INCONSISTENT;
	if (!BN_div(a->q, a->x, a->n, a->p, a->bn))
		return errors_rc("RSA prime", CKR_GENERAL_ERROR);
	if (!BN_is_zero(a->x) || BN_is_one(a->q) || BN_cmp(a->p, a->q) == 0)
		return CKR_TEMPLATE_INCONSISTENT;
	if (BN_num_bits(a->p) != BN_num_bits(a->q) ||
	    BN_num_bits(a->p) * 2 != BN_num_bits(a->n))
		return CKR_KEY_SIZE_RANGE;
	if ((rv = check_exponent(a, a->p)) != CKR_OK)
		return rv;
	return check_exponent(a, a->q);
}

CK_RV
privkey_rsa_check(struct view modulus, struct view exponent,
    struct view prime)
{
	struct numbers a;
	CK_RV rv;

	if ((rv = numbers_new(&a, modulus, exponent)) == CKR_OK &&
	    (rv = number(prime, &a.p)) == CKR_OK)
		rv = check_prime(&a);
	numbers_free(&a);
	return rv;
}

/* Is part, where it is given, the inverse of number modulo modulus? */
static CK_RV
check_inverse(struct numbers *a, struct view part, const BIGNUM *of,
    const BIGNUM *modulus)
{
	BIGNUM *x = NULL;
	CK_RV rv = CKR_OK;

	if (part.len == 0 || (rv = number(part, &x)) != CKR_OK)
		return rv;
	if (!BN_mod_mul(x, x, of, modulus, a->bn))
		rv = errors_rc("RSA part", CKR_GENERAL_ERROR);
	else if (!BN_is_one(x))
		rv = CKR_TEMPLATE_INCONSISTENT;
	BN_clear_free(x);
	return rv;
}

/* The two exponents, which are inverses of e modulo prime - 1. */
static CK_RV
check_half(struct numbers *a, const struct privkey_rsa *k, size_t half)
{
	CK_RV rv;

	if (!BN_sub(a->x, half == 0 ? a->p : a->q, BN_value_one()))
		return errors_rc("RSA prime", CKR_GENERAL_ERROR);
	if ((rv = check_inverse(a, k->private_exponent, a->e, a->x)) !=
	    CKR_OK)
		return rv;
	return check_inverse(a, k->exponents[half], a->e, a->x);
}

static CK_RV
check_other(struct numbers *a, struct view prime)
{
	BIGNUM *q = NULL;
	CK_RV rv;

	if ((rv = number(prime, &q)) == CKR_OK && BN_cmp(q, a->q) != 0)
		rv = CKR_TEMPLATE_INCONSISTENT;
	BN_clear_free(q);
	return rv;
}

/* Into p and q, in their order. */
static CK_RV
take_primes(struct numbers *a, const struct privkey_rsa *k)
{
	bool second = k->primes[0].len == 0;
	CK_RV rv;

	if ((rv = number(k->primes[second ? 1 : 0], &a->p)) != CKR_OK ||
	    (rv = check_prime(a)) != CKR_OK)
		return rv;
	if (second)
		BN_swap(a->p, a->q);
	else if (k->primes[1].len != 0)
		rv = check_other(a, k->primes[1]);
	return rv;
}

static bool
needs_prime(const struct privkey_rsa *k)
{
	return k->exponents[0].len != 0 || k->exponents[1].len != 0 ||
	    k->coefficient.len != 0;
}

CK_RV
privkey_rsa_parts(const struct privkey_rsa *k)
{
	struct numbers a;
	CK_RV rv;

	if (k->primes[0].len == 0 && k->primes[1].len == 0)
		return needs_prime(k) ? CKR_TEMPLATE_INCOMPLETE : CKR_OK;
	if ((rv = numbers_new(&a, k->modulus, k->exponent)) == CKR_OK &&
	    (rv = take_primes(&a, k)) == CKR_OK &&
	    (rv = check_half(&a, k, 0)) == CKR_OK &&
	    (rv = check_half(&a, k, 1)) == CKR_OK)
		rv = check_inverse(&a, k->coefficient, a.q, a.p);
	numbers_free(&a);
	return rv;
}

/*
 * d * e - 1 = 2^s * t is a multiple of the order of each number, so g^t, which
 * is squared until it is 1, is a root of 1 just before; one other than 1 and
 * n - 1 shares a prime with n. Puts that into p, or leaves p zero.
 */
static int
try_base(struct numbers *a, unsigned g, int s)
{
	int i;

	BN_zero(a->p);
	if (!BN_set_word(a->x, g) ||
	    !BN_mod_exp(a->x, a->x, a->q, a->n, a->bn))
		return 0;
	for (i = 0; i < s && !BN_is_one(a->x); i++) {
		if (!BN_sub(a->d, a->x, BN_value_one()) ||
		    !BN_mod_sqr(a->x, a->x, a->n, a->bn))
			return 0;
		if (BN_is_one(a->x))
			return BN_gcd(a->p, a->d, a->n, a->bn);
	}
	return 1;
}

/* q becomes t. */
static CK_RV
find_prime(struct numbers *a)
{
	/* Each base fails with a probability of at most one half. */
	static const unsigned bases_max = 200;
	unsigned g;
	int s = 0;

	if (!BN_mul(a->q, a->d, a->e, a->bn) || !BN_sub_word(a->q, 1))
		return errors_rc("RSA exponents", CKR_GENERAL_ERROR);
	if (BN_is_zero(a->q) || BN_is_odd(a->q))
		return CKR_TEMPLATE_INCONSISTENT;
	while (!BN_is_bit_set(a->q, s))
		s++;
	if (!BN_rshift(a->q, a->q, s))
		return errors_rc("RSA exponents", CKR_GENERAL_ERROR);
	for (g = 2; g < bases_max; g++) {
		if (!try_base(a, g, s))
			return errors_rc("RSA factors", CKR_GENERAL_ERROR);
		if (!BN_is_zero(a->p) && !BN_is_one(a->p) &&
		    BN_cmp(a->p, a->n) != 0)
			return CKR_OK;
	}
	return CKR_TEMPLATE_INCONSISTENT;
}

static CK_RV
put_number(const BIGNUM *n, struct buf *out)
{
	struct buf bytes = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&bytes, (size_t)BN_num_bytes(n))) == CKR_OK) {
		(void)BN_bn2bin(n, bytes.data);
		buf_move(out, &bytes);
	}
	return rv;
}

CK_RV
privkey_rsa_prime(struct view modulus, struct view exponent,
    struct view private_exponent, struct buf *prime)
{
	struct numbers a;
	CK_RV rv;

	if ((rv = numbers_new(&a, modulus, exponent)) == CKR_OK &&
	    (rv = number(private_exponent, &a.d)) == CKR_OK &&
	    (rv = number(VIEW_EMPTY, &a.p)) == CKR_OK &&
	    (rv = BN_cmp(a.d, a.n) < 0 ? CKR_OK :
	    CKR_TEMPLATE_INCONSISTENT) == CKR_OK &&
	    (rv = find_prime(&a)) == CKR_OK)
		rv = put_number(a.p, prime);
	numbers_free(&a);
	return rv;
}
