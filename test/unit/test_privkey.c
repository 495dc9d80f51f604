/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/privkey.h"

/* 1019 and 1021 with 7: numbers that can be checked by hand. */
#define N	"0fe00f"
#define P	"03fb"
#define Q	"03fd"
#define E	"07"
#define D	"05a89b"	/* 1/7 modulo lcm(1018, 1020) */
#define D_PHI	"0d94a7"	/* 1/7 modulo 1018 * 1020 */

static CK_RV
check(const char *n, const char *e, const char *p)
{
	struct buf modulus = hex(n), exponent = hex(e), prime = hex(p);
	CK_RV rv;

	rv = privkey_rsa_check(buf_view(&modulus), buf_view(&exponent),
	    buf_view(&prime));
	buf_free(&modulus);
	buf_free(&exponent);
	buf_free(&prime);
	return rv;
}

static void
either_prime_is_of_the_key(void **state)
{
	(void)state;
	assert_int_equal(check(N, E, P), CKR_OK);
	assert_int_equal(check(N, E, Q), CKR_OK);
	assert_int_equal(check("0000" N, "00" E, "000000" P), CKR_OK);
}

static void
what_does_not_go_together_is_told(void **state)
{
	static const char *const primes[] = { "", "00", "01", N, "03f9",
	    "03fc", "fffb" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(primes); i++)
		assert_int_equal(check(N, E, primes[i]),
		    CKR_TEMPLATE_INCONSISTENT);
	/* 5 divides 1020, 509 divides 1018; 6 is even. */
	assert_int_equal(check(N, "05", P), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(check(N, "05", Q), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(check(N, "01fd", P), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(check(N, "01fd", Q), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(check(N, "06", P), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(check("0fe00e", E, P), CKR_TEMPLATE_INCONSISTENT);
	/* 1019 squared. */
	assert_int_equal(check("0fd819", E, P), CKR_TEMPLATE_INCONSISTENT);
}

static void
primes_of_two_lengths_are_told(void **state)
{
	(void)state;
	/* 1019 * 509 */
	assert_int_equal(check("07ea0f", E, P), CKR_KEY_SIZE_RANGE);
	assert_int_equal(check("07ea0f", E, "01fd"), CKR_KEY_SIZE_RANGE);
}

static CK_RV
factor(const char *n, const char *e, const char *d, struct buf *prime)
{
	struct buf modulus = hex(n), exponent = hex(e), private = hex(d);
	CK_RV rv;

	rv = privkey_rsa_prime(buf_view(&modulus), buf_view(&exponent),
	    buf_view(&private), prime);
	buf_free(&modulus);
	buf_free(&exponent);
	buf_free(&private);
	return rv;
}

static void
the_exponents_tell_the_primes(void **state)
{
	static const char *const exponents[] = { D, D_PHI, "0000" D };
	static const char *const p = P, *const q = Q;
	struct buf prime = BUF_EMPTY, a = hex(p), b = hex(q);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(exponents); i++) {
		assert_int_equal(factor(N, E, exponents[i], &prime), CKR_OK);
		assert_true(view_equal(buf_view(&prime), buf_view(&a)) ||
		    view_equal(buf_view(&prime), buf_view(&b)));
	}
	buf_free(&prime);
	buf_free(&a);
	buf_free(&b);
}

static void
exponents_that_do_not_go_together_are_told(void **state)
{
	struct buf prime = BUF_EMPTY;

	(void)state;
	assert_int_equal(factor(N, E, "", &prime), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(factor(N, E, "01", &prime),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(factor(N, E, "05a89d", &prime),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(factor(N, E, "05a89c", &prime),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(factor(N, E, N, &prime), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(factor(N, "01", "01", &prime),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(factor("01", E, D, &prime),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(factor("", E, D, &prime), CKR_TEMPLATE_INCONSISTENT);
	/* A prime has no primes. */
	assert_int_equal(factor("03fb", "07", "0123", &prime),
	    CKR_TEMPLATE_INCONSISTENT);
	assert_null(prime.data);
}

/* Which part of the key is another than it should be. */
enum part { PART_E, PART_D, PART_P, PART_Q, PART_DP, PART_DQ, PART_QINV,
	PARTS };

static CK_RV
parts(enum part which, const char *value)
{
	/* 1/7 modulo 1018 and 1020, 1/1021 modulo 1019 */
	const char *said[PARTS] = { E, D, P, Q, "0123", "0247", "01fe" };
	struct buf is[PARTS], n = hex(N);
	struct privkey_rsa k = { .modulus = buf_view(&n) };
	struct view *const views[PARTS] = { &k.exponent, &k.private_exponent,
		&k.primes[0], &k.primes[1], &k.exponents[0], &k.exponents[1],
		&k.coefficient };
	size_t i;
	CK_RV rv;

	if (which < PARTS)
		said[which] = value;
	for (i = 0; i < PARTS; i++) {
		is[i] = hex(said[i]);
		*views[i] = buf_view(&is[i]);
	}
	rv = privkey_rsa_parts(&k);
	for (i = 0; i < PARTS; i++)
		buf_free(&is[i]);
	buf_free(&n);
	return rv;
}

static void
each_part_has_to_be_of_the_key(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(parts(PARTS, NULL), CKR_OK);
	assert_int_equal(parts(PART_D, D_PHI), CKR_OK);
	for (i = PART_D; i < PARTS; i++) {
		/* left out, and another number */
		assert_int_equal(parts((enum part)i, ""), CKR_OK);
		assert_int_equal(parts((enum part)i, "0125"),
		    CKR_TEMPLATE_INCONSISTENT);
	}
	assert_int_equal(parts(PART_P, Q), CKR_TEMPLATE_INCONSISTENT);
	assert_int_equal(parts(PART_E, "0b"), CKR_TEMPLATE_INCONSISTENT);
}

static void
what_needs_a_prime_is_not_enough(void **state)
{
	struct buf n = hex(N), e = hex(E), d = hex(D);
	struct privkey_rsa k = { .modulus = buf_view(&n),
		.exponent = buf_view(&e), .private_exponent = buf_view(&d) };

	(void)state;
	assert_int_equal(privkey_rsa_parts(&k), CKR_OK);
	k.exponents[1] = buf_view(&d);
	assert_int_equal(privkey_rsa_parts(&k), CKR_TEMPLATE_INCOMPLETE);
	k.exponents[1] = VIEW_EMPTY;
	k.coefficient = buf_view(&d);
	assert_int_equal(privkey_rsa_parts(&k), CKR_TEMPLATE_INCOMPLETE);
	buf_free(&n);
	buf_free(&e);
	buf_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either_prime_is_of_the_key),
		cmocka_unit_test(what_does_not_go_together_is_told),
		cmocka_unit_test(primes_of_two_lengths_are_told),
		cmocka_unit_test(the_exponents_tell_the_primes),
		cmocka_unit_test(exponents_that_do_not_go_together_are_told),
		cmocka_unit_test(each_part_has_to_be_of_the_key),
		cmocka_unit_test(what_needs_a_prime_is_not_enough),
	};

	return RUN_CRYPTO(tests);
}
