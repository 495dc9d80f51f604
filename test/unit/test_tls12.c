/* SPDX-License-Identifier: BSD-2-Clause */
#include "crypto_test.h"

#include "crypto/tls12.h"

/* The answers of the IETF TLS list, 2009-07 (label "test label"). */
static const struct known {
	CK_MECHANISM_TYPE mech;
	const char *secret;
	const char *seed;
	const char *out;
} known[] = {
	{ CKM_SHA256, "9bbe436ba940f017b17652849a71db35",
	    "a0ba9f936cda311827a6f796ffd5198c",
	    "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
	    "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
	    "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
	    "87347b66" },
	{ CKM_SHA384, "b80b733d6ceefcdc71566ea48e5567df",
	    "cd665cf6a8447dd6ff8b27555edb7465",
	    "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd"
	    "e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd"
	    "8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
	    "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6"
	    "91c8f3a26854308d5eaa3be85e0990703d73e56f" },
};

static void
the_prf_gives_the_known_answers(void **state)
{
	size_t i, len, cut;

	(void)state;
	for (i = 0; i < ARRAY_LEN(known); i++) {
		struct buf secret = hex(known[i].secret);
		struct buf seed = hex(known[i].seed);
		struct buf wanted = hex(known[i].out), out = BUF_EMPTY;
		struct prf prf = prf_hmac(hash_by_mech(known[i].mech),
		    buf_view(&secret));

		for (len = 0; len <= wanted.len; len++) {
			cut = len % 17;
			assert_int_equal(tls12_prf(&prf,
			    view_str("test label"),
			    view_sub(buf_view(&seed), 0, cut),
			    view_sub(buf_view(&seed), cut, 16), len, &out),
			    CKR_OK);
			assert_view(buf_view(&out), view_of(wanted.data, len));
		}
		buf_free(&secret);
		buf_free(&seed);
		buf_free(&wanted);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_prf_gives_the_known_answers),
	};

	return RUN_CRYPTO(tests);
}
