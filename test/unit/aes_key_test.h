/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TEST_AES_KEY_TEST_H
#define TEST_AES_KEY_TEST_H

/*
 * For the tests of modes over struct aes_key: the same key known and far away,
 * and random texts. TEST_SEED in the environment repeats a run.
 */

#include <stdio.h>
#include <time.h>

#include "crypto_test.h"

#include "crypto/aes_key.h"

/* A key that is used by the functions alone, and counts what it is asked. */
struct far_key {
	struct aes_key key;
	struct aes_key near;
	unsigned calls;
	size_t most;		/* blocks at once */
	unsigned fail_at;	/* the call that fails; 0: none */
};

#define FAR_FAILURE CKR_DEVICE_ERROR

static inline CK_RV
far_call(struct far_key *f, size_t blocks)
{
	if (blocks > f->most)
		f->most = blocks;
	return ++f->calls == f->fail_at ? FAR_FAILURE : CKR_OK;
}

static inline CK_RV
far_encrypt(void *arg, const uint8_t *in, uint8_t *out, size_t blocks)
{
	struct far_key *f = arg;
	CK_RV rv = far_call(f, blocks);

	return rv != CKR_OK ? rv :
	    aes_key_encrypt(&f->near, in, out, blocks);
}

static inline CK_RV
far_decrypt(void *arg, const uint8_t *in, uint8_t *out, size_t blocks)
{
	struct far_key *f = arg;
	CK_RV rv = far_call(f, blocks);

	return rv != CKR_OK ? rv :
	    aes_key_decrypt(&f->near, in, out, blocks);
}

static inline CK_RV
far_cbc(void *arg, uint8_t iv[AES_BLOCK], const uint8_t *in, uint8_t *out,
    size_t blocks)
{
	struct far_key *f = arg;
	CK_RV rv = far_call(f, blocks);
	size_t i;

	for (; rv == CKR_OK && blocks > 0; blocks--) {
		for (i = 0; i < AES_BLOCK; i++)
			iv[i] ^= *in++;
		rv = aes_key_encrypt(&f->near, iv, iv, 1);
		memcpy(out, iv, AES_BLOCK);
		out += AES_BLOCK;
	}
	return rv;
}

static inline struct aes_key
near_key(struct view value)
{
	return (struct aes_key){ .value = value };
}

/* Not to be moved: it points to itself. */
static inline void
far_key_init(struct far_key *f, struct view value)
{
	memset(f, 0, sizeof(*f));
	f->near = near_key(value);
	f->key = (struct aes_key){ .arg = f, .encrypt = far_encrypt,
	    .decrypt = far_decrypt };
}

static uint64_t random_state;

static inline uint64_t
random_next(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline void
random_start(void)
{
	const char *seed = getenv("TEST_SEED");

	random_state = seed != NULL ? strtoull(seed, NULL, 0) :
	    (uint64_t)time(NULL);
	printf("# TEST_SEED=%llu\n", (unsigned long long)random_state);
}

/* 0 to most. */
static inline size_t
random_len(size_t most)
{
	return (size_t)(random_next() % (most + 1));
}

/* len bytes, for the caller to free. */
static inline struct buf
random_buf(size_t len)
{
	struct buf b = BUF_EMPTY;
	size_t i;

	assert_int_equal(buf_resize(&b, len), CKR_OK);
	for (i = 0; i < len; i++)
		b.data[i] = (uint8_t)random_next();
	return b;
}

/* A key of 16, 24 or 32 bytes, for the caller to free. */
static inline struct buf
random_key(void)
{
	return random_buf(16 + 8 * random_len(2));
}

#endif
