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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(either_prime_is_of_the_key),
		cmocka_unit_test(what_does_not_go_together_is_told),
		cmocka_unit_test(primes_of_two_lengths_are_told),
		cmocka_unit_test(the_exponents_tell_the_primes),
		cmocka_unit_test(exponents_that_do_not_go_together_are_told),
	};

	return RUN_CRYPTO(tests);
}
