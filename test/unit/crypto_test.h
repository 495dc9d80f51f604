/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_CRYPTO_TEST_H
#define TEST_CRYPTO_TEST_H

/* For the tests of src/crypto: known answers as hexadecimal text. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "util/buf.h"

#include <cmocka.h>

/* Bytes of text, for the caller to free. */
static inline struct buf
hex(const char *text)
{
	struct buf b = BUF_EMPTY;

	assert_int_equal(hex_parse(view_str(text), &b), CKR_OK);
	return b;
}

static inline void
assert_view(struct view got, struct view wanted)
{
	assert_int_equal(got.len, wanted.len);
	if (wanted.len > 0)
		assert_memory_equal(got.data, wanted.data, wanted.len);
}

/* b holds the bytes of text. */
static inline void
assert_hex(const struct buf *b, const char *text)
{
	struct buf wanted = hex(text);

	assert_view(buf_view(b), buf_view(&wanted));
	buf_free(&wanted);
}

static inline int
start_crypto(void **state)
{
	(void)state;
	return crypto_start() == CKR_OK ? 0 : -1;
}

static inline int
stop_crypto(void **state)
{
	(void)state;
	crypto_stop();
	return 0;
}

#define RUN_CRYPTO(tests) \
	cmocka_run_group_tests(tests, start_crypto, stop_crypto)

#endif
