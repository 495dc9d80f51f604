/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto/rsa_key.h"

#include <string.h>

#include <openssl/bn.h>

#include "crypto/crypto.h"
#include "crypto/internal.h"
#include "crypto/pkcs8.h"
#include "util/mem.h"

#define NEW_BITS_MIN 2048
#define NEW_BITS_MAX 8192
#define NEW_BITS_STEP 128
#define BITS_MIN 1024
#define BITS_MAX 16384
#define EXPONENT_MIN 65537
#define EXPONENT_BITS_MAX 64
#define PRIMES_APART 100	/* bits below half: |p - q| is to be larger */
#define SCRATCH 6

/* In the order of RSAPrivateKey. */
enum { N, E, D, P, Q, DP, DQ, QINV, NUMBERS };

struct rsa_key {
	BIGNUM *num[NUMBERS];
	BN_MONT_CTX *mont[NUMBERS];	/* of N, P, Q */
};

/* One operation's room to reckon in. */
struct desk {
	BN_CTX *bn;
	BIGNUM *t[SCRATCH];
};

/* The desk is to be closed in any case. */
static CK_RV
desk_open(struct desk *d)
{
	size_t i;
	bool ok;

	errors_enter();
	ok = (d->bn = BN_CTX_new_ex(library_get()->ctx)) != NULL;
	for (i = 0; i < SCRATCH; i++)
		ok = (d->t[i] = BN_new()) != NULL && ok;
	for (i = 0; ok && i < SCRATCH; i++)
		BN_set_flags(d->t[i], BN_FLG_CONSTTIME);
	return ok ? CKR_OK : CKR_HOST_MEMORY;
}

static void
desk_close(struct desk *d)
{
	size_t i;

	for (i = 0; i < SCRATCH; i++)
		BN_clear_free(d->t[i]);
	BN_CTX_free(d->bn);
	library_leave_thread();
	errors_leave();
}

static CK_RV
failed(void)
{
	return errors_rc("RSA", CKR_GENERAL_ERROR);
}

static CK_RV
key_new(struct rsa_key **out)
{
	struct rsa_key *k = mem_alloc(1, sizeof(*k));
	bool ok = k != NULL;
	size_t i;

	for (i = 0; ok && i < NUMBERS; i++) {
		ok = (k->num[i] = BN_new()) != NULL;
		if (ok && i != N && i != E)
			BN_set_flags(k->num[i], BN_FLG_CONSTTIME);
	}
	if (!ok) {
		rsa_key_free(&k);
		return CKR_HOST_MEMORY;
	}
	*out = k;
	return CKR_OK;
}

void
rsa_key_free(struct rsa_key **k)
{
	size_t i;

	if (*k == NULL)
		return;
	for (i = 0; i < NUMBERS; i++) {
		BN_MONT_CTX_free((*k)->mont[i]);
		BN_clear_free((*k)->num[i]);
	}
	mem_free(*k);
	*k = NULL;
}

/* Random, with the two highest bits and the lowest set. */
static CK_RV
draw_odd(size_t bits, BIGNUM *out)
{
	struct buf b = BUF_EMPTY;
	CK_RV rv;

	if ((rv = buf_resize(&b, bits / 8)) != CKR_OK ||
	    (rv = crypto_random(b.data, b.len)) != CKR_OK)
		goto out;
	b.data[0] |= 0xc0;
	b.data[b.len - 1] |= 1;
	if (BN_bin2bn(b.data, (int)b.len, out) == NULL)
		rv = failed();
out:
	buf_free(&b);
	return rv;
}

/* Is p - 1 coprime to e, and p far enough from other, if there is one? */
static int
suits(struct desk *d, const struct rsa_key *k, const BIGNUM *p,
    const BIGNUM *other)
{
	if (other != NULL && (!BN_sub(d->t[0], p, other) ||
	    BN_num_bits(d->t[0]) <= BN_num_bits(p) - PRIMES_APART))
		return 0;
	return BN_sub(d->t[0], p, BN_value_one()) &&
	    BN_gcd(d->t[1], d->t[0], k->num[E], d->bn) &&
	    BN_is_one(d->t[1]);
}

static CK_RV
draw_prime(struct desk *d, struct rsa_key *k, size_t bits, BIGNUM *p,
    const BIGNUM *other)
{
	int prime = 0;
	CK_RV rv;

	do {
		if ((rv = draw_odd(bits, p)) != CKR_OK)
			return rv;
		if (suits(d, k, p, other) &&
		    (prime = BN_check_prime(p, d->bn, NULL)) < 0)
			return failed();
	} while (prime == 0);
	return CKR_OK;
}

/* All the other numbers, from P, Q and E. */
static CK_RV
complete(struct desk *d, struct rsa_key *k)
{
	BIGNUM **n = k->num, *p1 = d->t[0], *q1 = d->t[1], *gcd = d->t[2];
	BIGNUM *phi = d->t[3], *lcm = d->t[4];

	if (BN_cmp(n[P], n[Q]) < 0)
		BN_swap(n[P], n[Q]);
	if (!BN_mul(n[N], n[P], n[Q], d->bn) ||
	    !BN_sub(p1, n[P], BN_value_one()) ||
	    !BN_sub(q1, n[Q], BN_value_one()) ||
	    !BN_gcd(gcd, p1, q1, d->bn) || !BN_mul(phi, p1, q1, d->bn) ||
	    !BN_div(lcm, NULL, phi, gcd, d->bn) ||
	    !BN_mod_inverse(n[D], n[E], lcm, d->bn) ||
	    !BN_mod(n[DP], n[D], p1, d->bn) ||
	    !BN_mod(n[DQ], n[D], q1, d->bn) ||
	    !BN_mod_inverse(n[QINV], n[Q], n[P], d->bn))
		return failed();
	return CKR_OK;
}

static CK_RV
write_key(const struct rsa_key *k, struct buf *der)
{
	struct buf b[NUMBERS] = { { NULL, 0, 0 } };
	struct view v[NUMBERS];
	struct pkcs8_rsa r;
	CK_RV rv = CKR_OK;
	size_t i;

	for (i = 0; i < NUMBERS; i++) {
		rv = buf_resize(&b[i], (size_t)BN_num_bytes(k->num[i]));
		if (rv != CKR_OK)
			goto out;
		BN_bn2bin(k->num[i], b[i].data);
		v[i] = buf_view(&b[i]);
	}
	r = (struct pkcs8_rsa){ v[N], v[E], v[D], v[P], v[Q], v[DP], v[DQ],
	    v[QINV] };
	rv = pkcs8_write_rsa(&r, der);
out:
	for (i = 0; i < NUMBERS; i++)
		buf_free(&b[i]);
	return rv;
}

static CK_RV
set_exponent(struct rsa_key *k, struct view exponent)
{
	BIGNUM *e = k->num[E];

	if (exponent.len > BITS_MAX / 8)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (BN_bin2bn(exponent.data, (int)exponent.len, e) == NULL)
		return failed();
	return BN_is_odd(e) && BN_num_bits(e) <= EXPONENT_BITS_MAX &&
	    BN_get_word(e) >= EXPONENT_MIN ? CKR_OK :
	    CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV
rsa_key_generate(size_t bits, struct view exponent, struct buf *der)
{
	struct rsa_key *k = NULL;
	struct desk d;
	CK_RV rv;

	if (bits < NEW_BITS_MIN || bits > NEW_BITS_MAX ||
	    bits % NEW_BITS_STEP != 0)
		return CKR_KEY_SIZE_RANGE;
	if ((rv = desk_open(&d)) != CKR_OK || (rv = key_new(&k)) != CKR_OK ||
	    (rv = set_exponent(k, exponent)) != CKR_OK ||
	    (rv = draw_prime(&d, k, bits / 2, k->num[P], NULL)) != CKR_OK ||
	    (rv = draw_prime(&d, k, bits / 2, k->num[Q], k->num[P])) !=
	    CKR_OK || (rv = complete(&d, k)) != CKR_OK)
		goto out;
	rv = write_key(k, der);
out:
	rsa_key_free(&k);
	desk_close(&d);
	return rv;
}

/* e * exponent = 1 (mod prime - 1)? Never so for a prime of 1. */
static int
is_inverse(struct desk *d, const BIGNUM *e, const BIGNUM *exponent,
    const BIGNUM *prime)
{
	return BN_sub(d->t[0], prime, BN_value_one()) &&
	    BN_cmp(exponent, d->t[0]) < 0 &&
	    BN_mod_mul(d->t[1], e, exponent, d->t[0], d->bn) &&
	    BN_is_one(d->t[1]);
}

/* Do the numbers belong together, as far as they are used? */
static int
is_sound(struct desk *d, BIGNUM *const n[NUMBERS])
{
	return BN_is_odd(n[P]) && BN_is_odd(n[Q]) &&
	    BN_cmp(n[E], n[N]) < 0 &&
	    BN_mul(d->t[0], n[P], n[Q], d->bn) &&
	    BN_cmp(d->t[0], n[N]) == 0 &&
	    is_inverse(d, n[E], n[DP], n[P]) &&
	    is_inverse(d, n[E], n[DQ], n[Q]) && BN_cmp(n[QINV], n[P]) < 0 &&
	    BN_mod_mul(d->t[0], n[QINV], n[Q], n[P], d->bn) &&
	    BN_is_one(d->t[0]);
}

static CK_RV
load(struct desk *d, struct rsa_key *k, const struct pkcs8_rsa *r)
{
	const struct view v[NUMBERS] = { r->n, r->e, r->d, r->p, r->q, r->dp,
	    r->dq, r->qinv };
	static const int moduli[] = { N, P, Q };
	size_t i;

	for (i = 0; i < NUMBERS; i++) {
		if (v[i].len > r->n.len)
			return CKR_DATA_INVALID;
		if (BN_bin2bn(v[i].data, (int)v[i].len, k->num[i]) == NULL)
			return failed();
	}
	if (BN_num_bits(k->num[N]) < BITS_MIN ||
	    BN_num_bits(k->num[N]) > BITS_MAX)
		return CKR_KEY_SIZE_RANGE;
	if (!is_sound(d, k->num))
		return CKR_DATA_INVALID;
	for (i = 0; i < ARRAY_LEN(moduli); i++)
		if ((k->mont[moduli[i]] = BN_MONT_CTX_new()) == NULL ||
		    !BN_MONT_CTX_set(k->mont[moduli[i]], k->num[moduli[i]],
		    d->bn))
			return failed();
	return CKR_OK;
}

CK_RV
rsa_key_open(struct view der, struct rsa_key **out)
{
	struct rsa_key *k = NULL;
	struct pkcs8_rsa r;
	struct pkcs8 info;
	struct desk d;
	CK_RV rv;

	if ((rv = pkcs8_read(der, &info)) != CKR_OK ||
	    (rv = pkcs8_rsa(&info, &r)) != CKR_OK)
		return rv;
	if (r.n.len > BITS_MAX / 8)
		return CKR_KEY_SIZE_RANGE;
	if ((rv = desk_open(&d)) != CKR_OK || (rv = key_new(&k)) != CKR_OK ||
	    (rv = load(&d, k, &r)) != CKR_OK)
		goto out;
	*out = k;
	k = NULL;
out:
	rsa_key_free(&k);
	desk_close(&d);
	return rv;
}

/* A random number below n, and its inverse: what hides the input. */
static CK_RV
draw_blind(struct desk *d, const struct rsa_key *k, BIGNUM *r, BIGNUM *inverse)
{
	struct buf b = BUF_EMPTY;
	CK_RV rv;

	/* 64 bits more than n has, so that the remainder leans nowhere. */
	if ((rv = buf_resize(&b, (size_t)BN_num_bytes(k->num[N]) + 8)) !=
	    CKR_OK || (rv = crypto_random(b.data, b.len)) != CKR_OK)
		goto out;
	if (BN_bin2bn(b.data, (int)b.len, r) == NULL ||
	    !BN_mod(r, r, k->num[N], d->bn) ||
	    !BN_mod_inverse(inverse, r, k->num[N], d->bn))
		rv = failed();
out:
	buf_free(&b);
	return rv;
}

static int
power(struct desk *d, const struct rsa_key *k, BIGNUM *out, const BIGNUM *base,
    int exponent, int modulus)
{
	return BN_mod(out, base, k->num[modulus], d->bn) &&
	    BN_mod_exp_mont_consttime(out, out, k->num[exponent],
	    k->num[modulus], d->bn, k->mont[modulus]);
}

/* out = c^d mod n by the primes (RFC 8017, 5.1.2); t[4], t[5] are used. */
static int
by_primes(struct desk *d, const struct rsa_key *k, BIGNUM *out,
    const BIGNUM *c)
{
	BIGNUM *const *n = k->num, *m1 = d->t[4], *m2 = d->t[5];

	return power(d, k, m1, c, DP, P) && power(d, k, m2, c, DQ, Q) &&
	    BN_mod_sub(m1, m1, m2, n[P], d->bn) &&
	    BN_mod_mul(m1, m1, n[QINV], n[P], d->bn) &&
	    BN_mul(m1, m1, n[Q], d->bn) && BN_add(out, m1, m2);
}

static CK_RV
run(struct desk *d, const struct rsa_key *k, struct buf *data)
{
	BIGNUM *const *n = k->num, *m = d->t[0], *r = d->t[1];
	BIGNUM *inverse = d->t[2], *c = d->t[3];
	CK_RV rv;

	if (BN_bin2bn(data->data, (int)data->len, m) == NULL)
		return failed();
	if (BN_cmp(m, n[N]) >= 0)
		return CKR_DATA_INVALID;
	if ((rv = draw_blind(d, k, r, inverse)) != CKR_OK)
		return rv;
	if (!BN_mod_exp_mont(c, r, n[E], n[N], d->bn, k->mont[N]) ||
	    !BN_mod_mul(c, c, m, n[N], d->bn) || !by_primes(d, k, m, c) ||
	    !BN_mod_exp_mont(r, m, n[E], n[N], d->bn, k->mont[N]))
		return failed();
	if (BN_cmp(r, c) != 0)
		return errors_rc("RSA fault", CKR_DEVICE_ERROR);
	if (!BN_mod_mul(m, m, inverse, n[N], d->bn) ||
	    BN_bn2binpad(m, data->data, (int)data->len) < 0)
		return failed();
	return CKR_OK;
}

CK_RV
rsa_key_private(const struct rsa_key *k, struct view in, struct buf *out)
{
	struct buf data = BUF_EMPTY;
	struct desk d;
	CK_RV rv;

	if (in.len != (size_t)BN_num_bytes(k->num[N]))
		return CKR_DATA_LEN_RANGE;
	if ((rv = desk_open(&d)) != CKR_OK ||
	    (rv = buf_set(&data, in)) != CKR_OK ||
	    (rv = run(&d, k, &data)) != CKR_OK)
		goto out;
	buf_move(out, &data);
out:
	buf_free(&data);
	desk_close(&d);
	return rv;
}
