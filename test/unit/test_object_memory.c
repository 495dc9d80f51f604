/* SPDX-License-Identifier: BSD-2-Clause */
#include "object_test.h"

#include "util/mem.h"

#define X509 U(CKA_CLASS, CKO_CERTIFICATE), \
	U(CKA_CERTIFICATE_TYPE, CKC_X_509), D(CKA_VALUE, cert)
#define PUB_EC U(CKA_CLASS, CKO_PUBLIC_KEY), U(CKA_KEY_TYPE, CKK_EC), \
	S(CKA_EC_PARAMS, P256), D(CKA_EC_POINT, raw)
#define PUB_RSA U(CKA_CLASS, CKO_PUBLIC_KEY), U(CKA_KEY_TYPE, CKK_RSA), \
	D(CKA_MODULUS, modulus), S(CKA_PUBLIC_EXPONENT, "\0\x03")
#define AES U(CKA_CLASS, CKO_SECRET_KEY), U(CKA_KEY_TYPE, CKK_AES), \
	S(CKA_VALUE, "0123456789abcdef")

/* All that may be done to an object, on its way from the template. */
static CK_RV
live(const struct attrs *tmpl)
{
	struct object_plan plan = plan_of(OBJECT_CREATED, NONE, NONE);
	struct attrs a = ATTRS_EMPTY, b = ATTRS_EMPTY, none = ATTRS_EMPTY;
	CK_ATTRIBUTE ask[] = { E(CKA_LABEL), E(CKA_WRAP_TEMPLATE) };
	CK_RV rv;

	if ((rv = object_build(&plan, tmpl, &a)) != CKR_OK)
		goto out;
	if ((rv = object_finish(&plan, &a)) != CKR_OK ||
	    (rv = object_copy(&a, &none, false, &b)) != CKR_OK ||
	    (rv = object_change(&b, &none, false, &b)) != CKR_OK ||
	    (rv = object_impose(&a, CKA_WRAP_TEMPLATE, tmpl, &b)) != CKR_OK)
		goto out;
	/* a certificate has no such template */
	rv = object_read(&a, ask, ARRAY_LEN(ask));
	if (rv == CKR_ATTRIBUTE_TYPE_INVALID)
		rv = CKR_OK;
out:
	attrs_free(&a);
	attrs_free(&b);
	return rv;
}

/* Let each allocation fail in turn until none is left to fail. */
static void
starve(CK_ATTRIBUTE *tmpl, size_t count)
{
	struct attrs t = ATTRS_EMPTY;
	size_t n;
	CK_RV rv = CKR_HOST_MEMORY;

	assert_int_equal(attrs_from_template(tmpl, count, &t), CKR_OK);
	for (n = 1; rv == CKR_HOST_MEMORY; n++) {
		mem_fail_at(n);
		rv = live(&t);
	}
	mem_fail_at(0);
	assert_int_equal(rv, CKR_OK);
	/* it did fail, and often */
	assert_true(n > 100);
	attrs_free(&t);
}

static void
every_failed_allocation_is_told_and_leaves_nothing(void **state)
{
	(void)state;
	starve(T(X509));
	starve(T(PUB_EC));
	starve(T(PUB_RSA));
	starve(T(AES));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_failed_allocation_is_told_and_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, object_test_start,
	    object_test_stop);
}
